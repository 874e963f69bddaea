import { Secret, TOTP } from 'otpauth';

/** The time for which a code is shown, in seconds (RFC 6238 §5.2). */
const PERIOD_S = 30;
/** Accepted steps before and after the current one, for clocks that differ. */
const WINDOW = 1;
/** RFC 4226 §4 recommends 160 bits. */
const SECRET_BYTES = 20;

/** Creates a secret in base32, the format that authenticator apps expect. */
export function newTotpSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32;
}

function totpOf(secret: string, issuer: string, account: string): TOTP {
  // Every authenticator app supports SHA-1, six digits and 30 seconds. Many apps silently ignore other
  // values.
  return new TOTP({
    issuer,
    label: account,
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD_S,
    secret: Secret.fromBase32(secret),
  });
}

/** Returns the `otpauth:` address of a secret, for a QR code. */
export function totpUri(secret: string, issuer: string, account: string): string {
  return totpOf(secret, issuer, account).toString();
}

/**
 * Returns the time step that a code belongs to, or undefined when it matches no step near `now` (milliseconds
 * since 1970). The step rises by one every 30 seconds. A caller that stores the last accepted step accepts
 * each code only once (RFC 6238 §5.2).
 */
export function totpStep(secret: string, code: string, now: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const delta = totpOf(secret, '', '').validate({ token: code, timestamp: now, window: WINDOW });
  return delta === null ? undefined : Math.floor(now / 1000 / PERIOD_S) + delta;
}

/** Normalises a code as people type it, by removing the spaces that apps show in it. */
export function plainCode(text: string): string {
  return text.replaceAll(/[\s-]/g, '');
}
