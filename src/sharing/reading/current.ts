import type { Directory } from '../../access/directory.ts';
import type { Clock, Micros } from '../../kernel/clock.ts';
import { Slices } from '../../kernel/slices.ts';
import { LAST_VERSION, fittingIn, type EntryPage, type PageQuery, type Store } from '../../store/store.ts';
import type { SuppressedValues, Suppressions } from '../suppression/suppressed-values.ts';
import { rowsOf, type Placed } from '../values/contribution.ts';
import type { LifeSettings, Lifetimes } from '../values/life.ts';

/** The types that a current collection contains: indicators, and the objects without which nobody can read them. */
const CURRENT_TYPES: readonly string[] = ['identity', 'indicator', 'marking-definition'];
/**
 * Number of entries after which a page ends although it is not full. It then contains at least one object, because some
 * clients ask for pages as long as the last one.
 */
const MOST_EXAMINED = 20_000;
/** Number of entries that are read at once. */
const AT_ONCE = 500;
/** Number of collections for which a stretch without objects in force is remembered. */
const MOST_STRETCHES = 1_000;
/** How long it is remembered. An object that comes back into force is missing for so long at most. */
const STRETCH_MS = 60_000;

/** An entry of a current collection, with its text. */
export type CurrentEntry = EntryPage['entries'][number] & {
  readonly text: string;
  /** The time at which it is no longer in force, in milliseconds since 1970. Infinity for never. */
  readonly ends: number;
};

interface CurrentParts {
  readonly store: Pick<Store, 'entries'>;
  readonly directory: Pick<Directory, 'current'>;
  readonly suppressions: Pick<Suppressions, 'current'>;
  readonly life: LifeSettings;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

/**
 * The objects of a collection that are in force: the newest versions of its indicators without those that are revoked or
 * expired or have a suppressed value, by the same rules as lists. They keep their dates added, so clients page through
 * them as through the collection. An indicator that becomes valid later is in force, because no date added would announce
 * it then.
 */
export class CurrentObjects {
  readonly #parts: CurrentParts;
  /** By collection and types. */
  readonly #stretches = new Map<string, Stretch>();

  constructor(parts: CurrentParts) {
    this.#parts = parts;
  }

  /** Returns a page of at most `limit` entries that were added after `after`. Filters by version have no effect. */
  async page(
    query: PageQuery,
  ): Promise<{ readonly entries: readonly CurrentEntry[]; readonly more: boolean }> {
    const { store, directory, suppressions, life, clock } = this.#parts;
    const types = typesIn(query);
    const found: CurrentEntry[] = [];
    if (types.length === 0) return { entries: [], more: false };
    const [lifetimes, suppressed] = [life.of(await directory.current()), await suppressions.current()];
    const by = { lifetimes, suppressed, now: clock.now() };
    const slices = new Slices(clock);
    // Requests for single objects read no long stretches.
    const key = query.ids === undefined ? JSON.stringify([query.collection, types, query.specs]) : undefined;
    let [after, examined, more]: [Micros, number, boolean] = [this.#begin(key, query.after, by), 0, true];
    // One more than the page needs shows whether there are more.
    while (more && found.length <= query.limit && (examined < MOST_EXAMINED || found.length === 0)) {
      const read = { ...query, after, types, versions: LAST_VERSION, limit: AT_ONCE };
      const page = await store.entries(read, true);
      for (const { text, ...entry } of page.entries) {
        const ends =
          text === undefined ? undefined : endOf({ ...entry, text, collection: query.collection }, by);
        if (text !== undefined && ends !== undefined) found.push({ ...entry, text, ends });
        if (slices.isOver(text?.length)) await slices.next();
      }
      after = page.entries.at(-1)?.added ?? after;
      examined += page.entries.length;
      more = page.more && page.entries.length > 0;
      if (found.length === 0) this.#remember(key, { ...by, from: query.after, to: after });
    }
    const some = found.slice(0, query.limit);
    const entries = some.slice(0, fittingIn(some.map(({ text }) => Buffer.byteLength(text))));
    return { entries, more: more || entries.length < found.length };
  }

  /** Returns where a request begins to read: behind the stretch that it would begin in. */
  #begin(key: string | undefined, after: Micros, by: Rules): Micros {
    const known = key === undefined ? undefined : this.#known(key, by);
    return known !== undefined && known.from <= after && after < known.to ? known.to : after;
  }

  /** Returns the stretch of a collection, if it was found a short time ago and by the same rules. */
  #known(key: string, { lifetimes, suppressed, now }: Rules): Stretch | undefined {
    const known = this.#stretches.get(key);
    const isSame = known?.lifetimes === lifetimes && known.suppressed === suppressed;
    return isSame && now < known.now + STRETCH_MS ? known : undefined;
  }

  /** Keeps a stretch, joined with the one that it continues. Of two separate ones, the longer one is kept. */
  #remember(key: string | undefined, found: Stretch): void {
    if (key === undefined || found.to <= found.from) return;
    const known = this.#known(key, found);
    const isContinued = known !== undefined && known.from <= found.from && found.from <= known.to;
    if (known !== undefined && !isContinued && known.to - known.from > found.to - found.from) return;
    const kept = isContinued ? { ...known, to: found.to > known.to ? found.to : known.to } : found;
    this.#stretches.delete(key);
    this.#stretches.set(key, kept);
    const [oldest] = this.#stretches.keys();
    if (this.#stretches.size > MOST_STRETCHES && oldest !== undefined) this.#stretches.delete(oldest);
  }
}

/**
 * A stretch of a collection that contains no object in force under some rules. A new version of an object is a new entry at
 * the end, so one can only come back into force when a newer version is deleted. Without stretches, each request after a
 * long one would read all of it.
 */
interface Stretch extends Rules {
  readonly from: Micros;
  readonly to: Micros;
}

/** Returns the types of a request that a current collection has. */
export function typesIn({ types }: Pick<PageQuery, 'types'>): readonly string[] {
  return types === undefined ? CURRENT_TYPES : CURRENT_TYPES.filter((type) => types.includes(type));
}

interface Rules {
  readonly lifetimes: Lifetimes;
  readonly suppressed: SuppressedValues;
  readonly now: number;
}

/**
 * Returns the time at which an object is no longer in force. Undefined if it is not in force. An indicator with several
 * values is, while one of them has not expired.
 */
function endOf(
  entry: Placed & { readonly type: string },
  { lifetimes, suppressed, now }: Rules,
): number | undefined {
  if (entry.type !== 'indicator') return Infinity;
  const rows = rowsOf(entry);
  if (rows.some((row) => suppressed.keepsOut(row, 'read'))) return undefined;
  const ends = rows.flatMap(({ type, contribution: one }) =>
    one.revoked ? [] : [lifetimes.endOf(type, one)],
  );
  const end = Math.max(0, ...ends);
  return end > now ? end : undefined;
}
