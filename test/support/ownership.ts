import { randomUUID } from 'node:crypto';
import { tlpMarkingId, type Tlp } from '../../src/stix/markings.ts';
import { observableId } from '../../src/stix/identifiers.ts';
import { ALL_VERSIONS } from '../../src/store/store.ts';
import { anIndicator, type Json } from './builders.ts';
import { TestClock } from './clock.ts';
import { objectsOf, testHub, type TestHub } from './hub.ts';
import type { Random } from './simulation.ts';

export type { Json } from './builders.ts';

export const MEMBERS = ['tonga', 'fiji', 'samoa'] as const;
type Member = (typeof MEMBERS)[number];

const uuid = (n: number): string => `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
/** Samoa uses the identity that the hub creates for it. */
const IDENTITY: Readonly<Partial<Record<Member, string>>> = { tonga: `identity--${uuid(1)}`, fiji: `identity--${uuid(2)}` }; // prettier-ignore
const NETWORK: Readonly<Record<Member, string>> = {
  tonga: '203.0.113',
  fiji: '192.0.2',
  samoa: '198.51.100',
};

/**
 * Collections: one that all members read and write, a hidden one that all members write, one of B alone, and
 * the target of rules that forward objects by owner.
 */
const [SHARED, DROP, ALONE, PASSED, OPEN] = [11, 12, 13, 14, 15].map(uuid) as [string, string, string, string, string]; // prettier-ignore
/** Marking definitions of B, of nobody, and of the hub. */
export const MARKING_IDS = [21, 22, 23].map((n) => `marking-definition--${uuid(n)}`);

export interface World {
  readonly hub: TestHub;
  readonly a: Member;
  readonly b: Member;
  readonly identity: string;
  readonly clock: TestClock;
}

/** A hub with three members, whose service accounts and officers have the usual rights. */
export async function openWorld(a: Member, b: Member): Promise<World> {
  const clock = new TestClock();
  const all = MEMBERS.map((name) => `{ to: "member:${name}", read: true, write: true }`).join(', ');
  const blind = MEMBERS.map((name) => `{ to: "member:${name}", write: true }`).join(', ');
  const rules = MEMBERS.map(
    (name) => `  - { name: of-${name}, from: shared, to: passed, owners: [${name}] }`,
  );
  const uri = (process.env['MONGODB_TEST_URI'] ?? '').replace(/\/+$/, '');
  const hub = await testHub(
    `
api_roots: [{ path: main, title: Main }]
collections:
  - { id: ${SHARED}, api_root: main, alias: shared, title: Shared, grants: [${all}, { to: "role:analyst", read: true, write: true }] }
  - { id: ${DROP}, api_root: main, alias: drop, title: Drop box, grants: [${blind}, { to: "role:analyst", read: true, write: true }] }
  - { id: ${ALONE}, api_root: main, alias: alone, title: Alone, grants: [{ to: "member:${b}", read: true, write: true }] }
  - { id: ${PASSED}, api_root: main, alias: passed, title: Passed, max_tlp: green, grants: [{ to: "role:machine", read: true }] }
  - { id: ${OPEN}, api_root: main, alias: open, title: Open, max_tlp: clear, grants: [{ to: public, read: true }, ${all}] }
members:
${MEMBERS.map((name) => `  - { name: ${name}, ${IDENTITY[name] === undefined ? '' : `identities: ["${IDENTITY[name]}"], `}networks: [${NETWORK[name]}.0/24], collection: true }`).join('\n')}
accounts:
${MEMBERS.map((name) => `  - { name: ${name}-tool, role: machine, member: ${name}, key_env: KEY_${name.toUpperCase()}_TOOL }\n  - { name: ${name}-desk, role: officer, member: ${name}, key_env: KEY_${name.toUpperCase()}_DESK }`).join('\n')}
  - { name: chief, role: administrator, person: true, key_env: KEY_CHIEF }
  - { name: analyst, role: analyst, person: true, key_env: KEY_ANALYST }
rules:
${rules.join('\n')}
`,
    { clock },
    {},
    uri === '' ? {} : { MONGODB_URI: `${uri}/ownership-${randomUUID().slice(0, 8)}` },
  );
  const identity = (await hub.hub.directory.current()).members.get(b)?.identities[0] ?? '';
  return { hub, a, b, identity, clock };
}

/** The objects of B by kind, and a text that occurs only in the hidden ones. */
export interface Things {
  readonly objects: readonly Json[];
  readonly secret: string;
}

const AT = '2026-01-01T00:00:00.000Z';
const later = (object: Json, day: number): Json => ({ ...object, modified: `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z` }); // prettier-ignore
const marking = (n: number, definition_type: string, definition: Json): Json => ({ type: 'marking-definition', spec_version: '2.1', id: MARKING_IDS[n], created: AT, definition_type, definition }); // prettier-ignore

/** B submits objects of every kind, some of them to collections that nobody else reads. */
export async function seeded({ hub, a, b, identity }: World, random: Random): Promise<Things> {
  const secret = `secret-${randomUUID()}`;
  const tool = hub.as(`${b}-tool`);
  const levels: readonly Tlp[] = ['clear', 'green', 'amber', 'amber+strict'];
  const objects: Json[] = [];
  const send = async (where: string, ...list: Json[]): Promise<void> => {
    const { body } = await tool.post(objectsOf(where), { objects: list });
    if (where === OPEN && (body as Json)['failure_count'] !== 0) throw new Error(JSON.stringify(body));
    objects.push(...list);
  };
  const indicator = (tlp: Tlp, over: Json = {}): Json =>
    anIndicator({ created_by_ref: identity, object_marking_refs: [tlpMarkingId(tlp)], ...over });
  // The hub knows one definition. B has submitted another, and objects of B wait for a third.
  await hub.as('analyst').post(objectsOf(SHARED), { objects: [marking(2, 'pap', { pap: 'green' })] });
  await send(SHARED, marking(0, 'statement', { statement: 'Copyright' }));
  for (const where of [SHARED, DROP, ALONE]) {
    const hidden = where === SHARED ? {} : { name: secret };
    const one = indicator(random.pick(levels), hidden);
    await send(where, one, ...(random.chance(0.6) ? [later(one, 3)] : []));
    await send(where, indicator(random.pick(levels), { ...hidden, pattern: `[ipv4-addr:value = '${NETWORK[random.pick(MEMBERS.filter((name) => name !== a))]}.7']` })); // prettier-ignore
    await send(
      where,
      indicator('green', { ...hidden, object_marking_refs: [tlpMarkingId('green'), MARKING_IDS[0]] }),
    );
    await send(
      where,
      indicator('green', { ...hidden, object_marking_refs: [tlpMarkingId('green'), MARKING_IDS[1]] }),
    );
    await send(where, indicator('red', { ...hidden, object_marking_refs: [tlpMarkingId('red')] }));
  }
  const value = `10.1.1.${random.below(200)}`;
  const address = { type: 'ipv4-addr', spec_version: '2.1', id: observableId({ type: 'ipv4-addr', value }), value, object_marking_refs: [tlpMarkingId('amber')] }; // prettier-ignore
  await send(ALONE, address, { type: 'observed-data', spec_version: '2.1', id: `observed-data--${randomUUID()}`, created: AT, modified: AT, created_by_ref: identity, first_observed: AT, last_observed: AT, number_observed: 1, object_refs: [address.id], object_marking_refs: [tlpMarkingId('amber')] }); // prettier-ignore
  await send(OPEN, indicator('clear'));
  await send(DROP, { type: 'identity', spec_version: '2.1', id: identity, created: AT, modified: '2026-06-01T00:00:00.000Z', name: secret, identity_class: 'organization', object_marking_refs: [tlpMarkingId('amber')] }); // prettier-ignore
  return { objects, secret };
}

/** Waits until the hub has finished its automatic work. */
export async function settle({ hub, clock }: World): Promise<void> {
  await hub.hub.routing.routeAll();
  clock.advance(61_000);
  await hub.hub.housekeeping.tidy();
  await hub.hub.directory.refresh();
  await hub.hub.routing.routeAll();
}

/** One action of A, and the response to it. */
export async function act(
  { hub, a, b, identity }: World,
  { objects, secret }: Things,
  random: Random,
): Promise<{ readonly told: Json; readonly answer: string }> {
  const target = random.pick(objects.filter(({ type }) => type !== 'marking-definition'));
  const marks = (): Json => (random.chance(0.2) ? { object_marking_refs: undefined, labels: ['tlp:red'] } : { object_marking_refs: [tlpMarkingId(random.pick(['clear', 'green', 'amber', 'amber+strict', 'red'] as const)), ...(random.chance(0.3) ? [random.pick(MARKING_IDS)] : [])] }); // prettier-ignore
  const creator = (): Json => ({ created_by_ref: random.chance(0.75) ? identity : random.chance(0.5) ? IDENTITY[a] : undefined }); // prettier-ignore
  const naming: Json = { spec_version: '2.1', created: AT, modified: AT, ...creator() };
  const about = `[ipv4-addr:value = '${NETWORK[a]}.9']`;
  // An account that cannot read the object knows its id at most.
  const known: Json = JSON.stringify(target).includes(secret)
    ? { ...anIndicator({ id: target['id'], type: target['type'] }) }
    : target;
  const forgeries: readonly (() => Json)[] = [
    () => ({ ...later(known, 4 + random.below(20)), ...marks(), ...creator() }),
    () => ({ ...later(known, 4 + random.below(20)), ...marks(), ...creator(), pattern: about }),
    () => ({ ...known, name: 'other content', ...marks(), ...creator() }),
    () => ({ ...later(known, 28), revoked: true, ...creator() }),
    () => known,
    () => anIndicator({ ...creator(), ...marks(), pattern: about }),
    () =>
      marking(random.below(3), 'statement', {
        statement: random.pick(['Copyright', 'TLP:CLEAR', 'PAP:CLEAR']),
      }),
    () => ({ ...marking(random.below(3), 'iep', { tlp: 'clear', end_date: AT }), created_by_ref: identity }),
    () => ({ type: 'sighting', id: `sighting--${randomUUID()}`, ...naming, sighting_of_ref: target['id'], where_sighted_refs: [identity], labels: ['country:TO'], ...marks() }), // prettier-ignore
    () => ({ type: 'report', id: `report--${randomUUID()}`, ...naming, name: 'r', published: AT, object_refs: objects.slice(0, 20).map(({ id }) => id), ...marks() }), // prettier-ignore
    () => ({ type: 'identity', id: identity, ...naming, modified: `2026-0${1 + random.below(9)}-01T00:00:00.000Z`, name: `not ${b}`, identity_class: 'organization', ...marks() }), // prettier-ignore
  ];
  const forged = JSON.parse(JSON.stringify(random.pick(forgeries)())) as Json;
  const list = [
    forged,
    ...(random.chance(0.3) ? [JSON.parse(JSON.stringify(random.pick(forgeries)())) as Json] : []),
  ];
  const where = random.pick([SHARED, SHARED, DROP, DROP, OPEN, ALONE, PASSED]);
  const tool = hub.as(`${a}-tool`);
  const id = encodeURIComponent(String(target['id']));
  const doors: readonly (readonly [name: string, go: () => Promise<string>])[] = [
    ['taxii', async () => (((await tool.post(objectsOf(where), { objects: list })).body as Json)['success_count'] === 0 ? 'refused' : 'stored')],
    ['taxii', async () => (((await tool.post(objectsOf(where), { objects: list })).body as Json)['success_count'] === 0 ? 'refused' : 'stored')],
    ['api', async () => outcomeOf((await hub.api(`${a}-desk`, 'POST', `/collections/${where}/objects`, { objects: list })).body)],
    ['on behalf', async () => String((await hub.api(`${a}-desk`, 'POST', `/collections/${where}/objects`, { objects: list, on_behalf_of: b })).status)],
    ['delete', async () => String((await tool.delete(`${objectsOf(where)}${id}/`)).status)],
    ['revoke', async () => String((await hub.api(`${a}-desk`, 'POST', `/objects/${id}/revocation`, {})).status)],
    ['deadline', async () => String((await hub.api(`${a}-desk`, 'PUT', `/objects/${id}/deadline`, { until: '2026-02-01T00:00:00Z' })).status)],
    ['release', async () => {
      // Hub staff release all held objects of A unchanged.
      const { body } = await hub.api('analyst', 'GET', '/held?limit=1000');
      const mine = (body['items'] as Json[]).filter(({ submitter }) => String(submitter).startsWith(a));
      for (const { id: held } of mine) await hub.api('analyst', 'POST', `/held/${String(held)}/release`, {});
      return 'released';
    }],
  ]; // prettier-ignore
  const [name, go] = random.pick(doors);
  return { told: { door: name, where, list }, answer: await go() };
}

function outcomeOf(body: Json): string {
  const [first] = (body['items'] ?? []) as readonly { readonly outcome: string }[];
  return first?.outcome ?? 'refused';
}

/** Returns what is stored for B, what is on hold, the meaning of its markings, and the readers of hidden objects. */
export interface State {
  readonly entries: readonly string[];
  readonly held: readonly string[];
  readonly meanings: readonly (readonly [id: string, meaning: unknown])[];
  readonly readers: readonly string[];
}

export async function stateOf({ hub, b }: World, { secret }: Things): Promise<State> {
  const { store, directory } = hub.hub;
  const snapshot = await directory.refresh();
  const entries: string[] = [];
  const readers = new Set<string>();
  const people = [...MEMBERS.flatMap((name) => [`${name}-tool`, `${name}-desk`]), 'public'];
  for (const collection of snapshot.collections.values()) {
    const page = await store.entries(
      { collection: collection.id, after: 0, limit: 5_000, versions: ALL_VERSIONS, specs: ['2.0', '2.1'] },
      true,
    );
    for (const { text = '', ...facts } of page.entries) {
      if (facts.owner === b) entries.push(`${collection.title} ${JSON.stringify({ ...facts, oldest: undefined })} ${text}`);
      if (!text.includes(secret)) continue;
      for (const who of people) {
        const principal = who === 'public' ? ({ kind: 'public' } as const) : snapshot.principal(who);
        if (principal !== undefined && snapshot.rights(principal, collection).read) readers.add(`${who} ${facts.id} ${facts.version}`);
      }
    }
  } // prettier-ignore
  const held = (await store.held({ limit: 1_000 })).filter(({ owner }) => owner === b);
  return {
    entries: entries.toSorted((one, other) => (one < other ? -1 : 1)),
    held: held
      // The id is derived from the submitter, the collection and the text.
      .map(({ objectId, id, reason }) => `${objectId} ${id} ${reason}`)
      .toSorted((one, other) => (one < other ? -1 : 1)),
    meanings: MARKING_IDS.map((id) => [id, snapshot.marking(id, b)] as const),
    readers: [...readers].toSorted((one, other) => (one < other ? -1 : 1)),
  };
}
