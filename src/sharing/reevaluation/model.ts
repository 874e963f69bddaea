import { maybe, number, RecordKind, flag } from '../../store/records.ts';

/** A feed whose licence forbids redistribution, and whose objects were removed from where they had been forwarded. */
export interface KeptLicenceRecord {
  /** The time at which everything had been removed, in milliseconds since 1970. */
  readonly at: number;
  /** The collections were checked once more, after every process had learned of the licence. */
  readonly settled?: boolean;
}

/** The id of the record is the name of the feed. */
export const KEPT_LICENCES = new RecordKind<KeptLicenceRecord>({
  kind: 'kept-licence',
  fields: { at: number, settled: maybe(flag) },
});
