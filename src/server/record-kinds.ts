import { FACTORS, SIGN_INS } from '../access/factors/model.ts';
import { IDEMPOTENCY } from '../access/idempotency.ts';
import { KEYS, SEALED_SECRETS } from '../access/keys/model.ts';
import { PLACES, SESSIONS } from '../access/sessions/model.ts';
import { TALLIES } from '../access/tallies.ts';

/**
 * The codec of every kind of record that the hub stores. A test compares this list with the limits in
 * `store/bounded-stores.ts`, which are enforced for each kind that is written.
 */
export const RECORD_KINDS = [
  FACTORS,
  IDEMPOTENCY,
  KEYS,
  PLACES,
  SEALED_SECRETS,
  SESSIONS,
  SIGN_INS,
  TALLIES,
] as const;
