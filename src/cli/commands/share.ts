import type { AnswerFlags, ShareFlags } from '../share.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { CommandKit } from './kit.ts';

const shareCli = () => import('../share.ts');

/** Declares the commands for sharing by hand. */
export function declareShare({ program, command, io, ended }: CommandKit): void {
  const sharing = program.command('share').description('Share objects by hand').exitOverride();
  command(sharing, 'with', 'Share an object with members; its TLP may require the consent of its owner')
    .argument('<object>')
    .argument('<member...>')
    .option('--reason <text>', 'reason, for the owner')
    .action(async (object: string, members: string[], flags: ShareFlags) => {
      ended(await (await shareCli()).share(object, { members }, flags, io));
    });
  command(sharing, 'into', 'Share an object into another collection')
    .argument('<object>')
    .argument('<collection>')
    .option('--reason <text>', 'reason, for the owner')
    .action(async (object: string, collection: string, flags: ShareFlags) => {
      ended(await (await shareCli()).share(object, { collection }, flags, io));
    });
  command(sharing, 'list', 'List shares and requests for consent').action(async (flags: CommonFlags) => {
    ended(await (await shareCli()).shareList(flags, io));
  });
  command(sharing, 'answer', 'Answer a request for consent, as the owner, or as the hub with a note')
    .argument('<id>')
    .argument('<verdict>', 'granted or refused')
    .option('--note <text>', 'reason, or who agreed, when and how')
    .action(async (id: string, verdict: string, flags: AnswerFlags) => {
      ended(await (await shareCli()).shareAnswer(id, verdict, flags, io));
    });
}
