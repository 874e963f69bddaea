import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { tlpMarkingId, type Tlp } from '../../../src/stix/markings.ts';
import { aCandidate, anIndicator, type Json } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';
import { HIDDEN, MAIN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../../support/hub.ts';
import { mailServer } from '../../support/mail-servers.ts';
import { listen, type Asked } from '../../support/recorder.ts';

let server: Awaited<ReturnType<typeof listen>>;
let mail: Awaited<ReturnType<typeof mailServer>>;
let got: Asked[] = [];
let t: TestHub;
let clock: TestClock;
beforeAll(async () => {
  server = await listen((request, response) => {
    got.push(request);
    response.writeHead(204).end();
  });
  mail = await mailServer();
});
afterAll(async () => {
  await server.close();
  await mail.close();
});
beforeEach(async () => {
  got = [];
  clock = new TestClock('2026-11-29T12:00:00Z');
  t = await testHub(
    `${SETTINGS}
  - { name: tele, role: officer, member: tonga, key_env: KEY_TELE }
egress: { allow: ["${server.base.slice(7)}"] }
mail: { server: "smtp://127.0.0.1:${mail.port}", from: hub@hub.example, insecure: true }
`,
    { clock },
  );
});
afterEach(async () => {
  await t.stop();
});

const of = (type: string, value: string, over: Json = {}): Json =>
  anIndicator({
    pattern: `[${type}:value = '${value}']`,
    name: value,
    valid_until: '2027-06-01T00:00:00Z',
    ...over,
  });
const ip = (value: string, over: Json = {}): Json => of('ipv4-addr', value, over);
const domain = (value: string, over: Json = {}): Json => of('domain-name', value, over);
const tlp = (level: Tlp): Json => ({ object_marking_refs: [tlpMarkingId(level)] });
const put = async (who: string, collection: string, ...objects: Json[]): Promise<void> => {
  const { body } = await t.as(who).post(objectsOf(collection), { objects });
  expect(body).toMatchObject({ success_count: objects.length });
};
const fetched = async (path: string, who = 'reader'): Promise<string> => {
  const { status, text } = await supertest(t.hub.app)
    .get(`/lists/${path}`)
    .set('Authorization', `Bearer ${keyOf(who)}`);
  expect([path, status]).toEqual([path, 200]);
  return text;
};
const lines = async (path: string): Promise<string[]> =>
  (await fetched(path)).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
const suppress = async (
  who: string,
  ...values: string[]
): Promise<{ status: number; items: Json[]; title: unknown }> => {
  const { status, body } = await t.api(who, 'POST', '/suppressions', {
    values,
    reason: 'It is the resolver of a bank',
  });
  return { status, items: (body['items'] ?? []) as Json[], title: body['title'] };
};
const shown = async (who: string, id: unknown): Promise<Json> => {
  const { status, body } = await t.api(who, 'GET', `/suppressions/${String(id)}`);
  expect(status).toBe(200);
  return body;
};
const sorted = (items: readonly unknown[]): string[] =>
  items.map((one) => JSON.stringify(one)).toSorted(compare);
const compare = (a: string, b: string): number => (a < b ? -1 : 1);
const objects = async (who: string, collection: string): Promise<Json[]> =>
  ((await t.as(who).get(objectsOf(collection))).body as { objects?: Json[] }).objects ?? [];

test('a suppressed value leaves every list at once, and comes back when the suppression is lifted', async () => {
  await put('writer', MAIN, ip('45.9.20.1'), ip('45.9.20.2'), domain('evil.reef-bank.com'), of('url', 'http://evil.reef-bank.com/x'));
  expect(await lines('indicators/plain?types=ip')).toEqual(['45.9.20.1', '45.9.20.2']);
  const serial = async (): Promise<number> => Number(/(\d{10})/.exec(await fetched('indicators/rpz'))?.[1]);
  const before = await serial();
  clock.advance(5_000);
  const { status, items } = await suppress('analyst', '45[.]9.20.1', 'EVIL.reef-bank.com.');
  expect([status, items.map(({ value, state, cause, by }) => [value, state, cause, by])]).toEqual([
    201,
    [['45.9.20.1', 'suppressed', 'panic', 'analyst'], ['evil.reef-bank.com', 'suppressed', 'panic', 'analyst']],
  ]);
  // One request writes one warning, however many values it has.
  expect(t.logged.filter((line) => line.includes('value.suppressed'))).toHaveLength(1);
  // Lists that block, that alert, and that are only read.
  for (const path of ['plain?types=ip', 'fortigate?types=ip', 'zeek', 'csv?types=ip', 'jsonl?types=ip']) {
    const text = await fetched(`indicators/${path}`);
    expect([path, /45\.9\.20\.(\d)\b/.exec(text)?.[1]]).toEqual([path, '2']);
  }
  expect(await lines('indicators/hosts')).toEqual([]);
  // The page at the name can still be malicious.
  expect(await lines('indicators/plain?types=url')).toEqual(['http://evil.reef-bank.com/x']);
  expect(await serial()).toBeGreaterThan(before);
  const tool = await t.api('analyst', 'GET', '/list-tools/opnsense?collection=indicators');
  expect(tool.body['omitted']).toEqual([{ reason: 'suppressed', count: 1 }]);
  clock.advance(5_000);
  const lift = await t.api('analyst', 'POST', `/suppressions/${String(items[0]?.['id'])}/lift`, { reason: 'it is back' });
  expect([lift.status, lift.body['state']]).toEqual([200, 'lifted']);
  expect(await lines('indicators/plain?types=ip')).toEqual(['45.9.20.1', '45.9.20.2']);
  const twice = await t.api('analyst', 'POST', `/suppressions/${String(items[0]?.['id'])}/lift`, { reason: 'again' });
  expect([twice.status, twice.body['code']]).toEqual([409, 'TLN-Y-409']);
}); // prettier-ignore

test('the explanation of a delivery lists which values of the object are suppressed, to those who may read it', async () => {
  const pattern = "[ipv4-addr:value = '45.9.20.1' OR ipv4-addr:value = '45.9.20.2']";
  const [object, hidden] = [anIndicator({ pattern }), anIndicator({ pattern })];
  await put('writer', MAIN, object);
  await t.hub.store.commit({ placements: [{ collection: HIDDEN, candidates: [aCandidate(hidden)] }] });
  const why = async (who: string, { id }: Json): Promise<Json[]> =>
    ((await t.api(who, 'GET', `/deliveries/why?object=${String(id)}&member=tonga`)).body['reasons'] ?? []) as Json[];
  const said = (reasons: Json[]): Json[] => reasons.filter(({ code }) => code === 'suppressed');
  expect([said(await why('chief', object)), said(await why('chief', hidden))]).toEqual([[], []]);
  const { items } = await suppress('analyst', '45.9.20.1');
  const expected = {
    code: 'suppressed',
    message: 'its value 45.9.20.1 has been suppressed since 2026-11-29 12:00 UTC, so no list contains it: It is the resolver of a bank',
    next_step: `To see who still has it, run: talanoa suppression show ${String(items[0]?.['id'])}`,
  };
  expect([said(await why('chief', object)), said(await why('chief', hidden))]).toEqual([[expected], [expected]]);
  const { next_step: _next, ...forMembers } = expected;
  expect(said(await why('tele', object))).toEqual([forMembers]);
  // An officer learns nothing about an object that the member cannot read.
  expect((await why('tele', hidden)).map(({ code }) => code)).toEqual(['not-readable']);
}); // prettier-ignore

test('two values that are suppressed in the same millisecond both leave a saved list', async () => {
  await put('writer', MAIN, ip('45.9.20.1'), ip('45.9.20.2'), ip('45.9.20.3'));
  const { body } = await t.api('chief', 'POST', '/lists', { name: 'frozen', collections: ['indicators'], format: 'edl-ip' });
  expect(body).toMatchObject({ name: 'frozen' });
  for (const [value, left] of [['45.9.20.1', '45.9.20.2\n45.9.20.3\n'], ['45.9.20.2', '45.9.20.3\n']] as const) {
    await suppress('chief', value);
    expect(await fetched('frozen')).toBe(left);
  }
}); // prettier-ignore

test('the holder of an address cannot lift what the hub confirmed after the holder had suppressed it', async () => {
  await put('writer', MAIN, ip('198.51.100.7'));
  await t.api('sensor', 'POST', '/feedback', { items: [{ value: '198.51.100.7', kind: 'false-positive' }] });
  const { items } = await suppress('tele', '198.51.100.7');
  const id = String(items[0]?.['id']);
  const [opened] = (await t.api('analyst', 'GET', '/false-positives')).body['items'] as Json[];
  const decision = { verdict: 'confirmed', note: 'It is the portal of a bank' };
  expect((await t.api('analyst', 'POST', `/false-positives/${String(opened?.['id'])}/decision`, decision)).status).toBe(200);
  expect(await shown('tele', id)).toMatchObject({ state: 'suppressed', cause: 'false-positive', reason: decision.note, announced: true });
  expect((await t.api('tele', 'POST', `/suppressions/${id}/lift`, { reason: 'ours again' })).status).toBe(403);
  expect(await lines('indicators/plain?types=ip')).toEqual([]);
  // A confirmed false positive does not become a removal of the holder again.
  await suppress('tele', '198.51.100.7');
  expect(await shown('tele', id)).toMatchObject({ cause: 'false-positive' });
}); // prettier-ignore

test('no list that blocks contains a network or a parent domain of a suppressed value', async () => {
  await put('writer', MAIN, ip('45.9.20.0/24'), ip('45.9.21.0/24'), ip('45.9.20.9'), domain('reef-bank.com'), domain('b.www.reef-bank.com'));
  await suppress('analyst', '45.9.20.7', 'www.reef-bank.com');
  expect(await lines('indicators/plain?types=ip')).toEqual(['45.9.20.9', '45.9.21.0/24']);
  expect(await lines('indicators/hosts')).toEqual(['0.0.0.0 b.www.reef-bank.com']);
  expect(await fetched('indicators/csv?types=ip')).toContain('45.9.20.0/24');
  await suppress('analyst', '45.9.21.0/25');
  expect(await lines('indicators/plain?types=ip')).toEqual(['45.9.20.9']);
}); // prettier-ignore

test('an officer suppresses values that their member holds, and learns nothing about any other value', async () => {
  const hidden = [ip('198.51.100.7'), ip('45.9.20.1')].map((object) => aCandidate(object));
  await t.hub.store.commit({ placements: [{ collection: HIDDEN, candidates: hidden }] });
  // Fiji holds 198.51.100.64/26 inside the network of Tonga.
  for (const [who, value, status] of [
    ['tele', '198.51.100.7', 201],
    ['tele', 'http://portal.gov.to/x', 201],
    ['tele', 'fisi@finance.gov.to', 201],
    ['tele', '198.51.100.70', 403],
    ['tele', '198.51.100.0/23', 403],
    ['tele', '45.9.20.1', 403],
    ['tele', '45.9.20.2', 403],
    ['tele', 'a'.repeat(64), 403],
    ['desk', '198.51.100.70', 201],
    ['desk', '198.51.100.7', 403],
    ['sensor', '198.51.100.7', 403],
    ['writer', '198.51.100.7', 403],
    ['chief', '45.9.20.1', 201],
  ] as const)
    expect([who, value, (await suppress(who, value)).status]).toEqual([who, value, status]);
  const refusal = async (value: string): Promise<unknown> =>
    ({ ...(await t.api('tele', 'POST', '/suppressions', { values: [value], reason: 'not ours' })).body, error_id: '' });
  expect(JSON.stringify(await refusal('45.9.20.1')).replaceAll('45.9.20.1', '')).toEqual(
    JSON.stringify(await refusal('45.9.20.2')).replaceAll('45.9.20.2', ''),
  );
  const listed = async (who: string): Promise<unknown> =>
    ((await t.api(who, 'GET', '/suppressions')).body['items'] as Json[]).map(({ value }) => String(value)).toSorted(compare);
  expect(await listed('tele')).toEqual(['198.51.100.7', 'fisi@finance.gov.to', 'http://portal.gov.to/x']);
  expect(await listed('desk')).toEqual(['198.51.100.70']);
  expect(await listed('writer')).toEqual([]);
  const all = (await t.api('chief', 'GET', '/suppressions')).body['items'] as Json[];
  const ofHub = String(all.find(({ value }) => value === '45.9.20.1')?.['id']);
  for (const id of [ofHub, 'AAAAAAAAAAAAAAAAAAAAAA'])
    for (const [method, path] of [['GET', ''], ['POST', '/lift']] as const)
      expect((await t.api('tele', method, `/suppressions/${id}${path}`, method === 'GET' ? undefined : { reason: 'mine' })).body['code']).toBe('TLN-Y-404');
  const bad = await t.api('chief', 'POST', '/suppressions', { values: ['45.9.20.3', 'no value'], reason: 'wrong' });
  expect([bad.status, bad.body['code'], await listed('tele')]).toEqual([422, 'TLN-Y-422', await listed('tele')]);
  // Some readers of the audit log are not allowed to see the value.
  await t.hub.store.numberFacts();
  const facts = (await t.hub.store.audit(0, 1_000)).map(({ fact }) => fact).filter(({ action }) => action === 'value.suppress');
  expect(facts.map(({ actor }) => actor)).toEqual(['tele', 'tele', 'tele', 'desk', 'chief']);
  expect(JSON.stringify(facts)).not.toMatch(/198\.51|portal|45\.9/);
  expect(facts[0]?.member).toBe('tonga');
}); // prettier-ignore

test("every collection with the value gets a notice at the level of its indicator, and nobody's indicator is changed", async () => {
  const hubs = ip('198.51.100.7', tlp('amber'));
  const tongan = ip('198.51.100.7', { ...tlp('green'), created_by_ref: 'identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b' });
  const both = anIndicator({ pattern: "[ipv4-addr:value = '198.51.100.7' OR ipv4-addr:value = '45.9.20.8']", valid_until: '2027-06-01T00:00:00Z' });
  await put('writer', MAIN, hubs, both);
  await put('sensor', MAIN, tongan);
  await t.hub.routing.routeAll();
  const before = await objects('chief', HIDDEN);
  const { items } = await suppress('analyst', '198.51.100.7');
  const notices = (await objects('reader', MAIN)).filter(({ type }) => type === 'opinion');
  expect(sorted(notices.map((one) => [one['object_refs'], one['object_marking_refs'], one['opinion']]))).toEqual(
    sorted([hubs, tongan, both].map((one, i) => [[one['id']], [tlpMarkingId(i === 0 ? 'amber' : 'green')], 'strongly-disagree'])),
  );
  expect(notices[0]?.['explanation']).toBe(
    'Remove at once: 198.51.100.7. Stop blocking and detecting it. Reason: It is the resolver of a bank',
  );
  expect(JSON.stringify(notices)).not.toContain(String(items[0]?.['id']));
  // The collection of Tonga's own, to which all three were routed.
  const own = [...(await t.hub.directory.current()).collections.values()].find(({ ownOf }) => ownOf === 'tonga');
  const there = await t.hub.store.entries({ collection: own?.id ?? '', after: 0, limit: 100, types: ['opinion'], versions: { all: true, first: false, last: false, exact: [] } }, false);
  expect(there.entries).toHaveLength(3);
  expect(await objects('chief', HIDDEN)).toEqual(before);
  expect((await objects('reader', MAIN)).filter((one) => one['revoked'] === true)).toEqual([]);
  // Suppressing it again changes nothing.
  const again = await suppress('chief', '198.51.100.7');
  expect([again.status, again.items[0]?.['by']]).toEqual([201, 'analyst']);
  expect((await objects('reader', MAIN)).filter(({ type }) => type === 'opinion')).toHaveLength(3);
}); // prettier-ignore

test('hub staff see who has fetched a list since the suppression and who still has the value, and members see their own part', async () => {
  const value = ip('45.9.20.1');
  await t.api('chief', 'PUT', '/secrets/hook', { value: 'the-shared-secret', hosts: [server.base.slice(7)] });
  const channel = async (over: Json): Promise<void> => {
    const { status } = await t.api('chief', 'POST', '/channels', { member: 'tonga', collection: 'indicators', ...over });
    expect(status).toBe(201);
  };
  // The filters of the channels do not matter for a notice.
  await channel({ name: 'hook', kind: 'webhook', url: `${server.base}/hook`, secret: 'secret:hook', types: ['indicator'], min_confidence: 1 });
  await channel({ name: 'letter', kind: 'mail', url: 'mailto:duty@tonga.example', types: ['indicator'] });
  await put('writer', MAIN, value);
  await fetched('indicators/plain?types=ip');
  await fetched('indicators/hosts');
  await fetched('indicators/csv', 'sensor');
  await objects('analyst', MAIN);
  await t.hub.channels.deliverAll();
  clock.advance(86_400_000);
  await t.hub.channels.deliverAll();
  expect(mail.mails).toHaveLength(1);
  clock.advance(60_000);
  const { items } = await suppress('analyst', '45.9.20.1');
  const states = async (who: string): Promise<unknown> => {
    const { recipients, confirmed, notified, holding, announced } = await shown(who, items[0]?.['id']);
    const rows = (recipients as Json[]).map((one) => [one['account'] ?? one['what'], one['way'], one['state']]);
    return { rows: sorted(rows), announced, confirmed, notified, holding };
  };
  const rows = (...found: unknown[][]) => sorted(found);
  expect(await states('analyst')).toEqual({
    announced: true, confirmed: 0, notified: 0, holding: 5,
    rows: rows(['reader', 'list', 'holding'], ['sensor', 'list', 'holding'], ['analyst', 'taxii', 'holding'], ['hook', 'webhook', 'holding'], ['letter', 'email', 'holding']),
  });
  clock.advance(1_000);
  await fetched('indicators/plain?types=ip');
  await objects('analyst', MAIN);
  got = [];
  mail.mails.length = 0;
  await t.hub.channels.deliverAll();
  expect(JSON.parse(got[0]?.body ?? '{}')).toMatchObject({ objects: [{ type: 'opinion', labels: ['talanoa:remove'] }] });
  expect(mail.mails.join('').replaceAll('=\r\n', '')).toContain('Remove at once: 45[.]9[.]20[.]1');
  expect(await states('analyst')).toEqual({
    announced: true, confirmed: 3, notified: 1, holding: 1,
    rows: rows(['reader', 'list', 'confirmed'], ['sensor', 'list', 'holding'], ['analyst', 'taxii', 'confirmed'], ['hook', 'webhook', 'confirmed'], ['letter', 'email', 'notified']),
  });
  const link = /Received:\s+http:\/\/[^/]+(\/answer\/\S+)/.exec((mail.mails[0] ?? '').replaceAll('=\r\n', ''))?.[1] ?? '';
  expect((await supertest(t.hub.app).post(link)).status).toBeLessThan(400);
  expect(await states('analyst')).toMatchObject({ confirmed: 4, notified: 0, holding: 1 });
}); // prettier-ignore

test('an indicator that the view of values does not contain yet gets its notice later', async () => {
  await put('writer', MAIN, ip('45.9.20.1'));
  await t.hub.valueView.followAll();
  const lease = await t.hub.store.takeLease('values', 3_600_000);
  const late = ip('45.9.20.1');
  await put('writer', MAIN, late);
  clock.advance(1_000);
  const { items } = await suppress('analyst', '45.9.20.1');
  const noticed = async (): Promise<unknown[]> =>
    (await objects('reader', MAIN)).filter(({ type }) => type === 'opinion').flatMap((one) => one['object_refs']);
  expect([(await noticed()).length, (await shown('analyst', items[0]?.['id']))['announced']]).toEqual([1, false]);
  if (lease !== undefined) await t.hub.store.releaseLease(lease);
  await t.hub.housekeeping.tidy();
  expect(await noticed()).toContain(late['id']);
  expect((await shown('analyst', items[0]?.['id']))['announced']).toBe(true);
}); // prettier-ignore
