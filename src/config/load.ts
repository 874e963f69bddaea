import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LineCounter, isMap, isSeq, parseDocument, type Document, type Node } from 'yaml';
import type { LogLevel } from '../kernel/log.ts';
import { isOwnVariable } from '../kernel/local-secrets.ts';
import { Problem, reasonOf } from '../kernel/problem.ts';
import { compileSchema } from '../kernel/validate.ts';
import type {
  AccountSetting,
  ApiRootSetting,
  CollectionSetting,
  FeedSetting,
  GroupSetting,
  MemberSetting,
  Settings,
} from './settings.ts';
import { settingsErrors } from './errors.ts';

/** Settings from command-line flags. They override the environment, which overrides the settings file. */
export interface Flags {
  readonly config?: string;
  readonly data?: string;
  readonly host?: string;
  readonly port?: number;
  readonly feeds?: boolean;
  readonly role?: string;
  readonly logLevel?: LogLevel;
}

/** The complete configuration of a hub at its start. It is frozen, and no other module reads the environment. */
export interface Config {
  /** Path of the settings file, or undefined when there is none. */
  readonly file: string | undefined;
  readonly revision: number;
  readonly hub: {
    readonly title: string;
    readonly url: string;
    readonly contact: string | undefined;
    /** Contacts for vulnerability reports. Undefined when the settings name none. */
    readonly security:
      | {
          readonly contacts: readonly string[];
          readonly policy: string | undefined;
          readonly encryption: string | undefined;
          readonly languages: readonly string[];
        }
      | undefined;
    readonly timeZone: string;
    /** Countries (ISO 3166-1) that the hub is responsible for where they have no member. */
    readonly region: readonly string[];
  };
  readonly listen: {
    readonly host: string;
    readonly port: number;
    readonly behindProxy: boolean;
    /** Certificate files, when the hub terminates TLS itself. */
    readonly tls:
      | {
          readonly certFile: string;
          readonly keyFile: string;
          /** Present when the hub requests client certificates. */
          readonly clients: { readonly caFile: string | undefined } | undefined;
        }
      | undefined;
    /** The header in which trusted proxies pass the certificate of a client. */
    readonly clientCertificateHeader: string | undefined;
    /** Milliseconds for which the hub keeps answering after it reports that it is unready. */
    readonly drainMs: number;
  };
  /**
   * What this process does: `web` serves members. `worker` routes objects, runs feeds and completes work that other
   * processes left unfinished.
   */
  readonly roles: { readonly web: boolean; readonly worker: boolean };
  readonly data: string;
  readonly masterKeyFile: string;
  readonly logLevel: LogLevel;
  readonly mongodbUri: string | undefined;
  /** False when feeds run only on request. */
  readonly runFeeds: boolean;
  readonly apiRoots: readonly ApiRootSetting[];
  readonly collections: readonly CollectionSetting[];
  readonly groups: readonly GroupSetting[];
  readonly members: readonly MemberSetting[];
  readonly accounts: readonly AccountSetting[];
  readonly feeds: readonly FeedSetting[];
  readonly rules: NonNullable<Settings['rules']>;
  /** The accounts that need a second factor to sign in. */
  readonly secondFactor: 'staff' | 'everyone' | 'optional';
  /** The provider for single sign-on. */
  readonly oidc:
    | {
        readonly issuer: string;
        readonly clientId: string;
        readonly clientSecret: string | undefined;
        readonly title: string;
        readonly secondFactor: { readonly acr: readonly string[]; readonly amr: readonly string[] };
      }
    | undefined;
  readonly trustedProxies: readonly string[];
  /** The mail server and the sender of emails. Undefined when the hub sends no email. */
  readonly mail:
    | {
        readonly server: string;
        readonly from: string;
        readonly user: string | undefined;
        readonly password: string | undefined;
        readonly insecure: boolean;
      }
    | undefined;
  readonly alarms: {
    readonly mailTo: readonly string[];
    readonly webhook: { readonly url: string; readonly secret: string } | undefined;
  };
  /** Maximum number of new objects per member and day. 0 means unlimited. */
  readonly objectsPerDay: number;
  /** Days after which entries of the audit log are removed. 0 means never. */
  readonly auditDays: number;
  /** Maximum number of connections of the listener, in total and for each address. */
  readonly connections: { readonly total: number; readonly perAddress: number };
  readonly rates: { readonly reads: number; readonly writes: number };
  readonly egressAllow: readonly string[];
  /**
   * Variables and files that feeds and channels may use as secrets, in addition to those that the settings
   * file itself names.
   */
  readonly secretsAllowed: { readonly env: readonly string[]; readonly files: readonly string[] };
  /** Reads a secret that a setting names: an environment variable, or the file that NAME_FILE names. */
  readonly secret: (name: string) => string | undefined;
  /** Reads a secret from a file. Returns undefined when the file does not exist. */
  readonly secretFile: (path: string) => string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const FIRST_COLLECTION = '5d2f7f0e-6a8b-4a86-9a0f-0d1c2b3a4f5e';

/** The settings of a hub without a settings file: one API root, one collection, and the feeds that need no key. */
const WITHOUT_FILE = {
  api_roots: [{ path: 'main', title: 'Main' }],
  collections: [
    {
      id: FIRST_COLLECTION,
      api_root: 'main',
      alias: 'indicators',
      title: 'Indicators',
      grants: [
        { to: 'role:administrator', read: true, write: true },
        { to: 'role:analyst', read: true, write: true },
      ],
    },
  ],
  feeds: [
    { name: 'urlhaus', preset: 'urlhaus', collection: 'indicators' },
    { name: 'tor-exits', preset: 'tor-exits', collection: 'indicators' },
  ],
};

function settingsProblem(title: string, description: string, hint?: string): Problem {
  return new Problem('invalid-request', title, {
    description,
    code: 'TLN-C-001',
    ...(hint === undefined ? {} : { hint }),
  });
}

/**
 * Merges flags, environment and settings file into one Config. Throws a Problem that names the position of the first
 * error.
 */
export function loadConfig(flags: Flags, environment: Environment): Config {
  const file = settingsFile(flags, environment);
  const settings = file === undefined ? {} : readSettings(file);
  const declared: Settings = file === undefined ? { ...WITHOUT_FILE, ...settings } : settings;
  const secret = (name: string): string | undefined => readSecret(environment, name);

  const port = flags.port ?? integer(environment, 'TALANOA_PORT') ?? settings.listen?.port ?? 6420;
  const host = flags.host ?? environment['TALANOA_HOST'] ?? settings.listen?.host ?? '127.0.0.1';
  const dataSetting = flags.data ?? environment['TALANOA_DATA'];
  const data = dataSetting === undefined ? resolve(settings.data ?? './talanoa-data') : resolve(dataSetting);
  const behindProxy = settings.listen?.behind_proxy ?? environment['TALANOA_BEHIND_PROXY'] === 'true';
  const tls = settings.listen?.tls;
  const config: Config = {
    file,
    revision: settings.revision ?? 1,
    hub: {
      title: settings.hub?.title ?? 'Talanoa',
      url: (
        environment['TALANOA_URL'] ??
        settings.hub?.url ??
        `${tls === undefined ? 'http' : 'https'}://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`
      ).replace(/\/+$/, ''),
      contact: settings.hub?.contact,
      security: securityOf(settings),
      timeZone: settings.hub?.time_zone ?? 'UTC',
      region: settings.hub?.region ?? [],
    },
    listen: {
      host,
      port,
      behindProxy,
      tls:
        tls === undefined
          ? undefined
          : {
              certFile: resolve(tls.cert_file),
              keyFile: resolve(tls.key_file),
              clients:
                tls.client_certificates === undefined
                  ? undefined
                  : {
                      caFile:
                        tls.client_certificates.ca_file === undefined
                          ? undefined
                          : resolve(tls.client_certificates.ca_file),
                    },
            },
      clientCertificateHeader: settings.listen?.client_certificate_header,
      drainMs: (settings.listen?.drain_s ?? (behindProxy ? 5 : 0)) * 1000,
    },
    roles: roles(flags.role ?? environment['TALANOA_ROLE'] ?? 'web,worker'),
    data,
    masterKeyFile: resolve(
      environment['TALANOA_MASTER_KEY_FILE'] ?? settings.master_key_file ?? join(data, 'master.key'),
    ),
    logLevel:
      flags.logLevel ??
      (environment['TALANOA_LOG_LEVEL'] as LogLevel | undefined) ??
      settings.log?.level ??
      'info',
    mongodbUri: secret('MONGODB_URI'),
    runFeeds: flags.feeds ?? environment['TALANOA_FEEDS'] !== 'false',
    apiRoots: declared.api_roots ?? WITHOUT_FILE.api_roots,
    collections: declared.collections ?? [],
    groups: declared.groups ?? [],
    members: declared.members ?? [],
    accounts: declared.accounts ?? [],
    feeds: declared.feeds ?? [],
    rules: declared.rules ?? [],
    secondFactor: settings.sign_in?.second_factor ?? 'staff',
    oidc: oidcOf(settings, secret),
    trustedProxies: settings.limits?.trusted_proxies ?? [],
    connections: {
      total: settings.limits?.connections ?? 4_000,
      perAddress: settings.limits?.connections_per_address ?? 256,
    },
    auditDays: settings.limits?.audit_days ?? 0,
    objectsPerDay: settings.limits?.objects_per_day ?? 5_000_000,
    rates: { reads: settings.limits?.reads ?? 0, writes: settings.limits?.writes ?? 0 },
    mail: mailOf(settings, secret),
    alarms: {
      mailTo: settings.alarms?.mail ?? [],
      webhook: webhookOf(settings, secret),
    },
    egressAllow: settings.egress?.allow ?? [],
    secretsAllowed: { env: settings.secrets?.env ?? [], files: settings.secrets?.files ?? [] },
    secret,
    secretFile: (path) => (existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined),
  };
  checkConfig(config);
  return Object.freeze(config);
}

function securityOf({ hub }: Settings): Config['hub']['security'] {
  if (hub?.security === undefined) return undefined;
  const { contacts, policy, encryption, languages = [] } = hub.security;
  return { contacts, policy, encryption, languages };
}

function mailOf({ mail }: Settings, secret: (name: string) => string | undefined): Config['mail'] {
  if (mail === undefined) return undefined;
  const { server, from, user, password_env: passwordEnv, insecure = false } = mail;
  const host = new URL(server).hostname.replace(/^\[|\]$/g, '');
  if (insecure && !['localhost', '127.0.0.1', '::1'].includes(host))
    throw settingsProblem(
      'Mail may not go in the clear to another machine',
      `mail.insecure is set, and mail.server is ${host}.`,
      'Take mail.insecure away: the server then has to speak STARTTLS.',
    );
  const password = passwordEnv === undefined ? undefined : secret(passwordEnv);
  if (user !== undefined && password === undefined)
    throw settingsProblem(
      'The password of the mail account is not there',
      `mail.user is ${user}.`,
      `Set ${passwordEnv ?? 'mail.password_env, and the variable that it names'}.`,
    );
  return { server, from, user, password, insecure };
}

function oidcOf({ sign_in: signIn }: Settings, secret: (name: string) => string | undefined): Config['oidc'] {
  if (signIn?.oidc === undefined) return undefined;
  const {
    issuer,
    client_id: clientId,
    client_secret_env: secretEnv,
    title,
    second_factor: second,
  } = signIn.oidc;
  const { protocol, hostname } = new URL(issuer);
  if (protocol !== 'https:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname))
    throw settingsProblem(
      'The sign-in provider must be reached over HTTPS',
      `sign_in.oidc.issuer is ${issuer}.`,
      'Use its https address.',
    );
  const clientSecret = secretEnv === undefined ? undefined : secret(secretEnv);
  if (secretEnv !== undefined && clientSecret === undefined)
    throw settingsProblem(
      'The client secret of the sign-in provider is missing',
      `${secretEnv} has no value.`,
      `Set ${secretEnv}, or ${secretEnv}_FILE, to the secret that the provider gave you.`,
    );
  return {
    issuer,
    clientId,
    clientSecret,
    title: title ?? 'your organisation’s account',
    secondFactor: { acr: second?.acr ?? [], amr: second?.amr ?? [] },
  };
}

function webhookOf(
  { alarms }: Settings,
  secret: (name: string) => string | undefined,
): Config['alarms']['webhook'] {
  if (alarms?.webhook === undefined) return undefined;
  const { url, secret_env: secretEnv } = alarms.webhook;
  const value = secret(secretEnv);
  if (value === undefined || value.length < 24)
    throw settingsProblem(
      'The secret of the alarms webhook is not there, or is too short',
      `${secretEnv} has ${value === undefined ? 'no value' : `${value.length} characters`}.`,
      `Give it 24 characters or more: openssl rand -base64 32`,
    );
  return { url, secret: value };
}

function roles(text: string): Config['roles'] {
  const given = text.split(',').map((name) => name.trim());
  const unknown = given.find((name) => name !== 'web' && name !== 'worker');
  if (unknown !== undefined)
    throw settingsProblem(
      `There is no role "${unknown}"`,
      'It was given by --role or TALANOA_ROLE.',
      'Roles are web and worker, joined by a comma: --role web,worker does both.',
    );
  return { web: given.includes('web'), worker: given.includes('worker') };
}

function settingsFile(flags: Flags, environment: Environment): string | undefined {
  const named = flags.config ?? environment['TALANOA_CONFIG'];
  if (named !== undefined) {
    if (!existsSync(named))
      throw settingsProblem(
        `The settings file ${named} is not there`,
        'It was named by --config or TALANOA_CONFIG.',
        'Check the path.',
      );
    return named;
  }
  return existsSync('talanoa.yaml') ? 'talanoa.yaml' : undefined;
}

/** Reads and validates the file. Every error is reported with its line. */
function readSettings(file: string): Settings {
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines, prettyErrors: true });
  const [broken] = document.errors;
  if (broken !== undefined) throw settingsProblem(`${file} is not valid YAML`, broken.message);
  const value = plainOf(document, file);
  const [fault] = compileSchema('config.json')(value);
  if (fault !== undefined) {
    const line = lineOf(document, fault.pointer, lines);
    throw settingsProblem(
      `${file}${line === undefined ? '' : `:${line}`}: ${fault.pointer === '' ? 'the file' : fault.pointer.slice(1).replaceAll('/', '.')}: ${fault.message}`,
      'The settings file was read as a whole; nothing was started.',
      'docs/reference/settings.md lists every key.',
    );
  }
  return value as Settings;
}

/** Returns the values of a document. An alias without its anchor, or too many aliases, are detected only here. */
function plainOf(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 }) ?? {};
  } catch (error) {
    throw settingsProblem(`${file} is not valid YAML`, reasonOf(error));
  }
}

/** Returns the line of the node that a JSON pointer refers to, or of its nearest ancestor that exists. */
function lineOf(document: Document.Parsed, pointer: string, lines: LineCounter): number | undefined {
  let node: Node | null | undefined = document.contents;
  let offset = node?.range?.[0];
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (isMap(node)) {
      const pair = node.items.find((item) => String((item.key as { value?: unknown } | null)?.value) === key);
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      node = node.items[Number(key)] as Node | undefined;
      offset = node?.range?.[0] ?? offset;
    } else break;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

function integer(environment: Environment, name: string): number | undefined {
  const text = environment[name];
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,5}$/.test(text))
    throw settingsProblem(`${name} is not a number`, `Found ${JSON.stringify(text.slice(0, 40))}.`);
  return Number(text);
}

function readSecret(environment: Environment, name: string): string | undefined {
  const direct = environment[name];
  if (direct !== undefined && direct !== '') return direct;
  const file = environment[`${name}_FILE`];
  if (file === undefined || file === '') return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw settingsErrors.secretFileUnreadable({ name }, { cause: error });
  }
}

/** Names that the hub itself serves, so no API root can use them. */
const RESERVED = new Set([
  'api',
  'console',
  'docs',
  'taxii2',
  'healthz',
  'readyz',
  'metrics',
  'first',
  'answer',
  'assets',
  'status',
  'favicon.ico',
  'well-known',
]);

/** Checks what a schema cannot express: references between parts, and duplicates. */
function checkConfig(config: Config): void {
  const twice = (what: string, names: readonly string[]): void => {
    const seen = new Set<string>();
    for (const name of names) {
      if (seen.has(name))
        throw settingsProblem(`${what} "${name}" is declared twice`, 'Names and ids are given once.');
      seen.add(name);
    }
  };
  const roots = config.apiRoots.map(({ path }) => path);
  twice('The API root', roots);
  twice(
    'The account',
    config.accounts.map(({ name }) => name),
  );
  twice(
    'The member',
    config.members.map(({ name }) => name),
  );
  const holders = new Map<string, string>();
  for (const { name, identities = [] } of config.members)
    for (const identity of identities) {
      const other = holders.get(identity);
      if (other !== undefined && other !== name)
        throw settingsProblem(
          `The members "${other}" and "${name}" have the same STIX identity`,
          `Both list ${identity} under identities.`,
          'Remove it from one of them. An identity belongs to one member, because it decides who owns an object.',
        );
      holders.set(identity, name);
    }
  twice(
    'The group',
    config.groups.map(({ name }) => name),
  );
  twice(
    'The feed',
    config.feeds.map(({ name }) => name),
  );
  twice(
    'The rule',
    config.rules.map(({ name }) => name),
  );
  const ownIds = config.members.flatMap(({ collection }) =>
    typeof collection === 'object' ? [collection.id] : [],
  );
  twice('The collection', [...config.collections.map(({ id }) => id), ...ownIds]);
  // The hub itself assigns the aliases of the members' own collections.
  const given = config.members.flatMap(({ name, collection, parent }) => [
    ...(collection === undefined || collection === false ? [] : [`member-${name}`]),
    ...(parent === undefined ? [] : [`clients-${parent}`]),
  ]);
  twice('The alias', [
    ...config.collections.flatMap(({ alias, api_root }) =>
      alias === undefined ? [] : [`${api_root}/${alias}`],
    ),
    ...[...new Set(given)].map((alias) => `${roots[0] ?? ''}/${alias}`),
  ]);
  const known = (what: string, name: string, list: readonly string[], where: string): void => {
    if (!list.includes(name))
      throw settingsProblem(
        `${where} names the ${what} "${name}", which is not declared`,
        `Declared: ${list.join(', ') || 'none'}.`,
      );
  };
  for (const name of config.secretsAllowed.env)
    if (isOwnVariable(name))
      throw settingsProblem(
        `secrets.env names ${name}, which belongs to the hub itself`,
        'Feeds and channels can never use the variables TALANOA_* and MONGODB_URI as secrets.',
        'Put the key in a separate variable.',
      );
  const members = config.members.map(({ name }) => name);
  for (const path of roots)
    if (RESERVED.has(path))
      throw settingsProblem(
        `The API root "${path}" has a reserved name`,
        `Reserved: ${[...RESERVED].join(', ')}.`,
      );
  if (members.includes('hub'))
    throw settingsProblem('The member name "hub" is reserved', 'It stands for the hub itself.');
  for (const collection of config.collections) {
    known('API root', collection.api_root, roots, `The collection "${collection.title}"`);
    for (const { to } of collection.grants ?? []) {
      const [kind, name = ''] = to.split(':');
      const where = `A grant of "${collection.title}"`;
      if (kind === 'account')
        known(
          'account',
          name,
          config.accounts.map((account) => account.name),
          where,
        );
      if (kind === 'member') known('member', name, [...members, 'hub'], where);
      if (kind === 'group')
        known(
          'group',
          name,
          config.groups.map((group) => group.name),
          where,
        );
      if (kind === 'role') known('role', name, ['administrator', 'analyst', 'officer', 'machine'], where);
    }
  }
  for (const group of config.groups)
    for (const name of group.members ?? []) known('member', name, members, `The group "${group.name}"`);
  for (const account of config.accounts)
    if (account.member !== undefined)
      known('member', account.member, [...members, 'hub'], `The account "${account.name}"`);
  const aliases = config.collections.flatMap(({ id, alias }) => (alias === undefined ? [id] : [id, alias]));
  for (const feed of config.feeds)
    if (feed.collection !== undefined)
      known('collection', feed.collection, aliases, `The feed "${feed.name}"`);
  if (config.mongodbUri === undefined && !(config.roles.web && config.roles.worker))
    throw settingsProblem(
      'The embedded store serves one process, which has to do everything',
      'A role was left out by --role or TALANOA_ROLE.',
      'Leave --role away, or set MONGODB_URI for several processes.',
    );
  if (config.listen.clientCertificateHeader !== undefined && config.trustedProxies.length === 0)
    throw settingsProblem(
      'A header for client certificates requires trusted proxies',
      'listen.client_certificate_header is set, but limits.trusted_proxies is empty. Any client could send the header.',
      'Add the addresses of your proxies to limits.trusted_proxies.',
    );
  if (
    config.listen.host !== '127.0.0.1' &&
    config.listen.host !== '::1' &&
    config.listen.host !== 'localhost' &&
    !config.listen.behindProxy &&
    config.listen.tls === undefined
  ) {
    throw settingsProblem(
      `The hub will not listen on ${config.listen.host} without TLS`,
      'Keys and passwords would travel in the clear.',
      'Give it a certificate with listen.tls, or put a TLS proxy in front and set listen.behind_proxy: true (or TALANOA_BEHIND_PROXY=true), or listen on 127.0.0.1.',
    );
  }
}
