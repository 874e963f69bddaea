import type { ValueType } from './read-value.ts';

/** The kinds that a request can state for the values to publish. `auto` recognises each value by its format. */
export const PUBLISHABLE_KINDS = [
  'auto',
  'ip',
  'asn',
  'domain',
  'url',
  'email',
  'hash',
  'certificate',
] as const satisfies readonly ValueType[];

export type PublishableKind = (typeof PUBLISHABLE_KINDS)[number];
