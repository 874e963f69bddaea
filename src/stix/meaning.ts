import { canonical } from '../kernel/canonical.ts';
import { instantOf } from './timestamps.ts';
import type { StixObject } from './types.ts';

/** The sender of a definition and its STIX version do not affect its meaning. */
const APART = new Set(['created_by_ref', 'spec_version']);
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,100})?Z$/;

/**
 * Returns the meaning of a marking definition as a text. Two definitions with the same text have the same
 * meaning. Properties that equal their default are left out, and timestamps are compared as instants (STIX
 * 2.1 §3.2 and §7.2).
 */
export function definitionMeaning(definition: StixObject): string {
  const said = Object.entries(definition).filter(
    ([name, value]) => !APART.has(name) && !isDefault(name, value),
  );
  return canonical(withInstants(Object.fromEntries(said)));
}

function isDefault(name: string, value: unknown): boolean {
  return name === 'revoked' && value === false;
}

function withInstants(value: unknown): unknown {
  if (typeof value === 'string') return TIMESTAMP.test(value) ? { instant: instantOf(value) } : value;
  if (Array.isArray(value)) return value.map(withInstants);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withInstants(inner)]));
}
