import { whole } from '../arguments.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { ReasonFlags } from '../suppression.ts';
import type { CommandKit } from './kit.ts';

const wideNetworkCli = () => import('../wide-network.ts');

/** Declares the commands for approvals of wide networks. */
export function declareWideNetwork({ program, command, io, ended }: CommandKit): void {
  const network = program
    .command('wide-network')
    .description('Let two people approve networks that are too large to be blocked without approval')
    .exitOverride();
  command(network, 'list', 'List approvals of wide networks').action(async (flags: CommonFlags) => {
    ended(await (await wideNetworkCli()).wideNetworkList(flags, io));
  });
  command(network, 'create', 'Record the first of two approvals of a wide network')
    .argument('<network>', 'network larger than /16 and at most /8 (IPv6: larger than /32 and at most /20)')
    .requiredOption('--reason <text>', 'reason, for the second person and the audit log')
    .option('--days <n>', 'days until the approval ends, 1 to 90', whole, 30)
    .action(async (written: string, flags: ReasonFlags & { readonly days: number }) => {
      ended(await (await wideNetworkCli()).wideNetworkCreate(written, flags, io));
    });
  command(network, 'approve', 'Record the second approval. Lists then contain the network')
    .argument('<id>')
    .requiredOption('--reason <text>', 'reason, for the audit log')
    .action(async (id: string, flags: ReasonFlags) => {
      ended(await (await wideNetworkCli()).wideNetworkApprove(id, flags, io));
    });
  command(network, 'revoke', 'End an approval. Lists leave the network out again')
    .argument('<id>')
    .requiredOption('--reason <text>', 'reason, for the audit log')
    .action(async (id: string, flags: ReasonFlags) => {
      ended(await (await wideNetworkCli()).wideNetworkRevoke(id, flags, io));
    });
}
