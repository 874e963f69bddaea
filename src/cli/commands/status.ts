import type { CommonFlags } from '../common-flags.ts';
import type { CommandKit } from './kit.ts';

const statusCli = () => import('../status.ts');

/** Declares the command that shows the status of the hub. */
export function declareStatus({ program, command, io, ended }: CommandKit): void {
  command(program, 'status', 'Show the status of the hub').action(async (flags: CommonFlags) => {
    ended(await (await statusCli()).status(flags, io));
  });
}
