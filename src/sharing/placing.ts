import { hash } from 'node:crypto';
import type { CollectionInfo, Snapshot } from '../access/snapshot.ts';
import { namedObservables } from '../stix/identifiers.ts';
import { markingRefs, rankOf } from '../stix/markings.ts';
import { instantOf } from '../stix/timestamps.ts';
import { text, type StixObject } from '../stix/types.ts';
import { isObservable } from '../stix/versions.ts';
import { LAST_VERSION, type Candidate, type EntryFacts, type Store } from '../store/store.ts';
import { decidePassing, type PassingContext } from './passing.ts';

/** An object where it stands, read. */
export interface Item {
  readonly entry: EntryFacts & { readonly text: string };
  readonly object: StixObject;
}

/** An entry with its object. */
export function itemOf(entry: EntryFacts & { readonly text?: string }): Item {
  const content = entry.text ?? '{}';
  return { entry: { ...entry, text: content }, object: JSON.parse(content) as StixObject };
}

/** What objects cannot be read without: their creators and markings, where they stand beside them. Read once a batch. */
export async function companionsOf(
  store: Store,
  source: string,
  objects: readonly StixObject[],
): Promise<readonly Item[]> {
  const ids = [...new Set(objects.flatMap(neededBy))];
  if (ids.length === 0) return [];
  const { entries } = await store.entries(
    { collection: source, after: 0, limit: ids.length, ids, versions: LAST_VERSION },
    true,
  );
  return entries.map(itemOf);
}

/** How strict the observables count at the source that objects name by ids made from their values. */
async function namedLevels(
  store: Store,
  source: string,
  objects: readonly StixObject[],
): Promise<ReadonlyMap<string, number>> {
  const ids = [...new Set(objects.flatMap(namedObservables))];
  return ids.length === 0 ? new Map() : store.levels(ids, [source]);
}

/** What decides about passing objects on from a collection. */
export async function contextOf(
  store: Store,
  source: string,
  objects: readonly StixObject[],
  directory: Snapshot,
  now: number,
): Promise<PassingContext> {
  return { directory, now, named: await namedLevels(store, source, objects) };
}

/** Those of the companions that some of the objects need. */
export function companyOf(companions: readonly Item[], objects: readonly StixObject[]): readonly Item[] {
  const needed = new Set(objects.flatMap(neededBy));
  return companions.filter(({ entry }) => needed.has(entry.id));
}

/** An object as a candidate for another collection, or why the policy withholds it. */
export function candidateOf(
  { entry, object }: Item,
  target: CollectionInfo,
  context: PassingContext,
):
  | { readonly candidate: Candidate }
  | { readonly candidate: undefined; readonly reason: string; readonly message: string } {
  const decision = decidePassing(object, entry, target, context);
  if (decision.verdict !== 'allow')
    return { candidate: undefined, reason: decision.reason, message: decision.message };
  return {
    candidate: {
      text: entry.text,
      digest: hash('sha256', entry.text),
      id: entry.id,
      type: entry.type,
      version: entry.version,
      instant: instantOf(entry.version),
      spec: entry.spec,
      level: rankOf(decision.effective),
      owner: entry.owner,
      unversioned: object['modified'] === undefined && object['created'] === undefined,
      shared: entry.type === 'marking-definition' || isObservable(object),
      relayed: false,
    },
  };
}

/** Ids of the creator and the markings of an object. */
function neededBy(object: StixObject): readonly string[] {
  const creator = text(object, 'created_by_ref');
  return [...(creator === undefined ? [] : [creator]), ...markingRefs(object)];
}
