import { texts, type StixObject } from '../../stix/types.ts';
import {
  flag,
  list,
  maybe,
  number,
  oneOf,
  RecordKind,
  shape,
  text,
  type Stored,
} from '../../store/records.ts';
import type { Every } from './email/digest-times.ts';

/** A channel through which the hub sends a collection to a member: a cursor over the collection, and a destination. */
export interface Channel {
  readonly name: string;
  readonly member: string;
  readonly kind: 'taxii' | 'webhook' | 'mail' | 'sentinel' | 'defender';
  /** For TAXII, the URL of the collection on the member's server. For email, mailto:ADDRESS. */
  readonly url: string;
  /**
   * For email: how often objects that are not urgent are sent, at which time in which time zone, and whether weak
   * matches are included.
   */
  readonly every?: Every;
  readonly at?: string;
  readonly zone?: string;
  readonly relevance?: 'strong' | 'all';
  /** The objects of the collection that are sent. All of them if these fields are absent. */
  readonly types?: readonly string[];
  readonly labels?: readonly string[];
  readonly min_confidence?: number;
  /** Id of the collection that is sent. The member must be able to read it. */
  readonly collection: string;
  /** For Microsoft services: where the application gets its tokens, and for Defender what it does with a match. */
  readonly token_url?: string;
  readonly action?: 'Audit' | 'Alert' | 'Warn' | 'Block' | 'BlockAndRemediate';
  readonly username?: string;
  /** Reference to the password, the API key, the secret of the application, or the key that signs webhooks. */
  readonly secret?: string;
  readonly paused?: { readonly by: string; readonly at: string; readonly reason?: string };
}

/** The progress of a channel. */
export interface ChannelState {
  readonly cursor: number;
  /** Number of objects that the receiver accepted. */
  readonly delivered: number;
  /** Consecutive failures, since when, and the time of the next attempt (milliseconds since 1970). */
  readonly failures: number;
  readonly failing_since?: number;
  readonly next_at?: number;
  readonly last_ok?: string;
  readonly last_error?: string;
  /** The receiver denies access, or the secret is missing. A person must act. */
  readonly closed?: boolean;
  /** Number of objects in one parcel. It is reduced when a receiver cannot accept more. */
  readonly size: number;
  /** Date added of the last object in the parcel that is retried: the same objects with the same key. */
  readonly to?: number;
  /**
   * For email: the position up to which the channel has searched for urgent objects, and the time of the next digest.
   */
  readonly seen?: number;
  readonly digest_at?: number;
  /** Objects that the receiver refused permanently, latest last. */
  readonly dead: readonly DeadLetter[];
  /** Dead letters that a person wants to send again. They are sent before anything else. */
  readonly again?: readonly DeadLetter[];
}

/** An object that a receiver refused permanently. */
export interface DeadLetter {
  readonly id: string;
  readonly version: string;
  readonly at: string;
  readonly message: string;
}

/** A channel to be created. `collection` is an id or alias, by default the member's own collection. */
export type ChannelRequest = Omit<Channel, 'collection' | 'paused'> & { readonly collection?: string };

/** The types of objects that a service takes. All of them for kinds without a set. */
const CARRIED: Readonly<Partial<Record<Channel['kind'], ReadonlySet<string>>>> = {
  sentinel: new Set(['indicator', 'attack-pattern', 'threat-actor', 'identity', 'relationship']),
  defender: new Set(['indicator']),
};

/**
 * Returns true if a channel sends an object. Objects without a confidence are sent. A revocation is sent whatever its
 * current labels are, because the receiver may have the revoked object.
 */
export function isWanted({ kind, types, labels, min_confidence: min }: Channel, object: StixObject): boolean {
  if (CARRIED[kind]?.has(String(object['type'])) === false) return false;
  if (types !== undefined && !types.includes(String(object['type']))) return false;
  if (object['revoked'] === true) return true;
  if (labels !== undefined && !texts(object, 'labels').some((label) => labels.includes(label))) return false;
  const confidence = object['confidence'];
  return min === undefined || typeof confidence !== 'number' || confidence >= min;
}

/** True for a channel to a service of Microsoft, which an application of the member's tenant uses. */
export function isMicrosoft({ kind }: Pick<Channel, 'kind'>): boolean {
  return kind === 'sentinel' || kind === 'defender';
}

/** Returns the host of an address, or the domain of an email address. */
export function hostOf(url: string): string {
  return url.startsWith('mailto:') ? url.slice(url.lastIndexOf('@') + 1) : new URL(url).host;
}

/**
 * Returns the hosts that get the secret of a channel, or a token that was given for it. A secret must be permitted for all
 * of them, because whoever has the token can use what it gives access to.
 */
export function secretHostsOf({
  url,
  token_url: tokens,
}: Pick<Channel, 'url' | 'token_url'>): readonly string[] {
  return [...new Set(tokens === undefined ? [hostOf(url)] : [hostOf(tokens), hostOf(url)])];
}

/** Maximum number of objects in one parcel. */
export const BATCH = 100;
/** A channel that has failed for this long counts as broken. It is reported, and the hub keeps retrying. */
export const BROKEN_MS = 86_400_000;
const NEW: ChannelState = { cursor: 0, delivered: 0, failures: 0, size: BATCH, dead: [] };

/** Returns the state without the fields that belong to a failed attempt. */
export function without({
  failing_since: _since,
  next_at: _next,
  to: _to,
  ...state
}: ChannelState): ChannelState {
  return { ...state, failures: 0 };
}

/** Returns the state of a channel that sends everything again. */
export function rewound({ to: _to, again: _again, ...state }: ChannelState): ChannelState {
  return { ...state, cursor: 0, dead: [] };
}

/** A channel, as it is stored. The id of the record is its name. */
export interface ChannelRecord extends Omit<Channel, 'name'> {
  readonly name?: string;
  readonly managed?: string;
}

export const CHANNELS = new RecordKind<ChannelRecord>({
  kind: 'channel',
  fields: {
    name: maybe(text),
    member: text,
    kind: oneOf('taxii', 'webhook', 'mail', 'sentinel', 'defender'),
    url: text,
    every: maybe(oneOf('now', 'hour', 'day', 'week')),
    at: maybe(text),
    zone: maybe(text),
    relevance: maybe(oneOf('strong', 'all')),
    types: maybe(list(text)),
    labels: maybe(list(text)),
    min_confidence: maybe(number),
    collection: text,
    token_url: maybe(text),
    action: maybe(oneOf('Audit', 'Alert', 'Warn', 'Block', 'BlockAndRemediate')),
    username: maybe(text),
    secret: maybe(text),
    paused: maybe(shape<NonNullable<Channel['paused']>>({ by: text, at: text, reason: maybe(text) })),
    managed: maybe(text),
  },
});

const LETTER = shape<DeadLetter>({ id: text, version: text, at: text, message: text });

/** The progress of a channel. The id of the record is the name of the channel. A new channel has no progress yet. */
export const CHANNEL_STATES = new RecordKind<Partial<ChannelState>>({
  kind: 'channel-state',
  fields: {
    cursor: maybe(number),
    delivered: maybe(number),
    failures: maybe(number),
    failing_since: maybe(number),
    next_at: maybe(number),
    last_ok: maybe(text),
    last_error: maybe(text),
    closed: maybe(flag),
    size: maybe(number),
    to: maybe(number),
    seen: maybe(number),
    digest_at: maybe(number),
    dead: maybe(list(LETTER)),
    again: maybe(list(LETTER)),
  },
});

export function channelOf({ id, document }: Stored<ChannelRecord>): Channel {
  return { ...document, name: id };
}

export function stateOf(record: Stored<Partial<ChannelState>> | undefined): ChannelState {
  return { ...NEW, ...record?.document };
}
