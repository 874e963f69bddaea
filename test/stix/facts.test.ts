// Small facts of objects: identifiers, versions, times, states, meaning, and formats of values.
import { describe, expect, test } from '@jest/globals';
import { canonical } from '../../src/kernel/canonical.ts';
import { uuidV5 } from '../../src/kernel/ids.ts';
import { algorithmByLength, hashFault } from '../../src/stix/hashes.ts';
import {
  isStixId,
  namedObservables,
  observableId,
  typeOfId,
  uuidVersion,
} from '../../src/stix/identifiers.ts';
import { definitionMeaning, meaningOf } from '../../src/stix/meaning.ts';
import { definedRelationship } from '../../src/stix/relationships.ts';
import { stateOf } from '../../src/stix/state.ts';
import {
  compareTimestamps,
  instantOf,
  parseTaxiiTimestamp,
  stixTimestamp,
  taxiiTimestamp,
  timestampFault,
} from '../../src/stix/timestamps.ts';
import { kindOf, STIX_TYPES, text, texts } from '../../src/stix/types.ts';
import { isObservable, specVersionOf, versionFact, versionOf } from '../../src/stix/versions.ts';
import type { Json } from '../support/builders.ts';
import { faultsOf, idOf, smallest, withValue } from '../support/stix-objects.ts';

describe('identifiers', () => {
  const UUID = '0b5a1e00-0000-4000-8000-000000000001';
  test.each([
    [`tool--${UUID}`, true],
    [`x-my-tool--${UUID.toUpperCase()}`, true],
    [`a9--${UUID}`, true],
    [`tool-${UUID}`, false],
    [`Tool--${UUID}`.replace('T', '_'), false],
    [`x---${UUID}`, false],
    [`-x--${UUID}`, false],
    [`x---y--${UUID}`, false],
    [`tool--${UUID}0`, false],
    [`tool--${UUID.slice(1)}`, false],
    [`tool--${UUID.replaceAll('-', '')}`, false],
    [` tool--${UUID}`, false],
    [`tool--${UUID}\n`, false],
    [`${'a'.repeat(262)}--${UUID}`, true],
    [`${'a'.repeat(263)}--${UUID}`, false],
    ['', false],
  ])('%j: %s', (id, expected) => {
    expect(isStixId(id)).toBe(expected);
  });

  test('have a type and the version of their UUID', () => {
    expect([typeOfId('x-a--b--c'), typeOfId('none'), typeOfId('')]).toEqual(['x-a', 'none', '']);
    expect(['1', '4', '5', '7'].map((v) => uuidVersion(`tool--0b5a1e00-0000-${v}000-8000-000000000001`))).toEqual([1, 4, 5, 7]); // prettier-ignore
  });

  test('that reveal values of observables are found at every reference', () => {
    const secret = 'ipv4-addr--0b5a1e00-0000-5000-8000-000000000001';
    expect(namedObservables({ type: 'sighting', sighting_of_ref: secret, where_sighted_refs: [secret, idOf('file'), 5], x_note: secret, id: secret })).toEqual([secret, secret]); // prettier-ignore
    expect(namedObservables({ type: 'report', object_refs: 'x', created_by_ref: 'identity--0b5a1e00-0000-5000-8000-000000000001' })).toEqual([]); // prettier-ignore
  });

  /** [object, the contributing properties of STIX 2.1 §6, in any order] */
  const CONTRIBUTING: readonly [Json, Json | undefined][] = [
    [{ type: 'artifact', mime_type: 'x', payload_bin: 'QQ==' }, { payload_bin: 'QQ==' }],
    [{ type: 'artifact', hashes: { 'SHA-256': 'b', MD5: 'a' }, url: 'x' }, { hashes: { MD5: 'a' } }],
    [{ type: 'autonomous-system', number: 5, name: 'x' }, { number: 5 }],
    [{ type: 'directory', path: '/a', ctime: 'x' }, { path: '/a' }],
    [{ type: 'domain-name', value: 'a.example', defanged: true }, { value: 'a.example' }],
    [{ type: 'email-addr', value: 'a@b.example', display_name: 'x' }, { value: 'a@b.example' }],
    [{ type: 'email-message', from_ref: 'a', subject: 'b', body: 'c', date: 'd' }, { from_ref: 'a', subject: 'b', body: 'c' }],
    [{ type: 'file', hashes: { 'SHA-512': 'd', 'SHA-256': 'c', 'SHA-1': 'b' }, name: 'n', size: 5 }, { hashes: { 'SHA-1': 'b' }, name: 'n' }],
    [{ type: 'file', hashes: { TLSH: 't', SSDEEP: 's' } }, { hashes: { TLSH: 't' } }],
    [{ type: 'file', name: 'n', parent_directory_ref: 'p', extensions: { e: { a: 1 } } }, { name: 'n', parent_directory_ref: 'p', extensions: { e: { a: 1 } } }],
    [{ type: 'ipv4-addr', value: '192.0.2.1' }, { value: '192.0.2.1' }],
    [{ type: 'ipv6-addr', value: '2001:db8::1' }, { value: '2001:db8::1' }],
    [{ type: 'mac-addr', value: '00:00:5e:00:53:01' }, { value: '00:00:5e:00:53:01' }],
    [{ type: 'mutex', name: 'x' }, { name: 'x' }],
    [{ type: 'network-traffic', start: 's', end: 'e', src_ref: 'a', dst_ref: 'b', src_port: 1, dst_port: 2, protocols: ['tcp'], is_active: false }, { start: 's', end: 'e', src_ref: 'a', dst_ref: 'b', src_port: 1, dst_port: 2, protocols: ['tcp'] }],
    [{ type: 'software', name: 'n', cpe: 'c', swid: 's', vendor: 'v', version: '1', languages: ['en'] }, { name: 'n', cpe: 'c', swid: 's', vendor: 'v', version: '1' }],
    [{ type: 'url', value: 'https://a.example/' }, { value: 'https://a.example/' }],
    [{ type: 'user-account', account_type: 't', user_id: 'u', account_login: 'l', display_name: 'd' }, { account_type: 't', user_id: 'u', account_login: 'l' }],
    [{ type: 'windows-registry-key', key: 'k', values: [{ name: 'n' }], number_of_subkeys: 1 }, { key: 'k', values: [{ name: 'n' }] }],
    [{ type: 'x509-certificate', hashes: { 'SHA-1': 'b' }, serial_number: '1', issuer: 'i' }, { hashes: { 'SHA-1': 'b' }, serial_number: '1' }],
    [{ type: 'process', pid: 1 }, undefined],
    [{ type: 'email-message', is_multipart: false }, undefined],
    [{ type: 'x-thing', value: 'x' }, undefined],
    [{ type: 'tool', name: 'x' }, undefined],
    [{}, undefined],
  ]; // prettier-ignore
  test.each(CONTRIBUTING)('the identifier %j follows from %j', (object, part) => {
    const expected = part === undefined ? undefined : `${String(object['type'])}--${uuidV5(canonical(part), '00abedb4-aa42-466c-9c01-fed23315a9b7')}`; // prettier-ignore
    expect(observableId(object)).toBe(expected);
  });
});

describe('kinds, versions and states', () => {
  test('every type of the standard has a category', () => {
    const count = (kind: string): number => STIX_TYPES.filter((type) => kindOf(type) === kind).length;
    expect(['sdo', 'sro', 'sco', 'meta', 'bundle'].map(count)).toEqual([19, 2, 18, 3, 1]);
    for (const other of ['x-thing', '', 'Tool', 'constructor', '__proto__', 'toString'])
      expect(kindOf(other)).toBe('unknown');
  });

  test.each([
    [{ type: 'tool', spec_version: '2.1' }, '2.1'],
    [{ type: 'tool', spec_version: '2.0' }, '2.0'],
    [{ type: 'tool', spec_version: '3.0' }, '2.0'],
    [{ type: 'tool', spec_version: 2.1 }, '2.0'],
    [{ type: 'tool' }, '2.0'],
    [{ type: 'file' }, '2.1'],
    [{ type: 'x-thing' }, '2.0'],
    [{ type: 'x-thing', extensions: { a: { extension_type: 'new-sco' } } }, '2.1'],
    [{ type: 'x-thing', extensions: { a: { extension_type: 'new-sdo' }, b: null } }, '2.0'],
    [{ type: 'x-thing', extensions: null }, '2.0'],
    [{ type: 'tool', extensions: { a: { extension_type: 'new-sco' } } }, '2.0'],
    [{}, '2.0'],
  ])('%j is of STIX %s', (object, version) => {
    expect(specVersionOf(object)).toBe(version);
    if (!('spec_version' in object)) expect(isObservable(object)).toBe(version === '2.1');
  });

  test('the version is modified, else created, else a fixed time that is not shown', () => {
    expect(versionOf({ modified: 'm', created: 'c' })).toBe('m');
    expect(versionOf({ modified: 5, created: 'c' })).toBe('c');
    expect(versionOf({})).toBe('1970-01-01T00:00:00.000Z');
    expect(versionFact(versionOf({}))).toEqual({});
    expect(versionFact('')).toEqual({});
    expect(versionFact('2026-01-01T00:00:00.000Z')).toEqual({ version: '2026-01-01T00:00:00.000Z' });
  });

  const NOW = Date.parse('2026-06-01T00:00:00Z');
  test.each([
    ['a tool', { type: 'tool' }, 'valid'],
    ['a revoked tool', { type: 'tool', revoked: true }, 'revoked'],
    ['a tool that is not revoked', { type: 'tool', revoked: false }, 'valid'],
    ['revoked as a text', { type: 'tool', revoked: 'true' }, 'valid'],
    ['an indicator without an end', { type: 'indicator', valid_from: '2026-01-01T00:00:00Z' }, 'valid'],
    ['an indicator that begins now', { type: 'indicator', valid_from: '2026-06-01T00:00:00Z' }, 'valid'],
    ['an indicator that begins later', { type: 'indicator', valid_from: '2026-06-01T00:00:00.001Z' }, 'not-yet-valid'],
    ['an indicator that ends later', { type: 'indicator', valid_until: '2026-06-01T00:00:00.001Z' }, 'valid'],
    ['an indicator that ends now', { type: 'indicator', valid_until: '2026-06-01T00:00:00Z' }, 'expired'],
    ['an expired and revoked indicator', { type: 'indicator', revoked: true, valid_until: '2026-01-01T00:00:00Z' }, 'revoked'],
    ['an indicator with a broken end', { type: 'indicator', valid_until: 'soon' }, 'valid'],
    ['a tool with an end', { type: 'tool', valid_until: '2026-01-01T00:00:00Z' }, 'valid'],
  ])('%s', (_, object, state) => {
    expect(stateOf(object, NOW)).toBe(state);
  }); // prettier-ignore

  test('properties of another type count as absent', () => {
    expect([text({ a: 'x' }, 'a'), text({ a: 5 }, 'a'), text({}, 'a')]).toEqual(['x', undefined, undefined]);
    expect([texts({ a: ['x', 5, 'y'] }, 'a'), texts({ a: 'x' }, 'a'), texts({}, 'a')]).toEqual([['x', 'y'], [], []]); // prettier-ignore
  });
});

describe('the meaning of an object', () => {
  const same = (a: Json, b: Json): boolean => meaningOf(a) === meaningOf(b);
  const tool = { type: 'tool', name: 'x' };
  test.each<[string, Json, Json, boolean]>([
    ['revoked: false', tool, { ...tool, revoked: false }, true],
    ['revoked: true', tool, { ...tool, revoked: true }, false],
    ['the language en', tool, { ...tool, lang: 'en' }, true],
    ['another language', tool, { ...tool, lang: 'fr' }, false],
    ['a time with more digits', { ...tool, created: '2026-01-01T00:00:00Z' }, { ...tool, created: '2026-01-01T00:00:00.000Z' }, true],
    ['another time', { ...tool, created: '2026-01-01T00:00:00Z' }, { ...tool, created: '2026-01-01T00:00:00.001Z' }, false],
    ['a time inside a part', { ...tool, x_a: [{ at: '2026-01-01T00:00:00Z' }] }, { ...tool, x_a: [{ at: '2026-01-01T00:00:00.0Z' }] }, true],
    ['another order of properties', { type: 'tool', name: 'x', x_a: 1 }, { x_a: 1, name: 'x', type: 'tool' }, true],
    ['another order of a list', { ...tool, labels: ['a', 'b'] }, { ...tool, labels: ['b', 'a'] }, false],
    ['defanged: false on an observable', { type: 'url', value: 'x' }, { type: 'url', value: 'x', defanged: false }, true],
    ['defanged: false elsewhere', tool, { ...tool, defanged: false }, false],
    ['spec_version of an observable', { type: 'url', value: 'x' }, { type: 'url', value: 'x', spec_version: '2.1' }, true],
    ['spec_version elsewhere', tool, { ...tool, spec_version: '2.1' }, false],
    ['summary: false of a sighting', { type: 'sighting' }, { type: 'sighting', summary: false }, true],
    ['summary: false elsewhere', tool, { ...tool, summary: false }, false],
    ['pattern_version of a STIX pattern', { type: 'indicator', pattern_type: 'stix', spec_version: '2.1' }, { type: 'indicator', pattern_type: 'stix', spec_version: '2.1', pattern_version: '2.1' }, true],
    ['another pattern_version', { type: 'indicator', pattern_type: 'stix', spec_version: '2.1' }, { type: 'indicator', pattern_type: 'stix', spec_version: '2.1', pattern_version: '2.0' }, false],
    ['pattern_version of another language', { type: 'indicator', pattern_type: 'yara', spec_version: '2.1' }, { type: 'indicator', pattern_type: 'yara', spec_version: '2.1', pattern_version: '2.1' }, false],
    ['a text that only looks like a time', { ...tool, x_a: '2026-01-01' }, { ...tool, x_a: '2026-01-01T00:00:00Z' }, false],
    ['a property named like one of JavaScript', tool, { ...tool, constructor: 'x' }, false],
  ])('%s: the same is %s', (_, a, b, expected) => {
    expect(same(a, b)).toBe(expected);
  }); // prettier-ignore

  test('the sender and the version of a marking definition do not matter', () => {
    const own = { type: 'marking-definition', definition_type: 'statement', definition: { statement: 'x' } };
    const sent = { ...own, created_by_ref: 'x', spec_version: '2.1', modified: 'y', revoked: false };
    expect(meaningOf(sent)).toBe(meaningOf(own));
    expect(definitionMeaning(own)).toBe(meaningOf(own));
    for (const other of [
      { revoked: true },
      { lang: 'en' },
      { definition: { statement: 'y' } },
      { name: 'x' },
    ])
      expect(same(own, { ...own, ...other })).toBe(false);
  });
});

describe('times', () => {
  test.each([
    ['0000-01-01T00:00:00Z', undefined],
    ['9999-12-31T23:59:59.999999999Z', undefined],
    ['2000-02-29T00:00:00Z', undefined],
    ['1900-02-29T00:00:00Z', 'date'],
    ['2024-04-31T00:00:00Z', 'date'],
    ['2024-00-10T00:00:00Z', 'date'],
    ['2024-13-10T00:00:00Z', 'date'],
    ['2024-01-00T00:00:00Z', 'date'],
    ['2024-01-01T00:60:00Z', 'date'],
    ['2024-01-01T00:00:61Z', 'date'],
    ['2024-01-30T23:59:60Z', 'date'],
    ['2024-01-31T23:58:60Z', 'date'],
    ['2024-01-31T22:59:60Z', 'date'],
    ['2024-02-29T23:59:60Z', undefined],
    ['2024-01-01T00:00:00.1234567890Z', 'fraction'],
    [`2024-01-01T00:00:00.${'x'.repeat(2_000)}Z`, 'fraction'],
    ['2024-01-01 00:00:00Z', 'form'],
    ['2024/01-01T00:00:00Z', 'form'],
    ['2024-01/01T00:00:00Z', 'form'],
    ['2024-01-01T00.00:00Z', 'form'],
    ['2024-01-01T00:00.00Z', 'form'],
    ['2024-01-01T00:00:00', 'form'],
    ['2024-01-01T00:00:00,5Z', 'form'],
    ['202a-01-01T00:00:00Z', 'form'],
    ['2024-01-01T0a:00:00Z', 'form'],
    ['2024-01-01T00:00:0 Z', 'form'],
    ['+2024-1-01T00:00:00Z', 'form'],
  ] as const)('%s: %s', (value, fault) => {
    expect(timestampFault(value)).toBe(fault);
  });

  test.each([
    ['2026-01-01T00:00:00.100Z', '2026-01-01T00:00:00.1Z', 0],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000000000Z', 0],
    ['2026-01-01T00:00:00.1Z', '2026-01-01T00:00:00.09Z', 1],
    ['2026-01-01T00:00:10Z', '2026-01-01T00:00:1Z', 1],
    ['2026-01-01T00:00:59.9Z', '2026-01-01T00:01:00Z', -1],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00Z', -1],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.999999999Z', 1],
  ])('the order of %s and %s is %d', (a, b, order) => {
    expect(compareTimestamps(a, b)).toBe(order);
    expect(compareTimestamps(b, a)).toBe(order === 0 ? 0 : -order);
  });

  test('an instant is written without trailing zeros', () => {
    expect(['2026-01-01T00:00:00.120Z', '2026-01-01T00:00:00.0Z', '2026-01-01T00:00:10Z'].map(instantOf)).toEqual(['2026-01-01T00:00:00.12', '2026-01-01T00:00:00', '2026-01-01T00:00:10']); // prettier-ignore
  });

  test.each([
    ['1970-01-01T00:00:00Z', 0],
    ['1970-01-01t00:00:00z', 0],
    ['1970-01-01T00:00:00.000001Z', 1],
    ['1970-01-01T00:00:00.0000019Z', 1],
    ['1970-01-01T00:00:01.5Z', 1_500_000],
    ['1969-12-31T23:59:59.999999Z', -1],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0) * 1000 - 1],
    ['2016-12-31T23:59:60.5Z', Date.UTC(2017, 0) * 1000 - 1],
    ['1970-01-01T00:00:00+00:00', undefined],
    ['1970-01-01', undefined],
    ['1970-02-30T00:00:00Z', undefined],
    ['', undefined],
  ])('TAXII reads %s as %s µs', (value, micros) => {
    expect(parseTaxiiTimestamp(value)).toBe(micros);
  });

  test('are written with six digits for TAXII and three for STIX', () => {
    expect([0, 1, 999_999, 1_000_000, -1].map(taxiiTimestamp)).toEqual(['1970-01-01T00:00:00.000000Z', '1970-01-01T00:00:00.000001Z', '1970-01-01T00:00:00.999999Z', '1970-01-01T00:00:01.000000Z', '1969-12-31T23:59:59.999999Z']); // prettier-ignore
    expect([0, 1, 1, 0].map(stixTimestamp)).toEqual(['1970-01-01T00:00:00.000Z', '1970-01-01T00:00:00.001Z', '1970-01-01T00:00:00.001Z', '1970-01-01T00:00:00.000Z']); // prettier-ignore
  });
});

describe('formats of values', () => {
  const L63 = 'a'.repeat(63);
  const HOST = ['domain-name', 'value', 'S-095'] as const;
  const MAIL = ['email-addr', 'value', 'S-097'] as const;
  const V4 = ['ipv4-addr', 'value', 'S-110'] as const;
  const V6 = ['ipv6-addr', 'value', 'S-110'] as const;
  const LANG = ['tool', 'lang', 'S-036'] as const;
  const CPE = ['software', 'cpe', 'S-127'] as const;
  const SET = ['directory', 'path_enc', 'S-039'] as const;
  const MAC = ['mac-addr', 'value', 'S-112'] as const;
  const KEY = ['windows-registry-key', 'key', 'S-129'] as const;
  const cpe = (last: string): string => `cpe:2.3:a:reef:bank:1.0:*:*:*:*:*:*:${last}`;
  /** [place, right values, wrong values] */
  test.each([
    [HOST, ['a.example', 'A.Example.', 'localhost', '_dmarc.a.example', 'xn--bcher-kva.example', 'bücher.example', `${L63}.example`, `${`${L63}.`.repeat(3)}${'a'.repeat(61)}`],
      ['', '.', 'a..example', '-a.example', 'a-.example', 'a b.example', 'a.example/', 'ab--c.example', 'xn--.example', `${L63}a.example`, `${`${L63}.`.repeat(3)}${'a'.repeat(62)}`, 'a.example..']],
    [MAIL, ['a@reef.example', 'a.b+c@reef.example', '"a b"@reef.example', 'ä@reef.example', 'a@[192.0.2.1]', 'a@localhost', `${'a'.repeat(64)}@reef.example`],
      ['', '@reef.example', 'a', 'a@', 'a b@reef.example', 'Reef <a@reef.example>', 'a..b@reef.example', '.a@reef.example', '"a"b@reef.example', 'a@reef example', `${'a'.repeat(65)}@reef.example`, `a@${'a.'.repeat(160)}example`]],
    [V4, ['192.0.2.1', '192.0.2.0/24', '0.0.0.0/0', '192.0.2.1/32'], ['', '192.0.2', '192.0.2.256', '192.0.2.01', '192.0.2.0/33', '192.0.2.0/024', '192.0.2.0/', '2001:db8::1', '::ffff:192.0.2.1', ' 192.0.2.1']],
    [V6, ['2001:db8::1', '2001:DB8::/32', '::', '::ffff:192.0.2.1', '2001:db8::1/128'], ['', '2001:db8', '2001:db8::1::2', '2001:db8::/129', 'fe80::1%eth0', '192.0.2.1', '[2001:db8::1]']],
    [LANG, ['en', 'en-GB', 'zh-Hant-TW', 'es-419', 'x-reef', 'i-klingon', 'gil'], ['', 'e', 'english', 'en_GB', 'zz', 'en-XX', 'en-Qqqq', 'en-', 'a'.repeat(101)]],
    [CPE, [cpe('*'), cpe('-'), cpe('a\\:b'), 'cpe:2.3:o:a:b:-:*:*:*:*:*:*:*', 'cpe:2.3:h:a:b:-:*:*:*:*:*:*:*'], ['', 'cpe:/a:reef:bank', cpe(''), cpe('a:b'), cpe('a b'), cpe('a\\'), 'cpe:2.3:x:a:b:-:*:*:*:*:*:*:*']],
    [SET, ['utf-8', 'UTF-16LE', 'windows-1252', 'iso-8859-15', 'Shift_JIS', 'us-ascii', 'koi8-r', 'gb18030'], ['', 'unicode', 'latin', 'iso-8859-17', 'windows-1259', 'utf 8', '8-utf']],
    [MAC, ['00:00:5e:00:53:01'], ['', '00:00:5E:00:53:01', '00-00-5e-00-53-01', '00:00:5e:00:53', '00:00:5e:00:53:01:02', '0:0:5e:0:53:1']],
    [KEY, ['HKEY_LOCAL_MACHINE\\Software', 'hkey_current_user', 'HKLMX\\a', 'Software\\HKLM'], ['HKLM', 'hklm\\Software', 'HKCU\\a', 'HKCR\\a', 'HKU\\a', 'HKCC\\a']],
  ] as const)('%j', ([type, path, rule], right, wrong) => {
    const found = (value: string) => faultsOf(withValue(type, path, value));
    for (const value of right) expect([value, found(value)]).toEqual([value, []]);
    for (const value of wrong) expect([value, found(value)]).toEqual([value, [`${rule} /${path}`]]);
  }); // prettier-ignore

  test.each([
    ['MD5', 32, 'MD5'],
    ['SHA-1', 40, 'SHA-1'],
    ['SHA-256', 64, 'SHA-256'],
    ['SHA-512', 128, 'SHA-512'],
    ['none', 31, undefined],
    ['none', 96, undefined],
  ])('the length of a hash determines its algorithm: %s, %d digits', (_, length, algorithm) => {
    expect(algorithmByLength('a'.repeat(length))).toBe(algorithm);
    expect(algorithmByLength('F'.repeat(length))).toBe(algorithm);
    expect(algorithmByLength('g'.repeat(length))).toBeUndefined();
  });

  test('the fault of a hash names the format, and an unknown algorithm has none', () => {
    expect(hashFault('MD5', 'abc')).toBe('a MD5 value is 32 hexadecimal digits, found 3 characters');
    expect(hashFault('MD5', 'a'.repeat(32))).toBeUndefined();
    expect(hashFault('my-hash', 'abc')).toBeUndefined();
    expect(hashFault('md5', 'abc')).toBeUndefined();
  });

  test('references of an object have a source and one fact', () => {
    const found = (reference: unknown, type = 'tool') => faultsOf(smallest(type, { external_references: [reference] })); // prettier-ignore
    for (const fact of [{ url: 'x' }, { description: 'x' }, { external_id: 'x' }]) expect(found({ source_name: 'x', ...fact })).toEqual([]); // prettier-ignore
    expect(found({ source_name: 'x' })).toEqual(['S-023 /external_references/0']);
    expect(found({ url: 'x' })).toEqual(['S-002 /external_references/0/source_name']);
    expect(found({ source_name: 'x', url: 5 })).toEqual(['S-003 /external_references/0/url']);
    expect(found({ source_name: 'x', url: 'x', hashes: { MD5: 'x' } })).toEqual(['S-022 /external_references/0/hashes/MD5']); // prettier-ignore
    expect(found({ source_name: 'cve', external_id: 'CVE-2026-123' })).toEqual(['S-024 /external_references/0/external_id']); // prettier-ignore
    expect(found({ source_name: 'cve', external_id: 'CVE-2026-12345' })).toEqual([]);
    expect(found({ source_name: 'nvd', external_id: 'CVE-2026-12345' }, 'vulnerability')).toEqual(['S-024 /external_references/0/source_name']); // prettier-ignore
    expect(found({ source_name: 'nvd', external_id: 'CVE-2026-12345' })).toEqual([]);
    expect(found({ source_name: 'capec', external_id: 'CAPEC-' })).toEqual(['S-025 /external_references/0/external_id']); // prettier-ignore
    expect(found({ source_name: 'mitre', external_id: 'CAPEC-1' }, 'attack-pattern')).toEqual(['S-025 /external_references/0/source_name']); // prettier-ignore
  });
});

describe('relationships of the standard', () => {
  /** The summary table of STIX 2.1, appendix B, with one row per source. */
  const DEFINED: Readonly<Record<string, string>> = {
    'attack-pattern': 'delivers:malware targets:identity,location,vulnerability uses:malware,tool',
    campaign: 'attributed-to:intrusion-set,threat-actor compromises:infrastructure originates-from:location targets:identity,location,vulnerability uses:attack-pattern,infrastructure,malware,tool',
    'course-of-action': 'investigates:indicator mitigates:attack-pattern,indicator,malware,tool,vulnerability remediates:malware,vulnerability',
    identity: 'located-at:location',
    indicator: 'indicates:attack-pattern,campaign,infrastructure,intrusion-set,malware,threat-actor,tool based-on:observed-data',
    infrastructure: 'communicates-with:infrastructure,ipv4-addr,ipv6-addr,domain-name,url consists-of:infrastructure,observed-data,file,process controls:infrastructure,malware delivers:malware has:vulnerability hosts:tool,malware located-at:location uses:infrastructure',
    'intrusion-set': 'attributed-to:threat-actor compromises:infrastructure hosts:infrastructure owns:infrastructure originates-from:location targets:identity,location,vulnerability uses:attack-pattern,infrastructure,malware,tool',
    malware: 'authored-by:threat-actor,intrusion-set beacons-to:infrastructure exfiltrates-to:infrastructure communicates-with:ipv4-addr,ipv6-addr,domain-name,url controls:malware downloads:malware,tool,file drops:malware,tool,file exploits:vulnerability originates-from:location targets:identity,infrastructure,location,vulnerability uses:attack-pattern,infrastructure,malware,tool variant-of:malware',
    'malware-analysis': 'characterizes:malware av-analysis-of:malware static-analysis-of:malware dynamic-analysis-of:malware',
    'threat-actor': 'attributed-to:identity compromises:infrastructure hosts:infrastructure owns:infrastructure impersonates:identity located-at:location targets:identity,location,vulnerability uses:attack-pattern,infrastructure,malware,tool',
    tool: 'delivers:malware drops:malware has:vulnerability targets:identity,infrastructure,location,vulnerability uses:infrastructure',
    'domain-name': 'resolves-to:domain-name,ipv4-addr,ipv6-addr',
    'ipv4-addr': 'resolves-to:mac-addr belongs-to:autonomous-system',
    'ipv6-addr': 'resolves-to:mac-addr belongs-to:autonomous-system',
  }; // prettier-ignore
  test.each(Object.entries(DEFINED))('the relationships of %s are those of the standard', (source, table) => {
    for (const row of table.split(' ')) {
      const [name = '', targets = ''] = row.split(':');
      for (const target of targets.split(','))
        expect([name, target, definedRelationship(source, name, target).defined]).toEqual([
          name,
          target,
          true,
        ]);
      for (const other of ['report', 'note', 'x-thing'])
        expect([name, other, definedRelationship(source, name, other).defined]).toEqual([name, other, false]);
    }
  });

  test('between any two objects, and between two of one type', () => {
    expect(definedRelationship('note', 'related-to', 'file')).toEqual({ defined: true, suggestion: undefined });
    expect(definedRelationship('note', 'derived-from', 'note').defined).toBe(true);
    expect(definedRelationship('note', 'derived-from', 'report').defined).toBe(false);
    expect(definedRelationship('note', 'duplicate-of', 'note').defined).toBe(true);
    expect(definedRelationship('constructor', 'name', 'file')).toEqual({ defined: false, suggestion: undefined });
    expect(definedRelationship('malware', 'toString', 'tool')).toEqual({ defined: false, suggestion: 'downloads' });
  }); // prettier-ignore
});
