import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import { decidePlacement, type ReasonCode } from '../../access/policy.ts';
import { HUB_NAMESPACE, uuidV5 } from '../../kernel/ids.ts';
import { isGated, type GateFault, type GatedObject } from '../../kernel/json-gate.ts';
import type { Slices } from '../../kernel/slices.ts';
import { isStixId, uuidVersion } from '../../stix/identifiers.ts';
import {
  fixedTlp,
  markingFacts,
  markingRefs,
  rankOf,
  readMarking,
  stricter,
  type Marking,
  type MarkingFacts,
  type Tlp,
} from '../../stix/markings.ts';
import { definitionMeaning } from '../../stix/meaning.ts';
import { NO_VERSION, timestampFault } from '../../stix/timestamps.ts';
import { text, texts, type StixObject } from '../../stix/types.ts';
import type { ValidationLevel } from '../../stix/validation/tolerance.ts';
import { errorsOf, findingsOf, gateFault, validationSteps } from '../../stix/validation/validate.ts';
import { faultLine } from '../../stix/validation/fault.ts';
import { specVersionOf, versionOf } from '../../stix/versions.ts';
import type { Candidate } from '../../store/store.ts';
import type { Actor } from './actor.ts';
import { candidateFrom } from './candidate.ts';
import { reportedFindings } from './findings.ts';
import { NO_ID, type Finding, type Outcome } from './outcome.ts';
import { isHubStaff, isIdentityOfAnother, isRelayed, namingOf, ownerOf } from './owner.ts';

/** An object after the stages that examine only the object itself: valid, or refused with a reason. */
export type Checked =
  | {
      readonly kind: 'valid';
      readonly text: string;
      readonly object: StixObject;
      readonly id: string;
      readonly version: string;
      readonly findings: readonly Finding[];
      /** SHA-256 of the text, if it is known. */
      readonly digest?: string;
    }
  | {
      readonly kind: 'refused';
      readonly outcome: Outcome;
      readonly object?: StixObject;
      /** How the refused version is marked. The object itself is not kept. */
      readonly marked?: Marked;
    };

function refused(id: string, version: string, message: string, object?: StixObject): Checked {
  const outcome = { id, version, kind: 'refused', message } as const;
  return object === undefined ? { kind: 'refused', outcome } : { kind: 'refused', outcome, object };
}

/** The rules of a collection for single objects. */
export interface CheckRules extends Pick<CollectionInfo, 'accept'> {
  readonly validation: ValidationLevel;
}

/** Stages one and two: the parser, then schema and STIX rules. */
export function checkObject(item: GatedObject | GateFault, rules: CheckRules): Checked {
  const steps = checkSteps(item, rules);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Objects whose text is longer are checked in steps. */
const LARGE = 65_536;

/** Does the same as `checkObject`, in slices if the object is large. Other objects are checked at once. */
export function checkSliced(
  item: GatedObject | GateFault,
  rules: CheckRules,
  slices: Slices,
): Checked | Promise<Checked> {
  if (!isGated(item)) return checkObject(item, rules);
  if (item.text.length <= LARGE) return checkObject(item, rules);
  return inSlices(checkSteps(item, rules), item.text.length, slices);
}

async function inSlices(
  steps: Generator<undefined, Checked>,
  size: number,
  slices: Slices,
): Promise<Checked> {
  for (;;) {
    // Earlier work may have used up the slice.
    if (slices.isOver()) await slices.next();
    const step = steps.next();
    if (step.done === true) return step.value;
    slices.isOver(size);
  }
}

function* checkSteps(
  item: GatedObject | GateFault,
  { accept, validation }: CheckRules,
): Generator<undefined, Checked> {
  if (!isGated(item)) return refused(item.id ?? NO_ID, NO_VERSION, faultLine(gateFault(item)));
  const object = item.value;
  const id = text(object, 'id') ?? NO_ID;
  const version = versionOf(object);
  const spec = specVersionOf(object);
  if (
    !accept.includes(spec) &&
    // Others carry it, so the levels of validation apply to it.
    object['type'] !== 'marking-definition' &&
    object['spec_version'] === undefined &&
    spec === '2.0' &&
    text(object, 'id') !== undefined &&
    text(object, 'type') !== undefined
  ) {
    return refused(
      id.slice(0, 300),
      version.slice(0, 64),
      'S-030 /spec_version: the object names no spec_version, so it is STIX 2.0, which this collection does not accept; send STIX 2.1',
      object,
    );
  }
  const faults = yield* validationSteps(object, { accept, advice: false, level: validation });
  const errors = errorsOf(faults);
  const [first] = errors;
  if (first === undefined)
    return {
      kind: 'valid',
      text: item.text,
      object,
      id,
      version,
      findings: reportedFindings(findingsOf(faults)),
    };
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return refused(id.slice(0, 300), version.slice(0, 64), `${faultLine(first)}${more}`, object);
}

/** An object after the policy: it may be stored in the collection, is put on hold, or is refused. */
export type Judged =
  | {
      readonly kind: 'candidate';
      readonly candidate: Candidate;
      readonly findings: readonly Finding[];
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
  | { readonly kind: 'refused'; readonly outcome: Outcome; readonly marked?: Marked }
  /** Feedback, or a version of an anonymous object, that is kept or refused under seal instead of the object. */
  | { readonly kind: 'sealed'; readonly outcome: Outcome; readonly marked?: undefined };

/**
 * How a version is marked, whatever its outcome is. Earlier versions of its id are removed from collections that must
 * not contain it.
 */
export interface Marked {
  readonly id: string;
  readonly version: string;
  readonly owner: string;
  /** The object names a member other than its owner as its creator. */
  readonly relayed: boolean;
  readonly facts: MarkingFacts;
  /**
   * The TLP of the version: its own marking, or the level at which a collection refused it. Undefined when it
   * has no marking.
   */
  readonly tlp: Tlp | undefined;
}

/**
 * Returns the marking definitions in an envelope, which its submitter vouches for, and the ids of those that
 * contradict known definitions.
 */
function markingsAmong(
  objects: readonly Checked[],
  owner: string,
  directory: Snapshot,
): Pick<Company, 'markings' | 'contradicted'> {
  const markings = new Map<string, Marking>();
  const meanings = new Map<string, string>();
  const contradicted = new Set<string>();
  for (const checked of objects) {
    if (checked.kind !== 'valid' || checked.object['type'] !== 'marking-definition') continue;
    const meaning = definitionMeaning(checked.object);
    if (directory.contradicts(checked.object, owner) || (meanings.get(checked.id) ?? meaning) !== meaning)
      contradicted.add(checked.id);
    meanings.set(checked.id, meaning);
    markings.set(checked.id, readMarking(checked.object));
  }
  return { markings, contradicted };
}

/** Properties of the other objects in an envelope that affect the decisions. */
export interface Company {
  /** Marking definitions in the envelope, which its submitter vouches for. */
  readonly markings: ReadonlyMap<string, Marking>;
  /**
   * Ids of definitions among them whose meaning differs from the known definition of the same id, or from
   * each other.
   */
  readonly contradicted: ReadonlySet<string>;
  /**
   * The strictest TLP of the reports and groupings in the envelope that refer to an object, by the id of the object.
   */
  readonly brought: ReadonlyMap<string, Tlp>;
}

/** Returns the properties of an envelope that affect the decisions about its objects. */
export function companyOf(objects: readonly Checked[], owner: string, directory: Snapshot): Company {
  const { markings, contradicted } = markingsAmong(objects, owner, directory);
  const brought = new Map<string, Tlp>();
  for (const checked of objects) {
    if (checked.kind !== 'valid' || !['report', 'grouping'].includes(String(checked.object['type'])))
      continue;
    const { tlp } = markingFacts(checked.object, (ref) => markings.get(ref) ?? directory.marking(ref, owner));
    if (tlp === undefined) continue;
    for (const id of texts(checked.object, 'object_refs'))
      brought.set(id, stricter(brought.get(id) ?? tlp, tlp));
  }
  return { markings, contradicted, brought };
}

/** Returns the name from which the hub makes the id of a feed's object. */
export function feedObjectName(feed: string, what: string): string {
  return `${feed}|${what}`;
}

type HeldReason = Extract<Judged, { kind: 'held' }>['reason'];

/** Stage three: ownership and placement. */
export function judge(
  checked: Extract<Checked, { kind: 'valid' }>,
  actor: Actor,
  collection: CollectionInfo,
  directory: Snapshot,
  company: Company,
  now: number,
): Judged {
  const { object, id, version } = checked;
  const reserved = reservedFault(object, id, actor, directory);
  if (reserved !== undefined)
    return { kind: 'refused', outcome: { id, version, kind: 'refused', message: reserved } };

  const owner = ownerOf(actor);
  const naming = namingOf(object, owner, directory);
  const relayed = isRelayed({ id, owner, ...naming }, directory);
  const marked: Marked = { id, version, owner, relayed, ...markingOf(object, id, owner, directory, company) };
  const { facts, tlp } = marked;
  const held = (reason: HeldReason, message: string, waitsFor: readonly string[] = []): Judged => {
    return { kind: 'held', checked, owner, reason, message, waitsFor, marked };
  };
  const conflict = markingConflict(object, id, company.contradicted);
  if (conflict !== undefined) return held('marking-conflict', conflict.message, conflict.waitsFor);
  const rules = rulesFor(collection, facts.tlp === undefined ? tlp : undefined);
  const decision = decidePlacement(facts, rules, actor.defaultTlp, now);
  // Readers trust the contact data in an identity, no matter who submitted it.
  if (decision.verdict === 'allow' && !isHubStaff(actor) && isIdentityOfAnother(object, owner, directory))
    return held(
      'other-identity',
      'the object is the identity of another member, which only that member publishes',
    );
  if (decision.verdict === 'refuse') {
    return {
      kind: 'refused',
      outcome: { id, version, kind: 'refused', message: `${decision.reason}: ${decision.message}` },
      // A collection that refuses the object as too strict has determined its level.
      marked: { ...marked, tlp: tlp ?? (decision.reason === 'unmarked' ? undefined : decision.effective) },
    };
  }
  if (decision.verdict === 'hold') return held(decision.reason, decision.message, decision.waitsFor);
  return {
    kind: 'candidate',
    object,
    marked,
    findings: checked.findings,
    candidate: candidateFrom(object, {
      text: checked.text,
      digest: checked.digest,
      id,
      type: String(object['type']),
      version,
      spec: collection.accept.includes('2.0') ? specVersionOf(object) : '2.1',
      level: rankOf(decision.effective),
      owner,
      ...naming,
      // The hub and its feeds may relay any version of others' objects, and a member only the first version.
      relayed: relayed && actor.kind === 'account' && owner !== 'hub',
    }),
  };
}

function markingOf(
  object: StixObject,
  id: string,
  owner: string,
  directory: Snapshot,
  { markings, brought }: Company,
): Pick<Marked, 'facts' | 'tlp'> {
  const facts = markingFacts(object, (ref) => markings.get(ref) ?? directory.marking(ref, owner));
  // An object without a TLP of its own is at least as strict as the report that refers to it.
  return { facts, tlp: facts.tlp ?? brought.get(id) };
}

/** Returns the rules of a collection for an object that is at least as strict as the report that refers to it. */
function rulesFor(collection: CollectionInfo, least: Tlp | undefined): CollectionInfo {
  const minTlp = stricter(collection.min_tlp, least ?? 'clear');
  // Most objects need no rules of their own, and a copy takes as long as the decision.
  return minTlp === collection.min_tlp ? collection : { ...collection, min_tlp: minTlp };
}

/** Returns what contradicts the marking definitions that the hub has. Undefined when nothing does. */
function markingConflict(
  object: StixObject,
  id: string,
  contradicted: ReadonlySet<string>,
): { readonly message: string; readonly waitsFor: readonly string[] } | undefined {
  if (contradicted.has(id))
    return { message: 'the hub has a different definition with the same marking id', waitsFor: [] };
  const waitsFor = markingRefs(object).filter((ref) => contradicted.has(ref));
  if (waitsFor.length === 0) return undefined;
  return {
    message: `the hub has a different definition than the one in this submission: ${waitsFor.join(', ')}`,
    waitsFor,
  };
}

/**
 * Returns the markings of a version that the STIX rules refuse. If its id, version and markings are readable,
 * the version is still a statement of its owner and may remove earlier versions.
 */
export function markedAsRefused(object: StixObject, actor: Actor, directory: Snapshot): Marked | undefined {
  const [id, version] = [text(object, 'id') ?? '', text(object, 'modified') ?? ''];
  if (!isStixId(id) || timestampFault(version) !== undefined) return undefined;
  if (reservedFault(object, id, actor, directory) !== undefined) return undefined;
  const owner = ownerOf(actor);
  const relayed = isRelayed({ id, owner, ...namingOf(object, owner, directory) }, directory);
  const facts = markingFacts(object, (ref) => directory.marking(ref, owner));
  return { id, version, owner, relayed, facts, tlp: facts.tlp };
}

/** Ids of the objects that the hub makes for a feed are accepted from that feed only. */
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

/** Returns true for a marking definition whose meaning the hub must store. */
export function isNewMarking(object: StixObject): boolean {
  return object['type'] === 'marking-definition' && fixedTlp(String(object['id'])) === undefined;
}
