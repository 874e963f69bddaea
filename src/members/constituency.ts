import type { Delegation, MemberInfo, Snapshot } from '../access/snapshot.ts';
import { parseNetwork, type Network } from '../kernel/address.ts';
import { SHORTEST_BRAND, lettersOf, type Concern } from '../stix/observables.ts';

/** Explains why an object affects a member. */
export interface Match {
  readonly member: string;
  /** The claim that matched, for the question "why did we get this?". */
  readonly claim: string;
  readonly strength: 'strong' | 'weak';
  /**
   * How the object relates to the member: it is in the member's own constituency, it abuses a brand of the member, or
   * another member has the closer claim and this member receives a copy.
   */
  readonly role: 'own' | 'brand' | 'copy';
}

interface Claim {
  readonly network: Network;
  readonly member: string;
  readonly text: string;
  /** The member wants copies of objects for which others have a closer claim. */
  readonly copies: boolean;
}

/** A brand name that phishing uses, as a separate word or as part of a longer one. */
interface Brand {
  readonly member: string;
  readonly brand: string;
}

/** A first address. Those of IPv4 are plain numbers, because there are hundreds of thousands of lookups per second. */
type Start = number | bigint;

/** The claims whose prefixes have one length. */
interface Level {
  readonly length: number;
  /** By the first bits of the address. */
  readonly table: Map<Start, Claim[]>;
}

/** Claims of one address family: a map per prefix length, searched from the longest to the shortest prefix. */
class PrefixTable {
  readonly #bits: number;
  #levels: Level[] = [];
  /** In the order of their first addresses. They are sorted when they are first needed. */
  #sorted: Claim[] = [];
  /** The first addresses of these claims. */
  #starts: Start[] = [];
  #isSorted = true;

  constructor(bits: 32 | 128) {
    this.#bits = bits;
  }

  add(claim: Claim): void {
    const { prefix: length } = claim.network;
    let level = this.#levels.find((one) => one.length === length);
    if (level === undefined) {
      level = { length, table: new Map() };
      this.#levels = [...this.#levels, level].toSorted((a, b) => b.length - a.length);
    }
    const key = this.#key(this.#start(claim.network), length);
    const present = level.table.get(key);
    if (present === undefined) level.table.set(key, [claim]);
    else present.push(claim);
    this.#sorted.push(claim);
    this.#isSorted = false;
  }

  #start({ base }: Network): Start {
    return this.#bits === 32 ? Number(base) : base;
  }

  #key(start: Start, length: number): Start {
    return typeof start === 'number'
      ? Math.floor(start / 2 ** (32 - length))
      : start >> BigInt(this.#bits - length);
  }

  /**
   * Returns the claims with the longest prefix that contains the whole network. If several claims are equal, returns
   * all of them.
   */
  holding(network: Network): readonly Claim[] {
    const start = this.#start(network);
    for (const { length, table } of this.#levels) {
      if (length > network.prefix) continue;
      const found = table.get(this.#key(start, length));
      if (found !== undefined) return found;
    }
    return [];
  }

  /** Returns claims that contain the network and are wider than the nearest claim, if their members want copies. */
  around(network: Network, nearest: number): readonly Claim[] {
    const start = this.#start(network);
    const found: Claim[] = [];
    for (const { length, table } of this.#levels)
      if (length < nearest)
        for (const claim of table.get(this.#key(start, length)) ?? []) if (claim.copies) found.push(claim);
    return found;
  }

  /** Returns claims inside a wider network: a listed /16 affects a member that claims a /24 in it. */
  inside(network: Network): readonly Claim[] {
    if (!this.#isSorted) {
      this.#sorted.sort((a, b) =>
        a.network.base < b.network.base ? -1 : a.network.base > b.network.base ? 1 : 0,
      );
      this.#starts = this.#sorted.map((claim) => this.#start(claim.network));
      this.#isSorted = true;
    }
    const start = this.#start(network);
    const end =
      typeof start === 'number'
        ? start + 2 ** (32 - network.prefix)
        : start + (1n << BigInt(this.#bits - network.prefix));
    const found: Claim[] = [];
    for (let i = this.#from(start); i < this.#sorted.length; i++) {
      const claim = this.#sorted[i];
      if (claim === undefined || (this.#starts[i] ?? end) >= end) break;
      if (claim.network.prefix > network.prefix) found.push(claim);
    }
    return found;
  }

  /** Returns the index of the first claim whose first address is `start` or later. */
  #from(start: Start): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The constituency of the delegations and members of a snapshot. The next snapshot often has the same ones. */
const MADE = new WeakMap<
  Snapshot['members'],
  { readonly delegations: object; readonly made: Constituency }
>();

/**
 * Determines which members something affects: by the longest network or domain suffix that a member claims, then by AS
 * numbers, then by what registries have delegated to countries, then by countries and sectors. It is built from the
 * active members and is immutable.
 */
export class Constituency {
  readonly #v4 = new PrefixTable(32);
  readonly #v6 = new PrefixTable(128);
  readonly #domains = new Map<string, string[]>();
  /** Members that want copies. If there are none, the search for copies is skipped. */
  readonly #copying = new Set<string>();
  readonly #brands: Brand[] = [];
  readonly #sectors = new Map<string, string[]>();
  readonly #asns = new Map<number, string[]>();
  /** Registry delegations: networks by country. The `member` of these claims is the country. */
  readonly #delegated4 = new PrefixTable(32);
  readonly #delegated6 = new PrefixTable(128);
  readonly #delegatedAsns = new Map<number, string>();
  readonly #countries = new Map<string, string[]>();

  /**
   * Returns the constituency for a snapshot of the access records. It is built again only if members, their claims or
   * delegations have changed.
   */
  static of({
    members,
    delegations,
    damage,
  }: Pick<Snapshot, 'members' | 'delegations' | 'damage'>): Constituency {
    // The claims of a damaged record are unknown. Another member could seem to be the nearest one, so nobody is.
    if (!damage.isConstituencyKnown) return new Constituency([]);
    const found = MADE.get(members);
    if (found?.delegations === delegations) return found.made;
    const made = new Constituency(members.values(), delegations);
    MADE.set(members, { delegations, made });
    return made;
  }

  constructor(members: Iterable<MemberInfo>, delegations: readonly Delegation[] = []) {
    for (const { country, networks, asns } of delegations) {
      for (const textual of networks) {
        const network = parseNetwork(textual);
        if (network !== undefined)
          (network.family === 4 ? this.#delegated4 : this.#delegated6).add({
            network,
            member: country,
            text: textual,
            copies: false,
          });
      }
      for (const asn of asns) this.#delegatedAsns.set(asn, country);
    }
    for (const member of members) {
      if (!member.active) continue;
      if (member.copies) this.#copying.add(member.name);
      for (const textual of member.networks) {
        const network = parseNetwork(textual);
        if (network !== undefined)
          (network.family === 4 ? this.#v4 : this.#v6).add({
            network,
            member: member.name,
            text: textual,
            copies: member.copies,
          });
      }
      for (const domain of member.domains)
        push(this.#domains, domain.toLowerCase().replace(/\.$/, ''), member.name);
      for (const asn of member.asns) push(this.#asns, asn, member.name);
      for (const country of member.countries) push(this.#countries, country, member.name);
      for (const sector of member.sectors) push(this.#sectors, sector.toLowerCase(), member.name);
      for (const name of member.brands) {
        // Compared without separators. A name such as "----" then becomes empty and would match everything, so it is
        // skipped.
        const brand = lettersOf(name);
        if (brand.length >= SHORTEST_BRAND) this.#brands.push({ member: member.name, brand });
      }
    }
  }

  /**
   * Returns the members that an object with these concerns affects, each once, by its nearest claim. Claims of
   * networks, domains and brands come first. AS numbers, then registry delegations, then countries and sectors count
   * only if nothing more specific matches.
   */
  match(concerns: readonly Concern[]): readonly Match[] {
    const strong: Match[] = [];
    for (const concern of concerns) {
      if (concern.kind === 'network') strong.push(...this.#ofNetwork(concern.network));
      else if (concern.kind === 'domain') strong.push(...this.#ofDomain(concern.name));
      else if (concern.kind === 'lure' && this.#brands.length > 0) strong.push(...this.#ofLure(concern.text));
    }
    if (strong.length > 0) return once(strong);
    const byAs = concerns.flatMap((concern) =>
      concern.kind === 'asn' ? matches(this.#asns.get(concern.number), `AS${concern.number}`, 'strong') : [],
    );
    if (byAs.length > 0) return once(byAs);
    const delegated = concerns.flatMap((concern) => this.#ofDelegations(concern));
    if (delegated.length > 0) return once(delegated);
    return once(
      concerns.flatMap((concern) => {
        if (concern.kind === 'country')
          return matches(this.#countries.get(concern.code), concern.code, 'weak');
        if (concern.kind === 'sector')
          return matches(this.#sectors.get(concern.name), `sector ${concern.name}`, 'weak');
        return [];
      }),
    );
  }

  /**
   * Returns the members that hold a network or domain: those whose nearest claim contains all of it. Delegations of
   * registries, countries and AS numbers do not make anybody the holder of an address.
   */
  holders(concern: Extract<Concern, { kind: 'network' | 'domain' }>): readonly string[] {
    if (concern.kind === 'domain')
      return this.#ofDomain(concern.name)
        .filter(({ role }) => role === 'own')
        .map(({ member }) => member);
    const table = concern.network.family === 4 ? this.#v4 : this.#v6;
    return [...new Set(table.holding(concern.network).map(({ member }) => member))];
  }

  /**
   * A network or AS number that a registry delegated to a country affects the members for that country, if no member
   * claims it.
   */
  #ofDelegations(concern: Concern): readonly Match[] {
    if (concern.kind === 'asn') {
      const country = this.#delegatedAsns.get(concern.number);
      return country === undefined
        ? []
        : matches(this.#countries.get(country), `AS${concern.number}, delegated to ${country}`, 'strong');
    }
    if (concern.kind !== 'network') return [];
    const table = concern.network.family === 4 ? this.#delegated4 : this.#delegated6;
    return table
      .holding(concern.network)
      .flatMap(({ member: country, text }) =>
        matches(this.#countries.get(country), `${text}, delegated to ${country}`, 'strong'),
      );
  }

  #ofNetwork(network: Network): readonly Match[] {
    const table = network.family === 4 ? this.#v4 : this.#v6;
    const full = network.prefix === (network.family === 4 ? 32 : 128);
    const nearest = table.holding(network);
    const claims = full ? nearest : [...nearest, ...table.inside(network)];
    const own = claims.map(({ member, text }): Match => ({
      member,
      claim: text,
      strength: 'strong',
      role: 'own',
    }));
    if (this.#copying.size === 0 || claims.length === 0) return own;
    const copies = table.around(network, nearest[0]?.network.prefix ?? network.prefix + 1);
    return [
      ...own,
      ...copies.map(({ member, text }): Match => ({ member, claim: text, strength: 'strong', role: 'copy' })),
    ];
  }

  #ofDomain(name: string): readonly Match[] {
    const found: Match[] = [];
    for (let rest = name; rest !== '';) {
      for (const member of this.#domains.get(rest) ?? []) {
        if (found.length === 0 || found[0]?.claim === rest)
          found.push({ member, claim: rest, strength: 'strong', role: 'own' });
        else if (this.#copying.has(member))
          found.push({ member, claim: rest, strength: 'strong', role: 'copy' });
      }
      if (found.length > 0 && this.#copying.size === 0) break;
      const dot = rest.indexOf('.');
      rest = dot < 0 ? '' : rest.slice(dot + 1);
    }
    return found;
  }

  /** Returns members whose brand occurs in the address of a phishing page, with or without hyphens and dots. */
  #ofLure(text: string): readonly Match[] {
    const plain = lettersOf(text);
    return this.#brands
      .filter(({ brand }) => plain.includes(brand))
      .map(({ member, brand }) => ({ member, claim: `brand ${brand}`, strength: 'strong', role: 'brand' }));
  }
}

function matches(
  members: readonly string[] | undefined,
  claim: string,
  strength: Match['strength'],
): readonly Match[] {
  return (members ?? []).map((member) => ({ member, claim, strength, role: 'own' }));
}

function push<K>(map: Map<K, string[]>, key: K, value: string): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function once(matches: readonly Match[]): readonly Match[] {
  const seen = new Set<string>();
  return matches.filter(({ member }) => !seen.has(member) && seen.add(member));
}
