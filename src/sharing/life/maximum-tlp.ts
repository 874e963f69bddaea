import { USUAL_MAXIMUM } from '../../access/lowered-maximum.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { COLLECTIONS, MARKINGS } from '../../access/model.ts';
import type { CollectionInfo } from '../../access/snapshot.ts';
import { withoutFields } from '../../store/records.ts';
import type { Log } from '../../kernel/log.ts';
import { markingRefs, rankOf } from '../../stix/markings.ts';
import type { StixObject } from '../../stix/types.ts';
import { placementFacts } from '../intake/placement-facts.ts';
import type { EntryFacts, Lease, Store } from '../../store/store.ts';
import { removeEntries } from './remove-entries.ts';

/**
 * When the maximum TLP of a collection is lowered, other processes may still write what they judged by the old maximum.
 * After this time they have finished.
 */
const SETTLED_MS = 60_000;

/** Returns true if a maximum TLP was lowered and `removeTooStrict` has work to do. */
export function isLowered({ tallest, max_tlp: max, loweredAt }: CollectionInfo, now: number): boolean {
  return tallest !== max || (loweredAt !== undefined && now >= loweredAt + SETTLED_MS);
}

/**
 * Removes objects that are too strict from collections whose maximum TLP was lowered, and leaves tombstones. Until
 * then, readers without clearance for such objects cannot read the collection (`CollectionInfo.tallest`). A minute
 * later, the collections are checked once more for objects that another process judged by the old maximum. Repeating
 * this is harmless. Returns the number of removed versions.
 */
export async function removeTooStrict(
  store: Store,
  directory: Directory,
  lease: Lease,
  log: Log,
  audit: Pick<Audit, 'ofHub'>,
  now: number,
  signal: AbortSignal,
): Promise<number> {
  const { collections } = await directory.current();
  let taken = 0;
  for (const collection of collections.values()) {
    if (!isLowered(collection, now)) continue;
    const isFirst = collection.tallest !== collection.max_tlp;
    const max = rankOf(collection.max_tlp);
    const removed = await removeEntries(store, collection, ({ level }) => level > max, false, signal, (entries) =>
      placementFacts(collection.id, entries, 'the maximum TLP of the collection was lowered', (resource, more) =>
        audit.ofHub('routing', 'object.tighten', resource, more),
      ),
    ); // prettier-ignore
    if (removed === undefined) return taken;
    taken += removed;
    const record = await COLLECTIONS.in(store).get(collection.id);
    if (record === undefined || (record.document.max_tlp ?? USUAL_MAXIMUM) !== collection.max_tlp) continue;
    const document = withoutFields(record.document, ['tallest', 'lowered_at']);
    await store.commit({
      records: [COLLECTIONS.change(record, isFirst ? { ...document, lowered_at: now } : document)],
      lease,
    });
    log.info('collection.lowered', {
      collection: collection.alias ?? collection.id,
      max_tlp: collection.max_tlp,
      removed,
    });
    await directory.refresh();
  }
  return taken;
}

/**
 * Removes objects whose IEP policy has ended (FIRST IEP 2.0, end_date) from all collections, once, and leaves
 * tombstones. Returns the number of removed versions.
 */
export async function removeEnded(
  store: Store,
  directory: Directory,
  ended: readonly string[],
  lease: Lease,
  log: Log,
  audit: Pick<Audit, 'ofHub'>,
  signal: AbortSignal,
): Promise<number> {
  const snapshot = await directory.current();
  // A definition counts only for some owners (Snapshot.marking), so nobody can end the objects of others with it.
  const names = ({ text = '', owner }: EntryFacts & { readonly text?: string }): boolean =>
    ended.some((id) => text.includes(id)) &&
    markingRefs(JSON.parse(text) as StixObject).some(
      (ref) =>
        ended.includes(ref) &&
        // The owner of a damaged definition is unknown, so it ends the objects of everybody.
        (snapshot.damage.has('marking', ref) || snapshot.marking(ref, owner) !== undefined),
    );
  let taken = 0;
  for (const collection of snapshot.collections.values()) {
    const removed = await removeEntries(store, collection, names, true, signal, (entries) =>
      placementFacts(collection.id, entries, 'its IEP policy has ended', (resource, more) =>
        audit.ofHub('routing', 'object.expire', resource, more),
      ),
    );
    if (removed === undefined) return taken;
    taken += removed;
  }
  const records = await Promise.all(ended.map((id) => MARKINGS.in(store).try(id)));
  await store.commit({
    records: records.flatMap((record) =>
      record === undefined || record === 'damaged'
        ? []
        : [MARKINGS.change(record, { ...record.document, cleared: true })],
    ),
    lease,
  }); // prettier-ignore
  log.info('marking.expired', { markings: ended.length, removed: taken });
  await directory.refresh();
  return taken;
}
