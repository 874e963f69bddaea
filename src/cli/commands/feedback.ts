import { Option } from 'commander';
import { time, whole } from '../arguments.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { NoteFlags, SendFlags } from '../feedback.ts';
import type { CommandKit } from './kit.ts';

const feedbackCli = () => import('../feedback.ts');
const kindOption = (): Option =>
  new Option('--kind <kind>', 'what you report')
    .choices(['sighting', 'false-positive', 'note'])
    .default('sighting');

/** Declares the commands for feedback about values. */
export function declareFeedback({ program, command, io, ended }: CommandKit): void {
  const feedback = program
    .command('feedback')
    .description('Report sightings and false positives, and decide on them')
    .exitOverride();
  command(feedback, 'send', 'Report what you know about values; nobody sees who reported')
    .argument('<about...>', 'values, or ids of indicators')
    .addOption(kindOption())
    .option('--note <text>', 'note for hub staff')
    .option('--count <number>', 'how often it was seen', whole)
    .option('--first-seen <time>', 'time of the first sighting, such as 2026-11-29T00:00:00Z', time)
    .option('--last-seen <time>', 'time of the last sighting, such as 2026-11-29T00:00:00Z', time)
    .action(async (about: readonly string[], flags: SendFlags) => {
      ended(await (await feedbackCli()).feedbackSend(about, flags, io));
    });
  command(feedback, 'import', 'Report the rows of a CSV file, such as hit counters of a firewall')
    .argument(
      '<file>',
      'table with the column value, and optionally kind, count, first_seen, last_seen or note',
    )
    .addOption(kindOption())
    .action(async (file: string, flags: CommonFlags & Pick<SendFlags, 'kind'>) => {
      ended(await (await feedbackCli()).feedbackImport(file, flags, io));
    });
  command(feedback, 'list', 'List the reports of your own member').action(async (flags: CommonFlags) => {
    ended(await (await feedbackCli()).feedbackList(flags, io));
  });
  command(feedback, 'cases', 'List reported false positives that wait for a decision').action(
    async (flags: CommonFlags) => {
      ended(await (await feedbackCli()).feedbackCases(flags, io));
    },
  );
  command(feedback, 'confirm', 'Confirm a false positive, which removes the value from every list')
    .argument('<id>')
    .requiredOption('--note <text>', 'reason, which everybody who has the value can read')
    .action(async (id: string, flags: NoteFlags) => {
      ended(await (await feedbackCli()).feedbackDecide('confirmed', id, flags, io));
    });
  command(feedback, 'reject', 'Reject a reported false positive')
    .argument('<id>')
    .requiredOption('--note <text>', 'reason, which the reporters can read')
    .action(async (id: string, flags: NoteFlags) => {
      ended(await (await feedbackCli()).feedbackDecide('refused', id, flags, io));
    });
}
