import { schemaDocument } from '../kernel/schema-files.ts';
import type { SchemaWords } from '../kernel/validate.ts';
import { nearest } from '../kernel/nearest.ts';
import { writtenFamily } from '../kernel/address.ts';
import { timestampFault } from './timestamps.ts';
import { urlFault } from './urls.ts';

/** Longer than any registered tag. It limits the work of the expression on text from other people. */
const LONGEST_TAG = 100;
const LANGUAGE_TAG =
  /^(?:([a-z]{2,3})(?:-[a-z]{3}){0,3}|i-[a-z]{2,20}|x(?:-[a-z0-9]{1,8}){1,8})(?:-([a-z]{4}))?(?:-([a-z]{2}|\d{3}))?(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3})){0,4}(?:-[a-wy-z0-9](?:-[a-z0-9]{2,8}){1,8}){0,4}(?:-x(?:-[a-z0-9]{1,8}){1,8})?$/i;

/** Tables of names are large, so each is loaded when a tag needs it. */
const names = new Map<'language' | 'script' | 'region', Intl.DisplayNames>();

function namesOf(kind: 'language' | 'script' | 'region'): Intl.DisplayNames {
  let table = names.get(kind);
  if (table === undefined)
    names.set(kind, (table = new Intl.DisplayNames(['en'], { type: kind, fallback: 'none' })));
  return table;
}

const registered = new Map<string, boolean>();

function isRegistered(kind: 'language' | 'script' | 'region', subtag: string): boolean {
  const key = `${kind} ${subtag.toLowerCase()}`;
  let known = registered.get(key);
  if (known === undefined) {
    try {
      known = namesOf(kind).of(subtag) !== undefined;
    } catch {
      known = false;
    }
    if (registered.size < 10_000) registered.set(key, known);
  }
  return known;
}

/**
 * True for a language tag (RFC 5646) with registered subtags. Two-letter languages, scripts and regions are looked up
 * in Node's tables. For the eight thousand three-letter languages, only the format is checked.
 */
function isLanguageTag(tag: string): boolean {
  if (tag.length > LONGEST_TAG) return false;
  const parts = LANGUAGE_TAG.exec(tag);
  if (parts === null) return false;
  const [, language, script, region] = parts;
  return (
    (language === undefined || language.length === 3 || isRegistered('language', language)) &&
    (script === undefined || isRegistered('script', script)) &&
    (region === undefined || /^\d/.test(region) || isRegistered('region', region))
  );
}

/** One label of a host name: letters and digits of any script, hyphens inside, and underscores as in `_dmarc`. */
const LABEL = /^[\p{L}\p{N}_](?:[\p{L}\p{N}\p{M}_-]{0,61}[\p{L}\p{N}\p{M}_])?$/u;
/** Labels with hyphens in the third and fourth position are reserved for A-labels (RFC 5890 §2.3.1). */
const RESERVED = /^..--/;
const A_LABEL = /^xn--[a-z0-9](?:[a-z0-9-]{0,57}[a-z0-9])?$/i;

/**
 * True for a host name: labels of 1 to 63 characters, 253 in total. A-labels, U-labels and labels with underscores are
 * accepted.
 */
function isHostName(value: string): boolean {
  const name = value.endsWith('.') ? value.slice(0, -1) : value;
  if (name.length === 0 || name.length > 253) return false;
  return name.split('.').every((label) => (RESERVED.test(label) ? A_LABEL.test(label) : LABEL.test(label)));
}

/**
 * True for an addr-spec (RFC 5322) without a display name: a dot-atom or quoted local part, then a host or a literal in
 * brackets.
 */
function isMailAddress(value: string): boolean {
  if (value.length > 320) return false;
  const cut = value.lastIndexOf('@');
  const local = value.slice(0, cut);
  const host = value.slice(cut + 1);
  if (cut < 1 || local.length > 64) return false;
  const atoms = local.split('.');
  const named =
    atoms.every((atom) => /^[^\s\p{Cc}<>@(),:;"\\[\]]+$/u.test(atom)) || /^"[^"\\\r\n]*"$/.test(local);
  return named && (isHostName(host) || /^\[[0-9A-Za-z:.]+\]$/.test(host));
}

function isNetworkOf(family: 4 | 6): (value: string) => boolean {
  return (value) => writtenFamily(value) === family;
}

/** A CPE 2.3 formatted string: `cpe:2.3:` and eleven components with escaped colons. */
const CPE = /^cpe:2\.3:[aho*-](?::(?:[^\s:\\]|\\[!-~]){1,255}){10}$/;

const CHARSET = /^[A-Za-z][A-Za-z0-9._:+-]{1,44}$/;
/**
 * IANA's preferred names that email and file systems use. Further members of their families are recognised by prefix.
 */
const CHARSETS =
  /^(?:us-ascii|utf-?(?:7|8|16|16be|16le|32|32be|32le)|iso-8859-(?:[1-9]|1[0-6])(?:-[ei])?|iso-10646-.+|iso-2022-(?:jp|kr|cn|jp-2|cn-ext)|windows-(?:874|936|125[0-8]|31j)|shift_jis|euc-(?:jp|kr)|gb2312|gbk|gb18030|big5(?:-hkscs)?|koi8-[ru]|tis-620|viscii|hz-gb-2312|macintosh|ibm\d{3,5}|cp\d{3,5}|tscii|adobe-.+|hp-.+|kz-1048|ptcp154|bocu-1|cesu-8|scsu)$/i;

/** True for the IANA name of a character set that is in use (STIX 2.1 §3.9.1). */
function isCharset(value: string): boolean {
  return CHARSET.test(value) && CHARSETS.test(value);
}

const vocabularies = new Map<string, ReadonlySet<string>>();

/** Returns the values of an open vocabulary (STIX 2.1 §10). */
export function vocabulary(name: string): ReadonlySet<string> {
  if (vocabularies.size === 0) {
    const parts = schemaDocument('stix/vocabularies.json')['$defs'] as Record<string, { enum: string[] }>;
    for (const [key, part] of Object.entries(parts)) vocabularies.set(key, new Set(part.enum));
  }
  return vocabularies.get(name) ?? new Set();
}

const LOWER_HYPHEN = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** The keywords that the schemas in schemas/stix/ may use in addition to JSON Schema. */
export const STIX_WORDS: SchemaWords = {
  formats: {
    'stix-timestamp': (value) => timestampFault(value) !== 'date',
    'stix-language': isLanguageTag,
    'stix-host': isHostName,
    'stix-uri': (value) => urlFault(value) === undefined,
    'stix-mail': isMailAddress,
    'stix-ipv4': isNetworkOf(4),
    'stix-ipv6': isNetworkOf(6),
    'stix-cpe': (value) => CPE.test(value),
    'stix-charset': isCharset,
  },
  reasons: { 'stix-uri': urlFault },
  notes: {
    'x-vocabulary': (name, value) => {
      const known = vocabulary(String(name));
      if (typeof value !== 'string' || known.has(value)) return undefined;
      const suggestion = nearest(value, known);
      return {
        message: `"${value.slice(0, 80)}" is not in ${String(name)}${suggestion === undefined ? '' : `; did you mean "${suggestion}"?`}`,
        suggestion,
      };
    },
    'x-deprecated': (advice) => ({ message: `is deprecated; ${String(advice)}` }),
    'x-kill-chain': (_, value) => {
      if (typeof value !== 'object' || value === null) return undefined;
      const { kill_chain_name: chain, phase_name: phase } = value as Record<string, unknown>;
      const odd = [chain, phase].find(
        (name): name is string => typeof name === 'string' && !LOWER_HYPHEN.test(name),
      );
      return odd === undefined
        ? undefined
        : { message: `"${odd.slice(0, 80)}" should be written in lower case with hyphens` };
    },
    'x-hashes': (_, value) => {
      if (typeof value !== 'object' || value === null) return undefined;
      const known = vocabulary('hash-algorithm-ov');
      const odd = Object.keys(value).find((name) => !known.has(name));
      if (odd === undefined) return undefined;
      const suggestion = algorithmLike(odd, known);
      return {
        message: `"${odd.slice(0, 80)}" is not in hash-algorithm-ov${suggestion === undefined ? '' : `; did you mean "${suggestion}"?`}`,
        suggestion,
      };
    },
  },
};

/** Returns the algorithm that a misspelt name probably means, such as `sha1`, `SHA_256` or `md5`. */
export function algorithmLike(
  name: string,
  known: ReadonlySet<string> = vocabulary('hash-algorithm-ov'),
): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return [...known].find((algorithm) => plain(algorithm) === plain(name));
}
