import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const FORMAT = 2;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Positions are padded to a multiple of this size, so that the length of a cursor reveals little about its content. */
const BLOCK = 64;
const LENGTH_BYTES = 4;

/**
 * Seals positions in lists as texts that only this hub can read and create. They are encrypted,
 * authenticated, and bound to the caller and the request. Nothing is stored, so they work after a restart and
 * in every process that shares the key.
 */
export class CursorSeal {
  readonly #key: Buffer;
  readonly #ivKey: Buffer;
  readonly #epoch: number;

  /** `secret` is a secret of the store. `epoch` counts restores: older cursors are invalid after a restore. */
  constructor(secret: Buffer, epoch: number) {
    this.#key = derived(secret, 'talanoa cursor key');
    this.#ivKey = derived(secret, 'talanoa cursor iv');
    this.#epoch = epoch;
  }

  /** Returns a text for `place`. The same place and binding always give the same text, so full pages can be cached. */
  seal(place: Buffer, binding: readonly string[]): string {
    const plain = padded(place);
    const bound = this.#bound(binding);
    // Derived from everything that is sealed (as in SIV modes), so it repeats only for the same text.
    const iv = createHmac('sha256', this.#ivKey).update(bound).update(plain).digest().subarray(0, IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, iv).setAAD(bound);
    const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([Buffer.of(FORMAT), iv, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** Returns the place in a text that was sealed for this binding. Undefined for any other text. */
  open(text: string, binding: readonly string[]): Buffer | undefined {
    const bytes = Buffer.from(text, 'base64url');
    const begin = 1 + IV_BYTES + TAG_BYTES;
    if (bytes[0] !== FORMAT || bytes.length < begin + BLOCK || bytes.toString('base64url') !== text)
      return undefined;
    const bound = this.#bound(binding);
    const iv = bytes.subarray(1, 1 + IV_BYTES);
    try {
      const decipher = createDecipheriv(ALGORITHM, this.#key, iv)
        .setAAD(bound)
        .setAuthTag(bytes.subarray(1 + IV_BYTES, begin));
      const plain = Buffer.concat([decipher.update(bytes.subarray(begin)), decipher.final()]);
      const own = createHmac('sha256', this.#ivKey).update(bound).update(plain).digest();
      if (!timingSafeEqual(own.subarray(0, IV_BYTES), iv)) return undefined;
      return plain.subarray(LENGTH_BYTES, LENGTH_BYTES + plain.readUInt32BE(0));
    } catch {
      return undefined;
    }
  }

  #bound(binding: readonly string[]): Buffer {
    return Buffer.from(JSON.stringify([FORMAT, this.#epoch, ...binding]));
  }
}

function derived(secret: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));
}

function padded(place: Buffer): Buffer {
  const plain = Buffer.alloc(Math.ceil((LENGTH_BYTES + place.length) / BLOCK) * BLOCK);
  plain.writeUInt32BE(place.length, 0);
  place.copy(plain, LENGTH_BYTES);
  return plain;
}
