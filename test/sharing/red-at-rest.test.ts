import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/kernel/clock.ts';
import { checkDocument } from '../../src/feeds/document.ts';
import type { FeedDocument } from '../../src/config/settings.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { observableId } from '../../src/stix/identifiers.ts';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { filesWith as filesBelow } from '../support/at-rest.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';
import { listen } from '../support/recorder.ts';
import { slowStore } from '../support/slow-store.ts';

let t: TestHub;
/** A source of feeds, and its response. */
let source: Awaited<ReturnType<typeof listen>>;
let sent = '';
beforeAll(async () => {
  source = await listen((_request, response) => response.end(sent));
});
afterAll(() => source.close());
beforeEach(async () => {
  t = await testHub(`${SETTINGS}
  - { name: moana, role: officer, person: true, member: tonga, key_env: KEY_MOANA, password_env: PASSWORD_MOANA }
egress: { allow: ["${source.base.slice(7)}"] }
`);
});
afterEach(async () => {
  await t.stop();
});

const CANARY = 'canary-of-red-7c1f.example';
const red = (value = CANARY): Json =>
  anIndicator({ pattern: `[domain-name:value = '${value}']`, object_marking_refs: [tlpMarkingId('red')] });

/** Returns the files of the hub's data folder that contain the bytes of a text. */
const filesWith = (needle: string): string[] => filesBelow(join(t.folder, 'data'), needle);

/** Returns the review queue as an account sees it, in the order of the ids of the objects. */
async function held(who = 'analyst'): Promise<{ id: string; object: string }[]> {
  const items = (await t.api(who, 'GET', '/held')).body['items'] as { id: string; object: string }[];
  return items.toSorted((a, b) => (a.object < b.object ? -1 : 1));
}

const stored = async (id: string): Promise<string> => (await t.hub.store.heldObject(id))?.text ?? '';

test('TLP:RED on hold is sealed in the files of the store, and each reading of it is in the audit log', async () => {
  const object = red();
  await t.as('sensor').post(objectsOf(MAIN), { objects: [object] });
  // The same object is on hold only once.
  await t.as('sensor').post(objectsOf(MAIN), { objects: [object] });
  const [item, ...others] = await held();
  expect([item?.object, others]).toEqual([object['id'], []]);
  const path = `/held/${item?.id ?? ''}`;
  expect([filesWith(item?.id ?? '?').length > 0, filesWith(CANARY)]).toEqual([true, []]);
  for (const who of ['analyst', 'analyst'])
    expect(((await t.api(who, 'GET', path)).body['content'] as Json)['pattern']).toBe(object['pattern']);
  // It stays on hold when it is checked again.
  expect((await t.api('analyst', 'POST', `${path}/release`)).body).toMatchObject({ outcome: 'held' });
  expect(await held()).toHaveLength(1);
  const facts = (await t.hub.store.audit(0, 1_000)).map(({ fact }) => fact);
  expect(facts.filter(({ action }) => action === 'held.read')).toMatchObject([
    { actor: 'analyst', resource: path.slice(1) },
    { actor: 'analyst', resource: path.slice(1) },
  ]);
  expect(JSON.stringify(facts) + t.logged.join('')).not.toContain(CANARY);
  expect(filesWith(CANARY)).toEqual([]);
});

test('TLP:RED that was given, discarded or withdrawn does not stay in the files, not even sealed', async () => {
  // The text is long enough to fill separate pages, which a database normally leaves unchanged when it frees
  // them.
  const long = (name: string): string => `${`${name}.`.repeat(900)}${CANARY}`;
  await t.as('sensor').post(objectsOf(MAIN), { objects: [red(long('given')), red(long('discarded'))] });
  const [first, second] = await held();
  const texts = [await stored(first?.id ?? ''), await stored(second?.id ?? '')].map((text) =>
    text.slice(-60),
  );
  for (const text of texts) expect([text.length, filesWith(text).length > 0]).toEqual([60, true]);
  const given = await t.api('analyst', 'POST', `/held/${first?.id ?? ''}/give`, { to: ['moana'] });
  expect(given.status).toBe(201);
  expect((await t.api('analyst', 'POST', `/held/${second?.id ?? ''}/discard`, { reason: 'done' })).status).toBe(204); // prettier-ignore
  for (const text of [...texts, CANARY]) expect(filesWith(text)).toEqual([]);
  const id = String(given.body['id']);
  const sealed = String((await t.hub.store.record('red', id))?.document['sealed']).slice(-60);
  expect(filesWith(sealed)).not.toEqual([]);
  expect((await t.api('analyst', 'DELETE', `/red/${id}`)).status).toBe(204);
  expect(filesWith(sealed)).toEqual([]);
});

test('a key that is limited to collections does not give TLP:RED on hold to people', async () => {
  await t.as('sensor').post(objectsOf(MAIN), { objects: [red()] });
  const scopes = ['api:read', 'api:write'];
  const made = await t.api('analyst', 'POST', '/keys', { account: 'analyst', only: [MAIN], scopes });
  const [item] = await held(String(made.body['secret']));
  const path = `/held/${item?.id ?? ''}/give`;
  expect((await t.api(String(made.body['secret']), 'POST', path, { to: ['moana'] })).status).toBe(403);
  expect((await held()).length).toBe(1);
});

test('a value that cannot become an indicator is reported to its submitter and is in no file', async () => {
  const body = { values: [CANARY], tlp: 'red', valid_days: 30 };
  for (const path of ['indicators', 'indicators/recipients']) {
    const refused = await t.api('sensor', 'POST', `/collections/indicators/${path}`, body);
    expect([refused.status, String(refused.body['detail'])]).toEqual([422, expect.stringContaining(CANARY)]);
  }
  const { items } = (await t.api('analyst', 'GET', '/deliveries/refusals')).body as { items: Json[] };
  expect(items.map(({ code }) => code)).toEqual(['TLN-B-422']);
  expect([JSON.stringify(items).includes(CANARY), filesWith(CANARY)]).toEqual([false, []]);
});

test('TLP:RED that an earlier version stored unencrypted is sealed at the next housekeeping', async () => {
  const object = red();
  await t.hub.store.commit({
    held: [
      {
        id: '6a0f5f5a-1c11-5f0e-9d0a-6f3c0c0e3a52', collection: MAIN, text: JSON.stringify(object), objectId: String(object['id']),
        version: String(object['modified']), reason: 'tlp-red', message: 'TLP:RED', waitsFor: [], submitter: 'sensor', owner: 'hub', at: 1,
      },
    ],
  }); // prettier-ignore
  expect(filesWith(CANARY)).not.toEqual([]);
  await t.hub.intake.recovery.recover();
  expect(filesWith(CANARY)).toEqual([]);
  const [item, ...others] = await held();
  expect([item?.object, others]).toEqual([object['id'], []]);
  const { content } = (await t.api('analyst', 'GET', `/held/${item?.id ?? ''}`)).body;
  expect(content).toEqual(object);
});

test('a pending envelope is sealed in the files, and removed from them once it has its outcome', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-pending-'));
  const inner = await openSqliteStore({ folder, clock: systemClock });
  const { store, open } = slowStore(inner);
  const slow = await testHub(SETTINGS, { store, patienceMs: 1 });
  try {
    // Long enough to fill pages of its own.
    const object = red(`${'pending.'.repeat(900)}${CANARY}`);
    const answer = await slow.as('sensor').post(objectsOf(MAIN), { objects: [anIndicator(), object] });
    expect([answer.status, (answer.body as Json)['status']]).toEqual([202, 'pending']);
    const [head] = await inner.envelopeHeads(10);
    const body = (await inner.envelopeBody(head?.id ?? ''))?.subarray(-60) ?? Buffer.alloc(0);
    expect([filesBelow(folder, body).length > 0, filesBelow(folder, CANARY)]).toEqual([true, []]);
    expect(filesBelow(folder, String(object['id']))).toEqual([]);
    open();
    await slow.hub.envelopes.stop();
    expect(await inner.envelopeHeads(10)).toEqual([]);
    expect([filesBelow(folder, body), filesBelow(folder, CANARY)]).toEqual([[], []]);
    const status = await slow.as('sensor').get(`/main/status/${head?.id ?? ''}/`);
    expect(status.body).toMatchObject({ status: 'complete', success_count: 1, failure_count: 1 });
  } finally {
    await slow.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('an envelope and a status that an earlier version stored unencrypted are still completed and shown', async () => {
  const account = (await t.hub.directory.current()).principalNamed('sensor')?.account;
  const object = anIndicator();
  const head = {
    id: '6a0f5f5a-1c11-4f0e-9d0a-6f3c0c0e3a52', account: String(account), collection: MAIN, at: Date.now(),
    pending: JSON.stringify({ requested: 1, waiting: [{ id: object['id'], version: object['modified'] }] }),
  }; // prettier-ignore
  const body = Buffer.from(JSON.stringify({ objects: [object] }));
  await t.hub.store.commit({ envelopes: [{ ...head, body }] });
  const path = `/main/status/${head.id}/`;
  expect((await t.as('sensor').get(path)).body).toMatchObject({ status: 'pending', pendings: [{ id: object['id'] }] }); // prettier-ignore
  expect(await t.hub.envelopes.resume()).toBe(1);
  expect((await t.as('sensor').get(path)).body).toMatchObject({ status: 'complete', success_count: 1 });
  const old = { ...head, id: '7b0f5f5a-1c11-4f0e-9d0a-6f3c0c0e3a52' };
  const outcomes = [{ id: object['id'], version: object['modified'], kind: 'refused', message: 'no' }];
  await t.hub.store.commit({ receipts: [{ id: old.id, account: old.account, at: old.at, body: JSON.stringify({ requested: 1, outcomes }) }] }); // prettier-ignore
  expect((await t.as('sensor').get(`/main/status/${old.id}/`)).body).toMatchObject({ status: 'complete', failure_count: 1 }); // prettier-ignore
});

test('an envelope that cannot be opened does not stay pending forever', async () => {
  const account = (await t.hub.directory.current()).principalNamed('sensor')?.account;
  const head = {
    id: '6a0f5f5a-1c11-4f0e-9d0a-6f3c0c0e3a52', account: String(account), collection: MAIN, at: Date.now() - 86_400_001,
    pending: JSON.stringify({ requested: 1, waiting: [] }),
  }; // prettier-ignore
  const body = Buffer.from('\0tln1.damaged and long enough to be sealed bytes of an envelope');
  await t.hub.store.commit({ envelopes: [{ ...head, body }] });
  expect(await t.hub.envelopes.resume()).toBe(1);
  expect(await t.hub.store.envelopeHeads(10)).toEqual([]);
});

/** Adds a feed that reads the source of this test. */
async function feed(over: Pick<FeedDocument, 'parser' | 'map'>): Promise<void> {
  const document = {
    name: 'list', title: 'A list', mode: 'append', transport: { kind: 'https', url: `${source.base}/list` }, schedule: { cron: '0 3 1 1 *' },
    defaults: { tlp: 'green', confidence: 50, valid_for: 'P10D' }, observables: false, ...over,
  } as const; // prettier-ignore
  await t.hub.feeds.registry.create(checkDocument(document, 'list'), 'indicators', []);
}

/** Returns the sizes of the files in the spool. */
function spooled(): number[] {
  const spool = join(t.folder, 'data', 'spool');
  if (!existsSync(spool)) return [];
  return readdirSync(spool, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(spool, name)))
    .flatMap((file) => (file.isFile() ? [file.size] : []));
}

test('files of a source are encrypted in the spool while they are read, and gone when the run ends', async () => {
  await feed({ parser: { kind: 'stix' }, map: [] });
  // Longer than one chunk of the spool.
  const objects = Array.from({ length: 300 }, (_, i) => red(`${'spool.'.repeat(50)}${i}.${CANARY}`));
  sent = JSON.stringify({ type: 'bundle', id: `bundle--${crypto.randomUUID()}`, objects });
  const seen: { stage: string; files: number[]; clear: string[] }[] = [];
  const report = await t.hub.feeds.runner.run('list', ({ stage }) =>
    seen.push({ stage, files: spooled(), clear: filesWith(CANARY) }),
  );
  expect(report).toMatchObject({ records: 300, held: 300 });
  const stored = seen.find(({ stage }) => stage === 'store');
  // The file as received, and the results from it.
  expect(stored?.files.filter((size) => size > 100_000)).toHaveLength(2);
  for (const { clear } of seen) expect(clear).toEqual([]);
  expect([spooled(), filesWith(CANARY)]).toEqual([[], []]);
});

test('rows of the quarantine are sealed, shown to hub staff, and gone from the files when they were used', async () => {
  const parser = { kind: 'csv', header: 'first' } as const;
  await feed({ parser, map: [{ value: '{host}', type: 'ip' }] });
  const bad = `${'q.'.repeat(600)}${CANARY}`;
  sent = `host\n${bad}\n`;
  expect(await t.hub.feeds.runner.run('list')).toMatchObject({ quarantined: 1 });
  const record = async () => (await t.hub.store.records('feed-quarantine'))[0];
  const sealed = String((await record())?.document['sealed']).slice(-60);
  expect([sealed.length, filesWith(sealed).length > 0, filesWith(CANARY)]).toEqual([60, true, []]);
  const { body } = await t.api('analyst', 'GET', '/feeds/list/quarantine');
  expect(body['items']).toMatchObject([{ line: 2, row: { host: bad } }]);
  // Rows that an earlier version stored in the clear are shown, and sealed at the next housekeeping.
  const { id = '', revision = 0, index = {} } = (await record()) ?? {};
  const document = { rows: body['items'] as Json[] };
  await t.hub.store.commit({
    records: [{ kind: 'feed-quarantine', id, expected: revision, document, index }],
  });
  expect(filesWith(CANARY)).not.toEqual([]);
  expect((await t.api('analyst', 'GET', '/feeds/list/quarantine')).body).toEqual(body);
  await t.hub.housekeeping.tidy();
  expect(filesWith(CANARY)).toEqual([]);
  expect((await t.api('analyst', 'GET', '/feeds/list/quarantine')).body).toEqual(body);
  // Removed with the feed.
  const again = String((await record())?.document['sealed']).slice(-60);
  expect(filesWith(again)).not.toEqual([]);
  await t.hub.feeds.registry.delete('list', []);
  for (const text of [sealed, again]) expect(filesWith(text)).toEqual([]);
  expect(t.logged.join('')).not.toContain(CANARY);
});

test('why an object of a STIX feed is refused, and its id, are in the clear nowhere', async () => {
  await feed({ parser: { kind: 'stix' }, map: [] });
  const { address } = observable();
  const objects = [
    { ...red(), pattern: CANARY },
    { ...red(), valid_from: CANARY },
    { ...address, resolves_to_refs: 7 },
  ];
  // The report of a run quotes the first one.
  for (const object of objects) {
    sent = JSON.stringify({ type: 'bundle', id: `bundle--${crypto.randomUUID()}`, objects: [object] });
    expect(await t.hub.feeds.runner.run('list')).toMatchObject({ refused: 1 });
    const { body } = await t.api('analyst', 'GET', '/feeds/list/quarantine');
    expect(JSON.stringify(body['items'])).toContain(CANARY);
  }
  expect([filesWith(CANARY), filesWith(String(address['id']))]).toEqual([[], []]);
  expect(t.logged.join('')).not.toContain(CANARY);
  const history = JSON.stringify((await t.api('analyst', 'GET', '/feeds/list')).body);
  expect(history).not.toContain(CANARY);
});

/** An observable that is TLP:RED, and an object that names it. */
function observable(): { address: Json; seen: Json } {
  const base = { type: 'domain-name', spec_version: '2.1', value: CANARY };
  const address = { ...base, id: observableId(base), object_marking_refs: [tlpMarkingId('red')] };
  const seen: Json = {
    type: 'observed-data', spec_version: '2.1', id: `observed-data--${crypto.randomUUID()}`,
    created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z',
    first_observed: '2026-01-01T00:00:00Z', last_observed: '2026-01-01T00:00:00Z', number_observed: 1,
    object_refs: [address.id], object_marking_refs: [tlpMarkingId('green')],
  }; // prettier-ignore
  return { address, seen };
}

test('the id of a TLP:RED observable, which reveals its value, is nowhere in the files', async () => {
  const { address, seen } = observable();
  const id = String(address['id']);
  const clear = (): string[] => [
    ...filesWith(id),
    ...filesWith(id.split('--')[1] ?? ''),
    ...filesWith(CANARY),
  ];
  const sent = await t.as('sensor').post(objectsOf(MAIN), { objects: [address, seen] });
  expect((sent.body as Json)['failures']).toMatchObject([{ id }, { id: seen['id'] }]);
  expect((await t.as('sensor').get(`/main/status/${String((sent.body as Json)['id'])}/`)).body).toEqual(
    sent.body,
  );
  expect(clear()).toEqual([]);
  // Hub staff and the submitter see the ids as before.
  for (const who of ['analyst', 'sensor'])
    expect(await held(who)).toMatchObject([
      { object: id, type: 'domain-name', reason: 'tlp-red' },
      { object: seen['id'], type: 'observed-data', reason: 'names-observable' },
    ]);
  const why = await t.api('analyst', 'GET', `/deliveries/why?object=${id}&member=fiji`);
  expect(why.body['reasons']).toMatchObject([{ code: 'held' }]);
  const [first, second] = await held();
  expect((await t.api('analyst', 'GET', `/held/${second?.id ?? ''}`)).body).toMatchObject({
    object: seen['id'],
    content: seen,
  });
  const given = await t.api('analyst', 'POST', `/held/${first?.id ?? ''}/give`, {
    to: ['moana'],
    note: `about ${CANARY}`,
  });
  expect(given.body).toMatchObject({ object: id, note: `about ${CANARY}` });
  expect(
    (await t.api('analyst', 'POST', `/held/${second?.id ?? ''}/discard`, { reason: 'done' })).status,
  ).toBe(204);
  const gift = { object: address, to: ['moana'], note: CANARY };
  const again = await t.api('chief', 'POST', '/red', gift, { 'Idempotency-Key': 'once' });
  expect((await t.api('chief', 'POST', '/red', gift, { 'Idempotency-Key': 'once' })).body).toEqual(
    again.body,
  );
  expect((await t.api('chief', 'GET', '/red')).body['items']).toMatchObject([{ object: id, note: CANARY }]);
  expect(clear()).toEqual([]);
  // It also stores no digest that would allow somebody to check guesses at the request.
  const [answer] = await t.hub.store.records('idempotency');
  expect(answer?.document['digest']).not.toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.stringify(await t.hub.store.audit(0, 1_000)) + t.logged.join('')).not.toContain(id);
});

test('ids of TLP:RED that an earlier version stored in the clear are sealed at the next round of housekeeping', async () => {
  const { address, seen } = observable();
  const id = String(address['id']);
  await t.as('sensor').post(objectsOf(MAIN), { objects: [address, seen] });
  const given = await t.api('chief', 'POST', '/red', { object: address, to: ['moana'], note: CANARY });
  const items = await Promise.all((await held()).map((item) => t.hub.store.heldObject(item.id)));
  const [red1, named] = items.map((item) =>
    item === undefined ? undefined : t.hub.intake.held.opened(item),
  );
  const [sealed] = items;
  const record = await t.hub.store.record('red', String(given.body['id']));
  if (red1 === undefined || named === undefined || sealed === undefined || record === undefined)
    throw new Error('it is not there');
  const { head: _head, ...old } = record.document;
  await t.hub.store.commit({
    // The text was sealed and the id was not. Objects that refer to it were stored unencrypted.
    held: [{ ...sealed, objectId: id, objectSeal: undefined }, { ...named, id: crypto.randomUUID() }],
    released: [named.id],
    records: [
      { kind: 'red', id: record.id, expected: record.revision, index: record.index, document: { ...old, object: id, version: '', note: CANARY } },
    ],
  }); // prettier-ignore
  expect([filesWith(id), filesWith(CANARY)]).toEqual([['hub.db-wal'], ['hub.db-wal']]);
  const before = [await held(), (await t.api('chief', 'GET', '/red')).body];
  expect(before).toMatchObject([
    [{ object: id }, { object: seen['id'] }],
    { items: [{ object: id, note: CANARY }] },
  ]);
  await t.hub.housekeeping.tidy();
  expect([filesWith(id), filesWith(CANARY)]).toEqual([[], []]);
  expect((await held()).map(({ object }) => object)).toEqual([id, seen['id']]);
  expect((await t.api('chief', 'GET', '/red')).body).toEqual(before[1]);
});
