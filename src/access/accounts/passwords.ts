import { createHmac, scrypt, timingSafeEqual } from 'node:crypto';
import { HashQueue, type Lane } from './hash-queue.ts';

/**
 * Cost of a new hash, the second of the settings that OWASP recommends for Argon2id (RFC 9106): 19 MiB, two passes, one
 * thread.
 */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const;
const SCHEME = `$argon2id$v=19$m=${COST.memoryCost},t=${COST.timeCost},p=${COST.parallelism}$`;
const SCRYPT = 'scrypt$';
const SALT = 16;

/** The native library is loaded with the first password. A hub that nobody signs in to does not need its memory. */
const argon2 = () => import('@node-rs/argon2');

const queue = new HashQueue();

/**
 * Hashes a password with Argon2id, as a PHC string (`$argon2id$v=19$m=19456,t=2,p=1$salt$hash`). `group` is the account
 * that has proven a secret. In a full queue it makes room for others.
 */
export async function hashPassword(password: string, group = ''): Promise<string> {
  if (!isHashable(password)) throw new TypeError('a password that hashes like another one');
  return queue.run(async () => (await argon2()).hash(password.normalize('NFC'), COST), 'known', group);
}

/**
 * A hash of a value that nobody knows. It is checked when an account does not exist, so that the response takes as long
 * as for an existing one.
 */
export const DUMMY_HASH = `${SCHEME}${unpadded(SALT)}$${unpadded(COST.outputLen)}`;

/** The equivalent of DUMMY_HASH in the scheme of versions before 0.2. */
export const OLD_DUMMY_HASH = `scrypt$32768$8$3$${Buffer.alloc(SALT).toString('base64url')}$${Buffer.alloc(32).toString('base64url')}`;

/**
 * True for a hash whose scheme or cost differs from that of new hashes. Such a hash is replaced when its password is verified
 * the next time.
 */
export function isOldHash(hash: string): boolean {
  return !hash.startsWith(SCHEME);
}

/**
 * False for texts that hash like another text. All lone surrogates become U+FFFD in UTF-8. The scrypt of earlier
 * versions uses the password as an HMAC key, and HMAC pads keys with NUL (RFC 2104 §2). A password followed by NUL
 * therefore has the same hash.
 */
export function isHashable(password: string): boolean {
  return password !== '' && !password.includes('\0') && password.isWellFormed();
}

/** The position of a check in the queue of hashes. */
export interface HashPlace {
  readonly lane: Lane;
  /** Checks of one group make room for checks of other groups. */
  readonly group: string;
}

/**
 * True when the password matches the hash (Argon2id, or the scrypt of versions before 0.2). An empty password never
 * matches, nor does one that `isHashable` refuses.
 */
export async function verifyPassword(
  password: string,
  hash: string,
  { lane, group }: HashPlace = { lane: 'known', group: '' },
): Promise<boolean> {
  const text = password.normalize('NFC');
  const isOld = hash.startsWith(SCRYPT);
  if (!isOld && !hash.startsWith('$argon2id$')) return false;
  const isRight = await queue.run(
    async () => (isOld ? scryptVerify(text, hash) : (await argon2()).verify(hash, text)),
    lane,
    group,
  );
  return isHashable(password) && isRight;
}

/** Checks a hash in the format `scrypt$N$r$p$salt$hash`. */
function scryptVerify(text: string, hash: string): Promise<boolean> {
  const [, n, r, p, salt = '', expected = ''] = hash.split('$');
  const cost = { N: Number(n), r: Number(r), p: Number(p) };
  const wanted = Buffer.from(expected, 'base64url');
  return new Promise((resolve, reject) => {
    const options = { ...cost, maxmem: 256 * cost.N * cost.r };
    scrypt(text, Buffer.from(salt, 'base64url'), wanted.length, options, (error, key) => {
      if (error === null) resolve(wanted.length > 0 && timingSafeEqual(key, wanted));
      else reject(error);
    });
  });
}

/** Returns zero bytes in the base64 encoding of PHC strings. */
function unpadded(bytes: number): string {
  return Buffer.alloc(bytes).toString('base64').replaceAll('=', '');
}

/**
 * Returns a keyed tag of a secret. It shows without a slow hash whether a setting has changed, and is worthless without
 * the key.
 */
export function secretTag(key: Buffer, purpose: string, secret: string): string {
  return createHmac('sha256', key).update(`${purpose}\0${secret}`).digest('base64url');
}
