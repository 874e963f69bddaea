import type { DiscardFlags, ReleaseFlags } from '../held.ts';
import type { GiveFlags } from '../red.ts';
import type { CommonFlags } from '../common-flags.ts';
import { toPersons, type CommandKit } from './kit.ts';

const heldCli = () => import('../held.ts');
const redCli = () => import('../red.ts');

/** Declares the commands for the review queue. */
export function declareHeld({ program, command, io, ended }: CommandKit): void {
  const held = program
    .command('held')
    .description('Manage the review queue of objects on hold')
    .exitOverride();
  command(held, 'list', 'List objects on hold with their reasons').action(async (flags: CommonFlags) => {
    ended(await (await heldCli()).heldList(flags, io));
  });
  command(held, 'show', 'Show an object on hold and the possible actions')
    .argument('<id>')
    .action(async (id: string, flags: CommonFlags) => {
      ended(await (await heldCli()).heldShow(id, flags, io));
    });
  command(
    held,
    'release',
    'Check held objects again; their owner does not change unless hub staff release them on behalf of a member',
  )
    .argument('<id...>')
    .option(
      '--on-behalf-of <member>',
      'release the objects on behalf of this member; the audit log records it',
    )
    .action(async (ids: string[], flags: ReleaseFlags) => {
      ended(await (await heldCli()).heldRelease(ids, flags, io));
    });
  toPersons(command(held, 'give', 'Give a TLP:RED object on hold to named people').argument('<id>')).action(
    async (id: string, flags: GiveFlags) => {
      ended(await (await redCli()).heldGive(id, flags, io));
    },
  );
  command(held, 'discard', 'Discard objects on hold permanently')
    .argument('<id...>')
    .requiredOption('--reason <text>', 'reason, for the audit log')
    .action(async (ids: string[], flags: DiscardFlags) => {
      ended(await (await heldCli()).heldDiscard(ids, flags, io));
    });
}
