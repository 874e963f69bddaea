import { distance } from 'fastest-levenshtein';

/**
 * Longer words are not compared. Nobody mistypes them by only a letter or two, and the work grows with both
 * lengths.
 */
const LONGEST = 64;

/** Returns the candidate with the smallest edit distance to `word`. Undefined when no candidate is close enough. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  // One letter is a typing error in a short word. Two letters make another word.
  let bestDistance = (word.length <= 4 ? 1 : Math.max(2, Math.floor(word.length / 3))) + 1;
  for (const candidate of candidates) {
    // The edit distance of two words is at least the difference of their lengths.
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const d = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (d < bestDistance) {
      bestDistance = d;
      best = candidate;
    }
  }
  return best;
}

/**
 * Returns the number of letters to change, insert or delete to turn one word into the other. Infinite for
 * words over 64 characters.
 */
export function editDistance(a: string, b: string): number {
  return a.length > LONGEST || b.length > LONGEST ? Number.POSITIVE_INFINITY : distance(a, b);
}
