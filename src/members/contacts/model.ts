import { flag, list, mapOf, maybe, number, oneOf, RecordKind, shape, text } from '../../store/records.ts';

/** The purposes for which somebody calls a team. `24x7` marks a 24/7 contact, which is called at night. */
export const PURPOSES = [
  'incident', '24x7', 'abuse', 'vulnerability', 'policy', 'media', 'legal', 'law-enforcement', 'technical',
] as const; // prettier-ignore
export type Purpose = (typeof PURPOSES)[number];

const PHONE_KINDS = ['duty', 'mobile', 'desk', 'satellite', 'fax'] as const;
export type PhoneKind = (typeof PHONE_KINDS)[number];

/** The ways to reach somebody at a phone, in addition to a call. */
const REACHES = ['sms', 'whatsapp', 'signal'] as const;
export type Reach = (typeof REACHES)[number];

/**
 * The readers of one field: anybody, all members, the members that are named and the hub, or the hub alone. The member
 * itself always sees its own contacts.
 */
export const VISIBILITIES = ['public', 'members', 'named', 'hub'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

/** The readers of one field. */
export interface Shown {
  readonly visibility: Visibility;
  /** The names of members, for `named`. */
  readonly members?: readonly string[];
}

export interface ContactPhone extends Shown {
  /** In E.164 format, such as `+67614299`. */
  readonly number: string;
  readonly kind: PhoneKind;
  readonly reach?: readonly Reach[];
}

export interface ContactEmail extends Shown {
  readonly address: string;
}

/** An OpenPGP public key (RFC 9580) that was checked when it was stored. */
export interface ContactKey {
  /** Hexadecimal digits in lower case. */
  readonly fingerprint: string;
  readonly user_ids: readonly string[];
  /** The end of its validity in RFC 3339 format. Absent for a key without an end. */
  readonly expires?: string;
  readonly armored: string;
}

/** The fields of a contact that a change can contain. */
export interface ContactFields {
  /** The role, such as `Duty desk`. Everybody who sees a field of the contact sees it. */
  readonly label: string;
  /** The name of the person, if the contact is one. */
  readonly name?: string;
  readonly name_shown?: Shown;
  readonly purposes: readonly Purpose[];
  /** The place in the phone tree of the member, from 1. */
  readonly order: number;
  /** Minutes to wait for an answer before the next contact is called. */
  readonly wait: number;
  /** Tags of languages (BCP 47). */
  readonly languages: readonly string[];
  /** IANA time zone. */
  readonly time_zone: string;
  /** Weekly hours (`hours.ts`). Absent for a contact who does not say when they can be reached. */
  readonly hours?: string;
  /** Days without hours, as `YYYY-MM-DD` in the time zone of the contact. */
  readonly holidays?: readonly string[];
  readonly phones: readonly ContactPhone[];
  readonly emails: readonly ContactEmail[];
  readonly keys?: readonly ContactKey[];
}

const METHODS = ['call', 'sms', 'signed-email', 'known-person'] as const;
export type Method = (typeof METHODS)[number];

/** A check that a contact can be reached as written. */
export interface Verification {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Id of the account that made the check. */
  readonly by: string;
  readonly method: Method;
}

/** A contact that is in force. */
export interface ContactRecord extends ContactFields {
  /** The name of the member, or `hub`. */
  readonly member: string;
  readonly verified?: Verification;
  /** Days before the end of each key of which the officers were notified last, by fingerprint. */
  readonly warned?: Readonly<Record<string, number>>;
  /** Milliseconds since 1970. */
  readonly changed: number;
}

const shown = shape<Shown>({ visibility: oneOf(...VISIBILITIES), members: maybe(list(text)) });

const phone = shape<ContactPhone>({
  number: text,
  kind: oneOf(...PHONE_KINDS),
  reach: maybe(list(oneOf(...REACHES))),
  visibility: oneOf(...VISIBILITIES),
  members: maybe(list(text)),
});

const email = shape<ContactEmail>({
  address: text,
  visibility: oneOf(...VISIBILITIES),
  members: maybe(list(text)),
});

const key = shape<ContactKey>({
  fingerprint: text,
  user_ids: list(text),
  expires: maybe(text),
  armored: text,
});

const FIELDS = {
  label: text,
  name: maybe(text),
  name_shown: maybe(shown),
  purposes: list(oneOf(...PURPOSES)),
  order: number,
  wait: number,
  languages: list(text),
  time_zone: text,
  hours: maybe(text),
  holidays: maybe(list(text)),
  phones: list(phone),
  emails: list(email),
  keys: maybe(list(key)),
};

export const CONTACTS = new RecordKind<ContactRecord>({
  kind: 'contact',
  fields: {
    ...FIELDS,
    member: text,
    verified: maybe(shape<Verification>({ at: number, by: text, method: oneOf(...METHODS) })),
    warned: maybe(mapOf(number)),
    changed: number,
  },
  keys: ({ member }) => ({ member }),
});

/** The names of the fields that a change can contain, in the order in which people read them. */
export const FIELD_NAMES = [
  'label', 'name', 'name_shown', 'purposes', 'order', 'wait', 'languages', 'time_zone', 'hours', 'holidays', 'phones', 'emails', 'keys',
] as const satisfies readonly (keyof ContactFields)[]; // prettier-ignore
export type FieldName = (typeof FIELD_NAMES)[number];

/**
 * A request to create, change or remove a contact. Until an administrator decides, the contact stays as it is. Decided
 * requests are the history of the contact.
 */
export interface ContactChangeRecord {
  readonly member: string;
  /** The id of the contact, which is new if the change creates it. */
  readonly contact: string;
  readonly kind: 'create' | 'update' | 'remove';
  /** The label of the contact when the change was made. */
  readonly label: string;
  /** The fields before, as far as they change. Empty for a new contact. */
  readonly before: Partial<ContactFields>;
  /** The fields as they were asked for. A field that is removed is only in `before`. */
  readonly after: Partial<ContactFields>;
  /** The contact is a 24/7 contact, before or after the change. */
  readonly is24x7: boolean;
  /** Id of the account that asked. */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly state: 'pending' | 'applied' | 'declined';
  /** The fields that came into force. */
  readonly accepted?: readonly FieldName[];
  readonly decided_by?: string;
  readonly decided_at?: number;
  /** How the person who decided made sure that the change is right. */
  readonly method?: Method;
  readonly note?: string;
}

const some = shape<Partial<ContactFields>>({
  ...FIELDS,
  label: maybe(text),
  purposes: maybe(FIELDS.purposes),
  order: maybe(number),
  wait: maybe(number),
  languages: maybe(FIELDS.languages),
  time_zone: maybe(text),
  phones: maybe(FIELDS.phones),
  emails: maybe(FIELDS.emails),
});

export const CONTACT_CHANGES = new RecordKind<ContactChangeRecord>({
  kind: 'contact-change',
  fields: {
    member: text,
    contact: text,
    kind: oneOf('create', 'update', 'remove'),
    label: text,
    before: some,
    after: some,
    is24x7: flag,
    by: text,
    at: number,
    state: oneOf('pending', 'applied', 'declined'),
    accepted: maybe(list(oneOf(...FIELD_NAMES))),
    decided_by: maybe(text),
    decided_at: maybe(number),
    method: maybe(oneOf(...METHODS)),
    note: maybe(text),
  },
  keys: ({ member, contact, state }) => ({ member, contact, state }),
});
