import type { Clock } from '../kernel/clock.ts';
import type { HubRecord, RecordView, Store } from '../store/store.ts';
import { ACCESS_KINDS, type AccessRecords } from './access-records.ts';
import { Snapshot } from './snapshot.ts';

/**
 * Maximum age of a snapshot on a store that other processes also write to. A change takes effect in all processes
 * within seconds.
 */
const FRESH_MS = 2_000;

/** Keeps the newest snapshot in memory, so that access decisions need no store command. */
export class Directory {
  readonly #store: Store;
  readonly #clock: Clock;
  #snapshot: Snapshot | undefined;
  #view: RecordView | undefined;
  #checked = Number.NEGATIVE_INFINITY;
  #reading: Promise<Snapshot> | undefined;
  #begun = 0;
  #taken = 0;

  readonly #title: string;

  /** `title` is the title of the hub. */
  constructor(store: Store, clock: Clock, title = '') {
    this.#title = title;
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Returns the current snapshot. Reads the store only when something has changed. Simultaneous callers share one read.
   */
  async current(): Promise<Snapshot> {
    const snapshot = this.#snapshot;
    if (
      snapshot !== undefined &&
      this.#clock.monotonic() - this.#checked < FRESH_MS &&
      this.#clock.now() < snapshot.changesAt
    )
      return snapshot;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
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
    return this.#read();
  }

  /** Makes the next call of `current` read the store again. */
  touch(): void {
    this.#checked = Number.NEGATIVE_INFINITY;
  }

  async #read(): Promise<Snapshot> {
    const begun = ++this.#begun;
    const checked = this.#clock.monotonic();
    const view = await this.#store.view(ACCESS_KINDS, this.#view);
    let snapshot = this.#snapshot;
    const now = this.#clock.now();
    if (snapshot === undefined || view !== this.#view || now >= snapshot.changesAt) {
      const records: Record<string, readonly HubRecord[]> = Object.fromEntries(
        ACCESS_KINDS.map((kind) => [kind, [...(view.records.get(kind)?.values() ?? [])]]),
      );
      snapshot = new Snapshot(records as AccessRecords, now);
    }
    // Of two overlapping reads, the one that began later is more recent.
    if (begun > this.#taken) {
      this.#taken = begun;
      this.#snapshot = snapshot;
      this.#view = view;
      this.#checked = checked;
    }
    return snapshot;
  }
}
