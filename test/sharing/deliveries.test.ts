import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PUBLIC, type Principal, type Role } from '../../src/access/principal.ts';
import { OPERATOR } from '../../src/access/principal.ts';
import { anIndicator } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { HIDDEN, MAIN, OPEN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';

const C = objectsOf(MAIN);

let t: TestHub;
let clock: TestClock;
beforeEach(async () => {
  clock = new TestClock();
  t = await testHub(SETTINGS, { clock });
});
afterEach(async () => {
  await t.stop();
});

const lagOf = async (account: string, collection = 'indicators') =>
  (await t.hub.deliveries.lag(OPERATOR)).filter(
    (item) => item.account === account && item.name === collection,
  );
const put = async (n: number) => {
  const objects = Array.from({ length: n }, () => anIndicator());
  expect((await t.as('writer').post(C, { objects })).body).toMatchObject({ success_count: n });
  return objects;
};

describe('progress of readers', () => {
  test('a reader is never seen, then current, behind, silent, and without a grant', async () => {
    expect(await lagOf('reader')).toMatchObject([{ state: 'never', last_seen: undefined }]);
    await put(3);
    const page = await t.as('reader').get(`${C}?limit=2`, { 'User-Agent': 'siem/7' });
    expect(await lagOf('reader')).toMatchObject([
      {
        state: 'behind',
        kind: 'objects',
        filters: '',
        waiting: 1,
        more: false,
        agent: 'siem/7',
        requests: 1,
        objects: 2,
        up_to: page.headers['x-taxii-date-added-last'],
      },
    ]);
    await t.as('reader').get(`${C}?added_after=${page.headers['x-taxii-date-added-last']}`);
    expect(await lagOf('reader')).toMatchObject([{ state: 'current', waiting: 0, objects: 3, requests: 2 }]);
    clock.advance(1_000);
    await put(2);
    const [behind] = await lagOf('reader');
    expect(behind).toMatchObject({ state: 'behind', waiting: 2 });
    const manifest = await t.as('writer').get(`/main/collections/${MAIN}/manifest/`);
    const records = (manifest.body as { objects: { date_added: string }[] }).objects;
    expect(behind?.waiting_since).toBe(records[3]?.date_added);
    clock.advance(86_400_001);
    expect(await lagOf('reader')).toMatchObject([{ state: 'silent', waiting: 2 }]);
    const grant = await t.hub.store.record('grant', `${MAIN}/account:reader`);
    await t.hub.store.commit({ records: [{ kind: 'grant', id: `${MAIN}/account:reader`, expected: grant?.revision ?? 0, document: undefined }] }); // prettier-ignore
    expect(await lagOf('reader')).toMatchObject([{ state: 'no grant' }]);
  });

  test('each way of reading has its own position, and its backlog is counted with its filters', async () => {
    await put(2);
    await t.as('reader').get(C);
    await t.as('reader').get(`${C}?match[type]=malware,tool&match[version]=all`);
    await t.as('reader').get(`/main/collections/${MAIN}/manifest/?limit=1`);
    await t.as('reader').get(`/main/collections/${MAIN}/removals/`);
    await put(1);
    const [gone] = await put(1);
    await t.as('writer').delete(`${C}${String(gone?.['id'])}/`);
    expect(
      (await lagOf('reader')).map(({ kind, filters, state, waiting }) => [kind, filters, state, waiting]),
    ).toEqual([
      ['manifest', '', 'behind', 2],
      ['objects', '', 'behind', 1],
      ['objects', 'type=malware,tool version=all', 'current', 0],
      ['removals', '', 'behind', 1],
    ]);
  });

  test('requests by id and visitors leave no position, and people without a service account are not listed as never seen', async () => {
    const [object] = await put(1);
    await t.as('reader').get(`${C}${String(object?.['id'])}/`);
    await t.as('reader').get(`${C}?match[id]=${String(object?.['id'])}`);
    await t.as(undefined).get(objectsOf(OPEN));
    expect(await lagOf('reader')).toMatchObject([{ state: 'never' }]);
    const all = await t.hub.deliveries.lag(OPERATOR);
    expect(all.filter(({ state }) => state !== 'never')).toEqual([]);
    expect(new Set(all.map(({ account }) => account))).toEqual(
      new Set(['reader', 'sensor', 'writer', 'nobody']),
    );
    const snapshot = await t.hub.directory.current();
    expect(
      (await t.hub.store.readers())
        .map(({ account, kind, requests }) => [snapshot.accountLabel(account), kind, requests])
        .toSorted(([a], [b]) => String(a).localeCompare(String(b), 'en')),
    ).toEqual([
      ['public', 'lookup', 1],
      ['reader', 'lookup', 2],
    ]);
  });

  test('a reader that invents new filters is followed on a limited number of them', async () => {
    for (let i = 0; i < 130; i++) await t.as('reader').get(`${C}?match[type]=x-made-up-${i}`);
    await t.hub.deliveries.lag(OPERATOR);
    const notes = await t.hub.store.readers();
    expect(notes).toHaveLength(101);
    expect(notes.find(({ kind }) => kind === 'lookup')).toMatchObject({
      filters: '',
      cursor: 0,
      requests: 30,
    });
  });

  test('positions that could not be written are written later, once', async () => {
    await put(1);
    await t.as('reader').get(C);
    const note = t.hub.store.note.bind(t.hub.store);
    let fails = true;
    t.hub.store.note = (notes) => (fails ? Promise.reject(new Error('no')) : note(notes));
    expect(await lagOf('reader')).toMatchObject([{ state: 'never' }]);
    await t.as('reader').get(C);
    fails = false;
    expect(await lagOf('reader')).toMatchObject([{ state: 'current', requests: 2, objects: 2 }]);
    expect(t.logged.join('')).toContain('ledger.not_written');
  });

  test('accounts of members see only their own part', async () => {
    await put(1);
    await t.as('sensor').get(C);
    await t.as('reader').get(C);
    const names = async (actor: Principal) =>
      new Set((await t.hub.deliveries.lag(actor)).map(({ account }) => account));
    const snapshot = await t.hub.directory.current();
    const of = (name: string, role: Role, member?: string): Principal => ({
      kind: 'account', account: snapshot.accountNamed(name)?.id ?? name, name, role, member, person: false, groups: [],
    }); // prettier-ignore
    expect(await names(of('watch', 'analyst'))).toEqual(new Set(['nobody', 'reader', 'sensor', 'writer']));
    expect(await names(of('moana', 'officer', 'tonga'))).toEqual(new Set(['sensor']));
    expect(await names(of('reader', 'machine'))).toEqual(new Set(['reader']));
    expect(await names(of('desk', 'officer', 'fiji'))).toEqual(new Set());
    await expect(t.hub.deliveries.lag(PUBLIC)).rejects.toMatchObject({ kind: 'forbidden' });
    await t.as('sensor').get(objectsOf(HIDDEN));
    expect(await t.hub.deliveries.refusals(of('desk', 'officer', 'fiji'), 5)).toEqual([]);
    expect(await t.hub.deliveries.refusals(of('moana', 'officer', 'tonga'), 5)).toHaveLength(1);
  });
});

describe('refused requests and their reasons', () => {
  const refusals = async () =>
    (await t.hub.deliveries.refusals(OPERATOR, 100)).map(({ account, collection, code, reason, times }) => [
      account,
      collection,
      code,
      reason,
      times,
    ]);

  test('the operator sees more than the refused account, and never a secret', async () => {
    const app = (header: string) => t.as(undefined).get(C, { Authorization: header });
    const basic = (user: string, password: string) =>
      `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const bodies = [];
    for (const header of [
      basic('writer', 'hunter2-hunter2'),
      basic('writer', 'hunter2-hunter2'),
      basic('stranger', 'hunter2-hunter2'),
      'Bearer hunter2-hunter2',
      'Digest hunter2-hunter2',
    ]) {
      const { status, body } = await app(header);
      expect(status).toBe(401);
      bodies.push(JSON.stringify({ ...(body as object), error_id: '' }));
      clock.advance(10);
    }
    expect(new Set(bodies).size).toBe(1);
    await t.as(undefined).get(C);
    clock.advance(10);
    await t.as('reader').get(C, { Accept: 'application/stix+json' });
    clock.advance(10);
    await t.as('reader').post(C, { objects: [anIndicator()] });
    clock.advance(10);
    await t.as('reader').get(objectsOf(HIDDEN));
    clock.advance(10);
    await t.as('reader').get(`/main/collections/no-such-collection/objects/`);
    const found = await refusals();
    expect(found).toEqual([
      ['reader', undefined, 'TLN-T-404', expect.stringContaining('Collection not found'), 1],
      ['reader', HIDDEN, 'TLN-T-404', expect.stringContaining('Collection not found'), 1],
      ['reader', 'indicators', 'TLN-A-403', expect.stringContaining('permission to write'), 1],
      ['reader', 'indicators', 'TLN-T-406', expect.stringContaining('application/stix+json'), 1],
      [undefined, undefined, 'TLN-A-401', 'no credentials', 4],
      ['writer', 'indicators', 'TLN-A-401', 'a wrong password or key', 2],
    ]);
    expect(JSON.stringify(await t.hub.store.refusals(100))).not.toContain('hunter2');
    expect(t.logged.join('')).not.toContain('hunter2');
  });

  test('a lookup of a missing object does not count as a refused request', async () => {
    const id = String(anIndicator()['id']);
    for (const path of [`${C}${id}/`, `${C}${id}/versions/`, `/api/v1/objects/${id}`])
      expect([path, (await t.as('reader').get(path)).status]).toEqual([path, 404]);
    expect(await refusals()).toEqual([]);
  });

  test('a flood of invented paths fills no store, and old refusals are removed', async () => {
    for (let i = 0; i < 50; i++) await t.as('reader').get(`/main/collections/made-up-${i}/objects/`);
    expect(await refusals()).toEqual([['reader', undefined, 'TLN-T-404', expect.any(String), 50]]);
    clock.advance(31 * 86_400_000);
    await t.hub.housekeeping.tidy();
    expect(await refusals()).toEqual([]);
  });
});

describe('the question of an officer why an object did not arrive', () => {
  const why = (who: string, id: unknown, member: string) =>
    t.api(who, 'GET', `/deliveries/why?object=${String(id)}&member=${member}`);

  test('is answered for the member of the caller, with the collections that the member reads', async () => {
    await t.stop();
    t = await testHub(`${SETTINGS}  - { name: moana, role: officer, member: tonga, key_env: KEY_MOANA }\n`, { clock });
    const [object] = await put(1);
    const { status, body } = await why('moana', object?.['id'], 'tonga');
    expect([status, body['answer']]).toEqual([200, 'available']);
    expect((body['reasons'] as { code: string }[]).map(({ code }) => code)).toEqual(['available', 'never-polled']);
    await t.as('sensor').get(C);
    expect((await why('moana', object?.['id'], 'tonga')).body['answer']).toBe('received');
    expect((await why('moana', object?.['id'], 'fiji')).status).toBe(403);
    expect((await why('sensor', object?.['id'], 'tonga')).status).toBe(403);
  }); // prettier-ignore

  test('has the same response for an object that the member cannot read and for one that does not exist', async () => {
    const [object] = await put(1);
    const missing = String(anIndicator()['id']);
    const [hidden, none] = [await why('desk', object?.['id'], 'fiji'), await why('desk', missing, 'fiji')];
    expect([hidden.status, hidden.body['answer']]).toEqual([200, 'no']);
    expect(JSON.stringify(hidden.body).replaceAll(String(object?.['id']), missing)).toBe(
      JSON.stringify(none.body),
    );
    expect(JSON.stringify(hidden.body['reasons'])).not.toMatch(/indicators|tonga|writer/i);
  });
});
