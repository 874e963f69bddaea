// Longer than 400 lines: one scanner over bytes; its states share local variables, because it runs for every byte that
// arrives.
import { isAscii, isUtf8 } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import type { Problem } from './problem.ts';
import { kernelErrors } from './errors.ts';
import { nameHash } from './json-shape.ts';

/**
 * The JSON gate: one linear pass over the bytes of a document in the format `{"objects": [...]}`. It rejects input that
 * must never reach a parser, and yields the position of each object. The exact text of an object can therefore be
 * stored, hashed and served without being serialised again.
 *
 * A fault of the document as a whole (invalid JSON, invalid UTF-8, too many parts) is thrown as a Problem. A fault of a
 * single object belongs to that object, and the rest of the document is read.
 */
export interface GateLimits {
  /** Maximum nesting depth of one object. */
  readonly depth: number;
  /** Maximum number of members, items and brackets in the whole document. */
  readonly tokens: number;
  /** Maximum number of objects in the list. */
  readonly objects: number;
  /** Maximum number of members of one JSON object. */
  readonly keys: number;
  /** Maximum number of items of one array inside an object. */
  readonly items: number;
  /** Maximum number of members, items and brackets of one object. */
  readonly values: number;
  /** Maximum number of characters of one member name. */
  readonly keyLength: number;
  /** Maximum number of bytes of one string as written. */
  readonly stringBytes: number;
  /** Maximum number of characters of one number as written. */
  readonly numberLength: number;
  /** Maximum number of bytes of one object as written. */
  readonly objectBytes: number;
  /**
   * Number of members of one object that may be written before different names are counted, and maximum number of
   * different names after that.
   */
  readonly names: number;
}

export const GATE_LIMITS: GateLimits = {
  depth: 64,
  tokens: 2_000_000,
  objects: 100_000,
  keys: 10_000,
  items: 50_000,
  values: 200_000,
  keyLength: 256,
  stringBytes: 1_048_576,
  numberLength: 64,
  objectBytes: 8_388_608,
  names: 10_000,
};

/** The reason why one object is rejected. `pointer` is relative to the object. */
export interface GateFault {
  /**
   * The kind of fault. `float` and `integer` are numbers that JSON can express but programs cannot represent, because
   * they are too large, or too large to be exact. The others are limits of the hub that no standard sets: L-001
   * nesting, L-002 members, L-003 items of a list, L-004 a member name, L-005 a string, L-006 the total, L-011 the
   * size, L-012 different member names, L-013 a number, L-014 forbidden member names, L-015 NUL characters.
   */
  readonly kind?:
    | 'float' | 'integer' | 'L-001' | 'L-002' | 'L-003' | 'L-004' | 'L-005' | 'L-006' | 'L-011' | 'L-012' | 'L-013'
    | 'L-014' | 'L-015'; // prettier-ignore
  /** The member `id` of the object, where the text shows it. */
  readonly id?: string;
  readonly pointer: string;
  readonly message: string;
}

/** One item of the list: its position in the document, and what the pass has counted in it. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** Number of member names in it, at every depth. */
  readonly keys: number;
  readonly fault: GateFault | undefined;
}

/** A document after the gate, with its objects and other members. */
export interface GatedDocument {
  readonly bytes: Buffer;
  readonly ascii: boolean;
  readonly objects: readonly Span[];
  /** The other members of the document, parsed (`type` and `id` of a bundle, for example). */
  readonly members: ReadonlyMap<string, unknown>;
  /** False when the document has no member `objects`. */
  readonly hasObjects: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;

function notJson(what: string, at: number): Problem {
  return kernelErrors.invalidJson({ what, at });
}

function tooMuch(what: string): Problem {
  return kernelErrors.tooMuchJson({ what });
}

/**
 * Maximum number of bytes read and list items found before other requests get their turn. This takes a few
 * milliseconds.
 */
const SLICE_BYTES = 1_048_576;
const SLICE_VALUES = 10_000;
/** Number of bytes of a string that are read one by one before its end is searched. */
const NEAR_BYTES = 64;
/** Maximum number of bytes whose encoding is checked in one go. This check is about ten times as fast as the scan. */
const ENCODING_BYTES = 8 * SLICE_BYTES;

/**
 * Runs the gate over `bytes` without pauses. `list` is the name of the list of objects. Throws a Problem when the
 * document is unreadable.
 */
export function gate(bytes: Buffer, limits: GateLimits = GATE_LIMITS, list = 'objects'): GatedDocument {
  const steps = passOver(bytes, limits, list);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * Runs the gate in slices, with the same result as `gate`. Other requests get their turn between slices. It
 * is used for network input, because a document of 100 MB takes longer than other requests should have to
 * wait.
 */
export async function gateSliced(
  bytes: Buffer,
  limits: GateLimits = GATE_LIMITS,
  turn: () => Promise<unknown> = () => setImmediate(),
  list = 'objects',
): Promise<GatedDocument> {
  const steps = passOver(bytes, limits, list);
  for (;;) {
    const step = steps.next();
    if (step.done !== true) await turn();
    else {
      // The caller parses the objects next, which takes long enough for a large one.
      if (bytes.length > SLICE_BYTES / 4) await turn();
      return step.value;
    }
  }
}

/** Returns whether the character at `at` is escaped in a string whose text from `from` on begins unescaped. */
function isEscaped(bytes: Buffer, from: number, at: number): boolean {
  let before = at;
  while (before > from && bytes[before - 1] === BACKSLASH) before--;
  return (at - before) % 2 === 1;
}

/** The scan, which pauses at the end of every slice. */
function* passOver(bytes: Buffer, limits: GateLimits, list = 'objects'): Generator<undefined, GatedDocument> {
  let ascii = true;
  for (let start = 0; start < bytes.length;) {
    const end = characterEnd(bytes, start + ENCODING_BYTES);
    const part = bytes.subarray(start, end);
    if (!isUtf8(part)) {
      throw kernelErrors.notUtf8();
    }
    ascii &&= isAscii(part);
    start = end;
    if (start < bytes.length) yield;
  }
  return yield* new Scanner(bytes, limits, ascii, list).document();
}

/**
 * Returns the last position up to `at` that does not split a character. Text that is not UTF-8 may have no
 * such position nearby. Then it returns `at`.
 */
function characterEnd(bytes: Buffer, at: number): number {
  if (at >= bytes.length) return bytes.length;
  for (let end = at; end > at - 4; end--) if (((bytes[end] ?? 0) & 0xc0) !== 0x80) return end;
  return at;
}

class Scanner {
  readonly #b: Buffer;
  readonly #limits: GateLimits;
  readonly #ascii: boolean;
  readonly #listName: string;
  #at: number;
  #tokens = 0;
  // Results of the last skip, kept in fields so that the hot loop allocates nothing.
  #keys = 0;
  #fault: GateFault | undefined;
  /** The position at which the current slice ends. */
  #pause = SLICE_BYTES;

  constructor(bytes: Buffer, limits: GateLimits, ascii: boolean, list: string) {
    this.#b = bytes;
    this.#limits = limits;
    this.#ascii = ascii;
    this.#listName = list;
    // One byte order mark is accepted (RFC 8259 §8.1 allows parsers to ignore it).
    this.#at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  }

  *document(): Generator<undefined, GatedDocument> {
    const members = new Map<string, unknown>();
    let objects: Span[] | undefined;
    while (this.#space()) yield;
    if (this.#b[this.#at] !== OPEN_BRACE) throw notJson('The document is not a JSON object', this.#at);
    this.#at++;
    let first = true;
    for (;;) {
      while (this.#space()) yield;
      if (this.#b[this.#at] === CLOSE_BRACE && first) {
        this.#at++;
        break;
      }
      const name = yield* this.#memberName();
      if (members.has(name) || (name === this.#listName && objects !== undefined)) {
        throw notJson(`The member name "${name.slice(0, 64)}" is repeated`, this.#at);
      }
      while (this.#space()) yield;
      if (name === this.#listName && this.#b[this.#at] === OPEN_BRACKET) objects = yield* this.#list();
      else members.set(name, yield* this.#parsed());
      first = false;
      while (this.#space()) yield;
      const c = this.#b[this.#at++];
      if (c === CLOSE_BRACE) break;
      if (c !== COMMA) throw notJson('A comma or } is missing', this.#at - 1);
    }
    while (this.#space()) yield;
    if (this.#at < this.#b.length) throw notJson('There is text after the end', this.#at);
    if (members.has(this.#listName)) {
      throw kernelErrors.objectsNotList();
    }
    return {
      bytes: this.#b,
      ascii: this.#ascii,
      objects: objects ?? [],
      members,
      hasObjects: objects !== undefined,
    };
  }

  *#list(): Generator<undefined, Span[]> {
    const spans: Span[] = [];
    this.#at++;
    while (this.#space()) yield;
    if (this.#b[this.#at] === CLOSE_BRACKET) {
      this.#at++;
      return spans;
    }
    for (;;) {
      while (this.#space()) yield;
      const start = this.#at;
      yield* this.#skip();
      spans.push({ start, end: this.#at, keys: this.#keys, fault: this.#fault });
      if (spans.length > this.#limits.objects) throw tooMuch(`more than ${this.#limits.objects} objects`);
      if (spans.length % SLICE_VALUES === 0) yield;
      while (this.#space()) yield;
      const c = this.#b[this.#at++];
      if (c === CLOSE_BRACKET) return spans;
      if (c !== COMMA) throw notJson('A comma or ] is missing', this.#at - 1);
    }
  }

  *#memberName(): Generator<undefined, string> {
    if (this.#b[this.#at] !== QUOTE) throw notJson('A member name is missing', this.#at);
    const name = yield* this.#parsed();
    while (this.#space()) yield;
    if (this.#b[this.#at] !== COLON) throw notJson('A colon is missing', this.#at);
    this.#at++;
    return String(name);
  }

  *#parsed(): Generator<undefined, unknown> {
    const start = this.#at;
    yield* this.#skip();
    if (this.#fault !== undefined)
      throw tooMuch(`a value beyond the limit ${this.#fault.kind ?? 'L-006'} (${this.#fault.message})`);
    try {
      return JSON.parse(this.#b.toString('utf8', start, this.#at)) as unknown;
    } catch {
      throw notJson('There is no valid value', start);
    }
  }

  /** Moves past one value. It only finds the end and counts. The grammar is checked when the value is parsed. */
  // oxlint-disable-next-line max-lines-per-function -- One loop over bytes. A call for each byte would be slow.
  *#skip(): Generator<undefined, void> {
    const b = this.#b;
    const n = b.length;
    const { depth: deepest, stringBytes, numberLength } = this.#limits;
    let i = this.#at;
    let depth = 0;
    let keys = 0;
    let parts = 0;
    let fault: GateFault | undefined;
    // Parsing is slow when each name is new. Names are compared once there are too many to be harmless.
    let names: Set<number> | undefined;
    let nameStart = 0;
    let nameEnd = 0;
    let pause = this.#pause;
    for (;;) {
      if (i >= n) throw notJson('The text ends in the middle of a value', n);
      if (i >= pause) {
        yield;
        pause = this.#pause = i + SLICE_BYTES;
      }
      const c = b[i] as number;
      if (c === QUOTE) {
        const start = ++i;
        let near = i + NEAR_BYTES;
        for (;;) {
          if (i >= n) throw notJson('A string has no end', start - 1);
          const s = b[i] as number;
          if (s === QUOTE) break;
          if (i >= pause) {
            yield;
            pause = this.#pause = i + SLICE_BYTES;
          }
          i += s === BACKSLASH ? 2 : 1;
          if (i < near) continue;
          // A search passes over the rest of a long string faster than this loop, as far as the slice goes.
          const end = Math.min(n, Math.max(pause, i));
          const quote = b.subarray(i, end).indexOf(QUOTE);
          const next = quote < 0 ? end : i + quote;
          i = isEscaped(b, i, next) ? next + 1 : next;
          near = i + NEAR_BYTES;
        }
        if (i - start > stringBytes)
          fault ??= { kind: 'L-005', pointer: '', message: `a string is longer than ${stringBytes} bytes` };
        nameStart = start;
        nameEnd = i;
        i++;
        if (depth === 0) break;
      } else if (c === COLON) {
        // Further names would only fill the set: the object is rejected as soon as it has a fault.
        if (++keys > this.#limits.names && fault === undefined) {
          names ??= new Set();
          names.add(nameHash(b, nameStart, nameEnd));
          if (names.size > this.#limits.names)
            fault ??= {
              kind: 'L-012',
              pointer: '',
              message: `has more than ${this.#limits.names} different member names after its first ${this.#limits.names} members`,
            };
        }
        i++;
      } else if (c === COMMA) {
        if (depth === 0) break;
        parts++;
        i++;
      } else if (c === OPEN_BRACE || c === OPEN_BRACKET) {
        parts++;
        depth++;
        if (depth > deepest)
          fault ??= { kind: 'L-001', pointer: '', message: `nested deeper than ${deepest} levels` };
        i++;
      } else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) {
        if (depth === 0) break;
        i++;
        if (--depth === 0) break;
      } else if (c <= 0x20) {
        if (depth === 0) break;
        i++;
      } else {
        // A number or a word. Only numbers can be long and valid.
        const start = i;
        do {
          if (++i >= pause) {
            yield;
            pause = this.#pause = i + SLICE_BYTES;
          }
        } while (i < n && isWordByte(b[i] as number));
        if (i - start > numberLength) {
          fault ??= {
            kind: 'L-013',
            pointer: '',
            message: `a number is longer than ${numberLength} characters`,
          };
        }
        if (depth === 0) break;
      }
    }
    if (i === this.#at) throw notJson('A value is missing', i);
    if (keys + parts > this.#limits.values)
      fault ??= {
        kind: 'L-006',
        pointer: '',
        message: `has more than ${this.#limits.values} values in total`,
      };
    if (i - this.#at > this.#limits.objectBytes)
      fault ??= {
        kind: 'L-011',
        pointer: '',
        message: `is larger than ${this.#limits.objectBytes} bytes`,
      };
    this.#tokens += keys + parts;
    if (this.#tokens > this.#limits.tokens) throw tooMuch(`more than ${this.#limits.tokens} parts`);
    this.#at = i;
    this.#keys = keys;
    this.#fault = fault;
  }

  /** Skips white space. True when the slice ended first. */
  #space(): boolean {
    for (;;) {
      const c = this.#b[this.#at];
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return false;
      if (++this.#at < this.#pause) continue;
      this.#pause = this.#at + SLICE_BYTES;
      return true;
    }
  }
}

function isWordByte(c: number): boolean {
  return c > 0x20 && c !== COMMA && c !== CLOSE_BRACE && c !== CLOSE_BRACKET && c !== COLON && c !== QUOTE;
}

/** A parsed JSON object of the list. */
export interface GatedObject {
  /** Its exact text as received. */
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Returns the exact text of one span. */
export function textOf(document: GatedDocument, span: Span): string {
  return document.ascii
    ? document.bytes.toString('latin1', span.start, span.end)
    : document.bytes.toString('utf8', span.start, span.end);
}

/**
 * Parses one object of a gated document and checks every name, string and number in it once. Returns the fault of that
 * object if it is rejected. Throws a Problem when its text is invalid JSON, because then the whole document is.
 */
export function readObject(
  document: GatedDocument,
  span: Span,
  limits: GateLimits = GATE_LIMITS,
): GatedObject | GateFault {
  if (span.fault !== undefined) return identified(span.fault, idIn(document, span));
  const text = textOf(document, span);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notJson(error instanceof Error ? error.message.slice(0, 120) : 'A value is wrong', span.start);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { pointer: '', message: 'is not a JSON object' };
  }
  const inspection = new Inspection(limits);
  inspection.object(value as Record<string, unknown>);
  const { id } = value as { id?: unknown };
  if (inspection.fault !== undefined) return identified(inspection.fault, id);
  // JSON.parse keeps only the last of several members with the same name. The object then has fewer names than the
  // text.
  if (inspection.keys !== span.keys)
    return identified({ pointer: '', message: 'a member name is repeated in one object' }, id);
  return { text, value: value as Record<string, unknown> };
}

/** Longer texts are not identifiers. */
const LONGEST_ID = 300;

function identified(fault: GateFault, id: unknown): GateFault {
  return typeof id === 'string' && id.length <= LONGEST_ID && id.isWellFormed() ? { ...fault, id } : fault;
}

/**
 * Returns the member `id` of an object that is not parsed, because it is beyond a limit. It looks only at the members of
 * the object itself, and not further than the largest accepted object is long.
 */
function idIn({ bytes }: GatedDocument, { start, end }: Span): string | undefined {
  const last = Math.min(end, start + GATE_LIMITS.objectBytes);
  let depth = 0;
  let name = '';
  for (let i = start; i < last; i++) {
    const c = bytes[i];
    if (c === QUOTE) {
      const from = i + 1;
      i = bytes.indexOf(QUOTE, from);
      while (i >= 0 && isEscaped(bytes, from, i)) i = bytes.indexOf(QUOTE, i + 1);
      if (i < 0 || i >= last) return undefined;
      if (depth !== 1 || i - from > LONGEST_ID) continue;
      const text = bytes.toString('utf8', from, i);
      if (name === 'id') return text.includes('\\') ? undefined : text;
      // A name precedes a colon, and everything else is a value.
      let after = i + 1;
      while (after < last && (bytes[after] ?? 0) <= 0x20) after++;
      name = bytes[after] === COLON ? text : '';
    } else if (c === OPEN_BRACE || c === OPEN_BRACKET) depth++;
    else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) depth--;
    else if (c === COMMA) name = '';
  }
  return undefined;
}

/** True for a result of `readObject` that is an accepted object. */
export function isGated(result: GatedObject | GateFault): result is GatedObject {
  return 'value' in result;
}

const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

class Inspection {
  readonly #limits: GateLimits;
  keys = 0;
  fault: GateFault | undefined;

  constructor(limits: GateLimits) {
    this.#limits = limits;
  }

  /** Recursion is safe here because the pass over the bytes has limited the depth. */
  object(value: Record<string, unknown>): void {
    let members = 0;
    // Objects from JSON.parse have only own members, so for-in visits exactly these without creating a list of names.
    for (const name in value) {
      members++;
      if (!plainName(name, this.#limits.keyLength))
        this.#say('', nameFault(name, this.#limits.keyLength), nameRule(name, this.#limits.keyLength));
      this.#value(value[name], name);
    }
    this.keys += members;
    if (members > this.#limits.keys) this.#say('', `has more than ${this.#limits.keys} members`, 'L-002');
  }

  #value(value: unknown, name: string): void {
    if (typeof value === 'string') {
      if (!value.isWellFormed())
        this.#say(name, 'contains half of a surrogate pair, which is not valid Unicode text');
      else if (value.includes('\0')) this.#say(name, 'contains a NUL character', 'L-015');
    } else if (typeof value === 'number') {
      if (!Number.isFinite(value)) this.#say(name, 'is a number that is too large to be stored', 'float');
      else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
        this.#say(name, 'is an integer outside ±(2^53 − 1), which cannot be stored exactly', 'integer');
      }
    } else if (Array.isArray(value)) {
      if (value.length > this.#limits.items)
        this.#say(name, `has more than ${this.#limits.items} items`, 'L-003');
      for (const item of value) this.#value(item, name);
    } else if (typeof value === 'object' && value !== null) {
      this.object(value as Record<string, unknown>);
    }
  }

  #say(name: string, message: string, kind?: GateFault['kind']): void {
    const pointer = name === '' ? '' : `/${name.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')}`;
    this.fault ??= { pointer, message, ...(kind === undefined ? {} : { kind }) };
  }
}

/** Fast path: common names need no further check. */
function plainName(name: string, longest: number): boolean {
  if (name.length === 0 || name.length > longest) return false;
  const c = name.charCodeAt(0);
  if (c === 0x24 || c === 0x5f || c === 0x63 || c === 0x70) {
    if (c === 0x24 || FORBIDDEN_NAMES.has(name)) return false;
  }
  for (let i = 0; i < name.length; i++) {
    const k = name.charCodeAt(i);
    if (k === 0 || (k >= 0xd800 && k <= 0xdfff && !name.isWellFormed())) return false;
  }
  return true;
}

/** The names are legal JSON, except those with half of a surrogate pair. */
function nameRule(name: string, longest: number): GateFault['kind'] {
  if (name.length > longest) return 'L-004';
  return name.isWellFormed() ? 'L-014' : undefined;
}

function nameFault(name: string, longest: number): string {
  if (name.length === 0) return 'has a member with an empty name';
  if (name.length > longest) return `has a member name longer than ${longest} characters`;
  if (FORBIDDEN_NAMES.has(name)) return `has a member named "${name}", which is not allowed`;
  if (name.startsWith('$')) return 'has a member name that begins with $';
  return 'has a member name with a character that is not allowed';
}
