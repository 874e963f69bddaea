import type { Clock } from '../kernel/clock.ts';
import { accessErrors } from './errors.ts';

/** After a pause, an account may use this many seconds of its rate at once. */
const BURST_S = 2;
/** Maximum number of accounts that are tracked at the same time. */
const MOST = 50_000;

interface Bucket {
  left: number;
  /** Milliseconds on the monotonic clock. */
  at: number;
}

/** Maximum number of requests per second and account (setting `limits`). 0 means unlimited. */
export interface RateLimits {
  readonly reads: number;
  readonly writes: number;
}

/** Enforces the request rates of accounts, with reads and writes counted separately. Each process counts on its own. */
export class Rates {
  readonly #limits: RateLimits;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits: RateLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Counts one request. Throws a Problem of kind rate-limited, with the time to wait, when the rate is exceeded. */
  take(account: string, kind: keyof RateLimits): void {
    const rate = this.#limits[kind];
    if (rate === 0) return;
    const most = Math.max(1, rate * BURST_S);
    const now = this.#clock.monotonic();
    const key = `${kind} ${account}`;
    const known = this.#buckets.get(key);
    const left = known === undefined ? most : Math.min(most, known.left + ((now - known.at) / 1000) * rate);
    if (known === undefined && this.#buckets.size >= MOST) this.#buckets.clear();
    if (left < 1) {
      this.#buckets.set(key, { left, at: now });
      throw accessErrors.rateLimited(
        { rate, kind },
        { headers: { 'Retry-After': String(Math.max(1, Math.ceil((1 - left) / rate))) } },
      );
    }
    this.#buckets.set(key, { left: left - 1, at: now });
  }
}
