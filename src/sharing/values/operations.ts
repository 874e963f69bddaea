import { operation, type Operation } from '../../access/operation.ts';
import type { ValueService } from './service.ts';

/** Operations on the value view, from which lists are made. */
export function valueOperations(values: ValueService): readonly Operation[] {
  const tag = 'Objects';
  return [
    operation({
      method: 'GET',
      path: '/values/views',
      name: 'listValueViews',
      summary: 'List the collections, and whether their values are up to date',
      tag,
      permission: 'hub.read',
      status: 200,
      answer: 'value_view_states',
      run: async ({ actor }) => ({ body: { items: await values.list(actor) } }),
    }),
    operation({
      method: 'POST',
      path: '/values/rebuild',
      name: 'rebuildValues',
      summary: 'Build the values of one collection, or of all, again from the stored objects',
      tag,
      permission: 'hub.write',
      status: 200,
      answer: 'value_view_states',
      query: [
        {
          name: 'collection',
          description: 'Id or alias of the collection. Default: all collections.',
          schema: { type: 'string', minLength: 1, maxLength: 200 },
        },
      ],
      run: async ({ actor, query }) => ({ body: { items: await values.rebuild(actor, query.collection) } }),
    }),
  ];
}
