import type { DocsSection } from './docs.ts';

/** Maximum length of a query, and of the list of results. */
export const SEARCH_LIMITS = { query: 100, words: 8, results: 20, perPage: 3, excerpt: 160 } as const;

/** A part of a page that a query matches. */
export interface DocsMatch {
  readonly path: string;
  readonly anchor: string;
  readonly page: string;
  readonly heading: string;
  readonly excerpt: string;
}

interface Indexed {
  readonly section: DocsSection;
  readonly page: string;
  readonly heading: string;
  readonly text: string;
}

/**
 * Returns a search over the sections. A section matches if it contains the beginning of a word for each word
 * of the query. Matches in titles come first, then those in headings, then those in the text.
 */
export function docsSearch(sections: readonly DocsSection[]): (query: string) => readonly DocsMatch[] {
  const index: readonly Indexed[] = sections.map((section) => ({
    section,
    page: ` ${section.page.toLowerCase()}`,
    heading: ` ${section.heading.toLowerCase()}`,
    text: ` ${section.text.toLowerCase()}`,
  }));
  return (query) => {
    const words = wordsOf(query);
    if (words.length === 0) return [];
    const found = index
      .map((entry, order) => ({ entry, order, score: scoreOf(entry, words) }))
      .filter(({ score }) => score > 0)
      .toSorted((a, b) => b.score - a.score || a.order - b.order);
    const perPage = new Map<string, number>();
    const matches: DocsMatch[] = [];
    for (const { entry } of found) {
      const { path, anchor, page, heading, text } = entry.section;
      const times = perPage.get(path) ?? 0;
      if (times === SEARCH_LIMITS.perPage) continue;
      perPage.set(path, times + 1);
      matches.push({ path, anchor, page, heading, excerpt: excerptOf(text, entry.text, words) });
      if (matches.length === SEARCH_LIMITS.results) break;
    }
    return matches;
  };
}

/** Returns the words of a query. Words beyond the limits are ignored. */
function wordsOf(query: string): readonly string[] {
  const words =
    query
      .slice(0, SEARCH_LIMITS.query)
      .toLowerCase()
      .match(/[\p{L}\p{N}_.:/+-]+/gu) ?? [];
  return [...new Set(words)].slice(0, SEARCH_LIMITS.words);
}

const WEIGHTS = { title: 9, heading: 3, text: 1 } as const;

/** Returns the score of a section: 0 unless it contains every word. */
function scoreOf({ page, heading, text, section }: Indexed, words: readonly string[]): number {
  let score = 0;
  for (const word of words) {
    // The title of a page counts for its beginning only, so that its sections do not crowd out other pages.
    const inTitle = section.anchor === '' && begins(page, word) >= 0;
    const inHeading = begins(heading, word) >= 0;
    const found = inTitle
      ? WEIGHTS.title
      : inHeading
        ? WEIGHTS.heading
        : begins(text, word) >= 0
          ? WEIGHTS.text
          : 0;
    if (found === 0) return 0;
    score += found;
  }
  return score;
}

/** Returns the position of a word in a text at which one of the text's own words begins, or -1. */
function begins(text: string, word: string): number {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
    if (at > 0 && !/[\p{L}\p{N}]/u.test(text[at - 1] ?? '')) return at;
  return -1;
}

/** Returns the part of a text around the first word that was found in it. */
function excerptOf(text: string, lower: string, words: readonly string[]): string {
  const at = Math.max(0, ...words.map((word) => begins(lower, word)).filter((found) => found >= 0).slice(0, 1)) - 1; // prettier-ignore
  const from = at < 60 ? 0 : text.indexOf(' ', at - 60) + 1;
  const part = text.slice(from, from + SEARCH_LIMITS.excerpt);
  const isEnd = from + SEARCH_LIMITS.excerpt >= text.length;
  return `${from > 0 ? '… ' : ''}${isEnd ? part : `${part.slice(0, part.lastIndexOf(' '))} …`}`;
}
