import { text, type StixObject } from './types.ts';

/** The state of a version of an object at a time. Only indicators have a time of validity (STIX 2.1 §4.7). */
export type ObjectState = 'valid' | 'expired' | 'revoked' | 'not-yet-valid';

/** Returns the state of an object at a time, in milliseconds since 1970. */
export function stateOf(object: StixObject, now: number): ObjectState {
  if (object['revoked'] === true) return 'revoked';
  if (object['type'] !== 'indicator') return 'valid';
  if (isAt(text(object, 'valid_until'), (time) => time <= now)) return 'expired';
  return isAt(text(object, 'valid_from'), (time) => time > now) ? 'not-yet-valid' : 'valid';
}

function isAt(stamp: string | undefined, test: (time: number) => boolean): boolean {
  const time = stamp === undefined ? Number.NaN : Date.parse(stamp);
  return !Number.isNaN(time) && test(time);
}
