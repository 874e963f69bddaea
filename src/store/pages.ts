import { OrderedMap } from '../kernel/ordered-map.ts';
import { giveTurn } from '../kernel/slices.ts';
import type { HubRecord, RecordQuery, Store } from './store.ts';

/** Number of records of a page. */
const PAGE = 500;

/** Records of a kind that are read page by page. */
export interface PagesQuery {
  readonly index?: RecordQuery['index'] | undefined;
  readonly limit?: number;
}

/**
 * Yields the records of a kind in pages, in the order of their ids. Other requests have their turn after each page.
 * Records that are created or removed in the meantime may be missing or included.
 */
export async function* pagesOf(
  store: Pick<Store, 'records'>,
  kind: string,
  { index, limit = PAGE }: PagesQuery = {},
): AsyncGenerator<readonly HubRecord[]> {
  let after = '';
  for (;;) {
    const page = await store.records(kind, { ...(index === undefined ? {} : { index }), after, limit });
    yield page;
    if (page.length < limit) return;
    after = page.at(-1)?.id ?? '';
    await giveTurn();
  }
}

/** Yields the records of a kind one by one. They are read in pages. */
export async function* eachOf(
  store: Pick<Store, 'records'>,
  kind: string,
  query: PagesQuery = {},
): AsyncGenerator<HubRecord> {
  for await (const page of pagesOf(store, kind, query)) yield* page;
}

/** Returns all records of a kind by id. The store keeps them in memory, so only what changed is read. */
export async function allOf(
  store: Pick<Store, 'view'>,
  kind: string,
): Promise<ReadonlyMap<string, HubRecord>> {
  return (await store.view([kind])).records.get(kind) ?? OrderedMap.of<HubRecord>();
}

/** Groups items by a text of each. */
export function groupedBy<T>(
  items: Iterable<T>,
  textOf: (item: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(textOf(item));
    if (group === undefined) groups.set(textOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
