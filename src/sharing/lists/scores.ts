import type { CurrentValue } from '../values/current.ts';

/** Orders values by confidence, then by the number of sources, then by how recently they were seen. */
export function scoreOf({ confidence, sources, lastSeen }: CurrentValue): number {
  const seconds = Math.min(Math.max(0, Math.floor(lastSeen / 1_000)), 2 ** 34 - 1);
  return ((confidence ?? 0) * 32 + Math.min(sources, 31)) * 2 ** 34 + seconds;
}

/** The scores of all values of a list, in their order. A million of them take 8 MB. */
export class Scores {
  #scores = new Float64Array(1_024);
  length = 0;

  add(score: number): void {
    if (this.length === this.#scores.length) {
      const larger = new Float64Array(this.length * 2);
      larger.set(this.#scores);
      this.#scores = larger;
    }
    this.#scores[this.length++] = score;
  }

  /** Returns for each value whether its rank is in a range. Equal values have the ranks of their order. */
  chosen(from: number, to: number): Uint8Array {
    const ranked = new Uint32Array(this.length).map((_none, i) => i);
    ranked.sort((a, b) => (this.#scores[b] ?? 0) - (this.#scores[a] ?? 0) || a - b);
    const chosen = new Uint8Array(this.length);
    for (let rank = from; rank < Math.min(to, this.length); rank++) chosen[ranked[rank] ?? 0] = 1;
    return chosen;
  }
}
