import type { GiveFlags } from '../red.ts';
import type { CommonFlags } from '../common-flags.ts';
import { toPersons, type CommandKit } from './kit.ts';

const redCli = () => import('../red.ts');

/** Declares the commands for TLP:RED objects. */
export function declareRed({ program, command, io, ended }: CommandKit): void {
  const red = program.command('red').description('Give TLP:RED objects to named people').exitOverride();
  command(red, 'list', 'List TLP:RED given to you or by you').action(async (flags: CommonFlags) => {
    ended(await (await redCli()).redList(flags, io));
  });
  command(red, 'show', 'Show a TLP:RED object; the audit log records it')
    .argument('<id>')
    .action(async (id: string, flags: CommonFlags) => {
      ended(await (await redCli()).redShow(id, flags, io));
    });
  toPersons(
    command(red, 'give', 'Give the TLP:RED objects of a STIX file to named people').argument('<file>'),
  ).action(async (file: string, flags: GiveFlags) => {
    ended(await (await redCli()).redGive(file, flags, io));
  });
  command(red, 'withdraw', 'Withdraw a TLP:RED object from all recipients')
    .argument('<id>')
    .action(async (id: string, flags: CommonFlags) => {
      ended(await (await redCli()).redWithdraw(id, flags, io));
    });
}
