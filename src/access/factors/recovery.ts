import { hash, randomBytes } from 'node:crypto';

const RECOVERY_CODES = 10;
/** 32 characters that are easy to tell apart: no I, L, O or U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 16;

/** Creates ten codes such as `7Q4K-M2RD-X0V9-3HTN`. Each has 80 bits, so a plain digest protects it. */
export function newRecoveryCodes(): readonly string[] {
  return Array.from({ length: RECOVERY_CODES }, () =>
    [...randomBytes(LENGTH)]
      .map((byte) => ALPHABET[byte % ALPHABET.length] ?? '')
      .join('')
      .replaceAll(/(.{4})(?=.)/g, '$1-'),
  );
}

/** Returns the digest that is stored for a code, bound to its account. Spaces, hyphens and letter case are ignored. */
export function recoveryDigest(account: string, code: string): string {
  const plain = code.replaceAll(/[\s-]/g, '').toUpperCase();
  return hash('sha256', `recovery code\0${account}\0${plain}`);
}
