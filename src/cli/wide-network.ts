import type { WideNetwork } from '../api/schema-types.ts';
import type { CommonFlags } from './common-flags.ts';
import { EXIT, printable, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import { table, when, writeJson } from './output.ts';
import type { ReasonFlags } from './suppression.ts';

interface ProposalFlags extends ReasonFlags {
  readonly days: number;
}

interface Found {
  readonly items: readonly WideNetwork[];
}

const PATH = '/api/v1/wide-networks';

/** `talanoa wide-network list`. */
export async function wideNetworkList(flags: CommonFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) => client.get<Found>(PATH));
  if (flags.json === true) writeJson(found, io);
  else
    io.stdout.write(
      found.items.length === 0 ? 'No wide network was approved.\n' : `${listed(found.items, io)}\n`,
    );
  return EXIT.done;
}

function listed(items: readonly WideNetwork[], io: Io): string {
  return table(
    [
      ['ID', 'NETWORK', 'STATE', 'UNTIL', 'APPROVED BY', 'REASON'],
      ...items.map(({ id, network, state, until, approvals, revoked }) => [
        id,
        network,
        state,
        when(until, io),
        approvals.map(({ by }) => by).join(', '),
        printable((revoked ?? approvals.at(-1))?.reason ?? ''),
      ]),
    ],
    io,
  );
}

/** `talanoa wide-network create NETWORK`: the first of two approvals. */
export async function wideNetworkCreate(
  network: string,
  { reason, days, ...flags }: ProposalFlags,
  io: Io,
): Promise<number> {
  const made = await withHub(flags, io, (client) =>
    client.post<WideNetwork>(PATH, { network, reason, days }),
  );
  if (flags.json === true) writeJson(made, io);
  else
    io.stdout.write(
      `You approved ${made.network} until ${when(made.until, io)}. Lists contain it after a second person runs: talanoa wide-network approve ${made.id} --reason TEXT\n`,
    );
  return EXIT.done;
}

/** `talanoa wide-network approve ID`: the second approval. */
export async function wideNetworkApprove(
  id: string,
  { reason, ...flags }: ReasonFlags,
  io: Io,
): Promise<number> {
  const made = await withHub(flags, io, (client) =>
    client.post<WideNetwork>(`${PATH}/${encodeURIComponent(id)}/approval`, { reason }),
  );
  if (flags.json === true) writeJson(made, io);
  else
    io.stdout.write(
      `Lists that block contain ${made.network} until ${when(made.until, io)}, if an indicator of it is valid.\n`,
    );
  return EXIT.done;
}

/** `talanoa wide-network revoke ID`: lists leave the network out again. */
export async function wideNetworkRevoke(
  id: string,
  { reason, ...flags }: ReasonFlags,
  io: Io,
): Promise<number> {
  const made = await withHub(flags, io, (client) =>
    client.post<WideNetwork>(`${PATH}/${encodeURIComponent(id)}/revocation`, { reason }),
  );
  if (flags.json === true) writeJson(made, io);
  else io.stdout.write(`Lists that block no longer contain ${made.network}.\n`);
  return EXIT.done;
}
