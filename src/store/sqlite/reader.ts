import type {
  Amount,
  EnvelopeHead,
  FirstFind,
  FirstFindQuery,
  EnvelopeUsage,
  HeldHead,
  HeldObject,
  HeldQuery,
  HeldUsage,
  KeyUseNote,
  ListingQuery,
  ReaderNote,
  Receipt,
  RefusalNote,
} from '../store.ts';
import { AuditReader } from './audit-reader.ts';
import { rowsOf, type Database } from './connection.ts';
import { ObjectReader } from './object-reader.ts';
import { RecordReader } from './record-reader.ts';
import { Statements } from './statements.ts';

/** The head of an envelope. Its member is read from the index, because the row has it behind the body. */
const HEAD = `SELECT id, account, collection, at, pending,
  (SELECT m.member FROM envelope m INDEXED BY envelope_account WHERE m.account = e.account AND m.id = e.id) AS member
  FROM envelope e`;

type HeadRow = Omit<EnvelopeHead, 'member'> & { readonly member: string | null };

/** Leaves out a member that is not known. */
function withMember<R extends { readonly member: string | null }>({
  member,
  ...row
}: R): Omit<R, 'member'> & { readonly member?: string } {
  return member === null ? row : { ...row, member };
}

/**
 * All reads. They run on the main thread, on a separate connection that sees only committed data. Held objects,
 * envelopes and the ledger are read here, and the other parts of the store by readers of their own.
 */
export class Reader {
  readonly objects: ObjectReader;
  readonly records: RecordReader;
  readonly audit: AuditReader;
  readonly #connection: Database;
  readonly #db: Statements;

  constructor(connection: Database) {
    this.#connection = connection;
    this.#db = new Statements(connection);
    this.objects = new ObjectReader(this.#db);
    this.records = new RecordReader(this.#db);
    this.audit = new AuditReader(this.#db);
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
      this.#db.sql(
        `SELECT document FROM held ${where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`} ORDER BY at, id LIMIT ?`,
      ),
      ...values,
      limit,
    );
    return rows.map(({ document }) => JSON.parse(document) as HeldHead);
  }

  heldObject(id: string): HeldObject | undefined {
    const [row] = rowsOf<{ document: string; text: string }>(
      this.#db.sql('SELECT document, text FROM held WHERE id = ?'),
      id,
    );
    return row === undefined ? undefined : { ...(JSON.parse(row.document) as HeldHead), text: row.text };
  }

  heldUsage(owner: string): HeldUsage {
    const [row] = rowsOf<HeldUsage>(
      this.#db.sql('SELECT count(*) AS objects, coalesce(sum(bytes), 0) AS bytes FROM held WHERE owner = ?'),
      owner,
    );
    return row ?? { objects: 0, bytes: 0 };
  }

  receipt(id: string): Receipt | undefined {
    return this.#db.sql('SELECT id, account, at, body FROM receipt WHERE id = ?').get(id);
  }

  envelopeHead(id: string): EnvelopeHead | undefined {
    const [row] = rowsOf<HeadRow>(this.#db.sql(`${HEAD} WHERE id = ?`), id);
    return row === undefined ? undefined : withMember(row);
  }

  envelopeHeads(limit: number): readonly EnvelopeHead[] {
    return rowsOf<HeadRow>(this.#db.sql(`${HEAD} ORDER BY at LIMIT ?`), limit).map(withMember);
  }

  envelopeUsage(): readonly EnvelopeUsage[] {
    return rowsOf<Amount & { account: string; member: string | null }>(
      this.#db.sql(
        'SELECT account, member, count(*) AS items, sum(length(body)) AS bytes FROM envelope INDEXED BY envelope_account GROUP BY account, member',
      ),
    ).map(withMember);
  }

  receiptUsage(): readonly (Amount & { readonly account: string })[] {
    return rowsOf<Amount & { account: string }>(
      this.#db.sql('SELECT account, count(*) AS items, sum(bytes) AS bytes FROM receipt GROUP BY account'),
    );
  }

  envelopeBody(id: string): Buffer | undefined {
    const row = this.#db.sql('SELECT body FROM envelope WHERE id = ?').get(id) as
      { body: Uint8Array } | undefined;
    return row === undefined ? undefined : Buffer.from(row.body);
  }

  readers(): Iterable<ReaderNote> {
    return this.#db
      .sql(
        `SELECT account, collection, kind, filters, seen, cursor, requests, objects, agent FROM reader
         ORDER BY account, collection, kind, filters`,
      )
      .iterate() as Iterable<ReaderNote>;
  }

  keyUses(accounts: readonly string[]): Iterable<KeyUseNote> {
    return this.#db
      .sql(
        `SELECT account, key, seen, address, agent, requests FROM key_use
         WHERE account IN (SELECT value FROM json_each(?)) ORDER BY account, key`,
      )
      .iterate(JSON.stringify(accounts)) as Iterable<KeyUseNote>;
  }

  listings({ feed, unit, after = '', limit }: ListingQuery): readonly string[] {
    const sql = this.#db.sql(
      'SELECT object FROM listing WHERE feed = ? AND unit = ? AND object > ? ORDER BY object LIMIT ?',
    );
    return rowsOf<{ object: string }>(sql, feed, unit, after, limit).map(({ object }) => object);
  }

  unitsOf(feed: string, object: string, limit: number): readonly string[] {
    const sql = this.#db.sql(
      "SELECT unit FROM listing WHERE feed = ? AND object = ? AND unit <> '' ORDER BY unit LIMIT ?",
    );
    return rowsOf<{ unit: string }>(sql, feed, object, limit).map(({ unit }) => unit);
  }

  firstFinds({ after = { value: '', feed: '' }, limit }: FirstFindQuery): readonly FirstFind[] {
    const sql = this.#db.sql(
      'SELECT value, feed, at FROM found WHERE (value, feed) > (?, ?) ORDER BY value, feed LIMIT ?',
    );
    return rowsOf<FirstFind>(sql, after.value, after.feed, limit);
  }

  refusals(limit: number): readonly RefusalNote[] {
    return this.#db
      .sql(
        'SELECT account, place, code, reason, first, last, times, agent FROM refusal ORDER BY last DESC, account, place, code LIMIT ?',
      )
      .all(limit);
  }

  /** Runs reads that must see the state of one moment. */
  atOnce<T>(read: (reader: Reader) => T): T {
    this.#connection.exec('BEGIN');
    try {
      return read(this);
    } finally {
      this.#connection.exec('COMMIT');
    }
  }

  /** Begins a read transaction, which lasts until the reader is closed. */
  begin(): void {
    this.#connection.exec('BEGIN');
  }

  close(): void {
    this.#db.clear();
    this.#connection.close();
  }
}
