// Extensions, custom properties, custom types, and advice (STIX 2.1 §7.3, §10 and §11).
import { describe, expect, test } from '@jest/globals';
import { validateObject } from '../../src/stix/validation/validate.ts';
import type { Json } from '../support/builders.ts';
import { faultsOf, idOf, smallest, withValue } from '../support/stix-objects.ts';

const DEFINITION = idOf('extension-definition');
const TOPLEVEL = { [DEFINITION]: { extension_type: 'toplevel-property-extension' } };
const PROPERTY = { [DEFINITION]: { extension_type: 'property-extension', rank: 5 } };

/** Returns the advice about an object as `rule pointer suggestion`. */
const adviceOn = (object: Json): readonly string[] =>
  validateObject(object)
    .filter(({ level }) => level === 'warning')
    .map(({ rule, pointer, suggestion }) => [rule, pointer, suggestion].filter((part) => part !== undefined).join(' ')); // prettier-ignore

describe('extensions', () => {
  test.each([
    ['an extension of a definition', 'tool', PROPERTY, []],
    ['an extension of a definition on an observable', 'file', PROPERTY, []],
    ['a predefined extension', 'file', { 'pdf-ext': { version: '1.7' } }, []],
    ['a predefined extension of another type', 'file', { 'tcp-ext': { src_flags_hex: '02' } }, ['S-042 /extensions/tcp-ext']],
    ['a predefined extension on an object that is not an observable', 'tool', { 'pdf-ext': { version: '1.7' } }, ['S-042 /extensions/pdf-ext']],
    ['a custom name on an object that is not an observable', 'tool', { 'x-a-ext': { a: 1 } }, ['S-042 /extensions/x-a-ext']],
    ['a custom name on an observable', 'file', { 'x-a-ext': { a: 1 } }, []],
    ['a custom name without -ext', 'file', { 'x-a': { a: 1 } }, ['S-042 /extensions/x-a']],
    ['a custom name with capitals', 'file', { 'x-A-ext': { a: 1 } }, ['S-122 /extensions/x-A-ext']],
    ['a custom name with an underscore', 'file', { 'x_a-ext': { a: 1 } }, ['S-122 /extensions/x_a-ext']],
    ['a custom name that begins with a digit', 'file', { '1-ext': { a: 1 } }, ['S-122 /extensions/1-ext']],
    ['a custom name of 250 characters', 'file', { [`x-${'a'.repeat(244)}-ext`]: { a: 1 } }, []],
    ['a custom name of 251 characters', 'file', { [`x-${'a'.repeat(245)}-ext`]: { a: 1 } }, [`S-122 /extensions/x-${'a'.repeat(245)}-ext`]],
    ['an empty custom extension', 'file', { 'x-a-ext': {} }, ['S-043 /extensions/x-a-ext']],
    ['an extension that is a text', 'file', { 'x-a-ext': 'x' }, ['S-040 /extensions/x-a-ext', 'S-043 /extensions/x-a-ext']],
    ['an extension of a definition that is a list', 'tool', { [DEFINITION]: [] }, [`S-040 /extensions/${DEFINITION}`]],
    ['a definition without an extension type', 'tool', { [DEFINITION]: { rank: 5 } }, [`S-041 /extensions/${DEFINITION}/extension_type`]],
    ['a definition with an unknown extension type', 'tool', { [DEFINITION]: { extension_type: 'x' } }, [`S-041 /extensions/${DEFINITION}/extension_type`]],
    ['a definition without a UUID', 'tool', { 'extension-definition--1': { extension_type: 'property-extension' } }, ['S-010 /extensions/extension-definition--1']],
    ['no extension at all', 'tool', {}, ['S-005 /extensions']],
    ['a list instead of extensions', 'tool', [], ['S-003 /extensions']],
  ] as const)('%s', (_, type, extensions, expected) => {
    expect(faultsOf(smallest(type, { extensions }))).toEqual(expected);
  }); // prettier-ignore

  const EMPTY: readonly [string, string, Json, string][] = [
    ['file', 'ntfs-ext', {}, 'S-043'],
    ['file', 'pdf-ext', {}, 'S-043'],
    ['file', 'raster-image-ext', {}, 'S-043'],
    ['file', 'archive-ext', {}, 'S-002'],
    ['file', 'windows-pebinary-ext', { pe_type: 'exe' }, 'S-108'],
    ['network-traffic', 'tcp-ext', {}, 'S-043'],
    ['network-traffic', 'http-request-ext', { request_method: 'get' }, 'S-002'],
    ['network-traffic', 'http-request-ext', { request_value: '/' }, 'S-002'],
    ['network-traffic', 'icmp-ext', { icmp_type_hex: '08' }, 'S-002'],
    ['network-traffic', 'icmp-ext', { icmp_code_hex: '00' }, 'S-002'],
    ['network-traffic', 'socket-ext', { is_blocking: true }, 'S-002'],
    ['process', 'windows-process-ext', {}, 'S-043'],
    ['process', 'windows-service-ext', {}, 'S-043'],
    ['user-account', 'unix-account-ext', {}, 'S-043'],
  ];
  test.each(EMPTY)('%s: %s with %j lacks what it needs', (type, key, content, rule) => {
    expect(faultsOf(smallest(type, { extensions: { [key]: content } })).map((fault) => fault.slice(0, 5))).toContain(rule); // prettier-ignore
  });

  /** [type, path of a dictionary, a right value, a wrong value, rule of the value] */
  const DICTIONARIES: readonly [string, string, unknown, unknown, string][] = [
    ['email-message', 'additional_header_fields', ['x'], 'x', 'S-101'],
    ['email-message', 'additional_header_fields', ['x'], [], 'S-101'],
    ['network-traffic', 'ipfix', 5, true, 'S-107'],
    ['network-traffic', 'ipfix', 'x', ['x'], 'S-107'],
    ['network-traffic', 'extensions/socket-ext/options', 1, 'x', 'S-107'],
    ['network-traffic', 'extensions/http-request-ext/request_header', ['x'], 'x', 'S-107'],
    ['process', 'environment_variables', 'x', 5, 'S-107'],
    ['process', 'extensions/windows-process-ext/startup_info', 5, null, 'S-007'],
    ['file', 'extensions/pdf-ext/document_info_dict', 'x', 5, 'S-107'],
    ['file', 'extensions/raster-image-ext/exif_tags', 5, 1.5, 'S-107'],
  ];
  test.each(DICTIONARIES)('%s %s may contain %j, but not %j', (type, path, right, wrong, rule) => {
    const below = (value: unknown): readonly string[] =>
      faultsOf(withValue(type, path, value)).filter((fault) => fault.includes(` /${path}`));
    expect(below({ Key_1: right })).toEqual([]);
    expect(below({ Key_1: wrong })).toEqual([`${rule} /${path}/Key_1`]);
    expect(below({})).toEqual([`S-005 /${path}`]);
    expect(below([])).toEqual([`S-003 /${path}`]);
    expect(below({ 'a b': right })).toEqual([`S-006 /${path}/a b`]);
    expect(below({ ['k'.repeat(250)]: right })).toEqual([]);
    expect(below({ ['k'.repeat(251)]: right })).toEqual([`S-006 /${path}/${'k'.repeat(251)}`]);
  });
});

describe('hashes', () => {
  const LENGTHS: readonly [string, number][] = [['MD5', 32], ['SHA-1', 40], ['SHA-256', 64], ['SHA-512', 128], ['SHA3-256', 64], ['SHA3-512', 128], ['TLSH', 70]]; // prettier-ignore
  test.each(LENGTHS)('a %s has %d hexadecimal digits', (name, length) => {
    const found = (digest: unknown) => faultsOf(smallest('file', { hashes: { [name]: digest } }));
    expect(found('aB'.repeat(length / 2))).toEqual([]);
    expect(found('a'.repeat(length - 1))).toEqual([`S-022 /hashes/${name}`]);
    expect(found('a'.repeat(length + 1))).toEqual([`S-022 /hashes/${name}`]);
    expect(found('g'.repeat(length))).toEqual([`S-022 /hashes/${name}`]);
    expect(found(5)).toEqual([`S-003 /hashes/${name}`]);
  });

  test.each([
    [{ SSDEEP: '3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C' }, []],
    [{ SSDEEP: '3:a' }, ['S-022 /hashes/SSDEEP']],
    [{ TLSH: `T1${'a'.repeat(70)}` }, []],
    [{ TLSH: `T2${'a'.repeat(70)}` }, ['S-022 /hashes/TLSH']],
    [{ my_hash: 'anything' }, []],
    [{ ab: 'x' }, ['S-021 /hashes/ab']],
    [{ 'a b c': 'x' }, ['S-021 /hashes/a b c']],
    [{ ['h'.repeat(250)]: 'x' }, []],
    [{ ['h'.repeat(251)]: 'x' }, [`S-021 /hashes/${'h'.repeat(251)}`]],
    [{}, ['S-005 /hashes']],
  ])('%j', (hashes, expected) => {
    expect(faultsOf(smallest('file', { hashes }))).toEqual(expected);
  });
});

describe('custom names', () => {
  test.each([
    ['abc', []],
    ['ab', ['S-028 /ab']],
    ['x_9', []],
    ['9_x', ['S-028 /9_x']],
    ['_abc', ['S-028 /_abc']],
    ['x-abc', ['S-028 /x-abc']],
    ['Abc', ['S-028 /Abc']],
    ['ä_bc', ['S-028 /ä_bc']],
    ['a/b', ['S-028 /a~1b']],
    ['x'.repeat(250), []],
    ['x'.repeat(251), [`S-028 /${'x'.repeat(251)}`]],
  ])('a property named %s', (name, expected) => {
    expect(faultsOf(smallest('tool', { [name]: 1 }))).toEqual(expected);
  });

  test.each([
    ['x-thing', []],
    ['x9', ['S-027 /type']],
    ['thing-two-3', []],
    ['X-thing', ['S-027 /type']],
    ['x_thing', ['S-027 /type']],
    ['x--thing', ['S-027 /type']],
    ['x-', ['S-027 /type']],
    ['9things', ['S-027 /type']],
    ['x'.repeat(250), []],
    ['x'.repeat(251), ['S-027 /type']],
  ])('a type named %s', (type, expected) => {
    const found = faultsOf(smallest(type, { id: `${type}--0b5a1e00-0000-4000-8000-000000000001`, rank: 1 }));
    expect(found.filter((fault) => fault !== 'S-011 /id' && fault !== 'S-010 /id')).toEqual(expected);
  });

  test('a custom type has a property of its own, or an extension', () => {
    expect(faultsOf(smallest('x-thing'))).toEqual(['S-121 ']);
    expect(faultsOf(smallest('x-thing', { labels: ['a'], confidence: 5 }))).toEqual(['S-121 ']);
    expect(faultsOf(smallest('x-thing', { x_rank: 1 }))).toEqual([]);
    expect(faultsOf(smallest('x-thing', { extensions: PROPERTY }))).toEqual([]);
  });

  test('a custom type with a version has the common properties of its category', () => {
    expect(faultsOf(smallest('x-thing', { x_rank: 1, modified: undefined }))).toEqual(['S-120 /modified']);
    expect(faultsOf(smallest('x-thing', { x_rank: 1, created: undefined }))).toEqual(['S-120 /created']);
    expect(faultsOf(smallest('x-thing', { x_rank: 1, created: undefined, modified: undefined }))).toEqual([]);
    const sco = { [DEFINITION]: { extension_type: 'new-sco' } };
    const bare = { created: undefined, modified: undefined };
    expect(faultsOf(smallest('x-thing', { extensions: sco, ...bare }))).toEqual([]);
    const sdo = { [DEFINITION]: { extension_type: 'new-sdo' } };
    expect(faultsOf(smallest('x-thing', { extensions: sdo, ...bare }))).toEqual(['S-120 /created', 'S-120 /modified']); // prettier-ignore
  });

  test.each(['severity', 'username', 'phone_number', 'action'])('%s is a reserved name', (name) => {
    expect(faultsOf(smallest('tool', { [name]: 'x' }))).toEqual([`S-029 /${name}`]);
    expect(faultsOf(smallest('file', { [name]: 'x' }))).toEqual([`S-029 /${name}`]);
  });

  test.each(['name', 'description', 'id', 'extensions', 'created_by_ref', 'defanged'])(
    'an extension cannot define the property %s of the standard',
    (name) => {
      const own = smallest('extension-definition', { extension_properties: ['x_rank', name] });
      expect(faultsOf(own)).toContain(
        name === 'id' ? 'S-152 /extension_properties/1' : 'S-153 /extension_properties/1',
      );
    },
  );

  test('only an extension at the top level lists properties', () => {
    const own = (over: Json) => faultsOf(smallest('extension-definition', over));
    const types = ['property-extension'];
    expect(own({ extension_properties: ['x_rank'] })).toEqual([]);
    expect(own({ extension_types: types, extension_properties: ['x_rank'] })).toEqual(['S-151 /extension_types']); // prettier-ignore
    expect(own({ extension_properties: [] })).toEqual(['S-004 /extension_properties']);
    expect(own({ extension_properties: ['Rank'] })).toEqual(['S-152 /extension_properties/0']);
  });

  test('null is refused everywhere, and is advice deep inside a custom property', () => {
    expect(faultsOf(smallest('tool', { description: null }))).toEqual(['S-003 /description']);
    expect(faultsOf(smallest('tool', { x_a: null }))).toEqual(['S-003 /x_a']);
    expect(faultsOf(smallest('tool', { labels: [null] }))).toContain('S-003 /labels/0');
    expect(faultsOf(smallest('tool', { external_references: [{ source_name: 'x', url: 'x', x_a: null }] }))).toEqual(['S-007 /external_references/0/x_a']); // prettier-ignore
    expect(faultsOf(smallest('tool', { x_a: { b: null } }))).toEqual([]);
    expect(adviceOn(smallest('tool', { x_a: { b: null } }))).toEqual(['S-007 /x_a/b']);
  });
});

describe('advice', () => {
  test.each([
    ['a custom name without x_', smallest('tool', { rank_of_it: 1 }), ['W-custom /rank_of_it']],
    ['a name that is nearly one of the standard', smallest('tool', { alias: ['x'] }), ['W-custom /alias aliases']],
    ['a custom name with x_', smallest('tool', { x_rank: 1 }), []],
    ['a custom name that an extension explains', smallest('tool', { rank_of_it: 1, extensions: TOPLEVEL }), []],
    ['a custom name beside an extension in one place', smallest('tool', { rank_of_it: 1, extensions: PROPERTY }), ['W-custom /rank_of_it']],
    ['a custom type without x-', smallest('thing-two', { x_rank: 1 }), ['W-custom /type']],
    ['a custom type with x-', smallest('x-thing', { x_rank: 1 }), []],
    ['a custom type that an extension explains', smallest('thing-two', { extensions: PROPERTY }), []],
    ['a custom extension without x-', smallest('file', { extensions: { 'reef-ext': { a: 1 } } }), ['W-custom /extensions/reef-ext']],
    ['labels on an observable', smallest('file', { labels: ['x'] }), ['W-not-applicable /labels']],
    ['a creator of an observable', smallest('mutex', { created_by_ref: idOf('identity') }), ['W-not-applicable /created_by_ref']],
    ['confidence in an observable', smallest('mutex', { confidence: 5 }), ['W-not-applicable /confidence']],
    ['a revoked observable', smallest('mutex', { revoked: false }), ['W-not-applicable /revoked']],
    ['a language of an observable', smallest('mutex', { lang: 'en' }), ['W-not-applicable /lang']],
    ['references of an observable', smallest('mutex', { external_references: [{ source_name: 'x', url: 'x' }] }), ['W-not-applicable /external_references']],
    ['a defanged observable', smallest('mutex', { defanged: true }), []],
    ['addresses of a domain', smallest('domain-name', { resolves_to_refs: [idOf('ipv4-addr')] }), ['W-deprecated /resolves_to_refs']],
    ['networks of an address', smallest('ipv4-addr', { belongs_to_refs: [idOf('autonomous-system')] }), ['W-deprecated /belongs_to_refs']],
    ['a domain with an underscore', smallest('domain-name', { value: '_dmarc.reef.example' }), ['W-host /value']],
    ['phases with capitals', smallest('tool', { kill_chain_phases: [{ kill_chain_name: 'Lockheed Martin', phase_name: 'delivery' }] }), ['W-kill-chain /kill_chain_phases/0']],
    ['phases in lower case', smallest('tool', { kill_chain_phases: [{ kill_chain_name: 'lockheed-martin', phase_name: 'delivery' }] }), []],
    ['a misspelt hash name', smallest('file', { hashes: { sha256: 'a'.repeat(64) } }), ['W-hash /hashes SHA-256']],
    ['an unknown hash name', smallest('file', { hashes: { crc32: 'a' } }), ['W-hash /hashes']],
    ['an undefined relationship', smallest('relationship', { source_ref: idOf('tool'), target_ref: idOf('malware') }), ['W-relationship /relationship_type delivers']],
    ['a relationship of a custom type', smallest('relationship', { source_ref: idOf('x-thing') }), []],
    ['an id that does not follow from the value', smallest('domain-name', { id: 'domain-name--0b5a1e00-0000-5000-8000-000000000001' }), ['S-013 /id']],
    ['an id that follows from the value', smallest('domain-name', { id: 'domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7', value: 'example.com' }), []],
  ] as const)('%s', (_, object, expected) => {
    expect(adviceOn(object)).toEqual(expected);
    expect(faultsOf(object)).toEqual([]);
  }); // prettier-ignore

  test.each([
    ['grouping', 'context', 'malware-analysis', 'malware-analysys'], ['identity', 'identity_class', 'organization', 'organisation'], ['identity', 'sectors/0', 'financial-services', 'financial-service'],
    ['indicator', 'indicator_types/0', 'anomalous-activity', 'anomalous-activty'], ['infrastructure', 'infrastructure_types/0', 'command-and-control', 'comand-and-control'],
    ['intrusion-set', 'resource_level', 'government', 'goverment'], ['intrusion-set', 'primary_motivation', 'coercion', 'coertion'], ['intrusion-set', 'secondary_motivations/0', 'dominance', 'dominanse'],
    ['location', 'region', 'melanesia', 'melanesa'], ['malware', 'malware_types/0', 'ransomware', 'ransomeware'], ['malware', 'architecture_execution_envs/0', 'x86-64', 'x86-46'],
    ['malware', 'implementation_languages/0', 'powershell', 'power-shell'], ['malware', 'capabilities/0', 'steals-authentication-credentials', 'steals-authentication-credential'],
    ['malware-analysis', 'result', 'suspicious', 'suspicous'], ['report', 'report_types/0', 'threat-report', 'threat-reports'],
    ['threat-actor', 'threat_actor_types/0', 'crime-syndicate', 'crime-sindicate'], ['threat-actor', 'roles/0', 'infrastructure-operator', 'infrastructure-operater'],
    ['threat-actor', 'sophistication', 'strategic', 'stratejic'], ['threat-actor', 'personal_motivations/0', 'revenge', 'revange'], ['tool', 'tool_types/0', 'denial-of-service', 'denial-of-servise'],
    ['user-account', 'account_type', 'windows-domain', 'windows-domian'],
  ] as const)('%s %s: %s is a word of the vocabulary, and is suggested for %s', (type, path, word, slip) => {
    expect(adviceOn(withValue(type, path, word))).toEqual([]);
    expect(adviceOn(withValue(type, path, slip))).toEqual([`W-vocabulary /${path} ${word}`]);
    expect(adviceOn(withValue(type, path, 'zzz'))).toEqual([`W-vocabulary /${path}`]);
  }); // prettier-ignore

  test('a name that is refused or tolerated gets no advice in addition', () => {
    const reserved = validateObject(smallest('incident', { severity: 'x' }), { level: 'tolerant' });
    expect(reserved.map(({ level, rule }) => `${level} ${rule}`)).toEqual(['finding S-029']);
    expect(validateObject(smallest('incident', { Odd: 'x' })).map(({ rule }) => rule)).toEqual(['S-028']);
  });

  test('no advice is computed where nobody reads it', () => {
    const odd = smallest('tool', { alias: 1, tool_types: ['zzz'] });
    expect(validateObject(odd, { advice: false })).toEqual([]);
    expect(adviceOn(odd)).toEqual(['W-vocabulary /tool_types/0', 'W-custom /alias aliases']);
  });

  test('at most twenty pieces of advice are given, and none of them rejects the object', () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`name_${i}`, 1]));
    expect(adviceOn(smallest('tool', many))).toHaveLength(20);
    expect(faultsOf(smallest('tool', many))).toEqual([]);
  });
});

describe('the level strict', () => {
  const strict = (over: Json) => faultsOf(smallest('tool', over), { level: 'strict' });
  test.each([
    ['one letter is missing', { descripton: 'x' }, ['W-custom /descripton']],
    ['one letter is too many', { descriptiion: 'x' }, ['W-custom /descriptiion']],
    ['one letter is another one', { descriptiom: 'x' }, ['W-custom /descriptiom']],
    ['two letters are other ones', { descriptoom: 'x' }, []],
    ['the name has five letters', { nameX: 'x' }, ['S-028 /nameX']],
    ['the name begins with x_', { x_description: 'x' }, []],
    ['the object also has the meant property', { descripton: 'x', description: 'y' }, []],
    ['an extension adds names', { descripton: 'x', extensions: TOPLEVEL }, []],
    [
      'an extension adds names in one place',
      { descripton: 'x', extensions: PROPERTY },
      ['W-custom /descripton'],
    ],
  ] as const)('%s', (_, over, expected) => {
    expect(strict(over)).toEqual(expected);
    if (expected[0]?.startsWith('W') === true) expect(faultsOf(smallest('tool', over))).toEqual([]);
  });
});
