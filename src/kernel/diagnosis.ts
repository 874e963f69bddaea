/** One thing that was looked at, and what to do where it is not well. */
export interface Diagnosis {
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly found: string;
  readonly hint?: string;
}
