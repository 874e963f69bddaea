import type { Clock } from '../kernel/clock.ts';
import { Problem } from '../kernel/problem.ts';

/** Seconds of its rate that an account may take at once after it was quiet. */
const BURST_S = 2;
/** Accounts that are watched at once. */
const MOST = 50_000;

interface Bucket {
  left: number;
  /** On the monotonic clock. */
  at: number;
}

/** How many requests a second each account may make; 0 for any number (setting `limits`, security.md R-146). */
export interface RateLimits {
  readonly reads: number;
  readonly writes: number;
}

/** Keeps accounts to their rates, reads and writes apart. Each process counts for itself. */
export class Rates {
  readonly #limits: RateLimits;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits: RateLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Takes one request off. Throws a Problem of kind rate-limited, with the time to wait, when there are none left. */
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
      throw new Problem('rate-limited', `More than ${rate} ${kind} a second`, {
        hint: 'Wait as long as Retry-After says; larger pages need fewer requests.',
        code: 'TLN-A-430',
        headers: { 'Retry-After': String(Math.max(1, Math.ceil((1 - left) / rate))) },
      });
    }
    this.#buckets.set(key, { left: left - 1, at: now });
  }
}
