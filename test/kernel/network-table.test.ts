import { isIP } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addressOf, parseNetwork, type Network } from '../../src/kernel/address.ts';
import { NetworkTable } from '../../src/kernel/network-table.ts';

const network = (text: string): Network => {
  const read = parseNetwork(text);
  if (read === undefined) throw new Error(`${text} is not a network`);
  return read;
};

/** The first and the last address of a network. */
function endsOf({ family, base, prefix }: Network): readonly [bigint, bigint] {
  return [base, base + (1n << BigInt((family === 4 ? 32 : 128) - prefix)) - 1n];
}

/** Returns the relation by comparing a network with each one of the table. */
function compared(table: readonly Network[], one: Network): 'within' | 'around' | undefined {
  const [first, last] = endsOf(one);
  const others = table.filter(({ family }) => family === one.family).map(endsOf);
  if (others.some(([from, to]) => from <= first && last <= to)) return 'within';
  return others.some(([from, to]) => first <= from && to <= last) ? 'around' : undefined;
}

describe('a table of networks', () => {
  // Few different addresses, so that many networks contain each other.
  const few = fc.constantFrom('0.0.0.0', '10.0.0.0', '10.0.0.1', '10.0.0.128', '10.128.0.0', '192.0.2.7', '255.255.255.255', '::', '2001:db8::', '2001:db8::1', '2001:db8:8000::', 'ffff::'); // prettier-ignore
  const some = fc.tuple(few, fc.nat(128)).map(([base, size]) => network(`${base}/${isIP(base) === 4 ? Math.min(size, 32) : size}`)); // prettier-ignore

  test('finds what contains a network, and what a network contains, in both families', () => {
    fc.assert(
      fc.property(fc.array(some, { maxLength: 12 }), fc.array(some, { minLength: 1, maxLength: 12 }), (known, asked) => {
        const table = new NetworkTable(known);
        for (const one of asked) expect(table.relation(one)).toBe(compared(known, one));
      }),
      { numRuns: 2_000 },
    ); // prettier-ignore
  });

  test('finds a network that is added after an earlier lookup', () => {
    const table = new NetworkTable();
    expect(table.relation(network('10.0.0.0/8'))).toBeUndefined();
    table.add(network('10.1.0.0/16'));
    expect(table.relation(network('10.0.0.0/8'))).toBe('around');
    table.add(network('2001:db8::/32'));
    expect(table.relation(network('2001:db8::/16'))).toBe('around');
    expect(table.relation(network('2001:db8::1'))).toBe('within');
  });
});

test('an IPv4 address is read as a network of one address, and other texts are not addresses', () => {
  const part = fc.oneof(
    fc.nat(300).map(String),
    fc.constantFrom('', '0', '00', '01', '255', '256', 'x', '-1'),
  );
  const text = fc.array(part, { minLength: 3, maxLength: 5 }).map((parts) => parts.join('.'));
  fc.assert(
    fc.property(text, (address) => {
      const read = parseNetwork(address);
      expect([address, read !== undefined]).toEqual([address, isIP(address) === 4]);
      if (read === undefined) return;
      expect(read).toEqual(parseNetwork(`${address}/32`));
      expect(addressOf(read.base, 32)).toBe(address);
    }),
    { numRuns: 5_000 },
  );
});
