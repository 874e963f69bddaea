import type { ListConnection } from '../api/schema-types.ts';
import type { CommonFlags } from './common-flags.ts';
import { omissionRemedies } from './omissions.ts';
import { EXIT, count, printable, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import { table, when, writeJson } from './output.ts';

export interface ConnectFlags extends CommonFlags {
  readonly collection: string;
  readonly member?: string;
}

/** `talanoa connect TOOL`: shows how a tool fetches the list of a collection. */
export async function connect(tool: string, flags: ConnectFlags, io: Io): Promise<number> {
  const query = new URLSearchParams({ collection: flags.collection });
  if (flags.member !== undefined) query.set('member', flags.member);
  const found = await withHub(flags, io, (client) =>
    client.get<ListConnection>(`/api/v1/list-tools/${encodeURIComponent(tool)}?${query.toString()}`),
  );
  if (flags.json === true) writeJson(found, io);
  else io.stdout.write(`${parts(found, io).join('\n\n')}\n`);
  return EXIT.done;
}

function parts(found: ListConnection, io: Io): readonly string[] {
  const {
    title,
    place,
    url,
    fields,
    limits,
    script,
    key_command: key,
    key_note: note = '',
    entries,
    omitted,
    pulls,
  } = found;
  const left = omitted.map(({ reason, count: many }) => `${reason} ${count(many)}`).join(', ');
  return [
    printable(title),
    key === undefined
      ? `1. ${printable(note)}`
      : `1. Create a key for this list and nothing else:\n   ${printable(key)}`,
    `2. Enter these values. ACCOUNT and KEY stand for the account and its key.\n   ${printable(place)}\n${table(
      [
        ['FIELD', 'VALUE'],
        // Some tools give their field for the URL a name of their own. It is among the fields then.
        ...(fields.some(({ value }) => value === url) ? [] : [['URL', printable(url)]]),
        ...fields.map(({ name, value }) => [name, printable(value)]),
      ],
      io,
    )}`,
    ...(script === undefined ? [] : [`   ${printable(script)}`]),
    `Limits:\n${limits.map((limit) => `- ${limit}`).join('\n')}`,
    `The list has ${count(entries)} ${entries === 1 ? 'value' : 'values'} now.${left === '' ? '' : ` Left out: ${left}.`}`,
    ...omissionRemedies(omitted),
    found.pushed === true
      ? 'The channel shows what was sent: talanoa channel list'
      : pulls.length === 0
        ? 'Nobody has fetched this list yet.'
        : pulls
            .map(({ account, last_seen: seen, agent, unchanged }) =>
              printable(
                `Last fetched by ${account}: ${seen === undefined ? '-' : when(seen, io)}, ${unchanged ? 'unchanged' : 'changed'} since (${agent})`,
              ),
            )
            .join('\n'),
  ];
}
