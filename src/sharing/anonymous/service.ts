import type { AnonymousObject, AnonymousOutcome } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import { accessErrors } from '../../access/errors.ts';
import { personalOnly, type MemberSecrets } from '../../access/member-secrets.ts';
import { memberOf, OPERATOR, principalId, type Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { Sealer } from '../../access/sealing.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import { isGated, type GatedDocument, type GatedObject, type GateFault } from '../../kernel/json-gate.ts';
import type { Ids } from '../../kernel/ids.ts';
import { Constituency } from '../../members/constituency.ts';
import { fixedTlp, markingRefs, tlpMarkingId } from '../../stix/markings.ts';
import { compareTimestamps } from '../../stix/timestamps.ts';
import { text, type StixObject } from '../../stix/types.ts';
import { observedValues } from '../../stix/values/observed-values.ts';
import { versionOf } from '../../stix/versions.ts';
import { withoutFields } from '../../store/records.ts';
import type { RecordChange, Store } from '../../store/store.ts';
import { itemOf } from '../intake/envelope-items.ts';
import type { Diversion, Intake } from '../intake/intake.ts';
import type { Judged } from '../intake/judge.ts';
import type { Outcome } from '../intake/outcome.ts';
import type { Publishing } from '../intake/publishing.ts';
import { keepsOut, warningHits, type ValueLists } from '../publishing/value-guard.ts';
import { holdersOf } from '../suppression/holders.ts';
import { anonymousErrors } from './errors.ts';
import type { Attribution, Origin } from './model.ts';
import { releasedObject, releaseTime } from './release.ts';
import { mentions, scrubbed, type Identifying, type ScrubChange } from './scrub.ts';
import type { Opened, SealedOrigins } from './sealed-origins.ts';
import { faultOf } from './submission-faults.ts';

/** Maximum number of anonymous objects of a member that are listed. */
const MOST_LISTED = 1_000;
/** Maximum number of anonymous objects of a member (`bounded-stores.ts`). */
const MOST_OF_MEMBER = 10_000;
/** The message for a version that waits. */
const FOLLOWS = 'anonymous: the hub releases this version with the next ones, without your name';

interface AnonymousParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly origins: SealedOrigins;
  readonly memberSecrets: MemberSecrets;
  readonly sealer: Pick<Sealer, 'fingerprint'>;
  readonly intake: Pick<Intake, 'foresee'>;
  readonly publishing: Pick<Publishing, 'writableNamed'>;
  /** The warning lists that values are compared with. */
  readonly lists: () => Promise<ValueLists>;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** An object as the hub would release it, or why it does not. */
type Prepared =
  /** The hub has this version of the object already, or waits to release it. */
  | { readonly known: Opened; readonly changes?: undefined }
  | { readonly origin: Origin; readonly changes: readonly ScrubChange[]; readonly before: Opened | undefined }
  | { readonly refused: string; readonly changes?: readonly ScrubChange[] };

/** The submission that an object is prepared for. */
interface Submitting {
  readonly member: string;
  readonly account: string;
  readonly attribution: Attribution;
  readonly collection: CollectionInfo;
  readonly directory: Snapshot;
}

/**
 * Lets members submit indicators without their name. The hub releases them under its own name, with new ids, without
 * anything that identifies the member, and later with others. Only a sealed record connects the two. Later versions and
 * revocations follow.
 */
export class AnonymousSubmissions implements Diversion {
  readonly #s: AnonymousParts;

  constructor(parts: AnonymousParts) {
    this.#s = parts;
  }

  /**
   * Submits indicators without the name of the member. Each has its own outcome, with the changes that the hub makes. With
   * `isPreview` nothing is stored. Throws a Problem if the account has no member or cannot write to the collection.
   */
  async submit(
    actor: Principal,
    name: string,
    document: GatedDocument,
    attribution: Attribution,
    isPreview: boolean,
  ): Promise<readonly AnonymousOutcome[]> {
    const { directory: directories, publishing, store } = this.#s;
    const member = demandMember(actor);
    const directory = await directories.current();
    const collection = publishing.writableNamed(actor, name, directory);
    const about = { member, account: principalId(actor), attribution, collection, directory };
    const objects = document.objects.map((_span, i) => valueOf(itemOf(document, i)));
    const prepared: Prepared[] = [];
    const seen = new Set<string>();
    for (const object of objects) {
      const id = text(object, 'id') ?? '';
      prepared.push(
        seen.has(id)
          ? { refused: 'the request contains this id twice' }
          : await this.#prepared(object, about),
      );
      seen.add(id);
    }
    const changes = prepared.flatMap((one) => ('origin' in one ? [this.#change(one, collection)] : []));
    if (!isPreview && changes.length > 0) await store.commit({ records: changes });
    return prepared.map((one, i) => {
      const id = text(objects[i] ?? {}, 'id') ?? '';
      const shown = { id, changes: (one.changes ?? []).map((change) => ({ ...change })) };
      if ('refused' in one) return { ...shown, outcome: 'refused', message: one.refused };
      if ('known' in one) return { ...shown, ...knownOutcome(one.known) };
      const { released, created, modified } = one.origin;
      const due = this.#due(one.before);
      const object = releasedObject(one.origin, created ?? due, Math.max(due, modified ?? 0));
      return {
        ...shown,
        outcome: 'waiting',
        released_id: released,
        due: new Date(due).toISOString(),
        object: { ...object },
      };
    });
  }

  /**
   * Returns the anonymous objects of the caller's member, newest first. Nobody else can list them, and callers of the member
   * see what `MemberSecrets` lets them see.
   */
  async list(actor: Principal): Promise<readonly AnonymousObject[]> {
    const member = memberOf(actor);
    const reads = await this.#s.memberSecrets.readBy(actor, 'anonymous.read');
    if (!reads({ account: principalId(actor), at: this.#s.clock.now() }))
      throw personalOnly('list anonymous objects');
    const { collections } = await this.#s.directory.current();
    const found = await this.#s.origins.ofMember(member, MOST_OF_MEMBER);
    return found
      .filter(({ origin: { account, at } }) => reads({ account, at }))
      .toSorted((a, b) => b.origin.at - a.origin.at)
      .slice(0, MOST_LISTED)
      .map(({ record: { document }, origin }) => ({
        id: origin.original,
        released_id: origin.released,
        collection: collections.get(document.collection)?.alias ?? document.collection,
        attribution: origin.attribution,
        state: stateOf(origin, document.due),
        ...(origin.refused === undefined ? {} : { message: origin.refused }),
        ...(document.due === undefined ? {} : { due: new Date(document.due).toISOString() }),
        at: new Date(origin.at).toISOString(),
      }));
  }

  /**
   * Revokes an anonymous object of the caller's member, by its own or its released id. Others follow with the next
   * release.
   */
  async revoke(actor: Principal, id: string): Promise<void> {
    const { origins, store, memberSecrets } = this.#s;
    const member = demandMember(actor);
    const reads = await memberSecrets.readBy(actor, 'anonymous.read');
    // Everybody can see released ids. Who must not read whose they are must not learn it by trying either.
    const released = await origins.ofReleased(id);
    // A tool of the member revokes what another one submitted, but not while somebody else could use its account.
    const original = await origins.ofOriginal(member, id);
    const mayAct = await memberSecrets.changedBy(actor);
    const found =
      (original !== undefined && mayAct(original.origin) ? original : undefined) ??
      (released !== undefined && reads(released.origin) ? released : undefined);
    if (found?.origin.member !== member) throw anonymousErrors.notFound({ id: id.slice(0, 200) });
    // A revocation that was refused at its release has revoked nothing, and can be sent again.
    const isPending = found.origin.refused === undefined || found.record.document.due !== undefined;
    if (found.origin.revoked === true && isPending) throw anonymousErrors.revoked();
    await store.commit({ records: [this.#revocation(found, found.origin.version)] });
  }

  /** Takes later versions of anonymous objects out of what their member submits, so that no collection contains them. */
  async divert(
    judged: readonly Judged[],
    { actor, collection }: Parameters<Diversion['divert']>[1],
    isPreview: boolean,
  ): Promise<readonly Judged[]> {
    if (actor.kind === 'feed' || actor.onBehalfOf !== undefined) return judged;
    const member = memberOf(actor.principal);
    if (!judged.some(isIndicator) || !(await this.#s.origins.hasAny(member))) return judged;
    const directory = await this.#s.directory.current();
    const kept: Judged[] = [];
    for (const item of judged) {
      const found = isIndicator(item) ? await this.#s.origins.ofOriginal(member, idOf(item)) : undefined;
      if (found === undefined || !isIndicator(item)) {
        kept.push(item);
        continue;
      }
      const object = item.kind === 'candidate' ? item.object : item.checked.object;
      const place = directory.collections.get(found.record.document.collection) ?? collection;
      const { attribution } = found.origin;
      const about = {
        member,
        account: principalId(actor.principal),
        attribution,
        collection: place,
        directory,
      };
      const one = await this.#prepared(object, about);
      if ('origin' in one && !isPreview) await this.#s.store.commit({ records: [this.#change(one, place)] });
      const outcome = { id: idOf(item), version: versionOf(object) };
      const told: Pick<Outcome, 'kind' | 'message'> =
        'refused' in one
          ? { kind: 'refused', message: `anonymous: ${one.refused}` }
          : 'known' in one
            ? { kind: 'known', message: knownOutcome(one.known).message ?? FOLLOWS }
            : { kind: 'stored', message: FOLLOWS };
      kept.push({ kind: 'sealed', outcome: { ...outcome, ...told } });
    }
    return kept;
  }

  #due(before: Opened | undefined): number {
    const now = this.#s.clock.now();
    const due = before?.record.document.due;
    // At a time that has come, the version before may be stored already, and no other content can have its hour.
    return due === undefined || due <= now ? releaseTime(now, this.#s.sealer) : due;
  }

  #change(
    { origin, before }: Extract<Prepared, { origin: Origin }>,
    collection: CollectionInfo,
  ): RecordChange {
    return this.#s.origins.put(origin, { collection: collection.id, due: this.#due(before) }, before?.record);
  }

  #revocation(found: Opened, version: string): RecordChange {
    const origin: Origin = { ...withoutFields(found.origin, ['begun']), version, revoked: true };
    const { collection } = found.record.document;
    return this.#s.origins.put(origin, { collection, due: this.#due(found) }, found.record);
  }

  async #prepared(object: StixObject, about: Submitting): Promise<Prepared> {
    const { member, account, attribution, collection, directory } = about;
    const fault = faultOf(object);
    if (fault !== undefined) return { refused: fault };
    const [original, version] = [text(object, 'id') ?? '', versionOf(object)];
    const before = await this.#s.origins.ofOriginal(member, original);
    const known = before?.origin;
    // Clients repeat requests whose response they did not get.
    if (before !== undefined && isRepeated(before, object, collection)) return { known: before };
    if (known?.revoked === true)
      return { refused: 'the object was revoked, and no version follows a revocation' };
    if (known !== undefined && compareTimestamps(version, known.version) <= 0)
      return { refused: 'the hub has this version or a later one; send a later "modified"' };
    if (known !== undefined && before?.record.document.collection !== collection.id)
      return { refused: 'the object was submitted to another collection' };
    if (known === undefined && object['revoked'] === true) return { refused: 'the object is not known' };
    const identifying = identifyingOf(member, directory);
    if (isAboutItself(object, member, identifying, directory))
      return { refused: 'its pattern contains a value of your own member, which identifies you' };
    const listed = object['revoked'] === true ? undefined : await this.#listed(object);
    if (listed !== undefined) return { refused: listed };
    const { object: content, changes } = scrubbed(object, identifying);
    const tlp = markingRefs(object).map(fixedTlp)[0] ?? directory.accounts.get(account)?.defaultTlp ?? collection.default_tlp ?? 'amber'; // prettier-ignore
    const released = known?.released ?? `indicator--${this.#s.ids.uuid()}`;
    const { created, modified } = known ?? {};
    const origin: Origin = {
      member, account, attribution, original, version, released,
      at: known?.at ?? this.#s.clock.now(),
      content: { ...content, object_marking_refs: [tlpMarkingId(tlp)] },
      ...(created === undefined ? {} : { created }),
      ...(modified === undefined ? {} : { modified }),
      ...(object['revoked'] === true ? { revoked: true } : {}),
    }; // prettier-ignore
    const refused = await this.#foreseen(origin, collection);
    return refused === undefined ? { origin, changes, before } : { refused, changes };
  }

  /** Returns why nobody should block a value of an object. Nobody can accept that for an object without a producer. */
  async #listed(object: StixObject): Promise<string | undefined> {
    const lists = await this.#s.lists();
    const hits = observedValues(object).flatMap((value) => warningHits(value, lists)).filter(keepsOut); // prettier-ignore
    if (hits.length === 0) return undefined;
    const names = [...new Set(hits.map(({ list }) => `"${list}"`))].join(', ');
    return `warning-list: it is on the warning list ${names} of values that should not be blocked; publish it under the name of your member`;
  }

  /** Returns why the hub could not release an object. */
  async #foreseen(origin: Origin, collection: CollectionInfo): Promise<string | undefined> {
    const now = this.#s.clock.now();
    const written = JSON.stringify(releasedObject(origin, now, now));
    const [judged] = await this.#s.intake.foresee({
      actor: { kind: 'account', principal: OPERATOR, defaultTlp: undefined, mayRead: false },
      collection,
      count: 1,
      item: () => ({ text: written, value: JSON.parse(written) as StixObject }),
    });
    if (judged === undefined || judged.kind === 'candidate' || judged.kind === 'sealed') return undefined;
    return judged.kind === 'held' ? judged.message : (judged.outcome.message ?? 'refused');
  }
}

/**
 * True for the version that was submitted last. Its content is not compared, because the hub keeps the changed content only,
 * and a version has one content.
 */
function isRepeated({ origin, record }: Opened, object: StixObject, { id }: CollectionInfo): boolean {
  return (
    compareTimestamps(versionOf(object), origin.version) === 0 &&
    record.document.collection === id &&
    (object['revoked'] === true) === (origin.revoked === true) &&
    (origin.refused === undefined || record.document.due !== undefined)
  );
}

function knownOutcome({ origin, record }: Opened): Omit<AnonymousOutcome, 'id' | 'changes'> {
  const { due } = record.document;
  return {
    outcome: 'known',
    message: due === undefined ? 'the hub has released this version' : FOLLOWS,
    released_id: origin.released,
    ...(due === undefined ? {} : { due: new Date(due).toISOString() }),
  };
}

function valueOf(item: GatedObject | GateFault): StixObject {
  return isGated(item) ? item.value : {};
}

function isIndicator(item: Judged): item is Extract<Judged, { kind: 'candidate' | 'held' }> {
  return (item.kind === 'candidate' || item.kind === 'held') && idOf(item).startsWith('indicator--');
}

function idOf(item: Judged): string {
  return item.kind === 'candidate'
    ? item.candidate.id
    : item.kind === 'held'
      ? item.checked.id
      : item.outcome.id;
}

/** Returns the member of the caller. Throws a Problem for an account without a member. */
function demandMember(actor: Principal): string {
  const member = memberOf(actor);
  if (member === 'hub' || !can(actor, 'anonymous.submit', { kind: 'member', name: member }))
    throw accessErrors.notPermitted(
      { action: 'submit or list anonymous objects' },
      {
        description: 'Only accounts of members do this.',
        hint: 'Use an account of your member: talanoa login URL. Then add --hub URL to the command.',
      },
    );
  return member;
}

/** Returns the words that identify a member. */
function identifyingOf(member: string, directory: Snapshot): Identifying {
  const { members, accounts } = directory;
  const constituency = Constituency.of(directory);
  const info = members.get(member);
  const people = [...accounts.values()].filter((account) => account.member === member);
  return {
    words: [member, info?.title ?? '', ...(info?.brands ?? []), ...(info?.identities ?? []), ...people.map(({ name }) => name)].filter((word) => word !== ''), // prettier-ignore
    domains: (info?.domains ?? []).map((domain) => domain.replace(/^\./, '')),
    holds: (network) => constituency.holders({ kind: 'network', network }).includes(member),
  };
}

function isAboutItself(
  object: StixObject,
  member: string,
  identifying: Identifying,
  directory: Snapshot,
): boolean {
  const constituency = Constituency.of(directory);
  return (
    observedValues(object).some((value) => holdersOf(value, constituency).includes(member)) ||
    mentions(text(object, 'pattern') ?? '', identifying)
  );
}

function stateOf({ revoked, refused, modified }: Origin, due: number | undefined): AnonymousObject['state'] {
  if (due !== undefined) return 'waiting';
  if (refused !== undefined) return 'refused';
  return revoked === true ? 'revoked' : modified === undefined ? 'waiting' : 'released';
}
