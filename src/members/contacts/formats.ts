/** Contacts as files that work while the network is down. Each is made from contacts as their reader may see them. */
import type { Contact } from '../../api/schema-types.ts';
import { csvText } from '../../kernel/csv-text.ts';

/** Returns the strictest label that the fields of these contacts need: those for named readers are TLP:AMBER. */
export function tlpOfContacts(contacts: readonly Contact[]): 'clear' | 'green' | 'amber' {
  // Only its member and the hub learn the readers of a field. Everybody else sees what all members may see.
  const levels = contacts.flatMap(({ phones, emails }) => [...phones, ...emails]).map(({ visibility }) => visibility);
  if (levels.some((one) => one === 'hub' || one === 'named')) return 'amber';
  return levels.every((one) => one === 'public') ? 'clear' : 'green';
} // prettier-ignore

/** The columns of the table. `talanoa contact import` reads them again, except for the team, keys and the check. */
export const CONTACT_COLUMNS = ['member', 'team', 'contact', 'name', 'purposes', 'order', 'wait', 'phones', 'emails', 'keys', 'languages', 'time_zone', 'hours', 'holidays', 'verified'] as const; // prettier-ignore

/** Returns contacts as a table for spreadsheets (RFC 4180). */
export function contactsCsv(contacts: readonly Contact[]): string {
  const rows = contacts.map(({ member, team, label, name = '', purposes, order, wait, phones, emails, keys, languages, time_zone: zone, hours = '', holidays = [], verification }) => [
    ...[member, team, label, name, purposes.join(' '), String(order), String(wait)],
    phones.map((phone) => `${[phone.kind, ...(phone.reach ?? [])].join('+')}:${phone.number}${readersOf(phone)}`).join('; '),
    emails.map((email) => `${email.address}${readersOf(email)}`).join('; '),
    keys.map(({ fingerprint }) => fingerprint).join(' '),
    ...[languages.join(' '), zone, hours, holidays.join(' '), verification.at ?? ''],
  ]);
  return csvText([CONTACT_COLUMNS, ...rows]);
} // prettier-ignore

/** The readers of a field in the form in which commands take them. Empty for people who do not learn them. */
function readersOf({
  visibility,
  members = [],
}: Contact['emails'][number] | Contact['phones'][number]): string {
  if (visibility === undefined) return '';
  return visibility === 'named' ? `:named=${members.join(',')}` : `:${visibility}`;
}

const PHONE_TYPES: Readonly<Record<Contact['phones'][number]['kind'], string>> = {
  duty: 'work,voice',
  desk: 'work,voice',
  mobile: 'cell,voice',
  satellite: 'voice',
  fax: 'work,fax',
};

/** Returns contacts as vCards (RFC 6350). */
export function contactsVcard(contacts: readonly Contact[]): string {
  return contacts.map(vcard).join('');
}

function vcard(contact: Contact): string {
  const { id, team, label, name, order, phones, emails, keys, languages, time_zone: zone, hours, verification } = contact;
  const lines = [
    ...['BEGIN:VCARD', 'VERSION:4.0', `UID:urn:uuid:${id}`, 'KIND:group'],
    `FN:${escaped(`${team}, ${label}${name === undefined ? '' : `, ${name}`}`)}`,
    ...[`ORG:${escaped(team)}`, `ROLE:${escaped(label)}`],
    ...phones.map(({ kind, number, reach = [] }) =>
      `TEL;VALUE=uri;TYPE="${[PHONE_TYPES[kind], ...(reach.includes('sms') ? ['text'] : [])].join(',')}";PREF=${order}:tel:${number}`),
    ...emails.map(({ address }) => `EMAIL;TYPE=work;PREF=${order}:${escaped(address)}`),
    ...keys.flatMap(({ armored }) => (armored === undefined ? [] : [`KEY:data:application/pgp-keys;base64,${Buffer.from(armored).toString('base64')}`])),
    ...languages.map((tag, i) => `LANG;PREF=${i + 1}:${tag}`),
    ...[`TZ:${escaped(zone)}`],
    ...(hours === undefined ? [] : [`NOTE:${escaped(hours)}`]),
    ...(verification.at === undefined ? [] : [`REV:${verification.at.replaceAll(/[-:]|\.\d+/g, '')}`]),
    'END:VCARD',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
} // prettier-ignore

/** Escapes a text (RFC 6350 §3.4). */
function escaped(text: string): string {
  return text.replaceAll(/[\\,;]/g, '\\$&').replaceAll(/\r\n?|\n/g, String.raw`\n`);
}

/** Folds a line after 75 bytes, and never inside a character (RFC 6350 §3.2). */
function folded(line: string): string {
  const parts: string[] = [];
  let part = '';
  let size = 0;
  for (const character of line) {
    const bytes = Buffer.byteLength(character);
    if (size + bytes > 75) {
      parts.push(part);
      part = ' ';
      size = 1;
    }
    part += character;
    size += bytes;
  }
  return [...parts, part].join('\r\n');
}

/** Lines on one page, and characters on one line, of a printed list. */
const PAGE_LINES = 60;
const PAGE_WIDTH = 100;
/** Lines of each page that do not belong to a contact: the label above and below, the title and blank lines. */
const FRAME = 6;

/**
 * Returns a list of numbers to print, as pages of plain text that are divided by form feeds. Each page has the TLP label at
 * its top and its bottom. `now` is in milliseconds since 1970, and times are those of the time zone of each contact.
 */
export function phoneList(contacts: readonly Contact[], title: string, now: number): string {
  const label = `TLP:${tlpOfContacts(contacts).toUpperCase()}`;
  const made = `${new Date(now).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const blocks = contacts.map(linesOf);
  const pages: string[][] = [[]];
  for (const block of blocks) {
    const page = pages.at(-1) ?? [];
    if (page.length > 0 && page.length + block.length > PAGE_LINES - FRAME) pages.push([...block]);
    else page.push(...block);
  }
  return pages.map((page, i) => [
    `${label}   ${title}, ${made}, page ${i + 1} of ${pages.length}`, '',
    ...page, '',
    `${label}   No answer? Call the next number, then the hub. Do not post this list.`,
  ].map((line) => `${line.slice(0, 400)}\n`).join('')).join('\f');
} // prettier-ignore

function linesOf(contact: Contact): readonly string[] {
  const { team, label, name, phones, emails, time_zone: zone, hours, now, wait, verification } = contact;
  const offset = now.local.slice(16);
  const head = `${team}: ${label}${name === undefined ? '' : ` (${name})`}`;
  const numbers = phones.map(({ kind, number, reach = [] }) => `${number} ${[kind, ...reach].join('/')}`);
  const facts = [hours ?? 'hours not known', `${zone} UTC${offset}`, `wait ${wait} min`, verification.at === undefined ? 'not verified' : `verified ${verification.at.slice(0, 10)}`]; // prettier-ignore
  return [
    cut(head),
    ...wrapped(numbers, '  '),
    ...wrapped(emails.map(({ address }) => address), '  '),
    ...wrapped(facts, '  '),
  ]; // prettier-ignore
}

/** Joins parts into lines that fit the page. */
function wrapped(parts: readonly string[], indent: string): readonly string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const joined = `${lines.at(-1) ?? ''}; ${part}`;
    if (lines.length > 0 && joined.length <= PAGE_WIDTH) lines[lines.length - 1] = joined;
    else lines.push(cut(`${indent}${part}`));
  }
  return lines;
}

function cut(line: string): string {
  return line.length <= PAGE_WIDTH ? line : `${line.slice(0, PAGE_WIDTH - 1).toWellFormed()}…`;
}
