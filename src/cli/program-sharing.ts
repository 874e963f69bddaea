import type { Command } from 'commander';
import { names, whole } from './arguments.ts';
import type { ChannelFlags } from './channel.ts';
import type { LagFlags } from './delivery.ts';
import type { DiscardFlags, ReleaseFlags } from './held.ts';
import type { Io } from './io.ts';
import type { ClaimFlags, MemberFlags } from './member.ts';
import type { CommonFlags } from './program.ts';
import type { GiveFlags } from './red.ts';
import type { AnswerFlags, RuleFlags, ShareFlags } from './share.ts';

/** What the functions that define commands need. */
export interface CommandKit {
  readonly program: Command;
  /** Creates a command with the flags that all commands have. */
  readonly command: (parent: Command, name: string, description: string) => Command;
  readonly io: Io;
  /** Sets the exit code of a command. */
  readonly ended: (code: number) => void;
}

/** Adds the commands about sharing: members, groups, channels, the review queue and TLP:RED. */
export function addSharingCommands({ program, command, io, ended }: CommandKit): void {
  const member = program.command('member').description('Manage members and their claims').exitOverride();
  const memberCli = () => import('./member.ts');
  const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  const ofMember = (sub: Command): Command =>
    sub
      .option('--title <text>', 'title for display')
      .option(
        '--kind <kind>',
        'national-cert, government, sector-cert, operator, academic, regional-body, partner, vendor or source',
      )
      .option('--country <code>', 'country code of two letters (repeatable)', several)
      .option('--network <cidr>', 'network (repeatable)', several)
      .option('--domain <name>', 'domain, including its subdomains (repeatable)', several)
      .option('--as <number>', 'AS number (repeatable)', several)
      .option('--identity <id>', 'STIX identity of the member (repeatable)', several)
      .option('--sector <name>', 'sector, from the STIX vocabulary (repeatable)', several)
      .option('--brand <name>', 'brand that phishing imitates (repeatable)', several)
      .option('--parent <member>', 'the member whose client it is ("-" for none)')
      .option(
        '--copies',
        'send copies of objects that match more specific claims of others or of its clients',
      )
      .option('--no-copies', 'send no copies');
  command(member, 'list', 'List the members').action(async (flags: CommonFlags) => {
    ended(await (await memberCli()).memberList(flags, io));
  });
  command(member, 'show', 'Show a member with its verified claims')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await memberCli()).memberShow(name, flags, io));
    });
  ofMember(command(member, 'add', 'Create a member with its own collection').argument('<name>'))
    .option('--no-collection', 'do not create a collection')
    .action(async (name: string, flags: MemberFlags) => {
      ended(await (await memberCli()).memberAdd(name, flags, io));
    });
  ofMember(
    command(member, 'change', 'Update a member; given values replace previous values').argument('<name>'),
  )
    .option('--status <status>', 'active, paused or former: only active members read, write and receive')
    .action(async (name: string, flags: MemberFlags) => {
      ended(await (await memberCli()).memberChange(name, flags, io));
    });
  command(member, 'claim', 'Submit a claim: a network, domain, AS, country, sector or brand of a member')
    .argument('<name>')
    .argument('<type>', 'network, domain, asn, country, sector or brand')
    .argument('<value>')
    .option('--evidence <text>', 'evidence for the claim')
    .option('--until <time>', 'end of the claim')
    .action(async (name: string, type: string, value: string, flags: ClaimFlags) => {
      ended(await (await memberCli()).memberClaim(name, type, value, flags, io));
    });
  command(member, 'claims', 'List claims and their overlaps')
    .argument('[name]')
    .action(async (name: string | undefined, flags: CommonFlags) => {
      ended(await (await memberCli()).memberClaims(name, flags, io));
    });
  command(member, 'decide', 'Verify or reject a claim')
    .argument('<id>')
    .argument('<verdict>', 'verified or rejected')
    .option('--note <text>', 'reason')
    .action(async (id: string, verdict: string, flags: ClaimFlags) => {
      ended(await (await memberCli()).memberDecide(id, verdict, flags, io));
    });
  command(member, 'requests', 'List registrations and change requests').action(async (flags: CommonFlags) => {
    ended(await (await memberCli()).memberRequests(flags, io));
  });
  for (const [name, verdict, description] of [
    ['approve', 'approved', 'Approve a request; a new member gets an officer and an invitation'],
    ['refuse', 'refused', 'Reject a request'],
  ] as const)
    command(member, name, description)
      .argument('<id>')
      .option('--note <text>', 'reason')
      .action(async (id: string, flags: CommonFlags & { note?: string }) => {
        ended(await (await memberCli()).memberDecideRequest(id, verdict, flags, io));
      });
  command(member, 'delegations', 'Read the delegation statistics of a registry')
    .argument('<file>', 'delegated-…-extended file of the registry, unpacked')
    .option('--apply', 'use the changes for routing')
    .action(async (file: string, flags: CommonFlags & { apply?: boolean }) => {
      ended(await (await memberCli()).memberDelegations(file, flags, io));
    });
  const group = program.command('group').description('Manage groups of members').exitOverride();
  command(group, 'list', 'List groups, their members and their collections').action(
    async (flags: CommonFlags) => {
      ended(await (await memberCli()).groupList(flags, io));
    },
  );
  command(group, 'add', 'Create a group; grant collections to group:NAME')
    .argument('<name>')
    .option('--title <text>', 'title for display')
    .option('--listed', 'make the group visible to all members')
    .action(async (name: string, flags: CommonFlags & { title?: string; listed?: boolean }) => {
      ended(await (await memberCli()).groupAdd(name, flags, io));
    });
  command(group, 'join', 'Add members to a group')
    .argument('<group>')
    .argument('<member...>')
    .option('--since <time>', 'start of the membership, such as 2026-01-15T00:00:00Z')
    .option('--until <time>', 'end of the membership')
    .action(async (name: string, members: string[], flags: CommonFlags) => {
      ended(await (await memberCli()).groupJoin(name, members, flags, io));
    });
  command(group, 'leave', 'Remove a member from a group and show what it has read')
    .argument('<group>')
    .argument('<member>')
    .action(async (name: string, one: string, flags: CommonFlags) => {
      ended(await (await memberCli()).groupLeave(name, one, flags, io));
    });
  const channel = program
    .command('channel')
    .description('Manage channels that send objects to members')
    .exitOverride();
  const channelCli = () => import('./channel.ts');
  command(channel, 'list', 'List channels and their progress').action(async (flags: CommonFlags) => {
    ended(await (await channelCli()).channelList(flags, io));
  });
  command(channel, 'show', 'Show a channel and its dead letters')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await channelCli()).channelShow(name, flags, io));
    });
  command(channel, 'add', 'Send a collection to a member, from its beginning')
    .argument('<name>')
    .requiredOption('--member <name>', 'member that receives the objects')
    .requiredOption('--kind <kind>', 'taxii, webhook or mail')
    .requiredOption(
      '--url <url>',
      'destination; for taxii the collection of the other server, for mail mailto:ADDRESS',
    )
    .option('--collection <name>', "collection to send, by id or alias (default: the member's own)")
    .option('--username <name>', 'user name at the destination (without it, the secret is sent as a key)')
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
      ended(await (await channelCli()).channelAdd(name, flags, io));
    });
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
  command(channel, 'replay', 'Send objects again that were added since a time')
    .argument('<name>')
    .requiredOption('--since <time>', 'such as 2026-01-15T00:00:00Z')
    .action(async (name: string, flags: CommonFlags & { since: string }) => {
      ended(await (await channelCli()).channelReplay(name, flags, io));
    });
  command(channel, 'remove', 'Delete a channel')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await channelCli()).channelRemove(name, flags, io));
    });
  const held = program
    .command('held')
    .description('Manage the review queue of objects on hold')
    .exitOverride();
  const redCli = () => import('./red.ts');
  const heldCli = () => import('./held.ts');
  command(held, 'list', 'List objects on hold with their reasons').action(async (flags: CommonFlags) => {
    ended(await (await heldCli()).heldList(flags, io));
  });
  command(held, 'show', 'Show an object on hold and the possible actions')
    .argument('<id>')
    .action(async (id: string, flags: CommonFlags) => {
      ended(await (await heldCli()).heldShow(id, flags, io));
    });
  command(
    held,
    'release',
    'Check held objects again; their owner does not change unless hub staff release them on behalf of a member',
  )
    .argument('<id...>')
    .option(
      '--on-behalf-of <member>',
      'release the objects on behalf of this member; the audit log records it',
    )
    .action(async (ids: string[], flags: ReleaseFlags) => {
      ended(await (await heldCli()).heldRelease(ids, flags, io));
    });
  const toPersons = (sub: Command): Command =>
    sub
      .requiredOption('--to <accounts>', 'accounts of people, separated by commas', names)
      .option('--note <text>', 'note for the recipients');
  toPersons(command(held, 'give', 'Give a TLP:RED object on hold to named people').argument('<id>')).action(
    async (id: string, flags: GiveFlags) => {
      ended(await (await redCli()).heldGive(id, flags, io));
    },
  );
  command(held, 'discard', 'Discard objects on hold permanently')
    .argument('<id...>')
    .requiredOption('--reason <text>', 'reason, for the audit log')
    .action(async (ids: string[], flags: DiscardFlags) => {
      ended(await (await heldCli()).heldDiscard(ids, flags, io));
    });
  const red = program.command('red').description('Give TLP:RED objects to named people').exitOverride();
  command(red, 'list', 'List TLP:RED given to you or by you').action(async (flags: CommonFlags) => {
    ended(await (await redCli()).redList(flags, io));
  });
  command(red, 'show', 'Show a TLP:RED object; the audit log records it')
    .argument('<id>')
    .action(async (id: string, flags: CommonFlags) => {
      ended(await (await redCli()).redShow(id, flags, io));
    });
  toPersons(
    command(red, 'give', 'Give the TLP:RED objects of a STIX file to named people').argument('<file>'),
  ).action(async (file: string, flags: GiveFlags) => {
    ended(await (await redCli()).redGive(file, flags, io));
  });
  command(red, 'withdraw', 'Withdraw a TLP:RED object from all recipients')
    .argument('<id>')
    .action(async (id: string, flags: CommonFlags) => {
      ended(await (await redCli()).redWithdraw(id, flags, io));
    });

  const shareCli = () => import('./share.ts');
  const sharing = program.command('share').description('Share objects by hand').exitOverride();
  command(sharing, 'with', 'Share an object with members; its TLP may require the consent of its owner')
    .argument('<object>')
    .argument('<member...>')
    .option('--reason <text>', 'reason, for the owner')
    .action(async (object: string, members: string[], flags: ShareFlags) => {
      ended(await (await shareCli()).share(object, { members }, flags, io));
    });
  command(sharing, 'into', 'Share an object into another collection')
    .argument('<object>')
    .argument('<collection>')
    .option('--reason <text>', 'reason, for the owner')
    .action(async (object: string, collection: string, flags: ShareFlags) => {
      ended(await (await shareCli()).share(object, { collection }, flags, io));
    });
  command(sharing, 'list', 'List shares and requests for consent').action(async (flags: CommonFlags) => {
    ended(await (await shareCli()).shareList(flags, io));
  });
  command(sharing, 'answer', 'Answer a request for consent, as the owner or as the hub on record')
    .argument('<id>')
    .argument('<verdict>', 'granted or refused')
    .option('--note <text>', 'reason, or who agreed, when and how')
    .action(async (id: string, verdict: string, flags: AnswerFlags) => {
      ended(await (await shareCli()).shareAnswer(id, verdict, flags, io));
    });
  const rule = program
    .command('rule')
    .description('Manage rules that forward objects between collections')
    .exitOverride();
  command(rule, 'list', 'List forwarding rules').action(async (flags: CommonFlags) => {
    ended(await (await shareCli()).ruleList(flags, io));
  });
  command(rule, 'add', 'Add a forwarding rule, which also forwards existing objects')
    .argument('<name>')
    .requiredOption('--from <collection>', 'source collection, by id or alias')
    .requiredOption('--to <collection>', 'destination collection')
    .option('--types <names>', 'STIX types, separated by commas', names)
    .option('--labels <words>', 'labels, one of which must match, separated by commas', names)
    .option('--owners <names>', 'members, hub or feed:NAME, separated by commas', names)
    .option('--max-tlp <level>', 'maximum TLP')
    .action(async (name: string, flags: RuleFlags) => {
      ended(await (await shareCli()).ruleAdd(name, flags, io));
    });
  command(rule, 'remove', 'Delete a rule; forwarded objects stay')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await shareCli()).ruleRemove(name, flags, io));
    });

  const delivery = program.command('delivery').description('Follow and explain deliveries').exitOverride();
  const deliveryCli = () => import('./delivery.ts');
  command(delivery, 'why', 'Explain why a member has received an object or not')
    .argument('<object>', 'id of the object')
    .argument('<member>')
    .action(async (object: string, member: string, flags: CommonFlags) => {
      ended(await (await deliveryCli()).deliveryWhy(object, member, flags, io));
    });
  command(delivery, 'lag', 'Show the progress of each reader, and refused requests')
    .option('--account <name>', 'only this account')
    .option('--collection <name>', 'only this collection (id or alias)')
    .action(async (flags: LagFlags) => {
      ended(await (await deliveryCli()).deliveryLag(flags, io));
    });
  command(delivery, 'log', 'Show the deliveries of an object')
    .argument('<object>', 'id of the object')
    .action(async (object: string, flags: CommonFlags) => {
      ended(await (await deliveryCli()).deliveryLog(object, flags, io));
    });
  command(delivery, 'ask', 'Request acknowledgements from all readers of an object')
    .argument('<object>', 'id of the object')
    .requiredOption('--until <time>', 'such as 2026-01-15T00:00:00Z')
    .action(async (object: string, flags: CommonFlags & { until: string }) => {
      ended(await (await deliveryCli()).deliveryAsk(object, flags, io));
    });
  command(delivery, 'answer', 'Acknowledge an object as a member')
    .argument('<object>', 'id of the object')
    .argument('<answer>', 'acknowledged, not-ours or false-positive')
    .option('--note <text>', 'reason')
    .action(async (object: string, answer: string, flags: CommonFlags & { note?: string }) => {
      ended(await (await deliveryCli()).deliveryAnswer(object, answer, flags, io));
    });
  const triage = program.command('triage').description('Manage reports that need a person').exitOverride();
  command(triage, 'list', 'List reports that affect no member or were answered with "not ours"').action(
    async (flags: CommonFlags) => {
      ended(await (await deliveryCli()).triageList(flags, io));
    },
  );
  command(triage, 'give', 'Assign a report to members')
    .argument('<id>')
    .argument('<member...>')
    .option('--note <text>', 'note for the owner')
    .action(async (id: string, members: string[], flags: CommonFlags & { note?: string }) => {
      ended(await (await deliveryCli()).triageGive(id, members, flags, io));
    });
  command(triage, 'dismiss', 'Dismiss a report')
    .argument('<id>')
    .requiredOption('--note <text>', 'reason, for the audit log')
    .action(async (id: string, flags: CommonFlags & { note: string }) => {
      ended(await (await deliveryCli()).triageDismiss(id, flags, io));
    });
}
