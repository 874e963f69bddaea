// Facts that the hub derives from objects and typed values: the affected members, the search keys, and the published values.
import { describe, expect, test } from '@jest/globals';
import { networkText } from '../../src/kernel/address.ts';
import { concernsOf, lettersOf, seenRefs } from '../../src/stix/observables.ts';
import { readSearch, searchKeys } from '../../src/stix/search-keys.ts';
import {
  indicatorOf,
  publishableValues,
  readForPublishing,
  valueName,
} from '../../src/stix/values/indicator.ts';
import {
  observedValues,
  readObserved,
  readableObserved,
  VALUE_TYPES,
} from '../../src/stix/values/observed-values.ts';
import {
  hasKnownSuffix,
  isPublicSuffix,
  readValue,
  ValueFault,
  type ValueType,
} from '../../src/stix/values/read-value.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { faultsOf, idOf } from '../support/stix-objects.ts';

const indicator = (pattern: string, over: Json = {}): Json => ({
  type: 'indicator',
  pattern_type: 'stix',
  pattern,
  ...over,
});

describe('the members that an object affects', () => {
  const said = (object: Json, find?: (id: string) => Json | undefined): readonly string[] =>
    concernsOf(object, find).map((one) => {
      switch (one.kind) {
        case 'network':
          return `network ${networkText(one.network)}`;
        case 'asn':
          return `asn ${one.number}`;
        case 'country':
          return `country ${one.code}`;
        case 'lure':
          return `lure ${one.text}`;
        default:
          return `${one.kind} ${one.name}`;
      }
    });
  test.each<[Json, readonly string[]]>([
    [indicator("[ipv4-addr:value = '192.0.2.1']"), ['network 192.0.2.1']],
    [indicator("[ipv4-addr:value ISSUBSET '192.0.2.0/24']"), ['network 192.0.2.0/24']],
    [indicator("[ipv4-addr:value ISSUPERSET '192.0.2.0/24']"), ['network 192.0.2.0/24']],
    [indicator("[ipv6-addr:value IN ('2001:db8::1', '2001:db8::2')]"), ['network 2001:db8::1', 'network 2001:db8::2']],
    [indicator("[domain-name:value = 'WWW.Reef.Example.']"), ['domain www.reef.example']],
    [indicator("[domain-name:value NOT = 'reef.example']"), []],
    [indicator("[domain-name:value != 'reef.example']"), []],
    [indicator("[domain-name:value LIKE '%.reef.example']"), []],
    [indicator("[domain-name:value = 'localhost']"), []],
    [indicator("[url:value = 'https://reef.example:8443/x']"), ['domain reef.example']],
    [indicator("[url:value = 'https://[2001:db8::1]/x']"), ['network 2001:db8::1']],
    [indicator("[url:value = 'no url']"), []],
    [indicator("[email-addr:value = 'a@b@Reef.example']"), ['domain reef.example']],
    [indicator("[email-message:from_ref.value = 'a@reef.example']"), ['domain reef.example']],
    [indicator("[network-traffic:dst_ref.value = '192.0.2.1']"), ['network 192.0.2.1']],
    [indicator("[network-traffic:dst_ref.value = 'reef.example']"), ['domain reef.example']],
    [indicator("[domain-name:resolves_to_refs[*].value = '192.0.2.1']"), ['network 192.0.2.1']],
    [indicator("[file:name = 'reef.example']"), []],
    [indicator('[autonomous-system:number = 64500]'), ['asn 64500']],
    [indicator('[autonomous-system:number > 64500]'), []],
    [indicator('broken'), []],
    [indicator("[domain-name:value = 'reef.example']", { pattern_type: 'yara' }), []],
    [indicator("[domain-name:value = 'reef.example'] START '2020-01-01T00:00:00Z' STOP '2020-02-01T00:00:00Z'", { pattern_version: '2.0' }), ['domain reef.example']],
    [{ type: 'domain-name', value: 'Reef.example' }, ['domain reef.example']],
    [{ type: 'ipv4-addr', value: '192.0.2.0/24' }, ['network 192.0.2.0/24']],
    [{ type: 'ipv4-addr', value: 5 }, []],
    [{ type: 'url', value: 'http://reef.example/' }, ['domain reef.example']],
    [{ type: 'email-addr', value: 'a@reef.example' }, ['domain reef.example']],
    [{ type: 'mac-addr', value: 'a.b' }, []],
    [{ type: 'autonomous-system', number: 64500 }, ['asn 64500']],
    [{ type: 'autonomous-system', number: '64500' }, []],
    [{ type: 'location', country: 'to' }, ['country TO']],
    [{ type: 'location', country: 'Tonga' }, []],
    [{ type: 'identity', sectors: ['Energy', 'government'] }, ['sector energy', 'sector government']],
    [{ type: 'tool', labels: ['country:fj', 'country:fiji', 'sector:Health', 'other'] }, ['country FJ', 'sector health']],
    [indicator("[url:value = 'https://Reef-Bank.example/Login']", { labels: ['Phishing'] }), ['lure https://reef-bank.example/login', 'domain reef-bank.example']],
    [indicator("[domain-name:value = 'reef.example']", { indicator_types: ['x-phish'] }), ['lure reef.example', 'domain reef.example']],
    [indicator("[ipv4-addr:value = '192.0.2.1']", { labels: ['phishing'] }), ['network 192.0.2.1']],
  ])('%j', (object, expected) => {
    expect(said(object)).toEqual(expected);
  }); // prettier-ignore

  test('an observation affects whom the observed objects affect, two levels deep', () => {
    const [domain, observed, sighting] = [idOf('domain-name'), idOf('observed-data'), idOf('sighting')];
    const known: Readonly<Record<string, Json>> = {
      [domain]: { type: 'domain-name', value: 'reef.example' },
      [observed]: { type: 'observed-data', object_refs: [domain, idOf('file')] },
      [sighting]: {
        type: 'sighting',
        observed_data_refs: [observed],
        where_sighted_refs: [idOf('location')],
      },
      [idOf('location')]: { type: 'location', country: 'TO' },
      [idOf('report')]: { type: 'observed-data', object_refs: [sighting] },
    };
    const find = (id: string) => known[id];
    expect(said(known[sighting] ?? {}, find)).toEqual(['domain reef.example', 'country TO']);
    expect(said(known[idOf('report')] ?? {}, find)).toEqual(['country TO']);
    expect(said(known[sighting] ?? {})).toEqual([]);
    const circle = (id: string): Json => ({ type: 'observed-data', object_refs: [id, id] });
    expect(said(circle(observed), circle)).toEqual([]);
  });

  test('an observation names at most 500 objects', () => {
    const refs = Array.from({ length: 600 }, (_, i) => `file--${i}`);
    expect(seenRefs({ type: 'observed-data', object_refs: refs })).toEqual(refs.slice(0, 500));
    expect(seenRefs({ type: 'sighting', observed_data_refs: refs.slice(0, 499), where_sighted_refs: refs })).toHaveLength(500); // prettier-ignore
    expect(seenRefs({ type: 'report', object_refs: refs })).toEqual([]);
  });

  test('a brand is compared by its letters and digits', () => {
    expect(['Reef-Bank 24', 'RÉCIF', 'reef.bank/24', '---'].map(lettersOf)).toEqual(['reefbank24', 'récif', 'reefbank24', '']); // prettier-ignore
  });
});

describe('the search', () => {
  test.each([
    ['192.0.2.1', 'address 192.0.2.1, and networks that contain it'],
    ['192.0.2.0/24', 'network 192.0.2.0/24, addresses and networks within it, and networks that contain it'],
    ['AS 64500', 'AS 64500'],
    ['as064500', 'AS 064500'],
    ['D41D8CD98F00B204E9800998ECF8427A', 'hash d41d8cd98f00b204e9800998ecf8427a'],
    ['d41d8cd98f00b204e9800998ecf8427', 'name that begins with d41d8cd98f00b204e9800998ecf8427'],
    ['  reef   bank ', 'name that begins with reef bank'],
    ['192.0.2.1/33', 'name that begins with 192.0.2.1/33'],
  ])('shows how it understood %j', (typed, meaning) => {
    expect(readSearch(typed).meaning).toBe(meaning);
  });

  test('an AS number is searched without zeros in front', () => {
    expect(readSearch('as064500').ranges).toEqual([{ kind: 'asn', from: '64500' }]);
  });

  test('an object has at most 2,000 keys, each of at most 2,000 bytes', () => {
    const names = (count: number) => Array.from({ length: count }, (_, i) => `name ${i}`);
    expect(searchKeys({ type: 'malware', aliases: names(2_100) })).toHaveLength(2_000);
    expect(searchKeys({ type: 'malware', name: 'é'.repeat(1_000) })).toHaveLength(1);
    expect(searchKeys({ type: 'malware', name: 'é'.repeat(1_001) })).toEqual([]);
    expect(searchKeys({ type: 'malware', name: ' ', aliases: ['x', 'X ', 'x'] })).toEqual([{ kind: 'name', value: 'x' }]); // prettier-ignore
  });
});

describe('the values that lists contain', () => {
  const of = (pattern: string, over: Json = {}): readonly string[] =>
    observedValues(anIndicator({ pattern, ...over })).map((one) => `${one.type} ${one.type === 'pattern' ? '' : readableObserved(one)}`); // prettier-ignore
  const HASH = (n: number): string => 'aB'.repeat(n / 2);
  test.each([
    [`[file:hashes.'SHA-256' = '${HASH(64)}']`, [`sha256 ${HASH(64).toLowerCase()}`]],
    [`[file:hashes.'SHA-512' = '${HASH(128)}']`, [`sha512 ${HASH(128).toLowerCase()}`]],
    [`[file:hashes.sha1 = '${HASH(40)}']`, [`sha1 ${HASH(40).toLowerCase()}`]],
    [`[file:hashes.'SHA3-256' = '${HASH(64)}']`, ['pattern ']],
    [`[x509-certificate:hashes.MD5 = '${HASH(32)}']`, ['pattern ']],
    [`[artifact:hashes.MD5 = '${HASH(32)}']`, ['pattern ']],
    ["[domain-name:value IN ('a.example', 'A.example', 'b.example')]", ['domain a.example', 'domain b.example']],
    ["[domain-name:value = 'a.example'] OR [url:value = 'http://b.example/']", ['domain a.example', 'url http://b.example/']],
    ["([domain-name:value = 'a.example'] OR [domain-name:value = 'b.example']) WITHIN 5 SECONDS", ['pattern ']],
    ["[ipv4-addr:value ISSUBSET '192.0.2.0/24']", ['ipv4 192.0.2.0/24']],
    ["[ipv4-addr:value ISSUPERSET '192.0.2.0/24']", ['pattern ']],
    ['[autonomous-system:number = 64500]', ['pattern ']],
    ["[url:value = 'ftp://a.example/x']", ['url ftp://a.example/x']],
    ["[url:value = 'http://localhost/']", ['pattern ']],
    ["[url:value = 'http://192.0.2.1/']", ['url http://192.0.2.1/']],
    ["[url:value = 'http://[2001:db8::1]/']", ['url http://[2001:db8::1]/']],
    [`[url:value = 'http://a.example/${'x'.repeat(1_500)}']`, ['pattern ']],
    ["[domain-name:value = 'a.example' AND domain-name:value = 'a.example']", ['pattern ']],
    ["[EXISTS domain-name:value]", ['pattern ']],
    ["[email-addr:value = 'a@192.0.2.1']", ['pattern ']],
    ["[mac-addr:value = '00:00:5e:00:53:01']", ['pattern ']],
    ['broken', ['pattern ']],
  ] as const)('%s', (pattern, expected) => {
    expect(of(pattern)).toEqual(expected);
  }); // prettier-ignore

  test('other objects have none', () => {
    expect(observedValues({ type: 'domain-name', value: 'a.example' })).toEqual([]);
    expect(of('title: x', { pattern_type: 'sigma' })).toEqual(['pattern ']);
  });

  test.each([
    ['192[.]0[.]2[.]1', 'ipv4 192.0.2.1'],
    ['192.0.2.77/24', 'ipv4 192.0.2.0/24'],
    ['2001:DB8::/32', 'ipv6 2001:db8::/32'],
    ['0.0.0.0/0', 'ipv4 0.0.0.0/0'],
    ['hxxp://A[.]example/b#c', 'url http://a.example/b'],
    [' A@Reef[.]example ', 'email A@reef.example'],
    ['Reef.Example.', 'domain reef.example'],
    ['bücher.example', 'domain xn--bcher-kva.example'],
    [HASH(32), `md5 ${HASH(32).toLowerCase()}`],
    [HASH(40), `sha1 ${HASH(40).toLowerCase()}`],
    [HASH(64), `sha256 ${HASH(64).toLowerCase()}`],
    [HASH(128), `sha512 ${HASH(128).toLowerCase()}`],
    ['x'.repeat(32), undefined],
    ['localhost', undefined],
    ['javascript://a.example', undefined],
    ['http://a:b@reef.example/', undefined],
    ['a b', undefined],
    ['', undefined],
    [`http://a.example/${'x'.repeat(1_500)}`, undefined],
    ['a.123', undefined],
  ])('%s of a person is read as %s', (written, expected) => {
    const read = readObserved(written);
    expect(read === undefined ? undefined : `${read.type} ${readableObserved(read)}`).toBe(expected);
    if (read !== undefined) expect(VALUE_TYPES).toContain(read.type);
  });

  test('addresses are sorted by number and domains by their labels', () => {
    const value = (written: string) => readObserved(written)?.value ?? '';
    expect(value('9.0.0.0') < value('10.0.0.0')).toBe(true);
    expect(value('10.0.0.0/8') < value('10.0.0.0/16')).toBe(true);
    expect(value('reef.example') < value('a.reef.example')).toBe(true);
    expect(value('a.reef.example').startsWith(value('reef.example'))).toBe(true);
    expect(value('reefx.example').startsWith(value('reef.example'))).toBe(false);
  });
});

describe('values that people publish', () => {
  const fault = (value: string, type: ValueType = 'auto', over = {}): string => {
    try {
      return readValue(value, type, { specialAddresses: new Set(), specialDomains: new Set(), range: true, ...over }).map(({ observable, labels }) => `${observable.type} ${valueName(observable)}${labels.length > 0 ? ` ${labels.join()}` : ''}`).join('; '); // prettier-ignore
    } catch (error) {
      if (!(error instanceof ValueFault)) throw error;
      return `${error.code}: ${error.message}`;
    }
  };
  test.each<[string, ValueType, string]>([
    ['9.9.9.9/24', 'cidr', 'network 9.9.9.0/24'],
    ['9.9.9.9/32', 'cidr', 'ipv4-addr 9.9.9.9'],
    ['9.0.0.0/8', 'cidr', 'network 9.0.0.0/8'],
    ['8.0.0.0/7', 'cidr', 'prefix-too-wide: /7 is wider than a feed may block'],
    ['2a00::/16', 'cidr', 'network 2a00::/16'],
    ['2a00::/15', 'cidr', 'prefix-too-wide: /15 is wider than a feed may block'],
    ['192.128.0.0/9', 'cidr', 'special-address:private: 192.128.0.0/9 holds private addresses'],
    ['45.131.7.0/0.0.0.255', 'cidr', 'network 45.131.7.0/24'],
    ['45.131.7.0/0.0.255.0', 'cidr', 'bad-cidr: "0.0.255.0" is not a netmask'],
    ['9.9.9.9/33', 'cidr', 'bad-cidr: "9.9.9.9/33" is not a network'],
    ['::ffff:9.9.9.9', 'ip', 'ipv4-addr 9.9.9.9'],
    ['::ffff:10.0.0.1', 'ip', 'special-address:private: 10.0.0.1 is a private address'],
    ['fe80::1%eth0', 'ip', 'bad-ipv6: an address with a zone is valid on one machine only'],
    ['9.9.9', 'ip', 'bad-ipv4: "9.9.9" is not an address'],
    ['2a00:g::1', 'ip', 'bad-ipv6: "2a00:g::1" is not an address'],
    ['abc', 'ip', 'bad-ip: "abc" is not an address'],
    ['9.9.9.8-9.9.9.11', 'ip', 'network 9.9.9.8/30'],
    ['9.9.9.9-9.9.9.10', 'ip', 'ipv4-addr 9.9.9.9; ipv4-addr 9.9.9.10'],
    ['9.9.9.9-9.9.9.9', 'ip', 'ipv4-addr 9.9.9.9'],
    ['9.9.9.9-2a00::1', 'ip', 'bad-range: "9.9.9.9-2a00::1" is not a range of addresses'],
    ['9.9.9.1-9.9.9.2-9.9.9.3', 'ip', 'bad-range: "9.9.9.1-9.9.9.2-9.9.9.3" is not a range of addresses'],
    ['2a00::-2a00:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ip', 'network 2a00::/16'],
    ['9.9.9.9:53', 'endpoint', 'endpoint 9.9.9.9:53'],
    ['9.9.9.9:0', 'endpoint', 'bad-port: "9.9.9.9:0" has no port from 1 to 65535'],
    ['9.9.9.9:65535', 'endpoint', 'endpoint 9.9.9.9:65535'],
    ['9.9.9.9:65536', 'endpoint', 'bad-port: "9.9.9.9:65536" has no port from 1 to 65535'],
    ['9.9.9.0/24:53', 'endpoint', 'bad-ip: "9.9.9.0/24" is not an address'],
    ['10.0.0.1:53', 'endpoint', 'special-address:private: 10.0.0.1 is a private address'],
    ['co.uk', 'domain', 'public-suffix: co.uk is a public suffix under which organisations register names'],
    ['github.io', 'domain', 'public-suffix: github.io is a public suffix under which organisations register names'],
    ['reef', 'domain', 'single-label-domain: "reef" has one label only'],
    ['reef.local', 'domain', 'special-domain: .local is not a top-level domain of the internet'],
    ['reef.example', 'auto', 'special-domain: .example is not a top-level domain of the internet'],
    ['-reef.com', 'domain', 'bad-domain: "-reef.com" is not a domain name'],
    ['reef..com', 'domain', 'bad-domain: "reef..com" is not a domain name'],
    ['1.2.3.400', 'domain', 'bad-domain: "1.2.3.400" is not a domain name'],
    ['*.reef.com', 'domain', 'domain-name reef.com wildcard'],
    ['.reef.com', 'domain', 'domain-name reef.com wildcard'],
    ['abc.onion', 'auto', 'domain-name abc.onion'],
    ['reef.zzzz', 'auto', 'unknown-suffix: "reef.zzzz" does not end in a top-level domain'],
    ['reef.com/a', 'auto', 'url http://reef.com/a'],
    ['/etc/passwd', 'auto', 'bad-url: "/etc/passwd" is a path without a host'],
    ['src/setup.exe', 'auto', 'single-label-domain: "src" has one label only'],
    ['ssh://reef.com/', 'url', 'url-scheme: the scheme ssh: is not one of the web'],
    ['http://10.0.0.1/', 'url', 'special-address:private: 10.0.0.1 is a private address'],
    ['http://reef.com/a#b', 'url', 'url http://reef.com/a'],
    ['no url', 'url', 'bad-url: "no url" is not a URL'],
    [`http://reef.com/${'a'.repeat(8_200)}`, 'url', 'url-too-long: a URL is longer than 8 KiB'],
    ['a@reef.com', 'email', 'email-addr a@reef.com'],
    ['@reef.com', 'email', 'bad-email: "@reef.com" is not an email address'],
    ['a b@reef.com', 'email', 'bad-email: "a b@reef.com" is not an email address'],
    ['d41d8cd98f00b204e9800998ecf8427e', 'hash', 'empty-file-hash: it is the hash of the empty file'],
    ['0'.repeat(64), 'hash', 'bad-hash: the hash is all zeros'],
    ['abc', 'hash', 'bad-hash: "abc" is not a hash of a known length'],
    [`sha3-256:${'a'.repeat(64)}`, 'hash', `file ${'a'.repeat(64)}`],
    [`sha1:${'a'.repeat(64)}`, 'hash', `bad-hash: "sha1:${'a'.repeat(64)}" is not a hash of a known length`],
    [`${'b'.repeat(64)}, ${'a'.repeat(32)}`, 'file', `file ${'a'.repeat(32)}`],
    [',', 'file', 'empty-value: the row has no hash'],
    ['a'.repeat(40), 'certificate', `x509-certificate ${'a'.repeat(40)}`],
    ['AS1', 'asn', 'autonomous-system AS1'],
    ['4294967294', 'asn', 'autonomous-system AS4294967294'],
    ['4294967295', 'asn', 'bad-asn: "4294967295" is not an AS number'],
    ['0', 'asn', 'bad-asn: "0" is not an AS number'],
    ['AS23456', 'asn', 'bad-asn: "AS23456" is not an AS number'],
    ['AS65535', 'asn', 'bad-asn: "AS65535" is not an AS number'],
    ['0016.3e12.3456', 'mac', 'mac-addr 00:16:3e:12:34:56'],
    ['00:16:3e:12:34', 'mac', 'bad-mac: "00:16:3e:12:34" is not a hardware address'],
    ['\\HKEY_USERS\\a\\', 'regkey', 'windows-registry-key HKEY_USERS\\a'],
    ['a\nb', 'mutex', 'control-character: the value contains a control character'],
    [' \u200b ', 'mutex', 'empty-value: the value is empty'],
  ])('%j as %s: %s', (value, type, expected) => {
    expect(fault(value, type)).toBe(expected);
  }); // prettier-ignore

  test('a feed can allow special addresses, special domains and no ranges', () => {
    expect(fault('10.0.0.1', 'ip', { specialAddresses: new Set(['private']) })).toBe('ipv4-addr 10.0.0.1');
    expect(fault('127.0.0.1', 'ip', { specialAddresses: new Set(['private']) })).toMatch(/^special-address:loopback/);
    expect(fault('reef.local', 'domain', { specialDomains: new Set(['local']) })).toBe('domain-name reef.local');
    expect(fault('9.9.9.8-9.9.9.11', 'ip', { range: false })).toMatch(/^bad-ip: /);
  }); // prettier-ignore

  test('names below a public suffix can be published, and suffixes cannot', () => {
    expect([isPublicSuffix('com.fj'), isPublicSuffix('reef.com.fj'), isPublicSuffix('')]).toEqual([true, false, false]); // prettier-ignore
    expect(['a.onion', 'a.com', 'a.zzzz'].map(hasKnownSuffix)).toEqual([true, true, false]);
  });

  test('the kind decides how a value is read, and one error names all faults', () => {
    expect(readForPublishing(['AS 64500', '9.9.9.1 - 9.9.9.2', 'x']).map(({ observables, fault: why }) => [observables.map(valueName), why === undefined])).toEqual([[['AS64500'], true], [['9.9.9.1', '9.9.9.2'], true], [[], false]]); // prettier-ignore
    expect(readForPublishing(['64500'], 'asn')[0]?.observables).toEqual([{ type: 'autonomous-system', number: 64_500 }]); // prettier-ignore
    const wrong = Array.from({ length: 22 }, (_, i) => `bad ${i}`);
    expect(() => publishableValues(['9.9.9.9', ...wrong], 'auto', (i) => `Line ${i + 1}`)).toThrow(
      expect.objectContaining({ code: 'TLN-B-422', title: '22 values cannot be published' }),
    );
    try {
      publishableValues(['9.9.9.9', ...wrong], 'auto', (i) => `Line ${i + 1}`);
    } catch (error) {
      const lines = (error as { description: string }).description.split('\n');
      expect(lines).toHaveLength(21);
      expect(lines[0]).toMatch(/^Line 2, "bad 0": .+\.$/);
      expect(lines.at(-1)).toBe('And 2 more.');
    }
    expect(() => publishableValues(['x'.repeat(500)])).toThrow(expect.objectContaining({ title: 'A value cannot be published' })); // prettier-ignore
  });

  test('an indicator has the given details, and is valid STIX', () => {
    const made = (over = {}): Json =>
      indicatorOf({ type: 'domain-name', value: 'reef.com' }, { tlp: 'amber', validDays: 30, ...over }, { now: Date.UTC(2026, 0, 1), uuid: '0b5a1e00-0000-4000-8000-000000000001' }); // prettier-ignore
    expect(made()).toEqual({
      type: 'indicator', spec_version: '2.1', id: 'indicator--0b5a1e00-0000-4000-8000-000000000001',
      created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z', name: 'reef.com', indicator_types: ['malicious-activity'],
      pattern: "[domain-name:value = 'reef.com']", pattern_type: 'stix', pattern_version: '2.1',
      valid_from: '2026-01-01T00:00:00.000Z', valid_until: '2026-01-31T00:00:00.000Z',
      object_marking_refs: ['marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421'],
    }); // prettier-ignore
    const full = made({ title: 'Bank', description: 'x', creator: idOf('identity'), confidence: 0, labels: ['a'], references: ['https://a.example/x', 'paper 5'], validFrom: Date.UTC(2026, 1, 1) }); // prettier-ignore
    expect(full).toMatchObject({ name: 'Bank', description: 'x', created_by_ref: idOf('identity'), confidence: 0, labels: ['a'], valid_from: '2026-02-01T00:00:00.000Z', valid_until: '2026-03-03T00:00:00.000Z' }); // prettier-ignore
    expect(full['external_references']).toEqual([{ source_name: 'a.example', url: 'https://a.example/x' }, { source_name: 'paper 5', url: 'paper 5' }]); // prettier-ignore
    for (const one of [made(), full]) expect(faultsOf(one)).toEqual([]);
    expect(valueName(undefined)).toBe('');
  });
});
