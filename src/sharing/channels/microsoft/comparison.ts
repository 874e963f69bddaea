import type { Snapshot } from '../../../access/snapshot.ts';
import { ALL_REMOVALS, ALL_VERSIONS, type Store } from '../../../store/store.ts';
import type { ValueHead } from '../../values/value-view.ts';
import type { Fault } from '../send.ts';

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
  /** The lease of the round in which the values were judged. */
  round: number;
  /** The mark that the last change of the remembered values left. Another one means that another process changed them. */
  mark: string | undefined;
  /** The values that each indicator states, by the keys of `valueKey`. Without all of them, everything is judged again. */
  readonly objects: Map<string, Set<string>>;
  isWhole: boolean;
  /** The values that the service refuses to delete, by `valueKey`. They are judged again in the next round. */
  refused: ReadonlyMap<string, Fault>;
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
  begin(
    channel: string,
    { added, removed }: ValueHead,
    facts: Pick<Compared, 'grounds' | 'round' | 'mark' | 'pushed' | 'withheld'>,
    now: number,
  ): Compared {
    this.forget(channel);
    const begun = {
      ...facts,
      until: now + LONGEST_MS,
      added,
      removed,
      objects: new Map<string, Set<string>>(),
      isWhole: true,
      refused: new Map<string, Fault>(),
    };
    this.#compared.set(channel, begun);
    return begun;
  }

  /** Returns the comparison of a channel if its grounds are still the same. */
  valid(channel: string, { text, members }: Grounds, now: number): Compared | undefined {
    const found = this.#compared.get(channel);
    const isSame = found?.grounds.text === text && found.grounds.members === members;
    return found !== undefined && isSame && now < found.until ? found : undefined;
  }

  /** Notes the indicators that state a value. Without room, the indicators of the oldest comparison are dropped. */
  note(channel: string, key: string, ids: readonly string[]): void {
    const compared = this.#compared.get(channel);
    for (const id of ids) {
      if (compared?.isWhole !== true) return;
      const keys = compared.objects.get(id);
      if (keys !== undefined) keys.add(key);
      else {
        compared.objects.set(id, new Set([key]));
        this.#objects++;
      }
      if (this.#objects > this.#mostObjects) this.#drop();
    }
  }

  #drop(): void {
    for (const compared of this.#compared.values()) {
      if (compared.objects.size === 0) continue;
      this.#objects -= compared.objects.size;
      compared.objects.clear();
      compared.isWhole = false;
      return;
    }
  }
}

/**
 * Returns the keys of the values whose indicators were changed or removed between a comparison and the position of the view.
 * Undefined if there are too many.
 */
export async function changedSince(
  { added, removed, objects, isWhole }: Compared,
  head: ValueHead,
  collection: string,
  store: Pick<Store, 'entries' | 'removals'>,
): Promise<ReadonlySet<string> | undefined> {
  if (!isWhole && (added !== head.added || removed !== head.removed)) return undefined;
  const keys = new Set<string>();
  let changes = 0;
  const add = (ids: readonly string[]): void => {
    changes += ids.length;
    for (const id of ids) for (const key of objects.get(id) ?? []) keys.add(key);
  };
  for (let after = added; after < head.added;) {
    const query = { collection, after, limit: PAGE, versions: ALL_VERSIONS, specs: ['2.0', '2.1'] as const };
    const { entries } = await store.entries(query, false);
    if (entries.length === 0) break;
    add(entries.map(({ id }) => id));
    if (changes > MOST_CHANGES) return undefined;
    after = entries.at(-1)?.added ?? head.added;
  }
  for (let after = removed; after < head.removed;) {
    const page = await store.removals({ ...ALL_REMOVALS, collection, after, limit: PAGE });
    if (page.length === 0) break;
    add(page.map(({ id }) => id));
    if (changes > MOST_CHANGES) return undefined;
    after = page.at(-1)?.removed ?? head.removed;
  }
  return keys;
}
