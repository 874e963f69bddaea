import { hash } from 'node:crypto';
import { createElement, type ComponentChildren, type JSX } from 'preact';
import { symbolsIn } from './symbols.ts';

/** Characters of the digest of a part. */
const DIGEST = 16;

/**
 * A part of a page that the script of the console can fetch alone, by its id. With `refreshes` it does so every half
 * minute. Otherwise a form that names the part in `data-live-form` does. Parts do not contain each other.
 */
export function Live({
  id,
  refreshes = false,
  children,
}: {
  readonly id: string;
  readonly refreshes?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  return createElement('live-part', refreshes ? { id, 'data-live': true } : { id }, children);
}

/** A part of a page, and a short text that is the same as long as the part is. */
export interface Fragment {
  readonly html: string;
  readonly digest: string;
}

/**
 * Returns a part of a rendered page by its id. Undefined when the page has no such part. Everything else on a page is
 * escaped, so these tags occur nowhere in its text.
 */
export function fragmentOf(html: string, id: string): Fragment | undefined {
  if (!/^[\w-]{1,64}$/.test(id)) return undefined;
  const start = html.indexOf(`<live-part id="${id}"`);
  const end = html.indexOf('</live-part>', start);
  if (start < 0 || end < 0) return undefined;
  const part = html.slice(start, end);
  const digest = hash('sha256', part).slice(0, DIGEST);
  // The page may lack symbols that only the new content uses.
  return { html: `${part}${symbolsIn(part)}</live-part>`, digest };
}
