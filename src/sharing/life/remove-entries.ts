import type { CollectionInfo } from '../../access/snapshot.ts';
import { ALL_VERSIONS, oneVersion, type AuditFact, type EntryFacts, type Store } from '../../store/store.ts';

const BATCH = 1_000;
/** Number of versions that are removed at once. The store writes them together, and other writers wait no longer. */
const REMOVED_AT_ONCE = 100;

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
    taken += await removeVersions(store, id, going);
    after = page.entries.at(-1)?.added ?? after;
    if (!page.more) return taken;
  }
  return undefined;
}

/** Removes versions from a collection, and returns how many were still there. */
export async function removeVersions(
  store: Pick<Store, 'remove'>,
  collection: string,
  entries: readonly EntryFacts[],
): Promise<number> {
  let taken = 0;
  for (let at = 0; at < entries.length; at += REMOVED_AT_ONCE) {
    const counts = await Promise.all(
      entries
        .slice(at, at + REMOVED_AT_ONCE)
        .map(({ id, version, spec }) =>
          store.remove({ collection, id, versions: oneVersion(version), specs: [spec] }),
        ),
    );
    taken += counts.reduce((sum, count) => sum + count, 0);
  }
  return taken;
}
