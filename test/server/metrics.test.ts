import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { Metrics, type Gauges, type MeteredRun } from '../../src/server/metrics.ts';
import { anIndicator } from '../support/builders.ts';
import { MAIN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../support/hub.ts';

/** Returns the samples of a text in the Prometheus format, by name and labels. */
function samplesIn(text: string, prefix: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line.startsWith(prefix))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

describe('the measurements of the hub', () => {
  const state: Gauges = {
    objects: 12,
    held: 3,
    members: 2,
    accounts: 7,
    damaged: 1,
    alarms: [['list', 2]],
    connections: 4,
    ready: true,
  };
  const run: MeteredRun = {
    feed: 'list',
    status: 'ok',
    started: '2026-01-15T12:00:00.000Z',
    ended: '2026-01-15T12:00:02.500Z',
    bytes: 1_000,
    records: 10,
    created: 5,
    updated: 2,
    unchanged: 1,
    removed: 0,
    quarantined: 1,
    filtered: 1,
  };

  test('requests are counted by operation and class of status, and never by their address', async () => {
    const metrics = new Metrics('1.2.3', () => Promise.resolve(state));
    for (const status of [200, 204, 304, 404, 499, 503]) metrics.request('api', 'listFeeds', status, 0.01);
    metrics.request('taxii', 'other', 200, 30);
    const { body, type } = await metrics.text();
    expect(type).toMatch(/^text\/plain; version=/);
    expect(samplesIn(body, 'talanoa_http_requests_total')).toEqual({
      'talanoa_http_requests_total{surface="api",route="listFeeds",status="2xx"}': 2,
      'talanoa_http_requests_total{surface="api",route="listFeeds",status="3xx"}': 1,
      'talanoa_http_requests_total{surface="api",route="listFeeds",status="4xx"}': 2,
      'talanoa_http_requests_total{surface="api",route="listFeeds",status="5xx"}': 1,
      'talanoa_http_requests_total{surface="taxii",route="other",status="2xx"}': 1,
    });
    // A request that takes longer than the last bucket counts in the sum and in the number.
    const times = samplesIn(body, 'talanoa_http_request_seconds');
    expect(times['talanoa_http_request_seconds_bucket{le="10",surface="taxii",route="other"}']).toBe(0);
    expect(times['talanoa_http_request_seconds_count{surface="taxii",route="other"}']).toBe(1);
    expect(times['talanoa_http_request_seconds_sum{surface="taxii",route="other"}']).toBe(30);
  });

  test('the state of the hub is read at each request for metrics', async () => {
    let now = state;
    const metrics = new Metrics('1.2.3', () => Promise.resolve(now));
    const read = async () => samplesIn((await metrics.text()).body, 'talanoa_');
    expect(await read()).toMatchObject({
      'talanoa_info{version="1.2.3"}': 1,
      talanoa_objects: 12,
      talanoa_held_objects: 3,
      talanoa_members: 2,
      talanoa_accounts: 7,
      talanoa_damaged_records: 1,
      talanoa_connections: 4,
      talanoa_ready: 1,
      'talanoa_feed_alarms{feed="list"}': 2,
    });
    now = { ...state, objects: 0, alarms: [['other', 0]], ready: false };
    const later = await read();
    expect(later).toMatchObject({ talanoa_objects: 0, talanoa_ready: 0, 'talanoa_feed_alarms{feed="other"}': 0 });
    // A feed that no longer exists has no alarms that somebody would be woken by.
    expect(later).not.toHaveProperty(['talanoa_feed_alarms{feed="list"}']);
  }); // prettier-ignore

  test.each([
    ['ok', true],
    ['ok-empty', true],
    ['partial', true],
    ['not-modified', true],
    ['unchanged', true],
    ['suspect', false],
    ['failed', false],
  ])('a run that ended with %s counts as a success: %j', async (status, isSuccess) => {
    const metrics = new Metrics('1.2.3', () => Promise.resolve(state));
    metrics.feedRun({ ...run, status });
    const found = samplesIn((await metrics.text()).body, 'talanoa_feed_');
    expect(found['talanoa_feed_last_success_timestamp_seconds{feed="list"}']).toBe(
      isSuccess ? Date.parse(run.ended) / 1_000 : undefined,
    );
    expect(found[`talanoa_feed_runs_total{feed="list",status="${status}"}`]).toBe(1);
  });

  test('a failed run leaves the time of the last success as it was, and rows add up', async () => {
    const metrics = new Metrics('1.2.3', () => Promise.resolve(state));
    metrics.feedRun({ ...run, newest: '2026-01-15T11:00:00Z' });
    metrics.feedRun({ ...run, status: 'failed', ended: '2026-01-15T13:00:00.000Z', bytes: 24, created: 0, filtered: 0, quarantined: 6 });
    const found = samplesIn((await metrics.text()).body, 'talanoa_feed_');
    expect(found).toMatchObject({
      'talanoa_feed_last_success_timestamp_seconds{feed="list"}': Date.parse(run.ended) / 1_000,
      'talanoa_feed_newest_record_timestamp_seconds{feed="list"}': Date.parse('2026-01-15T11:00:00Z') / 1_000,
      'talanoa_feed_last_run_seconds{feed="list"}': 3_600,
      'talanoa_feed_bytes_total{feed="list"}': 1_024,
      'talanoa_feed_records_total{feed="list",outcome="created"}': 5,
      'talanoa_feed_records_total{feed="list",outcome="updated"}': 4,
      'talanoa_feed_records_total{feed="list",outcome="unchanged"}': 2,
      'talanoa_feed_records_total{feed="list",outcome="removed"}': 0,
      'talanoa_feed_records_total{feed="list",outcome="quarantined"}': 7,
      'talanoa_feed_records_total{feed="list",outcome="filtered"}': 1,
    });
  }); // prettier-ignore

  test('failed sign-ins and ended connections are counted by their reasons', async () => {
    const metrics = new Metrics('1.2.3', () => Promise.resolve(state));
    metrics.signInFailed('password', 'wrong');
    metrics.signInFailed('password', 'wrong');
    metrics.signInFailed('key', 'throttled');
    metrics.connectionEnded('slow');
    const { body } = await metrics.text();
    expect(samplesIn(body, 'talanoa_sign_in_failures_total')).toEqual({
      'talanoa_sign_in_failures_total{way="password",reason="wrong"}': 2,
      'talanoa_sign_in_failures_total{way="key",reason="throttled"}': 1,
    });
    expect(samplesIn(body, 'talanoa_connections_ended_total')).toEqual({
      'talanoa_connections_ended_total{reason="slow"}': 1,
    });
  });
});

describe('GET /metrics', () => {
  let t: TestHub;
  beforeAll(async () => {
    t = await testHub(`${SETTINGS}  - { name: gauge, role: machine, key_env: KEY_GAUGE }
feeds:
  - { name: list, preset: plain-list, url: "http://127.0.0.1:9/", collection: indicators, enabled: true }
`);
  });
  afterAll(() => t.stop());
  const read = (who?: string) => {
    const request = supertest(t.hub.app).get('/metrics');
    return who === undefined ? request : request.set('Authorization', `Bearer ${who.startsWith('tln_') ? who : keyOf(who)}`);
  }; // prettier-ignore

  test.each([
    [undefined, 401],
    ['unknown', 401],
    ['chief', 200],
    ['analyst', 403],
    ['desk', 403],
    ['sensor', 403],
    ['nobody', 403],
  ])('answers %s with %i', async (who, status) => {
    const answer = await read(who);
    expect([answer.status, answer.headers['cache-control']]).toEqual([status, 'no-store']);
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer realm="Talanoa"' : undefined);
    expect(answer.text.includes('talanoa_objects')).toBe(status === 200);
  });

  test('a key with the scope for metrics reads them, and nothing else', async () => {
    const make = async (scopes: readonly string[]): Promise<string> => {
      const { body, status } = await t.api('chief', 'POST', '/keys', { account: 'gauge', scopes });
      expect(status).toBe(201);
      return String(body['secret']);
    };
    const metrics = await make(['metrics:read']);
    expect((await read(metrics)).status).toBe(200);
    expect((await t.api(metrics, 'GET', '/status')).status).toBe(403);
    expect((await read(await make(['api:read']))).status).toBe(403);
  }); // prettier-ignore

  test('follows what happens in the hub, and names no member, account, address or object', async () => {
    const object = anIndicator({ name: 'Quiet harbour' });
    await t.as('sensor').post(objectsOf(MAIN), { objects: [object] });
    await t.as('sensor').get(objectsOf(MAIN)).expect(200);
    await t.as('nobody').get(objectsOf(MAIN)).expect(404);
    await t.api('chief', 'GET', '/feeds/none');
    await t.api('chief', 'POST', '/feeds/list/runs');
    const { text } = await read('chief');
    const found = samplesIn(text, 'talanoa_');
    expect(found).toMatchObject({
      talanoa_objects: 1,
      // The hub itself is not counted as a member.
      talanoa_members: 2,
      talanoa_ready: 1,
      'talanoa_feed_runs_total{feed="list",status="failed"}': 1,
      'talanoa_http_requests_total{surface="api",route="getFeed",status="4xx"}': 1,
    });
    const taxii = Object.keys(found).filter((name) => name.startsWith('talanoa_http_requests_total{surface="taxii"'));
    expect(new Set(taxii.map((name) => /status="(\dxx)"/.exec(name)?.[1]))).toEqual(new Set(['2xx', '4xx']));
    for (const secret of ['tonga', 'fiji', 'sensor', 'chief', '127.0.0.1', String(object['id']), 'Quiet', MAIN])
      expect([secret, text.includes(secret)]).toEqual([secret, false]);
  }); // prettier-ignore

  test('cannot be changed', async () => {
    for (const method of ['post', 'put', 'delete'] as const) {
      const request = supertest(t.hub.app)[method]('/metrics');
      const { status } = await request.set('Authorization', `Bearer ${keyOf('chief')}`);
      expect([method, status]).toEqual([method, 404]);
    }
  });
});
