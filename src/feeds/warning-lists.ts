import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isIP } from 'node:net';
import { RE2JS } from 're2js';
import type { MemberInfo } from '../access/snapshot.ts';
import { parseNetwork, type Network } from '../kernel/address.ts';
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
  'url-shortener': 'drop',
  multicast: 'drop',
  'ipv6-linklocal': 'drop',
  'censys-scanning': 'flag',
  cloudflare: 'flag',
  googlebot: 'flag',
  'parking-domain': 'flag',
  'shodan-scanning': 'flag',
  sinkholes: 'flag',
};

/**
 * The list of the members' networks and domains. Its values are never dropped, because members must hear of them. A
 * label separates them from values to block.
 */
export const MEMBERS = 'member-network';

/** Lists that feeds of the hub maintain, by name. */
export type KeptLists = ReadonlyMap<string, KeptList>;

export async function keptLists(store: Pick<Store, 'record' | 'records'>): Promise<KeptLists> {
  const records = await WARNING_LISTS.in(store).list();
  return new Map(records.map(({ id, document }) => [id, document]));
}

type Matcher = (subject: Subject) => boolean;

/** What is compared of an observable: its text, and its network if it has one. */
interface Subject {
  readonly kind: 'network' | 'host' | 'text';
  readonly text: string;
  readonly network: Network | undefined;
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
    members: Iterable<MemberInfo>,
    kept: KeptLists = new Map(),
  ): Promise<WarningLists> {
    const actions: Record<string, ListAction> = {
      ...Object.fromEntries([...kept].map(([name, { action }]) => [name, action])),
      ...DEFAULTS,
      [MEMBERS]: 'flag',
    };
    for (const { list, action } of document.warninglists ?? []) actions[list] = action ?? 'drop';
    const lists: ActiveList[] = [];
    for (const [name, action] of Object.entries(actions)) {
      if (action === 'ignore') continue;
      const matches = await (name === MEMBERS ? ofMembers(members) : listOf(name, kept));
      lists.push({ name, action, matches });
    }
    return new WarningLists(lists);
  }

  /** Returns the lists that contain a value. */
  hits(observable: Observable): readonly ListHit[] {
    const subject = subjectOf(observable);
    return subject === undefined
      ? []
      : this.#lists
          .filter(({ matches }) => matches(subject))
          .map(({ name, action }) => ({ list: name, action }));
  }
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
      return ({ text }) => patterns.some((pattern) => pattern.matcher(text).find());
    }
    case 'substring': {
      const parts = await preparedIn(list, (text) => text.toLowerCase());
      return ({ text }) => parts.some((part) => text.includes(part));
    }
    case 'hostname': {
      const names = new Set(await preparedIn(list, plainName));
      return ({ kind, text }) => kind === 'host' && parentsOf(text).some((name) => names.has(name));
    }
    case 'string': {
      const texts = new Set(await preparedIn(list, (text) => text.toLowerCase()));
      // An entry that begins with a dot is a domain and everything below it.
      return ({ kind, text }) =>
        texts.has(text) || (kind === 'host' && parentsOf(text).some((name) => texts.has(`.${name}`)));
    }
  }
}

/**
 * Matches a network that lies within a network of the list. `ofMembers` also matches networks that contain one of the
 * list.
 */
function ofNetworks(networks: readonly Network[]): Matcher {
  const byLength = new Map<string, Set<bigint>>();
  for (const { family, prefix, base } of networks) {
    const key = `${family}/${prefix}`;
    const bases = byLength.get(key) ?? new Set<bigint>();
    byLength.set(key, bases.add(base));
  }
  const lengths = [...byLength].map(([key, bases]) => {
    const [family, prefix] = key.split('/').map(Number);
    return { family, prefix: prefix ?? 0, bases };
  });
  return ({ network }) =>
    network !== undefined &&
    lengths.some(({ family, prefix, bases }) => {
      if (family !== network.family || prefix > network.prefix) return false;
      const shift = BigInt((network.family === 4 ? 32 : 128) - prefix);
      return bases.has((network.base >> shift) << shift);
    });
}

async function ofMembers(members: Iterable<MemberInfo>): Promise<Matcher> {
  const networks: Network[] = [];
  const names = new Set<string>();
  for (const member of members) {
    for (const network of await preparedIn(member.networks, parseNetwork))
      if (network !== undefined) networks.push(network);
    for (const domain of member.domains) names.add(plainName(domain));
  }
  const within = ofNetworks(networks);
  return (subject) =>
    within(subject) ||
    (subject.network !== undefined && networks.some((own) => holds(subject.network, own))) ||
    (subject.kind === 'host' && names.has(subject.text));
}

function holds(wide: Network | undefined, narrow: Network): boolean {
  if (wide === undefined || wide.family !== narrow.family || wide.prefix > narrow.prefix) return false;
  const shift = BigInt((wide.family === 4 ? 32 : 128) - wide.prefix);
  return (narrow.base >> shift) << shift === wide.base;
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/^\.|\.$/g, '');
}

/** Returns a name and the domains above it. */
function parentsOf(name: string): readonly string[] {
  const labels = name.split('.');
  return labels.map((_label, i) => labels.slice(i).join('.'));
}

function subjectOf(observable: Observable): Subject | undefined {
  switch (observable.type) {
    case 'ipv4-addr':
    case 'ipv6-addr':
    case 'network':
    case 'endpoint': {
      const text = observable.value;
      return { kind: 'network', text, network: parseNetwork(text) };
    }
    case 'domain-name':
      return { kind: 'host', text: observable.value, network: undefined };
    case 'url':
      return ofUrl(observable.value);
    case 'email-addr':
      return { kind: 'text', text: observable.value.toLowerCase(), network: undefined };
    case 'file':
    case 'x509-certificate': {
      const [digest] = Object.values(observable.hashes);
      return digest === undefined
        ? undefined
        : { kind: 'text', text: digest.toLowerCase(), network: undefined };
    }
    default:
      return undefined;
  }
}

/** A URL counts as its host only when it has no path and no query. A page on a large site may well be an attack. */
function ofUrl(value: string): Subject | undefined {
  if (!URL.canParse(value)) return undefined;
  const { hostname, pathname, search } = new URL(value);
  if ((pathname !== '/' && pathname !== '') || search !== '') return undefined;
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0
    ? { kind: 'host', text: host, network: undefined }
    : { kind: 'network', text: host, network: parseNetwork(host) };
}
