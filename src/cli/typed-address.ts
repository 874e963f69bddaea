import { createHttpClient, type HttpClient } from '../kernel/http-client.ts';
import { VERSION } from '../server/version.ts';
import { commandErrors } from './command-errors.ts';

/** Returns a client for an address that the user typed. The user chose the address, so it may be an internal one. */
export function typedAddress(text: string, hint: string): { readonly url: URL; readonly http: HttpClient } {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw commandErrors.invalidAddress({ text }, { hint });
  }
  // "localhost:6420" is a URL with the scheme "localhost".
  if (!/^https?:$/.test(url.protocol)) throw commandErrors.invalidAddress({ text }, { hint });
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  const allow = [`${url.hostname.replace(/^\[|\]$/g, '')}:${port}`];
  return { url, http: createHttpClient({ allow, userAgent: `Talanoa/${VERSION}` }) };
}
