import { operation, type Operation } from '../../access/operation.ts';
import type { Scorecards } from './service.ts';

/** Operations on the scorecards of sources. */
export function scorecardOperations(scorecards: Scorecards): readonly Operation[] {
  const tag = 'Scorecards';
  return [
    operation({
      method: 'GET',
      path: '/scorecards',
      name: 'listScorecards',
      summary: 'List how original, fast and reliable feeds and members are',
      tag,
      permission: 'scorecard.read',
      status: 200,
      answer: 'scorecards',
      query: [
        {
          name: 'days',
          description: 'Days until today, in UTC. Default: 30.',
          schema: { type: 'integer', minimum: 1, maximum: 365 },
        },
        {
          name: 'collection',
          description: 'Id or alias of a collection. Default: all together; for officers, each readable one.',
          schema: { type: 'string', minLength: 1, maxLength: 200 },
        },
        {
          name: 'source',
          description: '`feed:NAME`, `member:NAME` or `hub`. Default: all.',
          schema: { type: 'string', minLength: 1, maxLength: 110 },
        },
      ],
      run: async ({ actor, query: { days = '30', collection, source } }) => ({
        body: await scorecards.list(actor, { days: Number(days), collection, source }),
      }),
    }),
    arrivalOperation(scorecards, tag),
    operation({
      method: 'POST',
      path: '/scorecards/rebuild',
      name: 'rebuildScorecards',
      summary: 'Count everything again for the scorecards, from the stored objects',
      tag,
      permission: 'hub.write',
      status: 204,
      run: async ({ actor }) => {
        await scorecards.rebuild(actor);
        return {};
      },
    }),
  ];
}

function arrivalOperation(scorecards: Scorecards, tag: string): Operation {
  return operation({
    method: 'GET',
    path: '/arrivals',
    name: 'listArrivals',
    summary: 'List how many objects or rows each source offered on each day',
    tag,
    permission: 'hub.read',
    status: 200,
    answer: 'arrivals',
    query: [
      {
        name: 'days',
        description: 'Days until today, in UTC. Default: 14.',
        schema: { type: 'integer', minimum: 1, maximum: 92 },
      },
    ],
    run: async ({ actor, query: { days = '14' } }) => ({
      body: await scorecards.arrivals(actor, Number(days)),
    }),
  });
}
