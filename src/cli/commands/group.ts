import type { CommonFlags } from '../common-flags.ts';
import type { CommandKit } from './kit.ts';

const groupCli = () => import('../group.ts');

/** Declares the commands for groups of members. */
export function declareGroup({ program, command, io, ended }: CommandKit): void {
  const group = program.command('group').description('Manage groups of members').exitOverride();
  command(group, 'list', 'List groups, their members and their collections').action(
    async (flags: CommonFlags) => {
      ended(await (await groupCli()).groupList(flags, io));
    },
  );
  command(group, 'create', 'Create a group; grant collections to group:NAME')
    .argument('<name>')
    .option('--title <text>', 'title for display')
    .option('--listed', 'make the group visible to all members')
    .action(async (name: string, flags: CommonFlags & { title?: string; listed?: boolean }) => {
      ended(await (await groupCli()).groupCreate(name, flags, io));
    });
  command(group, 'join', 'Add members to a group')
    .argument('<group>')
    .argument('<member...>')
    .option('--since <time>', 'start of the membership, such as 2026-01-15T00:00:00Z')
    .option('--until <time>', 'end of the membership')
    .action(async (name: string, members: string[], flags: CommonFlags) => {
      ended(await (await groupCli()).groupJoin(name, members, flags, io));
    });
  command(group, 'leave', 'Remove a member from a group and show what it has read')
    .argument('<group>')
    .argument('<member>')
    .action(async (name: string, one: string, flags: CommonFlags) => {
      ended(await (await groupCli()).groupLeave(name, one, flags, io));
    });
}
