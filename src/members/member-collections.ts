import { grantId, type CollectionRecord, type GrantRecord } from '../access/model.ts';

/** A collection of a member and its grants, without the information about who manages them. */
export interface MemberCollection {
  /** Id of the collection. */
  readonly id: string;
  readonly collection: CollectionRecord;
  readonly grants: ReadonlyMap<string, GrantRecord>;
}

/** The properties of a member from which the names of its collections are derived. */
export interface Named {
  readonly name: string;
  readonly title: string;
}

/**
 * Returns the records of a member's own collection, which only the member reads. Its maximum TLP is AMBER+STRICT, or
 * AMBER for clients.
 */
export function ownRecords(
  id: string,
  { name, title }: Named,
  apiRoot: string | undefined,
  isClient: boolean,
): MemberCollection {
  return {
    id,
    collection: {
      ...(apiRoot === undefined ? {} : { api_root: apiRoot }),
      alias: `member-${name}`.slice(0, 63),
      title: `For ${title}`,
      description: 'Objects that affect this member, placed here by the hub.',
      // Clients must not receive anything stricter (FIRST TLP 2.0).
      max_tlp: isClient ? 'amber' : 'amber+strict',
      own_of: name,
    },
    grants: grantsOn(id, { to: `member:${name}`, write: false }),
  };
}

/**
 * Returns the records of the collection that the clients of a member read. Its maximum TLP is AMBER, and the member
 * itself writes to it.
 */
export function clientsRecords(
  id: string,
  { name, title }: Named,
  apiRoot: string | undefined,
): MemberCollection {
  return {
    id,
    collection: {
      ...(apiRoot === undefined ? {} : { api_root: apiRoot }),
      alias: `clients-${name}`.slice(0, 63),
      title: `For clients of ${title}`,
      description: 'Objects that this member shares with its clients.',
      max_tlp: 'amber',
      clients_of: name,
    },
    grants: grantsOn(id, { to: `clients:${name}`, write: false }, { to: `member:${name}`, write: true }),
  };
}

function grantsOn(
  collection: string,
  ...given: readonly Pick<GrantRecord, 'to' | 'write'>[]
): ReadonlyMap<string, GrantRecord> {
  return new Map(
    given.map(({ to, write }) => [grantId({ collection, to }), { collection, to, read: true, write }]),
  );
}
