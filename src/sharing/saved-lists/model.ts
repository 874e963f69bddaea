import {
  flag,
  flagOrFalse,
  list,
  mapOf,
  maybe,
  number,
  oneOf,
  RecordKind,
  shape,
  text,
} from '../../store/records.ts';

/** A collection that a list no longer joins. */
export interface FormerCollection {
  readonly collection: string;
  /**
   * The time (milliseconds since 1970) from which the removals no longer contain its values. Absent while the published
   * values can contain them: content that waits for a person leaves the values before it in place.
   */
  readonly until?: number;
}

/** A list that somebody saved under a name, with a stable address. */
export interface SavedListRecord {
  readonly name: string;
  readonly title?: string;
  /** The member that it belongs to, or `hub`. */
  readonly owner: string;
  /** Ids of the collections whose values it joins. */
  readonly collections: readonly string[];
  /**
   * Collections that the list no longer joins. Its published values and its removals can still contain theirs, so readers
   * of the list need the right to read them too.
   */
  readonly former?: readonly FormerCollection[];
  /** The format at its address. Other formats that do not act more strongly than this one are at addresses below it. */
  readonly format: string;
  readonly types?: readonly string[];
  readonly min_confidence: number;
  readonly max_age?: number;
  readonly labels?: readonly string[];
  readonly sources: number;
  /** The maximum number of values, which is what the device can hold. */
  readonly max_entries: number;
  readonly aggregate: boolean;
  /** Growth in percent at which a person must confirm the list. 100 is twice as many values. */
  readonly max_growth: number;
  /** Loss in percent at which a person must confirm the list. An empty list must always be confirmed. */
  readonly max_shrink: number;
  /** Hours without a change after which the list counts as stale. */
  readonly stale_hours: number;
  /** Milliseconds since 1970. */
  readonly changed: number;
}

export const SAVED_LISTS = new RecordKind<SavedListRecord>({
  kind: 'list',
  fields: {
    name: text,
    title: maybe(text),
    owner: text,
    collections: list(text),
    former: maybe(list(shape<FormerCollection>({ collection: text, until: maybe(number) }))),
    format: text,
    types: maybe(list(text)),
    min_confidence: number,
    max_age: maybe(number),
    labels: maybe(list(text)),
    sources: number,
    max_entries: number,
    aggregate: flag,
    max_growth: number,
    max_shrink: number,
    stale_hours: number,
    changed: number,
  },
  keys: ({ owner }) => ({ owner }),
  idOf: ({ name }) => name,
});

/** Why the new content of a list is not published. */
const HOLDS = ['empty', 'shrink', 'growth'] as const;
export type Hold = (typeof HOLDS)[number];

/** New content of a list that waits for a person. */
export interface HeldContent {
  readonly reason: Hold;
  /** Number of values that the list would have. */
  readonly entries: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The state of the published values of a saved list. Times are in milliseconds since 1970. */
export interface ListStateRecord {
  /** Rises with each change of the published values. 0 before the first one. */
  readonly generation: number;
  /** Values are being replaced in several commits, so the stored ones are neither the old nor the new list. */
  readonly applying: boolean;
  /** The list was deleted, and its values are being removed. */
  readonly gone: boolean;
  readonly entries: number;
  /** The time of the last change of the published values. */
  readonly published: number;
  /** The time at which the list was last compared with its collections. */
  readonly checked: number;
  /** The next time at which the state of a value changes over time. Absent for never. */
  readonly changes?: number;
  /** The positions of its collections and the version of its definition at that time. */
  readonly basis: string;
  /** Values left out, by reason. */
  readonly omitted: Readonly<Record<string, number>>;
  readonly held?: HeldContent;
  /** A person confirmed content with up to this number of values that is held for this reason. */
  readonly confirmed?: { readonly reason: Hold; readonly entries: number };
  /** The time at which an alarm about a stale list was sent. */
  readonly alarmed?: number;
  /** The time of the last removal, in microseconds since 1970. Removals have times of their own. */
  readonly removed: number;
}

export const LIST_STATES = new RecordKind<ListStateRecord>({
  kind: 'list-state',
  fields: {
    generation: number,
    applying: flagOrFalse,
    gone: flagOrFalse,
    entries: number,
    published: number,
    checked: number,
    changes: maybe(number),
    basis: text,
    omitted: mapOf(number),
    held: maybe(shape<HeldContent>({ reason: oneOf(...HOLDS), entries: number, at: number })),
    confirmed: maybe(shape({ reason: oneOf(...HOLDS), entries: number })),
    alarmed: maybe(number),
    removed: number,
  },
});

/** The state of a list that has not been published yet. */
export const UNPUBLISHED: ListStateRecord = {
  generation: 0,
  applying: false,
  gone: false,
  entries: 0,
  published: 0,
  checked: 0,
  basis: '',
  omitted: {},
  removed: 0,
};
