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

/** What commands are made with. */
export interface CommandKit {
  readonly program: Command;
  /** A command with the flags that all have. */
  readonly command: (parent: Command, name: string, description: string) => Command;
  readonly io: Io;
  /** Takes the exit code of a command. */
  readonly ended: (code: number) => void;
}

/** The commands about who gets what: members, groups, channels, what waits, TLP:RED. */
export function addSharingCommands({ program, command, io, ended }: CommandKit): void {
  const member = program.command('member').description('Members, and what they claim').exitOverride();
  const memberCli = () => import('./member.ts');
  const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  const ofMember = (sub: Command): Command =>
    sub
      .option('--title <text>', 'name for people')
      .option(
        '--kind <kind>',
        'national-cert, government, sector-cert, operator, academic, regional-body, partner, vendor or source',
      )
      .option('--country <code>', 'country, two letters (again for several)', several)
      .option('--network <cidr>', 'network (again for several)', several)
      .option('--domain <name>', 'domain with all below it (again for several)', several)
      .option('--as <number>', 'AS number (again for several)', several)
      .option('--identity <id>', 'identity of STIX that is bound to it (again for several)', several)
      .option('--sector <name>', 'sector that it answers for, as STIX names it (again for several)', several)
      .option('--brand <name>', 'name that phishing uses against it (again for several)', several)
      .option('--parent <member>', 'the member whose client it is; "-" for nobody\'s')
      .option('--copies', 'it wants a copy of what concerns somebody inside its ground, or a client')
      .option('--no-copies', 'it wants none');
  command(member, 'list', 'List the members').action(async (flags: CommonFlags) => {
    ended(await (await memberCli()).memberList(flags, io));
  });
  command(member, 'show', 'Show a member, with what is verified of its claims')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await memberCli()).memberShow(name, flags, io));
    });
  ofMember(command(member, 'add', 'Make a member, with a collection of its own').argument('<name>'))
    .option('--no-collection', 'without a collection of its own')
    .action(async (name: string, flags: MemberFlags) => {
      ended(await (await memberCli()).memberAdd(name, flags, io));
    });
  ofMember(
    command(member, 'change', 'Change a member; what is given takes the place of what was').argument(
      '<name>',
    ),
  )
    .option('--status <status>', 'active, paused or former: only active members read, write and receive')
    .action(async (name: string, flags: MemberFlags) => {
      ended(await (await memberCli()).memberChange(name, flags, io));
    });
  command(member, 'claim', "Say that a network, domain, AS, country, sector or brand is a member's")
    .argument('<name>')
    .argument('<type>', 'network, domain, asn, country, sector or brand')
    .argument('<value>')
    .option('--evidence <text>', 'why it is so')
    .option('--until <time>', 'when it ends')
    .action(async (name: string, type: string, value: string, flags: ClaimFlags) => {
      ended(await (await memberCli()).memberClaim(name, type, value, flags, io));
    });
  command(member, 'claims', 'List what members say is their own, and whose claims overlap')
    .argument('[name]')
    .action(async (name: string | undefined, flags: CommonFlags) => {
      ended(await (await memberCli()).memberClaims(name, flags, io));
    });
  command(member, 'decide', 'Verify a claim, or reject it')
    .argument('<id>')
    .argument('<verdict>', 'verified or rejected')
    .option('--note <text>', 'why')
    .action(async (id: string, verdict: string, flags: ClaimFlags) => {
      ended(await (await memberCli()).memberDecide(id, verdict, flags, io));
    });
  command(
    member,
    'requests',
    'List who asks to become a member, and what members ask to have changed',
  ).action(async (flags: CommonFlags) => {
    ended(await (await memberCli()).memberRequests(flags, io));
  });
  for (const [name, verdict, description] of [
    ['approve', 'approved', 'Approve a request; a new member gets an officer, who begins by a link'],
    ['refuse', 'refused', 'Refuse a request'],
  ] as const)
    command(member, name, description)
      .argument('<id>')
      .option('--note <text>', 'why')
      .action(async (id: string, flags: CommonFlags & { note?: string }) => {
        ended(await (await memberCli()).memberDecideRequest(id, verdict, flags, io));
      });
  command(member, 'delegations', 'Read delegation statistics of a registry for the countries of the members')
    .argument('<file>', 'its delegated-…-extended file, unpacked')
    .option('--apply', 'what is told counts from now on')
    .action(async (file: string, flags: CommonFlags & { apply?: boolean }) => {
      ended(await (await memberCli()).memberDelegations(file, flags, io));
    });
  const group = program.command('group').description('Groups of members').exitOverride();
  command(group, 'list', 'List the groups, who is in, and what they read').action(
    async (flags: CommonFlags) => {
      ended(await (await memberCli()).groupList(flags, io));
    },
  );
  command(group, 'add', 'Make a group; collections are granted to it as group:NAME')
    .argument('<name>')
    .option('--title <text>', 'name for people')
    .option('--listed', 'members that are not in it may know of it')
    .action(async (name: string, flags: CommonFlags & { title?: string; listed?: boolean }) => {
      ended(await (await memberCli()).groupAdd(name, flags, io));
    });
  command(group, 'join', 'Put members into a group')
    .argument('<group>')
    .argument('<member...>')
    .option('--since <time>', 'from when on, such as 2026-01-15T00:00:00Z')
    .option('--until <time>', 'until when')
    .action(async (name: string, members: string[], flags: CommonFlags) => {
      ended(await (await memberCli()).groupJoin(name, members, flags, io));
    });
  command(group, 'leave', 'Take a member out of a group, and say what it has read already')
    .argument('<group>')
    .argument('<member>')
    .action(async (name: string, one: string, flags: CommonFlags) => {
      ended(await (await memberCli()).groupLeave(name, one, flags, io));
    });
  const channel = program
    .command('channel')
    .description('What the hub brings to members by itself')
    .exitOverride();
  const channelCli = () => import('./channel.ts');
  command(channel, 'list', 'List the channels, and how far they have come').action(
    async (flags: CommonFlags) => {
      ended(await (await channelCli()).channelList(flags, io));
    },
  );
  command(channel, 'show', 'Show a channel, with what its receiver refused for good')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await channelCli()).channelShow(name, flags, io));
    });
  command(channel, 'add', 'Bring a collection to a member, from its beginning')
    .argument('<name>')
    .requiredOption('--member <name>', 'to whom')
    .requiredOption('--kind <kind>', 'taxii, webhook or mail')
    .requiredOption('--url <url>', 'where to; of taxii the collection of its server, of mail mailto:ADDRESS')
    .option('--collection <name>', 'what is brought, by id or alias (default: its own collection)')
    .option('--username <name>', 'account there; without one the secret is sent as a key')
    .option('--secret <reference>', 'secret:NAME of the password or key, or of what signs webhooks')
    .option('--types <names>', 'types of STIX that it brings, joined by commas (default: all)', names)
    .option('--labels <words>', 'what has one of these labels, joined by commas', names)
    .option('--min-confidence <number>', 'nothing of less confidence', whole)
    .option('--every <time>', 'of mail: now, hour, day or week (default: day); what is urgent goes at once')
    .option('--at <time>', 'of mail: time of day of the digest (default: 08:00)')
    .option('--zone <zone>', 'of mail: time zone, such as Pacific/Tongatapu')
    .option('--all', 'of mail: also what may concern it by its country or sector only')
    .action(async (name: string, flags: ChannelFlags) => {
      ended(await (await channelCli()).channelAdd(name, flags, io));
    });
  command(channel, 'pause', 'Keep a channel from sending')
    .argument('<name>')
    .option('--reason <text>', 'why')
    .action(async (name: string, flags: CommonFlags & { reason?: string }) => {
      ended(await (await channelCli()).channelPause(name, flags, io));
    });
  command(channel, 'resume', 'Let it send again, at once')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await channelCli()).channelResume(name, flags, io));
    });
  command(channel, 'replay', 'Send again what was added since a time')
    .argument('<name>')
    .requiredOption('--since <time>', 'such as 2026-01-15T00:00:00Z')
    .action(async (name: string, flags: CommonFlags & { since: string }) => {
      ended(await (await channelCli()).channelReplay(name, flags, io));
    });
  command(channel, 'remove', 'Take a channel away')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await channelCli()).channelRemove(name, flags, io));
    });
  const held = program.command('held').description('Objects that wait for a person').exitOverride();
  const redCli = () => import('./red.ts');
  const heldCli = () => import('./held.ts');
  command(held, 'list', 'List what waits, and why').action(async (flags: CommonFlags) => {
    ended(await (await heldCli()).heldList(flags, io));
  });
  command(held, 'show', 'Show one of them, and what can be done about it')
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
      .requiredOption('--to <accounts>', 'accounts of persons, joined by commas', names)
      .option('--note <text>', 'a line for them');
  toPersons(
    command(held, 'give', 'Give what waits because it is TLP:RED to named persons').argument('<id>'),
  ).action(async (id: string, flags: GiveFlags) => {
    ended(await (await redCli()).heldGive(id, flags, io));
  });
  command(held, 'discard', 'Take it out of the queue for good')
    .argument('<id...>')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(async (ids: string[], flags: DiscardFlags) => {
      ended(await (await heldCli()).heldDiscard(ids, flags, io));
    });
  const red = program.command('red').description('TLP:RED for named persons').exitOverride();
  command(red, 'list', 'List what was given to you, and by you').action(async (flags: CommonFlags) => {
    ended(await (await redCli()).redList(flags, io));
  });
  command(red, 'show', 'Read one; each reading is told in the audit')
    .argument('<id>')
    .action(async (id: string, flags: CommonFlags) => {
      ended(await (await redCli()).redShow(id, flags, io));
    });
  toPersons(
    command(red, 'give', 'Give the TLP:RED objects of a STIX file to named persons').argument('<file>'),
  ).action(async (file: string, flags: GiveFlags) => {
    ended(await (await redCli()).redGive(file, flags, io));
  });
  command(red, 'withdraw', 'Take it back: nobody reads it any more')
    .argument('<id>')
    .action(async (id: string, flags: CommonFlags) => {
      ended(await (await redCli()).redWithdraw(id, flags, io));
    });

  const shareCli = () => import('./share.ts');
  const sharing = program
    .command('share')
    .description('Share objects with more than have them')
    .exitOverride();
  command(
    sharing,
    'with',
    'Share an object with chosen members; its owner is asked where its TLP asks for that',
  )
    .argument('<object>')
    .argument('<member...>')
    .option('--reason <text>', 'why, for its owner')
    .action(async (object: string, members: string[], flags: ShareFlags) => {
      ended(await (await shareCli()).share(object, { members }, flags, io));
    });
  command(sharing, 'into', 'Share an object into another collection')
    .argument('<object>')
    .argument('<collection>')
    .option('--reason <text>', 'why, for its owner')
    .action(async (object: string, collection: string, flags: ShareFlags) => {
      ended(await (await shareCli()).share(object, { collection }, flags, io));
    });
  command(sharing, 'list', 'List what was shared by hand, or is asked for').action(
    async (flags: CommonFlags) => {
      ended(await (await shareCli()).shareList(flags, io));
    },
  );
  command(sharing, 'answer', 'Answer, as the owner; the hub records here what he has said by other means')
    .argument('<id>')
    .argument('<verdict>', 'granted or refused')
    .option('--note <text>', 'why; who has said it, when and how')
    .action(async (id: string, verdict: string, flags: AnswerFlags) => {
      ended(await (await shareCli()).shareAnswer(id, verdict, flags, io));
    });
  const rule = program
    .command('rule')
    .description('What passes on from one collection into another')
    .exitOverride();
  command(rule, 'list', 'List the rules').action(async (flags: CommonFlags) => {
    ended(await (await shareCli()).ruleList(flags, io));
  });
  command(rule, 'add', 'Let objects pass on by themselves; what stands there passes too')
    .argument('<name>')
    .requiredOption('--from <collection>', 'from where, by id or alias')
    .requiredOption('--to <collection>', 'into which')
    .option('--types <names>', 'types of STIX, joined by commas', names)
    .option('--labels <words>', 'one of these labels, joined by commas', names)
    .option('--owners <names>', 'members, hub or feed:NAME, joined by commas', names)
    .option('--max-tlp <level>', 'nothing stricter')
    .action(async (name: string, flags: RuleFlags) => {
      ended(await (await shareCli()).ruleAdd(name, flags, io));
    });
  command(rule, 'remove', 'Take a rule away; what it has passed on stays')
    .argument('<name>')
    .action(async (name: string, flags: CommonFlags) => {
      ended(await (await shareCli()).ruleRemove(name, flags, io));
    });

  const delivery = program.command('delivery').description('Who received what').exitOverride();
  const deliveryCli = () => import('./delivery.ts');
  command(delivery, 'why', 'Say why a member has an object, or has not')
    .argument('<object>', 'id of the object')
    .argument('<member>')
    .action(async (object: string, member: string, flags: CommonFlags) => {
      ended(await (await deliveryCli()).deliveryWhy(object, member, flags, io));
    });
  command(delivery, 'lag', 'Show how far each reader has come, and what was refused to whom')
    .option('--account <name>', 'only this account')
    .option('--collection <name>', 'only this collection (id or alias)')
    .action(async (flags: LagFlags) => {
      ended(await (await deliveryCli()).deliveryLag(flags, io));
    });
  command(delivery, 'log', 'Show how far an object has come with each member')
    .argument('<object>', 'id of the object')
    .action(async (object: string, flags: CommonFlags) => {
      ended(await (await deliveryCli()).deliveryLog(object, flags, io));
    });
  command(delivery, 'ask', 'Ask all who may read an object to answer; those who do not are reminded once')
    .argument('<object>', 'id of the object')
    .requiredOption('--until <time>', 'such as 2026-01-15T00:00:00Z')
    .action(async (object: string, flags: CommonFlags & { until: string }) => {
      ended(await (await deliveryCli()).deliveryAsk(object, flags, io));
    });
  command(delivery, 'answer', 'Say, as a member, what an object is to you')
    .argument('<object>', 'id of the object')
    .argument('<answer>', 'acknowledged, not-ours or false-positive')
    .option('--note <text>', 'why')
    .action(async (object: string, answer: string, flags: CommonFlags & { note?: string }) => {
      ended(await (await deliveryCli()).deliveryAnswer(object, answer, flags, io));
    });
  const triage = program.command('triage').description('What a person has to place').exitOverride();
  command(triage, 'list', "List what concerns nobody, or is said to be somebody else's").action(
    async (flags: CommonFlags) => {
      ended(await (await deliveryCli()).triageList(flags, io));
    },
  );
  command(triage, 'give', 'Give it to members')
    .argument('<id>')
    .argument('<member...>')
    .option('--note <text>', 'a line for its owner')
    .action(async (id: string, members: string[], flags: CommonFlags & { note?: string }) => {
      ended(await (await deliveryCli()).triageGive(id, members, flags, io));
    });
  command(triage, 'dismiss', 'Be done with it')
    .argument('<id>')
    .requiredOption('--note <text>', 'why, for the audit')
    .action(async (id: string, flags: CommonFlags & { note: string }) => {
      ended(await (await deliveryCli()).triageDismiss(id, flags, io));
    });
}
