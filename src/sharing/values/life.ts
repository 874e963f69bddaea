import type { ValueType } from '../../stix/values/observed-values.ts';
import type { Contribution } from './contribution.ts';

const DAY_MS = 86_400_000;

/** Days after which a value of an indicator without `valid_until` counts as expired. */
const LIFETIME_DAYS: Readonly<Record<ValueType, number>> = {
  ipv4: 14,
  ipv6: 14,
  url: 21,
  domain: 60,
  email: 60,
  md5: 365,
  sha1: 365,
  sha256: 365,
  sha512: 365,
  certificate: 180,
  pattern: 365,
};

/** The state of a value. */
export type ValueState = 'active' | 'pending' | 'expired' | 'withdrawn';

/**
 * Returns the end of the validity of what an indicator says, in milliseconds since 1970. The producer's `valid_until`
 * is law. Without one, the lifetime of the type begins with the newest version of the indicator.
 */
export function endOf(
  type: ValueType,
  { until, from, modified }: Pick<Contribution, 'until' | 'from' | 'modified'>,
): number {
  return until ?? Math.max(from, modified) + LIFETIME_DAYS[type] * DAY_MS;
}

/** Returns the state of what an indicator says, at a time. */
export function stateOfContribution(type: ValueType, contribution: Contribution, now: number): ValueState {
  if (contribution.revoked) return 'withdrawn';
  if (endOf(type, contribution) <= now) return 'expired';
  return contribution.from > now ? 'pending' : 'active';
}
