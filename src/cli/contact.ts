import type {
  Contact,
  ContactChange,
  ContactChanges,
  ContactRequest,
  Contacts,
} from '../api/schema-types.ts';
import { contactsCsv, contactsVcard, phoneList } from '../members/contacts/formats.ts';
import { systemClock } from '../kernel/clock.ts';
import { commandErrors } from './command-errors.ts';
import type { CommonFlags } from './common-flags.ts';
import { sentFields, type ContactFlags } from './contact-fields.ts';
import { EXIT, printable, type Io } from './io.ts';
import { withHub, type LocalClient } from './local-client.ts';
import { graded, table, when, writeJson } from './output.ts';

export interface ListFlags extends CommonFlags {
  readonly member?: string;
  readonly purpose?: string;
  readonly open?: boolean;
}

export interface RemoveFlags extends CommonFlags {
  readonly method?: string;
  readonly note?: string;
}

export interface ChangesFlags extends CommonFlags {
  readonly contact?: string;
  readonly state?: string;
}

export interface DecisionFlags extends RemoveFlags {
  readonly field?: readonly string[];
}

export interface VerifyFlags extends CommonFlags {
  readonly method: string;
  readonly note?: string;
}

const PATH = '/api/v1/contacts';
const CHANGES = '/api/v1/contact-changes';

function contactPath(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}`;
}

/** Returns all contacts that the caller sees, from as many pages as there are. */
export async function allContacts(client: LocalClient, { member, purpose, open }: ListFlags): Promise<readonly Contact[]> {
  const query = new URLSearchParams({
    limit: '1000',
    ...(member === undefined ? {} : { member }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(open === true ? { open: 'yes' } : {}),
  });
  const found: Contact[] = [];
  for (let after: string | undefined; ; ) {
    if (after !== undefined) query.set('after', after);
    const { items, next } = await client.get<Contacts>(`${PATH}?${query.toString()}`);
    found.push(...items);
    if (next === undefined) return found;
    after = next;
  }
} // prettier-ignore

/** `talanoa contact list`: whom to call, with the time there. */
export async function contactList(flags: ListFlags, io: Io): Promise<number> {
  const items = await withHub(flags, io, (client) => allContacts(client, flags));
  if (flags.json === true) writeJson({ items }, io);
  else io.stdout.write(items.length === 0 ? 'No contact is shown to you.\n' : `${listed(items, io)}\n`);
  return EXIT.done;
}

function listed(items: readonly Contact[], io: Io): string {
  return table(
    [
      ['TEAM', 'CONTACT', 'CALL', 'THERE', 'STATE', 'ID'],
      ...items.map((one) => [
        printable(one.team),
        printable(one.label),
        one.phones[0]?.number ?? one.emails[0]?.address ?? '',
        thereOf(one),
        stateOf(one, io),
        one.id,
      ]),
    ],
    io,
  );
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** Returns the local day and time of a contact, which can be another day than here. */
function thereOf({ now: { local, weekday } }: Contact): string {
  const day = `${WEEKDAYS[weekday - 1] ?? ''} ${Number(local.slice(8, 10))} ${MONTHS[Number(local.slice(5, 7)) - 1] ?? ''}`;
  return `${day} ${local.slice(11, 16)}`;
}

function stateOf({ now: { state, changes } }: Contact, io: Io): string {
  if (state === 'unknown') return 'hours not known';
  const until = changes === undefined ? '' : ` ${state === 'open' ? 'until' : 'opens'} ${when(changes, io)}`;
  return graded(`${state}${state === 'open' ? until : until.replace(' ', ', ')}`, state === 'open' ? 'good' : 'notice', io);
} // prettier-ignore

/** `talanoa contact show ID`. */
export async function contactShow(id: string, flags: CommonFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) => client.get<Contact>(contactPath(id)));
  if (flags.json === true) writeJson(found, io);
  else
    io.stdout.write(
      factsOf(found, io)
        .map(
          ([name, value]) => `${name.padEnd(14)}${printable(value)}
`,
        )
        .join(''),
    );
  return EXIT.done;
}

function factsOf(contact: Contact, io: Io): readonly (readonly [string, string])[] {
  const { team, label, name, purposes, order, wait, languages, time_zone: zone, hours, holidays = [], phones, emails, verification, pending } = contact;
  const rows: (readonly [string, string | undefined])[] = [
    ['Team', team],
    ['Contact', label],
    ['Name', name],
    ['There', `${thereOf(contact)}, ${zone}`],
    ['State', stateOf(contact, io)],
    ['Hours', hours],
    ['Holidays', holidays.join(', ')],
    ...phones.map((phone) => ['Phone', phoneText(phone)] as const),
    ...emails.map((email) => ['Email', emailText(email)] as const),
    ...contact.keys.map((key) => ['OpenPGP key', keyText(key)] as const),
    ['Languages', languages.join(', ')],
    ['Purposes', purposes.join(', ')],
    ['Order', `${order}; wait ${wait} minutes, then call the next contact`],
    ['Verification', verification.at === undefined ? verification.state : `${verification.state}, ${when(verification.at, io)} by ${verification.method ?? ''}`],
    ['Waiting', pending === undefined || pending === 0 ? undefined : `${pending} requested changes: talanoa contact changes --contact ${contact.id}`],
    ['ID', contact.id],
  ];
  return rows.flatMap(([label, value]) => (value === undefined || value === '' ? [] : [[label, value] as const]));
} // prettier-ignore

const EXPORTS = ['text', 'csv', 'vcard'] as const;

/** `talanoa contact export`: contacts as a file, for times when the network is down. */
export async function contactExport(flags: ListFlags & { readonly as: string }, io: Io): Promise<number> {
  const format = EXPORTS.find((one) => one === flags.as);
  if (format === undefined) throw commandErrors.badContactFlag({ flag: '--as', value: flags.as.slice(0, 40), form: 'text, csv or vcard' });
  const items = await withHub(flags, io, (client) => allContacts(client, flags));
  if (flags.json === true) writeJson({ items }, io);
  else if (format === 'csv') io.stdout.write(contactsCsv(items));
  else if (format === 'vcard') io.stdout.write(contactsVcard(items));
  else io.stdout.write(phoneList(items, 'Phone list', systemClock.now()));
  return EXIT.done;
} // prettier-ignore

/** `talanoa contact create`: creates a contact, or requests it. */
export async function contactCreate({ member, ...flags }: ContactFlags & { readonly member: string }, io: Io): Promise<number> {
  return ask(member, flags, io, () => ({ fields: sentFields(flags, undefined) }));
} // prettier-ignore

/** `talanoa contact update ID`: changes a contact, or requests the change. */
export async function contactUpdate(id: string, flags: ContactFlags, io: Io): Promise<number> {
  return askOf(id, flags, io, (found) => ({ contact: id, fields: sentFields(flags, found) }));
}

/** `talanoa contact delete ID`. */
export async function contactDelete(id: string, flags: RemoveFlags, io: Io): Promise<number> {
  return askOf(id, flags, io, () => ({ contact: id, remove: true }));
}

async function askOf(
  id: string,
  flags: ContactFlags,
  io: Io,
  request: (found: Contact) => ContactRequest,
): Promise<number> {
  const found = await withHub(flags, io, (client) => client.get<Contact>(contactPath(id)));
  return ask(found.member, flags, io, () => request(found));
}

async function ask(member: string, flags: ContactFlags, io: Io, request: () => ContactRequest): Promise<number> {
  const body = {
    ...request(),
    ...(flags.method === undefined ? {} : { method: flags.method }),
    ...(flags.note === undefined ? {} : { note: flags.note }),
  };
  const made = await withHub(flags, io, (client) =>
    client.post<ContactChange>(`/api/v1/members/${encodeURIComponent(member)}/contact-changes`, body),
  );
  if (flags.json === true) writeJson(made, io);
  else io.stdout.write(`${outcomeOf(made)}\n`);
  return EXIT.done;
} // prettier-ignore

/** Returns the effect of a change, and the next step. */
function outcomeOf({ id, state, kind, contact, label }: ContactChange): string {
  if (state === 'pending')
    return `The hub decides before this comes into force. Change: ${id}. To follow it, run: talanoa contact changes`;
  const what = { create: 'Created', update: 'Changed', remove: 'Removed' }[kind];
  return `${what}: ${printable(label)}. Contact: ${contact}`;
}

/** `talanoa contact changes`. */
export async function contactChanges(flags: ChangesFlags, io: Io): Promise<number> {
  const { contact, state } = flags;
  const query = new URLSearchParams({ limit: '1000', ...(contact === undefined ? {} : { contact }), ...(state === undefined ? {} : { state }) });
  const found = await withHub(flags, io, (client) => client.get<ContactChanges>(`${CHANGES}?${query.toString()}`));
  if (flags.json === true) writeJson(found, io);
  else io.stdout.write(found.items.length === 0 ? 'No change of a contact is shown to you.\n' : found.items.map((one) => changeText(one, io)).join('\n'));
  return EXIT.done;
} // prettier-ignore

/** Returns a change with its fields, one per line. */
function changeText(change: ContactChange, io: Io): string {
  const { id, team, label, kind, state, night, by, at, accepted, decided_by: decider, decided_at: decided, method, note } = change;
  const head = `${id}  ${when(at, io)}  ${kind}  ${graded(state, state === 'applied' ? 'good' : state === 'declined' ? 'bad' : 'notice', io)}`;
  const names = Object.keys({ ...change.before, ...change.after }) as (keyof ContactChange['before'])[];
  const lines = [
    `${printable(team)}: ${printable(label)}${night ? ' (24/7 contact)' : ''}, requested by ${by}`,
    ...names.map((name) => `${name}: ${fieldText(change.before[name])} -> ${fieldText(change.after[name])}${accepted === undefined || accepted.some((one) => one === name) ? '' : ' (declined)'}`),
    ...(decider === undefined ? [] : [`decided by ${decider}, ${decided === undefined ? '' : when(decided, io)}${method === undefined ? '' : `, checked by ${method}`}`]),
    ...(note === undefined ? [] : [`note: ${note}`]),
  ];
  return `${head}\n${lines.map((line) => `  ${printable(line)}\n`).join('')}`;
} // prettier-ignore

type Field = NonNullable<ContactChange['before'][keyof ContactChange['before']]>;

/** Returns a field of a contact as one line. */
function fieldText(value: Field | undefined): string {
  if (value === undefined) return 'none';
  if (typeof value !== 'object') return String(value);
  if ('visibility' in value) return readersText(value);
  const items: readonly Parameters<typeof itemText>[0][] = value;
  return items.length === 0 ? 'none' : items.map(itemText).join(', ');
}

function itemText(item: string | Contact['phones'][number] | Contact['emails'][number] | Contact['keys'][number]): string {
  if (typeof item === 'string') return item;
  if ('fingerprint' in item) return keyText(item);
  return 'number' in item ? phoneText(item) : emailText(item);
} // prettier-ignore

function keyText({ fingerprint, user_ids: ids, expires }: Contact['keys'][number]): string {
  return `${fingerprint} (${ids.join(', ')})${expires === undefined ? '' : `, ends ${expires.slice(0, 10)}`}`;
}

function phoneText(phone: Contact['phones'][number]): string {
  return `${phone.number} ${[phone.kind, ...(phone.reach ?? [])].join('/')}${readersIn(phone)}`;
}

function emailText(email: Contact['emails'][number]): string {
  return `${email.address}${readersIn(email)}`;
}

/** The readers of a field in brackets. Others than its member and the hub are not told. */
function readersIn({ visibility, members }: Contact['emails'][number] | Contact['phones'][number]): string {
  return visibility === undefined ? '' : ` (${readersText({ visibility, members })})`;
}

function readersText({ visibility, members = [] }: NonNullable<Contact['name_shown']>): string {
  return visibility === 'named' ? members.join(', ') : visibility;
}

/** `talanoa contact decide CHANGE accept|decline`. */
export async function contactDecide(change: string, verdict: string, flags: DecisionFlags, io: Io): Promise<number> {
  const made = await withHub(flags, io, (client) =>
    client.post<ContactChange>(`${CHANGES}/${encodeURIComponent(change)}/decision`, {
      verdict,
      ...(flags.field === undefined ? {} : { fields: flags.field }),
      ...(flags.method === undefined ? {} : { method: flags.method }),
      ...(flags.note === undefined ? {} : { note: flags.note }),
    }),
  );
  if (flags.json === true) writeJson(made, io);
  else io.stdout.write(made.state === 'declined' ? 'Declined. The contact stays as it is.\n' : `${outcomeOf(made)}\n`);
  return EXIT.done;
} // prettier-ignore

/** `talanoa contact verify ID`. */
export async function contactVerify(id: string, flags: VerifyFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) =>
    client.post<Contact>(`${contactPath(id)}/verification`, {
      method: flags.method,
      ...(flags.note === undefined ? {} : { note: flags.note }),
    }),
  );
  if (flags.json === true) writeJson(found, io);
  else io.stdout.write(`Verified: ${printable(found.team)}, ${printable(found.label)}.\n`);
  return EXIT.done;
}
