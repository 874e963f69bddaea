import type { Filter } from 'mongodb';
import {
  PAGE_BYTES,
  coveredBefore,
  distinctPlaces,
  fittingIn,
  placeKey,
  ownersById,
  removalRanks,
  type CollectionSize,
  type EntryFacts,
  type EntryPage,
  type PageQuery,
  type Place,
  type PlacedPage,
  type RemovalQuery,
  type TextPage,
  type Tombstone,
} from '../store.ts';
import type { MongoCollections } from './database.ts';
import { padded, type EntryDocument } from './documents.ts';
import { horizonOf, outsideDeadRanges, readTail, type Horizon, type Tail } from './horizon.ts';

/** Reads of collections. A read sees entries up to the horizon of their collection, except those of dead turns. */
export class Entries {
  readonly #c: MongoCollections;
  readonly #noticed: (tail: Tail | undefined) => void;

  /** `noticed` is called with the turns at the end of a collection whenever they were read. */
  constructor(c: MongoCollections, noticed: (tail: Tail | undefined) => void) {
    this.#c = c;
    this.#noticed = noticed;
  }

  async texts(query: PageQuery): Promise<TextPage> {
    const { page, more } = await this.#select(query);
    if (page.length === 0) return { joined: Buffer.alloc(0), count: 0, first: 0, last: 0, more: false };
    const { page: part, texts } = await this.#fitting(page);
    const known = part.filter(({ digest }) => texts.has(digest));
    return {
      joined: Buffer.from(known.map(({ digest }) => texts.get(digest)).join(',')),
      count: known.length,
      first: known[0]?.added ?? 0,
      last: known.at(-1)?.added ?? 0,
      more: more || part.length < page.length,
    };
  }

  async list(query: PageQuery, withText: boolean): Promise<EntryPage> {
    const { page, more } = await this.#select(query);
    if (!withText || page.length === 0) return { entries: page.map(factsOf), more };
    const { page: part, texts } = await this.#fitting(page);
    return {
      entries: part.flatMap((row) => {
        const text = texts.get(row.digest);
        return text === undefined ? [] : [{ ...factsOf(row), text }];
      }),
      more: more || part.length < page.length,
    };
  }

  async standing(
    collection: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const { bound, dead } = await this.#horizon(collection);
    const rows = await this.#c.entries
      .find({ coll: collection, id: { $in: [...ids] }, added: { $lte: bound }, ...outsideDeadRanges(dead) })
      .project<{ id: string; owner: string }>({ id: 1, owner: 1 })
      .toArray();
    return ownersById(rows);
  }

  async levels(ids: readonly string[], collections: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#c.entries
      .find({ coll: { $in: [...collections] }, id: { $in: [...ids] } })
      .project<Pick<EntryDocument, 'coll' | 'id' | 'level' | 'added' | 'turn'>>({
        coll: 1,
        id: 1,
        level: 1,
        added: 1,
        turn: 1,
      })
      .toArray();
    const found = [...new Set(rows.map(({ coll }) => coll))];
    const horizons = new Map(
      await Promise.all(found.map(async (coll) => [coll, await this.#horizon(coll)] as const)),
    );
    const lowest = new Map<string, number>();
    for (const { coll, id, level, added, turn } of rows) {
      const seen = horizons.get(coll);
      if (seen === undefined || added > seen.bound || seen.dead.includes(turn)) continue;
      lowest.set(id, Math.min(level, lowest.get(id) ?? level));
    }
    return lowest;
  }

  async removals(query: RemovalQuery): Promise<readonly Tombstone[]> {
    const { collection, after, limit } = query;
    const { bound, dead } = await this.#horizon(collection);
    const { within, beyond, unranked } = removalRanks(query);
    const since = (query.beyond?.since ?? 0) - 1;
    // One index scan per level, so levels that the reader cannot see cost nothing. Null matches entries without a
    // level.
    const walks = [
      ...[...within, ...(unranked ? [null] : [])].map((level) => ({ level, from: after })),
      ...beyond.map((level) => ({ level, from: Math.max(after, since) })),
    ];
    const rows = await this.#c.tombstones
      .find({
        $or: walks.map(({ level, from }) => ({
          coll: collection,
          level,
          removed: { $gt: from, $lte: bound },
          ...outsideDeadRanges(dead),
        })),
      })
      .sort({ removed: 1 })
      .limit(limit)
      .toArray();
    return rows.map(({ id, version, spec, removed }) => ({ id, version, spec, removed }));
  }

  async placed(places: readonly Place[]): Promise<PlacedPage> {
    const found = await this.#entriesAt(places);
    const rows = distinctPlaces(places).flatMap((place) => found.get(placeKey(place)) ?? []);
    if (rows.length === 0) return { entries: [], covered: places.length };
    const { page, texts } = await this.#fitting(rows);
    const end = rows[page.length];
    return {
      entries: page.flatMap((row) => {
        const text = texts.get(row.digest);
        return text === undefined ? [] : [{ ...factsOf(row), collection: row.coll, text }];
      }),
      covered: coveredBefore(places, end === undefined ? undefined : placeOf(end)),
    };
  }

  async occupied(places: readonly Place[]): Promise<readonly Place[]> {
    const found = await this.#entriesAt(places);
    return places.filter((place) => found.has(placeKey(place)));
  }

  /** Returns the entries at some places that readers see, by place. */
  async #entriesAt(places: readonly Place[]): Promise<ReadonlyMap<string, EntryDocument>> {
    const rows = await this.#c.entries
      .find({ _id: { $in: places.map(({ collection, added }) => `${collection}/${padded(added)}`) } })
      .toArray();
    const collections = [...new Set(rows.map(({ coll }) => coll))];
    const horizons = new Map(
      await Promise.all(collections.map(async (coll) => [coll, await this.#horizon(coll)] as const)),
    );
    const seen = rows.filter(({ coll, added, turn }) => {
      const horizon = horizons.get(coll);
      return horizon !== undefined && added <= horizon.bound && !horizon.dead.includes(turn);
    });
    return new Map(seen.map((row) => [placeKey(placeOf(row)), row]));
  }

  async sizes(): Promise<readonly CollectionSize[]> {
    const collections = (await this.#c.turns.distinct('coll')).map(String).toSorted();
    return Promise.all(
      collections.map(async (collection) => {
        const { bound, dead } = await this.#horizon(collection);
        const entries = await this.#c.entries.countDocuments({
          coll: collection,
          added: { $lte: bound },
          ...outsideDeadRanges(dead),
        });
        return { collection, entries, last: bound };
      }),
    );
  }

  async #horizon(coll: string): Promise<Horizon> {
    const tail = await readTail(this.#c, coll);
    this.#noticed(tail);
    return horizonOf(tail);
  }

  async #select(query: PageQuery): Promise<{ page: EntryDocument[]; more: boolean }> {
    const { bound, dead } = await this.#horizon(query.collection);
    const rows = await this.#c.entries
      .find(filterOf(query, bound, dead))
      .sort({ added: 1 })
      .limit(query.limit + 1)
      .batchSize(query.limit + 1)
      .toArray();
    return { page: rows.slice(0, query.limit), more: rows.length > query.limit };
  }

  async #textsOf(entries: readonly EntryDocument[]): Promise<Map<string, string>> {
    const digests = [...new Set(entries.map(({ digest }) => digest))];
    const found = await this.#c.objects
      .find({ _id: { $in: digests } })
      .batchSize(digests.length + 1)
      .toArray();
    return new Map(found.map(({ _id, text }) => [_id, text]));
  }

  /** Returns the first entries of a page whose texts fit into one page, with these texts. */
  async #fitting(
    page: readonly EntryDocument[],
  ): Promise<{ page: readonly EntryDocument[]; texts: Map<string, string> }> {
    const texts = new Map<string, string>();
    const digests = [...new Set(page.map(({ digest }) => digest))];
    let bytes = 0;
    // The server divides large responses, so a page of large texts ends after a few of them.
    for await (const { _id, text } of this.#c.objects
      .find({ _id: { $in: digests } })
      .batchSize(digests.length + 1)) {
      texts.set(_id, text);
      bytes += Buffer.byteLength(text);
      if (bytes > PAGE_BYTES) break;
    }
    if (bytes <= PAGE_BYTES) return { page, texts };
    const sizes: number[] = [];
    for (const { digest } of page) {
      if (!texts.has(digest))
        for (const [id, text] of await this.#textsOf(page.filter((one) => one.digest === digest)))
          texts.set(id, text);
      sizes.push(Buffer.byteLength(texts.get(digest) ?? ''));
      if (fittingIn(sizes) < sizes.length) break;
    }
    return { page: page.slice(0, fittingIn(sizes)), texts };
  }
}

function filterOf(query: PageQuery, bound: number, dead: readonly number[]): Filter<EntryDocument> {
  const { all, first, last, exact } = query.versions;
  const wanted: Filter<EntryDocument>[] = [
    ...(last ? [{ newest: true }] : []),
    ...(first ? [{ oldest: true }] : []),
    ...(exact.length > 0 ? [{ instant: { $in: [...exact] } }] : []),
  ];
  return {
    coll: query.collection,
    ...(query.specs === undefined ? { old_spec: false } : { spec: { $in: [...query.specs] } }),
    ...(query.ids === undefined ? {} : { id: { $in: [...query.ids] } }),
    ...(query.types === undefined ? {} : { type: { $in: [...query.types] } }),
    ...(all ? {} : wanted.length === 1 ? wanted[0] : { $or: wanted }),
    added: { $gt: query.after, $lte: bound },
    ...outsideDeadRanges(dead),
  };
}

function placeOf({ coll, added }: EntryDocument): Place {
  return { collection: coll, added };
}

function factsOf(row: EntryDocument): EntryFacts {
  return {
    id: row.id,
    type: row.type,
    version: row.version,
    spec: row.spec,
    added: row.added,
    level: row.level,
    owner: row.owner,
    ...(row.creator === undefined ? {} : { creator: row.creator }),
    oldest: row.oldest,
    newest: row.newest && !row.old_spec,
  };
}
