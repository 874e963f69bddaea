import { afterAll, beforeAll, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { observableId } from '../../src/stix/identifiers.ts';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { keyOf, objectsOf, testHub, type TestHub } from '../support/hub.ts';

/*
 * A world with many hidden resources under unique names (canaries). Every kind of caller sends every operation of the
 * API document. No response may contain a canary that the caller cannot list. A hidden resource must get exactly the
 * same response as one that does not exist.
 */

const SHARED = '11110000-3a52-4f0e-9d0a-6a0f5f5a1c11';
const SECRET = '22220000-8a7d-4c52-8c0e-1f2d3c4b5a60';
const TOOLED = '33330000-91b3-4e6f-8a70-5b6c7d8e9f01';
const ABSENT = '44440000-02c4-4f70-9b81-6c7d8e9f0a12';
const VALUE = '203.0.113.222';
const ADDRESS = { type: 'ipv4-addr', spec_version: '2.1', id: String(observableId({ type: 'ipv4-addr', value: VALUE })), value: VALUE, object_marking_refs: [tlpMarkingId('amber')] }; // prettier-ignore
const GONE = { ...ADDRESS, id: String(observableId({ type: 'ipv4-addr', value: '203.0.113.223' })), value: '203.0.113.223' }; // prettier-ignore
const HIDDEN_OBJECT = anIndicator({
  pattern: "[domain-name:value = 'qzxvalueq.example']",
  name: 'qzxvalueq',
});
const FOREIGN = anIndicator({ name: 'qzxforeignq' });

const SETTINGS = `
hub: { title: Test hub }
api_roots: [{ path: main, title: Main }]
collections:
  - { id: ${SHARED}, api_root: main, alias: shared, title: Shared, grants: [{ to: "member:tonga", read: true, write: true }, { to: "group:qzxringq", read: true, write: true }, { to: "role:analyst", read: true, write: true }, { to: "account:qzxaccountq", write: true }] }
  - { id: ${SECRET}, api_root: main, alias: qzxcollectionq, title: Qzxtitleq, grants: [{ to: "group:qzxgroupq", read: true, write: true }] }
  - { id: ${TOOLED}, api_root: main, alias: qzxtooledq, title: Qzxtooledtitleq, grants: [{ to: "account:gauge", read: true, write: true }, { to: "group:qzxgroupq", read: true, write: true }] }
groups:
  - { name: qzxgroupq, members: [qzxmemberq] }
  - { name: qzxringq, members: [fiji] }
members:
  - { name: tonga, networks: [198.51.100.0/24], collection: true }
  - { name: fiji, networks: [192.0.2.0/25], collection: true }
  - { name: qzxmemberq, title: Qzxmembertitleq, networks: [203.0.113.128/25], domains: [qzxdomainq.example], collection: true }
accounts:
  - { name: sensor, role: machine, member: tonga, key_env: KEY_SENSOR }
  - { name: gauge, role: machine, member: tonga, key_env: KEY_GAUGE }
  - { name: moana, role: officer, member: tonga, person: true, key_env: KEY_MOANA }
  - { name: desk, role: officer, member: fiji, person: true, key_env: KEY_DESK }
  - { name: qzxdeskq, role: officer, member: fiji, person: true, key_env: KEY_QZXDESKQ }
  - { name: qzxaccountq, role: machine, member: qzxmemberq, key_env: KEY_QZXACCOUNTQ }
  - { name: qzxofficerq, role: officer, member: qzxmemberq, person: true, key_env: KEY_QZXOFFICERQ }
  - { name: qzxchiefq, role: administrator, person: true, key_env: KEY_QZXCHIEFQ }
  - { name: qzxanalystq, role: analyst, person: true, key_env: KEY_QZXANALYSTQ }
  - { name: guest, role: machine, key_env: KEY_GUEST }
feeds:
  - { name: qzxfeedq, preset: plain-list, url: "http://127.0.0.1:9/", collection: ${SECRET}, enabled: false }
rules:
  - { name: qzxruleq, from: shared, to: qzxcollectionq, types: [malware] }
`;

/** Unique texts of hidden resources, and the callers who may still see them. */
const CANARIES: Readonly<Record<string, readonly string[]>> = {
  qzxcollectionq: [], Qzxtitleq: [], [SECRET]: [],
  qzxtooledq: ['gauge'], Qzxtooledtitleq: ['gauge'], [TOOLED]: ['gauge'],
  qzxgroupq: [], qzxringq: ['desk'], qzxmemberq: [], Qzxmembertitleq: [], qzxdomainq: [], '203.0.113.128': [],
  qzxaccountq: [], qzxofficerq: [], qzxchiefq: [], qzxanalystq: [], qzxdeskq: ['desk'],
  qzxfeedq: [], qzxruleq: [], qzxvalueq: [], [String(HIDDEN_OBJECT['id'])]: [],
  [VALUE]: [], [ADDRESS.id]: [], [GONE.value]: [], [GONE.id]: [],
}; // prettier-ignore
const ROLES = ['sensor', 'gauge', 'moana', 'desk', 'guest', undefined] as const;
type Caller = (typeof ROLES)[number];

let t: TestHub;
const clock = new TestClock();
let paths: Record<string, Record<string, { operationId: string; parameters?: { name: string; in: string; required?: boolean }[] }>>; // prettier-ignore
const mine = anIndicator({
  pattern: "[ipv4-addr:value = '198.51.100.9']",
  object_marking_refs: [tlpMarkingId('amber')],
});
const boss = (method: string, path: string, body?: Json) => t.api('qzxchiefq', method, path, body);

beforeAll(async () => {
  t = await testHub(SETTINGS, { clock });
  const send = async (who: string, collection: string, ...objects: Json[]): Promise<void> => {
    expect((await t.as(who).post(objectsOf(collection), { objects })).status).toBe(202);
  };
  await send('qzxaccountq', SECRET, HIDDEN_OBJECT, ADDRESS, GONE);
  await send('qzxaccountq', SHARED, FOREIGN);
  await send('sensor', SHARED, mine, { ...FOREIGN, modified: '2030-01-01T00:00:00.000Z' }, anIndicator({ object_marking_refs: [tlpMarkingId('red')] })); // prettier-ignore
  await t.as('qzxaccountq').delete(`${objectsOf(SECRET)}${GONE.id}/`);
  // Readers, refusals and acknowledgements.
  await t.as('gauge').get(objectsOf(TOOLED));
  await t.as('gauge').get(objectsOf(SECRET));
  await t.as('sensor').get(objectsOf('qzxcollectionq'));
  await t.as('sensor').get(objectsOf(SHARED));
  await t.as('qzxaccountq').get(objectsOf(SECRET));
  expect((await t.api('qzxdeskq', 'POST', `/objects/${String(mine['id'])}/answer`, { answer: 'acknowledged' })).status).toBe(204); // prettier-ignore
  // Actions of the hub and of others that concern tonga.
  expect((await t.api('moana', 'POST', '/members/tonga/claims', { type: 'network', value: '203.0.113.0/24' })).status).toBe(201); // prettier-ignore
  const [claim] = (await boss('GET', '/claims')).body['items'] as Json[];
  expect((await boss('POST', `/claims/${String(claim?.['id'])}/decision`, { verdict: 'verified' })).status).toBe(200); // prettier-ignore
  const asked = await t.api('moana', 'POST', '/members/tonga/requests', { title: 'Tonga' });
  await boss('POST', `/requests/${String(asked.body['id'])}/decision`, { verdict: 'refused' });
  await boss('POST', '/accounts', { name: 'probe', role: 'machine', member: 'tonga' });
  await boss('POST', '/collections', { title: 'Given', alias: 'given' });
  await boss('POST', '/collections/given/grants', { to: 'member:tonga', read: true });
  await boss('POST', `/collections/given/grants`, { to: 'group:qzxgroupq', read: true });
  await boss('POST', '/groups', { name: 'circle' });
  await boss('PUT', '/groups/circle/members/tonga', {});
  await boss('POST', '/collections', { title: 'Qzxwriteq', alias: 'circle-box' });
  expect((await t.api('qzxanalystq', 'POST', `/objects/${String(mine['id'])}/shares`, { members: ['fiji'], reason: 'it is near' })).status).toBe(201); // prettier-ignore
  await t.api('desk', 'POST', '/keys', { account: 'qzxaccountq' });
  const { body } = await supertest(t.hub.app).get('/api/openapi.json');
  ({ paths } = body as { paths: typeof paths });
  await t.hub.routing.routeAll();
});
afterAll(async () => {
  await t.stop();
});

/** Names that a path or a body may contain: hidden names, and next to each a nonexistent name of the same form. */
const NAMES: Readonly<Record<string, readonly (readonly [hidden: string, absent: string])[]>> = {
  collection: [['qzxcollectionq', 'qzxcollectio0'], [SECRET, ABSENT]],
  member: [['qzxmemberq', 'qzxmember0']],
  account: [['qzxaccountq', 'qzxaccount0'], ['qzxofficerq', 'qzxofficer0'], ['qzxchiefq', 'qzxchief0']],
  group: [['qzxgroupq', 'qzxgroup0']],
  feed: [['qzxfeedq', 'qzxfeed0']],
  rule: [['qzxruleq', 'qzxrule0']],
  object: [[String(HIDDEN_OBJECT['id']), `indicator--${ABSENT}`], [ADDRESS.id, `ipv4-addr--${ABSENT}`], [GONE.id, `ipv4-addr--${ABSENT}`]],
  to: [['group:qzxgroupq', 'group:qzxgroup0'], ['account:qzxaccountq', 'account:qzxaccount0']],
}; // prettier-ignore

/** Bodies of operations that take one, with NAME instead of a name of a kind. */
const BODIES: Readonly<Record<string, readonly (readonly [kind: string, body: Json])[]>> = {
  createAccount: [['member', { name: 'fresh', role: 'machine', member: 'NAME' }]],
  updateAccount: [['account', { disabled: true }]],
  inviteAccount: [['account', {}]],
  createKey: [['collection', { account: 'gauge', only: ['NAME'] }], ['collection', { account: 'gauge', collections: ['NAME'] }], ['member', { member: 'NAME' }]],
  createMember: [['member', { name: 'fresh', parent: 'NAME' }]],
  updateMember: [['member', { title: 'New' }]],
  createClaim: [['member', { type: 'domain', value: 'fresh.example' }]],
  requestChange: [['member', { title: 'New' }]],
  createGroup: [['group', { name: 'NAME' }]],
  joinGroup: [['group', {}]],
  createCollection: [['collection', { title: 'New', alias: 'NAME' }]],
  updateCollection: [['collection', { title: 'New' }]],
  createGrant: [['to', { to: 'NAME' }]],
  publishObjects: [['collection', { objects: [anIndicator()] }]],
  previewRecipients: [['collection', { objects: [anIndicator({ pattern: `[ipv4-addr:value = '${VALUE}']` })] }]],
  publishIndicators: [['collection', { values: ['reef-bank.com'], tlp: 'green', valid_days: 30 }]],
  previewIndicatorRecipients: [['collection', { values: ['reef-bank.com'], tlp: 'green', valid_days: 30 }]],
  shareObject: [['collection', { collection: 'NAME' }], ['object', { members: ['fiji'] }]],
  reviseObject: [['object', { title: 'Corrected' }]],
  createRule: [['collection', { name: 'fresh', from: 'shared', to: 'NAME' }]],
  createChannel: [['collection', { name: 'fresh', member: 'tonga', kind: 'webhook', url: 'https://hook.example/x', secret: 'secret:x', collection: 'NAME' }]],
  requestAnswers: [['object', { until: '2026-01-16T00:00:00Z' }]],
  answerObject: [['object', { answer: 'acknowledged' }]],
  createFeed: [['collection', { name: 'fresh', collection: 'NAME', preset: 'tor-exits' }]],
  updateFeed: [['feed', { collection: 'shared', preset: 'tor-exits' }]],
  pauseFeed: [['feed', {}]],
}; // prettier-ignore

const METHODS: ReadonlySet<string> = new Set(['get', 'post', 'put', 'patch', 'delete']);

/** Bodies of requests about the caller's own data. */
const OWN: Readonly<Record<string, Json>> = {
  createKey: { account: 'gauge' },
  previewRecipients: { objects: [anIndicator({ pattern: `[ipv4-addr:value = '${VALUE}']` }), anIndicator({ pattern: "[ipv4-addr:value = '198.51.100.7']" })] },
  publishObjects: { objects: [{ ...FOREIGN, modified: '2031-01-01T00:00:00.000Z' }] },
  createClaim: { type: 'network', value: '203.0.113.128/26' },
  requestChange: { title: 'Another' },
  answerObject: { answer: 'acknowledged' },
  shareObject: { members: ['fiji'] },
}; // prettier-ignore

interface Ask {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly body?: Json;
}

/** Requests of every operation, in pairs that differ in one name: hidden in one request, nonexistent in the other. */
function pairs(): readonly (readonly [Ask, Ask])[] {
  const found: (readonly [Ask, Ask])[] = [];
  for (const [path, item] of Object.entries(paths))
    for (const [method, { operationId: operation, parameters = [] }] of Object.entries(item).filter(
      ([name]) => METHODS.has(name),
    )) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
      const asked = parameters.filter((one) => one.in === 'query' && NAMES[one.name] !== undefined);
      const kinds = [...new Set([...inPath, ...asked.map(({ name }) => name)])].filter((name) => NAMES[name] !== undefined); // prettier-ignore
      const bodies = BODIES[operation] ?? [];
      const one = (name: string, kind: string, given: Json | undefined, isHidden: 0 | 1, pair: readonly string[]): Ask => {
        const value = pair[isHidden] ?? '';
        const own: Readonly<Record<string, string>> = { object: String(mine['id']), collection: 'shared', member: 'tonga', account: 'gauge', group: 'circle', to: 'member:fiji', feed: 'none', rule: 'none', days: '30' };
        const filled = path.replaceAll(/\{(\w+)\}/g, (_all, parameter: string) => (parameter === kind ? value : (own[parameter] ?? ABSENT)));
        const query = parameters.filter((p) => p.in === 'query' && (p.required === true || p.name === kind)).map((p) => `${p.name}=${p.name === kind ? value : (own[p.name] ?? 'qzx.example')}`).join('&');
        return {
          operation: name, method: method.toUpperCase(), path: `${filled.replace(/^\/api\/v1/, '')}${query === '' ? '' : `?${query}`}`,
          ...(given === undefined ? {} : { body: JSON.parse(JSON.stringify(given).replaceAll('NAME', value)) as Json }),
        };
      }; // prettier-ignore
      // The caller's own resources are requested as well, where the request does not affect the others.
      if (method === 'get' || OWN[operation] !== undefined) {
        const own = one(operation, '', OWN[operation], 0, ['']);
        found.push([own, own]);
      }
      const tried = [
        ...kinds.map((kind) => [kind, bodies[0]?.[1]] as const),
        ...bodies,
        ...(kinds.length === 0 && bodies.length === 0 ? [['', undefined] as const] : []),
      ];
      for (const [kind, given] of tried)
        for (const pair of NAMES[kind] ?? [['', '']])
          found.push([one(operation, kind, given, 0, pair), one(operation, kind, given, 1, pair)]);
    }
  return found;
}

const answerTo = async (who: Caller, { method, path, body }: Ask): Promise<{ status: number; text: string }> => {
  const request = supertest(t.hub.app)[method.toLowerCase() as 'get'](`/api/v1${path}`);
  if (who !== undefined) void request.set('Authorization', `Bearer ${keyOf(who)}`);
  const { status, text } = await (body === undefined ? request : request.send(body));
  return { status, text };
}; // prettier-ignore

const leaksIn = (who: Caller, text: string, typed: string): readonly string[] =>
  Object.entries(CANARIES).flatMap(([canary, knowing]) =>
    text.includes(canary) && !typed.includes(canary) && !knowing.includes(who ?? '') ? [canary] : [],
  );

test.each(ROLES.map((role) => [role ?? 'the public', role] as const))(
  'no response to %s contains a name that it cannot list, and hidden resources get the response of nonexistent ones',
  async (_title, who) => {
    const leaks: unknown[] = [];
    const differences: unknown[] = [];
    const operations = new Set<string>();
    const counts = new Map<number, number>();
    for (const [hidden, absent] of pairs()) {
      operations.add(hidden.operation);
      const answers: string[] = [];
      for (const ask of [hidden, absent]) {
        const typed = JSON.stringify(ask);
        const { status, text } = await answerTo(who, ask);
        for (const canary of leaksIn(who, text, typed)) leaks.push([ask.operation, ask.path, canary]);
        counts.set(status, (counts.get(status) ?? 0) + 1);
        // The response may repeat the text of the request. Ids and times are new each time.
        const plain = text
          .replaceAll(/[\w-]*--[0-9a-f-]{36}|[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
          .replaceAll(/qzx(collectio|member|account|officer|chief|group|feed|rule)\w?[q0]/g, 'NAME');
        answers.push(`${status} ${plain}`);
      }
      if (
        hidden.path + JSON.stringify(hidden.body) !== absent.path + JSON.stringify(absent.body) &&
        answers[0] !== answers[1]
      )
        differences.push([hidden.operation, hidden.path, hidden.body, ...answers]);
    }
    expect(leaks).toEqual([]);
    expect(differences).toEqual([]);
    expect(operations.size).toBeGreaterThan(80);
    // Every request was sent, and none caused an error.
    expect([counts.get(429), counts.get(500), counts.get(400)]).toEqual([undefined, undefined, undefined]);
  },
  120_000,
);

test('answers contain the names that the reader can list, so the check above can detect a leak', async () => {
  const seen: string[] = [];
  for (const [ask] of pairs().filter(([{ method }]) => method === 'GET'))
    seen.push((await answerTo('qzxchiefq' as Caller, ask)).text);
  for (const canary of ['qzxcollectionq', 'qzxgroupq', 'qzxmemberq', 'qzxaccountq', 'qzxanalystq', 'qzxfeedq', 'qzxruleq', 'qzxtooledq'])
    expect([canary, seen.some((text) => text.includes(canary))]).toEqual([canary, true]);
}); // prettier-ignore

test('TAXII and the console contain no name that their reader cannot list', async () => {
  const addresses = [
    '/taxii2/', '/main/', '/main/collections/', `/main/collections/${SECRET}/`, `/main/collections/qzxcollectionq/`, objectsOf(SHARED), `/main/collections/${SHARED}/manifest/`,
    `/main/collections/${SHARED}/removals/`, '/main/current/', '/main/current/collections/', `/main/current/collections/${SECRET}/`, `/main/current/collections/${SECRET}/objects/`, `/main/current/collections/${SHARED}/objects/`,
    `/main/current/collections/${SHARED}/manifest/`, `/main/current/collections/${SECRET}/objects/${ADDRESS.id}/`, `${objectsOf(SECRET)}${ADDRESS.id}/`, '/', '/console', '/console/objects', '/console/red', '/docs', '/api/openapi.json', '/api/taxii/openapi.json', '/metrics',
    ...[SECRET, SHARED, 'qzxcollectionq'].flatMap((one) => [`/lists/${one}/csv`, `/lists/${one}/removals`, `/misp/${one}/manifest.json`, `/misp/${one}/hashes.csv`, `/misp/${one}/${ABSENT}.json`]),
  ]; // prettier-ignore
  for (const who of ROLES)
    for (const address of addresses)
      for (const accept of ['application/taxii+json;version=2.1', 'text/html']) {
        const request = supertest(t.hub.app).get(address).set('Accept', accept);
        if (who !== undefined) void request.set('Authorization', `Bearer ${keyOf(who)}`);
        const { text, headers } = await request;
        expect([who, address, leaksIn(who, `${text}${JSON.stringify(headers)}`, address)]).toEqual([who, address, []]); // prettier-ignore
      }
}, 60_000);
