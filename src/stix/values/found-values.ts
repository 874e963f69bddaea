import { readObserved, readableObserved, valueKey, type ObservedValue } from './observed-values.ts';
import { hasKnownSuffix } from './read-value.ts';
import { refang } from './refang.ts';

/** A value in a text that people have written, such as a report. */
export interface FoundValue extends ObservedValue {
  /** The value in the form in which people read it. */
  readonly readable: string;
  /** The value as the text has it, which may be defanged. */
  readonly written: string;
  /** The place of its first occurrence, in UTF-16 code units: from `start` up to, but without, `end`. */
  readonly start: number;
  readonly end: number;
}

/** A dot, colon, slash or at sign in brackets may have blanks around it, as in `example [.] com`. */
const SPACED = String.raw`(?: ?[[({] ?(?:\.|dot|:|:\/\/|\/|@|at) ?[\])}] ?)`;
/**
 * Characters of values: visible ones without those that only separate values. Brackets are part of it, because
 * defanged values contain them. The length is bounded, so that a text without blanks takes linear time.
 */
const WORD = new RegExp(
  String.raw`(?:${SPACED}|[^\s<>"'\x60\u201c\u201d\u2018\u2019\u00ab\u00bb\u2039\u203a\u0000-\u001f]){3,2000}`,
  'giu',
);
/** Signs that separate values in a list without blanks. A URL may contain them, unless another URL follows. */
const BETWEEN_URLS = /[,;|]+(?=(?:https?|hxxps?|ftp):)/i;
const BETWEEN = /[,;|()]+/;
/** A label in front of a value, as in `IP:` or `sha256=`. */
const LABEL = /^[A-Za-z][A-Za-z0-9_ -]{0,20}[:=](?!\/\/|\[?:?\/\/)/;
/** Names with these endings are those of files, unless they are defanged. */
const FILE_ENDINGS: ReadonlySet<string> = new Set([
  'app',
  'mov',
  'md',
  'pl',
  'ps',
  'py',
  'rs',
  'sh',
  'so',
  'zip',
]);
/** A port after an address or a name. The value is the same on every port. */
const PORT = /(?:\[:\]|:)\d{1,5}$/;
/** Endings of names that are not in the public DNS: hidden services, and examples in documents. */
const OTHER_ENDINGS: ReadonlySet<string> = new Set(['example', 'i2p', 'onion', 'test']);
const OPENING = /^[([{*_#]+/;
const CLOSING = /^[)\]}*_.,;:!?\u2026]$/u;
/** Each value is a hash, or has one of these signs between letters or digits. */
const POSSIBLE = /[\p{L}\p{N}\]][\s[({]*[.:=@/[({][\s\])}./:]*[\p{L}\p{N}[]|^\W*[0-9a-f]{32,128}\W*$|::/iu;

/**
 * Finds addresses, networks, domain names, URLs, email addresses and hashes in a text, defanged or not, in their order.
 * A value that occurs several times is returned once. Names of files, and words with a full stop inside, are left out. At
 * most `most` values are returned.
 */
export function findValues(text: string, most: number): readonly FoundValue[] {
  const found = new Map<string, FoundValue>();
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (found.size >= most) break;
    if (!POSSIBLE.test(word)) continue;
    for (const value of valuesIn(word, index)) {
      const key = valueKey(value);
      if (!found.has(key) && found.size < most) found.set(key, value);
    }
  }
  return [...found.values()];
}

/** Returns the values in a word: usually none or one, and several in a list without blanks. */
function* valuesIn(word: string, at: number): Generator<FoundValue> {
  for (const url of partsOf(word, BETWEEN_URLS)) {
    const whole = valueIn(url.text, at + url.start);
    if (whole !== undefined) yield whole;
    else
      for (const part of partsOf(url.text, BETWEEN)) {
        const value = valueIn(part.text, at + url.start + part.start);
        if (value !== undefined) yield value;
      }
  }
}

/** Returns the parts of a text between signs, with their places. */
function* partsOf(
  text: string,
  between: RegExp,
): Generator<{ readonly text: string; readonly start: number }> {
  let start = 0;
  for (const part of text.split(between)) {
    const place = text.indexOf(part, start);
    if (part !== '') yield { text: part, start: place };
    start = place + part.length;
  }
}

/** Returns the value in a text, without punctuation and a label around it. */
function valueIn(word: string, at: number): FoundValue | undefined {
  for (const { written, start } of readings(word)) {
    const observed = readObserved(written);
    if (observed === undefined || !isValue(written, observed)) continue;
    const place = at + start;
    return {
      ...observed,
      readable: readableObserved(observed),
      written,
      start: place,
      end: place + written.length,
    };
  }
  return undefined;
}

/** The ways to read a word, from the whole to its parts. */
function* readings(word: string): Generator<{ readonly written: string; readonly start: number }> {
  const lead = OPENING.exec(word)?.[0].length ?? 0;
  // A bracket at the beginning may be that of a defanged value: [1.2.3.4].
  for (const start of lead === 0 ? [0] : [0, lead]) {
    const rest = word.slice(start);
    // A full stop at the end is of the sentence, although a domain name may have one.
    const bare = withoutEnd(rest);
    yield { written: bare, start };
    const label = LABEL.exec(bare)?.[0].length ?? 0;
    if (label > 0) yield { written: bare.slice(label), start: start + label };
    const port = PORT.exec(bare)?.[0].length ?? 0;
    if (port > 0) yield { written: bare.slice(label, -port), start: start + label };
  }
}

/** Removes punctuation after a value. A closing bracket stays if its opening one is in the value. */
function withoutEnd(word: string): string {
  const open = { ')': count(word, '('), ']': count(word, '['), '}': count(word, '{') };
  const closed = { ')': count(word, ')'), ']': count(word, ']'), '}': count(word, '}') };
  let end = word.length;
  for (; end > 0; end--) {
    const last = word[end - 1] ?? '';
    if (!CLOSING.test(last)) break;
    if (last === ')' || last === ']' || last === '}') {
      if (open[last] >= closed[last]) break;
      closed[last]--;
    }
  }
  return word.slice(0, end);
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

/** False for words that only look like a name. */
function isValue(written: string, observed: ObservedValue): boolean {
  if (observed.type !== 'domain') return true;
  const name = readableObserved(observed);
  if (refang(written) !== written) return true;
  const ending = name.slice(name.lastIndexOf('.') + 1);
  return (hasKnownSuffix(name) || OTHER_ENDINGS.has(ending)) && !FILE_ENDINGS.has(ending);
}
