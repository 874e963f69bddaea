import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SLICE_WORK, sliceWork } from '../../src/kernel/slices.ts';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import {
  ALL_REMOVALS,
  ALL_VERSIONS,
  LAST_VERSION,
  MOST_KEY_USES,
  PAGE_BYTES,
  byBytes,
  namePages,
  nameText,
  placedPages,
  AUDIT_END,
  auditHash,
  auditKey,
  type AuditFact,
  type Candidate,
  type HeldObject,
  type Name,
  type PageQuery,
  type ReaderNote,
  type RemovalQuery,
  type Store,
  type Tombstone,
  type VersionFilter,
} from '../../src/store/store.ts';
import { aCandidate, anIndicator, instant, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';

/** The functions that an adapter under test must offer. */
export interface Harness {
  open(clock: TestClock): Promise<Store>;
  /** Opens the same data again. */
  reopen(clock: TestClock): Promise<Store>;
  clean(): Promise<void>;
  /** Brings the closed store into the state of a version that had no index of the audit log. */
  forgetAuditIndex(): Promise<void>;
  /** Adds names and reading positions to the closed store as a version stored them that knew nothing else for this. */
  storeAsNames(lines: readonly string[], readers: readonly ReaderNote[]): Promise<void>;
}

const V1 = '2026-01-01T00:00:00.000Z';
const V2 = '2026-01-02T00:00:00.000Z';
const V3 = '2026-01-03T00:00:00.000Z';

/** One contract for every adapter of the store port. */
export function storeContract(name: string, harness: Harness): void {
  describe(`the store contract on ${name}`, () => {
    let store: Store;
    let clock: TestClock;
    const C = '11111111-1111-4111-8111-111111111111';
    const D = '22222222-2222-4222-8222-222222222222';

    beforeEach(async () => {
      clock = new TestClock();
      store = await harness.open(clock);
    });
    afterEach(async () => {
      await store.close();
      await harness.clean();
    });

    const put = async (collection: string, ...candidates: Candidate[]) => {
      const { placed } = await store.commit({ placements: [{ collection, candidates }] });
      return placed[0] ?? [];
    };
    const query = (over: Partial<PageQuery> = {}): PageQuery => ({
      collection: C,
      after: 0,
      limit: 1000,
      versions: LAST_VERSION,
      ...over,
    });
    const read = async (over: Partial<PageQuery> = {}): Promise<Json[]> => {
      const page = await store.texts(query(over));
      return JSON.parse(`[${page.joined.toString()}]`) as Json[];
    };
    const versionsRead = async (filter: VersionFilter, over: Partial<PageQuery> = {}) =>
      (await read({ versions: filter, ...over })).map((object) => object['modified']);
    const version = (modified: string, id: string, over: Json = {}) =>
      aCandidate(anIndicator({ id, modified, ...over }));

    test('returns the same text, byte for byte', async () => {
      const text = `{ "type":"indicator",  "id":"indicator--${randomUUID()}", "n":1.50, "e":1e2, "u":"\\u00e9é😀\\n", "nested":{"b":1,"a":[ ]} }`;
      const candidate = { ...aCandidate(JSON.parse(text) as Json), text };
      await put(C, candidate);
      const page = await store.texts(query());
      expect(page.joined.toString()).toBe(text);
      const { entries } = await store.entries(query(), true);
      expect(entries[0]?.text).toBe(text);
    });

    test('a page that was requested several times shows every addition and removal', async () => {
      const [first, second] = [anIndicator(), anIndicator()];
      await put(C, aCandidate(first));
      const idsRead = async () => {
        for (let time = 0; time < 3; time++) await read();
        return (await read()).map(({ id }) => id);
      };
      expect(await idsRead()).toEqual([first['id']]);
      await put(C, aCandidate(second));
      expect(await idsRead()).toEqual([first['id'], second['id']]);
      await put(D, aCandidate(anIndicator()));
      await store.remove({ collection: C, id: String(first['id']), versions: ALL_VERSIONS });
      expect(await idsRead()).toEqual([second['id']]);
    });

    test('dates added are unique, rise by at least 20 µs in an envelope and never change', async () => {
      const outcomes = await put(C, ...Array.from({ length: 50 }, () => aCandidate(anIndicator())));
      const added = outcomes.map((outcome) => (outcome.kind === 'stored' ? outcome.added : Number.NaN));
      for (let i = 1; i < added.length; i++)
        expect((added[i] ?? 0) - (added[i - 1] ?? 0)).toBeGreaterThanOrEqual(20);
      const { entries } = await store.entries(query(), false);
      expect(entries.map((entry) => entry.added)).toEqual(added);
      expect(added[0]).toBeGreaterThanOrEqual(clock.ms * 1000);
    });

    test('a clock that goes back never causes an earlier date added', async () => {
      await put(C, aCandidate(anIndicator()));
      clock.ms -= 3_600_000;
      await put(C, aCandidate(anIndicator()));
      const { entries } = await store.entries(query(), false);
      expect(entries[1]?.added).toBeGreaterThan(entries[0]?.added ?? 0);
    });

    test('simultaneous writers get separate dates added and lose nothing', async () => {
      await Promise.all(
        Array.from({ length: 12 }, () =>
          put(C, ...Array.from({ length: 5 }, () => aCandidate(anIndicator()))),
        ),
      );
      const { entries } = await store.entries(query(), false);
      expect(entries).toHaveLength(60);
      expect(new Set(entries.map((entry) => entry.added)).size).toBe(60);
    });

    test('a repeated object is a duplicate and keeps its date added', async () => {
      const candidate = aCandidate(anIndicator());
      const [first] = await put(C, candidate);
      const [again] = await put(C, candidate);
      expect(first?.kind).toBe('stored');
      expect(again).toEqual({ kind: 'known', other: false });
      const twice = aCandidate(anIndicator());
      expect((await put(C, twice, twice)).map(({ kind }) => kind)).toEqual(['stored', 'known']);
      expect(await read()).toHaveLength(2);
    });

    test('the same content in another notation is a duplicate; other content is a conflict and changes nothing', async () => {
      const object = anIndicator();
      await put(C, aCandidate(object));
      const turned = Object.fromEntries(Object.entries(object).toReversed());
      expect(await put(C, aCandidate(turned))).toEqual([{ kind: 'known', other: false }]);
      expect(await put(C, aCandidate({ ...object, name: 'Other' }))).toEqual([{ kind: 'conflict' }]);
      expect(await read()).toEqual([object]);
    });

    test('one instant in two notations is one version', async () => {
      const id = `indicator--${randomUUID()}`;
      await put(C, version('2026-01-02T00:00:00.120Z', id));
      expect(await put(C, version('2026-01-02T00:00:00.120000Z', id))).toEqual([
        { kind: 'known', other: false },
      ]);
      expect(await put(C, version('2026-01-02T00:00:00.120000Z', id, { name: 'Other' }))).toEqual([
        { kind: 'conflict' },
      ]);
      expect(
        await versionsRead({ ...LAST_VERSION, last: false, exact: [instant('2026-01-02T00:00:00.12Z')] }),
      ).toEqual(['2026-01-02T00:00:00.120Z']);
    });

    test('two texts with the same meaning are one version, whatever defaults and notation they have', async () => {
      const id = `indicator--${randomUUID()}`;
      const object = anIndicator({ id, pattern_type: 'stix', valid_from: '2026-01-01T00:00:00.000Z' });
      await put(C, aCandidate(object));
      for (const over of [
        { revoked: false },
        { lang: 'en' },
        { pattern_version: '2.1' },
        { valid_from: '2026-01-01T00:00:00Z' },
        { modified: String(object['modified']).replace('Z', '000Z') },
      ] as Json[])
        expect(await put(C, aCandidate({ ...object, ...over }))).toEqual([{ kind: 'known', other: false }]);
      for (const over of [
        { lang: 'fr' },
        { pattern_version: '2.0' },
        { valid_from: '2026-01-01T00:00:01Z' },
      ] as Json[])
        expect(await put(C, aCandidate({ ...object, ...over }))).toEqual([{ kind: 'conflict' }]);
      expect(await read()).toEqual([object]);
    });

    test('no version follows a revocation, in whichever order they arrive', async () => {
      const [a, b] = [`indicator--${randomUUID()}`, `indicator--${randomUUID()}`];
      const [first, second, third] = ['2026-01-01', '2026-01-02', '2026-01-03'].map(
        (day) => `${day}T00:00:00.000Z`,
      ) as [string, string, string];
      await put(C, version(second, a, { revoked: true }));
      expect(await put(C, version(third, a))).toEqual([{ kind: 'revoked', version: second, late: false }]);
      // An earlier version that comes later changes nothing about the revocation.
      expect((await put(C, version(first, a))).map(({ kind }) => kind)).toEqual(['stored']);
      await put(C, version(third, b));
      expect(await put(C, version(second, b, { revoked: true }))).toEqual([
        { kind: 'revoked', version: third, late: true },
      ]);
      expect((await read()).map(({ id, modified, revoked }) => [id, modified, revoked])).toEqual([
        [a, second, true],
        [b, third, undefined],
      ]);
      // Other owners learn nothing about the revocation.
      expect(await put(C, aCandidate(anIndicator({ id: a, modified: third }), { owner: 'tonga' }))).toEqual([
        { kind: 'foreign', owner: 'hub' },
      ]);
    });

    test('an observable exists once, whatever its other properties are', async () => {
      const id = 'domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7';
      await put(C, aCandidate({ type: 'domain-name', id, value: 'example.com' }));
      expect(
        await put(
          C,
          aCandidate({ type: 'domain-name', id, value: 'example.com', defanged: true }, { owner: 'tonga' }),
        ),
      ).toEqual([{ kind: 'known', other: true }]);
      expect(await read()).toEqual([{ type: 'domain-name', id, value: 'example.com' }]);
    });

    test('nobody can take the id of another owner, not even after a removal', async () => {
      const id = `indicator--${randomUUID()}`;
      await put(C, { ...version(V1, id), owner: 'tonga' });
      expect(await put(C, { ...version(V2, id), owner: 'fiji' })).toEqual([
        { kind: 'foreign', owner: 'tonga' },
      ]);
      expect((await put(C, { ...version(V3, id), owner: 'tonga' }))[0]?.kind).toBe('stored');
      await store.remove({ collection: C, id, versions: ALL_VERSIONS });
      expect(await put(C, { ...version(V2, id), owner: 'fiji' })).toEqual([
        { kind: 'foreign', owner: 'tonga' },
      ]);
      expect((await put(D, { ...version(V2, id), owner: 'fiji' }))[0]?.kind).toBe('stored');
    });

    test('a relaying member can submit the first version of an object, but no later one', async () => {
      const id = `indicator--${randomUUID()}`;
      expect((await put(C, { ...version(V1, id), owner: 'fiji', relayed: true }))[0]?.kind).toBe('stored');
      expect(await put(C, { ...version(V2, id), owner: 'fiji', relayed: true })).toEqual([
        { kind: 'foreign', owner: 'fiji' },
      ]);
      expect((await put(C, { ...version(V2, id), owner: 'fiji' }))[0]?.kind).toBe('stored');
    });

    test('a relayed object is replaced only by a submission of its creator', async () => {
      const id = `indicator--${randomUUID()}`;
      const [fiji, tonga] = ['identity--f', 'identity--t'];
      const relayed = { ...version(V2, id), owner: 'tonga', creator: fiji, relayed: true };
      expect((await put(C, relayed))[0]?.kind).toBe('stored');
      expect(await put(C, { ...version(V1, id), owner: 'samoa', claims: tonga })).toEqual([
        { kind: 'foreign', owner: 'tonga' },
      ]);
      // The same text, and a version with different content.
      expect(await put(C, { ...version(V2, id), owner: 'fiji', claims: fiji })).toEqual([
        { kind: 'stored', added: expect.any(Number), replaced: { owner: 'tonga', versions: 1 } },
      ]);
      const { entries } = await store.entries({ collection: C, after: 0, limit: 10, ids: [id], versions: ALL_VERSIONS }, true); // prettier-ignore
      expect(entries).toMatchObject([{ owner: 'fiji', version: V2, oldest: true, text: relayed.text }]);
      expect(entries[0]).not.toHaveProperty('creator');
      expect(await store.removals({ ...ALL_REMOVALS, collection: C, after: 0, limit: 10 })).toMatchObject([
        { id, version: V2 },
      ]);
      expect(await put(C, { ...relayed, ...version(V3, id) })).toEqual([{ kind: 'foreign', owner: 'fiji' }]);
      // A removal does not give the id to the account that relayed it either.
      await store.remove({ collection: C, id, versions: ALL_VERSIONS });
      expect(await put(C, { ...version(V3, id), owner: 'tonga' })).toEqual([
        { kind: 'foreign', owner: 'fiji' },
      ]);
      expect((await put(C, { ...version(V3, id), owner: 'fiji', claims: fiji }))[0]?.kind).toBe('stored');
    });

    test('a batch stores a fact about the objects that it stores, and none when it stores nothing', async () => {
      const [id, other] = [`indicator--${randomUUID()}`, `indicator--${randomUUID()}`];
      await put(C, version(V1, id));
      const publish = async (candidates: readonly Candidate[]): Promise<void> => {
        const fact = { id: randomUUID(), at: 1, actor: 'ana', action: 'object.publish', resource: 'hub', result: 'done' } as const; // prettier-ignore
        await store.commit({
          placements: [{ collection: C, candidates }],
          stored: { fact, listsObjects: true, first: candidates.length },
        });
      };
      await publish([version(V1, id)]);
      await publish([version(V1, id), version(V1, other)]);
      while ((await store.numberFacts()) > 0);
      const facts = (await store.audit(0, 100)).filter(({ fact }) => fact.action === 'object.publish');
      expect(facts.map(({ fact }) => fact.details)).toEqual([{ objects: 1, ids: [other] }]);
    });

    test('a batch stores one fact for each owner whose entries it replaces', async () => {
      const fiji = 'identity--f';
      const ids = [1, 2, 3, 4].map(() => `indicator--${randomUUID()}`);
      const relayed = ids.slice(0, 3).map((id, i) => ({
        ...version(V1, id), owner: ['tonga', 'tonga', 'feed:kev'][i] ?? '', creator: fiji, relayed: true,
      })); // prettier-ignore
      await store.commit({ placements: [{ collection: C, candidates: relayed }] });
      const replaced = {
        id: randomUUID(), at: 1, actor: 'hub:placing', action: 'object.replace', resource: 'collection', result: 'done',
        details: { because: 'a test' },
      } as const; // prettier-ignore
      const own = ids.map((id) => ({ ...version(V1, id), owner: 'fiji', claims: fiji }));
      const batch = { placements: [{ collection: C, candidates: own }], replaced };
      await store.commit(batch);
      // A repeated batch replaces nothing.
      await store.commit(batch);
      await store.numberFacts();
      const facts = (await store.audit(0, 10_000)).flatMap(({ fact }) =>
        fact.details?.['because'] === 'a test' ? [fact] : [],
      );
      const { id: _id, ...form } = replaced;
      const resource = `collection/${C}`;
      expect(facts.map(({ id: _own, ...fact }) => fact)).toEqual([
        {
          ...form,
          resource,
          member: 'tonga',
          details: { because: 'a test', versions: 2, ids: ids.slice(0, 2) },
        },
        { ...form, resource, details: { because: 'a test', versions: 1, ids: ids.slice(2, 3) } },
      ]);
      expect(new Set(facts.map(({ id }) => id)).size).toBe(2);
    });

    test('a relayed object that was removed again does not keep its id from its creator', async () => {
      const id = `indicator--${randomUUID()}`;
      await put(C, { ...version(V1, id), owner: 'tonga', creator: 'identity--f', relayed: true });
      await store.remove({ collection: C, id, versions: ALL_VERSIONS });
      expect((await put(C, { ...version(V1, id), owner: 'fiji', claims: 'identity--f' }))[0]?.kind).toBe(
        'stored',
      );
    });

    test('the loosest level of an id is known over the collections that are asked for', async () => {
      const a = aCandidate(anIndicator(), { level: 3 });
      const b = aCandidate(anIndicator(), { level: 2 });
      await store.commit({
        placements: [
          { collection: C, candidates: [a, b] },
          { collection: D, candidates: [{ ...a, level: 1 }] },
        ],
      });
      expect(await store.levels([a.id, b.id, 'indicator--none'], [C, D])).toEqual(
        new Map([
          [a.id, 1],
          [b.id, 2],
        ]),
      );
      expect(await store.levels([a.id], [C])).toEqual(new Map([[a.id, 3]]));
      expect(await store.levels([a.id], [])).toEqual(new Map());
    });

    test('receipts are kept until they are swept', async () => {
      const receipt = { id: randomUUID(), account: 'sensor', at: 5_000, body: '{"n":1}' };
      await store.commit({ receipts: [receipt] });
      expect(await store.receipt(receipt.id)).toEqual(receipt);
      await store.sweep(5_000);
      expect(await store.receipt(receipt.id)).toEqual(receipt);
      await store.sweep(5_001);
      expect(await store.receipt(receipt.id)).toBeUndefined();
    });

    test('versions: first, last, all and exact, in the order of addition, whatever the order of arrival', async () => {
      const id = `indicator--${randomUUID()}`;
      await put(C, version(V2, id));
      await put(C, version(V1, id));
      await put(C, version(V3, id));
      const none: VersionFilter = { all: false, first: false, last: false, exact: [] };
      expect(await versionsRead(LAST_VERSION)).toEqual([V3]);
      expect(await versionsRead({ ...none, first: true })).toEqual([V1]);
      expect(await versionsRead(ALL_VERSIONS)).toEqual([V2, V1, V3]);
      expect(await versionsRead({ ...none, exact: [instant(V2)] })).toEqual([V2]);
      expect(await versionsRead({ ...none, first: true, last: true })).toEqual([V1, V3]);
      expect(
        await versionsRead({ ...none, first: true, exact: [instant(V2)], last: true }, { ids: [id] }),
      ).toEqual([V2, V1, V3]);
    });

    test('derived flags match the stored entries after any order of inserts and removals', async () => {
      const instants = [V1, V2, V3, '2026-01-03T00:00:00.0005Z'];
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.record({
              what: fc.constantFrom('put', 'remove'),
              v: fc.constantFrom(...instants),
              spec: fc.constantFrom('2.0' as const, '2.1' as const),
            }),
            { minLength: 1, maxLength: 8 },
          ),
          async (steps) => {
            const collection = randomUUID();
            const id = `indicator--${randomUUID()}`;
            const model = new Map<string, { v: string; spec: '2.0' | '2.1' }>();
            for (const { what, v, spec } of steps) {
              if (what === 'put') {
                await put(collection, {
                  ...version(v, id, { spec_version: spec === '2.1' ? '2.1' : undefined }),
                  spec,
                });
                model.set(`${v}${spec}`, { v, spec });
              } else {
                await store.remove({
                  collection,
                  id,
                  versions: { all: false, first: false, last: false, exact: [instant(v)] },
                  specs: [spec],
                });
                model.delete(`${v}${spec}`);
              }
            }
            const stands = [...model.values()];
            const latest = stands
              .map(({ spec }) => spec)
              .toSorted()
              .at(-1);
            const sorted = (texts: readonly string[]) =>
              texts.toSorted((a, b) => (instant(a) < instant(b) ? -1 : 1));
            const ofLatest = sorted(stands.filter(({ spec }) => spec === latest).map(({ v }) => v));
            const seen = async (filter: Partial<VersionFilter>, specs?: readonly ('2.0' | '2.1')[]) =>
              (
                await store.entries(
                  {
                    collection,
                    after: 0,
                    limit: 100,
                    versions: { all: false, first: false, last: false, exact: [], ...filter },
                    ...(specs === undefined ? {} : { specs }),
                  },
                  false,
                )
              ).entries.map((e) => e.version);
            expect(await seen({ last: true })).toEqual(ofLatest.slice(-1));
            expect(await seen({ first: true })).toEqual(ofLatest.slice(0, 1));
            expect(sorted(await seen({ all: true }))).toEqual(ofLatest);
            expect((await seen({ all: true }, ['2.0', '2.1'])).toSorted()).toEqual(
              stands.map(({ v }) => v).toSorted(),
            );
            expect(await store.stands(collection, id)).toBe(stands.length > 0);
          },
        ),
        { numRuns: 25 },
      );
    });

    test('filters by id, type and specification version are joined by AND, their values by OR', async () => {
      const a = anIndicator();
      const b = anIndicator({ spec_version: undefined });
      const c = {
        type: 'domain-name',
        id: 'domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7',
        value: 'example.com',
      };
      await put(C, aCandidate(a), aCandidate(b), aCandidate(c));
      expect(await read({ types: ['domain-name'] })).toEqual([c]);
      expect(await read({ types: ['indicator', 'domain-name'] })).toEqual([a, b, c]);
      expect(await read({ specs: ['2.0'] })).toEqual([b]);
      expect(await read({ specs: ['2.0', '2.1'], types: ['indicator'] })).toEqual([a, b]);
      expect(await read({ ids: [String(b['id']), c.id] })).toEqual([b, c]);
      expect(await read({ ids: [String(b['id'])], types: ['domain-name'] })).toEqual([]);
      expect(await read({ ids: ['indicator--00000000-0000-4000-8000-000000000000'] })).toEqual([]);
    });

    test('everything of both specification versions is read with or without their names', async () => {
      const objects = [anIndicator(), anIndicator({ spec_version: undefined }), anIndicator()];
      await put(C, ...objects.map((object) => aCandidate(object)));
      const both = { versions: ALL_VERSIONS, specs: ['2.0', '2.1'] } as const;
      expect(await read(both)).toEqual(objects);
      const { entries } = await store.entries(query({ ...both, limit: 2 }), true);
      expect(entries.map(({ text = '' }) => JSON.parse(text) as Json)).toEqual(objects.slice(0, 2));
    });

    test('places of several collections are read in their own order', async () => {
      const [a, b, c] = [anIndicator(), anIndicator(), anIndicator()];
      await put(C, aCandidate(a), aCandidate(b));
      await put(D, aCandidate(c));
      const placesIn = async (collection: string) =>
        (await store.entries(query({ collection }), false)).entries.map(({ added }) => ({
          collection,
          added,
        }));
      const [[first, second], [other]] = [await placesIn(C), await placesIn(D)];
      const asked = [second, other, first].filter((place) => place !== undefined);
      const { entries } = await store.placed(asked);
      expect(entries.map(({ id }) => id)).toEqual([b['id'], c['id'], a['id']]);
      expect(entries.map(({ collection }) => collection)).toEqual([C, D, C]);
    });

    test('pages are keyed by date added: each object once, no empty last page', async () => {
      const objects = Array.from({ length: 13 }, () => anIndicator());
      await put(C, ...objects.map((object) => aCandidate(object)));
      for (const over of [
        {},
        { types: ['indicator'] },
        { versions: ALL_VERSIONS },
        { types: ['indicator', 'malware'] },
      ]) {
        const seen: Json[] = [];
        let after = 0;
        for (let more = true; more;) {
          const page = await store.texts(query({ ...over, after, limit: 5 }));
          expect(page.count).toBeGreaterThan(0);
          seen.push(...(JSON.parse(`[${page.joined.toString()}]`) as Json[]));
          after = page.last;
          more = page.more;
        }
        expect(seen).toEqual(objects);
      }
      const exact = await store.texts(query({ limit: 13 }));
      expect(exact.more).toBe(false);
      expect(await store.texts(query({ after: exact.last }))).toEqual({
        joined: Buffer.alloc(0),
        count: 0,
        first: 0,
        last: 0,
        more: false,
      });
    });

    test('a page of large objects ends before it is too large, and the next page continues', async () => {
      const large = 3_000_000;
      const sizes = [1, 1, large, large, large, 1, large, large, 1];
      const all = sizes.map((size) => anIndicator({ description: 'x'.repeat(size) }));
      for (const object of all) await put(C, aCandidate(object));
      const ids = all.map(({ id }) => String(id));
      const filters: Partial<PageQuery>[] = [{}, { ids }, { types: ['indicator'], versions: ALL_VERSIONS }];
      for (const filter of filters)
        for (const kind of ['texts', 'entries'] as const) {
          const found: string[] = [];
          let pages = 0;
          for (let after = 0, more = true; more; pages++) {
            let texts: readonly string[];
            if (kind === 'texts') {
              const page = await store.texts(query({ ...filter, after }));
              const objects = JSON.parse(`[${page.joined.toString()}]`) as Json[];
              expect(page.count).toBe(objects.length);
              texts = objects.map((object) => JSON.stringify(object));
              [after, more] = [page.last, page.more];
            } else {
              const page = await store.entries(query({ ...filter, after }), true);
              texts = page.entries.map(({ text = '' }) => text);
              [after, more] = [page.entries.at(-1)?.added ?? 0, page.more];
            }
            expect(texts.length).toBeGreaterThan(0);
            expect(texts.reduce((sum, text) => sum + text.length, 0)).toBeLessThanOrEqual(PAGE_BYTES);
            found.push(...texts.map((text) => String((JSON.parse(text) as Json)['id'])));
          }
          expect(found).toEqual(ids);
          expect(pages).toBe(3);
        }
      const { entries } = await store.entries(query({ limit: 100 }), false);
      const places = entries.map(({ added }) => ({ collection: C, added }));
      // Names of several values lead to one place, and some lead to entries that are gone.
      const asked = [...places.slice(0, 3), { collection: C, added: 5 }, ...places.slice(2)];
      const pages: string[][] = [];
      for await (const page of placedPages(store, asked)) {
        expect(page.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(PAGE_BYTES);
        pages.push(page.map(({ id }) => id));
      }
      expect(pages.map((page) => page.length)).toEqual([4, 3, 2]);
      expect(pages.flat()).toEqual(ids);
      expect(await store.occupied(asked)).toEqual(asked.filter(({ added }) => added !== 5));
    });

    test('a removal leaves a tombstone from the same sequence, and a new entry comes after it', async () => {
      const id = `indicator--${randomUUID()}`;
      await put(C, version(V1, id), version(V2, id));
      expect(await store.remove({ collection: C, id, versions: { ...LAST_VERSION } })).toBe(1);
      expect(await versionsRead(LAST_VERSION)).toEqual([V1]);
      expect(await store.remove({ collection: C, id, versions: ALL_VERSIONS })).toBe(1);
      expect(await store.remove({ collection: C, id, versions: ALL_VERSIONS })).toBe(0);
      const removals = (after: number): Promise<readonly Tombstone[]> =>
        store.removals({ ...ALL_REMOVALS, collection: C, after, limit: 10 });
      const stones = await removals(0);
      expect(stones.map((stone) => stone.version)).toEqual([V2, V1]);
      const [outcome] = await put(C, version(V1, id));
      expect(outcome?.kind === 'stored' && outcome.added > (stones[1]?.removed ?? 0)).toBe(true);
      expect(await removals(stones[0]?.removed ?? 0)).toHaveLength(1);
    });

    test('removals are filtered by the level of the removed object, and stricter ones by time as well', async () => {
      const levels = [0, 3, 1, 3, 2, 0];
      const objects = levels.map((level) => ({ ...aCandidate(anIndicator()), level }));
      await put(C, ...objects);
      for (const { id } of objects) await store.remove({ collection: C, id, versions: ALL_VERSIONS });
      const all = await store.removals({ ...ALL_REMOVALS, collection: C, after: 0, limit: 10 });
      expect(all.map(({ id }) => id)).toEqual(objects.map(({ id }) => id));
      const told = async (over: Partial<RemovalQuery>): Promise<number[]> =>
        (await store.removals({ collection: C, after: 0, limit: 10, upTo: 0, ...over })).map(({ id }) => objects.findIndex((object) => object.id === id)); // prettier-ignore
      expect(await told({})).toEqual([0, 5]);
      expect(await told({ upTo: 1 })).toEqual([0, 2, 5]);
      expect(await told({ upTo: 1, limit: 2 })).toEqual([0, 2]);
      expect(await told({ upTo: 1, after: all[2]?.removed ?? 0 })).toEqual([5]);
      // A reader who was admitted between the first two stricter removals sees the second one.
      expect(await told({ beyond: { upTo: 3, since: all[2]?.removed ?? 0 } })).toEqual([0, 2, 3, 4, 5]);
      expect(await told({ beyond: { upTo: 2, since: all[2]?.removed ?? 0 } })).toEqual([0, 2, 4, 5]);
      expect(await told({ beyond: { upTo: 3, since: 0 }, after: all[3]?.removed ?? 0 })).toEqual([4, 5]);
    });

    test('a text in two collections survives its removal from one', async () => {
      const candidate = aCandidate(anIndicator());
      await store.commit({
        placements: [
          { collection: C, candidates: [candidate] },
          { collection: D, candidates: [candidate] },
        ],
      });
      await store.remove({ collection: C, id: candidate.id, versions: ALL_VERSIONS });
      expect(await read({ collection: D })).toHaveLength(1);
      expect(await read()).toHaveLength(0);
      expect((await put(C, candidate))[0]?.kind).toBe('stored');
      expect(await store.standing(C, [candidate.id, 'x'])).toEqual(
        new Map([[candidate.id, new Set(['hub'])]]),
      );
    });

    test('revisions of records rise by one, stale ones are refused, and a removed record does not restart', async () => {
      const change = (expected: number, document: Json | undefined) =>
        store.commit({
          records: [
            {
              kind: 'member',
              id: 'tonga',
              expected,
              document,
              index: { status: String(document?.['status']) },
            },
          ],
        });
      await change(0, { status: 'active' });
      await expect(change(0, { status: 'x' })).rejects.toMatchObject({ kind: 'conflict' });
      await change(1, { status: 'paused' });
      expect(await store.record('member', 'tonga')).toMatchObject({
        revision: 2,
        document: { status: 'paused' },
        index: { status: 'paused' },
      });
      expect(await store.records('member', { index: { name: 'status', value: 'active' } })).toEqual([]);
      expect(await store.records('member', { index: { name: 'status', value: 'paused' } })).toHaveLength(1);
      const view = await store.view(['member']);
      await change(2, undefined);
      expect(await store.view(['member'], view)).not.toBe(view);
      expect(await store.record('member', 'tonga')).toBeUndefined();
      expect(await store.records('member')).toEqual([]);
      expect(await store.wasRemoved('member', 'tonga')).toBe(true);
      expect(await store.wasRemoved('member', 'fiji')).toBe(false);
      const again = { kind: 'member', expected: 0, document: {}, neverBefore: true } as const;
      await expect(store.commit({ records: [{ ...again, id: 'tonga' }] })).rejects.toMatchObject({
        code: 'TLN-S-411',
      });
      await store.commit({ records: [{ ...again, id: 'fiji' }] });
      await change(0, { status: 'active' });
      expect(await store.record('member', 'tonga')).toMatchObject({ revision: 4 });
      expect(await store.wasRemoved('member', 'tonga')).toBe(false);
    });

    test('removed records of some kinds are forgotten after a time, and stay in the audit log', async () => {
      const change = (kind: string, id: string, expected: number, document?: Json): Promise<unknown> =>
        store.commit({
          records: [{ kind, id, expected, document }],
          facts: [
            { id: randomUUID(), at: clock.now(), actor: 'a', action: 'x', resource: id, result: 'done' },
          ],
        });
      const view = await store.view(['session', 'member']);
      for (const kind of ['session', 'member'])
        for (const id of ['old', 'late', 'alive', 'again']) await change(kind, id, 0, { n: 1 });
      await store.view(['session', 'member'], view);
      for (const kind of ['session', 'member']) {
        await change(kind, 'old', 1);
        await change(kind, 'again', 1);
        await change(kind, 'again', 0, { n: 2 });
      }
      clock.advance(1_000);
      const before = clock.now();
      await change('session', 'late', 1);
      await store.numberFacts();
      const facts = await store.audit(0, 100);
      // "again" comes first and stays, so it must not take the place of "old".
      expect(await store.forgetRemoved(['session'], before, 1)).toBe(1);
      expect(await store.forgetRemoved(['session'], before, 10)).toBe(0);
      expect(await store.wasRemoved('session', 'old')).toBe(false);
      expect(await store.wasRemoved('session', 'late')).toBe(true);
      expect(await store.wasRemoved('member', 'old')).toBe(true);
      const left = await store.view(['session', 'member'], view);
      for (const kind of ['session', 'member']) {
        const ids = [...(left.records.get(kind)?.keys() ?? [])].toSorted();
        expect(ids).toEqual(kind === 'session' ? ['again', 'alive'] : ['again', 'alive', 'late']);
      }
      expect(await store.audit(0, 100)).toEqual(facts);
      await change('session', 'old', 0, { n: 3 });
      expect(await store.record('session', 'old')).toMatchObject({ revision: 1, document: { n: 3 } });
    });

    test('a view reads only what changed, and is in the order of ids', async () => {
      const add = (...ids: string[]): Promise<unknown> =>
        store.commit({
          records: ids.map((id) => ({ kind: 'grant', id, expected: 0, document: { id } })),
        });
      await add('b', 'd', 'e');
      const first = await store.view(['grant', 'group']);
      expect(await store.view(['grant', 'group'], first)).toBe(first);
      await add('c', 'a');
      await store.commit({ records: [{ kind: 'grant', id: 'd', expected: 1, document: { id: 'D' } }] });
      await store.commit({ records: [{ kind: 'grant', id: 'e', expected: 1, document: undefined }] });
      const second = await store.view(['grant', 'group'], first);
      const grants = second.records.get('grant');
      expect([...(grants?.keys() ?? [])]).toEqual(['a', 'b', 'c', 'd']);
      expect(grants?.get('d')).toMatchObject({ revision: 2, document: { id: 'D' } });
      expect([...(grants?.values() ?? [])]).toEqual(await store.records('grant'));
      expect(grants?.get('b')).toBe(first.records.get('grant')?.get('b'));
      expect([...(first.records.get('grant')?.keys() ?? [])]).toEqual(['b', 'd', 'e']);
      expect(second.records.get('group')).toBe(first.records.get('group'));
      await store.commit({ records: [{ kind: 'grant', id: 'e', expected: 0, document: { id: 'E' } }] });
      expect((await store.view(['grant'])).records.get('grant')?.get('e')?.document).toEqual({ id: 'E' });
    });

    test('other requests have their turn while a long list or the ledger is read', async () => {
      const text = 'x'.repeat(10_000);
      for (let at = 0; at < 300; at += 100)
        await store.commit({
          records: Array.from({ length: 100 }, (_, i) => ({
            kind: 'share',
            id: String(at + i).padStart(3, '0'),
            expected: 0,
            document: { text },
            index: { owner: 'fiji' },
          })),
        });
      await store.note({
        readers: Array.from({ length: 300 }, (_, i) => ({
          account: `a${i % 3}`,
          collection: 'c',
          kind: 'objects',
          filters: String(i),
          seen: 1,
          cursor: 0,
          agent: text,
          requests: 1,
          objects: 0,
        })),
        keyUses: Array.from({ length: 300 }, (_, i) => ({
          account: `a${i % 3}`, key: String(i), seen: 1, address: '192.0.2.1', agent: text, requests: 1,
        })), // prettier-ignore
      });
      const index = { name: 'owner', value: 'fiji' };
      const reads: readonly (readonly [number, () => Promise<readonly unknown[]>])[] = [
        [300, () => store.records('share')],
        [300, () => store.records('share', { index })],
        [299, () => store.records('share', { after: '000', limit: 1_000 })],
        [300, async () => [...((await store.view(['share'])).records.get('share')?.values() ?? [])]],
        [300, () => store.readers()],
        [300, () => store.keyUses(['a0', 'a1', 'a2'])],
      ];
      for (const [length, read] of reads) {
        const { turns } = sliceWork;
        sliceWork.most = 0;
        expect(await read()).toHaveLength(length);
        expect(sliceWork.turns - turns).toBeGreaterThanOrEqual(2);
        expect(sliceWork.most).toBeLessThan(SLICE_WORK + 2 * text.length);
      }
      // A view after many changes also pauses. It contains all of them.
      const view = await store.view(['share']);
      for (let at = 0; at < 300; at += 100)
        await store.commit({
          records: Array.from({ length: 100 }, (_, i) => ({
            kind: 'share',
            id: String(at + i).padStart(3, '0'),
            expected: 1,
            document: at === 0 ? undefined : { text: `${text}2` },
          })),
        });
      const { turns } = sliceWork;
      const changed = (await store.view(['share'], view)).records.get('share');
      expect(sliceWork.turns).toBeGreaterThan(turns);
      expect([...(changed?.values() ?? [])]).toEqual(await store.records('share'));
      expect([changed?.size, view.records.get('share')?.size]).toEqual([200, 300]);
      expect(await store.keyUses(['a1', 'a2'])).toHaveLength(200);
      expect(await store.keyUses([])).toEqual([]);
      // FerretDB writes nine hundred documents slowly.
    }, 240_000);

    test('of several writers that change one record at once, one succeeds', async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 6 }, (_, i) =>
          store.commit({ records: [{ kind: 'feed', id: 'a', expected: 0, document: { i } }] }),
        ),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    test('records are counted, in total and by an index key, and removed ones are not counted', async () => {
      const record = (id: string, owner: string) => ({
        kind: 'key',
        id,
        expected: 0,
        document: {},
        index: { owner },
      });
      await store.commit({ records: [record('a', 'tonga'), record('b', 'tonga'), record('c', 'fiji')] });
      const tonga = { name: 'owner', value: 'tonga' };
      const counts = async () => [await store.countRecords('key'), await store.countRecords('key', tonga)];
      const listed = async () => [
        (await store.records('key')).length,
        (await store.records('key', { index: tonga })).length,
      ];
      expect(await counts()).toEqual([3, 2]);
      await store.commit({ records: [{ kind: 'key', id: 'a', expected: 1, document: undefined }] });
      expect(await counts()).toEqual([2, 1]);
      await store.commit({
        records: [{ kind: 'key', id: 'b', expected: 1, document: {}, index: { owner: 'fiji' } }],
      });
      expect(await counts()).toEqual([2, 0]);
      // An id that returns counts again, and so does one that was forgotten.
      await store.commit({ records: [record('a', 'tonga')] });
      expect(await counts()).toEqual([3, 1]);
      await store.commit({ records: [{ kind: 'key', id: 'c', expected: 1, document: undefined }] });
      expect(await store.forgetRemoved(['key'], clock.now() + 1_000, 10)).toBe(1);
      expect(await counts()).toEqual([2, 1]);
      await expect(
        store.commit({ records: [record('d', 'tonga'), { ...record('a', 'tonga'), expected: 9 }] }),
      ).rejects.toMatchObject({ kind: 'conflict' });
      expect(await counts()).toEqual(await listed());
      expect(await store.countRecords('member')).toBe(0);
    });

    test('records are listed by id, from either end, in pages', async () => {
      for (const id of ['b', 'a', 'c'])
        await store.commit({
          records: [{ kind: 'run', id, expected: 0, document: { id }, index: { feed: 'f' } }],
        });
      const ids = async (q: Parameters<Store['records']>[1]) =>
        (await store.records('run', q)).map((record) => record.id);
      expect(await ids({})).toEqual(['a', 'b', 'c']);
      expect(await ids({ newestFirst: true, limit: 2 })).toEqual(['c', 'b']);
      expect(await ids({ after: 'a', limit: 5 })).toEqual(['b', 'c']);
      expect(await ids({ index: { name: 'feed', value: 'f' }, newestFirst: true, limit: 1 })).toEqual(['c']);
      expect(await ids({ index: { name: 'feed', value: 'g' } })).toEqual([]);
    });

    test('held objects wait for their submitter and for a marking, until released', async () => {
      const held: HeldObject = {
        id: randomUUID(), collection: C, text: '{}', objectId: 'indicator--x', version: V1, reason: 'marking-unknown',
        message: 'its marking is not here', waitsFor: ['marking-definition--m'], submitter: 'sensor', owner: 'tonga', at: 1,
      }; // prettier-ignore
      await store.commit({ held: [held] });
      const { text, ...head } = held;
      expect(await store.held({ limit: 5 })).toEqual([head]);
      expect(await store.held({ submitter: 'sensor', limit: 5 })).toEqual([head]);
      expect(await store.held({ submitter: 'other', limit: 5 })).toEqual([]);
      expect(await store.held({ objectId: 'indicator--x', limit: 5 })).toEqual([head]);
      expect(await store.held({ objectId: 'indicator--y', limit: 5 })).toEqual([]);
      expect(await store.held({ waitsFor: 'marking-definition--m', limit: 5 })).toEqual([head]);
      expect(await store.held({ submitter: 'sensor', waitsFor: 'marking-definition--n', limit: 5 })).toEqual(
        [],
      );
      expect(await store.heldObject(held.id)).toEqual({ ...head, text });
      expect(await store.heldObject('another')).toBeUndefined();
      expect(await store.heldUsage('tonga', 5)).toEqual({ objects: 1, bytes: 2 });
      expect(await store.heldUsage('fiji', 5)).toEqual({ objects: 0, bytes: 0 });
      await store.commit({ released: [held.id] });
      expect(await store.held({ limit: 5 })).toEqual([]);
      expect(await store.held({ waitsFor: 'marking-definition--m', limit: 5 })).toEqual([]);
    });

    test('objects on hold are listed page by page, in order', async () => {
      const held = Array.from({ length: 7 }, (_, i): HeldObject => ({
        id: `held-${i}`, collection: C, text: 'x'.repeat(i), objectId: 'indicator--p', version: V1, reason: 'tlp-red', message: 'red',
        waitsFor: [], submitter: 'pager', owner: 'samoa', at: 10 + Math.floor(i / 3),
      })); // prettier-ignore
      await store.commit({ held });
      const seen: string[] = [];
      let after: { at: number; id: string } | undefined;
      for (;;) {
        const page = await store.held({
          submitter: 'pager',
          limit: 2,
          ...(after === undefined ? {} : { after }),
        });
        seen.push(...page.map(({ id }) => id));
        after = page.at(-1);
        if (page.length < 2) break;
      }
      expect(seen).toEqual(held.map(({ id }) => id));
      expect(await store.heldUsage('samoa', 100)).toEqual({ objects: 7, bytes: 21 });
      await store.commit({ released: seen });
    });

    test('names in hundreds of ranges come in their order, page by page', async () => {
      const valueOf = (i: number): string => `é${i * 7919}.example`;
      const names = Array.from({ length: 600 }, (_, i) => ({
        kind: 'many',
        value: valueOf(i),
        collection: C,
        added: i + 1,
      }));
      // Only every second range has names.
      await store.commit({ names: names.filter((_, i) => i % 2 === 0) });
      const ranges = names.map(({ value }) => ({ kind: 'many', from: value, to: `${value}\u{10FFFF}` }));
      const found: Name[] = [];
      for await (const page of namePages(store, ranges, 70)) found.push(...page);
      const wanted = names.filter((_, i) => i % 2 === 0).toSorted((a, b) => byBytes(a.value, b.value));
      expect(found).toEqual(wanted);
      await store.commit({ staleNames: found });
    });

    test('a name with U+0000 is stored whole, and found and deleted by its value', async () => {
      const [whole, cut] = ['evil\0.example', 'evil'].map((value) => ({ kind: 'domain', value, collection: C, added: 7 }));
      if (whole === undefined || cut === undefined) throw new Error('two names');
      await store.commit({ names: [whole, cut] });
      const found = async (from: string) => (await store.names({ ranges: [{ kind: 'domain', from }], limit: 10 })).map(({ value }) => value);
      expect(await found('evil')).toEqual(['evil']);
      expect(await found(whole.value)).toEqual(['evil\uFFFD.example']);
      await store.commit({ staleNames: [whole] });
      expect([await found('evil'), await found(whole.value)]).toEqual([['evil'], []]);
    }); // prettier-ignore

    test('names are found by value and by range, in order and in pages, with the entries that they refer to', async () => {
      const one = anIndicator();
      const [first] = await put(C, aCandidate(one));
      const [second] = await put(D, version(V2, String(one['id'])));
      const at = (outcome: unknown) => (outcome as { added: number }).added;
      const places = [{ collection: C, added: at(first) }, { collection: D, added: at(second) }] as const; // prettier-ignore
      const name = (kind: string, value: string, place: { collection: string; added: number } = places[0]) => ({ kind, value, ...place }); // prettier-ignore
      const names = [
        name('domain', 'example.reef.'),
        name('domain', 'example.reef.', places[1]),
        name('domain', 'example.reef.www.'),
        name('domain', 'example.reef2.'),
        name('hash', 'abc'),
        name('name', 'reef é 😀'),
      ];
      await store.commit({ names });
      // Recording the same names twice changes nothing.
      await store.commit({ names: names.slice(0, 2) });
      const domain = [{ kind: 'domain', from: 'example.reef.', to: 'example.reef.\u{10FFFF}' }];
      expect(await store.names({ ranges: domain, limit: 10 })).toEqual(names.slice(0, 3));
      expect(await store.names({ ranges: [{ kind: 'domain', from: 'example.reef.' }], limit: 10 })).toEqual(names.slice(0, 2)); // prettier-ignore
      const both = [{ kind: 'name', from: 'reef é', to: 'reef é\u{10FFFF}' }, ...domain, { kind: 'hash', from: 'ab' }]; // prettier-ignore
      expect(await store.names({ ranges: both, limit: 3 })).toEqual(names.slice(0, 3));
      expect(await store.names({ ranges: both, limit: 3, after: names[2]! })).toEqual([names[5]]);
      expect(await store.names({ ranges: both, limit: 3, after: names[5]! })).toEqual([]);
      expect(await store.placed([...places, { collection: C, added: 5 }])).toMatchObject({
        covered: 3,
        entries: [
          { collection: C, added: at(first), id: one['id'], newest: true, text: JSON.stringify(one) },
          { collection: D, added: at(second), version: V2, newest: true },
        ],
      });
      await put(C, version('2030-01-01T00:00:00.000Z', String(one['id'])));
      expect(await store.placed([places[0]])).toMatchObject({ entries: [{ newest: false }] });
      await store.remove({ collection: D, id: String(one['id']), versions: ALL_VERSIONS });
      expect(await store.placed([places[1]])).toEqual({ entries: [], covered: 1 });
      expect(await store.occupied(places)).toEqual([places[0]]);
      await store.commit({ staleNames: names.slice(0, 3) });
      expect(await store.names({ ranges: domain, limit: 10 })).toEqual([]);
    });

    test('a query of many ranges returns the names in them and no others, with any gaps between them', async () => {
      const text = fc.stringMatching(/^[ab]{1,3}$/);
      const kind = fc.constantFrom('in/1/address', 'in/1/network', 'in/2/network');
      let round = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(kind, text), { maxLength: 12 }),
          fc.uniqueArray(fc.tuple(kind, text), { maxLength: 12, selector: String }),
          fc.integer({ min: 1, max: 5 }),
          async (pairs, asked, limit) => {
            // Each round has kinds of its own, because names of earlier rounds stay.
            const mark = `${round++}/`;
            const names = pairs.map(([of, value]) => ({ kind: mark + of, value, collection: C, added: 1 }));
            await store.commit({ names });
            const ranges = asked.map(([of, from]) => ({ kind: mark + of, from }));
            const found: unknown[] = [];
            for await (const page of namePages(store, ranges, limit)) found.push(...page.map(nameText));
            const wanted = names.filter((name) => ranges.some(({ kind: of, from }) => of === name.kind && from === name.value)); // prettier-ignore
            expect(found).toEqual([...new Set(wanted.map(nameText))].toSorted(byBytes));
          },
        ),
        { numRuns: 60 },
      );
    });

    describe('the lists of feeds', () => {
      const object = (n: number): string =>
        `indicator--${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`;
      const listing = (feed: string, unit: string, n: number) => ({ feed, unit, object: object(n) });
      const listed = async (feed: string, unit: string, after?: string): Promise<readonly string[]> =>
        store.listings({ feed, unit, limit: 3, ...(after === undefined ? {} : { after }) });

      test('are read by feed and unit, in order and in pages, and each object leads to the units that list it', async () => {
        const whole = [4, 2, 1, 3].map((n) => listing('a', '', n));
        const odd = 'with space\nand "quotes"';
        const units = [
          listing('a', 'one', 1),
          listing('a', odd, 1),
          listing('a', odd, 7),
          listing('a-b', 'one', 9),
        ];
        await store.commit({ feedItems: { listed: [...whole, ...units] } });
        await store.commit({ feedItems: { listed: [...whole, ...whole] } });
        expect(await listed('a', '')).toEqual([1, 2, 3].map(object));
        expect(await listed('a', '', object(3))).toEqual([object(4)]);
        expect(await listed('a', odd)).toEqual([1, 7].map(object));
        expect([await listed('a', 'one'), await listed('a-b', 'one')]).toEqual([[object(1)], [object(9)]]);
        expect([await listed('a', 'on'), await listed('', '')]).toEqual([[], []]);
        expect([...(await store.unitsOf('a', object(1), 9))].toSorted()).toEqual(['one', odd].toSorted());
        expect(await store.unitsOf('a', object(1), 1)).toHaveLength(1);
        // The list of a snapshot feed is not a unit.
        expect(await store.unitsOf('a', object(2), 9)).toEqual([]);
        await store.commit({ feedItems: { unlisted: [listing('a', '', 2), listing('a', odd, 1)] } });
        expect(await listed('a', '')).toEqual([1, 3, 4].map(object));
        expect(await store.unitsOf('a', object(1), 9)).toEqual(['one']);
      });

      test('and the first feed of each value stay what they were, whoever reports the value again', async () => {
        const find = (value: string, feed: string, at: number) => ({ value, feed, at });
        const odd = "[file:name = 'a\nb\\\\\"c']";
        await store.commit({ feedItems: { found: [find('v', 'b', 7), find('v', 'b', 8), find('v', 'a', 9), find(odd, 'a', 3)] } }); // prettier-ignore
        await store.commit({ feedItems: { found: [find('v', 'b', 5), find('v2', 'b', 6)] } });
        const all = await store.firstFinds({ limit: 9 });
        expect(all).toHaveLength(4);
        expect(all).toEqual(expect.arrayContaining([find('v', 'a', 9), find('v', 'b', 7), find('v2', 'b', 6), find(odd, 'a', 3)])); // prettier-ignore
        // Names of the same value follow each other.
        const at = all.findIndex(({ value }) => value === 'v');
        expect(all.slice(at, at + 2).map(({ feed }) => feed)).toEqual(['a', 'b']);
        const pages = [];
        for (let after = undefined as (typeof all)[number] | undefined; ;) {
          const [next] = await store.firstFinds({ limit: 1, ...(after === undefined ? {} : { after }) });
          if (next === undefined) break;
          pages.push(next);
          after = next;
        }
        expect(pages).toEqual(all);
      });

      test('and the uses of keys that earlier versions stored as names and reading positions mean the same', async () => {
        const place = (kind: string, value: string, of = C, at = 0): string =>
          `${kind}\n${value}\n${of}\n${String(at).padStart(16, '0')}`;
        const reader = {
          account: 'siem', collection: C, kind: 'objects', filters: '', seen: 2_000, cursor: 70, agent: 'x/2', requests: 3, objects: 10,
        }; // prettier-ignore
        const use = { ...reader, collection: '', kind: 'key', cursor: 0, objects: 0 };
        const rule = 'rule reef\n{\n  condition: true\n}';
        await store.note({ readers: [reader] });
        const domain = { kind: 'domain', value: 'example.reef.', collection: C, added: 12 };
        await store.commit({ names: [domain] });
        await store.close();
        await harness.storeAsNames(
          [
            ...[1, 2].map((n) => place('feed/a', object(n))),
            // The feed wrote to another collection earlier.
            place('feed/a', object(2), D),
            place('unit/a', `my event ${object(5)}`),
            place('unit-of/a', `${object(5)} my event`),
            place('found', "[domain-name:value = 'a']", 'a', 9),
            place('found', "[domain-name:value = 'a']", 'a', 11),
            place('found', "[domain-name:value = 'a']", 'b', 1_764_000_000_000_000),
            place('found', rule, 'a', 1_764_000_000_000_001),
          ],
          [
            { ...use, filters: 'k1', agent: '192.0.2.7 curl/8.0 (linux)' },
            { ...use, filters: 'k2', agent: '2001:db8::1 ' },
            { ...use, filters: 'k3', agent: '' },
          ],
        );
        // The second time there is nothing left to change.
        for (let i = 0; i < 2; i++) {
          store = await harness.reopen(clock);
          expect(await listed('a', '')).toEqual([1, 2].map(object));
          expect(await listed('a', 'my event')).toEqual([object(5)]);
          expect(await store.unitsOf('a', object(5), 9)).toEqual(['my event']);
          expect(await store.firstFinds({ limit: 9 })).toEqual([
            { value: "[domain-name:value = 'a']", feed: 'a', at: 9 },
            { value: "[domain-name:value = 'a']", feed: 'b', at: 1_764_000_000_000_000 },
            { value: rule, feed: 'a', at: 1_764_000_000_000_001 },
          ]);
          const noted = { account: 'siem', seen: 2_000, requests: 3 };
          expect(await store.keyUses(['siem'])).toEqual([
            { ...noted, key: 'k1', address: '192.0.2.7', agent: 'curl/8.0 (linux)' },
            { ...noted, key: 'k2', address: '2001:db8::1', agent: '' },
            { ...noted, key: 'k3', address: '', agent: '' },
          ]);
          expect(await store.readers()).toEqual([reader]);
          const kinds = ['domain', 'feed/a', 'found', 'unit/a', 'unit-of/a'];
          const ranges = kinds.map((kind) => ({ kind, from: '', to: '\u{10FFFF}' }));
          expect(await store.names({ ranges, limit: 9 })).toEqual([domain]);
          if (i === 0) await store.close();
        }
      });
    });

    test('the latest use of each key is kept, counts add up, and those of too many keys are removed', async () => {
      const use = {
        account: 'siem',
        key: 'k',
        seen: 2_000,
        address: '192.0.2.1',
        agent: 'new/2',
        requests: 3,
      };
      await store.note({ keyUses: [use, { ...use, account: 'other' }, { ...use, key: 'l' }] });
      await store.note({
        keyUses: [{ ...use, seen: 1_000, address: '192.0.2.9', agent: 'old/1', requests: 1 }],
      });
      expect(await store.keyUses(['siem'])).toEqual([
        { ...use, requests: 4 },
        { ...use, key: 'l' },
      ]);
      await store.note({ keyUses: [{ ...use, seen: 3_000, address: '192.0.2.2', requests: 1 }] });
      expect((await store.keyUses(['siem']))[0]).toMatchObject({
        seen: 3_000,
        address: '192.0.2.2',
        requests: 5,
      });
      expect(await store.readers()).toEqual([]);
      const many = Array.from({ length: MOST_KEY_USES + 10 }, (_, i) => ({ ...use, account: 'busy', key: `b${i}`, seen: i })); // prettier-ignore
      await store.note({ keyUses: many });
      await store.sweep(0);
      const kept = await store.keyUses(['busy']);
      expect(kept).toHaveLength(MOST_KEY_USES);
      expect(Math.min(...kept.map(({ seen }) => seen))).toBe(10);
      expect(await store.keyUses(['siem', 'other'])).toHaveLength(3);
    }, 120_000);

    test('in the ledger the later request wins, counts add up, and old refusals are removed', async () => {
      const reader = {
        account: 'siem', collection: C, kind: 'objects', filters: '', seen: 2_000, cursor: 70, agent: 'new/2', requests: 3, objects: 10,
      }; // prettier-ignore
      const refusal = { account: '', place: '', code: 'TLN-A-401', reason: 'an unknown key', first: 1_000, last: 2_000, times: 2, agent: 'curl' }; // prettier-ignore
      await store.note({
        readers: [reader],
        refusals: [refusal, { ...refusal, account: 'siem', last: 500 }],
      });
      await store.note({
        readers: [
          { ...reader, seen: 1_000, cursor: 50, agent: 'old/1', requests: 1, objects: 5 },
          { ...reader, kind: 'manifest' },
        ],
        refusals: [{ ...refusal, last: 3_000, reason: 'its key has expired', times: 1 }],
      });
      expect(await store.readers()).toEqual([
        { ...reader, kind: 'manifest' },
        { ...reader, requests: 4, objects: 15 },
      ]);
      const merged = { ...refusal, last: 3_000, reason: 'its key has expired', times: 3 };
      expect(await store.refusals(1)).toEqual([merged]);
      expect(await store.refusals(5)).toHaveLength(2);
      await store.sweep(0, 501);
      expect(await store.refusals(5)).toEqual([merged]);
      await store.note({ readers: [{ ...reader, seen: 4_000, cursor: 20 }], refusals: [] });
      expect((await store.readers())[1]).toMatchObject({ cursor: 20, requests: 7 });
    });

    test('audit facts of batches form one chain, each once, in the order of their commits', async () => {
      const fact = (action: string): AuditFact => ({
        id: randomUUID(), at: clock.now(), actor: 'boss', action, resource: 'account/x', result: 'done', details: { n: 1.5, b: ['é'] },
      }); // prettier-ignore
      const facts = [fact('one'), fact('two'), fact('three'), fact('four')];
      const [one, two, three, four] = facts as [AuditFact, AuditFact, AuditFact, AuditFact];
      await store.commit({
        records: [{ kind: 'account', id: 'x', expected: 0, document: {} }],
        facts: [one],
      });
      await store.numberFacts();
      clock.advance(1);
      await store.commit({ facts: [two, three] });
      clock.advance(1);
      // A rejected change notifies nobody.
      await expect(
        store.commit({
          records: [{ kind: 'account', id: 'x', expected: 0, document: {} }],
          facts: [fact('never')],
        }),
      ).rejects.toMatchObject({ kind: 'conflict' });
      await store.commit({
        records: [{ kind: 'account', id: 'x', expected: 1, document: undefined }],
        facts: [four],
      });
      await Promise.all([store.numberFacts(), store.numberFacts()]);
      await store.numberFacts();
      const chain = await store.audit(0, 100);
      expect(chain.map(({ seq, fact: told }) => [seq, told])).toEqual(facts.map((told, i) => [i + 1, told]));
      let before = '';
      for (const entry of chain) {
        expect(entry.hash).toBe(auditHash(before, entry.fact));
        before = entry.hash;
      }
      expect((await store.audit(2, 1)).map(({ seq }) => seq)).toEqual([3]);
      await store.close();
      store = await harness.reopen(clock);
      expect(await store.audit(0, 100)).toEqual(chain);
      expect(await store.auditHead()).toEqual((await store.audit(0, 100)).at(-1));
    });

    test('the oldest audit entries are removed in parts, the newest stays, and the chain continues from their hash', async () => {
      const fact = (n: number): AuditFact => ({
        id: randomUUID(), at: clock.now(), actor: 'boss', actor_id: 'boss', action: `act.${n}`, resource: 'hub', result: 'done',
      }); // prettier-ignore
      for (let n = 1; n <= 6; n++) {
        await store.commit({ facts: [fact(n)] });
        clock.advance(1);
        await store.numberFacts();
      }
      const chain = await store.audit(0, 100);
      expect(await store.auditStart()).toBeUndefined();
      expect(await store.trimAudit(4, 3)).toBe(3);
      expect(await store.auditStart()).toEqual({ seq: 3, hash: chain[2]?.hash });
      expect(await store.trimAudit(4, 3)).toBe(1);
      expect(await store.trimAudit(4, 3)).toBe(0);
      expect(await store.audit(0, 100)).toEqual(chain.slice(4));
      const { entries } = await store.auditBy([auditKey.actor('boss')], 0, 100);
      expect(entries).toEqual(chain.slice(4));
      expect(await store.trimAudit(100, 100)).toBe(1);
      expect(await store.auditHead()).toEqual(chain[5]);
      await store.close();
      store = await harness.reopen(clock);
      await store.commit({ facts: [fact(7)] });
      await store.numberFacts();
      const last = await store.auditHead();
      expect(last).toMatchObject({ seq: 7, fact: { action: 'act.7' } });
      expect(last?.hash).toBe(auditHash(chain[5]?.hash ?? '', last?.fact ?? fact(0)));
    });

    test('receipts of an account or of all are trimmed from the oldest, by number and by size', async () => {
      const receipt = (id: string, account: string, at: number) => ({
        id,
        account,
        at,
        body: 'x'.repeat(10),
      });
      const receipts = [1, 2, 3, 4, 5].flatMap((n) => [
        receipt(`a${n}`, 'a', n),
        receipt(`b${n}`, 'b', 10 + n),
      ]);
      await store.commit({ receipts });
      const kept = async () => {
        const found = await Promise.all(receipts.map(({ id }) => store.receipt(id)));
        return found.flatMap((one) => one?.id ?? []).toSorted();
      };
      expect((await store.receiptUsage()).map(({ account }) => account).toSorted()).toEqual(['a', 'b']);
      expect(await store.trimReceipts('a', { items: 4, bytes: 1_000 })).toBe(1);
      expect(await store.trimReceipts('a', { items: 4, bytes: 1_000 })).toBe(0);
      expect(await store.trimReceipts('b', { items: 9, bytes: 30 })).toBe(2);
      expect(await kept()).toEqual(['a2', 'a3', 'a4', 'a5', 'b3', 'b4', 'b5']);
      expect(await store.trimReceipts(undefined, { items: 4, bytes: 1_000 })).toBe(3);
      expect(await kept()).toEqual(['a5', 'b3', 'b4', 'b5']);
    });

    test('the number and size of records of a kind are known without reading them, all or by an index key', async () => {
      const record = (id: string, owner: string, text: string) => ({
        kind: 'share', id, expected: 0, document: { text }, index: { owner },
      }); // prettier-ignore
      for (const one of [record('a', 'fiji', 'é'), record('b', 'fiji', ''), record('c', 'tonga', 'xyz')])
        await store.commit({ records: [one] });
      const size = Buffer.byteLength('{"text":""}');
      const ofFiji = { name: 'owner', value: 'fiji' };
      expect(await store.recordUsage('share')).toEqual({ items: 3, bytes: 3 * size + 5 });
      expect(await store.recordUsage('share', ofFiji)).toEqual({ items: 2, bytes: 2 * size + 2 });
      await store.commit({ records: [{ kind: 'share', id: 'a', expected: 1, document: undefined }] });
      expect(await store.recordUsage('share', ofFiji)).toEqual({ items: 1, bytes: size });
      expect(await store.recordUsage('share')).toEqual({ items: 2, bytes: 2 * size + 3 });
      expect(await store.recordUsage('none')).toEqual({ items: 0, bytes: 0 });
    });

    test('pending envelopes are counted by account and member, with the size of their bytes', async () => {
      const envelope = (id: string, account: string, size: number, member?: string) => ({
        id, account, ...(member === undefined ? {} : { member }), collection: C, at: 1, pending: '{}', body: Buffer.alloc(size),
      }); // prettier-ignore
      await store.commit({
        envelopes: [envelope('e1', 'a', 5, 'fiji'), envelope('e2', 'a', 6, 'fiji'), envelope('e3', 'b', 7), envelope('e4', 'a', 3, 'tonga')],
      }); // prettier-ignore
      const sums = async () => {
        const all = await store.envelopeUsage();
        const of = (account: string, member?: string) =>
          all.filter((one) => one.account === account && one.member === member);
        return [of('a', 'fiji'), of('b'), of('a', 'tonga')].map((own) => [
          own.reduce((sum, { items }) => sum + items, 0),
          own.reduce((sum, { bytes }) => sum + bytes, 0),
        ]);
      };
      expect(await sums()).toEqual([[2, 11], [1, 7], [1, 3]]); // prettier-ignore
      const heads = (await store.envelopeHeads(9)).map(({ id, member }) => [id, member] as const);
      expect(new Map(heads)).toEqual(
        new Map([['e1', 'fiji'], ['e2', 'fiji'], ['e3', undefined], ['e4', 'tonga']]),
      ); // prettier-ignore
      expect(await store.envelopeHead('e1')).toMatchObject({ account: 'a', member: 'fiji' });
      expect(await store.envelopeHead('e3')).not.toHaveProperty('member');
      await store.commit({ finished: ['e2'] });
      expect(await sums()).toEqual([[1, 5], [1, 7], [1, 3]]); // prettier-ignore
    });

    describe('audit entries by actor and by member', () => {
      const fact = (actor: string, member?: string, old = false): AuditFact => ({
        id: randomUUID(), at: clock.now(), actor, action: 'x', resource: 'hub', result: 'done',
        ...(old ? {} : { actor_id: `acc-${actor}` }), ...(member === undefined ? {} : { member }),
      }); // prettier-ignore
      const fill = async (): Promise<void> => {
        const facts = [
          fact('tevita'), fact('mere', 'fiji'), fact('tevita', 'fiji'), fact('sione', 'tonga'), fact('acc-tevita', undefined, true), fact('tevita', 'tonga'),
        ]; // prettier-ignore
        for (const one of facts) {
          await store.commit({ facts: [one] });
          await store.numberFacts();
          clock.advance(1);
        }
      };
      const keys = [auditKey.actor('acc-tevita'), auditKey.member('fiji')];
      const numbers = async (after: number, limit = 10, of: readonly string[] = keys) => {
        const { entries, unindexedFrom } = await store.auditBy(of, after, limit);
        return { seqs: entries.map(({ seq }) => seq), unindexedFrom };
      };
      const newest = async (before: number, limit = 10) => {
        const { entries, unindexedFrom } = await store.auditBy(keys, before, limit, 'newest');
        return { seqs: entries.map(({ seq }) => seq), unindexedFrom };
      };

      test('are found in order, each once, also when both keys apply, and in pages', async () => {
        await fill();
        expect(await numbers(0)).toEqual({ seqs: [1, 2, 3, 5, 6], unindexedFrom: undefined });
        expect((await numbers(1, 2)).seqs).toEqual([2, 3]);
        expect((await numbers(3, 2)).seqs).toEqual([5, 6]);
        expect((await numbers(0, 10, [auditKey.member('tonga')])).seqs).toEqual([4, 6]);
        // The name of an account is not its id.
        expect((await numbers(0, 10, [auditKey.actor('tevita'), auditKey.member('acc-tevita')])).seqs).toEqual([]); // prettier-ignore
        expect((await store.auditBy(keys, 0, 1)).entries).toEqual(await store.audit(0, 1));
      });

      test('are found from the newest to the oldest, in pages that end at the oldest', async () => {
        await fill();
        const all = await store.audit(0, 100);
        expect(await store.audit(AUDIT_END, 100, 'newest')).toEqual(all.toReversed());
        expect((await store.audit(5, 2, 'newest')).map(({ seq }) => seq)).toEqual([4, 3]);
        expect(await store.audit(1, 2, 'newest')).toEqual([]);
        expect(await newest(AUDIT_END)).toEqual({ seqs: [6, 5, 3, 2, 1], unindexedFrom: undefined });
        expect((await newest(5, 2)).seqs).toEqual([3, 2]);
        expect((await newest(2, 2)).seqs).toEqual([1]);
        expect(await newest(1)).toEqual({ seqs: [], unindexedFrom: undefined });
        expect(await store.trimAudit(2, 10)).toBe(2);
        expect((await store.audit(AUDIT_END, 100, 'newest')).at(-1)).toEqual(all[2]);
      });

      test('that are not in the index yet end a page with the newest first, and the page continues when they are', async () => {
        await fill();
        await store.close();
        await harness.forgetAuditIndex();
        store = await harness.reopen(clock);
        await store.commit({ facts: [fact('tevita')] });
        await store.numberFacts();
        expect(await newest(AUDIT_END)).toEqual({ seqs: [7], unindexedFrom: 7 });
        expect(await newest(7)).toEqual({ seqs: [], unindexedFrom: 7 });
        await store.indexFacts(4);
        expect(await newest(7)).toEqual({ seqs: [], unindexedFrom: 7 });
        expect(await newest(5)).toEqual({ seqs: [3, 2, 1], unindexedFrom: undefined });
        await store.indexFacts(4);
        expect(await newest(7)).toEqual({ seqs: [6, 5, 3, 2, 1], unindexedFrom: undefined });
      });

      test('are added to the index in slices after an update, also across restarts, while new entries are written', async () => {
        await fill();
        await store.close();
        await harness.forgetAuditIndex();
        store = await harness.reopen(clock);
        expect(await numbers(0)).toEqual({ seqs: [], unindexedFrom: 0 });
        expect(await store.indexFacts(2)).toBe(2);
        expect(await numbers(0)).toEqual({ seqs: [1, 2], unindexedFrom: 2 });
        await store.close();
        store = await harness.reopen(clock);
        await store.commit({ facts: [fact('tevita')] });
        await store.numberFacts();
        expect(await numbers(1)).toEqual({ seqs: [2], unindexedFrom: 2 });
        expect(await store.indexFacts(3)).toBe(3);
        expect(await store.indexFacts(3)).toBe(1);
        expect(await store.indexFacts(3)).toBe(0);
        expect(await numbers(0)).toEqual({ seqs: [1, 2, 3, 5, 6, 7], unindexedFrom: undefined });
      });
    });

    test('every filter returns the same entries as a full scan, in the order of addition', async () => {
      const types = ['indicator', 'malware', 'tool'];
      const ids = Array.from({ length: 6 }, (_, i) => `${types[i % 3]}--${randomUUID()}`);
      const instants = [V1, V2, V3];
      const all: Candidate[] = ids.flatMap((id, i) =>
        instants.slice(0, 1 + (i % 3)).map((modified, n) => {
          const spec = (i + n) % 4 === 0 ? ('2.0' as const) : ('2.1' as const);
          return { ...version(modified, id, { spec_version: spec === '2.1' ? '2.1' : undefined, type: id.split('--')[0] }), spec, type: String(id.split('--')[0]) }; // prettier-ignore
        }),
      );
      for (const candidate of [...all.slice(3), ...all.slice(0, 3)]) await put(C, candidate);
      const plain = (await store.entries(query({ versions: ALL_VERSIONS, specs: ['2.0', '2.1'] }), false)).entries; // prettier-ignore
      expect(plain).toHaveLength(all.length);
      const specOf = (id: string) => (plain.some((e) => e.id === id && e.spec === '2.1') ? '2.1' : '2.0');
      await fc.assert(
        fc.asyncProperty(
          fc.record({
            all: fc.boolean(),
            first: fc.boolean(),
            last: fc.boolean(),
            exact: fc.subarray(instants.map(instant)),
          }),
          fc.option(fc.subarray(['2.0' as const, '2.1' as const], { minLength: 1 }), { nil: undefined }),
          fc.option(fc.subarray(types, { minLength: 1 }), { nil: undefined }),
          fc.option(fc.subarray(ids, { minLength: 1 }), { nil: undefined }),
          fc.nat(plain.length),
          fc.integer({ min: 1, max: 5 }),
          async (versions, specs, wantedTypes, wantedIds, from, limit) => {
            fc.pre(versions.all || versions.first || versions.last || versions.exact.length > 0);
            const after = from === 0 ? 0 : (plain[from - 1]?.added ?? 0);
            const expected = plain.filter((e) => {
              const beside = plain.filter((o) => o.id === e.id && o.spec === e.spec).map((o) => o.version);
              const edge = (pick: 0 | -1) => beside.toSorted().at(pick) === e.version;
              return (
                e.added > after &&
                (specs === undefined ? e.spec === specOf(e.id) : specs.includes(e.spec)) &&
                (wantedTypes?.includes(e.type) ?? true) &&
                (wantedIds?.includes(e.id) ?? true) &&
                (versions.all || (versions.first && edge(0)) || (versions.last && edge(-1)) || versions.exact.includes(instant(e.version))) // prettier-ignore
              );
            });
            const asked = query({
              versions, after, limit,
              ...(specs === undefined ? {} : { specs }),
              ...(wantedTypes === undefined ? {} : { types: wantedTypes }),
              ...(wantedIds === undefined ? {} : { ids: wantedIds }),
            }); // prettier-ignore
            const entries = await store.entries(asked, false);
            expect(entries).toEqual({ entries: expected.slice(0, limit), more: expected.length > limit });
            const texts = await store.texts(asked);
            const page = expected.slice(0, limit);
            expect((JSON.parse(`[${texts.joined.toString()}]`) as Json[]).map((o) => [o['id'], o['modified']])).toEqual(page.map((e) => [e.id, e.version])); // prettier-ignore
            expect([texts.count, texts.first, texts.last, texts.more]).toEqual([page.length, page[0]?.added ?? 0, page.at(-1)?.added ?? 0, expected.length > limit]); // prettier-ignore
          },
        ),
        { numRuns: 60 },
      );
    });

    test('a lease has one holder and rising fences, and a holder that lost it cannot write', async () => {
      const first = await store.takeLease('feed/a', 1_000);
      expect(first).toBeDefined();
      expect(await store.takeLease('feed/a', 1_000)).toBeUndefined();
      if (first === undefined) return;
      clock.advance(500);
      expect(await store.renewLease(first, 1_000)).toBe(true);
      clock.advance(900);
      expect(await store.takeLease('feed/a', 1_000)).toBeUndefined();
      await store.commit({ lease: first, records: [{ kind: 'x', id: '1', expected: 0, document: {} }] });
      clock.advance(1_001);
      const second = await store.takeLease('feed/a', 1_000);
      expect(second?.fence).toBeGreaterThan(first.fence);
      expect(await store.renewLease(first, 1_000)).toBe(false);
      await expect(
        store.commit({ lease: first, records: [{ kind: 'x', id: '2', expected: 0, document: {} }] }),
      ).rejects.toMatchObject({ kind: 'conflict' });
      if (second !== undefined) await store.releaseLease(second);
      expect(await store.takeLease('feed/a', 1_000)).toBeDefined();
    });

    test('everything is still present after the store was opened again', async () => {
      const object = anIndicator();
      await store.commit({
        placements: [{ collection: C, candidates: [aCandidate(object)] }],
        records: [{ kind: 'a', id: 'b', expected: 0, document: { n: 1 } }],
      });
      const before = (await store.entries(query(), false)).entries;
      await store.close();
      store = await harness.reopen(clock);
      expect((await store.entries(query(), false)).entries).toEqual(before);
      expect(await read()).toEqual([object]);
      expect(await store.record('a', 'b')).toMatchObject({ revision: 1, document: { n: 1 } });
      await put(C, aCandidate(anIndicator()));
      expect((await store.entries(query(), false)).entries[1]?.added).toBeGreaterThan(before[0]?.added ?? 0);
      expect(await store.sizes()).toMatchObject([{ collection: C, entries: 2 }]);
    });
  });
}
