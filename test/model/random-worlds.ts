import { expect } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Audit } from '../../src/access/audit/audit.ts';
import { AuditReading } from '../../src/access/audit/audit-reading.ts';
import { Directory } from '../../src/access/directory.ts';
import { Sealer } from '../../src/access/sealing.ts';
import { Ledger } from '../../src/access/ledger.ts';
import { decide, type Audience, type Outlet } from '../../src/access/policy.ts';
import { PUBLIC, type Principal } from '../../src/access/principal.ts';
import { memberIdentityId } from '../../src/access/member-model.ts';
import { CursorSeal } from '../../src/kernel/cursor-seal.ts';
import type { HttpClient } from '../../src/kernel/http-client.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { AnswerLinks } from '../../src/sharing/channels/email/answer-links.ts';
import type { Microsoft } from '../../src/sharing/channels/microsoft/microsoft.ts';
import { Channels } from '../../src/sharing/channels/worker.ts';
import { Deliveries } from '../../src/sharing/deliveries/lag.ts';
import { ValueCheck } from '../../src/sharing/feedback/value-check.ts';
import { Waiting } from '../../src/sharing/review/review-queue.ts';
import { Intake } from '../../src/sharing/intake/intake.ts';
import { accountActor } from '../../src/sharing/intake/actor.ts';
import { CurrentObjects } from '../../src/sharing/reading/current.ts';
import { Outlet as Reading } from '../../src/sharing/reading/outlet.ts';
import { Suppressions } from '../../src/sharing/suppression/suppressed-values.ts';
import { LifeSettings } from '../../src/sharing/values/life.ts';
import { ValueView } from '../../src/sharing/values/value-view.ts';
import { Routing } from '../../src/sharing/routing/routing.ts';
import { Search } from '../../src/sharing/reading/search.ts';
import { SearchView } from '../../src/sharing/reading/search-view.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { observableId } from '../../src/stix/identifiers.ts';
import {
  markingFacts,
  readMarking,
  tlpMarkingId,
  TLP_LEVELS,
  type Marking,
  type Tlp,
} from '../../src/stix/markings.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { ALL_VERSIONS, type RecordChange, type Store } from '../../src/store/store.ts';
import { TestClock } from '../support/clock.ts';
import { Random } from '../support/simulation.ts';

/*
 * Random worlds: members with parents, groups, grants, maximum TLP levels and rules, and objects with all kinds of
 * markings. Everything that an outlet gives to a reader is compared with a second, naive model of who may see it. The
 * model shares no code with the policy. The tests also check that required objects arrive, and that objects hidden from
 * a reader do not influence what the reader sees. TALANOA_WORLDS sets the number of worlds (CI: 1,000), TALANOA_SEED
 * the first seed.
 */

export const WORLDS = Number(process.env['TALANOA_WORLDS'] ?? 40);
export const SEED = Number(process.env['TALANOA_SEED'] ?? 1);
type Json = Record<string, unknown>;

export const MEMBERS = ['tonga', 'fiji', 'samoa', 'bank', 'telco'] as const;
/** The networks of the members. The bank's network lies within the telco's. */
const NETWORKS: Readonly<Record<string, string>> = {
  tonga: '203.0.113.0/24', fiji: '192.0.2.0/25', samoa: '192.0.2.128/25', telco: '198.51.100.0/24', bank: '198.51.100.64/26',
}; // prettier-ignore
export const NEAREST: readonly (readonly [address: string, member: string | undefined])[] = [
  ['203.0.113.9', 'tonga'], ['192.0.2.9', 'fiji'], ['192.0.2.200', 'samoa'], ['198.51.100.70', 'bank'], ['198.51.100.9', 'telco'], ['100.64.0.1', undefined],
]; // prettier-ignore
const uuid = (n: number): string => `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;

interface Member {
  readonly name: string;
  readonly active: boolean;
  readonly parent: string | undefined;
  readonly groups: readonly string[];
}

interface Place {
  readonly id: string;
  readonly max: Tlp;
  readonly min: Tlp;
  readonly unmarked: 'default' | 'refuse';
  readonly grants: readonly { readonly to: string; readonly read: boolean; readonly write: boolean }[];
  readonly ownOf?: string;
}

interface Sent {
  readonly object: Json;
  readonly by: string;
  readonly to: string;
}

export interface Plan {
  readonly members: readonly Member[];
  readonly places: readonly Place[];
  readonly rules: readonly {
    readonly from: string;
    readonly to: string;
    readonly owners?: readonly string[];
  }[];
  readonly markings: readonly Json[];
  readonly sent: readonly Sent[];
  /** Changes after all objects were sent: a paused member, and one that leaves its group. */
  readonly paused: string | undefined;
  readonly leaves: string | undefined;
}

// ---- a random world

const NOW = Date.UTC(2026, 0, 15);

export function plan(seed: number): Plan {
  const random = new Random(seed);
  const tlp = (): Tlp => random.pick(TLP_LEVELS);
  const maximumTlp = (): Tlp =>
    random.pick(['clear', 'green', 'amber', 'amber+strict', 'amber+strict'] as const);
  const members = MEMBERS.map((name): Member => ({
    name,
    active: random.chance(0.9),
    parent: name === 'bank' && random.chance(0.6) ? random.pick(['tonga', 'telco'] as const) : name === 'telco' && random.chance(0.2) ? 'fiji' : undefined,
    groups: ['pacson', 'circle'].filter(() => random.chance(0.5)),
  })); // prettier-ignore
  const receivers = ['public', 'group:pacson', 'group:circle', 'role:machine', 'role:analyst', 'clients:tonga', ...MEMBERS.map((name) => `member:${name}`), 'account:bank-tool']; // prettier-ignore
  const places: Place[] = Array.from({ length: 4 }, (_, i): Place => {
    const readers = new Set(Array.from({ length: 1 + random.below(4) }, () => random.pick(receivers)));
    for (const to of ['role:machine', 'role:analyst']) readers.delete(to);
    return {
      id: uuid(i + 1),
      // The first collection accepts every level, so that all objects can enter and be forwarded from there.
      max: i === 0 ? 'amber+strict' : maximumTlp(),
      min: random.chance(0.7) ? 'clear' : random.pick(['green', 'amber'] as const),
      unmarked: random.chance(0.8) ? 'default' : 'refuse',
      grants: [
        { to: 'role:machine', read: random.chance(0.3), write: true },
        { to: 'role:analyst', read: random.chance(0.7), write: true },
        ...[...readers].map((to) => ({ to, read: true, write: false })),
      ],
    };
  });
  members.forEach(({ name, parent }, i) =>
    places.push({
      id: uuid(100 + i),
      max: parent === undefined ? 'amber+strict' : 'amber',
      min: 'clear',
      unmarked: 'default',
      grants: [{ to: `member:${name}`, read: true, write: false }],
      ownOf: name,
    }),
  );
  const rules = random.chance(0.8) ? [{ from: uuid(1), to: uuid(2), ...(random.chance(0.4) ? { owners: [random.pick(MEMBERS), random.pick(MEMBERS)] } : {}) }] : []; // prettier-ignore
  const marking = (n: number, definition_type: string, definition: Json): Json => ({ type: 'marking-definition', spec_version: '2.1', id: `marking-definition--${uuid(n)}`, created: '2026-01-01T00:00:00.000Z', definition_type, definition }); // prettier-ignore
  const markings = [
    marking(501, 'pap', { pap: random.pick(['clear', 'green', 'amber', 'red']) }),
    marking(502, 'iep', { tlp: random.pick(['green', 'amber']), encrypt_in_transit: random.pick(['must', 'may']), attribution: random.pick(['may', 'must-not']) }),
    marking(503, 'iep', { end_date: '2025-01-01T00:00:00Z', tlp: 'clear' }),
    marking(504, 'iep', { permitted_actions: 'none', tlp: 'green' }),
    marking(505, 'mood', { mood: 'blue' }),
    marking(506, 'statement', { statement: 'Copyright' }),
  ]; // prettier-ignore
  const refs = (): string[] => [
    ...(random.chance(0.8) ? [tlpMarkingId(tlp())] : []),
    ...(random.chance(0.3) ? [String(random.pick(markings)['id'])] : []),
    ...(random.chance(0.03) ? [`marking-definition--${uuid(999)}`] : []),
  ];
  const sent: Sent[] = [];
  const accounts = [...MEMBERS.map((name) => `${name}-tool`), 'analyst'];
  const seen: (readonly [id: string, to: string])[] = [];
  for (let i = 0; i < 14; i++) {
    const [by, to] = [random.pick(accounts), uuid(random.chance(0.5) ? 1 : 1 + random.below(4))];
    const marks = refs();
    const common = {
      spec_version: '2.1',
      ...(marks.length === 0 ? {} : { object_marking_refs: marks }),
      ...(random.chance(0.15) ? { granular_markings: [{ marking_ref: tlpMarkingId(tlp()), selectors: ['type'] }] } : {}),
    }; // prettier-ignore
    const at = { created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z' };
    const [address] = random.pick(NEAREST);
    const kind = random.below(10);
    let object: Json;
    let place = to;
    if (kind < 6)
      object = { type: 'indicator', id: `indicator--${uuid(1000 + i)}`, ...at, ...common, name: `thing-${i}-end`, pattern: `[ipv4-addr:value = '${address}']`, pattern_type: 'stix', valid_from: at.created, ...(random.chance(0.5) ? { created_by_ref: random.chance(0.3) ? `identity--${uuid(77)}` : memberIdentityId(random.pick(MEMBERS)) } : {}), ...(random.chance(0.3) ? { labels: random.chance(0.5) ? ['severity:high'] : ['severity:high', `TLP:${tlp().toUpperCase()}`] } : {}) }; // prettier-ignore
    else if (kind < 8) {
      const value = `10.${seed % 200}.${i}.1`;
      const id = String(observableId({ type: 'ipv4-addr', value }));
      seen.push([id, to]);
      object = { type: 'ipv4-addr', id, ...common, value };
    } else {
      // Usually in the collection with the observable that it refers to.
      const [ref, where] = seen.length > 0 ? random.pick(seen) : [`ipv4-addr--${uuid(3000)}`, to];
      if (random.chance(0.8)) place = where;
      object = { type: 'observed-data', id: `observed-data--${uuid(2000 + i)}`, ...at, ...common, first_observed: at.created, last_observed: at.created, number_observed: 1, object_refs: [ref] }; // prettier-ignore
    }
    sent.push({ object, by, to: place });
  }
  return {
    members,
    places,
    rules,
    markings,
    sent,
    paused: random.chance(0.3) ? random.pick(MEMBERS) : undefined,
    leaves: random.chance(0.3) ? random.pick(MEMBERS) : undefined,
  };
}

// ---- the naive model of who may have what, which shares no code with the policy

const STRICT: readonly string[] = ['clear', 'green', 'amber', 'amber+strict', 'red'];
const BY_ID = new Map<string, string>(TLP_LEVELS.map((level) => [tlpMarkingId(level), level]));

interface Told {
  /** The strictest level of all markings, if there is one. */
  readonly own: string | undefined;
  readonly never: boolean;
  readonly pap: string | undefined;
  readonly encrypted: boolean;
  readonly still: boolean;
}

export function told(object: Json, markings: readonly Json[]): Told {
  const parts = ((object['granular_markings'] ?? []) as Json[]).map((part) => String(part['marking_ref']));
  const refs = [...((object['object_marking_refs'] ?? []) as string[]), ...parts];
  let [own, pap]: (string | undefined)[] = [];
  let [never, encrypted, still] = [false, false, false];
  const level = (label: unknown): void => {
    if (typeof label === 'string' && (own === undefined || STRICT.indexOf(label) > STRICT.indexOf(own)))
      own = label;
  };
  for (const label of (object['labels'] ?? []) as string[])
    if (label.startsWith('TLP:')) level(label.slice('TLP:'.length).toLowerCase());
  for (const ref of refs) {
    const definition = markings.find(({ id }) => id === ref);
    const inner = (definition?.['definition'] ?? {}) as Json;
    if (BY_ID.has(ref)) level(BY_ID.get(ref));
    else if (definition === undefined || definition['definition_type'] === 'mood') never = true;
    else if (definition['definition_type'] === 'pap') pap = String(inner['pap']);
    else if (definition['definition_type'] === 'iep') {
      level(inner['tlp']);
      if (inner['end_date'] !== undefined) never = true;
      if (inner['attribution'] === 'must-not' && object['created_by_ref'] !== undefined) never = true;
      if (inner['encrypt_in_transit'] === 'must') encrypted = true;
      if (inner['permitted_actions'] === 'none') still = true;
    }
  }
  return { own, never: never || own === 'red', pap, encrypted, still };
}

/** Returns the strictest level that a member, or the public, may have at all. */
export function most(world: Plan, who: string): string {
  if (who === 'public') return 'clear';
  if (who === 'hub') return 'amber+strict';
  return world.members.find(({ name }) => name === who)?.parent === undefined ? 'amber+strict' : 'amber';
}

export const within = (level: string, max: string): boolean => STRICT.indexOf(level) <= STRICT.indexOf(max);

/**
 * True when a grant gives a member access. The member must be active, and must be allowed to have everything that the
 * collection accepts.
 */
export function letIn(world: Plan, who: string, place: Place, what: 'read' | 'write'): boolean {
  const member = world.members.find(({ name }) => name === who);
  const active = (name: string): boolean => world.members.find((one) => one.name === name)?.active === true && name !== world.paused;
  if (member !== undefined && !active(who)) return false;
  if (what === 'read' && !within(place.max, most(world, who))) return false;
  return place.grants.some(({ to, ...rights }) => {
    if (!rights[what]) return false;
    if (to === 'public') return what === 'read';
    if (who === 'public') return false;
    if (member === undefined) return to === 'role:analyst';
    if (to === 'clients:tonga') return member.parent === 'tonga' && active('tonga');
    const inGroup = member.groups.some((group) => to === `group:${group}`) && who !== world.leaves;
    return to === `member:${who}` || to === 'role:machine' || to === `account:${who}-tool` || inGroup;
  });
} // prettier-ignore

/**
 * Returns every collection that an object may reach: where it was sent, where rules forward it, and those of the
 * affected members.
 */
function reachable(world: Plan, { object, by, to }: Sent): readonly Place[] {
  // Objects that a member submits in its own name belong to it. Rules by owner ignore objects in another
  // member's name.
  const inNameOf = MEMBERS.find((name) => memberIdentityId(name) === object['created_by_ref']);
  const sender = by === 'analyst' ? 'hub' : by.replace('-tool', '');
  const passes = (owners: readonly string[] | undefined): boolean =>
    owners === undefined || (owners.includes(sender) && (inNameOf === undefined || inNameOf === sender));
  const ids = new Set([
    to,
    ...world.rules.filter(({ from, owners }) => from === to && passes(owners)).map((rule) => rule.to),
  ]);
  const pattern = JSON.stringify([object['pattern'], object['value']]);
  const concerned = new Set<string>();
  for (const [address, member] of NEAREST) {
    if (member === undefined || !pattern.includes(address)) continue;
    concerned.add(member);
    // A paused member has no claims, so the wider network is then the closest. Parents receive objects that affect their
    // clients.
    if (member === 'bank') concerned.add('telco');
    for (const name of [...concerned]) {
      const parent = world.members.find((one) => one.name === name)?.parent;
      if (parent !== undefined) concerned.add(parent);
    }
  }
  return world.places.filter(({ id, ownOf }) => ids.has(id) || (ownOf !== undefined && concerned.has(ownOf)));
}

/**
 * Returns whether `who` may have the unchanged object through an outlet. This is an upper bound: anything beyond it
 * would be a leak.
 */
export function may(world: Plan, sent: Sent, who: string, outlet: Outlet): boolean {
  const { own, never, pap, encrypted, still } = told(sent.object, world.markings);
  if (never) return false;
  if (own !== undefined && !within(own, most(world, who))) return false;
  if (outlet === 'public-site' && own !== 'clear') return false;
  // An object without a marking counts as AMBER.
  if (outlet === 'provider' && !within(own ?? 'amber', 'amber')) return false;
  if (outlet === 'mail' || outlet === 'digest') {
    // An object without a marking counts as AMBER or stricter, unless somebody declared another level. Nobody does so
    // here.
    if (!within(own ?? 'amber', 'green') || encrypted) return false;
  }
  if (outlet === 'detection' || outlet === 'blocking') {
    if (still || pap === 'red') return false;
    if (outlet === 'blocking' && pap === 'amber') return false;
  }
  // The minimum level of the first collection applies everywhere.
  const floor = world.places.find(({ id }) => id === sent.to)?.min ?? 'clear';
  const level = within(floor, own ?? 'amber') ? (own ?? 'amber') : floor;
  return reachable(world, sent).some((place) => within(level, place.max) && letIn(world, who, place, 'read'));
}

// ---- the hub, and its outlets

export interface Hub {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: TestClock;
  readonly routing: Routing;
  readonly reading: Reading;
  readonly search: Search;
  readonly check: ValueCheck;
  readonly views: SearchView;
  readonly intake: Intake;
  readonly ledger: Ledger;
  readonly audit: Audit;
  readonly outcomes: Map<string, string>;
  stop(): Promise<void>;
}

const record = (kind: string, id: string, document: Json): RecordChange => ({
  kind,
  id,
  expected: 0,
  document,
});

export async function build(world: Plan, without?: number): Promise<Hub> {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-world-'));
  const clock = new TestClock(new Date(NOW).toISOString());
  const store = await openSqliteStore({ folder, clock, onBroken: () => undefined });
  const ids = { uuid: (): string => crypto.randomUUID(), secret: (): string => '' };
  await store.commit({
    records: [
      record('api-root', 'main', { title: 'Main' }),
      ...['pacson', 'circle'].map((name) =>
        record('group', name, { members: world.members.filter(({ groups }) => groups.includes(name)).map((one) => one.name) }),
      ),
      ...world.members.map(({ name, active, parent }) =>
        record('member', name, { status: active ? 'active' : 'paused', parent, networks: [NETWORKS[name]], collection: world.places.find(({ ownOf }) => ownOf === name)?.id }),
      ),
      ...world.members.map(({ name }) => record('account', `${name}-tool`, { role: 'machine', member: name })),
      record('account', 'analyst', { role: 'analyst', person: true }),
      ...world.places.map(({ id, max, min, unmarked, ownOf }) =>
        record('collection', id, { api_root: 'main', title: id, max_tlp: max, min_tlp: min, unmarked, own_of: ownOf }),
      ),
      ...world.places.flatMap(({ id, grants }) => grants.map((grant) => record('grant', `${id}/${grant.to}`, { collection: id, ...grant }))),
      ...world.rules.map((rule, i) => record('rule', `rule-${i}`, { ...rule })),
      ...world.markings.map((object) => record('marking', String(object['id']), { object, owner: 'hub' })),
    ],
  }); // prettier-ignore
  const directory = new Directory(store, clock);
  await directory.refresh();
  const ledger = new Ledger(store, directory, clock, silentLog);
  const audit = new Audit(store, clock, ids, silentLog);
  const intake = new Intake(store, directory, clock, silentLog, audit, new Sealer(Buffer.alloc(32, 9)));
  const routing = new Routing(store, directory, clock, silentLog, audit);
  const outcomes = new Map<string, string>();
  for (const [i, { object, by, to }] of world.sent.entries()) {
    if (i === without) continue;
    const snapshot = await directory.current();
    const principal = snapshot.principalNamed(by);
    const collection = snapshot.collections.get(to);
    if (principal === undefined || collection === undefined || !snapshot.rights(principal, collection).write)
      continue;
    const [outcome] = await intake.submit({
      actor: accountActor(principal, collection, snapshot),
      collection,
      count: 1,
      item: () => ({ text: JSON.stringify(object), value: object }),
    });
    outcomes.set(String(object['id']), outcome?.kind ?? 'none');
  }
  await routing.routeAll();
  const changes: RecordChange[] = [];
  if (world.paused !== undefined) {
    const before = await store.record('member', world.paused);
    changes.push({ kind: 'member', id: world.paused, expected: before?.revision ?? 0, document: { ...before?.document, status: 'paused' } }); // prettier-ignore
  }
  for (const group of world.leaves === undefined ? [] : ['pacson', 'circle']) {
    const before = await store.record('group', group);
    const members = ((before?.document ?? {})['members'] as string[]).filter((name) => name !== world.leaves);
    changes.push({ kind: 'group', id: group, expected: before?.revision ?? 0, document: { members } });
  }
  if (changes.length > 0) await store.commit({ records: changes });
  await directory.refresh();
  await routing.routeAll();
  const [suppressions, life] = [new Suppressions(store), new LifeSettings({})];
  const view = new ValueView(store, directory, suppressions, life, clock, silentLog);
  const search = new Search(
    store,
    directory,
    ledger,
    new CursorSeal(Buffer.alloc(32, 7), 0),
    clock,
    silentLog,
  );
  return {
    search, views: new SearchView({ store, directory, ledger, clock, index: search.index, ids: systemIds }),
    check: new ValueCheck({ directory, ledger, view, suppressions, life, clock, lists: () => Promise.resolve({ hits: () => [] }) }),
    store, directory, clock, routing, intake, ledger, audit, outcomes,
    reading: new Reading(store, directory, ledger, audit, clock, new CurrentObjects({ store, directory, clock, suppressions, life })),
    async stop() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  }; // prettier-ignore
}

async function principalOf(hub: Hub, who: string): Promise<Principal | undefined> {
  if (who === 'public') return PUBLIC;
  return (await hub.directory.current()).principalNamed(who === 'hub' ? 'analyst' : `${who}-tool`);
}

interface Seen {
  readonly view: unknown;
  readonly ids: readonly string[];
}
/** The objects that each reader gets through TAXII. Several checks of a world need it, and no check changes a collection. */
const READINGS = new WeakMap<Hub, Map<string, Promise<Seen>>>();
export function byTaxii(hub: Hub, who: string): Promise<Seen> {
  const readings = READINGS.get(hub) ?? new Map<string, Promise<Seen>>();
  READINGS.set(hub, readings);
  const seen = readings.get(who) ?? readByTaxii(hub, who);
  readings.set(who, seen);
  return seen;
}

/** Reads everything that a caller gets through TAXII: every visible collection, with every page and its date. */
async function readByTaxii(hub: Hub, who: string): Promise<Seen> {
  const principal = await principalOf(hub, who);
  if (principal === undefined) return { view: 'signed out', ids: [] };
  const view: unknown[] = [];
  const ids: string[] = [];
  for (const one of await hub.reading.visible(principal, 'main')) {
    view.push([one.collection.id, one.rights]);
    if (!one.rights.read) continue;
    const query = { after: 0, limit: 5, versions: ALL_VERSIONS };
    for (let after = 0, more = true; more;) {
      const page = await hub.reading.texts(principal, one, { ...query, after }, 'test');
      const manifest = await hub.reading.entries(principal, one, { ...query, after }, 'test');
      const objects = JSON.parse(`[${page.joined.toString()}]`) as Json[];
      expect(manifest.entries.map(({ id }) => id)).toEqual(objects.map(({ id }) => id));
      view.push([page.first, page.last, page.more, objects]);
      ids.push(...objects.map(({ id }) => String(id)));
      after = page.last;
      more = page.more;
    }
    // Objects in force are a part of what the caller reads in the collection, and have its dates.
    const inForce = await hub.reading.entries(principal, one, { after: 0, limit: 1_000, versions: ALL_VERSIONS, current: true }, 'test'); // prettier-ignore
    const shown = new Set(ids);
    expect(inForce.entries.filter(({ id }) => !shown.has(id))).toEqual([]);
    view.push(inForce.entries.map(({ id, added }) => [id, added]));
    view.push(await hub.reading.removals(principal, one, 0, 100, 'test'));
  }
  return { view, ids };
}

/** Reads what the console shows: the collections of objects, and the results of searches. */
export async function byConsole(hub: Hub, who: string, world: Plan): Promise<{ readonly view: unknown; readonly ids: readonly string[] }> {
  const principal = await principalOf(hub, who);
  if (principal === undefined) return { view: 'signed out', ids: [] };
  const view: unknown[] = [];
  const ids: string[] = [];
  for (const { object } of world.sent) {
    const { places, shown } = await hub.reading.places(principal, String(object['id']), 'test');
    view.push([places, shown]);
    if (shown !== undefined) ids.push(String(object['id']));
  }
  for (const [address] of NEAREST) {
    const { items, collections } = await hub.search.find(principal, address, 100, undefined, 'test');
    view.push([items, collections]);
    ids.push(...items.map(({ id }) => id));
    // The same query page by page. Cursors, and whether there is another page, are part of the visible result.
    const found: unknown[] = [];
    let next: string | undefined;
    do {
      const page = await hub.search.find(principal, address, 2, next, 'test');
      found.push(...page.items);
      view.push(page);
      ({ next } = page);
    } while (next !== undefined);
    expect(found).toEqual(items);
  }
  // Facets and totals count only what the reader may read, with and without a filter.
  for (const chosen of [{}, { state: ['valid'], tlp: ['amber'] }, { source: ['hub'] }])
    for (const typed of ['thing', '0.0.0.0/0']) {
      const { items, ...counts } = await hub.views.view(principal, { typed, chosen }, { offset: 0, limit: 200 }, 'test');
      view.push([items, counts]);
      ids.push(...items.map(({ id }) => id));
    }
  // The verdicts on the addresses of every indicator of the world, also of those that the reader must not know.
  const pasted = [...NEAREST.map(([address]) => address), ...world.sent.flatMap(({ object }) => addressesIn(object))];
  const verdicts = await hub.check.check(principal, pasted, 'test');
  view.push(verdicts);
  ids.push(...verdicts.items.flatMap(({ found }) => found?.object ?? []));
  return { view, ids: [...new Set(ids)] };
} // prettier-ignore

function addressesIn({ pattern }: Json): readonly string[] {
  return typeof pattern === 'string' ? [...pattern.matchAll(/'([0-9./]+)'/g)].map(([, address = '']) => address) : [];
} // prettier-ignore

/** Everything about deliveries and the review queue: readers, refusals, the queue, the audit log. */
export async function byDesk(hub: Hub, who: string): Promise<unknown> {
  const principal = await principalOf(hub, who);
  if (principal === undefined || principal.kind === 'public') return 'signed out';
  const { store, directory, ledger, audit, clock } = hub;
  const deliveries = new Deliveries(store, directory, ledger, clock);
  const red = { store: () => Promise.reject(new Error('nothing was given')) };
  const waiting = new Waiting(store, hub.intake.held, hub.intake.recovery, directory, audit, red);
  const reading = new AuditReading(store, directory, new CursorSeal(Buffer.alloc(32, 7), 0), {
    readBy: async () => () => true,
  });
  const facts: unknown[] = [];
  let after: string | undefined;
  do {
    const page = await reading.list(principal, { after }, 2);
    facts.push([page.items.map((item) => ({ ...item, fact: { ...item.fact, id: '' } })), page.next !== undefined]); // prettier-ignore
    after = page.next;
  } while (after !== undefined);
  return [
    await deliveries.lag(principal),
    await deliveries.refusals(principal, 100),
    await waiting.list(principal, 100),
    facts,
  ];
}

/**
 * Returns what channels deliver to a member from everything that it may read: whole objects, and the text of emails.
 */
async function byChannels(hub: Hub, member: string, kind: 'taxii' | 'webhook' | 'mail' | 'sentinel', every: 'now' | 'hour'): Promise<string> {
  const { store, directory, clock } = hub;
  const out: string[] = [];
  const http = {
    fetch: (request: { method?: string; body?: unknown }) => {
      const isPost = request.method === 'POST';
      if (isPost) out.push(String(request.body));
      const answer = isPost
        ? { id: uuid(1), status: 'complete', total_count: 0, success_count: 0, failure_count: 0, pending_count: 0 }
        : { id: uuid(1), title: 'Inbox', can_read: true, can_write: true, max_content_length: 1_000_000 };
      return Promise.resolve({ status: isPost ? 202 : 200, headers: { 'content-type': 'application/taxii+json;version=2.1' }, body: Readable.from([Buffer.from(JSON.stringify(answer))]), url: 'http://member.example/' });
    },
  } as unknown as HttpClient;
  const snapshot = await directory.current();
  const changes = [...snapshot.collections.keys()].map((collection, i) =>
    record('channel', `c-${kind}-${every}-${member}-${i}`, { member, kind, collection, every, secret: 'env:X', url: kind === 'mail' ? 'mailto:a@b.example' : 'http://member.example/main/collections/x/' }),
  );
  await store.commit({ records: changes });
  const channels = new Channels({
    store, directory, clock, http, log: silentLog,
    secret: () => 'whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0',
    refreshSecrets: () => Promise.resolve(),
    // The channel hands these objects over. The tests of Microsoft services show which parts are sent.
    microsoft: () => ({
      send: (_channel: unknown, entries: readonly { readonly text: string }[]) => {
        if (entries.length > 0) out.push(`{"objects":[${entries.map(({ text }) => text).join(',')}]}`);
        return Promise.resolve({ kind: 'taken', refused: [] });
      },
    }) as unknown as Microsoft,
    mail: {
      links: new AnswerLinks(Buffer.alloc(32, 7), () => 'https://hub.example', clock),
      hub: { title: 'Hub', timeZone: 'UTC', url: () => 'https://hub.example' },
      mailer: { send: (mail) => Promise.resolve(void out.push(`${mail.subject}\n${mail.text}`)) },
    },
  });
  await channels.deliverAll();
  if (every === 'hour') {
    clock.advance(3_600_001);
    await channels.deliverAll();
    clock.advance(-3_600_001);
  }
  await store.commit({ records: changes.map(({ kind: of, id }) => ({ kind: of, id, expected: 1, document: undefined })) });
  return out.join('\n');
} // prettier-ignore

/** True when the text of an email reveals anything about an object except its existence. */
function givesAway(text: string, { object }: Sent): boolean {
  const value = object['value'];
  return (
    text.includes(String(object['id'])) ||
    (typeof object['name'] === 'string' && text.includes(object['name'])) ||
    (typeof value === 'string' && text.includes(value.replaceAll('.', '[.]')))
  );
}

export type Driver = (hub: Hub, who: string, world: Plan) => Promise<(sent: Sent) => boolean>;

/**
 * Policy alone, for outlets that are not tested end to end. They must not release anything that the naive model
 * withholds.
 */
const byPolicy = (outlet: Outlet): Driver => async (hub, who, world) => {
  const lookup = new Map<string, Marking>(world.markings.map((object) => [String(object['id']), readMarking(object)]));
  const snapshot = await hub.directory.current();
  const audience: Audience = who === 'public' ? { kind: 'public' } : snapshot.audienceOfMember(who === 'hub' ? undefined : who);
  const read = new Set((await byTaxii(hub, who)).ids);
  return ({ object }) => {
    const marking = markingFacts(object, (ref) => lookup.get(ref));
    return read.has(String(object['id'])) && decide({ effective: marking.tlp ?? 'amber', marking }, audience, outlet, NOW).verdict === 'allow';
  };
}; // prettier-ignore

/** How each outlet of the table is read. A new outlet without a driver does not compile. */
export const DRIVERS: Readonly<Record<Outlet, Driver>> = {
  taxii: async (hub, who) => {
    const ids = new Set((await byTaxii(hub, who)).ids);
    return ({ object }) => ids.has(String(object['id']));
  },
  console: async (hub, who, world) => {
    const ids = new Set((await byConsole(hub, who, world)).ids);
    return ({ object }) => ids.has(String(object['id']));
  },
  push: (hub, who) => ofChannel(hub, who, 'taxii', 'now'),
  webhook: (hub, who) => ofChannel(hub, who, 'webhook', 'now'),
  mail: (hub, who) => ofChannel(hub, who, 'mail', 'now'),
  digest: (hub, who) => ofChannel(hub, who, 'mail', 'hour'),
  detection: byPolicy('detection'),
  blocking: byPolicy('blocking'),
  provider: (hub, who) => ofChannel(hub, who, 'sentinel', 'now'),
  'public-site': byPolicy('public-site'),
};

async function ofChannel(hub: Hub, who: string, kind: 'taxii' | 'webhook' | 'mail' | 'sentinel', every: 'now' | 'hour'): Promise<(sent: Sent) => boolean> {
  if (!MEMBERS.some((name) => name === who)) return () => false;
  const text = await byChannels(hub, who, kind, every);
  if (kind === 'mail') return (sent) => givesAway(text, sent);
  const ids = new Set(
    text
      .split('\n')
      .filter((line) => line !== '')
      .flatMap((line) => ((JSON.parse(line) as Json)['objects'] as Json[]).map(({ id }) => id)),
  );
  return ({ object }) => ids.has(object['id']);
} // prettier-ignore

/** All readers of a world. */
export const EVERYBODY = ['public', 'hub', ...MEMBERS];
