import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OPERATOR } from '../../../src/access/principal.ts';
import { bucketOf } from '../../../src/sharing/scorecards/counting.ts';
import { SCORE_DAYS } from '../../../src/sharing/scorecards/model.ts';
import { ALL_VERSIONS } from '../../../src/store/store.ts';
import { aCandidate, anIndicator, type Json } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';
import { MAIN, OPEN, SETTINGS, testHub, type TestHub } from '../../support/hub.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-29T12:00:00Z');
let t: TestHub;
let clock: TestClock;
beforeAll(async () => {
  clock = new TestClock('2026-11-29T12:00:00Z');
  t = await testHub(SETTINGS, { clock });
});
afterAll(async () => {
  await t.stop();
});

interface Seen {
  readonly value: string;
  readonly source: string;
  readonly collection: string;
  readonly at: number;
  readonly age: number;
}

const DOMAINS = ['a.reef.net', 'b.reef.net', 'c.reef.net'];
const PATTERNS: readonly (readonly string[])[] = [['a.reef.net'], ['b.reef.net'], ['c.reef.net'], ['a.reef.net', 'b.reef.net']]; // prettier-ignore
const idOf = (id: number): string => `indicator--00000000-0000-4000-8000-00000000000${id}`;
/** Domains in the canonical form of the view. */
const reversed = (domain: string): string => `${domain.split('.').toReversed().join('.')}.`;
const patternOf = (domains: readonly string[]): string =>
  `[${domains.map((domain) => `domain-name:value = '${domain}'`).join(' OR ')}]`;

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('store' as const),
      id: fc.integer({ min: 0, max: 5 }),
      source: fc.constantFrom('feed:one', 'feed:two', 'tonga', 'hub'),
      collection: fc.constantFrom(MAIN, OPEN),
      pattern: fc.constantFrom(...PATTERNS),
      from: fc.integer({ min: 0, max: 60 }),
      revoked: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), id: fc.integer({ min: 0, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('confirm' as const), value: fc.constantFrom(...DOMAINS) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lift' as const), value: fc.constantFrom(...DOMAINS) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('follow' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rebuild' as const) }) },
); // prettier-ignore

/** Returns the reports that the stored entries contain, read in the most direct way. */
async function present(): Promise<readonly Seen[]> {
  const found: Seen[] = [];
  for (const collection of [MAIN, OPEN]) {
    const query = { collection, after: 0, limit: 1_000, versions: ALL_VERSIONS };
    const { entries } = await t.hub.store.entries(query, true);
    for (const { text = '', owner: source, added } of entries) {
      const object = JSON.parse(text) as Json;
      if (object['revoked'] === true) continue;
      const at = Math.floor(added / 1_000);
      const age = Math.max(0, at - Date.parse(String(object['valid_from'])));
      for (const value of DOMAINS)
        if (String(object['pattern']).includes(`'${value}'`))
          found.push({ value, source, collection, at, age });
    }
  }
  return found;
}

/** Returns the counts that the reports should give, by scope, source and day. */
function naive(seen: readonly Seen[], harmless: ReadonlySet<string>): Record<string, Json> {
  const days: Record<string, Record<string, unknown>> = {};
  for (const scope of ['*', MAIN, OPEN])
    for (const value of DOMAINS) {
      const reports = seen.filter((one) => one.value === value && (scope === '*' || one.collection === scope));
      const sources = [...new Set(reports.map(({ source }) => source))];
      const firsts = sources
        .map((source) => reports.filter((one) => one.source === source).reduce((a, b) => (b.at < a.at ? b : a)))
        .toSorted((a, b) => a.at - b.at || (a.source < b.source ? -1 : 1));
      for (const [i, one] of firsts.entries()) {
        const id = `${scope}/${one.source}/${new Date(one.at).toISOString().slice(0, 10)}`;
        const day = (days[id] ??= { values: 0, shared: 0, first: 0, followed: 0, harmless: 0, age: {}, lead: {}, overlap: {} });
        const add = (key: string): void => void (day[key] = Number(day[key]) + 1);
        const addTo = (key: string, name: string | number): void => {
          const map = day[key] as Record<string, number>;
          map[name] = (map[name] ?? 0) + 1;
        };
        add('values');
        if (firsts.length > 1) add('shared');
        if (i === 0) add('first');
        if (harmless.has(value)) add('harmless');
        addTo('age', bucketOf(one.age));
        if (i === 0 && firsts[1] !== undefined) {
          add('followed');
          addTo('lead', bucketOf(firsts[1].at - one.at));
        }
        for (const other of firsts) if (other !== one) addTo('overlap', other.source);
      }
    }
  return days;
} // prettier-ignore

async function counted(): Promise<Record<string, Json>> {
  const records = await SCORE_DAYS.in(t.hub.store).list();
  return Object.fromEntries(
    records.map(({ id, document: { scope: _scope, source: _source, day: _day, ...counts } }) => [id, counts]),
  );
}

const sameTimes = (seen: readonly Seen[]): readonly Seen[] => {
  // The first report of a source in a collection counts, also when the object was removed since.
  const firsts = new Map<string, Seen>();
  for (const one of seen) {
    const key = `${one.value} ${one.source} ${one.collection}`;
    const known = firsts.get(key);
    if (known === undefined || one.at < known.at) firsts.set(key, one);
  }
  return [...firsts.values()];
};

test('the counts equal a direct computation after every history of reports, removals, decisions and rebuilds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (history) => {
      for (let id = 0; id < 6; id++)
        for (const collection of [MAIN, OPEN])
          await t.hub.store.remove({ collection, id: idOf(id), versions: ALL_VERSIONS });
      await t.hub.scoreFollower.rebuild();
      let known: readonly Seen[] = [];
      const harmless = new Set<string>();
      const cases = new Map<string, string>();
      let made = 0;
      const follow = async (): Promise<void> => {
        await t.hub.scoreFollower.follow();
        known = sameTimes([...known, ...(await present())]);
      };
      for (const one of history) {
        clock.advance(1_000);
        if (one.kind === 'wait') clock.advance(one.hours * 3_600_000);
        else if (one.kind === 'follow') await follow();
        else if (one.kind === 'rebuild') {
          await t.hub.scoreFollower.rebuild();
          known = [];
        } else if (one.kind === 'remove') {
          for (const collection of [MAIN, OPEN])
            await t.hub.store.remove({ collection, id: idOf(one.id), versions: ALL_VERSIONS });
        } else if (one.kind === 'confirm') {
          if (harmless.has(one.value)) continue;
          const { hub } = t;
          const [record] = await hub.suppressionService.suppress(OPERATOR, [{ type: 'domain', value: reversed(one.value) }], 'false-positive', 'harmless'); // prettier-ignore
          cases.set(one.value, record?.id ?? '');
          harmless.add(one.value);
        } else if (one.kind === 'lift') {
          if (!harmless.has(one.value)) continue;
          await t.hub.suppressionService.lift(OPERATOR, cases.get(one.value) ?? '', 'malicious');
          harmless.delete(one.value);
        } else {
          const object = anIndicator({
            id: idOf(one.id),
            created: '2026-01-01T00:00:00.000Z',
            modified: new Date(NOW + ++made).toISOString(),
            valid_from: new Date(NOW - one.from * DAY).toISOString(),
            pattern: patternOf(one.pattern),
            ...(one.revoked ? { revoked: true } : {}),
          });
          const candidates = [aCandidate(object, { owner: one.source })];
          await t.hub.store.commit({ placements: [{ collection: one.collection, candidates }] });
        }
      }
      await follow();
      for (const id of cases.values()) await t.hub.suppressionService.lift(OPERATOR, id, 'the end').catch(() => undefined); // prettier-ignore
      expect(await counted()).toEqual(naive(known, harmless));
    }),
    { numRuns: Number(process.env['TALANOA_WORLDS'] ?? 40) },
  );
}, 120_000);
