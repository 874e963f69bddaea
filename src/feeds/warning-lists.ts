import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RE2JS } from 're2js';
import { urlOf } from '../kernel/url.ts';
import type { MemberInfo } from '../access/snapshot.ts';
import { parseNetwork, type Network } from '../kernel/address.ts';
import { NetworkTable } from '../kernel/network-table.ts';
import { packageRoot } from '../kernel/paths.ts';
import { giveTurn } from '../kernel/slices.ts';
import type { FeedDocument } from '../config/settings.ts';
import type { Observable } from '../stix/pattern/build.ts';
import type { Store } from '../store/store.ts';
import { feedErrors } from './errors.ts';
import { WARNING_LISTS, type KeptList, type ListAction, type ListFile } from './model.ts';

const folder = join(packageRoot, 'presets', 'warninglists');

/** A match of a value with a list. */
export interface ListHit {
  readonly list: string;
  readonly action: ListAction;
}

/**
 * Default actions, which a feed document can override. Public infrastructure that people need never becomes an
 * indicator (resolvers, top sites, certificate servers). Values that are only misleading get a label.
 */
const DEFAULTS: Readonly<Record<string, ListAction>> = {
  'public-dns-v4': 'drop',
  'public-dns-v6': 'drop',
  'cloudflare-top200': 'drop',
  'common-contact-emails': 'drop',
  'common-ioc-false-positive': 'drop',
  'crl-hostname': 'drop',
  'empty-hashes': 'drop',
  google: 'drop',
  'microsoft-office365': 'drop',
  'security-provider-blogpost': 'drop',
  tlds: 'drop',
  'update-servers': 'drop',
  'url-shortener': 'drop',
  multicast: 'drop',
  'ipv6-linklocal': 'drop',
  'censys-scanning': 'flag',
  cloudflare: 'flag',
  'dynamic-dns': 'flag',
  'file-sharing': 'flag',
  googlebot: 'flag',
  'parking-domain': 'flag',
  'paste-sites': 'flag',
  'shodan-scanning': 'flag',
  sinkholes: 'flag',
};

/**
 * The list of the members' networks and domains. Its values are never dropped, because members must hear of them. A
 * label separates them from values to block.
 */
const MEMBERS = 'member-network';

/** Lists that feeds of the hub maintain, by name. */
export type KeptLists = ReadonlyMap<string, KeptList>;

export async function keptLists(store: Pick<Store, 'record' | 'records'>): Promise<KeptLists> {
  const records = await WARNING_LISTS.in(store).list();
  return new Map(records.map(({ id, document }) => [id, document]));
}

/** How a list matches: it contains the value, or the value is a network that contains something on the list. */
type Match = 'contains' | 'within' | undefined;
type Matcher = (subject: Subject) => Match;

/** Returns a matcher from a test for values that the list contains. */
const containing =
  (test: (subject: Subject) => boolean): Matcher =>
  (subject) =>
    test(subject) ? 'contains' : undefined;

/** The compared parts of an observable: its text, and its network if it has one. */
interface Subject {
  readonly kind: 'network' | 'host' | 'text';
  readonly text: string;
  readonly network: Network | undefined;
  /** Its host and the domains above it. Each list compares them. */
  readonly names: readonly string[];
  /** It is only a part of the value, such as the host in the URL of a page. */
  readonly isPart: boolean;
}

const loaded = new Map<string, Matcher>();

/** Returns the names of the lists that ship with the hub. */
export function warningListNames(): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .toSorted();
}

interface ActiveList {
  readonly name: string;
  readonly action: ListAction;
  /** The document of the feed names the action. */
  readonly isChosen: boolean;
  readonly matches: Matcher;
}

/** Number of list entries that are prepared before other requests get their turn. */
const ENTRIES_AT_ONCE = 500;

/** Prepares the entries of a list in slices. The lists have more than 10,000 entries in total. */
async function preparedIn<T>(list: readonly string[], prepare: (text: string) => T): Promise<T[]> {
  const out: T[] = [];
  for (const text of list) {
    out.push(prepare(text));
    if (out.length % ENTRIES_AT_ONCE === 0) await giveTurn();
  }
  return out;
}

/** Lists of harmless values, with the action of a feed for each. */
export class WarningLists {
  readonly #lists: readonly ActiveList[];

  private constructor(lists: readonly ActiveList[]) {
    this.#lists = lists;
  }

  /** Prepares the lists of a document. Throws a Problem when the document names a list that does not exist. */
  static async load(
    document: Pick<FeedDocument, 'warninglists'>,
    members: Iterable<Pick<MemberInfo, 'networks' | 'domains'>>,
    kept: KeptLists = new Map(),
  ): Promise<WarningLists> {
    const actions: Record<string, ListAction> = {
      ...Object.fromEntries([...kept].map(([name, { action }]) => [name, action])),
      ...DEFAULTS,
      [MEMBERS]: 'flag',
    };
    const chosen = new Set<string>();
    for (const { list, action } of document.warninglists ?? []) {
      actions[list] = action ?? 'drop';
      chosen.add(list);
    }
    const lists: ActiveList[] = [];
    for (const [name, action] of Object.entries(actions)) {
      if (action === 'ignore') continue;
      const matches = await (name === MEMBERS ? ofMembers(members) : listOf(name, kept));
      lists.push({ name, action, isChosen: chosen.has(name), matches });
    }
    return new WarningLists(lists);
  }

  /** The number of lists. */
  get size(): number {
    return this.#lists.length;
  }

  /** Returns the lists that contain a value, a part of it, or something within it. */
  hits(observable: Observable): readonly ListHit[] {
    const subjects = subjectsOf(observable);
    const hits: ListHit[] = [];
    for (const list of this.#lists) {
      let action: ListAction | undefined;
      for (const subject of subjects) {
        const match = list.matches(subject);
        if (match === undefined) continue;
        const own = actionOf(list, subject, match);
        if (action === undefined || own === list.action) action = own;
      }
      if (action !== undefined) hits.push({ list: list.name, action });
    }
    return hits;
  }
}

/**
 * Returns the action for a match. A page on a large site may well be an attack, and a network may hold a resolver among
 * thousands of attackers. They are indicators with a label, unless the document of the feed says otherwise for pages.
 */
function actionOf({ name, action, isChosen }: ActiveList, { isPart }: Subject, match: Match): ListAction {
  const isMild = (match === 'within' || (isPart && !isChosen)) && name !== MEMBERS;
  return isMild && (action === 'drop' || action === 'observe') ? 'flag' : action;
}

async function listOf(name: string, kept: KeptLists): Promise<Matcher> {
  const own = kept.get(name);
  if (own !== undefined) return matcherOf(own);
  const known = loaded.get(name);
  if (known !== undefined) return known;
  if (!warningListNames().includes(name))
    throw feedErrors.warningListUnknown({
      name,
      lists: [...warningListNames(), ...kept.keys(), MEMBERS].join(', '),
    });
  const file = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as ListFile;
  const matcher = await matcherOf(file);
  loaded.set(name, matcher);
  return matcher;
}

function compiled(text: string): ReturnType<typeof RE2JS.compile> {
  const [, source = text, flags = ''] = /^\/(.*)\/([a-z]*)$/.exec(text) ?? [];
  return RE2JS.compile(source, flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0);
}

/** True for a regular expression that lists may use. RE2 must accept it, because RE2 takes linear time on any text. */
export function isPattern(text: string): boolean {
  try {
    compiled(text);
    return true;
  } catch {
    return false;
  }
}

async function matcherOf({ type, list }: ListFile): Promise<Matcher> {
  switch (type) {
    case 'cidr':
      return ofNetworks(
        (await preparedIn(list, (text) => parseNetwork(text.toLowerCase()))).filter(
          (network) => network !== undefined,
        ),
      );
    case 'regex': {
      const patterns = await preparedIn(list, compiled);
      return containing(({ text }) => patterns.some((pattern) => pattern.matcher(text).find()));
    }
    case 'substring': {
      const parts = await preparedIn(list, (text) => text.toLowerCase());
      return containing(({ text }) => parts.some((part) => text.includes(part)));
    }
    case 'hostname': {
      const names = new Set(await preparedIn(list, plainName));
      return containing(({ kind, names: own }) => kind === 'host' && own.some((name) => names.has(name)));
    }
    case 'string': {
      const texts = new Set(await preparedIn(list, (text) => text.toLowerCase()));
      // An entry that begins with a dot is a domain and everything below it.
      const below = new Set([...texts].filter((text) => text.startsWith('.')).map((text) => text.slice(1)));
      return containing(
        ({ kind, text, names }) =>
          texts.has(text) || (below.size > 0 && kind === 'host' && names.some((name) => below.has(name))),
      );
    }
  }
}

/** Matches networks that lie within a network of the list, and networks that contain one of the list. */
function ofNetworks(networks: readonly Network[]): Matcher {
  const table = new NetworkTable(networks);
  return ({ network }) => {
    const relation = network === undefined ? undefined : table.relation(network);
    return relation === undefined ? undefined : relation === 'within' ? 'contains' : 'within';
  };
}

async function ofMembers(members: Iterable<Pick<MemberInfo, 'networks' | 'domains'>>): Promise<Matcher> {
  const networks: Network[] = [];
  const names = new Set<string>();
  for (const member of members) {
    for (const network of await preparedIn(member.networks, parseNetwork))
      if (network !== undefined) networks.push(network);
    for (const domain of member.domains) names.add(plainName(domain));
  }
  const near = ofNetworks(networks);
  return (subject) =>
    near(subject) ??
    (subject.kind !== 'network' && subject.names.some((name) => names.has(name)) ? 'contains' : undefined);
}

/** Returns the host in a text. For an email address, the part after its last `@`. */
function hostOf(text: string): string {
  return text.slice(text.lastIndexOf('@') + 1);
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/^\.|\.$/g, '');
}

/** Returns a name and the domains above it. */
function parentsOf(name: string): readonly string[] {
  const names = [name];
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
    names.push(name.slice(dot + 1));
  return names;
}

function subjectsOf(observable: Observable): readonly Subject[] {
  switch (observable.type) {
    case 'ipv4-addr':
    case 'ipv6-addr':
    case 'network':
    case 'endpoint':
      return [hostSubject(observable.value, false)];
    case 'domain-name':
      return [
        hostSubject(observable.value, false),
        ...(observable.resolvesTo === undefined ? [] : [hostSubject(observable.resolvesTo.value, true)]),
      ];
    case 'url':
      return ofUrl(observable.value);
    case 'email-addr':
      return [textSubject(observable.value)];
    case 'file':
    case 'x509-certificate': {
      const [digest] = Object.values(observable.hashes);
      return digest === undefined ? [] : [textSubject(digest)];
    }
    default:
      return [];
  }
}

function hostSubject(text: string, isPart: boolean): Subject {
  const network = parseNetwork(text);
  if (network !== undefined) return { kind: 'network', text, network, names: [], isPart };
  return { kind: 'host', text, network, names: parentsOf(hostOf(text)), isPart };
}

function textSubject(text: string): Subject {
  const lower = text.toLowerCase();
  return { kind: 'text', text: lower, network: undefined, names: parentsOf(hostOf(lower)), isPart: false };
}

/** A URL without path and query counts as its host. */
function ofUrl(value: string): readonly Subject[] {
  const url = urlOf(value);
  if (url === undefined) return [];
  const { hostname, pathname, search } = url;
  const isHost = (pathname === '/' || pathname === '') && search === '';
  return [hostSubject(hostname.replace(/^\[|\]$/g, ''), !isHost)];
}
