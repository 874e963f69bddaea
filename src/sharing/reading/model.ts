import { maybe, number, RecordKind } from '../../store/records.ts';

/** The position of the search index in a collection. The id of the record is the id of the collection. */
export interface NameIndexRecord {
  /** Date added of the last entry that was indexed, in microseconds since 1970. */
  readonly added?: number;
  /** Time of the last removal after which names were removed, in microseconds since 1970. */
  readonly removed?: number;
}

export const NAME_INDEX = new RecordKind<NameIndexRecord>({
  kind: 'name-index',
  fields: { added: maybe(number), removed: maybe(number) },
});
