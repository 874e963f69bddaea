// Every key of the settings file: right values, wrong values, the position of a fault, and the value that the hub gets.
import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config, Flags } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Problem } from '../../src/kernel/problem.ts';
import type { Json } from '../support/builders.ts';

const folder = mkdtempSync(join(tmpdir(), 'talanoa-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'talanoa.yaml');
const A = '6f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11';
const SECRET = 's'.repeat(24);
const ENVIRONMENT = { WEBHOOK: SECRET, PW: 'x', CLIENT: 'x' };

function load(
  settings: unknown,
  environment: Record<string, string> = ENVIRONMENT,
  flags: Flags = {},
): Config {
  writeFileSync(file, typeof settings === 'string' ? settings : JSON.stringify(settings));
  return loadConfig({ config: file, ...flags }, environment);
}
function problemOf(
  settings: unknown,
  environment: Record<string, string> = ENVIRONMENT,
  flags: Flags = {},
): Problem | undefined {
  try {
    load(settings, environment, flags);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

/** The other keys that each part needs besides the tested one. */
const NEEDED: Readonly<Record<string, Json>> = {
  'hub.security': { contacts: ['mailto:cert@reef.example'] },
  'listen.tls': { cert_file: 'a', key_file: 'b' },
  'api_roots.0': { path: 'main' },
  'collections.0': { id: A, api_root: 'main', title: 'X' },
  'collections.0.grants.0': { to: 'public' },
  'groups.0': { name: 'a' },
  'members.0': { name: 'a' },
  'members.0.collection': { id: A },
  'members.0.push': { url: 'https://a.example/' },
  'accounts.0': { name: 'a', role: 'machine' },
  'feeds.0': { name: 'a' },
  mail: { server: 'smtp://localhost', from: 'a@b.example' },
  'alarms.webhook': { url: 'https://a.example/', secret_env: 'WEBHOOK' },
  'rules.0': { name: 'a', from: 'b', to: 'c' },
  'sign_in.oidc': { issuer: 'https://id.example', client_id: 'x' },
};

/** Returns settings with one value at a path such as `members.0.name`. */
function settingsWith(path: string, value: unknown): Json {
  const root: Json = {};
  let at: Json = root;
  const steps = path.split('.');
  steps.forEach((step, i) => {
    const here = steps.slice(0, i + 1).join('.');
    if (i === steps.length - 1) {
      if (value !== undefined) at[step] = value;
      else delete at[step];
      return;
    }
    const made: unknown = steps[i + 1] === '0' ? [] : { ...NEEDED[here] };
    at[step] = made;
    at = made as Json;
  });
  return root;
}

const NAME = [
  ['a', 'a-1', '0', 'a'.repeat(63)],
  ['', 'A', 'a_b', '-a', 'a b', 'a'.repeat(64), 5],
] as const;
const VARIABLE = [
  ['A', '_a1'],
  ['', '1A', 'A-B', 'A B', 5],
] as const;
const TLP = [
  ['clear', 'green', 'amber', 'amber+strict', 'red'],
  ['white', 'TLP:GREEN', 'AMBER', '', 5],
] as const;
const TEXT = [
  ['x', ''],
  [5, true, ['x']],
] as const;
const FLAG = [
  [true, false],
  ['true', 1, 'yes'],
] as const;
const COUNT = [
  [0, 1, 5_000],
  [-1, 1.5, '1', true],
] as const;
const LEVEL = [
  ['strict', 'standard', 'tolerant'],
  ['lax', 'Strict', true],
] as const;
const UUID4 = [
  [A],
  ['a', A.toUpperCase(), A.replace('-4f0e', '-5f0e'), A.replace('-9d0a', '-cd0a'), 5],
] as const;

/** [key, right values, wrong values] */
const KEYS: readonly (readonly [string, readonly unknown[], readonly unknown[]])[] = [
  ['revision', [1, 2], [0, -1, 1.5, '1']],
  ['hub.title', ...TEXT],
  ['hub.url', ['https://a.example', 'http://a.example:8080/hub'], ['a.example', 'ftp://a.example', 'https://', 'https://a b', 5]],
  ['hub.contact', ...TEXT],
  ['hub.validation', ...LEVEL],
  ['hub.security.contacts', [['mailto:a@b.example'], ['https://a.example/'], ['tel:+676-12345']], [[], ['a@b.example'], ['http://a.example/'], ['tel:12345'], 'mailto:a@b.example', Array.from({ length: 11 }, () => 'tel:+1')]],
  ['hub.security.policy', ['https://a.example/policy'], ['http://a.example/', 'a', `https://a.example/${'x'.repeat(400)}`]],
  ['hub.security.encryption', ['https://a.example/key', 'dns:a.example', `openpgp4fpr:${'aB'.repeat(20)}`], ['http://a.example/', `openpgp4fpr:${'a'.repeat(39)}`]],
  ['hub.security.languages', [['en', 'to', 'zh-Hant'], []], [['e'], ['en_GB'], 'en', Array.from({ length: 21 }, () => 'en')]],
  ['hub.language', ['fr', 'en'], ['de', 'FR']],
  ['hub.time_zone', ['UTC', 'Pacific/Tongatapu'], [5, ['UTC']]],
  ['hub.region', [['TO', 'FJ'], []], [['to'], ['TON'], 'TO']],
  ['life.ip.days', [1, 36_500], [0, 1.5, 36_501, '14']],
  ['life.hash.decay', [0.1, 2, 20], [0, 21, 'fast']],
  ['life.domain.threshold', [0, 99], [-1, 100, 0.5]],
  ['listen.host', ['127.0.0.1', '::1', 'localhost'], [5, true]],
  ['listen.port', [0, 1, 65_535], [-1, 65_536, 1.5, '80']],
  ['listen.behind_proxy', ...FLAG],
  ['listen.drain_s', [0, 0.5, 60], [-1, 60.1, '5']],
  ['listen.tls.cert_file', ...TEXT],
  ['listen.tls.key_file', ...TEXT],
  ['listen.tls.client_certificates.ca_file', ...TEXT],
  ['listen.client_certificate_header', ['X-Client-Cert', 'ab'], ['', 'a', '1-a', 'X Client', 'X_Cert', 'a'.repeat(62)]],
  ['data', ['./x'], [5, true]],
  ['master_key_file', ['./x'], [5, true]],
  ['log.level', ['trace', 'debug', 'info', 'warn', 'error'], ['fatal', 'INFO', 5]],
  ['api_roots.0.path', ...NAME],
  ['api_roots.0.title', ...TEXT],
  ['api_roots.0.description', ...TEXT],
  ['api_roots.0.max_content_length', [1_024, 268_435_456], [1_023, 268_435_457, '10 MB']],
  ['api_roots.0.page_limit', [1, 10_000], [0, 10_001, 1.5]],
  ['api_roots.0.unwrap_bundles', ...FLAG],
  ['collections.0.id', ...UUID4],
  ['collections.0.api_root', ...NAME],
  ['collections.0.alias', ...NAME],
  ['collections.0.title', ...TEXT],
  ['collections.0.description', ...TEXT],
  ['collections.0.unmarked', ['default', 'refuse'], ['hold', true]],
  ['collections.0.default_tlp', ...TLP],
  ['collections.0.min_tlp', ...TLP],
  ['collections.0.max_tlp', ...TLP],
  ['collections.0.accept', [['2.0'], ['2.1'], ['2.0', '2.1']], [[], ['2.2'], [2.1], '2.1']],
  ['collections.0.validation', ...LEVEL],
  ['collections.0.grants.0.to', ['public', 'account:a', 'member:a', 'clients:a', 'group:a', 'role:analyst'], ['Public', 'all', 'account:', 'account:A', 'user:a', 'account:a b']],
  ['collections.0.grants.0.read', ...FLAG],
  ['collections.0.grants.0.write', ...FLAG],
  ['groups.0.name', ...NAME],
  ['groups.0.title', ...TEXT],
  ['groups.0.members', [[], ['a', 'b']], ['a', ['A'], [5]]],
  ['groups.0.listed', ...FLAG],
  ['members.0.name', ...NAME],
  ['members.0.title', ...TEXT],
  ['members.0.kind', ...TEXT],
  ['members.0.status', ['active', 'paused', 'former'], ['Active', 'gone', true]],
  ['members.0.identities', [[`identity--${A}`]], [['identity--x'], [A], `identity--${A}`]],
  ['members.0.countries', [['TO']], [['to'], ['Tonga'], 'TO']],
  ['members.0.asns', [[1, 4_294_967_294]], [[0], [4_294_967_295], ['AS1'], 1]],
  ['members.0.networks', [['198.51.100.0/24'], []], ['198.51.100.0/24', [5]]],
  ['members.0.domains', [['a.example'], []], ['a.example', [5]]],
  ['members.0.collection', [true, false, { id: A }], ['x', 5, {}, { id: 'x' }]],
  ['members.0.collection.api_root', ...NAME],
  ['members.0.push.url', ['https://a.example/'], [5, true]],
  ['members.0.push.username', ...TEXT],
  ['members.0.push.password_env', ...VARIABLE],
  ['members.0.push.key_env', ...VARIABLE],
  ['members.0.objects_per_day', ...COUNT],
  ['members.0.parent', ...NAME],
  ['members.0.copies', ...FLAG],
  ['members.0.sectors', [['energy'], ['x'.repeat(80)]], [[''], ['x'.repeat(81)], 'energy']],
  ['members.0.brands', [['reef'], ['x'.repeat(80)]], [['abc'], ['x'.repeat(81)], 'reef']],
  ['accounts.0.name', ...NAME],
  ['accounts.0.role', ['administrator', 'analyst', 'officer', 'machine'], ['admin', 'Machine', '', 5]],
  ['accounts.0.person', ...FLAG],
  ['accounts.0.member', ...NAME],
  ['accounts.0.default_tlp', ...TLP],
  ['accounts.0.key_env', ...VARIABLE],
  ['accounts.0.password_env', ...VARIABLE],
  ['accounts.0.client_certificates', [['ab'.repeat(32)], []], [['AB'.repeat(32)], ['ab'], ['ab'.repeat(32), 'ab'.repeat(32)], Array.from({ length: 11 }, (_, i) => String(i).padStart(64, '0'))]],
  ['accounts.0.email', ['a@b.example', 'a.b+c@d.e.example'], ['a', 'a@b', 'a b@c.example', 'A <a@b.example>', `${'a'.repeat(65)}@b.example`]],
  ['accounts.0.single_sign_on', [{ subject: 'x' }, { email: 'a@b.example' }], [{}, { subject: 'x', email: 'a@b.example' }, { subject: '' }, { email: 'x' }, 'x']],
  ['feeds.0.name', ...NAME],
  ['feeds.0.preset', ...NAME],
  ['feeds.0.enabled', ...FLAG],
  ['feeds.0.collection', ...TEXT],
  ['feeds.0.tlp', ...TLP],
  ['feeds.0.url', ...TEXT],
  ['feeds.0.confidence', [0, 100], [-1, 101, 0.5, '5']],
  ['feeds.0.special_addresses_allowed', [['private'], []], ['private', [5]]],
  ['feeds.0.special_domains_allowed', [['local'], []], ['local', [5]]],
  ['limits.reads', ...COUNT],
  ['limits.writes', ...COUNT],
  ['limits.objects_per_day', ...COUNT],
  ['limits.audit_days', [0, 36_500], [-1, 36_501, 0.5]],
  ['limits.connections', [16, 1_000_000], [15, 1_000_001, '16']],
  ['limits.connections_per_address', [1, 1_000_000], [0, 1_000_001]],
  ['limits.trusted_proxies', [['127.0.0.1'], []], ['127.0.0.1', [5]]],
  ['secrets.env', [['A_1'], []], [['1A'], ['A-B'], 'A', ['A'.repeat(201)]]],
  ['secrets.files', [['/a']], [[''], '/a', ['x'.repeat(1_001)]]],
  ['egress.allow', [['feed.internal:443'], ['10.0.0.5:1'], ['[2001:db8::1]:443']], [['feed.internal'], ['a:123456'], ['2001:db8::1:443'], ['a b:1'], 'a:1']],
  ['mail.server', ['smtp://a.example:25', 'smtps://a.example'], ['a.example', 'http://a.example', 'smtp://a.example/x', 'smtp://']],
  ['mail.from', ['a@b.example', 'Reef CERT <a@b.example>'], ['ab', 'a@b.example\nBcc: c@d.example', 'x'.repeat(201)]],
  ['mail.password_env', ['PW'], [5, true]],
  ['mail.insecure', ...FLAG],
  ['alarms.mail', [['a@b.example'], []], [['a'], ['A <a@b.example>'], 'a@b.example', Array.from({ length: 21 }, () => 'a@b.example')]],
  ['alarms.webhook.url', ['https://a.example/', 'http://a.example/'], ['a.example', 'ftp://a.example']],
  ['alarms.webhook.secret_env', ['WEBHOOK'], [5, true]],
  ['rules.0.name', ...NAME],
  ['rules.0.from', ['x', 'x'.repeat(64)], ['', 'x'.repeat(65), 5]],
  ['rules.0.to', ['x', 'x'.repeat(64)], ['', 'x'.repeat(65), 5]],
  ['rules.0.types', [['indicator', 'x-a']], [[], ['Indicator'], ['1a'], 'indicator']],
  ['rules.0.labels', [['x'], ['x'.repeat(100)]], [[], [''], ['x'.repeat(101)], 'x']],
  ['rules.0.owners', [['feed:urlhaus', 'fiji']], [[], ['feed:'], ['Fiji'], 'fiji']],
  ['rules.0.max_tlp', ['clear', 'amber+strict'], ['red', 'white']],
  ['sign_in.second_factor', ['staff', 'everyone', 'optional'], ['none', true]],
  ['sign_in.oidc.issuer', ['https://id.example', 'http://localhost:8080/x'], ['id.example', 'https://id.example/?a', 'https://id.example/#a', 'ftp://id.example']],
  ['sign_in.oidc.client_id', ['x', 'x'.repeat(200)], ['', 'x'.repeat(201), 5]],
  ['sign_in.oidc.client_secret_env', ['CLIENT'], ['', '1A', 'A-B', 5]],
  ['sign_in.oidc.title', ['x', 'x'.repeat(80)], ['', 'x'.repeat(81)]],
  ['sign_in.oidc.second_factor.acr', [['x'], []], [[''], ['x'.repeat(201)], 'x', Array.from({ length: 21 }, () => 'x')]],
  ['sign_in.oidc.second_factor.amr', [['mfa'], []], [[''], ['x'.repeat(201)], 'mfa', Array.from({ length: 21 }, () => 'x')]],
]; // prettier-ignore

describe('a key of the settings file', () => {
  test.each(KEYS)('%s takes right values, and refuses wrong ones by its name', (path, right, wrong) => {
    for (const value of right) {
      // References to other parts are checked later, with codes of their own.
      const found = problemOf(settingsWith(path, value));
      expect([value, found?.code === 'TLN-C-006' ? found.title : undefined]).toEqual([value, undefined]);
    }
    for (const value of [...wrong, null]) {
      const found = problemOf(settingsWith(path, value));
      expect([value, found?.code]).toEqual([value, 'TLN-C-006']);
      // People read words, not regular expressions.
      expect(found?.title).not.toMatch(/of the form \^/);
      // A part with alternatives is refused as a whole.
      expect(found?.title.startsWith(`${file}:1: ${path.replace('collection.api_root', 'collection')}`)).toBe(
        true,
      );
    }
  });

  test.each([
    ['api_roots.0.path', 'path'], ['collections.0.id', 'id'], ['collections.0.api_root', 'api_root'], ['collections.0.title', 'title'], ['collections.0.grants.0.to', 'to'],
    ['groups.0.name', 'name'], ['members.0.name', 'name'], ['members.0.collection.id', 'collection'], ['members.0.push.url', 'url'], ['accounts.0.name', 'name'], ['accounts.0.role', 'role'], ['feeds.0.name', 'name'],
    ['mail.server', 'server'], ['mail.from', 'from'], ['alarms.webhook.url', 'url'], ['alarms.webhook.secret_env', 'secret_env'], ['rules.0.name', 'name'], ['rules.0.from', 'from'], ['rules.0.to', 'to'],
    ['sign_in.oidc.issuer', 'issuer'], ['sign_in.oidc.client_id', 'client_id'], ['listen.tls.cert_file', 'cert_file'], ['listen.tls.key_file', 'key_file'], ['hub.security.contacts', 'contacts'],
  ])('%s is required', (path, name) => {
    const found = problemOf(settingsWith(path, undefined));
    expect(found?.code).toBe('TLN-C-006');
    expect(found?.title).toContain(name);
  }); // prettier-ignore

  const PARTS: readonly string[] = ['', ...new Set(KEYS.flatMap(([path]) => (path.includes('.') ? [path.split('.').slice(0, -1).join('.')] : [])))].filter((part) => part !== 'members.0.collection'); // prettier-ignore
  test.each(PARTS)('the part "%s" refuses an unknown key', (part) => {
    const path = part === '' ? 'unknown_key' : `${part}.unknown_key`;
    const found = problemOf(settingsWith(path, 'x'));
    expect([found?.code, found?.title.startsWith(`${file}:1: ${path}: `)]).toEqual(['TLN-C-006', true]);
    expect([found?.description, found?.hint]).toEqual(['Nothing of the file was applied.', 'docs/reference/settings.md lists every key.']);
  }); // prettier-ignore

  test.each([
    ['x', '"x" is not valid; expected: The member\'s own collection: true, or with a fixed id'],
    [
      { id: A, api_root: 'A' },
      `{"id":"${A}","api_root":"A"} is not valid; expected: The member's own collection: true, or with a fixed id`,
    ],
  ])('a collection of a member that is %j is described', (value, reason) => {
    expect(problemOf(settingsWith('members.0.collection', value))?.title).toBe(
      `${file}:1: members.0.collection: ${reason}`,
    );
  });

  test.each([
    ['a list', '- a\n'],
    ['a text', 'a\n'],
    ['a number', '5\n'],
  ])('%s is not a settings file', (_, yaml) => {
    expect(problemOf(yaml)?.title).toMatch(/:1: the file: must be of type object/);
  });

  test('an empty file has the defaults', () => {
    for (const yaml of ['', '# nothing\n', '{}']) expect(load(yaml).hub.title).toBe('Talanoa');
  });

  test.each([
    ['hub:\n  title: A\n\n  region:\n    - TO\n    - fiji\n', 6, 'hub.region.1'],
    ['# first\nlisten:\n  # second\n  port: x\n', 4, 'listen.port'],
    ['members:\n  - name: a\n  - name: b\n    asns: [1,\n      0]\n', 5, 'members.1.asns.1'],
    ['members:\n  - title: a\n', 2, 'members.0'],
    ['accounts:\n\n  - { name: a,\n      role: x }\n', 4, 'accounts.0.role'],
    ['"hub":\n  ? titel\n  : x\n', 2, 'hub.titel'],
    ['x: &a { port: 1 }\nlisten: *a\n', 1, 'x'],
  ])('%j: the fault is in line %d, at %s', (yaml, line, key) => {
    expect(problemOf(yaml)?.title).toMatch(
      new RegExp(`talanoa\\.yaml:${line}: ${key.replaceAll('.', '\\.')}`),
    );
  });

  test.each([
    ['a: [', /Flow sequence|must end|at line 1/],
    ['a: 1\na: 2\n', /Map keys must be unique/],
    ['a: "x\n', /Missing closing "quote|at line/],
    [`a: &a [1]\nb: [${Array.from({ length: 60 }, () => '*a').join(', ')}]\n`, /alias/],
    ['\ta: 1\n', /Tabs|tab/],
  ])('%j is not YAML', (yaml, reason) => {
    const found = problemOf(yaml);
    expect([found?.code, found?.title]).toEqual(['TLN-C-002', `${file} is not valid YAML`]);
    expect(found?.description).toMatch(reason);
  });

  test('a named file must exist', () => {
    for (const [flags, environment] of [
      [{ config: join(folder, 'none') }, {}],
      [{}, { TALANOA_CONFIG: join(folder, 'none') }],
    ] as const)
      // prettier-ignore
      expect(() => loadConfig(flags, environment)).toThrow(expect.objectContaining({ code: 'TLN-C-001' }));
  });
});
