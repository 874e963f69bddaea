import { commitDrafts, type StoreTarget } from './commit.ts';
import type { UuidSet } from './digest-set.ts';
import type { Unit } from './findings.ts';
import { expiryDraft } from './objects.ts';
import { linesIn } from './stage.ts';
import type { Name, RecordChange, Store } from '../store/store.ts';

const BATCH = 500;
const PAGE = 1_000;

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
  const names = [...listed].filter((id) => !before.has(id)).flatMap((id) => namesOf(target, key, id));
  for (let at = 0; at < names.length; at += BATCH)
    await commitDrafts(target, [], { names: names.slice(at, at + BATCH) });
  const distinct = [...new Set(ending)];
  for (let at = 0; at < distinct.length; at += BATCH) {
    const ids = distinct.slice(at, at + BATCH);
    const drafts = [];
    for (const id of ids)
      if (!present.has(id) && !(await isListedElsewhere(store, feed, key, id)))
        drafts.push(expiryDraft(id, now));
    const staleNames = ids.filter((id) => before.has(id)).flatMap((id) => namesOf(target, key, id));
    await commitDrafts(target, drafts, { staleNames }, true);
  }
}

function namesOf({ document, collection }: StoreTarget, key: string, id: string): readonly Name[] {
  const at = { collection: collection.id, added: 0 };
  return [
    { kind: `unit/${document.name}`, value: `${key} ${id}`, ...at },
    { kind: `unit-of/${document.name}`, value: `${id} ${key}`, ...at },
  ];
}

async function membersOf(store: Store, feed: string, key: string): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  let after: Name | undefined;
  for (;;) {
    const page: readonly Name[] = await store.names({
      ranges: [{ kind: `unit/${feed}`, from: `${key} `, to: `${key}!` }],
      ...(after === undefined ? {} : { after }),
      limit: PAGE,
    });
    for (const { value } of page) ids.add(value.slice(key.length + 1));
    after = page.at(-1);
    if (page.length < PAGE) return ids;
  }
}

async function isListedElsewhere(store: Store, feed: string, key: string, id: string): Promise<boolean> {
  const range = { kind: `unit-of/${feed}`, from: `${id} `, to: `${id}!` };
  const page = await store.names({ ranges: [range], limit: 2 });
  return page.some(({ value }) => value !== `${id} ${key}`);
}
