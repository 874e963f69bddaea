import { hash, randomBytes } from 'node:crypto';

export const RECOVERY_CODES = 10;
/** 32 characters that cannot be mistaken for each other: no I, L, O and U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 16;

/** Ten new codes such as `7Q4K-M2RD-X0V9-3HTN`: 80 bits each, so that a plain digest keeps them. */
export function newRecoveryCodes(): readonly string[] {
  return Array.from({ length: RECOVERY_CODES }, () =>
    [...randomBytes(LENGTH)]
      .map((byte) => ALPHABET[byte % ALPHABET.length] ?? '')
      .join('')
      .replaceAll(/(.{4})(?=.)/g, '$1-'),
  );
}

/** What is kept of a code: its digest, bound to its account. Spaces, hyphens and case do not matter. */
export function recoveryDigest(account: string, code: string): string {
  const plain = code.replaceAll(/[\s-]/g, '').toUpperCase();
  return hash('sha256', `recovery code\0${account}\0${plain}`);
}
