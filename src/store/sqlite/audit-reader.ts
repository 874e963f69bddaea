import type { AuditEntry, AuditFact, AuditPart, AuditStart } from '../store.ts';
import { rowsOf } from './connection.ts';
import type { Statements } from './statements.ts';

/** Reads of the audit log. */
export class AuditReader {
  readonly #db: Statements;

  constructor(db: Statements) {
    this.#db = db;
  }

  list(after: number, limit: number): readonly AuditEntry[] {
    const sql = this.#db.sql('SELECT seq, fact, hash FROM audit WHERE seq > ? ORDER BY seq LIMIT ?');
    return rowsOf<AuditRow>(sql, after, limit).map(auditEntryOf);
  }

  listBy(keys: readonly string[], after: number, limit: number): AuditPart {
    const range = this.#db.sql('SELECT upto, until FROM audit_unindexed').get() as
      { readonly upto: number; readonly until: number } | undefined;
    const isWhole = range === undefined || after >= range.until;
    const end = isWhole ? Number.MAX_SAFE_INTEGER : range.upto;
    const sql = this.#db.sql(
      'SELECT seq FROM audit_by WHERE key = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?',
    );
    const found = keys.flatMap((key) => rowsOf<{ seq: number }>(sql, key, after, end, limit));
    const numbers = [...new Set(found.map(({ seq }) => seq))].toSorted((a, b) => a - b).slice(0, limit);
    const one = this.#db.sql('SELECT seq, fact, hash FROM audit WHERE seq = ?');
    const entries = numbers.flatMap((seq) => rowsOf<AuditRow>(one, seq).map(auditEntryOf));
    return { entries, ...(isWhole ? {} : { unindexedAfter: Math.max(after, end) }) };
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
