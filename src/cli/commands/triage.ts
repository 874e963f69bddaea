import type { CommonFlags } from '../common-flags.ts';
import type { CommandKit } from './kit.ts';

const deliveryCli = () => import('../delivery.ts');

/** Declares the commands for reports that need a person. */
export function declareTriage({ program, command, io, ended }: CommandKit): void {
  const triage = program.command('triage').description('Manage reports that need a person').exitOverride();
  command(triage, 'list', 'List reports that affect no member or were answered with "not ours"').action(
    async (flags: CommonFlags) => {
      ended(await (await deliveryCli()).triageList(flags, io));
    },
  );
  command(triage, 'assign', 'Assign a report to members')
    .argument('<id>')
    .argument('<member...>')
    .option('--note <text>', 'note for the owner')
    .action(async (id: string, members: string[], flags: CommonFlags & { note?: string }) => {
      ended(await (await deliveryCli()).triageAssign(id, members, flags, io));
    });
  command(triage, 'dismiss', 'Dismiss a report')
    .argument('<id>')
    .requiredOption('--note <text>', 'reason, for the audit log')
    .action(async (id: string, flags: CommonFlags & { note: string }) => {
      ended(await (await deliveryCli()).triageDismiss(id, flags, io));
    });
}
