import { hash } from 'node:crypto';
import { createElement, type ComponentChildren, type JSX } from 'preact';
import { symbolsIn } from './symbols.ts';

/** Characters of the digest of a part. */
const DIGEST = 16;

/** The id of the part of a page that the script of the console fetches alone. */
export const LIVE_PART = 'content';

/** The part of a page that the script of the console fetches again every half minute. A page has one at most. */
export function Live({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return createElement('live-part', { id: LIVE_PART, 'data-live': true }, children);
}

/** A part of a page, and a short text that is the same as long as the part is. */
export interface Fragment {
  readonly html: string;
  readonly digest: string;
}

/**
 * Returns the part of a rendered page that refreshes. Undefined when the page has none. Everything else on a page is
 * escaped, so these tags occur nowhere in its text.
 */
export function fragmentOf(html: string): Fragment | undefined {
  const start = html.indexOf(`<live-part id="${LIVE_PART}"`);
  const end = html.indexOf('</live-part>', start);
  if (start < 0 || end < 0) return undefined;
  const part = html.slice(start, end);
  const digest = hash('sha256', part).slice(0, DIGEST);
  // The page may lack symbols that only the new content uses.
  return { html: `${part}${symbolsIn(part)}</live-part>`, digest };
}
