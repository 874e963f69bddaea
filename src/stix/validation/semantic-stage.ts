import { parseNetwork } from '../../kernel/address.ts';
import { hashFault } from '../hashes.ts';
import { isStixId, observableId, typeOfId, uuidVersion } from '../identifiers.ts';
import { fixedTlp, statedTlp } from '../markings.ts';
import { PatternError } from '../pattern/lexer.ts';
import { parsePattern } from '../pattern/parser.ts';
import { compareTimestamps, timestampFault } from '../timestamps.ts';
import { kindOf, text, type StixObject } from '../types.ts';
import { isObservable } from '../versions.ts';
import type { StixFault } from './fault.ts';

const PROPERTY_NAME = /^[a-z][a-z0-9_]{2,249}$/;
const TYPE_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const LANGUAGE_TAG =
  /^(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8}|i-[a-z]+|x(?:-[a-z0-9]{1,8})+)(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?$/i;

/** Longer than any registered tag; keeps the expression's work small on text from afar. */
const LONGEST_TAG = 100;

/** Timestamps by property name, for the types that the hub knows in full. */
const TIMESTAMP_NAMES = new Set([
  'created', 'modified', 'valid_from', 'valid_until', 'first_seen', 'last_seen', 'start_time', 'stop_time', 'published',
  'first_observed', 'last_observed', 'start', 'end', 'ctime', 'mtime', 'atime', 'validity_not_before',
  'validity_not_after', 'submitted', 'analysis_started', 'analysis_ended', 'object_modified',
]); // prettier-ignore

/** [earlier, later, rule, equal times are a fault]. */
const ORDERS: readonly (readonly [string, string, string, boolean])[] = [
  ['created', 'modified', 'S-020', false],
  ['first_seen', 'last_seen', 'S-050', false],
  ['valid_from', 'valid_until', 'S-051', true],
  ['first_observed', 'last_observed', 'S-052', false],
  ['start_time', 'stop_time', 'S-053', true],
  ['start', 'end', 'S-054', false],
];

/** Checks what no schema can say: rules between properties, values and ids (STIX 2.1; rule ids S-…, P-…). */
export function semanticStage(object: StixObject): readonly StixFault[] {
  const found: StixFault[] = [];
  const error = (rule: string, pointer: string, message: string): void => {
    found.push({ level: 'error', rule, pointer, message });
  };
  const warn = (rule: string, pointer: string, message: string): void => {
    found.push({ level: 'warning', rule, pointer, message });
  };
  const type = text(object, 'type') ?? '';
  const id = text(object, 'id') ?? '';
  const kind = kindOf(type);

  if (kind === 'bundle') error('S-154', '/type', 'a bundle is not an object of an envelope or bundle');
  if (kind === 'unknown' && (!TYPE_NAME.test(type) || type.length < 3 || type.length > 250)) {
    error('S-027', '/type', 'a type name has 3 to 250 characters of a-z, 0-9 and single hyphens');
  }
  if (typeOfId(id) !== type)
    error('S-012', '/id', `the identifier begins with ${typeOfId(id)}--, but the type is ${type}`);

  for (const name in object) {
    const value = object[name];
    if (name !== 'id' && !PROPERTY_NAME.test(name)) {
      error(
        'S-028',
        `/${name}`,
        'a property name has 3 to 250 characters of a-z, 0-9 and _ and begins with a letter',
      );
    }
    if (value === null) error('S-003', `/${name}`, 'null is no value; leave the property out');
    else if (Array.isArray(value) && value.length === 0)
      error('S-004', `/${name}`, 'a list has at least one member; leave the property out');
    else if (typeof value === 'string' && TIMESTAMP_NAMES.has(name)) checkTimestamp(name, value, error);
    else if (name.endsWith('_ref')) checkReference(name, value, error);
    else if (name.endsWith('_refs') && Array.isArray(value))
      value.forEach((ref, i) => checkReference(`${name}/${i}`, ref, error));
  }
  for (const [earlier, later, rule, strict] of ORDERS) {
    const a = object[earlier];
    const b = object[later];
    if (
      typeof a !== 'string' ||
      typeof b !== 'string' ||
      timestampFault(a) !== undefined ||
      timestampFault(b) !== undefined
    )
      continue;
    const order = compareTimestamps(b, a);
    if (order < 0 || (strict && order === 0)) {
      error(rule, `/${later}`, `${b} is ${order === 0 ? 'the same as' : 'before'} ${earlier} (${a})`);
    }
  }
  const lang = text(object, 'lang');
  if (lang !== undefined && (lang.length > LONGEST_TAG || !LANGUAGE_TAG.test(lang)))
    error('S-036', '/lang', `"${lang.slice(0, 60)}" is no language tag (RFC 5646), such as to, sm, fr-NC`);
  if (Array.isArray(object['granular_markings'])) checkSelectors(object, object['granular_markings'], error);
  checkReferences(object, error);

  if (type === 'indicator') checkIndicator(object, error);
  else if (type === 'marking-definition') checkMarking(object, id, error);
  else if (isObservable(object)) checkObservable(object, type, id, error, warn);
  return found;
}

type Say = (rule: string, pointer: string, message: string) => void;

function checkTimestamp(name: string, value: string, error: Say): void {
  const fault = timestampFault(value);
  if (fault === 'form')
    error('S-017', `/${name}`, `"${value.slice(0, 60)}" is no timestamp; write 2026-01-31T00:00:00.000Z`);
  else if (fault === 'date')
    error('S-018', `/${name}`, `"${value.slice(0, 60)}" names no real date and time`);
}

function checkReference(name: string, value: unknown, error: Say): void {
  if (typeof value !== 'string')
    error('S-123', `/${name}`, 'a property ending in _ref or _refs holds identifiers');
  else if (!isStixId(value))
    error(
      /^[a-z][a-z0-9-]*--/.test(value) ? 'S-011' : 'S-010',
      `/${name}`,
      `"${value.slice(0, 80)}" is no identifier, object-type--UUID`,
    );
}

function checkReferences(object: StixObject, error: Say): void {
  const references = object['external_references'];
  if (!Array.isArray(references)) return;
  references.forEach((reference: unknown, i) => {
    if (typeof reference !== 'object' || reference === null) return;
    const source = (reference as Record<string, unknown>)['source_name'];
    const external = (reference as Record<string, unknown>)['external_id'];
    if (source === 'cve' && typeof external === 'string' && !/^CVE-\d{4}-\d{4,}$/.test(external)) {
      error(
        'S-024',
        `/external_references/${i}/external_id`,
        'with source_name cve the external_id is CVE-YYYY-NNNN',
      );
    }
    if (source === 'capec' && typeof external === 'string' && !/^CAPEC-\d+$/.test(external)) {
      error(
        'S-025',
        `/external_references/${i}/external_id`,
        'with source_name capec the external_id is CAPEC- and a number',
      );
    }
    checkHashes((reference as Record<string, unknown>)['hashes'], `/external_references/${i}/hashes`, error);
  });
}

function checkHashes(hashes: unknown, pointer: string, error: Say): void {
  if (typeof hashes !== 'object' || hashes === null) return;
  for (const [algorithm, value] of Object.entries(hashes)) {
    const fault = typeof value === 'string' ? hashFault(algorithm, value) : undefined;
    if (fault !== undefined) error('S-022', `${pointer}/${algorithm}`, fault);
  }
}

/** S-149: every step of a selector exists on the object. */
function checkSelectors(object: StixObject, markings: readonly unknown[], error: Say): void {
  markings.forEach((marking, i) => {
    const selectors = (marking as Record<string, unknown> | null)?.['selectors'];
    if (!Array.isArray(selectors)) return;
    selectors.forEach((selector: unknown, k) => {
      if (typeof selector === 'string' && !resolves(object, selector)) {
        error(
          'S-149',
          `/granular_markings/${i}/selectors/${k}`,
          `"${selector.slice(0, 80)}" leads to nothing in this object`,
        );
      }
    });
  });
}

function resolves(object: unknown, selector: string): boolean {
  let at: unknown = object;
  for (const step of selector.split('.')) {
    const index = /^\[(\d+)\]$/.exec(step)?.[1];
    if (index !== undefined) {
      if (!Array.isArray(at) || Number(index) >= at.length) return false;
      at = (at as readonly unknown[])[Number(index)];
    } else {
      if (typeof at !== 'object' || at === null || Array.isArray(at) || !Object.hasOwn(at, step))
        return false;
      at = (at as Record<string, unknown>)[step];
    }
  }
  return true;
}

function checkIndicator(object: StixObject, error: Say): void {
  const pattern = text(object, 'pattern');
  if (pattern === undefined || object['pattern_type'] !== 'stix') return;
  try {
    parsePattern(pattern, { version: object['pattern_version'] === '2.0' ? '2.0' : '2.1' });
  } catch (fault) {
    if (!(fault instanceof PatternError)) throw fault;
    error(fault.rule, '/pattern', `at character ${fault.offset + 1}: ${fault.message}`);
  }
}

function checkMarking(object: StixObject, id: string, error: Say): void {
  const fixed = fixedTlp(id);
  const stated = statedTlp(object);
  const tlpOne = text(object, 'definition_type') === 'tlp';
  const definition = object['definition'] as Record<string, unknown> | undefined;
  if (
    definition !== undefined &&
    text(object, 'definition_type') === 'statement' &&
    typeof definition['statement'] !== 'string'
  ) {
    error('S-144', '/definition', 'a statement marking holds {"statement": text}');
  }
  if (tlpOne && typeof definition?.['tlp'] !== 'string')
    error('S-144', '/definition', 'a tlp marking holds {"tlp": level}');
  if (fixed !== undefined && stated !== fixed) {
    error(
      'S-145',
      '/id',
      `this identifier is reserved for TLP:${fixed.toUpperCase()}, which the object does not state`,
    );
  }
  if (tlpOne && stated !== undefined && fixed === undefined) {
    error(
      'S-145',
      '/id',
      'a TLP marking is one of the fixed objects of the standard; refer to it instead of making one',
    );
  }
  const references = object['object_marking_refs'];
  if (Array.isArray(references) && references.includes(id))
    error('S-034', '/object_marking_refs', 'a marking does not mark itself');
}

const LABEL = /^[\p{L}\p{N}_](?:[\p{L}\p{N}\p{M}_-]{0,61}[\p{L}\p{N}\p{M}_])?$/u;

/** A host-style name (S-095): labels of 1 to 63, 253 in all; underscore labels and U-labels are let pass. */
function isHostName(value: string): boolean {
  const name = value.endsWith('.') ? value.slice(0, -1) : value;
  return name.length > 0 && name.length <= 253 && name.split('.').every((label) => LABEL.test(label));
}

function checkObservable(object: StixObject, type: string, id: string, error: Say, warn: Say): void {
  const value = text(object, 'value');
  if (value !== undefined) {
    switch (type) {
      case 'ipv4-addr':
      case 'ipv6-addr': {
        const family = type === 'ipv4-addr' ? 4 : 6;
        if (parseNetwork(value)?.family !== family)
          error('S-110', '/value', `"${value.slice(0, 80)}" is no IPv${family} address or network`);
        break;
      }
      case 'domain-name':
        if (!isHostName(value)) error('S-095', '/value', `"${value.slice(0, 80)}" is no domain name`);
        break;
      case 'url':
        if (!/^[A-Za-z][A-Za-z0-9+.-]*:[\u0021-\u007e]+$/.test(value))
          error('S-093', '/value', `"${value.slice(0, 80)}" is no absolute URL (RFC 3986)`);
        break;
      case 'email-addr':
        if (!/^[^\s<>@]+@[^\s<>@]+$/.test(value))
          error('S-097', '/value', `"${value.slice(0, 80)}" is no mail address`);
        break;
    }
  }
  checkHashes(object['hashes'], '/hashes', error);
  const expected = observableId(object);
  const version = uuidVersion(id);
  if (expected === undefined && kindOf(type) === 'sco' && version !== 4) {
    error('S-014', '/id', 'an observable without identifying properties has a random (version 4) UUID');
  } else if (expected !== undefined && version === 5 && expected !== id) {
    warn('S-013', '/id', `the identifier does not follow from the content; ${expected} does (section 3.4)`);
  }
}
