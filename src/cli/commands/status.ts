import { port } from '../arguments.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { HealthFlags } from '../health.ts';
import type { CommandKit } from './kit.ts';

const healthCli = () => import('../health.ts');
const statusCli = () => import('../status.ts');

/** Declares the commands that show the status of the hub. */
export function declareStatus({ program, command, io, ended }: CommandKit): void {
  command(program, 'status', 'Show the status of the hub').action(async (flags: CommonFlags) => {
    ended(await (await statusCli()).status(flags, io));
  });
  command(program, 'health', 'Check that the hub with these settings responds on this machine')
    .option('--host <address>', 'address at which "talanoa serve" listens, if it was given there')
    .option('--port <number>', 'port at which "talanoa serve" listens, if it was given there', port)
    .action(async (flags: HealthFlags) => {
      ended(await (await healthCli()).health(flags, io));
    });
}
