import { can } from '../access/policy.ts';
import type { Principal } from '../access/principal.ts';
import type { Feeds } from '../feeds/service.ts';
import { Problem } from '../kernel/problem.ts';
import { PAGING, limitOf, pageOf, type Operation } from './operation.ts';

/** Feeds and their runs. */
export function feedOperations(feeds: Feeds): readonly Operation[] {
  const tag = 'Feeds';
  const [limit] = PAGING;
  return [
    {
      method: 'GET', path: '/feeds', name: 'listFeeds', summary: 'Feeds and their last runs', tag, status: 200, answer: 'feeds', query: PAGING,
      run: async (call) => {
        demand(call.actor, 'hub.read');
        return pageOf(await feeds.list(), ({ name }) => name, call);
      },
    },
    {
      method: 'GET', path: '/feeds/:feed/runs', name: 'listRuns', summary: 'Past runs, newest first', tag, status: 200, answer: 'runs',
      query: limit === undefined ? [] : [limit],
      run: async (call) => {
        demand(call.actor, 'hub.read');
        return { body: { items: await feeds.history(call.parameters['feed'] ?? '', limitOf(call)) } };
      },
    },
    {
      method: 'GET', path: '/feeds/:feed/quarantine', name: 'listQuarantine', summary: 'Rows that the last run with bad rows could not use', tag, status: 200,
      answer: 'quarantine',
      run: async ({ actor, parameters }) => {
        demand(actor, 'hub.read');
        return { body: { items: await feeds.quarantine(parameters['feed'] ?? '') } };
      },
    },
    {
      method: 'POST', path: '/feeds/:feed/runs', name: 'runFeed', summary: 'Run a feed now; progress comes line by line (NDJSON)', tag, status: 200,
      answer: 'run_line', lines: true,
      run: async ({ actor, parameters, progress }) => {
        demand(actor, 'feed.run');
        return { body: { report: await feeds.run(parameters['feed'] ?? '', (done) => progress({ progress: done })) } };
      },
    },
  ]; // prettier-ignore
}

function demand(actor: Principal, action: 'hub.read' | 'feed.run'): void {
  if (!can(actor, action, { kind: 'hub' }))
    throw new Problem('forbidden', 'You may not use the feeds', { code: 'TLN-A-403' });
}
