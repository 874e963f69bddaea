import { canonical } from '../kernel/canonical.ts';
import { instantOf } from './timestamps.ts';
import type { StixObject } from './types.ts';
import { isObservable, specVersionOf } from './versions.ts';

/**
 * The sender of a definition, its STIX version, and the `modified` that some producers give it do not affect its meaning.
 */
const APART = new Set(['created_by_ref', 'spec_version', 'modified']);
/**
 * Values that properties have when they are absent. Producers and libraries write them or leave them out when they
 * pass an object on (STIX 2.1 §3.2, §3.3 and §4; `pattern_version` of STIX patterns is that of the specification).
 */
const DEFAULTS: Readonly<Record<string, unknown>> = { revoked: false, lang: 'en' };
const DEFAULTS_OF_OBSERVABLES: Readonly<Record<string, unknown>> = { defanged: false, spec_version: '2.1' };
const DEFAULTS_OF_TYPES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  sighting: { summary: false },
};
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,100})?Z$/;

/**
 * Returns the meaning of an object as a text. Two objects with the same text mean the same: properties that equal their
 * default may be absent, timestamps are compared as instants, and numbers as values, whatever their notation and order.
 */
export function meaningOf(object: StixObject): string {
  const type = String(object['type']);
  if (type === 'marking-definition') return definitionMeaning(object);
  const said = Object.entries(object).filter(([name, value]) => value !== defaultOf(object, type, name));
  return canonical(withInstants(Object.fromEntries(said)));
}

function defaultOf(object: StixObject, type: string, name: string): unknown {
  if (name === 'pattern_version' && type === 'indicator' && object['pattern_type'] === 'stix')
    return specVersionOf(object);
  if (isObservable(object) && Object.hasOwn(DEFAULTS_OF_OBSERVABLES, name))
    return DEFAULTS_OF_OBSERVABLES[name];
  const own = DEFAULTS_OF_TYPES[type];
  if (own !== undefined && Object.hasOwn(own, name)) return own[name];
  return Object.hasOwn(DEFAULTS, name) ? DEFAULTS[name] : undefined;
}

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
