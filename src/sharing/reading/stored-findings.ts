import { giveTurn } from '../../kernel/slices.ts';
import type { StixObject } from '../../stix/types.ts';
import { findingsOf, validationSteps } from '../../stix/validation/validate.ts';
import type { SpecVersion } from '../../stix/types.ts';
import { reportedFindings } from '../intake/findings.ts';
import type { Finding } from '../intake/outcome.ts';

/**
 * Returns the deviations from the standard with which an object was accepted. They follow from its text, so the hub
 * does not store them.
 */
export async function storedFindings(object: StixObject, spec: SpecVersion): Promise<readonly Finding[]> {
  const steps = validationSteps(object, { accept: [spec], advice: false, level: 'tolerant' });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return reportedFindings(findingsOf(step.value));
    await giveTurn();
  }
}
