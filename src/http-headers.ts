import helmet from 'helmet';
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * The security headers that helmet sets (security.md R-080), computed once: setting them anew for each answer costs a
 * sixth of a small one. `tls` adds HSTS.
 */
export function securityHeaders(tls: boolean): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const response: Pick<ServerResponse, 'setHeader' | 'removeHeader'> = {
    setHeader(name, value) {
      headers[name] = String(value);
      return this as ServerResponse;
    },
    removeHeader: () => undefined,
  };
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: tls ? { maxAge: 63_072_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  })({} as IncomingMessage, response as ServerResponse, () => undefined);
  return Object.freeze(headers);
}

/** The same for pages: their style sheet and mark, and nothing else; forms go to the hub itself where a page has one. */
export function pageHeaders(
  tls: boolean,
  forms: 'none' | 'self' = 'none',
  scripts: 'none' | 'self' = 'none',
): Readonly<Record<string, string>> {
  const policy = `default-src 'none'; style-src 'self'; img-src 'self';${scripts === 'self' ? " script-src 'self';" : ''} base-uri 'none'; form-action '${forms}'; frame-ancestors 'none'`;
  return Object.freeze({ ...securityHeaders(tls), 'Content-Security-Policy': policy });
}
