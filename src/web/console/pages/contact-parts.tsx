import type { JSX } from 'preact';
import { useContext } from 'preact/hooks';
import type { Contact, ContactChange } from '../../../api/schema-types.ts';
import { St, type StateKind } from '../../shared/components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import type { Messages } from '../../shared/messages/en.ts';
import type { PageContext } from '../page-table.ts';
import { textFor } from '../../shared/words.ts';
import { ReaderContext } from '../../shared/reader.ts';

export const CONTACTS = '/console/contacts';

/** True for people whose changes of this contact the hub accepts, or decides on. */
export function canChange({ who, permits }: Pick<PageContext, 'who' | 'permits'>, contact: Contact): boolean {
  return contact.pending !== undefined && (permits('decideContactChange') || who.member !== undefined);
}

/** Returns the address of the page of a contact. */
export function contactPath(id: string): string {
  return `${CONTACTS}/${encodeURIComponent(id)}`;
}

/** Returns the address of the page that decides on a change of a contact. */
export function contactChangePath(id: string): string {
  return `/console/review/contacts/${encodeURIComponent(id)}`;
}

/** The local day and time of a contact. It can be another day than that of the reader. */
export function There({ contact: { now } }: { readonly contact: Contact }): JSX.Element {
  const t = useMessages().contacts;
  const { language } = useMessages().words;
  const [date = '', time = ''] = now.local.split('T');
  const day = new Date(`${date}T00:00:00Z`).toLocaleDateString(language === 'en' ? 'en-GB' : language, { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' }); // prettier-ignore
  return <time dateTime={now.local}>{t.dayAndTime(day, time.slice(0, 5))}</time>;
}

const KINDS: Readonly<Record<Contact['now']['state'], StateKind>> = {
  open: 'ok',
  closed: 'off',
  unknown: 'none',
};

/** Whether somebody is there now, and how long. Its title is the time to the minute. */
export function OpenNow({ contact: { now } }: { readonly contact: Contact }): JSX.Element {
  const t = useMessages().contacts;
  const { messages, zone } = useContext(ReaderContext);
  if (now.changes === undefined) return <St kind={KINDS[now.state]}>{t.openState[now.state](undefined)}</St>;
  const minutes = Math.ceil((Date.parse(now.changes) - Date.parse(now.local)) / 60_000);
  return (
    <St kind={KINDS[now.state]}>
      <span title={messages.words.time(now.changes, zone)}>
        {t.openState[now.state](t.duration(minutes))}
      </span>
    </St>
  );
}

const VERIFIED: Readonly<Record<Contact['verification']['state'], StateKind>> = {
  verified: 'ok',
  due: 'warn',
  unverified: 'none',
};

/** How far a contact was checked. */
export function Verified({ contact: { verification } }: { readonly contact: Contact }): JSX.Element {
  const t = useMessages().contacts;
  const { messages, zone } = useContext(ReaderContext);
  const day = verification.at === undefined ? undefined : messages.words.day(verification.at, zone);
  return <St kind={VERIFIED[verification.state]}>{t.verified[verification.state](day)}</St>;
}

/** Numbers, each as a link that a phone calls. `isShort` leaves out the readers of each. */
export function Phones({ contact: { phones }, isShort = false }: { readonly contact: Contact; readonly isShort?: boolean }): JSX.Element {
  const t = useMessages().contacts;
  return (
    <div class="tags">
      {phones.map((phone) => (
        <span key={phone.number}>
          <a class="nw" href={`tel:${phone.number}`}>{phone.number}</a> <span class="small muted">{phoneWords(phone, t, isShort)}</span>
        </span>
      ))}
    </div>
  );
} // prettier-ignore

/** Addresses, each as a link. */
export function Emails({ contact: { emails } }: { readonly contact: Contact }): JSX.Element {
  const t = useMessages().contacts;
  return (
    <div class="tags">
      {emails.map((email) => (
        <span key={email.address}>
          <a href={`mailto:${encodeURIComponent(email.address).replace('%40', '@')}`}>{email.address}</a>{' '}
          <span class="small muted">{readerWords(email, t)}</span>
        </span>
      ))}
    </div>
  );
}

type Words = Messages['contacts'];

function phoneWords(phone: Contact['phones'][number], t: Words, isShort = false): string {
  const { kind, reach = [] } = phone;
  return [t.kinds[kind], ...reach.map((one) => t.reach[one]), isShort ? '' : readerWords(phone, t)].filter((word) => word !== '').join(', '); // prettier-ignore
}

/** The readers of a field. Empty for people who do not learn them. */
function readerWords({ visibility, members = [] }: Contact['emails'][number] | Contact['phones'][number], t: Words): string {
  return visibility === undefined ? '' : visibility === 'named' ? t.namedReaders(members.join(', ')) : t.readers[visibility];
} // prettier-ignore

/** A key with its fingerprint, which people compare. */
export function keyWords({ fingerprint, user_ids: ids }: Contact['keys'][number]): string {
  return `${(fingerprint.match(/.{4}/g) ?? []).join(' ')} (${ids.join(', ')})`;
}

type FieldName = keyof ContactChange['before'];

/** Returns a field of a change as a text of one line. */
export function fieldText(value: ContactChange['before'][FieldName], t: Words): string {
  if (value === undefined) return t.nothing;
  if (typeof value !== 'object') return String(value);
  if ('visibility' in value) return readerWords({ address: '', ...value }, t);
  const all: readonly (
    string | Contact['phones'][number] | Contact['emails'][number] | Contact['keys'][number]
  )[] = value;
  const items = all.map((item) =>
    typeof item === 'string'
      ? (textFor(t.purposes, item) ?? item)
      : 'fingerprint' in item
        ? keyWords(item)
        : 'number' in item
          ? `${item.number} (${phoneWords(item, t)})`
          : `${item.address} (${readerWords(item, t)})`,
  );
  return items.length === 0 ? t.nothing : items.join('; ');
}

/** Returns the names of the fields that a change concerns. */
export function fieldsOf({ before, after }: ContactChange): readonly FieldName[] {
  return Object.keys({ ...before, ...after }) as FieldName[];
}
