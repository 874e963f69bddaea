import type { CommonFlags } from '../common-flags.ts';
import type { CommandKit } from './kit.ts';

const revokeCli = () => import('../revoke.ts');

/** Declares the command that revokes objects. */
export function declareRevoke({ program, command, io, ended }: CommandKit): void {
  command(program, 'revoke', 'Revoke objects of your own member, or of the hub as hub staff')
    .argument('<id...>')
    .action(async (ids: readonly string[], flags: CommonFlags) => {
      ended(await (await revokeCli()).revoke(ids, flags, io));
    });
}
