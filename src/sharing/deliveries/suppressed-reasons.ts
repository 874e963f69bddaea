import { timeText } from '../../kernel/time-text.ts';
import type { Reason } from '../../api/schema-types.ts';
import type { StixObject } from '../../stix/types.ts';
import { observedValues, readableObserved } from '../../stix/values/observed-values.ts';
import type { SuppressedValues } from '../suppression/suppressed-values.ts';

/** Maximum number of suppressed values of one object that are named. */
const MOST_NAMED = 20;

/**
 * Returns which values of an object are suppressed. The object is delivered as before, but no list contains these values.
 * For callers that may read the object.
 */
export function suppressedReasons(
  object: StixObject,
  suppressed: SuppressedValues,
  isHub: boolean,
): readonly Reason[] {
  return observedValues(object)
    .flatMap((value) => {
      const found = suppressed.of(value);
      return found === undefined ? [] : [{ value, id: found.id, found: found.document }];
    })
    .slice(0, MOST_NAMED)
    .map(({ value, id, found }) => ({
      code: 'suppressed',
      message: `its value ${readableObserved(value)} has been suppressed since ${timeText(found.at)}, so no list contains it: ${found.reason}`,
      ...(isHub ? { next_step: `To see who still has it, run: talanoa suppression show ${id}` } : {}),
    }));
}
