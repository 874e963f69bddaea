/** Maximum number of entries of a chunk. A change copies the chunks that it affects. */
const CHUNK = 256;
/** Neighbouring chunks are joined if they have at most this many entries together. */
const JOIN = CHUNK / 2;
/** Number of changes that a draft collects before it makes a map of them. */
const DRAFT = 2_000;

interface Chunk<V> {
  readonly keys: readonly string[];
  readonly values: readonly V[];
}

/** The value that a key gets. Undefined removes the key. */
export type MapChange<V> = readonly [key: string, value: V | undefined];

/**
 * An immutable map in the order of its keys. A changed map shares what did not change with the one before. So a change
 * of a large map costs little, and so does the comparison of two maps of which one was made from the other.
 */
export class OrderedMap<V> implements ReadonlyMap<string, V> {
  readonly #chunks: readonly Chunk<V>[];
  readonly size: number;

  private constructor(chunks: readonly Chunk<V>[]) {
    this.#chunks = chunks;
    this.size = chunks.reduce((sum, { keys }) => sum + keys.length, 0);
  }

  static of<V>(entries: Iterable<readonly [string, V]> = []): OrderedMap<V> {
    return new OrderedMap<V>([]).patched(entries);
  }

  get(key: string): V | undefined {
    const chunk = this.#chunks[lastUpTo(this.#chunks.length, (i) => firstOf(this.#chunks[i]) <= key)];
    if (chunk === undefined) return undefined;
    const at = lastUpTo(chunk.keys.length, (i) => (chunk.keys[i] ?? '') <= key);
    return chunk.keys[at] === key ? chunk.values[at] : undefined;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** Returns the smallest key that is not smaller than a text. */
  keyFrom(text: string): string | undefined {
    const at = Math.max(
      0,
      lastUpTo(this.#chunks.length, (i) => firstOf(this.#chunks[i]) <= text),
    );
    for (const { keys } of this.#chunks.slice(at, at + 2)) {
      const found = keys[lastUpTo(keys.length, (i) => (keys[i] ?? '') < text) + 1];
      if (found !== undefined) return found;
    }
    return undefined;
  }

  *entries(): MapIterator<[string, V]> {
    for (const chunk of this.#chunks) yield* entriesOf(chunk);
  }

  *keys(): MapIterator<string> {
    for (const { keys } of this.#chunks) yield* keys;
  }

  *values(): MapIterator<V> {
    for (const { values } of this.#chunks) yield* values;
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  forEach(callback: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this) callback(value, key, this);
  }

  /** Returns the map with one change. Undefined removes the key. */
  with(key: string, value: V | undefined): OrderedMap<V> {
    const chunks = this.#chunks;
    const at = Math.max(
      0,
      lastUpTo(chunks.length, (i) => firstOf(chunks[i]) <= key),
    );
    const { keys, values } = chunks[at] ?? { keys: [], values: [] };
    const found = lastUpTo(keys.length, (i) => (keys[i] ?? '') <= key);
    const isIn = keys[found] === key;
    if ((isIn ? values[found] : undefined) === value) return this;
    // A chunk that becomes too large or too small is divided or joined there.
    if (isIn ? value === undefined && keys.length <= JOIN : keys.length >= CHUNK)
      return this.patched([[key, value]]);
    const place = isIn ? found : found + 1;
    const chunk: Chunk<V> = {
      keys: keys.toSpliced(place, isIn ? 1 : 0, ...(value === undefined ? [] : [key])),
      values: values.toSpliced(place, isIn ? 1 : 0, ...(value === undefined ? [] : [value])),
    };
    return new OrderedMap(chunks.toSpliced(at, 1, chunk));
  }

  /** Returns the map with some changes. Of several changes of a key, the last one counts. */
  patched(changes: Iterable<MapChange<V>>): OrderedMap<V> {
    const sorted = [...new Map(changes)]
      .filter(([key, value]) => this.get(key) !== value)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    if (sorted.length === 0) return this;
    const chunks: Chunk<V>[] = [];
    let next = 0;
    for (let at = 0; at < Math.max(1, this.#chunks.length); at++) {
      const chunk = this.#chunks[at];
      const begin = next;
      // A change belongs to the last chunk that does not begin after it.
      const end = this.#chunks[at + 1];
      if (end === undefined) next = sorted.length;
      else while (next < sorted.length && (sorted[next]?.[0] ?? '') < firstOf(end)) next++;
      if (begin === next && chunk !== undefined) chunks.push(chunk);
      else addChanged(chunks, chunk, sorted.slice(begin, next));
    }
    return new OrderedMap(chunks);
  }

  /** Yields each key whose value differs from the one in an earlier map, in order, with both values. */
  *since(
    before: OrderedMap<V>,
  ): Generator<readonly [key: string, before: V | undefined, after: V | undefined]> {
    if (before === this) return;
    const old = unshared(before.#chunks, this.#chunks);
    const fresh = unshared(this.#chunks, before.#chunks);
    let [one, other] = [old.next(), fresh.next()];
    while (one.done !== true || other.done !== true) {
      const [a, b] = [
        one.done === true ? undefined : one.value,
        other.done === true ? undefined : other.value,
      ];
      const isOld = a !== undefined && (b === undefined || a[0] <= b[0]);
      const isNew = b !== undefined && (a === undefined || b[0] <= a[0]);
      const key = isOld ? a[0] : (b?.[0] ?? '');
      const [was, is] = [isOld ? a[1] : undefined, isNew ? b[1] : undefined];
      if (was !== is) yield [key, was, is];
      if (isOld) one = old.next();
      if (isNew) other = fresh.next();
    }
  }
}

/** Collects changes of a map. If nothing changed, the result is the map itself. */
export class MapDraft<V> {
  #map: OrderedMap<V>;
  readonly #pending = new Map<string, V | undefined>();

  constructor(map: OrderedMap<V>) {
    this.#map = map;
  }

  get(key: string): V | undefined {
    return this.#pending.has(key) ? this.#pending.get(key) : this.#map.get(key);
  }

  /** Undefined removes the key. */
  set(key: string, value: V | undefined): void {
    this.#pending.set(key, value);
    if (this.#pending.size >= DRAFT) this.done();
  }

  done(): OrderedMap<V> {
    this.#map = this.#map.patched(this.#pending);
    this.#pending.clear();
    return this.#map;
  }
}

/** Returns the last position below `length` up to which a condition is true, by bisection. -1 if there is none. */
function lastUpTo(length: number, holds: (at: number) => boolean): number {
  let [low, high] = [-1, length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function firstOf(chunk: Chunk<unknown> | undefined): string {
  return chunk?.keys[0] ?? '';
}

function* entriesOf<V>({ keys, values }: Chunk<V>): Generator<[string, V]> {
  // The value of a key is never undefined, but V may be a type that the compiler cannot tell from undefined.
  for (let i = 0; i < keys.length; i++) yield [keys[i] as string, values[i] as V];
}

/** Yields the entries of those chunks that are not among others. */
function* unshared<V>(chunks: readonly Chunk<V>[], others: readonly Chunk<V>[]): Generator<[string, V]> {
  const shared = new Set(others);
  for (const chunk of chunks) if (!shared.has(chunk)) yield* entriesOf(chunk);
}

/** Adds a chunk with sorted changes to the end of a list, in pieces if it is large. */
function addChanged<V>(
  chunks: Chunk<V>[],
  chunk: Chunk<V> | undefined,
  changes: readonly MapChange<V>[],
): void {
  const keys: string[] = [];
  const values: V[] = [];
  const add = (key: string, value: V | undefined): void => {
    if (value === undefined) return;
    keys.push(key);
    values.push(value);
  };
  let next = 0;
  for (const [key, value] of chunk === undefined ? [] : entriesOf(chunk)) {
    for (; next < changes.length && (changes[next]?.[0] ?? '') < key; next++)
      add(changes[next]?.[0] ?? '', changes[next]?.[1]);
    if (changes[next]?.[0] === key) add(key, changes[next++]?.[1]);
    else add(key, value);
  }
  for (; next < changes.length; next++) add(changes[next]?.[0] ?? '', changes[next]?.[1]);
  const last = chunks.at(-1);
  if (last !== undefined && last.keys.length + keys.length <= JOIN) {
    chunks.pop();
    keys.unshift(...last.keys);
    values.unshift(...last.values);
  }
  const pieces = Math.ceil(keys.length / CHUNK);
  for (let i = 0; i < pieces; i++) {
    const [begin, end] = [i, i + 1].map((n) => Math.floor((n * keys.length) / pieces));
    chunks.push({ keys: keys.slice(begin, end), values: values.slice(begin, end) });
  }
}
