import { accessErrors } from './errors.ts';

/** The origin of a record. Records of earlier versions might not state it; then the hub manages them. */
interface Managed {
  readonly document: { readonly managed?: unknown };
}

/** Returns `file` for a record that the settings file declares. It can be changed only there. All others: `hub`. */
export function managedBy({ document }: Managed): 'file' | 'hub' {
  return document.managed === 'file' ? 'file' : 'hub';
}

/** True for a record that the settings file declares. */
export function isDeclared(record: Managed | undefined): boolean {
  return record !== undefined && managedBy(record) === 'file';
}

/**
 * Throws for a record that the settings file declares: the next start would undo every change of it.
 *
 * @param what The subject of the error title, for example `The account "koro"`.
 * @param more What can be done without the settings file, as a sentence.
 */
export function demandManaged(record: Managed, what: string, more?: string): void {
  if (!isDeclared(record)) return;
  throw accessErrors.managedBySettings(
    { what },
    more === undefined ? {} : { hint: `${accessErrors.managedBySettings({ what }).hint ?? ''} ${more}` },
  );
}

/** Throws if another request has changed a record since the caller read it. `revision` is what the caller has seen. */
export function demandRevision(record: { readonly revision: number }, revision: number | undefined): void {
  if (revision !== undefined && revision !== record.revision)
    throw accessErrors.changedMeanwhile({ expected: revision, current: record.revision });
}
