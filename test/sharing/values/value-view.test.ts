import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { systemClock } from '../../../src/kernel/clock.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { currentValue, type CurrentValue } from '../../../src/sharing/values/current.ts';
import { allIn, rowOfName, namesOfRow, type ValueRow } from '../../../src/sharing/values/contribution.ts';
import { DEFAULT_LIFETIMES, LifeSettings, Lifetimes } from '../../../src/sharing/values/life.ts';
import { Suppressions } from '../../../src/sharing/suppression/suppressed-values.ts';
import { ValueView } from '../../../src/sharing/values/value-view.ts';
import { VALUE_TYPES, readableObserved } from '../../../src/stix/values/observed-values.ts';
import {
  ALL_VERSIONS,
  LAST_VERSION,
  allEntries,
  oneVersion,
  type Batch,
  type Store,
} from '../../../src/store/store.ts';
import { aCandidate, anIndicator, type Json } from '../../support/builders.ts';
import { SETTINGS, testHub, type TestHub } from '../../support/hub.ts';

let t: TestHub;
let view: ValueView;
const viewOf = (store: Store): ValueView =>
  new ValueView(
    store,
    t.hub.directory,
    new Suppressions(store),
    new LifeSettings({}),
    systemClock,
    silentLog,
  );
beforeAll(async () => {
  t = await testHub(SETTINGS);
  view = viewOf(t.hub.store);
});
afterAll(async () => {
  await t.stop();
});

const NOW = Date.parse('2026-11-29T12:00:00Z');
const DAY = 86_400_000;
let made = 0;
/** Each history has a collection of its own. */
const newCollection = (): string => `aaaaaaaa-0000-4000-8000-${String(++made).padStart(12, '0')}`;

const store = (collection: string, object: Json, owner = 'hub') =>
  t.hub.store.commit({ placements: [{ collection, candidates: [aCandidate(object, { owner })] }] });

async function follow(collection: string): Promise<void> {
  for (let i = 0; i < 100 && !(await view.catchUp(collection)).complete; i++);
  expect((await view.head(collection)).complete).toBe(true);
}

async function rows(collection: string): Promise<readonly ValueRow[]> {
  const found: ValueRow[] = [];
  for await (const some of view.rows(collection, VALUE_TYPES)) found.push(...some);
  return found;
}

/** The view: the state of each value, by its name. */
async function seen(collection: string, life = DEFAULT_LIFETIMES): Promise<Record<string, unknown>> {
  const byValue = new Map<string, ValueRow[]>();
  for (const row of await rows(collection)) {
    const key = `${row.type} ${readableObserved(row)}`;
    byValue.set(key, [...(byValue.get(key) ?? []), row]);
  }
  return Object.fromEntries(
    [...byValue].map(([key, [first, ...more]]) => {
      if (first === undefined) throw new Error('a value has a row');
      return [
        key,
        shown(
          currentValue(
            first,
            [first, ...more].map((row) => row.contribution),
            NOW,
            life,
          ),
        ),
      ];
    }),
  );
}

const shown = ({ state, confidence, firstSeen, lastSeen, validUntil, sources }: CurrentValue): unknown => ({
  state,
  confidence,
  firstSeen,
  lastSeen,
  validUntil,
  sources,
});

const PATTERNS: Readonly<Record<string, readonly string[]>> = {
  "[domain-name:value = 'a.reef.net']": ['domain a.reef.net'],
  "[domain-name:value = 'A.reef.net.']": ['domain a.reef.net'],
  "[domain-name:value = 'a.reef.net' OR domain-name:value = 'b.reef.net']": ['domain a.reef.net', 'domain b.reef.net'],
  "[ipv4-addr:value = '192.0.2.7'] OR [domain-name:value = 'b.reef.net']": ['ipv4 192.0.2.7', 'domain b.reef.net'],
  "[ipv4-addr:value ISSUBSET '192.0.2.0/24']": ['ipv4 192.0.2.0/24'],
  "[ipv4-addr:value IN ('192.0.2.7', '192.0.2.8')]": ['ipv4 192.0.2.7', 'ipv4 192.0.2.8'],
}; // prettier-ignore
interface Life {
  readonly days?: number;
  readonly decay?: number;
  readonly threshold?: number;
}
/** The settings of the hub and of the feed 1, for domains and addresses. */
interface Lives {
  readonly hub: { domain?: Life; ip?: Life };
  readonly feed: { domain?: Life; ip?: Life };
}
const LIFE = { domain: { days: 60, decay: 3, threshold: 0 }, ip: { days: 14, decay: 2, threshold: 0 } };
const lifeOf = ({ hub, feed }: Lives): Lifetimes => new Lifetimes({ hub, feeds: { 'feed:1': feed } });

/**
 * Returns the content that the view must have, computed from the newest versions in the collection in the most direct
 * way.
 */
async function naive(collection: string, lives: Lives): Promise<Record<string, unknown>> {
  const entries = await allEntries(t.hub.store, { collection, after: 0, limit: 1_000, versions: LAST_VERSION });
  const found: Record<string, { object: Json; owner: string; end: number; state: string }[]> = {};
  for (const { text = '', owner } of entries) {
    const object = JSON.parse(text) as Json;
    for (const name of PATTERNS[String(object['pattern'])] ?? []) {
      const [modified, from] = [Date.parse(String(object['modified'])), Date.parse(String(object['valid_from']))];
      const given = object['valid_until'] as string | undefined;
      const kind = name.startsWith('domain') ? 'domain' : 'ip';
      const { days, decay, threshold } = { ...LIFE[kind], ...lives.hub[kind], ...(owner === 'feed:1' ? lives.feed[kind] : {}) };
      const base = Number(object['confidence'] ?? 50);
      const life = threshold === 0 ? days * DAY : base <= threshold ? 0 : days * DAY * Math.pow(1 - threshold / base, decay);
      const end = given === undefined ? Math.max(modified, from) + Math.floor(life) : Date.parse(given);
      const state = object['revoked'] === true ? 'withdrawn' : end <= NOW ? 'expired' : from > NOW ? 'pending' : 'active'; // prettier-ignore
      (found[name] ??= []).push({ object, owner, end, state });
    }
  }
  return Object.fromEntries(
    Object.entries(found).map(([name, all]) => {
      const state = ['active', 'pending', 'expired', 'withdrawn'].find((one) => all.some((each) => each.state === one));
      const some = all.filter((one) => one.state === state);
      const time = (key: string, { object }: { object: Json }): number => Date.parse(String(object[key]));
      const confidences = some.flatMap(({ object }) => (object['confidence'] === undefined ? [] : [Number(object['confidence'])]));
      return [
        name,
        {
          state,
          confidence: confidences.length === 0 ? undefined : confidences.reduce((a, b) => Math.max(a, b)),
          firstSeen: Math.min(...some.map((one) => time('valid_from', one))),
          lastSeen: Math.max(...some.map((one) => Math.max(time('valid_from', one), time('modified', one)))),
          validUntil: Math.max(...some.map(({ end }) => end)),
          sources: new Set(some.map(({ owner }) => owner)).size,
        },
      ];
    }),
  );
} // prettier-ignore

const iso = (days: number): string => new Date(NOW + days * DAY).toISOString();
const ID = fc.integer({ min: 0, max: 4 });
const change = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('store' as const),
      id: ID,
      version: fc.integer({ min: 0, max: 6 }),
      pattern: fc.constantFrom(...Object.keys(PATTERNS)),
      revoked: fc.boolean(),
      from: fc.integer({ min: -80, max: 5 }),
      until: fc.option(fc.integer({ min: 6, max: 40 }), { nil: undefined }),
      over: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
      confidence: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), id: ID }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove one' as const), id: ID, version: fc.integer({ min: 0, max: 6 }) }) }, // prettier-ignore
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('follow' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rebuild' as const) }) },
);
const idOf = (id: number): string => `indicator--00000000-0000-4000-8000-00000000000${id}`;
const versionOf = (version: number): string => iso(-70 + version * 10);

const someLife = fc.record({ days: fc.integer({ min: 1, max: 90 }), decay: fc.constantFrom(0.5, 1, 3), threshold: fc.constantFrom(0, 20, 60) }, { requiredKeys: [] }); // prettier-ignore
const someLives = fc.record({ domain: someLife, ip: someLife }, { requiredKeys: [] });

test('the view equals a direct computation after every history of versions, revocations, removals and rebuilds, with any lifetimes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { maxLength: 25 }),
      fc.record({ hub: someLives, feed: someLives }),
      async (history, lives) => {
        const collection = newCollection();
        for (const step of history) {
          if (step.kind === 'follow') await view.catchUp(collection);
          else if (step.kind === 'rebuild') await view.rebuild(collection);
          else if (step.kind === 'store') {
            const { version, pattern, revoked, confidence, from, until, over } = step;
            const object = anIndicator({
              id: idOf(step.id),
              created: versionOf(0),
              modified: versionOf(version),
              valid_from: iso(from),
              valid_until:
                until !== undefined ? iso(until) : over === undefined ? undefined : iso(from + over),
              pattern,
              revoked: revoked ? true : undefined,
              confidence,
            });
            await store(collection, object, `feed:${step.id % 2}`);
          } else {
            const versions = step.kind === 'remove' ? ALL_VERSIONS : oneVersion(versionOf(step.version));
            await t.hub.store.remove({ collection, id: idOf(step.id), versions });
          }
        }
        await follow(collection);
        expect(await seen(collection, lifeOf(lives))).toEqual(await naive(collection, lives));
      },
    ),
    { numRuns: 60 },
  );
});

test('a row that a killed process left without the rest of its step is found and removed', async () => {
  const collection = newCollection();
  const object = anIndicator({ pattern: "[domain-name:value = 'x.reef.net']" });
  await store(collection, object);
  // The process ends before each commit of the view in turn.
  for (const most of [0, 1]) {
    let commits = 0;
    const failing = new Proxy(t.hub.store, {
      get: (target, name: keyof Store) =>
        name === 'commit'
          ? (batch: Batch) => (++commits > most ? Promise.reject(new Error('killed')) : target.commit(batch))
          : target[name],
    });
    const killed = viewOf(failing);
    await expect(killed.catchUp(collection)).rejects.toThrow('killed');
  }
  await t.hub.store.remove({ collection, id: String(object['id']), versions: ALL_VERSIONS });
  await follow(collection);
  expect(await rows(collection)).toEqual([]);
  expect(await t.hub.store.names({ ranges: allIn(collection), limit: 9 })).toEqual([]);
});

test('a rebuild keeps nothing that does not follow from the entries', async () => {
  const collection = newCollection();
  await store(collection, anIndicator({ pattern: "[domain-name:value = 'kept.reef.net']" }));
  await follow(collection);
  const [row] = await rows(collection);
  if (row === undefined) throw new Error('the view has a row');
  await t.hub.store.commit({
    names: [...namesOfRow({ ...row, value: 'net.reef.stray.' }, { collection, added: 1 })],
  });
  expect(Object.keys(await seen(collection))).toEqual(['domain kept.reef.net', 'domain stray.reef.net']);
  await view.rebuild(collection);
  expect((await view.head(collection)).complete).toBe(false);
  await follow(collection);
  expect(Object.keys(await seen(collection))).toEqual(['domain kept.reef.net']);
});

test('a stored row keeps all its facts, whatever its labels contain', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), fc.string(), (labels, owner) => {
      const contribution = {
        id: 'indicator--1', owner, level: 2, modified: 5, from: 6, until: undefined, confidence: 0,
        revoked: false, attributed: true, markings: ['marking-definition--1'], labels,
      }; // prettier-ignore
      const row: ValueRow = { type: 'url', value: 'http://reef.net/a?b', contribution };
      const [name, back] = namesOfRow(row, { collection: 'c', added: 1 });
      expect(name.value.includes('\n') || back.value.includes('\n')).toBe(false);
      expect(rowOfName(name)).toEqual(row);
    }),
  );
});
