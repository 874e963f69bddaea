import { confidence, days, names, time } from '../arguments.ts';
import type { ReviseFlags, ShowFlags } from '../show.ts';
import { tlp, type CommandKit } from './kit.ts';

const showCli = () => import('../show.ts');

/** Declares the commands that show and correct one object. */
export function declareShow({ program, command, io, ended }: CommandKit): void {
  command(program, 'show', 'Show an object, its state and its versions, in the collections that you may read')
    .argument('<id>', 'STIX id, as search prints it')
    .option('--modified <time>', 'version to show, by its time (default: the newest)', time)
    .action(async (id: string, flags: ShowFlags) => {
      ended(await (await showCli()).show(id, flags, io));
    });
  command(
    program,
    'revise',
    'Correct an object of your own member, or of the hub as hub staff, with a new version',
  )
    .argument('<id>', 'STIX id, as search prints it')
    .option('--title <text>', 'new name')
    .option('--description <text>', 'new description')
    .addOption(tlp('--tlp <level>', 'new TLP level'))
    .option('--until <days>', 'days from now until the indicator expires, such as 30d', days)
    .option('--confidence <number>', 'new confidence, from 0 to 100', confidence)
    .option('--labels <labels>', 'new labels, separated by commas', names)
    .action(async (id: string, flags: ReviseFlags) => {
      ended(await (await showCli()).revise(id, flags, io));
    });
}
