import { operation, pageOf, PAGING, type Operation } from '../../access/operation.ts';
import { taxiiTimestamp } from '../../stix/timestamps.ts';
import { readSince, shownRemoval } from './removal-log.ts';
import type { SavedLists } from './service.ts';
import type { ListRemovalLog } from '../lists/collection-removals.ts';

const tag = 'Lists';
const MOST_REMOVALS = 1_000;

/** Operations on saved lists, which tools fetch at a stable address. */
export function savedListOperations(lists: SavedLists, removals: ListRemovalLog): readonly Operation[] {
  return [...settingOperations(lists), ...changeOperations(lists), ...contentOperations(lists, removals)];
}

function settingOperations(lists: SavedLists): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/lists',
      name: 'listLists',
      summary: 'List the saved lists that you may see, with their states',
      tag,
      permission: 'list.see',
      status: 200,
      answer: 'saved_lists',
      query: PAGING,
      run: async (call) => pageOf(await lists.list(call.actor), ({ name }) => name, call),
    }),
    operation({
      method: 'POST',
      path: '/lists',
      name: 'createList',
      summary: 'Save a list under a name, with a stable address for tools',
      tag,
      permission: 'list.write',
      status: 201,
      body: 'api/list-request.json',
      answer: 'saved_list',
      idempotent: true,
      run: async ({ actor, body }) => ({ body: await lists.create(actor, body) }),
    }),
    operation({
      method: 'GET',
      path: '/lists/:list',
      name: 'getList',
      summary: 'Get a saved list: its settings, its state, and what it leaves out',
      tag,
      permission: 'list.see',
      status: 200,
      answer: 'saved_list',
      run: async ({ actor, parameters }) => ({ body: await lists.get(actor, parameters.list) }),
    }),
  ];
}

function changeOperations(lists: SavedLists): readonly Operation[] {
  return [
    operation({
      method: 'PATCH',
      path: '/lists/:list',
      name: 'updateList',
      summary: 'Update the settings of a saved list',
      tag,
      permission: 'list.write',
      status: 200,
      body: 'api/list-change.json',
      answer: 'saved_list',
      run: async ({ actor, parameters, body }) => ({
        body: await lists.update(actor, parameters.list, body),
      }),
    }),
    operation({
      method: 'DELETE',
      path: '/lists/:list',
      name: 'deleteList',
      summary: 'Delete a saved list',
      tag,
      permission: 'list.write',
      status: 204,
      run: async ({ actor, parameters }) => {
        await lists.delete(actor, parameters.list);
        return {};
      },
    }),
  ];
}

/** Operations on the content of saved lists. */
function contentOperations(lists: SavedLists, removals: ListRemovalLog): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/lists/:list/confirmation',
      name: 'confirmList',
      summary: 'Publish the content of a saved list that is on hold',
      tag,
      permission: 'list.confirm',
      status: 200,
      body: 'api/list-confirmation.json',
      answer: 'saved_list',
      run: async ({ actor, parameters, body }) => ({
        body: await lists.confirm(actor, parameters.list, body.entries),
      }),
    }),
    operation({
      method: 'GET',
      path: '/lists/:list/removals',
      name: 'listListRemovals',
      summary: 'List the values that left a saved list or a collection, with times and reasons',
      tag,
      permission: 'list.read',
      status: 200,
      answer: 'list_removals',
      query: [
        {
          name: 'since',
          description: 'Only removals after this time.',
          schema: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?Z$' },
        },
      ],
      run: async ({ actor, parameters, query }) => {
        const since = readSince(query.since);
        const found = await removals.after(actor, parameters.list, since, MOST_REMOVALS + 1);
        const items = found.slice(0, MOST_REMOVALS);
        const last = items.at(-1);
        const next =
          found.length > items.length && last !== undefined ? { next: taxiiTimestamp(last.at) } : {};
        return { body: { items: items.map(shownRemoval), ...next } };
      },
    }),
  ];
}
