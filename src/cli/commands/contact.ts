import type { Command } from 'commander';
import { whole } from '../arguments.ts';
import type { CommonFlags } from '../common-flags.ts';
import type { ImportFlags } from '../contact-import.ts';
import type { ContactFlags } from '../contact-fields.ts';
import type { ChangesFlags, DecisionFlags, ListFlags, RemoveFlags, VerifyFlags } from '../contact.ts';
import type { CommandKit } from './kit.ts';

const contactCli = () => import('../contact.ts');
const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
const CHECK = 'how you verified the change: call, sms, signed-email or known-person (hub administrators)';

/** Declares the commands for contacts: whom to call, and when. */
export function declareContact(kit: CommandKit): void {
  const { program, command, io, ended } = kit;
  const contact = program
    .command('contact')
    .description('Find whom to call, and manage the contacts of members')
    .exitOverride();
  const narrowed = (sub: Command): Command =>
    sub
      .option('--member <name>', 'contacts of this member only ("hub" for those of the hub)')
      .option('--purpose <name>', 'incident, 24x7, abuse, vulnerability, policy, media, legal, law-enforcement or technical')
      .option('--open', 'contacts who can be reached now');
  narrowed(command(contact, 'list', 'List contacts in the order of calling, with the time there')).action(
    async (flags: ListFlags) => ended(await (await contactCli()).contactList(flags, io)),
  );
  command(contact, 'show', 'Show a contact')
    .argument('<id>')
    .action(async (id: string, flags: CommonFlags) => ended(await (await contactCli()).contactShow(id, flags, io)));
  narrowed(command(contact, 'export', 'Print contacts as a list to print, a table or vCards'))
    .option('--as <format>', 'text, csv or vcard', 'text')
    .action(async (flags: ListFlags & { readonly as: string }) => ended(await (await contactCli()).contactExport(flags, io)));
  command(contact, 'import', 'Create a contact for each row of a table, as export writes it')
    .argument('<file>', 'CSV file, or - for standard input')
    .option('--member <name>', 'member of rows that name none')
    .option('--method <way>', CHECK)
    .option('--note <text>', 'note for the person who decides')
    .action(async (file: string, flags: ImportFlags) =>
      ended(await (await import('../contact-import.ts')).contactImport(file, flags, io)));
  declareChanges(contact, kit);
  declareDecisions(contact, kit);
} // prettier-ignore

function declareChanges(contact: Command, { command, io, ended }: CommandKit): void {
  const withFields = (sub: Command): Command =>
    sub
      .option('--label <text>', 'role, such as "Duty desk"')
      .option('--name <text>', 'name of the person ("-" for none)')
      .option('--name-for <readers>', 'who sees the name: public, members, hub, or named=MEMBER,MEMBER')
      .option('--purpose <name>', 'purpose (repeatable); the given ones replace the previous ones', several)
      .option('--order <n>', 'place in the phone tree, from 1', whole)
      .option('--wait <minutes>', 'minutes to wait for an answer before the next contact', whole)
      .option('--language <tag>', 'language, such as en (repeatable); the given ones replace the previous ones', several)
      .option('--zone <name>', 'IANA time zone, such as Pacific/Tongatapu')
      .option('--hours <text>', 'weekly hours, such as "Mon-Fri 08:30-16:30", or 24/7 ("-" for none)')
      .option('--holiday <date>', 'day without hours, such as 2026-12-25 (repeatable); added to the previous ones', several)
      .option('--phone <text>', 'KIND:NUMBER[:READERS], such as "duty+sms:+676 00 142:members" (repeatable); kinds: duty, mobile, desk, satellite, fax', several)
      .option('--email <text>', 'ADDRESS[:READERS], such as cert@example.org:public (repeatable)', several)
      .option('--key <file>', 'OpenPGP public key, armored (repeatable); added to the previous ones', several)
      .option('--method <way>', CHECK)
      .option('--note <text>', 'note for the person who decides');
  withFields(command(contact, 'create', 'Create a contact of a member. The hub decides before it comes into force'))
    .requiredOption('--member <name>', 'member whose contact it is ("hub" for the hub)')
    .action(async (flags: ContactFlags & { readonly member: string }) => ended(await (await contactCli()).contactCreate(flags, io)));
  withFields(command(contact, 'update', 'Change a contact. The hub decides before it comes into force').argument('<id>'))
    .option('--remove-phone <number>', 'remove a number (repeatable)', several)
    .option('--remove-email <address>', 'remove an address (repeatable)', several)
    .option('--remove-key <fingerprint>', 'remove a key (repeatable)', several)
    .option('--remove-holiday <date>', 'remove a day (repeatable)', several)
    .action(async (id: string, flags: ContactFlags) => ended(await (await contactCli()).contactUpdate(id, flags, io)));
  command(contact, 'delete', 'Request the deletion of a contact. It stays until the hub approves')
    .argument('<id>')
    .option('--method <way>', CHECK)
    .option('--note <text>', 'note for the person who decides')
    .action(async (id: string, flags: RemoveFlags) => ended(await (await contactCli()).contactDelete(id, flags, io)));
} // prettier-ignore

function declareDecisions(contact: Command, { command, io, ended }: CommandKit): void {
  command(contact, 'changes', 'List requested and decided changes of contacts, newest first')
    .option('--contact <id>', 'changes of this contact only')
    .option('--state <state>', 'pending, applied or declined')
    .action(async (flags: ChangesFlags) => ended(await (await contactCli()).contactChanges(flags, io)));
  command(contact, 'decide', 'Accept or decline a requested change')
    .argument('<change>', 'id of the change')
    .argument('<verdict>', 'accept or decline')
    .option('--field <name>', 'field that comes into force (repeatable); all of them by default', several)
    .option('--method <way>', 'how you verified the change: call, sms, signed-email or known-person')
    .option('--note <text>', 'note for the member')
    .action(async (change: string, verdict: string, flags: DecisionFlags) =>
      ended(await (await contactCli()).contactDecide(change, verdict, flags, io)));
  command(contact, 'verify', 'Record that you reached a contact as it is written')
    .argument('<id>')
    .requiredOption('--method <way>', 'call, sms, signed-email or known-person')
    .option('--note <text>', 'note for the audit log')
    .action(async (id: string, flags: VerifyFlags) => ended(await (await contactCli()).contactVerify(id, flags, io)));
} // prettier-ignore
