import { limitOf, operation, type Operation, pageOf, PAGING } from '../../access/operation.ts';
import { refang } from '../../stix/values/refang.ts';
import type { Answers } from '../deliveries/answers.ts';
import { noObject, type Outlet } from './outlet.ts';
import type { Newest } from './newest.ts';
import { searchKey, type SavedSearches } from './saved-searches.ts';
import type { Search } from './search.ts';

/** The query of a search. The place to continue from is longer than that of other lists. */
const SEARCH = [
  {
    name: 'q',
    description: 'The value, defanged or not.',
    required: true,
    schema: { type: 'string', pattern: '^[^\\u0000-\\u001f]{1,2000}$' },
  },
  ...PAGING.map((parameter) =>
    parameter.name === 'after'
      ? { ...parameter, schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,4000}$' } }
      : parameter,
  ),
] as const;

/** Operations that find and read objects. */
export function readingOperations(
  outlet: Pick<Outlet, 'places'>,
  search: Search,
  answers: Pick<Answers, 'opened'>,
  newest: Newest,
): readonly Operation[] {
  return [...findingOperations(outlet, search, answers), ...newOperations(newest)];
}

const tag = 'Objects';

function newOperations(newest: Newest): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/overview',
      name: 'getOverview',
      summary:
        'Get the number of new objects and the newest ones, in the collections that the caller may read',
      tag,
      permission: 'collection.read',
      status: 200,
      answer: 'overview',
      run: async ({ actor, agent }) => ({ body: await newest.overview(actor, agent) }),
    }),
  ];
}

function findingOperations(
  outlet: Pick<Outlet, 'places'>,
  search: Search,
  answers: Pick<Answers, 'opened'>,
): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/objects',
      name: 'searchObjects',
      summary:
        'Search the collections that the caller may read for a value: address, network, AS ' +
        'number, domain, URL, hash, email address, or the beginning of a name',
      tag,
      permission: 'collection.read',
      status: 200,
      answer: 'found_objects',
      query: SEARCH,
      run: async (call) => {
        const { actor, query, agent } = call;
        const { next, ...found } = await search.find(
          actor,
          refang(query.q.trim()),
          limitOf(call),
          query.after,
          agent,
        );
        return { body: { ...found, ...(next === undefined ? {} : { next }) } };
      },
    }),
    operation({
      method: 'GET',
      path: '/objects/:object',
      name: 'getObject',
      summary:
        'Get an object (by default its newest version) with its state and the collections that contain it, ' +
        'among those that the caller may read',
      tag,
      permission: 'collection.read',
      status: 200,
      answer: 'object_places',
      query: [
        {
          name: 'version',
          description: 'The version to get, as in "places". Default: the newest.',
          schema: { type: 'string', pattern: '^[0-9TZ:.-]{20,40}$' },
        },
      ],
      run: async ({ actor, parameters, query, agent }) => {
        const id = parameters.object;
        const { places, shown } = await outlet.places(actor, id, agent, query.version);
        if (shown === undefined) throw noObject(id);
        await answers.opened(actor, id);
        return { body: { id, places, ...shown } };
      },
    }),
    ...savedSearchOperations(search.saved),
  ];
}

/** Operations on the saved searches of the caller. */
function savedSearchOperations(searches: SavedSearches): readonly Operation[] {
  const tag = 'Objects';
  return [
    operation({
      method: 'GET',
      path: '/saved-searches',
      name: 'listSavedSearches',
      summary: 'List the searches that your own account has saved, and those that others share with you',
      tag,
      permission: 'search.read',
      status: 200,
      answer: 'saved_searches',
      query: PAGING,
      run: async (call) => pageOf(await searches.list(call.actor), searchKey, call),
    }),
    operation({
      method: 'POST',
      path: '/saved-searches',
      name: 'createSavedSearch',
      summary: 'Save a search under a name',
      tag,
      permission: 'search.write',
      status: 201,
      body: 'api/saved-search-request.json',
      answer: 'saved_search',
      run: async ({ actor, body: { name, ...search } }) => ({
        body: await searches.create(actor, name, search),
      }),
    }),
    operation({
      method: 'PATCH',
      path: '/saved-searches/:search',
      name: 'updateSavedSearch',
      summary: 'Update the value, the filters or the sharing of a saved search',
      tag,
      permission: 'search.write',
      status: 200,
      body: 'api/saved-search-change.json',
      answer: 'saved_search',
      run: async ({ actor, parameters, body }) => ({
        body: await searches.update(actor, parameters.search, body),
      }),
    }),
    operation({
      method: 'DELETE',
      path: '/saved-searches/:search',
      name: 'deleteSavedSearch',
      summary: 'Delete a saved search',
      tag,
      permission: 'search.write',
      status: 204,
      run: async ({ actor, parameters }) => {
        await searches.delete(actor, parameters.search);
        return {};
      },
    }),
  ];
}
