import type { Amount, Receipt } from '../store.ts';
import { ignoreDuplicate, type MongoCollections } from './database.ts';
import type { ReceiptDocument } from './documents.ts';

/** Maximum number of receipts that are removed at once. */
const AT_ONCE = 2_000;

/** The outcomes of envelopes. */
export class Receipts {
  readonly #c: MongoCollections;

  constructor(c: MongoCollections) {
    this.#c = c;
  }

  async keep({ id, account, at, body }: Receipt): Promise<void> {
    const bytes = Buffer.byteLength(body);
    await ignoreDuplicate(this.#c.receipts.insertOne({ _id: id, account, at, body, bytes }));
  }

  async get(id: string): Promise<Receipt | undefined> {
    const found = await this.#c.receipts.findOne({ _id: id });
    return found === null ? undefined : { id, account: found.account, at: found.at, body: found.body };
  }

  async usage(): Promise<readonly (Amount & { readonly account: string })[]> {
    const found = new Map<string, Amount>();
    const rows = this.#c.receipts.find({}, { projection: { account: 1, bytes: 1 } });
    for await (const { account, bytes = 0 } of rows) {
      const before = found.get(account) ?? { items: 0, bytes: 0 };
      found.set(account, { items: before.items + 1, bytes: before.bytes + bytes });
    }
    return [...found].map(([account, amount]) => ({ account, ...amount }));
  }

  /** The newest receipts stay, as many as there is room for. */
  async trim(account: string | undefined, most: Amount): Promise<number> {
    const rows = this.#c.receipts
      .find(account === undefined ? {} : { account })
      .project<Pick<ReceiptDocument, '_id' | 'bytes'>>({ bytes: 1 })
      .sort({ at: -1 });
    let [items, bytes] = [0, 0];
    const excess: string[] = [];
    for await (const row of rows) {
      items++;
      bytes += row.bytes ?? 0;
      if (items > most.items || bytes > most.bytes) excess.push(row._id);
      if (excess.length === AT_ONCE) break;
    }
    if (excess.length === 0) return 0;
    return (await this.#c.receipts.deleteMany({ _id: { $in: excess } })).deletedCount;
  }
}
