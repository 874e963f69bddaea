import type { IndicatorsRequest } from '../../api/schema-types.ts';
import { schemaCheck } from '../../kernel/validate.ts';
import type { WritableCollection } from '../../sharing/intake/publishing.ts';
import type { Observable } from '../../stix/pattern/build.ts';
import { readForPublishing } from '../../stix/values/indicator.ts';
import { PUBLISHABLE_KINDS } from '../../stix/values/publishable-kinds.ts';
import type { Messages } from '../shared/messages/en.ts';

/** Largest number of values in one form. The API and the command line take more. */
export const MOST_VALUES = 100;
/** Bounds of the form: its size in bytes and the number of its fields. */
export const PUBLISH_FORM = { bytes: 131_072, fields: 24 } as const;

const DEFAULT_DAYS = '30';
const SCHEMA = 'api/indicators-request.json';

/** The TLP levels of the form. TLP:RED is not published in collections. */
export const PUBLISHABLE_LEVELS = ['clear', 'green', 'amber', 'amber+strict'] as const;
/** Ways to handle values that are known already. */
export const IF_KNOWN = ['skip', 'sighting', 'new'] as const;

/** The form before anything is typed. */
export const EMPTY = {
  values: '',
  kind: 'auto',
  known: 'skip',
  tlp: 'amber',
  days: DEFAULT_DAYS,
  from: '',
  title: '',
  description: '',
  malware: '',
  confidence: '',
  labels: '',
  references: '',
  collection: '',
  /** The member that reported the values. */
  behalf: '',
  /** `yes` when the person also publishes values on warning lists. */
  accept: '',
};

/** The name of a field. */
export type FieldName = keyof typeof EMPTY;
/** The fields of the form, as they were typed. */
export type PublishForm = Readonly<Record<FieldName, string>>;

/** The names of the fields. */
const NAMES = Object.keys(EMPTY) as readonly FieldName[];
/** Fields whose blanks count. */
const AS_TYPED: ReadonlySet<FieldName> = new Set<FieldName>(['values']);

/** A fault of a field. */
export interface PublishFault {
  readonly field: FieldName;
  readonly message: string;
}

/** A collection that the person can publish in. */
export interface CollectionChoice {
  readonly name: string;
  readonly title: string;
  readonly max_tlp: string;
}

/** Values that can become indicators: what was typed, and what it was read as. */
export interface ReadRow {
  readonly value: string;
  readonly observable: Observable;
}

/** A form that can be published. */
export interface Submission {
  readonly request: IndicatorsRequest;
  readonly collection: WritableCollection;
  readonly rows: readonly ReadRow[];
  readonly duplicates: readonly string[];
}

/** Reads the fields of a form. */
export function formOf(text: (name: FieldName) => string): PublishForm {
  const fields = { ...EMPTY };
  for (const name of NAMES) fields[name] = AS_TYPED.has(name) ? text(name) : text(name).trim();
  return fields;
}

/** The fields of a form by the properties of the request. */
const FIELDS: Readonly<Record<string, FieldName>> = {
  values: 'values',
  tlp: 'tlp',
  valid_days: 'days',
  valid_from: 'from',
  title: 'title',
  description: 'description',
  kind: 'kind',
  malware: 'malware',
  confidence: 'confidence',
  labels: 'labels',
  references: 'references',
  if_known: 'known',
  on_behalf_of: 'behalf',
};

function linesOf(text: string): readonly string[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Returns the number in a field of the form, undefined for an empty field, and NaN for any other text. */
function numberOf(typed: string): number | undefined {
  if (typed === '') return undefined;
  return /^\d{1,6}$/.test(typed) ? Number(typed) : Number.NaN;
}

/** Returns the properties of the request that the person has filled in. */
function optionsOf(form: PublishForm): Partial<IndicatorsRequest> {
  const labels = form.labels.split(',').flatMap((label) => (label.trim() === '' ? [] : [label.trim()]));
  const references = linesOf(form.references);
  const confidence = numberOf(form.confidence);
  return {
    ...(form.accept === 'yes' ? { accept_warnings: true } : {}),
    ...(form.title === '' ? {} : { title: form.title }),
    ...(form.description === '' ? {} : { description: form.description }),
    ...(form.malware === '' ? {} : { malware: form.malware }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(labels.length === 0 ? {} : { labels }),
    ...(references.length === 0 ? {} : { references }),
    ...(form.from === '' ? {} : { valid_from: `${form.from}T00:00:00Z` }),
    ...(form.behalf === '' ? {} : { on_behalf_of: form.behalf }),
  };
}

/** Reads a form. Returns the faults of its fields if it cannot be published. */
export function submissionOf(
  form: PublishForm,
  collections: readonly WritableCollection[],
  { publish: { faults: said } }: Pick<Messages, 'publish'>,
): { readonly submission?: Submission; readonly faults: readonly PublishFault[] } {
  const faults: PublishFault[] = [];
  const lines = form.values
    .split(/\r\n|\r|\n/)
    .map((line, i) => ({ line: i + 1, value: line.trim() }))
    .filter(({ value }) => value !== '' && !value.startsWith('#'));
  if (lines.length === 0) faults.push({ field: 'values', message: said.noValue });
  if (lines.length > MOST_VALUES)
    faults.push({ field: 'values', message: said.tooMany(MOST_VALUES, lines.length) });
  const kind = PUBLISHABLE_KINDS.find((one) => one === form.kind);
  if (kind === undefined) faults.push({ field: 'kind', message: said.kind });
  const { values, rows, repeated, unreadable } = rowsOf(lines.slice(0, MOST_VALUES), kind ?? 'auto');
  for (const { line, value, fault } of unreadable)
    faults.push({ field: 'values', message: said.line(line, value.slice(0, 100), fault) });
  const known = IF_KNOWN.find((one) => one === form.known);
  if (known === undefined) faults.push({ field: 'known', message: said.known });
  const collection = collections.find(({ name }) => name === form.collection);
  if (collection === undefined) faults.push({ field: 'collection', message: said.collection });
  const days = numberOf(form.days) ?? 0;
  if (!(days >= 1)) faults.push({ field: 'days', message: said.days });
  if (Number.isNaN(numberOf(form.confidence))) faults.push({ field: 'confidence', message: said.confidence });
  if (form.from !== '' && !/^\d{4}-\d\d-\d\d$/.test(form.from))
    faults.push({ field: 'from', message: said.from });
  const tlp = PUBLISHABLE_LEVELS.find((level) => level === form.tlp);
  if (tlp === undefined) faults.push({ field: 'tlp', message: said.level });
  if (faults.length > 0 || collection === undefined || tlp === undefined || known === undefined)
    return { faults };
  const request: IndicatorsRequest = {
    values,
    ...(kind === undefined || kind === 'auto' ? {} : { kind }),
    tlp,
    valid_days: days,
    ...(known === 'skip' ? {} : { if_known: known }),
    ...optionsOf(form),
  };
  // The form has the bounds of the API, whose schema is the one place for them.
  const outside = schemaCheck(SCHEMA)(request).map(({ pointer, message }) => ({
    field: FIELDS[pointer.split('/')[1] ?? ''] ?? 'values',
    message: `${message}.`,
  }));
  if (outside.length > 0) return { faults: outside };
  const duplicates = repeated.map(({ line, first }) => said.sameValue(line, first));
  return { submission: { request, collection, rows, duplicates }, faults: [] };
}

/** The lines of a form as they were read. */
interface ReadLines {
  /** The values of the lines. A value can come from several lines. */
  readonly values: readonly string[];
  readonly rows: readonly ReadRow[];
  readonly repeated: readonly { readonly line: number; readonly first: number }[];
  readonly unreadable: readonly { readonly line: number; readonly value: string; readonly fault: string }[];
}

/** Reads the lines of the form, and leaves out values that came before in another notation. */
function rowsOf(
  lines: readonly { readonly line: number; readonly value: string }[],
  kind: (typeof PUBLISHABLE_KINDS)[number],
): ReadLines {
  const values: string[] = [];
  const rows: ReadRow[] = [];
  const repeated: { line: number; first: number }[] = [];
  const unreadable: { line: number; value: string; fault: string }[] = [];
  const first = new Map<string, number>();
  const read = readForPublishing(lines.map(({ value }) => value), kind); // prettier-ignore
  for (const [i, { value, observables, fault }] of read.entries()) {
    const line = lines[i]?.line ?? 0;
    if (fault !== undefined) unreadable.push({ line, value, fault });
    const same = observables.map((observable) => first.get(JSON.stringify(observable)));
    if (observables.length > 0 && same.every((one) => one !== undefined)) {
      repeated.push({ line, first: same[0] ?? 0 });
      continue;
    }
    if (observables.length > 0) values.push(value);
    for (const observable of observables) {
      first.set(JSON.stringify(observable), line);
      rows.push({ value, observable });
    }
  }
  return { values, rows, repeated, unreadable };
}
