import { isOwnVariable } from '../kernel/local-secrets.ts';
import { hasUserInfo, urlOf } from '../kernel/url.ts';
import type { Config } from './config.ts';
import { settingsErrors } from './errors.ts';

/** Names that the hub itself serves, so no API root can use them. */
const RESERVED = new Set([
  'api',
  'console',
  'docs',
  'lists',
  'taxii2',
  'healthz',
  'readyz',
  'metrics',
  'misp',
  'first',
  'answer',
  'assets',
  'status',
  'favicon.ico',
  'well-known',
]);
const ROLES = ['administrator', 'analyst', 'officer', 'machine'];
const OWN_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/** Checks what a schema cannot express: references between parts, and duplicates. */
export function checkConfig(config: Config): void {
  checkNames(config);
  checkIdentities(config);
  checkCollectionNames(config);
  checkReserved(config);
  checkReferences(config);
  checkProcess(config);
  checkUrls(config);
}

/** URLs of feeds are checked with their documents. */
function checkUrls({ hub, members, alarms, oidc }: Config): void {
  const urls: readonly (readonly [setting: string, url: string | undefined])[] = [
    ['hub.url', hub.url],
    ['alarms.webhook.url', alarms.webhook?.url],
    ['sign_in.oidc.issuer', oidc?.issuer],
    ...members.map(({ name, push }) => [`members.push.url of "${name}"`, push?.url] as const),
  ];
  const path = urlOf(hub.url)?.pathname ?? '/';
  if (path !== '/') throw settingsErrors.urlWithPath({ path });
  for (const [setting, url] of urls)
    if (hasUserInfo(url)) throw settingsErrors.secretInUrl({ setting, host: urlOf(url ?? '')?.host ?? '' });
}

function namesOf(things: readonly { readonly name: string }[]): readonly string[] {
  return things.map(({ name }) => name);
}

function demandOnce(what: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw settingsErrors.declaredTwice({ what, name });
    seen.add(name);
  }
}

function checkNames({ apiRoots, accounts, members, groups, feeds, rules }: Config): void {
  demandOnce(
    'The API root',
    apiRoots.map(({ path }) => path),
  );
  demandOnce('The account', namesOf(accounts));
  demandOnce('The member', namesOf(members));
  demandOnce('The group', namesOf(groups));
  demandOnce('The feed', namesOf(feeds));
  demandOnce('The rule', namesOf(rules));
}

function checkIdentities({ members }: Config): void {
  const holders = new Map<string, string>();
  for (const { name, identities = [] } of members)
    for (const identity of identities) {
      const first = holders.get(identity);
      if (first !== undefined && first !== name)
        throw settingsErrors.identityShared({ first, second: name, identity });
      holders.set(identity, name);
    }
}

function checkCollectionNames({ apiRoots, collections, members }: Config): void {
  const ownIds = members.flatMap(({ collection }) => (typeof collection === 'object' ? [collection.id] : []));
  demandOnce('The collection', [...collections.map(({ id }) => id), ...ownIds]);
  // The hub itself assigns the aliases of the members' own collections.
  const given = members.flatMap(({ name, collection, parent }) => [
    ...(collection === undefined || collection === false ? [] : [`member-${name}`]),
    ...(parent === undefined ? [] : [`clients-${parent}`]),
  ]);
  demandOnce('The alias', [
    ...collections.flatMap(({ alias, api_root }) => (alias === undefined ? [] : [`${api_root}/${alias}`])),
    ...[...new Set(given)].map((alias) => `${apiRoots[0]?.path ?? ''}/${alias}`),
  ]);
}

function checkReserved({ apiRoots, members, secretsAllowed }: Config): void {
  for (const name of secretsAllowed.env) if (isOwnVariable(name)) throw settingsErrors.secretOfHub({ name });
  for (const { path } of apiRoots)
    if (RESERVED.has(path))
      throw settingsErrors.apiRootReserved({ path, reserved: [...RESERVED].join(', ') });
  if (namesOf(members).includes('hub')) throw settingsErrors.memberReserved();
}

function demandKnown(where: string, what: string, name: string, list: readonly string[]): void {
  if (!list.includes(name))
    throw settingsErrors.notDeclared({ where, what, name, declared: list.join(', ') || 'none' });
}

function checkReferences({ apiRoots, accounts, collections, feeds, groups, members }: Config): void {
  const roots = apiRoots.map(({ path }) => path);
  const known = namesOf(members);
  const receivers: Readonly<Record<string, readonly string[]>> = {
    account: namesOf(accounts),
    member: [...known, 'hub'],
    group: namesOf(groups),
    role: ROLES,
  };
  for (const { title, api_root: root, grants = [] } of collections) {
    demandKnown(`The collection "${title}"`, 'API root', root, roots);
    for (const { to } of grants) {
      const [kind = '', name = ''] = to.split(':');
      const list = receivers[kind];
      if (list !== undefined) demandKnown(`A grant of "${title}"`, kind, name, list);
    }
  }
  for (const group of groups)
    for (const name of group.members ?? []) demandKnown(`The group "${group.name}"`, 'member', name, known);
  for (const { name, member } of accounts)
    if (member !== undefined) demandKnown(`The account "${name}"`, 'member', member, [...known, 'hub']);
  const aliases = collections.flatMap(({ id, alias }) => (alias === undefined ? [id] : [id, alias]));
  for (const { name, collection } of feeds)
    if (collection !== undefined) demandKnown(`The feed "${name}"`, 'collection', collection, aliases);
}

/** Checks what this process does and how it listens. */
function checkProcess({ mongodbUri, roles, listen, trustedProxies }: Config): void {
  if (mongodbUri === undefined && !(roles.web && roles.worker)) throw settingsErrors.storeNotShared();
  if (listen.clientCertificateHeader !== undefined && trustedProxies.length === 0)
    throw settingsErrors.proxiesMissing();
  const { host, behindProxy, tls } = listen;
  if (!OWN_HOSTS.has(host) && !behindProxy && tls === undefined)
    throw settingsErrors.listenWithoutTls({ host });
}
