import type { Held, Released } from '../api/schema-types.ts';
import { EXIT, count, printable, printableLines, type Io } from './io.ts';
import { table, when, writeJson, writeResult } from './output.ts';
import { withHub } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';

const pathOf = (id: string): string => `/api/v1/held/${encodeURIComponent(id)}`;

/** `talanoa held list`. */
export async function heldList(flags: CommonFlags, io: Io): Promise<number> {
  const { items } = await withHub(flags, io, (client) =>
    client.get<{ items: readonly Held[] }>('/api/v1/held?limit=1000'),
  );
  if (flags.json === true) writeJson({ items }, io);
  else if (items.length === 0) io.stdout.write('No objects are on hold.\n');
  else
    io.stdout.write(
      `${table(
        [
          ['ID', 'SINCE', 'FROM', 'FOR', 'OBJECT', 'WHY'],
          ...items.map((item) => [
            item.id,
            when(item.at, io),
            printable(item.submitter),
            printable(item.collection),
            printable(item.object),
            printable(`${item.reason}: ${item.message}`),
          ]),
        ],
        io,
      )}\n${count(items.length)} on hold. To see the possible actions, run: talanoa held show ID\n`,
    );
  return EXIT.done;
}

/** `talanoa held show ID`. */
export async function heldShow(id: string, flags: CommonFlags, io: Io): Promise<number> {
  const item = await withHub(flags, io, (client) =>
    client.get<Held & { readonly content: object }>(pathOf(id)),
  );
  if (flags.json === true) writeJson(item, io);
  else
    io.stdout.write(
      `${table(
        (
          [
            ['Object', item.object],
            ['Version', item.version ?? '-'],
            ['Sent by', item.submitter],
            ['Into', item.collection],
            ['Belongs to', item.owner],
            ['Since', when(item.at, io)],
            ['Why', `${item.reason}: ${item.message}`],
            ['What to do', item.next_step],
          ] as const
        ).map(([label, text]) => [label, printable(text)]),
        io,
      )}\n${printableLines(JSON.stringify(item.content, undefined, 2))}\n`,
    );
  return EXIT.done;
}

export interface ReleaseFlags extends CommonFlags {
  readonly onBehalfOf?: string;
}

/** `talanoa held release ID… [--on-behalf-of MEMBER]`: exit code 8 when an object is still on hold. */
export async function heldRelease(ids: readonly string[], flags: ReleaseFlags, io: Io): Promise<number> {
  let waits = false;
  const query = flags.onBehalfOf === undefined ? '' : `?on_behalf_of=${encodeURIComponent(flags.onBehalfOf)}`;
  await withHub(flags, io, async (client) => {
    for (const id of ids) {
      const released = await client.post<Released>(`${pathOf(id)}/release${query}`, {});
      waits ||= released.outcome !== 'stored' && released.outcome !== 'known';
      writeResult({ id, ...released }, () => `${id}: ${outcomeOf(released)}`, flags, io);
    }
  });
  return waits ? EXIT.part : EXIT.done;
}

/** Returns the outcome with its reason. The reason of an object that is still on hold begins with the outcome. */
function outcomeOf({ outcome, message }: Released): string {
  if (message === undefined) return outcome;
  return printable(message.startsWith(`${outcome}: `) ? message : `${outcome}: ${message}`);
}

export interface DiscardFlags extends CommonFlags {
  readonly reason: string;
}

/** `talanoa held discard ID… --reason TEXT`. */
export async function heldDiscard(ids: readonly string[], flags: DiscardFlags, io: Io): Promise<number> {
  await withHub(flags, io, async (client) => {
    for (const id of ids) {
      await client.post(`${pathOf(id)}/discard`, { reason: flags.reason });
      if (flags.quiet !== true) io.stderr.write(`${id} discarded.\n`);
    }
  });
  return EXIT.done;
}
