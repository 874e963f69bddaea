import type { Group, LeftGroup } from '../api/schema-types.ts';
import { EXIT, printable, type Io } from './io.ts';
import { dayOf, table, when, writeJson, writeResult } from './output.ts';
import { withHub } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';

const groupPath = (name: string): string => `/api/v1/groups/${encodeURIComponent(name)}`;

function datesText(dates: Group['dates'][string] | undefined, io: Io): string {
  const words = [
    dates?.since === undefined ? '' : `from ${dayOf(dates.since, io)}`,
    dates?.until === undefined ? '' : `until ${dayOf(dates.until, io)}`,
  ].filter((word) => word !== '');
  return words.length === 0 ? '' : ` (${words.join(' ')})`;
}

/** Returns the members of a group, each with the dates of its membership. */
function membersText({ members, dates }: Pick<Group, 'members' | 'dates'>, io: Io): string {
  return members.map((member) => `${member}${datesText(dates[member], io)}`).join(', ') || '-';
}

function groupTable(items: readonly Group[], io: Io): string {
  return table(
    [
      ['GROUP', 'MEMBERS', 'READS', 'TITLE'],
      ...items.map(({ name, members, dates, collections, title }) => [
        name,
        membersText({ members, dates }, io),
        collections.join(', ') || '-',
        printable(title),
      ]),
    ],
    io,
  );
}

/** `talanoa group list`. */
export async function groupList(flags: CommonFlags, io: Io): Promise<number> {
  const items = await withHub(flags, io, (client) => client.list<Group>('/api/v1/groups'));
  if (flags.json === true) writeJson({ items }, io);
  else
    io.stdout.write(
      items.length === 0
        ? 'No groups that you may see. Administrators of the hub create them: talanoa group create NAME\n'
        : `${groupTable(items, io)}\n`,
    );
  return EXIT.done;
}

/** `talanoa group create NAME`. */
export async function groupCreate(
  name: string,
  flags: CommonFlags & { readonly title?: string; readonly listed?: boolean },
  io: Io,
): Promise<number> {
  const made = await withHub(flags, io, (client) =>
    client.post<Group>('/api/v1/groups', {
      name,
      ...(flags.listed === true ? { listed: true } : {}),
      ...(flags.title === undefined ? {} : { title: flags.title }),
    }),
  );
  writeResult(made, () => groupTable([made], io), flags, io);
  return EXIT.done;
}

/** `talanoa group join GROUP MEMBER…`. */
export async function groupJoin(
  name: string,
  members: readonly string[],
  flags: CommonFlags & { readonly since?: string; readonly until?: string },
  io: Io,
): Promise<number> {
  await withHub(flags, io, async (client) => {
    for (const member of members) {
      const group = await client.put<Group>(`${groupPath(name)}/members/${encodeURIComponent(member)}`, {
        ...(flags.since === undefined ? {} : { since: flags.since }),
        ...(flags.until === undefined ? {} : { until: flags.until }),
      });
      writeResult(group, () => `${group.name}: ${membersText(group, io)}`, flags, io);
    }
  });
  return EXIT.done;
}

/** `talanoa group leave GROUP MEMBER`: also lists what the member has already read. */
export async function groupLeave(name: string, member: string, flags: CommonFlags, io: Io): Promise<number> {
  const left = await withHub(flags, io, (client) =>
    client.delete<LeftGroup>(`${groupPath(name)}/members/${encodeURIComponent(member)}`),
  );
  if (flags.json === true) writeJson(left, io);
  else {
    io.stdout.write(`${member} is no longer in ${name} and has lost the access that the group gave.\n`);
    if (left.recall.length > 0)
      io.stdout.write(
        `It has already read:\n${table(
          [
            ['COLLECTION', 'ACCOUNT', 'OBJECTS', 'LAST SEEN'],
            ...left.recall.map((item) => [
              item.collection,
              item.account,
              String(item.objects),
              when(item.last_seen, io),
            ]),
          ],
          io,
        )}\n`,
      );
  }
  return EXIT.done;
}
