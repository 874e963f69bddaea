import { isIP } from 'node:net';
import { addressNumber, specialKind, unmapped } from '../kernel/address.ts';
import type { Tallies, TallyRules } from './tallies.ts';

/** Failures that are put up with before anybody has to wait. */
const FREE = 10;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 900_000;
/** So long without a failure, and all is forgotten. */
const FORGET_MS = 3_600_000;

/** How failures are counted: together over all processes, so that it is of no use to guess at another one. */
export const GUARD_TALLIES: TallyRules = { purpose: 'guard', keptMs: FORGET_MS, least: 5 };

/**
 * Slows down whoever guesses secrets (security.md R-011): after ten failures of an account name, or from an address (of IPv6
 * its /64), each further one is answered by a longer wait, from a second to a quarter of an hour. It counts failures only: who
 * has the right credentials is never kept out by somebody else's guesses, and there is no lock-out to be misused. What comes
 * from the hub's own machine is not counted: behind a proxy the client's address counts, where the proxy is a trusted one.
 */
export class Guard {
  readonly #tallies: Pick<Tallies, 'add'>;

  constructor(tallies: Pick<Tallies, 'add'>) {
    this.#tallies = tallies;
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
    const count = this.#tallies.add(key);
    if (count <= FREE) return 0;
    return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(count - FREE - 1, 20));
  }
}

/** An IPv4 address as it is; of an IPv6 one the /64, which is one customer. */
function networkOf(address: string): string {
  const plain = unmapped(address);
  return isIP(plain) === 6 ? `${(addressNumber(plain) >> 64n).toString(16)}/64` : plain;
}
