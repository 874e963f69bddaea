import { listedIn } from './commit.ts';
import { commitDrafts, type StoreTarget } from './drafting.ts';
import type { UuidSet } from './digest-set.ts';
import type { Unit } from './findings.ts';
import { expiryDraft } from './objects.ts';
import { linesIn } from './spool.ts';
import type { Listing, RecordChange, Store } from '../store/store.ts';

const BATCH = 500;

/**
 * Ends objects that the units of a run no longer list, and all objects of units that the source no longer has. `present`
 * contains the ids that the run has found anywhere. The last commit includes the checkpoint.
 */
export async function storeUnits(
  target: StoreTarget,
  unitsFile: string,
  gone: readonly string[],
  present: UuidSet,
  checkpoint: RecordChange,
): Promise<void> {
  for await (const line of linesIn(unitsFile)) await storeUnit(target, JSON.parse(line) as Unit, present);
  for (const key of gone) await storeUnit(target, { key, listed: [], off: [], isWhole: true }, present);
  await commitDrafts(target, [], { records: [checkpoint] });
}

async function storeUnit(target: StoreTarget, unit: Unit, present: UuidSet): Promise<void> {
  const { store, document, now } = target;
  const { name: feed } = document;
  const { key, isWhole } = unit;
  const listed = new Set(unit.listed);
  const before = await membersOf(store, feed, key);
  const off = new Set(unit.off.filter((id) => !listed.has(id)));
  // Entries of earlier versions of the hub have no members. Objects that a unit switches off end all the same.
  const ending = [...(isWhole ? before : []), ...off].filter((id) => !listed.has(id));
  const fresh = [...listed].filter((id) => !before.has(id)).map((id) => listingOf(target, key, id));
  for (let at = 0; at < fresh.length; at += BATCH)
    await commitDrafts(target, [], { listed: fresh.slice(at, at + BATCH) });
  const distinct = [...new Set(ending)];
  for (let at = 0; at < distinct.length; at += BATCH) {
    const ids = distinct.slice(at, at + BATCH);
    const drafts = [];
    for (const id of ids)
      if (!present.has(id) && !(await isListedElsewhere(store, feed, key, id)))
        drafts.push(expiryDraft(id, now));
    const unlisted = ids.filter((id) => before.has(id)).map((id) => listingOf(target, key, id));
    await commitDrafts(target, drafts, { unlisted }, true);
  }
}

function listingOf({ document }: StoreTarget, unit: string, object: string): Listing {
  return { feed: document.name, unit, object };
}

async function membersOf(store: Store, feed: string, unit: string): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for await (const id of listedIn(store, feed, unit)) ids.add(id);
  return ids;
}

async function isListedElsewhere(store: Store, feed: string, unit: string, object: string): Promise<boolean> {
  return (await store.unitsOf(feed, object, 2)).some((other) => other !== unit);
}
