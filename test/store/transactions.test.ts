import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openDatabase, rowsOf, type Database } from '../../src/store/sqlite/connection.ts';
import { migrate } from '../../src/store/sqlite/migrations.ts';
import { Transactions } from '../../src/store/sqlite/transactions.ts';
import {
  ADDED_STEP,
  ALL_VERSIONS,
  LAST_VERSION,
  auditHash,
  type AuditFact,
  type Candidate,
  type PlaceOutcome,
} from '../../src/store/store.ts';
import { aCandidate, anIndicator, type Json } from '../support/builders.ts';

/** The transactions of the writer thread, called without the thread. */

const C = '11111111-1111-4111-8111-111111111111';
const D = '22222222-2222-4222-8222-222222222222';
const V1 = '2026-01-01T00:00:00.000Z';
const V2 = '2026-01-02T00:00:00.000Z';
const NOW = Date.UTC(2026, 0, 15) * 1_000;

let db: Database;
let tx: Transactions;
beforeEach(() => {
  db = openDatabase(':memory:', false);
  migrate(db, () => undefined);
  tx = new Transactions(db);
});
afterEach(() => db.close());

const put = (collection: string, candidates: readonly Candidate[], now = NOW): readonly PlaceOutcome[] =>
  tx.commit({ placements: [{ collection, candidates }] }, now, 0).placed[0] ?? [];
const version = (modified: string, over: Json = {}, more: Partial<Candidate> = {}): Candidate =>
  aCandidate(anIndicator({ id: ID, modified, ...over }), more);
const ID = 'indicator--0b2f6a3e-8d5c-4e7a-9b1c-2d3e4f5a6b7c';
const rows = (sql: string): readonly Json[] => rowsOf<Json>(db.prepare(sql));
const countOf = (table: string): unknown => rows(`SELECT count(*) AS n FROM ${table}`)[0]?.['n'];

test('the writing connection keeps at most 32 MiB of the file in memory', () => {
  expect(rows('PRAGMA cache_size')).toEqual([{ cache_size: -32 * 1024 }]);
});

describe('placing objects', () => {
  test('gives each its own date added, at least 20 µs apart, also when the clock goes back', () => {
    const outcomes = [
      ...put(C, [aCandidate(anIndicator()), aCandidate(anIndicator())]),
      ...put(C, [aCandidate(anIndicator())], NOW - 3_600_000_000),
    ];
    const dates = outcomes.map((outcome) => (outcome.kind === 'stored' ? outcome.added : 0));
    expect(dates).toEqual([NOW, NOW + ADDED_STEP, NOW + 2 * ADDED_STEP]);
    // Each collection has a sequence of its own.
    expect(put(D, [aCandidate(anIndicator())])).toMatchObject([{ kind: 'stored', added: NOW }]);
  });

  test('reports for an entry that no collection contained its id before, and for no later entry', () => {
    const areAlone = (outcomes: readonly PlaceOutcome[]): unknown[] =>
      outcomes.map((outcome) => (outcome.kind === 'stored' ? outcome.alone : outcome.kind));
    expect(areAlone(put(C, [version(V1), version(V2)]))).toEqual([true, undefined]);
    // Another version and the same text in another collection.
    expect(areAlone(put(D, [version(V1)]))).toEqual([undefined]);
    const other = aCandidate(anIndicator());
    const { placed } = tx.commit(
      { placements: [C, D].map((collection) => ({ collection, candidates: [other] })) },
      NOW,
      0,
    );
    expect(areAlone(placed.flat())).toEqual([true, undefined]);
  });

  test('stores one text for all collections, until the last entry is removed', () => {
    const candidate = version(V1);
    put(C, [candidate]);
    put(D, [candidate]);
    expect([countOf('entry'), countOf('object')]).toEqual([2, 1]);
    expect(tx.remove({ collection: C, id: ID, versions: ALL_VERSIONS }, NOW)).toBe(1);
    expect(countOf('object')).toBe(1);
    expect(tx.remove({ collection: D, id: ID, versions: ALL_VERSIONS }, NOW)).toBe(1);
    expect([countOf('entry'), countOf('object'), countOf('tombstone')]).toEqual([0, 0, 2]);
  });

  test.each<[string, Candidate, Candidate, object]>([
    ['the same version again', version(V1), version(V1), { kind: 'known', other: false }],
    ['the same version with another content', version(V1), version(V1, { name: 'Other' }), { kind: 'conflict' }],
    [
      'a version of another owner',
      version(V1),
      version(V2, {}, { owner: 'fiji' }),
      { kind: 'foreign', owner: 'hub' },
    ],
    [
      'a later version that names somebody else as its creator',
      version(V1),
      version(V2, {}, { relayed: true }),
      { kind: 'foreign', owner: 'hub' },
    ],
    [
      'a version after the revocation',
      version(V1, { revoked: true }),
      version(V2),
      { kind: 'revoked', version: V1, late: false },
    ],
    [
      'a revocation before a version that is stored',
      version(V2),
      version(V1, { revoked: true }),
      { kind: 'revoked', version: V2, late: true },
    ],
    ['an earlier version', version(V2), version(V1), { kind: 'stored' }],
    ['an observable of another owner', version(V1, {}, { shared: true }), version(V2, {}, { shared: true, owner: 'fiji' }), { kind: 'stored' }],
  ])('%s has its outcome', (_what, before, after, outcome) => {
    expect(put(C, [before])).toMatchObject([{ kind: 'stored' }]);
    expect(put(C, [after])).toMatchObject([outcome]);
    // Another collection decides independently.
    expect(put(D, [after])).toMatchObject([{ kind: 'stored' }]);
  }); // prettier-ignore

  test('replaces what another submitter stored in the name of the owner, with its tombstones', () => {
    const creator = 'identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b';
    put(C, [version(V1, {}, { owner: 'fiji', creator, relayed: true })]);
    const [outcome] = put(C, [version(V1, {}, { owner: 'tonga', claims: creator })]);
    expect(outcome).toMatchObject({ kind: 'stored', replaced: { owner: 'fiji', versions: 1 } });
    expect(rows('SELECT owner FROM entry')).toEqual([{ owner: 'tonga' }]);
    expect(rows('SELECT owner, creator FROM tombstone')).toEqual([{ owner: 'fiji', creator }]);
  });

  test('keeps the newest and the oldest version known, whatever the order of arrival', () => {
    put(C, [version(V2), version('2026-01-03T00:00:00.000Z'), version(V1)]);
    const flags = () => rows('SELECT version, newest, oldest FROM entry ORDER BY version');
    expect(flags()).toMatchObject([
      { version: V1, newest: 0, oldest: 1 },
      { version: V2, newest: 0, oldest: 0 },
      { version: '2026-01-03T00:00:00.000Z', newest: 1, oldest: 0 },
    ]);
    expect(tx.remove({ collection: C, id: ID, versions: LAST_VERSION }, NOW)).toBe(1);
    expect(flags()).toMatchObject([
      { version: V1, newest: 0, oldest: 1 },
      { version: V2, newest: 1, oldest: 0 },
    ]);
  });

  test('an id stays with its owner after it was removed', () => {
    put(C, [version(V1)]);
    tx.remove({ collection: C, id: ID, versions: ALL_VERSIONS }, NOW);
    expect(put(C, [version(V2, {}, { owner: 'fiji' })])).toEqual([{ kind: 'foreign', owner: 'hub' }]);
    // This is also true for a writer that has just started.
    tx = new Transactions(db);
    expect(put(C, [version(V2, {}, { owner: 'fiji' })])).toEqual([{ kind: 'foreign', owner: 'hub' }]);
    expect(put(C, [version(V2)])).toMatchObject([{ kind: 'stored' }]);
  });

  test('removing an absent object changes nothing', () => {
    expect(tx.remove({ collection: C, id: ID, versions: ALL_VERSIONS }, NOW)).toBe(0);
    put(C, [version(V1)]);
    expect(tx.remove({ collection: C, id: ID, versions: ALL_VERSIONS, specs: ['2.0'] }, NOW)).toBe(0);
    expect(countOf('tombstone')).toBe(0);
  });

  test('discards its cache of a transaction that was not committed', () => {
    db.exec('BEGIN');
    put(C, [version(V1)]);
    db.exec('ROLLBACK');
    tx.forget();
    expect(put(C, [version(V1)])).toMatchObject([{ kind: 'stored', added: NOW }]);
  });
});

describe('records', () => {
  const change = (expected: number, document?: Json, more: Json = {}) =>
    tx.commit({ records: [{ kind: 'member', id: 'tonga', expected, document, ...more }] }, NOW, 0); // prettier-ignore
  const stored = () => rows('SELECT revision, document FROM record');

  test('change only from the revision that their writer has read', () => {
    change(0, { title: 'Tonga' });
    change(1, { title: 'Tonga CERT' });
    expect(() => change(1, { title: 'lost update' })).toThrow(/Another request has changed/);
    expect(() => change(0, { title: 'second creation' })).toThrow();
    expect(stored()).toEqual([{ revision: 2, document: '{"title":"Tonga CERT"}' }]);
  });

  test('continue to count after a removal, so no revision number is used twice', () => {
    change(0, { title: 'first' });
    change(1);
    expect(stored()).toEqual([{ revision: 2, document: null }]);
    change(0, { title: 'again' });
    expect(stored()).toEqual([{ revision: 3, document: '{"title":"again"}' }]);
  });

  test('with ids that were used before are refused where an id must be new', () => {
    change(0, { title: 'first' }, { neverBefore: true });
    change(1);
    expect(() => change(0, { title: 'again' }, { neverBefore: true })).toThrow();
  });

  test('lose the index keys of their former document', () => {
    change(0, { a: 1 }, { index: { country: 'TO', sector: 'energy' } });
    change(1, { a: 1 }, { index: { country: 'FJ' } });
    expect(rows('SELECT name, value FROM record_key ORDER BY name')).toEqual([
      { name: 'country', value: 'FJ' },
    ]);
    change(2);
    expect(countOf('record_key')).toBe(0);
  });

  test('are counted with their sizes, and removed ones are forgotten after a time', () => {
    const size = () => rows("SELECT records AS items, bytes FROM record_count WHERE kind = 'member'")[0];
    change(0, { title: 'é' });
    expect(size()).toEqual({ items: 1, bytes: Buffer.byteLength('{"title":"é"}') });
    change(1);
    expect(size()).toEqual({ items: 0, bytes: 0 });
    expect(tx.forgetRemoved(['member'], NOW / 1_000 - 1, 10)).toBe(0);
    expect(tx.forgetRemoved(['other'], NOW / 1_000 + 1, 10)).toBe(0);
    expect(tx.forgetRemoved(['member'], NOW / 1_000 + 1, 10)).toBe(1);
    expect(countOf('record')).toBe(0);
  });
});

describe('leases', () => {
  test('belong to one holder until they end', () => {
    const lease = tx.take('feeds', 1_000, 0);
    expect(lease).toMatchObject({ name: 'feeds' });
    expect(tx.take('feeds', 1_000, 999)).toBeUndefined();
    expect(tx.take('routing', 1_000, 999)).toMatchObject({ name: 'routing' });
    const next = tx.take('feeds', 1_000, 1_000);
    expect(next?.fence).toBeGreaterThan(lease?.fence ?? 0);
  });

  test('are renewed and released by their holder only', () => {
    const lease = tx.take('feeds', 1_000, 0);
    if (lease === undefined) throw new Error('the lease is free');
    expect(tx.renew(lease, 1_000, 900)).toBe(true);
    expect(tx.take('feeds', 1_000, 1_500)).toBeUndefined();
    tx.release({ ...lease, fence: lease.fence - 1 });
    expect(tx.take('feeds', 1_000, 1_600)).toBeUndefined();
    tx.release(lease);
    expect(tx.take('feeds', 1_000, 1_600)).toBeDefined();
    expect(tx.renew(lease, 1_000, 1_700)).toBe(false);
  });

  test('guard a commit: one that comes too late changes nothing', () => {
    const lease = tx.take('feeds', 1_000, 0);
    if (lease === undefined) throw new Error('the lease is free');
    const late = (monotonic: number) =>
      tx.commit({ lease, placements: [{ collection: C, candidates: [version(V1)] }] }, NOW, monotonic);
    expect(() => late(1_000)).toThrow(/lease|feeds/i);
    expect(countOf('entry')).toBe(0);
    late(999);
    expect(countOf('entry')).toBe(1);
    tx.take('feeds', 1_000, 2_000);
    expect(() => late(2_100)).toThrow();
  });
});

describe('the audit log', () => {
  const fact = (action: string, over: Partial<AuditFact> = {}): AuditFact =>
    ({ at: '2026-01-15T00:00:00.000Z', actor: 'boss', action, result: 'done', ...over }) as AuditFact;
  const log = (...facts: AuditFact[]) => tx.commit({ facts }, NOW, 0);
  const chain = () => rows('SELECT seq, fact, hash FROM audit ORDER BY seq');

  test('links each entry to the hash of the one before', () => {
    log(fact('member.create'), fact('key.create'));
    log(fact('key.revoke'));
    let hash = '';
    for (const [i, entry] of chain().entries()) {
      hash = auditHash(hash, JSON.parse(String(entry['fact'])) as AuditFact);
      expect([entry['seq'], entry['hash']]).toEqual([i + 1, hash]);
    }
    expect(chain()).toHaveLength(3);
  });

  test('cannot be changed, and loses old entries only from its beginning', () => {
    log(fact('a'), fact('b'), fact('c'));
    expect(() => db.exec("UPDATE audit SET fact = '{}' WHERE seq = 2")).toThrow();
    expect(() => db.exec('DELETE FROM audit WHERE seq = 2')).toThrow();
    const [, second] = chain();
    expect(tx.audit.trim(2, 100)).toBe(2);
    expect(rows('SELECT seq, hash FROM audit_start')).toEqual([{ seq: 2, hash: second?.['hash'] }]);
    // The last entry always stays, because the chain continues from it.
    expect(tx.audit.trim(100, 100)).toBe(0);
    log(fact('d'));
    expect(chain().map(({ seq }) => seq)).toEqual([3, 4]);
  });

  test('is trimmed in steps', () => {
    log(...['a', 'b', 'c', 'd', 'e'].map((action) => fact(action)));
    expect([tx.audit.trim(4, 3), tx.audit.trim(4, 3), tx.audit.trim(4, 3)]).toEqual([3, 1, 0]);
  });

  test('names what a placement replaced', () => {
    const creator = 'identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b';
    put(C, [version(V1, {}, { owner: 'fiji', creator, relayed: true })]);
    expect(chain()).toHaveLength(0);
    tx.commit(
      {
        facts: [fact('object.submit')],
        placements: [{ collection: C, candidates: [version(V1, {}, { owner: 'tonga', claims: creator })] }],
      },
      NOW,
      0,
    );
    expect(chain().length).toBeGreaterThan(0);
  });
});

describe('receipts', () => {
  const receipt = (id: string, at: number, body = 'x'.repeat(10), account = 'writer') => ({
    id,
    account,
    at,
    body,
  });
  const ids = () => rows('SELECT id FROM receipt ORDER BY at').map(({ id }) => id);

  test('the receipts of the newest submissions stay, as many as there is room for', () => {
    tx.commit({ receipts: [1, 2, 3, 4].map((at) => receipt(`r${at}`, at)) }, NOW, 0);
    tx.commit({ receipts: [receipt('other', 1, 'y', 'reader')] }, NOW, 0);
    expect(tx.receipts.trim('writer', { items: 3, bytes: 1_000 })).toBe(1);
    expect(ids()).toEqual(['other', 'r2', 'r3', 'r4']);
    expect(tx.receipts.trim('writer', { items: 100, bytes: 25 })).toBe(1);
    expect(ids()).toEqual(['other', 'r3', 'r4']);
    expect(tx.receipts.trim(undefined, { items: 2, bytes: 1_000 })).toBe(1);
    expect(ids()).toEqual(['r3', 'r4']);
    expect(tx.receipts.trim('nobody', { items: 0, bytes: 0 })).toBe(0);
  });

  test('are removed with age, together with old refusals', () => {
    tx.commit({ receipts: [receipt('old', 1), receipt('new', 9)] }, NOW, 0);
    const refusal = {
      account: 'a',
      place: 'p',
      code: 'TLN-A-401',
      reason: 'r',
      first: 1,
      times: 1,
      agent: '',
    };
    tx.note({
      refusals: [
        { ...refusal, last: 2 },
        { ...refusal, code: 'TLN-A-403', last: 9 },
      ] as never,
    });
    expect(tx.sweep(5, 5)).toBe(2);
    expect([ids(), countOf('refusal')]).toEqual([['new'], 1]);
  });
});

describe('held objects and envelopes', () => {
  test('go with the commit that finishes them', () => {
    const held = { id: 'h1', submitter: 'writer', at: 1, owner: 'tonga', objectId: ID, text: '{}', waitsFor: ['marking-definition--a', 'marking-definition--b'] }; // prettier-ignore
    const envelope = { id: 'e1', account: 'writer', collection: C, at: 1, pending: 1, body: '{}' };
    tx.commit({ held: [held], envelopes: [envelope] } as never, NOW, 0);
    expect([countOf('held'), countOf('held_wait'), countOf('envelope')]).toEqual([1, 2, 1]);
    tx.commit({ released: ['h1'], finished: ['e1'], placements: [{ collection: C, candidates: [version(V1)] }] }, NOW, 0); // prettier-ignore
    expect([countOf('held'), countOf('held_wait'), countOf('envelope'), countOf('entry')]).toEqual([
      0, 0, 0, 1,
    ]);
  });
});

describe('the schema', () => {
  test('a file of a newer program is not opened, and that of an older one is copied before it changes', () => {
    const copies: number[] = [];
    const own = openDatabase(':memory:', false);
    migrate(own, (from) => copies.push(from));
    const [{ user_version: newest } = { user_version: 0 }] = rowsOf<{ user_version: number }>(own.prepare('PRAGMA user_version')); // prettier-ignore
    migrate(own, (from) => copies.push(from));
    // An empty file has nothing to copy.
    expect(copies).toEqual([]);
    own.exec(`PRAGMA user_version = ${newest + 1}`);
    expect(() => migrate(own, () => undefined)).toThrow(String(newest + 1));
    own.close();
  });
});
