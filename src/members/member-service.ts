import type { Ids } from '../kernel/ids.ts';
import { networkText, parseNetwork } from '../kernel/address.ts';
import type { Clock } from '../kernel/clock.ts';
import { Problem } from '../kernel/problem.ts';
import { SHORTEST_BRAND, lettersOf } from '../stix/observables.ts';
import { withoutFields, type Stored } from '../store/records.ts';
import { ID_WAS_USED, type RecordChange, type Store } from '../store/store.ts';
import type { Audit } from '../access/audit/audit.ts';
import type { Directory } from '../access/directory.ts';
import { clientsRecords, ownRecords, type MemberCollection } from './member-collections.ts';
import { demandLasting } from '../access/keys/limits.ts';
import { can } from '../access/rights.ts';
import { nextEpoch } from '../access/accounts/account-records.ts';
import { principalName, readingBack, type Principal } from '../access/principal.ts';
import {
  CLAIMS,
  memberIdentityId,
  MEMBERS,
  type MEMBER_KINDS,
  type ClaimRecord,
  type ClaimType,
  type MemberRecord,
} from '../access/member-model.ts';
import { COLLECTIONS, GRANTS } from '../access/model.ts';
import type { MemberInfo, Snapshot } from '../access/snapshot.ts';
import { VisibleNames, suggest } from '../access/visible-names.ts';
import { demandManaged, managedBy } from '../access/managed.ts';
import { memberErrors } from './errors.ts';
import { accessErrors } from '../access/errors.ts';

/** The properties of a member to set or change. */
export interface MemberChange {
  readonly title?: string;
  readonly kind?: (typeof MEMBER_KINDS)[number];
  /** Only active members read, write and receive. */
  readonly status?: 'active' | 'paused' | 'former';
  readonly identities?: readonly string[];
  readonly countries?: readonly string[];
  readonly asns?: readonly number[];
  readonly networks?: readonly string[];
  readonly domains?: readonly string[];
  readonly sectors?: readonly string[];
  readonly brands?: readonly string[];
  /** The member whose client this member is. `null` means that it is nobody's client. */
  readonly parent?: string | null;
  /** The member wants a copy of objects that affect its clients, or organisations inside its networks and domains. */
  readonly copies?: boolean;
  readonly objects_per_day?: number;
}

export interface MemberRequest extends MemberChange {
  readonly name: string;
  /** The member gets its own collection, in which the hub places objects that affect it. The default is true. */
  readonly collection?: boolean;
}

/** A member as permitted callers see it, with its verified claims. */
export interface MemberListed extends MemberInfo {
  readonly kind: string | undefined;
  readonly status: string;
  readonly groups: readonly string[];
  /** `file` when the settings file declares the member. It can then be changed only there. */
  readonly managed: string;
  readonly revision: number;
}

/** A claim of a member. Only verified claims affect routing. */
export interface ClaimRequest {
  readonly type: ClaimType;
  readonly value: string;
  /** Why the claim is true, such as a registration, a letter or a DNS record. */
  readonly evidence?: string;
  /** The time at which the claim ends, in RFC 3339 format. */
  readonly until?: string;
}

export interface Claim extends ClaimRequest {
  readonly id: string;
  readonly member: string;
  readonly state: 'claimed' | 'verified' | 'rejected' | 'expired';
  readonly by: string;
  readonly at: string;
  readonly decided_by?: string;
  readonly note?: string;
  /** Other members whose claims are the same, contain this one, or are contained in it. */
  readonly overlaps: readonly { readonly member: string; readonly claim: string }[];
}

const WIDEST = { 4: 8, 6: 16 } as const;
const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}$/;
const SECTOR = /^[a-z][a-z0-9-]{1,79}$/;
const MOST_CLAIMS = 1_000;
const RESERVED = new Set(['hub', 'public', 'operator', 'settings']);

/** Members and their claims. */
export class MemberService {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #ids: Ids;
  readonly #clock: Clock;
  readonly #audit: Audit;

  constructor(store: Store, directory: Directory, ids: Ids, clock: Clock, audit: Audit) {
    this.#store = store;
    this.#directory = directory;
    this.#ids = ids;
    this.#clock = clock;
    this.#audit = audit;
  }

  /** Returns the members that the caller may see, sorted by name. */
  async list(actor: Principal): Promise<readonly MemberListed[]> {
    const directory = await this.#directory.current();
    return (await MEMBERS.all(this.#store)).flatMap((record) => {
      const member = directory.members.get(record.id);
      return member === undefined || !can(actor, 'member.read', { kind: 'member', name: record.id })
        ? []
        : [listed(member, record, directory)];
    });
  }

  async get(actor: Principal, name: string): Promise<MemberListed> {
    const found = (await this.list(actor)).find((member) => member.name === name);
    if (found === undefined) throw noMember();
    return found;
  }

  async add(actor: Principal, { name, collection, ...request }: MemberRequest): Promise<MemberListed> {
    this.#demand(actor);
    demandLasting(actor, 'member.create');
    const directory = await this.#directory.refresh();
    if (RESERVED.has(name)) throw memberErrors.nameReserved({ name });
    if (await MEMBERS.in(this.#store).get(name)) throw memberErrors.exists({ name });
    if (await this.#store.wasRemoved('member', name)) throw nameWasUsed(name);
    demandFreeIdentities(directory, name, request.identities);
    const root = [...directory.apiRoots.keys()][0];
    const own = collection === false || root === undefined ? undefined : this.#ids.uuid();
    const records: RecordChange[] = [
      ...(await this.#clientsOf(actor, request.parent ?? undefined, name, directory)),
      {
        ...MEMBERS.insert(name, {
          ...checked(request),
          ...(own === undefined ? {} : { collection: own }),
          managed: 'hub',
        }),
        // Objects, claims and grants of a removed member refer to its name, so the name stays with that member.
        neverBefore: true,
      },
    ];
    if (own !== undefined) {
      const isClient = request.parent !== undefined && request.parent !== null;
      records.push(...made(ownRecords(own, { name, title: request.title ?? name }, root, isClient)));
    }
    await this.#store
      .commit({
        records,
        facts: [this.#audit.fact(actor, 'member.add', `member/${name}`, { member: name })],
      })
      .catch((error: unknown) => {
        throw error instanceof Problem && error.code === ID_WAS_USED ? nameWasUsed(name) : error;
      });
    await this.#directory.refresh();
    return this.get(readingBack(actor), name);
  }

  /**
   * Changes a member. A member that is no longer active loses access immediately in this process and within seconds in
   * all others.
   */
  async change(
    actor: Principal,
    name: string,
    change: MemberChange,
    revision?: number,
  ): Promise<MemberListed> {
    this.#demand(actor);
    if (widens(change)) demandLasting(actor, 'member.change');
    const record = await this.#own(name);
    if (revision !== undefined && revision !== record.revision) throw memberErrors.changedMeanwhile();
    const directory = await this.#directory.refresh();
    if (change.identities !== undefined) demandFreeIdentities(directory, name, change.identities);
    // Sessions that end when a member is paused stay ended when the member is active again.
    const isChanged = change.status !== undefined && change.status !== (record.document.status ?? 'active');
    await this.#store.commit({
      records: [
        ...(await this.#clientsOf(actor, change.parent ?? undefined, name, directory)),
        ...(change.parent === undefined ? [] : await this.#ceiling(record, change.parent !== null)),
        MEMBERS.change(
          record,
          withoutNull({
            ...record.document,
            ...checked(change),
            ...(isChanged ? { epoch: nextEpoch(record.document) } : {}),
          }),
        ),
      ],
      facts: [
        this.#audit.fact(actor, 'member.change', `member/${name}`, {
          member: name,
          details: {
            changed: Object.keys(change),
            ...(change.status === undefined ? {} : { status: change.status }),
          },
        }),
      ],
    });
    await this.#directory.refresh();
    return this.get(readingBack(actor), name);
  }

  /** Adds the collection for the clients of a member, if the member has none yet. */
  async #clientsOf(
    actor: Principal,
    parent: string | undefined,
    client: string,
    directory: Snapshot,
  ): Promise<readonly RecordChange[]> {
    if (parent === undefined) return [];
    const known = directory.members.get(parent);
    if (known === undefined || parent === 'hub') {
      const near = suggest(VisibleNames.of(directory, actor), 'member', parent);
      throw memberErrors.parentNotFound(
        { parent },
        {
          hint:
            near === undefined ? 'To list the members, run: talanoa member list' : `Did you mean "${near}"?`,
        },
      );
    }
    const chain = [client];
    for (
      let next: string | undefined = parent;
      next !== undefined;
      next = directory.members.get(next)?.parent
    ) {
      if (chain.includes(next))
        throw memberErrors.circular({ chain: [...chain, next].join(', a client of ') });
      chain.push(next);
    }
    const record = await MEMBERS.in(this.#store).get(parent);
    const root = [...directory.apiRoots.keys()][0];
    if (record === undefined || known.clients !== undefined || root === undefined) return [];
    const id = this.#ids.uuid();
    return [
      ...made(clientsRecords(id, known, root)),
      MEMBERS.change(record, { ...record.document, clients: id }),
    ];
  }

  /**
   * Returns the changes of the member's own collection when it becomes a client or stops being one. Clients may have
   * nothing stricter than AMBER. A new client cannot read its own collection until the stricter objects are removed
   * from it.
   */
  async #ceiling({ document }: Stored<MemberRecord>, isClient: boolean): Promise<readonly RecordChange[]> {
    const own = document.collection;
    const record = own === undefined ? undefined : await COLLECTIONS.in(this.#store).get(own);
    if (record?.document.own_of === undefined) return [];
    const { tallest, ...rest } = record.document;
    return [
      COLLECTIONS.change(
        record,
        isClient
          ? { ...rest, max_tlp: 'amber', tallest: tallest ?? rest.max_tlp ?? 'amber+strict' }
          : { ...rest, max_tlp: 'amber+strict' },
      ),
    ];
  }

  /** Returns the claims that the caller may see, newest first. */
  async claims(actor: Principal, member?: string): Promise<readonly Claim[]> {
    const directory = await this.#directory.current();
    const newest = { newestFirst: true, limit: MOST_CLAIMS };
    const wanted = member ?? (actor.kind === 'account' ? actor.member : undefined);
    // Claims of the requested member are read separately, so that the claims of others cannot crowd them out.
    const lists = await Promise.all([
      CLAIMS.in(this.#store).list(newest),
      wanted === undefined ? [] : CLAIMS.in(this.#store).by('member', wanted, newest),
    ]);
    return [...new Map(lists.flat().map((record) => [record.id, record])).values()]
      .map((record) => claimOf(record, directory, VisibleNames.of(directory, actor), this.#clock.now()))
      .filter((claim) => member === undefined || claim.member === member)
      .filter(({ member: of }) => can(actor, 'member.read', { kind: 'member', name: of }));
  }

  /**
   * Adds a claim of a member. An administrator of the hub must decide about it. A claim that the administrator adds is
   * verified at once.
   */
  async claim(actor: Principal, member: string, request: ClaimRequest): Promise<Claim> {
    const isDeciding = can(actor, 'hub.write', { kind: 'hub' });
    if (!can(actor, 'member.claim', { kind: 'member', name: member }))
      throw can(actor, 'member.read', { kind: 'member', name: member })
        ? accessErrors.notPermitted({ action: 'claim anything for this member' })
        : noMember();
    if (isDeciding) demandLasting(actor, 'claim.verify');
    const directory = await this.#directory.refresh();
    if (!directory.members.has(member) || member === 'hub') throw noMember();
    const value = claimValue(request);
    const id = this.#ids.uuid();
    const document: ClaimRecord = {
      member,
      type: request.type,
      value,
      ...(request.evidence === undefined ? {} : { evidence: request.evidence }),
      ...(request.until === undefined ? {} : { until: request.until }),
      state: isDeciding ? 'verified' : 'claimed',
      by: principalName(actor),
      at: new Date(this.#clock.now()).toISOString(),
      ...(isDeciding ? { decided_by: principalName(actor) } : {}),
    };
    await this.#store.commit({
      records: [CLAIMS.insert(id, document)],
      facts: [
        this.#audit.fact(actor, 'member.claim', `claim/${id}`, {
          member,
          details: { type: request.type, value, state: document.state },
        }),
      ],
    });
    return this.#claim(actor, id);
  }

  /** Verifies or rejects a claim. Verified claims affect routing from now on, and rejected claims no longer do. */
  async decide(
    actor: Principal,
    id: string,
    verdict: 'verified' | 'rejected',
    note?: string,
  ): Promise<Claim> {
    this.#demand(actor);
    if (verdict === 'verified') demandLasting(actor, 'claim.verify');
    const record = await CLAIMS.in(this.#store).get(id);
    if (record === undefined) throw memberErrors.claimNotFound();
    await this.#store.commit({
      records: [
        CLAIMS.change(record, {
          ...record.document,
          state: verdict,
          decided_by: principalName(actor),
          ...(note === undefined ? {} : { note }),
        }),
      ],
      facts: [
        this.#audit.fact(actor, `claim.${verdict === 'verified' ? 'verify' : 'reject'}`, `claim/${id}`, {
          member: record.document.member,
          details: {
            type: record.document.type,
            value: record.document.value,
            ...(note === undefined ? {} : { note }),
          },
        }),
      ],
    });
    return this.#claim(actor, id);
  }

  async #claim(actor: Principal, id: string): Promise<Claim> {
    const directory = await this.#directory.refresh();
    const record = await CLAIMS.in(this.#store).get(id);
    if (record === undefined) throw new Error('a claim that was just written is not there');
    return claimOf(record, directory, VisibleNames.of(directory, actor), this.#clock.now());
  }

  #demand(actor: Principal): void {
    if (!can(actor, 'hub.write', { kind: 'hub' }))
      throw accessErrors.notPermitted({ action: 'manage members' });
  }

  /** Returns the record of a member that the settings file does not declare. Throws otherwise. */
  async #own(name: string): Promise<Stored<MemberRecord>> {
    const record = await MEMBERS.in(this.#store).get(name);
    if (record === undefined) throw noMember();
    demandManaged(record, `The member "${name}"`, 'Claims are added here: talanoa member claim.');
    return record;
  }
}

/** The properties of a member that do not affect what it receives or in whose name it submits. */
const HARMLESS = new Set<string>(['title', 'kind', 'status'] satisfies (keyof MemberChange)[]);

/** True for a change after which a member may receive or submit more than before. */
function widens(change: MemberChange): boolean {
  return change.status === 'active' || Object.keys(change).some((name) => !HARMLESS.has(name));
}

/** Returns the changes that create records which the hub itself manages. */
function made({ id, collection, grants }: MemberCollection): readonly RecordChange[] {
  return [
    COLLECTIONS.insert(id, { ...collection, managed: 'hub' }),
    ...[...grants].map(([grant, document]) => GRANTS.insert(grant, { ...document, managed: 'hub' })),
  ];
}

/**
 * Throws for a STIX identity that belongs to another member or a feed. The holder of an identity submits objects in its
 * name, so no two members can have the same one.
 */
function demandFreeIdentities(
  { memberByIdentity, feedByIdentity }: Snapshot,
  member: string,
  identities: readonly string[] = [],
): void {
  // A member without an identity of its own uses the one that the hub creates for it.
  for (const identity of identities.length > 0 ? identities : [memberIdentityId(member)]) {
    const holder = memberByIdentity.get(identity);
    if ((holder ?? member) !== member || feedByIdentity.has(identity))
      throw memberErrors.identityTaken({ identity, holder: holder ?? 'a feed' });
  }
}

function nameWasUsed(name: string): Problem {
  return memberErrors.nameUsedBefore({ name });
}

function noMember(): Problem {
  return memberErrors.notFound();
}

function listed(
  { epoch: _epoch, ...member }: MemberInfo,
  record: Stored<MemberRecord>,
  directory: Snapshot,
): MemberListed {
  const { kind, status } = record.document;
  return {
    ...member,
    kind: typeof kind === 'string' ? kind : undefined,
    status: typeof status === 'string' ? status : 'active',
    groups: directory.groupsOf(member.name),
    managed: managedBy(record),
    revision: record.revision,
  };
}

/** Returns the validated properties of a member in canonical form, so that they can be compared. */
function checked(change: MemberChange): MemberRecord {
  const values = (type: ClaimType, list: readonly (string | number)[] | undefined) =>
    list?.map((value) => claimValue({ type, value: String(value) }));
  const [networks, domains] = [values('network', change.networks), values('domain', change.domains)];
  const [countries, sectors] = [values('country', change.countries), values('sector', change.sectors)];
  const brands = values('brand', change.brands);
  return {
    ...change,
    ...(networks === undefined ? {} : { networks }),
    ...(domains === undefined ? {} : { domains }),
    ...(countries === undefined ? {} : { countries }),
    ...(sectors === undefined ? {} : { sectors }),
    ...(brands === undefined ? {} : { brands }),
  };
}

/** A member that is nobody's client has no parent. */
function withoutNull(document: MemberRecord): MemberRecord {
  return document.parent === null ? withoutFields(document, ['parent']) : document;
}

/** Returns the value of a claim in canonical form. Throws a Problem for a value that no member can claim. */
function claimValue({ type, value }: Pick<ClaimRequest, 'type' | 'value'>): string {
  const text = value.trim();
  switch (type) {
    case 'network': {
      const network = parseNetwork(text);
      if (network === undefined) throw memberErrors.invalidNetwork({ text: text.slice(0, 60) });
      if (network.prefix < WIDEST[network.family])
        throw memberErrors.networkTooWide({ prefix: network.prefix });
      return networkText(network);
    }
    case 'domain': {
      const name = text.toLowerCase().replace(/\.$/, '');
      if (!DOMAIN.test(name)) throw memberErrors.invalidDomain({ text: text.slice(0, 60) });
      return name;
    }
    case 'asn': {
      const number = Number(/^(?:AS)?(\d{1,10})$/i.exec(text)?.[1]);
      if (!(number >= 1 && number <= 4_294_967_294))
        throw memberErrors.invalidAsn({ text: text.slice(0, 40) });
      return String(number);
    }
    case 'country':
      if (!/^[A-Z]{2}$/i.test(text)) throw memberErrors.invalidCountry({ text: text.slice(0, 40) });
      return text.toUpperCase();
    case 'sector':
      if (!SECTOR.test(text.toLowerCase())) throw memberErrors.invalidSector({ text: text.slice(0, 40) });
      return text.toLowerCase();
    case 'brand': {
      // Very short names would match in almost every text.
      const name = text.toLowerCase().replaceAll(/\s+/g, ' ');
      if (lettersOf(name).length < SHORTEST_BRAND || name.length > 80)
        throw memberErrors.invalidBrand({ text: text.slice(0, 40), shortest: SHORTEST_BRAND });
      return name;
    }
  }
}

function claimOf(
  { id, document }: Stored<ClaimRecord>,
  directory: Snapshot,
  visible: VisibleNames,
  now: number,
): Claim {
  const { member, type, value, evidence, until, state, by, at, decided_by, note } = document;
  const isOver = until !== undefined && Date.parse(until) <= now;
  return {
    id, member, type, value, state: isOver ? 'expired' : state, by: visible.actor(by), at,
    ...(until === undefined ? {} : { until }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(decided_by === undefined ? {} : { decided_by: visible.actor(decided_by) }),
    ...(note === undefined ? {} : { note }),
    overlaps: [...directory.members.values()]
      .filter(({ name }) => name !== member && visible.member(name))
      .flatMap((other) => overlapsOf(type, value, other).map((claim) => ({ member: other.name, claim })))
      .slice(0, 20),
  }; // prettier-ignore
}

function overlapsOf(type: ClaimType, value: string, other: MemberInfo): readonly string[] {
  switch (type) {
    case 'network': {
      const mine = parseNetwork(value);
      return other.networks.filter((text) => {
        const theirs = parseNetwork(text);
        if (mine === undefined || theirs === undefined || mine.family !== theirs.family) return false;
        const shift = BigInt((mine.family === 4 ? 32 : 128) - Math.min(mine.prefix, theirs.prefix));
        return mine.base >> shift === theirs.base >> shift;
      });
    }
    case 'domain':
      return other.domains.filter(
        (name) => name === value || name.endsWith(`.${value}`) || value.endsWith(`.${name}`),
      );
    case 'asn':
      return other.asns.filter((number) => String(number) === value).map((number) => `AS${number}`);
    case 'country':
      return other.countries.filter((code) => code === value);
    case 'sector':
      return other.sectors.filter((name) => name === value);
    case 'brand':
      return other.brands.filter((name) => name === value);
  }
}
