import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHmac, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { tlpMarkingId, type Tlp } from '../../src/stix/markings.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';
import { listen, type Asked } from '../support/recorder.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let server: Awaited<ReturnType<typeof listen>>;
let base = '';
let got: Asked[] = [];
let answer: (request: Asked, response: ServerResponse) => void;
let t: TestHub;
let clock: TestClock;

beforeAll(async () => {
  server = await listen((request, response) => {
    got.push(request);
    answer(request, response);
  });
  base = server.base;
});
afterAll(async () => {
  await server.close();
});
beforeEach(async () => {
  got = [];
  answer = (_request, response) => response.writeHead(204).end();
  clock = new TestClock('2026-01-15T12:00:00.000Z');
  t = await testHub(
    `${SETTINGS}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
egress: { allow: ["${base.slice(7)}"] }
`,
    { clock },
  );
  await t.api('boss', 'PUT', '/secrets/hook', { value: 'the-shared-secret', hosts: [base.slice(7)] });
});
afterEach(async () => {
  await t.stop();
});

const marked = (value: string, tlp: Tlp = 'green'): Json =>
  anIndicator({ pattern: `[ipv4-addr:value = '${value}']`, object_marking_refs: [tlpMarkingId(tlp)] });
const publish = async (...objects: Json[]): Promise<void> => {
  await t.as('writer').post(objectsOf(MAIN), { objects });
};
const add = async (over: Json = {}) => {
  const made = await t.api('boss', 'POST', '/channels', { name: 'hook', member: 'tonga', kind: 'webhook', url: `${base}/hook`, collection: 'indicators', secret: 'secret:hook', ...over }); // prettier-ignore
  expect([made.status, made.body['title']]).toEqual([201, undefined]);
};
const deliver = () => t.hub.channels.deliverAll();
const channel = async (name = 'hook'): Promise<Json> =>
  (await t.api('boss', 'GET', `/channels/${name}`)).body;
const received = (): string[] =>
  got
    .filter(({ method, body }) => method === 'POST' && body.includes('"objects"'))
    .flatMap(({ body }) => (JSON.parse(body) as { objects: Json[] }).objects.map(({ id }) => String(id)));
const idsOf = (objects: readonly Json[]): string[] => objects.map(({ id }) => String(id));

describe('signed webhooks', () => {
  test('the objects of the collection arrive in order, signed and once, with their exact texts, and the ledger records it', async () => {
    const objects = Array.from({ length: 250 }, (_, i) => marked(`192.0.2.${i}`));
    await publish(...objects);
    await add();
    expect(await deliver()).toBe(250);
    expect(received()).toEqual(idsOf(objects));
    expect(got.map(({ body }) => (JSON.parse(body) as { objects: Json[] }).objects.length)).toEqual([
      100, 100, 50,
    ]);
    const [first] = got;
    const {
      'webhook-id': id,
      'webhook-timestamp': at,
      'webhook-signature': signature,
    } = first?.headers ?? {};
    expect(signature).toBe(`v1,${createHmac('sha256', 'the-shared-secret').update(`${String(id)}.${String(at)}.${first?.body ?? ''}`).digest('base64')}`); // prettier-ignore
    expect(first?.body).toContain(JSON.stringify(objects[0]));
    got = [];
    expect(await deliver()).toBe(0);
    expect(got).toEqual([]);
    const later = marked('192.0.2.251');
    await publish(later);
    expect(await deliver()).toBe(1);
    expect(await channel()).toMatchObject({ state: 'current', delivered: 251, waiting: 0 });
    const why = await t.api('boss', 'GET', `/deliveries/why?object=${String(later['id'])}&member=tonga`);
    expect(why.body).toMatchObject({ answer: 'received', reasons: expect.arrayContaining([{ code: 'pushed', message: 'the channel hook has delivered it' }]) as unknown }); // prettier-ignore
  });

  test('during five days offline the hub retries less and less often and reports the channel, then delivers everything in order', async () => {
    answer = (_request, response) => response.destroy();
    const objects = Array.from({ length: 120 }, (_, i) => marked(`192.0.2.${i}`));
    await publish(...objects.slice(0, 60));
    await add();
    await deliver();
    await publish(...objects.slice(60));
    let tries = 0;
    const keys = new Set(got.map(({ headers }) => headers['webhook-id']));
    for (let hours = 0; hours < 5 * 24; hours++) {
      clock.advance(HOUR);
      got = [];
      await deliver();
      tries += got.length;
      for (const { headers } of got) keys.add(headers['webhook-id']);
    }
    expect(tries).toBeGreaterThan(15);
    expect(tries).toBeLessThan(40);
    expect(await channel()).toMatchObject({ state: 'broken', delivered: 0, waiting: 120 });
    answer = (_request, response) => response.writeHead(200).end();
    clock.advance(7 * HOUR);
    got = [];
    await deliver();
    expect(received()).toEqual(idsOf(objects));
    // The same sixty objects as before, under the same key.
    expect([...keys]).toEqual([got[0]?.headers['webhook-id']]);
    expect((JSON.parse(got[0]?.body ?? '{}') as { objects: Json[] }).objects).toHaveLength(60);
    expect(await channel()).toMatchObject({ state: 'current', delivered: 120 });
  });

  test('a channel whose record is damaged does not stop the others', async () => {
    await add();
    await add({ name: 'other' });
    const record = await t.hub.store.record('channel', 'other');
    await t.hub.store.commit({
      records: [{ kind: 'channel', id: 'other', expected: record?.revision ?? 0, document: { member: 7 } }],
    });
    const object = marked('192.0.2.1');
    await publish(object);
    expect(await deliver()).toBe(1);
    expect(received()).toEqual(idsOf([object]));
    const { status, body } = await t.api('boss', 'GET', '/channels');
    expect([status, (body['items'] as Json[]).map(({ name }) => name)]).toEqual([200, ['hook']]);
    const why = await t.api('boss', 'GET', `/deliveries/why?object=${String(object['id'])}&member=tonga`);
    expect(why.status).toBe(200);
  });

  test('one bad object becomes a dead letter with the reason, and does not delay the others', async () => {
    const objects = Array.from({ length: 9 }, (_, i) => marked(`192.0.2.${i}`));
    const bad = String(objects[4]?.['id']);
    answer = (request, response) => response.writeHead(request.body.includes(bad) ? 422 : 200).end();
    await publish(...objects);
    await add();
    expect(await deliver()).toBe(8);
    expect(await channel()).toMatchObject({ state: 'current', delivered: 8, dead_letters: [{ id: bad, message: 'the receiver returned the status 422' }] }); // prettier-ignore
    const taken = got.filter(({ body }) => !body.includes(bad)).flatMap(({ body }) => idsOf((JSON.parse(body) as { objects: Json[] }).objects)); // prettier-ignore
    expect(taken).toEqual(idsOf(objects).filter((id) => id !== bad));
    const why = await t.api('boss', 'GET', `/deliveries/why?object=${bad}&member=tonga`);
    expect(JSON.stringify(why.body)).toContain(
      'rejected it permanently: the receiver returned the status 422',
    );
  });

  test('dead letters are sent again or cleared, and a replay clears those that it sends again', async () => {
    const objects = Array.from({ length: 4 }, (_, i) => marked(`192.0.2.${i}`));
    const bad = idsOf(objects.slice(0, 3));
    answer = (request, response) => response.writeHead(bad.some((id) => request.body.includes(id)) ? 422 : 200).end();
    await publish(...objects);
    await add();
    await deliver();
    const letters = async () => ((await channel())['dead_letters'] as Json[]).map(({ id }) => id);
    expect(await letters()).toEqual(bad);
    const settle = (way: string, ids?: readonly unknown[]) =>
      t.api('boss', 'POST', '/channels/hook/dead-letters', { way, ...(ids === undefined ? {} : { objects: ids }) });
    expect((await settle('clear', [bad[0]])).status).toBe(200);
    expect(await letters()).toEqual(bad.slice(1));
    expect((await settle('clear', [bad[0]])).body['code']).toBe('TLN-V-427');
    // The receiver still refuses one of them.
    const refused = bad.slice(2);
    answer = (request, response) => response.writeHead(refused.some((id) => request.body.includes(id)) ? 422 : 200).end();
    const keys = new Set(got.map(({ headers }) => headers['webhook-id']));
    got = [];
    await settle('send');
    await deliver();
    expect(received()).toEqual(bad.slice(1));
    expect(got.some(({ headers }) => keys.has(headers['webhook-id']))).toBe(false);
    expect(await letters()).toEqual(refused);
    expect(await channel()).toMatchObject({ delivered: 2, waiting: 0 });
    answer = (_request, response) => response.writeHead(200).end();
    await t.api('boss', 'POST', '/channels/hook/replay', { since: '2026-01-15T00:00:00Z' });
    await deliver();
    expect(await letters()).toEqual([]);
    for (const who of ['sensor', 'desk'])
      expect((await t.api(who, 'POST', '/channels/hook/dead-letters', { way: 'clear' })).status).toBe(403);
  }); // prettier-ignore

  test('a dead letter is sent again, however many versions its object has', async () => {
    const object = marked('192.0.2.1');
    const versions = Array.from({ length: 120 }, (_, i) => ({
      ...object,
      modified: new Date(Date.parse('2026-01-10T00:00:00Z') + i * 1_000).toISOString(),
    }));
    const last = String(versions.at(-1)?.modified);
    answer = (request, response) => response.writeHead(request.body.includes(last) ? 422 : 200).end();
    await publish(...versions);
    await add();
    await deliver();
    expect((await channel())['dead_letters']).toMatchObject([{ id: object['id'], version: last }]);
    answer = (_request, response) => response.writeHead(200).end();
    got = [];
    await t.api('boss', 'POST', '/channels/hook/dead-letters', { way: 'send' });
    await deliver();
    expect(got.filter(({ body }) => body.includes(last))).toHaveLength(1);
    expect(await channel()).toMatchObject({ delivered: 120, dead_letters: [] });
  });

  test.each([
    ['a web page', 200, { 'Content-Type': 'text/html' }, 'failing', /web page/],
    ['too many', 429, { 'Retry-After': '7200' }, 'failing', /429/],
    ['its own failure', 500, {}, 'failing', /500/],
    ['no entry', 401, {}, 'closed', /401/],
  ])(
    'nothing counts as delivered to a receiver that answers with %s, and the reason is reported',
    async (_name, status, headers, state, reason) => {
      await publish(marked('192.0.2.1'));
      await add();
      answer = (_request, response) =>
        response.writeHead(status, headers as Record<string, string>).end('<html>');
      expect(await deliver()).toBe(0);
      expect(await channel()).toMatchObject({ state, delivered: 0, waiting: 1, last_error: expect.stringMatching(reason) as unknown }); // prettier-ignore
      // The hub does not contact the receiver for as long as it asked, or until a person has looked at it.
      got = [];
      clock.advance(status === 429 ? HOUR : 10_000);
      await deliver();
      expect(got).toEqual([]);
      answer = (_request, response) => response.writeHead(200).end();
      await t.api('boss', 'POST', '/channels/hook/resumption', {});
      expect(await deliver()).toBe(1);
      expect(await channel()).toMatchObject({ state: 'current', delivered: 1 });
    },
  );

  test('a member that loses its grant receives nothing more, a replay sends again, and a pause stops the channel', async () => {
    await publish(marked('192.0.2.1'));
    await add();
    await deliver();
    const day = new Date(clock.now() - DAY).toISOString();
    await t.api('boss', 'POST', '/channels/hook/replay', { since: day });
    got = [];
    expect(await deliver()).toBe(1);
    await t.api('boss', 'POST', '/channels/hook/pause', { reason: 'they move' });
    await publish(marked('192.0.2.2'));
    expect(await deliver()).toBe(0);
    expect(await channel()).toMatchObject({
      state: 'paused',
      paused: { by: 'boss', reason: 'they move' },
      waiting: 1,
    });
    await t.api('boss', 'POST', '/channels/hook/resumption', {});
    const record = await t.hub.store.record('member', 'tonga');
    await t.hub.store.commit({
      records: [{ kind: 'member', id: 'tonga', expected: record?.revision ?? 0, document: { ...record?.document, status: 'paused' } }],
    }); // prettier-ignore
    await t.hub.directory.refresh();
    got = [];
    expect(await deliver()).toBe(0);
    expect(got).toEqual([]);
    expect(await channel()).toMatchObject({ state: 'no grant' });
  });

  test.each([
    [{ secret: undefined }, 422, 'TLN-V-423'],
    [{ url: 'http://[x' }, 422, 'TLN-V-425'],
    [{ url: 'https://user:word@hooks.example/x' }, 422, 'TLN-V-428'],
    [{ url: 'https://token@hooks.example/x' }, 422, 'TLN-V-428'],
    [{ secret: 'env:HOME' }, 403, 'TLN-V-407'],
    [{ member: 'nauru' }, 404, 'TLN-M-405'],
    [{ member: 'fiji' }, 409, 'TLN-V-403'],
    [{ collection: 'nothing' }, 404, 'TLN-L-404'],
  ])('%j is refused', async (over, status, code) => {
    const made = await t.api('boss', 'POST', '/channels', { name: 'x', member: 'tonga', kind: 'webhook', url: `${base}/x`, collection: 'indicators', secret: 'secret:hook', ...over }); // prettier-ignore
    expect([made.status, made.body['code']]).toEqual([status, code]);
  });

  test('an internal address is not reached unless the operator has allowed it', async () => {
    await publish(marked('192.0.2.1'));
    await add({ url: 'http://169.254.169.254/latest', secret: 'secret:hook' });
    await deliver();
    expect(await channel()).toMatchObject({ delivered: 0, waiting: 1 });
  });
});

describe('TAXII push', () => {
  const collection = randomUUID();
  const taxii = { 'Content-Type': 'application/taxii+json;version=2.1' };
  let stored: Json[] = [];
  const peer =
    (most: number, refuse?: string) =>
    ({ method, url, body }: Asked, response: ServerResponse): void => {
      const say = (document: object, status = 200): void => void response.writeHead(status, taxii).end(JSON.stringify(document)); // prettier-ignore
      if (method === 'GET' && url === '/root/')
        say({ title: 'P', versions: ['application/taxii+json;version=2.1'], max_content_length: most }); // prettier-ignore
      else if (method === 'GET' && url === `/root/collections/${collection}/`)
        say({ id: collection, title: 'C', can_read: false, can_write: true }); // prettier-ignore
      else if (method === 'POST' && url === `/root/collections/${collection}/objects/`) {
        const { objects } = JSON.parse(body) as { objects: Json[] };
        const bad = objects.filter(({ id }) => id === refuse);
        stored.push(...objects.filter(({ id }) => id !== refuse));
        say({ id: randomUUID(), status: 'complete', total_count: objects.length, success_count: objects.length - bad.length, failure_count: bad.length, pending_count: 0, failures: bad.map(({ id, modified }) => ({ id, version: modified, message: 'not here' })) }, 202); // prettier-ignore
      } else response.writeHead(404, taxii).end('{}');
    };
  const pushing = { name: 'push', kind: 'taxii', username: 'hub' };

  beforeEach(() => {
    stored = [];
  });

  test('a push sends no more at once than the server accepts, and permanent refusals are reported', async () => {
    const objects = Array.from({ length: 30 }, (_, i) => marked(`192.0.2.${i}`));
    const refused = String(objects[7]?.['id']);
    answer = peer(4_000, refused);
    await publish(...objects);
    await add({ ...pushing, url: `${base}/root/collections/${collection}/` });
    expect(await deliver()).toBe(29);
    expect(idsOf(stored)).toEqual(idsOf(objects).filter((id) => id !== refused));
    expect(got.filter(({ method }) => method === 'POST').every(({ body }) => Buffer.byteLength(body) <= 4_000)).toBe(true); // prettier-ignore
    expect(got[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('hub:the-shared-secret').toString('base64')}`,
    );
    expect(await channel('push')).toMatchObject({ state: 'current', delivered: 29, dead_letters: [{ id: refused, message: 'not here' }] }); // prettier-ignore
  });

  test('objects that affect a member and their revocations are pushed as the settings file declares', async () => {
    await t.stop();
    t = await testHub(
      SETTINGS.replace('collection: true, identities', `collection: true, push: { url: "${base}/root/collections/${collection}/", key_env: PUSH_KEY }, identities`) +
        `  - { name: boss, role: administrator, key_env: KEY_BOSS }\negress: { allow: ["${base.slice(7)}"] }\n`,
      { clock },
      {},
      { PUSH_KEY: 'a-key-of-fiji' },
    ); // prettier-ignore
    answer = peer(1_000_000);
    const theirs = marked('198.51.100.70');
    await publish(theirs, marked('192.0.2.7'));
    await t.hub.routing.routeAll();
    await deliver();
    expect(idsOf(stored.filter(({ type }) => type === 'indicator'))).toEqual([theirs['id']]);
    expect(got[0]?.headers.authorization).toBe('Bearer a-key-of-fiji');
    stored = [];
    await publish({ ...theirs, modified: '2026-02-01T00:00:00.000Z', revoked: true });
    await t.hub.routing.routeAll();
    await deliver();
    expect(stored).toMatchObject([{ id: theirs['id'], revoked: true }]);
    expect(await channel('push-fiji')).toMatchObject({ managed: 'file', state: 'current' });
    expect((await t.api('boss', 'DELETE', '/channels/push-fiji')).status).toBe(409);
  });
});
