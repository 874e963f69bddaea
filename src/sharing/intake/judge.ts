import { hash } from 'node:crypto';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import { decidePlacement, type ReasonCode } from '../../access/policy.ts';
import { HUB_NAMESPACE, uuidV5 } from '../../kernel/ids.ts';
import { isGated, type GateFault, type GatedObject } from '../../kernel/json-gate.ts';
import { uuidVersion } from '../../stix/identifiers.ts';
import {
  fixedTlp,
  markingFacts,
  rankOf,
  readMarking,
  stricter,
  type Marking,
  type MarkingFacts,
  type MarkingLookup,
  type Tlp,
} from '../../stix/markings.ts';
import { NO_VERSION, instantOf } from '../../stix/timestamps.ts';
import { text, texts, type StixObject } from '../../stix/types.ts';
import { errorsOf, gateFault, validateObject } from '../../stix/validation/validate.ts';
import { faultLine } from '../../stix/validation/fault.ts';
import { isObservable, specVersionOf, versionOf } from '../../stix/versions.ts';
import type { Candidate } from '../../store/store.ts';
import { ownerOf, type Actor } from './actor.ts';
import { NO_ID, type Outcome } from './outcome.ts';

/** An object after the stages that look at nothing but it: valid, or refused with a reason. */
export type Checked =
  | {
      readonly kind: 'valid';
      readonly text: string;
      readonly object: StixObject;
      readonly id: string;
      readonly version: string;
    }
  | { readonly kind: 'refused'; readonly outcome: Outcome };

function refused(id: string, version: string, message: string): Checked {
  return { kind: 'refused', outcome: { id, version, kind: 'refused', message } };
}

/** Stages one and two: the parse gate, then schema and STIX rules. */
export function checkObject(
  item: GatedObject | GateFault,
  { accept, validation }: Pick<CollectionInfo, 'accept' | 'validation'>,
): Checked {
  if (!isGated(item)) return refused(NO_ID, NO_VERSION, faultLine(gateFault(item)));
  const object = item.value;
  const id = text(object, 'id') ?? NO_ID;
  const version = versionOf(object);
  const spec = specVersionOf(object);
  if (
    !accept.includes(spec) &&
    object['spec_version'] === undefined &&
    spec === '2.0' &&
    text(object, 'id') !== undefined &&
    text(object, 'type') !== undefined
  ) {
    return refused(
      id.slice(0, 300),
      version.slice(0, 64),
      'S-030 /spec_version: the object names no spec_version, so it is STIX 2.0, which this collection does not take; send STIX 2.1',
    );
  }
  const errors = errorsOf(validateObject(object, { accept, advice: false, strict: validation === 'strict' }));
  const [first] = errors;
  if (first === undefined) return { kind: 'valid', text: item.text, object, id, version };
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return refused(id.slice(0, 300), version.slice(0, 64), `${faultLine(first)}${more}`);
}

/** An object after policy: it may stand in the collection, waits, or is refused. */
export type Judged =
  | {
      readonly kind: 'candidate';
      readonly candidate: Candidate;
      readonly object: StixObject;
      readonly marked: Marked;
    }
  | {
      readonly kind: 'held';
      readonly checked: Extract<Checked, { kind: 'valid' }>;
      readonly owner: string;
      readonly reason: ReasonCode;
      readonly message: string;
      readonly waitsFor: readonly string[];
      readonly marked?: Marked;
    }
  | { readonly kind: 'refused'; readonly outcome: Outcome; readonly marked?: Marked };

/** How a version is marked, whatever became of it: earlier ones of its id may have to go where it may not stand. */
export interface Marked {
  readonly id: string;
  readonly version: string;
  readonly owner: string;
  readonly facts: MarkingFacts;
}

function markingsAmong(objects: readonly Checked[]): ReadonlyMap<string, Marking> {
  const found = new Map<string, Marking>();
  for (const checked of objects) {
    if (checked.kind === 'valid' && checked.object['type'] === 'marking-definition')
      found.set(checked.id, readMarking(checked.object));
  }
  return found;
}

/** What travels with the objects of an envelope and decides about them. */
export interface Company {
  /** Marking-definitions: their submitter vouches for them. */
  readonly markings: ReadonlyMap<string, Marking>;
  /** The strictest TLP of the reports and groupings that bring an object, by its id (sharing.md 6.3). */
  readonly brought: ReadonlyMap<string, Tlp>;
}

/** What an envelope brings along. `lookup` knows markings that came before. */
export function companyOf(objects: readonly Checked[], lookup: MarkingLookup): Company {
  const markings = markingsAmong(objects);
  const brought = new Map<string, Tlp>();
  for (const checked of objects) {
    if (checked.kind !== 'valid' || !['report', 'grouping'].includes(String(checked.object['type'])))
      continue;
    const { tlp } = markingFacts(checked.object, (ref) => markings.get(ref) ?? lookup(ref));
    if (tlp === undefined) continue;
    for (const id of texts(checked.object, 'object_refs'))
      brought.set(id, stricter(brought.get(id) ?? tlp, tlp));
  }
  return { markings, brought };
}

/** Name of an id that the hub makes for a feed (feeds.md 1.2). */
export function feedObjectName(feed: string, what: string): string {
  return `${feed}|${what}`;
}

/** Stage three: ownership and placement. */
export function judge(
  checked: Extract<Checked, { kind: 'valid' }>,
  actor: Actor,
  collection: CollectionInfo,
  directory: Snapshot,
  { markings, brought }: Company,
  now: number,
): Judged {
  const { object, id, version } = checked;
  const reserved = reservedFault(object, id, actor, directory);
  if (reserved !== undefined)
    return { kind: 'refused', outcome: { id, version, kind: 'refused', message: reserved } };

  const creator = text(object, 'created_by_ref');
  const bound = creator === undefined ? undefined : directory.memberByIdentity.get(creator);
  const own = ownerOf(actor);
  const owner = bound ?? own;
  const facts = markingFacts(object, (ref) => markings.get(ref) ?? directory.marking(ref, owner));
  const marked: Marked = { id, version, owner, facts };
  // What says nothing of itself is at least as strict as the report that brings it.
  const least = facts.tlp === undefined ? (brought.get(id) ?? 'clear') : 'clear';
  const rules = { ...collection, min_tlp: stricter(collection.min_tlp, least) };
  const decision = decidePlacement(facts, rules, actor.defaultTlp, now);
  if (decision.verdict === 'refuse') {
    return {
      kind: 'refused',
      outcome: { id, version, kind: 'refused', message: `${decision.reason}: ${decision.message}` },
      marked,
    };
  }
  if (decision.verdict === 'hold') {
    return {
      kind: 'held',
      checked,
      owner,
      reason: decision.reason,
      message: decision.message,
      waitsFor: decision.waitsFor,
      marked,
    };
  }
  const type = String(object['type']);
  return {
    kind: 'candidate',
    object,
    marked,
    candidate: {
      text: checked.text,
      digest: hash('sha256', checked.text),
      id,
      type,
      version,
      instant: instantOf(version),
      spec: specVersionOf(object),
      level: rankOf(decision.effective),
      owner,
      unversioned: object['modified'] === undefined && object['created'] === undefined,
      shared: type === 'marking-definition' || isObservable(object),
      // The hub passes on what others made; a member brings its own.
      relayed: actor.kind === 'account' && owner !== own && own !== 'hub',
    },
  };
}

/** Ids of the hub's own feeds are accepted from that feed only (DESIGN.md section 5). */
function reservedFault(
  object: StixObject,
  id: string,
  actor: Actor,
  directory: Snapshot,
): string | undefined {
  const creator = text(object, 'created_by_ref');
  const feed = directory.feedByIdentity.get(creator ?? '') ?? directory.feedByIdentity.get(id);
  if (feed !== undefined) {
    if (actor.kind === 'feed' && actor.name === feed) return undefined;
    return 'reserved-id: objects of a feed of this hub come from that feed only';
  }
  if (actor.kind === 'feed' || object['type'] !== 'indicator' || uuidVersion(id) !== 5) return undefined;
  const pattern = text(object, 'pattern') ?? '';
  const maker = directory.feeds.find(
    ({ name }) => id === `indicator--${uuidV5(feedObjectName(name, pattern), HUB_NAMESPACE)}`,
  );
  return maker === undefined ? undefined : 'reserved-id: this id belongs to a feed of this hub';
}

/** True for a marking-definition whose meaning the hub must remember. */
export function isNewMarking(object: StixObject): boolean {
  return object['type'] === 'marking-definition' && fixedTlp(String(object['id'])) === undefined;
}
