import type { SearchView } from '../../../api/schema-types.ts';
import { MOST_IN_VIEW } from '../../../sharing/reading/search-filters.ts';
import { csvText } from '../../../kernel/csv-text.ts';
import type { ConsolePage, Download, PageContext } from '../page-table.ts';
import { viewOf } from '../search-address.ts';
import { searchPage } from './search.tsx';

const COLUMNS = ['id', 'type', 'title', 'value', 'state', 'valid_until', 'tlp', 'source', 'version', 'collection_name', 'date_added'] as const; // prettier-ignore

/** All results of a search and its filters as a file. */
export const searchExport: ConsolePage = {
  path: '/search/export',
  title: (m) => m.search.export,
  needs: 'getSearchView',
  show: searchPage.show,
  download: async (context) =>
    context.query('format') === 'stix' ? bundleFile(context) : listFile(context, await itemsOf(context)),
};

async function itemsOf({ ask, query }: PageContext): Promise<SearchView['items']> {
  const view = viewOf(query);
  return view === undefined
    ? []
    : (await ask('getSearchView', { query: { ...view, limit: String(MOST_IN_VIEW) } })).items;
}

function listFile({ query }: PageContext, items: SearchView['items']): Download {
  if (query('format') === 'json')
    return {
      name: 'search.json',
      type: 'application/json',
      text: `${JSON.stringify(items, undefined, 2)}\n`,
    };
  const rows = items.map((item) => [...COLUMNS.map((column) => item[column] ?? ''), item.labels.join(' ')]);
  return {
    name: 'search.csv',
    type: 'text/csv; charset=utf-8',
    text: csvText([[...COLUMNS, 'labels'], ...rows]),
  };
}

async function bundleFile({ askText, query }: PageContext): Promise<Download> {
  const view = viewOf(query);
  const bundle = view === undefined ? '{}' : await askText('exportSearch', { query: view });
  return { name: 'search.stix.json', type: 'application/stix+json', text: `${bundle}\n` };
}
