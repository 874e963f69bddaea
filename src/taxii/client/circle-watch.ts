import { hash } from 'node:crypto';
import { peerErrors } from './errors.ts';

/** Maximum number of consecutive empty pages that announce more. */
export const MOST_EMPTY = 3;
/** Maximum number of pages that are remembered to detect a loop. */
const MOST_REMEMBERED = 100_000;

/**
 * Detects a server that repeats pages. It compares the pages and not `next`, because some servers use one value of
 * `next` for a whole sequence and keep the position themselves.
 */
export class CircleWatch {
  readonly #seen = new Set<string>();
  #empty = 0;

  /** Remembers a page. `announced` means that the server announced more after it. Throws when the page was seen. */
  look(texts: readonly string[], announced: boolean, digests: readonly string[]): void {
    if (texts.length > 0) this.#empty = 0;
    else if (announced && ++this.#empty > MOST_EMPTY) throw peerErrors.onlyEmptyPages();
    if (texts.length === 0) return;
    if (this.knows(digests)) throw peerErrors.circle();
    if (this.#seen.size < MOST_REMEMBERED) this.#seen.add(digestOf(digests));
  }

  /** True for a page that was seen. */
  knows(digests: readonly string[]): boolean {
    return digests.length > 0 && this.#seen.has(digestOf(digests));
  }
}

function digestOf(digests: readonly string[]): string {
  return hash('sha1', digests.join());
}
