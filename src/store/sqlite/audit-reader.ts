import {
  AUDIT_END,
  type AuditEntry,
  type AuditFact,
  type AuditOrder,
  type AuditPart,
  type AuditStart,
} from '../store.ts';
import { rowsOf } from './connection.ts';
import type { Statements } from './statements.ts';

/** Reads of the audit log. */
export class AuditReader {
  readonly #db: Statements;

  constructor(db: Statements) {
    this.#db = db;
  }

  list(from: number, limit: number, order: AuditOrder): readonly AuditEntry[] {
    const sql = this.#db.sql(
      order === 'oldest'
        ? 'SELECT seq, fact, hash FROM audit WHERE seq > ? ORDER BY seq LIMIT ?'
        : 'SELECT seq, fact, hash FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?',
    );
    return rowsOf<AuditRow>(sql, from, limit).map(auditEntryOf);
  }

  listBy(keys: readonly string[], from: number, limit: number, order: AuditOrder): AuditPart {
    const isRising = order === 'oldest';
    const end = this.#indexed(from, isRising);
    const sql = this.#db.sql(
      isRising
        ? 'SELECT seq FROM audit_by WHERE key = ? AND seq > ? AND seq < ? ORDER BY seq LIMIT ?'
        : 'SELECT seq FROM audit_by WHERE key = ? AND seq < ? AND seq > ? ORDER BY seq DESC LIMIT ?',
    );
    const beyond = end ?? (isRising ? AUDIT_END : 0);
    const found = keys.flatMap((key) => rowsOf<{ seq: number }>(sql, key, from, beyond, limit));
    const numbers = [...new Set(found.map(({ seq }) => seq))]
      .toSorted((a, b) => (isRising ? a - b : b - a))
      .slice(0, limit);
    const one = this.#db.sql('SELECT seq, fact, hash FROM audit WHERE seq = ?');
    const entries = numbers.flatMap((seq) => rowsOf<AuditRow>(one, seq).map(auditEntryOf));
    if (end === undefined) return { entries };
    return { entries, unindexedFrom: isRising ? Math.max(from, end - 1) : Math.min(from, end + 1) };
  }

  /** Returns the first entry beyond a number that is not in the index. Undefined if all of them are. */
  #indexed(from: number, isRising: boolean): number | undefined {
    const range = this.#db.sql('SELECT upto, until FROM audit_unindexed').get() as
      { readonly upto: number; readonly until: number } | undefined;
    if (range === undefined || (isRising ? from >= range.until : from <= range.upto + 1)) return undefined;
    return isRising ? range.upto + 1 : range.until;
  }

  start(): AuditStart | undefined {
    return this.#db.sql('SELECT seq, hash FROM audit_start').get() as AuditStart | undefined;
  }

  head(): AuditEntry | undefined {
    const row = this.#db.sql('SELECT seq, fact, hash FROM audit ORDER BY seq DESC LIMIT 1').get();
    return row === undefined ? undefined : auditEntryOf(row);
  }
}

interface AuditRow {
  readonly seq: number;
  readonly fact: string;
  readonly hash: string;
}

function auditEntryOf({ seq, fact, hash }: AuditRow): AuditEntry {
  return { seq, fact: JSON.parse(fact) as AuditFact, hash };
}
