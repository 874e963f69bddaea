import { escapePointer } from '../../kernel/schema-faults.ts';
import { isOfRfc4122, isStixId, observableId, typeOfId, uuidVersion } from '../identifiers.ts';
import { fixedTlp, markingRefs, statedTlp } from '../markings.ts';
import { patternAdvice } from '../pattern/advice.ts';
import type { Pattern } from '../pattern/ast.ts';
import { PatternError } from '../pattern/lexer.ts';
import { parsePattern } from '../pattern/parser.ts';
import { definedRelationship } from '../relationships.ts';
import { compareTimestamps, timestampFault } from '../timestamps.ts';
import { kindOf, text, type StixObject } from '../types.ts';
import { isObservable } from '../versions.ts';
import { checkContainer } from './container.ts';
import { checkCustom } from './custom.ts';
import type { Findings } from './fault.ts';
import { propertiesOf } from './schema-stage.ts';

const PROPERTY_NAME = /^[a-z][a-z0-9_]{2,249}$/;
const TYPE_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const HEX = /^(?:[0-9a-f]{2})+$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** Objects that pass the JSON gate are never deeper. Anything deeper is not followed. */
const DEEPEST = 100;
/** Start value of the depth inside a custom property. */
const CUSTOM = 1_000;

/** Maximum number of markings of an object and its parts. The object may have to wait for each of them. */
const MOST_MARKINGS = 200;

/** Two times of an object. `strict`: equal times are a fault. */
const ORDERS = [
  { earlier: 'created', later: 'modified', rule: 'S-020', strict: false },
  { earlier: 'first_seen', later: 'last_seen', rule: 'S-050', strict: false },
  { earlier: 'valid_from', later: 'valid_until', rule: 'S-051', strict: true },
  { earlier: 'first_observed', later: 'last_observed', rule: 'S-052', strict: false },
  { earlier: 'start_time', later: 'stop_time', rule: 'S-053', strict: true },
  { earlier: 'start', later: 'end', rule: 'S-054', strict: false },
] as const;

/**
 * Checks what schemas cannot express: rules between properties, values and ids (STIX 2.1, rule ids S-… and P-…). It
 * pauses between its parts, and after properties with many values.
 */
export function* semanticSteps(object: StixObject, findings: Findings): Generator<undefined, void> {
  const type = text(object, 'type') ?? '';
  const id = text(object, 'id') ?? '';
  checkIdentifier(object, findings);
  yield* checkValues(object, findings);
  checkOrders(object, findings);
  yield* checkMarkings(object, findings);
  checkCustom(object, type, findings);
  yield;

  switch (type) {
    case 'indicator':
      checkIndicator(object, findings);
      break;
    case 'marking-definition':
      checkMarking(object, id, findings);
      break;
    case 'relationship':
      if (findings.advising) checkRelationship(object, findings);
      break;
    case 'observed-data':
      checkObserved(object, findings);
      break;
    default:
      if (isObservable(object)) checkObservable(object, type, id, findings);
  }
}

/** Checks the type of an object, and that its identifier begins with it. */
export function checkIdentifier(object: StixObject, findings: Findings): void {
  const type = text(object, 'type') ?? '';
  const id = text(object, 'id') ?? '';
  const kind = kindOf(type);

  if (kind === 'bundle')
    findings.error('S-154', '/type', 'a bundle is not an object of an envelope or bundle');
  if (kind === 'unknown' && (!TYPE_NAME.test(type) || type.length < 3 || type.length > 250)) {
    // The identifier begins with the same name, so a fault of the identifier would only repeat this one.
    findings.forget('/id');
    findings.error('S-027', '/type', 'a type name has 3 to 250 characters of a-z, 0-9 and single hyphens');
  } else if (id !== '' && typeOfId(id) !== type)
    findings.error(
      'S-012',
      '/id',
      `the identifier begins with ${typeOfId(id).slice(0, 80)}--, but the type is ${type.slice(0, 80)}`,
    );
  if (isStixId(id) && !isOfRfc4122(id)) findings.error('S-011', '/id', notOfRfc4122(id));
}

/** Checks the names and values of all properties by the rules that hold for all types. */
export function* checkValues(object: StixObject, findings: Findings): Generator<undefined, void> {
  const type = text(object, 'type') ?? '';
  const known = propertiesOf(type);
  for (const name in object) {
    // The names of the standard are of this format.
    const isKnown = known.has(name);
    if (!isKnown && name !== 'id' && !PROPERTY_NAME.test(name))
      findings.error(
        'S-028',
        `/${escapePointer(name)}`,
        'a property name has 3 to 250 characters of a-z, 0-9 and _ and begins with a letter',
      );
    // The references in the container point to its own keys.
    if (name !== 'objects' || type !== 'observed-data')
      checkValue(`/${escapePointer(name)}`, name, object[name], findings, isKnown ? 0 : CUSTOM);
    if (typeof object[name] === 'object') yield;
  }
}

/** Checks a value by the name of its property, at any depth (S-003, S-004, S-007, S-016, S-123). */
function checkValue(pointer: string, name: string, value: unknown, findings: Findings, depth: number): void {
  // A fault that a rule of the property has reported is not repeated by the general rules.
  const error = (rule: string, message: string): void => {
    if (!findings.saidOf(pointer)) findings.error(rule, pointer, message);
  };
  switch (typeof value) {
    case 'string':
      checkString(name, value, error);
      return;
    case 'number':
      if (!Number.isFinite(value)) findings.error('S-016', pointer, 'the number is too large for a float');
      break;
    case 'object':
      if (value === null) {
        // null is invalid everywhere, even where another fault is known. Deep inside a custom property, only its
        // producer knows the meaning, so it is only a warning.
        if (depth > CUSTOM) findings.warn('S-007', pointer, 'null is not allowed; leave the value out');
        else
          findings.error(
            depth % CUSTOM === 0 ? 'S-003' : 'S-007',
            pointer,
            'null is not allowed; leave the property out',
          );
        return;
      }
      checkParts(pointer, name, value, findings, depth, error);
      if (Array.isArray(value)) return;
      break;
    default:
  }
  if (TYPED_NAME.test(name)) error('S-123', typedByName(name));
}

function checkParts(
  pointer: string,
  name: string,
  value: object,
  findings: Findings,
  depth: number,
  error: (rule: string, message: string) => void,
): void {
  if (Array.isArray(value)) {
    if (value.length === 0) error('S-004', 'a list must have at least one item; leave the property out');
    if (depth % CUSTOM >= DEEPEST) return;
    const item = name.endsWith('_refs') ? name.slice(0, -1) : '';
    value.forEach((one, i) => checkValue(`${pointer}/${i}`, item, one, findings, depth + 1));
    return;
  }
  if (depth % CUSTOM >= DEEPEST) return;
  for (const key in value)
    checkValue(
      `${pointer}/${escapePointer(key)}`,
      key,
      (value as Record<string, unknown>)[key],
      findings,
      depth + 1,
    );
}

const TYPED_NAME = /_(?:refs?|hex|bin)$/;

function notOfRfc4122(id: string): string {
  return `"${id.slice(0, 80)}" is not an identifier whose second part is an RFC 4122 UUID`;
}

function typedByName(name: string): string {
  return name.endsWith('_hex')
    ? 'a property ending in _hex must have an even number of digits 0-9 and a-f'
    : name.endsWith('_bin')
      ? 'a property ending in _bin must contain padded base64'
      : name.endsWith('_refs')
        ? 'a property ending in _refs must contain a list of identifiers'
        : 'a property ending in _ref must contain an identifier';
}

function checkString(name: string, value: string, error: (rule: string, message: string) => void): void {
  if (!TYPED_NAME.test(name)) return;
  if (name.endsWith('_ref')) {
    if (isStixId(value)) {
      if (!isOfRfc4122(value)) error('S-011', notOfRfc4122(value));
    } else
      error(
        /^[a-z][a-z0-9-]*--/.test(value) ? 'S-011' : 'S-010',
        `"${value.slice(0, 80)}" is not an identifier in the format object-type--UUID`,
      );
  } else if (name.endsWith('_refs')) error('S-123', typedByName(name));
  else if (name.endsWith('_hex') ? !HEX.test(value) : value === '' || !BASE64.test(value))
    error('S-123', typedByName(name));
}

export function checkOrders(object: StixObject, findings: Findings): void {
  for (const { earlier, later, rule, strict } of ORDERS) {
    const a = object[earlier];
    // Most objects have only the first two, and these checks are made for each object of the hub.
    if (typeof a !== 'string') continue;
    const b = object[later];
    if (typeof b !== 'string') continue;
    if (timestampFault(a) !== undefined || timestampFault(b) !== undefined) continue;
    const order = compareTimestamps(b, a);
    if (order < 0 || (strict && order === 0))
      findings.error(
        rule,
        `/${later}`,
        `${b} is ${order === 0 ? 'the same as' : 'before'} ${earlier} (${a})`,
      );
  }
}

/** Checks the number of the markings of an object, and what they select. */
export function* checkMarkings(object: StixObject, findings: Findings): Generator<undefined, void> {
  if (markingRefs(object).length > MOST_MARKINGS)
    findings.error(
      'L-009',
      '/object_marking_refs',
      `on this hub an object can have at most ${MOST_MARKINGS} markings`,
    );
  if (Array.isArray(object['granular_markings']))
    yield* checkSelectors(object, object['granular_markings'], findings);
  yield;
}

/** Number of selectors after which the check of an object pauses. */
const SELECTORS_AT_ONCE = 5_000;

/** S-149: every step of a selector must exist in the object. S-034: a marking must not mark itself. */
function* checkSelectors(
  object: StixObject,
  markings: readonly unknown[],
  findings: Findings,
): Generator<undefined, void> {
  let looked = 0;
  for (const [i, marking] of markings.entries()) {
    const part = (typeof marking === 'object' && marking !== null ? marking : {}) as Record<string, unknown>;
    if (object['type'] === 'marking-definition' && part['marking_ref'] === object['id'])
      findings.error('S-034', `/granular_markings/${i}/marking_ref`, 'a marking must not mark itself');
    if (!Array.isArray(part['selectors'])) continue;
    for (const [k, selector] of part['selectors'].entries() as IterableIterator<[number, unknown]>) {
      if (++looked % SELECTORS_AT_ONCE === 0) yield;
      // A missing property is already reported. The unresolved selector only follows from it.
      if (typeof selector !== 'string' || findings.isFaulty(`/${selector.split('.')[0] ?? ''}`)) continue;
      if (!resolves(object, selector))
        findings.error(
          'S-149',
          `/granular_markings/${i}/selectors/${k}`,
          `"${selector.slice(0, 80)}" does not exist in this object`,
        );
    }
  }
}

function resolves(object: unknown, selector: string): boolean {
  let at: unknown = object;
  for (const step of selector.split('.')) {
    const index = /^\[(0|[1-9]\d{0,9})\]$/.exec(step)?.[1];
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

function checkIndicator(object: StixObject, findings: Findings): void {
  const pattern = text(object, 'pattern');
  if (pattern === undefined || object['pattern_type'] !== 'stix') return;
  const parsed = checkPattern(pattern, object['pattern_version'] === '2.0' ? '2.0' : '2.1', findings);
  if (parsed === undefined || !findings.advising) return;
  for (const { rule, message, suggestion } of patternAdvice(parsed))
    findings.warn(rule, '/pattern', message, suggestion);
}

/** Parses a pattern by the grammar of a version. Undefined for a fault, which is reported. */
export function checkPattern(
  pattern: string,
  version: '2.0' | '2.1',
  findings: Findings,
): Pattern | undefined {
  try {
    const parsed = parsePattern(pattern, { version, tolerant: findings.tolerant });
    for (const { rule, offset, message } of parsed.faults)
      findings.error(
        rule,
        '/pattern',
        `at character ${offset + 1}: ${message}${rule === 'P-013' ? '; the pattern does not match as written' : ''}`,
        { offset },
      );
    return parsed;
  } catch (fault) {
    if (!(fault instanceof PatternError)) throw fault;
    findings.reject(fault.rule, '/pattern', `at character ${fault.offset + 1}: ${fault.message}`, {
      offset: fault.offset,
      ...(fault.suggestion === undefined ? {} : { suggestion: fault.suggestion }),
    });
    return undefined;
  }
}

/** The fixed objects of TLP 1.0 (STIX 2.1 §7.2.1.4). */
const TLP_ONE_CREATED = '2017-01-20T00:00:00.000Z';

function checkMarking(object: StixObject, id: string, findings: Findings): void {
  const fixed = fixedTlp(id);
  const stated = statedTlp(object);
  const tlpOne = text(object, 'definition_type') === 'tlp';
  if (fixed !== undefined && stated !== fixed)
    findings.error(
      'S-145',
      '/id',
      `this identifier is reserved for TLP:${fixed.toUpperCase()}, but the object does not define it`,
    );
  else if (tlpOne && stated !== undefined && fixed === undefined)
    findings.error(
      'S-145',
      '/id',
      'a TLP marking is one of the fixed objects of the standard; refer to it instead of creating one',
    );
  else if (tlpOne && fixed !== undefined) {
    const name = text(object, 'name');
    const level = (object['definition'] as Record<string, unknown> | undefined)?.['tlp'];
    if (text(object, 'created') !== TLP_ONE_CREATED)
      findings.error('S-145', '/created', `the fixed object was created ${TLP_ONE_CREATED}`);
    if (name !== undefined && name !== `TLP:${String(level).toUpperCase()}`)
      findings.error('S-145', '/name', `the fixed object is named TLP:${String(level).toUpperCase()}`);
  }
  const references = object['object_marking_refs'];
  if (Array.isArray(references) && references.includes(id))
    findings.error('S-034', '/object_marking_refs', 'a marking must not mark itself');
}

function checkRelationship(object: StixObject, findings: Findings): void {
  const [source, target] = [
    typeOfId(text(object, 'source_ref') ?? ''),
    typeOfId(text(object, 'target_ref') ?? ''),
  ];
  const name = text(object, 'relationship_type') ?? '';
  if (kindOf(source) === 'unknown' || kindOf(target) === 'unknown') return;
  const { defined, suggestion } = definedRelationship(source, name, target);
  if (!defined)
    findings.warn(
      'W-relationship',
      '/relationship_type',
      `${source} ${name.slice(0, 60)} ${target} is not defined by the standard`,
      suggestion,
    );
}

function checkObserved(object: StixObject, findings: Findings): void {
  const references = object['object_refs'];
  if (
    Array.isArray(references) &&
    references.length > 0 &&
    references.every((ref) => kindOf(typeOfId(String(ref))) === 'sro')
  )
    findings.error('S-072', '/object_refs', 'at least one of them refers to an observable (SCO)');
  const { objects } = object;
  if (typeof objects === 'object' && objects !== null)
    checkContainer(objects as Record<string, unknown>, findings);
}

function checkObservable(object: StixObject, type: string, id: string, findings: Findings): void {
  const expected = observableId(object);
  const version = uuidVersion(id);
  if (expected === undefined && kindOf(type) === 'sco' && version !== 4)
    findings.error(
      'S-014',
      '/id',
      'an observable without identifying properties must have a random (version 4) UUID',
    );
  else if (findings.advising && expected !== undefined && version === 5 && expected !== id)
    findings.warn(
      'S-013',
      '/id',
      `the identifier does not match the content; ${expected} does (section 3.4)`,
    );
  if (type === 'domain-name' && findings.advising && text(object, 'value')?.includes('_') === true)
    findings.warn('W-host', '/value', 'a host name must not contain an underscore, although a DNS name may');
}
