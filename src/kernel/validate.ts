import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { nearest } from './nearest.ts';
import { packageRoot } from './paths.ts';

/** One fault found by a schema. */
export interface Fault {
  /** JSON pointer (RFC 6901) of the place. */
  readonly pointer: string;
  /** What is wrong there, in a sentence without the pointer. */
  readonly message: string;
  /** The rule id that the schema names with `x-rule`, else the one that its keyword stands for. */
  readonly rule: string | undefined;
  /** The schema keyword that refused. */
  readonly keyword: string;
}

/** A compiled schema: no faults means that the value is of the type that the schema describes. */
export type Validator = (value: unknown) => readonly Fault[];

const folder = join(packageRoot, 'schemas');
const NONE: readonly Fault[] = [];

function schemaFiles(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((item) => {
    const path = join(dir, item.name);
    if (item.isDirectory()) return schemaFiles(path);
    return item.name.endsWith('.json') ? [path] : [];
  });
}

let compiler: Ajv2020 | undefined;

/**
 * Ajv with every file of schemas/ known by its path. Strict; no `$data`, no remote references (security.md R-058).
 * Compiled when first needed, so that a command that validates nothing does not pay for it.
 */
function ajv(): Ajv2020 {
  if (compiler !== undefined) return compiler;
  const made = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allErrors: false,
    verbose: true,
    $data: false,
    allowUnionTypes: true,
    validateFormats: false,
  });
  made.addKeyword({ keyword: 'x-rule', schemaType: 'string' });
  made.addKeyword({ keyword: 'x-rules', schemaType: 'object' });
  for (const file of schemaFiles(folder)) {
    const id = relative(folder, file).split(sep).join('/');
    made.addSchema(JSON.parse(readFileSync(file, 'utf8')) as object, id);
  }
  compiler = made;
  return made;
}

/** Compiles `schemas/<name>` (for example `config.json`, `stix/indicator.json`), or a part of it (`config.json#/$defs/member`). */
export function compileSchema(name: string): Validator {
  const check = ajv().getSchema(name) as ValidateFunction | undefined;
  if (check === undefined) throw new Error(`schemas/${name} does not exist`);
  return (value) => (check(value) ? NONE : (check.errors ?? []).slice(-1).map(faultOf));
}

function faultOf(error: ErrorObject): Fault {
  const named = error.parentSchema?.['x-rule'];
  const rules = (error.parentSchema as { 'x-rules'?: Record<string, string> } | undefined)?.['x-rules'];
  return {
    pointer: error.instancePath + extraPath(error),
    message: sentence(error),
    rule: rules?.[error.keyword] ?? (typeof named === 'string' ? named : undefined),
    keyword: error.keyword,
  };
}

function extraPath(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  const name = params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty'];
  return typeof name === 'string' ? `/${escapePointer(name)}` : '';
}

/** A property name as a reference token of a JSON pointer (RFC 6901 section 3). */
export function escapePointer(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function sentence(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  const found = shown(error.data);
  switch (error.keyword) {
    case 'required':
      return `the property "${String(params['missingProperty'])}" is missing`;
    case 'type':
      return `must be ${listed(params['type'])}, found ${found}`;
    case 'enum': {
      const allowed = params['allowedValues'] as readonly unknown[];
      const near = typeof error.data === 'string' ? nearest(error.data, allowed.map(String)) : undefined;
      return `must be one of ${allowed.map(shown).join(', ')}, found ${found}${near === undefined ? '' : `; did you mean "${near}"?`}`;
    }
    case 'const':
      return `must be ${shown(params['allowedValue'])}, found ${found}`;
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = String(params['additionalProperty'] ?? params['unevaluatedProperty']);
      const known = Object.keys(
        (error.parentSchema as { properties?: object } | undefined)?.properties ?? {},
      );
      const near = nearest(name, known);
      return `the key "${name}" is not known here${near === undefined ? '' : `; did you mean "${near}"?`}`;
    }
    case 'minItems':
      return `a list must have at least ${String(params['limit'])} member(s)`;
    case 'minProperties':
      return `must have at least ${String(params['limit'])} propert(ies)`;
    case 'pattern':
      return `${found} does not have the form ${describe(error)}`;
    default:
      return `${error.message ?? 'is not valid'}, found ${found}`;
  }
}

function describe(error: ErrorObject): string {
  const title = error.parentSchema?.['description'];
  return typeof title === 'string'
    ? `of ${title}`
    : String((error.params as Record<string, unknown>)['pattern']);
}

function listed(type: unknown): string {
  return Array.isArray(type) ? type.join(' or ') : `of type ${String(type)}`;
}
