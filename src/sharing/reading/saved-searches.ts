import type { SavedSearch, SavedSearchChange, SavedSearchRequest } from '../../api/schema-types.ts';
import { accessErrors } from '../../access/errors.ts';
import type { MemberSecrets } from '../../access/member-secrets.ts';
import type { Directory } from '../../access/directory.ts';
import { memberOf, type Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import { sharingErrors } from '../errors.ts';
import { taxiiTimestamp } from '../../stix/timestamps.ts';
import { microsOf, type Clock } from '../../kernel/clock.ts';
import { demandFilters } from './search-filters.ts';
import { maybe, number, RecordKind, text, type Stored } from '../../store/records.ts';
import { removal, type Store } from '../../store/store.ts';

/** A search that an account has saved, as it is stored. */
interface SavedSearchRecord {
  /** Id of the account. Nobody else can see the search, unless it is shared. */
  readonly account: string;
  readonly name: string;
  readonly query: string;
  /** The filters, written as in the query of an address. */
  readonly filters?: string;
  /** The member whose people can see the search, or `hub` for hub staff. */
  readonly shared_with?: string;
  /**
   * The time before which somebody else could have used the account that saved the search, in milliseconds since 1970.
   * Absent if nobody could.
   */
  readonly since?: number;
  /** Microseconds since 1970. */
  readonly saved: number;
}

function savedSearchId({ account, name, since }: SavedSearchRecord): string {
  return since === undefined ? `${account}/${name}` : `${account}/${name}/${since}`;
}

export const SAVED_SEARCHES = new RecordKind<SavedSearchRecord>({
  kind: 'saved-search',
  isPersonal: true,
  fields: {
    account: text,
    name: text,
    query: text,
    filters: maybe(text),
    shared_with: maybe(text),
    since: maybe(number),
    saved: number,
  },
  keys: ({ account, shared_with: shared }) => ({ account, ...(shared === undefined ? {} : { shared }) }),
  idOf: savedSearchId,
});

/**
 * The searches that accounts save under a name. They contain what an account looks for, so others see only those that an
 * account shares: the people of its member, or hub staff.
 */
export class SavedSearches {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #secrets: Pick<MemberSecrets, 'sinceOf'>;
  readonly #directory: Pick<Directory, 'current'>;

  constructor(
    store: Store,
    clock: Clock,
    directory: Pick<Directory, 'current'>,
    secrets: Pick<MemberSecrets, 'sinceOf'>,
  ) {
    this.#secrets = secrets;
    this.#directory = directory;
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Returns the searches of the caller and those that others share with it, in the order of `searchKey`. A person who was
   * given the account since does not see the earlier ones.
   */
  async list(actor: Principal): Promise<readonly SavedSearch[]> {
    const account = ownerOf(actor, 'read');
    const since = await this.#secrets.sinceOf(actor);
    const searches = SAVED_SEARCHES.in(this.#store);
    const own = newestOf(await searches.by('account', account));
    const shared = (await searches.by('shared', memberOf(actor))).filter(
      ({ document }) => document.account !== account,
    );
    const { accounts } = await this.#directory.current();
    return [...own, ...shared]
      .filter(({ document }) => document.saved / 1_000 >= since)
      .flatMap(({ document }) => {
        if (document.account === account) return [shown(document)];
        const owner = accounts.get(document.account);
        const isShared =
          owner !== undefined &&
          document.shared_with === (owner.member ?? 'hub') &&
          can(actor, 'search.read', { kind: 'shared-search', with: document.shared_with });
        return isShared ? [{ ...shown(document), by: owner.name }] : [];
      })
      .toSorted((a, b) => (searchKey(a) < searchKey(b) ? -1 : 1));
  }

  /**
   * Saves a search. Throws `TLN-L-429` if the caller has a search of this name, `TLN-L-430`, `TLN-L-435` or `TLN-L-436` for
   * filters that a search does not have, and `TLN-B-409` if the list of the caller is full.
   */
  async create(
    actor: Principal,
    name: string,
    { query, filters, shared = false }: Omit<SavedSearchRequest, 'name'>,
  ): Promise<SavedSearch> {
    demandFilters(filters);
    const saved = microsOf(this.#clock);
    const chosen = {
      ...(filters === undefined ? {} : { filters }),
      ...(shared ? { shared_with: memberOf(actor) } : {}),
    };
    const account = ownerOf(actor, 'save');
    if ((await this.#find(actor, account, name)) !== undefined)
      throw sharingErrors.savedSearchExists({ name });
    const since = await this.#secrets.sinceOf(actor);
    // A search of this name from before can be kept from the caller, who must not learn that it exists.
    const document = { account, name, query, ...chosen, ...(since === 0 ? {} : { since }), saved };
    await this.#store.commit({ records: [SAVED_SEARCHES.insert(savedSearchId(document), document)] });
    return shown(document);
  }

  /**
   * Replaces the given parts of a search of the caller. Empty filters remove them. Throws `TLN-L-427` if no search has this
   * name.
   */
  async update(
    actor: Principal,
    name: string,
    { query, filters, shared }: SavedSearchChange,
  ): Promise<SavedSearch> {
    demandFilters(filters);
    const present = await this.#own(actor, ownerOf(actor, 'save'), name);
    const { filters: chosen, shared_with: readers, ...before } = present.document;
    const filtered = filters ?? chosen ?? '';
    const isShared = shared ?? readers !== undefined;
    const document = {
      ...before,
      ...(query === undefined ? {} : { query }),
      ...(filtered === '' ? {} : { filters: filtered }),
      ...(isShared ? { shared_with: memberOf(actor) } : {}),
      saved: microsOf(this.#clock),
    };
    await this.#store.commit({ records: [SAVED_SEARCHES.change(present, document)] });
    return shown(document);
  }

  /** Deletes a search of the caller. Throws `TLN-L-427` if no search has this name. */
  async delete(actor: Principal, name: string): Promise<void> {
    const present = await this.#own(actor, ownerOf(actor, 'delete'), name);
    await this.#store.commit({ records: [removal(present)] });
  }

  /** Returns a search that the account sees. Throws `TLN-L-427` for all others. */
  async #own(actor: Principal, account: string, name: string): Promise<Stored<SavedSearchRecord>> {
    const present = await this.#find(actor, account, name);
    if (present === undefined)
      throw accessErrors.targetNotFound(
        { what: 'Saved search', name },
        { hint: 'To list the saved searches, run: talanoa saved-search list' },
      );
    return present;
  }

  async #find(
    actor: Principal,
    account: string,
    name: string,
  ): Promise<Stored<SavedSearchRecord> | undefined> {
    const since = await this.#secrets.sinceOf(actor);
    const own = newestOf(await SAVED_SEARCHES.in(this.#store).by('account', account));
    return own.find(({ document }) => document.name === name && document.saved / 1_000 >= since);
  }
}

/** Returns the searches of an account without older ones of the same name, which were kept from somebody at that time. */
function newestOf(own: readonly Stored<SavedSearchRecord>[]): readonly Stored<SavedSearchRecord>[] {
  const byName = new Map<string, Stored<SavedSearchRecord>>();
  for (const one of own)
    if ((byName.get(one.document.name)?.document.saved ?? 0) <= one.document.saved)
      byName.set(one.document.name, one);
  return [...byName.values()];
}

/**
 * Returns the account of the caller. A key that is limited to collections is refused: the searches can concern others.
 */
function ownerOf(actor: Principal, verb: 'read' | 'save' | 'delete'): string {
  const action = verb === 'read' ? 'search.read' : 'search.write';
  if (actor.kind !== 'account' || !can(actor, action, { ...actor, kind: 'account' }))
    throw accessErrors.notPermitted({ action: `${verb} searches` });
  return actor.account;
}

/** Returns the text by which the searches of a list are sorted. Several accounts can share searches of the same name. */
export function searchKey({ name, by }: Pick<SavedSearch, 'name' | 'by'>): string {
  return by === undefined ? name : `${name}~${by}`;
}

function shown({ name, query, filters, shared_with: readers, saved }: SavedSearchRecord): SavedSearch {
  return {
    name,
    query,
    ...(filters === undefined ? {} : { filters }),
    shared: readers !== undefined,
    saved: taxiiTimestamp(saved),
  };
}
