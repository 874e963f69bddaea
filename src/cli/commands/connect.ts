import { LIST_TOOLS } from '../../sharing/lists/tools.ts';
import { listTool } from '../arguments.ts';
import type { ConnectFlags } from '../connect.ts';
import type { CommandKit } from './kit.ts';

const connectCli = () => import('../connect.ts');

/** Declares the command that connects a tool to a list. */
export function declareConnect({ program, command, io, ended }: CommandKit): void {
  command(program, 'connect', 'Show how to connect a firewall, resolver or detection system')
    .argument('<tool>', `one of: ${LIST_TOOLS.map(({ name }) => name).join(', ')}`, listTool)
    .requiredOption('--collection <name>', 'saved list, or collection by id or alias')
    .option('--member <name>', 'member whose tool it is')
    .action(async (tool: string, flags: ConnectFlags) => {
      ended(await (await connectCli()).connect(tool, flags, io));
    });
}
