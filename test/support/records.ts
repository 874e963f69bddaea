import { accessRecords, type AccessRecords } from '../../src/access/access-records.ts';
import { OrderedMap } from '../../src/kernel/ordered-map.ts';
import type { HubRecord } from '../../src/store/store.ts';

/** Returns a record as a store returns it. */
export function aRecord(kind: string, id: string, document: HubRecord['document'], revision = 1): HubRecord {
  return { kind, id, revision, document, index: {} };
}

/** Returns the records of a snapshot, by kind and id. */
export function accessRecordsOf(...records: readonly HubRecord[]): AccessRecords {
  return accessRecords((kind) =>
    OrderedMap.of(records.filter((one) => one.kind === kind).map((one) => [one.id, one])),
  );
}
