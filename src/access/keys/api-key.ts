import { hash } from 'node:crypto';
import type { Ids } from '../../kernel/ids.ts';

/**
 * The format of an API key: `tln_<8 characters>_<32 bytes as base64url>_<6 hexadecimal digits>`. The last part is a
 * checksum.
 */
const KEY = /^tln_([A-Za-z0-9]{8})_([A-Za-z0-9_-]{43})_([0-9a-f]{6})$/;

export interface NewKey {
  /** Shown once and never stored. */
  readonly secret: string;
  /** The public part, which names the key in lists and logs. */
  readonly prefix: string;
  /** SHA-256 of the secret. A fast hash is sufficient for a random secret of 256 bits. */
  readonly digest: string;
  /** The fingerprint of a client certificate's public key, when that is the credential. Such a key has no secret. */
  readonly certificate?: string;
}

/** Returns the SHA-256 of a secret in hexadecimal digits. */
export function secretDigest(secret: string): string {
  return hash('sha256', secret);
}

/** Creates a key. */
export function makeKey(ids: Ids): NewKey {
  const prefix = ids
    .secret(24)
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, 8)
    .padEnd(8, '0');
  const body = `tln_${prefix}_${ids.secret(32)}`;
  const secret = `${body}_${secretDigest(body).slice(0, 6)}`;
  return { secret, prefix, digest: secretDigest(secret) };
}

/** True for a text that has the format of a key and a matching checksum. */
export function looksLikeKey(text: string): boolean {
  const m = KEY.exec(text);
  return m !== null && secretDigest(`tln_${m[1]}_${m[2]}`).startsWith(m[3] ?? '-');
}
