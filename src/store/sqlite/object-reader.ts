import { setImmediate } from 'node:timers/promises';
import type { Micros } from '../../kernel/clock.ts';
import {
  type CollectionSize,
  type EntryPage,
  coveredBefore,
  distinctPlaces,
  fittingIn,
  nameBounds,
  nameOf,
  ownersById,
  placeKey,
  type Name,
  type NameQuery,
  type PageQuery,
  type Place,
  type PlacedPage,
  type TextPage,
  PAGE_BYTES,
  removalRanks,
  type RemovalQuery,
  type Tombstone,
} from '../store.ts';
import { rowsOf } from './connection.ts';
import {
  asJson,
  COLUMNS,
  EMPTY,
  GLUE,
  TEXT_COLUMNS,
  conditionOf,
  factsOf,
  joined,
  pageOf,
  sourcesOf,
  type Columns,
  type EntryRow,
  type Glued,
  type Source,
} from './entry-queries.ts';
import { PageMemory, questionOf } from './page-memory.ts';
import type { Statements } from './statements.ts';

/** Rows that a scan examines before it lets other requests run. */
const WINDOW = 20_000;
/** Ids that are looked up before other requests get their turn. */
const IDS_AT_ONCE = 500;
/** Ranges of names that one statement reads. */
const RANGES_AT_ONCE = 250;

/**
 * The entries of the ids in a JSON list. Most ids of new objects have none, and one statement for all of them takes less
 * than half the time of one for each. The order of the tables is fixed, because the planner would otherwise read all
 * entries.
 */
const WANTED =
  '(SELECT value AS wanted FROM json_each(?)) CROSS JOIN entry e INDEXED BY entry_id ON e.sid = wanted';

/** The entries of one id. The planner would otherwise choose another index. */
const BY_ID = 'entry e INDEXED BY entry_id WHERE e.sid = ?';

const ONE_GLUED = `SELECT CAST(o.text AS BLOB) AS joined, 1 AS count, e.added AS first, e.added AS last
  FROM entry e CROSS JOIN object o ON o.oid = e.oid WHERE e.coll = ? AND e.added = ?`;
const ALL_GLUED = `SELECT ${GLUE} FROM (SELECT e.added AS added, o.text AS text FROM json_each(?) j
  CROSS JOIN entry e ON e.coll = ? AND e.added = j.value CROSS JOIN object o ON o.oid = e.oid)`;
const NOTHING_GLUED: Glued = { joined: null, count: 0, first: 0, last: 0 };

interface Sized {
  readonly bytes: number;
}

function bytesOf({ bytes }: Sized): number {
  return bytes;
}

/** Reads of collections: objects, their entries, names and removals. */
export class ObjectReader {
  readonly #db: Statements;
  readonly #memory = new PageMemory();

  constructor(db: Statements) {
    this.#db = db;
  }

  async texts(query: PageQuery): Promise<TextPage> {
    const coll = this.#db.collection(query.collection);
    if (coll === undefined) return EMPTY;
    // Objects by their ids are found at once, and rarely requested twice.
    if (query.ids !== undefined) return this.#texts(coll, query);
    const question = questionOf(coll, query);
    const { last: head } = this.#db.sql('SELECT last FROM collection WHERE no = ?').get(coll) as {
      last: number;
    };
    const kept = this.#memory.find(coll, head, question);
    if (kept !== undefined) return kept;
    const page = await this.#texts(coll, query);
    this.#memory.keep(coll, head, question, page);
    return page;
  }

  async #texts(coll: number, query: PageQuery): Promise<TextPage> {
    const sources = sourcesOf(coll, query);
    if (sources !== undefined) return this.#glued(sources, query);
    const rows = await this.#rows(coll, query, TEXT_COLUMNS);
    const count = fittingIn(rows.slice(0, query.limit).map(bytesOf));
    return pageOf(this.#gluedAt(coll, rows.slice(0, count)), rows.length > count);
  }

  /** Joins the texts at these places. A version that was removed after its row was read is left out. */
  #gluedAt(coll: number, rows: readonly { readonly added: Micros }[]): Glued {
    const [first] = rows;
    // Most requests for objects by their ids are for one.
    const found =
      first !== undefined && rows.length === 1
        ? this.#db.sql(ONE_GLUED).get(coll, first.added)
        : this.#db.sql(ALL_GLUED).get(JSON.stringify(rows.map(({ added }) => added)), coll);
    return (found ?? NOTHING_GLUED) as object as Glued;
  }

  /**
   * The most common page: SQLite turns the rows into bytes, so no strings are created. The sizes come from an index, and
   * show whether the page has to be cut, whether more follows, and whether there is anything to read.
   */
  #glued(sources: readonly Source[], query: PageQuery): TextPage {
    const sizes = joined(sources, 'e.added AS added, e.bytes AS bytes', query.after, query.limit + 1);
    const total = this.#db
      .sql(`SELECT count(*) AS count, sum(bytes) AS bytes FROM (${sizes.sql})`)
      .get(...sizes.values) as { count: number; bytes: number | null };
    if (total.bytes === null) return EMPTY;
    const limit =
      total.bytes > PAGE_BYTES
        ? fittingIn(
            rowsOf<Sized>(this.#db.sql(sizes.sql), ...sizes.values)
              .slice(0, query.limit)
              .map(bytesOf),
          )
        : query.limit;
    const { sql, values } = joined(sources, 'e.added AS added, e.oid AS oid', query.after, limit);
    const page = this.#db
      .sql(
        `SELECT ${GLUE} FROM (SELECT p.added AS added, o.text AS text FROM (${sql}) p CROSS JOIN object o ON o.oid = p.oid)`,
      )
      .get(...values) as object as Glued;
    return pageOf(page, page.count === limit && total.count > limit);
  }

  async entries(query: PageQuery, withText: boolean): Promise<EntryPage> {
    const coll = this.#db.collection(query.collection);
    if (coll === undefined) return { entries: [], more: false };
    const rows = await this.#rows(coll, query, COLUMNS);
    const more = rows.length > query.limit;
    const page = more ? rows.slice(0, query.limit) : rows;
    if (!withText) return { entries: page.map(factsOf), more };
    const count = fittingIn(page.map(bytesOf));
    const texts = this.#textsOf(page.slice(0, count));
    const entries = page.slice(0, count).flatMap((row) => {
      const text = texts.get(row.oid);
      return text === undefined ? [] : [{ ...factsOf(row), text }];
    });
    return { entries, more: more || count < page.length };
  }

  /** Returns these columns of at most `limit + 1` rows, in the order of their date added. */
  async #rows<R extends { readonly added: number }>(
    coll: number,
    query: PageQuery,
    columns: Columns<R>,
  ): Promise<readonly R[]> {
    const most = query.limit + 1;
    if (query.ids !== undefined) return this.#byIds<R>(coll, query, columns).slice(0, most);
    const sources = sourcesOf(coll, query);
    if (sources === undefined) return this.#scan<R>(coll, query, columns, most);
    const { sql, values } = joined(sources, columns.sql, query.after, most);
    return this.#list(columns, sql, values);
  }

  #list<R>(columns: Columns<R>, sql: string, values: readonly (string | number)[]): R[] {
    const { rows } = this.#db.sql(asJson(columns, sql)).get(...values) as { rows: string };
    return columns.rowsOf(rows);
  }

  #byIds<R extends { readonly added: number }>(coll: number, query: PageQuery, columns: Columns<R>): R[] {
    const { sql, values } = conditionOf(query);
    const ids = [...new Set(query.ids)];
    const [first = ''] = ids;
    const rest = `e.coll = ? AND e.added > ? AND ${sql} ORDER BY e.added`;
    const [from, wanted] =
      ids.length === 1 ? [`${BY_ID} AND ${rest}`, first] : [`${WANTED} AND ${rest}`, JSON.stringify(ids)];
    return this.#list(columns, `SELECT ${columns.sql} FROM ${from}`, [wanted, coll, query.after, ...values]);
  }

  /**
   * Reads with filters that no index supports. It examines the collection in windows and lets other requests run
   * between them.
   */
  async #scan<R extends { readonly added: number }>(
    coll: number,
    query: PageQuery,
    columns: Columns<R>,
    most: number,
  ): Promise<readonly R[]> {
    const { sql, values } = conditionOf(query);
    const inWindow = `SELECT ${columns.sql} FROM (SELECT * FROM entry WHERE coll = ? AND added > ? ORDER BY added LIMIT ?) e WHERE ${sql} LIMIT ?`;
    const lastOfWindow = this.#db.sql(
      'SELECT added FROM entry WHERE coll = ? AND added > ? ORDER BY added LIMIT 1 OFFSET ?',
    );
    const found: R[] = [];
    let after = query.after;
    // The first window is small, so that only one page is read when nearly every row matches.
    for (let size = Math.min(WINDOW, most * 2); ; size = WINDOW) {
      found.push(...this.#list(columns, inWindow, [coll, after, size, ...values, most - found.length]));
      if (found.length === most) return found;
      const last = lastOfWindow.get(coll, after, size - 1) as { added: number } | undefined;
      if (last === undefined) return found;
      after = last.added;
      await setImmediate();
    }
  }

  standing(collection: string, ids: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
    const coll = this.#db.collection(collection);
    if (coll === undefined) return new Map();
    const owners = this.#db.sql(`SELECT sid AS id, owner FROM ${WANTED} AND e.coll = ?`);
    return ownersById(rowsOf<{ id: string; owner: string }>(owners, JSON.stringify(ids), coll));
  }

  stands(collection: string, id: string): boolean {
    const coll = this.#db.collection(collection);
    if (coll === undefined) return false;
    return (
      this.#db
        .sql('SELECT 1 FROM entry INDEXED BY entry_id WHERE sid = ? AND coll = ? LIMIT 1')
        .get(id, coll) !== undefined
    );
  }

  async levels(ids: readonly string[], collections: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const among = new Set(collections.map((collection) => this.#db.collection(collection)));
    const places = this.#db.sql(`SELECT sid AS id, coll, level FROM ${WANTED}`);
    const lowest = new Map<string, number>();
    for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
      if (at > 0) await setImmediate();
      const some = JSON.stringify(ids.slice(at, at + IDS_AT_ONCE));
      for (const { id, coll, level } of rowsOf<{ id: string; coll: number; level: number }>(places, some))
        if (among.has(coll)) lowest.set(id, Math.min(level, lowest.get(id) ?? level));
    }
    return lowest;
  }

  names(query: NameQuery): readonly Name[] {
    const next = this.#db.sql('SELECT line FROM name WHERE line > ? ORDER BY line LIMIT 1');
    // One statement for many ranges takes a third of the time of one for each. They come, and their names, in order.
    const within = this.#db.sql(
      'SELECT n.line AS line FROM json_each(?) r CROSS JOIN name n ON n.line > r.key AND n.line < r.value LIMIT ?',
    );
    const found: Name[] = [];
    for (let rest = nameBounds(query); found.length < query.limit;) {
      const [first] = rest;
      const line =
        first === undefined ? undefined : (next.get(first.low) as { line: string } | undefined)?.line;
      if (line === undefined) break;
      // A query of an address has a range per length of network and collection. Few of them hold a name, and the next
      // name of the table shows how many ranges are empty.
      const name = Buffer.from(line);
      const at = rest.findIndex(({ high }) => Buffer.compare(Buffer.from(high), name) > 0);
      if (at < 0) break;
      const some = rest.slice(at, at + RANGES_AT_ONCE);
      const ranges = Object.fromEntries(
        some.map(({ low, high }) => [low.toWellFormed(), high.toWellFormed()]),
      );
      const rows = rowsOf<{ line: string }>(within, JSON.stringify(ranges), query.limit - found.length);
      for (const row of rows) found.push(nameOf(row.line));
      rest = rest.slice(at + RANGES_AT_ONCE);
    }
    return found;
  }

  placed(places: readonly Place[]): PlacedPage {
    const rows = this.#entriesAt(distinctPlaces(places));
    const count = fittingIn(rows.map(({ row }) => row.bytes));
    const texts = this.#textsOf(rows.slice(0, count).map(({ row }) => row));
    const entries = rows.slice(0, count).flatMap(({ place: { collection, added }, row }) => {
      const text = texts.get(row.oid);
      return text === undefined ? [] : [{ ...factsOf(row), collection, added, text }];
    });
    return { entries, covered: coveredBefore(places, rows[count]?.place) };
  }

  /** Returns the texts of these rows. One statement for all of them takes half the time of one for each. */
  #textsOf(rows: readonly { readonly oid: number }[]): ReadonlyMap<number, string> {
    const texts = this.#db.sql(
      'SELECT o.oid AS oid, o.text AS text FROM json_each(?) j CROSS JOIN object o ON o.oid = j.value',
    );
    const oids = JSON.stringify(rows.map(({ oid }) => oid));
    return new Map(rowsOf<{ oid: number; text: string }>(texts, oids).map(({ oid, text }) => [oid, text]));
  }

  /** Returns the entries at these places, in their order. */
  #entriesAt(places: readonly Place[]): readonly { readonly place: Place; readonly row: EntryRow }[] {
    const at = `SELECT ${COLUMNS.sql} FROM (SELECT value AS wanted FROM json_each(?)) CROSS JOIN entry e ON e.coll = ? AND e.added = wanted`;
    const found = new Map<string, EntryRow>();
    for (const collection of new Set(places.map((place) => place.collection))) {
      const own = places.filter((place) => place.collection === collection).map(({ added }) => added);
      const coll = this.#db.collection(collection) ?? -1;
      for (const row of this.#list(COLUMNS, at, [JSON.stringify(own), coll]))
        found.set(placeKey({ collection, added: row.added }), row);
    }
    return places.flatMap((place) => {
      const row = found.get(placeKey(place));
      return row === undefined ? [] : [{ place, row }];
    });
  }

  occupied(places: readonly Place[]): readonly Place[] {
    const occupied = new Set(this.#entriesAt(distinctPlaces(places)).map(({ place }) => placeKey(place)));
    return places.filter((place) => occupied.has(placeKey(place)));
  }

  removals(query: RemovalQuery): readonly Tombstone[] {
    const { collection, after, limit } = query;
    const coll = this.#db.collection(collection);
    if (coll === undefined) return [];
    // A separate index scan per level, so levels that the reader cannot see cost nothing.
    const sql = this.#db.sql(
      'SELECT sid AS id, version, spec, removed FROM tombstone INDEXED BY tombstone_level WHERE coll = ? AND level IS ? AND removed > ? ORDER BY removed LIMIT ?',
    );
    const { within, beyond, unranked } = removalRanks(query);
    const since = (query.beyond?.since ?? 0) - 1;
    const walk = (level: number | null, from: Micros): readonly Tombstone[] =>
      rowsOf<Tombstone>(sql, coll, level, from, limit);
    return [
      ...within.flatMap((level) => walk(level, after)),
      ...beyond.flatMap((level) => walk(level, Math.max(after, since))),
      ...(unranked ? walk(null, after) : []),
    ]
      .toSorted((a, b) => a.removed - b.removed)
      .slice(0, limit);
  }

  sizes(): readonly CollectionSize[] {
    return this.#db
      .sql(
        'SELECT c.id AS collection, c.last AS last, (SELECT count(*) FROM entry e WHERE e.coll = c.no) AS entries FROM collection c ORDER BY c.id',
      )
      .all();
  }
}
