/** A record that a member's collection consists of, without who manages it. */
export interface CollectionRecord {
  readonly kind: 'collection' | 'grant';
  readonly id: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/** The member, as far as its collections are named after it. */
export interface Named {
  readonly name: string;
  readonly title: string;
}

/** Records of a member's own collection (DESIGN.md section 4): up to AMBER+STRICT, for clients up to AMBER, read by the member alone. */
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
        // Clients have nothing that is stricter (FIRST TLP 2.0).
        max_tlp: isClient ? 'amber' : 'amber+strict',
        own_of: name,
      },
    },
    grant(id, `member:${name}`, false),
  ];
}

/** Records of the collection that the clients of a member read (DESIGN.md section 4): up to AMBER, written by the member itself. */
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
