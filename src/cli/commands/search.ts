import { whole } from '../arguments.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { SavingFlags, SearchFlags } from '../search.ts';
import type { CommandKit } from './kit.ts';

const FILTERS = 'filters as in the address of the search page, such as "type=indicator&state=valid"';
const SHARED = 'share the search with the people of your member, or with hub staff';
const searchCli = () => import('../search.ts');

/** Declares the commands that find objects by a value. */
export function declareSearch({ program, command, io, ended }: CommandKit): void {
  command(program, 'search', 'Find objects by a value, in the collections that you may read')
    .argument(
      '<value>',
      'address, network, AS number, domain, URL, hash, email address, or the beginning of a name',
    )
    .option('--filters <filters>', FILTERS)
    .option('--limit <number>', 'maximum number of results', whole, 100)
    .action(async (value: string, flags: SearchFlags) => {
      ended(await (await searchCli()).search(value, flags, io));
    });
  const saved = program
    .command('saved-search')
    .description('Manage the searches that your account has saved, and use those that others share with you')
    .exitOverride();
  command(saved, 'list', 'List saved searches').action(async (flags: CommonFlags) => {
    ended(await (await searchCli()).savedSearchList(flags, io));
  });
  command(saved, 'create', 'Save a search')
    .argument('<name>', 'lowercase letters, digits and hyphens')
    .argument('<value>', 'the value to search for')
    .option('--filters <filters>', FILTERS)
    .option('--shared', SHARED)
    .action(async (name: string, value: string, flags: SavingFlags) => {
      ended(await (await searchCli()).savedSearchCreate(name, value, flags, io));
    });
  command(saved, 'update', 'Update the value, the filters or the sharing of a saved search')
    .argument('<name>')
    .argument('[value]', 'the value to search for')
    .option('--filters <filters>', `${FILTERS}; '' removes them`)
    .option('--shared', SHARED)
    .option('--no-shared', 'keep the search for yourself')
    .action(async (name: string, value: string | undefined, flags: SavingFlags) => {
      ended(await (await searchCli()).savedSearchUpdate(name, value, flags, io));
    });
  command(saved, 'run', 'Search for the value of a saved search, with its filters')
    .argument('<name>')
    .option('--by <account>', 'run the search that this account shares')
    .option('--limit <number>', 'maximum number of results', whole, 100)
    .action(async (name: string, flags: SearchFlags & { by?: string }) => {
      ended(await (await searchCli()).savedSearchRun(name, flags, io));
    });
  command(saved, 'delete', 'Delete a saved search')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await searchCli()).savedSearchDelete(name, flags, io));
    });
}
