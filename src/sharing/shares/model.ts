import { list, maybe, oneOf, RecordKind, shape, text } from '../../store/records.ts';

/** A share that was made or requested, as it is stored. */
export interface ShareRecord {
  readonly id: string;
  readonly object: string;
  readonly members?: readonly string[];
  readonly collection?: string;
  readonly reason?: string;
  /** The owner whose consent is or was needed. */
  readonly owner: string;
  readonly by: string;
  readonly at: string;
  /** `asked` waits for the owner's answer. */
  readonly state: 'done' | 'asked' | 'refused';
  readonly answer?: { readonly by: string; readonly at: string; readonly note?: string };
  /** The outcome for each target. */
  readonly outcomes: readonly {
    readonly to: string;
    readonly outcome: 'placed' | 'known' | 'withheld';
    readonly message?: string;
  }[];
  /** Id of the collection from which the object is shared. */
  readonly source: string;
}

export const SHARES = new RecordKind<ShareRecord>({
  kind: 'share',
  fields: {
    id: text,
    object: text,
    members: maybe(list(text)),
    collection: maybe(text),
    reason: maybe(text),
    owner: text,
    by: text,
    at: text,
    state: oneOf('done', 'asked', 'refused'),
    answer: maybe(shape<NonNullable<ShareRecord['answer']>>({ by: text, at: text, note: maybe(text) })),
    outcomes: list(
      shape<ShareRecord['outcomes'][number]>({
        to: text,
        outcome: oneOf('placed', 'known', 'withheld'),
        message: maybe(text),
      }),
    ),
    source: text,
  },
  // A request that was answered no longer counts as unanswered. `member` is the member of the sender.
  keys: ({ owner, state, by }, { member }) => ({
    ...(member === undefined ? {} : { member }),
    owner,
    ...(state === 'asked' ? { asked_by: by } : {}),
  }),
});

/**
 * Why an item is in the triage queue: its country has no member, it affects nobody, or a member answered "not ours" or
 * "false positive".
 */
export type TriageReason = 'no-member' | 'nobody' | 'not-ours' | 'false-positive';

/** An item of the triage queue, as it is stored. */
export interface TriageRecord {
  /** Id of the collection that contains the object. */
  readonly source: string;
  readonly object: string;
  readonly reason: TriageReason;
  readonly message: string;
  /** The country for which the hub acts, because it has no member. */
  readonly country?: string;
  /** The member that answered. */
  readonly member?: string;
  /** The newest version that the member answered about. Records of earlier versions of the hub have none. */
  readonly version?: string;
  readonly at: string;
  readonly state: 'open' | 'done';
  readonly decided?: {
    readonly by: string;
    readonly at: string;
    readonly what: string;
    readonly note?: string;
  };
}

/** Returns the id of an item, so that the same report is in the queue once. */
export function triageItemId({
  source,
  object,
  reason,
  member = '',
}: Pick<TriageRecord, 'source' | 'object' | 'reason' | 'member'>): string {
  return [source, object, reason, member].join('/');
}

export const TRIAGE = new RecordKind<TriageRecord>({
  kind: 'triage',
  fields: {
    source: text,
    object: text,
    reason: oneOf('no-member', 'nobody', 'not-ours', 'false-positive'),
    message: text,
    country: maybe(text),
    member: maybe(text),
    version: maybe(text),
    at: text,
    state: oneOf('open', 'done'),
    decided: maybe(
      shape<NonNullable<TriageRecord['decided']>>({ by: text, at: text, what: text, note: maybe(text) }),
    ),
  },
  keys: ({ state }) => ({ state }),
  idOf: triageItemId,
});
