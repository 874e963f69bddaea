import type { Preferences } from '../../api/schema-types.ts';
import { TLP_LEVELS, type Tlp } from '../../stix/markings.ts';
import { flag, maybe, nullable, number, oneOf, RecordKind, shape, text } from '../../store/records.ts';
import { LANGUAGES } from '../../kernel/languages.ts';
import { ROLES, type Role } from '../principal.ts';

/** The link of an account to the sign-in provider: a subject, or an email address until the first sign-in. */
export interface SignOnLink {
  readonly issuer: string;
  readonly subject?: string;
  readonly email?: string;
}

/** A stored link. `declared` is the address from the settings file, so that a later start knows that it was used. */
export interface SignOnLinkRecord extends SignOnLink {
  readonly declared?: string;
}

/** An account. The id of the record is its name, and `uid` is its id. */
export interface AccountRecord {
  /** Absent in accounts of versions before 0.2. */
  readonly uid?: string;
  readonly role: Role;
  readonly member?: string;
  readonly person?: boolean;
  readonly default_tlp?: Tlp;
  readonly email?: string;
  /** The time of the confirmation, in milliseconds since 1970. Null for an address that was changed since. */
  readonly email_verified?: number | null;
  readonly single_sign_on?: SignOnLinkRecord;
  readonly disabled?: boolean;
  readonly password_hash?: string;
  /** Present when the person chose the password: with a one-time link, or in a session. */
  readonly password_by?: 'link' | 'person';
  /** A keyed digest of the password in the settings file, to notice another one. */
  readonly password_tag?: string;
  /** Increases with every change that ends the sessions of the account. */
  readonly epoch?: number;
  /** When somebody else last gave the account its access (`withAccess`), in milliseconds since 1970. */
  readonly access_at?: number;
  readonly preferences?: Preferences;
  readonly managed?: string;
}

export const ACCOUNTS = new RecordKind<AccountRecord>({
  kind: 'account',
  fields: {
    uid: maybe(text),
    role: oneOf(...ROLES),
    member: maybe(text),
    person: maybe(flag),
    default_tlp: maybe(oneOf(...TLP_LEVELS)),
    email: maybe(text),
    email_verified: maybe(nullable(number)),
    single_sign_on: maybe(
      shape<SignOnLinkRecord>({
        issuer: text,
        subject: maybe(text),
        email: maybe(text),
        declared: maybe(text),
      }),
    ),
    disabled: maybe(flag),
    password_hash: maybe(text),
    password_by: maybe(oneOf('link', 'person')),
    password_tag: maybe(text),
    epoch: maybe(number),
    access_at: maybe(number),
    preferences: maybe(
      shape<Preferences>({
        language: maybe(oneOf(...LANGUAGES)),
        time_zone: maybe(text),
        theme: maybe(oneOf('day', 'night')),
        contrast: maybe(oneOf('more')),
        first_steps: maybe(oneOf('hidden')),
      }),
    ),
    managed: maybe(text),
  },
});

/** A one-time link for the first sign-in. The id of the record is the digest of its token. */
export interface InvitationRecord {
  /** Id of the account. */
  readonly account: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
  readonly by?: string;
  /** The reason why the link no longer works. The record stays for a while, so that its page can explain it. */
  readonly state?: 'used' | 'replaced';
}

export const INVITATIONS = new RecordKind<InvitationRecord>({
  kind: 'invitation',
  fields: { account: text, expires: number, by: maybe(text), state: maybe(oneOf('used', 'replaced')) },
});

/** Returns true if a link can still be used. `now`: milliseconds since 1970. */
export function isOpenInvitation({ expires, state }: InvitationRecord, now: number): boolean {
  return state === undefined && expires > now;
}

/** A link sent by email. The id of the record is the digest of its token. */
export interface EmailLinkRecord {
  /** Id of the account. */
  readonly account: string;
  readonly purpose: 'verify' | 'reset';
  /** The address that the link was sent to. */
  readonly email?: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

export const EMAIL_LINKS = new RecordKind<EmailLinkRecord>({
  kind: 'email-link',
  fields: { account: text, purpose: oneOf('verify', 'reset'), email: maybe(text), expires: number },
  keys: ({ account }) => ({ account }),
});
