import { createHmac, timingSafeEqual } from 'node:crypto';
import { networkOf } from '../../kernel/address.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import { Problem } from '../../kernel/problem.ts';
import { removal, type Store } from '../../store/store.ts';
import { PLACES, placeId } from './model.ts';
import type { KnownPlaces, Origin } from './throttle.ts';

/** Maximum number of networks per account. The least recently used one is removed first. */
const MOST_OF_ACCOUNT = 32;
const NOTED_MS = 86_400_000;
/** A place that was not used for this long counts as new again. */
const KEPT_MS = 180 * 86_400_000;
/** Maximum number of lookups that a process caches. */
const MOST_REMEMBERED = 20_000;
const PRESENT_MS = 600_000;
const ABSENT_MS = 10_000;

const COOKIE = '__Host-talanoa-device';

/** A value that changes with the account's credentials. The cookies of its devices become invalid with it. */
export type StampOf = (account: string) => Promise<string | undefined>;

/**
 * The places from which people have signed in: networks per account, kept in the store, and devices,
 * identified by a signed cookie. Guesses from elsewhere do not slow these places down. The account is
 * notified of a sign-in from a new place.
 */
export class Places implements KnownPlaces {
  readonly #store: Store;
  readonly #key: Buffer;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #stampOf: StampOf;
  /** Place ids, with the monotonic time until which the cached lookup is valid. */
  readonly #present = new Map<string, number>();
  readonly #absent = new Map<string, number>();

  constructor(store: Store, key: Buffer, clock: Clock, ids: Ids, stampOf: StampOf) {
    this.#store = store;
    this.#key = key;
    this.#clock = clock;
    this.#ids = ids;
    this.#stampOf = stampOf;
  }

  async knows(account: string, from: Origin): Promise<string | undefined> {
    const device = from.device === undefined ? undefined : await this.#deviceOf(account, from.device);
    if (device !== undefined) return `device ${device}`;
    if (from.address === '') return undefined;
    const network = networkOf(from.address);
    return (await this.#isKnown(account, network)) ? `network ${network}` : undefined;
  }

  async #isKnown(account: string, network: string): Promise<boolean> {
    const id = placeId({ account, network });
    const now = this.#clock.monotonic();
    if ((this.#present.get(id) ?? 0) > now) return true;
    if ((this.#absent.get(id) ?? 0) > now) return false;
    const record = await PLACES.in(this.#store).get(id);
    const isKnown = record !== undefined && record.document.last > this.#clock.now() - KEPT_MS;
    remember(isKnown ? this.#present : this.#absent, id, now + (isKnown ? PRESENT_MS : ABSENT_MS));
    return isKnown;
  }

  /**
   * Records a successful sign-in. Returns the network when it is new to an account that has signed in
   * elsewhere before.
   */
  async note(account: string, from: Origin): Promise<string | undefined> {
    if (from.address === '') return undefined;
    const network = networkOf(from.address);
    const id = placeId({ account, network });
    const monotonic = this.#clock.monotonic();
    if ((this.#present.get(id) ?? 0) > monotonic) return undefined;
    const now = this.#clock.now();
    const all = await PLACES.in(this.#store).by('account', account);
    const before = all.find((record) => record.id === id);
    const oldest = all.toSorted((a, b) => a.document.last - b.document.last);
    const excess = before === undefined ? oldest.slice(0, Math.max(0, all.length + 1 - MOST_OF_ACCOUNT)) : [];
    try {
      if (now - (before?.document.last ?? 0) > NOTED_MS)
        await this.#store.commit({
          records: [
            PLACES.put(id, before, { account, network, first: before?.document.first ?? now, last: now }),
            ...excess.map(removal),
          ],
        });
    } catch (error) {
      // Another request from the same place has already recorded it.
      if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
    }
    this.#absent.delete(id);
    remember(this.#present, id, monotonic + PRESENT_MS);
    return before === undefined && all.length > 0 ? network : undefined;
  }

  /** Forgets every place of an account, because no place counts as known after a reset. */
  async forget(account: string): Promise<void> {
    for (const record of await PLACES.in(this.#store).by('account', account))
      await this.#store.commit({
        records: [removal(record)],
      });
    this.#present.clear();
  }

  /**
   * Records a place where somebody has just proven a one-time secret. Returns a `Set-Cookie` header for the device.
   * Guesses from elsewhere therefore cannot keep a person from the first sign-in with a new password.
   */
  async proven(account: string, from: Origin): Promise<string> {
    // The password is set by now. If the place cannot be recorded, the cookie still identifies the device.
    await this.note(account, from).catch(() => undefined);
    return this.cookie(account);
  }

  /** Returns a `Set-Cookie` header for the device that has just signed in. */
  async cookie(account: string): Promise<string> {
    const stamp = (await this.#stampOf(account)) ?? '';
    const until = this.#clock.now() + KEPT_MS;
    const body = `${this.#ids.secret(12)}.${until}`;
    const value = `${body}.${this.#tag(account, stamp, body)}`;
    return `${COOKIE}=${value}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=${KEPT_MS / 1000}`;
  }

  async #deviceOf(account: string, value: string): Promise<string | undefined> {
    const [, body = '', id = '', until = '', tag = ''] =
      /^(([A-Za-z0-9_-]{16})\.(\d{1,15}))\.([A-Za-z0-9_-]{43})$/.exec(value) ?? [];
    if (Number(until) <= this.#clock.now()) return undefined;
    const stamp = await this.#stampOf(account);
    if (stamp === undefined) return undefined;
    const right = timingSafeEqual(Buffer.from(this.#tag(account, stamp, body)), Buffer.from(tag));
    return right ? id : undefined;
  }

  #tag(account: string, stamp: string, body: string): string {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([account, stamp, body]))
      .digest('base64url');
  }

  /** Removes places that were not used for half a year. */
  async sweep(): Promise<void> {
    const before = this.#clock.now() - KEPT_MS;
    for await (const record of PLACES.in(this.#store).each())
      if (record.document.last < before)
        await this.#store.commit({
          records: [removal(record)],
        });
  }
}

/** Returns the device cookie in a `Cookie` header. */
export function deviceIn(cookies: string | undefined): string | undefined {
  const found = (cookies ?? '')
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${COOKIE}=`));
  return found?.slice(COOKIE.length + 1);
}

function remember(map: Map<string, number>, id: string, until: number): void {
  if (map.size >= MOST_REMEMBERED) {
    const [first] = map.keys();
    if (first !== undefined) map.delete(first);
  }
  map.set(id, until);
}
