import { createHttpClient, type HttpClient } from '../kernel/http-client.ts';
import { Problem } from '../kernel/problem.ts';
import { VERSION } from '../version.ts';

/** A client for an address that somebody has typed: he means it, also where it is an inner one. */
export function typedAddress(text: string, hint: string): { readonly url: URL; readonly http: HttpClient } {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Problem('invalid-request', `"${text}" is no address`, { hint, code: 'TLN-E-004' });
  }
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  const allow = [`${url.hostname.replace(/^\[|\]$/g, '')}:${port}`];
  return { url, http: createHttpClient({ allow, userAgent: `Talanoa/${VERSION}` }) };
}
