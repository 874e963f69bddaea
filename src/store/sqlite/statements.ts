import type { Database, Statement } from './connection.ts';

/** The prepared statements of one connection. Each text is prepared once. */
export class Statements {
  readonly #db: Database;
  readonly #numbers = new Map<string, number>();
  readonly #prepared = new Map<string, Statement>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Returns the statement for a text. There are only a few different texts, so all of them are kept. */
  sql(text: string): Statement {
    let statement = this.#prepared.get(text);
    if (statement === undefined) {
      statement = this.#db.prepare(text);
      this.#prepared.set(text, statement);
    }
    return statement;
  }

  /** Returns the number of a collection. Undefined if nothing was ever stored in it. */
  collection(id: string): number | undefined {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const row = this.sql('SELECT no FROM collection WHERE id = ?').get(id) as { no: number } | undefined;
    if (row !== undefined) this.#numbers.set(id, row.no);
    return row?.no;
  }

  /** Forgets all statements, before the connection is closed. */
  clear(): void {
    this.#prepared.clear();
  }
}
