import type { FeedAdmin } from './feed-admin.ts';
import { LIMIT, limitOf, operation, type Operation, pageOf, PAGING } from '../access/operation.ts';

/** Operations on feeds and their runs. */
export function feedOperations(feeds: FeedAdmin): readonly Operation[] {
  const tag = 'Feeds';
  return [
    operation({
      method: 'GET',
      path: '/feeds',
      name: 'listFeeds',
      summary: 'List feeds with their status and last runs',
      tag,
      status: 200,
      answer: 'feeds',
      query: PAGING,
      run: async (call) => pageOf(await feeds.list(call.actor), ({ name }) => name, call),
    }),
    operation({
      method: 'POST',
      path: '/feeds',
      name: 'addFeed',
      summary: 'Add a feed: a preset, a document, or a URL whose format is detected',
      tag,
      status: 201,
      body: 'api/feed-request.json',
      answer: 'feed_details',
      idempotent: true,
      run: async ({ actor, body }) => ({ body: await feeds.add(actor, body) }),
    }),
    operation({
      method: 'GET',
      path: '/feed-catalogue',
      name: 'listPresets',
      summary: 'List the presets that ship with the hub',
      tag,
      status: 200,
      answer: 'presets',
      run: ({ actor }) => Promise.resolve({ body: { items: feeds.catalogue(actor) } }),
    }),
    operation({
      method: 'GET',
      path: '/feed-usefulness',
      name: 'compareFeeds',
      summary: 'Compare feeds by the entries that only they have, or have first',
      tag,
      status: 200,
      answer: 'usefulness',
      run: async ({ actor }) => ({ body: { items: await feeds.usefulness(actor) } }),
    }),
    operation({
      method: 'POST',
      path: '/feed-previews',
      name: 'previewNewFeed',
      summary: 'Preview a new feed without storing anything',
      tag,
      status: 200,
      body: 'api/feed-request.json',
      answer: 'new_feed_preview',
      run: async ({ actor, body }) => ({ body: await feeds.previewNew(actor, body) }),
    }),
    operation({
      method: 'GET',
      path: '/feeds/:feed',
      name: 'getFeed',
      summary: 'Get a feed with its document and status',
      tag,
      status: 200,
      answer: 'feed_details',
      run: async ({ actor, parameters }) => ({ body: await feeds.show(actor, parameters.feed) }),
    }),
    operation({
      method: 'PUT',
      path: '/feeds/:feed',
      name: 'changeFeed',
      summary: 'Replace the document of a feed',
      tag,
      status: 200,
      body: 'api/feed-change.json',
      answer: 'feed_details',
      run: async ({ actor, parameters, body }) => ({
        body: await feeds.change(actor, parameters.feed, body),
      }),
    }),
    operation({
      method: 'DELETE',
      path: '/feeds/:feed',
      name: 'removeFeed',
      summary: 'Delete a feed; its indicators stay until they expire',
      tag,
      status: 204,
      run: async ({ actor, parameters }) => {
        await feeds.remove(actor, parameters.feed);
        return {};
      },
    }),
    operation({
      method: 'POST',
      path: '/feeds/:feed/pause',
      name: 'pauseFeed',
      summary: 'Pause a feed',
      tag,
      status: 200,
      body: 'api/feed-pause.json',
      answer: 'feed_details',
      run: async ({ actor, parameters, body }) => ({
        body: await feeds.pause(actor, parameters.feed, true, body.reason),
      }),
    }),
    operation({
      method: 'POST',
      path: '/feeds/:feed/resumption',
      name: 'resumeFeed',
      summary: 'Resume a feed',
      tag,
      status: 200,
      answer: 'feed_details',
      run: async ({ actor, parameters }) => ({ body: await feeds.pause(actor, parameters.feed, false) }),
    }),
    operation({
      method: 'GET',
      path: '/feeds/:feed/runs',
      name: 'listRuns',
      summary: 'List the runs of a feed, newest first',
      tag,
      status: 200,
      answer: 'runs',
      query: LIMIT,
      run: async (call) => ({
        body: { items: await feeds.history(call.actor, call.parameters.feed, limitOf(call)) },
      }),
    }),
    operation({
      method: 'POST',
      path: '/feeds/:feed/runs',
      name: 'runFeed',
      summary: 'Run a feed now; the answer reports progress line by line (NDJSON)',
      tag,
      status: 200,
      answer: 'run_line',
      lines: true,
      query: [
        {
          name: 'confirm',
          description: 'yes: a list that has shrunk, or is empty, is right as it is.',
          schema: { type: 'string', enum: ['yes'] },
        },
      ],
      run: async ({ actor, parameters, query, progress }) => ({
        body: {
          report: await feeds.run(actor, parameters.feed, query.confirm === 'yes', (done) =>
            progress({ progress: done }),
          ),
        },
      }),
    }),
    operation({
      method: 'POST',
      path: '/feeds/:feed/content',
      name: 'uploadContent',
      summary: 'Upload a file to a feed; the answer reports progress line by line (NDJSON)',
      tag,
      status: 200,
      answer: 'run_line',
      lines: true,
      raw: true,
      query: [
        {
          name: 'name',
          description:
            'Name of the file: of a report of Shadowserver it says what is in it, of a mail ' +
            '(.eml) the attachments are read.',
          schema: { type: 'string', pattern: '^[^\\u0000-\\u001f]{1,200}$' },
        },
      ],
      run: async ({ actor, parameters, query, http, progress }) => ({
        body: {
          report: await feeds.upload(actor, parameters.feed, query.name ?? 'upload', http.body, (done) =>
            progress({ progress: done }),
          ),
        },
      }),
    }),
    operation({
      method: 'POST',
      path: '/feeds/:feed/preview',
      name: 'previewFeed',
      summary: 'Preview a run without storing anything',
      tag,
      status: 200,
      answer: 'feed_preview',
      run: async ({ actor, parameters }) => ({ body: await feeds.preview(actor, parameters.feed) }),
    }),
    operation({
      method: 'GET',
      path: '/feeds/:feed/quarantine',
      name: 'listQuarantine',
      summary: 'List the rows in quarantine of the last run that has any',
      tag,
      status: 200,
      answer: 'quarantine',
      run: async ({ actor, parameters }) => ({
        body: { items: await feeds.quarantine(actor, parameters.feed) },
      }),
    }),
    operation({
      method: 'POST',
      path: '/feeds/:feed/quarantine/retry',
      name: 'retryQuarantine',
      summary: 'Process the rows in quarantine again with the current document',
      tag,
      status: 200,
      answer: 'retried',
      run: async ({ actor, parameters }) => ({ body: await feeds.retryQuarantine(actor, parameters.feed) }),
    }),
  ];
}
