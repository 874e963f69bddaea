import { setTimeout as wait } from 'node:timers/promises';
import {
  addSchemaWords,
  compileThorough,
  schemaDocument,
  type Fault,
  type Note,
} from '../../kernel/validate.ts';
import { STIX_WORDS } from '../formats.ts';
import { isObservable } from '../versions.ts';
import { STIX_TYPES, kindOf, text, type StixObject } from '../types.ts';
import type { Findings } from './fault.ts';

type Check = ReturnType<typeof compileThorough>;

addSchemaWords(STIX_WORDS);

const compiled = new Map<string, Check>();

function checkOf(name: string): Check {
  let found = compiled.get(name);
  if (found === undefined) compiled.set(name, (found = compileThorough(name)));
  return found;
}

/** The pause between two schemas that are compiled ahead, in which other work can run. */
const BETWEEN_SCHEMAS_MS = 50;

/**
 * Compiles the schemas of all types one by one until `signal`, so that requests need not wait for a
 * compilation. It does not keep the process alive. A request that comes earlier compiles the schemas that it
 * needs itself. Returns the number of compiled types.
 */
export async function compileAhead(signal: AbortSignal, betweenMs = BETWEEN_SCHEMAS_MS): Promise<number> {
  for (const type of STIX_TYPES) {
    await wait(betweenMs, undefined, { ref: false, signal }).catch(() => undefined);
    if (signal.aborted) break;
    // An empty object is invalid, so this compiles both the quick check and the thorough check that explains
    // the faults.
    checkOf(`stix/${type}.json`)({});
  }
  return STIX_TYPES.filter((type) => compiled.has(`stix/${type}.json`)).length;
}

/** Rule that a schema keyword stands for where the schema names none (STIX 2.1 sections 2 and 3). */
const RULE_OF_KEYWORD: Readonly<Record<string, string>> = {
  type: 'S-003',
  minItems: 'S-004',
  minProperties: 'S-005',
};

const RULE_OF_NOTE: Readonly<Record<string, string>> = {
  'x-vocabulary': 'W-vocabulary',
  'x-deprecated': 'W-deprecated',
  'x-kill-chain': 'W-kill-chain',
  'x-hashes': 'W-hash',
};

const WITH_SCHEMA: ReadonlySet<string> = new Set(STIX_TYPES);

/** Checks an object against the schema of its type. */
export function schemaStage(object: StixObject, findings: Findings): void {
  // What a kind of object has in common is asked of an unknown type by a rule of its own (section 7.3.2).
  const type = text(object, 'type');
  const missing = type !== undefined && kindOf(type) === 'unknown' ? 'S-120' : 'S-002';
  check(schemaFor(object), object, findings, missing);
}

function check(schema: string, value: unknown, findings: Findings, missing = 'S-002'): void {
  const notes: Note[] | undefined = findings.advising ? [] : undefined;
  for (const fault of checkOf(schema)(value, notes))
    findings.error(ruleOf(fault, missing), fault.pointer, fault.message, guess(fault.suggestion));
  for (const { keyword, pointer, message, suggestion } of notes ?? [])
    findings.note(RULE_OF_NOTE[keyword] ?? 'W-deprecated', pointer, message, guess(suggestion));
}

function guess(suggestion: string | undefined): { suggestion?: string } {
  return suggestion === undefined ? {} : { suggestion };
}

function ruleOf(fault: Fault, missing = 'S-002'): string {
  if (fault.rule === undefined && fault.keyword === 'required') return missing;
  return fault.rule ?? RULE_OF_KEYWORD[fault.keyword] ?? 'S-003';
}

function schemaFor(object: StixObject): string {
  const type = text(object, 'type') ?? '';
  if (WITH_SCHEMA.has(type)) return `stix/${type}.json`;
  if (isObservable(object)) return 'stix/common.json#/$defs/core-sco';
  // A custom type whose kind nobody states: without any version it is taken for an observable (S-120).
  const bare = object['created'] === undefined && object['modified'] === undefined;
  return bare && object['extensions'] === undefined
    ? 'stix/common.json#/$defs/core-sco'
    : 'stix/common.json#/$defs/core';
}

/** Checks an object of STIX 2.0, which is kept as received. */
export function schemaStage20(object: StixObject, findings: Findings): void {
  check('stix/common.json#/$defs/core-2.0', object, findings);
}

/** The faults of the properties that an observable has of its own, ids and common properties left out (section 2.13). */
export function ownFaults(type: string, value: unknown): readonly (Fault & { readonly rule: string })[] {
  if (kindOf(type) !== 'sco') return [];
  return checkOf(`stix/${type}.json#/$defs/own`)(value).map((fault) => ({ ...fault, rule: ruleOf(fault) }));
}

/** What a property holds, as far as a path of a pattern needs to know. */
export type Shape = 'value' | 'list' | 'object';

const shapes = new Map<string, ReadonlyMap<string, Shape>>();
const NO_SHAPES: ReadonlyMap<string, Shape> = new Map();

/** Every property that the specification gives a type, its common ones included, with its shape. Empty for a custom type. */
export function shapesOf(type: string): ReadonlyMap<string, Shape> {
  if (!WITH_SCHEMA.has(type)) return NO_SHAPES;
  let known = shapes.get(type);
  if (known === undefined) {
    const found = new Map<string, Shape>();
    gather(`stix/${type}.json`, schemaDocument(`stix/${type}.json`), found);
    shapes.set(type, (known = found));
  }
  return known;
}

/** The same without shapes. */
export function propertiesOf(type: string): Pick<ReadonlyMap<string, Shape>, 'has' | 'keys' | 'size'> {
  return shapesOf(type);
}

/** Names under `properties`, of the schema itself and of those that it builds upon. */
function gather(file: string, part: unknown, found: Map<string, Shape>): void {
  if (typeof part !== 'object' || part === null) return;
  const schema = part as Readonly<Record<string, unknown>>;
  for (const [name, property] of Object.entries(schema['properties'] ?? {}))
    if (!isForbidden(property)) found.set(name, shapeOf(file, property));
  for (const base of (schema['allOf'] as unknown[] | undefined) ?? []) {
    const referred = refer(file, base);
    if (referred !== undefined) gather(referred.file, referred.part, found);
  }
}

/** What a `$ref` leads to. */
function refer(file: string, part: unknown): { file: string; part: unknown } | undefined {
  const reference = (part as { $ref?: unknown } | null)?.$ref;
  if (typeof reference !== 'string') return undefined;
  const [name = '', pointer = ''] = reference.split('#');
  const target = name === '' ? file : `stix/${name}`;
  let at: unknown = schemaDocument(target);
  for (const step of pointer.split('/').slice(1)) at = (at as Record<string, unknown>)[step];
  return { file: target, part: at };
}

function shapeOf(file: string, property: unknown): Shape {
  const referred = refer(file, property);
  if (referred !== undefined) return shapeOf(referred.file, referred.part);
  const type = (property as { type?: unknown } | null)?.type;
  return type === 'array' ? 'list' : type === 'object' ? 'object' : 'value';
}

function isForbidden(property: unknown): boolean {
  return typeof property === 'object' && property !== null && 'not' in property;
}
