import type { ValueType } from './read-value.ts';

/** The kinds that values to publish can be said to have. `auto` recognises each value by its format. */
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
