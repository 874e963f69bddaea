import type { AnonymousOutcome } from '../../api/schema-types.ts';
import { parseNetwork, type Network } from '../../kernel/address.ts';
import { text, texts, type StixObject } from '../../stix/types.ts';

/** One property that the hub changes before it releases an object. */
export type ScrubChange = AnonymousOutcome['changes'][number];

/** The words that identify a member, and the addresses of its people. */
export interface Identifying {
  /** Names, titles and brands. */
  readonly words: readonly string[];
  /** Domains, which cover all names below them. */
  readonly domains: readonly string[];
  /** Returns true for an address or network that the member holds. */
  readonly holds: (address: Network) => boolean;
}

const HOUR_MS = 3_600_000;
const REMOVED = '[removed]';
/** A name with fewer letters and digits is found only as it is written. */
const SHORT = 5;
/** Properties that are released as they are. Their values are numbers, constants, or part of what the object states. */
const AS_THEY_ARE: ReadonlySet<string> = new Set(['type', 'spec_version', 'pattern', 'pattern_type', 'confidence']); // prettier-ignore
/** Properties that the hub sets itself. */
const OF_THE_HUB: ReadonlySet<string> = new Set(['id', 'created', 'modified', 'object_marking_refs']);
/** Indicator types of STIX 2.1 §10.6. A word of its own could identify its producer. */
const INDICATOR_TYPES: ReadonlySet<string> = new Set(['anomalous-activity', 'anonymization', 'benign', 'compromised', 'malicious-activity', 'attribution', 'unknown']); // prettier-ignore
/** A version of a pattern language, which is released. Other texts could identify the producer. */
const VERSION = /^\d{1,4}(?:\.\d{1,4}){0,3}$/;
/** Texts that could be an IPv4 address or network, defanged or not, or an IPv6 address or network. */
const ADDRESS = /(?<![\d.])\d{1,3}(?:(?:\.|\[\.\]|\(\.\))\d{1,3}){3}(?:\/\d{1,2})?(?![\d.]*\d)|(?<![\p{L}\p{N}:])[\da-f]{0,4}:[\da-f:.]{1,45}(?:\/\d{1,3})?(?![\p{L}\p{N}])/giu; // prettier-ignore
const EMAIL = /[^\s@<>()"',;]{1,64}@[A-Za-z0-9.-]{1,250}\.[A-Za-z]{2,24}/g;
/** Private and shared addresses, and those of the host itself and of its link (RFC 6890). */
const PRIVATE_ADDRESS =
  /(?<![\d.])(?:10|127|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))(?:\.\d{1,3}){2,3}(?:\/\d{1,2})?(?![\d.])/g;
const PRIVATE_ADDRESS_6 =
  /(?<![\p{L}\p{N}:])(?:f[cd][\da-f]{2}|fe[89ab][\da-f]):[\da-f:]{1,40}(?:\/\d{1,3})?(?![\p{L}\p{N}])/giu;

/**
 * Returns an indicator without anything that could identify its producer, and the changes. It has no id and no times of
 * its own versions, because the hub releases it in its own name. Times of validity are rounded to hours.
 */
export function scrubbed(
  object: StixObject,
  identifying: Identifying,
): { readonly object: StixObject; readonly changes: readonly ScrubChange[] } {
  const made: Record<string, unknown> = {};
  const changes: ScrubChange[] = [];
  for (const [property, value] of Object.entries(object)) {
    if (OF_THE_HUB.has(property) || property === 'revoked') continue;
    const after = AS_THEY_ARE.has(property) ? value : scrubbedProperty(object, property, identifying);
    if (after !== undefined) made[property] = after;
    const [was, is] = [written(value), after === undefined ? undefined : written(after)];
    if (was !== is) changes.push({ property, before: was, ...(is === undefined ? {} : { after: is }) });
  }
  return { object: made, changes };
}

function scrubbedProperty(object: StixObject, property: string, identifying: Identifying): unknown {
  switch (property) {
    case 'name':
    case 'description':
      return withoutNames(text(object, property) ?? '', identifying);
    case 'valid_from':
      return hour(text(object, property) ?? '', 0);
    case 'valid_until':
      return hour(text(object, property) ?? '', HOUR_MS - 1);
    case 'pattern_version':
      return VERSION.test(text(object, property) ?? '') ? text(object, property) : undefined;
    case 'indicator_types': {
      const known = texts(object, property).filter((word) => INDICATOR_TYPES.has(word));
      return known.length === 0 ? undefined : known;
    }
    default:
      // References, labels, languages, extensions and custom properties can contain anything.
      return undefined;
  }
}

/** Returns a time at the beginning of its hour, or with `up` at its end. */
function hour(time: string, up: number): string {
  return new Date(Math.floor((Date.parse(time) + up) / HOUR_MS) * HOUR_MS).toISOString();
}

function written(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 1_000);
}

/**
 * Returns a text without the names of a member, its domains and the hosts in them, its addresses, email addresses and
 * private addresses.
 */
function withoutNames(written: string, identifying: Identifying): string {
  const { words, domains } = identifying;
  let left = written
    .replaceAll(EMAIL, REMOVED)
    .replaceAll(PRIVATE_ADDRESS, REMOVED)
    .replaceAll(PRIVATE_ADDRESS_6, REMOVED)
    .replaceAll(ADDRESS, (found) => (isHeld(found, identifying) ? REMOVED : found));
  for (const domain of domains) left = without(left, domain, /[\p{L}\p{N}.-]/u);
  for (const word of words) left = without(left, word, /[\p{L}\p{N}_-]/u);
  return mentions(left, identifying) ? REMOVED : left;
}

/**
 * True for a text that contains an address of a member, or names it in any spelling: defanged, in other letter cases, and
 * with other characters or none between its letters and digits.
 */
export function mentions(written: string, identifying: Identifying): boolean {
  const { words, domains } = identifying;
  const plain = plainLetters(written);
  return (
    [...domains, ...words].some((word) => spelled(plainLetters(word))?.test(plain) === true) ||
    (plain.match(ADDRESS) ?? []).some((found) => isHeld(found, identifying))
  );
}

/** True for a text that is an address or a network of the member. A final dot or colon belongs to the sentence around it. */
function isHeld(found: string, { holds }: Identifying): boolean {
  const network = parseNetwork(found.replaceAll(/[[\]()]/g, '').replace(/(?<!:)[.:]$/, ''));
  return network !== undefined && holds(network);
}

/**
 * Matches a name as a whole word. Between its parts, and between all letters of a longer name, there can be up to three
 * other characters. Two short letters with something between them are in many texts. Letters and other characters differ,
 * so the time is linear.
 */
function spelled(name: string): RegExp | undefined {
  const parts = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  const letters = Array.from(parts.join(''));
  if (letters.length === 0) return undefined;
  const pieces = letters.length < SHORT ? parts : letters;
  return new RegExp(`(?<![\\p{L}\\p{N}])${pieces.join('[^\\p{L}\\p{N}]{0,3}')}(?![\\p{L}\\p{N}])`, 'u');
}

function plainLetters(written: string): string {
  return written
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/[[({]\s*(?:\.|dot)\s*[\])}]/g, '.');
}

/** Returns where a word begins in a text, as a whole word. -1 if it does not. */
function at(written: string, word: string, from: number): number {
  if (word === '') return -1;
  for (let i = written.indexOf(word, from); i >= 0; i = written.indexOf(word, i + 1))
    if (!endsInLetter(written, i) && !beginsWithLetter(written, i + word.length)) return i;
  return -1;
}

/*
 * A character has at most two code units. Nothing else of the text is read, because members can submit texts of millions
 * of characters in which their name is part of every word.
 */
function endsInLetter(written: string, end: number): boolean {
  return /[\p{L}\p{N}]$/u.test(written.slice(Math.max(0, end - 2), end));
}

function beginsWithLetter(written: string, begin: number): boolean {
  return /^[\p{L}\p{N}]/u.test(written.slice(begin, begin + 2));
}

/** Removes a word from a text, together with the characters directly around it that match `joined`. */
function without(written: string, word: string, joined: RegExp): string {
  const [lower, wanted] = [written.toLowerCase(), word.toLowerCase()];
  // In some languages lower-case texts have another length. The caller then removes the whole text.
  if (lower.length !== written.length) return written;
  const left: string[] = [];
  let end = 0;
  for (let i = at(lower, wanted, 0); i >= 0; i = at(lower, wanted, end)) {
    let begin = i;
    while (begin > end && joined.test(written.charAt(begin - 1))) begin--;
    left.push(written.slice(end, begin), REMOVED);
    end = i + wanted.length;
    while (end < written.length && joined.test(written.charAt(end))) end++;
  }
  return left.join('') + written.slice(end);
}
