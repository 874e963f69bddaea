import { auditHash, auditKeysOf, type AuditFact } from '../store.ts';
import { rowsOf, type Database } from './connection.ts';

/** Writes of the audit log: the chain, and the index of its entries by actor and member. */
export class AuditLog {
  readonly #sql;

  constructor(db: Database) {
    this.#sql = {
      last: db.prepare('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1'),
      add: db.prepare('INSERT INTO audit(seq, fact, hash) VALUES(?,?,?)'),
      addKey: db.prepare('INSERT OR IGNORE INTO audit_by(key, seq) VALUES(?,?)'),
      unindexed: db.prepare('SELECT upto, until FROM audit_unindexed'),
      between: db.prepare('SELECT seq, fact FROM audit WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?'),
      indexedUpTo: db.prepare('UPDATE audit_unindexed SET upto = ?'),
      allIndexed: db.prepare('DELETE FROM audit_unindexed'),
      oldest: db.prepare(
        'SELECT seq, fact, hash FROM audit WHERE seq <= ? AND seq < (SELECT max(seq) FROM audit) ORDER BY seq LIMIT ?',
      ),
      start: db.prepare(
        'INSERT INTO audit_start(only, seq, hash) VALUES(1,?,?) ON CONFLICT(only) DO UPDATE SET seq = excluded.seq, hash = excluded.hash',
      ),
      removeKey: db.prepare('DELETE FROM audit_by WHERE key = ? AND seq = ?'),
      removeUpTo: db.prepare('DELETE FROM audit WHERE seq <= ?'),
    };
  }

  append(facts: readonly AuditFact[]): void {
    if (facts.length === 0) return;
    let last = (this.#sql.last.get() as { seq: number; hash: string } | undefined) ?? { seq: 0, hash: '' };
    for (const fact of facts) {
      last = { seq: last.seq + 1, hash: auditHash(last.hash, fact) };
      this.#sql.add.run(last.seq, JSON.stringify(fact), last.hash);
      this.#index(last.seq, fact);
    }
  }

  #index(seq: number, fact: AuditFact): void {
    for (const key of auditKeysOf(fact)) this.#sql.addKey.run(key, seq);
  }

  /** Removes the oldest entries up to a number, and keeps the hash from which the chain continues. */
  trim(upTo: number, limit: number): number {
    const rows = rowsOf<{ seq: number; fact: string; hash: string }>(this.#sql.oldest, upTo, limit);
    const last = rows.at(-1);
    if (last === undefined) return 0;
    for (const { seq, fact } of rows)
      for (const key of auditKeysOf(JSON.parse(fact) as AuditFact)) this.#sql.removeKey.run(key, seq);
    this.#sql.start.run(last.seq, last.hash);
    this.#sql.removeUpTo.run(last.seq);
    return rows.length;
  }

  /** Indexes entries that were written before the index existed. */
  index(limit: number): number {
    const range = this.#sql.unindexed.get() as { upto: number; until: number } | undefined;
    if (range === undefined) return 0;
    const { upto, until } = range;
    const rows = rowsOf<{ seq: number; fact: string }>(this.#sql.between, upto, until, limit);
    for (const { seq, fact } of rows) this.#index(seq, JSON.parse(fact) as AuditFact);
    const last = rows.at(-1)?.seq ?? until;
    if (last < until) this.#sql.indexedUpTo.run(last);
    else this.#sql.allIndexed.run();
    return rows.length;
  }
}
