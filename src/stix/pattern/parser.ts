// Longer than 400 lines: one recursive-descent parser with a method per rule of the STIX pattern grammar.
import { kindOf } from '../types.ts';
import type {
  Comparison,
  Constant,
  ObjectPath,
  Observation,
  Operator,
  Pattern,
  Qualifier,
  Step,
} from './ast.ts';
import { Lexer, PatternError, type Token } from './lexer.ts';
import { checkOperands, checkPath } from './operands.ts';

/** Limits of a pattern. The parser takes linear time, and these limits bound it. */
export const PATTERN_LIMITS = { length: 65_536, depth: 64, comparisons: 10_000, rule: 'L-008' } as const;

export interface PatternOptions {
  /** The grammar. In 2.0, START and STOP take plain strings. The default is 2.1. */
  readonly version?: '2.0' | '2.1';
  /**
   * Accepts two deviations, which are then in `faults` of the pattern: AND over different types of objects (P-013), and
   * capitals in names of custom properties (P-020). Stored patterns are read like this.
   */
  readonly tolerant?: boolean;
}

/**
 * Parses a STIX pattern (STIX 2.1 §9, conformance level 3). Throws a PatternError with the rule and the position. It
 * never executes a regular expression of the pattern.
 */
export function parsePattern(text: string, options: PatternOptions = {}): Pattern {
  if (text.length > PATTERN_LIMITS.length) {
    throw new PatternError(
      PATTERN_LIMITS.rule,
      PATTERN_LIMITS.length,
      `a pattern has at most ${PATTERN_LIMITS.length} characters`,
    );
  }
  return new Parser(text, options.version ?? '2.1', options.tolerant ?? false).pattern();
}

const COMPARE = new Set(['=', '!=', '<', '<=', '>', '>=']);
const WORDS = new Set(['IN', 'LIKE', 'MATCHES', 'ISSUBSET', 'ISSUPERSET']);
const KEYWORDS = new Set([
  ...WORDS, 'AND', 'OR', 'NOT', 'FOLLOWEDBY', 'EXISTS', 'WITHIN', 'SECONDS', 'REPEATS', 'TIMES', 'START', 'STOP',
]); // prettier-ignore
/** Maximum number of characters of a pattern that the sentence of a fault repeats. */
const MOST_SHOWN = 60;
const TYPE_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** A parsed comparison with the object types that can satisfy it (P-013). */
interface Typed {
  readonly comparison: Comparison;
  readonly types: ReadonlySet<string>;
}

/** Returns a short list of types for display. */
function named(types: ReadonlySet<string>): string {
  return [...types].slice(0, 5).join(' or ');
}

class Parser {
  readonly #lexer: Lexer;
  readonly #version: '2.0' | '2.1';
  #token: Token;
  #depth = 0;
  #comparisons = 0;
  readonly #tolerant: boolean;
  /** Accepted deviations, one for each rule. */
  readonly #faults = new Map<string, PatternError>();

  constructor(text: string, version: '2.0' | '2.1', tolerant: boolean) {
    this.#lexer = new Lexer(text);
    this.#version = version;
    this.#tolerant = tolerant;
    this.#token = this.#lexer.next();
  }

  pattern(): Pattern {
    const root = this.#observations();
    if (this.#token.kind !== 'end') this.#unexpected('the pattern should end here');
    return { root, warnings: this.#lexer.warnings, faults: [...this.#faults.values()] };
  }

  /** Rejects the pattern for a deviation, or remembers it. */
  #deviates(fault: PatternError): void {
    if (!this.#tolerant) throw fault;
    if (!this.#faults.has(fault.rule)) this.#faults.set(fault.rule, fault);
  }

  // ---- observations, outside the brackets

  #observations(): Observation {
    return this.#chain('FOLLOWEDBY', () =>
      this.#chain('OR', () => this.#chain('AND', () => this.#observation())),
    );
  }

  #chain(kind: 'AND' | 'OR' | 'FOLLOWEDBY', operand: () => Observation): Observation {
    const first = operand();
    if (!this.#is(kind)) return first;
    const operands = [first];
    while (this.#take(kind)) operands.push(operand());
    return { kind, operands, qualifiers: [] };
  }

  #observation(): Observation {
    if (this.#take('[')) {
      const { comparison } = this.#comparisonOr();
      if (!this.#take(']')) this.#unexpected('] is missing');
      return { kind: 'observation', comparison, qualifiers: this.#qualifiers() };
    }
    if (this.#is('(')) {
      this.#enter();
      this.#advance();
      const inner = this.#observations();
      if (!this.#take(')')) this.#unexpected(') is missing');
      this.#depth--;
      const qualifiers = this.#qualifiers();
      if (qualifiers.length === 0) return inner;
      // A group in parentheses is an observation expression of its own, so its qualifiers stay separate from inner
      // ones.
      if (inner.qualifiers.length > 0) return { kind: 'AND', operands: [inner], qualifiers };
      return { ...inner, qualifiers };
    }
    return this.#unexpected('an observation begins with [');
  }

  #qualifiers(): readonly Qualifier[] {
    const found: Qualifier[] = [];
    for (;;) {
      const at = this.#token;
      let qualifier: Qualifier;
      if (this.#take('WITHIN')) qualifier = this.#within();
      else if (this.#take('REPEATS')) qualifier = this.#repeats();
      else if (this.#take('START')) qualifier = this.#startStop();
      else return found;
      if (found.some((other) => other.kind === qualifier.kind)) {
        throw new PatternError('P-009', at.offset, `${qualifier.kind} appears twice on one observation`);
      }
      found.push(qualifier);
    }
  }

  #within(): Qualifier {
    const { kind, text, offset } = this.#advance();
    const seconds = Number(text);
    if ((kind !== 'integer' && kind !== 'float') || seconds <= 0) {
      throw new PatternError('P-010', offset, 'WITHIN takes a number of seconds greater than 0');
    }
    if (!this.#take('SECONDS'))
      throw new PatternError('P-010', this.#token.offset, 'the unit SECONDS is missing');
    return { kind: 'WITHIN', seconds, text };
  }

  #repeats(): Qualifier {
    const { kind, text, offset } = this.#advance();
    if (kind !== 'integer' || Number(text) <= 0) {
      throw new PatternError('P-011', offset, 'REPEATS takes a whole number greater than 0');
    }
    if (!this.#take('TIMES'))
      throw new PatternError('P-011', this.#token.offset, 'the word TIMES is missing');
    return { kind: 'REPEATS', times: Number(text) };
  }

  #startStop(): Qualifier {
    const start = this.#instant();
    if (!this.#take('STOP')) throw new PatternError('P-012', this.#token.offset, 'START requires STOP');
    return { kind: 'START', start, stop: this.#instant() };
  }

  #instant(): string {
    const token = this.#advance();
    const fits = token.kind === 'timestamp' || (this.#version === '2.0' && token.kind === 'string');
    if (!fits)
      throw new PatternError(
        'P-012',
        token.offset,
        "START and STOP take a timestamp, t'2026-01-01T00:00:00Z'",
      );
    return token.text;
  }

  // ---- comparisons, inside the brackets

  #comparisonOr(): Typed {
    const first = this.#comparisonAnd();
    if (!this.#is('OR')) return first;
    const operands = [first.comparison];
    const types = new Set(first.types);
    while (this.#take('OR')) {
      const next = this.#comparisonAnd();
      operands.push(next.comparison);
      for (const type of next.types) types.add(type);
    }
    return { comparison: { kind: 'or', operands }, types };
  }

  #comparisonAnd(): Typed {
    const first = this.#test();
    if (!this.#is('AND')) return first;
    const operands = [first.comparison];
    let types: ReadonlySet<string> = first.types;
    while (this.#is('AND')) {
      const { offset } = this.#advance();
      const next = this.#test();
      operands.push(next.comparison);
      const common = new Set([...types].filter((type) => next.types.has(type)));
      if (common.size === 0) {
        this.#deviates(
          new PatternError(
            'P-013',
            offset,
            `no object can be ${named(types)} and ${named(next.types)} at once; join two observations instead: [ … ] AND [ … ]`,
          ),
        );
        types = new Set([...types, ...next.types]);
      } else types = common;
    }
    return { comparison: { kind: 'and', operands }, types };
  }

  #test(): Typed {
    if (this.#is('(')) {
      this.#enter();
      this.#advance();
      const inner = this.#comparisonOr();
      if (!this.#take(')')) this.#unexpected(') is missing');
      this.#depth--;
      return inner;
    }
    if (++this.#comparisons > PATTERN_LIMITS.comparisons) {
      throw new PatternError(
        PATTERN_LIMITS.rule,
        this.#token.offset,
        `a pattern has at most ${PATTERN_LIMITS.comparisons} comparisons`,
      );
    }
    const start = this.#token;
    if (this.#take('NOT')) {
      if (!this.#take('EXISTS'))
        throw new PatternError(
          'P-017',
          start.offset,
          'write NOT between the path and its operator, or before EXISTS',
        );
      return this.#exists(true);
    }
    if (this.#take('EXISTS')) return this.#exists(false);
    const path = this.#path();
    const negated = this.#take('NOT');
    const { operator, offset } = this.#operator();
    const constants = operator === 'IN' ? this.#set() : [this.#constant()];
    checkOperands(path, operator, constants, offset);
    return { comparison: { kind: 'test', path, negated, operator, constants }, types: new Set([path.type]) };
  }

  #exists(negated: boolean): Typed {
    const path = this.#path();
    if (COMPARE.has(this.#token.text) || (this.#token.kind === 'word' && WORDS.has(this.#token.text))) {
      throw new PatternError('P-017', this.#token.offset, 'EXISTS takes a path, without an operator');
    }
    return { comparison: { kind: 'exists', path, negated }, types: new Set([path.type]) };
  }

  #operator(): { operator: Operator; offset: number } {
    const token = this.#token;
    const symbol = token.kind === 'symbol' && COMPARE.has(token.text);
    const word = token.kind === 'word' && WORDS.has(token.text);
    if (!symbol && !word) {
      if (token.kind === 'word') throw this.#wordFault(token, 'an operator');
      return this.#unexpected('an operator such as = or IN is missing');
    }
    this.#advance();
    return { operator: token.text as Operator, offset: token.offset };
  }

  #set(): readonly Constant[] {
    const open = this.#token.offset;
    if (!this.#take('(')) throw new PatternError('P-014', open, 'IN takes a list in parentheses');
    if (this.#is(')')) throw new PatternError('P-014', open, 'the list of IN is empty');
    const constants = [this.#constant()];
    while (this.#take(',')) constants.push(this.#constant());
    if (!this.#take(')'))
      throw new PatternError('P-014', this.#token.offset, 'a comma or ) is missing from the list of IN');
    const numeric = (c: Constant): string => (c.kind === 'float' ? 'integer' : c.kind);
    if (constants.some((c) => numeric(c) !== numeric(constants[0] as Constant))) {
      throw new PatternError('P-014', open, 'all values in the list of IN must be of the same kind');
    }
    return constants;
  }

  #constant(): Constant {
    const token = this.#token;
    switch (token.kind) {
      case 'string':
        this.#advance();
        return { kind: 'string', value: token.text };
      case 'integer':
      case 'float':
        this.#advance();
        return { kind: token.kind, value: Number(token.text), text: token.text };
      case 'hex':
      case 'binary':
      case 'timestamp':
        this.#advance();
        return { kind: token.kind, value: token.text };
      case 'word':
        if (token.text !== 'true' && token.text !== 'false') {
          if (/^(true|false)$/i.test(token.text))
            throw new PatternError('P-002', token.offset, 'write true and false in lower case');
          throw KEYWORDS.has(token.text)
            ? new PatternError('P-001', token.offset, 'a value is missing')
            : new PatternError(
                'P-003',
                token.offset,
                `write text in apostrophes: '${token.text.slice(0, MOST_SHOWN)}'`,
              );
        }
        this.#advance();
        return { kind: 'boolean', value: token.text === 'true' };
      default:
        return this.#unexpected('a value is missing');
    }
  }

  #path(): ObjectPath {
    const start = this.#token;
    if (start.kind !== 'word') {
      if (start.kind === 'symbol' && start.text === ':')
        throw new PatternError('P-018', start.offset, 'the object type is missing before the colon');
      return this.#unexpected('an object path such as file:name is missing');
    }
    const tail = this.#lexer.typeTail();
    const type = this.#advance().text + tail;
    if (this.#is('-') && !this.#token.spaced)
      throw new PatternError('P-018', this.#token.offset, 'a type name is not valid');
    if (!this.#take(':')) {
      if (this.#is('.'))
        throw new PatternError(
          'P-018',
          this.#token.offset,
          'write a colon between the object type and the property',
        );
      if (KEYWORDS.has(type))
        throw new PatternError('P-001', start.offset, `an object path is missing before ${type}`);
      return this.#unexpected('a colon is missing after the object type');
    }
    if (!TYPE_NAME.test(type) || type.length > 250)
      throw new PatternError(
        'P-019',
        start.offset,
        `"${type.slice(0, MOST_SHOWN)}" is not an object type; write types in lower case`,
      );
    const kind = kindOf(type);
    if (kind !== 'sco' && kind !== 'unknown')
      throw new PatternError(
        'P-019',
        start.offset,
        `"${type}" is not an observable; a pattern looks at observables such as file or ipv4-addr`,
      );
    const steps: Step[] = [this.#name()];
    for (;;) {
      if (this.#take('.')) steps.push(this.#name());
      else if (this.#is('[') && !this.#token.spaced) {
        this.#advance();
        steps.push(this.#index());
      } else break;
    }
    const glued =
      this.#is('-') ||
      (this.#token.text.startsWith('-') && this.#token.kind === 'integer' && !this.#token.spaced);
    if (glued) this.#glued(steps);
    checkPath({ type, steps }, start.offset, (fault) => this.#deviates(fault));
    return { type, steps };
  }

  /** Reports an unquoted name such as `hashes.SHA-256`, with the correct spelling. */
  #glued(steps: readonly Step[]): never {
    const { offset, text } = this.#token;
    const last = steps.at(-1);
    const before = last !== undefined && 'name' in last ? last.name : '';
    this.#advance();
    const after =
      text === '-' && (this.#token.kind === 'word' || this.#token.kind === 'integer') ? this.#token.text : '';
    throw new PatternError(
      'P-018',
      offset,
      'write a name with a hyphen in apostrophes',
      before === '' || before.length + after.length > MOST_SHOWN ? undefined : `'${before}${text}${after}'`,
    );
  }

  #name(): Step {
    const token = this.#token;
    if (token.kind === 'word') return { name: this.#advance().text, quoted: false };
    if (token.kind === 'string' && token.text !== '') return { name: this.#advance().text, quoted: true };
    throw new PatternError('P-018', token.offset, 'a property name is missing');
  }

  #index(): Step {
    const token = this.#advance();
    let index: number | '*';
    if (token.kind === 'symbol' && token.text === '*') index = '*';
    else if (token.kind === 'integer' && !token.text.startsWith('-')) index = Number(token.text);
    else throw new PatternError('P-018', token.offset, 'a list position is [0], [1], … or [*]');
    if (!this.#take(']'))
      throw new PatternError('P-018', this.#token.offset, '] is missing after the list position');
    return { index };
  }

  // ---- tokens

  #enter(): void {
    if (++this.#depth > PATTERN_LIMITS.depth) {
      throw new PatternError(
        PATTERN_LIMITS.rule,
        this.#token.offset,
        `parentheses are nested deeper than ${PATTERN_LIMITS.depth}`,
      );
    }
  }

  #is(text: string): boolean {
    return this.#token.text === text && (this.#token.kind === 'symbol' || this.#token.kind === 'word');
  }

  #take(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#advance();
    return true;
  }

  #advance(): Token {
    const token = this.#token;
    this.#token = this.#lexer.next();
    return token;
  }

  #wordFault(token: Token, expected: string): PatternError {
    const upper = token.text.toUpperCase();
    if (KEYWORDS.has(upper) && upper !== token.text) {
      return new PatternError('P-002', token.offset, `write keywords in uppercase: ${upper}`);
    }
    if (KEYWORDS.has(token.text)) return this.#keywordFault(token);
    return new PatternError(
      'P-002',
      token.offset,
      `${expected} is missing; "${token.text.slice(0, MOST_SHOWN)}" is not one`,
    );
  }

  #keywordFault(token: Token): PatternError {
    switch (token.text) {
      case 'FOLLOWEDBY':
        return new PatternError(
          'P-002',
          token.offset,
          'write FOLLOWEDBY between observations, outside the brackets',
        );
      case 'WITHIN':
        return new PatternError('P-010', token.offset, 'write a qualifier after the closing bracket');
      case 'REPEATS':
        return new PatternError('P-011', token.offset, 'write a qualifier after the closing bracket');
      case 'START':
      case 'STOP':
        return new PatternError(
          'P-012',
          token.offset,
          'write START and STOP together, after the closing bracket',
        );
      default:
        return new PatternError('P-001', token.offset, `${token.text} is not allowed here`);
    }
  }

  #unexpected(message: string): never {
    const token = this.#token;
    if (token.kind === 'word' && message.includes('is missing') && message.startsWith(']')) {
      const upper = token.text.toUpperCase();
      if (KEYWORDS.has(upper)) throw this.#wordFault(token, 'a keyword');
    }
    if (token.kind === 'word' && KEYWORDS.has(token.text.toUpperCase()) && !KEYWORDS.has(token.text)) {
      throw this.#wordFault(token, 'a keyword');
    }
    // Two adjacent strings mean that an apostrophe was doubled instead of escaped.
    if (token.kind === 'string' && !token.spaced) {
      throw new PatternError('P-003', token.offset, "an apostrophe inside a string is written \\'");
    }
    if (token.kind === 'symbol' && token.text === '-') {
      throw new PatternError('P-018', token.offset, 'write a name with a hyphen in apostrophes');
    }
    const found =
      token.kind === 'end' ? 'the pattern ends' : `found ${JSON.stringify(token.text.slice(0, 40))}`;
    throw new PatternError('P-001', token.offset, `${message}; ${found}`);
  }
}
