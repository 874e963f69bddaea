import type { Micros } from '../../kernel/clock.ts';
import { instantOf, type Instant } from '../../stix/timestamps.ts';
import type { SpecVersion } from '../../stix/types.ts';
import type { Tombstone, RemovalQuery } from './removals.ts';

// The collections of objects: what a read asks for, and what it returns.

/** The versions of an object that a read asks for (TAXII 2.1 §3.4.1, `match[version]`). */
export interface VersionFilter {
  readonly all: boolean;
  readonly first: boolean;
  readonly last: boolean;
  readonly exact: readonly Instant[];
}

export const LAST_VERSION: VersionFilter = { all: false, first: false, last: true, exact: [] };
export const ALL_VERSIONS: VersionFilter = { all: true, first: false, last: false, exact: [] };

/** Returns the filter for one version, as it was written. */
export function oneVersion(version: string): VersionFilter {
  return { all: false, first: false, last: false, exact: [instantOf(version)] };
}

/** A read of a collection. Fields are joined by AND, the values of a field by OR. */
export interface PageQuery {
  readonly collection: string;
  /** Only entries that were added after this time. 0 means all. */
  readonly after: Micros;
  readonly limit: number;
  readonly ids?: readonly string[];
  readonly types?: readonly string[];
  readonly versions: VersionFilter;
  /** If absent, an id that is stored in several specification versions is returned in the latest one only. */
  readonly specs?: readonly SpecVersion[];
}

/** An entry without its text. */
export interface EntryFacts {
  readonly id: string;
  readonly type: string;
  readonly version: string;
  readonly spec: SpecVersion;
  readonly added: Micros;
  readonly level: number;
  readonly owner: string;
  /** The identity that the object names as its creator, if it is not an identity of its owner. */
  readonly creator?: string;
  /** This is the earliest version of its id that is stored in the collection. */
  readonly oldest: boolean;
  /** False for a version that has a later version in the collection. */
  readonly newest: boolean;
}

/**
 * A page ends before its texts exceed this number of bytes together, unless it has only one. Otherwise a page of large
 * objects would exceed what a process, or a value of the database, can contain.
 */
export const PAGE_BYTES = 8_388_608;

/** Returns how many of these sizes a page contains: as many as fit, and at least one. */
export function fittingIn(sizes: readonly number[]): number {
  let sum = 0;
  const end = sizes.findIndex((size, i) => (sum += size) > PAGE_BYTES && i > 0);
  return end < 0 ? sizes.length : end;
}

/** A page of texts as UTF-8 bytes, joined by commas. A caller puts them between brackets without parsing them again. */
export interface TextPage {
  readonly joined: Buffer;
  readonly count: number;
  readonly first: Micros;
  readonly last: Micros;
  readonly more: boolean;
}

/**
 * Yields the entries of a query with their texts, page by page. Pages end at `PAGE_BYTES`, so a query for many ids can
 * have several.
 */
export async function* entryPages(
  store: Pick<ObjectStore, 'entries'>,
  query: PageQuery,
): AsyncGenerator<EntryPage['entries']> {
  for (let after = query.after, more = true; more;) {
    const page = await store.entries({ ...query, after }, true);
    yield page.entries;
    const last = page.entries.at(-1);
    more = page.more && last !== undefined;
    after = last?.added ?? after;
  }
}

/** Returns all entries of a query with their texts. */
export async function allEntries(
  store: Pick<ObjectStore, 'entries'>,
  query: PageQuery,
): Promise<EntryPage['entries']> {
  const found: EntryPage['entries'][number][] = [];
  for await (const entries of entryPages(store, query)) found.push(...entries);
  return found;
}

/** A page of entries, with texts if they were requested. */
export interface EntryPage {
  readonly entries: readonly (EntryFacts & { readonly text?: string })[];
  readonly more: boolean;
}

export interface RemoveQuery {
  readonly collection: string;
  readonly id: string;
  readonly versions: VersionFilter;
  readonly specs?: readonly SpecVersion[];
}

export interface CollectionSize {
  readonly collection: string;
  readonly entries: number;
  readonly last: Micros;
}

/** The objects in collections, and the removals from them. */
export interface ObjectStore {
  /** Removes versions of one id from a collection and leaves tombstones. Returns the number of removed versions. */
  remove(query: RemoveQuery): Promise<number>;
  /** Returns a page of texts of at most `PAGE_BYTES`. */
  texts(query: PageQuery): Promise<TextPage>;
  /** Returns a page of entries. With texts, it contains at most `PAGE_BYTES` of them. */
  entries(query: PageQuery, withText: boolean): Promise<EntryPage>;
  /** Returns true if any version of the id is stored in the collection. */
  stands(collection: string, id: string): Promise<boolean>;
  /** Returns which of the ids are stored in the collection, and their owners. */
  standing(collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /**
   * Returns the loosest TLP rank at which each id is stored in these collections. Ids that are in none of them are left
   * out.
   */
  levels(ids: readonly string[], collections: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Returns removals in their order. Removals that the query does not cover are not read and cost nothing. */
  removals(query: RemovalQuery): Promise<readonly Tombstone[]>;
  sizes(): Promise<readonly CollectionSize[]>;
}
