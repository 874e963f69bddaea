import { list, mapOf, maybe, RecordKind, text } from '../store/records.ts';

/** The part of a TLP:RED object that a list shows. The id of an observable is derived from its value. */
export interface RedHead {
  readonly object: string;
  readonly version: string;
  readonly note?: string;
}

/**
 * TLP:RED that was given to people. The object and its head are sealed: a copy of the store alone shows nothing of
 * them. Earlier versions stored the head in the clear, as fields of the record.
 */
export interface RedRecord extends Partial<RedHead> {
  readonly head?: string;
  /** Id of the account of the giver. */
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
  /** Ids of the accounts of the recipients. */
  readonly to: readonly string[];
  readonly sealed: string;
  /** The times at which recipients first read the object, by the ids of their accounts. */
  readonly read: Readonly<Record<string, string>>;
}

export const REDS = new RecordKind<RedRecord>({
  kind: 'red',
  fields: {
    head: maybe(text),
    object: maybe(text),
    version: maybe(text),
    note: maybe(text),
    by: text,
    at: text,
    to: list(text),
    sealed: text,
    read: mapOf(text),
  },
  // Records of versions before 0.2 lack the member of the giver.
  keys: ({ by }, { member }) => ({ by, ...(member === undefined ? {} : { member }) }),
});
