import { expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { RequestService } from '../../src/members/request-service.ts';
import { Problem } from '../../src/kernel/problem.ts';
import { Audit } from '../../src/access/audit/audit.ts';
import type { AccountPrincipal } from '../../src/access/principal.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { createLog } from '../../src/kernel/log.ts';
import { decoded } from '../../src/feeds/decode.ts';
import { parseFeed } from '../../src/feeds/parsers/parse.ts';
import { linesIn } from '../../src/feeds/spool.ts';
import type { ParserSpec } from '../../src/config/settings.ts';
import {
  MEMORY_STORES,
  OTHER_STORES,
  RECORD_STORES,
  TABLE_STORES,
  boundsTable,
} from '../../src/store/bounded-stores.ts';
import type { MongoCollections } from '../../src/store/mongo/database.ts';
import { Leases } from '../../src/store/mongo/leases.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { AuditFact, Batch, Store } from '../../src/store/store.ts';
import { TestClock } from '../support/clock.ts';

const root = join(import.meta.dirname, '..', '..');

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((item) =>
    item.isDirectory()
      ? sources(join(folder, item.name))
      : /\.tsx?$/.test(item.name)
        ? [join(folder, item.name)]
        : [],
  );
}

test('every kind of record that the code uses has a limit', () => {
  const found = new Set<string>();
  for (const file of sources(join(root, 'src'))) {
    const text = readFileSync(file, 'utf8');
    for (const [, kind = ''] of text.matchAll(/\.records?\(\s*'([a-z-]+)'/g)) found.add(kind);
    for (const [, kind = ''] of text.matchAll(/\bKIND = '([a-z-]+)'/g)) found.add(kind);
    // The codec of a kind.
    for (const [, kind = ''] of text.matchAll(/kind: '([a-z-]+)',\s*fields\b/g)) found.add(kind);
    // A change of a record: its kind, its id and the revision that the writer has read.
    for (const [, kind = ''] of text.matchAll(/kind: '([a-z-]+)',\s*id(?:: [^,]+)?,\s*expected\b/g))
      found.add(kind);
  }
  const known = RECORD_STORES.map(({ name }) => name);
  expect([...found].filter((kind) => !known.includes(kind))).toEqual([]);
  expect(new Set(known).size).toBe(known.length);
  expect(found.size).toBeGreaterThan(30);
});

test('every table of the embedded store has a limit', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-stores-'));
  await (await openSqliteStore({ folder, clock: systemClock })).close();
  const db = new DatabaseSync(join(folder, 'hub.db'));
  const tables = db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all() as unknown as readonly { name: string }[];
  db.close();
  rmSync(folder, { recursive: true });
  expect(tables.map(({ name }) => name)).toEqual(TABLE_STORES.map(({ name }) => name).toSorted());
});

test('the documentation contains the same tables', () => {
  const plain = (text: string): string[] =>
    text
      .split('\n')
      .filter((line) => line.startsWith('|') && !line.startsWith('| --'))
      .map((line) => line.replaceAll(/\s+/g, ' '));
  const pages = ['bounds.md', 'memory-bounds.md'].map((name) =>
    readFileSync(join(root, 'docs', 'reference', name), 'utf8'),
  );
  const sections = new Map(
    pages
      .join('\n')
      .split(/^## /m)
      .map((section) => [section.slice(0, section.indexOf('\n')), plain(section)]),
  );
  expect(sections.get('Records')).toEqual(plain(boundsTable(RECORD_STORES)));
  expect(sections.get('Tables of the embedded store')).toEqual(plain(boundsTable(TABLE_STORES)));
  expect(sections.get('In memory')).toEqual(plain(boundsTable(MEMORY_STORES)));
  expect(sections.get('Other stores')).toEqual(plain(boundsTable(OTHER_STORES)));
  expect(sections.get('Request bodies in memory')?.length).toBeGreaterThan(5);
});

test('a client that is refused repeatedly causes twenty entries a minute, and one that counts the rest', async () => {
  const facts: AuditFact[] = [];
  const store = {
    commit: (batch: Batch) => {
      facts.push(...(batch.facts ?? []));
      return Promise.resolve({ placed: [] });
    },
  };
  const clock = new TestClock();
  const audit = new Audit(
    store as unknown as Store,
    clock,
    { uuid: randomUUID, secret: () => '' },
    createLog('error', { write: () => undefined }),
  );
  const actor = { kind: 'account', account: 'probe' } as unknown as AccountPrincipal;
  for (let i = 0; i < 500; i++) await audit.refused(actor, 'api.get', `/collections/${'x'.repeat(14_000)}`);
  expect(facts).toHaveLength(20);
  expect(Math.max(...facts.map(({ resource }) => resource.length))).toBeLessThanOrEqual(301);
  clock.advance(60_000);
  await audit.refused(actor, 'api.get', '/again');
  expect(facts.slice(20)).toMatchObject([
    { action: 'api.refused', result: 'refused', details: { further: 480 } },
    { resource: '/again' },
  ]);
});

test('a damaged zip file, a missing member and a web page leave no file open', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-zip-'));
  const open = (): number => readdirSync('/proc/self/fd').length;
  const zip = (name: string): Buffer => {
    const content = Buffer.from('x');
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt32LE(content.length, 18);
    local.writeUInt32LE(content.length, 22);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt32LE(content.length, 20);
    central.writeUInt32LE(content.length, 24);
    central.writeUInt16LE(name.length, 28);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(1, 8);
    end.writeUInt16LE(1, 10);
    end.writeUInt32LE(46 + name.length, 12);
    end.writeUInt32LE(30 + name.length + content.length, 16);
    return Buffer.concat([local, Buffer.from(name), content, central, Buffer.from(name), end]);
  };
  const files: readonly (readonly [string, Buffer, object])[] = [
    ['damaged.zip', Buffer.from(`PK\u0003\u0004${'x'.repeat(400)}`, 'latin1'), {}],
    ['missing.zip', zip('a.csv'), { member: 'b.csv' }],
    [
      'broken.zip',
      Buffer.concat([zip('a.csv').subarray(0, 38), Buffer.alloc(60), zip('a.csv').subarray(-22)]),
      {},
    ],
    ['page.html', Buffer.from(`<!doctype html><html>${'x'.repeat(100_000)}</html>`), {}],
  ];
  const before = open();
  for (const [name, bytes, spec] of files) {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    for (let i = 0; i < 5; i++) await expect(decoded({ path, bytes: bytes.length }, spec)).rejects.toThrow();
  }
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  rmSync(folder, { recursive: true });
  expect(open()).toBeLessThanOrEqual(before + 2);
});

test('a reader of a feed that stops early, and a parser that fails, leave no file open', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-head-'));
  const open = (): number => readdirSync('/proc/self/fd').length;
  const path = join(folder, 'list.txt');
  writeFileSync(path, '198.51.100.1,x\n'.repeat(50_000));
  const rows = async (parser: ParserSpec) => parseFeed(await decoded({ path, bytes: 750_000 }), parser);
  const readers = [
    () => linesIn(path),
    () => rows({ kind: 'csv' }),
    () => rows({ kind: 'delimited' }),
    () => rows({ kind: 'delimited', count: '(' }),
    () => rows({ kind: 'json', records: '!!' }),
  ];
  const before = open();
  for (const reader of readers) {
    const first = async (): Promise<void> => {
      for await (const _ of await reader()) break;
    };
    for (let i = 0; i < 5; i++)
      await first().catch((error: unknown) => expect(error).toBeInstanceOf(Problem));
  }
  // Files are closed in the background.
  for (let i = 0; i < 500 && open() > before + 2; i++) await new Promise((resolve) => setImmediate(resolve));
  rmSync(folder, { recursive: true });
  expect(open()).toBeLessThanOrEqual(before + 2);
});

test('registrations of one IPv6 /64 and of one site leave room for others', async () => {
  const waiting: { document: Record<string, unknown> }[] = [];
  const store = {
    records: () =>
      Promise.resolve(
        waiting.map((record, i) => ({
          ...record,
          kind: 'member-request',
          id: String(i),
          revision: 1,
          index: {},
        })),
      ),
    commit: (batch: Batch) => {
      for (const { document } of batch.records ?? []) waiting.push({ document: { ...document } });
      return Promise.resolve({ placed: [] });
    },
  };
  const clock = new TestClock();
  const ids = { uuid: randomUUID, secret: () => '' };
  const audit = new Audit(
    store as unknown as Store,
    clock,
    ids,
    createLog('error', { write: () => undefined }),
  );
  const nobody = {} as never;
  const requests = new RequestService(store as unknown as Store, nobody, nobody, nobody, ids, clock, audit);
  const from = async (address: string): Promise<boolean> => {
    try {
      await requests.register(
        { kind: 'public' },
        { name: 'x', title: 'X', contact: 'x@example.org' },
        address,
      );
      return true;
    } catch (error) {
      if (error instanceof Problem && error.code === 'TLN-Q-429') return false;
      throw error;
    }
  };
  const taken = async (addresses: readonly string[]): Promise<number> => {
    let count = 0;
    for (const address of addresses) if (await from(address)) count++;
    return count;
  };
  const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
  expect(await taken(numbers(40).map((i) => `2001:db8:1:1::${i.toString(16)}`))).toBe(5);
  expect(await taken(numbers(100).map((i) => `2001:db8:1:${i.toString(16)}::1`))).toBe(15);
  expect(await taken(numbers(100).map((i) => `198.51.100.${i}`))).toBe(20);
  expect(await from('203.0.113.7')).toBe(true);
});

test('every long-lived map in memory has a limit', () => {
  const PLACES = ['access', 'members/contacts', 'sharing', 'store', 'kernel', 'api', 'web', 'server'];
  /** Objects that live as long as one turn of writes. */
  const SHORT_LIVED = ['store/mongo/turn-write.ts'];
  const found: string[] = [];
  for (const file of sources(join(root, 'src'))) {
    const name = file.slice(join(root, 'src').length + 1);
    if (!PLACES.some((place) => name === place || name.startsWith(`${place}/`))) continue;
    if (SHORT_LIVED.includes(name)) continue;
    const text = readFileSync(file, 'utf8');
    for (const [, field = ''] of text.matchAll(
      /^ {2}(?:readonly )?(#\w+)(?:: [^=\n]+)? = new (?:Weak)?(?:Map|Set)\b/gm,
    ))
      found.push(`${name} ${field}`);
  }
  expect(found.toSorted()).toEqual(MEMORY_STORES.map(({ name }) => name).toSorted());
  expect(found.length).toBeGreaterThan(30);
});

test('a process watches a limited number of leases of other processes', async () => {
  const clock = new TestClock();
  const newest = (name: string): object => ({ name, fence: 1, beat: 1, ttl: 1_000, released: false });
  const taken: unknown[] = [];
  const leases = new Leases(
    {
      leases: {
        find: ({ name }: { name: string }) => ({
          sort: () => ({ limit: () => ({ toArray: () => Promise.resolve([newest(name)]) }) }),
        }),
        insertOne: (document: { name: string }) => {
          taken.push(document.name);
          return Promise.resolve({});
        },
      },
    } as unknown as MongoCollections,
    clock,
    2,
  );
  for (const name of ['a', 'b', 'c']) expect(await leases.take(name, 1_000)).toBeUndefined();
  clock.advance(1_000);
  // "a" was dropped for "c", so watching it begins again. The holders of the others have been silent too long.
  for (const name of ['b', 'c', 'a']) await leases.take(name, 1_000);
  expect(taken).toEqual(['b', 'c']);
});
