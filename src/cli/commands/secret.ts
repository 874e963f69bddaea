import type { SecretFlags } from '../secret.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { CommandKit } from './kit.ts';

const secretCli = () => import('../secret.ts');

/** Declares the commands for secrets of feeds and channels. */
export function declareSecret({ program, command, io, ended }: CommandKit): void {
  const secret = program
    .command('secret')
    .description('Manage secrets for feeds and channels')
    .exitOverride();
  command(secret, 'set', 'Store a secret from standard input, replacing an earlier one')
    .argument('<name>')
    .requiredOption('--host <host...>', 'hosts that may receive the secret')
    .action(async (name: string, flags: SecretFlags) => {
      ended(await (await secretCli()).secretSet(name, flags, io));
    });
  command(secret, 'list', 'List the names of secrets').action(async (flags: CommonFlags) => {
    ended(await (await secretCli()).secretList(flags, io));
  });
  command(secret, 'delete', 'Delete a secret')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await secretCli()).secretDelete(name, flags, io));
    });
}
