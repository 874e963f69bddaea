import { hash } from 'node:crypto';
import { peerErrors } from './errors.ts';
import type { ReadPage } from './page.ts';

/** Maximum number of consecutive empty pages that announce more. */
const MOST_EMPTY = 3;
/** Maximum number of pages that are remembered to detect a loop. */
const MOST_REMEMBERED = 100_000;

/**
 * Detects a server that repeats pages. It compares the pages and not `next`, because some servers use one value of
 * `next` for a whole sequence and keep the position themselves.
 */
export class CircleWatch {
  readonly #seen = new Set<string>();
  #empty = 0;

  look({ texts, more }: ReadPage, digests: readonly string[]): void {
    if (texts.length > 0) this.#empty = 0;
    else if (more && ++this.#empty > MOST_EMPTY) throw peerErrors.onlyEmptyPages();
    if (texts.length === 0) return;
    const digest = hash('sha1', digests.join());
    if (this.#seen.has(digest)) throw peerErrors.circle();
    if (this.#seen.size < MOST_REMEMBERED) this.#seen.add(digest);
  }
}
