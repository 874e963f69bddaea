import { setImmediate } from 'node:timers/promises';
import type { Micros } from '../../kernel/clock.ts';
import type { Instant } from '../../stix/timestamps.ts';
import type { SpecVersion } from '../../stix/types.ts';
import {
  versionMatches,
  type CollectionSize,
  type EntryFacts,
  type EntryPage,
  type EnvelopeHead,
  type HeldObject,
  type HubRecord,
  type PageQuery,
  type Receipt,
  type RecordQuery,
  type TextPage,
  type Tombstone,
} from '../store.ts';
import { rowsOf, type Database, type Statement } from './connection.ts';

interface Row {
  readonly added: number;
  readonly oid: number;
  readonly sid: string;
  readonly instant: Instant;
  readonly spec: SpecVersion;
  readonly version: string;
  readonly type: string;
  readonly level: number;
  readonly owner: string;
  readonly newest: number;
  readonly oldest: number;
  readonly old_spec: number;
}

const COLUMNS = 'added, oid, sid, instant, spec, version, type, level, owner, newest, oldest, old_spec';
/** Rows that a scan may look at before it lets others have their turn. */
const WINDOW = 20_000;
const EMPTY: TextPage = { joined: Buffer.alloc(0), count: 0, first: 0, last: 0, more: false };

/** Everything that reads. Runs on the main thread, on a connection of its own that sees committed data only. */
export class Reader {
  readonly #db: Database;
  readonly #numbers = new Map<string, number>();
  readonly #prepared = new Map<string, Statement>();

  constructor(db: Database) {
    this.#db = db;
  }

  #sql(text: string): Statement {
    let statement = this.#prepared.get(text);
    if (statement === undefined) {
      statement = this.#db.prepare(text);
      this.#prepared.set(text, statement);
    }
    return statement;
  }

  #number(collection: string): number | undefined {
    const known = this.#numbers.get(collection);
    if (known !== undefined) return known;
    const row = this.#sql('SELECT no FROM collection WHERE id = ?').get(collection) as
      { no: number } | undefined;
    if (row !== undefined) this.#numbers.set(collection, row.no);
    return row?.no;
  }

  async texts(query: PageQuery): Promise<TextPage> {
    const coll = this.#number(query.collection);
    if (coll === undefined) return EMPTY;
    const plain = plainRead(query);
    if (plain !== undefined) return this.#glued(coll, query, plain);
    const rows = await this.#select(coll, query);
    const more = rows.length > query.limit;
    const page = more ? rows.slice(0, query.limit) : rows;
    const text = this.#sql('SELECT text FROM object WHERE oid = ?');
    const texts: string[] = [];
    let first = 0;
    let last = 0;
    for (const { oid, added } of page) {
      // A version that was taken out since its row was read is left out: it does not stand any more.
      const found = text.get(oid) as { text: string } | undefined;
      if (found === undefined) continue;
      texts.push(found.text);
      if (first === 0) first = added;
      last = added;
    }
    return { joined: Buffer.from(texts.join(',')), count: texts.length, first, last, more };
  }

  /** The common page: rows to bytes inside SQLite, without a string on the way. */
  #glued(coll: number, query: PageQuery, { from, where, type }: PlainRead): TextPage {
    const scope = [coll, ...(type === undefined ? [] : [type])];
    const page = this.#sql(
      `SELECT CAST(group_concat(text, ',') AS BLOB) AS joined, count(*) AS count, min(added) AS first, max(added) AS last FROM (
         SELECT e.added AS added, o.text AS text FROM ${from} CROSS JOIN object o ON o.oid = e.oid
         WHERE ${where} AND e.added > ? ORDER BY e.added LIMIT ?)`,
    ).get(...scope, query.after, query.limit) as {
      joined: Uint8Array | null;
      count: number;
      first: number;
      last: number;
    };
    if (page.joined === null) return EMPTY;
    const next = this.#sql(`SELECT 1 FROM ${from} WHERE ${where} AND e.added > ? LIMIT 1`);
    const more = page.count === query.limit && next.get(...scope, page.last) !== undefined;
    const joined = Buffer.from(page.joined.buffer, page.joined.byteOffset, page.joined.byteLength);
    return { joined, count: page.count, first: page.first, last: page.last, more };
  }

  async entries(query: PageQuery, withText: boolean): Promise<EntryPage> {
    const coll = this.#number(query.collection);
    if (coll === undefined) return { entries: [], more: false };
    const rows = await this.#select(coll, query);
    const more = rows.length > query.limit;
    const page = more ? rows.slice(0, query.limit) : rows;
    if (!withText) return { entries: page.map(factsOf), more };
    const text = this.#sql('SELECT text FROM object WHERE oid = ?');
    const entries = page.flatMap((row) => {
      const found = text.get(row.oid) as { text: string } | undefined;
      return found === undefined ? [] : [{ ...factsOf(row), text: found.text }];
    });
    return { entries, more };
  }

  /** At most `limit + 1` rows in the order of their date added. */
  async #select(coll: number, query: PageQuery): Promise<readonly Row[]> {
    const most = query.limit + 1;
    if (query.ids !== undefined) return this.#byIds(coll, query).slice(0, most);
    const wanted = plainCondition(query);
    if (wanted === undefined) return this.#scan(coll, query, most);
    if (query.types === undefined) {
      const index = wanted === NEWEST_ONLY ? 'INDEXED BY entry_newest' : '';
      return this.#sql(
        `SELECT ${COLUMNS} FROM entry e ${index} WHERE coll = ? AND ${wanted} AND added > ? ORDER BY added LIMIT ?`,
      ).all(coll, query.after, most);
    }
    const ofType = this.#sql(
      `SELECT ${COLUMNS} FROM entry e INDEXED BY entry_type WHERE coll = ? AND type = ? AND ${wanted} AND added > ? ORDER BY added LIMIT ?`,
    );
    return [...new Set(query.types)]
      .flatMap((type) => rowsOf<Row>(ofType, coll, type, query.after, most))
      .toSorted((x, y) => x.added - y.added)
      .slice(0, most);
  }

  #byIds(coll: number, query: PageQuery): Row[] {
    const byId = this.#sql(`SELECT ${COLUMNS} FROM entry INDEXED BY entry_id WHERE sid = ? AND coll = ?`);
    return [...new Set(query.ids)]
      .flatMap((id) => rowsOf<Row>(byId, id, coll))
      .filter((row) => row.added > query.after && rowMatches(row, query))
      .toSorted((a, b) => a.added - b.added);
  }

  /** A filter that no index serves: looks at the collection in windows and lets other requests in between. */
  async #scan(coll: number, query: PageQuery, most: number): Promise<readonly Row[]> {
    const window = this.#sql(
      `SELECT ${COLUMNS} FROM entry WHERE coll = ? AND added > ? ORDER BY added LIMIT ?`,
    );
    const found: Row[] = [];
    let after = query.after;
    // Small windows first: where nearly every row matches, one page is read and nothing more.
    for (let size = Math.min(WINDOW, most * 2); ; size = WINDOW) {
      const rows = rowsOf<Row>(window, coll, after, size);
      for (const row of rows) {
        if (rowMatches(row, query)) found.push(row);
        if (found.length === most) return found;
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < size) return found;
      after = last.added;
      await setImmediate();
    }
  }

  stands(collection: string, id: string): boolean {
    const coll = this.#number(collection);
    if (coll === undefined) return false;
    return (
      this.#sql('SELECT 1 FROM entry INDEXED BY entry_id WHERE sid = ? AND coll = ? LIMIT 1').get(
        id,
        coll,
      ) !== undefined
    );
  }

  levels(ids: readonly string[], collections: readonly string[]): ReadonlyMap<string, number> {
    const among = new Set(collections.map((collection) => this.#number(collection)));
    const places = this.#sql('SELECT coll, level FROM entry INDEXED BY entry_id WHERE sid = ?');
    const lowest = new Map<string, number>();
    for (const id of ids) {
      for (const { coll, level } of rowsOf<{ coll: number; level: number }>(places, id)) {
        if (among.has(coll)) lowest.set(id, Math.min(level, lowest.get(id) ?? level));
      }
    }
    return lowest;
  }

  removals(collection: string, after: Micros, limit: number): readonly Tombstone[] {
    const coll = this.#number(collection);
    if (coll === undefined) return [];
    return this.#sql(
      'SELECT sid AS id, version, spec, removed FROM tombstone WHERE coll = ? AND removed > ? ORDER BY removed LIMIT ?',
    ).all(coll, after, limit);
  }

  sizes(): readonly CollectionSize[] {
    return this.#sql(
      'SELECT c.id AS collection, c.last AS last, (SELECT count(*) FROM entry e WHERE e.coll = c.no) AS entries FROM collection c ORDER BY c.id',
    ).all();
  }

  held(query: { submitter?: string; waitsFor?: string; limit: number }): readonly HeldObject[] {
    const rows =
      query.waitsFor !== undefined
        ? this.#sql(
            'SELECT h.document AS document FROM held_wait w JOIN held h ON h.id = w.id WHERE w.marking = ? ORDER BY h.at LIMIT ?',
          ).all(query.waitsFor, query.limit)
        : query.submitter !== undefined
          ? this.#sql('SELECT document FROM held WHERE submitter = ? ORDER BY at LIMIT ?').all(
              query.submitter,
              query.limit,
            )
          : this.#sql('SELECT document FROM held ORDER BY at LIMIT ?').all(query.limit);
    return (rows as { document: string }[]).map((row) => JSON.parse(row.document) as HeldObject);
  }

  receipt(id: string): Receipt | undefined {
    return this.#sql('SELECT id, account, at, body FROM receipt WHERE id = ?').get(id);
  }

  envelopeHead(id: string): EnvelopeHead | undefined {
    return this.#sql('SELECT id, account, collection, at, pending FROM envelope WHERE id = ?').get(id);
  }

  envelopeHeads(limit: number): readonly EnvelopeHead[] {
    return this.#sql('SELECT id, account, collection, at, pending FROM envelope ORDER BY at LIMIT ?').all(
      limit,
    );
  }

  envelopeBody(id: string): Buffer | undefined {
    const row = this.#sql('SELECT body FROM envelope WHERE id = ?').get(id) as
      { body: Uint8Array } | undefined;
    return row === undefined ? undefined : Buffer.from(row.body);
  }

  record(kind: string, id: string): HubRecord | undefined {
    const row = this.#sql(
      'SELECT kind, id, revision, document, keys FROM record WHERE kind = ? AND id = ? AND document IS NOT NULL',
    ).get(kind, id);
    return row === undefined ? undefined : recordOf(row);
  }

  records(kind: string, query: RecordQuery = {}): readonly HubRecord[] {
    const order = query.newestFirst === true ? 'DESC' : 'ASC';
    const past = query.after === undefined ? '' : `AND r.id ${order === 'ASC' ? '>' : '<'} ?`;
    const bounds = [...(query.after === undefined ? [] : [query.after]), query.limit ?? -1];
    const rows =
      query.index === undefined
        ? this.#sql(
            `SELECT r.* FROM record r WHERE r.kind = ? AND r.document IS NOT NULL ${past} ORDER BY r.id ${order} LIMIT ?`,
          ).all(kind, ...bounds)
        : this.#sql(
            `SELECT r.* FROM record_key r0 JOIN record r ON r.kind = r0.kind AND r.id = r0.id
             WHERE r0.kind = ? AND r0.name = ? AND r0.value = ? AND r.document IS NOT NULL ${past} ORDER BY r.id ${order} LIMIT ?`,
          ).all(kind, query.index.name, query.index.value, ...bounds);
    return (rows as object[] as RecordRow[]).map(recordOf);
  }

  close(): void {
    this.#prepared.clear();
    this.#db.close();
  }
}

interface RecordRow {
  readonly kind: string;
  readonly id: string;
  readonly revision: number;
  readonly document: string;
  readonly keys: string;
}

function recordOf(row: RecordRow): HubRecord {
  return {
    kind: row.kind,
    id: row.id,
    revision: row.revision,
    document: JSON.parse(row.document) as Record<string, unknown>,
    index: JSON.parse(row.keys) as Record<string, string>,
  };
}

function factsOf(row: Row): EntryFacts {
  return {
    id: row.sid,
    type: row.type,
    version: row.version,
    spec: row.spec,
    added: row.added,
    level: row.level,
    owner: row.owner,
    oldest: row.oldest === 1,
  };
}

function rowMatches(row: Row, query: PageQuery): boolean {
  const flags = { newest: row.newest === 1, oldest: row.oldest === 1, oldSpec: row.old_spec === 1 };
  if (query.specs === undefined ? flags.oldSpec : !query.specs.includes(row.spec)) return false;
  if (query.types !== undefined && !query.types.includes(row.type)) return false;
  if (query.ids !== undefined && !query.ids.includes(row.sid)) return false;
  return versionMatches(query.versions, flags, row.instant);
}

const NEWEST_ONLY = 'e.newest = 1 AND e.old_spec = 0';
const EVERY_VERSION = 'e.old_spec = 0';

/** What an index serves in the order of dates added: newest versions, or all, in their latest specification version. */
function plainCondition({ versions, specs }: PageQuery): string | undefined {
  if (specs !== undefined) return undefined;
  if (versions.all) return EVERY_VERSION;
  return versions.last && !versions.first && versions.exact.length === 0 ? NEWEST_ONLY : undefined;
}

/** A read that one index serves in the order of dates added. */
interface PlainRead {
  readonly from: string;
  /** Its first value is the collection, its second the type where there is one. */
  readonly where: string;
  readonly type: string | undefined;
}

function plainRead(query: PageQuery): PlainRead | undefined {
  const wanted = plainCondition(query);
  if (wanted === undefined || query.ids !== undefined) return undefined;
  if (query.types === undefined) {
    const from = wanted === NEWEST_ONLY ? 'entry e INDEXED BY entry_newest' : 'entry e';
    return { from, where: `e.coll = ? AND ${wanted}`, type: undefined };
  }
  const [type] = query.types;
  return query.types.length === 1 && type !== undefined
    ? { from: 'entry e INDEXED BY entry_type', where: `e.coll = ? AND e.type = ? AND ${wanted}`, type }
    : undefined;
}
