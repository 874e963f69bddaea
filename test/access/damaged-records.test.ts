import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DatabaseSync } from '@photostructure/sqlite';
import fc from 'fast-check';
import { ACCESS_KINDS, accessRecords } from '../../src/access/access-records.ts';
import { feedIdentityId } from '../../src/access/model.ts';
import { decidePlacement } from '../../src/access/policy.ts';
import { PUBLIC } from '../../src/access/principal.ts';
import { Snapshot } from '../../src/access/snapshot.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createLog } from '../../src/kernel/log.ts';
import { OrderedMap } from '../../src/kernel/ordered-map.ts';
import { Constituency } from '../../src/members/constituency.ts';
import { compose } from '../../src/server/compose.ts';
import type { Hub } from '../../src/server/hub.ts';
import { isRelayed } from '../../src/sharing/intake/owner.ts';
import { markingFacts } from '../../src/stix/markings.ts';
import { concernsOf } from '../../src/stix/observables.ts';
import type { StixObject } from '../../src/stix/types.ts';
import type { HubRecord } from '../../src/store/store.ts';
import { FormBrowser } from '../support/browser.ts';
import { anIndicator } from '../support/builders.ts';

const NOW = Date.parse('2026-11-29T00:00:00Z');
const [AMBER, STRICT] = ['c0000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000002'];
const [OPEN, OF_FIJI] = ['c0000000-0000-4000-8000-000000000003', 'c0000000-0000-4000-8000-000000000004'];
const ENDS = 'marking-definition--11111111-1111-4111-8111-111111111111';
const SAYS = 'marking-definition--22222222-2222-4222-8222-222222222222';
const SAMOA_ID = 'identity--33333333-3333-4333-8333-333333333333';
const OTHER_ID = 'identity--44444444-4444-4444-8444-444444444444';

type Documents = Readonly<Record<string, Readonly<Record<string, object>>>>;

/** Records of every kind that access depends on. Each of them takes part in at least one decision. */
const WORLD: Documents = {
  'api-root': { main: { title: 'Main' } },
  collection: {
    [AMBER]: { api_root: 'main', alias: 'amber', title: 'Amber', max_tlp: 'amber', min_tlp: 'clear' },
    [STRICT]: { api_root: 'main', title: 'Strict', max_tlp: 'amber+strict', unmarked: 'refuse' },
    [OPEN]: { api_root: 'main', alias: 'open', title: 'Open', max_tlp: 'amber', tallest: 'amber' },
    [OF_FIJI]: { api_root: 'main', title: 'For Fiji', max_tlp: 'amber+strict', own_of: 'fiji' },
  },
  grant: {
    [`${AMBER}/member:samoa`]: { collection: AMBER, to: 'member:samoa', read: true, write: true },
    [`${AMBER}/clients:samoa`]: { collection: AMBER, to: 'clients:samoa', read: true, write: false },
    [`${STRICT}/group:circle`]: { collection: STRICT, to: 'group:circle', read: true, write: true },
    [`${STRICT}/account:tool`]: { collection: STRICT, to: 'account:tool', account: 'acc-tool', read: true, write: false },
    [`${OPEN}/public`]: { collection: OPEN, to: 'public', read: true, write: false },
    [`${OPEN}/member:fiji`]: { collection: OPEN, to: 'member:fiji', read: true, write: true, since: 5 },
    [`${OF_FIJI}/member:fiji`]: { collection: OF_FIJI, to: 'member:fiji', read: true, write: false },
    [`${OF_FIJI}/role:analyst`]: { collection: OF_FIJI, to: 'role:analyst', read: true, write: true },
  },
  group: { circle: { members: ['samoa', 'fiji'], dates: { fiji: { until: '2027-01-01T00:00:00Z' } }, joined: { samoa: 4 } } },
  member: {
    samoa: { status: 'active', identities: [SAMOA_ID], networks: ['198.51.100.0/25'], domains: ['gov.ws'], countries: ['WS'], epoch: 2 },
    fiji: { status: 'active', networks: ['198.51.100.0/24'], countries: ['FJ'], collection: OF_FIJI },
    paused: { status: 'paused', networks: ['203.0.113.0/24'] },
    shop: { status: 'active', parent: 'samoa' },
  },
  account: {
    desk: { uid: 'acc-desk', role: 'officer', member: 'samoa', person: true, epoch: 1 },
    fiji: { uid: 'acc-fiji', role: 'machine', member: 'fiji' },
    tool: { uid: 'acc-tool', role: 'machine', member: 'shop' },
    gone: { uid: 'acc-gone', role: 'machine', member: 'fiji', disabled: true },
    analyst: { uid: 'acc-analyst', role: 'analyst', person: true },
  },
  key: {
    ['a'.repeat(64)]: { account: 'acc-fiji', prefix: 'aaaaaaaa', scopes: ['taxii:read'], collections: [OPEN], addresses: ['192.0.2.0/24'], expires: NOW + 1 },
    ['b'.repeat(64)]: { account: 'acc-desk', prefix: 'bbbbbbbb' },
  },
  marking: {
    [ENDS]: { owner: 'samoa', object: { type: 'marking-definition', id: ENDS, definition_type: 'iep', definition: { tlp: 'AMBER', end_date: '2020-01-01T00:00:00Z' } } },
    [SAYS]: { owner: 'hub', also: ['fiji'], object: { type: 'marking-definition', id: SAYS, definition_type: 'statement', definition: { statement: '(c)' } } },
  },
  feed: {
    kept: { document: { defaults: { redistribute: 'no' } }, collection: AMBER, identity: feedIdentityId('kept') },
    free: { document: {}, collection: AMBER, identity: feedIdentityId('free') },
  },
  claim: {
    one: { member: 'samoa', type: 'network', value: '203.0.113.0/25', state: 'verified', by: 'x', at: 'y', until: '2027-01-01T00:00:00Z' },
    two: { member: 'samoa', type: 'domain', value: 'gov.fj', state: 'claimed', by: 'x', at: 'y' },
  },
  rule: {
    strictly: { from: AMBER, to: STRICT, types: ['indicator'], owners: ['samoa'], max_tlp: 'green', labels: ['x'] },
  },
  delegation: {
    WS: { networks: ['192.0.2.128/25'], asns: [64_500], at: 'y' },
    FJ: { networks: ['192.0.2.0/24'], asns: [64_501], at: 'y' },
  },
}; // prettier-ignore

function recordsOf(world: Documents): readonly HubRecord[] {
  return Object.entries(world).flatMap(([kind, documents]) =>
    Object.entries(documents).map(([id, document]) => ({
      kind,
      id,
      revision: 1,
      index: {},
      document: document as HubRecord['document'],
    })),
  );
}
const RECORDS = recordsOf(WORLD);

function snapshotOf(records: readonly HubRecord[]): Snapshot {
  const of = (kind: string): readonly (readonly [string, HubRecord])[] =>
    records.filter((one) => one.kind === kind).map((one) => [one.id, one] as const);
  return Snapshot.of(
    accessRecords((kind) => OrderedMap.of(of(kind))),
    NOW,
  );
}

/** Any value of a type that JSON has. */
const anyValue = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.string({ maxLength: 5 }),
  fc.constant([]),
  fc.constant([7, {}]),
  fc.constant({}),
  fc.constant({ a: 1 }),
);

/** Damages a record: a value somewhere in it is lost or replaced, or its whole document is. */
const anyDamage = fc
  .record({ at: fc.nat(), path: fc.array(fc.nat(), { maxLength: 3 }), value: fc.option(anyValue, { nil: undefined }), whole: fc.nat(9) })
  .map(({ at, path, value, whole }) => {
    const record = RECORDS[at % RECORDS.length] as HubRecord;
    const copy = structuredClone(record.document) as Record<string, unknown>;
    if (whole === 0) return { ...record, document: value as HubRecord['document'] };
    if (whole === 1) return { ...record, document: { ...copy, record_version: 'later' } };
    let inner = copy;
    for (const step of path) {
      const next = Object.values(inner)[step % Math.max(1, Object.keys(inner).length)];
      if (typeof next !== 'object' || next === null) break;
      inner = next as Record<string, unknown>;
    }
    const names = Object.keys(inner);
    const name = names[(path[0] ?? 0) % Math.max(1, names.length)] ?? 'title';
    if (value === undefined) Reflect.deleteProperty(inner, name);
    else inner[name] = value;
    return { ...record, document: copy };
  }); // prettier-ignore

const LEVELS = ['clear', 'green', 'amber', 'amber+strict', 'red'] as const;
const OWNERS = ['hub', 'samoa', 'fiji', 'shop', 'feed:kept'];
const CREATORS = [SAMOA_ID, OTHER_ID, feedIdentityId('kept'), feedIdentityId('free')];
const ADDRESSES = ['198.51.100.5', '198.51.100.200', '203.0.113.5', '192.0.2.200', '192.0.2.5'];

/** Everything that somebody can read or do, as sentences. With less access there are fewer of them. */
function powersOf(snapshot: Snapshot): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (is: boolean, ...words: readonly unknown[]): void => {
    if (is) found.add(words.join(' '));
  };
  const principals = [PUBLIC, ...Object.keys(WORLD['account'] ?? {}).flatMap((name) => snapshot.principalNamed(name) ?? [])];
  for (const digest of Object.keys(WORLD['key'] ?? {})) {
    const key = snapshot.key(digest);
    const principal = key === undefined ? undefined : snapshot.principal(key.account, key);
    if (principal !== undefined) principals.push(principal);
  }
  for (const principal of principals) {
    const who = principal.kind === 'public' ? 'public' : `${principal.name} ${principal.key?.id ?? ''}`;
    add(true, 'is', who, principal.kind === 'public' ? '' : [principal.role, principal.member]);
    for (const group of principal.kind === 'public' ? [] : principal.groups) add(true, 'belongs to', who, group);
    for (const id of Object.keys(WORLD['collection'] ?? {})) {
      const collection = snapshot.collections.get(id);
      if (collection === undefined) continue;
      const { read, write } = snapshot.rights(principal, collection);
      add(read, 'reads', who, id);
      add(write, 'writes', who, id);
      add(snapshot.collection('main', id) !== undefined && read, 'finds', who, id);
      if (read) for (let level = 0; level <= snapshot.removals(principal, collection).upTo; level++) add(true, 'removals', who, id, level);
    }
  }
  for (const collection of snapshot.collections.values())
    for (const owner of OWNERS)
      for (const level of LEVELS)
        for (const ref of [undefined, SAYS, ENDS]) {
          const object = { type: 'indicator', id: 'indicator--x', ...(ref === undefined ? {} : { object_marking_refs: [ref] }) };
          const facts = { ...markingFacts(object, (one) => snapshot.marking(one, owner)), tlp: level };
          add(decidePlacement(facts, collection, undefined, NOW).verdict === 'allow', 'places', collection.id, owner, level, ref);
        }
  for (const address of ADDRESSES) {
    const object = anIndicator({ pattern: `[ipv4-addr:value = '${address}']` }) as unknown as StixObject;
    for (const { member } of Constituency.of(snapshot).match(concernsOf(object))) {
      const own = snapshot.members.get(member)?.collection;
      add(own !== undefined && snapshot.members.get(member)?.active === true, 'routes', address, member);
    }
  }
  for (const owner of OWNERS)
    for (const creator of CREATORS) {
      const entry = { owner, creator, id: 'indicator--x' };
      add(!isRelayed(entry, snapshot) && !snapshot.feedByIdentity.has(creator), 'own name', owner, creator);
    }
  for (const id of [ENDS, SAYS])
    for (const owner of ['hub', 'samoa', 'fiji']) {
      const other = { type: 'marking-definition', id, definition_type: 'statement', definition: { statement: 'else' } };
      add(!snapshot.contradicts(other, owner), 'redefines', id, owner);
    }
  for (const { name, passedOn } of snapshot.feeds) add(passedOn, 'passes on', name);
  for (const name of ['kept', 'free']) add(!snapshot.feeds.some((feed) => feed.name === name), 'name is free: feed', name);
  for (const name of Object.keys(WORLD['account'] ?? {})) add(snapshot.accountNamed(name) === undefined, 'name is free: account', name);
  for (const name of Object.keys(WORLD['member'] ?? {})) add(!snapshot.members.has(name), 'name is free: member', name);
  add(!snapshot.groups.includes('circle'), 'name is free: group');
  for (const rule of snapshot.rules) add(true, 'forwards', rule.name);
  add(![...snapshot.endedMarkings(NOW), ...snapshot.damage.endedMarkings(NOW).map(({ id }) => id)].includes(ENDS), 'is kept after its end');
  return found;
} // prettier-ignore

describe('a damaged record', () => {
  const before = powersOf(snapshotOf(RECORDS));

  test('the world of this test uses every kind of record', () => {
    expect(new Set(RECORDS.map(({ kind }) => kind))).toEqual(new Set(ACCESS_KINDS));
    expect(snapshotOf(RECORDS).damage.names).toEqual([]);
    for (const power of ['reads', 'writes', 'places', 'routes', 'own name', 'passes on', 'forwards'])
      expect([...before].some((one) => one.startsWith(power))).toBe(true);
  });

  test('lets nobody read or do more than before, whichever record it is', () => {
    const hit = new Set<string>();
    fc.assert(
      fc.property(anyDamage, (record) => {
        const after = snapshotOf(RECORDS.map((one) => (one.kind === record.kind && one.id === record.id ? record : one))); // prettier-ignore
        fc.pre(after.damage.names.length > 0);
        hit.add(record.kind);
        expect([...powersOf(after)].filter((power) => !before.has(power))).toEqual([]);
      }),
      { numRuns: 300, seed: 20_261_129 },
    );
    expect([...hit].toSorted()).toEqual([...ACCESS_KINDS].toSorted());
  });

  test('closes everything that it names', () => {
    for (const record of RECORDS) {
      const damaged = { ...record, document: { record_version: 'later' } };
      const after = snapshotOf(RECORDS.map((one) => (one === record ? damaged : one)));
      const powers = powersOf(after);
      expect(after.damage.has(record.kind as 'member', record.id)).toBe(true);
      const gone = (...words: string[]): void =>
        expect([...powers].filter((power) => words.every((word) => power.includes(word)))).toEqual([]);
      if (record.kind === 'account') gone('is', `${record.id} `);
      if (record.kind === 'member') gone('routes');
      if (record.kind === 'collection') gone(record.id);
      if (record.kind === 'marking') gone('places', record.id);
      if (record.kind === 'feed') gone('passes on', record.id);
    }
  });
});

describe('a hub with damaged records', () => {
  const COLLECTION = '6f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11';
  const SETTINGS = `
api_roots: [{ path: main, title: Main }]
collections: [{ id: ${COLLECTION}, api_root: main, alias: shared, title: Shared, grants: [{ to: "member:samoa", read: true }, { to: "member:fiji", read: true }] }]
groups: [{ name: circle, members: [samoa] }]
members: [{ name: samoa, collection: true }, { name: fiji, collection: true }]
accounts:
  - { name: chief, role: administrator, key_env: KEY_CHIEF }
  - { name: samoa, role: machine, member: samoa, key_env: KEY_SAMOA }
  - { name: fiji, role: machine, member: fiji, key_env: KEY_FIJI }
`;
  let folder: string;
  let hub: Hub;
  let logged: string[];

  async function start(): Promise<void> {
    const file = join(folder, 'talanoa.yaml');
    writeFileSync(file, SETTINGS);
    const secrets = { KEY_CHIEF: 'c'.repeat(40), KEY_SAMOA: 's'.repeat(40), KEY_FIJI: 'f'.repeat(40) };
    logged = [];
    hub = await compose(
      loadConfig({ config: file, data: join(folder, 'data') }, secrets),
      createLog('debug', { write: (line) => logged.push(line) }),
    );
  }
  const browser = (key: string): FormBrowser =>
    new FormBrowser(() => hub.app, { Authorization: `Bearer ${key.repeat(40)}` });
  const statusOf = async (key: string): Promise<number> => (await browser(key).api('get', '/members')).status;
  async function damage(kind: string, id: string): Promise<void> {
    const record = await hub.store.record(kind, id);
    if (record === undefined) throw new Error(`no ${kind}/${id}`);
    await hub.store.commit({
      records: [{ kind, id, expected: record.revision, document: { ...record.document, epoch: 'x', members: 'x', title: 7 } }],
    }); // prettier-ignore
    await hub.directory.refresh();
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'talanoa-damaged-'));
    await start();
  });
  afterEach(async () => {
    await hub.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('works for everybody else, also after a restart, and the records work again once repaired', async () => {
    const whole = new Map<string, HubRecord>();
    for (const kind of ['member', 'account', 'collection', 'key', 'grant'])
      for (const record of await hub.store.records(kind)) whole.set(`${kind}/${record.id}`, record);
    expect(await Promise.all(['c', 's', 'f'].map(statusOf))).toEqual([200, 200, 200]);
    await damage('member', 'samoa');
    expect(await Promise.all(['c', 's', 'f'].map(statusOf))).toEqual([200, 401, 200]);
    await damage('account', 'fiji');
    expect(await Promise.all(['c', 's', 'f'].map(statusOf))).toEqual([200, 401, 401]);
    await hub.stop();
    await start();
    expect(await Promise.all(['c', 's', 'f'].map(statusOf))).toEqual([200, 401, 401]);
    // A start with damaged records changes nothing that the settings file declares.
    const changed = [...whole].filter(([, { kind, id }]) => `${kind}/${id}` !== 'member/samoa' && `${kind}/${id}` !== 'account/fiji'); // prettier-ignore
    for (const [, before] of changed) expect(await hub.store.record(before.kind, before.id)).toEqual(before);
    for (const [kind, id] of [['member', 'samoa'], ['account', 'fiji']] as const) {
      const [now, before] = [await hub.store.record(kind, id), whole.get(`${kind}/${id}`)];
      if (now === undefined || before === undefined) throw new Error('the record is gone');
      await hub.store.commit({ records: [{ kind, id, expected: now.revision, document: before.document }] });
    } // prettier-ignore
    await hub.directory.refresh();
    expect(await Promise.all(['c', 's', 'f'].map(statusOf))).toEqual([200, 200, 200]);
    expect(logged.join('')).toContain('access.repaired');
  });

  test('reports in the log, in a metric and in doctor which records are damaged', async () => {
    await damage('group', 'circle');
    await damage('collection', COLLECTION);
    expect(logged.filter((line) => line.includes('access.damaged')).at(-1)).toContain(
      `collection/${COLLECTION}, group/circle`,
    );
    const doctor = (await browser('c').api('get', '/doctor')).body['items'] as { check: string }[];
    expect(doctor.find(({ check }) => check === 'access records')).toMatchObject({
      status: 'failed',
      found: `cannot be read: collection/${COLLECTION}, group/circle`,
      hint: expect.stringContaining('restore a backup'),
    });
    expect(await browser('c').get('/metrics')).toMatchObject({
      text: expect.stringContaining('talanoa_damaged_records 2'),
    });
  });

  test('works when the text of a record is no longer JSON', async () => {
    await hub.stop();
    const file = new DatabaseSync(join(folder, 'data', 'hub.db'));
    file.exec("UPDATE record SET document = '{' WHERE kind = 'member' AND id = 'samoa'");
    file.close();
    await start();
    expect(await Promise.all(['c', 's', 'f'].map(statusOf))).toEqual([200, 401, 200]);
  });

  test('ends damaged keys with the other credentials of an account', async () => {
    const made = await browser('c').api('post', '/accounts', {
      name: 'wall',
      role: 'machine',
      member: 'fiji',
    });
    expect(made.status).toBe(201);
    await browser('c').api('post', '/keys', { account: 'wall' });
    const [key] = (await hub.store.records('key')).filter(({ document }) => document['managed'] !== 'file');
    if (key === undefined) throw new Error('no key');
    await hub.store.commit({ records: [{ kind: 'key', id: key.id, expected: key.revision, document: { ...key.document, scopes: 7 } }] }); // prettier-ignore
    await hub.directory.refresh();
    expect((await browser('c').api('delete', '/accounts/wall')).status).toBeLessThan(300);
    expect(await hub.store.record('key', key.id)).toBeUndefined();
  });
});
