import { FACETS, type Facet } from '../../sharing/reading/search-filters.ts';
import type { PageContext } from './page-table.ts';

/** A view of search results: what is searched for, and the filters. Its address is the view. */
export type ViewParameters = Readonly<{ q: string } & Partial<Record<Facet, string>>>;

/** Returns the view that the address of a page describes. Undefined without anything to search for. */
export function viewOf(query: PageContext['query']): ViewParameters | undefined {
  const q = query('q')?.trim() ?? '';
  if (q === '') return undefined;
  return { q, ...Object.fromEntries(FACETS.flatMap((name) => [[name, query(name)]])) };
}

/** Returns the query of an address. Parameters without a value are left out. */
export function queryText(parameters: Readonly<Record<string, string | undefined>>): string {
  return new URLSearchParams(
    Object.entries(parameters).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, value]],
    ),
  ).toString();
}

/** Returns the address of a view. */
export function addressOf(view: ViewParameters, offset?: number): string {
  const at = offset === undefined || offset === 0 ? undefined : String(offset);
  return `/console/search?${queryText({ ...view, offset: at })}`;
}

/** Returns the view in which a value of a filter is chosen, or no longer chosen. */
export function toggled(view: ViewParameters, filter: Facet, value: string): ViewParameters {
  const before = (view[filter] ?? '').split(',').filter((one) => one !== '');
  const after = before.includes(value) ? before.filter((one) => one !== value) : [...before, value];
  return { ...view, [filter]: after.length === 0 ? undefined : after.join(',') };
}
