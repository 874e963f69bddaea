import helmet from 'helmet';
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Returns the security headers that helmet sets. They are computed once, because computing them for each response takes
 * a sixth of the time of a small response. `tls` adds HSTS.
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

/**
 * Returns the security headers for pages. A page may load only its own style sheet and images, and optionally scripts,
 * which may load only from the hub.
 * Its forms, if it has any, can be submitted only to the hub itself.
 */
export function pageHeaders(
  tls: boolean,
  forms: 'none' | 'self' = 'none',
  scripts: 'none' | 'self' = 'none',
): Readonly<Record<string, string>> {
  const policy = `default-src 'none'; style-src 'self'; img-src 'self';${scripts === 'self' ? " script-src 'self'; connect-src 'self';" : ''} base-uri 'none'; form-action '${forms}'; frame-ancestors 'none'`;
  return Object.freeze({ ...securityHeaders(tls), 'Content-Security-Policy': policy });
}
