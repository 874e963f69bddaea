import { createHmac, timingSafeEqual } from 'node:crypto';
import { networkOf } from '../../kernel/address.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import { Problem } from '../../kernel/problem.ts';
import { removal, type Store } from '../../store/store.ts';
import { PLACES, placeId } from './model.ts';
import type { KnownPlace, KnownPlaces, Origin } from './throttle.ts';

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
  readonly #present = new Map<string, { readonly isComplete: boolean; readonly until: number }>();
  readonly #absent = new Map<string, number>();

  constructor(store: Store, key: Buffer, clock: Clock, ids: Ids, stampOf: StampOf) {
    this.#store = store;
    this.#key = key;
    this.#clock = clock;
    this.#ids = ids;
    this.#stampOf = stampOf;
  }

  async knows(account: string, from: Origin): Promise<KnownPlace | undefined> {
    const device = from.device === undefined ? undefined : await this.#deviceOf(account, from.device);
    if (device !== undefined) return device;
    if (from.address === '') return undefined;
    const network = networkOf(from.address);
    const found = await this.#found(account, network);
    return found === undefined ? undefined : { id: `network ${network}`, isComplete: found.isComplete };
  }

  async #found(account: string, network: string): Promise<Pick<KnownPlace, 'isComplete'> | undefined> {
    const id = placeId({ account, network });
    const now = this.#clock.monotonic();
    const present = this.#present.get(id);
    if (present !== undefined && present.until > now) return present;
    if ((this.#absent.get(id) ?? 0) > now) return undefined;
    const record = await PLACES.in(this.#store).get(id);
    if (record === undefined || record.document.last <= this.#clock.now() - KEPT_MS) {
      remember(this.#absent, id, now + ABSENT_MS);
      return undefined;
    }
    const found = { isComplete: record.document.complete === true, until: now + PRESENT_MS };
    remember(this.#present, id, found);
    return found;
  }

  /**
   * Records a successful sign-in. `isComplete`: the account's second factor was checked, or it has none. Returns the
   * network when it is new to an account that has signed in elsewhere before.
   */
  async note(account: string, from: Origin, isComplete: boolean): Promise<string | undefined> {
    if (from.address === '') return undefined;
    const network = networkOf(from.address);
    const id = placeId({ account, network });
    const monotonic = this.#clock.monotonic();
    const present = this.#present.get(id);
    if (present !== undefined && present.until > monotonic && (present.isComplete || !isComplete))
      return undefined;
    const now = this.#clock.now();
    const all = await PLACES.in(this.#store).by('account', account);
    const before = all.find((record) => record.id === id);
    const oldest = all.toSorted((a, b) => a.document.last - b.document.last);
    const excess = before === undefined ? oldest.slice(0, Math.max(0, all.length + 1 - MOST_OF_ACCOUNT)) : [];
    const complete = isComplete || before?.document.complete === true;
    const isNews = complete && before?.document.complete !== true;
    try {
      if (isNews || now - (before?.document.last ?? 0) > NOTED_MS)
        await this.#store.commit({
          records: [
            PLACES.put(id, before, {
              account,
              network,
              first: before?.document.first ?? now,
              last: now,
              ...(complete ? { complete } : {}),
            }),
            ...excess.map(removal),
          ],
        });
    } catch (error) {
      // Another request from the same place has already recorded it.
      if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
    }
    this.#absent.delete(id);
    remember(this.#present, id, { isComplete: complete, until: monotonic + PRESENT_MS });
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
    await this.note(account, from, false).catch(() => undefined);
    return this.#cookie(account, false);
  }

  /** Returns a `Set-Cookie` header for the device that has just completed a sign-in. */
  cookie(account: string): Promise<string> {
    return this.#cookie(account, true);
  }

  async #cookie(account: string, isComplete: boolean): Promise<string> {
    const stamp = (await this.#stampOf(account)) ?? '';
    const until = this.#clock.now() + KEPT_MS;
    const body = `${this.#ids.secret(12)}.${until}`;
    const value = `${body}.${this.#tag(account, stamp, body, isComplete)}`;
    return `${COOKIE}=${value}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=${KEPT_MS / 1000}`;
  }

  async #deviceOf(account: string, value: string): Promise<KnownPlace | undefined> {
    const [, body = '', id = '', until = '', tag = ''] =
      /^(([A-Za-z0-9_-]{16})\.(\d{1,15}))\.([A-Za-z0-9_-]{43})$/.exec(value) ?? [];
    if (Number(until) <= this.#clock.now()) return undefined;
    const stamp = await this.#stampOf(account);
    if (stamp === undefined) return undefined;
    for (const isComplete of [true, false])
      if (timingSafeEqual(Buffer.from(this.#tag(account, stamp, body, isComplete)), Buffer.from(tag)))
        return { id: `device ${id}`, isComplete };
    return undefined;
  }

  #tag(account: string, stamp: string, body: string, isComplete: boolean): string {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([account, stamp, body, ...(isComplete ? ['complete'] : [])]))
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

function remember<V>(map: Map<string, V>, id: string, value: V): void {
  if (map.size >= MOST_REMEMBERED) {
    const [first] = map.keys();
    if (first !== undefined) map.delete(first);
  }
  map.set(id, value);
}
