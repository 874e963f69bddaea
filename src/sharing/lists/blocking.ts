import type { MemberInfo } from '../../access/snapshot.ts';
import { parseNetwork, specialNetworks } from '../../kernel/address.ts';
import { NetworkTable } from '../../kernel/network-table.ts';
import { urlOf } from '../../kernel/url.ts';
import { rangeOf, readableObserved, type ObservedValue } from '../../stix/values/observed-values.ts';
import { isPublicSuffix } from '../../stix/values/read-value.ts';
import { keepsOut, warningHits, type ValueLists } from '../publishing/value-guard.ts';
import type { SuppressedValues } from '../suppression/suppressed-values.ts';

/** Why a value is left out of a list. */
export const OMISSIONS = [
  'special-range',
  'prefix-too-short',
  'public-suffix',
  'special-domain',
  'protected',
  'warning-list',
  'suppressed',
  'policy',
  'format',
  'limit',
] as const;
export type Omission = (typeof OMISSIONS)[number];

/** Maximum number of values whose answers are remembered. They take about 15 MB. */
const MOST_KNOWN = 100_000;
/** The shortest prefixes that a list may block. */
const SHORTEST = { 4: 16, 6: 32 } as const;
/** The shortest prefixes that two people may approve. No mistake may block a larger part of the internet. */
const SHORTEST_APPROVED = { 4: 8, 6: 20 } as const;
/** Names that no public resolver answers for (RFC 6761, RFC 6762, RFC 8375), and names of home networks. */
const SPECIAL_TOPS: ReadonlySet<string> = new Set([
  'arpa',
  'example',
  'home',
  'internal',
  'invalid',
  'lan',
  'local',
  'localhost',
  'test',
]);
/** True for a network that is too large to be blocked without approval, and not too large to be approved. */
export function isApprovable({ type, value }: ObservedValue): boolean {
  if (type !== 'ipv4' && type !== 'ipv6') return false;
  const family = type === 'ipv4' ? 4 : 6;
  const network = { family, ...rangeOf(value), cleared: false } as const;
  const isBetween = network.prefix < SHORTEST[family] && network.prefix >= SHORTEST_APPROVED[family];
  return isBetween && new NetworkTable(specialNetworks()).relation(network) === undefined;
}

/** The systems of the hub itself, by the host of its public address. */
export type OwnHosts = readonly string[];

/**
 * Decides for a value whether a tool may block it, whoever reports it as malicious. A mistake or an attacker must not
 * make the members cut off themselves, the hub, or whole parts of the internet.
 */
export class BlockGuard {
  readonly #lists: ValueLists;
  readonly #own: OwnHosts;
  readonly #networks = new NetworkTable();
  readonly #special = new NetworkTable(specialNetworks());
  readonly #domains = new Set<string>();
  /** The answers about some values, because a list with many changes is made again and again. */
  readonly #known = new Map<string, Omission | undefined>();
  /** The domains above protected ones. A tool that blocks one of them blocks everything below it. */
  readonly #above = new Set<string>();

  constructor(lists: ValueLists, members: Iterable<Pick<MemberInfo, 'networks' | 'domains'>>, own: OwnHosts) {
    this.#lists = lists;
    this.#own = own;
    for (const { networks, domains } of members) this.#protect(networks, domains);
    const hosts = own.map((host) => host.replace(/^\[|\]$/g, ''));
    this.#protect(
      hosts.filter((host) => parseNetwork(host) !== undefined),
      hosts.filter((host) => host.includes('.') && parseNetwork(host) === undefined),
    );
  }

  /**
   * Returns the rules for what a member reports itself. They contain the claims of that member only. The claims of others
   * would show the member which of the values that it chose are in networks of members that it cannot see.
   */
  forReporter(member: Pick<MemberInfo, 'networks' | 'domains'>): BlockGuard {
    return new BlockGuard(this.#lists, [member], this.#own);
  }

  #protect(networks: readonly string[], domains: readonly string[]): void {
    for (const network of networks.flatMap((text) => parseNetwork(text) ?? [])) this.#networks.add(network);
    for (const domain of domains) {
      const name = domain.toLowerCase().replace(/^\.|\.$/g, '');
      this.#domains.add(name);
      for (const above of parentsOf(name).slice(1)) this.#above.add(above);
    }
  }

  /** Returns why a value must not be blocked. Undefined for a value that may be. */
  reason(observed: ObservedValue): Omission | undefined {
    const key = `${observed.type} ${observed.value}`;
    if (this.#known.has(key)) return this.#known.get(key);
    const reason = this.#reason(observed);
    if (this.#known.size < MOST_KNOWN) this.#known.set(key, reason);
    return reason;
  }

  /**
   * Returns why a network must not be blocked that people approved although it is too large. The approval changes nothing
   * about the networks of members and of the hub, and about warning lists.
   */
  reasonIfApproved({ type, value }: ObservedValue): Omission | undefined {
    const observed = { type, value };
    if (!isApprovable(observed) || (type !== 'ipv4' && type !== 'ipv6')) return this.reason(observed);
    const network = { family: type === 'ipv4' ? 4 : 6, ...rangeOf(value), cleared: false } as const;
    if (this.#networks.relation(network) !== undefined) return 'protected';
    return this.#listed(observed);
  }

  #reason(observed: ObservedValue): Omission | undefined {
    const value = readableObserved(observed);
    switch (observed.type) {
      case 'ipv4':
      case 'ipv6':
        return this.#ofNetwork(observed.type, observed.value) ?? this.#listed(observed);
      case 'domain':
        return this.#ofDomain(value, true) ?? this.#listed(observed);
      case 'url':
        return this.#ofUrl(value) ?? this.#listed(observed);
      case 'email':
        return this.#ofDomain(value.slice(value.lastIndexOf('@') + 1), false) ?? this.#listed(observed);
      case 'md5':
      case 'sha1':
      case 'sha256':
      case 'sha512':
      case 'certificate':
        return this.#listed(observed);
      case 'pattern':
        return 'format';
    }
  }

  #ofNetwork(type: 'ipv4' | 'ipv6', value: string): Omission | undefined {
    const family = type === 'ipv4' ? 4 : 6;
    const network = { family, ...rangeOf(value), cleared: false } as const;
    if (this.#special.relation(network) !== undefined) return 'special-range';
    if (network.prefix < SHORTEST[family]) return 'prefix-too-short';
    return this.#networks.relation(network) === undefined ? undefined : 'protected';
  }

  #ofDomain(name: string, isWhole: boolean): Omission | undefined {
    const parents = parentsOf(name);
    if (SPECIAL_TOPS.has(parents.at(-1) ?? '')) return 'special-domain';
    if (isWhole && isPublicSuffix(name)) return 'public-suffix';
    const isProtected =
      parents.some((parent) => this.#domains.has(parent)) || (isWhole && this.#above.has(name));
    return isProtected ? 'protected' : undefined;
  }

  #ofUrl(value: string): Omission | undefined {
    const host = urlOf(value)?.hostname.replace(/^\[|\]$/g, '') ?? '';
    const network = parseNetwork(host);
    if (network === undefined) return this.#ofDomain(host, false);
    if (this.#special.relation(network) !== undefined) return 'special-range';
    return this.#networks.relation(network) === undefined ? undefined : 'protected';
  }

  #listed(observed: ObservedValue): Omission | undefined {
    return warningHits(observed, this.#lists).some(keepsOut) ? 'warning-list' : undefined;
  }
}

/** A tool that alerts may alert about systems of members, and about networks of any size. */
const ALSO_NOT_DETECTED: ReadonlySet<Omission> = new Set(['special-range', 'warning-list', 'format']);

/** A member that reads values that it reports itself. */
export interface ListReader {
  readonly member: string;
  /** The rules for the values that the member reports. */
  readonly guard: BlockGuard;
}

/** The rules at one time by which values are judged. */
export interface GuardRules {
  readonly guard: BlockGuard;
  /** The member that reads the values, if they are selected for one member. */
  readonly reader?: ListReader | undefined;
  readonly suppressed: SuppressedValues;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The answer about a value, and when it changes over time (milliseconds since 1970). */
export interface Guarded {
  /** Undefined for a value that the tool may get. */
  readonly reason: Omission | undefined;
  readonly changesAt: number;
  readonly changedAt: number;
}

const ALWAYS = { changesAt: Infinity, changedAt: 0 } as const;
const PASSES: Guarded = { ...ALWAYS, reason: undefined };

/**
 * Returns why a tool must not get a value: the decisions of people come first, then the rules for tools that alert or
 * block. Lists and MISP feeds ask nothing else. `isOwn` is asked only where the answer depends on it: a value that the
 * reading member reports itself is left out only for reasons that the member may know.
 */
export function guarded(
  value: ObservedValue,
  acts: 'read' | 'detect' | 'block',
  isOwn: () => boolean,
  rules: GuardRules,
): Guarded {
  const { guard, reader, suppressed } = rules;
  if (suppressed.keepsOut(value, acts)) return { ...ALWAYS, reason: 'suppressed' };
  if (acts === 'read') return PASSES;
  let found = judged(value, guard, rules);
  if (found.reason === 'protected' && reader !== undefined && isOwn())
    found = judged(value, reader.guard, rules);
  const mayAlert = acts === 'detect' && found.reason !== undefined && !ALSO_NOT_DETECTED.has(found.reason);
  return mayAlert ? { ...found, reason: undefined } : found;
}

/** Asks the rules of a guard. A network that is too large passes while an approval of it is in force. */
function judged(value: ObservedValue, guard: BlockGuard, { suppressed, now }: GuardRules): Guarded {
  const reason = guard.reason(value);
  if (reason === undefined) return PASSES;
  const until = reason === 'prefix-too-short' ? suppressed.approved.until(value) : undefined;
  if (until === undefined) return { ...ALWAYS, reason };
  return until <= now
    ? { reason, changesAt: Infinity, changedAt: until }
    : { reason: guard.reasonIfApproved(value), changesAt: until, changedAt: 0 };
}

/** Returns a name and the domains above it. */
function parentsOf(name: string): readonly string[] {
  const names = [name];
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
    names.push(name.slice(dot + 1));
  return names;
}
