import type { Overview } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import type { Ledger } from '../../access/ledger.ts';
import type { Principal } from '../../access/principal.ts';
import type { CollectionInfo } from '../../access/snapshot.ts';
import type { Clock, Micros } from '../../kernel/clock.ts';
import { Slices } from '../../kernel/slices.ts';
import { tlpOf } from '../../stix/markings.ts';
import { stateOf } from '../../stix/state.ts';
import { taxiiTimestamp } from '../../stix/timestamps.ts';
import type { StixObject } from '../../stix/types.ts';
import {
  ALL_VERSIONS,
  placedPages,
  type EntryFacts,
  type PlacedEntry,
  type Store,
} from '../../store/store.ts';
import { noteLookup } from './note-lookup.ts';
import { readableBy } from './readable.ts';
import { titleOf, validUntil, valueOf } from './summary.ts';
import { versionFact } from '../../stix/versions.ts';

const MINUTE = 60_000_000;
const DAY = 1_440 * MINUTE;
/** Number of entries of a collection that are counted. */
const MOST_COUNTED = 1_000;
/** Number of objects that are listed, and of entries of a collection that are considered for the list. */
const MOST_LISTED = 8;
const MOST_CONSIDERED = 200;
/** Reads of a collection that look for its newest entries. */
const MOST_STEPS = 24;
/** Collections that are examined. More would make a page slow. */
const MOST_COLLECTIONS = 50;
/** The times before now in which the newest entries are looked for. Collections are read from old to new. */
const WINDOWS: readonly Micros[] = [MINUTE, 60 * MINUTE, DAY, 30 * DAY, 365 * DAY];

/** Objects that only connect or describe others. They are counted, and would hide the news in the list. */
const UNLISTED = new Set([
  'relationship',
  'marking-definition',
  'identity',
  'language-content',
  'extension-definition',
]);

/** An entry in one of the collections that the caller may read. */
type Placed = EntryFacts & { readonly collection: string };

/** Returns what is new in the collections that the caller may read, and nothing about any other. */
export class Newest {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #ledger: Pick<Ledger, 'read'>;
  readonly #clock: Clock;

  constructor(store: Store, directory: Directory, ledger: Pick<Ledger, 'read'>, clock: Clock) {
    this.#store = store;
    this.#directory = directory;
    this.#ledger = ledger;
    this.#clock = clock;
  }

  /** Returns counts and the newest objects. `agent` is the client program, for the ledger. */
  async overview(principal: Principal, agent: string): Promise<Overview> {
    const directory = await this.#directory.current();
    const readable = new Map(readableBy(principal, directory).map((one) => [one.id, one] as const));
    const now = this.#clock.now() * 1_000;
    const fresh = new Set<string>();
    const latest: Placed[] = [];
    let more = readable.size > MOST_COLLECTIONS;
    for (const collection of [...readable.keys()].slice(0, MOST_COLLECTIONS)) {
      const page = await this.#after(collection, now - DAY, MOST_COUNTED);
      for (const { id } of page.entries) fresh.add(id);
      more ||= page.more;
      latest.push(...(await this.#latest(collection, now)));
    }
    const items = await this.#shown(newestOf(latest), readable);
    noteLookup(this.#ledger, principal, items, agent);
    const named = [...readable.values()].slice(0, MOST_COLLECTIONS).map(readableOf);
    return { collections: readable.size, readable: named, new: fresh.size, more, items };
  }

  #after(collection: string, after: Micros, limit: number) {
    return this.#store.entries(
      { collection, after, limit, versions: ALL_VERSIONS, specs: ['2.0', '2.1'] },
      false,
    );
  }

  /**
   * Returns the newest entries of a collection. The store reads from old to new, so this looks for a window before now
   * that contains enough entries and not too many.
   */
  async #latest(collection: string, now: Micros): Promise<readonly Placed[]> {
    let found: readonly EntryFacts[] = [];
    let [narrow, wide]: [Micros, Micros | undefined] = [0, undefined];
    for (let step = 0; step < MOST_STEPS && found.length < MOST_LISTED; step++) {
      const window: Micros | undefined =
        wide === undefined ? WINDOWS.find((one) => one > narrow) : Math.floor((narrow + wide) / 2);
      if (window === undefined) break;
      const page = await this.#after(collection, now - window, MOST_CONSIDERED);
      const { more } = page;
      const entries = page.entries.filter(({ type }) => !UNLISTED.has(type));
      if (more) wide = window;
      else [narrow, found] = [window, entries];
      // A collection that was filled within an instant has no window of the right size.
      if (more && step === MOST_STEPS - 1 && found.length === 0) found = entries;
    }
    return found.slice(-MOST_LISTED).map((entry) => ({ ...entry, collection }));
  }

  async #shown(
    entries: readonly Placed[],
    readable: ReadonlyMap<string, CollectionInfo>,
  ): Promise<Overview['items']> {
    const items: Overview['items'][number][] = [];
    const slices = new Slices(this.#clock);
    for await (const page of placedPages(this.#store, entries))
      for (const entry of page) {
        if (slices.isOver(entry.text.length)) await slices.next();
        items.push(this.#item(entry, readable));
      }
    return items;
  }

  #item(entry: PlacedEntry, readable: ReadonlyMap<string, CollectionInfo>): Overview['items'][number] {
    const object = JSON.parse(entry.text) as StixObject;
    return {
      id: entry.id,
      type: entry.type,
      ...versionFact(entry.version),
      title: titleOf(object),
      ...valueOf(object),
      tlp: tlpOf(entry.level),
      state: stateOf(object, this.#clock.now()),
      ...validUntil(object),
      collection: entry.collection,
      collection_name: readable.get(entry.collection)?.alias ?? entry.collection,
      date_added: taxiiTimestamp(entry.added),
    };
  }
}

function readableOf({ id, alias, title, apiRoot, max_tlp }: CollectionInfo): Overview['readable'][number] {
  return { id, name: alias ?? id, title, api_root: apiRoot, max_tlp };
}

/** Returns the newest entries, each object once. */
function newestOf(entries: readonly Placed[]): readonly Placed[] {
  const seen = new Set<string>();
  return entries
    .toSorted((a, b) => b.added - a.added)
    .filter(({ id }) => !seen.has(id) && seen.add(id))
    .slice(0, MOST_LISTED);
}
