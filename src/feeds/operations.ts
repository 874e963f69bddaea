import type { FeedAdmin } from './feed-admin.ts';
import { LIMIT, limitOf, operation, type Operation, pageOf, PAGING } from '../access/operation.ts';

const tag = 'Feeds';

/** Operations on feeds and their runs. */
export function feedOperations(feeds: FeedAdmin): readonly Operation[] {
  return [
    ...listOperations(feeds),
    ...documentOperations(feeds),
    ...scheduleOperations(feeds),
    ...runOperations(feeds),
    ...uploadOperations(feeds),
    ...previewOperations(feeds),
    ...quarantineOperations(feeds),
  ];
}

/** Operations that show feeds and presets. */
function listOperations(feeds: FeedAdmin): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/feeds',
      name: 'listFeeds',
      summary: 'List feeds with their status and last runs',
      tag,
      permission: 'hub.read',
      status: 200,
      answer: 'feeds',
      query: PAGING,
      run: async (call) => pageOf(await feeds.list(call.actor), ({ name }) => name, call),
    }),
    operation({
      method: 'GET',
      path: '/feed-catalogue',
      name: 'listPresets',
      summary: 'List the presets that ship with the hub',
      tag,
      permission: 'hub.read',
      status: 200,
      answer: 'presets',
      run: ({ actor }) => Promise.resolve({ body: { items: feeds.catalogue(actor) } }),
    }),
    operation({
      method: 'GET',
      path: '/feed-usefulness',
      name: 'compareFeeds',
      summary: 'Compare feeds by the values that only they report, or report first',
      tag,
      permission: 'hub.read',
      status: 200,
      answer: 'usefulness',
      run: async ({ actor }) => ({ body: { items: await feeds.usefulness(actor) } }),
    }),
    operation({
      method: 'GET',
      path: '/feeds/:feed',
      name: 'getFeed',
      summary: 'Get a feed with its document and status',
      tag,
      permission: 'hub.read',
      status: 200,
      answer: 'feed_details',
      run: async ({ actor, parameters }) => ({ body: await feeds.show(actor, parameters.feed) }),
    }),
  ];
}

/** Operations that create, change and delete feeds. */
function documentOperations(feeds: FeedAdmin): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/feeds',
      name: 'createFeed',
      summary: 'Create a feed: a preset, a document, or a URL whose format is detected',
      tag,
      permission: 'hub.write',
      status: 201,
      body: 'api/feed-request.json',
      answer: 'feed_details',
      idempotent: true,
      run: async ({ actor, body }) => ({ body: await feeds.create(actor, body) }),
    }),
    operation({
      method: 'PUT',
      path: '/feeds/:feed',
      name: 'updateFeed',
      summary: 'Replace the document of a feed',
      tag,
      permission: 'hub.write',
      status: 200,
      body: 'api/feed-change.json',
      answer: 'feed_details',
      run: async ({ actor, parameters, body }) => ({
        body: await feeds.update(actor, parameters.feed, body),
      }),
    }),
    operation({
      method: 'DELETE',
      path: '/feeds/:feed',
      name: 'deleteFeed',
      summary: 'Delete a feed; its indicators stay until they expire',
      tag,
      permission: 'hub.write',
      status: 204,
      run: async ({ actor, parameters }) => {
        await feeds.delete(actor, parameters.feed);
        return {};
      },
    }),
  ];
}

/** Operations that stop a feed for a time. */
function scheduleOperations(feeds: FeedAdmin): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/feeds/:feed/pause',
      name: 'pauseFeed',
      summary: 'Pause a feed',
      tag,
      permission: 'feed.run',
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
      permission: 'feed.run',
      status: 200,
      answer: 'feed_details',
      run: async ({ actor, parameters }) => ({ body: await feeds.pause(actor, parameters.feed, false) }),
    }),
  ];
}

/** Operations on the runs of a feed. */
function runOperations(feeds: FeedAdmin): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/feeds/:feed/runs',
      name: 'listRuns',
      summary: 'List the runs of a feed, newest first',
      tag,
      permission: 'hub.read',
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
      summary: 'Run a feed now; the response reports progress line by line (NDJSON)',
      tag,
      permission: 'feed.run',
      status: 200,
      answer: 'run_line',
      lines: true,
      query: [
        {
          name: 'confirm',
          description: 'yes: accept a list that has shrunk or is empty.',
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
  ];
}

/** Operations that take the content of a feed from the caller. */
function uploadOperations(feeds: FeedAdmin): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/feeds/:feed/content',
      name: 'uploadContent',
      summary: 'Upload a file to a feed; the response reports progress line by line (NDJSON)',
      tag,
      permission: 'feed.run',
      status: 200,
      answer: 'run_line',
      lines: true,
      raw: true,
      query: [
        {
          name: 'name',
          description:
            'Name of the file. It shows the type of a Shadowserver report; of an email ' +
            '(.eml) the hub reads the attachments.',
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
  ];
}

/** Operations that show what a run would do. */
function previewOperations(feeds: FeedAdmin): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/feed-previews',
      name: 'previewNewFeed',
      summary: 'Preview a new feed without storing anything',
      tag,
      permission: 'hub.write',
      status: 200,
      body: 'api/feed-request.json',
      answer: 'new_feed_preview',
      run: async ({ actor, body }) => ({ body: await feeds.previewNew(actor, body) }),
    }),
    operation({
      method: 'POST',
      path: '/feeds/:feed/preview',
      name: 'previewFeed',
      summary: 'Preview a run without storing anything',
      tag,
      permission: 'feed.run',
      status: 200,
      answer: 'feed_preview',
      run: async ({ actor, parameters }) => ({ body: await feeds.preview(actor, parameters.feed) }),
    }),
  ];
}

/** Operations on rows that a run could not use. */
function quarantineOperations(feeds: FeedAdmin): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/feeds/:feed/quarantine',
      name: 'listQuarantine',
      summary: 'List the rows in quarantine of the last run that has any',
      tag,
      permission: 'hub.read',
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
      permission: 'feed.run',
      status: 200,
      answer: 'retried',
      run: async ({ actor, parameters }) => ({ body: await feeds.retryQuarantine(actor, parameters.feed) }),
    }),
  ];
}
