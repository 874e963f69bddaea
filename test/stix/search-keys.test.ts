import { describe, expect, test } from '@jest/globals';
import { readSearch, readableValue, searchKeys, type SearchKey } from '../../src/stix/search-keys.ts';
import { nameBounds, nameText } from '../../src/store/store.ts';

const keysOf = (object: object): string[] =>
  searchKeys(object as Record<string, unknown>).map((key) => `${key.kind} ${readableValue(key)}`);
const indicator = (pattern: string) => ({ type: 'indicator', pattern_type: 'stix', pattern });

describe('the values by which an object is found', () => {
  test.each([
    [indicator("[ipv4-addr:value = '192.0.2.1']"), ['address 192.0.2.1']],
    [indicator("[ipv4-addr:value ISSUBSET '192.0.2.0/24']"), ['network 192.0.2.0/24']],
    [indicator("[ipv6-addr:value = '2001:DB8::1']"), ['address 2001:db8::1']],
    [indicator("[domain-name:value = 'WWW.Reef.example']"), ['domain www.reef.example']],
    [indicator("[url:value = 'https://www.reef.example/a?B=c']"), ['url https://www.reef.example/a?B=c', 'domain www.reef.example']],
    [indicator("[url:value = 'http://192.0.2.9:8080/']"), ['url http://192.0.2.9:8080/', 'address 192.0.2.9']],
    [indicator("[file:hashes.MD5 = 'D41D8CD98F00B204E9800998ECF8427E' OR file:name = 'A  b.exe']"), ['hash d41d8cd98f00b204e9800998ecf8427e', 'name a b.exe']],
    [indicator("[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '192.0.2.1' AND network-traffic:dst_port = 443]"), ['address 192.0.2.1']],
    [indicator("[autonomous-system:number = 64500]"), ['asn AS64500']],
    [indicator("[email-addr:value = 'A@Reef.example']"), ['mail a@reef.example']],
    [indicator('broken ['), []],
    [{ type: 'indicator', pattern_type: 'yara', pattern: 'rule x {}', name: 'X' }, ['name x']],
    [{ type: 'ipv4-addr', value: '192.0.2.0/24' }, ['network 192.0.2.0/24']],
    [{ type: 'file', hashes: { 'SHA-1': 'ABC' }, name: 'a.exe' }, ['name a.exe', 'hash abc']],
    [{ type: 'malware', name: 'Emotet', aliases: ['Geodo', 3] }, ['name emotet', 'name geodo']],
    [{ type: 'vulnerability', name: 'CVE-2026-1', external_references: [{ source_name: 'cve', external_id: 'CVE-2026-1' }, null] }, ['name cve-2026-1']],
    [{ type: 'autonomous-system', number: 64500 }, ['asn AS64500']],
    [{ type: 'note', name: 7, external_references: 'x', hashes: null }, []],
    [{ type: 'url', value: 'x'.repeat(3000) }, []],
  ])('%j', (object, expected) => {
    expect(keysOf(object)).toEqual(expected);
  }); // prettier-ignore
});

describe('search queries', () => {
  const VALUES = [
    indicator("[ipv4-addr:value = '192.0.2.1']"), indicator("[ipv4-addr:value = '192.0.3.1']"),
    indicator("[ipv4-addr:value ISSUBSET '192.0.2.0/24']"), indicator("[ipv4-addr:value ISSUBSET '192.0.0.0/16']"),
    indicator("[ipv4-addr:value ISSUBSET '192.0.2.0/28']"), indicator("[ipv6-addr:value = '2001:db8::1']"),
    indicator("[ipv6-addr:value ISSUBSET '2001:db8::/32']"), indicator("[domain-name:value = 'reef.example']"),
    indicator("[domain-name:value = 'www.reef.example']"), indicator("[domain-name:value = 'reef2.example']"),
    indicator("[domain-name:value = 'coral-reef.example']"), indicator("[url:value = 'https://reef.example/login']"),
    indicator("[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']"), { type: 'identity', name: 'Reef Bank' },
    { type: 'identity', name: 'reef.example' }, { type: 'autonomous-system', number: 64500 },
  ]; // prettier-ignore
  const all = VALUES.flatMap((value) => searchKeys(value as Record<string, unknown>));
  /** Returns what a store finds: names between the bounds, in byte order. */
  const found = (typed: string): string[] => {
    const bounds = nameBounds({ ranges: readSearch(typed).ranges, limit: 1 });
    const hits = (key: SearchKey) => {
      const line = Buffer.from(nameText({ ...key, collection: 'c', added: 1 }));
      return bounds.filter(({ low, high }) => Buffer.compare(line, Buffer.from(low)) > 0 && Buffer.compare(line, Buffer.from(high)) < 0); // prettier-ignore
    };
    // Overlapping ranges would return one name twice.
    return all.flatMap((key) => hits(key).map(() => `${key.kind} ${readableValue(key)}`)).toSorted();
  };

  test.each([
    ['192.0.2.1', ['address 192.0.2.1', 'network 192.0.0.0/16', 'network 192.0.2.0/24', 'network 192.0.2.0/28']],
    ['192.0.2.20', ['network 192.0.0.0/16', 'network 192.0.2.0/24']],
    ['192.0.2.0/24', ['address 192.0.2.1', 'network 192.0.0.0/16', 'network 192.0.2.0/24', 'network 192.0.2.0/28']],
    ['192.0.0.0/16', ['address 192.0.2.1', 'address 192.0.3.1', 'network 192.0.0.0/16', 'network 192.0.2.0/24', 'network 192.0.2.0/28']],
    ['2001:db8::1', ['address 2001:db8::1', 'network 2001:db8::/32']],
    ['reef.example', ['domain reef.example', 'domain reef.example', 'domain www.reef.example', 'name reef.example']],
    [' *.REEF.example. ', ['domain reef.example', 'domain reef.example', 'domain www.reef.example']],
    ['https://reef.example/', ['url https://reef.example/login']],
    ['D41D8CD98F00B204E9800998ECF8427E', ['hash d41d8cd98f00b204e9800998ecf8427e']],
    ['as64500', ['asn AS64500']],
    ['reef', ['name reef bank', 'name reef.example']],
    ['REEF  bank', ['name reef bank']],
    ['nothing', []],
    ['é😀', []],
  ])('%s', (typed, expected) => {
    expect(found(typed)).toEqual(expected);
  }); // prettier-ignore
});
