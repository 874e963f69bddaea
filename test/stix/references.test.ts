// The types that each reference may point to, as the tables of STIX 2.1 §3 to §8 list them. The tests try every type of
// the standard at every reference.
import { describe, expect, test } from '@jest/globals';
import { kindOf, STIX_TYPES } from '../../src/stix/types.ts';
import { faultsOf, idOf, smallest, withValue } from '../support/stix-objects.ts';

const CUSTOM = 'x-thing';
const TYPES = [...STIX_TYPES, CUSTOM];
const ofKind = (...kinds: readonly string[]): readonly string[] =>
  TYPES.filter((type) => kinds.includes(kindOf(type)));
const ALL_BUT_BUNDLES = TYPES.filter((type) => type !== 'bundle');
const SCO = ofKind('sco', 'unknown');

/** [type, path of the reference, types that it may point to, rule] */
const REFERENCES: readonly [string, string, readonly string[], string][] = [
  ['campaign', 'created_by_ref', ['identity'], 'S-032'],
  ['marking-definition', 'created_by_ref', ['identity'], 'S-032'],
  ['extension-definition', 'created_by_ref', ['identity'], 'S-032'],
  ['language-content', 'created_by_ref', ['identity'], 'S-032'],
  ['campaign', 'object_marking_refs/0', ['marking-definition'], 'S-033'],
  ['file', 'object_marking_refs/0', ['marking-definition'], 'S-033'],
  ['language-content', 'object_marking_refs/0', ['marking-definition'], 'S-033'],
  ['grouping', 'object_refs/0', ALL_BUT_BUNDLES, 'S-075'],
  ['note', 'object_refs/0', ALL_BUT_BUNDLES, 'S-075'],
  ['opinion', 'object_refs/0', ALL_BUT_BUNDLES, 'S-075'],
  ['report', 'object_refs/0', ALL_BUT_BUNDLES, 'S-075'],
  ['language-content', 'object_ref', ALL_BUT_BUNDLES, 'S-075'],
  ['malware', 'operating_system_refs/0', ['software'], 'S-065'],
  ['malware', 'sample_refs/0', ['file', 'artifact'], 'S-066'],
  ['malware-analysis', 'host_vm_ref', ['software'], 'S-068'],
  ['malware-analysis', 'operating_system_ref', ['software'], 'S-068'],
  ['malware-analysis', 'installed_software_refs/0', ['software'], 'S-068'],
  ['malware-analysis', 'analysis_sco_refs/0', SCO, 'S-069'],
  ['malware-analysis', 'sample_ref', ['file', 'network-traffic', 'artifact'], 'S-069'],
  ['observed-data', 'object_refs/1', ofKind('sco', 'sro', 'unknown'), 'S-072'],
  ['relationship', 'source_ref', ofKind('sdo', 'sco', 'unknown'), 'S-081'],
  ['relationship', 'target_ref', ofKind('sdo', 'sco', 'unknown'), 'S-081'],
  ['sighting', 'sighting_of_ref', ofKind('sdo', 'unknown'), 'S-082'],
  ['sighting', 'observed_data_refs/0', ['observed-data'], 'S-083'],
  ['sighting', 'where_sighted_refs/0', ['identity', 'location'], 'S-084'],
  ['directory', 'contains_refs/0', ['file', 'directory'], 'S-094'],
  ['domain-name', 'resolves_to_refs/0', ['ipv4-addr', 'ipv6-addr', 'domain-name'], 'S-096'],
  ['email-addr', 'belongs_to_ref', ['user-account'], 'S-098'],
  ['email-message', 'from_ref', ['email-addr'], 'S-099'],
  ['email-message', 'sender_ref', ['email-addr'], 'S-099'],
  ['email-message', 'to_refs/0', ['email-addr'], 'S-099'],
  ['email-message', 'cc_refs/0', ['email-addr'], 'S-099'],
  ['email-message', 'bcc_refs/0', ['email-addr'], 'S-099'],
  ['email-message', 'raw_email_ref', ['artifact'], 'S-099'],
  ['file', 'parent_directory_ref', ['directory'], 'S-105'],
  ['file', 'contains_refs/0', SCO, 'S-105'],
  ['file', 'content_ref', ['artifact'], 'S-105'],
  ['ipv4-addr', 'resolves_to_refs/0', ['mac-addr'], 'S-111'],
  ['ipv4-addr', 'belongs_to_refs/0', ['autonomous-system'], 'S-111'],
  ['ipv6-addr', 'resolves_to_refs/0', ['mac-addr'], 'S-111'],
  ['ipv6-addr', 'belongs_to_refs/0', ['autonomous-system'], 'S-111'],
  ['network-traffic', 'src_ref', ['ipv4-addr', 'ipv6-addr', 'mac-addr', 'domain-name'], 'S-114'],
  ['network-traffic', 'dst_ref', ['ipv4-addr', 'ipv6-addr', 'mac-addr', 'domain-name'], 'S-114'],
  ['network-traffic', 'src_payload_ref', ['artifact'], 'S-117'],
  ['network-traffic', 'dst_payload_ref', ['artifact'], 'S-117'],
  ['network-traffic', 'encapsulates_refs/0', ['network-traffic'], 'S-117'],
  ['network-traffic', 'encapsulated_by_ref', ['network-traffic'], 'S-117'],
  ['process', 'opened_connection_refs/0', ['network-traffic'], 'S-119'],
  ['process', 'creator_user_ref', ['user-account'], 'S-119'],
  ['process', 'image_ref', ['file'], 'S-119'],
  ['process', 'parent_ref', ['process'], 'S-119'],
  ['process', 'child_refs/0', ['process'], 'S-119'],
  ['process', 'extensions/windows-service-ext/service_dll_refs/0', ['file'], 'S-119'],
  ['windows-registry-key', 'creator_user_ref', ['user-account'], 'S-130'],
];

/** Returns the faults at the reference itself. Others can follow from it, such as a missing neighbour. */
const at = (type: string, path: string, value: unknown): readonly string[] =>
  faultsOf(withValue(type, path, value)).filter((fault) => fault.endsWith(` /${path}`));

describe('a reference points to the types that the standard lists', () => {
  test.each(REFERENCES)('%s %s', (type, path, allowed, rule) => {
    expect(TYPES.filter((target) => at(type, path, idOf(target)).length === 0)).toEqual(
      TYPES.filter((target) => allowed.includes(target)),
    );
    const refused = TYPES.filter((target) => !allowed.includes(target));
    for (const target of refused)
      expect([target, at(type, path, idOf(target))]).toEqual([target, [`${rule} /${path}`]]);
  });

  test.each(REFERENCES)('%s %s is an identifier, with a type and a UUID', (type, path, [allowed = '']) => {
    expect(at(type, path, 5)).toEqual([`S-003 /${path}`]);
    expect(at(type, path, 'tool')).toEqual([`S-010 /${path}`]);
    expect(at(type, path, 'X--0b5a1e00-0000-4000-8000-000000000001')).toEqual([`S-010 /${path}`]);
    for (const uuid of [
      '0b5a1e00',
      '0b5a1e00-0000-7000-8000-000000000001',
      '0b5a1e00-0000-4000-c000-000000000001',
    ])
      expect(at(type, path, `${allowed}--${uuid}`)).toEqual([`S-011 /${path}`]);
  });

  const lists = REFERENCES.filter(([, path]) => path.endsWith('/0')).map(
    ([type, path]) => [type, path.slice(0, -2)] as const,
  );
  test.each(lists)('%s %s is a list of at least one reference', (type, path) => {
    expect(at(type, path, [])).toEqual([`S-004 /${path}`]);
    expect(at(type, path, idOf('tool'))).toEqual([`S-003 /${path}`]);
  });
});

describe('a reference inside a part of an object', () => {
  const part = (type: string) => ({
    selectors: ['name'],
    marking_ref: idOf(type),
  });
  test('a granular marking points to a marking definition', () => {
    for (const type of TYPES) {
      const found = faultsOf(smallest('tool', { granular_markings: [part(type)] }));
      const expected = type === 'marking-definition' ? [] : ['S-148 /granular_markings/0/marking_ref'];
      expect([type, found]).toEqual([type, expected]);
    }
  });

  test('a part of a multipart message points to an artifact or a file', () => {
    for (const type of TYPES) {
      const body_multipart = [{ body: 'x' }, { body_raw_ref: idOf(type) }];
      const found = faultsOf(smallest('email-message', { is_multipart: true, body_multipart }));
      const expected = ['artifact', 'file'].includes(type) ? [] : ['S-102 /body_multipart/1/body_raw_ref'];
      expect([type, found]).toEqual([type, expected]);
    }
  });

  test('an archive contains files and directories, at least one file', () => {
    const archive = (...types: readonly string[]) =>
      faultsOf(withValue('file', 'extensions/archive-ext/contains_refs', types.map(idOf)));
    expect(archive('file')).toEqual([]);
    expect(archive('directory', 'file')).toEqual([]);
    expect(archive('directory')).toEqual(['S-106 /extensions/archive-ext/contains_refs']);
    expect(archive('file', 'artifact')).toEqual(['S-106 /extensions/archive-ext/contains_refs/1']);
  });

  test('the body of an HTTP request is an artifact', () => {
    const request = (type: string) =>
      faultsOf(
        smallest('network-traffic', {
          extensions: {
            'http-request-ext': {
              request_method: 'get',
              request_value: '/',
              message_body_data_ref: idOf(type),
            },
          },
        }),
      );
    expect(request('artifact')).toEqual([]);
    expect(request('file')).toEqual(['S-117 /extensions/http-request-ext/message_body_data_ref']);
  });

  test('an observation of relationships alone observes nothing', () => {
    const observed = (...types: readonly string[]) =>
      faultsOf(smallest('observed-data', { object_refs: types.map(idOf) }));
    expect(observed('relationship', 'sighting')).toEqual(['S-072 /object_refs']);
    expect(observed('relationship', 'file')).toEqual([]);
    expect(observed('relationship', CUSTOM)).toEqual([]);
  });
});

describe('a custom property whose name ends like a reference', () => {
  test.each([
    ['x_seen_ref', idOf('tool'), []],
    ['x_seen_ref', 'tool', ['S-010 /x_seen_ref']],
    ['x_seen_ref', 'tool--1', ['S-011 /x_seen_ref']],
    ['x_seen_ref', 'tool--0b5a1e00-0000-6000-8000-000000000001', ['S-011 /x_seen_ref']],
    ['x_seen_ref', 5, ['S-123 /x_seen_ref']],
    ['x_seen_ref', { id: 'x' }, ['S-123 /x_seen_ref']],
    ['x_seen_refs', [idOf('tool'), idOf('file')], []],
    ['x_seen_refs', [idOf('tool'), 'file'], ['S-010 /x_seen_refs/1']],
    ['x_seen_refs', [5], ['S-123 /x_seen_refs/0']],
    ['x_seen_refs', idOf('tool'), ['S-123 /x_seen_refs']],
    ['x_seen_refs', [], ['S-004 /x_seen_refs']],
    ['x_raw_hex', '0aff', []],
    ['x_raw_hex', '0af', ['S-123 /x_raw_hex']],
    ['x_raw_hex', '0AFF', ['S-123 /x_raw_hex']],
    ['x_raw_hex', '', ['S-123 /x_raw_hex']],
    ['x_raw_hex', 10, ['S-123 /x_raw_hex']],
    ['x_raw_bin', 'QUI=', []],
    ['x_raw_bin', 'QUI', ['S-123 /x_raw_bin']],
    ['x_raw_bin', '', ['S-123 /x_raw_bin']],
    ['x_raw_bin', false, ['S-123 /x_raw_bin']],
    ['x_deep', { seen_ref: 'tool' }, ['S-010 /x_deep/seen_ref']],
    ['x_deep', [{ seen_refs: ['tool--1'] }], ['S-011 /x_deep/0/seen_refs/0']],
    ['x_deep', { 'a/b~c_ref': 'tool' }, ['S-010 /x_deep/a~1b~0c_ref']],
  ] as const)('%s: %j', (name, value, expected) => {
    expect(faultsOf(smallest('tool', { [name]: value }))).toEqual(expected);
  });
});
