import { canonical } from '../../kernel/canonical.ts';
import { microsOf, type Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import {
  ADDED_STEP,
  deriveFlags,
  sameVersionOutcome,
  versionMatches,
  type Candidate,
  type PlaceOutcome,
  type RemoveQuery,
} from '../store.ts';
import { notDead, readTail } from './horizon.ts';
import { Settling, type FlagUpdate } from './settling.ts';
import { ignoreDuplicate, isDuplicate, type MongoCollections } from './database.ts';
import {
  padded,
  type BeginDocument,
  type EntryDocument,
  type ObjectDocument,
  type TombstoneDocument,
} from './documents.ts';

/** A range that stays open this long, by the waiter's own clock, is declared dead. */
export const TURN_LEASE_MS = 5_000;
const WAIT_MS = 25;
/** Entries of a dead range are taken away when it is settled; its number is remembered against a writer that wakes late. */
const DEAD_REMEMBERED = 500;

type Work =
  | {
      readonly kind: 'place';
      readonly candidates: readonly Candidate[];
      readonly done: (outcomes: PlaceOutcome[]) => void;
      readonly fail: (error: unknown) => void;
    }
  | {
      readonly kind: 'remove';
      readonly query: RemoveQuery;
      readonly done: (count: number) => void;
      readonly fail: (error: unknown) => void;
    };

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
  | 'newest'
  | 'oldest'
  | 'old_spec'
>;

/**
 * Turns: the one way to write entries (DESIGN.md section 5). A collection has at most one open range; whoever inserts
 * `begin/<collection>/<k+1>` holds it, and the insert of `end/<collection>/<k+1>` = done is the commit. Everything that
 * waits for one collection in this process goes into one turn.
 */
export class Turns {
  readonly #c: MongoCollections;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #leaseMs: number;
  readonly #settling: Settling;
  readonly #waiting = new Map<string, Work[]>();
  readonly #running = new Map<string, Promise<void>>();

  constructor(c: MongoCollections, clock: Clock, ids: Ids, leaseMs = TURN_LEASE_MS) {
    this.#c = c;
    this.#clock = clock;
    this.#ids = ids;
    this.#leaseMs = leaseMs;
    this.#settling = new Settling(c, clock);
  }

  place(coll: string, candidates: readonly Candidate[]): Promise<PlaceOutcome[]> {
    return new Promise((done, fail) => this.#add(coll, { kind: 'place', candidates, done, fail }));
  }

  remove(query: RemoveQuery): Promise<number> {
    return new Promise((done, fail) => this.#add(query.collection, { kind: 'remove', query, done, fail }));
  }

  /** Resolves when no turn of this process is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  #add(coll: string, work: Work): void {
    const queue = this.#waiting.get(coll);
    if (queue !== undefined) {
      queue.push(work);
      return;
    }
    this.#waiting.set(coll, [work]);
    if (!this.#running.has(coll)) this.#running.set(coll, this.#run(coll));
  }

  async #run(coll: string): Promise<void> {
    for (;;) {
      // Work that comes in this very moment starts a turn of its own; later work is taken by the next round.
      await Promise.resolve();
      const works = this.#waiting.get(coll);
      if (works === undefined) {
        this.#running.delete(coll);
        return;
      }
      this.#waiting.delete(coll);
      try {
        await this.#turn(coll, works);
      } catch (error) {
        for (const work of works) work.fail(error);
      }
    }
  }

  async #turn(coll: string, works: readonly Work[]): Promise<void> {
    for (;;) {
      const begin = await this.#begin(coll, works);
      const turn = await this.#write(begin, works);
      const committed = await ignoreDuplicate(
        this.#c.turns.insertOne({
          _id: `end/${coll}/${padded(begin.k)}`,
          kind: 'end',
          coll,
          k: begin.k,
          outcome: 'done',
          at: new Date(this.#clock.now()),
        }),
      );
      // Somebody took this writer for dead. What it wrote does not count, so it is written again in a new turn.
      if (!committed && !(await this.#endIsDone(coll, begin.k))) continue;
      await this.#settleOwn(begin, turn);
      turn.answers.forEach((answer) => answer());
      return;
    }
  }

  async #endIsDone(coll: string, k: number): Promise<boolean> {
    const end = await this.#c.turns.findOne({ _id: `end/${coll}/${padded(k)}` });
    return end?.kind === 'end' && end.outcome === 'done';
  }

  /** Takes the next turn: waits while another writer has one, settles what is not settled, then inserts its begin. */
  async #begin(coll: string, works: readonly Work[]): Promise<BeginDocument> {
    let seen: { k: number; since: number } | undefined;
    const token = this.#ids.uuid();
    const room = works.reduce(
      (sum, work) => sum + (work.kind === 'place' ? work.candidates.length : 1_000),
      0,
    );
    for (;;) {
      const tail = await readTail(this.#c, coll);
      if (tail?.outcome === 'open') {
        const { k } = tail.begin;
        const now = this.#clock.monotonic();
        if (seen?.k !== k) seen = { k, since: now };
        else if (now - seen.since >= this.#leaseMs) {
          await ignoreDuplicate(
            this.#c.turns.insertOne({
              _id: `end/${coll}/${padded(k)}`,
              kind: 'end',
              coll,
              k,
              outcome: 'dead',
              at: new Date(this.#clock.now()),
            }),
          );
          continue;
        }
        await this.#clock.wait(WAIT_MS);
        continue;
      }
      if (tail !== undefined && !tail.settled) await this.#settling.other(tail);
      const dead = [...(tail?.begin.dead ?? []), ...(tail?.outcome === 'dead' ? [tail.begin.k] : [])].slice(
        -DEAD_REMEMBERED,
      );
      const k = (tail?.begin.k ?? 0) + 1;
      const lo = Math.max(microsOf(this.#clock), (tail?.begin.hi ?? 0) + ADDED_STEP);
      const begin: BeginDocument = {
        _id: `begin/${coll}/${padded(k)}`,
        kind: 'begin',
        coll,
        k,
        lo,
        hi: lo + ADDED_STEP * room,
        dead,
        tombstones: (tail?.begin.tombstones ?? false) || works.some((work) => work.kind === 'remove'),
        token,
        at: new Date(this.#clock.now()),
      };
      if (await ignoreDuplicate(this.#c.turns.insertOne(begin))) return begin;
      // The answer to an insert of our own may have been lost on the way: then the turn is ours all the same.
      const there = await this.#c.turns.findOne({ _id: begin._id });
      if (there?.kind === 'begin' && there.token === token) return there;
    }
  }

  /** Decides and writes everything of the turn. Nothing of it is seen before the end is inserted. */
  async #write(begin: BeginDocument, works: readonly Work[]): Promise<TurnResult> {
    const { coll } = begin;
    const ids = [
      ...new Set(
        works.flatMap((work) =>
          work.kind === 'place' ? work.candidates.map(({ id }) => id) : [work.query.id],
        ),
      ),
    ];
    const standing = await this.#standing(begin, ids);
    const owners = begin.tombstones ? await this.#formerOwners(begin, ids) : new Map<string, string>();
    const turn: TurnResult = { answers: [], changed: new Map(), gone: [] };
    const entries: EntryDocument[] = [];
    const tombstones: TombstoneDocument[] = [];
    const objects = new Map<string, string>();
    const fresh = new Set<string>();
    let added = begin.lo - ADDED_STEP;

    for (const work of works) {
      if (work.kind === 'place') {
        const outcomes: PlaceOutcome[] = [];
        for (const candidate of work.candidates) {
          const here = standing.get(candidate.id) ?? [];
          const outcome = await this.#decide(candidate, here, owners.get(candidate.id), objects);
          if (outcome !== undefined) {
            outcomes.push(outcome);
            continue;
          }
          added += ADDED_STEP;
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
            turn: begin.k,
            newest: true,
            oldest: true,
            old_spec: false,
            flags_turn: begin.k,
          };
          entries.push(entry);
          objects.set(candidate.digest, candidate.text);
          standing.set(candidate.id, [...here, entry]);
          fresh.add(entry._id);
          turn.changed.set(candidate.id, []);
          outcomes.push({ kind: 'stored', added });
        }
        turn.answers.push(() => work.done(outcomes));
      } else {
        const { query } = work;
        const here = standing.get(query.id) ?? [];
        const flags = deriveFlags(here);
        const gone = here.filter((entry, i) => {
          const f = flags[i];
          return (
            f !== undefined &&
            versionMatches(query.versions, f, entry.instant) &&
            (query.specs === undefined || query.specs.includes(entry.spec))
          );
        });
        for (const entry of gone) {
          added += ADDED_STEP;
          tombstones.push({
            _id: `${coll}/${padded(added)}`,
            coll,
            removed: added,
            id: entry.id,
            instant: entry.instant,
            version: entry.version,
            spec: entry.spec,
            owner: entry.owner,
            turn: begin.k,
          });
          turn.gone.push(entry._id);
        }
        standing.set(
          query.id,
          here.filter((entry) => !gone.includes(entry)),
        );
        turn.changed.set(query.id, []);
        turn.answers.push(() => work.done(gone.length));
      }
    }
    // Own entries carry their final flags from the start; those of others are brought up to date when settling.
    for (const id of turn.changed.keys()) {
      const here = standing.get(id) ?? [];
      deriveFlags(here).forEach((flags, i) => {
        const entry = here[i];
        if (entry === undefined) return;
        const wanted = { newest: flags.newest, oldest: flags.oldest, old_spec: flags.oldSpec };
        if (fresh.has(entry._id)) Object.assign(entry, wanted);
        else if (
          entry.newest !== wanted.newest ||
          entry.oldest !== wanted.oldest ||
          entry.old_spec !== wanted.old_spec
        ) {
          turn.changed.get(id)?.push({ _id: entry._id, ...wanted });
        }
      });
    }
    await this.#insertObjects(objects);
    const kept = entries.filter((entry) => !turn.gone.includes(entry._id));
    if (kept.length > 0) await this.#c.entries.insertMany(kept, { ordered: false });
    if (tombstones.length > 0) await this.#c.tombstones.insertMany(tombstones, { ordered: false });
    return turn;
  }

  async #standing(begin: BeginDocument, ids: readonly string[]): Promise<Map<string, Standing[]>> {
    const rows = await this.#c.entries
      .find({ coll: begin.coll, id: { $in: [...ids] }, added: { $lt: begin.lo }, ...notDead(begin.dead) })
      .project<Standing>({
        added: 1,
        digest: 1,
        id: 1,
        instant: 1,
        spec: 1,
        version: 1,
        owner: 1,
        newest: 1,
        oldest: 1,
        old_spec: 1,
      })
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

  async #formerOwners(begin: BeginDocument, ids: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.#c.tombstones
      .find({ coll: begin.coll, id: { $in: [...ids] }, removed: { $lt: begin.lo }, ...notDead(begin.dead) })
      .sort({ removed: -1 })
      .toArray();
    // The first owner wins, so the newest goes in first and older ones overwrite it.
    return new Map(rows.map(({ id, owner }) => [id, owner]));
  }

  /** Undefined when the candidate is to be stored. */
  async #decide(
    candidate: Candidate,
    here: readonly Standing[],
    former: string | undefined,
    fresh: ReadonlyMap<string, string>,
  ): Promise<PlaceOutcome | undefined> {
    const same = here.find((entry) => entry.instant === candidate.instant && entry.spec === candidate.spec);
    let outcome: PlaceOutcome | undefined;
    if (same !== undefined) {
      const text =
        same.digest === candidate.digest
          ? undefined
          : (fresh.get(same.digest) ?? (await this.#c.objects.findOne({ _id: same.digest }))?.text);
      outcome = sameVersionOutcome(candidate, {
        digest: same.digest,
        sameContent: () =>
          text !== undefined && canonical(JSON.parse(text)) === canonical(JSON.parse(candidate.text)),
      });
      if (outcome.kind === 'known') return outcome;
    }
    if (!candidate.shared) {
      const first = here.length > 0 ? here.reduce((a, b) => (a.added < b.added ? a : b)).owner : former;
      if (first !== undefined && (candidate.relayed || first !== candidate.owner))
        return { kind: 'foreign', owner: first };
    }
    return outcome;
  }

  async #insertObjects(objects: ReadonlyMap<string, string>): Promise<void> {
    if (objects.size === 0) return;
    const at = new Date(this.#clock.now());
    const documents: ObjectDocument[] = [...objects].map(([digest, text]) => ({ _id: digest, text, at }));
    try {
      await this.#c.objects.insertMany(documents, { ordered: false });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      // Texts that are there already are named again, so that the sweeper leaves them alone.
      await this.#c.objects.updateMany({ _id: { $in: documents.map(({ _id }) => _id) } }, { $set: { at } });
    }
  }

  async #settleOwn(begin: BeginDocument, turn: TurnResult): Promise<void> {
    await this.#settling.setFlags(begin.k, [...turn.changed.values()].flat());
    if (turn.gone.length > 0) await this.#c.entries.deleteMany({ _id: { $in: turn.gone } });
    await this.#settling.done(begin);
  }
}

interface TurnResult {
  readonly answers: (() => void)[];
  /** Flags of entries of earlier ranges that change, by STIX id. */
  readonly changed: Map<string, FlagUpdate[]>;
  readonly gone: string[];
}
