import { hash } from 'node:crypto';
import { flag, maybe, number, oneOf, RecordKind, text } from '../../store/records.ts';

/** The stored session of a person. Its id is the digest of the secret in the cookie. Times are in milliseconds since 1970. */
export interface SessionRecord {
  /** Id of the account. */
  readonly account: string;
  /** A session ends when the stamp of its account is a different one. */
  readonly stamp: string;
  readonly created: number;
  /** The last recorded use. */
  readonly seen: number;
  /** The time at which the person last proved who they are. */
  readonly confirmed: number;
  /** The identity token of the sign-in provider, sealed. */
  readonly id_token?: string;
  readonly address: string;
  readonly agent: string;
  /** The way of the sign-in. Absent in sessions of versions before 0.2. */
  readonly way?: string;
  /** Present while the sign-in waits for a second factor. */
  readonly stage?: 'second-factor' | 'enrolment';
}

export const SESSIONS = new RecordKind<SessionRecord>({
  kind: 'session',
  fields: {
    account: text,
    stamp: text,
    created: number,
    seen: number,
    confirmed: number,
    id_token: maybe(text),
    address: text,
    agent: text,
    way: maybe(text),
    stage: maybe(oneOf('second-factor', 'enrolment')),
  },
  keys: ({ account }) => ({ account }),
});

/** A network from which an account has signed in. Times are in milliseconds since 1970. */
export interface PlaceRecord {
  /** Id of the account. */
  readonly account: string;
  readonly network: string;
  readonly first: number;
  readonly last: number;
  /** Somebody has completed a sign-in from there, with the second factor if the account has one. */
  readonly complete?: boolean;
}

/** Returns the record id of a network from which an account signs in. */
export function placeId({ account, network }: Pick<PlaceRecord, 'account' | 'network'>): string {
  return hash('sha256', `${account}\n${network}`);
}

export const PLACES = new RecordKind<PlaceRecord>({
  kind: 'place',
  fields: { account: text, network: text, first: number, last: number, complete: maybe(flag) },
  keys: ({ account }) => ({ account }),
  idOf: placeId,
});
