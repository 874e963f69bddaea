import type { Published } from '../../api/schema-types.ts';

/** A deviation from the standard in an accepted object. */
export type Finding = NonNullable<Published['items'][number]['findings']>[number];

/** The outcome of one object of an envelope. */
export interface Outcome {
  /** Id of the object, if it is readable. */
  readonly id: string;
  readonly version: string;
  readonly kind: 'stored' | 'known' | 'held' | 'refused';
  /** For people. If the object was not stored, it contains the rule id, the JSON pointer and the reason. */
  readonly message?: string;
  /** Deviations from the standard that were accepted. */
  readonly findings?: readonly Finding[];
}

/** Used instead of an id that is not readable. */
export const NO_ID = 'unknown--00000000-0000-4000-8000-000000000000';
