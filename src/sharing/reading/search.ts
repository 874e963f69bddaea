import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { FoundObjects } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import type { Ledger } from '../../access/ledger.ts';
import { MemberSecrets } from '../../access/member-secrets.ts';
import { can } from '../../access/rights.ts';
import { principalId, type Principal } from '../../access/principal.ts';
import type { CollectionInfo } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { CursorSeal } from '../../kernel/cursor-seal.ts';
import type { Log } from '../../kernel/log.ts';
import { Slices } from '../../kernel/slices.ts';
import { readSearch, readableValue, searchKeys, type SearchRange } from '../../stix/search-keys.ts';
import { stateOf } from '../../stix/state.ts';
import { taxiiTimestamp } from '../../stix/timestamps.ts';
import type { StixObject } from '../../stix/types.ts';
import { isRelayed } from '../intake/owner.ts';
import {
  PAGE_BYTES,
  byBytes,
  nameOf,
  nameText,
  placedPages,
  type Name,
  type PlacedEntry,
  type Store,
} from '../../store/store.ts';
import { accessErrors } from '../../access/errors.ts';
import { noteLookup } from './note-lookup.ts';
import { readableBy } from './readable.ts';
import { SavedSearches } from './saved-searches.ts';
import { SearchIndex } from './search-index.ts';
import { kindIn, kindOf, namesOf } from './search-names.ts';
import { titleOf, validUntil, valueOf } from './summary.ts';
import { versionFact } from '../../stix/versions.ts';

/** An object that was found, in one of its collections. */
export type Found = FoundObjects['items'][number];

/** A search result, and the name that led to it. */
interface Hit {
  readonly item: Found;
  readonly name: Name;
}

/** Number of hits whose texts are read at once, at first and at most. */
const FIRST_READ = 8;
const MOST_READ = 200;
/** Names that one query examines per batch, and in total. Names of removed objects count as well. */
const WINDOW = 1_000;
const MOST_LOOKED_AT = 20_000;
/** Number of objects with the same value that are compared with a new one. */
const MOST_STANDING = 100;

/** Finds objects by their values, in the collections that the caller may read. */
export class Search {
  /** The names by which objects are found. */
  readonly index: SearchIndex;
  readonly saved: SavedSearches;
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #ledger: Pick<Ledger, 'read'>;
  readonly #seal: CursorSeal;
  readonly #clock: Clock;

  constructor(
    store: Store,
    directory: Directory,
    ledger: Pick<Ledger, 'read'>,
    seal: CursorSeal,
    clock: Clock,
    log: Log,
  ) {
    this.#seal = seal;
    this.#clock = clock;
    this.#store = store;
    this.#directory = directory;
    this.#ledger = ledger;
    this.index = new SearchIndex(store, directory, clock, log);
    this.saved = new SavedSearches(store, clock, directory, new MemberSecrets(directory, clock));
  }

  /** Returns a page of search results. `after` is the `next` of the previous page. */
  async find(
    principal: Principal,
    typed: string,
    limit: number,
    after: string | undefined,
    agent: string,
  ): Promise<FoundObjects> {
    const { meaning, ranges: asked } = readSearch(typed);
    const directory = await this.#directory.current();
    const readable = new Map(readableBy(principal, directory).map((one) => [one.id, one] as const));
    const collections = [...readable.keys()].toSorted();
    // A position is valid only for the collections that the caller can read now. It becomes invalid when
    // these change.
    const binding = ['search', principalId(principal), digestOf(asked), digestOf(collections)];
    const ranges = collections.flatMap((id) =>
      asked.map((range) => ({ ...range, kind: kindIn(id, range.kind) })),
    );
    let at = after === undefined ? undefined : this.#placeIn(after, binding);
    let complete = true;
    for (const id of collections) complete = (await this.index.catchUp(id)) && complete;

    // One more match than requested shows that there is another page.
    const found: Hit[] = [];
    let looked = 0;
    let more = true;
    while (more && found.length <= limit && looked < MOST_LOOKED_AT) {
      const names = await this.#store.names({
        ranges,
        ...(at === undefined ? {} : { after: at }),
        limit: WINDOW,
      });
      looked += names.length;
      more = names.length === WINDOW;
      for (let i = 0; i < names.length && found.length <= limit;) {
        const some = names.slice(i, i + limit + 1 - found.length);
        found.push(...(await this.#hits(some, readable, asked)));
        i += some.length;
        at = some.at(-1);
      }
      if (more) await setImmediate();
    }
    const items = found.slice(0, limit).map(({ item }) => item);
    const last = found.length > limit ? found[limit - 1]?.name : more ? at : undefined;
    noteLookup(this.#ledger, principal, items, agent);
    return {
      meaning,
      items,
      collections: readable.size,
      next: last === undefined ? undefined : this.#seal.seal(Buffer.from(nameText(last)), binding),
      complete,
    };
  }

  /**
   * Returns an object in a collection that is found by the same value or name as the given one, is valid now, and passes
   * a test. Undefined for a caller that cannot read the collection.
   */
  async standing(
    principal: Principal,
    collection: CollectionInfo,
    like: StixObject,
    test: (object: StixObject) => boolean,
  ): Promise<StixObject | undefined> {
    const rights = (await this.#directory.current()).rights(principal, collection);
    if (!can(principal, 'collection.read', { kind: 'collection', rights })) return undefined;
    const keys = searchKeys(like);
    const key = keys.find(({ kind }) => kind !== 'name') ?? keys[0];
    if (key === undefined) return undefined;
    await this.index.catchUp(collection.id);
    const names = await this.#store.names({
      ranges: [{ kind: kindIn(collection.id, key.kind), from: key.value }],
      limit: MOST_STANDING,
    });
    const slices = new Slices(this.#clock);
    for await (const entries of placedPages(this.#store, names))
      for (const { newest, text } of entries) {
        if (slices.isOver(text.length)) await slices.next();
        if (!newest) continue;
        const object = JSON.parse(text) as StixObject;
        if (test(object) && stateOf(object, this.#clock.now()) === 'valid') return object;
      }
    return undefined;
  }

  #placeIn(after: string, binding: readonly string[]): Name {
    const place = this.#seal.open(after, binding);
    if (place !== undefined) return nameOf(place.toString());
    throw accessErrors.invalidAfter({
      description:
        'The value belongs to another query or another account, or the collections that you can read have changed.',
      hint: 'Send the value of "next" from the previous page, or start again without "after".',
    });
  }

  async #hits(
    names: readonly Name[],
    readable: ReadonlyMap<string, CollectionInfo>,
    ranges: readonly SearchRange[],
  ): Promise<readonly Hit[]> {
    const hits: Hit[] = [];
    // The texts are read in parts, because an object can be large. The parts grow while the objects are small.
    for (let at = 0, some = FIRST_READ; at < names.length;) {
      const part = names.slice(at, at + some);
      const { entries, covered } = await this.#store.placed(part);
      hits.push(...(await this.#hitsAmong(part.slice(0, covered), entries, readable, ranges)));
      at += covered;
      const size = entries.reduce((sum, { text }) => sum + text.length, 0);
      some = size > PAGE_BYTES / 4 ? FIRST_READ : Math.min(some * 2, MOST_READ);
      await setImmediate();
    }
    return hits;
  }

  async #hitsAmong(
    names: readonly Name[],
    entries: readonly PlacedEntry[],
    readable: ReadonlyMap<string, CollectionInfo>,
    ranges: readonly SearchRange[],
  ): Promise<readonly Hit[]> {
    const standing = new Map(entries.map((entry) => [`${entry.collection} ${entry.added}`, entry]));
    const directory = await this.#directory.current();
    const hits: Hit[] = [];
    const slices = new Slices(this.#clock);
    for (const name of names) {
      const entry = standing.get(`${name.collection} ${name.added}`);
      const collection = readable.get(name.collection);
      if (entry === undefined || !entry.newest || collection === undefined) continue;
      if (slices.isOver(entry.text.length)) await slices.next();
      const object = JSON.parse(entry.text) as StixObject;
      // If several names lead to the object, only the first one returns it.
      if (firstName(object, name, ranges) !== nameText(name)) continue;
      const item = {
        id: entry.id,
        type: entry.type,
        ...versionFact(entry.version),
        title: titleOf(object),
        ...valueOf(object),
        state: stateOf(object, this.#clock.now()),
        ...validUntil(object),
        matched: { kind: kindOf(name), value: readableValue({ kind: kindOf(name), value: name.value }) },
        collection: collection.id,
        collection_name: collection.alias ?? collection.id,
        date_added: taxiiTimestamp(entry.added),
        ...(isRelayed(entry, directory) ? { relayed: true } : {}),
      };
      hits.push({ item, name });
    }
    return hits;
  }
}

/** Returns the first name of an object that matches a query, as text. */
function firstName(object: StixObject, found: Name, ranges: readonly SearchRange[]): string {
  const asked = (name: Name): boolean =>
    ranges.some(
      ({ kind, from, to }) =>
        kind === kindOf(name) &&
        (to === undefined
          ? name.value === from
          : byBytes(name.value, from) >= 0 && byBytes(name.value, to) < 0),
    );
  return namesOf(object, found)
    .filter(asked)
    .map(nameText)
    .reduce((a, b) => (byBytes(b, a) < 0 ? b : a), nameText(found));
}

function digestOf(value: unknown): string {
  return hash('sha256', JSON.stringify(value));
}
