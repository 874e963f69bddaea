import type { Command } from 'commander';
import { confidence, names, time, whole } from '../arguments.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { ConfirmFlags, ListCreateFlags, ListSettingFlags, RemovalsFlags } from '../lists.ts';
import type { CommandKit } from './kit.ts';

const listsCli = () => import('../lists.ts');

/** Declares the commands for saved lists. */
export function declareList({ program, command, io, ended }: CommandKit): void {
  const list = program
    .command('list')
    .description('Manage lists that tools fetch at a stable address')
    .exitOverride();
  command(list, 'list', 'List the saved lists that you may see').action(async (flags: CommonFlags) => {
    ended(await (await listsCli()).listList(flags, io));
  });
  settings(command(list, 'create', 'Save a list under a name'), true)
    .argument('<name>', 'lowercase letters, digits and hyphens')
    .option('--member <name>', 'member that the list belongs to; default: your own, or the hub')
    .action(async (name: string, flags: ListCreateFlags) => {
      ended(await (await listsCli()).listCreate(name, flags, io));
    });
  command(list, 'show', 'Show a saved list: its settings, its state, and what it leaves out')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await listsCli()).listShow(name, flags, io));
    });
  settings(command(list, 'update', 'Change the settings of a saved list'), false)
    .argument('<name>')
    .action(async (name: string, flags: ListSettingFlags) => {
      ended(await (await listsCli()).listUpdate(name, flags, io));
    });
  command(list, 'confirm', 'Publish the content of a list that is waiting for confirmation')
    .argument('<name>')
    .option('--entries <number>', 'the number of values that you expect', (text) =>
      text === '0' ? 0 : whole(text),
    )
    .action(async (name: string, flags: ConfirmFlags) => {
      ended(await (await listsCli()).listConfirm(name, flags, io));
    });
  command(list, 'removals', 'List the values that left a saved list or a collection, with times and reasons')
    .argument('<name>', 'name of a saved list, or id or alias of a collection')
    .option('--since <time>', 'only removals after this time (UTC)', time)
    .action(async (name: string, flags: RemovalsFlags) => {
      ended(await (await listsCli()).listRemovals(name, flags, io));
    });
  command(list, 'delete', 'Delete a saved list')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await listsCli()).listDelete(name, flags, io));
    });
}

/** Adds the flags for the settings of a list. */
function settings(command: Command, isNew: boolean): Command {
  const required = (flags: string, text: string, read?: (given: string) => string[]): Command => {
    if (read === undefined) return isNew ? command.requiredOption(flags, text) : command.option(flags, text);
    return isNew ? command.requiredOption(flags, text, read) : command.option(flags, text, read);
  };
  required('--collections <names>', 'collections, by id or alias, separated by commas', names);
  required('--format <name>', 'format, such as fortigate, edl-ip, rpz or zeek');
  return command
    .option('--title <text>', 'title that people see')
    .option('--types <names>', 'types of values, separated by commas', names)
    .option('--min-confidence <number>', 'minimum confidence', confidence)
    .option('--max-age <days>', 'only values that were seen within this number of days', whole)
    .option('--labels <words>', 'only values with one of these labels, separated by commas', names)
    .option('--sources <number>', 'minimum number of sources', whole)
    .option('--max-entries <number>', 'maximum number of values, which depends on the device', whole)
    .option('--aggregate', 'join neighbouring addresses to networks')
    .option('--max-growth <percent>', 'growth at which a person must confirm the list; default 100', whole)
    .option('--max-shrink <percent>', 'loss at which a person must confirm the list; default 90', whole)
    .option('--stale-hours <hours>', 'hours without a change before an alarm; default 72', whole);
}
