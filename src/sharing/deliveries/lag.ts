import type { Reader, Refusals } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import type { Ledger } from '../../access/ledger.ts';
import { isInReach } from '../../access/keys/limits.ts';
import { can } from '../../access/rights.ts';
import type { Principal } from '../../access/principal.ts';
import { accountResource, type CollectionInfo, type Snapshot } from '../../access/snapshot.ts';
import { VisibleNames } from '../../access/visible-names.ts';
import type { Clock } from '../../kernel/clock.ts';
import { MapDraft, OrderedMap } from '../../kernel/ordered-map.ts';
import { Slices } from '../../kernel/slices.ts';
import { taxiiTimestamp } from '../../stix/timestamps.ts';
import type { ReaderNote, Store } from '../../store/store.ts';
import { filterWords, readFilters } from '../reading/filters.ts';
import { listWords } from '../lists/list-query.ts';
import { accessErrors } from '../../access/errors.ts';

/** Maximum number of entries that are counted in a reader's backlog. Larger backlogs are shown as "more than". */
const MOST_COUNTED = 1_000;
const SILENT_MS = 86_400_000;
/** Maximum number of refusals that are examined. */
const MOST_REFUSALS = 5_000;

/** Requests that were refused. */
export type Refused = Refusals['items'][number];

/** Delivery status: how far each reader has read, and which requests were refused and why. */
export class Deliveries {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #ledger: Ledger;
  readonly #clock: Clock;

  constructor(store: Store, directory: Directory, ledger: Ledger, clock: Clock) {
    this.#store = store;
    this.#directory = directory;
    this.#ledger = ledger;
    this.#clock = clock;
  }

  /**
   * Returns how far each reader of each collection has read, and the service accounts that have never read what they
   * may. Hub staff see all accounts. Other callers see the accounts that they manage.
   */
  async lag(actor: Principal): Promise<readonly Reader[]> {
    await this.#ledger.flush();
    const directory = await this.#directory.refresh();
    const sees = visibleAccounts(actor, directory);
    // A caller who manages an account might not know all collections that it reads.
    const visible = VisibleNames.of(directory, actor);
    const notes = (await this.#store.readers()).filter(({ account }) => sees(account));
    const found = new MapDraft(OrderedMap.of<Reader>());
    const known = new Set<string>();
    const slices = new Slices(this.#clock);
    // There can be several readers with the same words for different filters.
    const add = async (lag: Reader, note = ''): Promise<void> => {
      found.set(`${orderOf(lag)}\n${note}`, lag);
      if (slices.isOver()) await slices.next();
    };
    for (const note of notes) {
      const collection = directory.collections.get(note.collection);
      if (collection === undefined || !visible.collection(collection)) continue;
      if (note.kind !== 'lookup') {
        await add(
          await this.#lagOf(note, collection, directory),
          `${note.account} ${collection.id} ${note.filters}`,
        );
        known.add(`${note.account} ${collection.id}`);
      }
    }
    const machines = [...directory.accounts.values()].filter(
      ({ id, role }) => role === 'machine' && sees(id),
    );
    for (const collection of directory.collections.values()) {
      if (!visible.collection(collection)) continue;
      let backlog: Backlog | undefined;
      for (const { id } of machines) {
        if (!known.has(`${id} ${collection.id}`) && mayRead(directory, id, collection)) {
          backlog ??= await this.#backlogOf(collection);
          await add(neverRead(id, directory, collection, backlog), `${id} ${collection.id}`);
        } else if (slices.isOver()) await slices.next();
      }
    }
    return [...found.done().values()];
  }

  async #lagOf(note: ReaderNote, collection: CollectionInfo, directory: Snapshot): Promise<Reader> {
    // A list has filters of its own, and is always read as a whole.
    const filters = readFilters(note.kind === 'list' ? '' : note.filters);
    const { entries, more } =
      note.kind === 'removals'
        ? {
            entries: (await this.#removed(collection, note, directory)).map((added) => ({ added })),
            more: false,
          }
        : await this.#store.entries(
            { ...filters, collection: collection.id, after: note.cursor, limit: MOST_COUNTED },
            false,
          );
    const [first] = entries;
    const silent = this.#clock.now() - note.seen > SILENT_MS;
    return {
      account: directory.accountLabel(note.account),
      member: directory.accounts.get(note.account)?.member,
      collection: collection.id,
      name: collection.alias ?? collection.id,
      kind: note.kind,
      filters: note.kind === 'list' ? listWords(note.filters) : filterWords(filters),
      state: !mayRead(directory, note.account, collection)
        ? 'no grant'
        : silent
          ? 'silent'
          : first === undefined
            ? 'current'
            : 'behind',
      last_seen: new Date(note.seen).toISOString(),
      up_to: note.cursor === 0 ? undefined : taxiiTimestamp(note.cursor),
      waiting: entries.length,
      more,
      waiting_since: first === undefined ? undefined : taxiiTimestamp(first.added),
      requests: note.requests,
      objects: note.objects,
      agent: note.agent,
    };
  }

  /** Returns what waits for an account that has never read a collection. */
  async #backlogOf(collection: CollectionInfo): Promise<Backlog> {
    const { entries, more } = await this.#store.entries(
      { ...readFilters(''), collection: collection.id, after: 0, limit: MOST_COUNTED },
      false,
    );
    const [first] = entries;
    return {
      waiting: entries.length,
      more,
      waiting_since: first === undefined ? undefined : taxiiTimestamp(first.added),
    };
  }

  /** Returns the removals that the reader would receive. */
  async #removed(
    collection: CollectionInfo,
    { account, cursor }: ReaderNote,
    directory: Snapshot,
  ): Promise<readonly number[]> {
    const principal = directory.principal(account);
    if (principal === undefined) return [];
    const found = await this.#store.removals({
      ...directory.removals(principal, collection),
      collection: collection.id,
      after: cursor,
      limit: MOST_COUNTED,
    });
    return found.map(({ removed }) => removed);
  }

  /** Returns the refusals of the last month, latest first. */
  async refusals(actor: Principal, limit: number): Promise<readonly Refused[]> {
    await this.#ledger.flush();
    const directory = await this.#directory.current();
    const sees = visibleAccounts(actor, directory);
    const isHub = can(actor, 'hub.read', { kind: 'hub' });
    const visible = VisibleNames.of(directory, actor);
    // A collection that the caller cannot list is left out, whether or not it exists.
    const placeOf = (place: string): string | undefined => {
      const collection = visible.find(place);
      if (collection !== undefined) return collection.alias ?? collection.id;
      return isHub && place !== '' ? place : undefined;
    };
    const found = await this.#store.refusals(MOST_REFUSALS);
    return found
      .filter(({ account, place }) => sees(account) && isInReach(actor, place))
      .slice(0, limit)
      .map(({ account, place, code, reason, first, last, times, agent }) => ({
        account: account === '' ? undefined : directory.accountLabel(account),
        collection: placeOf(place),
        code,
        reason,
        first: new Date(first).toISOString(),
        last: new Date(last).toISOString(),
        times,
        agent,
      }));
  }
}

/**
 * Returns a function that decides whether the caller may see the deliveries of an account. Throws if the caller may see
 * none.
 */
function visibleAccounts(actor: Principal, directory: Snapshot): (account: string) => boolean {
  if (can(actor, 'hub.read', { kind: 'hub' })) return () => true;
  if (actor.kind === 'public') throw accessErrors.notPermitted({ action: 'see deliveries' });
  return (id) => {
    const account = directory.accounts.get(id);
    return account !== undefined && can(actor, 'account.read', accountResource(account));
  };
}

function mayRead(directory: Snapshot, account: string, collection: CollectionInfo): boolean {
  const principal = directory.principal(account);
  return principal !== undefined && directory.rights(principal, collection).read;
}

type Backlog = Pick<Reader, 'waiting' | 'more' | 'waiting_since'>;

function neverRead(
  account: string,
  directory: Snapshot,
  collection: CollectionInfo,
  backlog: Backlog,
): Reader {
  return {
    account: directory.accountLabel(account),
    member: directory.accounts.get(account)?.member,
    collection: collection.id,
    name: collection.alias ?? collection.id,
    kind: 'objects',
    filters: '',
    state: 'never',
    last_seen: undefined,
    up_to: undefined,
    ...backlog,
    requests: 0,
    objects: 0,
    agent: '',
  };
}

function orderOf({ account, name, kind, filters }: Reader): string {
  return `${account}\n${name}\n${kind}\n${filters}`;
}
