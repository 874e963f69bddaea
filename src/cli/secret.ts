import type { Secret } from '../api/schema-types.ts';
import { EXIT, readStdin, type Io } from './io.ts';
import { table, when, writeJson } from './output.ts';
import type { FeedInfo } from '../feeds/feed-list.ts';
import type { FeedDetails } from '../feeds/service.ts';
import { feedPath } from './feed-text.ts';
import { withHub } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';
import { commandErrors } from './command-errors.ts';

export interface SecretFlags extends CommonFlags {
  readonly host: readonly string[];
}

/**
 * `talanoa secret set NAME --host HOST`: reads the value from standard input, so that it does not appear in the shell
 * history.
 */
export async function secretSet(name: string, flags: SecretFlags, io: Io): Promise<number> {
  const stdin = io.stdin ?? process.stdin;
  if (stdin.isTTY && flags.quiet !== true) io.stderr.write('Type the secret, then Ctrl-D:\n');
  const value = (await readStdin(io)).toString('utf8').replace(/\r?\n$/, '');
  if (value === '') throw commandErrors.secretRequired();
  await withHub(flags, io, (client) =>
    client.put(`/api/v1/secrets/${encodeURIComponent(name)}`, { value, hosts: flags.host }),
  );
  if (flags.quiet !== true)
    io.stderr.write(`Secret stored. Feeds and channels refer to it as secret:${name}\n`);
  return EXIT.done;
}

/** `talanoa secret list`. */
export async function secretList(flags: CommonFlags, io: Io): Promise<number> {
  const items = await withHub(flags, io, (client) => client.list<Secret>('/api/v1/secrets'));
  if (flags.json === true) writeJson({ items }, io);
  else if (items.length === 0) io.stdout.write('No secrets.\n');
  else
    io.stdout.write(
      `${table([['SECRET', 'CHANGED', 'FOR'], ...items.map(({ name, changed, hosts }) => [name, when(changed, io), hosts.join(', ')])], io)}\n`,
    );
  return EXIT.done;
}

/** `talanoa secret delete NAME`. */
export async function secretDelete(name: string, flags: CommonFlags, io: Io): Promise<number> {
  const feeds = await withHub(flags, io, async (client) => {
    const using: string[] = [];
    for (const feed of await client.list<FeedInfo>('/api/v1/feeds')) {
      const { document } = await client.get<FeedDetails>(feedPath(feed.name));
      if (JSON.stringify(document).includes(`"secret:${name}"`)) using.push(feed.name);
    }
    await client.delete(`/api/v1/secrets/${encodeURIComponent(name)}`);
    return using;
  });
  if (flags.quiet !== true && flags.json !== true)
    io.stderr.write(
      `Secret ${name} deleted. ${feeds.length === 0 ? '' : `These feeds use it: ${feeds.join(', ')}. `}Feeds and channels that refer to secret:${name} fail until you store it again: talanoa secret set ${name} --host HOST\n`,
    );
  return EXIT.done;
}
