import type { Key } from '../../api/schema-types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Stored } from '../../store/records.ts';
import type { KeyUseNote, Store } from '../../store/store.ts';
import type { Directory } from '../directory.ts';
import type { Ledger } from '../ledger.ts';
import { managedBy } from '../managed.ts';
import type { Principal } from '../principal.ts';
import { can } from '../rights.ts';
import { VisibleNames } from '../visible-names.ts';
import { accountResource, type AccountInfo, type Snapshot } from '../snapshot.ts';
import { isInReach } from './limits.ts';
import { isUnproven, keyId, type KeyRecord } from './model.ts';

const DAY_MS = 86_400_000;
const ENDING_MS = 30 * DAY_MS;
const UNUSED_MS = 90 * DAY_MS;
/** Keys whose last use is read from the store at once. */
const WINDOW = 1_000;

/** A query of keys. */
export interface KeyQuery {
  /** Only keys of the account with this name. */
  readonly account?: string | undefined;
  /** Only keys after this place. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** A query of keys that were not used. */
export interface UnusedKeyQuery extends Omit<KeyQuery, 'account'> {
  /** Whole days since the last use, or since the creation of a key that was never used. */
  readonly days: number;
}

export interface KeyPage {
  readonly items: readonly Key[];
  /** The place of the last key, if there are more. */
  readonly next: string | undefined;
}

/** Lists API keys with their last use. */
export class KeyList {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #ledger: Pick<Ledger, 'flush'>;

  constructor(store: Store, directory: Directory, clock: Clock, ledger: Pick<Ledger, 'flush'>) {
    this.#store = store;
    this.#directory = directory;
    this.#clock = clock;
    this.#ledger = ledger;
  }

  /** Returns a page of the keys of the accounts that the caller may see, with their last use. */
  async page(actor: Principal, query: KeyQuery): Promise<KeyPage> {
    await this.#ledger.flush();
    const directory = await this.#directory.refresh();
    const found = visibleKeys(actor, directory, query);
    const page = await this.#withUse(found.slice(0, query.limit), VisibleNames.of(directory, actor));
    return pageOf(page, found.length > page.length);
  }

  /**
   * Returns a page of the keys that could be used but were not for a number of days, of the accounts that the caller
   * may see. A key without a known creation time counts as used now, as in `page`.
   */
  async unused(actor: Principal, { days, after, limit }: UnusedKeyQuery): Promise<KeyPage> {
    await this.#ledger.flush();
    const directory = await this.#directory.refresh();
    const names = VisibleNames.of(directory, actor);
    const visible = visibleKeys(actor, directory, { after, limit: Number.POSITIVE_INFINITY });
    const until = this.#clock.now() - days * DAY_MS;
    const found: UsedKey[] = [];
    // One key more than requested shows that there is another page.
    for (let i = 0; i < visible.length && found.length <= limit; i += WINDOW)
      for (const key of await this.#withUse(visible.slice(i, i + WINDOW), names))
        if (key.listed.state !== 'expired' && key.since <= until) found.push(key);
    return pageOf(found.slice(0, limit), found.length > limit);
  }

  /** Adds the last use to keys. */
  async #withUse(keys: readonly VisibleKey[], names: VisibleNames): Promise<readonly UsedKey[]> {
    const accounts = [...new Set(keys.map(({ owner }) => owner.id))];
    const uses = new Map((await this.#store.keyUses(accounts)).map((note) => [note.key, note] as const));
    return keys.map(({ place, record, owner }) => {
      const use = uses.get(keyId(record.id));
      const since = use?.seen ?? record.document.created ?? this.#clock.now();
      return { place, since, listed: this.#listed({ record, owner, names }, use, since) };
    });
  }

  #listed(
    { record, owner, names }: Omit<VisibleKey, 'place'> & { readonly names: VisibleNames },
    use: KeyUseNote | undefined,
    since: number,
  ): Key {
    const { id, document } = record;
    const now = this.#clock.now();
    const time = (ms: number | undefined): string | undefined =>
      ms === undefined ? undefined : new Date(ms).toISOString();
    const expires = document.expires ?? Number.POSITIVE_INFINITY;
    return {
      id: keyId(id),
      prefix: document.prefix,
      account: owner.name,
      member: owner.member,
      label: document.label,
      scopes: document.scopes,
      only: document.collections?.map((collection) => nameFor(collection, names)),
      addresses: document.addresses,
      certificate: document.certificate,
      created: time(document.created),
      expires: time(document.expires),
      state:
        expires <= now
          ? 'expired'
          : isUnproven(document)
            ? 'unconfirmed'
            : expires - now < ENDING_MS
              ? 'ending'
              : now - since > UNUSED_MS
                ? 'unused'
                : 'active',
      last_used: time(use?.seen),
      last_client: use === undefined ? undefined : `${use.address} ${use.agent}`,
      managed: managedBy({ document }),
    };
  }
}

/** Returns the name of a collection, or its id if the caller cannot list it or it is gone. */
function nameFor(id: string, names: VisibleNames): string {
  const collection = names.find(id);
  return collection === undefined ? id : names.nameOf(collection);
}

/** A key that the caller may see, with its place in lists. */
interface VisibleKey {
  readonly place: string;
  readonly record: Stored<KeyRecord>;
  readonly owner: AccountInfo;
}

interface UsedKey {
  readonly place: string;
  /** The time of the last use, or of the creation, in milliseconds since 1970. */
  readonly since: number;
  readonly listed: Key;
}

function pageOf(keys: readonly UsedKey[], hasMore: boolean): KeyPage {
  return { items: keys.map(({ listed }) => listed), next: hasMore ? keys.at(-1)?.place : undefined };
}

/** Returns the keys of a page and, if there are more, the first one after it. */
function visibleKeys(
  actor: Principal,
  directory: Snapshot,
  { account, after = '', limit }: KeyQuery,
): readonly VisibleKey[] {
  const found: VisibleKey[] = [];
  const named = account === undefined ? undefined : directory.accountNamed(account);
  const owners =
    account === undefined ? [...directory.accounts.values()] : named === undefined ? [] : [named];
  for (const owner of owners.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const records = directory.keysOf(owner.id);
    if (records.length === 0 || !can(actor, 'account.read', accountResource(owner))) continue;
    for (const record of records) {
      const place = `${owner.name} ${keyId(record.id)}`;
      // A key that is limited to collections does not learn which other collections exist.
      const only = record.document.collections;
      if (only?.every((id) => isInReach(actor, id)) === false) continue;
      if (place > after) found.push({ place, record, owner });
      if (found.length > limit) return found;
    }
  }
  return found;
}
