import type { Contact, ContactRequest } from '../api/schema-types.ts';
import { commandErrors } from './command-errors.ts';
import type { CommonFlags } from './common-flags.ts';
import { readInput } from './io.ts';

type Sent = NonNullable<ContactRequest['fields']>;
type Phone = NonNullable<Sent['phones']>[number];
type Email = NonNullable<Sent['emails']>[number];
type Readers = Pick<Email, 'visibility' | 'members'>;

/** The fields of a contact as flags. */
export interface ContactFlags extends CommonFlags {
  readonly label?: string;
  readonly name?: string;
  readonly nameFor?: string;
  readonly purpose?: readonly string[];
  readonly order?: number;
  readonly wait?: number;
  readonly language?: readonly string[];
  readonly zone?: string;
  readonly hours?: string;
  readonly holiday?: readonly string[];
  readonly removeHoliday?: readonly string[];
  readonly phone?: readonly string[];
  readonly removePhone?: readonly string[];
  readonly email?: readonly string[];
  readonly removeEmail?: readonly string[];
  readonly key?: readonly string[];
  readonly removeKey?: readonly string[];
  readonly method?: string;
  readonly note?: string;
}

const KINDS = ['duty', 'mobile', 'desk', 'satellite', 'fax'] as const;
const REACHES = ['sms', 'whatsapp', 'signal'] as const;
const VISIBILITIES = ['public', 'members', 'named', 'hub'] as const;

/**
 * Returns the fields that flags set. Numbers, addresses and days are added to those of `before`. The other flags replace what
 * was there. Throws for a flag that cannot be read, with its text.
 */
export function sentFields(flags: ContactFlags, before: Contact | undefined): Sent {
  const { label, name, nameFor, purpose, order, wait, language, zone, hours } = flags;
  const phones = joined(before?.phones.map(wholePhone) ?? [], (flags.phone ?? []).map(phoneOf), flags.removePhone, ({ number }) => digits(number));
  const emails = joined(before?.emails.map(wholeEmail) ?? [], (flags.email ?? []).map(emailOf), flags.removeEmail, ({ address }) => address.toLowerCase());
  const days = joined(before?.holidays ?? [], flags.holiday ?? [], flags.removeHoliday, (day) => day);
  const keys = joined(before?.keys ?? [], (flags.key ?? []).map(keyIn), flags.removeKey, ({ fingerprint }) => fingerprint)?.flatMap(({ armored }) => armored ?? []);
  const all = {
    ...{ label, order, wait, phones, emails, keys, purposes: purpose, languages: language, time_zone: zone },
    name: orNull(name),
    hours: orNull(hours),
    holidays: days,
    name_shown: nameFor === undefined ? undefined : readersOf(nameFor, '--name-for'),
  };
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  if (Object.keys(sent).length === 0) throw commandErrors.nothingToSet();
  // The hub checks words such as purposes, and names those that it does not know.
  return sent;
} // prettier-ignore

/** A dash removes a field. */
function orNull(text: string | undefined): string | null | undefined {
  return text === '-' ? null : text;
}

/** Returns what was there with what is added and without what is removed. Undefined if nothing changes. */
function joined<T>(
  before: readonly T[],
  added: readonly T[],
  removed: readonly string[] = [],
  key: (one: T) => string,
): readonly T[] | undefined {
  if (added.length + removed.length === 0) return undefined;
  const keys = new Map(before.map((one) => [key(one), one]));
  for (const text of removed) {
    const gone = /^[+\d\s().-]+$/.test(text) && !keys.has(text) ? digits(text) : text.toLowerCase();
    if (!keys.delete(gone)) throw commandErrors.notThere({ value: text.slice(0, 100) });
  }
  for (const one of added) keys.set(key(one), one);
  return [...keys.values()];
}

function digits(number: string): string {
  return number.replaceAll(/[^\d+]/g, '');
}

/** Only the member and the hub, who alone can change a field, learn its readers. */
function readersIn({
  visibility = 'hub',
  members,
}: Contact['emails'][number] | Contact['phones'][number]): Readers {
  return { visibility, ...(members === undefined ? {} : { members }) };
}

function wholePhone(phone: Contact['phones'][number]): Phone {
  const { number, kind, reach } = phone;
  return { number, kind, ...(reach === undefined ? {} : { reach }), ...readersIn(phone) };
}

function wholeEmail(email: Contact['emails'][number]): Email {
  return { address: email.address, ...readersIn(email) };
}

/** Reads `KIND[+sms+signal]:NUMBER[:READERS]`. */
function phoneOf(text: string): Phone {
  const [, kinds = '', number = '', readers = 'members'] = /^([^:]+):([^:]+)(?::(.+))?$/.exec(text) ?? [];
  const [kindText = '', ...reachTexts] = kinds.split('+');
  const kind = KINDS.find((one) => one === kindText.trim());
  const reach = REACHES.filter((one) => reachTexts.includes(one));
  if (kind === undefined || reach.length < reachTexts.length) throw commandErrors.badContactFlag({ flag: '--phone', value: text.slice(0, 80), form: '"KIND:NUMBER[:READERS]", such as "duty+sms:+676 00 142:members"' });
  return { kind, number: number.trim(), ...(reach.length === 0 ? {} : { reach }), ...readersOf(readers, '--phone') };
} // prettier-ignore

/** Reads a public key from a file. The hub finds its fingerprint, so that of a new key is its text here. */
function keyIn(file: string): Contact['keys'][number] {
  const armored = readInput(file).toString('utf8');
  return { fingerprint: armored, user_ids: [], armored };
}

/** Reads `ADDRESS[:READERS]`. */
function emailOf(text: string): Email {
  const [address = '', readers = 'members'] = text.split(/:(.*)/s);
  return { address: address.trim(), ...readersOf(readers, '--email') };
}

/** Reads `public`, `members`, `hub` or `named=MEMBER,MEMBER`. */
function readersOf(text: string, flag: string): Readers {
  const [name = '', members = ''] = text.trim().split('=');
  const visibility = VISIBILITIES.find((one) => one === name);
  if (visibility === undefined || (visibility === 'named') === (members === '')) throw commandErrors.badContactFlag({ flag, value: text.slice(0, 80), form: 'public, members, hub or named=MEMBER,MEMBER for the readers' });
  return { visibility, ...(members === '' ? {} : { members: members.split(',').map((one) => one.trim()) }) };
} // prettier-ignore
