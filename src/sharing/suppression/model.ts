import { list, maybe, number, oneOf, RecordKind, shape, text } from '../../store/records.ts';

/** Why a value is suppressed: a false positive that hub staff confirmed, or an immediate removal. */
const CAUSES = ['false-positive', 'panic'] as const;
export type Cause = (typeof CAUSES)[number];

/** A collection that contained a suppressed value. */
export interface SuppressedPlace {
  /** Id of the collection. */
  readonly collection: string;
  /** Date added of the first indicator of the value there, in microseconds since 1970. A reader beyond it has the value. */
  readonly added: number;
  /** Date added of the last removal notice there. Absent when the collection does not accept the notice. */
  readonly notice?: number;
  /** STIX ids of the removal notices. */
  readonly notices: readonly string[];
}

/** A value that no list contains, whoever reports it as malicious. The id is a fingerprint of the value. */
export interface SuppressionRecord {
  /** The value in its canonical form (`stix/values/observed-values.ts`). */
  readonly type: string;
  readonly value: string;
  readonly cause: Cause;
  /** Readers of the value see it. */
  readonly reason: string;
  /** Id of the account. */
  readonly by: string;
  /** The member that the account belongs to, or `hub`. */
  readonly member: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The end of the suppression. The record is kept, because lists changed a second time. */
  readonly lifted?: { readonly by: string; readonly at: number; readonly reason: string };
  /** The collections with removal notices. Absent until all notices are placed. */
  readonly places?: readonly SuppressedPlace[];
}

const PLACE = shape<SuppressedPlace>({
  collection: text,
  added: number,
  notice: maybe(number),
  notices: list(text),
});

export const SUPPRESSIONS = new RecordKind<SuppressionRecord>({
  kind: 'suppression',
  fields: {
    type: text,
    value: text,
    cause: oneOf(...CAUSES),
    reason: text,
    by: text,
    member: text,
    at: number,
    lifted: maybe(shape<NonNullable<SuppressionRecord['lifted']>>({ by: text, at: number, reason: text })),
    places: maybe(list(PLACE)),
  },
  keys: ({ member, places, lifted }) => ({
    member,
    // Notices that a killed process did not place are placed by another one.
    ...(places === undefined && lifted === undefined ? { state: 'telling' } : {}),
  }),
});
