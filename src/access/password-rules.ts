import { COMMON_PASSWORDS } from './common-passwords.ts';
import { isHashable } from './passwords.ts';

const SHORTEST = 12;
const LONGEST = 256;
/** Parts of a password that are shorter say nothing. */
const SHORTEST_WORD = 4;
/** Fewer different characters make a pattern, not a password. */
const FEWEST_CHARACTERS = 5;

/** Letters that digits and symbols commonly stand for. */
const LOOKS_LIKE: Readonly<Record<string, string>> = {
  '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', '$': 's', '!': 'i',
}; // prettier-ignore

const COMMON_WORDS: ReadonlySet<string> = new Set(
  [...COMMON_PASSWORDS].map(lettersOf).filter((word) => word.length >= SHORTEST_WORD),
);

/** Why a password will not do; undefined when it will. */
export interface PasswordFault {
  readonly title: string;
  readonly hint: string;
}

/**
 * Checks a new password: 12 to 256 characters, none of the 3,000 most common ones, no simple pattern, and not made of one or
 * two words that are common or belong to the account (`context`: its name, its member, the hub). There are no rules about kinds
 * of characters.
 */
export function passwordFault(password: string, context: readonly string[]): PasswordFault | undefined {
  const text = password.normalize('NFC');
  const { length } = Array.from(text);
  if (length < SHORTEST || length > LONGEST)
    return {
      title: `A password has ${SHORTEST} to ${LONGEST} characters`,
      hint: 'Several words in a row are easy to keep in mind.',
    };
  if (!isHashable(text))
    return {
      title: 'The password has characters that cannot be used',
      hint: 'Leave out control characters.',
    };
  const lower = text.normalize('NFKC').toLowerCase();
  if (COMMON_PASSWORDS.has(lower) || isPattern(lower))
    return {
      title: 'This password is too common',
      hint: 'Choose several words that do not belong together.',
    };
  const words = new Set([...COMMON_WORDS, ...contextWords(context)]);
  // Digits at the ends are an addition, those inside stand for letters.
  const inside = lower.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const replaced = inside.replaceAll(/[0134571@$!]/g, (character) => LOOKS_LIKE[character] ?? character);
  if ([lower, replaced].some((one) => isMadeOf(lettersOf(one), words)))
    return {
      title: 'This password is easy to guess',
      hint: 'It consists of common words or of names of your account, your organisation or the hub. Choose several words that do not belong together.',
    };
  return undefined;
}

function contextWords(context: readonly string[]): readonly string[] {
  const words = ['talanoa', ...context].flatMap((name) => {
    const lower = name.normalize('NFKC').toLowerCase();
    return [lettersOf(lower), ...lower.split(/[^\p{L}]+/u)];
  });
  return words.filter((word) => word.length >= SHORTEST_WORD);
}

/** Few different characters, or a run such as 123456789012 or abcdefghijklm. */
function isPattern(text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  if (new Set(codes).size < FEWEST_CHARACTERS) return true;
  const steps = codes.slice(1).map((code, i) => (((code - (codes[i] ?? 0)) % 10) + 10) % 10);
  return /^\d+$/.test(text) || /^[a-z]+$/.test(text) ? new Set(steps).size === 1 : false;
}

/** True for one word, two words, or one word again and again. */
function isMadeOf(letters: string, words: ReadonlySet<string>): boolean {
  if (words.has(letters)) return true;
  for (let at = SHORTEST_WORD; at <= letters.length - 1; at++) {
    const first = letters.slice(0, at);
    if (!words.has(first)) continue;
    const rest = letters.slice(at);
    if (words.has(rest) || first.repeat(Math.ceil(letters.length / at)).startsWith(letters)) return true;
  }
  return false;
}

function lettersOf(text: string): string {
  return text.replaceAll(/[^\p{L}]/gu, '');
}
