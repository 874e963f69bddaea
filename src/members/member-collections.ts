/** A record of a member's collection, without the information about who manages it. */
export interface CollectionRecord {
  readonly kind: 'collection' | 'grant';
  readonly id: string;
  readonly document: Readonly<Record<string, unknown>>;
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
): readonly CollectionRecord[] {
  return [
    {
      kind: 'collection',
      id,
      document: {
        api_root: apiRoot,
        alias: `member-${name}`.slice(0, 63),
        title: `For ${title}`,
        description: 'What concerns this member, placed here by the hub.',
        // Clients may not receive anything stricter (FIRST TLP 2.0).
        max_tlp: isClient ? 'amber' : 'amber+strict',
        own_of: name,
      },
    },
    grant(id, `member:${name}`, false),
  ];
}

/**
 * Returns the records of the collection that the clients of a member read. Its maximum TLP is AMBER, and the member
 * itself writes to it.
 */
export function clientsRecords(
  id: string,
  { name, title }: Named,
  apiRoot: string | undefined,
): readonly CollectionRecord[] {
  return [
    {
      kind: 'collection',
      id,
      document: {
        api_root: apiRoot,
        alias: `clients-${name}`.slice(0, 63),
        title: `For clients of ${title}`,
        description: 'What this member shares with its clients.',
        max_tlp: 'amber',
        clients_of: name,
      },
    },
    grant(id, `clients:${name}`, false),
    grant(id, `member:${name}`, true),
  ];
}

function grant(collection: string, to: string, write: boolean): CollectionRecord {
  return { kind: 'grant', id: `${collection}/${to}`, document: { collection, to, read: true, write } };
}
