import { hash } from 'node:crypto';
import type { SearchExport, SearchView as View } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import type { Ledger } from '../../access/ledger.ts';
import type { Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { CollectionInfo } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import { Slices } from '../../kernel/slices.ts';
import { isStixId } from '../../stix/identifiers.ts';
import { tlpOf } from '../../stix/markings.ts';
import { readSearch } from '../../stix/search-keys.ts';
import { stateOf } from '../../stix/state.ts';
import { taxiiTimestamp } from '../../stix/timestamps.ts';
import { texts, type StixObject } from '../../stix/types.ts';
import { refang } from '../../stix/values/refang.ts';
import { versionFact } from '../../stix/versions.ts';
import {
  LAST_VERSION,
  namePages,
  placedPages,
  type Place,
  type PlacedEntry,
  type Store,
} from '../../store/store.ts';
import { sharingErrors } from '../errors.ts';
import { isRelayed } from '../intake/owner.ts';
import { noteLookup } from './note-lookup.ts';
import { ageOf, facetsOf, narrowed, type Chosen, type Faceted } from './search-filters.ts';
import type { SearchIndex } from './search-index.ts';
import { kindIn } from './search-names.ts';
import { titleOf, validUntil, valueOf } from './summary.ts';

/** Maximum number of entries of which a view consists. Filters and counts concern these. */
const MOST_ENTRIES = 2_000;
/** Names that a view examines. Several names can lead to the same entry, and some to removed ones. */
const WINDOW = 1_000;
const MOST_NAMES = 20_000;
/** Maximum size of the objects of one export, in characters. */
const MOST_TEXT = 33_554_432;

/** An object of a view. `object` is absent in the answer. */
interface Match extends Faceted {
  readonly entry: PlacedEntry;
  readonly object: StixObject;
  /** The readable collections that contain this version or another one of the same owner. */
  readonly collections: readonly CollectionInfo[];
}

/** The question of a view. */
export interface ViewQuery {
  readonly typed: string;
  readonly chosen: Chosen;
}

/** All objects that match a question. */
interface Matches {
  readonly meaning: string;
  readonly all: readonly Match[];
  readonly collections: number;
  readonly complete: boolean;
  readonly capped: boolean;
}

interface ViewParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly ledger: Pick<Ledger, 'read'>;
  readonly index: Pick<SearchIndex, 'catchUp'>;
  readonly ids: Ids;
  readonly clock: Clock;
}

/**
 * Shows the objects that a search finds as one list that can be filtered. Every count is made from objects that the caller
 * can read, after the collections of the caller were chosen, so it depends on nothing else.
 */
export class SearchView {
  readonly #s: ViewParts;

  constructor(parts: ViewParts) {
    this.#s = parts;
  }

  /**
   * Returns the objects from `offset` on, newest first, with the counts of the facets. `digest` identifies the list: a bulk
   * action refuses a list that has changed since. `agent` is the client program, for the ledger.
   */
  async view(
    principal: Principal,
    { typed, chosen }: ViewQuery,
    { offset, limit }: { readonly offset: number; readonly limit: number },
    agent: string,
  ): Promise<View> {
    const { all, ...facts } = await this.#matches(principal, typed);
    const matching = narrowed(all, chosen);
    const directory = await this.#s.directory.current();
    const items = matching.slice(offset, offset + limit).map(({ entry, object, collections, facets }) => {
      const [collection] = collections;
      return {
        id: entry.id,
        type: entry.type,
        ...versionFact(entry.version),
        title: titleOf(object),
        ...valueOf(object),
        state: stateOf(object, this.#s.clock.now()),
        ...validUntil(object),
        tlp: tlpOf(entry.level),
        ...(facets.source[0] === undefined ? {} : { source: facets.source[0] }),
        labels: facets.label.slice(0, 5),
        collection: entry.collection,
        collection_name: collection?.alias ?? entry.collection,
        collections: collections.length,
        date_added: taxiiTimestamp(entry.added),
        ...(isRelayed(entry, directory) ? { relayed: true } : {}),
      };
    });
    noteLookup(this.#s.ledger, principal, items, agent);
    const next = offset + items.length;
    return {
      ...facts,
      items,
      total: matching.length,
      facets: facetsOf(all, chosen),
      digest: digestOf(matching.map(({ entry }) => entry.id)),
      ...(next < matching.length ? { next } : {}),
    };
  }

  /** Returns the objects of a view as a STIX bundle. Throws `TLN-X-425` if they are too large. */
  async bundle(principal: Principal, { typed, chosen }: ViewQuery, agent: string): Promise<SearchExport> {
    const matching = narrowed((await this.#matches(principal, typed)).all, chosen);
    const size = matching.reduce((sum, { entry }) => sum + entry.text.length, 0);
    if (size > MOST_TEXT) throw sharingErrors.exportTooLarge();
    noteLookup(
      this.#s.ledger,
      principal,
      matching.map(({ entry }) => entry),
      agent,
    );
    const objects = new Map(matching.map(({ entry, object }) => [entry.id, object]));
    const id = `bundle--${this.#s.ids.uuid()}`;
    // Lists with no entries are not allowed (STIX 2.1 §2.12).
    return objects.size === 0
      ? { type: 'bundle', id }
      : { type: 'bundle', id, objects: [...objects.values()] };
  }

  async #matches(principal: Principal, typed: string): Promise<Matches> {
    const { store, clock } = this.#s;
    const directory = await this.#s.directory.current();
    const readable = new Map<string, CollectionInfo>();
    for (const collection of directory.collections.values()) {
      const rights = directory.rights(principal, collection);
      if (can(principal, 'collection.read', { kind: 'collection', rights }))
        readable.set(collection.id, collection);
    }
    const collections = [...readable.keys()].toSorted();
    let complete = true;
    for (const id of collections) complete = (await this.#s.index.catchUp(id)) && complete;
    const { meaning, places, capped } = await this.#places(collections, typed);
    const slices = new Slices(clock);
    const found = new Map<string, PlacedEntry[]>();
    for await (const entries of placedPages(store, places))
      for (const entry of entries) {
        if (!entry.newest) continue;
        // An object of another owner under the same id is another object.
        const key = `${entry.id} ${entry.owner}`;
        const present = found.get(key);
        if (present === undefined) found.set(key, [entry]);
        else present.push(entry);
      }
    const all: Match[] = [];
    for (const entries of found.values()) {
      const [first] = entries.toSorted((a, b) => b.added - a.added);
      if (first === undefined) continue;
      const object = JSON.parse(first.text) as StixObject;
      const containing = entries.flatMap(({ collection }) => readable.get(collection) ?? []);
      all.push({
        entry: first,
        object,
        collections: containing.toSorted(
          (a, b) => Number(b.id === first.collection) - Number(a.id === first.collection),
        ),
        facets: {
          type: [first.type],
          tlp: [tlpOf(first.level)],
          state: [stateOf(object, clock.now())],
          collection: containing.map(({ id, alias }) => alias ?? id),
          source: isSourceShown(principal, first.owner) ? [first.owner] : [],
          label: texts(object, 'labels'),
          age: [ageOf(first.added / 1_000, clock.now())],
        },
      });
      if (slices.isOver(first.text.length)) await slices.next();
    }
    all.sort((a, b) => b.entry.added - a.entry.added || (a.entry.id < b.entry.id ? -1 : 1));
    return { meaning, all, collections: collections.length, complete, capped };
  }

  /** Returns the places of the entries that match, each one once, in the order of their names. */
  async #places(
    collections: readonly string[],
    typed: string,
  ): Promise<{ readonly meaning: string; readonly places: readonly Place[]; readonly capped: boolean }> {
    const { store } = this.#s;
    const query = refang(typed.trim());
    if (isStixId(query)) {
      const places: Place[] = [];
      for (const collection of collections) {
        const page = { collection, after: 0, limit: 10, ids: [query], versions: LAST_VERSION };
        places.push(
          ...(await store.entries(page, false)).entries.map(({ added }) => ({ collection, added })),
        );
      }
      return { meaning: `STIX ID ${query}`, places, capped: false };
    }
    const { meaning, ranges: asked } = readSearch(query);
    const ranges = collections.flatMap((id) =>
      asked.map((range) => ({ ...range, kind: kindIn(id, range.kind) })),
    );
    const places = new Map<string, Place>();
    let looked = 0;
    for await (const names of namePages(store, ranges, WINDOW)) {
      for (const { collection, added } of names) {
        if (places.size === MOST_ENTRIES && !places.has(`${collection} ${added}`))
          return { meaning, places: [...places.values()], capped: true };
        places.set(`${collection} ${added}`, { collection, added });
      }
      looked += names.length;
      if (looked >= MOST_NAMES) return { meaning, places: [...places.values()], capped: true };
    }
    return { meaning, places: [...places.values()], capped: false };
  }
}

/** True if the caller may know who submitted an object: hub staff, and a member for its own. */
function isSourceShown(principal: Principal, owner: string): boolean {
  return (
    can(principal, 'hub.read', { kind: 'hub' }) ||
    can(principal, 'member.read', { kind: 'member', name: owner })
  );
}

/** Identifies a list of objects. */
function digestOf(ids: readonly string[]): string {
  return hash('sha256', [...new Set(ids)].toSorted().join('\n'), 'base64url').slice(0, 22);
}
