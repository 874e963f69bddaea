import type { CommonFlags } from '../common-flags.ts';
import { port } from '../arguments.ts';
import { machineCommandOf, type CommandKit } from './kit.ts';

const initCli = () => import('../init.ts');
const serveCli = () => import('../serve.ts');

/** Declares the commands that create and run the hub. */
export function declareServe({ program, command, io, ended }: CommandKit): void {
  command(program, 'init', 'Create a hub without starting it').action(async (flags: CommonFlags) => {
    ended(await (await initCli()).init(flags, io));
  });
  machineCommandOf(program, 'serve', 'Run the hub')
    .option('--host <address>', 'address to listen on')
    .option('--port <number>', 'port to listen on (0 selects a free port)', port)
    .option(
      '--role <roles>',
      'work of this process: web, worker, or both (default: web,worker); a single one requires MONGODB_URI',
    )
    .option('--no-feeds', 'run feeds only on request')
    .option(
      '--accept-removals',
      'remove what the settings file no longer declares, even if that is most of it',
    )
    .option('--json', 'print one JSON line when the hub has started')
    .option('--demo', 'start a demo hub with sample members, feeds and credentials in a separate data folder')
    .action(async (flags: object) => {
      ended(await (await serveCli()).serve(flags, io));
    });
}
