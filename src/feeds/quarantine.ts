import type { Sealer } from '../access/sealing.ts';
import type { HubRecord, RecordChange } from '../store/store.ts';
import type { Quarantined } from './report.ts';

/** The kind of the records that keep the bad rows of a run. */
export const QUARANTINE = 'feed-quarantine';

/** The sealing functions that the quarantine needs. */
export type QuarantineSealing = Pick<Sealer, 'seal' | 'open'>;

/**
 * Returns the change that keeps the bad rows of a run that ended at `at`, or removes the record when there are none.
 * The hub could not interpret these rows, so each of them may be TLP:RED. They are sealed and bound to their record.
 * The commit of a change that replaces or removes rows needs `scrub`.
 */
export function quarantineChange(
  { id, revision, index }: Pick<HubRecord, 'id' | 'revision' | 'index'>,
  rows: readonly Quarantined[],
  at: number,
  sealing: QuarantineSealing,
): RecordChange {
  return {
    kind: QUARANTINE,
    id,
    expected: revision,
    document:
      rows.length === 0 ? undefined : { at, sealed: sealing.seal(JSON.stringify(rows), contextOf(id)) },
    index,
  };
}

/** Returns the bad rows of a record. Earlier versions stored them unencrypted. */
export function quarantinedIn(
  record: HubRecord | undefined,
  sealing: QuarantineSealing,
): readonly Quarantined[] {
  if (record === undefined) return [];
  const { sealed, rows } = record.document;
  if (typeof sealed !== 'string') return (rows ?? []) as readonly Quarantined[];
  return JSON.parse(sealing.open(sealed, contextOf(record.id))) as readonly Quarantined[];
}

function contextOf(id: string): string {
  return `${QUARANTINE}/${id}`;
}

/**
 * Returns when the run of a record ended, in milliseconds since 1970. 0 for records of earlier versions, which do not
 * contain it.
 */
export function quarantinedAt({ document }: HubRecord): number {
  return Number(document['at'] ?? 0);
}
