import { list, maybe, number, oneOf, RecordKind, shape, text } from '../../store/records.ts';
import type { Passkey } from './passkeys.ts';

/** The secret of an authenticator app, sealed. */
export interface Totp {
  readonly sealed: string;
  /** The last time step that was accepted. */
  readonly step: number;
  readonly since: number;
}

/** The second factors of one account. The id of the record is the id of the account. */
export interface Factors {
  readonly totp?: Totp;
  /** A secret that was shown to one session and that no other session of the account can use. */
  readonly pending?: { readonly sealed: string; readonly expires: number; readonly session: string };
  readonly passkeys?: readonly Passkey[];
  /** The challenge that a browser was asked to sign in this session, once, to create or use a passkey. */
  readonly asked?: {
    readonly challenge: string;
    readonly session: string;
    readonly expires: number;
    readonly use: 'create' | 'get';
  };
  /** Digests of the unused recovery codes. */
  readonly recovery?: readonly string[];
}

export const FACTORS = new RecordKind<Factors>({
  kind: 'factor',
  fields: {
    totp: maybe(shape<Totp>({ sealed: text, step: number, since: number })),
    pending: maybe(shape<NonNullable<Factors['pending']>>({ sealed: text, expires: number, session: text })),
    passkeys: maybe(
      list(
        shape<Passkey>({
          id: text,
          key: text,
          counter: number,
          transports: list(text),
          label: text,
          since: number,
        }),
      ),
    ),
    asked: maybe(
      shape<NonNullable<Factors['asked']>>({
        challenge: text,
        session: text,
        expires: number,
        use: oneOf('create', 'get'),
      }),
    ),
    recovery: maybe(list(text)),
  },
});

/** A sign-in of an account, or a refused attempt. */
export interface SignIn {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly way: string;
  readonly result: 'accepted' | 'refused';
  readonly address: string;
  readonly agent: string;
}

/** The last sign-ins of one account, newest first. The id of the record is the id of the account. */
export interface SignInsRecord {
  readonly entries: readonly SignIn[];
}

export const SIGN_INS = new RecordKind<SignInsRecord>({
  kind: 'sign-ins',
  fields: {
    entries: list(
      shape<SignIn>({
        at: number,
        way: text,
        result: oneOf('accepted', 'refused'),
        address: text,
        agent: text,
      }),
    ),
  },
});
