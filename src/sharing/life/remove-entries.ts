import type { CollectionInfo } from '../../access/snapshot.ts';
import { ALL_VERSIONS, oneVersion, type AuditFact, type EntryFacts, type Store } from '../../store/store.ts';

const BATCH = 1_000;

/**
 * Removes entries from a collection, page by page. Each page is recorded before it is removed. Undefined when
 * the run was stopped.
 */
export async function removeEntries(
  store: Store,
  { id }: Pick<CollectionInfo, 'id'>,
  goes: (entry: EntryFacts & { readonly text?: string }) => boolean,
  withText: boolean,
  signal: AbortSignal,
  told: (entries: readonly EntryFacts[]) => readonly AuditFact[],
): Promise<number | undefined> {
  let taken = 0;
  for (let after = 0; !signal.aborted;) {
    const page = await store.entries(
      { collection: id, after, limit: BATCH, versions: ALL_VERSIONS, specs: ['2.0', '2.1'] },
      withText,
    );
    const going = page.entries.filter(goes);
    const facts = going.length > 0 ? told(going) : [];
    if (facts.length > 0) await store.commit({ facts });
    for (const entry of going)
      taken += await store.remove({
        collection: id,
        id: entry.id,
        versions: oneVersion(entry.version),
        specs: [entry.spec],
      });
    after = page.entries.at(-1)?.added ?? after;
    if (!page.more) return taken;
  }
  return undefined;
}
