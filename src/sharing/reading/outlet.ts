import type { ObjectPlaces } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import { can, type CollectionRights } from '../../access/rights.ts';
import type { Ledger } from '../../access/ledger.ts';
import { isHubAnalyst, memberOf, principalId, type Principal } from '../../access/principal.ts';
import { unauthenticated } from '../../access/authenticate.ts';
import type { Clock, Micros } from '../../kernel/clock.ts';
import type { Problem } from '../../kernel/problem.ts';
import { instantOf, taxiiTimestamp } from '../../stix/timestamps.ts';
import { storedFindings } from './stored-findings.ts';
import type { Finding } from '../intake/outcome.ts';
import { stateOf, type ObjectState } from '../../stix/state.ts';
import { seenRefs } from '../../stix/observables.ts';
import { text as textOf, type StixObject } from '../../stix/types.ts';
import { typesIn, type CurrentEntry, type CurrentObjects } from './current.ts';
import { writeFilters } from './filters.ts';
import { titleOf, valueOf } from './summary.ts';
import { isRelayed, rightfulOwner } from '../intake/owner.ts';
import {
  isOfHub,
  ALL_VERSIONS,
  allEntries,
  LAST_VERSION,
  type EntryFacts,
  type EntryPage,
  type PageQuery,
  type RemoveQuery,
  type Store,
  type TextPage,
  type Tombstone,
} from '../../store/store.ts';
import { accessErrors } from '../../access/errors.ts';
import { sharingErrors } from '../errors.ts';
import { versionFact } from '../../stix/versions.ts';

/** A collection as a principal sees it. */
export interface CollectionView {
  readonly collection: CollectionInfo;
  readonly rights: CollectionRights;
}

/** The versions of an object in one collection. */
export type ObjectPlace = ObjectPlaces['places'][number];

/** An object, wherever the caller may read it. */
export interface PlacesOfObject {
  readonly places: readonly ObjectPlace[];
  /** The newest version, or the requested version, its state now, and its deviations from the standard. */
  readonly shown:
    | { readonly object: StixObject; readonly state: ObjectState; readonly findings: readonly Finding[] }
    | undefined;
}

/** Maximum number of versions of an object that are listed for one collection. */
const MOST_VERSIONS = 1_000;

/** Number of objects that are read together for their descriptions, and of values that describe an observation. */
const DESCRIBED_AT_ONCE = 100;
const MOST_REPORTED = 3;

/** Returns the ids of the first objects that an object reports as seen. */
function reportedRefs(object: StixObject): readonly string[] {
  const sighted = textOf(object, 'sighting_of_ref');
  return [...(sighted === undefined ? [] : [sighted]), ...seenRefs(object)].slice(0, MOST_REPORTED);
}

type ReadQuery = Omit<PageQuery, 'collection'> & {
  /** Only objects in force (`CurrentObjects`). */
  readonly current?: boolean;
};

/**
 * The only way out: everything that shows entries of a collection to somebody reads them here, as a principal. An
 * account that may read a collection may read all of it, so reads are not filtered by marking.
 */
export class Outlet {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #ledger: Pick<Ledger, 'read'>;
  readonly #audit: Audit;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #current: CurrentObjects;

  constructor(
    store: Store,
    directory: Directory,
    ledger: Pick<Ledger, 'read'>,
    audit: Audit,
    clock: Pick<Clock, 'now'>,
    current: CurrentObjects,
  ) {
    this.#current = current;
    this.#audit = audit;
    this.#clock = clock;
    this.#store = store;
    this.#directory = directory;
    this.#ledger = ledger;
  }

  directory(): Promise<Snapshot> {
    return this.#directory.current();
  }

  /** Returns the collections of an API root that a principal may list, always in the same order. */
  async visible(principal: Principal, apiRoot: string): Promise<readonly CollectionView[]> {
    const directory = await this.#directory.current();
    return [...directory.collections.values()]
      .filter((collection) => collection.apiRoot === apiRoot)
      .map((collection) => ({ collection, rights: directory.rights(principal, collection) }))
      .filter(({ rights }) => can(principal, 'collection.see', { kind: 'collection', rights }))
      .toSorted((a, b) => order(a.collection, b.collection));
  }

  /**
   * Returns a collection by id or alias. Throws a Problem of kind not-found if it does not exist or the caller cannot
   * list it. A caller without an account is asked to sign in instead.
   */
  async find(principal: Principal, apiRoot: string, idOrAlias: string): Promise<CollectionView> {
    const directory = await this.#directory.current();
    const collection = directory.collection(apiRoot, idOrAlias);
    const rights =
      collection === undefined ? { read: false, write: false } : directory.rights(principal, collection);
    if (collection === undefined || !can(principal, 'collection.see', { kind: 'collection', rights })) {
      throw principal.kind === 'public' ? unauthenticated() : noCollection();
    }
    return { collection, rights };
  }

  /** Does the same for a caller that wants to write to the collection. */
  async findWritable(principal: Principal, apiRoot: string, idOrAlias: string): Promise<CollectionView> {
    if (principal.kind === 'public') throw unauthenticated();
    const view = await this.find(principal, apiRoot, idOrAlias);
    if (!can(principal, 'collection.write', { kind: 'collection', rights: view.rights }))
      throw notAllowed('write to');
    return view;
  }

  /** Returns a page of objects. `agent` is the name with which the client program identifies itself, for the ledger. */
  async texts(
    principal: Principal,
    view: CollectionView,
    query: ReadQuery,
    agent: string,
  ): Promise<TextPage> {
    if (query.current !== true) {
      demandRead(principal, view);
      const page = await this.#store.texts({ ...query, collection: view.collection.id });
      this.#note(principal, view, 'objects', query, page, agent);
      return page;
    }
    const { entries, more } = await this.#currentPage(principal, view, query, 'objects', agent);
    const [first, last] = [entries[0]?.added ?? 0, entries.at(-1)?.added ?? 0];
    const joined = Buffer.from(entries.map(({ text }) => text).join(','));
    return { joined, count: entries.length, first, last, more };
  }

  /** Returns a page of entries without the objects themselves. */
  async entries(
    principal: Principal,
    view: CollectionView,
    query: ReadQuery,
    agent: string,
  ): Promise<EntryPage> {
    if (query.current === true) return this.#currentPage(principal, view, query, 'manifest', agent);
    demandRead(principal, view);
    const page = await this.#store.entries({ ...query, collection: view.collection.id }, false);
    const last = page.entries.at(-1)?.added ?? 0;
    this.#note(principal, view, 'manifest', query, { count: page.entries.length, last }, agent);
    return page;
  }

  async #currentPage(
    principal: Principal,
    view: CollectionView,
    query: ReadQuery,
    kind: string,
    agent: string,
  ): Promise<{ readonly entries: readonly CurrentEntry[]; readonly more: boolean }> {
    demandRead(principal, view);
    const page = await this.#current.page({ ...query, collection: view.collection.id });
    const read = { ...query, types: typesIn(query) };
    const counted = { count: page.entries.length, last: page.entries.at(-1)?.added ?? 0 };
    this.#note(principal, view, kind, read, counted, agent);
    return page;
  }

  /**
   * Returns the collections that contain an object and that the caller may read, and its newest version there, or the
   * requested version. Empty if there are none.
   */
  async places(principal: Principal, id: string, agent: string, version?: string): Promise<PlacesOfObject> {
    const directory = await this.#directory.current();
    const places: ObjectPlace[] = [];
    const standing: (EntryFacts & { readonly collection: string })[] = [];
    for (const collection of directory.collections.values()) {
      const view = { collection, rights: directory.rights(principal, collection) };
      if (!can(principal, 'collection.read', { kind: 'collection', rights: view.rights })) continue;
      const query: ReadQuery = {
        after: 0,
        limit: MOST_VERSIONS,
        ids: [id],
        versions: ALL_VERSIONS,
        specs: ['2.0', '2.1'],
      };
      const { entries } = await this.#store.entries({ ...query, collection: collection.id }, false);
      if (entries.length === 0) continue;
      this.#note(principal, view, 'objects', query, { count: entries.length, last: 0 }, agent);
      places.push({
        collection: collection.id,
        name: collection.alias ?? collection.id,
        title: collection.title,
        versions: entries.map((entry) => ({
          ...versionFact(entry.version),
          spec_version: entry.spec,
          date_added: taxiiTimestamp(entry.added),
          ...(isRelayed(entry, directory) ? { relayed: true } : {}),
        })),
      });
      standing.push(...entries.map((entry) => ({ ...entry, collection: collection.id })));
    }
    // An object of another owner under the same id never counts as the newest version.
    const owner = rightfulOwner(standing, directory);
    const wanted = standing
      .filter(
        (entry) =>
          entry.owner === owner && (version === undefined || instantOf(entry.version) === instantOf(version)),
      )
      .toSorted((a, b) => (instantOf(a.version) < instantOf(b.version) ? 1 : -1))[0];
    // Only this text is read, because an object can have many large versions.
    const [found] = wanted === undefined ? [] : (await this.#store.placed([wanted])).entries;
    if (wanted === undefined || found === undefined) return { places, shown: undefined };
    const object = JSON.parse(found.text) as StixObject;
    const state = stateOf(object, this.#clock.now());
    return { places, shown: { object, state, findings: await storedFindings(object, wanted.spec) } };
  }

  /**
   * Returns what objects of a collection are about, in words for a list: the value of each, its name, or the values that
   * it reports as seen. Objects that the caller cannot read, or that are not there, are missing in the result.
   */
  async described(
    principal: Principal,
    collection: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    const directory = await this.#directory.current();
    const view = directory.collections.get(collection);
    const rights = view === undefined ? undefined : directory.rights(principal, view);
    if (rights === undefined || !can(principal, 'collection.read', { kind: 'collection', rights }))
      return new Map();
    const found = await this.#newest(collection, ids);
    const about = await this.#newest(collection, [...found.values()].flatMap(reportedRefs));
    return new Map(
      [...found].map(([id, object]) => {
        const values = reportedRefs(object).flatMap((ref) => {
          const other = about.get(ref);
          return other === undefined ? [] : [valueOf(other).value ?? titleOf(other)];
        });
        return [id, values.length > 0 ? values.join(', ') : (valueOf(object).value ?? titleOf(object))];
      }),
    );
  }

  /** Returns the newest versions of objects in a collection, by id. */
  async #newest(collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, StixObject>> {
    const found = new Map<string, StixObject>();
    for (let at = 0; at < ids.length; at += DESCRIBED_AT_ONCE) {
      const query = { collection, after: 0, limit: DESCRIBED_AT_ONCE, versions: LAST_VERSION };
      const ofThese = ids.slice(at, at + DESCRIBED_AT_ONCE);
      for (const { id, text } of await allEntries(this.#store, { ...query, ids: ofThese }))
        if (text !== undefined) found.set(id, JSON.parse(text) as StixObject);
    }
    return found;
  }

  #note(
    principal: Principal,
    { collection }: CollectionView,
    kind: string,
    query: ReadQuery,
    { count, last }: { readonly count: number; readonly last: Micros },
    agent: string,
  ): void {
    // A request for particular objects, or without an account, does not advance a reader through the collection.
    const lookup = principal.kind === 'public' || query.ids !== undefined || query.versions.exact.length > 0;
    this.#ledger.read({
      account: principalId(principal),
      collection: collection.id,
      kind: lookup ? 'lookup' : kind,
      filters: lookup ? '' : writeFilters(query),
      cursor: lookup ? 0 : count > 0 ? last : query.after,
      objects: count,
      agent,
    });
  }

  /** Returns the removals from a collection after a date, in their order. */
  async removals(
    principal: Principal,
    view: CollectionView,
    after: Micros,
    limit: number,
    agent: string,
  ): Promise<readonly Tombstone[]> {
    demandRead(principal, view);
    const { collection } = view;
    const reach = (await this.#directory.current()).removals(principal, collection);
    const found = await this.#store.removals({ ...reach, collection: collection.id, after, limit });
    const page = { count: found.length, last: found.at(-1)?.removed ?? 0 };
    this.#note(principal, view, 'removals', { after, limit, versions: LAST_VERSION }, page, agent);
    return found;
  }

  async stands(principal: Principal, view: CollectionView, id: string): Promise<boolean> {
    demandRead(principal, view);
    return this.#store.stands(view.collection.id, id);
  }

  /**
   * Removes versions of an object from a collection. Returns their number. Throws Problems as TAXII 2.1 §5.7 defines
   * them.
   */
  async remove(
    principal: Principal,
    view: CollectionView,
    query: Omit<RemoveQuery, 'collection'>,
  ): Promise<number> {
    const { collection, rights } = view;
    if (!can(principal, 'object.delete', { kind: 'object', rights, owners: [] }))
      throw notAllowed('delete from');
    const standing = await this.#store.entries(
      {
        collection: collection.id,
        after: 0,
        limit: 10_000,
        ids: [query.id],
        versions: ALL_VERSIONS,
        specs: ['2.0', '2.1'],
      },
      false,
    );
    if (standing.entries.length === 0) throw noObject(query.id);
    // A marking definition belongs to everybody who submitted it, so none of them can delete it for the
    // others.
    const brought = (await this.#directory.current()).ownersOfMarking(query.id);
    const owners = [...new Set([...standing.entries.map(({ owner }) => owner), ...brought])];
    if (!can(principal, 'object.delete', { kind: 'object', rights, owners })) {
      throw accessErrors.notPermitted(
        { action: 'delete objects of others' },
        {
          description: isHubAnalyst(principal) ? '' : `You act for ${memberOf(principal)}.`,
          hint: 'Ask the hub to remove it, or send a new version with "revoked": true if you are its creator.',
        },
      );
    }
    // Recorded first, so that every removal has a recorded actor.
    const [owner] = owners;
    const fact = this.#audit.fact(principal, 'object.delete', `object/${query.id}`, {
      member: owner === undefined || isOfHub(owner) ? undefined : owner,
      details: { collection: collection.id, versions: standing.entries.length },
    });
    await this.#store.commit({ facts: [fact] });
    return this.#store.remove({ ...query, collection: collection.id });
  }
}

function order(a: CollectionInfo, b: CollectionInfo): number {
  return a.title.localeCompare(b.title, 'en') || (a.id < b.id ? -1 : 1);
}

function demandRead(principal: Principal, { rights }: CollectionView): void {
  if (!can(principal, 'collection.read', { kind: 'collection', rights })) throw notAllowed('read');
}

/** Returns the Problem for a missing right on a collection that the caller may list. */
export function notAllowed(what: string): Problem {
  return accessErrors.notPermitted(
    { action: `${what} this collection` },
    {
      hint: `Ask the hub for a grant. Administrators can create it: talanoa grant create COLLECTION RECEIVER --${what === 'read' ? 'read' : 'write'}. For the operator, RECEIVER is role:administrator.`,
    },
  );
}

function noCollection(): Problem {
  return sharingErrors.collectionNotFound();
}

export function noObject(id: string): Problem {
  return sharingErrors.objectNotInCollection({ id: id.slice(0, 200) });
}
