import type { CheckedValue, Extracted } from '../../api/schema-types.ts';

/** Verdicts on values that people should look at before they publish them. */
const DOUBTFUL: ReadonlySet<CheckedValue['verdict']> = new Set<CheckedValue['verdict']>([
  'warning-list',
  'own-network',
  'suppressed',
]);

/**
 * True for a value that nobody should publish without a look at it: it is suppressed, on a warning list, in the networks
 * or domains of a member, or cannot be published as it is. It can be known as well.
 */
export function isDoubtful({ check, fault }: Extracted['items'][number]): boolean {
  const { verdict, warning_lists: lists = [], owners = [] } = check;
  return fault !== undefined || DOUBTFUL.has(verdict) || lists.length > 0 || owners.length > 0;
}
