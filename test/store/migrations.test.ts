// Files of earlier versions: every migration of the embedded store keeps the data that was there before it.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, rowsOf, type Database } from '../../src/store/sqlite/connection.ts';
import { diagnoseSqlite } from '../../src/store/sqlite/diagnosis.ts';
import { joined, sourcesOf } from '../../src/store/sqlite/entry-queries.ts';
import { migrate } from '../../src/store/sqlite/migrations.ts';
import type { Json } from '../support/builders.ts';

let db: Database;
beforeEach(() => {
  db = openDatabase(':memory:', false);
});
afterEach(() => db.close());

const rows = (sql: string): readonly Json[] => rowsOf<Json>(db.prepare(sql)).map((row) => ({ ...row }));
const numberOf = (): unknown => rows('PRAGMA user_version')[0]?.['user_version'];
const isStep = (sql: string): boolean => /^\s*(?:--|CREATE|ALTER)/.test(sql) && sql.includes(';');

/** Returns the file with some calls replaced, as `migrate` sees it. */
function watched(exec: (sql: string) => void): Database {
  return new Proxy(db, {
    get: (target, name): unknown => {
      if (name === 'exec') return exec;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Makes a file as a version of the hub with this number of migrations left it. Returns the number of the newest. */
function fileOf(version: number): number {
  let steps = 0;
  const exec = (sql: string): void => {
    if (isStep(sql)) {
      if (++steps <= version) db.exec(sql);
    } else db.exec(sql.startsWith('PRAGMA user_version') ? `PRAGMA user_version = ${version}` : sql);
  };
  migrate(watched(exec), () => undefined);
  return steps;
}

describe('a migration', () => {
  test('from any earlier version ends with the same tables and indexes', () => {
    const shape = (): readonly Json[] =>
      rows(
        "SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name",
      );
    migrate(db, () => undefined);
    const newest = Number(numberOf());
    const expected = shape();
    expect(expected.length).toBeGreaterThan(30);
    for (let version = 1; version < newest; version++) {
      db.close();
      db = openDatabase(':memory:', false);
      fileOf(version);
      expect(numberOf()).toBe(version);
      const copies: number[] = [];
      migrate(db, (from) => copies.push(from));
      expect([version, copies, numberOf(), shape()]).toEqual([version, [version], newest, expected]);
    }
  });

  test('the migration of a new file is one commit, and that of an old one a commit for each step', () => {
    const commits = (): number => {
      let count = 0;
      migrate(
        watched((sql) => {
          if (sql === 'COMMIT') count++;
          db.exec(sql);
        }),
        () => undefined,
      );
      return count;
    };
    expect(commits()).toBe(1);
    expect(commits()).toBe(0);
    db.close();
    db = openDatabase(':memory:', false);
    const newest = fileOf(5);
    expect(commits()).toBe(newest - 5);
  });

  test('that fails leaves the file as the step before it, and continues later', () => {
    const newest = fileOf(6);
    db.exec(
      "INSERT INTO record(kind, id, revision, document, keys) VALUES('key', 'a', 3, '{\"x\":1}', '{}')",
    );
    let steps = 0;
    const failing = watched((sql) => {
      if (isStep(sql) && ++steps === 3) throw new Error('the disk is full');
      db.exec(sql);
    });
    expect(() => migrate(failing, () => undefined)).toThrow('the disk is full');
    expect(numberOf()).toBe(8);
    expect(rows("SELECT name FROM sqlite_master WHERE name = 'receipt_account'")).toEqual([]);
    migrate(db, () => undefined);
    expect(numberOf()).toBe(newest);
    expect(rows('SELECT kind, id, revision, document FROM record')).toEqual([
      { kind: 'key', id: 'a', revision: 3, document: '{"x":1}' },
    ]);
  });

  test('is not begun when the copy of the file fails', () => {
    fileOf(4);
    const fails = (): void => {
      throw new Error('no room for the copy');
    };
    expect(() => migrate(db, fails)).toThrow('no room for the copy');
    expect(numberOf()).toBe(4);
  });
});

describe('data of earlier versions', () => {
  test('objects on hold keep their text, their owner and their size', () => {
    fileOf(6);
    const held = { owner: 'fiji', objectId: 'tool--1', text: '{"name":"Réef"}', reason: 'x' };
    db.prepare('INSERT INTO held(id, submitter, at, document) VALUES(?,?,?,?)').run(
      'h1',
      'acc-1',
      5,
      JSON.stringify(held),
    );
    migrate(db, () => undefined);
    expect(rows('SELECT id, submitter, at, owner, object, bytes, text, document FROM held')).toEqual([
      {
        id: 'h1',
        submitter: 'acc-1',
        at: 5,
        owner: 'fiji',
        object: 'tool--1',
        bytes: 16,
        text: '{"name":"Réef"}',
        document: '{"owner":"fiji","objectId":"tool--1","reason":"x"}',
      },
    ]);
  });

  test('audit entries wait for the index of actors', () => {
    fileOf(7);
    for (const seq of [1, 2, 3])
      db.prepare('INSERT INTO audit(seq, fact, hash) VALUES(?,?,?)').run(seq, '{}', `h${seq}`);
    migrate(db, () => undefined);
    expect(rows('SELECT upto, until FROM audit_unindexed')).toEqual([{ upto: 0, until: 3 }]);
    expect(rows('SELECT seq, hash FROM audit')).toHaveLength(3);
  });

  test('a file without audit entries needs no indexing', () => {
    fileOf(7);
    migrate(db, () => undefined);
    expect(rows('SELECT * FROM audit_unindexed')).toEqual([]);
  });

  test('removed records count as removed now, and others not at all', () => {
    fileOf(10);
    db.exec(
      "INSERT INTO record(kind, id, revision, document, keys) VALUES('key', 'gone', 3, NULL, '{}'), ('key', 'here', 1, '{}', '{}')",
    );
    const before = Math.floor(Date.now() / 1_000) * 1_000;
    migrate(db, () => undefined);
    const [gone, here] = rows('SELECT id, revision, removed FROM record ORDER BY id');
    expect([gone?.['revision'], here?.['removed']]).toEqual([3, null]);
    expect(gone?.['removed']).toBeGreaterThanOrEqual(before);
  });

  test('versions that were stored before do not record whether they revoke their object', () => {
    fileOf(11);
    db.exec(
      "INSERT INTO entry(coll, added, oid, sid, instant, spec, version, type, level, owner, newest, oldest, old_spec) VALUES(1, 5, 1, 'tool--1', 'i', '2.1', 'v', 'tool', 1, 'hub', 1, 1, 0)",
    );
    migrate(db, () => undefined);
    expect(rows('SELECT sid, revoked, creator FROM entry')).toEqual([
      { sid: 'tool--1', revoked: null, creator: null },
    ]);
  });

  test('uses of keys, lists and first finds of feeds move to tables of their own', () => {
    fileOf(12);
    const reader = db.prepare(
      'INSERT INTO reader(account, collection, kind, filters, seen, cursor, requests, objects, agent) VALUES(?,?,?,?,?,?,?,?,?)',
    );
    reader.run('acc-1', '', 'key', 'k-1', 7, 0, 3, 0, '192.0.2.1 curl/8 (x)');
    reader.run('acc-2', '', 'key', 'k-2', 8, 0, 1, 0, '192.0.2.2');
    reader.run('acc-1', 'c', 'objects', '', 9, 5, 2, 1, 'curl');
    const line = db.prepare('INSERT INTO name(line) VALUES(?)');
    const names = [
      'feed/urls\ntool--1\nc\n0000000000000001',
      'unit-of/urls\ntool--1 event-5\nc\n0000000000000001',
      'unit/urls\nx\nc\n0000000000000001',
      'found\na.example\nurls\n0000000000000009',
      'found\nrule x {\n}\nurls\n0000000000000007',
      'domain\na.example\nc\n0000000000000001',
    ];
    for (const one of names) line.run(one);
    migrate(db, () => undefined);
    expect(rows('SELECT account, key, seen, address, agent, requests FROM key_use ORDER BY key')).toEqual([
      { account: 'acc-1', key: 'k-1', seen: 7, address: '192.0.2.1', agent: 'curl/8 (x)', requests: 3 },
      { account: 'acc-2', key: 'k-2', seen: 8, address: '192.0.2.2', agent: '', requests: 1 },
    ]);
    expect(rows('SELECT kind FROM reader')).toEqual([{ kind: 'objects' }]);
    expect(rows('SELECT feed, unit, object FROM listing ORDER BY unit')).toEqual([
      { feed: 'urls', unit: '', object: 'tool--1' },
      { feed: 'urls', unit: 'event-5', object: 'tool--1' },
    ]);
    expect(rows('SELECT value, feed, at FROM found ORDER BY value')).toEqual([
      { value: 'a.example', feed: 'urls', at: 9 },
      { value: 'rule x {\n}', feed: 'urls', at: 7 },
    ]);
    expect(rows('SELECT line FROM name')).toEqual([{ line: 'domain\na.example\nc\n0000000000000001' }]);
  });

  test('records are counted and measured, without those that were removed', () => {
    fileOf(13);
    db.exec(
      "INSERT INTO record(kind, id, revision, document, keys) VALUES('key', 'a', 1, '{\"é\":1}', '{}'), ('key', 'b', 1, '{}', '{}'), ('key', 'c', 2, NULL, '{}'), ('claim', 'a', 1, '{}', '{}')",
    );
    migrate(db, () => undefined);
    expect(rows('SELECT kind, records, bytes FROM record_count ORDER BY kind')).toEqual([
      { kind: 'claim', records: 1, bytes: 2 },
      { kind: 'key', records: 2, bytes: 10 },
    ]);
  });

  test('the sizes of texts are measured in bytes, and a missing text has none', () => {
    fileOf(15);
    db.exec("INSERT INTO object(oid, digest, text) VALUES(1, x'00', '{\"é\":1}'), (2, x'01', '{}')");
    const entry = db.prepare(
      "INSERT INTO entry(coll, added, oid, sid, instant, spec, version, type, level, owner, newest, oldest, old_spec) VALUES(?, ?, ?, ?, 'i', '2.1', 'v', 'tool', 1, 'hub', 1, 1, 0)",
    );
    for (const [coll, added, oid] of [[1, 5, 1], [2, 6, 1], [1, 7, 2], [1, 8, 3]] as const)
      entry.run(coll, added, oid, `tool--${oid}`); // prettier-ignore
    migrate(db, () => undefined);
    expect(rows('SELECT coll, added, bytes FROM entry ORDER BY added')).toEqual([
      { coll: 1, added: 5, bytes: 8 },
      { coll: 2, added: 6, bytes: 8 },
      { coll: 1, added: 7, bytes: 2 },
      { coll: 1, added: 8, bytes: 0 },
    ]);
  });
});

describe('the most common reads', () => {
  const NEWEST = { all: false, last: true, first: false, exact: [] };
  test.each([
    ['newest versions', { versions: NEWEST }, 'entry_newest'],
    ['newest versions of a type', { versions: NEWEST, types: ['tool'] }, 'entry_type'],
    ['first versions of a type', { versions: { ...NEWEST, last: false, first: true }, types: ['tool'] }, 'entry_type'],
    ['all versions of a type', { versions: { ...NEWEST, all: true }, types: ['tool'] }, 'entry_type'],
  ] as const)('find the sizes and texts of %s through an index alone', (_, query, index) => {
    migrate(db, () => undefined);
    const sources = sourcesOf(1, { collection: 'c', after: 0, limit: 10, ...query }) ?? [];
    const { sql, values } = joined(sources, 'e.added AS added, e.oid AS oid, e.bytes AS bytes', 0, 10);
    const plan = rowsOf<{ detail: string }>(db.prepare(`EXPLAIN QUERY PLAN ${sql}`), ...values);
    expect(plan.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(new RegExp(`^SEARCH e USING COVERING INDEX ${index} `)),
    ]);
  });
}); // prettier-ignore

describe('the tables of the audit log', () => {
  beforeEach(() => {
    migrate(db, () => undefined);
    for (const seq of [1, 2, 3])
      db.prepare('INSERT INTO audit(seq, fact, hash) VALUES(?,?,?)').run(seq, '{}', `h${seq}`);
  });
  test('refuse every change of an entry, and every removal that does not follow from the beginning', () => {
    expect(() => db.exec('UPDATE audit SET fact = \'{"x":1}\' WHERE seq = 1')).toThrow(
      'the audit is never changed',
    );
    expect(() => db.exec('DELETE FROM audit WHERE seq = 1')).toThrow('the audit is never changed');
    db.exec("INSERT INTO audit_start(only, seq, hash) VALUES(1, 2, 'h2')");
    expect(() => db.exec('DELETE FROM audit WHERE seq = 3')).toThrow('the audit is never changed');
    db.exec('DELETE FROM audit WHERE seq <= 2');
    expect(rows('SELECT seq FROM audit')).toEqual([{ seq: 3 }]);
  });
  test('keep a beginning that only rises', () => {
    db.exec("INSERT INTO audit_start(only, seq, hash) VALUES(1, 2, 'h2')");
    for (const sql of [
      'UPDATE audit_start SET seq = 1',
      'UPDATE audit_start SET seq = 2',
      'DELETE FROM audit_start',
    ])
      expect(() => db.exec(sql)).toThrow('the audit never begins earlier');
    expect(() => db.exec("INSERT INTO audit_start(only, seq, hash) VALUES(2, 5, 'x')")).toThrow('CHECK');
    db.exec('UPDATE audit_start SET seq = 3');
  });
});

describe('the diagnosis of the embedded store', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'talanoa-diagnosis-'));
    chmodSync(folder, 0o700);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const said = (unclean = false) => {
    const file = openDatabase(join(folder, 'hub.db'), false);
    chmodSync(join(folder, 'hub.db'), 0o600);
    try {
      return new Map(diagnoseSqlite(folder, file, unclean).map((one) => [one.check, one]));
    } finally {
      file.close();
    }
  };

  test('checks the file system, the space, the flushes, the log, the rights and the last stop', () => {
    expect([...said().keys()]).toEqual([
      'file system',
      'disk space',
      'fsync',
      'write-ahead log',
      'file rights',
      'last stop',
    ]);
    expect(said().get('write-ahead log')).toMatchObject({ status: 'ok' });
    expect(said().get('fsync')?.found).toMatch(/^\d+\.\d\d ms per flush/);
    // The file that was flushed is removed again.
    expect(readdirSync(folder).filter((name) => name.includes('doctor'))).toEqual([]);
  });

  test('warns of files that other users can read, and explains how to close them', () => {
    writeFileSync(join(folder, 'master.key'), 'x', { mode: 0o600 });
    for (const name of ['hub.db-wal', 'hub.db-shm']) writeFileSync(join(folder, name), '', { mode: 0o600 });
    expect(said().get('file rights')).toMatchObject({ status: 'ok' });
    chmodSync(join(folder, 'master.key'), 0o640);
    expect(said().get('file rights')).toMatchObject({
      status: 'warning',
      found: `other users can access ${join(folder, 'master.key')}`,
      hint: `chmod -R go= ${folder}`,
    });
    chmodSync(join(folder, 'master.key'), 0o600);
    chmodSync(folder, 0o701);
    expect(said().get('file rights')?.found).toBe(`other users can access ${folder}`);
  });

  test('warns after a process that did not stop cleanly', () => {
    expect(said(true).get('last stop')).toMatchObject({
      status: 'warning',
      found: 'the previous process did not stop cleanly',
    });
    expect(said(false).get('last stop')).toMatchObject({ status: 'ok', found: 'clean' });
  });

  test('fails for a file that another program took out of the write-ahead log', () => {
    const file = openDatabase(join(folder, 'other.db'), false);
    file.exec('PRAGMA journal_mode = DELETE');
    const found = diagnoseSqlite(folder, file, false).find(({ check }) => check === 'write-ahead log');
    expect(found).toMatchObject({ status: 'failed', found: 'the journal is delete' });
    file.close();
  });
});
