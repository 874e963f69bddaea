import { texts, type StixObject } from '../stix/types.ts';
import type { HubRecord } from '../store/store.ts';
import type { Every } from './digest-times.ts';

/** A way by which the hub brings a collection to a member: a cursor over it, and where to (DESIGN.md section 4). */
export interface Channel {
  readonly name: string;
  readonly member: string;
  readonly kind: 'taxii' | 'webhook' | 'mail';
  /** Of taxii: of the collection of the member's server. Of mail: mailto:ADDRESS. */
  readonly url: string;
  /** Of mail: how often what is not urgent is told, at which time of which zone, and whether weak matches are told too. */
  readonly every?: Every;
  readonly at?: string;
  readonly zone?: string;
  readonly relevance?: 'strong' | 'all';
  /** What of the collection it brings; without them all. */
  readonly types?: readonly string[];
  readonly labels?: readonly string[];
  readonly min_confidence?: number;
  /** Id of the collection that is read; one that the member may read. */
  readonly collection: string;
  readonly username?: string;
  /** Reference of the password, the key, or what signs webhooks. */
  readonly secret?: string;
  readonly paused?: { readonly by: string; readonly at: string; readonly reason?: string };
}

/** How far a channel has come. */
export interface ChannelState {
  readonly cursor: number;
  /** Objects that were taken. */
  readonly delivered: number;
  /** Tries in a row that failed, since when, and when the next one is (milliseconds since 1970). */
  readonly failures: number;
  readonly failing_since?: number;
  readonly next_at?: number;
  readonly last_ok?: string;
  readonly last_error?: string;
  /** The receiver does not let the hub in; a person must look. */
  readonly closed?: boolean;
  /** Objects of one parcel, fewer where a receiver could not take more. */
  readonly size: number;
  /** Where the parcel ends that is tried again: the same objects under the same key. */
  readonly to?: number;
  /** Of mail: how far it has looked for what is urgent, and when the next digest is due. */
  readonly seen?: number;
  readonly digest_at?: number;
  /** Objects that the receiver refused for good, the latest last. */
  readonly dead: readonly DeadLetter[];
}

/** An object that a receiver refused for good. */
export interface DeadLetter {
  readonly id: string;
  readonly version: string;
  readonly at: string;
  readonly message: string;
}

/** A channel as those see it who look after it. */
export interface ChannelListed {
  readonly name: string;
  readonly member: string;
  readonly kind: Channel['kind'];
  readonly url: string;
  /** Alias of the collection, or its id. */
  readonly collection: string;
  readonly state: 'current' | 'behind' | 'failing' | 'broken' | 'closed' | 'paused' | 'no grant';
  readonly delivered: number;
  /** Entries that wait; `more` says that there are even more. */
  readonly waiting: number;
  readonly more: boolean;
  readonly waiting_since?: string;
  readonly last_ok?: string;
  readonly last_error?: string;
  readonly next_try?: string;
  readonly dead_letters: readonly DeadLetter[];
  readonly paused?: Channel['paused'];
  readonly every?: Every;
  readonly next_digest?: string;
  readonly managed: string;
}

/** A channel to be made; `collection` by id or alias, the member's own by default. */
export type ChannelRequest = Omit<Channel, 'collection' | 'paused'> & { readonly collection?: string };

/**
 * Whether a channel brings an object at all. What says nothing of its confidence is brought; and a withdrawal whatever it is
 * labelled by then, since the receiver may have what is withdrawn.
 */
export function isWanted({ types, labels, min_confidence: min }: Channel, object: StixObject): boolean {
  if (types !== undefined && !types.includes(String(object['type']))) return false;
  if (object['revoked'] === true) return true;
  if (labels !== undefined && !texts(object, 'labels').some((label) => labels.includes(label))) return false;
  const confidence = object['confidence'];
  return min === undefined || typeof confidence !== 'number' || confidence >= min;
}

/** Objects of one parcel, at most. */
export const BATCH = 100;
/** A channel that has failed for so long is broken: told, and tried on. */
export const BROKEN_MS = 86_400_000;
const NEW: ChannelState = { cursor: 0, delivered: 0, failures: 0, size: BATCH, dead: [] };

/** The state without what belongs to a try that failed. */
export function without({
  failing_since: _since,
  next_at: _next,
  to: _to,
  ...state
}: ChannelState): ChannelState {
  return { ...state, failures: 0 };
}

export function channelOf({ id, document }: HubRecord): Channel {
  return { ...(document as object as Channel), name: id };
}

export function stateOf(record: HubRecord | undefined): ChannelState {
  return { ...NEW, ...(record?.document as object as ChannelState | undefined) };
}
