import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Hub } from '../server/hub.ts';
import { DEMO_ACCOUNT, type Config } from '../config/config.ts';
import type { GatedObject } from '../kernel/json-gate.ts';
import { packageRoot } from '../kernel/paths.ts';
import { accountActor } from '../sharing/intake/actor.ts';
import { addDemoContacts } from './demo-contacts.ts';
import { textsOf } from './stix-file.ts';
import type { AccountSetting, CollectionSetting, FeedSetting, MemberSetting } from '../config/settings.ts';

/** An account of the demo. */
export interface DemoAccount {
  readonly name: string;
  readonly role: AccountSetting['role'];
  readonly member?: string;
  readonly password: string;
}

/** A running demo: its settings, the text about it, and how to stop it. */
export interface Demo {
  readonly config: Config;
  lines(url: string): readonly string[];
  /** The accounts with their passwords, which are new at each start. */
  readonly accounts: readonly DemoAccount[];
  /** Submits the objects that the members of the demo have already shared. */
  fill(hub: Pick<Hub, 'intake' | 'directory' | 'routing' | 'contacts'>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Countries of the Pacific network, with networks and domains that are reserved for documentation. No person is named
 * anywhere.
 */
const COUNTRIES: readonly (readonly [name: string, code: string, title: string])[] = [
  ['australia', 'AU', 'Australia'], ['cook-islands', 'CK', 'Cook Islands'], ['fiji', 'FJ', 'Fiji'], ['kiribati', 'KI', 'Kiribati'],
  ['marshall-islands', 'MH', 'Marshall Islands'], ['new-zealand', 'NZ', 'New Zealand'], ['niue', 'NU', 'Niue'], ['palau', 'PW', 'Palau'],
  ['papua-new-guinea', 'PG', 'Papua New Guinea'], ['samoa', 'WS', 'Samoa'], ['solomon-islands', 'SB', 'Solomon Islands'],
  ['tonga', 'TO', 'Tonga'], ['tuvalu', 'TV', 'Tuvalu'], ['vanuatu', 'VU', 'Vanuatu'], ['nauru', 'NR', 'Nauru'], ['tokelau', 'TK', 'Tokelau'],
  ['united-states', 'US', 'United States'],
]; // prettier-ignore

const INDICATORS = 'a3f6c8b2-4d1e-4f70-8b9a-1c2d3e4f5a6b';
const PUBLIC = 'b4a7d9c3-5e2f-4081-9cab-2d3e4f5a6b7c';
const SHARED = 'c5b8ead4-6f30-4192-8dbc-3e4f5a6b7c8d';

function demoMembers(): readonly MemberSetting[] {
  return COUNTRIES.map(([name, code, title], i) => ({
    name,
    title: `National CERT, ${title} (demo)`,
    kind: 'national-cert',
    countries: [code],
    networks: [i < 16 ? `198.51.100.${i * 16}/28` : `203.0.113.${(i - 16) * 16}/28`],
    domains: [`gov.${code.toLowerCase()}.example`],
    collection: true,
  }));
}

/** An account of each role. The names of their passwords are those of the accounts. */
const ACCOUNTS = [
  { name: DEMO_ACCOUNT, role: 'administrator', person: true, password_env: 'DEMO_ADMIN' },
  { name: 'demo-analyst', role: 'analyst', person: true, password_env: 'DEMO_ANALYST' },
  { name: 'demo-officer', role: 'officer', member: 'tonga', person: true, password_env: 'DEMO_OFFICER' },
  { name: 'demo-member', role: 'machine', member: 'tonga', password_env: 'DEMO_MEMBER' },
] as const satisfies readonly AccountSetting[];

const COLLECTIONS: readonly CollectionSetting[] = [
  {
    id: INDICATORS,
    api_root: 'main',
    alias: 'indicators',
    title: 'Indicators (demo)',
    grants: [
      { to: 'role:administrator', read: true, write: true },
      { to: 'role:analyst', read: true, write: true },
      { to: 'group:pacson', read: true },
    ],
  },
  {
    id: PUBLIC,
    api_root: 'main',
    alias: 'public',
    title: 'Public indicators (demo)',
    unmarked: 'refuse',
    max_tlp: 'clear',
    grants: [
      { to: 'public', read: true },
      { to: 'role:administrator', read: true, write: true },
      { to: 'role:analyst', read: true, write: true },
    ],
  },
  {
    id: SHARED,
    api_root: 'main',
    alias: 'pacson',
    title: 'Shared in the Pacific network (demo)',
    max_tlp: 'amber',
    grants: [
      { to: 'group:pacson', read: true, write: true },
      { to: 'role:administrator', read: true, write: true },
      { to: 'role:analyst', read: true, write: true },
    ],
  },
];

const SPECIAL = { special_addresses_allowed: ['documentation'], special_domains_allowed: ['example'] };

function demoFeeds(url: string): readonly FeedSetting[] {
  return [
    {
      name: 'demo-urls',
      preset: 'urlhaus',
      url: `${url}/urls.csv`,
      collection: 'indicators',
      tlp: 'green',
      ...SPECIAL,
    },
    {
      name: 'demo-addresses',
      preset: 'plain-list',
      enabled: true,
      url: `${url}/addresses.txt`,
      collection: 'public',
      tlp: 'clear',
      ...SPECIAL,
    },
  ];
}

/** Serves the lists of the demo feeds on a port of this machine. */
async function serveFeeds(): Promise<Server> {
  const folder = join(packageRoot, 'demo', 'feeds');
  const files = new Map(readdirSync(folder).map((file) => [`/${file}`, readFileSync(join(folder, file))]));
  const server = createServer((request, response) => {
    const body = files.get(request.url ?? '');
    response.writeHead(body === undefined ? 404 : 200, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': body?.length ?? 0,
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/**
 * Starts a demo hub with the countries of the Pacific network, objects that they have shared, two feeds with invented
 * values, and accounts whose secrets are new at each start. The demo has its own data folder, so it never changes
 * yours. Its feeds are fetched over HTTP from a server of the demo itself, so the demo shows the code path of a real
 * hub.
 */
export async function startDemo(given: Config): Promise<Demo> {
  const server = await serveFeeds();
  const { port } = server.address() as AddressInfo;
  const secret = (): string => randomBytes(18).toString('base64url');
  const accounts = ACCOUNTS.map((account) => ({
    name: account.name,
    role: account.role,
    ...('member' in account ? { member: account.member } : {}),
    password: secret(),
  }));
  const secrets = new Map(ACCOUNTS.map(({ password_env: name }, i) => [String(name), accounts[i]?.password]));
  const members = demoMembers();
  const config: Config = {
    ...given,
    file: undefined,
    sources: { ...given.sources, ...DEMO_SOURCES },
    hub: { ...given.hub, title: 'Talanoa demo' },
    data: join(given.data, 'demo'),
    masterKeyFile: join(given.data, 'demo', 'master.key'),
    mongodbUri: undefined,
    apiRoots: [{ path: 'main', title: 'Main' }],
    collections: COLLECTIONS,
    groups: [{ name: 'pacson', title: 'Pacific network (demo)', members: members.map(({ name }) => name) }],
    members,
    accounts: ACCOUNTS,
    // The accounts of the demo exist only as long as the process, so nobody needs to set up an authenticator
    // app for them.
    secondFactor: 'optional',
    feeds: demoFeeds(`http://127.0.0.1:${port}`),
    egressAllow: [`127.0.0.1:${port}`],
    secret: (name) => secrets.get(name),
    secretFile: () => undefined,
  };
  return {
    config: Object.freeze(config),
    lines: (url) => linesOf(url, accounts),
    accounts,
    fill,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Settings that the demo replaces, whatever the settings file says. */
const DEMO_SOURCES: Config['sources'] = Object.fromEntries(
  ['hub.title', 'data', 'store', 'sign_in.second_factor', 'egress.allow', 'api_roots'].map((path) => [
    path,
    'demo' as const,
  ]),
);

const ROLES: Readonly<Record<DemoAccount['role'], string>> = {
  administrator: 'an administrator of the hub',
  analyst: 'an analyst of the hub',
  officer: 'an officer of Tonga',
  machine: 'a service account of Tonga, for TAXII and the API',
};

function linesOf(url: string, accounts: readonly DemoAccount[]): readonly string[] {
  const widest = Math.max(...Object.values(ROLES).map((role) => role.length));
  const machine = accounts.find(({ role }) => role === 'machine')?.password ?? '';
  return [
    'Try it (the secrets are new at each start and live only in this store):',
    `  Console      ${url}/console   (sign in as one of the people below)`,
    `  curl -u demo-member:${machine} -H 'Accept: application/taxii+json;version=2.1' \\`,
    `       ${url}/main/collections/`,
    `  python3 -c "from taxii2client.v21 import Server; print([c.title for c in`,
    `     Server('${url}/taxii2/', user='demo-member', password='${machine}').default.collections])"`,
    '',
    ...accounts.map(
      ({ name, role, password }) => `  ${name.padEnd(12)}  ${ROLES[role].padEnd(widest)}  ${password}`,
    ),
  ];
}

async function fill({ intake, directory, routing, contacts }: Parameters<Demo['fill']>[0]): Promise<void> {
  const snapshot = await directory.refresh();
  const administrator = snapshot.principalNamed(DEMO_ACCOUNT);
  if (administrator !== undefined) await addDemoContacts(contacts, administrator);
  const principal = snapshot.principalNamed('demo-analyst');
  const collection = snapshot.collections.get(SHARED);
  if (principal === undefined || collection === undefined) return;
  const objects: GatedObject[] = [];
  for await (const text of textsOf(join(packageRoot, 'demo', 'pacson.json'), () => undefined))
    objects.push({ text, value: JSON.parse(text) as Record<string, unknown> });
  await intake.submit({
    actor: accountActor(principal, collection, snapshot),
    collection,
    count: objects.length,
    item: (i) => objects[i] ?? { pointer: '', message: 'is not there' },
  });
  routing.notify();
}
