const FREE = 0;

/**
 * A set of UUIDs that takes 16 bytes for each of them, however they are spelled: for lists of millions of entries. Name-based
 * and random UUIDs only: 64 of their bits are kept, so that two of a million are taken for one once in 40 million runs.
 */
export class UuidSet {
  #high = new Uint32Array(1024);
  #low = new Uint32Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** True when it was not there. */
  add(uuid: string): boolean {
    if (this.#size * 2 >= this.#high.length) this.#grow();
    const [high, low] = bitsOf(uuid);
    const at = this.#find(high, low);
    if (this.#high[at] !== FREE || this.#low[at] !== FREE) return false;
    this.#high[at] = high;
    this.#low[at] = low;
    this.#size++;
    return true;
  }

  has(uuid: string): boolean {
    const [high, low] = bitsOf(uuid);
    const at = this.#find(high, low);
    return this.#high[at] === high && this.#low[at] === low;
  }

  /** The place of a value, or the free one where it would go. */
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

/** The first and the last eight digits of a UUID: neither holds its version or variant. Never both free. */
function bitsOf(uuid: string): readonly [number, number] {
  const digits = uuid.slice(-36);
  return [Number.parseInt(digits.slice(0, 8), 16) | 1, Number.parseInt(digits.slice(-8), 16)].map(
    (n) => n >>> 0,
  ) as [number, number];
}
