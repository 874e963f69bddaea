import { microsOf, type Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import { ADDED_STEP, type AuditFact, type Candidate, type PlaceOutcome, type RemoveQuery } from '../store.ts';
import { ignoreDuplicate, isDuplicate, isUnreachable, type MongoCollections } from './database.ts';
import { padded, type BeginDocument, type EndDocument } from './documents.ts';
import { readTail, type Tail } from './horizon.ts';
import { leaseLost } from './leases.ts';
import { Settling } from './settling.ts';
import { TurnWriter, roomFor, removesEntries, type Work, type Written } from './turn-write.ts';

/** A range that stays open for this long, by the clock of the waiting process, is declared dead. */
const TURN_LEASE_MS = 5_000;
/** A writer that was declared dead asks for twice the time, up to this limit. */
const LONGEST_LEASE_MS = 60_000;
/**
 * A writer gives up a turn that it has not ended in this time, because deciding documents may have been swept since.
 */
const LONGEST_TURN_MS = 600_000;
/** The longest interval at which a waiting process checks, in milliseconds. */
const WAIT_MS = 20;
/** Maximum time for which a process that just had a turn lets a waiting process go first. */
const COURTESY_MS = 80;
/** Maximum number of objects from several envelopes that share a turn. A larger envelope has its own turn. */
const MOST_IN_TURN = 4_000;
/**
 * Number of dead ranges that are recorded, in case their writer resumes late. Older ones are cleaned once more and then
 * dropped.
 */
const DEAD_REMEMBERED = 100;
/** How long the result of a deciding insert is looked up after the connection failed. */
const UNKNOWN_MS = 30_000;
const UNKNOWN_WAIT_MS = 250;
/** How long a deciding document may exist but stay invisible because most members of the replica set are down. */
const NO_MAJORITY_MS = 120_000;
/** How long a reader waits for the writer of a committed range to settle it, before the reader settles it. */
const SETTLE_AFTER_MS = 1_000;

export interface TurnOptions {
  readonly leaseMs?: number | undefined;
  /** Called when a date added is ahead of the clock: a process of the hub has a wrong clock. */
  readonly onClockAhead?: ((collection: string, ms: number) => void) | undefined;
}

/**
 * Turns are the only way to write entries (see docs/explanation/durability.md). A collection has at most one open range.
 * The process that inserts `begin/<collection>/<k+1>` holds it, and inserting `end/<collection>/<k+1>` with `done`
 * commits it. Requests of this process that wait for the same collection share turns.
 */
export class Turns {
  readonly #c: MongoCollections;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #leaseMs: number;
  readonly #onClockAhead: TurnOptions['onClockAhead'];
  readonly #settling: Settling;
  readonly #waiting = new Map<string, Work[]>();
  readonly #running = new Map<string, Promise<void>>();
  /** The name under which this process asks others to let it go first. */
  readonly #name: string;
  /**
   * The interval between checks of this process, in milliseconds. It differs between processes, so that two waiting
   * processes do not stay in step.
   */
  readonly #pace: number;
  /** The last range of this process, by collection. */
  readonly #last = new Map<string, number>();
  /**
   * Open ranges of other processes, with the time since when, by this process's clock. They are kept after failures, so
   * that the wait does not start again.
   */
  readonly #open = new Map<string, { k: number; since: number }>();
  /** Committed ranges that readers found unsettled, with the time since when, by this process's clock. */
  readonly #unsettled = new Map<string, { k: number; since: number; busy: boolean }>();

  constructor(c: MongoCollections, clock: Clock, ids: Ids, options: TurnOptions = {}) {
    this.#c = c;
    this.#clock = clock;
    this.#ids = ids;
    this.#name = ids.uuid();
    this.#pace = WAIT_MS * (0.5 + (Buffer.from(this.#name).reduce((sum, byte) => sum + byte, 0) % 16) / 32);
    this.#leaseMs = options.leaseMs ?? TURN_LEASE_MS;
    this.#onClockAhead = options.onClockAhead;
    this.#settling = new Settling(c, clock);
  }

  /** `forms` are the forms of the facts about what the candidates become and replace. */
  place(
    coll: string,
    candidates: readonly Candidate[],
    { guard, forms = {} }: Partial<Pick<Extract<Work, { kind: 'place' }>, 'guard' | 'forms'>> = {},
  ): Promise<PlaceOutcome[]> {
    return new Promise((done, fail) =>
      this.#add(coll, { kind: 'place', candidates, forms, guard, done, fail }),
    );
  }

  remove(query: RemoveQuery): Promise<number> {
    return new Promise((done, fail) => this.#add(query.collection, { kind: 'remove', query, done, fail }));
  }

  /**
   * Called when a reader has seen this tail. If the writer of a committed range was killed before it settled the range,
   * the range is settled from here. Otherwise a collection without further writes would never be settled.
   */
  noticed(tail: Tail | undefined): void {
    if (tail === undefined) return;
    const { coll, k } = tail.begin;
    if (tail.settled || tail.outcome === 'open') {
      this.#unsettled.delete(coll);
      return;
    }
    const now = this.#clock.monotonic();
    const seen = this.#unsettled.get(coll);
    if (seen?.k !== k) {
      this.#unsettled.set(coll, { k, since: now, busy: false });
      return;
    }
    if (seen.busy || now - seen.since < SETTLE_AFTER_MS) return;
    seen.busy = true;
    // After a failure, the next reader or writer tries again.
    void this.#settling.other(tail).catch(() => this.#unsettled.delete(coll));
  }

  /** Resolves when no turn of this process is running. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  #add(coll: string, work: Work): void {
    const queue = this.#waiting.get(coll);
    if (queue === undefined) this.#waiting.set(coll, [work]);
    else queue.push(work);
    if (!this.#running.has(coll)) this.#running.set(coll, this.#run(coll));
  }

  async #run(coll: string): Promise<void> {
    for (;;) {
      // Requests that arrive at this moment share the turn. Later requests are handled in the next round.
      await Promise.resolve();
      const works = this.#take(coll);
      if (works.length === 0) {
        this.#running.delete(coll);
        return;
      }
      await this.#serve(coll, works);
    }
  }

  /**
   * Returns the next requests that share a turn: the first waiting request, and those that follow it while there is
   * room.
   */
  #take(coll: string): Work[] {
    const queue = this.#waiting.get(coll) ?? [];
    let fits = 0;
    for (let room = 0; fits < queue.length; fits++) {
      room += roomFor(queue.slice(fits, fits + 1));
      if (fits > 0 && room > MOST_IN_TURN) break;
    }
    const works = queue.splice(0, fits);
    if (queue.length === 0) this.#waiting.delete(coll);
    return works;
  }

  async #serve(coll: string, works: readonly Work[]): Promise<void> {
    try {
      await this.#turn(coll, works);
    } catch (error) {
      // An envelope that cannot be written must not make the others fail.
      if (works.length > 1 && !isUnreachable(error))
        for (const work of works) await this.#serve(coll, [work]);
      else for (const work of works) work.fail(error);
    }
  }

  async #turn(coll: string, all: readonly Work[]): Promise<void> {
    let works = all;
    for (let leaseMs = this.#leaseMs; ;) {
      const started = { wall: this.#clock.now(), monotonic: this.#clock.monotonic() };
      const begin = await this.#begin(coll, works, leaseMs);
      let written: Written;
      try {
        written = await new TurnWriter(this.#c, this.#clock, begin).write(works);
      } catch (error) {
        await this.#giveUp(begin);
        throw error;
      }
      const barred = works.filter(({ guard }) => guard !== undefined && !guard());
      if (barred.length > 0 || this.#tookTooLong(started)) {
        await this.#giveUp(begin);
        for (const work of barred) work.fail(leaseLost(coll));
        works = works.filter((work) => !barred.includes(work));
        if (works.length === 0) return;
        continue;
      }
      if ((await this.#end(begin, 'done', written.facts)) === 'dead') {
        // Another process declared this writer dead. Its writes do not count, so it is written again, with more
        // time.
        leaseMs = Math.min(leaseMs * 2, LONGEST_LEASE_MS);
        continue;
      }
      await this.#settleOwn(begin, written);
      for (const answer of written.answers) answer();
      return;
    }
  }

  #tookTooLong(started: { readonly wall: number; readonly monotonic: number }): boolean {
    return (
      this.#clock.monotonic() - started.monotonic > LONGEST_TURN_MS ||
      Math.abs(this.#clock.now() - started.wall) > LONGEST_TURN_MS
    );
  }

  /**
   * Inserts the end of a range, or returns how the range ended. `done` is the commit, and it contains the facts about the
   * range, so that neither is stored without the other.
   */
  async #end(
    { coll, k }: BeginDocument,
    outcome: 'done' | 'dead',
    facts: readonly AuditFact[] = [],
  ): Promise<'done' | 'dead'> {
    const _id = `end/${coll}/${padded(k)}`;
    const since = this.#clock.monotonic();
    for (;;) {
      try {
        await this.#c.turns.insertOne({
          _id,
          kind: 'end',
          coll,
          k,
          outcome,
          at: new Date(this.#clock.now()),
          ...(facts.length === 0
            ? {}
            : { facts: facts.map((fact) => JSON.stringify(fact)), unnumbered: true }),
        });
        return outcome;
      } catch (error) {
        // The insert may have succeeded although its response was lost. Only the stored document shows it, so it is read
        // until there is a response, and the insert is repeated. The first insert decides, whatever this process
        // believes.
        const there = await this.#c.turns.findOne({ _id }).catch(() => null);
        if (there !== null) return (there as EndDocument).outcome;
        if (this.#clock.monotonic() - since > (isDuplicate(error) ? NO_MAJORITY_MS : UNKNOWN_MS)) throw error;
        await this.#clock.wait(UNKNOWN_WAIT_MS);
      }
    }
  }

  /**
   * Ends a range of this process without a commit, so that no other process waits for it. If this fails, the others
   * declare it dead.
   */
  async #giveUp({ coll, k }: BeginDocument): Promise<void> {
    const at = new Date(this.#clock.now());
    await this.#c.turns
      .insertOne({ _id: `end/${coll}/${padded(k)}`, kind: 'end', coll, k, outcome: 'dead', at })
      .catch(() => undefined);
  }

  /** Acquires the next turn: waits while another writer has one, settles unsettled ranges, then inserts the begin. */
  async #begin(coll: string, works: readonly Work[], leaseMs: number): Promise<BeginDocument> {
    const since = this.#clock.monotonic();
    let unsettled: number | undefined;
    for (;;) {
      const tail = await readTail(this.#c, coll);
      if (tail?.outcome === 'open') {
        if (this.#openFor(tail.begin) >= Math.max(this.#leaseMs, tail.begin.lease))
          await this.#end(tail.begin, 'dead');
        else {
          await this.#want(coll, tail);
          await this.#pause();
        }
        continue;
      }
      const mine = tail !== undefined && this.#last.get(coll) === tail.begin.k;
      if (tail !== undefined && !mine && !tail.settled && unsettled !== tail.begin.k) {
        // The writer of the range is about to settle it.
        unsettled = tail.begin.k;
        await this.#pause();
        continue;
      }
      const polite = mine && tail.wantedBy !== undefined && tail.wantedBy !== this.#name;
      if (polite && this.#clock.monotonic() - since < COURTESY_MS) {
        await this.#pause();
        continue;
      }
      if (tail !== undefined && !tail.settled) await this.#settling.other(tail);
      const begin = await this.#insertBegin(await this.#beginAfter(tail, coll, works, leaseMs));
      if (begin === undefined) continue;
      this.#last.set(coll, begin.k);
      return begin;
    }
  }

  #pause(): Promise<void> {
    return this.#clock.wait(this.#pace);
  }

  /** Records once per range that a process waits for the next one. */
  async #want(coll: string, { begin, wantedBy }: Tail): Promise<void> {
    if (wantedBy !== undefined || begin.k === this.#last.get(coll)) return;
    const k = begin.k + 1;
    await ignoreDuplicate(
      this.#c.turns.insertOne({
        _id: `want/${coll}/${padded(k)}`,
        kind: 'want',
        coll,
        k,
        token: this.#name,
        at: new Date(this.#clock.now()),
      }),
    );
  }

  /** Returns how long this process has seen this range open, in milliseconds. */
  #openFor({ coll, k }: BeginDocument): number {
    const now = this.#clock.monotonic();
    const seen = this.#open.get(coll);
    if (seen?.k === k) return now - seen.since;
    this.#open.set(coll, { k, since: now });
    return 0;
  }

  async #beginAfter(
    tail: Tail | undefined,
    coll: string,
    works: readonly Work[],
    leaseMs: number,
  ): Promise<BeginDocument> {
    const dead = [...(tail?.begin.dead ?? []), ...(tail?.outcome === 'dead' ? [tail.begin.k] : [])];
    if (dead.length > DEAD_REMEMBERED)
      await this.#settling.clean(coll, dead.splice(0, dead.length - DEAD_REMEMBERED));
    const k = (tail?.begin.k ?? 0) + 1;
    const now = microsOf(this.#clock);
    const lo = Math.max(now, (tail?.begin.hi ?? 0) + ADDED_STEP);
    if (lo > now + 2_000_000) this.#onClockAhead?.(coll, Math.round((lo - now) / 1000));
    return {
      _id: `begin/${coll}/${padded(k)}`,
      kind: 'begin',
      coll,
      k,
      lo,
      hi: lo + ADDED_STEP * roomFor(works),
      dead,
      tombstones: (tail?.begin.tombstones ?? false) || works.some(removesEntries),
      token: this.#ids.uuid(),
      lease: leaseMs,
      at: new Date(this.#clock.now()),
    };
  }

  /** Undefined if another writer was faster. */
  async #insertBegin(begin: BeginDocument): Promise<BeginDocument | undefined> {
    const since = { wall: this.#clock.now(), monotonic: this.#clock.monotonic() };
    for (;;) {
      try {
        await this.#c.turns.insertOne(begin);
      } catch (error) {
        // The response to our own insert may have been lost. The turn is then ours nevertheless.
        const there = await this.#c.turns.findOne({ _id: begin._id }).catch(() => null);
        if (there !== null && (there as BeginDocument).token !== begin.token) return undefined;
        if (there === null) {
          if (this.#clock.monotonic() - since.monotonic > (isDuplicate(error) ? NO_MAJORITY_MS : UNKNOWN_MS))
            throw error;
          await this.#clock.wait(UNKNOWN_WAIT_MS);
          continue;
        }
      }
      // A process that was suspended after it read the tail may have begun a range whose documents were swept in the
      // meantime.
      if (!this.#tookTooLong(since)) return begin;
      await this.#giveUp(begin);
      return undefined;
    }
  }

  async #settleOwn(begin: BeginDocument, written: Written): Promise<void> {
    const since = this.#clock.monotonic();
    for (;;) {
      try {
        await this.#settling.setFlags(begin.k, written.flags);
        if (written.gone.length > 0) await this.#c.entries.deleteMany({ _id: { $in: written.gone } });
        await this.#settling.done(begin);
        return;
      } catch {
        // The range is committed in any case. The next reader or writer updates what is derived from it.
        if (this.#clock.monotonic() - since > this.#leaseMs) return;
        await this.#clock.wait(UNKNOWN_WAIT_MS);
      }
    }
  }
}
