import type { Session } from '../api/schema-types.ts';
import type { CommonFlags } from './common-flags.ts';
import { EXIT, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import { table, when, writeResult } from './output.ts';

/** `talanoa session list`: lists the sessions of the accounts that the caller may see, newest first. */
export async function sessionList(
  flags: CommonFlags & { readonly account?: string },
  io: Io,
): Promise<number> {
  const { account } = flags;
  const items = await withHub(flags, io, async (client) => {
    // An unknown account is an error, not an account without sessions.
    if (account !== undefined) await client.get(`/api/v1/accounts/${encodeURIComponent(account)}`);
    const all = await client.list<Session>('/api/v1/sessions');
    return all.filter((session) => account === undefined || session.account === account);
  });
  const text = (): string =>
    items.length === 0
      ? 'No sessions.'
      : table(
          [
            ['SESSION', 'ACCOUNT', 'BEGAN', 'LAST USED', 'ENDS', 'WITH', 'ADDRESS', 'BROWSER'],
            ...items.map((session) => [
              session.id,
              session.account,
              when(session.created, io),
              when(session.last_used, io),
              when(session.expires, io),
              session.way,
              session.address,
              session.agent,
            ]),
          ],
          io,
        );
  writeResult({ items }, text, flags, io);
  return EXIT.done;
}

/** `talanoa session end ID…`. */
export async function sessionEnd(ids: readonly string[], flags: CommonFlags, io: Io): Promise<number> {
  await withHub(flags, io, async (client) => {
    for (const id of ids) {
      await client.delete(`/api/v1/sessions/${encodeURIComponent(id)}`);
      if (flags.quiet !== true && flags.json !== true) io.stderr.write(`Session ${id} ended.\n`);
    }
  });
  return EXIT.done;
}
