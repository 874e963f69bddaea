import type { Micros } from '../../kernel/clock.ts';
import type { PageQuery, TextPage } from '../store.ts';

/** Maximum size of all pages together. */
const MOST_BYTES = 16 * 1_048_576;
/** Larger pages are not kept, because few of them would take the room of all others. */
const LARGEST = MOST_BYTES / 4;
const MOST_PAGES = 1_000;
/** Maximum number of pages that were requested once. */
const MOST_ASKED = 2_000;

interface KeptPage {
  readonly coll: number;
  readonly page: TextPage;
}

/**
 * Pages that many readers request, such as the newest objects of a collection. A page is valid while the collection has
 * the same date of its last change: every addition and every removal changes it. A page is kept when it is requested
 * for a second time, so that a reader that walks through a whole collection does not displace the pages of the others.
 *
 * The right to read is decided before the store is asked, for each request. The memory knows questions and no readers.
 */
export class PageMemory {
  /** By question. The page that was used least recently is first. */
  readonly #pages = new Map<string, KeptPage>();
  /** The date of the last change of each collection. */
  readonly #heads = new Map<number, Micros>();
  readonly #asked = new Set<string>();
  #bytes = 0;

  /** Returns a kept page. `head` is the date of the last change of the collection. */
  find(coll: number, head: Micros, question: string): TextPage | undefined {
    if (this.#heads.get(coll) !== head) {
      for (const [other, kept] of this.#pages) if (kept.coll === coll) this.#drop(other, kept);
      this.#heads.set(coll, head);
      return undefined;
    }
    const kept = this.#pages.get(question);
    if (kept === undefined) return undefined;
    this.#pages.delete(question);
    this.#pages.set(question, kept);
    return kept.page;
  }

  /** Keeps a page. `head` was read before the page. */
  keep(coll: number, head: Micros, question: string, page: TextPage): void {
    // The collection has changed meanwhile.
    if (this.#heads.get(coll) !== head || page.joined.length > LARGEST) return;
    const asked = `${head} ${question}`;
    if (!this.#asked.has(asked)) {
      if (this.#asked.size >= MOST_ASKED) this.#asked.clear();
      this.#asked.add(asked);
      return;
    }
    const before = this.#pages.get(question);
    if (before !== undefined) this.#drop(question, before);
    this.#pages.set(question, { coll, page });
    this.#bytes += page.joined.length;
    for (const [oldest, kept] of this.#pages) {
      if (this.#bytes <= MOST_BYTES && this.#pages.size <= MOST_PAGES) break;
      this.#drop(oldest, kept);
    }
  }

  #drop(question: string, { page }: KeptPage): void {
    this.#pages.delete(question);
    this.#bytes -= page.joined.length;
  }
}

/** Returns the text of a question. Two equal texts have the same page. */
export function questionOf(
  coll: number,
  { after, limit, versions, specs, types }: Omit<PageQuery, 'ids' | 'collection'>,
): string {
  return JSON.stringify([coll, after, limit, versions, specs ?? null, types ?? null]);
}
