// Measures how many values are routed per second, against 50,000 prefixes and 20,000 domains of many members.
import { Constituency } from '../dist/members/constituency.js';
import { concernsOf } from '../dist/stix/observables.js';

const VALUES = 200_000;
let seed = 7;
const next = (below) => {
  // A separate generator, so that every run uses the same values.
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed % below;
};
const address = () => `${1 + next(222)}.${next(256)}.${next(256)}.${next(256)}`;
const members = Array.from({ length: 40 }, (_, i) => ({
  name: `member-${i}`,
  title: '',
  active: true,
  identities: [],
  countries: [],
  asns: [],
  sectors: [],
  brands: [],
  copies: false,
  collection: undefined,
  networks: Array.from({ length: 1_250 }, () => `${address()}/${12 + next(18)}`),
  domains: Array.from({ length: 500 }, () => `d${next(1_000_000)}.zone-${i}.example`),
}));
const begun = performance.now();
const table = new Constituency(members);
const built = performance.now() - begun;
const kinds = [
  ['addresses', () => ({ type: 'ipv4-addr', value: address() })],
  ['domains', () => ({ type: 'domain-name', value: `www.d${next(1_000_000)}.zone-${next(40)}.example` })],
  ['networks', () => ({ type: 'ipv4-addr', value: `${address().replace(/\d+$/, '0')}/24` })],
];
console.log(`built in ${Math.round(built)} ms`);
for (const [name, make] of kinds) {
  const concerns = Array.from({ length: VALUES }, () => concernsOf(make()));
  for (let i = 0; i < 20_000; i++) table.match(concerns[i]);
  const from = performance.now();
  let found = 0;
  for (const one of concerns) found += table.match(one).length;
  const took = performance.now() - from;
  console.log(`${name.padEnd(10)} ${Math.round(VALUES / took)}k a second, ${found} matches`);
}
