import type { Fault } from '../../kernel/schema-faults.ts';
import { schemaDocument } from '../../kernel/schema-files.ts';
import { addSchemaWords, thoroughCheck, type Note } from '../../kernel/validate.ts';
import { STIX_WORDS } from '../formats.ts';
import { isObservable } from '../versions.ts';
import { STIX_TYPES, kindOf, text, type StixObject } from '../types.ts';
import type { Findings } from './fault.ts';

type Check = ReturnType<typeof thoroughCheck>;

addSchemaWords(STIX_WORDS);

const checks = new Map<string, Check>();

function checkOf(name: string): Check {
  let found = checks.get(name);
  if (found === undefined) checks.set(name, (found = thoroughCheck(name)));
  return found;
}

/** The rule for each schema keyword, where the schema names none (STIX 2.1 §2 and §3). */
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

const WITH_SCHEMA: ReadonlyMap<string, string> = new Map(
  STIX_TYPES.map((type) => [type, `stix/${type}.json`]),
);

/** Checks an object against the schema of its type. */
export function schemaStage(object: StixObject, findings: Findings): void {
  // For an unknown type, the common properties of its category have a rule of their own (STIX 2.1 §7.3.2).
  const type = text(object, 'type');
  const missing = type !== undefined && kindOf(type) === 'unknown' ? 'S-120' : 'S-002';
  check(schemaFor(object), object, findings, missing);
}

function check(schema: string, value: unknown, findings: Findings, missing = 'S-002'): void {
  const notes: Note[] | undefined = findings.advising ? [] : undefined;
  const faults = checkOf(schema)(value, notes);
  for (const fault of faults)
    findings.error(ruleOf(fault, missing), fault.pointer, fault.message, guess(fault.suggestion));
  if (faults.isCut === true) findings.cut();
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
  const own = WITH_SCHEMA.get(type);
  if (own !== undefined) return own;
  if (isObservable(object)) return 'stix/common.json#/$defs/core-sco';
  // A custom type of undeclared category counts as an observable when it has no version (S-120).
  const bare = object['created'] === undefined && object['modified'] === undefined;
  return bare && object['extensions'] === undefined
    ? 'stix/common.json#/$defs/core-sco'
    : 'stix/common.json#/$defs/core';
}

const CORE_20 = 'stix/common.json#/$defs/core-2.0';

function ownSchema(type: string): string {
  return `stix/${type}.json#/$defs/own`;
}

/** Checks an object of STIX 2.0, which the hub stores as received. */
export function schemaStage20(object: StixObject, findings: Findings): void {
  check(CORE_20, object, findings);
}

/**
 * Returns the faults in the type-specific properties of an observable. Ids and common properties are left out (STIX 2.1
 * §2.13).
 */
export function ownFaults(type: string, value: unknown): readonly (Fault & { readonly rule: string })[] {
  if (kindOf(type) !== 'sco') return [];
  return checkOf(ownSchema(type))(value).map((fault) => ({ ...fault, rule: ruleOf(fault) }));
}

/** The shape of a property, for the paths of patterns. */
export type Shape = 'value' | 'list' | 'object';

const shapes = new Map<string, ReadonlyMap<string, Shape>>();
const NO_SHAPES: ReadonlyMap<string, Shape> = new Map();

/**
 * Returns every property that the specification defines for a type, including common ones, with its shape. Empty for a
 * custom type.
 */
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

/** Returns the same properties without shapes. */
export function propertiesOf(type: string): Pick<ReadonlyMap<string, Shape>, 'has' | 'keys' | 'size'> {
  return shapesOf(type);
}

/** Collects the names under `properties` of a schema and of the schemas that it extends. */
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

/** Returns the target of a `$ref`. */
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
