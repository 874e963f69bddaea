import type { StixObject } from '../types.ts';
import { specVersionOf } from '../versions.ts';
import type { StixFault } from './fault.ts';
import { schemaStage, schemaStage20 } from './schema-stage.ts';
import { semanticStage } from './semantic-stage.ts';

/** How an object is judged. */
export interface ValidationOptions {
  /** Specification versions that are let in. STIX 2.0 is kept as received, with its ids and times checked only. */
  readonly accept: readonly ('2.0' | '2.1')[];
}

/** At most this many faults are told for one object. */
export const MOST_FAULTS = 100;

/**
 * Checks one parsed object against STIX 2.1: first the schema of its type, then the rules that no schema can say.
 * Never throws on any input. An empty list means that nothing is wrong; `error` faults refuse the object.
 */
export function validateObject(
  object: StixObject,
  options: ValidationOptions = { accept: ['2.1'] },
): readonly StixFault[] {
  if (
    options.accept.includes('2.0') &&
    object['spec_version'] === undefined &&
    specVersionOf(object) === '2.0'
  ) {
    return schemaStage20(object);
  }
  const bySchema = schemaStage(object);
  if (bySchema.length > 0) return bySchema;
  const faults = semanticStage(object);
  return faults.length > MOST_FAULTS ? faults.slice(0, MOST_FAULTS) : faults;
}

/** The faults that refuse an object. */
export function errorsOf(faults: readonly StixFault[]): readonly StixFault[] {
  return faults.length === 0 ? faults : faults.filter((fault) => fault.level === 'error');
}
