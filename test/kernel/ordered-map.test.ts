import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { MapDraft, OrderedMap, type MapChange } from '../../src/kernel/ordered-map.ts';

const keyed = (n: number): string => String(n).padStart(5, '0');

/** Changes of one to many keys: neighbours, so that chunks grow and empty, or keys from all over the map. */
const changes = fc.oneof(
  fc
    .record({ from: fc.nat(3_000), count: fc.nat(700), value: fc.option(fc.nat(5), { nil: undefined }) })
    .map(({ from, count, value }) =>
      Array.from({ length: count }, (_, i): MapChange<string> => [
        keyed(from + i),
        value === undefined ? undefined : `${value}`,
      ]),
    ),
  fc.array(fc.tuple(fc.nat(4_000).map(keyed), fc.option(fc.constantFrom('a', 'b'), { nil: undefined })), {
    maxLength: 30,
  }),
);

/** As `toEqual`, which takes long for large values that are equal. */
function demandEqual(one: unknown, other: unknown): void {
  if (!isDeepStrictEqual(one, other)) expect(one).toEqual(other);
}

describe('an ordered map', () => {
  test('has the content of a map, in order, and finds each difference from any earlier one', () => {
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 8 }), fc.array(fc.nat(4_100), { maxLength: 20 }), (series, probes) => {
        const model = new Map<string, string>();
        const versions = [{ map: OrderedMap.of<string>(), model: new Map<string, string>() }];
        for (const step of series) {
          for (const [key, value] of step)
            if (value === undefined) model.delete(key);
            else model.set(key, value);
          const last = versions.at(-1)?.map ?? OrderedMap.of<string>();
          const map = last.patched(step);
          versions.push({ map, model: new Map(model) });
          demandEqual([...step.reduce((one, [key, value]) => one.with(key, value), last)], [...map]);
        }
        for (const { map, model: expected } of versions) {
          const sorted = [...expected].toSorted(([a], [b]) => (a < b ? -1 : 1));
          demandEqual([...map], sorted);
          demandEqual(
            [map.size, [...map.keys()], [...map.values()]],
            [sorted.length, sorted.map(([key]) => key), sorted.map(([, value]) => value)],
          );
          for (const probe of probes.map(keyed)) {
            expect([map.get(probe), map.has(probe)]).toEqual([expected.get(probe), expected.has(probe)]);
            expect(map.keyFrom(probe)).toBe(sorted.find(([key]) => key >= probe)?.[0]);
          }
        }
        const last = versions.at(-1) as (typeof versions)[number];
        for (const { map, model: earlier } of versions)
          for (const [one, other, a, b] of [[map, last.map, earlier, last.model], [last.map, map, last.model, earlier]] as const)
            demandEqual(
              [...other.since(one)],
              [...new Set([...a.keys(), ...b.keys()])]
                .toSorted()
                .filter((key) => a.get(key) !== b.get(key))
                .map((key) => [key, a.get(key), b.get(key)]),
            );
      }),
      { numRuns: 30 },
    );
  }); // prettier-ignore

  test('stays the same if nothing changes, and shares nearly everything otherwise', () => {
    const map = OrderedMap.of(Array.from({ length: 50_000 }, (_, i) => [keyed(i), { i }] as const));
    expect(map.patched([['x', undefined], [keyed(7), map.get(keyed(7))]])).toBe(map); // prettier-ignore
    const draft = new MapDraft(map);
    draft.set(keyed(7), undefined);
    draft.set(keyed(7), map.get(keyed(7)));
    expect([draft.get(keyed(7)), draft.done()]).toEqual([{ i: 7 }, map]);
    expect(draft.done()).toBe(map);
    draft.set('04242', undefined);
    expect([draft.get('04242'), draft.get('04243')]).toEqual([undefined, { i: 4_243 }]);
    expect([...draft.done().since(map)]).toEqual([['04242', { i: 4_242 }, undefined]]);
  });

  test('many changes through a draft give the same map as all at once', () => {
    const entries = Array.from({ length: 9_000 }, (_, i) => [keyed((i * 7_919) % 9_000), i] as const);
    const draft = new MapDraft(OrderedMap.of<number>());
    for (const [key, value] of entries) draft.set(key, value);
    demandEqual([...draft.done()], [...OrderedMap.of(entries)]);
  });
});
