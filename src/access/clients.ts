/** Records of the collection that the clients of a member read (DESIGN.md section 4): up to AMBER, written by the member itself. */
export function clientsRecords(
  id: string,
  member: string,
  title: string,
  apiRoot: string,
): readonly {
  readonly kind: 'collection' | 'grant';
  readonly id: string;
  readonly document: Readonly<Record<string, unknown>>;
}[] {
  return [
    {
      kind: 'collection',
      id,
      document: {
        api_root: apiRoot,
        alias: `clients-${member}`.slice(0, 63),
        title: `For clients of ${title}`,
        description: 'What this member shares with its clients.',
        max_tlp: 'amber',
        clients_of: member,
      },
    },
    {
      kind: 'grant',
      id: `${id}/clients:${member}`,
      document: { collection: id, to: `clients:${member}`, read: true, write: false },
    },
    {
      kind: 'grant',
      id: `${id}/member:${member}`,
      document: { collection: id, to: `member:${member}`, read: true, write: true },
    },
  ];
}
