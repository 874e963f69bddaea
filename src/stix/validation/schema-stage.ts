import { compileSchema, type Fault, type Validator } from '../../kernel/validate.ts';
import { isObservable } from '../versions.ts';
import { kindOf, text, type StixObject } from '../types.ts';
import type { StixFault } from './fault.ts';

/** Types that have a schema of their own. Every other type goes through the common rules. */
const WITH_SCHEMA = new Set([
  'indicator', 'identity', 'malware', 'relationship', 'marking-definition', 'ipv4-addr', 'ipv6-addr', 'mac-addr',
  'domain-name', 'url', 'email-addr', 'autonomous-system', 'file', 'network-traffic', 'x509-certificate',
]); // prettier-ignore

const compiled = new Map<string, Validator>();

function validator(name: string): Validator {
  let found = compiled.get(name);
  if (found === undefined) {
    found = compileSchema(name);
    compiled.set(name, found);
  }
  return found;
}

/** Rule that a schema keyword stands for where the schema names none (STIX 2.1 sections 2 and 3). */
const RULE_OF_KEYWORD: Readonly<Record<string, string>> = {
  required: 'S-002',
  type: 'S-003',
  minItems: 'S-004',
  minProperties: 'S-005',
};

const NONE: readonly StixFault[] = [];

/** Checks an object against the schema of its type. */
export function schemaStage(object: StixObject): readonly StixFault[] {
  const faults = validator(schemaFor(object))(object);
  return faults.length === 0 ? NONE : faults.map(stixFault);
}

function schemaFor(object: StixObject): string {
  const type = text(object, 'type') ?? '';
  if (WITH_SCHEMA.has(type) && (object['spec_version'] !== undefined || isObservable(object)))
    return `stix/${type}.json`;
  if (isObservable(object)) return 'stix/common.json#/$defs/core-sco';
  // A custom type whose kind nobody states: without any version it is taken for an observable (S-120).
  const bare =
    kindOf(type) === 'unknown' && object['created'] === undefined && object['modified'] === undefined;
  return bare && object['spec_version'] !== undefined && object['extensions'] === undefined
    ? 'stix/common.json#/$defs/core-sco'
    : 'stix/common.json#/$defs/core';
}

/** Checks an object of STIX 2.0, which is kept as received. */
export function schemaStage20(object: StixObject): readonly StixFault[] {
  const faults = validator('stix/common.json#/$defs/core-2.0')(object);
  return faults.length === 0 ? NONE : faults.map(stixFault);
}

function stixFault(fault: Fault): StixFault {
  const rule = fault.rule ?? RULE_OF_KEYWORD[fault.keyword] ?? 'S-003';
  return { level: 'error', rule, pointer: fault.pointer, message: fault.message };
}
