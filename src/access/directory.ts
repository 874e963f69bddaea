import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { Slices } from '../kernel/slices.ts';
import type { RecordView, Store } from '../store/store.ts';
import { ACCESS_KINDS, accessRecords } from './access-records.ts';
import { Snapshot } from './snapshot.ts';

/**
 * Maximum age of a snapshot on a store that other processes also write to. A change takes effect in all processes
 * within seconds.
 */
const FRESH_MS = 2_000;
/** Maximum number of damaged records that the log names. */
const MOST_NAMED = 20;

/** Keeps the newest snapshot in memory, so that access decisions need no store command. */
export class Directory {
  readonly #store: Pick<Store, 'view'>;
  readonly #clock: Clock;
  #snapshot: Snapshot | undefined;
  #view: RecordView | undefined;
  #checked = Number.NEGATIVE_INFINITY;
  /** The last read that has not ended. */
  #reading: { readonly begun: number; readonly snapshot: Promise<Snapshot> } | undefined;
  /** The number of the last read that has begun. */
  #begun = 0;
  /** The number of the read that the snapshot is from. */
  #taken = 0;
  /** The number of the first read that contains all changes that are known. */
  #needed = 0;

  readonly #title: string;
  readonly #log: Log | undefined;
  /** The damaged records that were last logged. */
  #told = '';

  /** `title` is the title of the hub. */
  constructor(store: Pick<Store, 'view'>, clock: Clock, title = '', log?: Log) {
    this.#title = title;
    this.#log = log;
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Returns the current snapshot. Reads the store only when something has changed. Simultaneous callers share one read.
   * While the snapshot of a large change is made in slices, callers wait for it. They never get the one before it.
   */
  async current(): Promise<Snapshot> {
    const snapshot = this.#snapshot;
    if (
      snapshot !== undefined &&
      this.#taken >= this.#needed &&
      this.#clock.monotonic() - this.#checked < FRESH_MS &&
      this.#clock.now() < snapshot.changesAt
    )
      return snapshot;
    const reading = this.#reading;
    return reading !== undefined && reading.begun >= this.#needed ? reading.snapshot : this.#begin();
  }

  /** Names that a password of the account must not be made of. */
  async namesAround(account: string, member: string | undefined): Promise<readonly string[]> {
    const title = member === undefined ? undefined : (await this.current()).members.get(member)?.title;
    return [
      account,
      this.#title,
      ...(member === undefined ? [] : [member]),
      ...(title === undefined ? [] : [title]),
    ];
  }

  /** Reads the store after a change of the caller's own. It never shares a read that began before that change. */
  refresh(): Promise<Snapshot> {
    return this.#begin();
  }

  /** Makes the next call of `current` read the store again. */
  touch(): void {
    this.#needed = this.#begun + 1;
  }

  /** Begins a read. Callers of `current` can share it until it ends. */
  #begin(): Promise<Snapshot> {
    const snapshot = this.#read();
    const reading = { begun: this.#begun, snapshot };
    this.#reading = reading;
    const end = (): void => {
      if (this.#reading === reading) this.#reading = undefined;
    };
    snapshot.then(end, end);
    return snapshot;
  }

  /** Logs damaged records once, and again when there are others. */
  #tell({ damage: { names } }: Snapshot): void {
    const told = names.join(' ');
    if (told === this.#told) return;
    this.#told = told;
    if (names.length === 0) this.#log?.info('access.repaired');
    else
      this.#log?.error('access.damaged', {
        count: names.length,
        records: names.slice(0, MOST_NAMED).join(', '),
      });
  }

  async #read(): Promise<Snapshot> {
    const begun = ++this.#begun;
    const checked = this.#clock.monotonic();
    const view = await this.#store.view(ACCESS_KINDS, this.#view);
    let snapshot = this.#snapshot;
    const now = this.#clock.now();
    if (snapshot === undefined || view !== this.#view || now >= snapshot.changesAt) {
      const records = accessRecords((kind) => view.records.get(kind));
      this.#needed = Math.max(this.#needed, begun);
      snapshot = await new Slices(this.#clock).through(Snapshot.after(snapshot, records, now));
    }
    // Of two overlapping reads, the one that began later is more recent.
    if (begun > this.#taken) {
      this.#taken = begun;
      this.#snapshot = snapshot;
      this.#view = view;
      this.#checked = checked;
      this.#tell(snapshot);
    }
    return snapshot;
  }
}
