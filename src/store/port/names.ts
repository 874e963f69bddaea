import type { Micros } from '../../kernel/clock.ts';
import type { EntryFacts } from './objects.ts';

// Names: values by which entries are found.

/** The position of an entry. */
export interface Place {
  readonly collection: string;
  readonly added: Micros;
}

/** A value by which an entry is found. */
export interface Name extends Place {
  /** The kind of the value. Like the value, it contains no line feed. */
  readonly kind: string;
  readonly value: string;
}

/**
 * The values of a kind from `from` up to, but not including, the end of the range. Without an end, only the value
 * `from`.
 */
export interface NameRange {
  readonly kind: string;
  readonly from: string;
  readonly to?: string;
}

export interface NameQuery {
  /** The ranges do not overlap. */
  readonly ranges: readonly NameRange[];
  /** Only names that sort after this one. */
  readonly after?: Name;
  readonly limit: number;
}

/** Returns a name as one text. Names sort in the byte order of these texts. */
export function nameText({ kind, value, collection, added }: Name): string {
  return storable(`${kind}\n${value}\n${collection}\n${String(added).padStart(16, '0')}`);
}

/** Replaces U+0000, at which SQLite ends a text from a JSON list: the name would become another, shorter one. */
function storable(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
}

/** Returns the name that `nameText` wrote. The first finds of earlier versions have values with line feeds. */
export function nameOf(line: string): Name {
  const [kind = '', ...parts] = line.split('\n');
  const [collection = '', added = ''] = parts.splice(-2);
  return { kind, value: parts.join('\n'), collection, added: Number(added) };
}

/** Returns the exclusive bounds of the texts that a query of names covers, in their order. */
export function nameBounds({
  ranges,
  after,
}: NameQuery): readonly { readonly low: string; readonly high: string }[] {
  const behind = after === undefined ? '' : nameText(after);
  return ranges
    .map(({ kind, from: first, to }) => {
      const from = storable(first);
      const low = `${kind}\n${from}${to === undefined ? '\n' : ''}`;
      return {
        low: behind !== '' && byBytes(behind, low) > 0 ? behind : low,
        high: to === undefined ? `${kind}\n${from}\u000b` : `${kind}\n${to}`,
      };
    })
    .map((bounds) => ({ ...bounds, bytes: Buffer.from(bounds.low) }))
    .filter(({ bytes, high }) => Buffer.compare(bytes, Buffer.from(high)) < 0)
    .toSorted((a, b) => Buffer.compare(a.bytes, b.bytes));
}

/** Compares texts by their bytes, which is the order of texts in a store. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Values and the entries that they lead to. */
export interface NameStore {
  /** Returns names in byte order. Use `occupied` to check whether their entries still exist. */
  names(query: NameQuery): Promise<readonly Name[]>;
  /**
   * Returns the entries at the first of these places, with their texts: as many as fit in a page (`PAGE_BYTES`), and at
   * least one.
   */
  placed(places: readonly Place[]): Promise<PlacedPage>;
  /** Returns those of the places that have an entry. */
  occupied(places: readonly Place[]): Promise<readonly Place[]>;
}

/** An entry at a place, with its text. */
export interface PlacedEntry extends EntryFacts, Place {
  readonly text: string;
}

export interface PlacedPage {
  readonly entries: readonly PlacedEntry[];
  /** The number of places that the page covers. The places after them have not been looked at. */
  readonly covered: number;
}

/** Yields the names in these ranges in byte order, at most `limit` at once. No page is empty. */
export async function* namePages(
  store: Pick<NameStore, 'names'>,
  ranges: readonly NameRange[],
  limit: number,
): AsyncGenerator<readonly Name[]> {
  for (let after: Name | undefined, more = true; more;) {
    const names = await store.names({ ranges, ...(after === undefined ? {} : { after }), limit });
    if (names.length > 0) yield names;
    after = names.at(-1);
    more = names.length === limit;
  }
}

/** Yields the entries at these places with their texts, page by page. */
export async function* placedPages(
  store: Pick<NameStore, 'placed'>,
  places: readonly Place[],
): AsyncGenerator<readonly PlacedEntry[]> {
  for (let at = 0; at < places.length;) {
    const { entries, covered } = await store.placed(places.slice(at));
    yield entries;
    at += covered;
  }
}

/** Returns these places in their order, each one once. */
export function distinctPlaces(places: readonly Place[]): readonly Place[] {
  return [...new Map(places.map((place) => [placeKey(place), place])).values()];
}

/** Returns how many of the places a page covers that ends before the entry at `end`. Undefined: it covers all of them. */
export function coveredBefore(places: readonly Place[], end: Place | undefined): number {
  if (end === undefined) return places.length;
  return places.findIndex((place) => placeKey(place) === placeKey(end));
}

/** Returns a text that is the same for equal places. */
export function placeKey({ collection, added }: Place): string {
  return `${collection} ${added}`;
}
