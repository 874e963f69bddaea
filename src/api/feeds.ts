import type { FeedAdmin } from '../feeds/feed-admin.ts';
import { PAGING, limitOf, pageOf, type Operation } from './operation.ts';

/** Feeds and their runs. */
export function feedOperations(feeds: FeedAdmin): readonly Operation[] {
  const tag = 'Feeds';
  const [limit] = PAGING;
  return [
    {
      method: 'GET', path: '/feeds', name: 'listFeeds', summary: 'Feeds and their last runs', tag, status: 200, answer: 'feeds', query: PAGING,
      run: async (call) => pageOf(await feeds.list(call.actor), ({ name }) => name, call),
    },
    {
      method: 'GET', path: '/feeds/:feed/runs', name: 'listRuns', summary: 'Past runs, newest first', tag, status: 200, answer: 'runs',
      query: limit === undefined ? [] : [limit],
      run: async (call) => ({
        body: { items: await feeds.history(call.actor, call.parameters['feed'] ?? '', limitOf(call)) },
      }),
    },
    {
      method: 'GET', path: '/feeds/:feed/quarantine', name: 'listQuarantine', summary: 'Rows that the last run with bad rows could not use', tag, status: 200,
      answer: 'quarantine',
      run: async ({ actor, parameters }) => ({
        body: { items: await feeds.quarantine(actor, parameters['feed'] ?? '') },
      }),
    },
    {
      method: 'POST', path: '/feeds/:feed/runs', name: 'runFeed', summary: 'Run a feed now; progress comes line by line (NDJSON)', tag, status: 200,
      answer: 'run_line', lines: true,
      run: async ({ actor, parameters, progress }) => ({
        body: { report: await feeds.run(actor, parameters['feed'] ?? '', (done) => progress({ progress: done })) },
      }),
    },
  ]; // prettier-ignore
}
