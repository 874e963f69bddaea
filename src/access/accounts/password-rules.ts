import { COMMON_PASSWORDS } from './common-passwords.ts';
import { isHashable } from './passwords.ts';

const SHORTEST = 12;
const LONGEST = 256;
/** Shorter parts of a password are ignored. */
const SHORTEST_WORD = 4;
/** A password with fewer different characters counts as a pattern. */
const FEWEST_CHARACTERS = 5;

/** Letters that digits and symbols commonly stand for. */
const LOOKS_LIKE: Readonly<Record<string, string>> = {
  '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', '$': 's', '!': 'i',
}; // prettier-ignore

const COMMON_WORDS: ReadonlySet<string> = new Set(
  [...COMMON_PASSWORDS].map(lettersOf).filter((word) => word.length >= SHORTEST_WORD),
);

/** The reason why a password is refused, with a hint. Undefined for an acceptable password. */
export interface PasswordFault {
  readonly title: string;
  readonly hint: string;
}

/**
 * Checks a new password. It must have 12 to 256 characters, must not be one of the 3,000 most common
 * passwords or a simple pattern, and must not consist of one or two words that are common or belong to the
 * account (`context`: its name, its member, the hub). There are no rules about kinds of characters.
 */
export function passwordFault(password: string, context: readonly string[]): PasswordFault | undefined {
  const text = password.normalize('NFC');
  const { length } = Array.from(text);
  if (length < SHORTEST || length > LONGEST)
    return {
      title: `A password must have ${SHORTEST} to ${LONGEST} characters`,
      hint: 'Several words in a row are easy to remember.',
    };
  if (!isHashable(text))
    return {
      title: 'The password contains invalid characters',
      hint: 'Remove control characters.',
    };
  const lower = text.normalize('NFKC').toLowerCase();
  if (COMMON_PASSWORDS.has(lower) || isPattern(lower))
    return {
      title: 'This password is too common',
      hint: 'Choose several unrelated words.',
    };
  const words = new Set([...COMMON_WORDS, ...contextWords(context)]);
  // Digits at the start or end are treated as an addition. Digits inside are treated as letters.
  const inside = lower.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const replaced = inside.replaceAll(/[0134571@$!]/g, (character) => LOOKS_LIKE[character] ?? character);
  if ([lower, replaced].some((one) => isMadeOf(lettersOf(one), words)))
    return {
      title: 'This password is easy to guess',
      hint: 'It consists of common words, or of names of your account, your organisation or the hub. Choose several unrelated words.',
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

/** True for few different characters, or for a run such as 123456789012 or abcdefghijklm. */
function isPattern(text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  if (new Set(codes).size < FEWEST_CHARACTERS) return true;
  const steps = codes.slice(1).map((code, i) => (((code - (codes[i] ?? 0)) % 10) + 10) % 10);
  return /^\d+$/.test(text) || /^[a-z]+$/.test(text) ? new Set(steps).size === 1 : false;
}

/** True for one word, two words, or one repeated word. */
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
