import { port } from '../arguments.ts';
import type { CommandKit } from './kit.ts';

const serveCli = () => import('../serve.ts');

/** Declares the command that runs the hub. */
export function declareServe({ program, command, io, ended }: CommandKit): void {
  command(program, 'serve', 'Run the hub')
    .option('--host <address>', 'address to listen on')
    .option('--port <number>', 'port to listen on (0 selects a free port)', port)
    .option(
      '--role <roles>',
      'work of this process: web, worker, or both (default: web,worker); a single one requires MONGODB_URI',
    )
    .option('--no-feeds', 'run feeds only on request')
    .option('--demo', 'start a demo hub with sample members, feeds and credentials in a separate data folder')
    .action(async (flags: object) => {
      ended(await (await serveCli()).serve(flags, io));
    });
}
