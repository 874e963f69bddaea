import { PERSON_DECISION, type PersonDecision } from '../../access/two-people.ts';
import { list, maybe, number, oneOf, RecordKind, shape, text, validated } from '../../store/records.ts';
import type { StixObject } from '../../stix/types.ts';

/** How a member appears in what it submits. */
const ATTRIBUTIONS = ['anonymous-to-members', 'anonymous-in-counts'] as const;
export type Attribution = (typeof ATTRIBUTIONS)[number];

/** The connection of a released object with its producer. It is stored under seal only. */
export interface Origin {
  readonly member: string;
  /** Id of the account. */
  readonly account: string;
  readonly attribution: Attribution;
  /** STIX id and version of the object that the member submitted last. */
  readonly original: string;
  readonly version: string;
  /** STIX id under which the hub releases it. */
  readonly released: string;
  /** Time of the first submission, in milliseconds since 1970. */
  readonly at: number;
  /** The times of the released object and of its last version, in milliseconds since 1970. */
  readonly created?: number;
  readonly modified?: number;
  /** These times belong to the last version, and the hub may have stored it with them already. */
  readonly begun?: true;
  /** The content of the last version without id and times. */
  readonly content: StixObject;
  readonly revoked?: true;
  /** Why the hub could not release the last version. */
  readonly refused?: string;
}

const isTrue = (value: unknown): true | undefined => (value === true ? true : undefined);

export const ORIGIN = shape<Origin>({
  member: text,
  account: text,
  attribution: oneOf(...ATTRIBUTIONS),
  original: text,
  version: text,
  released: text,
  at: number,
  created: maybe(number),
  modified: maybe(number),
  begun: isTrue,
  content: validated<StixObject>(),
  revoked: isTrue,
  refused: maybe(text),
});

/** An anonymous object. Its id and index keys are fingerprints, so a copy of the store reveals no producer. */
export interface AnonymousRecord {
  readonly sealed: string;
  /** Id of the collection. */
  readonly collection: string;
  /** When the last version is released, in milliseconds since 1970. Absent when it was. */
  readonly due?: number;
  /** When the revocation was released, in milliseconds since 1970. The record is removed 90 days later. */
  readonly ended?: number;
}

export const ANONYMOUS = new RecordKind<AnonymousRecord>({
  kind: 'anonymous-object',
  fields: { sealed: text, collection: text, due: maybe(number), ended: maybe(number) },
  keys: ({ due, ended }, given) => {
    const { state: _state, ...keys } = given;
    if (due !== undefined) return { ...keys, state: 'waiting' };
    return ended === undefined ? keys : { ...keys, state: 'ended' };
  },
});

/** A request to open a seal, and the opening. It does not name the member. The id is a fingerprint of the released id. */
export interface SealOpeningRecord {
  /** The people who asked and opened, in order. */
  readonly approvals: readonly PersonDecision[];
  /** The end of the request or of the opening, in milliseconds since 1970. */
  readonly until: number;
}

export const SEAL_OPENINGS = new RecordKind<SealOpeningRecord>({
  kind: 'seal-opening',
  fields: { approvals: list(PERSON_DECISION), until: number },
});
