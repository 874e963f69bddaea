import type { Amount, Receipt } from '../store.ts';
import type { Database } from './connection.ts';

/** Maximum number of receipts that one transaction removes. */
const AT_ONCE = 2_000;

interface ReceiptRow {
  readonly at: number;
  readonly bytes: number;
}

/** Writes of receipts. */
export class Receipts {
  readonly #sql;

  constructor(db: Database) {
    const column = (where: string): string => `SELECT at, bytes FROM receipt ${where} ORDER BY at DESC`;
    this.#sql = {
      add: db.prepare('INSERT OR IGNORE INTO receipt(id, account, at, body, bytes) VALUES(?,?,?,?,?)'),
      drop: db.prepare('DELETE FROM receipt WHERE at < ?'),
      all: db.prepare(column('')),
      ofAccount: db.prepare(column('WHERE account = ?')),
      trimAll: db.prepare(
        'DELETE FROM receipt WHERE id IN (SELECT id FROM receipt WHERE at <= ? ORDER BY at LIMIT ?)',
      ),
      trimAccount: db.prepare(
        'DELETE FROM receipt WHERE id IN (SELECT id FROM receipt WHERE account = ? AND at <= ? ORDER BY at LIMIT ?)',
      ),
    };
  }

  add({ id, account, at, body }: Receipt): void {
    this.#sql.add.run(id, account, at, body, Buffer.byteLength(body));
  }

  sweep(before: number): number {
    return Number(this.#sql.drop.run(before).changes);
  }

  /** The newest receipts stay, as many as there is room for. */
  trim(account: string | undefined, most: Amount): number {
    const rows = account === undefined ? this.#sql.all.iterate() : this.#sql.ofAccount.iterate(account);
    let [items, bytes] = [0, 0];
    let first: number | undefined;
    let excess = 0;
    for (const row of rows as Iterable<ReceiptRow>) {
      items++;
      bytes += row.bytes;
      if (items <= most.items && bytes <= most.bytes) continue;
      first ??= row.at;
      if (++excess === AT_ONCE) break;
    }
    if (first === undefined) return 0;
    const done =
      account === undefined
        ? this.#sql.trimAll.run(first, excess)
        : this.#sql.trimAccount.run(account, first, excess);
    return Number(done.changes);
  }
}
