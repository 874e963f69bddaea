import { UNREADABLE, type Amount, type HubRecord, type RecordQuery } from '../store.ts';
import { rowsOf } from './connection.ts';
import type { Statements } from './statements.ts';

/** Reads of hub records. */
export class RecordReader {
  readonly #db: Statements;

  constructor(db: Statements) {
    this.#db = db;
  }

  get(kind: string, id: string): HubRecord | undefined {
    const row = this.row(kind, id);
    return row === undefined ? undefined : recordOf(row);
  }

  /** Returns a record as it is stored. */
  row(kind: string, id: string): RecordRow | undefined {
    return this.#db
      .sql(
        'SELECT kind, id, revision, document, keys FROM record WHERE kind = ? AND id = ? AND document IS NOT NULL',
      )
      .get(kind, id);
  }

  wasRemoved(kind: string, id: string): boolean {
    return (
      this.#db.sql('SELECT 1 FROM record WHERE kind = ? AND id = ? AND document IS NULL').get(kind, id) !==
      undefined
    );
  }

  list(kind: string, query: RecordQuery = {}): Iterable<RecordRow> {
    const order = query.newestFirst === true ? 'DESC' : 'ASC';
    const past =
      query.after === undefined
        ? ''
        : `AND ${query.index === undefined ? 'r' : 'r0'}.id ${order === 'ASC' ? '>' : '<'} ?`;
    const bounds = [...(query.after === undefined ? [] : [query.after]), query.limit ?? -1];
    return (query.index === undefined
      ? this.#db
          .sql(
            `SELECT r.* FROM record r WHERE r.kind = ? AND r.document IS NOT NULL ${past} ORDER BY r.id ${order} LIMIT ?`,
          )
          .iterate(kind, ...bounds)
      : this.#db
          .sql(
            `SELECT r.* FROM record_key r0 JOIN record r ON r.kind = r0.kind AND r.id = r0.id
             WHERE r0.kind = ? AND r0.name = ? AND r0.value = ? AND r.document IS NOT NULL ${past} ORDER BY r0.id ${order} LIMIT ?`,
          )
          .iterate(
            kind,
            query.index.name,
            query.index.value,
            ...bounds,
          )) as Iterable<object> as Iterable<RecordRow>;
  }

  usage(kind: string, index?: RecordQuery['index']): Amount {
    const sums = 'SELECT count(*) AS items, coalesce(sum(octet_length(document)), 0) AS bytes FROM';
    const [row] =
      index === undefined
        ? rowsOf<Amount>(
            this.#db.sql('SELECT records AS items, bytes FROM record_count WHERE kind = ?'),
            kind,
          )
        : rowsOf<Amount>(
            this.#db.sql(
              `${sums} record_key k JOIN record r ON r.kind = k.kind AND r.id = k.id WHERE k.kind = ? AND k.name = ? AND k.value = ?`,
            ),
            kind,
            index.name,
            index.value,
          );
    return row ?? { items: 0, bytes: 0 };
  }

  count(kind: string, index?: RecordQuery['index']): number {
    const [row] =
      index === undefined
        ? rowsOf<{ n: number }>(this.#db.sql('SELECT records AS n FROM record_count WHERE kind = ?'), kind)
        : rowsOf<{ n: number }>(
            this.#db.sql('SELECT count(*) AS n FROM record_key WHERE kind = ? AND name = ? AND value = ?'),
            kind,
            index.name,
            index.value,
          );
    return row?.n ?? 0;
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

/** Returns the record of a row. */
export function recordOf(row: RecordRow): HubRecord {
  return {
    kind: row.kind,
    id: row.id,
    revision: row.revision,
    document: parsed(row.document) ?? UNREADABLE,
    index: (parsed(row.keys) ?? {}) as Record<string, string>,
  };
}

/** Undefined for a damaged text. One such text must not stop the reading of all others. */
function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
