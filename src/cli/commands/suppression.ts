import type { CommonFlags } from '../common-flags.ts';
import type { ReasonFlags } from '../suppression.ts';
import type { CommandKit } from './kit.ts';

const suppressionCli = () => import('../suppression.ts');

/** Declares the commands for suppressed values. */
export function declareSuppression({ program, command, io, ended }: CommandKit): void {
  const suppression = program
    .command('suppression')
    .description('Remove values from every list, and see who still has them')
    .exitOverride();
  command(suppression, 'list', 'List suppressed values').action(async (flags: CommonFlags) => {
    ended(await (await suppressionCli()).suppressionList(flags, io));
  });
  command(suppression, 'create', 'Remove values from every list at once, and notify everybody who has them')
    .argument('<value...>', 'addresses, networks, domains, URLs, email addresses or hashes')
    .requiredOption('--reason <text>', 'reason, which everybody who has the value can read')
    .action(async (values: readonly string[], flags: ReasonFlags) => {
      ended(await (await suppressionCli()).suppressionCreate(values, flags, io));
    });
  command(suppression, 'show', 'Show who removed a value, and who still has it')
    .argument('<id>')
    .action(async (id: string, flags: CommonFlags) => {
      ended(await (await suppressionCli()).suppressionShow(id, flags, io));
    });
  command(suppression, 'lift', 'End the suppression of a value')
    .argument('<id>')
    .requiredOption('--reason <text>', 'reason, for the audit log')
    .action(async (id: string, flags: ReasonFlags) => {
      ended(await (await suppressionCli()).suppressionLift(id, flags, io));
    });
}
