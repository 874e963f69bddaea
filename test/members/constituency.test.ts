import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { MemberInfo } from '../../src/access/snapshot.ts';
import { parseNetwork, type Network } from '../../src/kernel/address.ts';
import { Constituency } from '../../src/members/constituency.ts';
import { concernsOf } from '../../src/stix/observables.ts';

const member = (name: string, claims: Partial<MemberInfo>): MemberInfo => ({
  name, title: name, active: true, identities: [], countries: [], asns: [], networks: [], domains: [], sectors: [], brands: [],
  parent: undefined, copies: false, collection: undefined, clients: undefined, ...claims,
}); // prettier-ignore

/** Addresses close together, so that claims contain and overlap each other. */
const v4 = fc
  .tuple(fc.constantFrom(10, 11), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 255 }))
  .map((octets) => octets.join('.')); // prettier-ignore
const v6 = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }))
  .map(([a, b]) => `2001:db8:${a.toString(16)}::${b.toString(16)}`);
const network = fc.oneof(
  fc.tuple(v4, fc.integer({ min: 8, max: 32 })).map(([ip, length]) => `${ip}/${length}`),
  fc.tuple(v6, fc.integer({ min: 32, max: 128 })).map(([ip, length]) => `${ip}/${length}`),
);
const domain = fc.array(fc.constantFrom('a', 'b', 'gov', 'to'), { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.')); // prettier-ignore

const read = (text: string): Network => {
  const found = parseNetwork(text);
  if (found === undefined) throw new Error(text);
  return found;
};
const holds = (wide: Network, narrow: Network): boolean => {
  if (wide.family !== narrow.family || wide.prefix > narrow.prefix) return false;
  const shift = BigInt((wide.family === 4 ? 32 : 128) - wide.prefix);
  return wide.base >> shift === narrow.base >> shift;
};

/**
 * A naive version of the rule: the longest claims that contain the network. For a network wider than an address, also
 * the claims inside it.
 */
function naive(members: readonly MemberInfo[], asked: Network): readonly string[] {
  const claims = members.flatMap(({ name, networks }) => networks.map((text) => ({ name, own: read(text) })));
  const holding = claims.filter(({ own }) => holds(own, asked));
  const longest = Math.max(...holding.map(({ own }) => own.prefix));
  const isAddress = asked.prefix === (asked.family === 4 ? 32 : 128);
  const inside = isAddress ? [] : claims.filter(({ own }) => own.prefix > asked.prefix && holds(asked, own));
  return [
    ...new Set([...holding.filter(({ own }) => own.prefix === longest), ...inside].map(({ name }) => name)),
  ].toSorted();
}

describe('members that an object affects', () => {
  test('the longest claims on a network match, whatever overlaps', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(network, { maxLength: 5 }), { minLength: 1, maxLength: 5 }),
        fc.array(network, { minLength: 1, maxLength: 10 }),
        (claims, asked) => {
          const members = claims.map((networks, i) => member(`m${i}`, { networks }));
          const table = new Constituency(members);
          for (const text of asked) {
            const found = table
              .match([{ kind: 'network', network: read(text) }])
              .map((match) => match.member)
              .toSorted();
            expect([text, found]).toEqual([text, naive(members, read(text))]);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('the longest domain suffix matches by labels', () => {
    fc.assert(
      fc.property(fc.array(domain, { minLength: 1, maxLength: 6 }), domain, (claims, asked) => {
        const table = new Constituency(claims.map((name, i) => member(`m${i}`, { domains: [name] })));
        const holding = claims.filter((name) => asked === name || asked.endsWith(`.${name}`));
        const longest = Math.max(...holding.map((name) => name.length));
        const wanted = claims.flatMap((name, i) => (holding.includes(name) && name.length === longest ? [`m${i}`] : [])); // prettier-ignore
        const found = table.match([{ kind: 'domain', name: asked }]).map((match) => match.member);
        expect(found.toSorted()).toEqual([...new Set(wanted)].toSorted());
      }),
      { numRuns: 1_000 },
    );
  });

  test("a bank's /29 takes precedence over a telco's /16, and AS numbers and countries count only without a closer match", () => {
    const table = new Constituency([
      member('telco', { networks: ['198.51.0.0/16'], asns: [64500] }),
      member('bank', { networks: ['198.51.100.200/29'] }),
      member('samoa', { countries: ['WS'] }),
      { ...member('former', { networks: ['198.51.100.201/32'] }), active: false },
    ]);
    const of = (pattern: string, labels?: string[]) =>
      table
        .match(concernsOf({ type: 'indicator', pattern_type: 'stix', pattern, labels }))
        .map((match) => match.member);
    expect(of("[ipv4-addr:value = '198.51.100.201']")).toEqual(['bank']);
    expect(of("[ipv4-addr:value = '198.51.100.210']")).toEqual(['telco']);
    expect(of("[ipv4-addr:value ISSUBSET '198.51.100.0/24']")).toEqual(['telco', 'bank']);
    expect(of("[ipv4-addr:value = '198.51.100.201']", ['country:WS'])).toEqual(['bank']);
    expect(of("[ipv4-addr:value = '203.0.113.1']", ['country:WS'])).toEqual(['samoa']);
    expect(of('[autonomous-system:number = 64500]', ['country:WS'])).toEqual(['telco']);
    expect(of("[NOT ipv4-addr:value = '198.51.100.201']")).toEqual([]);
  });

  test('a brand without searchable characters matches no object', () => {
    const lure = { type: 'url', value: 'http://login.reef-bank.example/', labels: ['phishing'] };
    const of = (brand: string) =>
      new Constituency([member('bank', { brands: [brand] })])
        .match(concernsOf(lure))
        .map(({ claim }) => claim);
    expect(of('Reef Bank')).toEqual(['brand reefbank']);
    expect(of('-----')).toEqual([]);
    expect(of('R & B')).toEqual([]);
  });
});
