import { LAST_VERSION, type PageQuery } from '../../store/store.ts';

/** The filters of a read. */
export type Filters = Pick<PageQuery, 'types' | 'specs' | 'versions'>;

/** Returns filters as a text for the ledger. It is empty if the read has no filters. */
export function writeFilters({ types, specs, versions }: Filters): string {
  const last = versions.last && !versions.first && !versions.all && versions.exact.length === 0;
  if (types === undefined && specs === undefined && last) return '';
  return JSON.stringify({
    ...(types === undefined ? {} : { types: types.toSorted() }),
    ...(specs === undefined ? {} : { specs: specs.toSorted() }),
    ...(last ? {} : { versions }),
  });
}

/** Returns the filters that `writeFilters` wrote. */
export function readFilters(text: string): Filters {
  return { versions: LAST_VERSION, ...(text === '' ? {} : (JSON.parse(text) as Partial<Filters>)) };
}

/** Returns the filters in words, as in a TAXII address. */
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
