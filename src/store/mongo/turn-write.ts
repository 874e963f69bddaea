import type { Clock } from '../../kernel/clock.ts';
import {
  ADDED_STEP,
  deriveFlags,
  formerOwner,
  isRevokedText,
  newestOf,
  revocationOutcome,
  sameContent,
  sameVersionOutcome,
  versionMatches,
  yields,
  factsOfPlacement,
  type AuditFact,
  type Candidate,
  type PlaceOutcome,
  type PlacementForms,
  type RemoveQuery,
} from '../store.ts';
import { isDuplicate, type MongoCollections } from './database.ts';
import {
  padded,
  type BeginDocument,
  type EntryDocument,
  type ObjectDocument,
  type TombstoneDocument,
} from './documents.ts';
import { outsideDeadRanges } from './horizon.ts';
import type { FlagUpdate } from './settling.ts';

/** Number of attempts to write a text that the sweeper removed between two checks. After that, the write fails. */
const TEXT_TRIES = 5;

/** Maximum number of tombstones that one operation can leave. */
const MOST_TAKEN_OUT = 1_000;

/**
 * A request that waits for its turn in a collection. `guard` is checked before the commit. False means that the request
 * may no longer write.
 */
export type Work = {
  readonly guard?: (() => boolean) | undefined;
  readonly fail: (error: unknown) => void;
} & (
  | {
      readonly kind: 'place';
      readonly candidates: readonly Candidate[];
      /** See `Batch.replaced` and `Batch.stored`. */
      readonly forms: PlacementForms;
      readonly done: (outcomes: PlaceOutcome[]) => void;
    }
  | { readonly kind: 'remove'; readonly query: RemoveQuery; readonly done: (count: number) => void }
);

/** The result of a turn. Nobody sees it before the end of the turn is inserted. */
export interface Written {
  /** Report the outcome to each request. */
  readonly answers: (() => void)[];
  /** Changed flags of entries from earlier ranges. */
  readonly flags: FlagUpdate[];
  /** Removed entries from earlier ranges. */
  readonly gone: string[];
  /** Facts about what was stored and replaced. They are stored in the document that commits the turn. */
  readonly facts: AuditFact[];
}

type Standing = Pick<
  EntryDocument,
  | '_id'
  | 'added'
  | 'digest'
  | 'id'
  | 'instant'
  | 'spec'
  | 'version'
  | 'owner'
  | 'level'
  | 'creator'
  | 'revoked'
  | 'newest'
  | 'oldest'
  | 'old_spec'
>;

const STANDING = {
  added: 1, digest: 1, id: 1, instant: 1, spec: 1, version: 1, owner: 1, level: 1, creator: 1, revoked: 1, newest: 1, oldest: 1, old_spec: 1,
} as const; // prettier-ignore

/** Returns the maximum number of dates added that a turn needs for these requests, for entries and tombstones. */
export function roomFor(works: readonly Work[]): number {
  return works.reduce(
    (sum, work) =>
      sum +
      (work.kind === 'place' ? work.candidates.length : 0) +
      (removesEntries(work) ? MOST_TAKEN_OUT : 0),
    0,
  );
}

/** Returns true if a request can leave tombstones. */
export function removesEntries(work: Work): boolean {
  return work.kind === 'remove' || work.candidates.some(({ claims }) => claims !== undefined);
}

/**
 * The work of one turn. It reads what the collection contains for the ids, decides which candidates are known or
 * conflict, and inserts objects, entries and tombstones under the turn's number. It reads only ranges that have ended.
 */
export class TurnWriter {
  readonly #c: MongoCollections;
  readonly #clock: Clock;
  readonly #begin: BeginDocument;
  readonly #entries: EntryDocument[] = [];
  readonly #tombstones: TombstoneDocument[] = [];
  readonly #objects = new Map<string, string>();
  readonly #fresh = new Set<string>();
  readonly #gone = new Set<string>();
  readonly #changed = new Set<string>();
  #standing = new Map<string, readonly Standing[]>();
  #former: ReadonlyMap<string, readonly TombstoneDocument[]> = new Map();
  #added: number;

  constructor(c: MongoCollections, clock: Clock, begin: BeginDocument) {
    this.#c = c;
    this.#clock = clock;
    this.#begin = begin;
    this.#added = begin.lo - ADDED_STEP;
  }

  async write(works: readonly Work[]): Promise<Written> {
    const ids = [
      ...new Set(
        works.flatMap((work) =>
          work.kind === 'place' ? work.candidates.map(({ id }) => id) : [work.query.id],
        ),
      ),
    ];
    this.#standing = await this.#readStanding(ids);
    if (this.#begin.tombstones) this.#former = await this.#readFormer(ids);
    const answers: (() => void)[] = [];
    const facts: AuditFact[] = [];
    for (const work of works) {
      if (work.kind === 'place') {
        const { candidates, forms } = work;
        const outcomes = await this.#place(candidates);
        facts.push(...factsOfPlacement(forms, { collection: this.#begin.coll, candidates }, outcomes));
        answers.push(() => work.done(outcomes));
      } else {
        const count = this.#remove(work.query);
        answers.push(() => work.done(count));
      }
    }
    const flags = this.#flags();
    await insertTexts(this.#c, this.#clock, this.#objects);
    // An entry that was removed again in the same turn is never stored.
    const kept = this.#entries.filter(({ _id }) => !this.#gone.has(_id));
    if (kept.length > 0) await this.#c.entries.insertMany(kept, { ordered: false });
    if (this.#tombstones.length > 0)
      await this.#c.tombstones.insertMany(this.#tombstones, { ordered: false });
    return { answers, facts, flags, gone: [...this.#gone].filter((id) => !this.#fresh.has(id)) };
  }

  #next(): number {
    this.#added += ADDED_STEP;
    return this.#added;
  }

  async #place(candidates: readonly Candidate[]): Promise<PlaceOutcome[]> {
    const { coll, k } = this.#begin;
    const outcomes: PlaceOutcome[] = [];
    let room = MOST_TAKEN_OUT;
    for (const candidate of candidates) {
      const all = this.#standing.get(candidate.id) ?? [];
      const yielding = all.filter((entry) => yields(entry, candidate));
      const [first] = yielding;
      if (first !== undefined && yielding.length > room) {
        outcomes.push({ kind: 'foreign', owner: first.owner });
        continue;
      }
      const here = yielding.length === 0 ? all : all.filter((entry) => !yielding.includes(entry));
      const outcome = await this.#decide(candidate, here);
      if (outcome !== undefined) {
        outcomes.push(outcome);
        continue;
      }
      room -= yielding.length;
      // This runs before the new entry is written, because the tombstones must not apply to it.
      this.#takeOut(yielding);
      const added = this.#next();
      const entry: EntryDocument = {
        _id: `${coll}/${padded(added)}`,
        coll,
        added,
        digest: candidate.digest,
        id: candidate.id,
        instant: candidate.instant,
        spec: candidate.spec,
        version: candidate.version,
        type: candidate.type,
        level: candidate.level,
        owner: candidate.owner,
        ...(candidate.creator === undefined ? {} : { creator: candidate.creator }),
        revoked: candidate.revoked,
        turn: k,
        newest: true,
        oldest: true,
        old_spec: false,
        flags_turn: k,
      };
      this.#entries.push(entry);
      this.#objects.set(candidate.digest, candidate.text);
      this.#standing.set(candidate.id, [...here, entry]);
      this.#fresh.add(entry._id);
      this.#changed.add(candidate.id);
      const replaced = first && { owner: first.owner, versions: yielding.length };
      outcomes.push({ kind: 'stored', added, ...(replaced === undefined ? {} : { replaced }) });
    }
    return outcomes;
  }

  /** Undefined if the candidate is to be stored. */
  async #decide(candidate: Candidate, here: readonly Standing[]): Promise<PlaceOutcome | undefined> {
    const same = here.find((entry) => entry.instant === candidate.instant && entry.spec === candidate.spec);
    let outcome: PlaceOutcome | undefined;
    if (same !== undefined) {
      const text =
        same.digest === candidate.digest
          ? undefined
          : (this.#objects.get(same.digest) ?? (await this.#c.objects.findOne({ _id: same.digest }))?.text);
      outcome = sameVersionOutcome(candidate, {
        digest: same.digest,
        sameContent: () => text !== undefined && sameContent(text, candidate.text),
      });
      if (outcome.kind === 'known') return outcome;
    }
    if (!candidate.shared) {
      const first =
        here.length > 0
          ? here.reduce((a, b) => (a.added < b.added ? a : b)).owner
          : formerOwner(this.#former.get(candidate.id) ?? [], candidate);
      if (first !== undefined && (candidate.relayed || first !== candidate.owner))
        return { kind: 'foreign', owner: first };
    }
    if (outcome !== undefined) return outcome;
    const newest = newestOf(here, candidate);
    return newest === undefined
      ? undefined
      : revocationOutcome(candidate, { ...newest, revoked: await this.#isRevoked(newest) });
  }

  async #isRevoked({ digest, revoked }: Standing): Promise<boolean> {
    if (revoked !== undefined) return revoked;
    const text = this.#objects.get(digest) ?? (await this.#c.objects.findOne({ _id: digest }))?.text;
    return text !== undefined && isRevokedText(text);
  }

  #remove(query: RemoveQuery): number {
    const here = this.#standing.get(query.id) ?? [];
    const flags = deriveFlags(here);
    const gone = here.filter((entry, i) => {
      const f = flags[i];
      return (
        f !== undefined &&
        versionMatches(query.versions, f, entry.instant) &&
        (query.specs === undefined || query.specs.includes(entry.spec))
      );
    });
    this.#takeOut(gone);
    this.#standing.set(
      query.id,
      here.filter((entry) => !gone.includes(entry)),
    );
    this.#changed.add(query.id);
    return gone.length;
  }

  /** Writes tombstones for entries. */
  #takeOut(gone: readonly Standing[]): void {
    const { coll, k } = this.#begin;
    for (const { _id, id, instant, version, spec, owner, level, creator } of gone) {
      const removed = this.#next();
      this.#tombstones.push({
        _id: `${coll}/${padded(removed)}`,
        coll,
        removed,
        id,
        instant,
        version,
        spec,
        owner,
        level,
        ...(creator === undefined ? {} : { creator }),
        turn: k,
      });
      this.#gone.add(_id);
    }
  }

  /**
   * Entries of this turn have their flags from the start. Entries of earlier ranges are updated when the turn is
   * settled.
   */
  #flags(): FlagUpdate[] {
    const updates: FlagUpdate[] = [];
    for (const id of this.#changed) {
      const here = this.#standing.get(id) ?? [];
      deriveFlags(here).forEach(({ newest, oldest, oldSpec }, i) => {
        const entry = here[i];
        if (entry === undefined) return;
        const wanted = { newest, oldest, old_spec: oldSpec };
        if (this.#fresh.has(entry._id)) Object.assign(entry, wanted);
        else if (entry.newest !== newest || entry.oldest !== oldest || entry.old_spec !== oldSpec)
          updates.push({ _id: entry._id, ...wanted });
      });
    }
    return updates;
  }

  async #readStanding(ids: readonly string[]): Promise<Map<string, readonly Standing[]>> {
    const { coll, lo, dead } = this.#begin;
    const rows = await this.#c.entries
      .find({ coll, id: { $in: [...ids] }, added: { $lt: lo }, ...outsideDeadRanges(dead) })
      .project<Standing>(STANDING)
      .batchSize(100_000)
      .toArray();
    const byId = new Map<string, Standing[]>();
    for (const row of rows) {
      const list = byId.get(row.id);
      if (list === undefined) byId.set(row.id, [row]);
      else list.push(row);
    }
    return byId;
  }

  /** Returns tombstones by id, in the order of removal. */
  async #readFormer(ids: readonly string[]): Promise<ReadonlyMap<string, readonly TombstoneDocument[]>> {
    const { coll, lo, dead } = this.#begin;
    const rows = await this.#c.tombstones
      .find({ coll, id: { $in: [...ids] }, removed: { $lt: lo }, ...outsideDeadRanges(dead) })
      .sort({ removed: 1 })
      .toArray();
    const byId = new Map<string, TombstoneDocument[]>();
    for (const row of rows) byId.set(row.id, [...(byId.get(row.id) ?? []), row]);
    return byId;
  }
}

/**
 * Writes texts, or refreshes the time of existing ones, so that the sweeper keeps them. A text that the sweeper removed
 * in between is written again, because an entry must never refer to a missing text.
 */
async function insertTexts(
  c: MongoCollections,
  clock: Clock,
  objects: ReadonlyMap<string, string>,
): Promise<void> {
  if (objects.size === 0) return;
  const at = new Date(clock.now());
  const documents: ObjectDocument[] = [...objects].map(([digest, text]) => ({ _id: digest, text, at }));
  for (let tries = 0; tries < TEXT_TRIES; tries++) {
    try {
      await c.objects.insertMany(documents, { ordered: false });
      return;
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
    const { matchedCount } = await c.objects.updateMany(
      { _id: { $in: documents.map(({ _id }) => _id) } },
      { $set: { at } },
    );
    if (matchedCount === documents.length) return;
  }
  throw new Error('texts vanish while they are written');
}
