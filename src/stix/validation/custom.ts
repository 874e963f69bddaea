import { editDistance, nearest } from '../../kernel/nearest.ts';
import { escapePointer } from '../../kernel/schema-faults.ts';
import { kindOf, type StixObject } from '../types.ts';
import { isObservable } from '../versions.ts';
import type { Findings } from './fault.ts';
import { propertiesOf } from './schema-stage.ts';

const CUSTOM_EXTENSION = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*-ext$/;
const DEFINITION = 'extension-definition--';

/** Predefined extensions by type of observable (STIX 2.1 §6). */
const PREDEFINED: Readonly<Record<string, readonly string[]>> = {
  file: ['archive-ext', 'ntfs-ext', 'pdf-ext', 'raster-image-ext', 'windows-pebinary-ext'],
  'network-traffic': ['http-request-ext', 'icmp-ext', 'socket-ext', 'tcp-ext'],
  process: ['windows-process-ext', 'windows-service-ext'],
  'user-account': ['unix-account-ext'],
};

/** Common properties that are not applicable to observables (STIX 2.1 §6). Another rule forbids the rest. */
const NOT_APPLICABLE = ['created_by_ref', 'revoked', 'labels', 'confidence', 'lang', 'external_references'];

/** Properties that every object may have. They do not count as content of its own (S-121, S-118, S-128). */
const COMMON: ReadonlySet<string> = new Set([
  'type', 'id', 'spec_version', 'created', 'modified', 'created_by_ref', 'revoked', 'labels', 'confidence', 'lang',
  'external_references', 'object_marking_refs', 'granular_markings', 'defanged', 'extensions',
]); // prettier-ignore

/** Types that need at least one property of their own, with the rule. */
const NEEDS_ONE: Readonly<Record<string, string>> = {
  process: 'S-118',
  'user-account': 'S-128',
  'windows-registry-key': 'S-128',
  'x509-certificate': 'S-128',
};

/** Names of the specification that no extension may redefine (S-153). */
const RESERVED = new Set([...COMMON, 'name', 'description']);

/** Checks extensions, custom properties and custom types (STIX 2.1 §7.3 and §11). */
export function checkCustom(object: StixObject, type: string, findings: Findings): void {
  const extensions = asObject(object['extensions']);
  const toplevel = checkExtensions(extensions, type, object, findings);
  const kind = kindOf(type);
  const own = Object.keys(object).some((name) => !COMMON.has(name));
  const needs = Object.hasOwn(NEEDS_ONE, type) ? NEEDS_ONE[type] : kind === 'unknown' ? 'S-121' : undefined;
  if (needs !== undefined && !own && extensions === undefined)
    findings.error(needs, '', 'the object has no property besides the common ones');
  if (type === 'extension-definition') checkDefinition(object, findings);
  if (findings.strict && !toplevel) checkSlips(object, type, findings);
  if (!findings.advising) return;
  if (kind === 'sco')
    for (const name of NOT_APPLICABLE)
      if (object[name] !== undefined)
        findings.warn('W-not-applicable', `/${name}`, 'the property means nothing on an observable');
  if (kind === 'unknown') {
    if (extensions === undefined && !type.startsWith('x-'))
      findings.warn(
        'W-custom',
        '/type',
        'the name of a custom type should begin with x-, or an extension should define it',
      );
    return;
  }
  if (!toplevel) checkNames(object, type, findings);
}

/** True when an extension adds properties at the top level of the object. */
function checkExtensions(
  extensions: Readonly<Record<string, unknown>> | undefined,
  type: string,
  object: StixObject,
  findings: Findings,
): boolean {
  let toplevel = false;
  for (const [key, value] of Object.entries(extensions ?? {})) {
    const pointer = `/extensions/${escapePointer(key)}`;
    const content = asObject(value) ?? {};
    if (key.startsWith(DEFINITION)) {
      if (!/^extension-definition--[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(key))
        findings.error(
          'S-010',
          pointer,
          'the key is not an identifier in the format extension-definition--UUID',
        );
      const kind = content['extension_type'];
      if (kind === 'toplevel-property-extension' || (typeof kind === 'string' && kind.startsWith('new-')))
        toplevel = true;
      continue;
    }
    if (Object.hasOwn(PREDEFINED, type) && PREDEFINED[type]?.includes(key) === true) continue;
    const predefined = Object.values(PREDEFINED).flat();
    if (predefined.includes(key) || !isObservable(object)) {
      findings.error(
        'S-042',
        pointer,
        predefined.includes(key)
          ? `${key} is an extension of a type other than ${type}`
          : 'the key of an extension must be the identifier of its definition',
      );
    } else if (!key.endsWith('-ext')) {
      const near = nearest(key, PREDEFINED[type] ?? []);
      findings.error(
        'S-042',
        pointer,
        `"${key.slice(0, 60)}" is neither predefined nor a custom name ending in -ext${near === undefined ? '' : `; did you mean "${near}"?`}`,
        near === undefined ? {} : { suggestion: near },
      );
    } else if (!CUSTOM_EXTENSION.test(key) || key.length > 250)
      findings.error(
        'S-122',
        pointer,
        'the name of a custom extension consists of a-z, 0-9 and hyphens and ends in -ext',
      );
    else if (Object.keys(content).length === 0)
      findings.error('S-043', pointer, 'an extension must have at least one property');
    else if (!key.startsWith('x-'))
      findings.warn('W-custom', pointer, 'the name of a custom extension should begin with x-');
  }
  return toplevel;
}

function checkNames(object: StixObject, type: string, findings: Findings): void {
  const known = propertiesOf(type);
  if (known.size === 0) return;
  for (const name of Object.keys(object)) {
    if (!findings.advising) return;
    const pointer = `/${escapePointer(name)}`;
    // A name with a fault, such as a reserved name, does not need advice too.
    if (known.has(name) || name.startsWith('x_') || COMMON.has(name) || findings.saidOf(pointer)) continue;
    findings.warn(
      'W-custom',
      pointer,
      `${type} has no property "${name.slice(0, 80)}"; the name of a custom one should begin with x_`,
      nearest(name, known.keys()),
    );
  }
}

/** Shorter names are too similar to each other for a suggestion. */
const SHORTEST_SLIP = 6;

/** In a strict collection, a name that differs by one letter from a standard one is rejected as a typing error. */
function checkSlips(object: StixObject, type: string, findings: Findings): void {
  const known = propertiesOf(type);
  for (const name of Object.keys(object)) {
    if (known.has(name) || name.startsWith('x_') || name.length < SHORTEST_SLIP || COMMON.has(name)) continue;
    const meant = [...known.keys()].find(
      (property) => Math.abs(property.length - name.length) <= 1 && editDistance(name, property) === 1,
    );
    if (meant !== undefined && object[meant] === undefined)
      findings.error(
        'W-custom',
        `/${escapePointer(name)}`,
        `${type} has no property "${name}"; did you mean "${meant}"?`,
        { suggestion: meant },
      );
  }
}

function checkDefinition(object: StixObject, findings: Findings): void {
  const names = object['extension_properties'];
  if (!Array.isArray(names)) return;
  names.forEach((name: unknown, i) => {
    if (typeof name === 'string' && RESERVED.has(name))
      findings.error('S-153', `/extension_properties/${i}`, `"${name}" is a property of the specification`);
  });
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
