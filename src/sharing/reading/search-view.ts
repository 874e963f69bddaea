import { hash } from 'node:crypto';
import type { SearchExport, SearchView as View } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import type { Ledger } from '../../access/ledger.ts';
import { writtenJson, type WrittenJson } from '../../access/operation.ts';
import { principalId, type Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import { detached } from '../../kernel/detached.ts';
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
  placeKey,
  placedPages,
  type Place,
  type PlacedEntry,
  type Store,
} from '../../store/store.ts';
import { sharingErrors } from '../errors.ts';
import { isRelayed } from '../intake/owner.ts';
import { noteLookup } from './note-lookup.ts';
import { readableBy } from './readable.ts';
import { ageOf, MOST_IN_VIEW, narrowed, type Chosen, type Faceted } from './search-filters.ts';
import type { SearchIndex } from './search-index.ts';
import { kindIn } from './search-names.ts';
import { titleOf, validUntil, valueOf } from './summary.ts';

/** Names that a view examines. Several names can lead to the same entry, and some to removed ones. */
const WINDOW = 1_000;
const MOST_NAMES = 20_000;
/** Maximum size of the objects that a view reads for its filters and counts, in characters. */
const MOST_READ = 67_108_864;
/** Maximum size of the objects of one export, in characters. */
const MOST_TEXT = 33_554_432;
/**
 * Maximum number of views and exports that an account has made at the same time. Each holds a page of objects meanwhile,
 * and an export holds all its objects until a slow client has received them.
 */
const MOST_AT_ONCE = 4;
/** Labels of an object that can be filtered. Longer ones do not fit in a filter. */
const MOST_LABELS = 100;
const LONGEST_LABEL = 1_000;

/** The facts that a view keeps about an object. The text is read again for the page that shows it. */
interface Match extends Faceted {
  readonly entry: Omit<PlacedEntry, 'text'>;
  /** Characters of the text. */
  readonly size: number;
  /** The readable collections that contain this version or another one of the same owner, that of the entry first. */
  readonly collections: CollectionInfo[];
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
  /** Number of views that are being made, by account. */
  readonly #running = new Map<string, number>();

  constructor(parts: ViewParts) {
    this.#s = parts;
  }

  /**
   * Returns the objects from `offset` on, newest first, with the counts of the facets. `digest` identifies the list with
   * the versions of its objects. `agent` is the client program, for the ledger. Throws `TLN-X-426` if the account has too
   * many views made at once.
   */
  async view(
    principal: Principal,
    { typed, chosen }: ViewQuery,
    { offset, limit }: { readonly offset: number; readonly limit: number },
    agent: string,
  ): Promise<View> {
    return this.#inTurn(principal, async () => {
      const { all, ...facts } = await this.#matches(principal, typed);
      const { matching, facets } = await new Slices(this.#s.clock).through(narrowed(all, chosen));
      const directory = await this.#s.directory.current();
      const page = matching.slice(offset, offset + limit);
      const items: View['items'][number][] = [];
      for await (const { match, text } of this.#texts(page)) items.push(rowOf(match, text, directory));
      noteLookup(this.#s.ledger, principal, items, agent);
      const next = offset + page.length;
      return {
        ...facts,
        items,
        total: matching.length,
        facets,
        digest: digestOf(matching),
        ...(next < matching.length ? { next } : {}),
      };
    });
  }

  /**
   * Returns the objects of a view as a STIX bundle, with the texts that the hub received. The export counts among those
   * of the account until `whenSent` calls back. Throws `TLN-X-425` if the objects are too large, and `TLN-X-426` like
   * `view`.
   */
  async bundle(
    principal: Principal,
    { typed, chosen }: ViewQuery,
    agent: string,
    whenSent: (done: () => void) => void,
  ): Promise<WrittenJson<SearchExport>> {
    return this.#inTurn(
      principal,
      async () => {
        const { all } = await this.#matches(principal, typed);
        const { matching } = await new Slices(this.#s.clock).through(narrowed(all, chosen));
        if (matching.reduce((sum, { size }) => sum + size, 0) > MOST_TEXT)
          throw sharingErrors.exportTooLarge();
        noteLookup(
          this.#s.ledger,
          principal,
          matching.map(({ entry }) => entry),
          agent,
        );
        // Owners can have different objects under the same id, and the same text in several collections.
        const texts = new Set<string>();
        for await (const { text } of this.#texts(matching)) texts.add(text);
        const head = `{"type":"bundle","id":"bundle--${this.#s.ids.uuid()}"`;
        // Lists with no entries are not allowed (STIX 2.1 §2.12).
        return writtenJson(texts.size === 0 ? `${head}}` : `${head},"objects":[${[...texts].join(',')}]}`);
      },
      whenSent,
    );
  }

  /** Does work as one of the views of an account. With `whenSent` it counts until that calls back. */
  async #inTurn<T>(
    principal: Principal,
    work: () => Promise<T>,
    whenSent?: (done: () => void) => void,
  ): Promise<T> {
    const account = principalId(principal);
    const running = this.#running.get(account) ?? 0;
    if (running >= MOST_AT_ONCE)
      throw sharingErrors.searchesAtOnce({ most: MOST_AT_ONCE }, { headers: { 'Retry-After': '2' } });
    this.#running.set(account, running + 1);
    const ended = (): void => {
      const left = (this.#running.get(account) ?? 1) - 1;
      if (left === 0) this.#running.delete(account);
      else this.#running.set(account, left);
    };
    let made = false;
    try {
      const result = await work();
      made = true;
      return result;
    } finally {
      if (made && whenSent !== undefined) whenSent(ended);
      else ended();
    }
  }

  /** Yields objects with their texts, a page of texts at a time. Objects that were removed meanwhile are left out. */
  async *#texts(matches: readonly Match[]): AsyncGenerator<{ readonly match: Match; readonly text: string }> {
    const byPlace = new Map(matches.map((match) => [placeKey(match.entry), match]));
    const places = matches.map(({ entry: { collection, added } }) => ({ collection, added }));
    const slices = new Slices(this.#s.clock);
    for await (const entries of placedPages(this.#s.store, places))
      for (const { text, ...entry } of entries) {
        const match = byPlace.get(placeKey(entry));
        if (match !== undefined) yield { match, text };
        if (slices.isOver(text.length)) await slices.next();
      }
  }

  async #matches(principal: Principal, typed: string): Promise<Matches> {
    const directory = await this.#s.directory.current();
    const readable = new Map(readableBy(principal, directory).map((one) => [one.id, one] as const));
    const collections = [...readable.keys()].toSorted();
    let complete = true;
    for (const id of collections) complete = (await this.#s.index.catchUp(id)) && complete;
    const { meaning, places, capped } = await this.#places(collections, typed);
    const { all, isCut } = await this.#read(principal, places, readable);
    return { meaning, all, collections: collections.length, complete, capped: capped || isCut };
  }

  /**
   * Reads the entries at some places, newest first, and keeps only the facts of the objects. `isCut`: it has ended at
   * `MOST_READ`.
   */
  async #read(
    principal: Principal,
    places: readonly Place[],
    readable: ReadonlyMap<string, CollectionInfo>,
  ): Promise<{ readonly all: readonly Match[]; readonly isCut: boolean }> {
    const { store, clock } = this.#s;
    const slices = new Slices(clock);
    const found = new Map<string, Match>();
    const newestFirst = places.toSorted((a, b) => b.added - a.added);
    let read = 0;
    let covered = 0;
    while (covered < newestFirst.length && read < MOST_READ) {
      const page = await store.placed(newestFirst.slice(covered));
      covered += page.covered;
      for (const { text, ...entry } of page.entries) {
        read += text.length;
        const collection = readable.get(entry.collection);
        if (!entry.newest || collection === undefined) continue;
        // An object of another owner under the same id is another object.
        const key = `${entry.id} ${entry.owner}`;
        const present = found.get(key);
        if (present === undefined) {
          const isOwnerShown = isSourceShown(principal, entry.owner);
          found.set(key, matchOf(text, entry, collection, isOwnerShown, clock.now()));
        } else present.collections.push(collection);
        if (slices.isOver(text.length)) await slices.next();
      }
    }
    const all = [...found.values()];
    all.sort((a, b) => b.entry.added - a.entry.added || (a.entry.id < b.entry.id ? -1 : 1));
    return { all, isCut: covered < newestFirst.length };
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
        if (places.size === MOST_IN_VIEW && !places.has(`${collection} ${added}`))
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

/** Returns the facts of an object. None of them refers to its text. */
function matchOf(
  text: string,
  entry: Match['entry'],
  collection: CollectionInfo,
  isOwnerShown: boolean,
  now: number,
): Match {
  const object = JSON.parse(text) as StixObject;
  const collections = [collection];
  const labels = texts(object, 'labels').filter(({ length }) => length <= LONGEST_LABEL);
  return {
    entry,
    size: text.length,
    collections,
    facets: {
      type: [entry.type],
      tlp: [tlpOf(entry.level)],
      state: [stateOf(object, now)],
      get collection() {
        return collections.map(({ id, alias }) => alias ?? id);
      },
      source: isOwnerShown ? [entry.owner] : [],
      label: labels.slice(0, MOST_LABELS),
      age: [ageOf(entry.added / 1_000, now)],
    },
  };
}

/** Returns the line of an object in the list. */
function rowOf(
  { entry, collections, facets }: Match,
  text: string,
  directory: Snapshot,
): View['items'][number] {
  const object = JSON.parse(text) as StixObject;
  const { value } = valueOf(object);
  return {
    id: entry.id,
    type: entry.type,
    ...versionFact(entry.version),
    title: detached(titleOf(object)),
    ...(value === undefined ? {} : { value: detached(value) }),
    state: facets.state[0] as View['items'][number]['state'],
    ...validUntil(object),
    tlp: tlpOf(entry.level),
    ...(facets.source[0] === undefined ? {} : { source: facets.source[0] }),
    labels: facets.label.slice(0, 5),
    collection: entry.collection,
    collection_name: collections[0]?.alias ?? entry.collection,
    collections: collections.length,
    date_added: taxiiTimestamp(entry.added),
    ...(isRelayed(entry, directory) ? { relayed: true } : {}),
  };
}

/** Identifies a list of objects with their versions. It depends on nothing that the caller cannot see. */
function digestOf(matches: readonly Match[]): string {
  const lines = matches.map(({ entry }) => `${entry.id} ${entry.version}`).toSorted();
  return hash('sha256', lines.join('\n'), 'base64url').slice(0, 22);
}
