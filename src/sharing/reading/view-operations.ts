import { operation, type Operation, type QueryParameter } from '../../access/operation.ts';
import { chosenIn, FACETS, MOST_IN_VIEW, type Chosen, type Facet } from './search-filters.ts';
import type { SearchView } from './search-view.ts';

/** Number of objects on a page that is requested without a limit. */
const PAGE = 50;

const facet = <const Name extends Facet>(name: Name, description: string) => ({
  name,
  description: `${description} Several values are separated by commas.`,
  schema: { type: 'string', pattern: String.raw`^[^\u0000-\u001f]{1,1000}$` },
});

/** The question of a view: what is searched for, and the filters. */
const QUESTION = [
  {
    name: 'q',
    description: 'A value, defanged or not, a STIX id, or the beginning of a name.',
    required: true,
    schema: { type: 'string', pattern: String.raw`^[^\u0000-\u001f]{1,2000}$` },
  },
  facet('type', 'Only objects of these STIX types.'),
  facet('tlp', 'Only objects with these TLP levels.'),
  facet('state', 'Only objects in these states: valid, expired, revoked, not-yet-valid.'),
  facet('collection', 'Only objects in these collections, by alias or id.'),
  facet('source', 'Only objects of these owners, which hub staff see, and members for their own objects.'),
  facet('label', 'Only objects with one of these labels.'),
  facet('age', 'Only objects that were added within a day, a week, a month or a year, or are older.'),
] as const satisfies readonly QueryParameter[];

/** Operations on the results of a search as one list that can be filtered. */
export function searchViewOperations(view: SearchView): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/search',
      name: 'getSearchView',
      summary: 'Search the collections that you can read, with filters and with counts for each filter',
      tag: 'Objects',
      permission: 'collection.read',
      status: 200,
      answer: 'search_view',
      query: [
        ...QUESTION,
        {
          name: 'limit',
          description: `Maximum number of objects on the page; ${PAGE} by default, ${MOST_IN_VIEW} at most.`,
          schema: { type: 'integer', minimum: 1, maximum: MOST_IN_VIEW },
        },
        {
          name: 'offset',
          description: 'The value of "next" from the previous page.',
          schema: { type: 'integer', minimum: 0, maximum: MOST_IN_VIEW },
        },
      ],
      run: async ({ actor, query, agent }) => {
        const page = { offset: Number(query.offset ?? 0), limit: Number(query.limit ?? PAGE) };
        return { body: await view.view(actor, { typed: query.q, chosen: chosenOf(query) }, page, agent) };
      },
    }),
    operation({
      method: 'GET',
      path: '/search/bundle',
      name: 'exportSearch',
      summary: 'Get the objects that match a search and its filters as a STIX bundle',
      tag: 'Objects',
      permission: 'collection.read',
      status: 200,
      answer: 'search_export',
      query: QUESTION,
      run: async ({ actor, query, agent, whenSent }) => ({
        body: await view.bundle(actor, { typed: query.q, chosen: chosenOf(query) }, agent, whenSent),
      }),
    }),
  ];
}

function chosenOf(query: Readonly<Partial<Record<Facet, string | undefined>>>): Chosen {
  return Object.fromEntries(FACETS.map((name) => [name, chosenIn(name, query[name])]));
}
