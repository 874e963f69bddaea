// The upgrade of objects of STIX 2.0, property by property (STIX 2.1, appendix on changes), and the checks of 2.0.
import { describe, expect, test } from '@jest/globals';
import { upgradeObject } from '../../src/stix/upgrade.ts';
import type { Json } from '../support/builders.ts';
import { faultsOf, idOf } from '../support/stix-objects.ts';

const TIME = '2020-01-01T00:00:00.000Z';
const old = (type: string, over: Json = {}): Json => ({
  type,
  id: idOf(type),
  created: TIME,
  modified: TIME,
  ...over,
});
const upgraded = (object: Json): { object: Json; notes: readonly string[] } => {
  const result = upgradeObject(object);
  if (result.kind === 'refused') throw new Error(JSON.stringify(result.faults));
  return { object: { ...result.object }, notes: result.notes };
};
const observed = (objects: Json): Json =>
  old('observed-data', { first_observed: TIME, last_observed: TIME, number_observed: 1, objects });
/** Returns an observable after the upgrade, with the notes. */
const contained = (observable: Json, others: Json = {}): [unknown, readonly string[]] => {
  const { object, notes } = upgraded(observed({ ...others, x: observable }));
  return [(object['objects'] as Json)['x'], notes];
};

describe('labels', () => {
  test.each([
    [
      'indicator',
      'indicator_types',
      'malicious-activity',
      { pattern: "[file:name = 'a']", valid_from: TIME },
    ],
    ['malware', 'malware_types', 'ransomware', { name: 'X' }],
    ['report', 'report_types', 'campaign', { name: 'X', published: TIME, object_refs: [idOf('tool')] }],
    ['threat-actor', 'threat_actor_types', 'crime-syndicate', { name: 'X' }],
    ['tool', 'tool_types', 'exploitation', { name: 'X' }],
  ] as const)('of %s become %s, and the others stay', (type, property, word, over) => {
    expect(upgraded(old(type, { ...over, labels: [word, 'team-7'] })).object).toMatchObject({
      [property]: [word],
      labels: ['team-7'],
    });
    const alone = upgraded(old(type, { ...over, labels: [word] })).object;
    expect([alone[property], alone['labels']]).toEqual([[word], undefined]);
    const none = upgraded(old(type, { ...over, labels: ['team-7'] }));
    expect([none.object[property], none.object['labels']]).toEqual([undefined, ['team-7']]);
    expect(none.notes.filter((note) => note.includes(property))).toHaveLength(1);
    const both = upgraded(old(type, { ...over, labels: [word], [property]: ['unknown'] })).object;
    expect([both[property], both['labels']]).toEqual([['unknown'], [word]]);
  });

  test('labels of other types are kept', () => {
    expect(upgraded(old('campaign', { name: 'X', labels: ['malicious-activity'] }))).toEqual({
      object: { ...old('campaign', { name: 'X', labels: ['malicious-activity'] }), spec_version: '2.1' },
      notes: [],
    });
  });
});

describe('contained observables', () => {
  test.each<[Json, Json, readonly string[]]>([
    [{ type: 'file', name: 'a', created: TIME, modified: TIME, accessed: TIME }, { type: 'file', name: 'a', ctime: TIME, mtime: TIME, atime: TIME }, []],
    [{ type: 'file', name: 'a', is_encrypted: true, encryption_algorithm: 'x', decryption_key: 'y' }, { type: 'file', name: 'a' }, ['file.is_encrypted does not exist in STIX 2.1', 'file.encryption_algorithm does not exist in STIX 2.1', 'file.decryption_key does not exist in STIX 2.1']],
    [{ type: 'file', hashes: { md5: 'a'.repeat(32), 'SHA-1': 'b'.repeat(40), mine: 'c' } }, { type: 'file', hashes: { MD5: 'a'.repeat(32), 'SHA-1': 'b'.repeat(40), mine: 'c' } }, []],
    [{ type: 'directory', path: '/a', created: TIME, modified: TIME, accessed: TIME }, { type: 'directory', path: '/a', ctime: TIME, mtime: TIME, atime: TIME }, []],
    [{ type: 'process', name: 'sh', arguments: ['-c', 5, 'id'], created: TIME }, { type: 'process', command_line: 'sh -c id', created_time: TIME }, ['process.name does not exist in STIX 2.1', 'process.arguments does not exist in STIX 2.1']],
    [{ type: 'process', name: 'sh', command_line: '/bin/sh' }, { type: 'process', command_line: '/bin/sh' }, ['process.name does not exist in STIX 2.1']],
    [{ type: 'process', pid: 5 }, { type: 'process', pid: 5 }, []],
    [{ type: 'user-account', user_id: 'a', password_last_changed: TIME }, { type: 'user-account', user_id: 'a', credential_last_changed: TIME }, []],
    [{ type: 'windows-registry-key', key: 'HKEY_USERS\\a', modified: TIME }, { type: 'windows-registry-key', key: 'HKEY_USERS\\a', modified_time: TIME }, []],
    [{ type: 'email-message', is_multipart: false, additional_header_fields: { A: 'x', B: ['y'] } }, { type: 'email-message', is_multipart: false, additional_header_fields: { A: ['x'], B: ['y'] } }, []],
    [{ type: 'mutex', name: 'a', created: TIME }, { type: 'mutex', name: 'a', created: TIME }, []],
    [{ type: 'file', name: 'a', extensions: { 'archive-ext': { contains_refs: ['y'], version: '5', comment: 'x' } } }, { type: 'file', name: 'a', extensions: { 'archive-ext': { contains_refs: ['y'] } } }, ['archive-ext.version does not exist in STIX 2.1', 'archive-ext.comment does not exist in STIX 2.1']],
    [{ type: 'network-traffic', protocols: ['tcp'], src_ref: 'z', extensions: { 'socket-ext': { address_family: 'AF_INET', protocol_family: 'PF_INET' } } }, { type: 'network-traffic', protocols: ['tcp'], src_ref: 'z', extensions: { 'socket-ext': { address_family: 'AF_INET' } } }, ['socket-ext.protocol_family does not exist in STIX 2.1']],
    [{ type: 'network-traffic', protocols: ['tcp'], src_ref: 'z', extensions: { 'http-request-ext': { request_method: 'get', request_value: '/', request_header: { Host: 'a' } } } }, { type: 'network-traffic', protocols: ['tcp'], src_ref: 'z', extensions: { 'http-request-ext': { request_method: 'get', request_value: '/', request_header: { Host: ['a'] } } } }, []],
  ])('%j', (before, after, notes) => {
    const others = { y: { type: 'file', name: 'b' }, z: { type: 'ipv4-addr', value: '192.0.2.1' } };
    expect(contained(before, others)).toEqual([after, notes]);
  }); // prettier-ignore
});

describe('other objects', () => {
  test('a pattern that is valid in both versions stays as it was written', () => {
    const pattern = "[file:name   = 'a']";
    const own = upgraded(old('indicator', { labels: ['benign'], pattern, valid_from: TIME }));
    expect(own.object).toMatchObject({ pattern, pattern_type: 'stix' });
    expect(own.notes).toEqual([]);
    const start = upgraded(
      old('indicator', {
        labels: ['benign'],
        pattern: `${pattern} START '${TIME}' STOP '2021-01-01T00:00:00Z'`,
        valid_from: TIME,
      }),
    );
    expect(start.object['pattern']).toBe(`[file:name = 'a'] START t'${TIME}' STOP t'2021-01-01T00:00:00Z'`);
    expect(start.notes).toEqual(['the pattern was rewritten in the grammar of STIX 2.1']);
  });

  test.each([
    ['613f2e26-407d-48c7-9eca-b8e91df99dc9', 'white', 'TLP:WHITE'],
    ['34098fce-860f-48ae-8e50-ebd3cc5e41da', 'green', 'TLP:GREEN'],
    ['f88d31f6-486f-44da-b317-01333bde0b82', 'amber', 'TLP:AMBER'],
    ['5e57c739-391a-4eb3-b6be-7d15ca92d5ed', 'red', 'TLP:RED'],
  ])('the marking %s of %s is named %s', (uuid, tlp, name) => {
    const own = {
      type: 'marking-definition',
      id: `marking-definition--${uuid}`,
      created: '2017-01-20T00:00:00.000Z',
      definition_type: 'tlp',
      definition: { tlp },
    };
    expect(upgraded(own).object).toEqual({ ...own, spec_version: '2.1', name });
    expect(upgraded({ ...own, modified: TIME }).object).not.toHaveProperty('modified');
  });

  test('malware keeps its statement about families, and the id stays', () => {
    const own = upgraded(old('malware', { name: 'X', labels: ['trojan'], is_family: false }));
    expect(own).toMatchObject({ object: { id: idOf('malware'), is_family: false }, notes: [] });
  });

  test.each([
    ['an unknown reference', observed({ 0: { type: 'file', name: 'a', parent_directory_ref: '5' } }), 'S-073 /objects/0/parent_directory_ref'],
    ['a reference to the wrong type', observed({ 0: { type: 'file', name: 'a', parent_directory_ref: '1' }, 1: { type: 'mutex', name: 'x' } }), 'S-074 /objects/0/parent_directory_ref'],
    ['an entry of the wrong type', observed({ 0: { type: 'tool', name: 'a' } }), 'S-074 /objects/0/type'],
    ['an entry with a wrong value', observed({ 0: { type: 'file', size: -1, name: 'a' } }), 'S-104 /objects/0/size'],
    ['an entry without what it needs', observed({ 0: { type: 'ipv4-addr' } }), 'S-002 /objects/0/value'],
    ['a list with an unknown reference', observed({ 0: { type: 'email-message', is_multipart: false, to_refs: ['1', '9'] }, 1: { type: 'email-addr', value: 'a@b.example' } }), 'S-073 /objects/0/to_refs/1'],
    ['a key with a slash', observed({ 'a/b': { type: 'ipv4-addr' } }), 'S-006 /objects/a~1b'],
    ['a name that is missing', old('tool', { labels: ['exploitation'] }), 'S-002 /name'],
  ] as const)('%s is refused with its place', (_, object, expected) => {
    const result = upgradeObject(object);
    if (result.kind === 'upgraded') throw new Error('it was upgraded');
    expect(result.faults.map(({ rule, pointer }) => `${rule} ${pointer}`)).toContain(expected);
  }); // prettier-ignore
});

describe('the checks of STIX 2.0', () => {
  const found = (object: Json) =>
    faultsOf(JSON.parse(JSON.stringify(object)) as Json, { accept: ['2.0', '2.1'] });
  /** The properties that the types of STIX 2.0 need, with valid values. */
  const NEEDS: Readonly<Record<string, Json>> = {
    'attack-pattern': { name: 'X' }, campaign: { name: 'X' }, 'course-of-action': { name: 'X' }, identity: { name: 'X', identity_class: 'group' },
    indicator: { labels: ['benign'], pattern: "[file:name = 'a']", valid_from: TIME }, 'intrusion-set': { name: 'X' }, malware: { labels: ['trojan'], name: 'X' },
    'observed-data': { first_observed: TIME, last_observed: TIME, number_observed: 1, objects: { 0: { type: 'mutex', name: 'x' } } },
    relationship: { relationship_type: 'uses', source_ref: idOf('malware'), target_ref: idOf('tool') }, report: { labels: ['campaign'], name: 'X', published: TIME, object_refs: [idOf('tool')] },
    sighting: { sighting_of_ref: idOf('malware') }, 'threat-actor': { labels: ['spy'], name: 'X' }, tool: { labels: ['exploitation'], name: 'X' }, vulnerability: { name: 'X' },
  }; // prettier-ignore
  test.each(Object.entries(NEEDS))('%s needs %j, and its times', (type, own) => {
    expect(found(old(type, own))).toEqual([]);
    for (const name of ['created', 'modified', ...Object.keys(own)])
      expect([name, found(old(type, { ...own, [name]: undefined }))]).toEqual([name, [`S-002 /${name}`]]);
  });

  test.each(['grouping', 'infrastructure', 'location', 'malware-analysis', 'note', 'opinion', 'language-content', 'extension-definition', 'incident'])('%s is a type of STIX 2.1', (type) => {
    expect(found(old(type, { name: 'X' }))).toEqual(['S-030 /spec_version']);
  }); // prettier-ignore

  test.each<[Json, string]>([
    [{ aliases: ['a', 5] }, 'S-003 /aliases'],
    [{ goals: 'x' }, 'S-003 /goals'],
    [{ description: 5 }, 'S-003 /description'],
    [{ first_seen: '2020-13-01T00:00:00Z' }, 'S-018 /first_seen'],
    [{ first_seen: '2020-01-01T00:00:00.1234567890Z' }, 'L-010 /first_seen'],
    [{ last_seen: 5 }, 'S-017 /last_seen'],
    [{ first_seen: TIME, last_seen: '2019-01-01T00:00:00Z' }, 'S-050 /last_seen'],
    [{ object_marking_refs: [idOf('tool')] }, 'S-033 /object_marking_refs/0'],
    [{ granular_markings: [{ selectors: 'name', marking_ref: idOf('marking-definition') }] }, 'S-003 /granular_markings/0/selectors'],
    [{ granular_markings: [{ selectors: ['nothing'], marking_ref: idOf('marking-definition') }] }, 'S-149 /granular_markings/0/selectors/0'],
    [{ granular_markings: ['x'] }, 'S-148 /granular_markings/0/marking_ref'],
    [{ Capital: 1 }, 'S-028 /Capital'],
    [{ x_a: null }, 'S-003 /x_a'],
  ])('%j is a fault', (over, expected) => {
    expect(found(old('campaign', { name: 'X', ...over }))).toContain(expected);
  }); // prettier-ignore

  test.each([
    ['sighting', 'where_sighted_refs', [idOf('location')], 'S-084 /where_sighted_refs/0'],
    ['sighting', 'observed_data_refs', [idOf('file')], 'S-083 /observed_data_refs/0'],
    ['sighting', 'observed_data_refs', idOf('observed-data'), 'S-003 /observed_data_refs'],
    [
      'sighting',
      'sighting_of_ref',
      idOf('identity').replace('identity', 'relationship'),
      'S-082 /sighting_of_ref',
    ],
    ['report', 'object_refs', [idOf('bundle')], 'S-075 /object_refs/0'],
    ['report', 'object_refs', 'x', 'S-003 /object_refs'],
    ['relationship', 'source_ref', idOf('sighting'), 'S-081 /source_ref'],
  ] as const)('%s %s with %j: %s', (type, name, value, expected) => {
    expect(found(old(type, { ...NEEDS[type], [name]: value }))).toContain(expected);
  });

  test('an object of 2.0 is refused where a collection accepts 2.1 only', () => {
    expect(faultsOf(old('campaign', { name: 'X' }))).toEqual(['S-002 /spec_version']);
    expect(faultsOf(old('campaign', { name: 'X' }), { accept: ['2.1'] })).toEqual(['S-002 /spec_version']);
    expect(faultsOf(old('campaign', { name: 'X', spec_version: '2.0' }), { accept: ['2.0'] })).toEqual(['S-030 /spec_version']); // prettier-ignore
  });
});
