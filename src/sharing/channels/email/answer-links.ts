import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../../kernel/clock.ts';

/** How a recipient answers an item. */
export const ANSWERS = ['acknowledged', 'not-ours', 'false-positive'] as const;
export type Answer = (typeof ANSWERS)[number];

/** The purpose of a link in an email: one answer to one item of one channel, or to stop the emails. */
export interface LinkPurpose {
  readonly channel: string;
  /** The recipient (`recipientOf`). A later channel of the same name has a different one. */
  readonly to: string;
  /** Date added of the item in the channel's collection, in microseconds since 1970. */
  readonly added: number;
  readonly does: Answer | 'stop';
}

/** Returns what a link contains instead of the member and the address of a channel. */
export function recipientOf({ member, url }: { readonly member: string; readonly url: string }): string {
  return hash('sha256', JSON.stringify([member, url]), 'base64url').slice(0, 16);
}

const DAY_MS = 86_400_000;
/** Days for which a link in an email is valid. */
const LIFE_DAYS = 60;

/**
 * Links with which a recipient answers an email without signing in. Each one is signed, serves one purpose and is valid
 * for sixty days. It contains neither the object nor any value of it.
 */
export class AnswerLinks {
  readonly #key: Buffer;
  readonly #url: () => string;
  readonly #clock: Clock;

  constructor(key: Buffer, url: () => string, clock: Clock) {
    this.#key = key;
    this.#url = url;
    this.#clock = clock;
  }

  make({ channel, to, added, does }: LinkPurpose): string {
    const day = Math.floor(this.#clock.now() / DAY_MS) + LIFE_DAYS;
    const body = Buffer.from([channel, added.toString(36), does, day.toString(36), to].join(' ')).toString(
      'base64url',
    );
    return `${this.#url()}/answer/${body}.${this.#mark(body)}`;
  }

  /** Undefined if the link is forged or has expired. */
  read(token: string): LinkPurpose | undefined {
    const [body = '', mark = ''] = token.split('.');
    const [given, right] = [Buffer.from(mark), Buffer.from(this.#mark(body))];
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    const [channel = '', added = '', does = '', day = '', to = ''] = Buffer.from(body, 'base64url')
      .toString()
      .split(' ');
    if (Number.parseInt(day, 36) < this.#clock.now() / DAY_MS) return undefined;
    return { channel, to, added: Number.parseInt(added, 36), does: does as LinkPurpose['does'] };
  }

  #mark(body: string): string {
    return createHmac('sha256', this.#key).update(`answer ${body}`).digest('base64url').slice(0, 27);
  }
}
