import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { boundedExpression } from './bounded-expression.ts';
import { preparedChecks } from './prepared-checks.ts';
import { type Fault, MOST_SCHEMA_FAULTS, LONGEST_FORMED, isMeaningful, faultOf } from './schema-faults.ts';
import { addFormatReasons, type FormatReason } from './schema-sentences.ts';
import { schemaFolder, schemaFiles } from './schema-files.ts';

/** A remark about an accepted value. `keyword` is the schema annotation that caused it. */
export interface Note {
  readonly pointer: string;
  readonly keyword: string;
  readonly message: string;
  readonly suggestion: string | undefined;
}

/** A compiled schema. An empty list means that the value is of the type that the schema describes. */
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

const words: { formats: Record<string, (value: string) => boolean>; notes: SchemaWords['notes'][] } = {
  formats: {},
  notes: [],
};

/**
 * Adds schema keywords to the compiler. Call it while modules load. Schemas that were compiled before do not use these
 * words: a schema with an unknown word cannot be compiled. Later schemas get a new compiler, which knows them.
 */
export function addSchemaWords({ formats = {}, notes = {}, reasons = {} }: SchemaWords): void {
  compilers.clear();
  Object.assign(words.formats, formats);
  words.notes.push(notes);
  addFormatReasons(reasons);
}

/**
 * When all errors are requested, Ajv checks every item of a list and copies the errors of each item into a
 * new list. That work grows with the square of the number of faults. Each generated loop therefore ends once
 * enough errors are known.
 */
function endLoopsEarly(code: string): string {
  return code.replaceAll(
    /\bfor\s*\((?:let|const|var) [^(){}]*\)\s*\{/g,
    (loop) => `${loop}if(errors>${MOST_SCHEMA_FAULTS})break;`,
  );
}

/**
 * The cost of all checks so far, counted instead of timed. Tests and benchmarks compare it before and after a
 * check.
 */
export const checkWork = { errors: 0 };

const compilers = new Map<boolean, Ajv2020>();

/** Receives the notes of the current check. Undefined when no caller wants notes. */
let notebook: Note[] | undefined;

/**
 * Returns Ajv with every file of schemas/ registered by its path. It is strict, without `$data` and without remote
 * references, so a schema can never depend on input or the network. It is created on first use, so commands that
 * validate nothing start faster.
 */
function ajv(allErrors: boolean): Ajv2020 {
  const known = compilers.get(allErrors);
  if (known !== undefined) return known;
  const made = newCompiler(allErrors);
  compilers.set(allErrors, made);
  return made;
}

/**
 * Returns a compiler whose checks `scripts/bundle.mjs` can write to a file. They are the same as those of
 * `compileSchema`. It knows no added words, so it refuses a schema that needs them.
 */
export function compilerForFiles(): Ajv2020 {
  return newCompiler(false, { source: true, esm: true });
}

function newCompiler(allErrors: boolean, output: { source?: boolean; esm?: boolean } = {}): Ajv2020 {
  const made = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allErrors,
    verbose: true,
    $data: false,
    allowUnionTypes: true,
    // The files are part of the hub, and a test checks them. Checking them at each start would take longer than a
    // request may wait.
    validateSchema: false,
    code: {
      ...output,
      regExp: boundedExpression,
      ...(allErrors ? { process: endLoopsEarly, optimize: false } : {}),
    },
  });
  made.addKeyword({ keyword: 'x-rule', schemaType: 'string' });
  made.addKeyword({ keyword: 'x-rules', schemaType: 'object' });
  for (const [name, check] of Object.entries(words.formats))
    made.addFormat(name, {
      type: 'string',
      validate: (value: string) => value.length <= LONGEST_FORMED && check(value),
    });
  for (const [keyword, look] of words.notes.flatMap((notes) => Object.entries(notes ?? {}))) {
    made.addKeyword({
      keyword,
      validate: (annotation: unknown, value: unknown, _schema: unknown, at?: { instancePath: string }) => {
        if (notebook !== undefined && notebook.length < MOST_SCHEMA_FAULTS) {
          const note = look(annotation, value);
          if (note !== undefined)
            notebook.push({
              pointer: at?.instancePath ?? '',
              keyword,
              message: note.message,
              suggestion: note.suggestion,
            });
        }
        return true;
      },
      errors: false,
    });
  }
  for (const file of schemaFiles(schemaFolder)) {
    const id = relative(schemaFolder, file).split(sep).join('/');
    made.addSchema(JSON.parse(readFileSync(file, 'utf8')) as object, id);
  }
  return made;
}

function compiled(name: string, allErrors: boolean): ValidateFunction {
  const prepared = allErrors ? undefined : preparedChecks[name];
  if (prepared !== undefined) return prepared;
  const check = ajv(allErrors).getSchema(name) as ValidateFunction | undefined;
  if (check === undefined) throw new Error(`schemas/${name} does not exist`);
  return check;
}

/** Compiles one schema, either for checks that stop at the first fault or for checks that explain all faults. */
export function compilePart(name: string, explains: boolean): void {
  compiled(name, explains);
}

/**
 * Compiles `schemas/<name>` (for example `config.json`, `stix/indicator.json`), or a part of it
 * (`config.json#/$defs/member`).
 */
export function compileSchema(name: string): Validator {
  const check = compiled(name, false);
  return (value) => (check(value) ? NONE : (check.errors ?? []).slice(-1).map(faultOf));
}

/**
 * Does the same, but reports every fault of a value. The first check is as fast as that of `compileSchema`. Only a
 * rejected value is checked again for all faults. Notes are added to `notes` if it is given.
 */
export function compileThorough(name: string): (value: unknown, notes?: Note[]) => FaultList {
  const quick = compiled(name, false);
  let thorough: ValidateFunction | undefined;
  return (value, notes) => {
    notebook = notes;
    try {
      if (quick(value)) return NONE;
      thorough ??= compiled(name, true);
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
