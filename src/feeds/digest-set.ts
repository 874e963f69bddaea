const FREE = 0;

/** The part of a UUID that a `UuidSet` stores: its first and its last 32 bits. */
export type UuidWords = readonly [number, number];

/** The content of a `UuidSet`, which can be sent to another thread. */
export interface UuidParts {
  readonly high: Uint32Array<ArrayBuffer>;
  readonly low: Uint32Array<ArrayBuffer>;
  readonly size: number;
}

/**
 * A set of UUIDs that uses 16 bytes per entry, regardless of their spelling. It is meant for lists of millions of
 * entries. It supports only name-based and random UUIDs. Only 64 of their bits are stored, so in a list of a million
 * entries two are confused once in 40 million runs.
 */
export class UuidSet {
  #high = new Uint32Array(1024);
  #low = new Uint32Array(1024);
  #size = 0;

  /** Returns the set with the content of another one. */
  static from({ high, low, size }: UuidParts): UuidSet {
    const set = new UuidSet();
    set.#high = high;
    set.#low = low;
    set.#size = size;
    return set;
  }

  /** Returns the content of this set. */
  parts(): UuidParts {
    return { high: this.#high, low: this.#low, size: this.#size };
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a UUID. True when it was not in the set. */
  add(uuid: string): boolean {
    return this.addWords(wordsOf(uuid));
  }

  /** Does the same as `add` with the part of a UUID that the set stores. */
  addWords([high, low]: UuidWords): boolean {
    if (this.#size * 2 >= this.#high.length) this.#grow();
    const at = this.#find(high, low);
    if (this.#high[at] !== FREE || this.#low[at] !== FREE) return false;
    this.#high[at] = high;
    this.#low[at] = low;
    this.#size++;
    return true;
  }

  has(uuid: string): boolean {
    const [high, low] = wordsOf(uuid);
    const at = this.#find(high, low);
    return this.#high[at] === high && this.#low[at] === low;
  }

  /** Returns the slot of a value, or the free slot where it would be stored. */
  #find(high: number, low: number): number {
    const mask = this.#high.length - 1;
    let at = (low ^ high) & mask;
    while (
      (this.#high[at] !== FREE || this.#low[at] !== FREE) &&
      (this.#high[at] !== high || this.#low[at] !== low)
    )
      at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const high = this.#high;
    const low = this.#low;
    this.#high = new Uint32Array(high.length * 2);
    this.#low = new Uint32Array(low.length * 2);
    for (let i = 0; i < high.length; i++) {
      if (high[i] === FREE && low[i] === FREE) continue;
      const at = this.#find(high[i] ?? 0, low[i] ?? 0);
      this.#high[at] = high[i] ?? 0;
      this.#low[at] = low[i] ?? 0;
    }
  }
}

/**
 * Returns the first and the last eight digits of a UUID. Neither contains its version or variant. They never look like
 * a free slot.
 */
export function wordsOf(uuid: string): UuidWords {
  const digits = uuid.slice(-36);
  return [Number.parseInt(digits.slice(0, 8), 16) | 1, Number.parseInt(digits.slice(-8), 16)].map(
    (n) => n >>> 0,
  ) as [number, number];
}
