import { principalId, type Principal } from '../principal.ts';
import { isIP } from 'node:net';
import { addressNumber, networkOf, specialKind, unmapped } from '../../kernel/address.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Problem } from '../../kernel/problem.ts';
import type { ClientCertificate } from '../certificates.ts';
import type { HashPlace } from '../accounts/passwords.ts';
import type { Tallies, TallyRules } from '../tallies.ts';
import { sessionErrors } from './errors.ts';

/** The means by which a secret is sent. Every code path that checks a secret has one. */
const WAYS = ['console', 'basic', 'confirmation', 'code', 'key', 'link', 'sign-on'] as const;
export type Way = (typeof WAYS)[number];

/** The origin of a request. */
export interface Origin {
  /** The address of the client, behind trusted proxies. */
  readonly address: string;
  /** The client's User-Agent. */
  readonly agent: string;
  /** The cookie of a device that has signed in before, as received. */
  readonly device?: string | undefined;
  /** The certificate that the client presented. */
  readonly certificate?: ClientCertificate | undefined;
}

/** An attempt to sign in with a secret. */
export interface Attempt {
  readonly way: Way;
  /** The id of the account, or the name that was typed if no account has it. '' when the attempt names no account. */
  readonly account: string;
  /**
   * The name and member of an existing account. Other names are not recorded, because they may be mistyped
   * passwords.
   */
  readonly named?: { readonly name: string; readonly member: string | undefined } | undefined;
  readonly from: Origin;
}

/** A place or device that has signed in to an account before. */
export interface KnownPlace {
  readonly id: string;
  /**
   * A sign-in from there was completed with the second factor. Otherwise the place is known because of a password or a
   * mailbox alone.
   */
  readonly isComplete: boolean;
}

/** Knows the places from which people have signed in before. */
export interface KnownPlaces {
  /** Returns the place or device if it has signed in to the account before. Undefined for a new place. */
  knows(account: string, from: Origin): Promise<KnownPlace | undefined>;
}

/** Is called for every attempt that failed or was throttled. */
export interface FailureWatch {
  failed(attempt: Attempt, reason: 'wrong' | 'throttled'): void;
}

/** Failures without consequence, per kind of counter. */
const FREE = { account: 10, place: 10, address: 10, wide: 50, machine: 100 } as const;
/** Simultaneous checks from one network that has no failures, such as an office where everybody signs in at nine. */
const BURST = { address: 40, wide: 200, machine: 200 } as const;
/**
 * Maximum number of failed attempts per day for one account: from all new places together, and from each
 * known place.
 */
const DAY_MOST = { account: 200, place: 100 } as const;
/**
 * Maximum number of wrong codes of second factors per day for one account: from all places together where a sign-in was
 * completed before, and from all other places together. Somebody with the mailbox of the account can make any number of
 * devices known, because each reset by email does that, but cannot use up the share of the owner.
 */
const DAY_MOST_CODES = { complete: 100, other: 200 } as const;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 900_000;
const DAY_MS = 86_400_000;

/** Failures are counted across all processes, so switching to another process gains nothing. */
export const THROTTLE_TALLIES: TallyRules = { purpose: 'guard', keptMs: 3_600_000, least: 5 };
export const THROTTLE_DAY_TALLIES: TallyRules = { purpose: 'guard-day', keptMs: DAY_MS, least: 20 };

interface Counter {
  readonly name: string;
  readonly free: number;
  /** Checks that may run at the same time while there are no failures. */
  readonly burst: number;
}

/**
 * Slows down guessing of secrets. Every attempt must be admitted before its secret is checked, and counts as
 * a failure while it runs. Parallel guesses therefore gain nothing, and a refused guess costs no hash.
 *
 * New places are counted per account (from everywhere), per address (for IPv6, per /64) and per /48. After
 * ten failures, every further failure starts a wait of one second to 15 minutes. During the wait no secret is
 * accepted, not even the correct one. A place or device that has signed in to the account before has its own
 * counters, so guesses from elsewhere cannot lock out the owner. The number of failed attempts per day is
 * limited in any case. Attempts from the hub's own machine are counted by account, because all requests behind an
 * untrusted proxy come from there. Those that name no account share one wide counter.
 */
export class Throttle {
  readonly #tallies: Tallies;
  readonly #days: Tallies;
  readonly #places: KnownPlaces;
  readonly #watch: FailureWatch;
  readonly #clock: Clock;
  /** The number of running checks, by counter. */
  readonly #running = new Map<string, number>();

  constructor(tallies: Tallies, days: Tallies, places: KnownPlaces, watch: FailureWatch, clock: Clock) {
    this.#tallies = tallies;
    this.#days = days;
    this.#places = places;
    this.#watch = watch;
    this.#clock = clock;
  }

  /**
   * Runs a check of a secret, or throws a Problem of kind rate-limited without running it. The check throws a
   * Problem of kind `unauthenticated` when the secret is wrong. Any other outcome does not count as a
   * failure.
   */
  async check<T>(attempt: Attempt, check: (place: HashPlace) => Promise<T>): Promise<T> {
    const known =
      attempt.account === '' ? undefined : await this.#places.knows(attempt.account, attempt.from);
    const { counters, days } = this.#admit(attempt, known);
    const names = [...counters.map(({ name }) => name), ...days];
    for (const name of names) this.#running.set(name, this.#pending(name) + 1);
    try {
      const result = await check({ lane: known === undefined ? 'new' : 'known', group: groupOf(attempt) });
      if (known !== undefined) for (const { name } of counters) this.#tallies.reset(name);
      return result;
    } catch (error) {
      if (error instanceof Problem && error.kind === 'unauthenticated') this.#failed(attempt, counters, days);
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
   * Throws a Problem of kind rate-limited, as `check` does, when a request with a remembered correct secret
   * must wait. It runs no check, so any number of requests may call it at the same time.
   */
  async demandNoWait(attempt: Attempt): Promise<void> {
    const known = await this.#places.knows(attempt.account, attempt.from);
    this.#admit(attempt, known, () => 0);
  }

  /**
   * Counts a wrong secret that a cheap lookup found and that nobody can guess, such as a key or a link.
   * Returns the problem to answer with, which is of kind rate-limited after too many failures. Correct keys
   * and links are never refused.
   */
  wrong(attempt: Attempt, problem: Problem): Problem {
    try {
      const { counters, days } = this.#admit(attempt, undefined);
      this.#failed(attempt, counters, days);
      return problem;
    } catch (error) {
      if (error instanceof Problem) return error;
      throw error;
    }
  }

  #failed(attempt: Attempt, counters: readonly Counter[], days: readonly string[]): void {
    for (const { name } of counters) this.#tallies.add(name);
    for (const day of days) this.#days.add(day);
    this.#watch.failed(attempt, 'wrong');
  }

  #pending(name: string): number {
    return this.#running.get(name) ?? 0;
  }

  #admit(
    attempt: Attempt,
    known: KnownPlace | undefined,
    pendingOf = (name: string): number => this.#running.get(name) ?? 0,
  ): { counters: readonly Counter[]; days: readonly string[] } {
    const counters = countersOf(attempt, known);
    const wait = Math.max(0, ...counters.map((counter) => this.#waitOf(counter, pendingOf(counter.name))));
    const limits = this.#dayLimitsOf(attempt, known);
    const isOver = limits.some(({ name, most }) => this.#days.sum(name) + pendingOf(name) >= most);
    if (wait === 0 && !isOver) return { counters, days: limits.map(({ name }) => name) };
    this.#watch.failed(attempt, 'throttled');
    throw sessionErrors.tooManyFailures({
      headers: { 'Retry-After': String(Math.ceil((isOver ? LONGEST_WAIT_MS : wait) / 1000)) },
    });
  }

  /** The numbers of failures in a day that an attempt must not exceed. An attempt without an account has none. */
  #dayLimitsOf(
    { way, account }: Attempt,
    known: KnownPlace | undefined,
  ): readonly { readonly name: string; readonly most: number }[] {
    if (account === '') return [];
    const date = new Date(this.#clock.now()).toISOString().slice(0, 10);
    const most = DAY_MOST[known === undefined ? 'account' : 'place'];
    const share = known?.isComplete === true ? 'complete' : 'other';
    return [
      { name: `${date} ${account} ${known?.id ?? ''}`, most },
      ...(way === 'code' ? [{ name: `${date} ${account} code ${share}`, most: DAY_MOST_CODES[share] }] : []),
    ];
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

/**
 * Returns the counters of an attempt. Keys, links and returns from the sign-in provider have their own counters,
 * so wrong keys of a machine do not slow down people.
 */
function countersOf({ way, account, from }: Attempt, known: KnownPlace | undefined): readonly Counter[] {
  if (known !== undefined)
    return [{ name: `place ${account} ${known.id}`, free: FREE.place, burst: FREE.place }];
  const apart = way === 'key' || way === 'link' || way === 'sign-on' ? `${way} ` : '';
  const counters: Counter[] = [];
  if (account !== '') counters.push({ name: `account ${account}`, free: FREE.account, burst: FREE.account });
  if (isIP(from.address) === 0) return counters;
  if (specialKind(from.address) === 'loopback') {
    // Links and returns from the provider name no account, so nothing else would count them.
    if (way === 'link' || way === 'sign-on')
      counters.push({ name: `${apart}machine`, free: FREE.machine, burst: BURST.machine });
    return counters;
  }
  counters.push({
    name: `${apart}address ${networkOf(from.address)}`,
    free: FREE.address,
    burst: BURST.address,
  });
  const wide = wideNetworkOf(from.address);
  if (wide !== undefined) counters.push({ name: `${apart}wide ${wide}`, free: FREE.wide, burst: BURST.wide });
  return counters;
}

/** Returns the group whose hashes wait together: a network, or the account for attempts from the hub's own machine. */
function groupOf({ account, from }: Attempt): string {
  return isIP(from.address) === 0 || specialKind(from.address) === 'loopback'
    ? account
    : networkOf(from.address);
}

/** The sender of a request, for shares of memory: its account, or its network when it has none. */
export function senderOf(principal: Principal | undefined, from: Pick<Origin, 'address'>): string {
  return principal === undefined || principal.kind === 'public'
    ? `network ${networkOf(from.address)}`
    : `account ${principalId(principal)}`;
}

/** Returns the network that an address most likely shares with its neighbours: the IPv4 /24 or the IPv6 /48. */
export function siteOf(address: string): string {
  return wideNetworkOf(address) ?? `${unmapped(address).split('.').slice(0, 3).join('.')}/24`;
}

/** Returns the /48 of an IPv6 address, which can belong to one customer. */
function wideNetworkOf(address: string): string | undefined {
  const plain = unmapped(address);
  return isIP(plain) === 6 ? `${(addressNumber(plain) >> 80n).toString(16)}/48` : undefined;
}
