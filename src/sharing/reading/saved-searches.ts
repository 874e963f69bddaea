import type { SavedSearch } from '../../api/schema-types.ts';
import { accessErrors } from '../../access/errors.ts';
import type { MemberSecrets } from '../../access/member-secrets.ts';
import type { Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import { sharingErrors } from '../errors.ts';
import { taxiiTimestamp } from '../../stix/timestamps.ts';
import { microsOf, type Clock } from '../../kernel/clock.ts';
import { maybe, number, RecordKind, text, type Stored } from '../../store/records.ts';
import { removal, type Store } from '../../store/store.ts';

/** A search that an account has saved, as it is stored. */
interface SavedSearchRecord {
  /** Id of the account. Nobody else can see the search. */
  readonly account: string;
  readonly name: string;
  readonly query: string;
  /** The filters, written as in the query of an address. */
  readonly filters?: string;
  /** Microseconds since 1970. */
  readonly saved: number;
}

export const SAVED_SEARCHES = new RecordKind<SavedSearchRecord>({
  kind: 'saved-search',
  isPersonal: true,
  fields: { account: text, name: text, query: text, filters: maybe(text), saved: number },
  keys: ({ account }) => ({ account }),
  idOf: ({ account, name }) => `${account}/${name}`,
});

/**
 * The searches that accounts save under a name. They contain what an account looks for, so each account sees only its
 * own.
 */
export class SavedSearches {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #secrets: Pick<MemberSecrets, 'since'>;

  constructor(store: Store, clock: Clock, secrets: Pick<MemberSecrets, 'since'>) {
    this.#secrets = secrets;
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Returns the searches of the caller in the order of their names. A person who was given the account since does not see
   * the earlier ones.
   */
  async list(actor: Principal): Promise<readonly SavedSearch[]> {
    const account = ownerOf(actor, 'read');
    const since = await this.#secrets.since(account);
    return (await SAVED_SEARCHES.in(this.#store).by('account', account))
      .filter(({ document }) => document.saved / 1_000 >= since)
      .map(({ document }) => shown(document))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Saves a search. Throws `TLN-L-429` if the caller has a search of this name, and `TLN-B-409` if the list of the caller
   * is full.
   */
  async create(actor: Principal, name: string, query: string, filters?: string): Promise<SavedSearch> {
    const saved = microsOf(this.#clock);
    const chosen = filters === undefined ? {} : { filters };
    const document = { account: ownerOf(actor, 'save'), name, query, ...chosen, saved };
    const id = `${document.account}/${name}`;
    if ((await SAVED_SEARCHES.in(this.#store).get(id)) !== undefined)
      throw sharingErrors.savedSearchExists({ name });
    await this.#store.commit({ records: [SAVED_SEARCHES.insert(id, document)] });
    return shown(document);
  }

  /** Replaces the value of a search of the caller. Throws `TLN-L-427` if no search has this name. */
  async update(actor: Principal, name: string, query: string): Promise<SavedSearch> {
    const present = await this.#own(ownerOf(actor, 'save'), name);
    const document = { ...present.document, query, saved: microsOf(this.#clock) };
    await this.#store.commit({ records: [SAVED_SEARCHES.change(present, document)] });
    return shown(document);
  }

  /** Deletes a search of the caller. Throws `TLN-L-427` if no search has this name. */
  async delete(actor: Principal, name: string): Promise<void> {
    const present = await this.#own(ownerOf(actor, 'delete'), name);
    await this.#store.commit({ records: [removal(present)] });
  }

  /** Returns a search that the account sees. Throws `TLN-L-427` for all others. */
  async #own(account: string, name: string): Promise<Stored<SavedSearchRecord>> {
    const present = await SAVED_SEARCHES.in(this.#store).get(`${account}/${name}`);
    if (present === undefined || present.document.saved / 1_000 < (await this.#secrets.since(account)))
      throw accessErrors.targetNotFound({ what: 'Saved search', name });
    return present;
  }
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

function shown({ name, query, filters, saved }: SavedSearchRecord): SavedSearch {
  return { name, query, ...(filters === undefined ? {} : { filters }), saved: taxiiTimestamp(saved) };
}
