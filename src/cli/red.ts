import type { Red as RedListed } from '../api/schema-types.ts';
import { EXIT, printable, printableLines, type Io } from './io.ts';
import { table, when, writeJson, writeResult } from './output.ts';
import { withHub } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';
import { commandErrors } from './command-errors.ts';
import { textsOf } from './stix-file.ts';

const pathOf = (id: string): string => `/api/v1/red/${encodeURIComponent(id)}`;

function tableOf(items: readonly RedListed[], io: Io): string {
  return table([
    ['ID', 'SINCE', 'FROM', 'OBJECT', 'FOR', 'NOTE'],
    ...items.map(({ id, at, by, object, to, note }) => [
      id,
      when(at, io),
      printable(by),
      printable(object),
      to.map(({ account, read }) => `${account}${read === undefined ? '' : ` (read ${when(read, io)})`}`).join(', '),
      printable(note ?? '-'),
    ]),
  ], io); // prettier-ignore
}

/** `talanoa red list`. */
export async function redList(flags: CommonFlags, io: Io): Promise<number> {
  const items = await withHub(flags, io, (client) => client.list<RedListed>('/api/v1/red'));
  if (flags.json === true) writeJson({ items }, io);
  else
    io.stdout.write(
      items.length === 0 ? 'No TLP:RED was given to you or by you.\n' : `${tableOf(items, io)}\n`,
    );
  return EXIT.done;
}

/** `talanoa red show ID`. */
export async function redShow(id: string, flags: CommonFlags, io: Io): Promise<number> {
  const item = await withHub(flags, io, (client) =>
    client.get<RedListed & { readonly content: object }>(pathOf(id)),
  );
  if (flags.json === true) writeJson(item, io);
  else
    io.stdout.write(
      `TLP:RED  for your eyes only: do not share it.\n${tableOf([item], io)}\n${printableLines(JSON.stringify(item.content, undefined, 2))}\n`,
    );
  return EXIT.done;
}

export interface GiveFlags extends CommonFlags {
  readonly to: readonly string[];
  readonly note?: string;
}

function recipients({ to, note }: GiveFlags): object {
  return { to, ...(note === undefined ? {} : { note }) };
}

/** `talanoa red give FILE --to ACCOUNTS`: gives each object of the file to the accounts. */
export async function redGive(file: string, flags: GiveFlags, io: Io): Promise<number> {
  const objects: object[] = [];
  for await (const text of textsOf(file, (line, why) =>
    io.stderr.write(`${file}:${line}: left out: ${why}\n`),
  ))
    objects.push(JSON.parse(text) as object);
  if (objects.length === 0) throw commandErrors.nothingToGive({ file });
  const items = await withHub(flags, io, async (client) => {
    const given: RedListed[] = [];
    for (const object of objects)
      given.push(await client.post<RedListed>('/api/v1/red', { object, ...recipients(flags) }));
    return given;
  });
  writeResult({ items }, () => tableOf(items, io), flags, io);
  return EXIT.done;
}

/** `talanoa red withdraw ID`. */
export async function redWithdraw(id: string, flags: CommonFlags, io: Io): Promise<number> {
  await withHub(flags, io, (client) => client.delete(pathOf(id)));
  if (flags.quiet !== true) io.stderr.write(`${id} withdrawn.\n`);
  return EXIT.done;
}

/** `talanoa held give ID --to ACCOUNTS`. */
export async function heldGive(id: string, flags: GiveFlags, io: Io): Promise<number> {
  const item = await withHub(flags, io, (client) =>
    client.post<RedListed>(`/api/v1/held/${encodeURIComponent(id)}/give`, recipients(flags)),
  );
  writeResult(item, () => tableOf([item], io), flags, io);
  return EXIT.done;
}
