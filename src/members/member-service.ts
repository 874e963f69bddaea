import { USUAL_MAXIMUM } from '../access/lowered-maximum.ts';
import type { Member, MemberChange, MemberRequest } from '../api/schema-types.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { Problem } from '../kernel/problem.ts';
import { waitForLease } from '../store/held-lease.ts';
import { withoutFields, type Stored } from '../store/records.ts';
import { ID_WAS_USED, type RecordChange, type Store } from '../store/store.ts';
import type { Audit } from '../access/audit/audit.ts';
import type { Directory } from '../access/directory.ts';
import { clientsRecords, ownRecords, type MemberCollection } from './member-collections.ts';
import { demandLasting } from '../access/keys/limits.ts';
import { can } from '../access/rights.ts';
import { nextEpoch } from '../access/accounts/account-records.ts';
import { readingBack, type Principal } from '../access/principal.ts';
import { memberIdentityId, MEMBERS, type ClaimType, type MemberRecord } from '../access/member-model.ts';
import { COLLECTIONS, GRANTS } from '../access/model.ts';
import type { MemberInfo, Snapshot } from '../access/snapshot.ts';
import { VisibleNames, suggest, suggestion } from '../access/visible-names.ts';
import { demandManaged, managedBy } from '../access/managed.ts';
import { memberErrors } from './errors.ts';
import { claimValue } from './claim-values.ts';
import { demandManager } from './manager.ts';

const RESERVED = new Set(['hub', 'public', 'operator', 'settings']);
const LEASE_MS = 10_000;
const PATIENCE_MS = 30_000;

/** Members: what they are called, what they are responsible for, and whether they take part. */
export class MemberService {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #ids: Ids;
  readonly #audit: Audit;

  readonly #clock: Clock;
  /** The last change of this process. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: Store, directory: Directory, ids: Ids, clock: Clock, audit: Audit) {
    this.#store = store;
    this.#directory = directory;
    this.#ids = ids;
    this.#clock = clock;
    this.#audit = audit;
  }

  /**
   * Runs changes of members one after the other, in all processes. Each one is checked against all members: no two may
   * have the same identity, and none may be its own client.
   */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const next = this.#last.then(async () => {
      const held = await waitForLease(this.#store, this.#clock, 'members', LEASE_MS, PATIENCE_MS);
      if (held === undefined) throw memberErrors.changedMeanwhile();
      try {
        return await change();
      } finally {
        await held.release();
      }
    });
    this.#last = next.catch(() => undefined);
    return next;
  }

  /** Returns the members that the caller may see, sorted by name. */
  async list(actor: Principal): Promise<readonly Member[]> {
    const directory = await this.#directory.current();
    return (await MEMBERS.all(this.#store)).flatMap((record) => {
      const member = directory.members.get(record.id);
      return member === undefined || !can(actor, 'member.read', { kind: 'member', name: record.id })
        ? []
        : [listed(member, record, directory)];
    });
  }

  async get(actor: Principal, name: string): Promise<Member> {
    const found = (await this.list(actor)).find((member) => member.name === name);
    if (found !== undefined) return found;
    const visible = VisibleNames.of(await this.#directory.current(), actor);
    throw memberErrors.notFound({ name: name.slice(0, 64) }, suggestion(visible, 'member', name));
  }

  async create(actor: Principal, request: MemberRequest): Promise<Member> {
    demandManager(actor);
    return this.#inTurn(() => this.#create(actor, request));
  }

  async #create(actor: Principal, { name, collection, ...request }: MemberRequest): Promise<Member> {
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
        facts: [this.#audit.fact(actor, 'member.create', `member/${name}`, { member: name })],
      })
      .catch((error: unknown) => {
        throw error instanceof Problem && error.code === ID_WAS_USED ? nameWasUsed(name) : error;
      });
    await this.#directory.refresh();
    return this.get(readingBack(actor), name);
  }

  /**
   * Updates a member. A member that is no longer active loses access immediately in this process and within seconds in
   * all others.
   */
  async update(actor: Principal, name: string, change: MemberChange, revision?: number): Promise<Member> {
    demandManager(actor);
    return this.#inTurn(() => this.#update(actor, name, change, revision));
  }

  async #update(actor: Principal, name: string, change: MemberChange, revision?: number): Promise<Member> {
    if (widens(change)) demandLasting(actor, 'member.update');
    const record = await this.#own(name);
    if (revision !== undefined && revision !== record.revision) throw memberErrors.changedMeanwhile();
    const directory = await this.#directory.refresh();
    if (change.identities !== undefined) demandFreeIdentities(directory, name, change.identities);
    // Sessions that end when a member is paused stay ended when the member is active again.
    const isChanged = change.status !== undefined && change.status !== (record.document.status ?? 'active');
    await this.#store.commit({
      records: [
        ...(await this.#clientsOf(actor, change.parent ?? undefined, name, directory)),
        ...(change.parent === undefined ? [] : await this.#maximumTlp(record, change.parent !== null)),
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
        this.#audit.fact(actor, 'member.update', `member/${name}`, {
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
  async #maximumTlp({ document }: Stored<MemberRecord>, isClient: boolean): Promise<readonly RecordChange[]> {
    const own = document.collection;
    const record = own === undefined ? undefined : await COLLECTIONS.in(this.#store).get(own);
    if (record?.document.own_of === undefined) return [];
    const { tallest, ...rest } = record.document;
    return [
      COLLECTIONS.change(
        record,
        isClient
          ? { ...rest, max_tlp: 'amber', tallest: tallest ?? rest.max_tlp ?? USUAL_MAXIMUM }
          : { ...rest, max_tlp: 'amber+strict' },
      ),
    ];
  }

  /** Returns the record of a member that the settings file does not declare. Throws otherwise. */
  async #own(name: string): Promise<Stored<MemberRecord>> {
    const record = await MEMBERS.in(this.#store).get(name);
    if (record === undefined) throw memberErrors.notFound({ name: name.slice(0, 64) });
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
  { memberByIdentity, feedByIdentity, damage }: Snapshot,
  member: string,
  identities: readonly string[] = [],
): void {
  // A member without an identity of its own uses the one that the hub creates for it.
  for (const identity of identities.length > 0 ? identities : [memberIdentityId(member)]) {
    const holder = memberByIdentity.get(identity);
    // An unknown identity could be one of a member whose record is damaged.
    const isUnsure =
      holder === undefined && identity !== memberIdentityId(member) && !damage.areIdentitiesKnown;
    if ((holder ?? member) !== member || feedByIdentity.has(identity) || isUnsure)
      throw memberErrors.identityTaken({
        identity,
        holder: holder ?? (isUnsure ? 'a member whose record is damaged' : 'a feed'),
      });
  }
}

function nameWasUsed(name: string): Problem {
  return memberErrors.nameUsedBefore({ name });
}

function listed(
  { epoch: _epoch, ...member }: MemberInfo,
  record: Stored<MemberRecord>,
  directory: Snapshot,
): Member {
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
