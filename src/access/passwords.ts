import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { HashQueue, type Lane } from './hash-queue.ts';

/** Cost of a password hash, as OWASP recommends for scrypt. Kept in the hash itself, so that it can be raised later. */
const COST = { N: 32_768, r: 8, p: 3 } as const;
const LENGTH = 32;

const queue = new HashQueue();

function derive(password: string, salt: Buffer, cost: { N: number; r: number; p: number }): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { ...cost, maxmem: 256 * cost.N * cost.r };
    scrypt(password.normalize('NFC'), salt, LENGTH, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

/** Hashes a password: `scrypt$N$r$p$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  if (!isHashable(password)) throw new TypeError('a password that cannot be told from others');
  const salt = randomBytes(16);
  const key = await queue.run(() => derive(password, salt, COST), 'known');
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** A hash of nothing that anybody knows: checked when there is no such account, so that the answer takes as long. */
export const DUMMY_HASH = `scrypt$${COST.N}$${COST.r}$${COST.p}$${Buffer.alloc(16).toString('base64url')}$${Buffer.alloc(LENGTH).toString('base64url')}`;

/**
 * False for texts that hash like another text. scrypt uses the password as a key of HMAC, which pads keys with NUL
 * (RFC 2104 section 2): a password followed by NUL has the same hash. Lone surrogates all become U+FFFD in UTF-8.
 */
export function isHashable(password: string): boolean {
  return password !== '' && !password.includes('\0') && password.isWellFormed();
}

/** Where in the queue of hashes a check waits. */
export interface HashPlace {
  readonly lane: Lane;
  /** Checks of one group make room for those of others. */
  readonly group: string;
}

/** True when the password belongs to the hash. An empty password never does, nor does one that `isHashable` refuses. */
export async function verifyPassword(
  password: string,
  hash: string,
  { lane, group }: HashPlace = { lane: 'known', group: '' },
): Promise<boolean> {
  const [kind, n, r, p, salt = '', expected = ''] = hash.split('$');
  if (kind !== 'scrypt') return false;
  const wanted = Buffer.from(expected, 'base64url');
  const key = await queue.run(
    () => derive(password, Buffer.from(salt, 'base64url'), { N: Number(n), r: Number(r), p: Number(p) }),
    lane,
    group,
  );
  return isHashable(password) && wanted.length === key.length && timingSafeEqual(key, wanted);
}

/** A keyed mark of a secret: tells whether a setting has changed without a slow hash, and is worthless without the key. */
export function secretTag(key: Buffer, purpose: string, secret: string): string {
  return createHmac('sha256', key).update(`${purpose}\0${secret}`).digest('base64url');
}
