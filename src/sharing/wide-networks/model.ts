import { PEOPLE, PERSON_DECISION, type PersonDecision } from '../../access/two-people.ts';
import { list, maybe, number, oneOf, RecordKind, text } from '../../store/records.ts';

/** The approval of a network that is too large to be blocked without one. The id is a fingerprint of the network. */
export interface WideNetworkRecord {
  /** The network in its canonical form (`stix/values/observed-values.ts`). */
  readonly type: 'ipv4' | 'ipv6';
  readonly value: string;
  /** The people who approved it, in order. Two of them are enough. */
  readonly approvals: readonly PersonDecision[];
  /** The end of the approval, in milliseconds since 1970. */
  readonly until: number;
  readonly revoked?: PersonDecision;
}

export type WideNetworkState = 'proposed' | 'approved' | 'ended' | 'revoked';

/** Returns the state of an approval at a time. */
export function stateOf({ approvals, until, revoked }: WideNetworkRecord, now: number): WideNetworkState {
  if (revoked !== undefined) return 'revoked';
  if (until <= now) return 'ended';
  return approvals.length < PEOPLE ? 'proposed' : 'approved';
}

export const WIDE_NETWORKS = new RecordKind<WideNetworkRecord>({
  kind: 'wide-network',
  fields: {
    type: oneOf('ipv4', 'ipv6'),
    value: text,
    approvals: list(PERSON_DECISION),
    until: number,
    revoked: maybe(PERSON_DECISION),
  },
});
