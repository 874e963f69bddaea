import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  type Fault,
  MOST_SCHEMA_FAULTS,
  LONGEST_FORMED,
  LONG_FORMS,
  isMeaningful,
  faultOf,
} from './schema-faults.ts';
import { addFormatReasons, type FormatReason, type SchemaError } from './schema-sentences.ts';
import { checkFileOf, checkFolder } from './schema-files.ts';

/** A remark about an accepted value. `keyword` is the schema annotation that caused it. */
export interface Note {
  readonly pointer: string;
  readonly keyword: string;
  readonly message: string;
  readonly suggestion: string | undefined;
}

/** The check of a schema. An empty list means that the value is of the type that the schema describes. */
export type Validator = (value: unknown) => readonly Fault[];

/** Faults of a value. `isCut` means that the check ended early, because it had found enough. */
export interface FaultList extends ReadonlyArray<Fault> {
  readonly isCut?: boolean;
}

/** Additional keywords for the schemas of one part of the hub. */
export interface SchemaWords {
  /** String checks, by the name that schemas use as `format`. */
  readonly formats?: Readonly<Record<string, (value: string) => boolean>>;
  /** The fault of a text that such a check refuses, where a sentence can say more than the schema does. */
  readonly reasons?: Readonly<Record<string, FormatReason>>;
  /** Annotations that accept every value and may return a note. `undefined` means no note. */
  readonly notes?: Readonly<
    Record<
      string,
      (
        annotation: unknown,
        value: unknown,
      ) => { message: string; suggestion?: string | undefined } | undefined
    >
  >;
}

const NONE: readonly Fault[] = [];

/** A function that the build made from a schema. */
type Check = ((value: unknown) => boolean) & { readonly errors?: readonly SchemaError[] | null };
type Format = (value: string) => boolean;

/** A file of the build. It exports a function that returns the checks by the names of their schemas. */
type CheckFile = (
  formats: Readonly<Record<string, { readonly validate: Format }>>,
  note: (keyword: string, annotation: unknown, value: unknown, pointer: string) => void,
  boundedExpression: (source: string, flags: string) => { test(text: string): boolean },
) => Readonly<Record<string, Check>>;

const formats: Record<string, { readonly validate: Format }> = {};
const annotations: Record<string, NonNullable<SchemaWords['notes']>[string]> = {};

/** Adds schema keywords. Call it while modules load, before the first schema that uses them is checked. */
export function addSchemaWords({ formats: added = {}, notes = {}, reasons = {} }: SchemaWords): void {
  for (const [name, check] of Object.entries(added))
    formats[name] = { validate: (value) => value.length <= LONGEST_FORMED && check(value) };
  Object.assign(annotations, notes);
  addFormatReasons(reasons);
}

/**
 * The cost of all checks so far, counted instead of timed. Tests and benchmarks compare it before and after a
 * check.
 */
export const checkWork = { errors: 0 };

/** Ensures that regular expressions of schemas are matched only against texts of limited length. */
function boundedExpression(source: string, flags: string): { test(text: string): boolean } {
  const expression = new RegExp(source, flags);
  if (LONG_FORMS.has(source)) return expression;
  return { test: (text) => text.length <= LONGEST_FORMED && expression.test(text) };
}

/** Receives the notes of the current check. Undefined when no caller wants notes. */
let notebook: Note[] | undefined;

/** The checks call this where the schema has an annotation of `SchemaWords`. */
function note(keyword: string, annotation: unknown, value: unknown, pointer: string): void {
  if (notebook === undefined || notebook.length >= MOST_SCHEMA_FAULTS) return;
  const found = annotations[keyword]?.(annotation, value);
  if (found !== undefined)
    notebook.push({ pointer, keyword, message: found.message, suggestion: found.suggestion });
}

const load = createRequire(import.meta.url);
const files = new Map<string, Readonly<Record<string, Check>>>();

/** Returns the check of a schema. Its file is loaded on first use, so an idle hub and short commands load few. */
function checkOf(name: string, explains: boolean): Check {
  const file = checkFileOf(name, explains);
  let checks = files.get(file);
  if (checks === undefined) {
    checks = (load(join(checkFolder, file)) as CheckFile)(formats, note, boundedExpression);
    files.set(file, checks);
  }
  const check = checks[name];
  if (check === undefined)
    throw new Error(`schemas/${name} does not exist, or the build compiled no check of it`);
  return check;
}

/**
 * Returns the check of `schemas/<name>` (for example `config.json`, `stix/indicator.json`), or of a part of it
 * (`taxii.json#/$defs/status`). The build decides which parts have a check (`scripts/checks.mjs`).
 */
export function schemaCheck(name: string): Validator {
  const check = checkOf(name, false);
  return (value) => (check(value) ? NONE : (check.errors ?? []).slice(-1).map(faultOf));
}

/**
 * Does the same, but reports every fault of a value. The first check is as fast as that of `schemaCheck`. Only a
 * rejected value is checked again for all faults. Notes are added to `notes` if it is given.
 */
export function thoroughCheck(name: string): (value: unknown, notes?: Note[]) => FaultList {
  const quick = checkOf(name, false);
  let thorough: Check | undefined;
  return (value, notes) => {
    notebook = notes;
    try {
      if (quick(value)) return NONE;
      thorough ??= checkOf(name, true);
      if (notes !== undefined) notes.length = 0;
      thorough(value);
    } finally {
      notebook = undefined;
    }
    checkWork.errors += thorough?.errors?.length ?? 0;
    const told = new Map<string, Fault>();
    for (const error of thorough?.errors ?? []) {
      if (told.size === MOST_SCHEMA_FAULTS) break;
      if (!isMeaningful(error)) continue;
      const fault = faultOf(error);
      told.set(`${fault.pointer} ${fault.rule ?? fault.keyword}`, fault);
    }
    // The quick check refused the value, so there is a fault even if the thorough check reports none.
    const faults = told.size > 0 ? [...told.values()] : (quick.errors ?? []).slice(-1).map(faultOf);
    const isCut = (thorough?.errors?.length ?? 0) > MOST_SCHEMA_FAULTS || told.size === MOST_SCHEMA_FAULTS;
    return isCut ? Object.assign(faults, { isCut }) : faults;
  };
}
