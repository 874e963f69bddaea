// The three levels of validation: what `tolerant` accepts as a finding, and what no level accepts.
import { describe, expect, test } from '@jest/globals';
import { mayRevealItsValue } from '../../src/stix/identifiers.ts';
import { concernsOf } from '../../src/stix/observables.ts';
import { searchKeys } from '../../src/stix/search-keys.ts';
import { sectionOf } from '../../src/stix/validation/sections.ts';
import { LEVELS, TOLERATED, type ValidationLevel } from '../../src/stix/validation/tolerance.ts';
import { ObjectSet } from '../../src/stix/validation/set.ts';
import { validateObject } from '../../src/stix/validation/validate.ts';
import type { Json } from '../support/builders.ts';

const UUID = '0b5a1e00-0000-4000-8000-000000000001';
const V7 = '0b5a1e00-0000-7000-8000-000000000001';
const TIME = '2024-01-01T00:00:00.000Z';
const LATER = '2024-01-02T00:00:00.000Z';
const GREEN = 'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da';
const RED = 'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed';

const sdo = (type: string, more: Json = {}): Json => ({
  type, spec_version: '2.1', id: `${type}--${UUID}`, created: TIME, modified: TIME, ...more,
}); // prettier-ignore
const sco = (type: string, more: Json = {}): Json => ({
  type,
  spec_version: '2.1',
  id: `${type}--${UUID}`,
  ...more,
});
const old = (type: string, more: Json = {}): Json => ({ type, id: `${type}--${UUID}`, created: TIME, modified: TIME, ...more }); // prettier-ignore
const definition = (more: Json = {}): Json => ({
  type: 'marking-definition', spec_version: '2.1', id: `marking-definition--${UUID}`, created: TIME, definition_type: 'statement', definition: { statement: 'x' }, ...more,
}); // prettier-ignore
const indicator = (more: Json = {}): Json =>
  sdo('indicator', {
    pattern: "[domain-name:value = 'a.example']",
    pattern_type: 'stix',
    valid_from: TIME,
    ...more,
  });
const relationship = (more: Json = {}): Json =>
  sdo('relationship', { relationship_type: 'uses', source_ref: `malware--${UUID}`, target_ref: `tool--${UUID}`, ...more }); // prettier-ignore
const HASHES = { 'SHA-256': 'a'.repeat(64) };
const mixed = "[domain-name:value = 'a.example' AND network-traffic:dst_port = 443]";

const faultsOf = (object: Json, level: ValidationLevel): string[] =>
  // Where STIX 2.0 is accepted as well, a definition without spec_version is one of STIX 2.0.
  validateObject(JSON.parse(JSON.stringify(object)) as Json, { accept: object['type'] === 'marking-definition' ? ['2.1'] : ['2.0', '2.1'], advice: false, level }).map(
    (fault) => `${fault.level} ${fault.rule} ${fault.pointer}`,
  ); // prettier-ignore

/** Deviations that producers send, with the finding. */
const ACCEPTED: [string, Json][] = [
  ['S-002 /is_family', sdo('malware', { name: 'X' })],
  ['S-002 /object_refs', sdo('report', { name: 'X', published: TIME })],
  ['S-002 /labels', old('malware', { name: 'X' })],
  ['S-002 /spec_version', { type: 'marking-definition', id: `marking-definition--${UUID}`, created: TIME, definition_type: 'statement', definition: { statement: 'x' } }],
  ['S-004 /aliases', sdo('malware', { name: 'X', is_family: true, aliases: [] })],
  ['S-009 /magic_number_hex', sco('file', { name: 'x', magic_number_hex: '504B0304' })],
  ['S-011 /id', sdo('tool', { id: `tool--${V7}`, name: 'X' })],
  ['S-011 /id', sdo('tool', { id: 'tool--0b5a1e00-0000-6000-8000-000000000001', name: 'X' })],
  ['S-011 /id', sdo('tool', { id: 'tool--0b5a1e00-0000-8000-8000-000000000001', name: 'X' })],
  ['S-011 /id', sdo('tool', { id: 'tool--0b5a1e00-0000-0000-0000-000000000001', name: 'X' })],
  ['S-011 /created_by_ref', sdo('tool', { name: 'X', created_by_ref: `identity--${V7}` })],
  ['S-011 /object_refs/0', sdo('grouping', { context: 'unspecified', object_refs: [`tool--${V7}`] })],
  ['S-014 /id', sco('process', { id: 'process--0b5a1e00-0000-5000-8000-000000000001', pid: 1 })],
  ['S-019 /created', sdo('tool', { name: 'X', created: '2024-01-01T00:00:00Z' })],
  ['S-019 /modified', sdo('tool', { name: 'X', modified: '2024-01-01T00:00:00.12Z' })],
  ['S-023 /external_references/0', sdo('tool', { name: 'X', external_references: [{ source_name: 'x' }] })],
  ['S-024 /external_references/0/external_id', sdo('tool', { name: 'X', external_references: [{ source_name: 'cve', external_id: 'CVE-2024-1' }] })],
  ['S-025 /external_references/0/external_id', sdo('tool', { name: 'X', external_references: [{ source_name: 'capec', external_id: '17' }] })],
  ['S-028 /x_misp_Capital', sdo('tool', { name: 'X', x_misp_Capital: 'x' })],
  ['S-028 /x_misp_cfr-type', sdo('tool', { name: 'X', 'x_misp_cfr-type': 'x' })],
  ['S-029 /severity', sdo('incident', { name: 'X', severity: 'medium' })],
  ['S-051 /valid_until', indicator({ valid_until: TIME, revoked: true })],
  ['S-053 /stop_time', relationship({ start_time: TIME, stop_time: '2024-01-01T00:00:00Z' })],
  ['S-060 ', sdo('location', { name: 'Nuku\u2019alofa', city: 'Nuku\u2019alofa' })],
  ['S-067 ', sdo('malware-analysis', { product: 'x' })],
  ['S-081 /target_ref', relationship({ target_ref: `relationship--${UUID}` })],
  ['S-082 /sighting_of_ref', sdo('sighting', { sighting_of_ref: `ipv4-addr--${UUID}` })],
  ['S-090 ', sco('artifact', { hashes: HASHES })],
  ['S-091 /hashes', sco('artifact', { url: 'https://a.example/' })],
  ['S-092 /encryption_algorithm', sco('artifact', { payload_bin: 'AAAA', decryption_key: 'infected' })],
  ['S-093 /value', sco('url', { value: 'https://a.example/b|c' })],
  ['S-101 /additional_header_fields/X-Mailer', sco('email-message', { is_multipart: false, additional_header_fields: { 'X-Mailer': 'x' } })],
  ['S-107 /extensions/http-request-ext/request_header/Accept', sco('network-traffic', { protocols: ['tcp'], src_ref: `ipv4-addr--${UUID}`, extensions: { 'http-request-ext': { request_method: 'get', request_value: '/', request_header: { Accept: '*/*' } } } })],
  ['S-112 /value', sco('mac-addr', { value: '00:1B:44:11:3A:B7' })],
  ['S-123 /x_raw_hex', sdo('tool', { name: 'X', x_raw_hex: 'AB' })],
  ['S-127 /languages/0', sco('software', { name: 'X', languages: ['C#'] })],
  ['S-127 /cpe', sco('software', { name: 'X', cpe: 'cpe:/a:x:y' })],
  ['S-129 /key', sco('windows-registry-key', { key: 'HKLM\\Software\\x' })],
  ['S-144 /definition/tlp', definition({ id: GREEN, definition_type: 'tlp', definition: { TLP: 'TLP:GREEN' } })],
  ['S-145 /id', definition({ id: GREEN, name: 'TLP:GREEN', definition_type: 'TLP', definition: { TLP: 'TLP:GREEN' } })],
  ['S-145 /created', definition({ id: RED, definition_type: 'tlp', definition: { tlp: 'red' } })],
  ['S-146 /modified', definition({ modified: TIME })],
  ['S-146 /revoked', definition({ revoked: false })],
  ['P-013 /pattern', indicator({ pattern: mixed })],
  ['P-013 /pattern', old('indicator', { labels: ['x'], pattern: mixed, valid_from: TIME })],
  ['P-020 /pattern', indicator({ pattern: "[file:x_misp_KnownMalicious = 'yes' AND file:name = 'x']" })],
]; // prettier-ignore

/** Their neighbours, which mislead readers or decide something. */
const REFUSED: [string, Json][] = [
  ['S-002 /name', sdo('tool')],
  ['S-002 /pattern', indicator({ pattern: undefined })],
  ['S-003 /confidence', indicator({ confidence: '75' })],
  ['S-004 /object_marking_refs', sdo('tool', { name: 'X', object_marking_refs: [] })],
  ['S-004 /granular_markings', sdo('tool', { name: 'X', granular_markings: [] })],
  ['S-009 /magic_number_hex', sco('file', { name: 'x', magic_number_hex: '504B03zz' })],
  ['S-011 /id', sdo('tool', { id: 'tool--0b5a1e00-0000-7000-8000-00000000000g', name: 'X' })],
  ['S-011 /id', sdo('tool', { id: 'tool--{0b5a1e00-0000-4000-8000-000000000001}', name: 'X' })],
  ['S-012 /id', sdo('tool', { id: `malware--${UUID}`, name: 'X' })],
  ['S-017 /created', sdo('tool', { name: 'X', created: '2024-01-01 00:00:00' })],
  ['S-018 /created', sdo('tool', { name: 'X', created: '2024-02-30T00:00:00Z' })],
  ['S-020 /modified', sdo('tool', { name: 'X', created: LATER })],
  ['S-028 /Capital', sdo('tool', { name: 'X', Capital: 'x' })],
  ['S-029 /severity', sdo('incident', { name: 'X', severity: { level: 1 } })],
  ['S-033 /object_marking_refs/0', sdo('tool', { name: 'X', object_marking_refs: [`identity--${UUID}`] })],
  ['S-051 /valid_until', indicator({ valid_until: TIME })],
  ['S-051 /valid_until', indicator({ valid_from: LATER, valid_until: TIME, revoked: true })],
  ['S-053 /stop_time', relationship({ start_time: LATER, stop_time: TIME })],
  ['S-060 ', sdo('location', { city: 'X' })],
  ['S-081 /target_ref', relationship({ target_ref: GREEN })],
  ['S-082 /sighting_of_ref', sdo('sighting', { sighting_of_ref: GREEN })],
  ['S-090 ', sco('artifact', { hashes: HASHES, payload_bin: 'AAAA', url: 'https://a.example/' })],
  ['S-093 /value', sco('url', { value: 'hxxp://a.example/' })],
  ['S-101 /additional_header_fields/X-Mailer', sco('email-message', { is_multipart: false, additional_header_fields: { 'X-Mailer': 5 } })],
  ['S-107 /extensions/pdf-ext/document_info_dict/Author', sco('file', { name: 'x', extensions: { 'pdf-ext': { document_info_dict: { Author: 5 } } } })],
  ['S-112 /value', sco('mac-addr', { value: '001B44113AB7' })],
  ['S-127 /cpe', sco('software', { name: 'X', cpe: 'x' })],
  ['S-145 /id', definition({ id: GREEN, definition_type: 'TLP', definition: { TLP: 'TLP:RED' } })],
  ['S-145 /id', definition({ id: GREEN, name: 'TLP:RED', definition_type: 'TLP', definition: { TLP: 'TLP:GREEN' } })],
  ['S-145 /id', definition({ id: RED, definition_type: 'TLP', definition: { TLP: 'TLP:GREEN' } })],
  ['S-145 /id', definition({ id: RED, definition_type: 'TLP:GREEN', definition: { TLP: 'TLP:RED' } })],
  ['S-145 /id', definition({ id: RED, definition_type: 'statement', definition: { statement: 'For members' } })],
  ['S-145 /id', definition({ definition_type: 'tlp', definition: { tlp: 'red' } })],
  ['S-146 /revoked', definition({ revoked: true })],
  ['S-148 /granular_markings/0/marking_ref', sdo('tool', { name: 'X', granular_markings: [{ selectors: ['name'], marking_ref: `identity--${UUID}` }] })],
  ['P-001 /pattern', indicator({ pattern: 'a.example' })],
  ['P-020 /pattern', indicator({ pattern: "[file:KnownMalicious = 'yes']" })],
  ['P-021 /pattern', indicator({ pattern: "[file:hashes.MD5 = 'x']" })],
]; // prettier-ignore

describe('the level tolerant', () => {
  test.each(ACCEPTED)('accepts with a finding: %s', (expected, object) => {
    expect(faultsOf(object, 'tolerant')).toContain(`finding ${expected}`);
    expect(faultsOf(object, 'tolerant').filter((fault) => !fault.startsWith('finding'))).toEqual([]);
    for (const level of ['standard', 'strict'] as const)
      expect(faultsOf(object, level)).toContain(`error ${expected}`);
  });

  test.each(REFUSED)('refuses like the others: %s', (expected, object) => {
    for (const level of LEVELS) expect(faultsOf(object, level)).toContain(`error ${expected}`);
  });

  test('every row of the table has an example, and a rule of the standard', () => {
    for (const row of TOLERATED) {
      expect(sectionOf(row.rule)).toBeDefined();
      const examples = ACCEPTED.filter(([expected]) => expected.startsWith(`${row.rule} `));
      expect(examples.length).toBeGreaterThanOrEqual(
        TOLERATED.filter(({ rule }) => rule === row.rule).length,
      );
    }
    expect(new Set(ACCEPTED.map(([expected]) => expected.slice(0, 5)))).toEqual(
      new Set(TOLERATED.map(({ rule }) => rule)),
    );
  });

  test('an object with thousands of deviations is accepted, with the first of them', () => {
    const object_refs = Array.from({ length: 5_000 }, (_, i) => `tool--0b5a1e00-0000-7000-8000-${String(i).padStart(12, '0')}`);
    expect(faultsOf(sdo('grouping', { context: 'unspecified', object_refs }), 'tolerant')).toHaveLength(20);
    const wrong = sdo('grouping', { context: 'unspecified', object_refs: [...object_refs, 'tool--x'] });
    expect(faultsOf(wrong, 'tolerant')).toContain('error S-011 /object_refs/5000');
  }); // prettier-ignore

  test('an error after many deviations still rejects the object', () => {
    const fields = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`X-${i}`, 'x']));
    const message = sco('email-message', {
      is_multipart: false,
      additional_header_fields: { ...fields, Last: 5 },
    });
    expect(faultsOf(message, 'tolerant').filter((fault) => fault.startsWith('error'))).not.toEqual([]);
  });

  test('a marking of a tolerated property must still select an existing part', () => {
    const granular_markings = [{ selectors: ['severity.[0]'], marking_ref: GREEN }];
    expect(faultsOf(sdo('incident', { name: 'X', severity: 'x', granular_markings }), 'tolerant')).toEqual([
      'finding S-029 /severity',
      'error S-149 /granular_markings/0/selectors/0',
    ]);
  });

  test('another creation time or creator in another version is an error, or a finding', () => {
    const first = indicator({ created_by_ref: `identity--${UUID}` });
    const later = { ...first, created: LATER, modified: LATER, created_by_ref: GREEN.replace('marking-definition', 'identity') };
    const said = (level: ValidationLevel): string[] => {
      const set = new ObjectSet(level);
      return [first, later].flatMap((object) => set.add(object, undefined)).map((fault) => `${fault.level} ${fault.rule}`);
    };
    expect(said('tolerant')).toEqual(['finding S-045', 'finding S-047']);
    expect(said('standard')).toEqual(['error S-045', 'error S-047']);
  }); // prettier-ignore

  test('ids that may reveal a value stay secret for every UUID version', () => {
    for (const id of ['3', '5', '8', '0', 'f'].map(
      (v) => `ipv4-addr--0b5a1e00-0000-${v}000-8000-000000000001`,
    ))
      expect(mayRevealItsValue(id)).toBe(true);
    expect(mayRevealItsValue('ipv4-addr--0b5a1e00-0000-4000-0000-000000000001')).toBe(true);
    for (const id of ['1', '4', '6', '7'].map((v) => `ipv4-addr--0b5a1e00-0000-${v}000-a000-000000000001`))
      expect(mayRevealItsValue(id)).toBe(false);
  });

  test('the values of a tolerated pattern are still found', () => {
    expect(concernsOf(indicator({ pattern: mixed }))).toEqual([{ kind: 'domain', name: 'a.example' }]);
    expect(searchKeys(indicator({ pattern: mixed }))).toContainEqual({
      kind: 'domain',
      value: expect.anything(),
    });
  });
});
