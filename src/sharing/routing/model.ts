import { maybe, number, RecordKind, text } from '../../store/records.ts';

/** The position of routing in a collection. The id of the record is the id of the collection. */
export interface RoutingRecord {
  /** Date added of the last entry that was routed, in microseconds since 1970. */
  readonly added: number;
  /** The settings by which the entries were routed (`reevaluation/basis.ts`). */
  readonly basis?: string;
}

export const ROUTING = new RecordKind<RoutingRecord>({
  kind: 'routing',
  fields: { added: number, basis: maybe(text) },
});
