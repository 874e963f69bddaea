import type { FeedItems, FirstFind, FirstFindQuery, Listing, ListingQuery } from '../store.ts';
import { insertMissing, type MongoCollections } from './database.ts';
import type { FoundDocument, ListingDocument } from './documents.ts';

/** The lists and first finds of feeds. They are derived from files, so no decision about access depends on them. */
export class FeedItemDocuments {
  readonly #c: MongoCollections;

  constructor(c: MongoCollections) {
    this.#c = c;
  }

  async change({ listed = [], unlisted = [], found = [] }: FeedItems): Promise<void> {
    await insertMissing(this.#c.listings, listed.map(listingDocument));
    await insertMissing(this.#c.found, found.map(foundDocument));
    if (unlisted.length > 0)
      await this.#c.listings.deleteMany({ _id: { $in: unlisted.map((one) => listingDocument(one)._id) } });
  }

  async listings({ feed, unit, after = '', limit }: ListingQuery): Promise<readonly string[]> {
    const list = listName(feed, unit);
    const rows = await this.#c.listings
      .find({ _id: { $gt: `${list}\n${after}`, $lt: `${list}\u000b` } })
      .sort({ _id: 1 })
      .limit(limit)
      .toArray();
    return rows.map(({ _id }) => _id.slice(list.length + 1));
  }

  async unitsOf(feed: string, object: string, limit: number): Promise<readonly string[]> {
    const rows = await this.#c.listings
      .find({ of: objectName(feed, object) })
      .sort({ unit: 1 })
      .limit(limit)
      .toArray();
    return rows.map(({ unit }) => unit);
  }

  async firstFinds({ after, limit }: FirstFindQuery): Promise<readonly FirstFind[]> {
    return this.#c.found
      .find(after === undefined ? {} : { _id: { $gt: findName(after) } })
      .sort({ _id: 1 })
      .limit(limit)
      .project<FirstFind>({ _id: 0 })
      .toArray();
  }
}

/** JSON has no line feed of its own, so a line feed ends it. */
function listName(feed: string, unit: string): string {
  return JSON.stringify([feed, unit]);
}

function objectName(feed: string, object: string): string {
  return JSON.stringify([feed, object]);
}

function findName({ value, feed }: Pick<FirstFind, 'value' | 'feed'>): string {
  return `${JSON.stringify(value)}\n${feed}`;
}

export function listingDocument({ feed, unit, object }: Listing): ListingDocument {
  const document = { _id: `${listName(feed, unit)}\n${object}`, unit };
  return unit === '' ? document : { ...document, of: objectName(feed, object) };
}

export function foundDocument(find: FirstFind): FoundDocument {
  return { _id: findName(find), ...find };
}
