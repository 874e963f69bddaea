import { isInReach } from '../../access/keys/limits.ts';
import { memberOf, type Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import { LAST_VERSION, type EntryFacts, type Store } from '../../store/store.ts';
import { rightfulOwner } from '../intake/owner.ts';
import { noObject } from '../reading/outlet.ts';
import { accessErrors } from '../../access/errors.ts';

/** The place of an object in a collection. */
export interface ObjectLocation {
  readonly collection: CollectionInfo;
  readonly entry: EntryFacts & { readonly text?: string };
}

/** Returns the places of the latest version of an object in all collections. */
export async function locationsOf(
  store: Pick<Store, 'entries'>,
  id: string,
  snapshot: Snapshot,
): Promise<readonly ObjectLocation[]> {
  const found: ObjectLocation[] = [];
  for (const collection of snapshot.collections.values()) {
    const { entries } = await store.entries(
      { collection: collection.id, after: 0, limit: 1, ids: [id], versions: LAST_VERSION },
      true,
    );
    for (const entry of entries) found.push({ collection, entry });
  }
  return found;
}

/**
 * Returns the places of an object that hub staff, or its owner, may ask about. For other callers the object
 * does not exist or belongs to somebody else. Objects that others store under the same id, where the owner
 * cannot read, do not change the response to the owner.
 */
export function ownPlaces(
  actor: Principal,
  id: string,
  standing: readonly ObjectLocation[],
  snapshot: Snapshot,
  action: 'delivery.read' | 'answer.request',
): readonly ObjectLocation[] {
  // A deadline applies to all readers of the object, so a key that is limited to some of its collections
  // cannot set one.
  const rights = {
    read: standing.every(({ collection }) => isInReach(actor, collection.id)),
    write: false,
  };
  const reads = ({ collection }: ObjectLocation): boolean =>
    can(actor, 'collection.read', { kind: 'collection', rights: snapshot.rights(actor, collection) });
  const isHub = can(actor, 'hub.read', { kind: 'hub' });
  const known = standing.filter((place) => isHub || reads(place) || place.entry.owner === memberOf(actor));
  const owner = rightfulOwner(
    known.map(({ entry }) => entry),
    snapshot,
  );
  const owners = owner === undefined ? [] : [owner];
  if (known.length > 0 && can(actor, action, { kind: 'object', rights, owners }))
    return isHub ? known : known.filter(({ entry }) => entry.owner === owner);
  const sees = standing.some(({ collection }) =>
    can(actor, 'collection.read', { kind: 'collection', rights: snapshot.rights(actor, collection) }),
  );
  if (!sees && !can(actor, 'hub.read', { kind: 'hub' })) throw noObject(id);
  if (standing.length === 0) throw noObject(id);
  throw accessErrors.notPermitted(
    { action: 'see the recipients of this object' },
    { description: 'Only hub staff and the owner of the object can see its deliveries.' },
  );
}
