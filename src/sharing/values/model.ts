import { flagOrFalse, maybe, number, RecordKind } from '../../store/records.ts';

/** How far the value view has come in a collection. The id of the record is the id of the collection. */
export interface ValueIndexRecord {
  /** Date added of the last entry that was read, in microseconds since 1970. */
  readonly added?: number;
  /** Time of the last removal that was read, in microseconds since 1970. */
  readonly removed?: number;
  /** The rows are removed before the collection is read again from its beginning. */
  readonly rebuild?: boolean;
  /** The view contained everything once since it was last built. */
  readonly whole?: boolean;
}

export const VALUE_INDEX = new RecordKind<ValueIndexRecord>({
  kind: 'value-index',
  fields: { added: maybe(number), removed: maybe(number), rebuild: flagOrFalse, whole: flagOrFalse },
});
