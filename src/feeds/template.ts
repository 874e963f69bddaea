import { Tokenizer } from 'htmlparser2';
import { RE2JS } from 're2js';
import { feedErrors } from './errors.ts';

/** Separates the values of a column with several values. */
export const SEVERAL = '\u001f';

/** A record of a feed: its columns by name. */
export type Row = Readonly<Record<string, string>>;

const PART = /\{([^{}|]+)((?:\|[^{}|]+)*)\}/g;

const CVE = /\bCVE-\d{4}-\d{4,19}\b/gi;
const URLS = /\bhttps?:\/\/[^\s<>"';,]+/gi;
const DOT = String.raw`(?:\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\}|\[\.|\.\])`;
const NAME = '[a-z0-9_-]+';
const HOST = String.raw`${NAME}(?:\.${NAME})*${DOT}${NAME}(?:(?:${DOT}|\.)${NAME})*\]?`;
const SEPARATOR = String.raw`[\[({]?:[\])}]?[\[({]?//[\])}]?`;
const REST = String.raw`[^\s<>"']+`;
/**
 * Finds defanged values: a broken scheme, dot, colon or at sign shows that the author means them as values. It uses
 * RE2, because the texts are long and come from other people.
 */
const DEFANGED_TEXT = [
  String.raw`\b(?:h(?:xx|\*\*|tx|xt)ps?|fxp)${SEPARATOR}${REST}`,
  String.raw`\bhttps?(?:\[:\]//|\[://\]|:\[//\])${REST}`,
  String.raw`\b(?:https?://)?${HOST}(?:(?::|\[:\])\d{1,5})?(?:\[?/\]?${REST})?`,
  String.raw`\b[a-z0-9._%+-]+(?:@|\[@\]|\(@\)|\[at\]|\(at\))(?:${HOST})`,
  String.raw`\b[a-z0-9._%+-]+(?:\[@\]|\(@\)|\[at\]|\(at\))${NAME}(?:\.${NAME})+`,
].join('|');
let defangedPattern: RE2JS | undefined;

function defanged(values: readonly string[]): readonly string[] {
  const all = new Set<string>();
  // Compiled when it is first used: each command would otherwise wait for it.
  const pattern = (defangedPattern ??= RE2JS.compile(DEFANGED_TEXT, RE2JS.CASE_INSENSITIVE));
  for (const value of values) {
    const matcher = pattern.matcher(value);
    while (matcher.find()) all.add(withoutPunctuation(matcher.group() ?? ''));
  }
  return [...all];
}

/** Returns a value without the punctuation of the sentence around it. */
function withoutPunctuation(value: string): string {
  const opening = value.split('(').length;
  let closing = value.split(')').length;
  let end = value.length;
  for (; end > 0; end--) {
    const last = value.charAt(end - 1);
    if (!'.,;:!?)'.includes(last)) break;
    if (last === ')' && closing-- <= opening) break;
  }
  return value.slice(0, end);
}

/** A filter on values. The row is available for filters that use other columns. */
type Filter = (values: readonly string[], argument: string, row: Row) => readonly string[];

const each =
  (change: (value: string, argument: string) => string): Filter =>
  (values, argument) =>
    values.map((value) => change(value, argument));
const found =
  (form: RegExp): Filter =>
  (values) => [...new Set(values.flatMap((value) => value.match(form) ?? []))];

const FILTERS: Readonly<Record<string, Filter>> = {
  lower: each((value) => value.toLowerCase()),
  upper: each((value) => value.toUpperCase()),
  split: (values, argument) =>
    values.flatMap((value) => value.split(argument === '' ? ',' : argument)).map((value) => value.trim()),
  first: (values) => values.slice(0, 1),
  before: each((value, argument) => value.split(argument)[0] ?? ''),
  default: (values, argument) => (values.length === 0 ? [argument] : values),
  /** The values of another column if this one is empty. */
  or: (values, argument, row) => (values.length === 0 ? valuesOf(row, argument) : values),
  /** Adds the values of another column. */
  and: (values, argument, row) => [...values, ...valuesOf(row, argument)],
  /** Replaces words: `map:low=30;high=85;*=50`. */
  map: (values, argument) => {
    const table = new Map(
      argument.split(';').map((pair) => {
        const cut = pair.indexOf('=');
        return [pair.slice(0, cut), pair.slice(cut + 1)] as const;
      }),
    );
    return values.map((value) => table.get(value) ?? table.get('*') ?? value);
  },
  round: each((value, argument) => {
    const number = Number(value);
    return value !== '' && Number.isFinite(number) ? String(Number(number.toFixed(Number(argument)))) : '';
  }),
  percent: each((value) => {
    const number = Number(value);
    return value !== '' && Number.isFinite(number) ? String(Math.floor(number * 100)) : '';
  }),
  html: each(plainText),
  cve: (values) => found(CVE)(values, '', {}).map((value) => value.toUpperCase()),
  urls: found(URLS),
  defanged,
};

/**
 * Returns the text of an HTML fragment on one line, without tags, comments, scripts and styles. It uses only the
 * tokenizer of the parser, which accepts any input in time proportional to the length. Building a tree would take
 * quadratic time in the nesting depth of a hostile page.
 */
function plainText(html: string): string {
  const texts: string[] = [];
  let hidden = '';
  const nothing = (): void => undefined;
  const space = (): number => texts.push(' ');
  const tokenizer = new Tokenizer(
    { xmlMode: false, decodeEntities: true },
    {
      ontext: (start, end) => {
        if (hidden === '') texts.push(html.slice(start, end));
      },
      ontextentity: (codePoint) => {
        if (hidden === '') texts.push(codePoint > 31 ? String.fromCodePoint(codePoint) : ' ');
      },
      onopentagname: (start, end) => {
        const name = html.slice(start, end).toLowerCase();
        if (hidden === '' && (name === 'script' || name === 'style')) hidden = name;
        space();
      },
      onclosetag: (start, end) => {
        if (html.slice(start, end).toLowerCase() === hidden) hidden = '';
        space();
      },
      onattribdata: nothing,
      onattribend: nothing,
      onattribentity: nothing,
      onattribname: nothing,
      oncdata: nothing,
      oncomment: nothing,
      ondeclaration: nothing,
      onend: nothing,
      onopentagend: nothing,
      onprocessinginstruction: nothing,
      onselfclosingtag: nothing,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return texts.join('').replaceAll(/\s+/g, ' ').trim();
}

function apply(values: readonly string[], filter: string, row: Row): readonly string[] {
  const colon = filter.indexOf(':');
  const name = colon < 0 ? filter : filter.slice(0, colon);
  const known = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined;
  if (known === undefined)
    throw feedErrors.filterUnknown({ name: name.slice(0, 40), filters: Object.keys(FILTERS).join(', ') });
  return known(values, colon < 0 ? '' : filter.slice(colon + 1), row).filter((item) => item !== '');
}

/**
 * Returns the value of a column. Tables have the names of their columns in lower case, and a document may spell them as
 * the source does.
 */
export function columnOf(row: Row, name: string): string | undefined {
  if (Object.hasOwn(row, name)) return row[name];
  const lower = name.toLowerCase();
  return Object.hasOwn(row, lower) ? row[lower] : undefined;
}

function valuesOf(row: Row, column: string): readonly string[] {
  const value = columnOf(row, column);
  // A column of a structured record may have several values.
  return value === undefined || value === '' ? [] : value.split(SEVERAL);
}

/**
 * Fills a template. `{column}` is the value of a column, and `{column|filter:argument|…}` is its value after filters.
 * Returns no value when a required column is empty, and several values when a filter splits them.
 */
export function fill(template: string, row: Row): readonly string[] {
  const whole = /^\{([^{}|]+)((?:\|[^{}|]+)*)\}$/.exec(template);
  if (whole !== null) return filled(row, whole[1] ?? '', whole[2] ?? '');
  let missing = false;
  const text = template.replaceAll(PART, (_part, column: string, filters: string) => {
    const [value] = filled(row, column, filters);
    if (value === undefined) missing = true;
    return value ?? '';
  });
  return missing ? [] : [text];
}

function filled(row: Row, column: string, filters: string): readonly string[] {
  let values = valuesOf(row, column);
  for (const filter of filters.split('|').slice(1)) values = apply(values, filter, row);
  return values.filter((item) => item !== '');
}

/** Returns the first value of a template, or undefined. */
export function fillOne(template: string | undefined, row: Row): string | undefined {
  return template === undefined ? undefined : fill(template, row)[0];
}
