import type { Directory } from '../access/directory.ts';
import type { CollectionInfo } from '../access/snapshot.ts';
import type { Log } from '../kernel/log.ts';
import { rankOf } from '../stix/markings.ts';
import { instantOf } from '../stix/timestamps.ts';
import { ALL_VERSIONS, type Lease, type Store } from '../store/store.ts';

const BATCH = 1_000;

/**
 * Takes out of collections whose ceiling went down what is too strict for them now, with tombstones (DESIGN.md section 4,
 * tightening). Until that is done, readers who may not have it read nothing there (`CollectionInfo.tallest`). Being
 * repeated is harmless. Gives the number taken out.
 */
export async function keepCeilings(
  store: Store,
  directory: Directory,
  lease: Lease,
  log: Log,
  signal: AbortSignal,
): Promise<number> {
  const { collections } = await directory.current();
  let taken = 0;
  for (const collection of collections.values()) {
    if (rankOf(collection.tallest) <= rankOf(collection.max_tlp)) continue;
    const removed = await takeOut(store, collection, signal);
    if (removed === undefined) return taken;
    taken += removed;
    const record = await store.record('collection', collection.id);
    if (record === undefined || record.document['max_tlp'] !== collection.max_tlp) continue;
    const { tallest: _tallest, ...document } = record.document;
    await store.commit({
      records: [{ kind: 'collection', id: record.id, expected: record.revision, document }],
      lease,
    });
    log.info('collection.lowered', {
      collection: collection.alias ?? collection.id,
      max_tlp: collection.max_tlp,
      taken_out: removed,
    });
    await directory.refresh();
  }
  return taken;
}

/** Undefined when it was told to stop. */
async function takeOut(
  store: Store,
  { id, max_tlp: max }: CollectionInfo,
  signal: AbortSignal,
): Promise<number | undefined> {
  let taken = 0;
  for (let after = 0; !signal.aborted;) {
    const page = await store.entries(
      { collection: id, after, limit: BATCH, versions: ALL_VERSIONS, specs: ['2.0', '2.1'] },
      false,
    );
    for (const entry of page.entries)
      if (entry.level > rankOf(max))
        taken += await store.remove({
          collection: id,
          id: entry.id,
          versions: { all: false, first: false, last: false, exact: [instantOf(entry.version)] },
          specs: [entry.spec],
        });
    after = page.entries.at(-1)?.added ?? after;
    if (!page.more) return taken;
  }
  return undefined;
}
