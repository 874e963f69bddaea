/** What became of one object of an envelope. */
export interface Outcome {
  /** Its id as far as it can be told. */
  readonly id: string;
  readonly version: string;
  readonly kind: 'stored' | 'known' | 'held' | 'refused';
  /** For people; with rule id, pointer and reason where it was not stored. */
  readonly message?: string;
}

/** Stands for an id that cannot be told. */
export const NO_ID = 'unknown--00000000-0000-4000-8000-000000000000';
