import { WORDS, type Word } from './yara-condition.ts';
import { isRegex } from './yara-regex.ts';

/** Modifiers that cannot be combined: `xor` and `base64` change what the others look at. */
const CONFLICTS: Readonly<Record<string, readonly string[]>> = {
  xor: ['nocase', 'base64', 'base64wide'],
  base64: ['nocase', 'xor', 'fullword'],
  base64wide: ['nocase', 'xor', 'fullword'],
};
const MODIFIERS: ReadonlySet<string> = new Set(
  'ascii base64 base64wide fullword nocase private wide xor'.split(' '),
);
const BYTE = /~(?!\?\?)[0-9a-f?]{2}|[0-9a-f?]{2}/iy;
const JUMP = /\[(\d{0,5})(?:(-)(\d{0,5}))?\]/y;
/** Alternatives of bytes are nested less deeply than this. */
const DEEPEST = 8;
const ALPHABET = 64;

/** True if the parts of a rule before its condition are complete: `meta` and `strings`, each at most once and not empty. */
export function isDeclared(words: readonly Word[]): boolean {
  let at = words.findIndex(({ text }) => text === '{') + 1;
  if (words[at]?.text === 'meta' && words[at + 1]?.text === ':') {
    const end = endOfMeta(words, at + 2);
    if (end === undefined) return false;
    at = end;
  }
  if (words[at]?.text !== 'strings' || words[at + 1]?.text !== ':') return at === words.length;
  let count = 0;
  for (at += 2; at < words.length; count++) {
    const end = endOfString(words, at);
    if (end === undefined) return false;
    at = end;
  }
  return count > 0;
}

/** Returns the position after the facts about a rule. Undefined if there are none, or one has no value. */
function endOfMeta(words: readonly Word[], start: number): number | undefined {
  let at = start;
  while (words[at]?.kind === 'name' && words[at + 1]?.text === '=') {
    if (WORDS.has(words[at]?.text ?? '')) return undefined;
    const isNegative = words[at + 2]?.text === '-';
    const value = words[at + (isNegative ? 3 : 2)];
    const isNumber = /^(?:0x[0-9a-fA-F]+|\d+(?:KB|MB)?)$/.test(value?.text ?? '');
    const isWord = value?.kind === 'string' || value?.text === 'true' || value?.text === 'false';
    if (!isNumber && (isNegative || !isWord)) return undefined;
    at += isNegative ? 4 : 3;
  }
  return at === start ? undefined : at;
}

/** Returns the position after a string with its modifiers. Undefined for anything else. */
function endOfString(words: readonly Word[], start: number): number | undefined {
  if (!/^\$\w*$/.test(words[start]?.text ?? '') || words[start + 1]?.text !== '=') return undefined;
  const first = words[start + 2];
  let at = start + 3;
  if (first?.text === '{') {
    const end = positionOf(words, '}', at);
    if (end < 0 || !isHex(words.slice(at, end).map(({ text }) => text).join(''))) return undefined; // prettier-ignore
    at = end + 1;
  } else if (first?.kind === 'pattern' ? !isRegex(first.text) : first?.kind !== 'string') return undefined;
  if (first?.text === '""') return undefined;
  const found: string[] = [];
  while (MODIFIERS.has(words[at]?.text ?? '')) {
    const modifier = words[at++]?.text ?? '';
    found.push(modifier);
    if (words[at]?.text !== '(') continue;
    const end = positionOf(words, ')', at);
    if (end < 0 || !isArgument(modifier, words.slice(at + 1, end))) return undefined;
    at = end + 1;
  }
  return isSound(found, first?.kind) ? at : undefined;
}

/** Returns the position of a word from another one on, or -1. */
function positionOf(words: readonly Word[], text: string, from: number): number {
  for (let at = from; at < words.length; at++) if (words[at]?.text === text) return at;
  return -1;
}

/** Checks which modifiers a text, a regular expression or bytes have together. */
function isSound(modifiers: readonly string[], kind: Word['kind'] | undefined): boolean {
  const isAllowed = (one: string): boolean =>
    kind === 'string' || one === 'private' || (kind === 'pattern' && !Object.hasOwn(CONFLICTS, one));
  return (
    new Set(modifiers).size === modifiers.length &&
    modifiers.every(
      (one) => isAllowed(one) && !(CONFLICTS[one] ?? []).some((other) => modifiers.includes(other)),
    )
  );
}

/** Checks the keys of `xor(1-255)` and the alphabet of `base64("…")`. */
function isArgument(modifier: string, words: readonly Word[]): boolean {
  const text = words.map((word) => word.text).join('');
  if (modifier === 'base64' || modifier === 'base64wide')
    return words.length === 1 && words[0]?.kind === 'string' && text.length === ALPHABET + 2 && !text.includes('\\');
  const [, from = '', to = from] = /^(0x[0-9a-fA-F]{1,2}|\d{1,3})(?:-(0x[0-9a-fA-F]{1,2}|\d{1,3}))?$/.exec(text) ?? [];
  return modifier === 'xor' && from !== '' && Number(from) <= Number(to) && Number(to) <= 255;
} // prettier-ignore

/** True for bytes with wildcards, jumps and alternatives. They begin and end with bytes or alternatives. */
function isHex(text: string): boolean {
  return endOfHex(text, 0, 0) === text.length;
}

function endOfHex(text: string, start: number, depth: number): number | undefined {
  let [at, isOpen] = [start, true];
  for (;;) {
    BYTE.lastIndex = at;
    JUMP.lastIndex = at;
    const byte = BYTE.exec(text)?.[0];
    const jump = byte === undefined ? JUMP.exec(text) : null;
    if (byte !== undefined) [at, isOpen] = [at + byte.length, false];
    else if (jump !== null && !isOpen && isJump(jump, depth)) [at, isOpen] = [at + jump[0].length, true];
    else if (text[at] === '(' && depth < DEEPEST) {
      let end = endOfHex(text, at + 1, depth + 1);
      while (end !== undefined && text[end] === '|') end = endOfHex(text, end + 1, depth + 1);
      if (end === undefined || text[end] !== ')') return undefined;
      [at, isOpen] = [end + 1, false];
    } else return isOpen ? undefined : at;
  }
}

/** In alternatives, a jump has an end. */
function isJump([, from = '', dash, to = '']: RegExpExecArray, depth: number): boolean {
  if (dash === undefined) return from !== '' && Number(from) > 0;
  if (to === '') return depth === 0;
  return Number(from === '' ? '0' : from) <= Number(to) && Number(to) > 0;
}
