import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import { isOfHub } from '../../access/snapshot.ts';
import { decidePlacement, type ReasonCode } from '../../access/policy.ts';
import { can } from '../../access/rights.ts';
import type { Clock } from '../../kernel/clock.ts';
import { HUB_NAMESPACE, uuidV5 } from '../../kernel/ids.ts';
import { isGated, type GateFault, type GatedObject } from '../../kernel/json-gate.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem } from '../../kernel/problem.ts';
import { Slices } from '../../kernel/slices.ts';
import { namedObservables, tellsItsValue } from '../../stix/identifiers.ts';
import { markingFacts, rankOf, type Tlp } from '../../stix/markings.ts';
import { definitionMeaning } from '../../stix/meaning.ts';
import { NO_VERSION, instantOf } from '../../stix/timestamps.ts';
import { text, type StixObject } from '../../stix/types.ts';
import {
  ALL_VERSIONS,
  LAST_VERSION,
  type AuditFact,
  type Candidate,
  type EntryFacts,
  type HeldHead,
  type HeldObject,
  type HeldQuery,
  type Lease,
  type PlaceOutcome,
  type RecordChange,
  type Name,
  type Store,
} from '../../store/store.ts';
import { identityCandidate, madeIdentity } from './member-identities.ts';
import { placementFacts, replacementFacts, type ChangedPlace } from './placement-facts.ts';
import { accountActor, submitterOf, type Actor } from './actor.ts';
import {
  checkSliced,
  companyOf,
  isNewMarking,
  judge,
  markedAsRefused,
  type Checked,
  type Judged,
  type Marked,
} from './judge.ts';
import { HeldSeal, type Sealing } from '../review/held-seal.ts';
import { HELD_LIMITS, queueFull, roomFor, type HeldLimits } from '../review/queue-limits.ts';
import type { Outcome } from './outcome.ts';
import { isHubStaff, ownerOf } from './owner.ts';

/** Maximum number of times that an envelope is judged again because the rules changed meanwhile. */
const MOST_JUDGED = 5;
/** Number of held objects that are read in one page. Their texts are read one by one. */
const HELD_PAGE = 200;
/**
 * Maximum size of a marking definition that the hub remembers. Every process keeps all of them in memory and reads
 * them again after each change of accounts, grants or collections.
 */
const LARGEST_DEFINITION = 16_384;
/** Maximum number of versions of an id that are checked for removal. */
const MOST_TIGHTENED = 1_000;
/**
 * Reasons for which objects on hold are sealed. They are TLP:RED, or name an observable that may be TLP:RED by an id
 * that is derived from its value.
 */
const SEALED_FOR: readonly string[] = ['tlp-red', 'names-observable'] satisfies readonly ReasonCode[];

export interface Submission {
  readonly actor: Actor;
  readonly collection: CollectionInfo;
  /** Objects as received, in their order. Each one is read when it is processed. */
  readonly count: number;
  readonly item: (index: number) => GatedObject | GateFault;
  /** Record changes that belong to this submission (the checkpoint of a feed). */
  readonly records?: readonly RecordChange[];
  /** Search names that are stored together with the submission. */
  readonly names?: readonly Name[];
  readonly staleNames?: readonly Name[];
  /** Audit facts about the submission. */
  readonly facts?: readonly AuditFact[];
  /** The record changes remove confidential data (`Batch.scrub`). */
  readonly scrub?: boolean;
  readonly lease?: Lease;
}

/**
 * The only way in which objects enter the hub. Every object has its own outcome. Objects that are stored, known or on
 * hold are durable when the promise resolves. Throws only if the document as a whole is unreadable or the store cannot
 * write. Nothing of the submission was stored in that case.
 */
export class Intake {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #audit: Audit;
  readonly #limits: HeldLimits;
  readonly #seal: HeldSeal;

  constructor(
    store: Store,
    directory: Directory,
    clock: Clock,
    log: Log,
    audit: Audit,
    sealing: Sealing,
    limits: HeldLimits = HELD_LIMITS,
  ) {
    this.#limits = limits;
    this.#seal = new HeldSeal(sealing);
    this.#audit = audit;
    this.#store = store;
    this.#directory = directory;
    this.#clock = clock;
    this.#log = log;
  }

  async submit(submission: Submission): Promise<readonly Outcome[]> {
    // If the rules changed meanwhile, the objects are judged again, so that nothing is stored by an outdated maximum
    // TLP.
    for (let tries = 1; ; tries++) {
      const directory = await this.#directory.current();
      const { id } = submission.collection;
      const now = { ...submission, collection: directory.collections.get(id) ?? submission.collection };
      const judged = await this.#judged(now, directory);
      if (tries === MOST_JUDGED || (await this.#directory.current()) === directory)
        return this.#write(judged, now);
    }
  }

  /** Returns what would happen to each object, based only on the object and the policy. Nothing is written. */
  async foresee(submission: Submission): Promise<readonly Judged[]> {
    return this.#judged(submission, await this.#directory.current());
  }

  async #judged(submission: Submission, directory: Snapshot): Promise<readonly Judged[]> {
    const { actor, collection } = submission;
    const checked: Checked[] = [];
    const slices = new Slices(this.#clock);
    for (let i = 0; i < submission.count; i++) {
      const item = submission.item(i);
      if (slices.isOver(isGated(item) ? item.text.length : 0)) await slices.next();
      const result = checkSliced(item, collection, slices);
      const one = result instanceof Promise ? await result : result;
      checked.push(one.kind === 'refused' ? leftOf(one, actor, directory) : one);
      if (slices.isOver()) await slices.next();
    }
    return this.#namingOnly(await this.#judge(checked, actor, collection, directory), submission, directory);
  }

  async #judge(
    checked: readonly Checked[],
    actor: Actor,
    collection: CollectionInfo,
    directory: Snapshot,
  ): Promise<Judged[]> {
    const now = this.#clock.now();
    const company = companyOf(checked, ownerOf(actor), directory);
    const judgeOne = (item: Checked): Judged => {
      if (item.kind === 'refused') return item;
      const judged = judge(item, actor, collection, directory, company, now);
      if (judged.kind !== 'refused') return judged;
      const elsewhere = this.#elsewhere(item, actor, collection, directory, now);
      return elsewhere === ''
        ? judged
        : {
            ...judged,
            outcome: { ...judged.outcome, message: `${judged.outcome.message ?? ''}; ${elsewhere}` },
          };
    };
    const judged: Judged[] = [];
    const slices = new Slices(this.#clock);
    for (const item of checked) {
      judged.push(judgeOne(item));
      if (slices.isOver()) await slices.next();
    }
    return judged;
  }

  /**
   * An object that names an observable by its deterministic id may be stored only where that observable may be stored.
   * It is put on hold if the observable is stored only in stricter collections, or if it is stored nowhere and was held
   * or refused in this submission. Only collections that the actor may read count. Otherwise the outcome would reveal
   * the content of the others.
   */
  async #namingOnly(
    judged: readonly Judged[],
    { actor, collection }: Submission,
    directory: Snapshot,
  ): Promise<readonly Judged[]> {
    const named = new Map<Judged, readonly string[]>();
    const slices = new Slices(this.#clock);
    for (const item of judged) {
      const ids = item.kind === 'candidate' ? namedObservables(item.object) : [];
      if (ids.length > 0) named.set(item, ids);
      if (slices.isOver()) await slices.next();
    }
    if (named.size === 0) return judged;
    const here = new Set(judged.flatMap((item) => (item.kind === 'candidate' ? [item.candidate.id] : [])));
    const keptOut = new Set(
      judged.flatMap((item) =>
        item.kind === 'candidate' ? [] : [item.kind === 'held' ? item.checked.id : item.outcome.id],
      ),
    );
    const asked = [...new Set([...named.values()].flat())].filter((id) => !here.has(id));
    const readable = [...directory.collections.values()].filter(
      (other) =>
        actor.kind === 'feed' ||
        can(actor.principal, 'collection.read', {
          kind: 'collection',
          rights: directory.rights(actor.principal, other),
        }),
    );
    const levels = await this.#store.levels(
      asked,
      readable.map(({ id }) => id),
    );
    const barred = (id: string): boolean => {
      if (here.has(id)) return false;
      const level = levels.get(id);
      return level === undefined ? keptOut.has(id) : level > rankOf(collection.max_tlp);
    };
    return judged.map((item) => {
      if (item.kind !== 'candidate' || !(named.get(item) ?? []).some(barred)) return item;
      const { text, id, version, owner } = item.candidate;
      return {
        kind: 'held',
        marked: item.marked,
        checked: { kind: 'valid', text, object: item.object, id, version },
        owner,
        reason: 'names-observable',
        message:
          'it names an observable by an id made from its value, and that observable may not stand here',
        waitsFor: [],
      };
    });
  }

  /** Names other collections that the actor may write to and that may contain the object. */
  #elsewhere(
    item: Extract<Checked, { kind: 'valid' }>,
    actor: Actor,
    collection: CollectionInfo,
    directory: Snapshot,
    now: number,
  ): string {
    if (actor.kind !== 'account') return '';
    const facts = markingFacts(item.object, (ref) => directory.marking(ref, ''));
    const names = [...directory.collections.values()]
      .filter(
        (other) =>
          other.id !== collection.id &&
          can(actor.principal, 'collection.write', {
            kind: 'collection',
            rights: directory.rights(actor.principal, other),
          }),
      )
      .filter((other) => decidePlacement(facts, other, actor.defaultTlp, now).verdict === 'allow')
      .map((other) => other.alias ?? other.id);
    return names.length === 0 ? '' : `it may go into ${names.join(', ')}`;
  }

  async #write(judged: readonly Judged[], submission: Submission): Promise<readonly Outcome[]> {
    const { actor, collection } = submission;
    const candidates = judged.flatMap((item) => (item.kind === 'candidate' ? [item.candidate] : []));
    const waiting = new Map(
      judged.flatMap((item) =>
        item.kind === 'held'
          ? [[item, this.#held(waitingOf(item), submission, item.marked?.tlp === 'red')] as const]
          : [],
      ),
    );
    const room = await roomFor([...waiting.values()], this.#store, this.#limits);
    const held = [...waiting.values()].filter(({ id }) => room.has(id));
    await this.#overrule(judged, submission);
    const beside = await this.#identities(candidates, judged, collection);
    const lease = submission.lease === undefined ? {} : { lease: submission.lease };
    const rest = {
      records: submission.records ?? [],
      names: submission.names ?? [],
      staleNames: submission.staleNames ?? [],
      facts: submission.facts ?? [],
      scrub: submission.scrub === true,
    };
    // The checkpoint of a feed comes last. A process that is killed before it repeats the batch, which changes
    // nothing that is stored already, and nothing that follows from the batch is lost.
    const isFeedRun = submission.lease !== undefined && rest.records.length > 0;
    const { placed } = await this.#store.commit({
      placements:
        candidates.length === 0
          ? []
          : [{ collection: collection.id, candidates: [...candidates, ...beside] }],
      held,
      ...(isFeedRun ? { names: rest.names } : rest),
      ...lease,
    });
    const outcomes = placed[0] ?? [];
    const replaced = replacementFacts(collection.id, candidates, outcomes, this.#audit);
    if (replaced.length > 0) await this.#store.commit({ facts: replaced });
    const turnedAway = await this.#holdForeign(candidates, outcomes, submission);
    await this.#learnMarkings(judged, outcomes);
    await this.#tighten(judged, submission);
    if (isFeedRun) await this.#store.commit({ ...rest, names: [], ...lease });
    let next = 0;
    const mayRead = actor.kind === 'feed' || actor.mayRead;
    return judged.map((item) => {
      switch (item.kind) {
        case 'refused':
          return item.outcome;
        case 'held':
          if (!room.has(waiting.get(item)?.id ?? ''))
            return queueFull(item.checked.id, item.checked.version, this.#limits);
          return {
            id: item.checked.id,
            version: item.checked.version,
            kind: 'held',
            message: `held: ${item.reason}: ${item.message}`,
          };
        case 'candidate': {
          const outcome = outcomes[next++];
          if (turnedAway.has(item.candidate))
            return queueFull(item.candidate.id, item.candidate.version, this.#limits);
          return outcomeOf(item.candidate, outcome, mayRead);
        }
      }
    });
  }

  #held(waiting: Waiting, { actor, collection }: Submission, isRed = false): HeldObject {
    const submitter = submitterOf(actor);
    const item: HeldObject = {
      // The same object is put on hold only once, even if it is sent again.
      id: uuidV5(`${submitter}|${collection.id}|${waiting.text}`, HUB_NAMESPACE),
      collection: collection.id,
      submitter,
      at: this.#clock.now(),
      ...(actor.kind === 'account' && actor.onBehalfOf !== undefined ? { onBehalfOf: actor.onBehalfOf } : {}),
      ...waiting,
    };
    return isRed || isSealedFor(item.reason) ? this.#seal.seal(item) : item;
  }

  /**
   * Replaces a member's definition of a marking with the hub's definition, in the collection to which the hub
   * submits it.
   */
  async #overrule(judged: readonly Judged[], { actor, collection }: Submission): Promise<void> {
    const directory = await this.#directory.current();
    for (const item of judged) {
      if (item.kind !== 'candidate' || !isNewMarking(item.object)) continue;
      const { id, owner } = item.candidate;
      if (!directory.overrules(item.object, owner)) continue;
      const { entries } = await this.#store.entries(
        { collection: collection.id, after: 0, limit: MOST_TIGHTENED, ids: [id], versions: ALL_VERSIONS, specs: ['2.0', '2.1'] },
        false,
      ); // prettier-ignore
      if (entries.length === 0) continue;
      await this.#tell(actor, 'object.replace', collection, entries, 'the hub defined the marking');
      await this.#store.remove({ collection: collection.id, id, versions: ALL_VERSIONS, specs: ['2.0', '2.1'] }); // prettier-ignore
    }
  }

  /**
   * Holds versions of another owner's id, and conflicts that the submitter may not see, for review by a hub
   * analyst. Returns the candidates for which the queue has no room.
   */
  async #holdForeign(
    candidates: readonly Candidate[],
    outcomes: readonly PlaceOutcome[],
    submission: Submission,
  ): Promise<ReadonlySet<Candidate>> {
    const { actor } = submission;
    const mayRead = actor.kind === 'feed' || actor.mayRead;
    const held = outcomes.flatMap((outcome, i): (readonly [Candidate, HeldObject])[] => {
      const candidate = candidates[i];
      const blindConflict = outcome.kind === 'conflict' && !mayRead;
      if (candidate === undefined || (outcome.kind !== 'foreign' && !blindConflict)) return [];
      const { text, id, version, owner } = candidate;
      const why =
        outcome.kind === 'foreign'
          ? { reason: 'foreign-owner', message: 'the id belongs to another owner in this collection' }
          : { reason: 'version-conflict', message: 'the same version stands here with other content' };
      return [
        [candidate, this.#held({ text, objectId: id, version, owner, waitsFor: [], ...why }, submission)],
      ];
    });
    if (held.length === 0) return new Set();
    const room = await roomFor(
      held.map(([, item]) => item),
      this.#store,
      this.#limits,
    );
    const admitted = held.flatMap(([, item]) => (room.has(item.id) ? [item] : []));
    if (admitted.length > 0) await this.#store.commit({ held: admitted });
    return new Set(held.flatMap(([candidate, item]) => (room.has(item.id) ? [] : [candidate])));
  }

  /**
   * Returns identities that the hub creates for members that these objects name as their creators. They come after the
   * other candidates, so that outcomes keep their positions.
   */
  async #identities(
    candidates: readonly Candidate[],
    judged: readonly Judged[],
    { max_tlp: max, accept }: CollectionInfo,
  ): Promise<readonly Candidate[]> {
    if (rankOf(max) < rankOf('green') || !accept.includes('2.1')) return [];
    const directory = await this.#directory.current();
    const known = new Set(candidates.map(({ id }) => id));
    const creators = new Set(
      judged.flatMap((item) =>
        item.kind === 'candidate' ? [text(item.object, 'created_by_ref') ?? ''] : [],
      ),
    );
    return [...creators].flatMap((id) => {
      const object = known.has(id) ? undefined : madeIdentity(id, directory);
      return object === undefined ? [] : [identityCandidate(object)];
    });
  }

  /**
   * Removes earlier versions after a stricter version, with tombstones, from every collection that may not
   * contain the stricter version. This happens whatever the outcome of the stricter version is. A submission
   * affects only versions of its own owner, but hub staff may make any object stricter.
   */
  async #tighten(judged: readonly Judged[], { actor }: Submission): Promise<void> {
    const later = new Map<string, Marked & { readonly tlp: Tlp }>();
    for (const { marked } of judged) {
      // Objects of types without versions remove nothing, and neither do objects without a TLP of their own.
      if (marked?.tlp !== undefined && marked.version !== NO_VERSION)
        later.set(marked.id, { ...marked, tlp: marked.tlp });
    }
    if (later.size === 0) return;
    const directory = await this.#directory.current();
    const all = [...directory.collections.values()];
    const levels = await this.#store.levels(
      [...later.keys()],
      all.map(({ id }) => id),
    );
    const stricterOnes = [...later.values()].filter(
      ({ id, tlp }) => (levels.get(id) ?? rankOf(tlp)) < rankOf(tlp),
    );
    for (const place of all) {
      const going: EntryFacts[] = [];
      for (const version of stricterOnes) going.push(...(await this.#loosened(version, place, actor)));
      if (going.length === 0) continue;
      await this.#tell(actor, 'object.tighten', place, going, 'a stricter version was submitted');
      for (const id of new Set(going.map((entry) => entry.id)))
        await this.#store.remove({
          collection: place.id,
          id,
          versions: ALL_VERSIONS,
          specs: ['2.0', '2.1'],
        });
      this.#log.info('object.tightened', {
        by: submitterOf(actor),
        taken_out_of: place.alias ?? place.id,
        versions: going.length,
      });
    }
  }

  /** Returns the earlier versions in a collection that a stricter version removes. */
  async #loosened(
    { id, version, owner, facts, tlp }: Marked & { readonly tlp: Tlp },
    place: CollectionInfo,
    actor: Actor,
  ): Promise<readonly EntryFacts[]> {
    const rules = { ...place, unmarked: 'default' } as const;
    if (decidePlacement(facts, rules, tlp, this.#clock.now()).verdict === 'allow') return [];
    const { entries } = await this.#store.entries(
      { collection: place.id, after: 0, limit: MOST_TIGHTENED, ids: [id], versions: ALL_VERSIONS, specs: ['2.0', '2.1'] },
      false,
    ); // prettier-ignore
    const ends = (entry: EntryFacts): boolean =>
      (entry.owner === owner || isHubStaff(actor)) && instantOf(entry.version) < instantOf(version);
    return entries.every(ends) ? entries : [];
  }

  /** Records changed placements in the audit log before they happen, so that every removal has a recorded actor. */
  async #tell(
    actor: Actor,
    action: string,
    place: CollectionInfo,
    entries: readonly ChangedPlace[],
    because: string,
  ): Promise<void> {
    const facts = placementFacts(place.id, entries, because, (resource, more) =>
      actor.kind === 'account'
        ? this.#audit.fact(actor.principal, action, resource, more)
        : this.#audit.ofHub(`feed:${actor.name}`, action, resource, more),
    );
    await this.#store.commit({ facts });
  }

  /** Stores the meaning of new marking definitions, and releases objects that waited for them. */
  async #learnMarkings(judged: readonly Judged[], outcomes: readonly PlaceOutcome[]): Promise<void> {
    const candidates = judged.flatMap((item) => (item.kind === 'candidate' ? [item] : []));
    for (const [i, item] of candidates.entries()) {
      if (!isNewMarking(item.object)) continue;
      const outcome = outcomes[i];
      if (outcome?.kind !== 'stored' && outcome?.kind !== 'known') continue;
      await this.#learn(item.object, item.candidate.owner);
      await this.#release(item.candidate.id, item.candidate.owner);
    }
  }

  /**
   * Stores the meaning of a marking definition, and for whom it counts. The first definition stays. Owners
   * who submit the same meaning are added, and a definition from the hub replaces a member's. A different
   * definition from another member under a known id counts for nobody.
   */
  async #learn(object: StixObject, owner: string): Promise<void> {
    const id = String(object['id']);
    if (Buffer.byteLength(JSON.stringify(object)) > LARGEST_DEFINITION) {
      this.#log.warn('marking.too_large', { marking: id, owner, most_bytes: LARGEST_DEFINITION });
      return;
    }
    for (;;) {
      const known = await this.#store.record('marking', id);
      const document = learned(known?.document, object, owner);
      if (document === undefined) return;
      try {
        await this.#store.commit({
          records: [
            {
              kind: 'marking',
              id,
              expected: known?.revision ?? 0,
              document,
              index: { owner: String(document['owner']) },
            },
          ],
        });
        this.#directory.touch();
        return;
      } catch (error) {
        if (error instanceof Problem && error.kind === 'full') {
          this.#log.warn('marking.full', { owner, reason: error.title });
          return;
        }
        // Another process stored a definition of the same marking at the same moment.
        if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
      }
    }
  }

  /**
   * Continues where a process was killed after it committed a marking definition. Stored definitions are learned, and
   * objects that waited for them are checked again. Repeating this is harmless.
   */
  async recover(): Promise<void> {
    for await (const page of this.#heldPages({})) {
      for (const head of page)
        if ((head.sealed === true || isSealedFor(head.reason)) && !this.#seal.isWhole(head))
          await this.#sealOld(head.id);
      const waiting = page.filter(({ waitsFor }) => waitsFor.length > 0);
      for (const { collection, waitsFor } of waiting) {
        const { entries } = await this.#store.entries(
          { collection, after: 0, limit: waitsFor.length, ids: waitsFor, versions: LAST_VERSION },
          true,
        );
        for (const { owner, text: found } of entries)
          if (found !== undefined) await this.#learn(JSON.parse(found) as StixObject, owner);
      }
      for (const id of new Set(waiting.flatMap(({ waitsFor }) => waitsFor))) {
        const known = await this.#store.record('marking', id);
        if (known !== undefined) await this.#release(id, String(known.document['owner']));
      }
    }
  }

  /**
   * Seals an object that an earlier version of the hub stored in the clear, or with its id in the clear. An
   * object that was in the clear then has a different id in the queue.
   */
  async #sealOld(id: string): Promise<void> {
    const item = await this.#store.heldObject(id);
    if (item === undefined) return;
    const sealed = this.#seal.seal(item);
    await this.#store.commit({ held: [sealed], released: sealed.id === id ? [] : [id], scrub: true });
  }

  /** Returns a held object with everything in the clear. */
  opened(item: HeldObject): HeldObject {
    return this.#seal.open(item);
  }

  /** Returns a held object with its STIX id in the clear. */
  openedHead<T extends HeldHead>(head: T): T {
    return this.#seal.openHead(head);
  }

  /** Returns objects on hold with a STIX id, without their texts, whether they are sealed or not. */
  async heldOf(objectId: string, limit: number): Promise<readonly HeldHead[]> {
    const found = await Promise.all(
      [objectId, this.#seal.keyOf(objectId)].map((id) => this.#store.held({ objectId: id, limit })),
    );
    return found
      .flat()
      .map((head) => this.#seal.openHead(head))
      .slice(0, limit);
  }

  /** Returns the held objects page by page and without texts, so that a large queue needs little memory. */
  async *#heldPages(query: Omit<HeldQuery, 'after' | 'limit'>): AsyncGenerator<readonly HeldHead[]> {
    // Objects that are checked again and stay on hold move to the end of the queue. This walk does not follow
    // them.
    const begun = this.#clock.now();
    let after: HeldHead | undefined;
    do {
      const page = await this.#store.held({
        ...query,
        ...(after === undefined ? {} : { after: { at: after.at, id: after.id } }),
        limit: HELD_PAGE,
      });
      yield page.filter(({ at }) => at <= begun);
      after = page.length < HELD_PAGE ? undefined : page.at(-1);
    } while (after !== undefined && after.at <= begun);
  }

  /** Checks the objects of a page again, one by one. */
  async #retryAll(heads: readonly HeldHead[]): Promise<void> {
    for (const { id } of heads) {
      const item = await this.#store.heldObject(id);
      if (item !== undefined) await this.retry(item);
    }
  }

  /**
   * Checks objects again that waited for the start of their IEP policy, if it has started. Objects whose policy has
   * ended remain on hold for a person.
   */
  async retryDates(): Promise<void> {
    for await (const page of this.#heldPages({}))
      await this.#retryAll(page.filter(({ reason }) => reason === 'iep-dates'));
  }

  async #release(marking: string, owner: string): Promise<void> {
    for await (const page of this.#heldPages({ waitsFor: marking }))
      await this.#retryAll(page.filter((item) => item.owner === owner || isOfHub(owner)));
  }

  /**
   * Checks a held object again, with the current rights of its submitter. Undefined when the account, its
   * member or the collection no longer exists. The owner does not change, unless hub staff release it on
   * behalf of a member (`actor` with `onBehalfOf`). The object leaves the queue once it is stored.
   */
  async retry(
    stored: HeldObject,
    { actor: as, facts }: { readonly actor?: Actor; readonly facts?: readonly AuditFact[] } = {},
  ): Promise<Outcome | undefined> {
    const item = this.#seal.open(stored);
    const directory = await this.#directory.refresh();
    const collection = directory.collections.get(item.collection);
    const actor = as ?? heldActor(item, directory);
    if (collection === undefined || actor === undefined) return undefined;
    const value = JSON.parse(item.text) as Record<string, unknown>;
    const [outcome] = await this.submit({
      actor,
      collection,
      count: 1,
      item: () => ({ text: item.text, value }),
    });
    this.#log.info('held.released', {
      ...(tellsItsValue(item.objectId) ? {} : { object: item.objectId }),
      collection: item.collection,
      outcome: outcome?.kind ?? 'none',
    });
    if (outcome?.kind === 'stored' || outcome?.kind === 'known')
      await this.#store.commit({
        released: [item.id],
        facts: facts ?? [this.#released(item)],
        scrub: stored.sealed === true,
      });
    return outcome;
  }

  /** Returns the audit entry of an object that is released automatically. */
  #released({ id, objectId, owner, reason, collection }: HeldObject): AuditFact {
    return this.#audit.ofHub('intake', 'held.release', `held/${id}`, {
      member: isOfHub(owner) ? undefined : owner,
      details: { collection, reason, ...(tellsItsValue(objectId) ? {} : { ids: [objectId] }) },
    });
  }
}

/** Returns the record of a marking after `owner` submitted a definition of it. Undefined when nothing changes. */
function learned(
  known: Readonly<Record<string, unknown>> | undefined,
  object: StixObject,
  owner: string,
): Readonly<Record<string, unknown>> | undefined {
  if (known === undefined) return { object, owner };
  const before = String(known['owner']);
  const isSame = definitionMeaning(known['object'] as StixObject) === definitionMeaning(object);
  // A definition from the hub can still replace a member's.
  if (isOfHub(owner) && !isOfHub(before)) return isSame ? { ...known, owner } : { object, owner };
  const also = (known['also'] ?? []) as readonly string[];
  if (!isSame || before === owner || isOfHub(before) || also.includes(owner)) return undefined;
  return { ...known, also: [...also, owner] };
}

function isSealedFor(reason: string): boolean {
  return SEALED_FOR.includes(reason);
}

/** The fields of a held object that do not come from the submission as a whole. */
type Waiting = Omit<HeldObject, 'id' | 'collection' | 'submitter' | 'at' | 'onBehalfOf'>;

/**
 * Returns what is needed of a refused object: its outcome and how it is marked. Thousands of large refused objects
 * would otherwise fill the memory, and collecting it would stop the process.
 */
function leftOf(
  { outcome, object }: Extract<Checked, { kind: 'refused' }>,
  actor: Actor,
  directory: Snapshot,
): Extract<Checked, { kind: 'refused' }> {
  const marked = object === undefined ? undefined : markedAsRefused(object, actor, directory);
  return { kind: 'refused', outcome, ...(marked === undefined ? {} : { marked }) };
}

function waitingOf(item: Extract<Judged, { kind: 'held' }>): Waiting {
  const { checked, reason, message, waitsFor, owner } = item;
  return {
    text: checked.text,
    objectId: checked.id,
    version: checked.version,
    reason,
    message,
    waitsFor,
    owner,
  };
}

/** Returns the actor as which a held object is checked again: its submitter with the current rights. */
export function heldActor(item: HeldObject, directory: Snapshot): Actor | undefined {
  if (item.submitter.startsWith('feed:')) {
    const name = item.submitter.slice('feed:'.length);
    const feed = directory.feeds.find((known) => known.name === name);
    return feed === undefined
      ? undefined
      : { kind: 'feed', name, identity: feed.identity, defaultTlp: 'amber' };
  }
  const principal = directory.principal(item.submitter);
  const collection = directory.collections.get(item.collection);
  if (principal === undefined || collection === undefined) return undefined;
  const rights = directory.rights(principal, collection);
  if (!can(principal, 'collection.write', { kind: 'collection', rights })) return undefined;
  const actor = accountActor(principal, collection, directory);
  if (item.onBehalfOf === undefined) return movedTo(actor, item, directory) ? undefined : actor;
  return can(principal, 'object.represent', { kind: 'hub' })
    ? { ...actor, onBehalfOf: item.onBehalfOf }
    : undefined;
}

/**
 * Returns true if the account now acts for another member than at the time of submission, because the object must not
 * become that member's. Earlier versions of the hub recorded the creator as the owner of relayed objects, which does
 * not count as another member.
 */
function movedTo(actor: Actor, { owner, text: content }: HeldObject, directory: Snapshot): boolean {
  if (owner === ownerOf(actor)) return false;
  const creator = text(JSON.parse(content) as StixObject, 'created_by_ref');
  return creator === undefined || directory.memberByIdentity.get(creator) !== owner;
}

/**
 * A submitter without read access must not learn from an outcome what the collection contains (TAXII 2.1 appendix B).
 */
function outcomeOf(candidate: Candidate, outcome: PlaceOutcome | undefined, mayRead: boolean): Outcome {
  const { id, version } = candidate;
  if (outcome === undefined || outcome.kind === 'stored') return { id, version, kind: 'stored' };
  if (!mayRead) return { id, version, kind: 'stored' };
  switch (outcome.kind) {
    case 'known':
      return {
        id,
        version,
        kind: 'known',
        message: outcome.other ? 'already known with other content; the first text stays' : 'already known',
      };
    case 'conflict':
      return {
        id,
        version,
        kind: 'refused',
        message:
          'version-conflict: the same version stands here with other content; send a new version with a later "modified"',
      };
    case 'foreign':
      return {
        id,
        version,
        kind: 'held',
        message:
          'held: foreign-owner: the id belongs to another owner in this collection; a hub analyst decides',
      };
  }
}
