import { WHOLE_MS } from './session.ts';

/** The `__Host-` prefix binds the cookie to this host, to HTTPS, and to no part of the path (RFC 6265bis section 4.1.3.2). */
const COOKIE = '__Host-talanoa';

/** Returns the header that gives a session to a browser. */
export function sessionCookie(secret: string): string {
  return `${COOKIE}=${secret}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=${WHOLE_MS / 1000}`;
}

/** The header that removes the session cookie. */
export const NO_COOKIE = `${COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0`;

/** Returns the secret of the session in a `Cookie` header. */
export function secretIn(cookies: string | undefined): string | undefined {
  const found = (cookies ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${COOKIE}=`));
  // With two cookies of this name, one of them was injected, so neither is accepted.
  return found.length === 1 ? found[0]?.slice(COOKIE.length + 1) : undefined;
}
