import type { Collection, DeletedCollection, Grant, Status } from '../api/schema-types.ts';
import { TLP_LEVELS } from '../stix/markings.ts';
import { commandErrors } from './command-errors.ts';
import { EXIT, printable, type Io } from './io.ts';
import { managerOf, table, writeJson } from './output.ts';
import { tellIfStopped, withHub } from './local-client.ts';
import { agreed, type AskedFlags } from './questions.ts';
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

export interface UpdateFlags extends Omit<CreateFlags, 'alias' | 'apiRoot'>, AskedFlags {
  readonly title?: string;
}

export interface GrantFlags extends CommonFlags {
  readonly read?: boolean;
  readonly write?: boolean;
  readonly replace?: boolean;
}

const collectionPath = (name: string): string => `/api/v1/collections/${encodeURIComponent(name)}`;

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

/**
 * `talanoa collection update COLLECTION`. A lower maximum TLP removes objects, so a person is asked first.
 */
export async function collectionUpdate(name: string, flags: UpdateFlags, io: Io): Promise<number> {
  const { title, description, maxTlp, minTlp, unmarked, defaultTlp, validation } = flags;
  const change = Object.fromEntries(
    Object.entries({
      title,
      description: description === '-' ? null : description,
      max_tlp: maxTlp,
      min_tlp: minTlp,
      unmarked,
      default_tlp: defaultTlp,
      validation,
    }).filter(([, value]) => value !== undefined),
  );
  if (Object.keys(change).length === 0)
    throw commandErrors.nothingToChange({
      hint: 'For the options, run: talanoa collection update --help',
    });
  const before = await withHub(flags, io, (client) => client.get<Collection>(collectionPath(name)));
  const levels: readonly string[] = TLP_LEVELS;
  const isLowered = maxTlp !== undefined && levels.indexOf(maxTlp) < levels.indexOf(before.max_tlp);
  const question = `Lower the maximum TLP of "${printable(before.title)}" from ${before.max_tlp.toUpperCase()} to ${maxTlp?.toUpperCase() ?? ''}? Objects that are stricter are removed from it, and do not come back when the maximum is raised again. [y/N] `;
  if (isLowered && before.managed !== 'file' && !(await agreed(question, flags, io))) {
    io.stderr.write('Nothing was changed.\n');
    return EXIT.done;
  }
  const changed = await withHub(flags, io, async (client) => {
    const after = await client.patch<Collection>(collectionPath(before.id), change);
    if (isLowered) tellIfStopped(client, flags, io);
    return after;
  });
  if (flags.json === true) writeJson(changed, io);
  else if (flags.quiet !== true) {
    io.stdout.write(
      `"${printable(changed.title)}" was updated: ${Object.keys(change).join(', ').replaceAll('_', '-')}\n`,
    );
    if (isLowered)
      io.stdout.write(
        `The hub removes objects that are stricter than TLP:${changed.max_tlp.toUpperCase()}, and records each removal in the audit log.\n`,
      );
  }
  return EXIT.done;
}

/** `talanoa collection delete COLLECTION`: shows the losses, and asks for confirmation. */
export async function collectionDelete(name: string, flags: AskedFlags, io: Io): Promise<number> {
  const { before, objects } = await withHub(flags, io, async (client) => {
    const found = await client.get<Collection>(collectionPath(name));
    const { collections } = await client.get<Status>('/api/v1/status');
    return { before: found, objects: collections.find(({ id }) => id === found.id)?.objects ?? 0 };
  });
  const lost = `${counted(objects, 'version')} of objects and ${counted(before.grants.length, 'grant')}`;
  const question = `Delete the collection "${printable(before.title)}" with ${lost}? This cannot be undone. [y/N] `;
  if (before.managed !== 'file' && !(await agreed(question, flags, io))) {
    io.stderr.write('Nothing was deleted.\n');
    return EXIT.done;
  }
  const gone = await withHub(flags, io, async (client) => {
    const deleted = await client.delete<DeletedCollection>(collectionPath(before.id));
    tellIfStopped(client, flags, io);
    return deleted;
  });
  if (flags.json === true) writeJson(gone, io);
  else if (flags.quiet !== true)
    io.stdout.write(
      `Collection "${printable(gone.title)}" deleted, with ${counted(gone.objects, 'version')} of objects and ${counted(gone.grants.length, 'grant')}. Objects that were routed, shared or forwarded to other collections stay there.\n`,
    );
  return EXIT.done;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `talanoa collection grant COLLECTION TO`: grants read access, unless only --write is given. */
export async function collectionGrant(name: string, to: string, flags: GrantFlags, io: Io): Promise<number> {
  const asked = { read: flags.read === true || flags.write !== true, write: flags.write === true };
  const body = { to, ...asked, ...(flags.replace === true ? { replace: true } : {}) };
  const grantTo = ({ grants }: Collection): Grant | undefined => grants.find((grant) => grant.to === to);
  const { changed, before } = await withHub(flags, io, async (client) => {
    const all = flags.replace === true ? await client.list<Collection>('/api/v1/collections') : [];
    const made = await client.post<Collection>(`${collectionPath(name)}/grants`, body);
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
    client.delete<Collection>(`${collectionPath(name)}/grants/${encodeURIComponent(to)}`),
  );
  return tell(changed, `${to} no longer has a grant on "${changed.title}"`, flags, io);
}

function tell(changed: Collection, sentence: string, flags: CommonFlags, io: Io): number {
  if (flags.json === true) writeJson(changed, io);
  else if (flags.quiet !== true) io.stdout.write(`${sentence}\n`);
  return EXIT.done;
}
