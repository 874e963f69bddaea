import type { CommonFlags } from '../common-flags.ts';
import type { ReasonFlags } from '../suppression.ts';
import type { CommandKit } from './kit.ts';

const anonymousCli = () => import('../anonymous.ts');

/** Declares the commands for objects that members submit without their name. */
export function declareAnonymous({ program, command, io, ended }: CommandKit): void {
  const anonymous = program
    .command('anonymous')
    .description('List and revoke objects that your member submitted without its name')
    .exitOverride();
  command(anonymous, 'list', 'List the anonymous objects of your member').action(
    async (flags: CommonFlags) => {
      ended(await (await anonymousCli()).anonymousList(flags, io));
    },
  );
  command(anonymous, 'revoke', 'Revoke an anonymous object of your member')
    .argument('<id>', 'your own id of the object, or the id under which the hub released it')
    .action(async (id: string, flags: CommonFlags) => {
      ended(await (await anonymousCli()).anonymousRevoke(id, flags, io));
    });
  command(anonymous, 'open', 'Ask to open the seal of an anonymous object, or open it as the second person')
    .argument('<id>', 'id under which the hub released the object')
    .requiredOption('--reason <text>', 'reason, which the officers of the member can read')
    .action(async (id: string, flags: ReasonFlags) => {
      ended(await (await anonymousCli()).anonymousOpen(id, flags, io));
    });
}
