import type { GateFault } from '../../kernel/json-gate.ts';
import type { StixObject } from '../types.ts';
import { specVersionOf } from '../versions.ts';
import { Enough, Findings, MOST_FAULTS, type StixFault } from './fault.ts';
import { oldSteps } from './old-stage.ts';
import { schemaStage } from './schema-stage.ts';
import { semanticSteps } from './semantic-stage.ts';
import type { ValidationLevel } from './tolerance.ts';

/** Options of a validation. */
export interface ValidationOptions {
  /** Accepted specification versions. STIX 2.0 is kept as received, and checked by the rules of 2.0. */
  readonly accept?: readonly ('2.0' | '2.1')[];
  /** False: only faults that reject the object are computed. */
  readonly advice?: boolean;
  /** Default: `standard`, the text of the standard. */
  readonly level?: ValidationLevel;
}

/**
 * Checks one parsed object against STIX 2.1: the schema of its type, then the rules that schemas cannot express. It
 * never throws. An empty list means a valid object without advice. Faults of level `error` reject the object.
 */
export function validateObject(object: StixObject, options: ValidationOptions = {}): readonly StixFault[] {
  const steps = validationSteps(object, options);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * Does the same in steps. For a large object, the caller lets other requests have their turn between the steps, because
 * together they take longer than a request should have to wait.
 */
export function* validationSteps(
  object: StixObject,
  options: ValidationOptions = {},
): Generator<undefined, readonly StixFault[]> {
  const findings = new Findings(object, options.advice ?? true, options.level);
  const isOld =
    options.accept?.includes('2.0') === true &&
    object['spec_version'] === undefined &&
    specVersionOf(object) === '2.0';
  try {
    if (isOld) yield* oldSteps(object, findings);
    else {
      schemaStage(object, findings);
      yield;
      yield* semanticSteps(object, findings);
    }
    return limited(findings.faults);
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
    return [...limited(findings.faults), more(findings.faults)];
  }
}

/** Checks a bundle itself, without its objects (STIX 2.1 §8). `count` is the number of objects, if it has a list. */
export function validateBundle(bundle: StixObject, count?: number): readonly StixFault[] {
  const findings = new Findings(bundle, true);
  const complete = lookThrough(() => {
    schemaStage(bundle, findings);
    if (count === 0)
      findings.error('S-004', '/objects', 'a list must have at least one item; leave the property out');
  });
  return complete ? findings.faults : [...findings.faults, more(findings.faults)];
}

/** False when the check stopped because enough faults were found. */
function lookThrough(look: () => void): boolean {
  try {
    look();
    return true;
  } catch (error) {
    if (error instanceof Enough) return false;
    throw error;
  }
}

/**
 * Reports that there are more faults. Their number is unknown, because finding out could take as long as the
 * sender wants.
 */
function more(faults: readonly StixFault[]): StixFault {
  return {
    level: 'error',
    rule: (faults.find(({ level }) => level === 'error') ?? faults[0])?.rule ?? 'S-003',
    pointer: '',
    message: `the object has more than ${MOST_FAULTS} errors; the rest was not checked`,
  };
}

/** Returns a fault of the JSON gate as a rule of the standard: I-JSON (STIX 2.1 §12.1), or the range of numbers. */
export function gateFault({ pointer, message, kind }: GateFault): StixFault {
  const rule =
    kind === 'integer' ? 'S-015' : kind === 'float' ? 'S-016' : kind === undefined ? 'S-001' : kind;
  return { level: 'error', rule, pointer, message };
}

/** Keeps one fault per position and rule. */
function limited(faults: readonly StixFault[]): readonly StixFault[] {
  if (faults.length < 2) return faults;
  const seen = new Set<string>();
  // A value that is not an identifier or timestamp at all breaks every rule about them. One fault is enough.
  const plain = new Map(
    faults
      .filter(({ rule }) => rule === 'S-010' || rule === 'S-017')
      .map(({ pointer, rule }) => [pointer, rule]),
  );
  return faults.filter(({ rule, pointer, level }) => {
    if (plain.has(pointer) && plain.get(pointer) !== rule) return false;
    const key = `${level} ${rule} ${pointer}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

/** Returns the deviations of an accepted object that the level `tolerant` accepts. */
export function findingsOf(faults: readonly StixFault[]): readonly StixFault[] {
  return faults.length === 0 ? faults : faults.filter((fault) => fault.level === 'finding');
}

/** Returns the faults that reject an object. */
export function errorsOf(faults: readonly StixFault[]): readonly StixFault[] {
  return faults.length === 0 ? faults : faults.filter((fault) => fault.level === 'error');
}
