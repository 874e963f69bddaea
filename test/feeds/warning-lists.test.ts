import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UuidSet } from '../../src/feeds/digest-set.ts';
import { readValue } from '../../src/stix/values/read-value.ts';
import { WarningLists, warningListNames } from '../../src/feeds/warning-lists.ts';
import { HUB_NAMESPACE, uuidV5 } from '../../src/kernel/ids.ts';

const file = join(import.meta.dirname, '../fixtures/feeds/warninglists/expected.json');
const { checks } = JSON.parse(readFileSync(file, 'utf8')) as {
  checks: { value: string; type: string; hit: string[] }[];
};
const RULES = {
  specialAddresses: new Set(['private', 'documentation', 'cgnat', 'loopback', 'multicast', 'reserved', 'linklocal', 'benchmark', 'unspecified']),
  specialDomains: new Set(['example']),
  range: false,
}; // prettier-ignore

test.each(checks.filter(({ value }) => value !== 'd41d8cd98f00b204e9800998ecf8427e'))(
  '$value ($type) stands on $hit',
  async ({ value, hit }) => {
    const all = warningListNames()
      .filter((name) => name !== 'rfc6761')
      .map((list) => ({ list, action: 'flag' as const }));
    const lists = await WarningLists.load({ warninglists: all }, []);
    const [canonical] = readValue(value, 'auto', RULES);
    const found = canonical === undefined ? [] : lists.hits(canonical.observable).map(({ list }) => list);
    for (const name of hit) expect(found).toContain(name);
    // Lists of special networks contain each other. From the other lists, no further match is expected.
    expect(found.filter((name) => !hit.includes(name) && !name.startsWith('rfc'))).toEqual([]);
  },
);

test('every list that ships can be read, whatever its kind', async () => {
  const all = warningListNames().map((list) => ({ list, action: 'flag' as const }));
  expect(all.length).toBeGreaterThan(20);
  const lists = await WarningLists.load({ warninglists: all }, []);
  const hits = (value: string, type: 'email' | 'hash') =>
    lists
      .hits(readValue(value, type, RULES)[0]?.observable ?? { type: 'url', value: '' })
      .map(({ list }) => list);
  expect(hits('abuse@reef-bank.com', 'email')).toEqual(['common-contact-emails']);
  expect(hits('someone@reef-bank.com', 'email')).toEqual([]);
});

test('name-based ids are those of RFC 9562, and a set of them holds each once', () => {
  // RFC 9562 appendix A.4, with the DNS namespace.
  expect(uuidV5('www.example.com', '6ba7b810-9dad-11d1-80b4-00c04fd430c8')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2'); // prettier-ignore
  const set = new UuidSet();
  const ids = Array.from({ length: 20_000 }, (_, i) => `indicator--${uuidV5(String(i), HUB_NAMESPACE)}`);
  expect(ids.filter((id) => set.add(id))).toHaveLength(20_000);
  expect(ids.filter((id) => set.add(id))).toHaveLength(0);
  expect([set.size, ids.every((id) => set.has(id)), set.has(uuidV5('x', HUB_NAMESPACE))]).toEqual([20_000, true, false]); // prettier-ignore
});
