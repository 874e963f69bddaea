/** The rules that a contact must meet. All faults of a contact are reported at once. */
import { isTimeZone } from '../../kernel/time-zones.ts';
import { ALWAYS, readHours } from './hours.ts';
import { readContactKey } from './keys.ts';
import type { ContactFields, ContactKey, ContactRecord, FieldName, Shown } from './model.ts';

/** A field that is not valid, and why, as a sentence. */
export interface FieldFault {
  readonly field: FieldName;
  readonly text: string;
}

/** Fields as they were sent. Null removes a field. */
export type SentFields = {
  readonly [K in Exclude<FieldName, 'keys'>]?: ContactFields[K] | null | undefined;
} & {
  /** Armored keys. */
  readonly keys?: readonly string[] | null | undefined;
};

/** Values of fields of a new contact that were left out. */
const USUAL = { order: 1, wait: 15, languages: ['en'], phones: [], emails: [] } as const;
/** An address of which each part is short and has no blanks and no control characters (RFC 5321 §4.1.2). */
const EMAIL =
  /^[^\s@<>()[\]\\,;:"\p{C}]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,62}$/iu;
/** A line of text without control characters, which could start another line in a list or an email. */
const LINE = /^[^\p{C}\u2028\u2029]+$/u;

/**
 * Returns a contact with some fields set, in their usual form, and all faults of these fields. The result is not to be used if
 * there are any.
 */
export async function withFields(
  before: Partial<ContactFields>,
  sent: SentFields,
  knows: (member: string) => boolean,
  now: number,
): Promise<{ readonly fields: ContactFields; readonly faults: readonly FieldFault[] }> {
  const faults: FieldFault[] = [];
  const fault: Fault = (field, text) => void faults.push({ field, text });
  const { keys: sentKeys, ...plain } = sent;
  const given = Object.entries(plain).filter(([, value]) => value !== undefined);
  const found = withoutNull({ ...USUAL, ...before, ...Object.fromEntries(given) });
  const { keys: keysBefore, ...rest } = found;
  checkPlain(found, fault);
  const hours = found.hours === undefined ? undefined : hoursOf(found.hours, fault);
  const phones = await phonesOf(found.phones ?? [], fault);
  const emails = (found.emails ?? []).map((one) => ({ ...one, address: one.address.trim() }));
  checkWays(phones, emails, fault);
  for (const one of [...phones, ...emails]) checkReaders('number' in one ? 'phones' : 'emails', one, knows, fault);
  if (found.name_shown !== undefined) checkReaders('name_shown', found.name_shown, knows, fault);
  const addresses = emails.map(({ address }) => address);
  const keys = sentKeys === undefined ? keysBefore : await keysOf(sentKeys ?? [], addresses, now, fault);
  const { label = '', purposes = [], time_zone: zone = '', name, holidays } = found;
  const fields: ContactFields = {
    ...{ ...USUAL, ...rest, label: label.trim(), purposes, time_zone: zone, phones, emails },
    ...(name === undefined ? {} : { name: name.trim() }),
    ...(hours === undefined ? {} : { hours }),
    ...(holidays === undefined ? {} : { holidays: holidays.toSorted() }),
    ...(keys === undefined || keys.length === 0 ? {} : { keys }),
  };
  return { fields, faults };
} // prettier-ignore

type Fault = (field: FieldName, text: string) => void;

function withoutNull(fields: Readonly<Record<string, unknown>>): Partial<ContactFields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/** Checks the fields that stand for themselves. */
function checkPlain({ label = '', name, purposes = [], time_zone: zone = '', languages = [], holidays = [] }: Partial<ContactFields>, fault: Fault): void {
  if (!LINE.test(label.trim())) fault('label', 'The label must be one line of text, such as "Duty desk".');
  if (name !== undefined && !LINE.test(name.trim())) fault('name', 'The name must be one line of text.');
  if (purposes.length === 0) fault('purposes', 'A contact needs at least one purpose, such as incident.');
  if (!isTimeZone(zone)) fault('time_zone', `"${zone.slice(0, 64)}" is not an IANA time zone. Write one such as Pacific/Fiji.`);
  for (const tag of languages) if (!isLanguage(tag)) fault('languages', `"${tag.slice(0, 35)}" is not the tag of a language. Write tags such as en, fr or to.`);
  for (const day of holidays) if (!isDate(day)) fault('holidays', `"${day.slice(0, 20)}" is not a date. Write dates such as 2026-12-25.`);
} // prettier-ignore

/** Checks that there is a way to reach the contact, and that no way is given twice. */
function checkWays(phones: ContactFields['phones'], emails: ContactFields['emails'], fault: Fault): void {
  for (const { address } of emails) if (!EMAIL.test(address)) fault('emails', `"${address.slice(0, 100)}" is not an email address.`);
  if (phones.length + emails.length === 0) fault('phones', 'A contact needs a phone number or an email address.');
  if (new Set(phones.map(({ number }) => number)).size < phones.length) fault('phones', 'A number is given twice.');
  if (new Set(emails.map(({ address }) => address.toLowerCase())).size < emails.length) fault('emails', 'An address is given twice.');
} // prettier-ignore

function checkReaders(field: FieldName, one: Shown, knows: (member: string) => boolean, fault: Fault): void {
  const text = shownFault(one, knows);
  if (text !== undefined) fault(field, text);
}

async function keysOf(
  armored: readonly string[],
  addresses: readonly string[],
  now: number,
  fault: Fault,
): Promise<readonly ContactKey[]> {
  const keys: ContactKey[] = [];
  for (const text of armored) {
    const read = await readContactKey(text, addresses, now);
    if ('fault' in read) fault('keys', read.fault);
    else if (keys.some(({ fingerprint }) => fingerprint === read.key.fingerprint)) fault('keys', 'A key is given twice.');
    else keys.push(read.key);
  }
  return keys;
} // prettier-ignore

const HOURS_FAULTS = {
  unreadable: 'cannot be read',
  time: 'contains a time that does not exist, or hours without length',
  empty: 'contains no hours',
  overlap: 'overlaps with other hours',
} as const;

function hoursOf(written: string, fault: Fault): string {
  const read = readHours(written);
  if (!('reason' in read)) return read.text;
  fault('hours', `"${read.part.slice(0, 60)}" ${HOURS_FAULTS[read.reason]}. Write hours such as: Mon-Fri 08:30-16:30; Sat 09:00-12:00, or ${ALWAYS}.`); // prettier-ignore
  return written;
}

/** Returns the numbers in E.164 format. */
async function phonesOf(
  phones: ContactFields['phones'],
  fault: Fault,
): Promise<ContactFields['phones']> {
  if (phones.length === 0) return [];
  // The library has data of every country, which a hub needs only here.
  const { parsePhoneNumberFromString: parse } = await import('libphonenumber-js/min');
  return phones.map((phone) => {
    const found = parse(phone.number);
    // Real numbers of small countries are missing in lists of valid ones. A wrong length is always an error.
    if (found?.isPossible() === true && found.ext === undefined) return { ...phone, number: found.number };
    fault('phones', `"${phone.number.slice(0, 40)}" cannot be a phone number. Write the full number with the country code, such as +676 00 14 299.`); // prettier-ignore
    return phone;
  });
} // prettier-ignore

function shownFault({ visibility, members = [] }: Shown, knows: (member: string) => boolean): string | undefined {
  if (visibility !== 'named') return members.length === 0 ? undefined : 'Members are named only if the visibility is "named".'; // prettier-ignore
  if (members.length === 0) return 'Name the members who may see it, or choose another visibility.';
  const unknown = members.filter((name) => !knows(name));
  return unknown.length === 0 ? undefined : `No member has this name: ${unknown.join(', ').slice(0, 200)}.`;
} // prettier-ignore

function isLanguage(tag: string): boolean {
  try {
    return /^[a-z]{2,3}(?:-|$)/i.test(tag) && Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
  );
}

/** True for a 24/7 contact. */
export function isNight({ purposes = [] }: Pick<Partial<ContactFields>, 'purposes'>): boolean {
  return purposes.includes('24x7');
}

const DAY_MS = 86_400_000;
/** Days after which a check of a contact is too old. */
const DUE_DAYS = { night: 90, other: 180 } as const;

/** Returns how far a contact was checked, at `now` in milliseconds since 1970. */
export function verificationState(
  contact: Pick<ContactRecord, 'verified' | 'purposes'>,
  now: number,
): 'unverified' | 'verified' | 'due' {
  if (contact.verified === undefined) return 'unverified';
  const days = isNight(contact) ? DUE_DAYS.night : DUE_DAYS.other;
  return now - contact.verified.at > days * DAY_MS ? 'due' : 'verified';
}
