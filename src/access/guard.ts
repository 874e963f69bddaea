import { isIP } from 'node:net';
import { addressNumber, specialKind, unmapped } from '../kernel/address.ts';
import type { Clock } from '../kernel/clock.ts';

/** Failures that are put up with before anybody has to wait. */
const FREE = 10;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 900_000;
/** Names and addresses that are watched at once; the one that failed longest ago makes room. */
const MOST = 50_000;
/** So long without a failure, and all is forgotten. */
const FORGET_MS = 3_600_000;

interface Failures {
  count: number;
  /** On the monotonic clock. */
  last: number;
}

/**
 * Slows down whoever guesses secrets (security.md R-011): after ten failures of an account name, or from an address (of IPv6
 * its /64), each further one is answered by a longer wait, from a second to a quarter of an hour. It counts failures only: who
 * has the right credentials is never kept out by somebody else's guesses, and there is no lock-out to be misused. What comes
 * from the hub's own machine is not counted: behind a proxy the client's address counts, where the proxy is a trusted one.
 */
export class Guard {
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes a failure. Gives the seconds that the client is told to wait; 0 for none. */
  failed(address: string, account: string): number {
    if (isIP(address) === 0 || specialKind(address) === 'loopback') return 0;
    const waits = [
      ...(account === '' ? [] : [this.#count(`account ${account}`)]),
      this.#count(`address ${networkOf(address)}`),
    ];
    return Math.ceil(Math.max(0, ...waits) / 1000);
  }

  #count(key: string): number {
    const now = this.#clock.monotonic();
    const known = this.#failures.get(key);
    const count = known === undefined || now - known.last > FORGET_MS ? 1 : known.count + 1;
    // Moved to the end: the map is in the order of last failures.
    this.#failures.delete(key);
    this.#failures.set(key, { count, last: now });
    if (this.#failures.size > MOST) {
      const [oldest] = this.#failures.keys();
      if (oldest !== undefined) this.#failures.delete(oldest);
    }
    if (count <= FREE) return 0;
    return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(count - FREE - 1, 20));
  }
}

/** An IPv4 address as it is; of an IPv6 one the /64, which is one customer. */
function networkOf(address: string): string {
  const plain = unmapped(address);
  return isIP(plain) === 6 ? `${(addressNumber(plain) >> 64n).toString(16)}/64` : plain;
}
