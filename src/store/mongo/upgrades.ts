import { nameOf } from '../store.ts';
import { insertMissing, type MongoCollections } from './database.ts';
import { headOf, oldText } from './documents.ts';
import { foundDocument, listingDocument } from './feed-items.ts';
import { noteKeyUse } from './notes.ts';

const PAGE = 1_000;

/**
 * Brings documents of earlier versions up to date. Each step can be repeated, and several processes can run it at once.
 * Processes of earlier versions that still run may add such documents. Then the next start moves them.
 */
export async function upgrade(c: MongoCollections): Promise<void> {
  await bringHeldUpToDate(c);
  await moveKeyUses(c);
  await moveListings(c);
  await moveFinds(c);
}

/** Adds the fields by which held objects of earlier versions are counted and listed. */
async function bringHeldUpToDate({ held }: MongoCollections): Promise<void> {
  for (;;) {
    const old = await held.findOne({ owner: { $exists: false } });
    if (old === null) return;
    const text = oldText(old);
    const head = headOf(old);
    await held.updateOne(
      { _id: old._id },
      {
        $set: {
          document: JSON.stringify(head),
          owner: head.owner,
          object: head.objectId,
          bytes: Buffer.byteLength(text),
          text,
        },
      },
    );
  }
}

/** Earlier versions stored the use of a key as a reading position, with the address in front of the agent. */
async function moveKeyUses(c: MongoCollections): Promise<void> {
  for (;;) {
    const notes = await c.readers.find({ kind: 'key' }).limit(PAGE).toArray();
    if (notes.length === 0) return;
    for (const { account, filters: key, seen, agent: text, requests } of notes) {
      const [address = '', ...words] = text.split(' ');
      await noteKeyUse(c, { account, key, seen, address, agent: words.join(' '), requests });
    }
    await c.readers.deleteMany({ _id: { $in: notes.map(({ _id }) => _id) } });
  }
}

/** Earlier versions stored the lists of feeds as search names. */
async function moveListings(c: MongoCollections): Promise<void> {
  await moveNames(c, 'feed/', 'feed0', (names) =>
    insertMissing(
      c.listings,
      names.map(({ kind, value }) =>
        listingDocument({ feed: kind.slice('feed/'.length), unit: '', object: value }),
      ),
    ),
  );
  await moveNames(c, 'unit-of/', 'unit-of0', (names) =>
    insertMissing(
      c.listings,
      names.map(({ kind, value }) => {
        const [object = '', ...words] = value.split(' ');
        return listingDocument({ feed: kind.slice('unit-of/'.length), unit: words.join(' '), object });
      }),
    ),
  );
  // The same, in the other order.
  await c.names.deleteMany({ _id: { $gt: 'unit/', $lt: 'unit0' } });
}

/** Earlier versions stored the first feed of a value as a search name, with the feed instead of the collection. */
async function moveFinds(c: MongoCollections): Promise<void> {
  await moveNames(c, 'found\n', 'found\u000b', (names) =>
    insertMissing(
      c.found,
      names.map(({ value, collection: feed, added: at }) => foundDocument({ value, feed, at })),
    ),
  );
}

/** Moves names between two texts, in pages. They are in order, so the earliest find of a value comes first. */
async function moveNames(
  { names }: MongoCollections,
  low: string,
  high: string,
  move: (page: readonly ReturnType<typeof nameOf>[]) => Promise<void>,
): Promise<void> {
  for (;;) {
    const page = await names
      .find({ _id: { $gt: low, $lt: high } })
      .sort({ _id: 1 })
      .limit(PAGE)
      .toArray();
    if (page.length === 0) return;
    await move(page.map(({ _id }) => nameOf(_id)));
    await names.deleteMany({ _id: { $in: page.map(({ _id }) => _id) } });
  }
}
