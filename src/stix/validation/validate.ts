import type { GateFault } from '../../kernel/json-gate.ts';
import type { StixObject } from '../types.ts';
import { specVersionOf } from '../versions.ts';
import { Findings, type StixFault } from './fault.ts';
import { schemaStage, schemaStage20 } from './schema-stage.ts';
import { semanticStage } from './semantic-stage.ts';

/** How an object is judged. */
export interface ValidationOptions {
  /** Specification versions that are let in. STIX 2.0 is kept as received, with its ids and times checked only. */
  readonly accept?: readonly ('2.0' | '2.1')[];
  /** False: only what refuses the object is worked out. */
  readonly advice?: boolean;
  /** True: a property whose name is one letter away from one of the standard is refused. */
  readonly strict?: boolean;
}

/** At most this many faults are told for one object; a last one says how many more there are. */
export const MOST_FAULTS = 100;

/**
 * Checks one parsed object against STIX 2.1: the schema of its type, then the rules that no schema can say. Never throws
 * on any input. An empty list means that nothing is wrong; `error` faults refuse the object.
 */
export function validateObject(object: StixObject, options: ValidationOptions = {}): readonly StixFault[] {
  const findings = new Findings(options.advice ?? true, options.strict ?? false);
  if (
    options.accept?.includes('2.0') === true &&
    object['spec_version'] === undefined &&
    specVersionOf(object) === '2.0'
  ) {
    schemaStage20(object, findings);
  } else {
    schemaStage(object, findings);
    semanticStage(object, findings);
  }
  return limited(findings.faults);
}

/** Checks a bundle itself, without its objects (section 8). `count` is their number where it has the list. */
export function validateBundle(bundle: StixObject, count?: number): readonly StixFault[] {
  const findings = new Findings(true);
  schemaStage(bundle, findings);
  if (count === 0)
    findings.error('S-004', '/objects', 'a list has at least one member; leave the property out');
  return findings.faults;
}

/** What the gate has against an object, as the rule of the standard: I-JSON (section 12.1), or the range of its numbers. */
export function gateFault({ pointer, message, kind }: GateFault): StixFault {
  const rule = kind === 'integer' ? 'S-015' : kind === 'float' ? 'S-016' : 'S-001';
  return { level: 'error', rule, pointer, message };
}

/** One fault a place and rule; not more than a person can read. */
function limited(faults: readonly StixFault[]): readonly StixFault[] {
  if (faults.length < 2) return faults;
  const seen = new Set<string>();
  // What is no identifier or no timestamp at all breaks every rule about them; one of them says it.
  const plain = new Map(
    faults
      .filter(({ rule }) => rule === 'S-010' || rule === 'S-017')
      .map(({ pointer, rule }) => [pointer, rule]),
  );
  const single = faults.filter(({ rule, pointer, level }) => {
    if (plain.has(pointer) && plain.get(pointer) !== rule) return false;
    const key = `${level} ${rule} ${pointer}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
  if (single.length <= MOST_FAULTS) return single;
  const errors = single.filter(({ level }) => level === 'error');
  const told = [...errors, ...single.filter(({ level }) => level === 'warning')].slice(0, MOST_FAULTS);
  const rest = single.length - told.length;
  return [
    ...told,
    {
      level: errors.length > 0 ? 'error' : 'warning',
      rule: errors.length > 0 ? (errors[0]?.rule ?? 'S-003') : 'W-custom',
      pointer: '',
      message: `and ${rest} more faults in this object`,
    },
  ];
}

/** The faults that refuse an object. */
export function errorsOf(faults: readonly StixFault[]): readonly StixFault[] {
  return faults.length === 0 ? faults : faults.filter((fault) => fault.level === 'error');
}
