// Longer than 400 lines: one registry of compiled schemas; nothing outside may see the compiler.
import { readFileSync, readdirSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { nearest } from './nearest.ts';
import { packageRoot } from './paths.ts';

/** One fault found by a schema. */
export interface Fault {
  /** JSON pointer (RFC 6901) to the value. */
  readonly pointer: string;
  /** What is wrong, as a sentence without the pointer. */
  readonly message: string;
  /** The text that was probably meant. */
  readonly suggestion: string | undefined;
  /** The rule id that the schema names with `x-rule`, or else the rule of its keyword. */
  readonly rule: string | undefined;
  /** The schema keyword that rejected the value. */
  readonly keyword: string;
}

/** A remark about an accepted value. `keyword` is the schema annotation that caused it. */
export interface Note {
  readonly pointer: string;
  readonly keyword: string;
  readonly message: string;
  readonly suggestion: string | undefined;
}

/** A compiled schema. An empty list means that the value is of the type that the schema describes. */
export type Validator = (value: unknown) => readonly Fault[];

/** Additional keywords for the schemas of one part of the hub. */
export interface SchemaWords {
  /** String checks, by the name that schemas use as `format`. */
  readonly formats?: Readonly<Record<string, (value: string) => boolean>>;
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

const folder = join(packageRoot, 'schemas');
const NONE: readonly Fault[] = [];
/** After this number of faults, a value is not checked any further. */
export const MOST_SCHEMA_FAULTS = 20;
/**
 * Maximum length of a text with a required format, such as an identifier or a timestamp. Longer texts are not
 * matched at all.
 */
export const LONGEST_FORMED = 65_536;
/** Formats whose texts may be long. Each is a single repeated character class, so matching needs no backtracking. */
const LONG_FORMS: ReadonlySet<string> = new Set([
  '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$',
  '^(?:[0-9a-f]{2})+$',
]);
/** The hub's own rule for a text with a required format that is too long. The standard sets no such limit. */
export const TOO_LONG_RULE = 'L-007';

function schemaFiles(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((item) => {
    const path = join(dir, item.name);
    if (item.isDirectory()) return schemaFiles(path);
    return item.name.endsWith('.json') ? [path] : [];
  });
}

/** Returns the parsed content of a schema file. */
export function schemaDocument(name: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as Readonly<Record<string, unknown>>;
}

const words: { formats: Record<string, (value: string) => boolean>; notes: SchemaWords['notes'][] } = {
  formats: {},
  notes: [],
};

/** Adds schema keywords to the compiler. Call it while modules load, before anything is compiled. */
export function addSchemaWords({ formats = {}, notes = {} }: SchemaWords): void {
  if (compilers.size > 0) throw new Error('schemas were compiled already');
  Object.assign(words.formats, formats);
  words.notes.push(notes);
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

/** Ensures that regular expressions of schemas are matched only against texts of limited length. */
function boundedExpression(
  source: string,
  flags: string,
): { test(text: string): boolean; toString(): string } {
  const expression = new RegExp(source, flags);
  if (LONG_FORMS.has(source)) return expression;
  // Ajv identifies regular expressions by their string form.
  return {
    test: (text) => text.length <= LONGEST_FORMED && expression.test(text),
    toString: () => expression.toString(),
  };
}
// Ajv would print this when it generates code for a file, which never happens here.
boundedExpression.code = 'new RegExp';

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
    code: { regExp: boundedExpression, ...(allErrors ? { process: endLoopsEarly, optimize: false } : {}) },
  });
  compilers.set(allErrors, made);
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
  for (const file of schemaFiles(folder)) {
    const id = relative(folder, file).split(sep).join('/');
    made.addSchema(JSON.parse(readFileSync(file, 'utf8')) as object, id);
  }
  return made;
}

function compiled(name: string, allErrors: boolean): ValidateFunction {
  const check = ajv(allErrors).getSchema(name) as ValidateFunction | undefined;
  if (check === undefined) throw new Error(`schemas/${name} does not exist`);
  return check;
}

/** Compiles one schema, either for checks that stop at the first fault or for checks that explain all faults. */
export function compilePart(name: string, explains: boolean): void {
  compiled(name, explains);
}

/**
 * Returns a schema and those that it refers to, each one after those that it needs itself. Compiled in this order, each
 * takes little time, because the compiler uses what it has compiled already.
 */
export function schemaParts(name: string): readonly string[] {
  const parts = new Set<string>();
  const begun = new Set<string>();
  const look = (file: string, part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const [key, value] of Object.entries(part)) {
      if (key === '$ref' && typeof value === 'string') visit(referred(file, value));
      else if (key !== '$defs') look(file, value);
    }
  };
  const visit = (reference: string): void => {
    if (begun.has(reference)) return;
    begun.add(reference);
    const [file = '', pointer = ''] = reference.split('#');
    look(file, partAt(schemaDocument(file), pointer));
    parts.add(reference);
  };
  visit(name);
  return [...parts];
}

/** Resolves a reference in a file. */
function referred(file: string, reference: string): string {
  const [name = '', pointer] = reference.split('#');
  const target = name === '' ? file : posix.join(posix.dirname(file), name);
  return pointer === undefined ? target : `${target}#${pointer}`;
}

function partAt(document: unknown, pointer: string): unknown {
  let at = document;
  for (const step of pointer.split('/').slice(1)) at = (at as Readonly<Record<string, unknown>>)[step];
  return at;
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
export function compileThorough(name: string): (value: unknown, notes?: Note[]) => readonly Fault[] {
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
      if (!speaksForItself(error)) continue;
      const fault = faultOf(error);
      told.set(`${fault.pointer} ${fault.rule ?? fault.keyword}`, fault);
    }
    // The quick check refused the value, so there is a fault even if the thorough check reports none.
    return told.size > 0 ? [...told.values()] : (quick.errors ?? []).slice(-1).map(faultOf);
  };
}

/**
 * False for errors that only say that a part failed, and for errors inside of alternatives, which the error of the
 * alternative covers.
 */
function speaksForItself({ keyword, schemaPath }: ErrorObject): boolean {
  if (keyword === 'if' || keyword === 'propertyNames') return false;
  return !/\/(?:anyOf|oneOf)\/\d+\/|\/(?:contains|not)\//.test(schemaPath);
}

function faultOf(error: ErrorObject): Fault {
  const named = error.parentSchema?.['x-rule'];
  const rules = (error.parentSchema as { 'x-rules'?: Record<string, string> } | undefined)?.['x-rules'];
  const { message, suggestion } = sentence(error);
  const tooLong =
    (error.keyword === 'format' ||
      (error.keyword === 'pattern' && !LONG_FORMS.has(String(error.params['pattern'])))) &&
    lengthOf(error) > LONGEST_FORMED;
  if (tooLong)
    return {
      pointer: error.instancePath + extraPath(error),
      message: `the text has ${lengthOf(error)} characters; on this hub ${describe(error)} can have at most ${LONGEST_FORMED}`,
      suggestion: undefined,
      rule: TOO_LONG_RULE,
      keyword: 'maxLength',
    };
  return {
    pointer: error.instancePath + extraPath(error),
    message,
    suggestion,
    rule: rules?.[error.keyword] ?? (typeof named === 'string' ? named : undefined),
    keyword: error.keyword,
  };
}

function extraPath(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  const name =
    error.propertyName ??
    params['missingProperty'] ??
    params['additionalProperty'] ??
    params['unevaluatedProperty'];
  return typeof name === 'string' ? `/${escapePointer(name)}` : '';
}

/** Returns a property name as a reference token of a JSON pointer (RFC 6901 §3). */
export function escapePointer(token: string): string {
  // Called for each property of each object, and hardly any name needs a change.
  if (!token.includes('~') && !token.includes('/')) return token;
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Maximum number of characters of a value that a message shows. */
const LONGEST_SHOWN = 80;

/** Returns a value as shortened JSON. No more than the shown part is written, however large the value is. */
function shown(value: unknown): string {
  const text = beginning(value, LONGEST_SHOWN + 1);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

/** Returns the beginning of a value as JSON: at least `length` characters if there are that many. */
function beginning(value: unknown, length: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, length));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const isList = Array.isArray(value);
  let text = isList ? '[' : '{';
  let first = true;
  for (const name in value) {
    if (text.length >= length) return text;
    if (!first) text += ',';
    first = false;
    if (!isList) text += `${JSON.stringify(name.slice(0, length))}:`;
    text += beginning((value as Record<string, unknown>)[name], length - text.length);
  }
  return text + (isList ? ']' : '}');
}

function lengthOf(error: ErrorObject): number {
  const text: unknown = error.propertyName ?? error.data;
  return typeof text === 'string' ? text.length : 0;
}

interface Sentence {
  readonly message: string;
  readonly suggestion?: string | undefined;
}

/** Returns a sentence with what was found and what was expected. */
function sentence(error: ErrorObject): Sentence {
  const params = error.params as Record<string, unknown>;
  const found = shown(error.propertyName ?? error.data);
  switch (error.keyword) {
    case 'required':
      return { message: `the property "${String(params['missingProperty'])}" is missing` };
    case 'dependentRequired':
      return {
        message: `the property "${String(params['missingProperty'])}" is missing, which "${String(params['property'])}" needs`,
      };
    case 'type':
      return { message: `must be ${listed(params['type'])}, found ${found}` };
    case 'enum': {
      const allowed = params['allowedValues'] as readonly unknown[];
      const suggestion =
        typeof error.data === 'string' ? nearest(error.data, allowed.map(String)) : undefined;
      return {
        message: withGuess(`must be one of ${allowed.map(shown).join(', ')}, found ${found}`, suggestion),
        suggestion,
      };
    }
    case 'const':
      return { message: `must be ${shown(params['allowedValue'])}, found ${found}` };
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = String(params['additionalProperty'] ?? params['unevaluatedProperty']);
      const known = Object.keys(
        (error.parentSchema as { properties?: object } | undefined)?.properties ?? {},
      );
      const suggestion = nearest(name, known);
      return { message: withGuess(`the key "${name}" is not known here`, suggestion), suggestion };
    }
    case 'minItems':
      return { message: `a list must have at least ${String(params['limit'])} member(s)` };
    case 'minProperties':
      return { message: `must have at least ${String(params['limit'])} propert(ies)` };
    case 'minimum':
    case 'maximum':
      return {
        message: `must be ${error.keyword === 'minimum' ? 'at least' : 'at most'} ${String(params['limit'])}, found ${found}`,
      };
    case 'maxLength':
      return {
        message: `the text has ${lengthOf(error)} characters; at most ${String(params['limit'])} are accepted here${typeof error.parentSchema?.['description'] === 'string' ? ` for ${describe(error)}` : ''}`,
      };
    case 'pattern':
    case 'format':
      return { message: `${found} is not ${describe(error)}` };
    case 'not':
      return { message: `must not be here: ${describe(error)}` };
    case 'anyOf':
    case 'oneOf': {
      const names = alternatives(error);
      if (names.length === 0) break;
      return {
        message: `${error.keyword === 'oneOf' ? 'exactly one' : 'at least one'} of ${names.map((name) => `"${name}"`).join(', ')} must be there`,
      };
    }
  }
  return { message: `${error.message ?? 'is not valid'}, found ${found}` };
}

function withGuess(message: string, suggestion: string | undefined): string {
  return suggestion === undefined ? message : `${message}; did you mean "${suggestion}"?`;
}

/** Returns the properties that alternatives require, as far as they require any. */
function alternatives(error: ErrorObject): string[] {
  const parts = Array.isArray(error.schema) ? (error.schema as unknown[]) : [];
  return parts.flatMap((part) =>
    typeof part === 'object' && part !== null && 'required' in part && Array.isArray(part.required)
      ? part.required.map(String)
      : [],
  );
}

function describe(error: ErrorObject): string {
  const title = error.parentSchema?.['description'];
  const { pattern, format } = error.params as Record<string, unknown>;
  return typeof title === 'string' ? title : `of the form ${String(pattern ?? format)}`;
}

function listed(type: unknown): string {
  return Array.isArray(type) ? type.join(' or ') : `of type ${String(type)}`;
}
