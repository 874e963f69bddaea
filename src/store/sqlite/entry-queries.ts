import type { Micros } from '../../kernel/clock.ts';
import type { Instant } from '../../stix/timestamps.ts';
import type { SpecVersion } from '../../stix/types.ts';
import type { EntryFacts, PageQuery, TextPage } from '../store.ts';

/** An entry as it is stored. */
export interface EntryRow {
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
  /** Size of the text. */
  readonly bytes: number;
}

/** Columns that one statement returns for all rows as one JSON text, and how a row is read from it. */
export interface Columns<R> {
  readonly sql: string;
  readonly rowsOf: (json: string) => R[];
}

type EntryValues = [number, number, string, Instant, SpecVersion, string, string, number, string, string | null, number, number, number, number]; // prettier-ignore

/** All columns of entries. One JSON text takes half the time of a result with an object for each row. */
export const COLUMNS: Columns<EntryRow> = {
  sql: 'added, oid, sid, instant, spec, version, type, level, owner, creator, newest, oldest, old_spec, bytes',
  rowsOf: (json) =>
    (JSON.parse(json) as EntryValues[]).map(
      ([added, oid, sid, instant, spec, version, type, level, owner, creator, newest, oldest, old_spec, bytes]) =>
        ({ added, oid, sid, instant, spec, version, type, level, owner, creator, newest, oldest, old_spec, bytes }),
    ),
}; // prettier-ignore

/** The columns that lead to the texts of entries, and the size of the texts. */
export const TEXT_COLUMNS: Columns<Pick<EntryRow, 'added' | 'bytes'>> = {
  sql: 'added, bytes',
  rowsOf: (json) => (JSON.parse(json) as [number, number][]).map(([added, bytes]) => ({ added, bytes })),
};

/** Returns a statement whose `rows` are the rows of a query over these columns, as JSON. */
export function asJson({ sql: columns }: Pick<Columns<never>, 'sql'>, query: string): string {
  return `SELECT json_group_array(json_array(${columns})) AS rows FROM (${query})`;
}

/** A page without entries. */
export const EMPTY: TextPage = { joined: Buffer.alloc(0), count: 0, first: 0, last: 0, more: false };

/** Returns the facts of a stored entry. */
export function factsOf(row: EntryRow): EntryFacts {
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
    newest: row.newest === 1 && row.old_spec === 0,
  };
}

type Values = readonly (string | number)[];

/** A condition on an entry `e`, and the values of its placeholders. */
export interface Condition {
  readonly sql: string;
  readonly values: Values;
}

/**
 * Returns the condition for the filters of a query, except ids and dates. There are only a few different SQL texts,
 * whatever the values are.
 */
export function conditionOf({
  versions,
  specs,
  types,
}: Pick<PageQuery, 'versions' | 'specs' | 'types'>): Condition {
  const wanted = [
    ...(versions.last ? ['e.newest = 1'] : []),
    ...(versions.first ? ['e.oldest = 1'] : []),
    ...(versions.exact.length > 0 ? ['e.instant IN (SELECT value FROM json_each(?))'] : []),
  ];
  const isEverySpec = isEvery(specs);
  const parts = [
    ...(isEverySpec
      ? []
      : [specs === undefined ? 'e.old_spec = 0' : 'e.spec IN (SELECT value FROM json_each(?))']),
    ...(versions.all ? [] : [`(${wanted.join(' OR ') || '0'})`]),
    ...(types === undefined ? [] : ['e.type IN (SELECT value FROM json_each(?))']),
  ];
  const values = [
    ...(specs === undefined || isEverySpec ? [] : [JSON.stringify(specs)]),
    ...(versions.all || versions.exact.length === 0 ? [] : [JSON.stringify(versions.exact)]),
    ...(types === undefined ? [] : [JSON.stringify(types)]),
  ];
  return { sql: parts.join(' AND ') || '1', values };
}

/** True if no entry has another STIX version. Work that follows a collection reads it so, and needs no condition. */
function isEvery(specs: readonly SpecVersion[] | undefined): boolean {
  return specs !== undefined && specs.includes('2.0') && specs.includes('2.1');
}

/** A source of rows from one index, in the order of their date added. */
export interface Source {
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
export function sourcesOf(coll: number, query: PageQuery): readonly Source[] | undefined {
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
          : versions.all && isEvery(specs)
            ? 'entry e'
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
export function joined(sources: readonly Source[], columns: string, after: Micros, limit: number): Condition {
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
export const GLUE =
  "CAST(group_concat(text, ',') AS BLOB) AS joined, count(*) AS count, min(added) AS first, max(added) AS last";

export interface Glued {
  readonly joined: Uint8Array | null;
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

export function pageOf({ joined: bytes, count, first, last }: Glued, more: boolean): TextPage {
  if (bytes === null) return more ? { ...EMPTY, more } : EMPTY;
  return { joined: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), count, first, last, more };
}
