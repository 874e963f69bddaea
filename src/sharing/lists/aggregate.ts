import type { Range } from '../../stix/values/observed-values.ts';

/** A range with facts about it. */
export interface Covered<T> extends Range {
  readonly about: T;
}

/** Networks wider than this are not made from narrower ones: many tools refuse them. */
const SHORTEST = { 32: 16, 128: 32 } as const;

/**
 * Joins addresses and networks of one family to fewer networks that contain exactly the same addresses. The ranges
 * arrive in the order of their first addresses, and wider ones first among those that begin at the same address.
 * Because of this order, at most one range per length of a prefix waits for its other half.
 */
export class Aggregator<T> {
  readonly #bits: 32 | 128;
  readonly #merges: boolean;
  readonly #join: (a: T, b: T) => T;
  #waiting: Covered<T>[] = [];
  /** The first address after all ranges so far. */
  #end = 0n;

  /** Without `merges`, only ranges that lie within others are left out. */
  constructor(bits: 32 | 128, merges: boolean, join: (a: T, b: T) => T) {
    this.#bits = bits;
    this.#merges = merges;
    this.#join = join;
  }

  /** Takes the next range, and returns those that no later range can change. */
  push(range: Covered<T>): readonly Covered<T>[] {
    // Networks contain each other or have no address in common.
    if (range.base < this.#end) return [];
    this.#end = range.base + this.#size(range.prefix);
    if (!this.#merges) return [range];
    const done = this.#waiting.filter((one) => this.#parentEnd(one) <= range.base);
    this.#waiting = this.#waiting.filter((one) => this.#parentEnd(one) > range.base);
    let last = range;
    for (;;) {
      const before = this.#waiting.at(-1);
      if (before === undefined || !this.#isOtherHalf(before, last)) break;
      this.#waiting.pop();
      last = { base: before.base, prefix: last.prefix - 1, about: this.#join(before.about, last.about) };
    }
    if (this.#canGrow(last)) this.#waiting.push(last);
    else done.push(last);
    return done;
  }

  /** Returns the ranges that still wait. */
  end(): readonly Covered<T>[] {
    const rest = this.#waiting;
    this.#waiting = [];
    return rest;
  }

  #size(prefix: number): bigint {
    return 1n << BigInt(this.#bits - prefix);
  }

  /** True for the first half of a network that may be made. */
  #canGrow({ base, prefix }: Range): boolean {
    return prefix > SHORTEST[this.#bits] && (base & this.#size(prefix)) === 0n;
  }

  #parentEnd({ base, prefix }: Range): bigint {
    return base + 2n * this.#size(prefix);
  }

  #isOtherHalf(first: Range, second: Range): boolean {
    return first.prefix === second.prefix && second.base === first.base + this.#size(first.prefix);
  }
}
