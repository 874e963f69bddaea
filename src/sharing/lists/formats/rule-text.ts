import { hash } from 'node:crypto';
import type { ListEntry } from './format.ts';

// The parts of rules that Suricata and Snort have in common.

/** Numbers of rules are derived from their values, in a block that no known set of rules uses. */
const FIRST_SID = 3_000_000_000;
const SIDS = 1_000_000_000;

/** The numbers of the rules of one list: the same for the same value, and another one for each value. */
export class SidNumbers {
  readonly #used = new Set<number>();

  of({ type, text }: ListEntry): number {
    let sid = Number.parseInt(hash('sha256', `${type} ${text}`).slice(0, 12), 16) % SIDS;
    while (this.#used.has(sid)) sid = (sid + 1) % SIDS;
    this.#used.add(sid);
    return FIRST_SID + sid;
  }
}

/**
 * Returns a text for the keyword `content`. Everything except letters, digits and a few signs is in hexadecimal digits,
 * so no value ends the text.
 */
export function content(text: string): string {
  return text.replaceAll(
    /[^A-Za-z0-9._/-]+/g,
    (signs) =>
      `|${Buffer.from(signs)
        .toString('hex')
        .replaceAll(/..(?=.)/g, '$& ')}|`,
  );
}
