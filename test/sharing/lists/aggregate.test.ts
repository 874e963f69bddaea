import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Aggregator, type Covered } from '../../../src/sharing/lists/aggregate.ts';
import { rangeText, type Range } from '../../../src/stix/values/observed-values.ts';

const order = (a: Range, b: Range): number =>
  a.base < b.base ? -1 : a.base > b.base ? 1 : a.prefix - b.prefix;

function aggregated(bits: 32 | 128, ranges: readonly Range[], merges = true): readonly Covered<number>[] {
  const aggregator = new Aggregator<number>(bits, merges, (a, b) => a + b);
  const out = ranges.toSorted(order).flatMap((range) => aggregator.push({ ...range, about: 1 }));
  return [...out, ...aggregator.end()];
}

const texts = (ranges: readonly Range[]): string[] =>
  ranges.map((range) => rangeText('ipv4', range)).toSorted();
const v4 = (text: string): Range => {
  const [address = '', prefix = '32'] = text.split('/');
  return {
    base: address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n),
    prefix: Number(prefix),
  };
};

test.each([
  [['45.9.0.0', '45.9.0.1'], ['45.9.0.0/31']],
  [['45.9.0.1', '45.9.0.2'], ['45.9.0.1', '45.9.0.2']],
  [['45.9.0.0', '45.9.0.1', '45.9.0.2', '45.9.0.3', '45.9.0.9'], ['45.9.0.0/30', '45.9.0.9']],
  [['45.9.0.0/24', '45.9.0.7', '45.9.0.7', '45.9.1.0/24'], ['45.9.0.0/23']],
  [['45.8.0.0/16', '45.9.0.0/16'], ['45.8.0.0/16', '45.9.0.0/16']],
])('%j become %j', (given, expected) => {
  expect(texts(aggregated(32, given.map(v4)))).toEqual(expected.toSorted());
}); // prettier-ignore

/** Ranges in a space of 256 addresses, so that many of them touch. */
const range = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 8 }));
const addresses = (ranges: readonly Range[], bits: number, start: bigint): Set<bigint> => {
  const found = new Set<bigint>();
  for (const { base, prefix } of ranges)
    for (let at = base; at < base + (1n << BigInt(bits - prefix)); at++) found.add(at - start);
  return found;
};

test.each([32, 128] as const)('networks of %i bits are joined to fewer that contain exactly the same addresses', (bits) => {
  const start = bits === 32 ? 0x2d09_0000n : 0x2a0b_0000_0000_0000_0000_0000_0000_0000n;
  fc.assert(
    fc.property(fc.array(range, { maxLength: 40 }), fc.boolean(), (given, merges) => {
      const ranges = given.map(([at, size]): Range => ({
        base: start + ((BigInt(at) >> BigInt(size)) << BigInt(size)),
        prefix: bits - size,
      }));
      const joined = aggregated(bits, ranges, merges);
      expect(addresses(joined, bits, start)).toEqual(addresses(ranges, bits, start));
      // They have no address in common, and none of them can be joined further.
      const sum = joined.reduce((total, { prefix }) => total + (1n << BigInt(bits - prefix)), 0n);
      expect(sum).toBe(BigInt(addresses(joined, bits, start).size));
      if (!merges) return;
      const known = new Set(joined.map(({ base, prefix }) => `${base}/${prefix}`));
      for (const { base, prefix } of joined)
        expect(known.has(`${base ^ (1n << BigInt(bits - prefix))}/${prefix}`)).toBe(false);
    }),
    { numRuns: 500 },
  );
}); // prettier-ignore
