import { whole } from '../arguments.ts';
import type { SearchFlags } from '../search.ts';
import type { CommandKit } from './kit.ts';

const searchCli = () => import('../search.ts');

/** Declares the command that finds objects by a value. */
export function declareSearch({ program, command, io, ended }: CommandKit): void {
  command(program, 'search', 'Find objects by a value, in the collections that you may read')
    .argument(
      '<value>',
      'address, network, AS number, domain, URL, hash, email address, or the beginning of a name',
    )
    .option('--limit <number>', 'maximum number of results', whole, 100)
    .action(async (value: string, flags: SearchFlags) => {
      ended(await (await searchCli()).search(value, flags, io));
    });
}
