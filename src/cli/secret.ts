import { readFileSync } from 'node:fs';
import type { Secret } from '../api/schema-types.ts';
import { EXIT, type Io } from './io.ts';
import { table, when, writeJson } from './output.ts';
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
  if (process.stdin.isTTY && flags.quiet !== true) io.stderr.write('Type the secret, then Ctrl-D:\n');
  const value = readFileSync(0, 'utf8').replace(/\r?\n$/, '');
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

/** `talanoa secret remove NAME`. */
export async function secretRemove(name: string, flags: CommonFlags, io: Io): Promise<number> {
  await withHub(flags, io, (client) => client.delete(`/api/v1/secrets/${encodeURIComponent(name)}`));
  return EXIT.done;
}
