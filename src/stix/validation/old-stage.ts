import { isStixId, typeOfId } from '../identifiers.ts';
import { fixedTlp, statedTlp } from '../markings.ts';
import { timestampFault } from '../timestamps.ts';
import { kindOf, text, type StixObject } from '../types.ts';
import type { Findings } from './fault.ts';
import { schemaStage20 } from './schema-stage.ts';
import { checkIdentifier, checkMarkings, checkOrders, checkPattern, checkValues } from './semantic-stage.ts';

/** Types of STIX 2.0 with the properties that they need, besides `type`, `id` and the times of a version. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  'attack-pattern': ['name'],
  campaign: ['name'],
  'course-of-action': ['name'],
  identity: ['name', 'identity_class'],
  indicator: ['labels', 'pattern', 'valid_from'],
  'intrusion-set': ['name'],
  malware: ['labels', 'name'],
  'marking-definition': ['definition_type', 'definition'],
  'observed-data': ['first_observed', 'last_observed', 'number_observed', 'objects'],
  relationship: ['relationship_type', 'source_ref', 'target_ref'],
  report: ['labels', 'name', 'published', 'object_refs'],
  sighting: ['sighting_of_ref'],
  'threat-actor': ['labels', 'name'],
  tool: ['labels', 'name'],
  vulnerability: ['name'],
};

const TIMES = ['created', 'modified', 'valid_from', 'valid_until', 'first_seen', 'last_seen', 'first_observed', 'last_observed', 'published']; // prettier-ignore
const TEXTS = ['name', 'description', 'pattern', 'identity_class', 'relationship_type', 'definition_type'];
const LISTS_OF_TEXTS = ['labels', 'aliases', 'goals', 'roles', 'sectors'];

/**
 * Checks what matters of an object of STIX 2.0, which the hub stores as received: its type and identifier, the
 * properties that its type needs, their kinds of values, times, references, markings and patterns.
 */
export function* oldSteps(object: StixObject, findings: Findings): Generator<undefined, void> {
  schemaStage20(object, findings);
  yield;
  const type = text(object, 'type') ?? '';
  const kind = kindOf(type);
  checkIdentifier(object, findings);
  if (kind !== 'unknown' && kind !== 'bundle' && !Object.hasOwn(NEEDED, type)) {
    findings.error(
      'S-030',
      '/spec_version',
      `STIX 2.0 has no type ${type}; an object of STIX 2.1 names its spec_version, "2.1"`,
    );
    return;
  }
  const needed = Object.hasOwn(NEEDED, type) ? (NEEDED[type] ?? []) : [];
  const versioned = type === 'marking-definition' ? ['created'] : ['created', 'modified'];
  for (const name of kind === 'bundle' ? [] : [...versioned, ...needed])
    if (object[name] === undefined) findings.error('S-002', `/${name}`, `the property "${name}" is missing`);
  checkKinds(object, findings);
  yield* checkValues(object, findings);
  checkOrders(object, findings);
  yield* checkMarkings(object, findings);
  checkReferences(object, findings);
  const pattern = text(object, 'pattern');
  if (type === 'indicator' && pattern !== undefined) checkPattern(pattern, '2.0', findings);
  if (type === 'marking-definition') checkLevel(object, findings);
}

function checkKinds(object: StixObject, findings: Findings): void {
  for (const name of TIMES) {
    const value = object[name];
    if (value === undefined || (typeof value === 'string' && timestampFault(value) === undefined)) continue;
    const fault = typeof value === 'string' ? timestampFault(value) : 'form';
    findings.error(
      fault === 'date' ? 'S-018' : fault === 'fraction' ? 'L-010' : 'S-017',
      `/${name}`,
      'must be a real time, YYYY-MM-DDTHH:mm:ss[.s+]Z, with at most nine fraction digits',
    );
  }
  for (const name of TEXTS)
    if (object[name] !== undefined && typeof object[name] !== 'string')
      findings.error('S-003', `/${name}`, 'must be of type string');
  for (const name of LISTS_OF_TEXTS) {
    const value = object[name];
    if (value !== undefined && !(Array.isArray(value) && value.every((one) => typeof one === 'string')))
      findings.error('S-003', `/${name}`, 'must be a list of strings');
  }
  if (object['revoked'] !== undefined && typeof object['revoked'] !== 'boolean')
    findings.error('S-003', '/revoked', 'must be of type boolean');
  for (const name of ['object_refs', 'where_sighted_refs', 'observed_data_refs'])
    if (object[name] !== undefined && !Array.isArray(object[name]))
      findings.error('S-003', `/${name}`, 'must be a list of identifiers');
  const { objects } = object;
  if (object['type'] === 'observed-data' && objects !== undefined && !isContainer(objects))
    findings.error('S-070', '/objects', 'must contain observables, each with its type and its own key');
}

function isContainer(value: unknown): boolean {
  const parts = isRecord(value) ? Object.values(value) : [];
  return parts.length > 0 && parts.every((part) => isRecord(part) && typeof part['type'] === 'string');
}

/** [property, rule, types that it may refer to] */
const TARGETS: readonly (readonly [string, string, (type: string) => boolean])[] = [
  ['created_by_ref', 'S-032', (type) => type === 'identity'],
  ['where_sighted_refs', 'S-084', (type) => type === 'identity'],
  ['observed_data_refs', 'S-083', (type) => type === 'observed-data'],
  ['object_refs', 'S-075', (type) => type !== 'bundle'],
  ['source_ref', 'S-081', isEnd],
  ['target_ref', 'S-081', isEnd],
  ['sighting_of_ref', 'S-082', (type) => ['sdo', 'unknown'].includes(kindOf(type))],
];

function isEnd(type: string): boolean {
  return ['sdo', 'unknown'].includes(kindOf(type));
}

function checkReferences(object: StixObject, findings: Findings): void {
  for (const [name, rule, may] of TARGETS) {
    const value = object[name];
    const list: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
    for (const [i, ref] of list.entries())
      if (typeof ref === 'string' && isStixId(ref) && !may(typeOfId(ref)))
        findings.error(
          rule,
          Array.isArray(value) ? `/${name}/${i}` : `/${name}`,
          `an object of type ${typeOfId(ref).slice(0, 80)} is not allowed here`,
        );
  }
  const markings = object['granular_markings'];
  if (!Array.isArray(markings)) return;
  for (const [i, marking] of markings.entries()) {
    const ref: unknown = isRecord(marking) ? marking['marking_ref'] : undefined;
    if (typeof ref !== 'string' || !isStixId(ref) || typeOfId(ref) !== 'marking-definition')
      findings.error(
        'S-148',
        `/granular_markings/${i}/marking_ref`,
        'must be the id of a marking-definition',
      );
    if (isRecord(marking) && !Array.isArray(marking['selectors']))
      findings.error('S-003', `/granular_markings/${i}/selectors`, 'must be a list of selectors');
  }
}

/** A reserved identifier stands for its level, whatever the definition says. */
function checkLevel(object: StixObject, findings: Findings): void {
  const fixed = fixedTlp(text(object, 'id') ?? '');
  if (fixed !== undefined && statedTlp(object) !== fixed)
    findings.error(
      'S-145',
      '/id',
      `this identifier is reserved for TLP:${fixed.toUpperCase()}, but the object does not define it`,
    );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
