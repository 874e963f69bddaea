import { hash } from 'node:crypto';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { Problem, reasonOf } from '../kernel/problem.ts';
import { number, RecordKind, text } from '../store/records.ts';
import { removal, type Store } from '../store/store.ts';
import { WorkLoop } from '../kernel/work-loop.ts';

const SYNC_MS = 2_000;
/** Maximum number of names that are counted. The name that was counted least recently is dropped first. */
const MOST = 50_000;
/** Maximum number of names that one sync writes. */
const MOST_WRITTEN = 200;
/** Maximum number of names with a record. Beyond that, each process counts on its own. */
const MOST_RECORDS = 10_000;

/** A count that processes share. Its index key `purpose` separates counts of different things. */
export interface TallyRecord {
  readonly name: string;
  readonly sum: number;
}

export const TALLIES = new RecordKind<TallyRecord>({ kind: 'tally', fields: { name: text, sum: number } });

export interface TallyRules {
  /** Separates counts of different things. */
  readonly purpose: string;
  /** A count that does not change for this many milliseconds is dropped. */
  readonly keptMs: number;
  /** Smaller counts stay in the process that counted them. */
  readonly least?: number;
}

interface Tally {
  /** The count of all processes, as far as this process knows it. */
  shared: number;
  /** The count of this process since its last sync. */
  own: number;
  /** The count starts again from zero, whatever the other processes still know. */
  anew: boolean;
  /** The time of the last count or change, on the monotonic clock of this process. */
  last: number;
}

/**
 * Counts that all processes share within seconds. Each process counts in memory and regularly adds its new counts to a
 * record. Clocks of different processes are never compared: a count is dropped when this process has not seen it change
 * for `keptMs`.
 */
export class Tallies {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #keptMs: number;
  readonly #purpose: string;
  readonly #least: number;
  readonly #tallies = new Map<string, Tally>();
  readonly #loop: WorkLoop;

  constructor(store: Store, clock: Clock, log: Log, { purpose, keptMs, least = 1 }: TallyRules) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#purpose = purpose;
    this.#keptMs = keptMs;
    this.#least = least;
    this.#loop = new WorkLoop(
      clock,
      SYNC_MS,
      () => this.sync(),
      (error) => this.#log.warn('counts.not_shared', { purpose: this.#purpose, reason: reasonOf(error) }),
    );
  }

  /** Adds to a count and returns the sum. */
  add(name: string, by = 1): number {
    const now = this.#clock.monotonic();
    // The same object, because a sync that is writing the count takes what it has written from it afterwards.
    const tally = this.#known(name) ?? { shared: 0, own: 0, anew: this.#tallies.has(name), last: now };
    tally.own += by;
    tally.last = now;
    // The entry moves to the end, because the map is ordered by the time of the last count.
    this.#tallies.delete(name);
    this.#tallies.set(name, tally);
    if (this.#tallies.size > MOST) {
      const [oldest] = this.#tallies.keys();
      if (oldest !== undefined) this.#tallies.delete(oldest);
    }
    return tally.shared + tally.own;
  }

  /** Resets a count in this process and in the others. */
  reset(name: string): void {
    const known = this.#known(name);
    if (known !== undefined) known.own = -known.shared;
  }

  /** Returns the time of the last change of a count, on the monotonic clock of this process. */
  changedAt(name: string): number {
    return this.#known(name)?.last ?? Number.NEGATIVE_INFINITY;
  }

  /** Returns all counts that are above zero. */
  all(): readonly { readonly name: string; readonly sum: number }[] {
    return [...this.#tallies.keys()].flatMap((name) => {
      const sum = this.sum(name);
      return sum > 0 ? [{ name, sum }] : [];
    });
  }

  sum(name: string): number {
    const known = this.#known(name);
    return known === undefined ? 0 : known.shared + known.own;
  }

  #known(name: string): Tally | undefined {
    const tally = this.#tallies.get(name);
    return tally === undefined || this.#clock.monotonic() - tally.last > this.#keptMs ? undefined : tally;
  }

  /** Shares the counts of this process, and reads those of the others. */
  async sync(): Promise<void> {
    const records = new Map(
      (await TALLIES.in(this.#store).by('purpose', this.#purpose)).map(
        (record) => [record.document.name, record] as const,
      ),
    );
    let written = 0;
    let room = MOST_RECORDS - records.size;
    for (const [name, tally] of this.#tallies) {
      const { own } = tally;
      if (own === 0 || this.#known(name) === undefined) continue;
      // A count that decreased is also shared, if other processes know it.
      if (tally.shared === 0 && own < this.#least) continue;
      const record = records.get(name);
      if (record === undefined && room-- <= 0) continue;
      if (++written > MOST_WRITTEN) break;
      const before = tally.anew ? 0 : (record?.document.sum ?? 0);
      try {
        await this.#store.commit({
          records: [
            TALLIES.put(
              hash('sha256', `${this.#purpose}\n${name}`),
              record,
              { name, sum: Math.max(0, before + own) },
              { purpose: this.#purpose },
            ),
          ],
        });
        tally.own -= own;
        tally.anew = false;
        tally.shared = Math.max(0, before + own);
        records.delete(name);
      } catch (error) {
        // Another process was faster. The next sync adds the count.
        if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
      }
    }
    for (const [name, { document }] of records) this.#heard(name, document.sum);
  }

  #heard(name: string, sum: number): void {
    const known = this.#tallies.get(name);
    if (known === undefined) {
      if (this.#tallies.size < MOST)
        this.#tallies.set(name, { shared: sum, own: 0, anew: false, last: this.#clock.monotonic() });
    } else if (known.shared !== sum && !known.anew) {
      known.shared = sum;
      known.last = this.#clock.monotonic();
    }
  }

  /** Removes records of counts that have not changed for a long time. */
  async sweep(): Promise<void> {
    for (const record of await TALLIES.in(this.#store).by('purpose', this.#purpose)) {
      const name = record.document.name;
      const tally = this.#tallies.get(name);
      if (tally === undefined || this.#known(name) !== undefined) continue;
      await this.#store.commit({
        records: [removal(record)],
      });
      this.#tallies.delete(name);
    }
  }

  /** Syncs every few seconds, until `stop` is called. */
  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.sync().catch(() => undefined);
  }
}
