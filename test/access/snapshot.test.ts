import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import {
  accessRecords,
  ACCESS_KINDS,
  type AccessKind,
  type AccessRecords,
} from '../../src/access/access-records.ts';
import { DUMMY_HASH } from '../../src/access/accounts/passwords.ts';
import { Directory } from '../../src/access/directory.ts';
import { PUBLIC, type Principal } from '../../src/access/principal.ts';
import { Snapshot } from '../../src/access/snapshot.ts';
import { OrderedMap } from '../../src/kernel/ordered-map.ts';
import { atOnce, sliceWork } from '../../src/kernel/slices.ts';
import type { HubRecord, RecordView } from '../../src/store/store.ts';
import { TestClock } from '../support/clock.ts';
import { accessRecordsOf, aRecord } from '../support/records.ts';

type Document = HubRecord['document'];

const MEMBERS = ['fiji', 'samoa', 'tonga'];
const GROUPS = ['pacson', 'melanesia'];
const ACCOUNTS = ['ana', 'sione', 'siem'];
const COLLECTIONS = ['c0', 'c1'];
const IDENTITIES = ['identity--1', 'identity--2'];
/** The second of three keys begins like the first, so that they have the same public name. */
const DIGESTS = ['aaaaaaaaaaaaaaaa01', 'aaaaaaaaaaaaaaaa02', 'bbbbbbbbbbbbbbbb01'];
const DATES = [1, 2, 3].map((day) => new Date(day * 86_400_000).toISOString());

const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(values, { nil: undefined });
const oneOf = (values: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...values);
const someOf = (values: readonly string[]): fc.Arbitrary<string[]> => fc.subarray([...values]);
const dates = { since: maybe(oneOf(DATES)), until: maybe(oneOf(DATES)) };
/** Ids that an account of the name has had, one after the other. Records of earlier versions have none. */
const uids = (name: string): fc.Arbitrary<string | undefined> =>
  maybe(oneOf([`acc-${name}-1`, `acc-${name}-2`]));
const accountIds = ACCOUNTS.flatMap((name) => [name, `acc-${name}-1`, `acc-${name}-2`]);
const receivers = [
  'public', 'role:officer', 'role:machine', 'role:analyst',
  ...ACCOUNTS.map((name) => `account:${name}`),
  ...MEMBERS.flatMap((name) => [`member:${name}`, `clients:${name}`]),
  ...GROUPS.map((name) => `group:${name}`),
]; // prettier-ignore
const tlp = maybe(fc.constantFrom('green', 'amber', 'amber+strict'));

/** Documents of each kind, by the ids that a record of the kind can have. */
const KINDS: Readonly<Record<AccessKind, { readonly ids: readonly string[]; document(id: string): fc.Arbitrary<object> }>> = {
  'api-root': { ids: ['main', 'second'], document: () => fc.record({ title: oneOf(['A', 'B']) }) },
  collection: { ids: COLLECTIONS, document: () => fc.record({ api_root: oneOf(['main', 'second']), title: oneOf(['A', 'B']), alias: maybe(oneOf(['x', 'y'])), max_tlp: tlp }) },
  grant: {
    ids: COLLECTIONS.flatMap((collection) => receivers.map((to) => `${collection}/${to}`)),
    document: (id) => {
      const [collection = '', to = ''] = id.split('/');
      const account = to.startsWith('account:') ? uids(to.slice('account:'.length)) : fc.constant(undefined);
      return fc.record({ collection: fc.constant(collection), to: fc.constant(to), account, read: fc.boolean(), write: fc.boolean(), since: maybe(fc.nat(5)) });
    },
  },
  group: {
    ids: GROUPS,
    document: () =>
      fc.record({
        members: someOf(MEMBERS), listed: maybe(fc.boolean()), joined: maybe(fc.dictionary(oneOf(MEMBERS), fc.nat(9), { noNullPrototype: true })),
        dates: maybe(fc.dictionary(oneOf(MEMBERS), fc.record(dates), { noNullPrototype: true })),
      }),
  },
  member: { ids: MEMBERS, document: () => fc.record({ status: maybe(oneOf(['active', 'paused'])), identities: maybe(someOf(IDENTITIES)), parent: maybe(fc.constantFrom(...MEMBERS, null)), countries: maybe(someOf(['FJ', 'TO'])) }) },
  account: { ids: ACCOUNTS, document: (name) => fc.record({ role: oneOf(['machine', 'officer', 'analyst']), uid: uids(name), member: maybe(oneOf([...MEMBERS, 'hub'])), disabled: maybe(fc.boolean()), password_hash: maybe(oneOf(['scrypt$x', '$argon2id$x'])) }) },
  key: { ids: DIGESTS, document: () => fc.record({ account: oneOf(accountIds), prefix: oneOf(['p', 'q']), expires: maybe(fc.nat(9)) }) },
  marking: {
    ids: ['marking-definition--1', 'marking-definition--2'],
    document: (id) => fc.record({ owner: oneOf([...MEMBERS, 'hub']), also: maybe(someOf(MEMBERS)), cleared: maybe(fc.boolean()), object: fc.record({ type: fc.constant('marking-definition'), id: fc.constant(id), definition: fc.record({ statement: oneOf(['s', 't']) }), definition_type: fc.constant('statement') }) }),
  },
  feed: { ids: ['abuse', 'certs'], document: () => fc.record({ document: fc.record({ defaults: maybe(fc.record({ redistribute: maybe(oneOf(['no', 'yes'])) })) }), collection: oneOf(COLLECTIONS), identity: oneOf(IDENTITIES) }) },
  claim: { ids: ['k0', 'k1', 'k2', 'k3'], document: () => fc.record({ member: oneOf([...MEMBERS, 'gone']), type: fc.constant('domain'), value: oneOf(['a.fj', 'b.to']), state: oneOf(['claimed', 'verified']), by: fc.constant('x'), at: fc.constant('y'), ...dates }) },
  rule: { ids: ['r0', 'r1'], document: () => fc.record({ from: oneOf(COLLECTIONS), to: oneOf(COLLECTIONS), labels: maybe(someOf(['a', 'b'])) }) },
  delegation: { ids: ['FJ', 'TO'], document: () => fc.record({ networks: someOf(['10.0.0.0/8']), asns: fc.constant([]), at: oneOf(DATES) }) },
}; // prettier-ignore

interface Step {
  readonly kind: AccessKind;
  readonly id: string;
  readonly document: object | undefined;
}

const changeOf = (kind: AccessKind, id: string): fc.Arbitrary<Step> =>
  fc.record({ kind: fc.constant(kind), id: fc.constant(id), document: fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 3, arbitrary: KINDS[kind].document(id) }) }); // prettier-ignore
const change = fc
  .constantFrom(...ACCESS_KINDS)
  .chain((kind) => oneOf(KINDS[kind].ids).chain((id) => changeOf(kind, id)));
/** A world with most of what there can be. */
const world = fc
  .tuple(...ACCESS_KINDS.flatMap((kind) => KINDS[kind].ids.map((id) => changeOf(kind, id))))
  .map((changes) => ({ now: 0, changes }));

/** Several changes that are read together, at one time. Time can also go back. */
const round = fc.record({
  now: fc.nat(4).map((day) => day * 86_400_000),
  changes: fc.array(change, { maxLength: 6 }),
});

/** Every answer of a snapshot, about things that exist and things that do not. */
function said(snapshot: Snapshot): unknown {
  const principals: Principal[] = [PUBLIC, ...accountIds.flatMap((id) => snapshot.principal(id) ?? [])];
  const members = ['hub', 'gone', ...MEMBERS];
  const collections = [...snapshot.collections.values()];
  return {
    apiRoots: [...snapshot.apiRoots], collections: [...snapshot.collections], members: [...snapshot.members], accounts: [...snapshot.accounts],
    oldHashShare: snapshot.oldHashShare, feeds: snapshot.feeds, delegations: snapshot.delegations, changesAt: snapshot.changesAt,
    rules: snapshot.rules, groups: snapshot.groups, memberByIdentity: [...snapshot.memberByIdentity], feedByIdentity: [...snapshot.feedByIdentity],
    found: ['main', 'second'].map((root) => ['x', 'y', ...COLLECTIONS].map((name) => [snapshot.collection(root, name), snapshot.find(name)])),
    principals,
    byName: ACCOUNTS.map((name) => [snapshot.accountNamed(name), snapshot.principalNamed(name), snapshot.hasWaitingGrant(name)]),
    rights: principals.map((principal) => collections.map((one) => [snapshot.rights(principal, one), snapshot.removals(principal, one), snapshot.audienceOf(principal)])),
    grants: members.map((member) => [snapshot.groupsOf(member), snapshot.activeParent(member), snapshot.audienceOfMember(member), collections.map((one) => snapshot.grantFor(member, one))]),
    audiences: receivers.map((to) => snapshot.grantAudience(to)),
    listed: GROUPS.map((group) => snapshot.isListedGroup(group)),
    keys: DIGESTS.map((digest) => [snapshot.key(digest), snapshot.keyDigest(digest.slice(0, 16))]),
    keysOf: accountIds.map((id) => [snapshot.keysOf(id), snapshot.hasKey(id), snapshot.accountLabel(id)]),
    markings: KINDS.marking.ids.map((id) => [snapshot.ownersOfMarking(id), members.map((owner) => snapshot.marking(id, owner))]),
    ended: snapshot.endedMarkings(0),
  }; // prettier-ignore
}

function after(records: AccessRecords, changes: readonly Step[], revision: number): AccessRecords {
  return accessRecords((kind) =>
    records[kind].patched(
      changes
        .filter((one) => one.kind === kind)
        .map(({ id, document }) => [id, document === undefined ? undefined : aRecord(kind, id, document as Document, revision)]),
    ),
  ); // prettier-ignore
}

/** As `toEqual`, which takes long for large values that are equal. */
function demandEqual(one: unknown, other: unknown): void {
  if (!isDeepStrictEqual(one, other)) expect(one).toEqual(other);
}

describe('a snapshot that is made from an earlier one', () => {
  test('equals one that is made from all records', () => {
    fc.assert(
      fc.property(world, fc.array(round, { maxLength: 12 }), (start, rounds) => {
        let records = accessRecordsOf();
        let snapshot: Snapshot | undefined;
        let first: Snapshot | undefined;
        for (const [i, { now, changes }] of [start, ...rounds].entries()) {
          records = after(records, changes, i + 1);
          const before = snapshot === undefined ? undefined : said(snapshot);
          const next = atOnce(Snapshot.after(snapshot, records, now));
          const whole = said(Snapshot.of(records, now));
          demandEqual(said(next), whole);
          // The earlier one still gives the same answers, and the new one does not depend on which one came before.
          if (snapshot !== undefined) demandEqual(said(snapshot), before);
          demandEqual(said(atOnce(Snapshot.after(first, records, now))), whole);
          snapshot = next;
          first ??= next;
        }
      }),
      { numRuns: 150 },
    );
  });

  test('reads one record if one of 20,000 keys is revoked', () => {
    let read = 0;
    const counted = (digest: string): HubRecord => {
      const { document, ...rest } = aRecord('key', digest, { account: `acc-${digest.slice(0, 4)}`, prefix: 'p' });
      return {
        ...rest,
        get document() {
          read++;
          return document;
        },
      };
    };
    const digests = Array.from({ length: 20_000 }, (_, i) => String(i).padStart(16, '0'));
    const keys = OrderedMap.of(digests.map((digest) => [digest, counted(digest)] as const));
    const full = Snapshot.of(accessRecords((kind) => (kind === 'key' ? keys : undefined)), 0);
    expect(read).toBeGreaterThanOrEqual(20_000);
    read = 0;
    const gone = '0000000000012345';
    const added = '9'.repeat(16);
    const fewer = keys.patched([[gone, undefined], [added, counted(added)]]); // prettier-ignore
    const next = atOnce(Snapshot.after(full, accessRecords((kind) => (kind === 'key' ? fewer : undefined)), 0));
    expect(read).toBeLessThanOrEqual(2);
    expect([full.key(gone)?.id, next.key(gone), next.keyDigest(gone), next.key(added)?.id]).toEqual([gone, undefined, undefined, added]);
    const counts = (snapshot: Snapshot): readonly number[] => ['acc-0000', 'acc-9999'].map((id) => snapshot.keysOf(id).length);
    expect([counts(full), counts(next)]).toEqual([[20_000, 0], [19_999, 1]]);
    // Parts that do not depend on keys are the same.
    expect(next.accounts).toBe(full.accounts);
    expect(next.members).toBe(full.members);
  }); // prettier-ignore

  test('reads one record if one of 20,000 accounts is disabled, or has another id', () => {
    let read = 0;
    const counted = (name: string, more: object = {}): HubRecord => {
      const { document, ...rest } = aRecord('account', name, { role: 'machine', uid: `acc-${name.split('').reverse().join('')}`, password_hash: 'scrypt$x', ...more });
      return {
        ...rest,
        get document() {
          read++;
          return document;
        },
      };
    };
    const names = Array.from({ length: 20_000 }, (_, i) => `n${String(i).padStart(6, '0')}`);
    const accounts = OrderedMap.of(names.map((name) => [name, counted(name)] as const));
    const records = (map: OrderedMap<HubRecord>): AccessRecords => accessRecords((kind) => (kind === 'account' ? map : undefined));
    const full = Snapshot.of(records(accounts), 0);
    read = 0;
    const [disabled, replaced, gone] = ['n000007', 'n000008', 'n000009'];
    const changes = [[disabled, counted(disabled, { disabled: true, password_hash: DUMMY_HASH })], [replaced, counted(replaced, { uid: 'acc-new' })], [gone, undefined]] as const;
    const next = atOnce(Snapshot.after(full, records(accounts.patched(changes)), 0));
    expect(read).toBeLessThanOrEqual(4);
    expect([next.accountNamed(disabled)?.disabled, next.accounts.get('acc-700000n')?.disabled, next.accountNamed(gone), next.accounts.get('acc-900000n')]).toEqual([true, true, undefined, undefined]);
    // The name has another account now, and nothing leads to the earlier one.
    expect([next.accountNamed(replaced)?.id, next.accounts.has('acc-new'), next.accounts.has('acc-800000n')]).toEqual(['acc-new', true, false]);
    expect([full.accounts.size, next.accounts.size, full.oldHashShare, next.oldHashShare]).toEqual([20_000, 19_999, 1, 19_998 / 19_999]);
    // Lists of accounts are in the order of their names.
    expect([...next.accounts.values()].slice(6, 10).map(({ name }) => name)).toEqual(['n000006', disabled, replaced, 'n000010']);
    expect([...next.accounts.keys()][8]).toBe('acc-new');
  }); // prettier-ignore
});

describe('the directory', () => {
  /** A clock on which all work takes long: each question for the time takes a second. */
  class SlowClock extends TestClock {
    override monotonic(): number {
      this.advance(1_000);
      return super.monotonic();
    }
  }

  test('does not block other requests during a large change, and nobody gets the earlier snapshot', async () => {
    const keys = OrderedMap.of([['k', aRecord('key', 'k', { account: 'ana', prefix: 'p' })]]);
    const viewOf = (map: OrderedMap<HubRecord>): RecordView => ({ records: new Map([['key', map]]) });
    let view = viewOf(keys);
    const clock = new TestClock();
    const slow = new SlowClock();
    let isSlow = false;
    const directory = new Directory({ view: () => Promise.resolve(view) }, {
      now: () => clock.now(),
      monotonic: () => (isSlow ? slow.monotonic() : clock.monotonic()),
    } as TestClock);
    expect((await directory.current()).key('k')).toBeDefined();
    view = viewOf(OrderedMap.of(Array.from({ length: 50 }, (_, i) => [`n${i}`, aRecord('key', `n${i}`, { account: 'ana', prefix: 'p' })] as const))); // prettier-ignore
    isSlow = true;
    const { turns } = sliceWork;
    let isDone = false;
    const change = directory.refresh().then((snapshot) => {
      isDone = true;
      return snapshot;
    });
    // The store has answered, and the new snapshot is not complete.
    await new Promise((resolve) => setImmediate(resolve));
    isSlow = false;
    expect(isDone).toBe(false);
    const snapshots = await Promise.all([directory.current(), directory.current(), change]);
    expect(sliceWork.turns).toBeGreaterThan(turns);
    for (const snapshot of snapshots)
      expect([snapshot.key('k'), snapshot.keysOf('ana').length]).toEqual([undefined, 50]);
    expect(await directory.current()).toBe(snapshots[2]);
  });

  test('a read that began before the last change does not count as one after it', async () => {
    const answers: ((view: RecordView) => void)[] = [];
    const viewOf = (...ids: string[]): RecordView => ({
      records: new Map([['key', accessRecordsOf(...ids.map((id) => aRecord('key', id, { account: 'ana', prefix: 'p' }))).key]]),
    }); // prettier-ignore
    const store = { view: () => new Promise<RecordView>((resolve) => answers.push(resolve)) };
    const directory = new Directory(store, new TestClock());
    const before = directory.current();
    directory.touch();
    const later = directory.current();
    answers[0]?.(viewOf('old'));
    expect((await before).key('old')).toBeDefined();
    const last = directory.current();
    answers[1]?.(viewOf('new'));
    for (const snapshot of await Promise.all([later, last]))
      expect([snapshot.key('old'), snapshot.key('new')?.account]).toEqual([undefined, 'ana']);
    expect(answers).toHaveLength(2);
  });
});
