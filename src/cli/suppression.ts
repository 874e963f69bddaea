import type { Suppression, SuppressionDetails } from '../api/schema-types.ts';
import type { CommonFlags } from './common-flags.ts';
import { EXIT, count, printable, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import { graded, table, when, writeJson, type Grade } from './output.ts';

export interface ReasonFlags extends CommonFlags {
  readonly reason: string;
}

interface Found {
  readonly items: readonly Suppression[];
}

const PATH = '/api/v1/suppressions';
const GRADES: Readonly<Record<SuppressionDetails['recipients'][number]['state'], Grade>> = {
  holding: 'bad',
  notified: 'notice',
  confirmed: 'good',
};

/** `talanoa suppression list`. */
export async function suppressionList(flags: CommonFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) => client.get<Found>(PATH));
  if (flags.json === true) writeJson(found, io);
  else
    io.stdout.write(found.items.length === 0 ? 'No value is suppressed.\n' : `${listed(found.items, io)}\n`);
  return EXIT.done;
}

function listed(items: readonly Suppression[], io: Io): string {
  return table(
    [
      ['ID', 'VALUE', 'STATE', 'CAUSE', 'SINCE', 'BY', 'REASON'],
      ...items.map(({ id, value, state, cause, at, by, reason }) => [
        id,
        printable(value),
        state,
        cause,
        when(at, io),
        by,
        printable(reason),
      ]),
    ],
    io,
  );
}

/** `talanoa suppression create VALUE…`: removes values from every list at once. */
export async function suppressionCreate(
  values: readonly string[],
  { reason, ...flags }: ReasonFlags,
  io: Io,
): Promise<number> {
  const made = await withHub(flags, io, (client) => client.post<Found>(PATH, { values, reason }));
  if (flags.json === true) writeJson(made, io);
  else {
    for (const { id, value } of made.items)
      io.stdout.write(`${printable(value)} is no longer in any list. Suppression: ${id}\n`);
    const [first, ...others] = made.items;
    const id = others.length > 0 ? 'ID' : first?.id;
    if (id !== undefined)
      io.stdout.write(`To see who still has a value, run: talanoa suppression show ${id}\n`);
  }
  return EXIT.done;
}

/** `talanoa suppression show ID`: who removed the value, and who still has it. */
export async function suppressionShow(id: string, flags: CommonFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) =>
    client.get<SuppressionDetails>(`${PATH}/${encodeURIComponent(id)}`),
  );
  if (flags.json === true) {
    writeJson(found, io);
    return EXIT.done;
  }
  const { value, state, cause, reason, by, at, announced, confirmed, notified, holding, recipients, lifted } =
    found;
  const lines = [
    `${printable(value)}: ${state} (${cause}) since ${when(at, io)} by ${by}: ${printable(reason)}`,
    ...(lifted === undefined
      ? []
      : [`Lifted ${when(lifted.at, io)} by ${lifted.by}: ${printable(lifted.reason)}`]),
    ...(announced ? [] : ['The hub is still placing the removal notices.']),
    `Removal confirmed: ${count(confirmed)}. Notified by email: ${count(notified)}. Not confirmed: ${count(holding)}.`,
  ];
  io.stdout.write(`${lines.join('\n')}\n`);
  if (recipients.length > 0) io.stdout.write(`\n${recipientTable(found, io)}\n`);
  return EXIT.done;
}

function recipientTable({ recipients }: SuppressionDetails, io: Io): string {
  return table(
    [
      ['STATE', 'MEMBER', 'ACCOUNT', 'COLLECTION', 'WAY', 'WHAT', 'LAST SEEN'],
      ...recipients.map(({ state, member, account, collection, way, what, last_seen: seen }) => [
        graded(state, GRADES[state], io),
        member ?? '-',
        account ?? '-',
        collection,
        way,
        printable(what === '' ? '-' : what),
        seen === undefined ? '-' : when(seen, io),
      ]),
    ],
    io,
  );
}

/** `talanoa suppression lift ID`: lists contain the value again if it is still valid. */
export async function suppressionLift(
  id: string,
  { reason, ...flags }: ReasonFlags,
  io: Io,
): Promise<number> {
  const lifted = await withHub(flags, io, (client) =>
    client.post<Suppression>(`${PATH}/${encodeURIComponent(id)}/lift`, { reason }),
  );
  if (flags.json === true) writeJson(lifted, io);
  else
    io.stdout.write(
      `${printable(lifted.value)} is no longer suppressed. Lists contain it again if an indicator of it is still valid.\n`,
    );
  return EXIT.done;
}
