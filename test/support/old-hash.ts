import { randomBytes, scryptSync } from 'node:crypto';

/** A hash of a password as versions before 0.2 wrote it, at less cost. */
export function oldHash(password: string): string {
  const [N, r, p] = [1_024, 8, 1];
  const salt = randomBytes(16);
  const key = scryptSync(password.normalize('NFC'), salt, 32, { N, r, p });
  return ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
}
