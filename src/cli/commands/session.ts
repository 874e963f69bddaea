import type { CommonFlags } from '../common-flags.ts';
import type { CommandKit } from './kit.ts';

const sessionCli = () => import('../session.ts');

/** Declares the commands for sessions of people in a browser. */
export function declareSession({ program, command, io, ended }: CommandKit): void {
  const session = program
    .command('session')
    .description('List and end sessions of people in a browser')
    .exitOverride();
  command(session, 'list', 'List sessions with their browser and last use, newest first')
    .option('--account <name>', 'only sessions of this account')
    .action(async (flags: CommonFlags & { account?: string }) => {
      ended(await (await sessionCli()).sessionList(flags, io));
    });
  command(session, 'end', 'End sessions immediately')
    .argument('<session...>', 'ids of the sessions (see session list)')
    .action(async (ids: readonly string[], flags: CommonFlags) => {
      ended(await (await sessionCli()).sessionEnd(ids, flags, io));
    });
}
