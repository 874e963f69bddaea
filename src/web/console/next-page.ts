import type { Request } from 'express';
import { urlOf } from '../../kernel/url.ts';

const HERE = 'http://hub.invalid';
/** Maximum length, in characters, of an address that a confirmation leads back to. */
const LONGEST = 2_000;

/** Returns the page that asks for the password or a code, and then leads to `path`. */
export function confirmationFor(path: string): string {
  return `/console/confirm?next=${encodeURIComponent(path)}`;
}

/**
 * Returns the page of the console that follows a confirmation. Undefined for any other address: a link that somebody
 * else made must not lead out of the hub.
 */
export function nextOf({ query }: Pick<Request, 'query'>): string | undefined {
  const given = query['next'];
  if (typeof given !== 'string' || given.length > LONGEST || !given.startsWith('/console/')) return undefined;
  const url = urlOf(given, HERE);
  if (url === undefined || url.origin !== HERE || !url.pathname.startsWith('/console/')) return undefined;
  return `${url.pathname}${url.search}`;
}
