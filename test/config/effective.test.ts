// The value that the hub gets for each setting, from the command line, the environment, the file and the defaults.
import { afterAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Config, Flags } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { masterKey } from '../../src/config/master-key.ts';
import { Problem } from '../../src/kernel/problem.ts';

const folder = mkdtempSync(join(tmpdir(), 'talanoa-effective-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'talanoa.yaml');
const A = '6f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11';
const B = '0c9b2f5e-8a7d-4c52-8c0e-1f2d3c4b5a60';

type Environment = Record<string, string>;
function load(yaml: string, environment: Environment = {}, flags: Flags = {}): Config {
  writeFileSync(file, yaml);
  return loadConfig({ config: file, ...flags }, environment);
}
/** Returns `code title | description | hint` of the problem that stops the start. */
function stop(yaml: string, environment: Environment = {}, flags: Flags = {}): string {
  try {
    load(yaml, environment, flags);
  } catch (error) {
    if (error instanceof Problem)
      return `${error.code} ${error.title} | ${error.description ?? ''} | ${error.hint ?? ''}`;
    throw error;
  }
  return 'started';
}

describe('the effective value', () => {
  test.each<[string, string, (config: Config) => unknown, unknown, unknown]>([
    ['revision', 'revision: 5', (c) => c.revision, 5, 1],
    ['hub.title', 'hub: { title: X }', (c) => c.hub.title, 'X', 'Talanoa'],
    ['hub.url', 'hub: { url: "https://a.example//" }', (c) => c.hub.url, 'https://a.example', 'http://127.0.0.1:6420'],
    ['hub.contact', 'hub: { contact: a@b.example }', (c) => c.hub.contact, 'a@b.example', undefined],
    ['hub.security', 'hub: { security: { contacts: [tel:+1] } }', (c) => c.hub.security, { contacts: ['tel:+1'], policy: undefined, encryption: undefined, languages: [] }, undefined],
    ['hub.language', 'hub: { language: fr }', (c) => c.hub.language, 'fr', 'en'],
    ['hub.time_zone', 'hub: { time_zone: Pacific/Apia }', (c) => c.hub.timeZone, 'Pacific/Apia', 'UTC'],
    ['hub.region', 'hub: { region: [TO] }', (c) => c.hub.region, ['TO'], []],
    ['hub.validation', 'hub: { validation: strict }', (c) => c.validation, 'strict', 'tolerant'],
    ['life', 'life: { ip: { days: 3, decay: 1.5 } }', (c) => c.life, { ip: { days: 3, decay: 1.5 } }, {}],
    ['listen.host', 'listen: { host: "::1" }', (c) => c.listen.host, '::1', '127.0.0.1'],
    ['listen.port', 'listen: { port: 0 }', (c) => c.listen.port, 0, 6420],
    ['listen.behind_proxy', 'listen: { behind_proxy: true }', (c) => c.listen.behindProxy, true, false],
    ['listen.drain_s', 'listen: { drain_s: 1.5 }', (c) => c.listen.drainMs, 1_500, 0],
    ['listen.drain_s behind a proxy', 'listen: { behind_proxy: true }', (c) => c.listen.drainMs, 5_000, 0],
    ['listen.drain_s behind a proxy, given', 'listen: { behind_proxy: true, drain_s: 0 }', (c) => c.listen.drainMs, 0, 0],
    ['listen.tls', 'listen: { tls: { cert_file: a, key_file: /b } }', (c) => c.listen.tls, { certFile: resolve('a'), keyFile: '/b', clients: undefined }, undefined],
    ['listen.tls.client_certificates', 'listen: { tls: { cert_file: a, key_file: b, client_certificates: {} } }', (c) => c.listen.tls?.clients, { caFile: undefined }, undefined],
    ['listen.tls.client_certificates.ca_file', 'listen: { tls: { cert_file: a, key_file: b, client_certificates: { ca_file: c } } }', (c) => c.listen.tls?.clients, { caFile: resolve('c') }, undefined],
    ['data', 'data: ./x', (c) => c.data, resolve('x'), resolve('talanoa-data')],
    ['master_key_file', 'master_key_file: ./k', (c) => c.masterKeyFile, resolve('k'), join(resolve('talanoa-data'), 'master.key')],
    ['log.level', 'log: { level: warn }', (c) => c.logLevel, 'warn', 'info'],
    ['api_roots', 'api_roots: [{ path: reef }]', (c) => c.apiRoots.map(({ path }) => path), ['reef'], ['main']],
    ['collections', `collections: [{ id: ${A}, api_root: main, title: X }]`, (c) => c.collections.length, 1, 0],
    ['groups', 'groups: [{ name: a }]', (c) => c.groups, [{ name: 'a' }], []],
    ['members', 'members: [{ name: a }]', (c) => c.members, [{ name: 'a' }], []],
    ['accounts', 'accounts: [{ name: a, role: machine }]', (c) => c.accounts, [{ name: 'a', role: 'machine' }], []],
    ['feeds', 'feeds: [{ name: a }]', (c) => c.feeds, [{ name: 'a' }], []],
    ['rules', 'rules: [{ name: a, from: b, to: c }]', (c) => c.rules, [{ name: 'a', from: 'b', to: 'c' }], []],
    ['limits.reads', 'limits: { reads: 5 }', (c) => c.rates, { reads: 5, writes: 0 }, { reads: 0, writes: 0 }],
    ['limits.writes', 'limits: { writes: 5 }', (c) => c.rates, { reads: 0, writes: 5 }, { reads: 0, writes: 0 }],
    ['limits.objects_per_day', 'limits: { objects_per_day: 0 }', (c) => c.objectsPerDay, 0, 5_000_000],
    ['limits.audit_days', 'limits: { audit_days: 365 }', (c) => c.auditDays, 365, 0],
    ['limits.connections', 'limits: { connections: 16 }', (c) => c.connections, { total: 16, perAddress: 256 }, { total: 4_000, perAddress: 256 }],
    ['limits.connections_per_address', 'limits: { connections_per_address: 1 }', (c) => c.connections, { total: 4_000, perAddress: 1 }, { total: 4_000, perAddress: 256 }],
    ['limits.trusted_proxies', 'limits: { trusted_proxies: [10.0.0.1] }', (c) => c.trustedProxies, ['10.0.0.1'], []],
    ['secrets.env', 'secrets: { env: [A] }', (c) => c.secretsAllowed, { env: ['A'], files: [] }, { env: [], files: [] }],
    ['secrets.files', 'secrets: { files: [/a] }', (c) => c.secretsAllowed, { env: [], files: ['/a'] }, { env: [], files: [] }],
    ['egress.allow', 'egress: { allow: ["a:1"] }', (c) => c.egressAllow, ['a:1'], []],
    ['mail', 'mail: { server: "smtp://a.example", from: a@b.example }', (c) => c.mail, { server: 'smtp://a.example', from: 'a@b.example', user: undefined, password: undefined, insecure: false }, undefined],
    ['alarms.mail', 'alarms: { mail: [a@b.example] }', (c) => c.alarms, { mailTo: ['a@b.example'], webhook: undefined }, { mailTo: [], webhook: undefined }],
    ['sign_in.second_factor', 'sign_in: { second_factor: everyone }', (c) => c.secondFactor, 'everyone', 'staff'],
    ['sign_in.oidc', 'sign_in: { oidc: { issuer: "https://id.example", client_id: x } }', (c) => c.oidc, { issuer: 'https://id.example', clientId: 'x', clientSecret: undefined, title: 'your organisation’s account', secondFactor: { acr: [], amr: [] } }, undefined],
  ])('of %s comes from the file, or is the default', (_, yaml, valueOf, given, standard) => {
    expect(valueOf(load(yaml))).toEqual(given);
    expect(valueOf(load('{}'))).toEqual(standard);
  }); // prettier-ignore

  test.each<[string, Flags, string, string, (config: Config) => unknown, unknown, unknown, unknown]>([
    ['listen.port', { port: 3 }, 'TALANOA_PORT', '2', (c) => c.listen.port, 3, 2, 1],
    ['listen.host', { host: 'localhost' }, 'TALANOA_HOST', '::1', (c) => c.listen.host, 'localhost', '::1', '127.0.0.1'],
    ['data', { data: '/flag' }, 'TALANOA_DATA', '/variable', (c) => c.data, '/flag', '/variable', '/file'],
    ['log.level', { logLevel: 'error' }, 'TALANOA_LOG_LEVEL', 'debug', (c) => c.logLevel, 'error', 'debug', 'warn'],
  ])('of %s comes from the flag, else the variable, else the file', (path, flags, variable, value, valueOf, byFlag, byVariable, byFile) => {
    const yaml = 'listen: { port: 1, host: 127.0.0.1 }\ndata: /file\nlog: { level: warn }\n';
    const all = load(yaml, { [variable]: value }, flags);
    expect([valueOf(all), all.sources[path]]).toEqual([byFlag, 'command line']);
    const environment = load(yaml, { [variable]: value });
    expect([valueOf(environment), environment.sources[path]]).toEqual([byVariable, 'environment']);
    const own = load(yaml);
    expect([valueOf(own), own.sources[path]]).toEqual([byFile, 'file']);
  }); // prettier-ignore

  test('a URL that the file does not set follows from the address', () => {
    const of = (yaml: string, environment: Environment = {}) => load(yaml, environment).hub.url;
    expect(of('listen: { port: 80, host: localhost }')).toBe('http://localhost:80');
    expect(of('listen: { host: 0.0.0.0, behind_proxy: true }')).toBe('http://127.0.0.1:6420');
    expect(of('listen: { host: "::", behind_proxy: true }')).toBe('http://127.0.0.1:6420');
    expect(of('listen: { tls: { cert_file: a, key_file: b } }')).toBe('https://127.0.0.1:6420');
    expect(of('hub: { url: "https://file.example" }', { TALANOA_URL: 'https://env.example//' })).toBe('https://env.example');
  }); // prettier-ignore

  test('behind_proxy comes from the variable only where the file does not set it', () => {
    const of = (yaml: string, value: string) => {
      const { listen, sources } = load(yaml, { TALANOA_BEHIND_PROXY: value });
      return [listen.behindProxy, sources['listen.behind_proxy']];
    };
    expect(of('{}', 'true')).toEqual([true, 'environment']);
    expect(of('{}', 'yes')).toEqual([false, 'environment']);
    expect(of('listen: { behind_proxy: false }', 'true')).toEqual([false, 'file']);
  });

  test('has the section of the file as its source, or none for a default', () => {
    const { sources } = load('hub: { title: X, region: [TO] }\nmembers: [{ name: a }]\ndata: ./x\n', { MONGODB_URI_FILE: '' });
    expect(sources).toEqual({ 'hub.title': 'file', 'hub.region': 'file', members: 'file', data: 'file' });
    writeFileSync(join(folder, 'uri'), 'mongodb://x');
    expect(load('{}', { MONGODB_URI_FILE: join(folder, 'uri') }).sources).toEqual({ store: 'environment' });
    expect(load('{}', { MONGODB_URI: 'mongodb://x' }, { role: 'web' }).sources).toEqual({ store: 'environment', roles: 'command line' });
  }); // prettier-ignore

  test('feeds run unless the flag or the variable disables them', () => {
    const of = (environment: Environment, flags: Flags = {}) => load('{}', environment, flags).runFeeds;
    expect([of({}), of({ TALANOA_FEEDS: 'false' }), of({ TALANOA_FEEDS: 'no' }), of({ TALANOA_FEEDS: 'false' }, { feeds: true }), of({}, { feeds: false })]).toEqual([true, false, true, true, false]); // prettier-ignore
  });

  test('a secret comes from a variable, or from the file that NAME_FILE names', () => {
    writeFileSync(join(folder, 'secret'), '  from a file \n');
    const path = join(folder, 'secret');
    const config = load('{}', {
      A: 'direct',
      A_FILE: path,
      B_FILE: path,
      C: '',
      D_FILE: '',
      E: '',
      E_FILE: path,
    });
    expect(['A', 'B', 'C', 'D', 'E', 'F'].map(config.secret)).toEqual(['direct', 'from a file', undefined, undefined, 'from a file', undefined]); // prettier-ignore
    expect([config.secretFile(path), config.secretFile(join(folder, 'none'))]).toEqual([
      'from a file',
      undefined,
    ]);
    expect(() => load('{}', { X_FILE: join(folder, 'none') }).secret('X')).toThrow(expect.objectContaining({ code: 'TLN-C-005', title: 'The file named by X_FILE cannot be read' })); // prettier-ignore
    expect(Object.isFrozen(config)).toBe(true);
  });
});

describe('a start is stopped by', () => {
  const MEMBERS = (...members: readonly string[]): string => `members: [${members.join(', ')}]\n`;
  test.each<[string, string, Environment, RegExp]>([
    ['a port that is not a number', '{}', { TALANOA_PORT: 'http' }, /^TLN-C-007 TALANOA_PORT is not a number \| The environment variable contains "http"\. \| Set TALANOA_PORT/],
    ['a port with too many digits', '{}', { TALANOA_PORT: '123456' }, /^TLN-C-007 /],
    ['an unknown role', '{}', { TALANOA_ROLE: 'web,cook' }, /^TLN-C-034 Unknown role: "cook"/],
    ['one role on the embedded store', '{}', { TALANOA_ROLE: 'web' }, /^TLN-C-035 /],
    ['no role', '{}', { TALANOA_ROLE: '' }, /^TLN-C-034 Unknown role: ""/],
    ['an API root twice', 'api_roots: [{ path: a }, { path: a }]', {}, /^TLN-C-008 The API root "a" is declared twice/],
    ['an account twice', 'accounts: [{ name: a, role: machine }, { name: a, role: analyst }]', {}, /^TLN-C-008 The account "a"/],
    ['a member twice', MEMBERS('{ name: a }', '{ name: a }'), {}, /^TLN-C-008 The member "a"/],
    ['a group twice', 'groups: [{ name: a }, { name: a }]', {}, /^TLN-C-008 The group "a"/],
    ['a feed twice', 'feeds: [{ name: a }, { name: a }]', {}, /^TLN-C-008 The feed "a"/],
    ['a rule twice', 'rules: [{ name: a, from: b, to: c }, { name: a, from: c, to: b }]', {}, /^TLN-C-008 The rule "a"/],
    ['a collection twice', `collections: [{ id: ${A}, api_root: main, title: X }, { id: ${A}, api_root: main, title: Y }]`, {}, /^TLN-C-008 The collection "6f3c/],
    ['the collection of a member twice', `collections: [{ id: ${A}, api_root: main, title: X }]\n${MEMBERS(`{ name: a, collection: { id: ${A} } }`)}`, {}, /^TLN-C-008 The collection "6f3c/],
    ['an alias twice in one API root', `collections: [{ id: ${A}, api_root: main, alias: x, title: X }, { id: ${B}, api_root: main, alias: x, title: Y }]`, {}, /^TLN-C-008 The alias "main\/x"/],
    ['an alias that the hub gives a member', `collections: [{ id: ${A}, api_root: main, alias: member-a, title: X }]\n${MEMBERS('{ name: a, collection: true }')}`, {}, /^TLN-C-008 The alias "main\/member-a"/],
    ['an alias that the hub gives clients', `collections: [{ id: ${A}, api_root: main, alias: clients-a, title: X }]\n${MEMBERS('{ name: a }', '{ name: b, parent: a }', '{ name: c, parent: a }')}`, {}, /^TLN-C-008 The alias "main\/clients-a"/],
    ['an unknown API root', `collections: [{ id: ${A}, api_root: reef, title: X }]`, {}, /^TLN-C-009 The collection "X" names the API root "reef", which is not declared \| Declared: main\./],
    ['a grant to an unknown account', `collections: [{ id: ${A}, api_root: main, title: X, grants: [{ to: "account:a" }] }]`, {}, /^TLN-C-009 A grant of "X" names the account "a", which is not declared \| Declared: none\..*talanoa grant create/s],
    ['a grant to an unknown member', `collections: [{ id: ${A}, api_root: main, title: X, grants: [{ to: "member:a" }] }]`, {}, /names the member "a".*Declared: hub\./],
    ['a grant to an unknown group', `collections: [{ id: ${A}, api_root: main, title: X, grants: [{ to: "group:a" }] }]`, {}, /names the group "a"/],
    ['a grant to an unknown role', `collections: [{ id: ${A}, api_root: main, title: X, grants: [{ to: "role:admin" }] }]`, {}, /names the role "admin".*Declared: administrator, analyst, officer, machine\./],
    ['a group of an unknown member', 'groups: [{ name: g, members: [a] }]', {}, /^TLN-C-009 The group "g" names the member "a"/],
    ['a group of the hub', `${MEMBERS('{ name: a }')}groups: [{ name: g, members: [hub] }]`, {}, /^TLN-C-009 The group "g" names the member "hub"/],
    ['an account of an unknown member', 'accounts: [{ name: x, role: officer, member: a }]', {}, /^TLN-C-009 The account "x" names the member "a"/],
    ['a feed of an unknown collection', `collections: [{ id: ${A}, api_root: main, alias: x, title: X }]\nfeeds: [{ name: f, collection: y }]`, {}, /^TLN-C-009 The feed "f" names the collection "y", which is not declared \| Declared: 6f3c[^,]*, x\./],
    ['a reserved variable', 'secrets: { env: [MONGODB_URI] }', {}, /^TLN-C-031 secrets\.env names MONGODB_URI/],
    ['a header without proxies', 'listen: { client_certificate_header: X-Cert }', {}, /^TLN-C-036 /],
    ['an address of the network without TLS', 'listen: { host: 192.0.2.1 }', {}, /^TLN-C-037 The hub will not listen on 192\.0\.2\.1 without TLS/],
    ['mail without encryption to another machine', 'mail: { server: "smtp://a.example", from: a@b.example, insecure: true }', {}, /^TLN-C-038 .* mail\.server is a\.example\./],
    ['a mail account without a password', 'mail: { server: "smtp://a.example", from: a@b.example, user: x }', {}, /^TLN-C-039 .*mail\.user is x\. \| Set mail\.password_env and/],
    ['a mail account with an empty variable', 'mail: { server: "smtp://a.example", from: a@b.example, user: x, password_env: PW }', { PW: '' }, /^TLN-C-039 .* \| Set PW\./],
    ['a provider without TLS', 'sign_in: { oidc: { issuer: "http://id.example", client_id: x } }', {}, /^TLN-C-040 .*issuer is http:\/\/id\.example\./],
    ['a provider without its secret', 'sign_in: { oidc: { issuer: "https://id.example", client_id: x, client_secret_env: CS } }', {}, /^TLN-C-041 .*CS has no value\./],
    ['alarms without a secret', 'alarms: { webhook: { url: "https://a.example", secret_env: WS } }', {}, /^TLN-C-042 .*WS has no value\./],
    ['alarms with a short secret', 'alarms: { webhook: { url: "https://a.example", secret_env: WS } }', { WS: 'x'.repeat(23) }, /^TLN-C-042 .*WS has 23 characters\./],
    ['a password in the URL of the hub', 'hub: { url: "https://a:b@c.example/" }', {}, /^TLN-C-080 The setting hub\.url .*The URL of c\.example/],
    ['a password in the URL of alarms', 'alarms: { webhook: { url: "https://a@c.example/", secret_env: WS } }', { WS: 'x'.repeat(24) }, /^TLN-C-080 The setting alarms\.webhook\.url/],
  ])('%s', (_, yaml, environment, expected) => {
    const found = stop(yaml, environment);
    expect(found).toMatch(expected);
    for (const secret of Object.values(environment)) if (secret.length > 20) expect(found).not.toContain(secret);
  }); // prettier-ignore

  test.each([
    'api',
    'console',
    'docs',
    'lists',
    'taxii2',
    'healthz',
    'readyz',
    'metrics',
    'first',
    'answer',
    'assets',
    'status',
    'well-known',
  ])('an API root with the path %s, which the hub itself serves', (path) => {
    expect(stop(`api_roots: [{ path: ${path} }]`)).toMatch(
      new RegExp(`^TLN-C-032 The API root "${path}" has a reserved name`),
    );
  });

  test.each<[string, string, Environment]>([
    ['two roots that have an alias in common', `api_roots: [{ path: a }, { path: b }]\ncollections: [{ id: ${A}, api_root: a, alias: x, title: X }, { id: ${B}, api_root: b, alias: x, title: Y }]`, {}],
    ['grants to all that is declared', `members: [{ name: m }]\ngroups: [{ name: g, members: [m] }]\naccounts: [{ name: a, role: officer, member: m }, { name: b, role: analyst, member: hub }]\ncollections: [{ id: ${A}, api_root: main, title: X, grants: [{ to: "account:a" }, { to: "member:m" }, { to: "member:hub" }, { to: "clients:m" }, { to: "group:g" }, { to: "role:machine" }, { to: public }] }]`, {}],
    ['a feed that names its collection by id', `collections: [{ id: ${A}, api_root: main, title: X }]\nfeeds: [{ name: f, collection: ${A} }]`, {}],
    ['one role on MongoDB', '{}', { MONGODB_URI: 'mongodb://x', TALANOA_ROLE: ' worker ' }],
    ['an address of the network behind a proxy', 'listen: { host: 192.0.2.1, behind_proxy: true }', {}],
    ['an address of the network with TLS', 'listen: { host: 192.0.2.1, tls: { cert_file: a, key_file: b } }', {}],
    ['a header of trusted proxies', 'listen: { client_certificate_header: X-Cert }\nlimits: { trusted_proxies: [127.0.0.1] }', {}],
    ['mail without encryption on this machine', 'mail: { server: "smtp://[::1]:25", from: a@b.example, insecure: true }', {}],
    ['a mail account with its password', 'mail: { server: "smtp://a.example", from: a@b.example, user: x, password_env: PW }', { PW: 'y' }],
    ['a provider on this machine', 'sign_in: { oidc: { issuer: "http://[::1]:8080", client_id: x } }', {}],
    ['alarms with the shortest secret', 'alarms: { webhook: { url: "https://a.example", secret_env: WS } }', { WS: 'x'.repeat(24) }],
    ['one identity twice at one member', `members: [{ name: a, identities: [identity--${A}, identity--${A}] }]`, {}],
    ['a port that is empty in the environment', '{}', { TALANOA_PORT: '' }],
  ])('not by %s', (_, yaml, environment) => {
    expect(stop(yaml, environment)).toBe('started');
  }); // prettier-ignore
});

describe('the master key', () => {
  const config = (name: string): Config =>
    load(`master_key_file: ${join(folder, name)}\ndata: ${join(folder, 'data')}\n`);
  test('is created once, readable to its owner only, and stays the same', () => {
    const own = config('new/folder/hub.key');
    const key = masterKey(own);
    expect([key.length, statSync(own.masterKeyFile).mode & 0o777]).toEqual([32, 0o600]);
    expect(statSync(join(folder, 'new')).mode & 0o077).toBe(0);
    expect(masterKey(own).equals(key)).toBe(true);
    expect(readFileSync(own.masterKeyFile, 'utf8')).toBe(`${key.toString('base64url')}\n`);
  });

  test('a key of fewer than 32 bytes is refused', () => {
    const own = config('short.key');
    for (const text of ['', 'x', Buffer.alloc(31).toString('base64url')]) {
      writeFileSync(own.masterKeyFile, text);
      expect(() => masterKey(own)).toThrow(expect.objectContaining({ code: 'TLN-C-065' }));
    }
    writeFileSync(own.masterKeyFile, Buffer.alloc(32).toString('base64url'));
    expect(masterKey(own)).toEqual(Buffer.alloc(32));
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });
});
