import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Problem } from '../kernel/problem.ts';
import { accessErrors } from './errors.ts';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Maximum number of bytes that are sealed before other requests get their turn. */
const SEALED_AT_ONCE = 4_194_304;
const FORMAT = 'v1';
/** Begins sealed bytes. JSON, which earlier versions stored in the clear, never begins with a NUL. */
const BYTES_FORMAT = Buffer.from('\0tln1.');
const NAME_LENGTH = 8;

/**
 * Encrypts stored secrets with AES-256-GCM, under a key that is derived from the master key. `context` is the place of
 * the secret (kind and id of its record). A sealed text that was moved to another place cannot be opened.
 */
export class Sealer {
  readonly #key: Buffer;
  readonly #fingerprints: Buffer;
  /** Identifies the master key in a sealed text, so that a wrong key can be distinguished from damage. */
  readonly #name: string;

  /** A name for the master key that reveals nothing about the key. */
  get keyName(): string {
    return this.#name;
  }

  constructor(masterKey: Buffer) {
    this.#key = createHmac('sha256', masterKey).update('talanoa sealing').digest();
    this.#fingerprints = createHmac('sha256', masterKey).update('talanoa fingerprints').digest();
    this.#name = createHmac('sha256', masterKey)
      .update('talanoa sealing name')
      .digest('base64url')
      .slice(0, NAME_LENGTH);
  }

  /**
   * Returns a fingerprint by which equal texts can be recognised without the text. Only the holder of the
   * master key can check a guess against it.
   */
  fingerprint(text: string): string {
    return createHmac('sha256', this.#fingerprints).update(text).digest('base64url');
  }

  seal(secret: string, context: string): string {
    return [FORMAT, this.#name, this.#encrypted(secret, context).toString('base64url')].join('.');
  }

  /** Throws a Problem of kind unavailable when the text does not open with this master key. */
  open(text: string, context: string): string {
    const [format, name = '', body = ''] = text.split('.');
    const opened =
      format === FORMAT && name === this.#name
        ? this.#decrypted(Buffer.from(body, 'base64url'), context)
        : undefined;
    if (opened === undefined) throw this.#cannotOpen(name);
    return opened.toString('utf8');
  }

  /**
   * Seals bytes as bytes, which need little more room than they did before. Other requests get their turn in between:
   * an envelope of 100 MB takes a third of a second.
   */
  async sealBytes(secret: Uint8Array, context: string): Promise<Buffer> {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, iv).setAAD(Buffer.from(context));
    const head = Buffer.concat([BYTES_FORMAT, Buffer.from(this.#name), iv]);
    const sealed = Buffer.allocUnsafe(head.length + TAG_BYTES + secret.length);
    head.copy(sealed);
    for (let at = 0; at < secret.length; at += SEALED_AT_ONCE) {
      const part = cipher.update(secret.subarray(at, at + SEALED_AT_ONCE));
      part.copy(sealed, head.length + TAG_BYTES + at);
      await setImmediate();
    }
    cipher.final();
    cipher.getAuthTag().copy(sealed, head.length);
    return sealed;
  }

  /** Opens sealed bytes, and throws like `open`. */
  openBytes(bytes: Buffer, context: string): Buffer {
    const begin = BYTES_FORMAT.length + NAME_LENGTH;
    const name = bytes.subarray(BYTES_FORMAT.length, begin).toString();
    const opened =
      isSealed(bytes) && name === this.#name ? this.#decrypted(bytes.subarray(begin), context) : undefined;
    if (opened === undefined) throw this.#cannotOpen(name);
    return opened;
  }

  #encrypted(secret: string, context: string): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, iv).setAAD(Buffer.from(context));
    const first = cipher.update(secret, 'utf8');
    const last = cipher.final();
    return Buffer.concat([iv, cipher.getAuthTag(), first, last]);
  }

  #decrypted(bytes: Buffer, context: string): Buffer | undefined {
    if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
    try {
      const decipher = createDecipheriv(ALGORITHM, this.#key, bytes.subarray(0, IV_BYTES))
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    } catch {
      return undefined;
    }
  }

  #cannotOpen(name: string): Problem {
    return accessErrors.sealBroken({
      description:
        name === this.#name ? 'It is damaged or was moved.' : 'It was sealed with another master key.',
    });
  }
}

/** True for what `seal` or `sealBytes` returned. Earlier versions stored some of the same data in the clear, as JSON. */
export function isSealed(stored: string | Uint8Array): boolean {
  return typeof stored === 'string'
    ? stored.startsWith(`${FORMAT}.`)
    : BYTES_FORMAT.equals(stored.subarray(0, BYTES_FORMAT.length));
}
