import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { reasonOf } from '../../kernel/problem.ts';
import { holdLease } from '../../store/held-lease.ts';
import type { Store } from '../../store/store.ts';
import type { Recovery } from '../intake/recovery.ts';
import { WorkLoop } from '../../kernel/work-loop.ts';

const DAY_MS = 86_400_000;
/** Days for which refusals are kept. */
const REFUSAL_DAYS = 30;
const EVERY_MS = 3_600_000;
const LEASE = 'housekeeping';
const LEASE_MS = 60_000;

/**
 * Hourly clean-up, by one process at a time. It removes data that nothing refers to, statuses older than a day and
 * refusals older than a month. It also continues the work of killed processes.
 */
export class Housekeeping {
  readonly #store: Store;
  readonly #recovery: Recovery;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #further: readonly (() => Promise<void>)[];
  readonly #loop: WorkLoop;

  /** `further` contains the clean-up tasks of other components. */
  constructor(
    store: Store,
    recovery: Recovery,
    clock: Clock,
    log: Log,
    further: readonly (() => Promise<void>)[] = [],
  ) {
    this.#further = further;
    this.#store = store;
    this.#recovery = recovery;
    this.#clock = clock;
    this.#log = log;
    this.#loop = new WorkLoop(
      clock,
      EVERY_MS,
      async () => void (await this.tidy()),
      (error) => this.#log.warn('housekeeping.failed', { reason: reasonOf(error) }),
    );
  }

  /** Runs at once and then every hour, until `stop`. */
  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Runs one round. Returns false if another process is doing it. */
  async tidy(): Promise<boolean> {
    const held = await holdLease(this.#store, this.#clock, LEASE, LEASE_MS);
    if (held === undefined) return false;
    try {
      await this.#recovery.recover();
      await this.#recovery.retryDates();
      for (const tidy of this.#further) await tidy();
      const now = this.#clock.now();
      const swept = await this.#store.sweep(now - DAY_MS, now - REFUSAL_DAYS * DAY_MS);
      if (swept > 0) this.#log.info('housekeeping.swept', { swept });
      return true;
    } finally {
      await held.release();
    }
  }
}
