import { nearest } from '../../kernel/nearest.ts';
import type { ValueType } from '../../stix/values/observed-values.ts';
import { sharingErrors } from '../errors.ts';
import { FORMATS, OBJECT_FORMATS } from './formats/index.ts';
import type { ObjectFormat } from './formats/object-format.ts';
import { kindOfType, type ListFormat } from './formats/format.ts';

/** The filters of a request for a list. */
export interface ListQuery {
  readonly types: readonly ValueType[];
  readonly minConfidence: number;
  /** Only values that were last seen within this number of days. */
  readonly maxAge: number | undefined;
  /** One of these labels must be present. */
  readonly labels: readonly string[] | undefined;
  /** Minimum number of independent sources. */
  readonly sources: number;
  readonly limit: number | undefined;
  readonly page: number;
  /** Only values that were last seen after this time, in milliseconds since 1970. */
  readonly since: number | undefined;
  readonly aggregate: boolean;
}

/** The filters of a request for a list. */
export const FILTERS = [
  'types',
  'min_confidence',
  'max_age',
  'labels',
  'sources',
  'limit',
  'page',
  'since',
  'aggregate',
] as const;
type Filter = (typeof FILTERS)[number];
/** Filters of values, which lists of objects do not have. */
const NOT_OF_OBJECTS: readonly Filter[] = ['types', 'sources', 'limit', 'page', 'aggregate'];
/** Maximum number of lines that a request can ask for. */
const MOST_LINES = 5_000_000;
const MOST_LABELS = 20;

/** Returns a format by its name. Throws a Problem that names the nearest one. */
export function formatNamed(name: string): ListFormat {
  const found = FORMATS.find((format) => format.name === name);
  if (found !== undefined) return found;
  const names = FORMATS.map((format) => format.name);
  throw sharingErrors.listFormatUnknown(
    { name: name.slice(0, 64) },
    { hint: suggestion(nearest(name, names), `The formats are: ${names.join(', ')}.`) },
  );
}

/** Returns a format of values or of objects by its name. Throws a Problem that names the nearest one. */
export function anyFormatNamed(name: string): ListFormat | ObjectFormat {
  const found = OBJECT_FORMATS.find((format) => format.name === name);
  if (found !== undefined || FORMATS.some((format) => format.name === name))
    return found ?? formatNamed(name);
  const names = [...FORMATS, ...OBJECT_FORMATS].map((format) => format.name);
  throw sharingErrors.listFormatUnknown(
    { name: name.slice(0, 64) },
    { hint: suggestion(nearest(name, names), `The formats are: ${names.join(', ')}.`) },
  );
}

function suggestion(near: string | undefined, otherwise: string): string {
  return near === undefined ? otherwise : `Did you mean "${near}"?`;
}

/** Reads the filters of a request. Throws a Problem for an unknown filter or a value that a filter cannot have. */
export function readListQuery(
  given: Readonly<Record<string, unknown>>,
  format: ListFormat | ObjectFormat,
): ListQuery {
  for (const name of Object.keys(given))
    if (!FILTERS.some((filter) => filter === name))
      throw sharingErrors.listFilterUnknown(
        { name: name.slice(0, 64) },
        { hint: suggestion(nearest(name, FILTERS), `The filters are: ${FILTERS.join(', ')}.`) },
      );
  const text = (name: Filter): string | undefined => {
    const value = given[name];
    if (value === undefined || typeof value === 'string') return value;
    throw invalid(name, 'It may be given only once.');
  };
  if ('patterns' in format) {
    const other = NOT_OF_OBJECTS.find((name) => given[name] !== undefined);
    if (other !== undefined) throw invalid(other, `The format "${format.name}" does not have this filter.`);
  }
  const limit = whole(text('limit'), 'limit', 1, MOST_LINES);
  const page = whole(text('page'), 'page', 1, MOST_LINES);
  if (page !== undefined && limit === undefined)
    throw invalid('page', 'It divides a list into pages, so it needs "limit".');
  return {
    types: typesOf(text('types'), format),
    minConfidence: whole(text('min_confidence'), 'min_confidence', 0, 100) ?? 0,
    maxAge: whole(text('max_age'), 'max_age', 1, 36_500),
    labels: labelsOf(text('labels')),
    sources: whole(text('sources'), 'sources', 1, 1_000) ?? 1,
    limit,
    page: page ?? 1,
    since: timeOf(text('since')),
    aggregate: flagOf(text('aggregate')),
  };
}

function invalid(name: Filter, description: string): Error {
  return sharingErrors.listFilterInvalid({ name }, { description });
}

function whole(text: string | undefined, name: Filter, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw invalid(name, `It must be a whole number from ${least} to ${most}.`);
}

function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw invalid('since', 'Use the format 2026-11-29T00:00:00Z.');
  return time;
}

function flagOf(text: string | undefined): boolean {
  if (text === undefined || text === '0' || text === 'false') return false;
  if (text === '1' || text === 'true') return true;
  throw invalid('aggregate', 'It must be 1 or 0.');
}

function labelsOf(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const labels = [...new Set(text.split(',').map((label) => label.trim()))].toSorted();
  if (labels.includes('') || labels.length > MOST_LABELS || text.length > 1_000)
    throw invalid('labels', `Give at most ${MOST_LABELS} labels, separated by commas.`);
  return labels;
}

function typesOf(
  text: string | undefined,
  format: Pick<ListFormat, 'name' | 'usual' | 'carries' | 'isOfOneKind'>,
): readonly ValueType[] {
  if (text === undefined) return format.usual;
  const asked = new Set<string>();
  // People and devices speak of addresses and hashes without their families.
  const groups: Readonly<Record<string, readonly string[]>> = {
    ip: ['ipv4', 'ipv6'],
    hash: ['md5', 'sha1', 'sha256', 'sha512'],
  };
  for (const word of text.split(',').map((one) => one.trim()))
    for (const type of groups[word] ?? [word]) {
      if (!format.carries.some((one) => one === type) && !Object.hasOwn(groups, word))
        throw invalid('types', typeFault(type, format));
      asked.add(type);
    }
  const types = format.carries.filter((type) => asked.has(type));
  if (types.length === 0) throw invalid('types', typeFault(text, format));
  if (format.isOfOneKind === true && new Set(types.map(kindOfType)).size > 1)
    throw invalid('types', `A list in the format "${format.name}" has values of one kind only.`);
  return types;
}

function typeFault(type: string, format: Pick<ListFormat, 'name' | 'carries'>): string {
  const near = nearest(type, format.carries);
  const about = near === undefined ? '' : ` Did you mean "${near}"?`;
  return `The format "${format.name}" carries: ${format.carries.join(', ')}.${about}`;
}

/** Returns the filters as a text, in one format for equal filters. */
export function queryText(query: ListQuery, format: Pick<ListFormat, 'name'>): string {
  return JSON.stringify([
    format.name,
    query.types,
    query.minConfidence,
    query.maxAge ?? null,
    query.labels ?? null,
    query.sources,
    query.limit ?? null,
    query.page,
    query.since ?? null,
    query.aggregate,
  ]);
}

/** The name of MISP feeds in the ledger and in the settings of tools. They have addresses of their own. */
export const MISP_FORMAT = 'misp';

/** Returns the format of a list in words, with which `listWords` begins. */
export function formatWords(format: string): string {
  return `format=${format} `;
}

/** Formats in which a fetch only announces removals: the tool fetches more, and keeps the values until it processed them. */
const ANNOUNCING: ReadonlySet<string> = new Set([MISP_FORMAT]);

/** Returns the evidence of a fetch after a removal for the list of a `queryText`. */
export function evidenceOf(text: string): 'notified' | 'confirmed' {
  const [format = ''] = JSON.parse(text) as [string?];
  return ANNOUNCING.has(format) ? 'notified' : 'confirmed';
}

/** Returns the types of values that the list of a `queryText` contains. */
export function typesInList(text: string): readonly string[] {
  const [, types] = JSON.parse(text) as [string?, string[]?];
  return types ?? [];
}

/** Returns the words with which the text of `listWords` begins for readers of a saved list. */
export function savedListWords(name: string): string {
  return `list=${name} `;
}

/** Returns the text of `queryText` in words. The third part of the text is the name of a saved list, or a filter. */
export function listWords(text: string): string {
  const [format = '', types, list] = JSON.parse(text) as [string?, string[]?, unknown?];
  const saved = typeof list === 'string' ? savedListWords(list) : '';
  return `${saved}${formatWords(format)}types=${(types ?? []).join(',')}`;
}
