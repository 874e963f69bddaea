import type { Clock } from '../../kernel/clock.ts';
import { Slices } from '../../kernel/slices.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import { namedObservables } from '../../stix/identifiers.ts';
import { markingRefs, rankOf } from '../../stix/markings.ts';
import { seenRefs } from '../../stix/observables.ts';
import { text, type StixObject } from '../../stix/types.ts';
import { LAST_VERSION, entryPages, type Candidate, type EntryFacts, type Store } from '../../store/store.ts';
import { namingOf } from '../intake/owner.ts';
import { candidateFrom } from '../intake/candidate.ts';
import { identityCandidate, madeIdentity } from '../intake/member-identities.ts';
import { decidePassing, type PassingContext } from './passing.ts';

/** Maximum number of ids per query to the store, and of characters that are read for one batch. */
const CHUNK = 200;
const MOST_READ = 16_777_216;

/** An entry with its parsed object. */
export interface Item {
  readonly entry: EntryFacts & { readonly text: string };
  readonly object: StixObject;
}

/** Parses the object of an entry. */
export function itemOf(entry: EntryFacts & { readonly text?: string }): Item {
  const content = entry.text ?? '{}';
  return { entry: { ...entry, text: content }, object: JSON.parse(content) as StixObject };
}

/** Parses a page of entries, in slices. */
export async function itemsOf(
  entries: readonly (EntryFacts & { readonly text?: string })[],
  clock: Pick<Clock, 'monotonic'>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  const slices = new Slices(clock);
  for (const entry of entries) {
    items.push(itemOf(entry));
    if (slices.isOver(entry.text?.length)) await slices.next();
  }
  return items;
}

/**
 * Reads the companions of objects from the same collection, once per batch: their creators and markings, and what
 * observations and sightings refer to. Also returns the context in which the objects and their companions may be
 * forwarded.
 */
export async function companionsOf(
  store: Store,
  source: string,
  objects: readonly StixObject[],
  context: PassingContext,
): Promise<{ readonly companions: readonly Item[]; readonly context: PassingContext }> {
  const ids = [...new Set(objects.flatMap((object) => [...signsOf(object), ...spokenOf(object)]))];
  if (ids.length === 0) return { companions: [], context };
  const found = await readAll(store, source, ids);
  const there = new Set(found.map(({ entry }) => entry.id));
  // Identities that the hub creates accompany the objects that name them, in every collection.
  const made = ids.flatMap((id) => {
    const object = there.has(id) ? undefined : madeIdentity(id, context.directory);
    return object === undefined ? [] : [madeItem(object)];
  });
  const companions = [...found, ...made];
  const named = await namedLevels(store, source, companions.map(({ object }) => object)); // prettier-ignore
  return { companions, context: { ...context, named: new Map([...context.named, ...named]) } };
}

/**
 * Reads the newest versions of ids, up to a total size, so that no object can make the hub read everything by naming
 * many ids.
 */
async function readAll(store: Store, source: string, ids: readonly string[]): Promise<readonly Item[]> {
  const found: Item[] = [];
  let size = 0;
  for (let at = 0; at < ids.length; at += CHUNK) {
    const some = ids.slice(at, at + CHUNK);
    const query = { collection: source, after: 0, limit: some.length, ids: some, versions: LAST_VERSION };
    for await (const entries of entryPages(store, query)) {
      for (const entry of entries) {
        size += entry.text?.length ?? 0;
        found.push(itemOf(entry));
      }
      if (size >= MOST_READ) return found;
    }
  }
  return found;
}

/** Returns the TLP rank at the source of observables that objects name by ids that are derived from their values. */
async function namedLevels(
  store: Store,
  source: string,
  objects: readonly StixObject[],
): Promise<ReadonlyMap<string, number>> {
  const ids = [...new Set(objects.flatMap(namedObservables))];
  const levels = new Map<string, number>();
  for (let at = 0; at < ids.length; at += CHUNK)
    for (const [id, level] of await store.levels(ids.slice(at, at + CHUNK), [source])) levels.set(id, level);
  return levels;
}

/** Returns the context for decisions about forwarding objects from a collection. */
export async function contextOf(
  store: Store,
  source: string,
  objects: readonly StixObject[],
  directory: Snapshot,
  now: number,
): Promise<PassingContext> {
  return {
    directory,
    now,
    named: await namedLevels(store, source, objects),
    seen: await seenBy(store, source, objects),
  };
}

/** Reads what observations and sightings refer to: what was seen and, for sightings, the observations first. */
async function seenBy(
  store: Store,
  source: string,
  objects: readonly StixObject[],
): Promise<ReadonlyMap<string, StixObject>> {
  const seen = new Map<string, StixObject>(objects.map((object) => [String(object['id']), object]));
  for (let asking = objects; asking.length > 0;) {
    const ids = [...new Set(asking.flatMap(seenRefs))].filter((id) => !seen.has(id));
    if (ids.length === 0) break;
    asking = (await readAll(store, source, ids)).map(({ object }) => object);
    for (const object of asking) seen.set(String(object['id']), object);
  }
  return seen;
}

function madeItem(object: StixObject): Item {
  const { text: content, id, type, version, spec, level, owner } = identityCandidate(object);
  return {
    entry: {
      text: content,
      id,
      type,
      version,
      spec,
      level,
      owner,
      creator: id,
      added: 0,
      oldest: true,
      newest: true,
    },
    object,
  };
}

/**
 * Returns the companions of the routed items. These are the definitions of their markings, their creators if
 * they have the same owner or belong to the hub, and the objects that observations and sightings refer to if
 * they have the same owner. Without these conditions, anybody could obtain an object by referring to it.
 */
export function companionsFor(companions: readonly Item[], items: readonly Item[]): readonly Item[] {
  const wanted = new Set(
    items.flatMap(({ entry, object }) => [
      ...signsOf(object).flatMap((id) => [`${entry.owner} ${id}`, `hub ${id}`]),
      ...spokenOf(object).map((id) => `${entry.owner} ${id}`),
    ]),
  );
  // An object is routed only with definitions that count for its owner (Snapshot.marking). These definitions accompany
  // it, no matter who submitted them first.
  const markings = new Set(items.flatMap(({ object }) => markingRefs(object)));
  return companions.filter(({ entry }) => markings.has(entry.id) || wanted.has(`${entry.owner} ${entry.id}`));
}

/** Returns an object as a candidate for another collection, or the reason why the policy withholds it. */
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
  const made = entry.owner === 'hub' && entry.creator === entry.id;
  const naming = made
    ? { creator: entry.id, claims: entry.id }
    : namingOf(object, entry.owner, context.directory);
  return {
    candidate: candidateFrom(object, {
      text: entry.text,
      id: entry.id,
      type: entry.type,
      version: entry.version,
      spec: entry.spec,
      level: rankOf(decision.effective),
      owner: entry.owner,
      ...naming,
      relayed: false,
    }),
  };
}

/** Returns the ids of the creator and the markings of an object. */
function signsOf(object: StixObject): readonly string[] {
  const creator = text(object, 'created_by_ref');
  return [...(creator === undefined ? [] : [creator]), ...markingRefs(object)];
}

/** Returns the ids that an observation or a sighting refers to. */
function spokenOf(object: StixObject): readonly string[] {
  const sighted = text(object, 'sighting_of_ref');
  return [...seenRefs(object), ...(sighted === undefined ? [] : [sighted])];
}
