import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Micros } from '../kernel/clock.ts';
import { Problem } from '../kernel/problem.ts';

/** What a `next` value is bound to (DESIGN.md section 6). */
export interface CursorBinding {
  readonly collection: string;
  /** Digest of endpoint and filters. */
  readonly filters: string;
  readonly account: string;
}

const FORMAT = 1;
const MAC_BYTES = 16;
const BODY_BYTES = 1 + 8;

/**
 * `next` values: the date added that was read last, with a MAC over it and over what it belongs to. Nothing is kept on
 * the server, so a value works again after a restart and in every process that shares the key. Limit and key of the
 * client may change between pages.
 */
export class Cursors {
  readonly #key: Buffer;
  readonly #epoch: number;

  /** `key` is a secret of the store; `epoch` counts restores, after which older cursors do not fit. */
  constructor(key: Buffer, epoch: number) {
    this.#key = key;
    this.#epoch = epoch;
  }

  #mac(body: Buffer, { collection, filters, account }: CursorBinding): Buffer {
    return createHmac('sha256', this.#key)
      .update(body)
      .update(JSON.stringify([this.#epoch, collection, filters, account]))
      .digest()
      .subarray(0, MAC_BYTES);
  }

  write(added: Micros, binding: CursorBinding): string {
    const body = Buffer.alloc(BODY_BYTES);
    body.writeUInt8(FORMAT, 0);
    body.writeBigUInt64BE(BigInt(added), 1);
    return Buffer.concat([body, this.#mac(body, binding)]).toString('base64url');
  }

  read(next: string, binding: CursorBinding): Micros {
    const bytes = Buffer.from(next, 'base64url');
    const body = bytes.subarray(0, BODY_BYTES);
    const mac = bytes.subarray(BODY_BYTES);
    const fits =
      bytes.length === BODY_BYTES + MAC_BYTES &&
      bytes.toString('base64url') === next &&
      body[0] === FORMAT &&
      timingSafeEqual(mac, this.#mac(body, binding));
    if (!fits) {
      throw new Problem('invalid-request', 'This value of next does not belong to this request', {
        description:
          'It was made for another collection, other filters or another account, or it is not complete.',
        hint: 'Start again without next, with added_after of the last object that you have.',
        code: 'TLN-T-401',
      });
    }
    return Number(body.readBigUInt64BE(1));
  }
}
