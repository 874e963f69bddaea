import type { GateFault } from '../../kernel/json-gate.ts';
import type { StixObject } from '../types.ts';
import { specVersionOf } from '../versions.ts';
import { Enough, Findings, MOST_FAULTS, type StixFault } from './fault.ts';
import { schemaStage, schemaStage20 } from './schema-stage.ts';
import { semanticSteps } from './semantic-stage.ts';

/** How an object is judged. */
export interface ValidationOptions {
  /** Specification versions that are let in. STIX 2.0 is kept as received, with its ids and times checked only. */
  readonly accept?: readonly ('2.0' | '2.1')[];
  /** False: only what refuses the object is worked out. */
  readonly advice?: boolean;
  /** True: a property whose name is one letter away from one of the standard is refused. */
  readonly strict?: boolean;
}

/**
 * Checks one parsed object against STIX 2.1: the schema of its type, then the rules that no schema can say. Never throws
 * on any input. An empty list means that nothing is wrong; `error` faults refuse the object.
 */
export function validateObject(object: StixObject, options: ValidationOptions = {}): readonly StixFault[] {
  const steps = validationSteps(object, options);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * The same in steps. The caller of a large object lets other requests have their turn between them, because all of
 * them together take longer than a request should have to wait.
 */
export function* validationSteps(
  object: StixObject,
  options: ValidationOptions = {},
): Generator<undefined, readonly StixFault[]> {
  const findings = new Findings(options.advice ?? true, options.strict ?? false);
  const isOld =
    options.accept?.includes('2.0') === true &&
    object['spec_version'] === undefined &&
    specVersionOf(object) === '2.0';
  try {
    if (isOld) schemaStage20(object, findings);
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

/** Checks a bundle itself, without its objects (section 8). `count` is their number where it has the list. */
export function validateBundle(bundle: StixObject, count?: number): readonly StixFault[] {
  const findings = new Findings(true);
  const complete = lookThrough(() => {
    schemaStage(bundle, findings);
    if (count === 0)
      findings.error('S-004', '/objects', 'a list has at least one member; leave the property out');
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
    rule: faults.find(({ level }) => level === 'error')?.rule ?? 'S-003',
    pointer: '',
    message: `the object has more than ${MOST_FAULTS} faults; the rest was not checked`,
  };
}

/** What the gate has against an object, as the rule of the standard: I-JSON (section 12.1), or the range of its numbers. */
export function gateFault({ pointer, message, kind }: GateFault): StixFault {
  const rule =
    kind === 'integer' ? 'S-015' : kind === 'float' ? 'S-016' : kind === undefined ? 'S-001' : kind;
  return { level: 'error', rule, pointer, message };
}

/** Keeps one fault per position and rule. */
function limited(faults: readonly StixFault[]): readonly StixFault[] {
  if (faults.length < 2) return faults;
  const seen = new Set<string>();
  // What is no identifier or no timestamp at all breaks every rule about them; one of them says it.
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

/** The faults that refuse an object. */
export function errorsOf(faults: readonly StixFault[]): readonly StixFault[] {
  return faults.length === 0 ? faults : faults.filter((fault) => fault.level === 'error');
}
