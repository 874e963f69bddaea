import { names } from '../arguments.ts';
import type { RuleFlags } from '../share.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { CommandKit } from './kit.ts';

const shareCli = () => import('../share.ts');

/** Declares the commands for forwarding rules. */
export function declareRule({ program, command, io, ended }: CommandKit): void {
  const rule = program
    .command('rule')
    .description('Manage rules that forward objects between collections')
    .exitOverride();
  command(rule, 'list', 'List forwarding rules').action(async (flags: CommonFlags) => {
    ended(await (await shareCli()).ruleList(flags, io));
  });
  command(rule, 'create', 'Create a forwarding rule, which also forwards existing objects')
    .argument('<name>')
    .requiredOption('--from <collection>', 'source collection, by id or alias')
    .requiredOption('--to <collection>', 'destination collection')
    .option('--types <names>', 'STIX types, separated by commas', names)
    .option('--labels <words>', 'labels, one of which must match, separated by commas', names)
    .option('--owners <names>', 'members, hub or feed:NAME, separated by commas', names)
    .option('--max-tlp <level>', 'maximum TLP')
    .action(async (name: string, flags: RuleFlags) => {
      ended(await (await shareCli()).ruleCreate(name, flags, io));
    });
  command(rule, 'delete', 'Delete a rule; forwarded objects stay')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await shareCli()).ruleDelete(name, flags, io));
    });
}
