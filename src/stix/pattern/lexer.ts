import { MOST_FRACTION_DIGITS, timestampFault } from '../timestamps.ts';

/** The reason why a pattern was rejected: the rule id, the position (offset in characters, from 0) and a sentence. */
export class PatternError extends Error {
  readonly rule: string;
  readonly offset: number;
  /** The text that was probably meant. */
  readonly suggestion: string | undefined;

  constructor(rule: string, offset: number, message: string, suggestion?: string) {
    super(suggestion === undefined ? message : `${message}; did you mean ${suggestion}?`);
    this.name = 'PatternError';
    this.rule = rule;
    this.offset = offset;
    this.suggestion = suggestion;
  }
}

export type TokenKind =
  'word' | 'string' | 'integer' | 'float' | 'hex' | 'binary' | 'timestamp' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** A word or symbol as written, the decoded value of a literal, or the digits of a number. */
  readonly text: string;
  readonly offset: number;
  /** True when white space or a comment precedes it. */
  readonly spaced: boolean;
}

const SPACE = /[\p{White_Space}]/u;
const TYPE_TAIL = /(?:-\w+)*/y;
const HEX = /^(?:[0-9a-f]{2})*$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function isSpace(code: number, char: string): boolean {
  if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) return true;
  return code > 0x7f && SPACE.test(char);
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isWordStart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f;
}

/** Splits a pattern into tokens, one at a time and in one pass (STIX 2.1 §9.2). */
export class Lexer {
  readonly #text: string;
  #at = 0;
  readonly warnings: string[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * Returns what follows the first word of a type name, and goes past it. Only type names contain hyphens, before letters
   * and before digits (STIX 2.1 §9.7): in `x-2fa-token`, `-2` is not a number.
   */
  typeTail(): string {
    TYPE_TAIL.lastIndex = this.#at;
    const [tail = ''] = TYPE_TAIL.exec(this.#text) ?? [];
    this.#at += tail.length;
    return tail;
  }

  next(): Token {
    const spaced = this.#space();
    const t = this.#text;
    const offset = this.#at;
    if (offset >= t.length) return { kind: 'end', text: '', offset, spaced };
    const code = t.charCodeAt(offset);
    if (isWordStart(code)) {
      if (t.charCodeAt(offset + 1) === 0x27 && (code === 0x68 || code === 0x62 || code === 0x74)) {
        return this.#literal(code, offset, spaced);
      }
      let end = offset + 1;
      while (end < t.length && (isWordStart(t.charCodeAt(end)) || isDigit(t.charCodeAt(end)))) end++;
      this.#at = end;
      return { kind: 'word', text: t.slice(offset, end), offset, spaced };
    }
    if (code === 0x27) return { kind: 'string', text: this.#quoted(offset), offset, spaced };
    if (
      isDigit(code) ||
      (code === 0x2e && isDigit(t.charCodeAt(offset + 1))) ||
      (code === 0x2d && this.#numberAfterMinus(offset))
    ) {
      return this.#number(offset, spaced);
    }
    const pair = t.slice(offset, offset + 2);
    if (pair === '<=' || pair === '>=' || pair === '!=' || pair === '==' || pair === '<>') {
      this.#at = offset + 2;
      if (pair === '==' || pair === '<>') {
        this.warnings.push(`${pair} is not in the standard; write ${pair === '==' ? '=' : '!='}`);
        return { kind: 'symbol', text: pair === '==' ? '=' : '!=', offset, spaced };
      }
      return { kind: 'symbol', text: pair, offset, spaced };
    }
    this.#at = offset + 1;
    const char = t.charAt(offset);
    if ('[]()=<>:.,*-'.includes(char)) return { kind: 'symbol', text: char, offset, spaced };
    if (char === '"')
      throw new PatternError('P-003', offset, 'write strings in apostrophes, not in double quotes');
    if (char === '+') throw new PatternError('P-007', offset, 'write a number without a plus sign');
    if (char === '/')
      throw new PatternError('P-015', offset, 'write a regular expression as a string in apostrophes');
    throw new PatternError('P-002', offset, `the character ${JSON.stringify(char)} has no meaning here`);
  }

  #numberAfterMinus(offset: number): boolean {
    const next = this.#text.charCodeAt(offset + 1);
    return isDigit(next) || (next === 0x2e && isDigit(this.#text.charCodeAt(offset + 2)));
  }

  /** Skips white space and comments. */
  #space(): boolean {
    const t = this.#text;
    const from = this.#at;
    for (;;) {
      const code = t.charCodeAt(this.#at);
      if (Number.isNaN(code)) break;
      if (isSpace(code, t.charAt(this.#at))) this.#at++;
      else if (code === 0x2f && t.charCodeAt(this.#at + 1) === 0x2a) {
        const end = t.indexOf('*/', this.#at + 2);
        if (end < 0) throw new PatternError('P-001', this.#at, 'a comment has no end');
        this.#comment();
        this.#at = end + 2;
      } else if (code === 0x2f && t.charCodeAt(this.#at + 1) === 0x2f) {
        this.#comment();
        while (this.#at < t.length && t.charCodeAt(this.#at) !== 0x0a) this.#at++;
      } else break;
    }
    return this.#at > from;
  }

  #comment(): void {
    if (this.warnings.length < 10) this.warnings.push('comments are not in the standard');
  }

  /** Reads a string from its opening apostrophe at `offset`. Returns the value with its two escapes resolved. */
  #quoted(offset: number): string {
    const t = this.#text;
    let out = '';
    let from = offset + 1;
    for (let i = from; i < t.length; i++) {
      const code = t.charCodeAt(i);
      if (code === 0x27) {
        this.#at = i + 1;
        return out + t.slice(from, i);
      }
      if (code === 0x5c) {
        const escaped = t.charCodeAt(i + 1);
        if (escaped !== 0x27 && escaped !== 0x5c) {
          throw new PatternError(
            'P-003',
            i,
            "a backslash is allowed only before ' or another backslash; write \\\\ for one",
          );
        }
        out += t.slice(from, i);
        from = i + 1;
        i++;
      }
    }
    throw new PatternError('P-003', offset, 'a string has no closing apostrophe');
  }

  #literal(code: number, offset: number, spaced: boolean): Token {
    const text = this.#quoted(offset + 1);
    if (code === 0x68) {
      if (!HEX.test(text))
        throw new PatternError(
          'P-004',
          offset,
          "h'…' must contain an even number of digits 0-9 and a-f in lower case",
        );
      return { kind: 'hex', text, offset, spaced };
    }
    if (code === 0x62) {
      const joined = text.replaceAll(/[\r\n]/g, '');
      if (!BASE64.test(joined)) throw new PatternError('P-005', offset, "b'…' must contain padded base64");
      return { kind: 'binary', text: joined, offset, spaced };
    }
    const fault = timestampFault(text);
    if (fault !== undefined) {
      throw new PatternError(
        fault === 'fraction' ? 'L-010' : 'P-006',
        offset,
        fault === 'fraction'
          ? `a timestamp has at most ${MOST_FRACTION_DIGITS} fraction digits`
          : `t'…' must contain a real time such as 2026-01-01T00:00:00Z, found ${JSON.stringify(text.slice(0, 40))}`,
      );
    }
    return { kind: 'timestamp', text, offset, spaced };
  }

  #number(offset: number, spaced: boolean): Token {
    const t = this.#text;
    let end = offset;
    if (t.charCodeAt(end) === 0x2d) end++;
    const whole = end;
    while (isDigit(t.charCodeAt(end))) end++;
    if (end - whole > 1 && t.charCodeAt(whole) === 0x30)
      throw new PatternError('P-007', offset, 'a number has no leading zeros');
    let kind: 'integer' | 'float' = 'integer';
    if (t.charCodeAt(end) === 0x2e) {
      const fraction = ++end;
      while (isDigit(t.charCodeAt(end))) end++;
      if (end === fraction) throw new PatternError('P-007', offset, 'digits are missing after the point');
      kind = 'float';
    }
    if (isWordStart(t.charCodeAt(end)))
      throw new PatternError(
        'P-007',
        offset,
        'write a number in plain digits, without an exponent or prefix',
      );
    this.#at = end;
    const text = t.slice(offset, end);
    if (kind === 'integer' && !Number.isSafeInteger(Number(text))) {
      throw new PatternError('P-008', offset, 'an integer must be within ±(2^53 − 1)');
    }
    return { kind, text, offset, spaced };
  }
}
