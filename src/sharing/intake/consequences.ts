import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { decidePlacement } from '../../access/policy.ts';
import type { CollectionInfo } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { rankOf, type Tlp } from '../../stix/markings.ts';
import { NO_VERSION, instantOf } from '../../stix/timestamps.ts';
import { text } from '../../stix/types.ts';
import {
  type ChangedPlace,
  ALL_VERSIONS,
  type Candidate,
  type EntryFacts,
  type PlaceOutcome,
  type Store,
} from '../../store/store.ts';
import { submitterOf, type Actor } from './actor.ts';
import { isNewMarking, type Judged, type Marked } from './judge.ts';
import { identityCandidate, madeIdentity } from './member-identities.ts';
import { isHubStaff } from './owner.ts';
import { placementFacts } from './placement-facts.ts';
import type { Submission } from './submission.ts';

/** Maximum number of versions of an id that are checked for removal. */
const MOST_TIGHTENED = 1_000;

interface ConsequenceParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
}

/** Changes that a submission makes elsewhere: replaced or removed entries, and identities that it brings along. */
export class Consequences {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #audit: Audit;

  constructor({ store, directory, clock, log, audit }: ConsequenceParts) {
    this.#store = store;
    this.#directory = directory;
    this.#clock = clock;
    this.#log = log;
    this.#audit = audit;
  }

  /**
   * Replaces a member's definition of a marking with the hub's definition, in the collection to which the hub
   * submits it.
   */
  async overrule(judged: readonly Judged[], { actor, collection }: Submission): Promise<void> {
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
   * Returns identities that the hub creates for members that these objects name as their creators. They come after the
   * other candidates, so that outcomes keep their positions.
   */
  async identities(
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
   * Removes earlier versions after a stricter version, with tombstones, from every collection that must not
   * contain the stricter version. This happens whatever the outcome of the stricter version is. A submission
   * affects only versions of its own owner, but hub staff may make any object stricter. `placed` contains the outcomes
   * of the candidates, in their order.
   */
  async tighten(
    judged: readonly Judged[],
    placed: readonly PlaceOutcome[],
    { actor }: Submission,
  ): Promise<void> {
    // The newest version of each TLP, because the last one of an envelope need not be the newest or the strictest.
    const later = new Map<string, Marked & { readonly tlp: Tlp }>();
    let next = 0;
    for (const { kind, marked } of judged) {
      const outcome = kind === 'candidate' ? placed[next++] : undefined;
      // Objects of types without versions remove nothing, and neither do objects without a TLP of their own.
      if (marked?.tlp === undefined || marked.version === NO_VERSION) continue;
      // No collection contained another version, so there is none to look for. Nearly all objects of a new list are
      // like this.
      if (outcome?.kind === 'stored' && outcome.alone === true) continue;
      const key = `${marked.id} ${marked.tlp}`;
      const before = later.get(key);
      if (before === undefined || instantOf(before.version) < instantOf(marked.version))
        later.set(key, { ...marked, tlp: marked.tlp });
    }
    if (later.size === 0) return;
    const directory = await this.#directory.current();
    const all = [...directory.collections.values()];
    const levels = await this.#store.levels(
      [...new Set([...later.values()].map(({ id }) => id))],
      all.map(({ id }) => id),
    );
    const stricterOnes = [...later.values()].filter(
      ({ id, tlp }) => (levels.get(id) ?? rankOf(tlp)) < rankOf(tlp),
    );
    for (const place of all) {
      const going = new Map<number, EntryFacts>();
      for (const version of stricterOnes)
        for (const entry of await this.#loosened(version, place, actor)) going.set(entry.added, entry);
      if (going.size === 0) continue;
      await this.#tell(
        actor,
        'object.tighten',
        place,
        [...going.values()],
        'a stricter version was submitted',
      );
      for (const id of new Set([...going.values()].map((entry) => entry.id)))
        await this.#store.remove({
          collection: place.id,
          id,
          versions: ALL_VERSIONS,
          specs: ['2.0', '2.1'],
        });
      this.#log.info('object.tightened', {
        by: submitterOf(actor),
        collection: place.alias ?? place.id,
        versions: going.size,
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
}
