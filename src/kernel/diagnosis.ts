/** One result of a health check, with the remedy for a problem. */
export interface Diagnosis {
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly found: string;
  readonly hint?: string;
}
