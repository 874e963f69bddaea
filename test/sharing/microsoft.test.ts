import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { holdLease } from '../../src/store/held-lease.ts';
import { tlpMarkingId, type Tlp } from '../../src/stix/markings.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';
import { listen, type Asked } from '../support/recorder.ts';

/*
 * A server that answers as Microsoft documents it: the token endpoint of Entra ID, the upload API of Sentinel (status 200
 * with the errors of single objects), and the indicators of Defender for Endpoint (results for each indicator, deletions
 * that fail as a whole if one of the ids is not there, 429 with Retry-After).
 */
const SECRET = 'secret-of-the-application';
const UPLOAD = '/workspaces/w1/threat-intelligence-stix-objects:upload?api-version=2024-02-01-preview';

let server: Awaited<ReturnType<typeof listen>>;
let base = '';
let got: Asked[] = [];
let tokens = 0;
let revoked = 0;
/** The next answers, before those of the service. */
let next: ((response: ServerResponse) => void)[] = [];
let refuse: (text: string) => string | undefined;
let tenant: Map<string, { readonly id: string; readonly indicator: Json }>;
let given = 0;
/** The id of an indicator that the service refuses to delete. */
let stuck: string | undefined;
let t: TestHub;
let clock: TestClock;
let settings = '';

const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
}; // prettier-ignore

function serve(request: Asked, response: ServerResponse): void {
  got.push(request);
  const { url, headers, body } = request;
  if (url === '/tenant/oauth2/v2.0/token') {
    const form = new URLSearchParams(body);
    const isGood = form.get('client_id') === 'app-1' && form.get('client_secret') === SECRET && form.get('grant_type') === 'client_credentials';
    if (!isGood) return json(response, 401, { error: 'invalid_client', error_description: `no ${SECRET}` });
    return json(response, 200, { token_type: 'Bearer', expires_in: 3599, access_token: `token-${++tokens} ${form.get('scope') ?? ''}` });
  }
  const [, token] = /^Bearer token-(\d+) /.exec(headers.authorization ?? '') ?? [];
  if (token === undefined || Number(token) <= revoked) return json(response, 401, { error: { code: 'Unauthorized' } });
  const answer = next.shift();
  if (answer !== undefined) return answer(response);
  const sent = JSON.parse(body === '' ? '{}' : body) as { stixobjects?: Json[]; Indicators?: Json[]; IndicatorIds?: string[] };
  if (url === UPLOAD)
    return json(response, 200, {
      errors: (sent.stixobjects ?? []).flatMap((object, recordIndex) => {
        const message = refuse(JSON.stringify(object));
        return message === undefined ? [] : [{ recordIndex, errorMessages: [message] }];
      }),
    });
  if (url === '/api/indicators/import')
    return json(response, 200, {
      value: (sent.Indicators ?? []).map((indicator) => {
        const value = String(indicator['indicatorValue']);
        const failureReason = refuse(value) ?? null;
        if (failureReason !== null) return { id: null, indicator: value, isFailed: true, failureReason };
        const id = tenant.get(value)?.id ?? String(++given);
        tenant.set(value, { id, indicator });
        return { id, indicator: value, isFailed: false, failureReason };
      }),
    });
  if (url.startsWith('/api/indicators?')) {
    const query = new URL(url, base).searchParams;
    const [skip, top] = [Number(query.get('$skip')), Number(query.get('$top'))];
    const own = [...tenant.values()].filter(({ indicator }) => query.get('$filter') === `application eq '${String(indicator['application'])}'`);
    return json(response, 200, { value: own.slice(skip, skip + top).map(({ id, indicator }) => ({ ...indicator, id })) });
  }
  if (url === '/api/indicators/BatchDelete') {
    const byId = new Map([...tenant].map(([value, one]) => [one.id, value]));
    const values = (sent.IndicatorIds ?? []).map((id) => byId.get(id));
    if (sent.IndicatorIds?.some((id) => id === stuck) === true) return json(response, 400, {});
    if (values.includes(undefined)) return json(response, 404, { error: { code: 'NotFound' } });
    for (const value of values) tenant.delete(value ?? '');
    return void response.writeHead(204).end();
  }
  return json(response, 404, {});
} // prettier-ignore

beforeAll(async () => {
  server = await listen(serve);
  base = server.base;
});
afterAll(async () => {
  await server.close();
});
beforeEach(async () => {
  [got, next, tokens, revoked, given, stuck] = [[], [], 0, 0, 0, undefined];
  tenant = new Map();
  refuse = () => undefined;
  clock = new TestClock('2026-11-30T12:00:00.000Z');
  settings = `${SETTINGS}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
egress: { allow: ["${base.slice(7)}"] }
`;
  t = await testHub(settings, { clock });
  await t.api('boss', 'PUT', '/secrets/app', { value: SECRET, hosts: [base.slice(7)] });
});
afterEach(async () => {
  await t.stop();
});

const ip = (value: string, tlp: Tlp = 'green', over: Json = {}): Json =>
  anIndicator({
    pattern: `[ipv4-addr:value = '${value}']`,
    object_marking_refs: [tlpMarkingId(tlp)],
    created: '2026-11-30T11:00:00.000Z',
    modified: '2026-11-30T11:00:00.000Z',
    valid_from: '2026-11-30T11:00:00Z',
    ...over,
  });
const publish = async (...objects: Json[]): Promise<void> => {
  const { body } = await t.as('writer').post(objectsOf(MAIN), { objects });
  expect(body).toMatchObject({ success_count: objects.length });
};
const add = async (kind: 'sentinel' | 'defender', over: Json = {}): Promise<Json> => {
  const url = kind === 'sentinel' ? `${base}${UPLOAD}` : `${base}/`;
  const made = await t.api('boss', 'POST', '/channels', { name: 'ms', member: 'tonga', kind, url, collection: 'indicators', token_url: `${base}/tenant/oauth2/v2.0/token`, username: 'app-1', secret: 'secret:app', ...over });
  return { status: made.status, ...made.body };
}; // prettier-ignore
/** Returns the values that are judged from now on. */
const watchJudged = (): Set<string> => {
  const judged = new Set<string>();
  const names = t.hub.store.names.bind(t.hub.store);
  t.hub.store.names = (query) => {
    for (const { kind, from } of query.ranges) if (/^value\/[^/]+\/ipv4$/.test(kind) && from !== '') judged.add(from);
    return names(query);
  };
  return judged;
}; // prettier-ignore
const deliver = () => t.hub.channels.deliverAll();
const channel = async (): Promise<Json> => (await t.api('boss', 'GET', '/channels/ms')).body;
const uploads = (): Json[][] =>
  got.filter(({ url }) => url === UPLOAD).map(({ body }) => (JSON.parse(body) as { stixobjects: Json[] }).stixobjects); // prettier-ignore
const sent = (): Json[] => uploads().flat();
const later = (seconds: string) => (response: ServerResponse) =>
  json(response, 429, {}, { 'Retry-After': seconds });

describe('a channel to Microsoft Sentinel', () => {
  test('uploads at most 100 objects in a request with one token, exact texts, and an end for each indicator', async () => {
    const long = ip('192.0.2.1', 'green', { valid_until: '2027-01-01T00:00:00Z' });
    const many = Array.from({ length: 149 }, (_, i) => ip(`198.51.100.${i}`));
    await publish(long, ...many);
    expect((await add('sentinel'))['status']).toBe(201);
    expect(await deliver()).toBe(150);
    expect(uploads().map(({ length }) => length)).toEqual([100, 50]);
    expect(tokens).toBe(1);
    expect(got.find(({ url }) => url === UPLOAD)?.headers.authorization).toBe('Bearer token-1 https://management.azure.com/.default');
    expect(got.find(({ url }) => url === UPLOAD)?.body).toContain(JSON.stringify(long));
    expect(got.find(({ url }) => url === UPLOAD)?.body).toMatch(/^\{"sourcesystem":"Talanoa ms",/);
    // Addresses are valid for 14 days.
    expect(sent()[1]?.['valid_until']).toBe('2026-12-14T11:00:00.000Z');
  }); // prettier-ignore

  test('makes dead letters of the objects that the API refuses one by one, and sends them again on request', async () => {
    const [good, bad] = [ip('192.0.2.1'), ip('192.0.2.2')];
    await publish(good, bad);
    refuse = (text) => (text.includes('192.0.2.2') ? 'Error for Property=pattern' : undefined);
    await add('sentinel');
    expect(await deliver()).toBe(1);
    expect(await channel()).toMatchObject({ state: 'current', delivered: 1, dead_letters: [{ id: bad['id'], message: 'Error for Property=pattern' }] });
    refuse = () => undefined;
    got = [];
    await t.api('boss', 'POST', '/channels/ms/dead-letters', { way: 'send' });
    await deliver();
    expect(sent().map(({ id }) => id)).toEqual([bad['id']]);
    expect(await channel()).toMatchObject({ delivered: 2, dead_letters: [] });
  }); // prettier-ignore

  test('waits as long as the API asks, gets a new token when one is refused, and closes when the secret is wrong', async () => {
    await publish(ip('192.0.2.1'));
    await add('sentinel');
    next = [later('600')];
    expect(await deliver()).toBe(0);
    expect(await channel()).toMatchObject({ state: 'failing', next_try: '2026-11-30T12:10:00.000Z' });
    clock.advance(600_000);
    revoked = tokens;
    expect(await deliver()).toBe(1);
    expect(tokens).toBe(2);
    await t.api('boss', 'PUT', '/secrets/app', { value: 'another-secret-value', hosts: [base.slice(7)] });
    await publish(ip('192.0.2.3'));
    await deliver();
    const closed = await channel();
    expect(closed).toMatchObject({ state: 'closed', last_error: expect.stringContaining('(status 401: invalid_client)') as unknown });
    expect(JSON.stringify(closed)).not.toMatch(/secret-of|another-secret/);
  }); // prettier-ignore

  test('never sends what is too strict for a provider, and revokes what was suppressed', async () => {
    const [kept, ended] = [ip('192.0.2.1'), ip('192.0.2.2')];
    await publish(kept, ended, ip('192.0.2.3', 'amber+strict'));
    await add('sentinel');
    await deliver();
    expect(sent().map(({ id }) => id)).toEqual([kept['id'], ended['id']]);
    got = [];
    await t.api('chief', 'POST', '/suppressions', { values: ['192.0.2.2'], reason: 'the bank of a member' });
    await deliver();
    expect(new Set(sent().map(({ id, revoked: is }) => `${String(id)} ${String(is)}`))).toEqual(new Set([`${String(ended['id'])} true`]));
  }); // prettier-ignore

  test('revokes the version that was sent when a newer one is too strict, and nothing that was never sent', async () => {
    const [one, weak] = [ip('192.0.2.2', 'green', { confidence: 90 }), ip('192.0.2.3', 'green', { confidence: 10 })];
    await publish(one, weak);
    await add('sentinel', { min_confidence: 80 });
    await deliver();
    expect(sent().map(({ id }) => id)).toEqual([one['id']]);
    got = [];
    await publish({ ...one, modified: '2026-11-30T11:30:00.000Z', description: 'a ministry was hit', object_marking_refs: [tlpMarkingId('amber+strict')] });
    await t.api('chief', 'POST', '/suppressions', { values: ['192.0.2.2', '192.0.2.3'], reason: 'addresses of a bank' });
    await deliver();
    expect(sent().length).toBeGreaterThan(0);
    expect(JSON.stringify(got)).not.toMatch(/ministry|192\.0\.2\.3/);
    for (const object of sent()) expect(object).toEqual({ ...one, revoked: true });
  }); // prettier-ignore

  test('keeps indicators that no tool may use from the workspace, also when they are suppressed or revoked', async () => {
    const pap: Json = { type: 'marking-definition', spec_version: '2.1', id: 'marking-definition--2d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a51', created: '2026-01-01T00:00:00.000Z', definition_type: 'statement', definition: { statement: 'PAP:RED' } };
    const strict = { object_marking_refs: [tlpMarkingId('green'), pap['id']] };
    const [free, never] = [ip('192.0.2.1'), ip('192.0.2.2', 'green', strict)];
    await publish(pap, free, never, ip('192.0.2.3', 'green', { ...strict, revoked: true }));
    await add('sentinel');
    await deliver();
    expect(sent().map(({ id }) => id)).toEqual([free['id']]);
    got = [];
    // The revoked version must not be sent. The tenant learns from the version that it has that the indicator ended.
    await publish({ ...free, ...strict, modified: '2026-11-30T11:30:00.000Z', description: 'for the eyes of analysts', revoked: true });
    await t.api('chief', 'POST', '/suppressions', { values: ['192.0.2.2'], reason: 'the bank of a member' });
    await deliver();
    expect(sent()).toEqual([{ ...free, revoked: true }]);
    expect(JSON.stringify(got)).not.toMatch(/analysts|192\.0\.2\.2/);
  }); // prettier-ignore

  test('revokes the newest of many large versions that it sent when the last one is too strict', async () => {
    const one = ip('192.0.2.2');
    const description = 'x'.repeat(200_000);
    const version = (minute: number, over: Json = {}): Json => ({ ...one, description, modified: `2026-11-30T11:${String(minute).padStart(2, '0')}:00.000Z`, ...over });
    for (let minute = 0; minute < 50; minute += 5)
      await publish(...Array.from({ length: 5 }, (_, i) => version(minute + i)));
    await add('sentinel');
    await deliver();
    got = [];
    await publish(version(50, { object_marking_refs: [tlpMarkingId('amber+strict')] }));
    await t.api('chief', 'POST', '/suppressions', { values: ['192.0.2.2'], reason: 'the bank of a member' });
    await deliver();
    expect(sent().map(({ modified, revoked: is }) => [modified, is])).toEqual([['2026-11-30T11:49:00.000Z', true]]);
  }); // prettier-ignore

  test('closes when the application lacks the right, and sends smaller requests when one is refused', async () => {
    await publish(...Array.from({ length: 8 }, (_, i) => ip(`192.0.2.${i + 1}`)));
    await add('sentinel');
    next = [400, 413].map((status) => (response: ServerResponse) => json(response, status, {}));
    expect(await deliver()).toBe(8);
    expect(uploads().map(({ length }) => length).slice(0, 3)).toEqual([8, 4, 2]);
    await publish(ip('192.0.2.99'));
    next = [(response) => json(response, 403, {})];
    expect(await deliver()).toBe(0);
    expect(await channel()).toMatchObject({ state: 'closed', last_error: 'the service returned the status 403; check the permissions of the application' });
    await t.api('boss', 'POST', '/channels/ms/resumption');
    expect(await deliver()).toBe(1);
  }); // prettier-ignore

  test('malformed errors lose nothing', async () => {
    const object = ip('192.0.2.1');
    await publish(object);
    await add('sentinel');
    next = [(response) => json(response, 200, { errors: [null, 7, { recordIndex: 'x' }] })];
    expect(await deliver()).toBe(1);
    expect(await channel()).toMatchObject({ state: 'current', delivered: 1 });
  }); // prettier-ignore
});

describe('a channel to Microsoft Defender for Endpoint', () => {
  test('sends active values with their end, and deletes what is revoked, expired or suppressed', async () => {
    const [stays, gone, ends, hidden] = [
      ip('45.9.20.1', 'green', { confidence: 90, valid_until: '2027-01-01T00:00:00Z' }),
      ip('45.9.20.2'),
      ip('45.9.20.3', 'green', { valid_until: '2026-12-01T00:00:00Z' }),
      ip('45.9.20.4'),
    ];
    const other = (pattern: string): Json => ip('0.0.0.0', 'green', { pattern });
    await publish(stays, gone, ends, hidden, ip('45.9.21.0/24'), ip('45.9.20.5', 'amber+strict'), other("[domain-name:value = 'evil.example.net']"), other("[email-addr:value = 'a@evil.example.net']"));
    await add('defender', { action: 'Block' });
    await deliver();
    expect([...tenant.keys()].toSorted()).toEqual(['45.9.20.1', '45.9.20.2', '45.9.20.3', '45.9.20.4', 'evil.example.net']);
    expect(tenant.get('45.9.20.1')?.indicator).toEqual({
      indicatorValue: '45.9.20.1', indicatorType: 'IpAddress', action: 'Block', severity: 'High', title: 'Talanoa', application: 'Talanoa',
      description: `From the threat information hub Talanoa: ${String(stays['id'])}`, generateAlert: true, expirationTime: '2027-01-01T00:00:00.000Z',
    });
    expect(got.find(({ url }) => url === '/api/indicators/import')?.headers.authorization).toBe('Bearer token-1 https://api.securitycenter.microsoft.com/.default');
    clock.advance(86_400_000);
    await publish({ ...gone, modified: new Date(clock.now()).toISOString(), revoked: true });
    await t.api('chief', 'POST', '/suppressions', { values: ['45.9.20.4'], reason: 'the bank of a member' });
    // Somebody deleted one of them at the tenant already, so that the deletion of all fails.
    tenant.delete('45.9.20.3');
    await deliver();
    expect([...tenant.keys()].toSorted()).toEqual(['45.9.20.1', 'evil.example.net']);
    // A removed indicator leaves, too, and what the hub did not send stays.
    tenant.set('203.0.113.9', { id: '999', indicator: {} });
    await t.as('writer').delete(`${objectsOf(MAIN)}${String(stays['id'])}/`);
    await deliver();
    expect([...tenant.keys()].toSorted()).toEqual(['203.0.113.9', 'evil.example.net']);
  }); // prettier-ignore

  test('does not forget a value whose deletion the service refuses', async () => {
    await publish(ip('45.9.20.1'));
    await add('defender');
    await deliver();
    await t.api('chief', 'POST', '/suppressions', { values: ['45.9.20.1'], reason: 'the bank of a member' });
    next = [(response) => json(response, 400, { error: { code: 'BadRequest' } })];
    await deliver();
    expect([...tenant.keys()]).toEqual(['45.9.20.1']);
    expect(await channel()).toMatchObject({ state: 'failing', last_error: 'Defender returned the status 400' });
    clock.advance(86_400_000);
    await deliver();
    expect([...tenant.keys()]).toEqual([]);
  }); // prettier-ignore

  test('deletes and sends everything else while the service refuses to delete one value', async () => {
    await publish(...[1, 2, 3, 4].map((i) => ip(`45.9.20.${i}`)));
    await t.api('boss', 'POST', '/collections/indicators/grants', { to: 'member:fiji' });
    await add('defender', { member: 'fiji' });
    await deliver();
    stuck = tenant.get('45.9.20.2')?.id;
    await t.api('chief', 'POST', '/suppressions', { values: ['45.9.20.1', '45.9.20.2', '45.9.20.3'], reason: 'the bank of a member' });
    await publish(ip('45.9.20.5'));
    await deliver();
    expect([...tenant.keys()]).toEqual(['45.9.20.2', '45.9.20.4', '45.9.20.5']);
    expect(await channel()).toMatchObject({ state: 'failing', waiting: 0, last_error: 'Defender returned the status 400' });
    // The same when everything is withdrawn.
    await t.api('boss', 'DELETE', '/collections/indicators/grants/member:fiji');
    clock.advance(86_400_000);
    await deliver();
    expect([...tenant.keys()]).toEqual(['45.9.20.2']);
    stuck = undefined;
    clock.advance(86_400_000);
    await deliver();
    expect([...tenant.keys()]).toEqual([]);
  }); // prettier-ignore

  test('tries a refused deletion each minute, and is broken after a day, also while objects arrive', async () => {
    await publish(...[1, 2, 3].map((i) => ip(`45.9.20.${i}`)));
    await add('defender');
    await deliver();
    stuck = tenant.get('45.9.20.2')?.id;
    await t.api('chief', 'POST', '/suppressions', { values: ['45.9.20.2'], reason: 'the bank of a member' });
    for (let i = 0; i < 10; i++) {
      clock.advance(60_000);
      await deliver();
    }
    // After many failures, everything else still arrives and leaves within a minute.
    await publish(ip('45.9.20.4'));
    await t.api('chief', 'POST', '/suppressions', { values: ['45.9.20.1'], reason: 'the bank of a member' });
    clock.advance(60_000);
    await deliver();
    expect([...tenant.keys()]).toEqual(['45.9.20.2', '45.9.20.3', '45.9.20.4']);
    for (let hour = 0; hour < 25; hour++) {
      await publish(ip(`45.9.21.${hour}`));
      clock.advance(3_600_000);
      await deliver();
    }
    expect(await channel()).toMatchObject({ state: 'broken', waiting: 0 });
    stuck = undefined;
    clock.advance(60_000);
    await deliver();
    expect(await channel()).toMatchObject({ state: 'current' });
  }); // prettier-ignore

  test('waits briefly after a failure of the service that follows many refused deletions', async () => {
    await publish(ip('45.9.20.1'), ip('45.9.20.2'));
    await add('defender');
    await deliver();
    stuck = tenant.get('45.9.20.2')?.id;
    await t.api('chief', 'POST', '/suppressions', { values: ['45.9.20.2'], reason: 'the bank of a member' });
    for (let i = 0; i < 10; i++) {
      clock.advance(60_000);
      await deliver();
    }
    next = [(response) => json(response, 503, {})];
    await publish(ip('45.9.20.3'));
    clock.advance(60_000);
    await deliver();
    expect(next).toEqual([]);
    clock.advance(180_000);
    await deliver();
    expect([...tenant.keys()]).toEqual(['45.9.20.1', '45.9.20.2', '45.9.20.3']);
  }); // prettier-ignore

  test('is broken after a day of refused deletions, also when a parcel had to be smaller', async () => {
    await publish(ip('45.9.20.1'), ip('45.9.20.2'));
    await add('defender');
    await deliver();
    stuck = tenant.get('45.9.20.2')?.id;
    await t.api('chief', 'POST', '/suppressions', { values: ['45.9.20.2'], reason: 'the bank of a member' });
    for (let hour = 0; hour < 26; hour++) {
      await publish(ip(`45.9.21.${hour}`), ip(`45.9.22.${hour}`));
      // The answers to a deletion and to an import.
      if (hour === 24) next = [(response) => json(response, 400, {}), (response) => json(response, 413, {})];
      clock.advance(3_600_000);
      await deliver();
    }
    expect(await channel()).toMatchObject({ state: 'broken', waiting: 0 });
  }); // prettier-ignore

  test('makes dead letters of refused values, waits after 429, and forgets what it sent when it is deleted', async () => {
    const [good, bad] = [ip('45.9.20.1'), ip('45.9.20.2')];
    await publish(good, bad);
    refuse = (value) => (value === '45.9.20.2' ? 'Invalid indicator' : undefined);
    await add('defender');
    next = [later('90')];
    expect(await deliver()).toBe(0);
    expect(await channel()).toMatchObject({ state: 'failing', next_try: '2026-11-30T12:01:30.000Z' });
    clock.advance(90_000);
    expect(await deliver()).toBe(1);
    expect(await channel()).toMatchObject({ dead_letters: [{ id: bad['id'], message: 'Invalid indicator' }] });
    refuse = () => undefined;
    await t.api('boss', 'POST', '/channels/ms/dead-letters', { way: 'send' });
    await deliver();
    expect([...tenant.keys()]).toEqual(['45.9.20.1', '45.9.20.2']);
    const kept = () => t.hub.store.names({ ranges: [{ kind: 'pushed/ms/ipv4', from: '', to: '\u{10FFFF}' }], limit: 9 });
    expect(await kept()).toHaveLength(2);
    await t.api('boss', 'DELETE', '/channels/ms');
    expect(await kept()).toEqual([]);
  }); // prettier-ignore

  test('needs an application, whose secret goes to the token server only', async () => {
    expect(await add('defender', { username: undefined })).toMatchObject({ status: 422, code: 'TLN-V-429' });
    expect(await add('defender', { token_url: 'https://[bad/token' })).toMatchObject({ status: 422, code: 'TLN-V-425' });
    expect(await add('sentinel', { action: 'Block' })).toMatchObject({ status: 422, code: 'TLN-V-430' });
    await publish(ip('45.9.20.1'));
    await add('defender');
    await deliver();
    const asked = got.filter(({ url, headers, body }) => `${url}${JSON.stringify(headers)}${body}`.includes(SECRET));
    expect(asked.map(({ url }) => url)).toEqual(['/tenant/oauth2/v2.0/token']);
  }); // prettier-ignore

  test('sends a token only over HTTPS, and only to a host for which the secret is stored', async () => {
    for (const address of [{ url: 'http://defender.example.net' }, { token_url: 'http://login.example.net/token' }])
      expect(await add('defender', address)).toMatchObject({ status: 422, code: 'TLN-V-431' });
    await publish(ip('45.9.20.1'));
    // The secret is stored for the token server. This is another host.
    const elsewhere = base.replace('127.0.0.1', 'localhost');
    expect(await add('defender', { url: elsewhere })).toMatchObject({ status: 201, problem: expect.stringContaining('another host') as unknown });
    await deliver();
    expect(await channel()).toMatchObject({ state: 'closed', last_error: expect.stringContaining('another host') as unknown });
    expect(got).toEqual([]);
  }); // prettier-ignore
  test('gives two URLs that differ only in their case an id each, and finds a domain in whatever case it is answered', async () => {
    const url = (path: string): Json => ip('0.0.0.0', 'green', { pattern: `[url:value = 'http://evil.example.net/${path}']` });
    const ended = url('Payload');
    await publish(url('payload'), ended, ip('0.0.0.0', 'green', { pattern: "[domain-name:value = 'evil.example.net']" }));
    next = [(response) => json(response, 200, { value: ['http://evil.example.net/payload', 'http://evil.example.net/Payload', 'EVIL.example.net'].map((indicator, i) => {
      tenant.set(indicator, { id: String(i), indicator: {} });
      return { id: String(i), indicator, isFailed: false };
    }) })];
    await add('defender');
    expect(await deliver()).toBe(3);
    clock.advance(1_000);
    await publish({ ...ended, modified: new Date(clock.now()).toISOString(), revoked: true });
    await deliver();
    expect([...tenant.keys()]).toEqual(['http://evil.example.net/payload', 'EVIL.example.net']);
  }); // prettier-ignore
  test('deletes everything that it sent when the member loses access to the collection', async () => {
    await publish(ip('45.9.20.1'), ip('45.9.20.2'));
    await t.api('boss', 'POST', '/collections/indicators/grants', { to: 'member:fiji' });
    await add('defender', { member: 'fiji' });
    await deliver();
    tenant.set('203.0.113.9', { id: '999', indicator: {} });
    expect((await t.api('boss', 'DELETE', '/collections/indicators/grants/member:fiji')).status).toBe(200);
    next = [later('90')];
    await deliver();
    expect([...tenant.keys()]).toHaveLength(3);
    clock.advance(90_000);
    await deliver();
    expect([...tenant.keys()]).toEqual(['203.0.113.9']);
    expect(await channel()).toMatchObject({ state: 'no grant' });
    // Nothing is left to do, so the tenant is not called again.
    got = [];
    await deliver();
    expect(got).toEqual([]);
    // With access again, the member gets everything again.
    await t.api('boss', 'POST', '/collections/indicators/grants', { to: 'member:fiji' });
    await deliver();
    expect([...tenant.keys()]).toEqual(['203.0.113.9', '45.9.20.1', '45.9.20.2']);
    expect(await channel()).toMatchObject({ state: 'current', waiting: 0 });
  }); // prettier-ignore
  test('waits without a failure while the hub has not read the new objects', async () => {
    await publish(ip('45.9.20.1'));
    await add('defender');
    const held = await holdLease(t.hub.store, clock, 'values', 30_000);
    expect(await deliver()).toBe(0);
    expect(await channel()).toMatchObject({ state: 'behind', waiting: 1 });
    expect(await channel()).not.toHaveProperty('last_error');
    await held?.release();
    // The next round sends them. No delay has to end first.
    expect(await deliver()).toBe(1);
  }); // prettier-ignore

  test('sends again what a lifted suppression frees, also what it never sent', async () => {
    await publish(ip('45.9.20.1'), ip('45.9.20.2'));
    await t.api('chief', 'POST', '/suppressions', { values: ['45.9.20.2'], reason: 'the bank of a member' });
    await add('defender');
    await deliver();
    expect([...tenant.keys()]).toEqual(['45.9.20.1']);
    await t.api('chief', 'POST', '/suppressions', { values: ['45.9.20.1'], reason: 'the bank of a member' });
    await deliver();
    expect([...tenant.keys()]).toEqual([]);
    const { body } = await t.api('chief', 'GET', '/suppressions');
    for (const { id } of body['items'] as { id: string }[])
      expect((await t.api('chief', 'POST', `/suppressions/${encodeURIComponent(id)}/lift`, { reason: 'it was right' })).status).toBe(200);
    await deliver();
    expect([...tenant.keys()].toSorted()).toEqual(['45.9.20.1', '45.9.20.2']);
    const withheld = await t.hub.store.names({ ranges: [{ kind: 'withheld/ms/ipv4', from: '', to: '\u{10FFFF}' }], limit: 9 });
    expect(withheld).toEqual([]);
  }); // prettier-ignore
  test('deletes a value whose import was taken although its answer was lost, and nothing that the tenant made itself', async () => {
    await publish(ip('45.9.20.1'), ip('45.9.20.2'));
    await add('defender');
    next = [(response) => {
      tenant.set('45.9.20.1', { id: '7', indicator: { indicatorValue: '45.9.20.1', application: 'Talanoa' } });
      tenant.set('45.9.20.2', { id: '8', indicator: { indicatorValue: '45.9.20.2', application: 'SOC' } });
      response.destroy();
    }];
    expect(await deliver()).toBe(0);
    await t.api('chief', 'POST', '/suppressions', { values: ['45.9.20.1', '45.9.20.2'], reason: 'the bank of a member' });
    clock.advance(60_000);
    await deliver();
    expect([...tenant.keys()]).toEqual(['45.9.20.2']);
  }); // prettier-ignore
  test('recognises a value that the service writes in another way', async () => {
    await publish(ip('0.0.0.0', 'green', { pattern: "[ipv6-addr:value = '2a00:1450::8']" }));
    next = [(response) => json(response, 200, { value: [{ id: '5', indicator: '2A00:1450:0:0:0:0:0:8', isFailed: false }] })];
    await add('defender');
    expect(await deliver()).toBe(1);
    expect(await channel()).toMatchObject({ dead_letters: [] });
  }); // prettier-ignore
  test('is no longer failing after a deletion succeeded that had failed', async () => {
    await publish(ip('45.9.20.1'));
    await add('defender');
    await deliver();
    await t.api('chief', 'POST', '/suppressions', { values: ['45.9.20.1'], reason: 'the bank of a member' });
    await deliver();
    await t.api('boss', 'POST', '/channels/ms/replay', { since: '2026-11-01T00:00:00Z' });
    await publish(ip('45.9.20.3'));
    await deliver();
    await t.api('chief', 'POST', '/suppressions', { values: ['45.9.20.3'], reason: 'the bank of a member' });
    // The removal notice is taken first. The deletion fails afterwards.
    next = [later('90')];
    await deliver();
    expect(await channel()).toMatchObject({ state: 'failing' });
    clock.advance(90_000);
    await deliver();
    expect([...tenant.keys()]).toEqual([]);
    const found = await channel();
    expect(found).toMatchObject({ state: 'current' });
    expect(found).not.toHaveProperty('last_error');
  }); // prettier-ignore
  test('judges only the values whose indicators changed', async () => {
    const objects = Array.from({ length: 40 }, (_, i) => ip(`45.9.20.${i + 1}`));
    await publish(...objects);
    await add('defender');
    await deliver();
    await deliver();
    const judged = watchJudged();
    clock.advance(1_000);
    await publish({ ...objects[0], modified: new Date(clock.now()).toISOString(), revoked: true });
    await t.hub.valueView.followAll();
    judged.clear();
    await deliver();
    expect(tenant.size).toBe(39);
    expect(judged.size).toBe(1);
    // The text of a removed object is gone. Its values are judged, too.
    await t.as('writer').delete(`${objectsOf(MAIN)}${String(objects[1]?.['id'])}/`);
    await t.hub.valueView.followAll();
    judged.clear();
    await deliver();
    expect(tenant.size).toBe(38);
    expect(judged.size).toBe(1);
    clock.advance(300_000);
    await deliver();
    expect(judged.size).toBeGreaterThan(30);
  }); // prettier-ignore
  test('sends at most 15,000 values, files with the action that removes them, and smaller requests when one is too large', async () => {
    const hashes = (n: number, count: number): string =>
      `[${Array.from({ length: count }, (_, i) => `file:hashes.'MD5' = '${(n * 1_000 + i).toString(16).padStart(32, '0')}'`).join(' OR ')}]`;
    await publish(...Array.from({ length: 15 }, (_, n) => ip('0.0.0.0', 'green', { pattern: hashes(n, n === 14 ? 999 : 1_000) })));
    await publish(ip('45.9.20.1'), ip('45.9.20.2'));
    await add('defender', { action: 'BlockAndRemediate' });
    let tooLarge = 0;
    next = Array.from({ length: 6 }, () => (response: ServerResponse) => { tooLarge++; json(response, 413, {}); });
    await deliver();
    expect(tooLarge).toBe(6);
    expect(tenant.size).toBe(15_000);
    const { dead_letters: dead } = await channel();
    expect(dead).toEqual([expect.objectContaining({ message: 'the channel has sent 15000 indicators, the maximum of a tenant' })]);
    const imports = got.filter(({ url }) => url === '/api/indicators/import').map(({ body }) => (JSON.parse(body) as { Indicators: Json[] }).Indicators);
    expect(Math.max(...imports.map(({ length }) => length))).toBe(500);
    const actions = new Set([...tenant.values()].map(({ indicator }) => `${String(indicator['indicatorType'])} ${String(indicator['action'])}`));
    expect(actions).toEqual(new Set(['FileMd5 BlockAndRemediate', 'IpAddress Block']));
  }); // prettier-ignore

  test('sends a freed value only if its indicator passes the filters of the channel', async () => {
    const filters = { min_confidence: 50, labels: ['phishing'] };
    const good = { confidence: 80, labels: ['phishing'] };
    const objects = [1, 2, 3].map((i) => ip(`45.9.20.${i}`, 'green', good));
    await publish(...objects);
    await add('defender', filters);
    await deliver();
    expect(tenant.size).toBe(3);
    await t.api('chief', 'POST', '/suppressions', { values: [1, 2, 3].map((i) => `45.9.20.${i}`), reason: 'the bank of a member' });
    await deliver();
    expect(tenant.size).toBe(0);
    clock.advance(1_000);
    const modified = new Date(clock.now()).toISOString();
    // The type of the indicator counts as a label in lists, but not in channels.
    await publish({ ...objects[1], modified, confidence: 10 }, { ...objects[2], modified, labels: ['other'], indicator_types: ['phishing'] });
    await deliver();
    const { body } = await t.api('chief', 'GET', '/suppressions');
    for (const { id } of body['items'] as { id: string }[])
      await t.api('chief', 'POST', `/suppressions/${encodeURIComponent(id)}/lift`, { reason: 'it was right' });
    await deliver();
    expect([...tenant.keys()]).toEqual(['45.9.20.1']);
    const withheld = await t.hub.store.names({ ranges: [{ kind: 'withheld/ms/ipv4', from: '', to: '\u{10FFFF}' }], limit: 9 });
    expect(withheld).toEqual([]);
  }); // prettier-ignore

  test('deletes a value that the tenant took although a later answer refused it or did not mention it', async () => {
    await publish(ip('45.9.20.1'));
    await add('defender');
    const took = (value: string, id: string): void => {
      tenant.set(value, { id, indicator: { indicatorValue: value, application: 'Talanoa' } });
    };
    next = [(response) => {
      took('45.9.20.1', '7');
      response.destroy();
    }];
    await deliver();
    refuse = (value) => (value === '45.9.20.1' ? 'It exists already' : undefined);
    clock.advance(60_000);
    await deliver();
    await publish(ip('45.9.20.2'));
    next = [(response) => {
      took('45.9.20.2', '8');
      json(response, 200, { value: [] });
    }];
    await deliver();
    expect(await channel()).toMatchObject({ dead_letters: [{ message: 'It exists already' }, { message: 'Defender returned no result for it' }] });
    expect([...tenant.keys()]).toEqual(['45.9.20.1', '45.9.20.2']);
    await t.api('chief', 'POST', '/suppressions', { values: ['45.9.20.1', '45.9.20.2'], reason: 'the bank of a member' });
    clock.advance(60_000);
    await deliver();
    expect([...tenant.keys()]).toEqual([]);
  }); // prettier-ignore

  test('forgets a value that the tenant refused when it was sent for the first time', async () => {
    await publish(ip('45.9.20.1'));
    await add('defender');
    refuse = () => 'Invalid indicator';
    await deliver();
    const kept = await t.hub.store.names({ ranges: [{ kind: 'pushed/ms/ipv4', from: '', to: '\u{10FFFF}' }], limit: 9 });
    expect(kept).toEqual([]);
  }); // prettier-ignore

  test('deletes a value that is suppressed during a backlog before it sends the rest, also while a deletion is refused', async () => {
    await publish(ip('45.9.20.1'), ip('45.9.20.2'));
    await add('defender');
    await deliver();
    stuck = tenant.get('45.9.20.1')?.id;
    await t.api('chief', 'POST', '/suppressions', { values: ['45.9.20.1'], reason: 'the bank of a member' });
    await publish(...Array.from({ length: 150 }, (_, i) => ip(`45.9.21.${i}`)));
    got = [];
    next = [
      (response) => json(response, 400, {}),
      (response) => {
        const request = got.at(-1);
        const suppressed = t.api('chief', 'POST', '/suppressions', { values: ['45.9.20.2'], reason: 'the bank of a member' });
        void suppressed.then(() => request && serve(request, response));
      },
    ];
    await deliver();
    expect(tenant.has('45.9.20.2')).toBe(false);
    expect(tenant.size).toBe(151);
    const calls = got.map(({ url }) => url.slice(url.lastIndexOf('/') + 1));
    expect(calls.filter((call, i) => call !== calls[i - 1])).toEqual(['BatchDelete', 'import', 'BatchDelete', 'import']);
  }); // prettier-ignore

  test('judges only changed and refused values while a deletion is refused, and asks once in a round', async () => {
    const objects = Array.from({ length: 40 }, (_, i) => ip(`45.9.20.${i + 1}`));
    await publish(...objects);
    await add('defender');
    await deliver();
    stuck = tenant.get('45.9.20.2')?.id;
    await t.api('chief', 'POST', '/suppressions', { values: ['45.9.20.2'], reason: 'the bank of a member' });
    await deliver();
    const judged = watchJudged();
    for (const i of [4, 5]) {
      clock.advance(60_000);
      await publish({ ...objects[i], modified: new Date(clock.now()).toISOString(), revoked: true });
      await t.hub.valueView.followAll();
      judged.clear();
      got = [];
      await deliver();
      expect(judged.size).toBe(2);
      const asked = got.filter(({ url, body }) => url === '/api/indicators/BatchDelete' && body.includes(`"${stuck}"`));
      // With the revoked value, and alone.
      expect(asked).toHaveLength(2);
    }
    expect(tenant.size).toBe(38);
    stuck = undefined;
    clock.advance(60_000);
    await deliver();
    expect(tenant.size).toBe(37);
    expect(await channel()).toMatchObject({ state: 'current' });
  }); // prettier-ignore

  test('deletes in the next round what it did not reach before it lost its lease', async () => {
    const one = ip('45.9.20.1');
    await publish(one, ip('45.9.20.2'));
    await add('defender');
    await deliver();
    await deliver();
    clock.advance(1_000);
    await publish({ ...one, modified: new Date(clock.now()).toISOString(), revoked: true });
    await t.hub.valueView.followAll();
    const { store } = t.hub;
    const [names, renewLease] = [store.names.bind(store), store.renewLease.bind(store)];
    store.names = async (query) => {
      if (query.ranges.some(({ kind, from }) => kind === 'pushed/ms/ipv4' && from !== '')) {
        store.names = names;
        store.renewLease = () => Promise.resolve(false);
        clock.advance(10_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return names(query);
    };
    expect(await deliver()).toBe(0);
    store.renewLease = renewLease;
    expect([...tenant.keys()]).toEqual(['45.9.20.1', '45.9.20.2']);
    await deliver();
    expect([...tenant.keys()]).toEqual(['45.9.20.2']);
  }); // prettier-ignore

  test('deletes what another process sent as soon as it ends', async () => {
    await t.stop();
    const folder = mkdtempSync(join(tmpdir(), 'talanoa-store-'));
    const store = await openSqliteStore({ folder, clock });
    t = await testHub(settings, { clock, store });
    await t.api('boss', 'PUT', '/secrets/app', { value: SECRET, hosts: [base.slice(7)] });
    const second = await testHub(settings, { clock, store });
    const [first, other, again] = [ip('45.9.20.1'), ip('45.9.20.2'), ip('45.9.20.1')];
    await publish(first);
    await add('defender');
    await deliver();
    await deliver();
    await publish(other);
    await second.hub.channels.deliverAll();
    await t.as('writer').delete(`${objectsOf(MAIN)}${String(other['id'])}/`);
    await deliver();
    expect([...tenant.keys()]).toEqual(['45.9.20.1']);
    // Another indicator with a value that this process knows. It cannot send it, so the other process does.
    clock.advance(1_000);
    await publish({ ...first, modified: new Date(clock.now()).toISOString(), revoked: true });
    await deliver();
    expect(tenant.size).toBe(0);
    await publish(again);
    next = [(response) => json(response, 503, {})];
    await deliver();
    clock.advance(60_000);
    await second.hub.channels.deliverAll();
    expect([...tenant.keys()]).toEqual(['45.9.20.1']);
    await t.as('writer').delete(`${objectsOf(MAIN)}${String(again['id'])}/`);
    await deliver();
    expect([...tenant.keys()]).toEqual([]);
    // A process does not judge its own changes again.
    const judged = watchJudged();
    await deliver();
    expect(judged.size).toBe(0);
    await second.hub.channels.stop();
    rmSync(folder, { recursive: true, force: true });
  }); // prettier-ignore
});
