import { Secret, TOTP } from 'otpauth';

/** Seconds for which a code is shown (RFC 6238 section 5.2). */
const PERIOD_S = 30;
/** Steps before and after the present one that are accepted, for clocks that differ. */
const WINDOW = 1;
/** RFC 4226 section 4 asks for 160 bits. */
const SECRET_BYTES = 20;

/** A new secret, in base32: the form that authenticator apps take. */
export function newTotpSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32;
}

function totpOf(secret: string, issuer: string, account: string): TOTP {
  // SHA-1, six digits and 30 seconds are what every authenticator app understands; many ignore other values silently.
  return new TOTP({
    issuer,
    label: account,
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD_S,
    secret: Secret.fromBase32(secret),
  });
}

/** The `otpauth:` address of a secret, for a QR code. */
export function totpUri(secret: string, issuer: string, account: string): string {
  return totpOf(secret, issuer, account).toString();
}

/**
 * The time step that a code belongs to, or undefined where it fits none near `now` (milliseconds since 1970). A step is a
 * number that rises by one every 30 seconds, so a caller that keeps the last one accepts each code once (RFC 6238 section 5.2).
 */
export function totpStep(secret: string, code: string, now: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const delta = totpOf(secret, '', '').validate({ token: code, timestamp: now, window: WINDOW });
  return delta === null ? undefined : Math.floor(now / 1000 / PERIOD_S) + delta;
}

/** A code as people type it, without the spaces that apps show in it. */
export function plainCode(text: string): string {
  return text.replaceAll(/[\s-]/g, '');
}
