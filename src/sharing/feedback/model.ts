import { flag, list, maybe, number, oneOf, RecordKind, shape, text } from '../../store/records.ts';

/** The kinds of reports about a value: a member saw it, it is harmless, or something else. */
const FEEDBACK_KINDS = ['sighting', 'false-positive', 'note'] as const;
export type FeedbackKind = (typeof FEEDBACK_KINDS)[number];

/** A report of a member about a value. It is stored under seal, because it shows what the member sees in its networks. */
export interface Report {
  readonly member: string;
  /** Id of the account. Absent for a report by a link of an email. */
  readonly account?: string;
  /** The public name of the key with which the account reported. */
  readonly key?: string;
  readonly kind: FeedbackKind;
  /** The value in its canonical form. */
  readonly type: string;
  readonly value: string;
  /** Ids of the collections with the value that the reporter could read. Nobody else counts the report. */
  readonly collections: readonly string[];
  /** The rank of the TLP level of the report. */
  readonly level: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly first?: number;
  readonly last?: number;
  readonly count?: number;
  readonly note?: string;
  /** Id of the STIX object that contained the report. */
  readonly object?: string;
  /**
   * True if somebody else could have used the account or key that reported (`Standing`). Nobody but its member ever sees
   * or counts such a report. Hub staff create accounts and keys of members, and a count that a report changes or leaves, at
   * once or later, would tell them what the member reported.
   */
  readonly apart?: boolean;
  /**
   * When the first account of a new member got its access, in milliseconds since 1970, for a report by its person in the
   * first seven days. The report counts by itself until the member reports the same with a proven account.
   */
  readonly debut?: number;
}

export const REPORT = shape<Report>({
  member: text,
  account: maybe(text),
  key: maybe(text),
  kind: oneOf(...FEEDBACK_KINDS),
  type: text,
  value: text,
  collections: list(text),
  level: number,
  at: number,
  first: maybe(number),
  last: maybe(number),
  count: maybe(number),
  note: maybe(text),
  object: maybe(text),
  apart: maybe(flag),
  debut: maybe(number),
});

/** A sealed report. Its id and index keys are fingerprints, so a copy of the store reveals neither reporter nor value. */
export interface FeedbackRecord {
  readonly sealed: string;
  /** The day of the report, in milliseconds since 1970. */
  readonly at: number;
}

export const FEEDBACK = new RecordKind<FeedbackRecord>({
  kind: 'feedback',
  fields: { sealed: text, at: number },
});

/** A value that members reported as a false positive. It does not name them. The id is a fingerprint of the value. */
export interface CaseRecord {
  readonly type: string;
  readonly value: string;
  readonly state: 'open' | 'confirmed' | 'refused';
  /** The day on which it was opened, in milliseconds since 1970. A time would help to find out who reported. */
  readonly at: number;
  /** Ids of the collections that contained the value when the case was opened. */
  readonly collections: readonly string[];
  readonly decided?: { readonly by: string; readonly at: number; readonly note: string };
}

export const CASES = new RecordKind<CaseRecord>({
  kind: 'false-positive',
  fields: {
    type: text,
    value: text,
    state: oneOf('open', 'confirmed', 'refused'),
    at: number,
    collections: list(text),
    decided: maybe(shape<NonNullable<CaseRecord['decided']>>({ by: text, at: number, note: text })),
  },
  keys: ({ state }) => ({ state }),
});
