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
/** Quotes, long dashes, arrows, bullets, and the punctuation of Chinese and Japanese, which no value contains. */
const SEPARATING = String.raw`<>"'\x60\u0000-\u001f\u00ab\u00bb\u2014\u2015\u2018-\u201f\u2022\u2039\u203a\u2190-\u21ff\u25a0-\u25ff\u27f0-\u27ff\u2900-\u297f\u3000\u3001\u3008-\u301b\uff08\uff09\uff0c\uff1a-\uff1e\uff3b\uff3d\uff5b\uff5d`;
/**
 * Characters of values: visible ones without those that only separate values. Brackets are part of it, because
 * defanged values contain them. The length is bounded, so that a text without blanks takes linear time.
 */
const WORD = new RegExp(String.raw`(?:${SPACED}|[^\s${SEPARATING}]){3,2000}`, 'giu');
/** Signs that separate values in a list without blanks. A URL may contain them, unless another URL follows. */
const BETWEEN_URLS = /[,;|]+(?=(?:https?|hxxps?|ftp):)/i;
const BETWEEN = /[,;|()]+/;
/** Short dashes, which separate values, and belong to names of pages in a URL. */
const DASHES = /[\u2012\u2013]+/;
const SCHEME = /:\/\/|\[:|:\\/;
/** A label in front of a value, as in `IP:` or `sha256=`. */
const LABEL = /^[A-Za-z][A-Za-z0-9_ -]{0,20}[:=](?!\/\/|\[?:?\/\/)/;
/** Names of two parts with these endings are those of files, unless they are defanged. */
const FILE_ENDINGS: ReadonlySet<string> = new Set(['mov', 'md', 'ps', 'py', 'sh', 'so', 'zip']);
/** The beginning of an arrow: `->`, `=>`. */
const ARROW = /(?<![-=])[-=]+$/;
/** A port after an address or a name. The value is the same on every port. */
const PORT = /(?:\[:\]|:)\d{1,5}$/;
/** A host with a path, and perhaps with a port, but without a scheme. The host is the value. */
const WITH_PATH = /^([^/\\:]{1,253}?)(?:(?:\[:\]|:)\d{1,5})?(?:\[\/\]|\/)/;
/** An IPv6 address in brackets, perhaps with a port (RFC 3986 §3.2.2). */
const IPV6_WITH_PORT = /^\[([0-9a-f:.]{2,45})\](?::\d{1,5})?$/i;
/** Endings of names that are not in the public DNS: hidden services, and examples in documents. */
const OTHER_ENDINGS: ReadonlySet<string> = new Set(['example', 'i2p', 'onion', 'test']);
const OPENING = /^[([{*_#]+/;
const CLOSING = /^[)\]}*_.,;:!?\u2026]$/u;
/** Each value is a hash, or has one of these signs between letters or digits. */
const POSSIBLE = /[\p{L}\p{N}\]][\s[({]*[.:=@/[({][\s\])}./:]*[\p{L}\p{N}[]|^\W*[0-9a-f]{32,128}\W*$|::/iu;

/**
 * Finds addresses, networks, domain names, URLs, email addresses and hashes in a text, defanged or not, in their order. Of
 * a URL without a scheme, such as `evil.com/login`, the host is found. A value that occurs several times is returned once. Names of files, and words with a full stop inside, are left out. At
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
  for (const url of partsOf(word, BETWEEN_URLS))
    for (const one of SCHEME.test(url.text) ? [{ text: url.text, start: 0 }] : partsOf(url.text, DASHES)) {
      const start = at + url.start + one.start;
      const whole = valueIn(one.text, start);
      if (whole !== undefined) yield whole;
      else
        for (const part of partsOf(one.text, BETWEEN)) {
          const value = valueIn(part.text, start + part.start);
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
    const plain = bare.slice(label).replace(ARROW, '');
    if (plain !== bare) yield { written: plain, start: start + label };
    const port = PORT.exec(plain)?.[0].length ?? 0;
    if (port > 0) yield { written: plain.slice(0, -port), start: start + label };
    const host = WITH_PATH.exec(plain)?.[1] ?? '';
    if (host !== '') yield { written: host, start: start + label };
    const address = IPV6_WITH_PORT.exec(plain)?.[1] ?? '';
    if (address !== '') yield { written: address, start: start + label + 1 };
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
  const labels = name.split('.');
  const ending = labels.at(-1) ?? '';
  const isFile = labels.length === 2 && FILE_ENDINGS.has(ending);
  return (hasKnownSuffix(name) || OTHER_ENDINGS.has(ending)) && !isFile;
}
