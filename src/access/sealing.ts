import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { Problem } from '../kernel/problem.ts';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 'v1';

/**
 * Keeps secrets at rest: AES-256-GCM under a key made from the master key (security.md R-090). `context` says where the secret
 * stands (kind and id of its record): a sealed text that was moved elsewhere does not open.
 */
export class Sealer {
  readonly #key: Buffer;
  readonly #fingerprints: Buffer;
  /** Names the master key in a sealed text, so that a wrong one is told apart from damage. */
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
      .slice(0, 8);
  }

  /**
   * Returns a fingerprint by which equal texts can be recognised without the text. Only the holder of the
   * master key can check a guess against it.
   */
  fingerprint(text: string): string {
    return createHmac('sha256', this.#fingerprints).update(text).digest('base64url');
  }

  seal(secret: string, context: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, iv).setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return [FORMAT, this.#name, Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')].join(
      '.',
    );
  }

  /** Throws a Problem of kind unavailable when the text does not open with this master key. */
  open(text: string, context: string): string {
    const [format, name, body = ''] = text.split('.');
    const bytes = Buffer.from(body, 'base64url');
    if (format === FORMAT && name === this.#name && bytes.length >= IV_BYTES + TAG_BYTES)
      try {
        const decipher = createDecipheriv(ALGORITHM, this.#key, bytes.subarray(0, IV_BYTES))
          .setAAD(Buffer.from(context))
          .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
        return Buffer.concat([
          decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)),
          decipher.final(),
        ]).toString('utf8');
      } catch {
        // Told below.
      }
    throw new Problem('unavailable', 'A sealed secret cannot be opened', {
      description:
        name === this.#name ? 'It is damaged, or was moved.' : 'It was sealed with another master key.',
      hint: 'Restore the master key file (master_key_file) that belongs to this store.',
      code: 'TLN-K-503',
    });
  }
}
