import { maybe, number, oneOf, RecordKind, text } from '../../store/records.ts';
import { ANSWERS, type Answer } from '../channels/email/answer-links.ts';

/** An acknowledgement of an object by a member. There is one for each object and member. */
export interface AnswerRecord {
  readonly member: string;
  /** STIX id of the object, and its version. */
  readonly object: string;
  readonly version: string;
  readonly answer: Answer;
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
  readonly note?: string;
}

/** Returns the id of an answer, or of the note that a member opened an object. */
function perMember({ member, object }: { readonly member: string; readonly object: string }): string {
  return `${member}/${object}`;
}

export const ANSWER_RECORDS = new RecordKind<AnswerRecord>({
  kind: 'answer',
  fields: {
    member: text,
    object: text,
    version: text,
    answer: oneOf(...ANSWERS),
    by: text,
    at: text,
    note: maybe(text),
  },
  keys: ({ object, member }) => ({ object, member }),
  idOf: perMember,
});

/**
 * A request for an acknowledgement of an object. There is one of the hub for each object, and one of each member for
 * the objects that it owns. The id of the record is `acknowledgementRequestId`. Earlier versions had one record for
 * each object, with the STIX id as its id.
 */
export interface AcknowledgementRequestRecord {
  readonly object: string;
  /** Milliseconds since 1970. */
  readonly due: number;
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
  /** The time of the reminder, in RFC 3339 format. */
  readonly reminded?: string;
  /**
   * The member that asked, whose objects with this id the request is about. Absent when the hub asked, which asks all who
   * read an object with the id.
   */
  readonly owner?: string;
  /** How often the deadline was set, without a day between. Each time all who are asked hear of it. */
  readonly times?: number;
}

/** Returns the id of a request. `owner` is the member that asks, undefined for the hub. */
export function acknowledgementRequestId(object: string, owner: string | undefined): string {
  return owner === undefined ? object : `${object}/${owner}`;
}

export const ACKNOWLEDGEMENT_REQUESTS = new RecordKind<AcknowledgementRequestRecord>({
  kind: 'acknowledgement-request',
  formerKind: 'answer-demand',
  fields: {
    object: text,
    due: number,
    by: text,
    at: text,
    reminded: maybe(text),
    owner: maybe(text),
    times: maybe(number),
  },
  keys: ({ object, reminded, owner }) => ({
    object,
    state: reminded === undefined ? 'open' : 'reminded',
    ...(reminded === undefined && owner !== undefined ? { open_of: owner } : {}),
  }),
});

/** The note that a member opened an object. There is one for each object and member. */
export interface OpenedRecord {
  readonly member: string;
  /** STIX id of the object. */
  readonly object: string;
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
}

export const OPENED = new RecordKind<OpenedRecord>({
  kind: 'opened',
  fields: { member: text, object: text, by: text, at: text },
  keys: ({ object, member }) => ({ object, member }),
});
