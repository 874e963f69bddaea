import { isCondition, WORDS, type Word } from './yara-condition.ts';
import { isDeclared } from './yara-strings.ts';

/** The modules that YARA always has. */
const MODULES: ReadonlySet<string> = new Set([
  'console',
  'dotnet',
  'elf',
  'hash',
  'math',
  'pe',
  'string',
  'time',
]);
const LONGEST_NAME = 100;
/** Maximum number of different sets of strings in a condition. Each is compared with all strings. */
const MOST_SETS = 100;
/** Maximum number of characters. Reading a longer text would keep the process from its other work. */
const LONGEST_TEXT = 262_144;

type Kind = 'space' | 'string' | 'pattern' | 'name' | 'other';
interface Token {
  readonly kind: Kind;
  readonly text: string;
}

const TOKENS: readonly (readonly [Kind, RegExp])[] = [
  ['space', /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y],
  ['string', /"(?:[^"\\\n]|\\(?:["\\tnr]|x[0-9a-fA-F]{2}))*"/y],
  ['pattern', /\/(?![/*])(?:[^/\\\n]|\\[^\n])+\/(?:is?|si?)?/y],
  // The names of strings have their own space, so they are not names of rules.
  ['other', /<=|>=|==|!=|<<|>>|\.\.|[$#@!][A-Za-z_0-9]*\*?|\d+\.\d+|\d\w*/y],
  ['name', /[A-Za-z_]\w*/y],
  ['other', /[^\s"/]/y],
];

/** YARA rules that need nothing else. */
export interface YaraFile {
  readonly names: readonly string[];
  /** Returns its text, with other names for its rules. */
  readonly renamed: (names: ReadonlyMap<string, string>) => string;
}

/**
 * Reads YARA rules. Undefined for a text that is too long or not complete, reads other files, needs other modules or
 * variables, refers to rules that it does not contain, or has strings that it does not use: one such rule would keep the
 * tool from loading all others.
 * Undefined also for global rules, because a global rule that does not match keeps all others from matching.
 */
export function readYara(text: string): YaraFile | undefined {
  const tokens = text.length > LONGEST_TEXT ? undefined : tokensOf(text);
  if (tokens === undefined) return undefined;
  const words = tokens.filter(({ kind }) => kind !== 'space');
  const known = { modules: new Set<string>(), rules: new Set<string>() };
  for (let at = 0; at < words.length;) {
    if (words[at]?.text === 'import') {
      const name = words[at + 1]?.text.slice(1, -1) ?? '';
      if (words[at + 1]?.kind !== 'string' || !MODULES.has(name)) return undefined;
      known.modules.add(name);
      at += 2;
      continue;
    }
    if (words[at]?.text === 'private') at++;
    const end = ruleEnd(words, at);
    const name = words[at + 1]?.text ?? '';
    if (end === undefined || known.rules.has(name)) return undefined;
    if (!isSelfContained(words.slice(at, end), known)) return undefined;
    known.rules.add(name);
    at = end;
  }
  if (known.rules.size === 0) return undefined;
  return { names: [...known.rules], renamed: (others) => renamed(tokens, others) };
}

/** Returns the text of tokens with other names for rules. A name after a dot is a field of a module. */
function renamed(tokens: readonly Token[], others: ReadonlyMap<string, string>): string {
  let before = '';
  const texts = tokens.map(({ kind, text }) => {
    const isName = kind === 'name' && before !== '.';
    if (kind !== 'space') before = text;
    return isName ? (others.get(text) ?? text) : text;
  });
  return texts.join('');
}

function tokensOf(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    const found = TOKENS.map(([kind, form]) => {
      form.lastIndex = at;
      return { kind, text: form.exec(text)?.[0] };
    }).find((one) => one.text !== undefined);
    if (found?.text === undefined) return undefined;
    tokens.push({ kind: found.kind, text: found.text });
    at += found.text.length;
  }
  return tokens;
}

/** Returns the position after the rule that begins here. Undefined if no complete rule does. */
function ruleEnd(words: readonly Token[], start: number): number | undefined {
  const name = words[start + 1];
  if (words[start]?.text !== 'rule' || name?.kind !== 'name') return undefined;
  // A rule with the name of a module conflicts with the import of the module by another rule.
  if (WORDS.has(name.text) || MODULES.has(name.text) || name.text.length > LONGEST_NAME) return undefined;
  let at = start + 2;
  if (words[at]?.text === ':') {
    const tags = new Set<string>();
    for (at += 1; words[at]?.kind === 'name'; at++) {
      const tag = words[at]?.text ?? '';
      if (tags.has(tag) || WORDS.has(tag)) return undefined;
      tags.add(tag);
    }
    if (tags.size === 0) return undefined;
  }
  if (words[at]?.text !== '{') return undefined;
  for (let depth = 0; at < words.length; at++) {
    const { text } = words[at] ?? { text: '' };
    if (text === '{') depth++;
    if (text === '}' && --depth === 0) return at + 1;
  }
  return undefined;
}

/** True if the condition of a rule uses only its own strings, and names that are known. */
function isSelfContained(
  rule: readonly Token[],
  { modules, rules }: { readonly modules: ReadonlySet<string>; readonly rules: ReadonlySet<string> },
): boolean {
  const start = rule.findIndex(({ text }, i) => text === 'condition' && rule[i + 1]?.text === ':');
  if (start < 0) return false;
  if (!isDeclared(rule.slice(0, start).flatMap(wordOf))) return false;
  const declared = rule.slice(0, start).flatMap(({ text }) => (text.startsWith('$') ? [text.slice(1)] : []));
  const condition = rule.slice(start + 2);
  // The last word is the bracket that ends the rule.
  if (!isCondition(condition.slice(0, -1).flatMap(wordOf))) return false;
  if (!isUsingStrings(condition, declared)) return false;
  const strings = new Set(declared);
  const variables = variablesOf(condition);
  return condition.every(({ kind, text }, i) => {
    if (kind === 'name') {
      if (condition[i - 1]?.text === '.') return true;
      // A set of rules (`Name*`) forbids later rules with such a name, also those of others.
      if (rules.has(text)) return condition[i + 1]?.text !== '*';
      return WORDS.has(text) || variables.has(text) || modules.has(text);
    }
    const [, name] = /^[$#@!](\w+)$/.exec(text) ?? [];
    return name === undefined || strings.has(name);
  });
}

function wordOf({ kind, text }: Token): Word[] {
  return kind === 'space' ? [] : [{ kind, text }];
}

/** Returns the variables of loops: the names between `for` and the next `in`. */
function variablesOf(condition: readonly Token[]): ReadonlySet<string> {
  const variables = new Set<string>();
  let open: string[] | undefined;
  for (const { kind, text } of condition) {
    if (text === 'for') open ??= [];
    else if (text === 'in') {
      for (const name of open ?? []) variables.add(name);
      open = undefined;
    } else if (kind === 'name') open?.push(text);
  }
  return variables;
}

/**
 * True if a condition uses each string of its rule, and each set in it has strings. YARA refuses the whole file
 * otherwise. Strings without a name are used by sets only, and those that begin with an underscore need no use.
 */
function isUsingStrings(condition: readonly Token[], strings: readonly string[]): boolean {
  const named = strings.filter((name) => name !== '');
  if (new Set(named).size < named.length) return false;
  const sets = condition.flatMap(({ text }) =>
    text === 'them' ? '' : (/^\$(\w*)\*$/.exec(text)?.slice(1) ?? []),
  );
  const prefixes = [...new Set(sets)];
  if (prefixes.length > MOST_SETS) return false;
  const used = new Set(condition.flatMap(({ text }) => /^[$#@!](\w+)$/.exec(text)?.slice(1) ?? []));
  return (
    prefixes.every((prefix) => strings.some((name) => name.startsWith(prefix))) &&
    strings.every(
      (name) => name.startsWith('_') || used.has(name) || prefixes.some((prefix) => name.startsWith(prefix)),
    )
  );
}
