import type { CreatedKey } from '../access/key-service.ts';
import { EXIT, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import type { CommonFlags } from './program.ts';

interface KeyFlags extends CommonFlags {
  readonly account?: string;
  readonly member?: string;
  readonly role?: string;
  readonly collections?: readonly string[];
  readonly read?: boolean;
  readonly write?: boolean;
  readonly expires?: number;
}

/** `talanoa key create`: prints the key once, and the line that uses it. */
export async function keyCreate(flags: KeyFlags, io: Io): Promise<number> {
  const { account, member, role, collections, write, expires } = flags;
  // Writing alone is asked for by --write without --read; naming neither means reading.
  const read = flags.read === true || write !== true;
  const body = {
    read,
    write: write === true,
    ...(account === undefined ? {} : { account }),
    ...(member === undefined ? {} : { member }),
    ...(role === undefined ? {} : { role }),
    ...(collections === undefined ? {} : { collections }),
    ...(expires === undefined ? {} : { expiresDays: expires }),
  };
  const { key, url } = await withHub(flags, io, async (client) => ({
    key: await client.post<CreatedKey>('/api/v1/keys', body),
    // Where the hub that runs says it is, which may be another port than the settings file says.
    url: (await client.get<{ url: string }>('/api/v1/status')).url,
  }));
  if (flags.json === true) {
    io.stdout.write(`${JSON.stringify(key)}\n`);
    return EXIT.done;
  }
  io.stdout.write(`${key.secret}\n`);
  if (flags.quiet === true) return EXIT.done;
  const [first] = key.collections;
  io.stderr.write(
    `\nKey of the account ${key.account}, until ${key.expires.slice(0, 10)}. It is shown here once.\n`,
  );
  for (const { title, read: mayRead, write: mayWrite } of key.collections) {
    io.stderr.write(
      `  ${title}: ${[mayRead ? 'read' : '', mayWrite ? 'write' : ''].filter((word) => word !== '').join(' and ')}\n`,
    );
  }
  if (first === undefined) io.stderr.write('  It may use no collection yet: add --collections NAME.\n');
  else {
    io.stderr.write(
      `\nTry it:\n  curl -H 'Authorization: Bearer ${key.secret}' -H 'Accept: application/taxii+json;version=2.1' \\\n       '${url}/${first.api_root}/collections/${first.id}/objects/?limit=10'\n`,
    );
  }
  return EXIT.done;
}
