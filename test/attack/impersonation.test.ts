import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import type { Json } from '../support/builders.ts';
import { MEDIA } from '../support/hub.ts';
import { Random } from '../fuzz/engine.ts';
import {
  DROP,
  FIJIAN,
  ID_OF,
  SHARED,
  TONGAN,
  WORLD,
  attackedHub,
  indicator,
  items,
  type Site,
} from './site.ts';
import { THINGS } from './things.ts';

/*
 * Tonga tries to act as Fiji through every interface. Whatever it sends, no data of Fiji changes, appears,
 * disappears or becomes readable.
 */

let s: Site;
const FIJI = { created_by_ref: ID_OF.fiji };
const later = (object: Json, over: Json = {}): Json => ({
  ...object,
  modified: `2026-0${2 + ((n += 1) % 7)}-0${1 + (n % 9)}T00:00:00.000Z`,
  ...over,
});
let n = 0;
let objects: Json[] = [];
/** The collections that the hub made for members. */
const made: string[] = [];
/** A marking that Fiji's held object waits for. */
const AWAITED = `marking-definition--${randomUUID()}`;

/** Chooses among the variants of an attack. */
type Picker = Pick<Random, 'pick' | 'below'>;

/** Chooses, attempt by attempt, every combination of the choices that an attack offers. */
class Every implements Picker {
  readonly #attempt: number;
  #combinations = 1;

  constructor(attempt: number) {
    this.#attempt = attempt;
  }

  below(size: number): number {
    const chosen = Math.floor(this.#attempt / this.#combinations) % size;
    this.#combinations *= size;
    return chosen;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** True when a further attempt would repeat one. */
  get isDone(): boolean {
    return this.#attempt + 1 >= Math.min(this.#combinations, 16);
  }
}
beforeAll(async () => {
  s = await attackedHub();
  const open = [indicator('clear', FIJI), indicator('green', FIJI), indicator('amber', FIJI)];
  const hidden = [
    indicator('amber+strict', FIJI),
    indicator('amber', { ...FIJI, pattern: "[domain-name:value = 'www.gov.fj']" }),
  ];
  const dropped = [indicator('amber', FIJI), indicator('green', FIJI)];
  const waiting = indicator('green', { ...FIJI, object_marking_refs: [tlpMarkingId('green'), AWAITED] });
  objects = [...open, ...hidden, ...dropped, waiting];
  for (const [place, list] of [[SHARED, [...open, waiting]], [FIJIAN, hidden], [DROP, dropped]] as const) for (const { id } of list) home.set(id, place); // prettier-ignore
  await s.post('buoy', SHARED, ...open, waiting);
  await s.post('buoy', FIJIAN, ...hidden);
  await s.post('buoy', DROP, ...dropped);
  await THINGS.held(s, 'fiji');
  await THINGS.red(s, 'fiji');
  await THINGS.claim(s, 'fiji');
  await THINGS.share(s, 'fiji');
  await s.settle();
  for (const who of ['buoy', 'sensor', 'apia']) {
    const { body } = await s.ask(who, 'GET', '/main/collections/', undefined, { Accept: MEDIA });
    for (const { id, title } of body['collections'] as Json[])
      if (String(title).startsWith('For ')) made.push(String(id));
  }
  expect(made).toHaveLength(3);
}, 60_000);
afterAll(async () => {
  await s.stop();
});

/** The collection to which each object of Fiji was sent. */
const home = new Map<unknown, string>();
/**
 * Returns what a collection contains of Fiji: every version of its objects in the collection to which it sent
 * them, and its own texts in any collection. Objects that Tonga sends elsewhere in Fiji's name are relayed
 * objects of Tonga.
 */
const versions = (list: readonly Json[], place: string): string[] => {
  const own = new Set(objects.map((object) => JSON.stringify(object)));
  return list
    .filter((object) => home.get(object['id']) === place || own.has(JSON.stringify(object)))
    .map((object) => JSON.stringify(object))
    .toSorted();
};
const RESOURCES = [
  'held',
  'red',
  'shares',
  'keys',
  'accounts',
  'channels',
  'claims',
  'requests',
  'sessions',
  'members',
];

/** Returns all data of Fiji, as its own accounts, the hub and everybody else see it. */
async function stateOfFiji(): Promise<Record<string, unknown>> {
  const state: Record<string, unknown> = {};
  for (const who of ['buoy', 'chief', 'sensor', 'apia', undefined])
    for (const place of [SHARED, FIJIAN, TONGAN, DROP, WORLD, ...made])
      state[`${who ?? 'the public'} reads ${place}`] = versions(await s.read(who, place), place);
  for (const resource of RESOURCES)
    state[`desk lists ${resource}`] = items(await s.api('desk', 'GET', `/${resource}?limit=1000`)).map(
      (item) =>
        JSON.stringify({ ...item, last_used: undefined, last_client: undefined, last_read: undefined }),
    );
  const members = await s.api('chief', 'GET', '/members/fiji');
  state['the member'] = members.text;
  return state;
}

/** The interfaces that Tonga can use, each aimed at one of Fiji's objects. */
const DOORS: Readonly<Record<string, (of: Json, random: Picker) => Promise<unknown>>> = {
  'a later version under its identity': (of, random) =>
    s.post(
      'sensor',
      random.pick([SHARED, TONGAN, DROP]),
      later(of, {
        object_marking_refs: [tlpMarkingId(random.pick(['clear', 'green', 'amber', 'amber+strict', 'red']))],
      }),
    ),
  'a revoked version': (of, random) =>
    s.post('sensor', random.pick([SHARED, TONGAN, DROP]), later(of, { revoked: true })),
  'the same version with other content': (of, random) =>
    s.post('sensor', random.pick([SHARED, DROP]), { ...of, name: 'Other' }),
  'an earlier version': (of) =>
    s.post('sensor', SHARED, {
      ...of,
      created: '2020-01-01T00:00:00.000Z',
      modified: '2020-01-01T00:00:00.000Z',
    }),
  'published by the API': (of, random) =>
    s.api('moana', 'POST', `/collections/${random.pick(['shared', 'tongan', 'drop'])}/objects`, {
      objects: [later(of, { object_marking_refs: [tlpMarkingId('clear')] })],
    }),
  'a new object in its name': (_of, random) =>
    s.post('sensor', random.pick([SHARED, DROP]), indicator('clear', FIJI)),
  'a marking definition in its name': (of) =>
    s.post('sensor', SHARED, {
      type: 'marking-definition',
      spec_version: '2.1',
      id: `marking-definition--${randomUUID()}`,
      created: '2026-01-01T00:00:00.000Z',
      created_by_ref: ID_OF.fiji,
      definition_type: 'statement',
      definition: { statement: `Anything goes for ${String(of['id'])}` },
    }),
  'the definition that its object waits for': () =>
    s.post('sensor', SHARED, {
      type: 'marking-definition',
      spec_version: '2.1',
      id: AWAITED,
      created: '2026-01-01T00:00:00.000Z',
      created_by_ref: ID_OF.fiji,
      definition_type: 'statement',
      definition: { statement: 'Anything goes' },
    }),
  // The sighting is routed to Tonga, where the object was seen. The objects that it names must not be.
  'a forged sighting': (of, random) => {
    const common = { spec_version: '2.1', created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z', ...FIJI, object_marking_refs: [tlpMarkingId('green')] }; // prettier-ignore
    const seen = { type: 'domain-name', spec_version: '2.1', id: `domain-name--${randomUUID()}`, value: 'www.gov.to', object_marking_refs: [tlpMarkingId('green')] }; // prettier-ignore
    const observed = { type: 'observed-data', id: `observed-data--${randomUUID()}`, ...common, first_observed: '2026-01-01T00:00:00Z', last_observed: '2026-01-01T00:00:00Z', number_observed: 1, object_refs: [seen.id] }; // prettier-ignore
    const sighting = { type: 'sighting', id: `sighting--${randomUUID()}`, ...common, sighting_of_ref: of['id'], observed_data_refs: [observed.id], where_sighted_refs: [ID_OF.tonga] }; // prettier-ignore
    return s.post('sensor', random.pick([SHARED, DROP]), seen, observed, sighting);
  },
  'a forged report': (of) =>
    s.post('sensor', SHARED, {
      type: 'report',
      spec_version: '2.1',
      id: `report--${randomUUID()}`,
      created: '2026-01-01T00:00:00.000Z',
      modified: '2026-01-01T00:00:00.000Z',
      ...FIJI,
      name: 'Forged',
      published: '2026-01-01T00:00:00Z',
      object_refs: [of['id']],
      object_marking_refs: [tlpMarkingId('clear')],
    }),
  'another identity of Fiji': () =>
    s.post('sensor', SHARED, {
      type: 'identity',
      spec_version: '2.1',
      id: ID_OF.fiji,
      created: '2026-01-01T00:00:00.000Z',
      modified: '2026-05-05T00:00:00.000Z',
      name: 'Not Fiji',
      identity_class: 'organization',
      object_marking_refs: [tlpMarkingId('clear')],
    }),
  'an end by DELETE': async (of, random) =>
    s.ask(
      'sensor',
      'DELETE',
      `/main/collections/${random.pick([SHARED, FIJIAN, DROP])}/objects/${String(of['id'])}/`,
      undefined,
      { Accept: MEDIA },
    ),
  'a revocation': (of) => s.api('moana', 'POST', `/objects/${String(of['id'])}/revocation`),
  'a deadline': (of) =>
    s.api('moana', 'PUT', `/objects/${String(of['id'])}/deadline`, {
      until: new Date(Date.now() + 86_400_000).toISOString(),
    }),
  'its review queue': async () => {
    for (const { id } of items(await s.api('chief', 'GET', '/held?limit=1000'))) {
      const held = await s.api('chief', 'GET', `/held/${String(id)}`);
      if (held.text.includes('sensor') || held.text.includes('moana')) continue;
      await s.api('moana', 'POST', `/held/${String(id)}/release`, {});
      await s.api('moana', 'POST', `/held/${String(id)}/discard`, { reason: 'x' });
      await s.api('moana', 'POST', `/held/${String(id)}/give`, { to: ['moana'] });
    }
  },
  'its TLP:RED': async () => {
    for (const { id } of items(await s.api('desk', 'GET', '/red'))) {
      await s.api('moana', 'GET', `/red/${String(id)}`);
      await s.api('moana', 'DELETE', `/red/${String(id)}`);
    }
  },
  'its shares': async () => {
    for (const { id } of items(await s.api('desk', 'GET', '/shares')))
      await s.api('moana', 'POST', `/shares/${String(id)}/answer`, { verdict: 'granted' });
  },
  'its claims, requests and settings': async () => {
    await s.api('moana', 'POST', '/members/fiji/claims', { type: 'domain', value: 'gov.fj' });
    await s.api('moana', 'POST', '/members/fiji/requests', { identities: [ID_OF.tonga] });
    await s.api('moana', 'PATCH', '/members/fiji', { status: 'paused' });
    for (const { id } of items(await s.api('desk', 'GET', '/claims')))
      await s.api('moana', 'POST', `/claims/${String(id)}/decision`, { verdict: 'rejected' });
  },
  'its accounts and keys': async () => {
    for (const account of ['desk', 'buoy']) {
      await s.api('moana', 'POST', '/keys', { account });
      await s.api('moana', 'POST', '/keys', { account, member: 'tonga' });
      await s.api('moana', 'POST', `/accounts/${account}/invitation`);
      await s.api('moana', 'PATCH', `/accounts/${account}`, { disabled: true });
      await s.api('moana', 'DELETE', `/accounts/${account}`);
    }
    await s.api('moana', 'POST', '/accounts', {
      name: `tonga-spy-${(n += 1)}`,
      role: 'officer',
      member: 'fiji',
    });
    for (const { id } of items(await s.api('desk', 'GET', '/keys'))) {
      await s.api('moana', 'POST', `/keys/${String(id)}/rotation`, {});
      await s.api('moana', 'DELETE', `/keys/${String(id)}`);
    }
  },
  'a channel for it': () =>
    s.api('moana', 'POST', '/channels', {
      name: `tap-${(n += 1)}`,
      member: 'fiji',
      kind: 'webhook',
      url: 'https://hook.example/x',
      secret: 'secret:x',
    }),
  'asking for its identity': () =>
    s.api('moana', 'POST', '/members/tonga/requests', { identities: [ID_OF.tonga, ID_OF.fiji] }),
};

describe('Tonga acting as Fiji', () => {
  test.each(Object.keys(DOORS))(
    'fails with %s',
    async (door) => {
      const before = await stateOfFiji();
      for (const object of objects)
        for (let attempt = 0; ; attempt++) {
          const every = new Every(attempt);
          await DOORS[door]?.(object, every);
          if (every.isDone) break;
        }
      await s.settle();
      expect(await stateOfFiji()).toEqual(before);
    },
    60_000,
  );

  test.each([1, 2, 3, 4])(
    'fails with any series of these (seed %i)',
    async (seed) => {
      const before = await stateOfFiji();
      const random = new Random(seed * 7_919);
      for (let step = 0; step < 25; step++) {
        await DOORS[random.pick(Object.keys(DOORS))]?.(random.pick(objects), random);
        if (random.below(8) === 0) await s.settle();
      }
      await s.settle();
      expect(await stateOfFiji()).toEqual(before);
    },
    60_000,
  );

  test("a rule for objects of Fiji does not forward objects that Tonga sends in Fiji's name", async () => {
    const forged = indicator('clear', FIJI);
    await s.post('sensor', DROP, forged);
    await s.settle();
    expect((await s.read(undefined, WORLD)).map(({ id }) => id)).not.toContain(forged['id']);
    const own = indicator('clear', FIJI);
    await s.post('buoy', DROP, own);
    await s.settle();
    expect((await s.read(undefined, WORLD)).map(({ id }) => id)).toContain(own['id']);
  });

  test('two members share a marking definition that both send, and no object of the second stays on hold', async () => {
    const definition = {
      type: 'marking-definition',
      spec_version: '2.1',
      id: `marking-definition--${randomUUID()}`,
      created: '2026-01-01T00:00:00.000Z',
      created_by_ref: 'identity--c78cb6e5-0c4b-4611-8297-d1b8b55e40b5',
      definition_type: 'statement',
      definition: { statement: 'Copyright of a third party' },
    };
    await s.post('sensor', SHARED, definition);
    await s.post('buoy', SHARED, definition);
    const marked = indicator('green', { object_marking_refs: [tlpMarkingId('green'), definition.id] });
    await s.post('buoy', SHARED, marked);
    await s.settle();
    expect((await s.read('sensor', SHARED)).map(({ id }) => id)).toContain(marked['id']);
    // A different definition under the same id changes nothing that is stored.
    await s.post('sensor', SHARED, { ...definition, definition: { statement: 'Something else' } });
    await s.settle();
    expect((await s.read('sensor', SHARED)).map(({ id }) => id)).toContain(marked['id']);
  });
});
