// The allowed values of each property, as the tables of STIX 2.1 list them: a valid and an invalid value at each position.
import { describe, expect, test } from '@jest/globals';
import { faultsOf, idOf, SMALLEST, smallest, withValue } from '../support/stix-objects.ts';

const at = (type: string, path: string, value: unknown): readonly string[] =>
  faultsOf(withValue(type, path, value)).filter((fault) => fault.endsWith(` /${path}`));
/** The positions of a table, one row per type. */
const places = (table: Readonly<Record<string, string>>): readonly [string, string][] =>
  Object.entries(table).flatMap(([type, names]) =>
    names.split(' ').map((name): [string, string] => [type, name]),
  );

describe('a required property', () => {
  test.each(SMALLEST)('%s is valid with the required properties alone', (type) => {
    expect(faultsOf(smallest(type))).toEqual([]);
  });

  const REQUIRED = {
    'attack-pattern': 'id created modified spec_version name', campaign: 'id created modified spec_version name', 'course-of-action': 'id created modified spec_version name',
    grouping: 'id created modified spec_version context object_refs', identity: 'id created modified spec_version name', incident: 'id created modified spec_version name',
    indicator: 'id created modified spec_version pattern pattern_type valid_from', infrastructure: 'id created modified spec_version name', 'intrusion-set': 'id created modified spec_version name',
    malware: 'id created modified spec_version is_family', 'malware-analysis': 'id created modified spec_version product', note: 'id created modified spec_version content object_refs',
    'observed-data': 'id created modified spec_version first_observed last_observed number_observed', opinion: 'id created modified spec_version opinion object_refs',
    report: 'id created modified spec_version name published object_refs', 'threat-actor': 'id created modified spec_version name', tool: 'id created modified spec_version name', vulnerability: 'id created modified spec_version name',
    relationship: 'id created modified spec_version relationship_type source_ref target_ref', sighting: 'id created modified spec_version sighting_of_ref',
    'autonomous-system': 'id number', directory: 'id path', 'domain-name': 'id value', 'email-addr': 'id value', 'email-message': 'id is_multipart', 'ipv4-addr': 'id value', 'ipv6-addr': 'id value',
    'mac-addr': 'id value', mutex: 'id name', software: 'id name', url: 'id value',
    'extension-definition': 'id created modified spec_version', 'language-content': 'id created modified spec_version object_ref contents', 'marking-definition': 'id created spec_version',
  }; // prettier-ignore
  test.each(places(REQUIRED))('%s without %s is incomplete', (type, name) => {
    expect(faultsOf(smallest(type, { [name]: undefined }))).toContain(`S-002 /${name}`);
  });

  test.each([
    ['artifact', { payload_bin: undefined }, 'S-090 '],
    ['artifact', { url: 'https://a.example/', hashes: { MD5: 'a'.repeat(32) } }, 'S-090 '],
    ['file', { name: undefined }, 'S-103 '],
    ['location', { region: undefined, city: 'Apia' }, 'S-060 '],
    ['location', { latitude: 1 }, 'S-061 /longitude'],
    ['location', { longitude: 1 }, 'S-061 /latitude'],
    ['location', { precision: 1 }, 'S-062 /latitude'],
    ['malware', { is_family: true }, 'S-064 /name'],
    ['malware-analysis', { result: undefined }, 'S-067 '],
    ['network-traffic', { protocols: undefined }, 'S-113 /protocols'],
    ['network-traffic', { src_ref: undefined }, 'S-113 '],
    ['observed-data', { object_refs: undefined }, 'S-070 '],
    ['observed-data', { objects: { 0: { type: 'mutex', name: 'x' } } }, 'S-070 '],
    ['process', { pid: undefined }, 'S-118 '],
    ['user-account', { user_id: undefined }, 'S-128 '],
    ['windows-registry-key', { key: undefined }, 'S-128 '],
    ['x509-certificate', { serial_number: undefined }, 'S-128 '],
    ['extension-definition', { name: undefined }, 'S-150 /name'],
    ['extension-definition', { schema: undefined }, 'S-150 /schema'],
    ['extension-definition', { version: undefined }, 'S-150 /version'],
    ['extension-definition', { created_by_ref: undefined }, 'S-150 /created_by_ref'],
    ['extension-definition', { extension_types: undefined }, 'S-150 /extension_types'],
    ['marking-definition', { definition: undefined }, 'S-143 /definition'],
    ['marking-definition', { definition_type: undefined }, 'S-143 /definition_type'],
    ['marking-definition', { definition: {} }, 'S-144 /definition/statement'],
    ['directory', { path: undefined, path_enc: 'utf-8' }, 'S-038 /path'],
    ['file', { name: undefined, hashes: { MD5: 'a'.repeat(32) }, name_enc: 'utf-8' }, 'S-038 /name'],
    ['artifact', { decryption_key: 'x' }, 'S-092 /encryption_algorithm'],
    ['artifact', { payload_bin: undefined, url: 'https://a.example/' }, 'S-091 /hashes'],
  ] as const)('%s with %j lacks what its kind needs', (type, over, expected) => {
    expect(faultsOf(smallest(type, over)).find((fault) => fault.startsWith(expected.slice(0, 5)))).toBe(expected);
  }); // prettier-ignore
});

describe('a timestamp', () => {
  const TIMES = {
    campaign: 'first_seen last_seen', infrastructure: 'first_seen last_seen', 'intrusion-set': 'first_seen last_seen', malware: 'first_seen last_seen',
    'threat-actor': 'first_seen last_seen', sighting: 'first_seen last_seen', indicator: 'valid_from valid_until',
    'malware-analysis': 'submitted analysis_started analysis_ended', 'observed-data': 'first_observed last_observed', report: 'published',
    relationship: 'start_time stop_time', 'language-content': 'object_modified', directory: 'ctime mtime atime', file: 'ctime mtime atime', 'email-message': 'date',
    'network-traffic': 'start end', process: 'created_time', 'windows-registry-key': 'modified_time',
    'user-account': 'account_created account_expires credential_last_changed account_first_login account_last_login',
    'x509-certificate': 'validity_not_before validity_not_after x509_v3_extensions/private_key_usage_period_not_before x509_v3_extensions/private_key_usage_period_not_after',
  }; // prettier-ignore
  test.each(places(TIMES))('%s %s is a real time in UTC with 0 to 9 fraction digits', (type, path) => {
    for (const right of ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.5Z', '2026-01-01T00:00:00.123456789Z', '2016-12-31T23:59:60Z'])
      expect([right, at(type, path, right)]).toEqual([right, []]);
    expect(at(type, path, 1_767_225_600)).toEqual([`S-003 /${path}`]);
    expect(at(type, path, '2026-01-01')).toEqual([`S-017 /${path}`]);
    expect(at(type, path, '2026-01-01T00:00:00+12:00')).toEqual([`S-017 /${path}`]);
    expect(at(type, path, '2026-01-01T00:00:00z')).toEqual([`S-017 /${path}`]);
    expect(at(type, path, '2026-02-29T00:00:00Z')).toEqual([`S-018 /${path}`]);
    expect(at(type, path, '2026-01-01T00:00:00.1234567891Z')).toEqual([`L-010 /${path}`]);
  }); // prettier-ignore

  test.each(['campaign', 'relationship', 'extension-definition', 'language-content'])(
    'created and modified of %s have at least three fraction digits',
    (type) => {
      for (const name of ['created', 'modified']) {
        expect(at(type, name, '2001-01-01T00:00:00.00Z')).toEqual([`S-019 /${name}`]);
        expect(at(type, name, '2001-01-01T00:00:00Z')).toEqual([`S-019 /${name}`]);
        expect(at(type, name, '2001-01-01T00:00:00.000000Z')).toEqual([]);
      }
    },
  );

  test.each([
    ['campaign', 'created', 'modified', 'S-020', true],
    ['campaign', 'first_seen', 'last_seen', 'S-050', true],
    ['sighting', 'first_seen', 'last_seen', 'S-050', true],
    ['indicator', 'valid_from', 'valid_until', 'S-051', false],
    ['observed-data', 'first_observed', 'last_observed', 'S-052', true],
    ['relationship', 'start_time', 'stop_time', 'S-053', false],
    ['network-traffic', 'start', 'end', 'S-054', true],
  ] as const)('of %s: %s is not after %s', (type, earlier, later, rule, mayBeEqual) => {
    const order = (a: string, b: string) =>
      faultsOf(smallest(type, { [earlier]: a, [later]: b, ...(type === 'network-traffic' ? { is_active: false } : {}) }));
    const [low, high] = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000000001Z'];
    expect(order(low, high)).toEqual([]);
    expect(order(high, low)).toEqual([`${rule} /${later}`]);
    expect(order(low, '2026-01-01T00:00:00.000000Z')).toEqual(mayBeEqual ? [] : [`${rule} /${later}`]);
  }); // prettier-ignore
});

describe('a number', () => {
  const MOST = Number.MAX_SAFE_INTEGER;
  const PE = 'extensions/windows-pebinary-ext';
  /** [type, path, minimum, maximum, rule] */
  const RANGES: readonly [string, string, number, number, string][] = [
    ['campaign', 'confidence', 0, 100, 'S-035'],
    ['language-content', 'confidence', 0, 100, 'S-035'],
    ['observed-data', 'number_observed', 1, 999_999_999, 'S-071'],
    ['sighting', 'count', 0, 999_999_999, 'S-085'],
    ['network-traffic', 'src_port', 0, 65_535, 'S-115'],
    ['network-traffic', 'dst_port', 0, 65_535, 'S-115'],
    ...['src_byte_count', 'dst_byte_count', 'src_packets', 'dst_packets'].map((name): [string, string, number, number, string] => ['network-traffic', name, 0, MOST, 'S-104']),
    ['network-traffic', 'extensions/socket-ext/socket_descriptor', 0, MOST, 'S-104'],
    ['file', 'size', 0, MOST, 'S-104'],
    ['file', 'extensions/ntfs-ext/alternate_data_streams/0/size', 0, MOST, 'S-104'],
    ...['number_of_sections', 'number_of_symbols', 'size_of_optional_header', 'optional_header/size_of_code', 'optional_header/size_of_initialized_data',
      'optional_header/size_of_uninitialized_data', 'optional_header/size_of_image', 'optional_header/size_of_headers', 'optional_header/size_of_stack_reserve',
      'optional_header/size_of_stack_commit', 'optional_header/size_of_heap_reserve', 'optional_header/size_of_heap_commit', 'sections/0/size',
    ].map((name): [string, string, number, number, string] => ['file', `${PE}/${name}`, 0, MOST, 'S-104']),
    ...['address_of_entry_point', 'base_of_code', 'base_of_data', 'image_base', 'section_alignment', 'file_alignment', 'major_os_version', 'minor_os_version',
      'major_image_version', 'minor_image_version', 'major_linker_version', 'minor_linker_version', 'major_subsystem_version', 'minor_subsystem_version', 'number_of_rva_and_sizes',
    ].map((name): [string, string, number, number, string] => ['file', `${PE}/optional_header/${name}`, -MOST, MOST, 'S-015']),
    ...['image_height', 'image_width', 'bits_per_pixel'].map((name): [string, string, number, number, string] => ['file', `extensions/raster-image-ext/${name}`, -MOST, MOST, 'S-015']),
    ['autonomous-system', 'number', -MOST, MOST, 'S-015'],
    ['process', 'pid', -MOST, MOST, 'S-015'],
    ['windows-registry-key', 'number_of_subkeys', -MOST, MOST, 'S-015'],
    ['x509-certificate', 'subject_public_key_exponent', -MOST, MOST, 'S-015'],
    ['user-account', 'extensions/unix-account-ext/gid', -MOST, MOST, 'S-015'],
    ['network-traffic', 'extensions/http-request-ext/message_body_length', -MOST, MOST, 'S-015'],
    ['network-traffic', 'extensions/socket-ext/socket_handle', -MOST, MOST, 'S-015'],
  ]; // prettier-ignore
  test.each(RANGES)('%s %s is a whole number from %d to %d', (type, path, least, most, rule) => {
    const beyond = most === MOST ? 'S-015' : rule;
    const below = least === -MOST ? 'S-015' : rule;
    expect([at(type, path, least), at(type, path, most)]).toEqual([[], []]);
    expect(at(type, path, least - 1)).toEqual([`${below} /${path}`]);
    expect(at(type, path, most + 1)).toEqual([`${beyond} /${path}`]);
    expect(at(type, path, 1.5)).toContain(`S-003 /${path}`);
    expect(at(type, path, '1')).toEqual([`S-003 /${path}`]);
    expect(at(type, path, true)).toEqual([`S-003 /${path}`]);
  });

  test.each([
    ['latitude', 90],
    ['longitude', 180],
  ] as const)('%s is at most %d degrees, with fractions', (name, most) => {
    const found = (value: unknown) =>
      faultsOf(smallest('location', { latitude: 0, longitude: 0, [name]: value }));
    for (const right of [most, -most, 0.5, -13.75]) expect(found(right)).toEqual([]);
    for (const wrong of [most + 0.001, -most - 0.001]) expect(found(wrong)).toEqual([`S-063 /${name}`]);
    expect(found('1')).toEqual([`S-003 /${name}`]);
  });

  test('a number of any property is one that a float can hold', () => {
    expect(at('tool', 'x_score', 1e308)).toEqual([]);
    expect(at('tool', 'x_score', Number.POSITIVE_INFINITY)).toEqual(['S-016 /x_score']);
    expect(at('tool', 'x_deep/score', Number.NEGATIVE_INFINITY)).toEqual(['S-016 /x_deep/score']);
  });
});

describe('a closed list of words', () => {
  const EXTENSION = 'new-sdo new-sco new-sro property-extension toplevel-property-extension';
  test.each([
    ['opinion', 'opinion', 'strongly-disagree disagree neutral agree strongly-agree', 'S-026'],
    ['artifact', 'encryption_algorithm', 'AES-256-GCM ChaCha20-Poly1305 mime-type-indicated', 'S-026'],
    ['extension-definition', 'extension_types/0', EXTENSION, 'S-026'],
    ['tool', `extensions/${idOf('extension-definition')}/extension_type`, EXTENSION, 'S-041'],
    ['network-traffic', 'extensions/socket-ext/address_family', 'AF_UNSPEC AF_INET AF_IPX AF_APPLETALK AF_NETBIOS AF_INET6 AF_IRDA AF_BTH', 'S-026'],
    ['network-traffic', 'extensions/socket-ext/socket_type', 'SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_RDM SOCK_SEQPACKET', 'S-026'],
    ['process', 'extensions/windows-process-ext/integrity_level', 'low medium high system', 'S-026'],
    ['process', 'extensions/windows-service-ext/start_type', 'SERVICE_AUTO_START SERVICE_BOOT_START SERVICE_DEMAND_START SERVICE_DISABLED SERVICE_SYSTEM_ALERT', 'S-026'],
    ['process', 'extensions/windows-service-ext/service_type', 'SERVICE_KERNEL_DRIVER SERVICE_FILE_SYSTEM_DRIVER SERVICE_WIN32_OWN_PROCESS SERVICE_WIN32_SHARE_PROCESS', 'S-026'],
    ['process', 'extensions/windows-service-ext/service_status', 'SERVICE_CONTINUE_PENDING SERVICE_PAUSE_PENDING SERVICE_PAUSED SERVICE_RUNNING SERVICE_START_PENDING SERVICE_STOP_PENDING SERVICE_STOPPED', 'S-026'],
    ['windows-registry-key', 'values/0/data_type', 'REG_NONE REG_SZ REG_EXPAND_SZ REG_BINARY REG_DWORD REG_DWORD_BIG_ENDIAN REG_DWORD_LITTLE_ENDIAN REG_LINK REG_MULTI_SZ REG_RESOURCE_LIST REG_FULL_RESOURCE_DESCRIPTION REG_RESOURCE_REQUIREMENTS_LIST REG_QWORD REG_INVALID_TYPE', 'S-026'],
  ] as const)('%s %s is one of %s', (type, path, words, rule) => {
    for (const word of words.split(' ')) {
      expect([word, at(type, path, word)]).toEqual([word, []]);
      const other = word === word.toUpperCase() ? word.toLowerCase() : word.toUpperCase();
      expect([other, at(type, path, other)]).toEqual([other, [`${rule} /${path}`]]);
    }
    expect(at(type, path, 'other')).toEqual([`${rule} /${path}`]);
  }); // prettier-ignore
});

describe('a text, a list of texts, a boolean', () => {
  const TEXTS = {
    'attack-pattern': 'name description', campaign: 'name description objective', 'course-of-action': 'name description', grouping: 'name description context',
    identity: 'name description identity_class contact_information', incident: 'name description', indicator: 'name description pattern pattern_type pattern_version',
    infrastructure: 'name description', 'intrusion-set': 'name description resource_level primary_motivation',
    location: 'name description region country administrative_area city street_address postal_code', malware: 'name description',
    'malware-analysis': 'product version configuration_version analysis_engine_version analysis_definition_version result_name result', note: 'abstract content',
    opinion: 'explanation', report: 'name description', 'threat-actor': 'name description sophistication resource_level primary_motivation', tool: 'name description tool_version',
    vulnerability: 'name description', relationship: 'relationship_type description', sighting: 'description', artifact: 'mime_type payload_bin url decryption_key',
    'autonomous-system': 'name rir', directory: 'path', 'domain-name': 'value', 'email-addr': 'value display_name', 'email-message': 'content_type message_id subject body',
    file: 'name mime_type extensions/ntfs-ext/sid extensions/pdf-ext/version extensions/pdf-ext/pdfid0 extensions/pdf-ext/pdfid1 extensions/windows-pebinary-ext/imphash',
    'mac-addr': 'value', mutex: 'name', process: 'cwd command_line extensions/windows-process-ext/priority extensions/windows-process-ext/owner_sid extensions/windows-process-ext/window_title extensions/windows-service-ext/service_name extensions/windows-service-ext/display_name extensions/windows-service-ext/group_name',
    software: 'name cpe swid vendor version', url: 'value', 'user-account': 'user_id credential account_login account_type display_name extensions/unix-account-ext/home_dir extensions/unix-account-ext/shell',
    'windows-registry-key': 'key values/0/name values/0/data', 'x509-certificate': 'version serial_number signature_algorithm issuer subject subject_public_key_algorithm subject_public_key_modulus x509_v3_extensions/key_usage x509_v3_extensions/basic_constraints',
    'extension-definition': 'name description schema version', 'marking-definition': 'name definition_type',
  }; // prettier-ignore
  test.each(places(TEXTS))('%s %s is a text', (type, path) => {
    for (const wrong of [5, true, ['x'], { x: 'x' }])
      expect([wrong, at(type, path, wrong)]).toEqual([wrong, [`S-003 /${path}`]]);
  });

  const LISTS = {
    campaign: 'labels aliases', 'attack-pattern': 'aliases', identity: 'roles sectors', indicator: 'indicator_types', infrastructure: 'infrastructure_types aliases',
    'intrusion-set': 'aliases goals secondary_motivations', malware: 'malware_types aliases architecture_execution_envs implementation_languages capabilities',
    'malware-analysis': 'modules', note: 'authors', opinion: 'authors', report: 'report_types',
    'threat-actor': 'threat_actor_types aliases roles goals secondary_motivations personal_motivations', tool: 'tool_types aliases', 'email-message': 'received_lines',
    'network-traffic': 'protocols', process: 'extensions/windows-service-ext/descriptions', software: 'languages', 'user-account': 'extensions/unix-account-ext/groups',
    'extension-definition': 'labels', 'language-content': 'labels',
  }; // prettier-ignore
  test.each(places(LISTS))('%s %s is a list of at least one text', (type, path) => {
    expect(at(type, path, ['en', 'fr'])).toEqual([]);
    expect(at(type, path, [])).toEqual([`S-004 /${path}`]);
    expect(at(type, path, 'en')).toEqual([`S-003 /${path}`]);
    expect(faultsOf(withValue(type, path, ['en', 5]))).toContain(`S-003 /${path}/1`);
  });

  const BOOLEANS = {
    campaign: 'revoked', malware: 'is_family', sighting: 'summary', 'email-message': 'is_multipart', file: 'defanged extensions/pdf-ext/is_optimized', 'network-traffic': 'is_active extensions/socket-ext/is_blocking extensions/socket-ext/is_listening',
    process: 'is_hidden extensions/windows-process-ext/aslr_enabled extensions/windows-process-ext/dep_enabled', 'user-account': 'is_service_account is_privileged can_escalate_privs is_disabled',
    'x509-certificate': 'is_self_signed', 'extension-definition': 'revoked', 'language-content': 'revoked',
  }; // prettier-ignore
  test.each(places(BOOLEANS))('%s %s is true or false', (type, path) => {
    expect(at(type, path, false)).toEqual([]);
    for (const wrong of ['true', 0, 1]) expect(at(type, path, wrong)).toEqual([`S-003 /${path}`]);
  });
});
