import type { Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';

/** Returns the collections that a caller can read. */
export function readableBy(actor: Principal, directory: Snapshot): readonly CollectionInfo[] {
  return [...directory.collections.values()].filter((collection) =>
    can(actor, 'collection.read', { kind: 'collection', rights: directory.rights(actor, collection) }),
  );
}
