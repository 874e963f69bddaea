import { list, maybe, number, oneOf, RecordKind, shape, text } from '../../store/records.ts';

/** The decision of one person. */
export interface NetworkDecision {
  /** Id of the account. */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reason: string;
}

/** The approval of a network that is too large to be blocked without one. The id is a fingerprint of the network. */
export interface WideNetworkRecord {
  /** The network in its canonical form (`stix/values/observed-values.ts`). */
  readonly type: 'ipv4' | 'ipv6';
  readonly value: string;
  /** The people who approved it, in order. Two of them are enough. */
  readonly approvals: readonly NetworkDecision[];
  /** The end of the approval, in milliseconds since 1970. */
  readonly until: number;
  readonly revoked?: NetworkDecision;
}

export type WideNetworkState = 'proposed' | 'approved' | 'ended' | 'revoked';

/** How many different people must approve a network. */
export const APPROVALS = 2;

/** Returns the state of an approval at a time. */
export function stateOf({ approvals, until, revoked }: WideNetworkRecord, now: number): WideNetworkState {
  if (revoked !== undefined) return 'revoked';
  if (until <= now) return 'ended';
  return approvals.length < APPROVALS ? 'proposed' : 'approved';
}

const decision = shape<NetworkDecision>({ by: text, at: number, reason: text });

export const WIDE_NETWORKS = new RecordKind<WideNetworkRecord>({
  kind: 'wide-network',
  fields: {
    type: oneOf('ipv4', 'ipv6'),
    value: text,
    approvals: list(decision),
    until: number,
    revoked: maybe(decision),
  },
});
