import { operation, type Operation } from '../../access/operation.ts';
import type { Connections } from './connect-service.ts';

/** Operations on lists for tools. */
export function listOperations(connections: Connections): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/list-tools/:tool',
      name: 'connectTool',
      summary:
        'Get the settings that connect a tool to a saved list or the list of a collection, ' +
        'and see whether the tool fetches it',
      tag: 'Objects',
      permission: 'collection.read',
      status: 200,
      answer: 'list_connection',
      query: [
        {
          name: 'collection',
          description: 'A saved list, or the id or alias of a collection.',
          required: true,
          schema: { type: 'string', minLength: 1, maxLength: 200 },
        },
        {
          name: 'member',
          description: 'Name of the member whose tool it is.',
          schema: { type: 'string', minLength: 1, maxLength: 64 },
        },
      ],
      run: async ({ actor, parameters, query }) => ({
        body: await connections.describe(actor, parameters.tool, query.collection, query.member),
      }),
    }),
  ];
}
