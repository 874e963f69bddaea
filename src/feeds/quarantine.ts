import type { Sealer } from '../access/sealing.ts';
import type { Stored } from '../store/records.ts';
import { removal, type RecordChange } from '../store/store.ts';
import { QUARANTINES, type QuarantineRecord } from './model.ts';
import type { Quarantined } from './report.ts';

/** The sealing functions that the quarantine needs. */
export type QuarantineSealing = Pick<Sealer, 'seal' | 'open'>;

/**
 * Returns the change that keeps the bad rows of a run that ended at `at`, or removes the record when there are none.
 * The hub could not interpret these rows, so each of them may be TLP:RED. They are sealed and bound to their record.
 * The commit of a change that replaces or removes rows needs `scrub`.
 */
export function quarantineChange(
  record: Pick<Stored<QuarantineRecord>, 'id' | 'revision' | 'index'>,
  rows: readonly Quarantined[],
  at: number,
  sealing: QuarantineSealing,
): RecordChange {
  return rows.length === 0
    ? removal({ ...record, kind: QUARANTINES.kind })
    : QUARANTINES.change(record, { at, sealed: sealing.seal(JSON.stringify(rows), contextOf(record.id)) });
}

/** Returns the bad rows of a record. Earlier versions stored them unencrypted. */
export function quarantinedIn(
  record: Stored<QuarantineRecord> | undefined,
  sealing: QuarantineSealing,
): readonly Quarantined[] {
  if (record === undefined) return [];
  const { sealed, rows } = record.document;
  if (sealed === undefined) return rows ?? [];
  return JSON.parse(sealing.open(sealed, contextOf(record.id))) as readonly Quarantined[];
}

function contextOf(id: string): string {
  return `${QUARANTINES.kind}/${id}`;
}

/**
 * Returns when the run of a record ended, in milliseconds since 1970. 0 for records of earlier versions, which do not
 * contain it.
 */
export function quarantinedAt({ document }: Stored<QuarantineRecord>): number {
  return document.at ?? 0;
}
