import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { Limiter } from '../kernel/limiter.ts';
import { Problem } from '../kernel/problem.ts';

/** Cost of a password hash (DESIGN.md section 8). Kept in the hash itself, so that it can be raised later. */
const COST = { N: 32_768, r: 8, p: 3 } as const;
const LENGTH = 32;
/** Hashes run in the thread pool, two at once (security.md R-004); more than the queue holds is refused. */
const AT_ONCE = 2;
const QUEUE = 20;

const limiter = new Limiter(AT_ONCE);

function slot<T>(work: () => Promise<T>): Promise<T> {
  if (limiter.waiting >= QUEUE) {
    throw new Problem('rate-limited', 'Too many sign-ins at once', {
      headers: { 'Retry-After': '5' },
      code: 'TLN-A-429',
    });
  }
  return limiter.run(work);
}

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
  const salt = randomBytes(16);
  const key = await slot(() => derive(password, salt, COST));
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** A hash of nothing that anybody knows: checked when there is no such account, so that the answer takes as long. */
export const DUMMY_HASH = `scrypt$${COST.N}$${COST.r}$${COST.p}$${Buffer.alloc(16).toString('base64url')}$${Buffer.alloc(LENGTH).toString('base64url')}`;

/** True when the password belongs to the hash. An empty password never does. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [kind, n, r, p, salt = '', expected = ''] = hash.split('$');
  if (kind !== 'scrypt') return false;
  const wanted = Buffer.from(expected, 'base64url');
  const key = await slot(() =>
    derive(password, Buffer.from(salt, 'base64url'), { N: Number(n), r: Number(r), p: Number(p) }),
  );
  return password !== '' && wanted.length === key.length && timingSafeEqual(key, wanted);
}

/** A keyed mark of a secret: tells whether a setting has changed without a slow hash, and is worthless without the key. */
export function secretTag(key: Buffer, purpose: string, secret: string): string {
  return createHmac('sha256', key).update(`${purpose}\0${secret}`).digest('base64url');
}
