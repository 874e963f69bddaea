import type { Snapshot } from '../../../access/snapshot.ts';
import { ALL_REMOVALS, ALL_VERSIONS, type Store } from '../../../store/store.ts';
import type { ValueHead } from '../../values/value-view.ts';

/** Everything is judged again after this time, because policies, warning lists and lifetimes change with time. */
const LONGEST_MS = 300_000;
/** Maximum number of objects whose values are remembered, for all channels together. They take about 30 MB. */
const MOST_OBJECTS = 100_000;
/** After more changes than this, everything is judged again. */
const MOST_CHANGES = 2_000;
const PAGE = 500;

/** Everything on which the verdict about a value depends, besides its own indicators. */
export interface Grounds {
  readonly text: string;
  readonly members: Snapshot['members'];
}

/** When the values of a channel were last judged, and with what. */
export interface Compared {
  readonly grounds: Grounds;
  readonly until: number;
  /** The position of the value view. */
  added: number;
  removed: number;
  /** The values that each indicator states, by the keys of `valueKey`. */
  readonly objects: Map<string, Set<string>>;
  /** The number of values that the tenant has, and that the channel withholds. */
  pushed: number;
  withheld: number;
}

/** Remembers for each channel when its values were judged, so that only what changed since has to be judged again. */
export class Comparisons {
  readonly #compared = new Map<string, Compared>();
  readonly #mostObjects: number;
  #objects = 0;

  constructor(mostObjects = MOST_OBJECTS) {
    this.#mostObjects = mostObjects;
  }

  get(channel: string): Compared | undefined {
    return this.#compared.get(channel);
  }

  forget(channel: string): void {
    this.#objects -= this.#compared.get(channel)?.objects.size ?? 0;
    this.#compared.delete(channel);
  }

  /** Begins to remember, before everything is judged. */
  begin(channel: string, { added, removed }: ValueHead, grounds: Grounds, now: number): Compared {
    this.forget(channel);
    const objects = new Map<string, Set<string>>();
    const begun = { grounds, until: now + LONGEST_MS, added, removed, objects, pushed: 0, withheld: 0 };
    this.#compared.set(channel, begun);
    return begun;
  }

  /** Returns the comparison of a channel if its grounds are still the same. */
  valid(channel: string, { text, members }: Grounds, now: number): Compared | undefined {
    const found = this.#compared.get(channel);
    const isSame = found?.grounds.text === text && found.grounds.members === members;
    return found !== undefined && isSame && now < found.until ? found : undefined;
  }

  /** Notes the indicators that state a value. Without room, the oldest comparison is dropped. */
  note(channel: string, key: string, ids: readonly string[]): void {
    for (const id of ids) {
      const objects = this.#compared.get(channel)?.objects;
      const keys = objects?.get(id);
      if (keys !== undefined) keys.add(key);
      else if (objects !== undefined) {
        objects.set(id, new Set([key]));
        this.#objects++;
      }
      const [first] = this.#compared.keys();
      if (this.#objects > this.#mostObjects && first !== undefined) this.forget(first);
    }
  }
}

/**
 * Returns the keys of the values whose indicators were changed or removed between a comparison and the position of the view.
 * Undefined if there are too many.
 */
export async function changedSince(
  { added, removed, objects }: Compared,
  head: ValueHead,
  collection: string,
  store: Pick<Store, 'entries' | 'removals'>,
): Promise<ReadonlySet<string> | undefined> {
  const keys = new Set<string>();
  let changes = 0;
  const note = (ids: readonly string[]): void => {
    changes += ids.length;
    for (const id of ids) for (const key of objects.get(id) ?? []) keys.add(key);
  };
  for (let after = added; after < head.added;) {
    const query = { collection, after, limit: PAGE, versions: ALL_VERSIONS, specs: ['2.0', '2.1'] as const };
    const { entries } = await store.entries(query, false);
    if (entries.length === 0) break;
    note(entries.map(({ id }) => id));
    if (changes > MOST_CHANGES) return undefined;
    after = entries.at(-1)?.added ?? head.added;
  }
  for (let after = removed; after < head.removed;) {
    const page = await store.removals({ ...ALL_REMOVALS, collection, after, limit: PAGE });
    if (page.length === 0) break;
    note(page.map(({ id }) => id));
    if (changes > MOST_CHANGES) return undefined;
    after = page.at(-1)?.removed ?? head.removed;
  }
  return keys;
}
