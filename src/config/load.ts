import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LogLevel } from '../kernel/log.ts';
import { checkConfig } from './check.ts';
import { FIRST_COLLECTION, type Config, type Flags } from './config.ts';
import { fileReasonOf } from '../kernel/problem.ts';
import { settingsErrors } from './errors.ts';
import { settingSources } from './setting-sources.ts';
import { readSettings, settingsFile } from './settings-file.ts';
import type { Settings } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

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

/**
 * Merges flags, environment and settings file into one Config. Throws a Problem that names the position of the first
 * error.
 */
export function loadConfig(flags: Flags, environment: Environment): Config {
  const file = settingsFile(flags.config ?? environment['TALANOA_CONFIG']);
  const settings = file === undefined ? {} : readSettings(file);
  const declared: Settings = file === undefined ? { ...WITHOUT_FILE, ...settings } : settings;
  const secret = (name: string): string | undefined => readSecret(environment, name);

  const listen = listenOf(flags, environment, settings);
  const dataSetting = flags.data ?? environment['TALANOA_DATA'];
  const data = dataSetting === undefined ? resolve(settings.data ?? './talanoa-data') : resolve(dataSetting);
  const config: Config = {
    file,
    sources: settingSources(flags, environment, settings),
    revision: settings.revision ?? 1,
    hub: hubOf(environment, settings, listen),
    listen,
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
    life: settings.life ?? {},
    secondFactor: settings.sign_in?.second_factor ?? 'staff',
    oidc: oidcOf(settings, secret),
    trustedProxies: settings.limits?.trusted_proxies ?? [],
    connections: {
      total: settings.limits?.connections ?? 4_000,
      perAddress: settings.limits?.connections_per_address ?? 256,
    },
    auditDays: settings.limits?.audit_days ?? 0,
    validation: settings.hub?.validation ?? 'tolerant',
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

function listenOf(flags: Flags, environment: Environment, settings: Settings): Config['listen'] {
  const port = flags.port ?? integer(environment, 'TALANOA_PORT') ?? settings.listen?.port ?? 6420;
  const host = flags.host ?? environment['TALANOA_HOST'] ?? settings.listen?.host ?? '127.0.0.1';
  const behindProxy = settings.listen?.behind_proxy ?? environment['TALANOA_BEHIND_PROXY'] === 'true';
  return {
    host,
    port,
    behindProxy,
    tls: tlsOf(settings),
    clientCertificateHeader: settings.listen?.client_certificate_header,
    drainMs: (settings.listen?.drain_s ?? (behindProxy ? 5 : 0)) * 1000,
  };
}

function tlsOf({ listen }: Settings): Config['listen']['tls'] {
  if (listen?.tls === undefined) return undefined;
  const { cert_file: certFile, key_file: keyFile, client_certificates: clients } = listen.tls;
  const caFile = clients?.ca_file === undefined ? undefined : resolve(clients.ca_file);
  return {
    certFile: resolve(certFile),
    keyFile: resolve(keyFile),
    clients: clients === undefined ? undefined : { caFile },
  };
}

function hubOf(environment: Environment, settings: Settings, listen: Config['listen']): Config['hub'] {
  const local = listen.host === '0.0.0.0' || listen.host === '::' ? '127.0.0.1' : listen.host;
  // An IPv6 address is in brackets in a URL (RFC 3986 §3.2.2).
  const host = local.includes(':') ? `[${local}]` : local;
  return {
    title: settings.hub?.title ?? 'Talanoa',
    url: (
      environment['TALANOA_URL'] ??
      settings.hub?.url ??
      `${listen.tls === undefined ? 'http' : 'https'}://${host}:${listen.port}`
    ).replace(/\/+$/, ''),
    contact: settings.hub?.contact,
    security: securityOf(settings),
    timeZone: settings.hub?.time_zone ?? 'UTC',
    language: settings.hub?.language ?? 'en',
    region: settings.hub?.region ?? [],
  };
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
    throw settingsErrors.mailUnencrypted({ host });
  const password = passwordEnv === undefined ? undefined : secret(passwordEnv);
  if (user !== undefined && password === undefined)
    throw settingsErrors.mailPasswordMissing({
      user,
      variable: passwordEnv ?? 'mail.password_env and the variable that it refers to',
    });
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
    throw settingsErrors.issuerNotHttps({ issuer });
  const clientSecret = secretEnv === undefined ? undefined : secret(secretEnv);
  if (secretEnv !== undefined && clientSecret === undefined)
    throw settingsErrors.clientSecretMissing({ variable: secretEnv });
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
    throw settingsErrors.webhookSecretUnusable({
      variable: secretEnv,
      found: value === undefined ? 'no value' : `${value.length} characters`,
    });
  return { url, secret: value };
}

function roles(text: string): Config['roles'] {
  const given = text.split(',').map((name) => name.trim());
  const unknown = given.find((name) => name !== 'web' && name !== 'worker');
  if (unknown !== undefined) throw settingsErrors.roleUnknown({ name: unknown });
  return { web: given.includes('web'), worker: given.includes('worker') };
}

function integer(environment: Environment, name: string): number | undefined {
  const text = environment[name];
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,5}$/.test(text))
    throw settingsErrors.notNumber({ name, found: JSON.stringify(text.slice(0, 40)) });
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
    throw settingsErrors.secretFileUnreadable({ name }, { description: fileReasonOf(error), cause: error });
  }
}
