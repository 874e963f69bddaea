import pLimit from 'p-limit';
import { endsWithin } from '../kernel/deadline.ts';

/** Number of sources that are fetched at the same time. */
const AT_ONCE = 16;
/** A fetch that takes longer than this gives its place to the next one. */
const SLOW_MS = 60_000;
/** Number of fetches that have given their places away. With one more, the oldest of them is stopped. */
const MOST_SLOW = 48;

/** Limits of the places. */
export interface PlaceLimits {
  readonly atOnce: number;
  readonly slowMs: number;
  readonly mostSlow: number;
}

/**
 * The places for fetches. A slow source leaves its place after some time and continues outside them, so slow sources
 * never occupy all places.
 */
export class FetchPlaces {
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #slowMs: number;
  readonly #mostSlow: number;
  /** Stops the slow fetches, oldest first. */
  readonly #slow = new Set<AbortController>();

  constructor(
    { atOnce, slowMs, mostSlow }: PlaceLimits = { atOnce: AT_ONCE, slowMs: SLOW_MS, mostSlow: MOST_SLOW },
  ) {
    this.#limit = pLimit(atOnce);
    this.#slowMs = slowMs;
    this.#mostSlow = mostSlow;
  }

  /** Fetches when a place is free. The signal is aborted when too many fetches are slow, and this is the oldest. */
  async run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    // The promise is wrapped, because the place would otherwise be kept until it is settled.
    const { running, isSlow } = await this.#limit(async () => {
      const begun = work(controller.signal);
      return { running: begun, isSlow: !(await endsWithin(this.#slowMs, begun)) };
    });
    if (!isSlow) return running;
    this.#slow.add(controller);
    if (this.#slow.size > this.#mostSlow) {
      const [oldest] = this.#slow;
      oldest?.abort();
    }
    return running.finally(() => this.#slow.delete(controller));
  }
}
