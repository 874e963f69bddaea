import { LAST_VERSION, type PageQuery } from '../store/store.ts';

/** What a read leaves out. */
export type Filters = Pick<PageQuery, 'types' | 'specs' | 'versions'>;

/** Filters as a text that stands for them in the ledger; empty where a read leaves nothing out. */
export function writeFilters({ types, specs, versions }: Filters): string {
  const last = versions.last && !versions.first && !versions.all && versions.exact.length === 0;
  if (types === undefined && specs === undefined && last) return '';
  return JSON.stringify({
    ...(types === undefined ? {} : { types: types.toSorted() }),
    ...(specs === undefined ? {} : { specs: specs.toSorted() }),
    ...(last ? {} : { versions }),
  });
}

/** The filters that such a text stands for. */
export function readFilters(text: string): Filters {
  return { versions: LAST_VERSION, ...(text === '' ? {} : (JSON.parse(text) as Partial<Filters>)) };
}

/** The same as it stands in a TAXII address, for people. */
export function filterWords({ types, specs, versions }: Filters): string {
  const words = [
    ...(versions.all ? ['all'] : []),
    ...(versions.first ? ['first'] : []),
    ...(versions.last ? ['last'] : []),
  ].join(',');
  return [
    ...(types === undefined ? [] : [`type=${types.join(',')}`]),
    ...(specs === undefined ? [] : [`spec_version=${specs.join(',')}`]),
    ...(words === 'last' ? [] : [`version=${words}`]),
  ].join(' ');
}
