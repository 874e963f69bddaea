import { Binary } from 'mongodb';
import type { Envelope, EnvelopeHead, EnvelopeUsage } from '../store.ts';
import { ignoreDuplicate, type MongoCollections } from './database.ts';
import type { EnvelopeDocument } from './documents.ts';

/** Maximum size of one part, in bytes. */
const PART = 4 * 1_048_576;

/**
 * Pending envelopes. The parts are written first, then the head. Inserting the head makes the whole envelope durable.
 */
export class Envelopes {
  readonly #c: MongoCollections;

  constructor(c: MongoCollections) {
    this.#c = c;
  }

  async keep({ id, account, member, collection, at, pending, body }: Envelope): Promise<void> {
    const parts = Math.max(1, Math.ceil(body.length / PART));
    for (let number = 0; number < parts; number++) {
      const bytes = new Binary(body.subarray(number * PART, (number + 1) * PART));
      await ignoreDuplicate(
        this.#c.parts.insertOne({
          _id: `${id}/${number}`,
          envelope: id,
          number,
          at: new Date(at),
          bytes,
        }),
      );
    }
    await ignoreDuplicate(
      this.#c.envelopes.insertOne({
        _id: id,
        account,
        ...(member === undefined ? {} : { member }),
        collection,
        at,
        pending,
        parts,
        bytes: body.length,
      }),
    );
  }

  async drop(id: string): Promise<void> {
    await this.#c.envelopes.deleteMany({ _id: id });
    await this.#c.parts.deleteMany({ envelope: id });
  }

  async head(id: string): Promise<EnvelopeHead | undefined> {
    const found = await this.#c.envelopes.findOne({ _id: id });
    return found === null ? undefined : headOf(found);
  }

  async heads(limit: number): Promise<readonly EnvelopeHead[]> {
    return (await this.#c.envelopes.find({}).sort({ at: 1 }).limit(limit).toArray()).map(headOf);
  }

  async usage(): Promise<readonly EnvelopeUsage[]> {
    const rows = await this.#c.envelopes
      .find({}, { projection: { account: 1, member: 1, parts: 1, bytes: 1 } })
      .toArray();
    return rows.map(({ account, member, parts, bytes = parts * PART }) => ({
      account,
      ...(member === undefined ? {} : { member }),
      items: 1,
      bytes,
    }));
  }

  async body(id: string): Promise<Buffer | undefined> {
    const head = await this.#c.envelopes.findOne({ _id: id });
    if (head === null) return undefined;
    const parts = await this.#c.parts.find({ envelope: id }).sort({ number: 1 }).toArray();
    return parts.length === head.parts ? Buffer.concat(parts.map(({ bytes }) => bytes.value())) : undefined;
  }
}

function headOf({ _id, account, member, collection, at, pending }: EnvelopeDocument): EnvelopeHead {
  return { id: _id, account, ...(member === undefined ? {} : { member }), collection, at, pending };
}
