import type { Command } from 'commander';
import { names, whole } from '../arguments.ts';
import type { ChannelFlags } from '../channel.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { CommandKit } from './kit.ts';

const channelCli = () => import('../channel.ts');

/** Declares the commands for channels to members. */
export function declareChannel(kit: CommandKit): void {
  const { program, command, io, ended } = kit;
  const channel = program
    .command('channel')
    .description('Manage channels that send objects to members')
    .exitOverride();
  command(channel, 'list', 'List channels and their progress').action(async (flags: CommonFlags) => {
    ended(await (await channelCli()).channelList(flags, io));
  });
  command(channel, 'show', 'Show a channel and its dead letters')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await channelCli()).channelShow(name, flags, io));
    });
  declareCreation(channel, kit);
  command(channel, 'pause', 'Pause a channel')
    .argument('<name>')
    .option('--reason <text>', 'reason')
    .action(async (name: string, flags: CommonFlags & { reason?: string }) => {
      ended(await (await channelCli()).channelPause(name, flags, io));
    });
  command(channel, 'resume', 'Resume a channel')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await channelCli()).channelResume(name, flags, io));
    });
  declareSendingAgain(channel, kit);
  command(channel, 'delete', 'Delete a channel')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await channelCli()).channelDelete(name, flags, io));
    });
}

/** Declares the command that creates a channel. */
function declareCreation(channel: Command, { command, io, ended }: CommandKit): void {
  command(channel, 'create', 'Create a channel, which sends a collection to a member from its beginning')
    .argument('<name>')
    .requiredOption('--member <name>', 'member that receives the objects')
    .requiredOption('--kind <kind>', 'taxii, webhook, mail, sentinel or defender')
    .requiredOption(
      '--url <url>',
      'destination; for taxii the collection of the other server, for mail mailto:ADDRESS, for sentinel and defender as connect prints it',
    )
    .option('--collection <name>', "collection to send, by id or alias (default: the member's own)")
    .option('--token-url <url>', 'for sentinel and defender: where the application gets its tokens')
    .option(
      '--action <action>',
      'for defender: Audit, Alert, Warn, Block or BlockAndRemediate (default: Audit)',
    )
    .option(
      '--username <name>',
      'user name at the destination, or the client id of the application (without it, the secret is sent as a key)',
    )
    .option('--secret <reference>', 'secret:NAME of the password, key or webhook signing secret')
    .option('--types <names>', 'STIX types to send, separated by commas (default: all)', names)
    .option('--labels <words>', 'send objects with one of these labels, separated by commas', names)
    .option('--min-confidence <number>', 'minimum confidence', whole)
    .option(
      '--every <time>',
      'for mail: now, hour, day or week (default: day); urgent objects are sent at once',
    )
    .option('--at <time>', 'for mail: time of day of the digest (default: 08:00)')
    .option('--zone <zone>', 'for mail: time zone, such as Pacific/Tongatapu')
    .option('--all', 'for mail: include objects that match only by country or sector')
    .action(async (name: string, flags: ChannelFlags) => {
      ended(await (await channelCli()).channelCreate(name, flags, io));
    });
}

/** Declares the commands that send objects again, and the one that clears dead letters. */
function declareSendingAgain(channel: Command, { command, io, ended }: CommandKit): void {
  command(channel, 'replay', 'Send objects again that were added since a time')
    .argument('<name>')
    .requiredOption('--since <time>', 'such as 2026-01-15T00:00:00Z')
    .action(async (name: string, flags: CommonFlags & { since: string }) => {
      ended(await (await channelCli()).channelReplay(name, flags, io));
    });
  command(channel, 'resend', 'Send dead letters again: objects that the receiver refused')
    .argument('<name>')
    .argument('[object...]', 'ids of objects (default: all dead letters)')
    .action(async (name: string, objects: readonly string[], flags: CommonFlags) => {
      ended(await (await channelCli()).channelSettle(name, 'send', objects, flags, io));
    });
  command(channel, 'clear', 'Clear dead letters from the list without sending them')
    .argument('<name>')
    .argument('[object...]', 'ids of objects (default: all dead letters)')
    .action(async (name: string, objects: readonly string[], flags: CommonFlags) => {
      ended(await (await channelCli()).channelSettle(name, 'clear', objects, flags, io));
    });
}
