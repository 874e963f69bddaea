import type { IndicatorsRequest } from '../../api/schema-types.ts';
import { compileSchema } from '../../kernel/validate.ts';
import type { WritableCollection } from '../../sharing/intake/publishing.ts';
import type { Observable } from '../../stix/pattern/build.ts';
import { readForPublishing } from '../../stix/values/indicator.ts';
import { PUBLISHABLE_KINDS, type PublishableKind } from '../../stix/values/publishable-kinds.ts';

/** Largest number of values in one form. The API and the command line take more. */
export const MOST_VALUES = 100;
/** Bounds of the form: its size in bytes and the number of its fields. */
export const PUBLISH_FORM = { bytes: 131_072, fields: 10 } as const;

const DEFAULT_DAYS = '30';
const SCHEMA = 'api/indicators-request.json';

/** The TLP levels of the form. TLP:RED is not published in collections. */
const PUBLISHABLE_LEVELS = ['clear', 'green', 'amber', 'amber+strict'] as const;

export type PublishableLevel = (typeof PUBLISHABLE_LEVELS)[number];

/** The fields of the form, as they were typed. */
export interface PublishForm {
  readonly values: string;
  readonly kind: string;
  readonly tlp: string;
  readonly days: string;
  readonly title: string;
  readonly description: string;
  readonly collection: string;
  /** `yes` when the person also publishes values on warning lists. */
  readonly accept: string;
}

/** A fault of a field. */
export interface PublishFault {
  readonly field: keyof PublishForm;
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

/** The form before anything is typed. */
export const EMPTY: PublishForm = {
  values: '',
  kind: 'auto',
  tlp: 'amber',
  days: DEFAULT_DAYS,
  title: '',
  description: '',
  collection: '',
  accept: '',
};

/** Reads the fields of a form. */
export function formOf(text: (name: keyof PublishForm) => string): PublishForm {
  return {
    values: text('values'),
    kind: text('kind'),
    tlp: text('tlp'),
    days: text('days').trim(),
    title: text('title').trim(),
    description: text('description').trim(),
    collection: text('collection'),
    accept: text('accept'),
  };
}

function isKind(text: string): text is PublishableKind {
  return PUBLISHABLE_KINDS.some((kind) => kind === text);
}

/** Fields of the form by the properties of the request. */
const FIELDS: Readonly<Record<string, keyof PublishForm>> = {
  values: 'values',
  tlp: 'tlp',
  valid_days: 'days',
  title: 'title',
  description: 'description',
  kind: 'kind',
};

/** Reads a form. Returns the faults of its fields if it cannot be published. */
export function submissionOf(
  form: PublishForm,
  collections: readonly WritableCollection[],
): { readonly submission?: Submission; readonly faults: readonly PublishFault[] } {
  const faults: PublishFault[] = [];
  const lines = form.values
    .split(/\r\n|\r|\n/)
    .map((line, i) => ({ line: i + 1, value: line.trim() }))
    .filter(({ value }) => value !== '' && !value.startsWith('#'));
  if (lines.length === 0) faults.push({ field: 'values', message: 'Enter at least one value.' });
  if (lines.length > MOST_VALUES)
    faults.push({
      field: 'values',
      message: `The form takes at most ${MOST_VALUES} values, and these are ${lines.length}. Use talanoa publish --file for more.`,
    });
  const kind = isKind(form.kind) ? form.kind : undefined;
  if (kind === undefined) faults.push({ field: 'kind', message: 'Choose a kind from the list.' });
  const { values, rows, duplicates, unreadable } = rowsOf(lines.slice(0, MOST_VALUES), kind ?? 'auto');
  faults.push(...unreadable);
  const collection = collections.find(({ name }) => name === form.collection);
  if (collection === undefined)
    faults.push({ field: 'collection', message: 'Choose a collection that you can write to.' });
  const days = /^\d{1,6}$/.test(form.days) ? Number(form.days) : 0;
  if (days < 1) faults.push({ field: 'days', message: 'Enter the number of days, such as 30.' });
  const tlp = PUBLISHABLE_LEVELS.find((level) => level === form.tlp);
  if (tlp === undefined) faults.push({ field: 'tlp', message: 'Choose a TLP level from the list.' });
  if (faults.length > 0 || collection === undefined || tlp === undefined) return { faults };
  const request: IndicatorsRequest = {
    values,
    ...(kind === undefined || kind === 'auto' ? {} : { kind }),
    tlp,
    valid_days: days,
    ...(form.accept === 'yes' ? { accept_warnings: true } : {}),
    ...(form.title === '' ? {} : { title: form.title }),
    ...(form.description === '' ? {} : { description: form.description }),
  };
  // The form has the bounds of the API, whose schema is the one place for them.
  const outside = compileSchema(SCHEMA)(request).map(({ pointer, message }) => ({
    field: FIELDS[pointer.split('/')[1] ?? ''] ?? 'values',
    message: `${message}.`,
  }));
  return outside.length > 0
    ? { faults: outside }
    : { submission: { request, collection, rows, duplicates }, faults: [] };
}

/** Reads the lines of the form, and leaves out values that came before in another notation. */
function rowsOf(
  lines: readonly { readonly line: number; readonly value: string }[],
  kind: PublishableKind,
): {
  /** The values of the lines. A value can come from several lines. */
  readonly values: readonly string[];
  readonly rows: readonly ReadRow[];
  readonly duplicates: readonly string[];
  readonly unreadable: readonly PublishFault[];
} {
  const values: string[] = [];
  const rows: ReadRow[] = [];
  const duplicates: string[] = [];
  const unreadable: PublishFault[] = [];
  const first = new Map<string, number>();
  const read = readForPublishing(lines.map(({ value }) => value), kind); // prettier-ignore
  for (const [i, { value, observables, fault }] of read.entries()) {
    const line = lines[i]?.line ?? 0;
    if (fault !== undefined)
      unreadable.push({
        field: 'values',
        message: `Line ${line}: "${value.slice(0, 100)}" cannot be published: ${fault}.`,
      });
    const same = observables.map((observable) => first.get(JSON.stringify(observable)));
    if (observables.length > 0 && same.every((one) => one !== undefined)) {
      duplicates.push(`Line ${line} is the same value as line ${same[0]}. It is published once.`);
      continue;
    }
    if (observables.length > 0) values.push(value);
    for (const observable of observables) {
      first.set(JSON.stringify(observable), line);
      rows.push({ value, observable });
    }
  }
  return { values, rows, duplicates, unreadable };
}
