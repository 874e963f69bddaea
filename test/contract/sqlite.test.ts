import { expect, test } from '@jest/globals';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { systemClock } from '../../src/kernel/clock.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { ALL_VERSIONS, type HeldObject } from '../../src/store/store.ts';
import { aCandidate, anIndicator } from '../support/builders.ts';
import { storeContract } from './store-contract.ts';

/** Takes back the changes of the sixteenth schema and later ones. */
const BEFORE_SIXTEEN =
  'DROP INDEX entry_newest; DROP INDEX entry_type; ALTER TABLE entry DROP COLUMN bytes; ' +
  'CREATE INDEX entry_newest ON entry(coll, added) WHERE newest = 1 AND old_spec = 0; ' +
  'CREATE INDEX entry_type ON entry(coll, type, added); ';
/** Takes back the changes of the fourteenth schema and later ones. */
const BEFORE_FOURTEEN =
  BEFORE_SIXTEEN +
  'DROP TABLE record_count; DROP INDEX envelope_account; ALTER TABLE envelope DROP COLUMN member; ' +
  'CREATE INDEX envelope_account ON envelope(account); ';
/** Takes back the changes of the thirteenth schema and later ones. */
const BEFORE_THIRTEEN = `${BEFORE_FOURTEEN}DROP TABLE key_use; DROP TABLE listing; DROP TABLE found; `;
/** Takes back the changes of the ninth schema and later ones. */
const BEFORE_NINE =
  BEFORE_THIRTEEN +
  'ALTER TABLE entry DROP COLUMN revoked; DROP INDEX record_removed; ALTER TABLE record DROP COLUMN removed; ' +
  "DROP TRIGGER audit_stands; DROP TABLE audit_start; CREATE TRIGGER audit_stands BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END; " +
  'DROP INDEX receipt_account; DROP INDEX receipt_at; CREATE INDEX receipt_at ON receipt(at); ALTER TABLE receipt DROP COLUMN bytes; DROP INDEX envelope_account';

let folder = '';
storeContract('SQLite', {
  open: (clock) => {
    folder = mkdtempSync(join(tmpdir(), 'talanoa-store-'));
    return openSqliteStore({ folder, clock });
  },
  reopen: (clock) => openSqliteStore({ folder, clock }),
  forgetAuditIndex: () => {
    const db = new DatabaseSync(join(folder, 'hub.db'));
    db.exec('DROP TABLE audit_by; DROP TABLE audit_unindexed');
    db.exec(BEFORE_NINE);
    db.exec('PRAGMA user_version = 7');
    db.close();
    return Promise.resolve();
  },
  storeAsNames: (lines, readers) => {
    const db = new DatabaseSync(join(folder, 'hub.db'));
    db.exec(`${BEFORE_THIRTEEN}PRAGMA user_version = 12`);
    for (const line of lines) db.prepare('INSERT INTO name(line) VALUES(?)').run(line);
    for (const { account, collection, kind, filters, seen, cursor, requests, objects, agent } of readers)
      db.prepare(
        'INSERT INTO reader(account, collection, kind, filters, seen, cursor, requests, objects, agent) VALUES(?,?,?,?,?,?,?,?,?)',
      ).run(account, collection, kind, filters, seen, cursor, requests, objects, agent);
    db.close();
    return Promise.resolve();
  },
  clean: () => {
    rmSync(folder, { recursive: true, force: true });
    return Promise.resolve();
  },
});

test('a second store on the same folder is refused, and files are accessible to their owner only', async () => {
  const own = mkdtempSync(join(tmpdir(), 'talanoa-store-'));
  const store = await openSqliteStore({ folder: own, clock: systemClock });
  await expect(openSqliteStore({ folder: own, clock: systemClock })).rejects.toMatchObject({
    code: 'TLN-S-002',
  });
  expect(statSync(join(own, 'hub.db')).mode & 0o077).toBe(0);
  await store.close();
  const again = await openSqliteStore({ folder: own, clock: systemClock });
  await again.close();
  rmSync(own, { recursive: true, force: true });
});

test('a long list is a consistent snapshot even while others write', async () => {
  const own = mkdtempSync(join(tmpdir(), 'talanoa-store-'));
  const store = await openSqliteStore({ folder: own, clock: systemClock });
  const document = { text: 'x'.repeat(10_000) };
  const record = (id: string) => ({ kind: 'share', id, expected: 0, document }) as const;
  await store.commit({
    records: Array.from({ length: 500 }, (_, i) => record(`m${String(i).padStart(3, '0')}`)),
  });
  await store.commit({ records: [record('z000')] });
  // One record moves from the end of the list to its beginning, again and again. Each move is one commit.
  const reading = new AbortController();
  const moving = (async () => {
    for (let i = 0; !reading.signal.aborted; i++)
      await store.commit({
        records: [
          record(`a${String(i).padStart(6, '0')}`),
          {
            kind: 'share',
            id: i === 0 ? 'z000' : `a${String(i - 1).padStart(6, '0')}`,
            expected: 1,
            document: undefined,
          },
          record(`z${String(i + 1).padStart(6, '0')}0`),
          ...(i === 0
            ? []
            : [{ kind: 'share', id: `z${String(i).padStart(6, '0')}0`, expected: 1, document: undefined }]),
        ],
      });
  })();
  const lists = [];
  for (let i = 0; i < 5; i++) lists.push(await store.records('share'));
  reading.abort();
  await moving;
  for (const list of lists) {
    const ends = list.filter(({ id }) => !id.startsWith('m')).map(({ id }) => Number(id.slice(1, 7)));
    expect(list.length - ends.length).toBe(500);
    // Before the first move there is one record, and after each move a pair.
    expect(ends.length === 1 || (ends.length === 2 && ends[1] === (ends[0] ?? 0) + 1)).toBe(true);
  }
  await store.close();
  rmSync(own, { recursive: true, force: true });
});

test('an existing data folder with open permissions becomes accessible to its owner only, with every file in it', async () => {
  const own = mkdtempSync(join(tmpdir(), 'talanoa-store-'));
  chmodSync(own, 0o755);
  const before = process.umask(0o022);
  try {
    for (const name of ['hub.before-schema-2.db', 'master.key'])
      writeFileSync(join(own, name), '', { mode: 0o644 });
    const store = await openSqliteStore({ folder: own, clock: systemClock });
    await store.commit({ records: [{ kind: 'secret', id: 'x', expected: 0, document: {} }] });
    const files = readdirSync(own);
    expect(files).toEqual(
      expect.arrayContaining(['hub.db', 'hub.db-wal', 'hub.db-shm', 'hub.lock', 'hub.open']),
    );
    expect(['', ...files].filter((name) => (statSync(join(own, name)).mode & 0o077) !== 0)).toEqual([]);
    await store.close();
  } finally {
    process.umask(before);
    rmSync(own, { recursive: true, force: true });
  }
});

test('the size of the records of a kind is counted after an upgrade too, and is not read from the records', async () => {
  const own = mkdtempSync(join(tmpdir(), 'talanoa-store-'));
  const share = (id: string, text: string, expected = 0) => ({
    kind: 'share',
    id,
    expected,
    document: { text },
  });
  const first = await openSqliteStore({ folder: own, clock: systemClock });
  await first.commit({ records: [share('a', 'é'), share('b', 'x')] });
  await first.close();
  const changed = (sql: string): void => {
    const db = new DatabaseSync(join(own, 'hub.db'));
    db.exec(sql);
    db.close();
  };
  changed(`${BEFORE_SIXTEEN}ALTER TABLE record_count DROP COLUMN bytes; PRAGMA user_version = 14`);
  const size = Buffer.byteLength('{"text":""}');
  const second = await openSqliteStore({ folder: own, clock: systemClock });
  expect(await second.recordUsage('share')).toEqual({ items: 2, bytes: 2 * size + 3 });
  await second.commit({ records: [share('a', 'longer', 1)] });
  expect(await second.recordUsage('share')).toEqual({ items: 2, bytes: 2 * size + 7 });
  await second.close();
  changed("UPDATE record_count SET bytes = 12345 WHERE kind = 'share'");
  const third = await openSqliteStore({ folder: own, clock: systemClock });
  expect(await third.recordUsage('share')).toEqual({ items: 2, bytes: 12_345 });
  await third.close();
  rmSync(own, { recursive: true, force: true });
});

test('a file of a later version is refused', async () => {
  const own = mkdtempSync(join(tmpdir(), 'talanoa-store-'));
  await (await openSqliteStore({ folder: own, clock: systemClock })).close();
  const db = new DatabaseSync(join(own, 'hub.db'));
  db.exec('PRAGMA user_version = 999');
  db.close();
  await expect(openSqliteStore({ folder: own, clock: systemClock })).rejects.toMatchObject({
    code: 'TLN-S-001',
  });
  rmSync(own, { recursive: true, force: true });
});

test('a file with the first schema is upgraded after a copy of it was made', async () => {
  const own = mkdtempSync(join(tmpdir(), 'talanoa-store-'));
  const collection = '11111111-1111-4111-8111-111111111111';
  const objects = Array.from({ length: 3 }, () => aCandidate(anIndicator()));
  const first = await openSqliteStore({ folder: own, clock: systemClock });
  const gone = aCandidate(anIndicator());
  await first.commit({ placements: [{ collection, candidates: [...objects, gone] }] });
  await first.remove({ collection, id: gone.id, versions: ALL_VERSIONS });
  const records = ['a', 'b', 'c'].map((id) => ({ kind: 'key', id, expected: 0, document: {} }));
  await first.commit({ records });
  await first.commit({ records: [{ kind: 'key', id: 'b', expected: 1, document: undefined }] });
  await first.close();
  const db = new DatabaseSync(join(own, 'hub.db'));
  db.exec(BEFORE_NINE);
  db.exec(
    'DROP INDEX tombstone_level; ALTER TABLE tombstone DROP COLUMN level; DROP TABLE envelope; DROP TABLE reader; DROP TABLE refusal; DROP TABLE audit; DROP TABLE audit_by; DROP TABLE audit_unindexed; DROP TABLE name; DROP INDEX entry_old; ALTER TABLE entry DROP COLUMN creator; ALTER TABLE tombstone DROP COLUMN creator; DROP INDEX entry_type; CREATE INDEX entry_type ON entry(coll, type, added) WHERE newest = 1 AND old_spec = 0; PRAGMA user_version = 1',
  );
  db.exec(
    'DROP INDEX held_at; DROP INDEX held_owner; DROP INDEX held_object; ALTER TABLE held DROP COLUMN owner; ALTER TABLE held DROP COLUMN object; ALTER TABLE held DROP COLUMN bytes; ALTER TABLE held DROP COLUMN text',
  );
  const held: HeldObject = {
    id: 'h', collection, text: '{"a":"ē"}', objectId: 'indicator--x', version: '2026-01-01T00:00:00.000Z', reason: 'tlp-red',
    message: 'red', waitsFor: [], submitter: 'sensor', owner: 'tonga', at: 1,
  }; // prettier-ignore
  db.prepare('INSERT INTO held(id, submitter, at, document) VALUES(?,?,?,?)').run(
    'h',
    'sensor',
    1,
    JSON.stringify(held),
  );
  db.close();
  const store = await openSqliteStore({ folder: own, clock: systemClock });
  const query = { collection, after: 0, limit: 10, types: ['indicator'], versions: ALL_VERSIONS };
  expect((await store.texts(query)).count).toBe(3);
  // The level of objects that were removed before levels were recorded is unknown.
  const removals = async (upTo: number): Promise<number> =>
    (await store.removals({ collection, after: 0, limit: 9, upTo, beyond: { upTo: 3, since: 0 } })).length;
  expect([await removals(2), await removals(3)]).toEqual([0, 1]);
  expect(await store.countRecords('key')).toBe(2);
  await store.commit({ records: [{ kind: 'key', id: 'b', expected: 0, document: {} }] });
  expect(await store.countRecords('key')).toBe(3);
  expect(await store.heldObject('h')).toEqual(held);
  expect(await store.heldUsage('tonga', 5)).toEqual({ objects: 1, bytes: 10 });
  expect(await store.held({ objectId: 'indicator--x', limit: 5 })).toHaveLength(1);
  await store.commit({
    envelopes: [{ id: 'e', account: 'a', collection, at: 1, pending: '{}', body: Buffer.from('{}') }],
  });
  expect(await store.envelopeHeads(10)).toHaveLength(1);
  await store.close();
  expect(existsSync(join(own, 'hub.before-schema-2.db'))).toBe(true);
  rmSync(own, { recursive: true, force: true });
});

test('pending envelopes of an earlier version are kept, and name no member', async () => {
  const own = mkdtempSync(join(tmpdir(), 'talanoa-store-'));
  const first = await openSqliteStore({ folder: own, clock: systemClock });
  const envelope = { id: 'e', account: 'a', collection: 'c', at: 1, pending: '{}', body: Buffer.from('{}') };
  await first.commit({ envelopes: [envelope] });
  await first.close();
  const db = new DatabaseSync(join(own, 'hub.db'));
  db.exec(`${BEFORE_FOURTEEN}PRAGMA user_version = 13`);
  db.close();
  const store = await openSqliteStore({ folder: own, clock: systemClock });
  await store.commit({ envelopes: [{ ...envelope, id: 'f', member: 'fiji' }] });
  const { body: _, ...head } = envelope;
  expect(await store.envelopeHeads(5)).toEqual([head, { ...head, id: 'f', member: 'fiji' }]);
  expect(await store.envelopeUsage()).toEqual([
    { account: 'a', items: 1, bytes: 2 },
    { account: 'a', member: 'fiji', items: 1, bytes: 2 },
  ]);
  await store.close();
  rmSync(own, { recursive: true, force: true });
});

test('nobody can change the audit log, not even with SQL on the file', async () => {
  const own = mkdtempSync(join(tmpdir(), 'talanoa-store-'));
  const store = await openSqliteStore({ folder: own, clock: systemClock });
  const fact = { id: '1', at: 1, actor: 'a', action: 'b', resource: 'c', result: 'done' } as const;
  await store.commit({ facts: [fact] });
  await store.close();
  const db = new DatabaseSync(join(own, 'hub.db'));
  for (const sql of ["UPDATE audit SET fact = '{}'", 'DELETE FROM audit'])
    expect(() => db.exec(sql)).toThrow('the audit is never changed');
  db.close();
  rmSync(own, { recursive: true, force: true });
});
