import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UuidSet } from '../../src/feeds/digest-set.ts';
import { readValue } from '../../src/stix/values/read-value.ts';
import { WarningLists, warningListNames } from '../../src/feeds/warning-lists.ts';
import type { MemberInfo } from '../../src/access/snapshot.ts';
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

describe('the result of a list for values that it contains only in part', () => {
  const MEMBER = { name: 'tonga', networks: ['203.0.112.0/24', '2001:4000:1::/48'], domains: ['gov.to'] } as unknown as MemberInfo; // prettier-ignore
  const found = async (value: string, document: Parameters<typeof WarningLists.load>[0] = {}) => {
    const lists = await WarningLists.load(document, [MEMBER]);
    const [one] = readValue(value, 'auto', RULES);
    return one === undefined
      ? []
      : lists.hits(one.observable).map(({ list, action }) => `${list}: ${action}`);
  };

  test.each([
    ['8.8.8.8', 'public-dns-v4: drop'],
    ['8.8.8.8:53', 'public-dns-v4: drop'],
    ['http://8.8.8.8/', 'public-dns-v4: drop'],
    // A network with a resolver and a page on one are indicators with a label.
    ['8.8.8.0/24', 'public-dns-v4: flag'],
    ['8.0.0.0/8', 'public-dns-v4: flag'],
    ['1.1.1.0/29', 'public-dns-v4: flag'],
    ['2001:4860:4860::/48', 'public-dns-v6: flag'],
    ['http://8.8.8.8/x', 'public-dns-v4: flag'],
    ['http://[2001:4860:4860::8888]/x', 'public-dns-v6: flag'],
    ['https://docs.google.com/x', 'file-sharing: flag'],
    ['203.0.112.9', 'member-network: flag'],
    ['203.0.112.9:80', 'member-network: flag'],
    ['203.0.0.0/16', 'member-network: flag'],
    ['http://203.0.112.9/x', 'member-network: flag'],
    ['http://[2001:4000:1::5]:8080/x', 'member-network: flag'],
    ['www.gov.to', 'member-network: flag'],
    ['https://www.gov.to/x', 'member-network: flag'],
    ['somebody@mail.gov.to', 'member-network: flag'],
    ['www.update.microsoft.com', 'update-servers: drop'],
    ['http://au.download.windowsupdate.com/x.cab', 'update-servers: flag'],
    ['reef-bank.duckdns.org', 'dynamic-dns: flag'],
    ['https://pastebin.com/raw/x', 'paste-sites: flag'],
    ['https://cdn.discordapp.com/attachments/1/x.exe', 'file-sharing: flag'],
  ])('%s: %s', async (value, hit) => {
    expect(await found(value)).toContain(hit);
  });

  test.each(['8.8.8.9.reef-bank.com', 'notgov.to', 'gov.to.reef-bank.com', '203.0.113.9', '45.142.0.0/24', 'https://reef-bank.com/gov.to', 'http://reef-bank.com/?u=8.8.8.8', 'x@gov.to.reef-bank.com'])('%s is on no list', async (value) => {
    expect(await found(value)).toEqual([]);
  }); // prettier-ignore

  test('a feed document chooses the action for pages and names on a list', async () => {
    const document = { warninglists: [{ list: 'dynamic-dns', action: 'drop' as const }, { list: 'update-servers', action: 'ignore' as const }, { list: 'member-network', action: 'observe' as const }] };
    expect(await found('http://x.duckdns.org/y', document)).toEqual(['dynamic-dns: drop']);
    expect((await found('update.microsoft.com', document)).filter((hit) => hit.startsWith('update-servers'))).toEqual([]);
    expect(await found('https://www.gov.to/x', document)).toEqual(['member-network: observe']);
  }); // prettier-ignore

  test('a name is matched by the address that it resolves to', async () => {
    const lists = await WarningLists.load({}, [MEMBER]);
    const hits = lists.hits({ type: 'domain-name', value: 'a.reef-bank.com', resolvesTo: { family: 4, value: '203.0.112.9' } }); // prettier-ignore
    expect(hits).toEqual([{ list: 'member-network', action: 'flag' }]);
  });
});

test('name-based ids are those of RFC 9562, and a set of them contains each once', () => {
  // RFC 9562 appendix A.4, with the DNS namespace.
  expect(uuidV5('www.example.com', '6ba7b810-9dad-11d1-80b4-00c04fd430c8')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2'); // prettier-ignore
  const set = new UuidSet();
  const ids = Array.from({ length: 20_000 }, (_, i) => `indicator--${uuidV5(String(i), HUB_NAMESPACE)}`);
  expect(ids.filter((id) => set.add(id))).toHaveLength(20_000);
  expect(ids.filter((id) => set.add(id))).toHaveLength(0);
  expect([set.size, ids.every((id) => set.has(id)), set.has(uuidV5('x', HUB_NAMESPACE))]).toEqual([20_000, true, false]); // prettier-ignore
});
