import { isRegex } from './yara-regex.ts';

/** A word of a rule: no space and no comment. */
export interface Word {
  readonly kind: 'string' | 'pattern' | 'name' | 'other';
  readonly text: string;
}

/** Reserved words, which cannot be names. */
export const WORDS: ReadonlySet<string> = new Set(
  'all and any ascii at base64 base64wide condition contains defined endswith entrypoint false filesize for fullword global icontains iendswith iequals import in include int16 int16be int32 int32be int8 int8be istartswith matches meta nocase none not of or private rule startswith strings them true uint16 uint16be uint32 uint32be uint8 uint8be wide xor'.split(' '), // prettier-ignore
);

/** The kind of a value in a condition. The fields of modules have `any`, because the hub does not know them. */
type Kind = 'boolean' | 'number' | 'string' | 'any';

/** Conditions are nested less deeply than this. */
const DEEPEST = 60;
const COMPARING: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '==', '!=']);
const TEXT_TESTS: ReadonlySet<string> = new Set(
  'contains icontains startswith istartswith endswith iendswith iequals'.split(' '),
);
/** Operators on numbers, lowest precedence first. */
const NUMERIC: readonly ReadonlySet<string>[] = [
  new Set(['|']),
  new Set(['^']),
  new Set(['&']),
  new Set(['<<', '>>']),
  new Set(['+', '-']),
  new Set(['*', '\\', '%']),
];
const READERS = /^u?int(?:8|16|32)(?:be)?$/;
const NUMBER = /^(?:0x[0-9a-fA-F]+|0o[0-7]+|\d+(?:KB|MB)?|\d+\.\d+)$/;

/** A condition is not one of the language. */
class Fault extends Error {}

/**
 * True for a condition that follows the grammar of YARA and does not mix texts with numbers. Whether the names in it exist
 * is checked elsewhere, except for the fields of modules, which nobody checks.
 */
export function isCondition(words: readonly Word[]): boolean {
  try {
    const reader = new ConditionReader(words);
    reader.expression();
    return reader.isAtEnd();
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

class ConditionReader {
  readonly #words: readonly Word[];
  #at = 0;
  #depth = 0;
  /** The number of loops over strings around this place. Only there, a string has no name. */
  #loops = 0;

  constructor(words: readonly Word[]) {
    this.#words = words;
  }

  isAtEnd(): boolean {
    return this.#at === this.#words.length;
  }

  /** Reads a condition: terms with `or`, then `and`, `not` and `defined`, then comparisons. */
  expression(): Kind {
    if (++this.#depth > DEEPEST) throw new Fault();
    let kind = this.#and();
    for (; this.#take('or'); this.#and()) kind = 'boolean';
    this.#depth--;
    return kind;
  }

  #and(): Kind {
    let kind = this.#not();
    for (; this.#take('and'); this.#not()) kind = 'boolean';
    return kind;
  }

  #not(): Kind {
    let isNegated = false;
    while (this.#take('not') || this.#take('defined')) isNegated = true;
    const kind = this.#test();
    return isNegated ? 'boolean' : kind;
  }

  #test(): Kind {
    if (this.#take('true') || this.#take('false')) return 'boolean';
    if (this.#peek() === 'for') return this.#loop();
    if (this.#isQuantifier()) return this.#quantified();
    if (/^\$\w*$/.test(this.#peek())) return this.#string();
    return this.#comparison();
  }

  /** Reads `$a`, `$a at 5` and `$a in (1..5)`. */
  #string(): Kind {
    this.#named(this.#next().text);
    if (this.#take('at')) this.#number();
    else if (this.#take('in')) this.#range();
    return 'boolean';
  }

  #named(text: string): void {
    if (text.length === 1 && this.#loops === 0) throw new Fault();
  }

  #isQuantifier(): boolean {
    return ['all', 'any', 'none'].includes(this.#peek());
  }

  /** Reads what follows a quantifier: a set of strings or rules. */
  #quantified(): Kind {
    this.#at++;
    this.#expect('of');
    this.#set();
    return 'boolean';
  }

  #set(): void {
    if (!this.#take('them')) {
      this.#expect('(');
      do {
        const { kind, text } = this.#next();
        if (kind !== 'name' && !/^\$\w*\*?$/.test(text)) throw new Fault();
      } while (this.#take(','));
      this.#expect(')');
    }
    if (this.#take('in')) this.#range();
    else if (this.#take('at')) this.#number();
  }

  /** Reads `for any i in (1..3) : (…)` and `for all of ($a*) : (…)`. */
  #loop(): Kind {
    this.#expect('for');
    if (this.#isQuantifier()) this.#at++;
    else {
      this.#number();
      this.#take('%');
    }
    const isOfStrings = this.#take('of');
    if (isOfStrings) this.#set();
    else {
      do if (this.#next().kind !== 'name') throw new Fault();
      while (this.#take(','));
      this.#expect('in');
      this.#iterated();
    }
    this.#expect(':');
    this.#expect('(');
    if (isOfStrings) this.#loops++;
    this.expression();
    if (isOfStrings) this.#loops--;
    this.#expect(')');
    return 'boolean';
  }

  #iterated(): void {
    if (!this.#take('(')) {
      this.#value();
      return;
    }
    const first = this.#sum();
    if (this.#take('..')) this.#number();
    else while (this.#take(',')) if (!isAlike(first, this.#sum())) throw new Fault();
    this.#expect(')');
  }

  #range(): void {
    this.#expect('(');
    this.#number();
    this.#expect('..');
    this.#number();
    this.#expect(')');
  }

  #comparison(): Kind {
    const left = this.#sum();
    const sign = this.#peek();
    if (COMPARING.has(sign)) {
      this.#at++;
      if (left === 'boolean' || !isAlike(left, this.#sum())) throw new Fault();
      return 'boolean';
    }
    if (TEXT_TESTS.has(sign)) {
      this.#at++;
      if (!isAlike(left, 'string') || !isAlike(this.#sum(), 'string')) throw new Fault();
      return 'boolean';
    }
    if (this.#take('matches')) {
      if (!isAlike(left, 'string') || !isRegexWord(this.#next())) throw new Fault();
      return 'boolean';
    }
    const isPart = this.#take('%');
    if (this.#take('of')) {
      if (!isAlike(left, 'number')) throw new Fault();
      this.#set();
      return 'boolean';
    }
    if (isPart) throw new Fault();
    return left;
  }

  #number(): void {
    if (!isAlike(this.#sum(), 'number')) throw new Fault();
  }

  #sum(level = 0): Kind {
    const operators = NUMERIC[level];
    if (operators === undefined) return this.#sign();
    let left = this.#sum(level + 1);
    for (;;) {
      const sign = this.#peek();
      // `50% of them` is a part of a set, and no remainder.
      if (!operators.has(sign) || (sign === '%' && this.#words[this.#at + 1]?.text === 'of')) return left;
      this.#at++;
      if (!isAlike(left, 'number') || !isAlike(this.#sum(level + 1), 'number')) throw new Fault();
      left = 'number';
    }
  }

  #sign(): Kind {
    if (!this.#take('-') && !this.#take('~')) return this.#value();
    if (!isAlike(this.#sign(), 'number')) throw new Fault();
    return 'number';
  }

  #value(): Kind {
    const { kind, text } = this.#next();
    if (kind === 'string') return 'string';
    if (text === '(') {
      const inner = this.expression();
      this.#expect(')');
      return inner;
    }
    if (NUMBER.test(text) || text === 'filesize' || text === 'entrypoint') return 'number';
    if (/^[#@!]\w*$/.test(text)) this.#named(text);
    if (/^#\w*$/.test(text)) {
      if (this.#take('in')) this.#range();
      return 'number';
    }
    if (/^[@!]\w*$/.test(text)) {
      if (this.#take('[')) this.#closing(']');
      return 'number';
    }
    if (kind !== 'name') throw new Fault();
    if (READERS.test(text)) {
      this.#expect('(');
      this.#closing(')');
      return 'number';
    }
    if (WORDS.has(text)) throw new Fault();
    return this.#field();
  }

  #closing(sign: string): void {
    this.#number();
    this.#expect(sign);
  }

  /** Reads the rest of a field: `.name`, `[5]`, and the arguments of a function. A name alone is a rule or a variable. */
  #field(): Kind {
    for (;;) {
      if (this.#take('.')) {
        if (this.#next().kind !== 'name') throw new Fault();
      } else if (this.#take('[')) {
        if (this.#sum() === 'boolean') throw new Fault();
        this.#expect(']');
      } else if (this.#take('(')) {
        if (this.#take(')')) continue;
        do this.#argument();
        while (this.#take(','));
        this.#expect(')');
      } else return 'any';
    }
  }

  #argument(): void {
    const word = this.#words[this.#at];
    if (word?.kind !== 'pattern') this.expression();
    else if (isRegexWord(word)) this.#at++;
    else throw new Fault();
  }

  #peek(): string {
    const word = this.#words[this.#at];
    // A text that contains a word of the language is not this word.
    return word === undefined || word.kind === 'string' || word.kind === 'pattern' ? '' : word.text;
  }

  #next(): Word {
    const word = this.#words[this.#at++];
    if (word === undefined) throw new Fault();
    return word;
  }

  #take(text: string): boolean {
    if (this.#peek() !== text) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw new Fault();
  }
}

function isRegexWord({ kind, text }: Word): boolean {
  return kind === 'pattern' && isRegex(text);
}

function isAlike(a: Kind, b: Kind): boolean {
  return a === b || a === 'any' || b === 'any';
}
