import type { Collection, CollectionChange, CollectionRequest, GrantRequest } from '../api/schema-types.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Problem } from '../kernel/problem.ts';
import { rankOf, type Tlp } from '../stix/markings.ts';
import { groupedBy } from '../store/pages.ts';
import { withoutFields, type Stored } from '../store/records.ts';
import { removal, type Store } from '../store/store.ts';
import type { Audit } from './audit/audit.ts';
import type { Directory } from './directory.ts';
import { COLLECTIONS, GRANTS, grantId, type CollectionRecord, type GrantRecord } from './model.ts';
import { levelsAfter, USUAL_MAXIMUM } from './lowered-maximum.ts';
import { audienceMaximum, audienceWords, grantFits } from './policy.ts';
import { rightsAfter, rightsBefore } from './grant-rights.ts';
import { demandLasting } from './keys/limits.ts';
import { can } from './rights.ts';
import { readingBack, type Principal } from './principal.ts';
import type { AccountInfo, CollectionInfo, Snapshot } from './snapshot.ts';
import { VisibleNames, suggestion, listHint, type NameKind } from './visible-names.ts';
import { demandManaged, demandRevision, managedBy } from './managed.ts';
import { accessErrors } from './errors.ts';

const ROLES = ['administrator', 'analyst', 'officer', 'machine'];

/** Creates collections, and gives and revokes grants on them. */
export class CollectionService {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #ids: Ids;
  readonly #audit: Audit;

  constructor(store: Store, directory: Directory, ids: Ids, audit: Audit) {
    this.#store = store;
    this.#directory = directory;
    this.#ids = ids;
    this.#audit = audit;
  }

  async list(actor: Principal): Promise<readonly Collection[]> {
    if (!can(actor, 'hub.read', { kind: 'hub' })) throw refused();
    const [collections, grants] = await Promise.all([COLLECTIONS.all(this.#store), GRANTS.all(this.#store)]);
    const directory = await this.#directory.refresh();
    const given = groupedBy(grants, ({ document }) => document.collection);
    return collections
      .flatMap((record) => {
        const collection = directory.collections.get(record.id);
        return collection === undefined
          ? []
          : [listed(collection, record, given.get(collection.id) ?? [], directory)];
      })
      .toSorted((a, b) => a.title.localeCompare(b.title, 'en'));
  }

  async create(actor: Principal, request: CollectionRequest): Promise<Collection> {
    this.#demand(actor);
    const directory = await this.#directory.refresh();
    const roots = [...directory.apiRoots.keys()];
    const apiRoot = request.api_root ?? roots[0];
    if (apiRoot === undefined || !directory.apiRoots.has(apiRoot))
      throw accessErrors.apiRootNotFound({ name: apiRoot ?? '', roots: roots.join(', ') || 'none' });
    if (request.alias !== undefined && /^(?:member|clients)-/.test(request.alias))
      throw accessErrors.aliasReserved({ alias: request.alias });
    if (request.alias !== undefined && directory.collection(apiRoot, request.alias) !== undefined)
      throw accessErrors.collectionExists({ alias: request.alias });
    const max = request.max_tlp ?? USUAL_MAXIMUM;
    if (request.min_tlp !== undefined && rankOf(request.min_tlp) > rankOf(max))
      throw accessErrors.invalidTlpRange();
    const id = this.#ids.uuid();
    const document = { ...request, api_root: apiRoot, managed: 'hub' };
    const fact = this.#audit.fact(actor, 'collection.create', `collection/${id}`, {
      details: { title: request.title, max_tlp: max },
    });
    await this.#store.commit({ records: [COLLECTIONS.insert(id, document)], facts: [fact] });
    return this.#listed(readingBack(actor), id);
  }

  /** Returns a collection with its grants. */
  async get(actor: Principal, name: string): Promise<Collection> {
    if (!can(actor, 'hub.read', { kind: 'hub' })) throw refused();
    return this.#listed(actor, this.#find(actor, await this.#directory.refresh(), name).id);
  }

  /**
   * Updates a collection. After the maximum TLP was lowered, the hub removes the objects that are stricter. It refuses a
   * maximum that is too strict for a present reader, because this reader would lose access.
   */
  async update(
    actor: Principal,
    name: string,
    change: CollectionChange,
    revision?: number,
  ): Promise<Collection> {
    this.#demand(actor);
    demandLasting(actor, 'collection.update');
    const directory = await this.#directory.refresh();
    const collection = this.#find(actor, directory, name);
    const record = await COLLECTIONS.in(this.#store).get(collection.id);
    if (record === undefined) throw notFound(VisibleNames.of(directory, actor), 'collection', name);
    demandManaged(record, `The collection "${collection.title}"`);
    demandRevision(record, revision);
    const member = record.document.own_of ?? record.document.clients_of;
    if (member !== undefined && (change.max_tlp !== undefined || change.min_tlp !== undefined))
      throw accessErrors.levelsFollowMember({ collection: collection.title, member });
    const { description, ...more } = change;
    const { tallest: _tallest, lowered_at: _lowered, ...present } = record.document;
    const changed = { ...present, ...more, ...(typeof description === 'string' ? { description } : {}) };
    const document = description === null ? withoutFields(changed, ['description']) : changed;
    if (rankOf(document.min_tlp ?? 'clear') > rankOf(document.max_tlp ?? USUAL_MAXIMUM))
      throw accessErrors.invalidTlpRange();
    const levels = levelsAfter(record.document, document);
    if (change.max_tlp !== undefined) await this.#demandReaders(directory, collection, change.max_tlp);
    const fact = this.#audit.fact(actor, 'collection.update', `collection/${collection.id}`, {
      details: {
        changed: Object.keys(change),
        ...(change.max_tlp === undefined ? {} : { max_tlp: change.max_tlp }),
      },
    });
    await this.#store.commit({
      records: [COLLECTIONS.change(record, { ...document, ...levels })],
      facts: [fact],
    });
    return this.#listed(readingBack(actor), collection.id);
  }

  /** Throws if a reader who can read the collection now could not read it with this maximum TLP. */
  async #demandReaders(directory: Snapshot, collection: CollectionInfo, max: Tlp): Promise<void> {
    const grants = await GRANTS.all(this.#store);
    const lost = grants.flatMap(({ document: { collection: id, to, read } }) => {
      if (id !== collection.id || !read) return [];
      const audience = directory.grantAudience(to);
      return grantFits(audience, collection.max_tlp) && !grantFits(audience, max) ? [to] : [];
    });
    if (lost.length > 0)
      throw accessErrors.readersTooWide({ collection: collection.title, maximum: max.toUpperCase(), readers: lost.slice(0, 5).join(', ') }); // prettier-ignore
  }

  /**
   * Creates a grant or adds rights to it. With `replace`, it has only the given rights afterwards. A reader is accepted
   * only if it may see everything up to the collection's maximum TLP.
   */
  async grant(actor: Principal, name: string, request: GrantRequest): Promise<Collection> {
    this.#demand(actor);
    demandLasting(actor, 'grant.create');
    const directory = await this.#directory.refresh();
    const collection = this.#find(actor, directory, name);
    const asked = { read: request.read ?? true, write: request.write ?? false };
    if (!asked.read && !asked.write) throw accessErrors.emptyGrant();
    demandKnown(actor, directory, request.to);
    if (request.to === 'public' && asked.write) throw accessErrors.publicWrites();
    const present = await this.#present(collection, request.to);
    const account = accountOfGrant(directory, request.to);
    const before = rightsBefore(present?.document, account?.id);
    const { read, write } = rightsAfter(present?.document, asked, {
      account: account?.id,
      replace: request.replace,
    });
    const taken = [before.read && !read ? 'read' : '', before.write && !write ? 'write' : ''].filter((one) => one !== ''); // prettier-ignore
    const audience = directory.grantAudience(request.to);
    if (read && !grantFits(audience, collection.tallest))
      throw accessErrors.audienceTooWide(
        {
          audience: audienceWords(audience),
          collection: collection.title,
          maximum: collection.max_tlp.toUpperCase(),
          allowed: audienceMaximum(audience).toUpperCase(),
        },
        { hint: 'Grant it on a collection with a lower --max-tlp.' },
      );
    const fact = this.#audit.fact(actor, 'grant.create', `collection/${collection.id}`, {
      member: memberOfGrant(directory, request.to),
      details: { to: request.to, read, write, ...(taken.length === 0 ? {} : { taken }) },
    });
    await this.#store.commit({
      facts: [fact],
      records: [
        GRANTS.put(grantId({ collection: collection.id, to: request.to }), present, {
          collection: collection.id,
          to: request.to,
          ...(account === undefined ? {} : { account: account.id }),
          read,
          write,
          managed: 'hub',
          ...readsSince(present?.document, read, fact.at * 1_000, account?.id),
        }),
      ],
    });
    return this.#listed(readingBack(actor), collection.id);
  }

  /** Removes a grant. The removal takes effect immediately in this process and within seconds in all others. */
  async revoke(actor: Principal, name: string, to: string): Promise<Collection> {
    this.#demand(actor);
    const directory = await this.#directory.refresh();
    const collection = this.#find(actor, directory, name);
    const present = await this.#present(collection, to);
    if (present === undefined) throw accessErrors.grantNotFound({ to, collection: collection.title });
    const fact = this.#audit.fact(actor, 'grant.revoke', `collection/${collection.id}`, {
      member: memberOfGrant(directory, to),
      details: { to },
    });
    await this.#store.commit({
      records: [removal(present)],
      facts: [fact],
    });
    return this.#listed(readingBack(actor), collection.id);
  }

  #demand(actor: Principal): void {
    if (!can(actor, 'hub.write', { kind: 'hub' })) throw refused();
  }

  #find(actor: Principal, directory: Snapshot, name: string): CollectionInfo {
    const visible = VisibleNames.of(directory, actor);
    const collection = visible.chosen(name);
    if (collection !== undefined) return collection;
    throw notFound(visible, 'collection', name);
  }

  async #present(collection: CollectionInfo, to: string): Promise<Stored<GrantRecord> | undefined> {
    const present = await GRANTS.in(this.#store).get(grantId({ collection: collection.id, to }));
    if (present !== undefined) demandManaged(present, `The grant of ${to}`);
    return present;
  }

  async #listed(actor: Principal, id: string): Promise<Collection> {
    const found = (await this.list(actor)).find((collection) => collection.id === id);
    if (found === undefined) throw new Error('a collection that was just written is missing');
    return found;
  }
}

/**
 * The time since which a grant allows reading, in microseconds since 1970. A grant that already allowed
 * reading keeps its earlier time, unless it was given to an earlier account of the name.
 */
export function readsSince(
  present: GrantRecord | undefined,
  read: boolean,
  now: number,
  account?: string,
): { readonly since?: number } {
  if (!read) return {};
  const before = present?.account;
  const isOther = before !== undefined && account !== undefined && before !== account;
  if (present?.read !== true || isOther) return { since: now };
  const { since } = present;
  return since === undefined ? {} : { since };
}

/** The member that a grant concerns. */
function memberOfGrant(directory: Snapshot, to: string): string | undefined {
  const [kind, name = ''] = to.split(':');
  if (kind === 'member' || kind === 'clients') return name;
  return accountOfGrant(directory, to)?.member;
}

/** The account that a grant to `account:NAME` is for. */
function accountOfGrant(directory: Snapshot, to: string): AccountInfo | undefined {
  return to.startsWith('account:') ? directory.accountNamed(to.slice('account:'.length)) : undefined;
}

function refused(): Problem {
  return accessErrors.notPermitted({ action: 'manage collections' });
}

function notFound(visible: VisibleNames, kind: NameKind, name: string, what: string = kind): Problem {
  const occurrence = suggestion(visible, kind, name, listHint(visible, kind));
  return what === 'collection'
    ? accessErrors.collectionNotFound({ name }, occurrence)
    : accessErrors.targetNotFound({ what: what.charAt(0).toUpperCase() + what.slice(1), name }, occurrence);
}

/** Throws when a grant to `to` would apply to nobody. */
function demandKnown(actor: Principal, directory: Snapshot, to: string): void {
  const [kind = '', name = ''] = to.split(':');
  const visible = VisibleNames.of(directory, actor);
  switch (kind) {
    case 'account':
      if (directory.accountNamed(name) === undefined) throw notFound(visible, 'account', name);
      return;
    case 'member':
    case 'clients':
      if (!directory.members.has(name)) throw notFound(visible, 'member', name, kind);
      return;
    case 'group':
      if (!directory.groups.includes(name)) throw notFound(visible, 'group', name);
      return;
    case 'role':
      if (!ROLES.includes(name)) throw accessErrors.roleNotFound({ name, roles: ROLES.join(', ') });
  }
}

function listed(
  collection: CollectionInfo,
  record: Stored<CollectionRecord>,
  grants: readonly Stored<GrantRecord>[],
  directory: Snapshot,
): Collection {
  return {
    id: collection.id,
    alias: collection.alias,
    title: collection.title,
    api_root: collection.apiRoot,
    description: collection.description,
    max_tlp: collection.max_tlp,
    min_tlp: collection.min_tlp,
    unmarked: collection.unmarked,
    default_tlp: collection.default_tlp,
    validation: collection.validation,
    managed: managedBy(record),
    revision: record.revision,
    grants: grants
      // A grant of a removed account gives nothing. Its name may belong to another account now.
      .filter(({ document: { account } }) => account === undefined || directory.accounts.has(account))
      .map((grant) => {
        const { to, read, write } = grant.document;
        return { to, read, write, managed: managedBy(grant) };
      })
      .toSorted((a, b) => (a.to < b.to ? -1 : 1)),
  };
}
