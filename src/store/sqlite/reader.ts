// Longer than 400 lines: every query of the read connection, in the order of the port.
import { setImmediate } from 'node:timers/promises';
import type { Micros } from '../../kernel/clock.ts';
import type { Instant } from '../../stix/timestamps.ts';
import type { SpecVersion } from '../../stix/types.ts';
import {
  type Amount,
  type AuditEntry,
  type AuditFact,
  type AuditPart,
  type AuditStart,
  type CollectionSize,
  type EntryFacts,
  type EntryPage,
  type EnvelopeHead,
  type HeldHead,
  type HeldObject,
  type HeldQuery,
  type HeldUsage,
  fittingIn,
  nameBounds,
  nameOf,
  ownersById,
  type HubRecord,
  type Name,
  type NameQuery,
  type PageQuery,
  type Place,
  type ReaderNote,
  type ReaderQuery,
  type Receipt,
  type RecordQuery,
  type RefusalNote,
  type TextPage,
  PAGE_BYTES,
  removalRanks,
  type RemovalQuery,
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
  readonly creator: string | null;
  readonly newest: number;
  readonly oldest: number;
  readonly old_spec: number;
}

const COLUMNS =
  'added, oid, sid, instant, spec, version, type, level, owner, creator, newest, oldest, old_spec';
/** Rows that a scan examines before it lets other requests run. */
const WINDOW = 20_000;
const EMPTY: TextPage = { joined: Buffer.alloc(0), count: 0, first: 0, last: 0, more: false };

/** All reads. They run on the main thread, on a separate connection that sees only committed data. */
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
    const sources = sourcesOf(coll, query);
    if (sources !== undefined) return this.#glued(sources, query);
    const rows = await this.#rows<Row>(coll, query, COLUMNS);
    const sizes = rows.slice(0, query.limit).map(({ oid }) => this.#size(oid));
    const count = fittingIn(sizes);
    const places = JSON.stringify(rows.slice(0, count).map(({ added }) => added));
    // A version that was removed after its row was read is left out.
    const page = this.#sql(
      `SELECT ${GLUE} FROM (SELECT e.added AS added, o.text AS text FROM json_each(?) j
         CROSS JOIN entry e ON e.coll = ? AND e.added = j.value CROSS JOIN object o ON o.oid = e.oid)`,
    ).get(places, coll) as object as Glued;
    return pageOf(page, rows.length > count);
  }

  /** Returns the size of a text in bytes. SQLite reads it from the header of the row. */
  #size(oid: number): number {
    const row = this.#sql('SELECT octet_length(text) AS bytes FROM object WHERE oid = ?').get(oid);
    return (row as { bytes: number } | undefined)?.bytes ?? 0;
  }

  /** The most common page: SQLite turns the rows into bytes, so no strings are created. */
  #glued(sources: readonly Source[], query: PageQuery): TextPage {
    const rows = joined(sources, 'e.added AS added, e.oid AS oid', query.after, query.limit);
    const sizes = `octet_length(o.text) AS bytes FROM (${rows.sql}) p CROSS JOIN object o ON o.oid = p.oid`;
    const total = this.#sql(`SELECT sum(bytes) AS bytes FROM (SELECT ${sizes})`).get(...rows.values);
    const isLarge = ((total as { bytes: number | null }).bytes ?? 0) > PAGE_BYTES;
    const limit = isLarge
      ? fittingIn(rowsOf<{ bytes: number }>(this.#sql(`SELECT ${sizes} ORDER BY p.added`), ...rows.values).map(({ bytes }) => bytes))
      : query.limit; // prettier-ignore
    const { sql, values } = joined(sources, 'e.added AS added, e.oid AS oid', query.after, limit);
    const page = this.#sql(
      `SELECT ${GLUE} FROM (SELECT p.added AS added, o.text AS text FROM (${sql}) p CROSS JOIN object o ON o.oid = p.oid)`,
    ).get(...values) as object as Glued;
    if (page.count < limit) return pageOf(page, false);
    const more = sources.some(
      ({ from, where, values: own }) =>
        this.#sql(`SELECT 1 FROM ${from} WHERE ${where} AND e.added > ? LIMIT 1`).get(...own, page.last) !==
        undefined,
    );
    return pageOf(page, more);
  }

  async entries(query: PageQuery, withText: boolean): Promise<EntryPage> {
    const coll = this.#number(query.collection);
    if (coll === undefined) return { entries: [], more: false };
    const rows = await this.#rows<Row>(coll, query, COLUMNS);
    const more = rows.length > query.limit;
    const page = more ? rows.slice(0, query.limit) : rows;
    if (!withText) return { entries: page.map(factsOf), more };
    const text = this.#sql('SELECT text FROM object WHERE oid = ?');
    const count = query.ids === undefined ? fittingIn(page.map(({ oid }) => this.#size(oid))) : page.length;
    const entries = page.slice(0, count).flatMap((row) => {
      const found = text.get(row.oid) as { text: string } | undefined;
      return found === undefined ? [] : [{ ...factsOf(row), text: found.text }];
    });
    return { entries, more: more || count < page.length };
  }

  /** Returns these columns of at most `limit + 1` rows, in the order of their date added. */
  async #rows<R extends { readonly added: number }>(
    coll: number,
    query: PageQuery,
    columns: string,
  ): Promise<readonly R[]> {
    const most = query.limit + 1;
    if (query.ids !== undefined) return this.#byIds<R>(coll, query, columns).slice(0, most);
    const sources = sourcesOf(coll, query);
    if (sources === undefined) return this.#scan<R>(coll, query, columns, most);
    const { sql, values } = joined(sources, columns, query.after, most);
    return rowsOf<R>(this.#sql(sql), ...values);
  }

  #byIds<R extends { readonly added: number }>(coll: number, query: PageQuery, columns: string): R[] {
    const { sql, values } = conditionOf(query);
    const byId = this.#sql(
      `SELECT ${columns} FROM entry e INDEXED BY entry_id WHERE e.sid = ? AND e.coll = ? AND e.added > ? AND ${sql}`,
    );
    return [...new Set(query.ids)]
      .flatMap((id) => rowsOf<R>(byId, id, coll, query.after, ...values))
      .toSorted((a, b) => a.added - b.added);
  }

  /**
   * Reads with filters that no index supports. It examines the collection in windows and lets other requests run
   * between them.
   */
  async #scan<R extends { readonly added: number }>(
    coll: number,
    query: PageQuery,
    columns: string,
    most: number,
  ): Promise<readonly R[]> {
    const { sql, values } = conditionOf(query);
    const inWindow = this.#sql(
      `SELECT ${columns} FROM (SELECT * FROM entry WHERE coll = ? AND added > ? ORDER BY added LIMIT ?) e WHERE ${sql} LIMIT ?`,
    );
    const lastOfWindow = this.#sql(
      'SELECT added FROM entry WHERE coll = ? AND added > ? ORDER BY added LIMIT 1 OFFSET ?',
    );
    const found: R[] = [];
    let after = query.after;
    // The first window is small, so that only one page is read when nearly every row matches.
    for (let size = Math.min(WINDOW, most * 2); ; size = WINDOW) {
      found.push(...rowsOf<R>(inWindow, coll, after, size, ...values, most - found.length));
      if (found.length === most) return found;
      const last = lastOfWindow.get(coll, after, size - 1) as { added: number } | undefined;
      if (last === undefined) return found;
      after = last.added;
      await setImmediate();
    }
  }

  standing(collection: string, ids: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
    const coll = this.#number(collection);
    if (coll === undefined) return new Map();
    const owners = this.#sql(
      'SELECT sid AS id, owner FROM entry INDEXED BY entry_id WHERE sid = ? AND coll = ?',
    );
    return ownersById(ids.flatMap((id) => rowsOf<{ id: string; owner: string }>(owners, id, coll)));
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

  names(query: NameQuery): readonly Name[] {
    const sql = this.#sql('SELECT line FROM name WHERE line > ? AND line < ? ORDER BY line LIMIT ?');
    const found: Name[] = [];
    for (const { low, high } of nameBounds(query)) {
      if (found.length === query.limit) break;
      const rows = rowsOf<{ line: string }>(sql, low, high, query.limit - found.length);
      for (const { line } of rows) found.push(nameOf(line));
    }
    return found;
  }

  placed(places: readonly Place[]): readonly (EntryFacts & Place & { text: string; newest: boolean })[] {
    const entry = this.#sql(`SELECT ${COLUMNS} FROM entry WHERE coll = ? AND added = ?`);
    const text = this.#sql('SELECT text FROM object WHERE oid = ?');
    return places.flatMap(({ collection, added }) => {
      const row = entry.get(this.#number(collection) ?? -1, added) as Row | undefined;
      const found = row === undefined ? undefined : (text.get(row.oid) as { text: string } | undefined);
      if (row === undefined || found === undefined) return [];
      return [
        { ...factsOf(row), collection, text: found.text, newest: row.newest === 1 && row.old_spec === 0 },
      ];
    });
  }

  removals(query: RemovalQuery): readonly Tombstone[] {
    const { collection, after, limit } = query;
    const coll = this.#number(collection);
    if (coll === undefined) return [];
    // A separate index scan per level, so levels that the reader may not see cost nothing.
    const sql = this.#sql(
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
    return this.#sql(
      'SELECT c.id AS collection, c.last AS last, (SELECT count(*) FROM entry e WHERE e.coll = c.no) AS entries FROM collection c ORDER BY c.id',
    ).all();
  }

  held({ submitter, waitsFor, objectId, after, limit }: HeldQuery): readonly HeldHead[] {
    const where = [
      ...(waitsFor === undefined ? [] : ['id IN (SELECT id FROM held_wait WHERE marking = ?)']),
      ...(submitter === undefined ? [] : ['submitter = ?']),
      ...(objectId === undefined ? [] : ['object = ?']),
      ...(after === undefined ? [] : ['(at, id) > (?, ?)']),
    ];
    const values = [waitsFor, submitter, objectId, after?.at, after?.id].filter(
      (value) => value !== undefined,
    );
    const rows = rowsOf<{ document: string }>(
      this.#sql(
        `SELECT document FROM held ${where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`} ORDER BY at, id LIMIT ?`,
      ),
      ...values,
      limit,
    );
    return rows.map(({ document }) => JSON.parse(document) as HeldHead);
  }

  heldObject(id: string): HeldObject | undefined {
    const [row] = rowsOf<{ document: string; text: string }>(
      this.#sql('SELECT document, text FROM held WHERE id = ?'),
      id,
    );
    return row === undefined ? undefined : { ...(JSON.parse(row.document) as HeldHead), text: row.text };
  }

  heldUsage(owner: string): HeldUsage {
    const [row] = rowsOf<HeldUsage>(
      this.#sql('SELECT count(*) AS objects, coalesce(sum(bytes), 0) AS bytes FROM held WHERE owner = ?'),
      owner,
    );
    return row ?? { objects: 0, bytes: 0 };
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

  envelopeUsage(): readonly (Amount & { readonly account: string })[] {
    return rowsOf<Amount & { account: string }>(
      this.#sql(
        'SELECT account, count(*) AS items, sum(length(body)) AS bytes FROM envelope GROUP BY account',
      ),
    );
  }

  receiptUsage(): readonly (Amount & { readonly account: string })[] {
    return rowsOf<Amount & { account: string }>(
      this.#sql('SELECT account, count(*) AS items, sum(bytes) AS bytes FROM receipt GROUP BY account'),
    );
  }

  envelopeBody(id: string): Buffer | undefined {
    const row = this.#sql('SELECT body FROM envelope WHERE id = ?').get(id) as
      { body: Uint8Array } | undefined;
    return row === undefined ? undefined : Buffer.from(row.body);
  }

  audit(after: number, limit: number): readonly AuditEntry[] {
    const sql = this.#sql('SELECT seq, fact, hash FROM audit WHERE seq > ? ORDER BY seq LIMIT ?');
    return rowsOf<AuditRow>(sql, after, limit).map(auditEntryOf);
  }

  auditBy(keys: readonly string[], after: number, limit: number): AuditPart {
    const range = this.#sql('SELECT upto, until FROM audit_unindexed').get() as
      { readonly upto: number; readonly until: number } | undefined;
    const isWhole = range === undefined || after >= range.until;
    const end = isWhole ? Number.MAX_SAFE_INTEGER : range.upto;
    const sql = this.#sql(
      'SELECT seq FROM audit_by WHERE key = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?',
    );
    const found = keys.flatMap((key) => rowsOf<{ seq: number }>(sql, key, after, end, limit));
    const numbers = [...new Set(found.map(({ seq }) => seq))].toSorted((a, b) => a - b).slice(0, limit);
    const one = this.#sql('SELECT seq, fact, hash FROM audit WHERE seq = ?');
    const entries = numbers.flatMap((seq) => rowsOf<AuditRow>(one, seq).map(auditEntryOf));
    return { entries, ...(isWhole ? {} : { unindexedAfter: Math.max(after, end) }) };
  }

  auditStart(): AuditStart | undefined {
    return this.#sql('SELECT seq, hash FROM audit_start').get() as AuditStart | undefined;
  }

  auditHead(): AuditEntry | undefined {
    const row = this.#sql('SELECT seq, fact, hash FROM audit ORDER BY seq DESC LIMIT 1').get();
    return row === undefined ? undefined : auditEntryOf(row);
  }

  readers({ kind, accounts }: ReaderQuery = {}): Iterable<ReaderNote> {
    const wanted = [
      ...(accounts === undefined ? [] : ['account IN (SELECT value FROM json_each(?))']),
      ...(kind === undefined ? [] : ['kind = ?']),
    ];
    const values = [
      ...(accounts === undefined ? [] : [JSON.stringify(accounts)]),
      ...(kind === undefined ? [] : [kind]),
    ];
    return this.#sql(
      `SELECT account, collection, kind, filters, seen, cursor, requests, objects, agent FROM reader
       ${wanted.length === 0 ? '' : `WHERE ${wanted.join(' AND ')}`} ORDER BY account, collection, kind, filters`,
    ).iterate(...values) as Iterable<ReaderNote>;
  }

  refusals(limit: number): readonly RefusalNote[] {
    return this.#sql(
      'SELECT account, place, code, reason, first, last, times, agent FROM refusal ORDER BY last DESC, account, place, code LIMIT ?',
    ).all(limit);
  }

  record(kind: string, id: string): HubRecord | undefined {
    const row = this.#sql(
      'SELECT kind, id, revision, document, keys FROM record WHERE kind = ? AND id = ? AND document IS NOT NULL',
    ).get(kind, id);
    return row === undefined ? undefined : recordOf(row);
  }

  wasRemoved(kind: string, id: string): boolean {
    return (
      this.#sql('SELECT 1 FROM record WHERE kind = ? AND id = ? AND document IS NULL').get(kind, id) !==
      undefined
    );
  }

  records(kind: string, query: RecordQuery = {}): Iterable<RecordRow> {
    const order = query.newestFirst === true ? 'DESC' : 'ASC';
    const past =
      query.after === undefined
        ? ''
        : `AND ${query.index === undefined ? 'r' : 'r0'}.id ${order === 'ASC' ? '>' : '<'} ?`;
    const bounds = [...(query.after === undefined ? [] : [query.after]), query.limit ?? -1];
    return (query.index === undefined
      ? this.#sql(
          `SELECT r.* FROM record r WHERE r.kind = ? AND r.document IS NOT NULL ${past} ORDER BY r.id ${order} LIMIT ?`,
        ).iterate(kind, ...bounds)
      : this.#sql(
          `SELECT r.* FROM record_key r0 JOIN record r ON r.kind = r0.kind AND r.id = r0.id
             WHERE r0.kind = ? AND r0.name = ? AND r0.value = ? AND r.document IS NOT NULL ${past} ORDER BY r0.id ${order} LIMIT ?`,
        ).iterate(
          kind,
          query.index.name,
          query.index.value,
          ...bounds,
        )) as Iterable<object> as Iterable<RecordRow>;
  }

  recordUsage(kind: string, index?: RecordQuery['index']): Amount {
    const sums = 'SELECT count(*) AS items, coalesce(sum(octet_length(document)), 0) AS bytes FROM';
    const [row] =
      index === undefined
        ? rowsOf<Amount>(this.#sql(`${sums} record WHERE kind = ? AND document IS NOT NULL`), kind)
        : rowsOf<Amount>(
            this.#sql(
              `${sums} record_key k JOIN record r ON r.kind = k.kind AND r.id = k.id WHERE k.kind = ? AND k.name = ? AND k.value = ?`,
            ),
            kind,
            index.name,
            index.value,
          );
    return row ?? { items: 0, bytes: 0 };
  }

  countRecords(kind: string, index?: RecordQuery['index']): number {
    const [row] =
      index === undefined
        ? rowsOf<{ n: number }>(
            this.#sql('SELECT count(*) AS n FROM record WHERE kind = ? AND document IS NOT NULL'),
            kind,
          )
        : rowsOf<{ n: number }>(
            this.#sql('SELECT count(*) AS n FROM record_key WHERE kind = ? AND name = ? AND value = ?'),
            kind,
            index.name,
            index.value,
          );
    return row?.n ?? 0;
  }

  /** Runs reads that must see the state of one moment. */
  atOnce<T>(read: (reader: Reader) => T): T {
    this.#db.exec('BEGIN');
    try {
      return read(this);
    } finally {
      this.#db.exec('COMMIT');
    }
  }

  /** Begins a read transaction, which lasts until the reader is closed. */
  begin(): void {
    this.#db.exec('BEGIN');
  }

  close(): void {
    this.#prepared.clear();
    this.#db.close();
  }
}

/** A record as it is stored, with its document as JSON. */
export interface RecordRow {
  readonly kind: string;
  readonly id: string;
  readonly revision: number;
  readonly document: string;
  readonly keys: string;
}

export function recordOf(row: RecordRow): HubRecord {
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
    ...(row.creator === null ? {} : { creator: row.creator }),
    oldest: row.oldest === 1,
  };
}

type Values = readonly (string | number)[];

/** A condition on an entry `e`, and the values of its placeholders. */
interface Condition {
  readonly sql: string;
  readonly values: Values;
}

/**
 * Returns the condition for the filters of a query, except ids and dates. There are only a few different SQL texts,
 * whatever the values are.
 */
function conditionOf({ versions, specs, types }: Pick<PageQuery, 'versions' | 'specs' | 'types'>): Condition {
  const wanted = [
    ...(versions.last ? ['e.newest = 1'] : []),
    ...(versions.first ? ['e.oldest = 1'] : []),
    ...(versions.exact.length > 0 ? ['e.instant IN (SELECT value FROM json_each(?))'] : []),
  ];
  const parts = [
    specs === undefined ? 'e.old_spec = 0' : 'e.spec IN (SELECT value FROM json_each(?))',
    ...(versions.all ? [] : [`(${wanted.join(' OR ') || '0'})`]),
    ...(types === undefined ? [] : ['e.type IN (SELECT value FROM json_each(?))']),
  ];
  const values = [
    ...(specs === undefined ? [] : [JSON.stringify(specs)]),
    ...(versions.all || versions.exact.length === 0 ? [] : [JSON.stringify(versions.exact)]),
    ...(types === undefined ? [] : [JSON.stringify(types)]),
  ];
  return { sql: parts.join(' AND '), values };
}

/** A source of rows from one index, in the order of their date added. */
interface Source {
  readonly from: string;
  readonly where: string;
  readonly values: Values;
}

/** Queries for more types than this use windows. */
const MOST_TYPES = 16;

/**
 * Returns the indexes that provide the rows of a query in the order of their date added without skipping many others.
 * Undefined if there are none.
 */
function sourcesOf(coll: number, query: PageQuery): readonly Source[] | undefined {
  const { versions, specs, types, ids } = query;
  if (ids !== undefined || versions.exact.length > 0) return undefined;
  const old = specs?.length === 1 && specs[0] === '2.0';
  if (types === undefined) {
    const { sql, values } = conditionOf(query);
    const newest = versions.last && !versions.first && !versions.all;
    const from =
      specs !== undefined
        ? old
          ? 'entry e INDEXED BY entry_old'
          : undefined
        : versions.all
          ? 'entry e'
          : newest
            ? 'entry e INDEXED BY entry_newest'
            : undefined;
    // SQLite uses a partial index only if the query contains the condition of the index word for word.
    const where = old ? `e.coll = ? AND e.spec = '2.0' AND ${sql}` : `e.coll = ? AND ${sql}`;
    return from === undefined ? undefined : [{ from, where, values: [coll, ...values] }];
  }
  if (specs !== undefined || types.length > MOST_TYPES) return undefined;
  const { sql, values } = conditionOf({ versions });
  return [...new Set(types)].map((type) => ({
    from: 'entry e INDEXED BY entry_type',
    where: `e.coll = ? AND e.type = ? AND ${sql}`,
    values: [coll, type, ...values],
  }));
}

/** Returns one query over all sources: at most `limit` rows after a date added, in that order. */
function joined(sources: readonly Source[], columns: string, after: Micros, limit: number): Condition {
  const each = sources.map(
    ({ from, where }) =>
      `SELECT ${columns} FROM ${from} WHERE ${where} AND e.added > ? ORDER BY e.added LIMIT ?`,
  );
  const values = sources.flatMap((source) => [...source.values, after, limit]);
  if (each.length === 1) return { sql: each.join(''), values };
  const all = each.map((sql) => `SELECT * FROM (${sql})`).join(' UNION ALL ');
  return { sql: `${all} ORDER BY added LIMIT ?`, values: [...values, limit] };
}

/** Joins texts into one value of bytes, and returns the range of dates that the page covers. */
const GLUE =
  "CAST(group_concat(text, ',') AS BLOB) AS joined, count(*) AS count, min(added) AS first, max(added) AS last";

interface Glued {
  readonly joined: Uint8Array | null;
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

function pageOf({ joined: bytes, count, first, last }: Glued, more: boolean): TextPage {
  if (bytes === null) return more ? { ...EMPTY, more } : EMPTY;
  return { joined: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), count, first, last, more };
}

interface AuditRow {
  readonly seq: number;
  readonly fact: string;
  readonly hash: string;
}

function auditEntryOf({ seq, fact, hash }: AuditRow): AuditEntry {
  return { seq, fact: JSON.parse(fact) as AuditFact, hash };
}
