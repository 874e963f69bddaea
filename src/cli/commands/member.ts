import type { Command } from 'commander';
import type { ChangeRequestFlags, ClaimFlags, MemberFlags, RegistrationFlags } from '../member.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { CommandKit } from './kit.ts';

const memberCli = () => import('../member.ts');

/** Declares the commands for members and their claims. */
export function declareMember(kit: CommandKit): void {
  const { program, command, io, ended } = kit;
  const member = program.command('member').description('Manage members and their claims').exitOverride();
  declareRecords(member, kit);
  declareClaims(member, kit);
  declareRequests(member, kit);
  command(member, 'delegations', 'Read the delegation statistics of a registry')
    .argument('<file>', 'delegated-…-extended file of the registry, unpacked')
    .option('--apply', 'use the changes for routing')
    .action(async (file: string, flags: CommonFlags & { apply?: boolean }) => {
      ended(await (await memberCli()).memberDelegations(file, flags, io));
    });
}

function declareRecords(member: Command, { command, io, ended }: CommandKit): void {
  const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  const ofMember = (sub: Command): Command =>
    sub
      .option('--title <text>', 'title for display')
      .option(
        '--kind <kind>',
        'Kind of organisation: national-cert, government, sector-cert, operator, academic, regional-body, partner, vendor or source',
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
  ofMember(command(member, 'create', 'Create a member with its own collection').argument('<name>'))
    .option('--no-collection', 'do not create a collection')
    .action(async (name: string, flags: MemberFlags) => {
      ended(await (await memberCli()).memberCreate(name, flags, io));
    });
  ofMember(command(member, 'update', 'Update a member; values of lists are added').argument('<name>'))
    .option('--replace', 'the given values of lists replace the previous ones')
    .option('--status <status>', 'active, paused or former: only active members read, write and receive')
    .action(async (name: string, flags: MemberFlags) => {
      ended(await (await memberCli()).memberUpdate(name, flags, io));
    });
}

function declareClaims(member: Command, { command, io, ended }: CommandKit): void {
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
    .argument('<verdict>', 'The decision: verified or rejected')
    .option('--note <text>', 'reason')
    .action(async (id: string, verdict: string, flags: ClaimFlags) => {
      ended(await (await memberCli()).memberDecide(id, verdict, flags, io));
    });
}

function declareRequests(member: Command, { command, io, ended }: CommandKit): void {
  const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  command(member, 'request', 'Request a change of your own member; an administrator approves it')
    .argument('<name>')
    .option('--title <text>', 'title for display')
    .option('--identity <id>', 'STIX identity of the member (repeatable); replaces the present ones', several)
    .option(
      '--copies',
      'receive copies of objects that match more specific claims of others or of its clients',
    )
    .option('--no-copies', 'receive no copies')
    .action(async (name: string, flags: ChangeRequestFlags) => {
      ended(await (await memberCli()).memberRequest(name, flags, io));
    });
  command(member, 'register', 'Register an organisation as a new member; an administrator approves it')
    .argument('<name>', 'short name: lowercase letters, digits and hyphens')
    .requiredOption('--title <text>', 'name of the organisation')
    .requiredOption('--contact <text>', 'the contact person and how to reach them')
    .option('--kind <kind>', 'such as national-cert, government, operator or academic')
    .option('--country <code>', 'country code of two letters (repeatable)', several)
    .option('--message <text>', 'message to the administrators')
    .action(async (name: string, flags: RegistrationFlags) => {
      ended(await (await memberCli()).memberRegister(name, flags, io));
    });
  command(member, 'requests', 'List registrations and change requests').action(async (flags: CommonFlags) => {
    ended(await (await memberCli()).memberRequests(flags, io));
  });
  for (const [name, verdict, description] of [
    ['approve', 'approved', 'Approve a request; a new member gets an officer and an invitation'],
    ['reject', 'refused', 'Reject a request'],
  ] as const)
    command(member, name, description)
      .argument('<id>')
      .option('--note <text>', 'reason')
      .action(async (id: string, flags: CommonFlags & { note?: string }) => {
        ended(await (await memberCli()).memberDecideRequest(id, verdict, flags, io));
      });
}
