import type { Collection, Grant } from '../api/schema-types.ts';
import { EXIT, type Io } from './io.ts';
import { managerOf, table, writeJson } from './output.ts';
import { withHub } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';

export interface CreateFlags extends CommonFlags {
  readonly alias?: string;
  readonly apiRoot?: string;
  readonly description?: string;
  readonly maxTlp?: string;
  readonly minTlp?: string;
  readonly unmarked?: string;
  readonly defaultTlp?: string;
  readonly validation?: string;
}

export interface GrantFlags extends CommonFlags {
  readonly read?: boolean;
  readonly write?: boolean;
  readonly replace?: boolean;
}

const nameOf = ({ alias, id }: Collection): string => alias ?? id;

function rights({ read, write }: Pick<Grant, 'read' | 'write'>): string {
  return [read ? 'read' : '', write ? 'write' : ''].filter((word) => word !== '').join(' and ');
}

/** `talanoa collection list`: lists every collection with its grants. */
export async function collectionList(flags: CommonFlags, io: Io): Promise<number> {
  const items = await withHub(flags, io, (client) => client.list<Collection>('/api/v1/collections'));
  if (flags.json === true) {
    writeJson({ items }, io);
    return EXIT.done;
  }
  if (items.length === 0) {
    io.stdout.write('No collections. Create one: talanoa collection create TITLE --alias NAME\n');
    return EXIT.done;
  }
  io.stdout.write(
    `${table(
      [
        ['COLLECTION', 'UP TO', 'GRANTED TO', 'RIGHTS', 'MANAGED BY', 'TITLE'],
        ...items.flatMap((collection) => {
          const [first, ...others] = collection.grants;
          return [
            [
              nameOf(collection),
              `TLP:${collection.max_tlp.toUpperCase()}`,
              first?.to ?? 'nobody',
              first === undefined ? '-' : rights(first),
              managerOf(first?.managed ?? collection.managed),
              collection.title,
            ],
            ...others.map((grant) => ['', '', grant.to, rights(grant), managerOf(grant.managed), '']),
          ];
        }),
      ],
      io,
    )}\n`,
  );
  return EXIT.done;
}

/** `talanoa collection create TITLE`: prints the id of the new collection. */
export async function collectionCreate(title: string, flags: CreateFlags, io: Io): Promise<number> {
  const given: Readonly<Record<string, string | undefined>> = {
    title,
    alias: flags.alias,
    api_root: flags.apiRoot,
    description: flags.description,
    max_tlp: flags.maxTlp,
    min_tlp: flags.minTlp,
    unmarked: flags.unmarked,
    default_tlp: flags.defaultTlp,
    validation: flags.validation,
  };
  const made = await withHub(flags, io, (client) =>
    client.post<Collection>('/api/v1/collections', JSON.parse(JSON.stringify(given)) as object),
  );
  if (flags.json === true) writeJson(made, io);
  else {
    io.stdout.write(`${made.id}\n`);
    if (flags.quiet !== true)
      io.stderr.write(
        `No account has access yet. Grant it: talanoa collection grant ${nameOf(made)} member:NAME\n`,
      );
  }
  return EXIT.done;
}

/** `talanoa collection grant COLLECTION TO`: grants read access, unless only --write is given. */
export async function collectionGrant(name: string, to: string, flags: GrantFlags, io: Io): Promise<number> {
  const asked = { read: flags.read === true || flags.write !== true, write: flags.write === true };
  const body = { to, ...asked, ...(flags.replace === true ? { replace: true } : {}) };
  const grantTo = ({ grants }: Collection): Grant | undefined => grants.find((grant) => grant.to === to);
  const { changed, before } = await withHub(flags, io, async (client) => {
    const all = flags.replace === true ? await client.list<Collection>('/api/v1/collections') : [];
    const made = await client.post<Collection>(
      `/api/v1/collections/${encodeURIComponent(name)}/grants`,
      body,
    );
    const earlier = all.find(({ id }) => id === made.id);
    return { changed: made, before: earlier === undefined ? undefined : grantTo(earlier) };
  });
  const after = grantTo(changed) ?? asked;
  const lost = {
    read: before?.read === true && !after.read,
    write: before?.write === true && !after.write,
  };
  const taken = lost.read || lost.write ? `. It may no longer ${rights(lost)} there.` : '';
  return tell(changed, `${to} may ${rights(after)} "${changed.title}"${taken}`, flags, io);
}

/** `talanoa collection revoke COLLECTION TO`. */
export async function collectionRevoke(
  name: string,
  to: string,
  flags: CommonFlags,
  io: Io,
): Promise<number> {
  const changed = await withHub(flags, io, (client) =>
    client.delete<Collection>(
      `/api/v1/collections/${encodeURIComponent(name)}/grants/${encodeURIComponent(to)}`,
    ),
  );
  return tell(changed, `${to} no longer has a grant on "${changed.title}"`, flags, io);
}

function tell(changed: Collection, sentence: string, flags: CommonFlags, io: Io): number {
  if (flags.json === true) writeJson(changed, io);
  else if (flags.quiet !== true) io.stdout.write(`${sentence}\n`);
  return EXIT.done;
}
