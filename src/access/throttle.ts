import { isIP } from 'node:net';
import { addressNumber, specialKind, unmapped } from '../kernel/address.ts';
import type { Clock } from '../kernel/clock.ts';
import { Problem } from '../kernel/problem.ts';
import type { ClientCertificate } from './certificates.ts';
import type { HashPlace } from './passwords.ts';
import type { Tallies, TallyRules } from './tallies.ts';

/** How somebody gives a secret. Every path that checks one is a way. */
export const WAYS = ['console', 'basic', 'confirmation', 'code', 'key', 'link'] as const;
export type Way = (typeof WAYS)[number];

/** Where a request comes from. */
export interface Origin {
  /** Address of the client, behind whatever proxies are trusted. */
  readonly address: string;
  /** What the client calls itself. */
  readonly agent: string;
  /** The cookie of a device that has signed in before, as sent. */
  readonly device?: string | undefined;
  /** The certificate that the client has shown. */
  readonly certificate?: ClientCertificate | undefined;
}

/** An attempt to give a secret. */
export interface Attempt {
  readonly way: Way;
  /** Id of the account, or the name that was typed where no account has it; '' where there is none to count by. */
  readonly account: string;
  /** Name and member of the account, where there is one. Other names are not kept: they may be mistyped passwords. */
  readonly named?: { readonly name: string; readonly member: string | undefined } | undefined;
  readonly from: Origin;
}

/** Knows from where people have signed in before. */
export interface KnownPlaces {
  /** A name for the place or device if it has signed in to the account before; undefined for a new one. */
  knows(account: string, from: Origin): Promise<string | undefined>;
}

/** Hears of every attempt that failed or had to wait. */
export interface FailureWatch {
  failed(attempt: Attempt, reason: 'wrong' | 'throttled'): void;
}

/** Failures that have no consequence, by what is counted. */
const FREE = { account: 10, place: 10, address: 10, wide: 50 } as const;
/** Checks at once from one network without any failure: an office in which everybody signs in at nine. */
const BURST = { address: 40, wide: 200 } as const;
/** Guesses in a day against one account: from all new places together, and from each known one. */
const DAY_MOST = { account: 200, place: 100 } as const;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 900_000;
const DAY_MS = 86_400_000;

/** How failures are counted: together over all processes, so that guessing at another process gains nothing. */
export const THROTTLE_TALLIES: TallyRules = { purpose: 'guard', keptMs: 3_600_000, least: 5 };
export const THROTTLE_DAY_TALLIES: TallyRules = { purpose: 'guard-day', keptMs: DAY_MS, least: 20 };

interface Counter {
  readonly name: string;
  readonly free: number;
  /** Checks that may run at once while there was no failure. */
  readonly burst: number;
}

/**
 * Slows down guessing of secrets. Every attempt is admitted before its secret is looked at, and counts as a failure while it
 * runs, so that parallel guesses gain nothing and a refused guess costs no hash.
 *
 * New places are counted per account (from everywhere), per address (/64 of IPv6) and per /48. After ten failures each further
 * one is followed by a wait, from a second to a quarter of an hour, in which no secret is accepted, not even the right one.
 * A place or device that has signed in to the account before has counts of its own, so that guessers from elsewhere cannot
 * lock out the owner. A day ends at a fixed number of guesses in any case. The hub's own machine is counted by account only:
 * behind a proxy that is not set up as a trusted one, everybody comes from there.
 */
export class Throttle {
  readonly #tallies: Tallies;
  readonly #days: Tallies;
  readonly #places: KnownPlaces;
  readonly #watch: FailureWatch;
  readonly #clock: Clock;
  /** Checks that run now, by what counts them. */
  readonly #running = new Map<string, number>();

  constructor(tallies: Tallies, days: Tallies, places: KnownPlaces, watch: FailureWatch, clock: Clock) {
    this.#tallies = tallies;
    this.#days = days;
    this.#places = places;
    this.#watch = watch;
    this.#clock = clock;
  }

  /**
   * Runs a check of a secret, or throws a Problem of kind rate-limited without running it. The check throws a Problem of kind
   * `unauthenticated` when the secret is wrong. Every other end gives the attempt back.
   */
  async check<T>(attempt: Attempt, check: (place: HashPlace) => Promise<T>): Promise<T> {
    const known =
      attempt.account === '' ? undefined : await this.#places.knows(attempt.account, attempt.from);
    const { counters, day } = this.#admit(attempt, known);
    const names = [...counters.map(({ name }) => name), day];
    for (const name of names) this.#running.set(name, this.#pending(name) + 1);
    try {
      const result = await check({ lane: known === undefined ? 'new' : 'known', group: groupOf(attempt) });
      if (known !== undefined) for (const { name } of counters) this.#tallies.reset(name);
      return result;
    } catch (error) {
      if (error instanceof Problem && error.kind === 'unauthenticated') this.#failed(attempt, counters, day);
      throw error;
    } finally {
      for (const name of names) {
        const pending = this.#pending(name) - 1;
        if (pending > 0) this.#running.set(name, pending);
        else this.#running.delete(name);
      }
    }
  }

  /**
   * Throws as `check` does while somebody who gives a secret that is known to be right has to wait. It runs nothing, so any
   * number of polls at once may ask.
   */
  async demandNoWait(attempt: Attempt): Promise<void> {
    const known = await this.#places.knows(attempt.account, attempt.from);
    this.#admit(attempt, known, () => 0);
  }

  /**
   * Counts a secret that was found wrong by a lookup which costs nothing and whose secrets nobody can guess (keys and links).
   * Gives the problem to answer with: of kind rate-limited once there were too many. Right ones are never refused.
   */
  wrong(attempt: Attempt, problem: Problem): Problem {
    try {
      const { counters, day } = this.#admit(attempt, undefined);
      this.#failed(attempt, counters, day);
      return problem;
    } catch (error) {
      if (error instanceof Problem) return error;
      throw error;
    }
  }

  #failed(attempt: Attempt, counters: readonly Counter[], day: string): void {
    for (const { name } of counters) this.#tallies.add(name);
    if (attempt.account !== '') this.#days.add(day);
    this.#watch.failed(attempt, 'wrong');
  }

  #pending(name: string): number {
    return this.#running.get(name) ?? 0;
  }

  #admit(
    attempt: Attempt,
    known: string | undefined,
    pendingOf = (name: string): number => this.#running.get(name) ?? 0,
  ): { counters: readonly Counter[]; day: string } {
    const counters = countersOf(attempt, known);
    const wait = Math.max(0, ...counters.map((counter) => this.#waitOf(counter, pendingOf(counter.name))));
    const { account } = attempt;
    const day = `${new Date(this.#clock.now()).toISOString().slice(0, 10)} ${account} ${known ?? ''}`;
    const most = DAY_MOST[known === undefined ? 'account' : 'place'];
    const isOver = account !== '' && this.#days.sum(day) + pendingOf(day) >= most;
    if (wait === 0 && !isOver) return { counters, day };
    this.#watch.failed(attempt, 'throttled');
    throw new Problem('rate-limited', 'Too many failed sign-ins', {
      description: 'Wrong credentials were sent again and again. Until the wait is over, none are accepted.',
      hint: 'Check the account, the key or the password, and try again after the wait.',
      headers: { 'Retry-After': String(Math.ceil((isOver ? LONGEST_WAIT_MS : wait) / 1000)) },
      code: 'TLN-A-429',
    });
  }

  /** Milliseconds until the next check may run; 0 when it may run now. */
  #waitOf({ name, free, burst }: Counter, pending: number): number {
    const failures = this.#tallies.sum(name);
    if (failures + pending < (failures === 0 ? burst : free)) return 0;
    const pause = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(Math.max(0, failures - free), 20));
    if (pending > 0) return pause;
    return failures < free ? 0 : Math.max(0, this.#tallies.changedAt(name) + pause - this.#clock.monotonic());
  }
}

/** What an attempt is counted by. Keys and links are counted apart: wrong ones of a machine do not slow down people. */
function countersOf({ way, account, from }: Attempt, known: string | undefined): readonly Counter[] {
  if (known !== undefined)
    return [{ name: `place ${account} ${known}`, free: FREE.place, burst: FREE.place }];
  const apart = way === 'key' || way === 'link' ? `${way} ` : '';
  const counters: Counter[] = [];
  if (account !== '') counters.push({ name: `account ${account}`, free: FREE.account, burst: FREE.account });
  if (isIP(from.address) === 0 || specialKind(from.address) === 'loopback') return counters;
  counters.push({
    name: `${apart}address ${networkOf(from.address)}`,
    free: FREE.address,
    burst: BURST.address,
  });
  const wide = wideNetworkOf(from.address);
  if (wide !== undefined) counters.push({ name: `${apart}wide ${wide}`, free: FREE.wide, burst: BURST.wide });
  return counters;
}

/** Whose hashes wait together: a network, or an account where everything comes from the hub's own machine. */
function groupOf({ account, from }: Attempt): string {
  return isIP(from.address) === 0 || specialKind(from.address) === 'loopback'
    ? account
    : networkOf(from.address);
}

/** An IPv4 address as it is; of an IPv6 one the /64, which is one customer. */
export function networkOf(address: string): string {
  const plain = unmapped(address);
  return isIP(plain) === 6 ? `${(addressNumber(plain) >> 64n).toString(16)}/64` : plain;
}

/** The network that an address most likely shares with its neighbours: of IPv4 the /24, of IPv6 the /48. */
export function siteOf(address: string): string {
  return wideNetworkOf(address) ?? `${unmapped(address).split('.').slice(0, 3).join('.')}/24`;
}

/** The /48 of an IPv6 address, which one customer may have as a whole. */
function wideNetworkOf(address: string): string | undefined {
  const plain = unmapped(address);
  return isIP(plain) === 6 ? `${(addressNumber(plain) >> 80n).toString(16)}/48` : undefined;
}
