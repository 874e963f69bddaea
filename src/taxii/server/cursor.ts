import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Micros } from '../../kernel/clock.ts';
import type { CursorSeal } from '../../kernel/cursor-seal.ts';
import { taxiiErrors } from './errors.ts';

/** The values that a `next` value is bound to. */
export interface CursorBinding {
  readonly collection: string;
  /** Digest of endpoint and filters. */
  readonly filters: string;
  /** Id of the principal. */
  readonly account: string;
}

/**
 * Values of earlier versions: a number, the date added and a MAC. The hub still reads them but no longer
 * creates them.
 */
const EARLIER = 1;
const MAC_BYTES = 16;
const PLACE_BYTES = 8;
const BODY_BYTES = 1 + PLACE_BYTES;

/**
 * `next` values: the date added of the last object on the page, sealed for the account, collection and
 * filters. Nothing is stored, so a value works after a restart and in every process that shares the key. The
 * client may change the limit and the API key between pages.
 */
export class Cursors {
  readonly #seal: CursorSeal;
  readonly #key: Buffer;

  /** `key` is the secret of the store with which earlier versions signed their values. */
  constructor(seal: CursorSeal, key: Buffer) {
    this.#seal = seal;
    this.#key = key;
  }

  write(added: Micros, binding: CursorBinding): string {
    const place = Buffer.alloc(PLACE_BYTES);
    place.writeBigUInt64BE(BigInt(added));
    return this.#seal.seal(place, bound(binding));
  }

  read(next: string, binding: CursorBinding): Micros {
    const place = this.#seal.open(next, bound(binding)) ?? this.#earlier(next, binding);
    if (place?.length !== PLACE_BYTES) throw taxiiErrors.foreignNext();
    return Number(place.readBigUInt64BE());
  }

  #earlier(next: string, { collection, filters, account }: CursorBinding): Buffer | undefined {
    const bytes = Buffer.from(next, 'base64url');
    if (bytes.length !== BODY_BYTES + MAC_BYTES || bytes[0] !== EARLIER) return undefined;
    const body = bytes.subarray(0, BODY_BYTES);
    const mac = createHmac('sha256', this.#key)
      .update(body)
      .update(JSON.stringify([0, collection, filters, account]))
      .digest()
      .subarray(0, MAC_BYTES);
    const fits = bytes.toString('base64url') === next && timingSafeEqual(bytes.subarray(BODY_BYTES), mac);
    return fits ? body.subarray(1) : undefined;
  }
}

function bound({ collection, filters, account }: CursorBinding): readonly string[] {
  return ['taxii', collection, filters, account];
}
