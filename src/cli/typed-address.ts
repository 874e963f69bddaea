import { createHttpClient, type HttpClient } from '../kernel/http-client.ts';
import { Problem } from '../kernel/problem.ts';
import { VERSION } from '../server/version.ts';

/** Returns a client for an address that the user typed. The user chose the address, so it may be an internal one. */
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
