import { hash } from 'node:crypto';
import type { Session as SessionView } from '../../api/schema-types.ts';
import type { Stored } from '../../store/records.ts';
import { keyId } from '../keys/model.ts';
import type { AccountPrincipal } from '../principal.ts';
import type { AccountInfo, Snapshot } from '../snapshot.ts';
import type { SessionRecord } from './model.ts';

const IDLE_MS = 1_800_000;
/** A session ends after this time, even if it is in use. */
export const WHOLE_MS = 43_200_000;
/** The time in which the second factor must be given or set up after the password. */
const STAGE_MS = 900_000;
/** The way of a sign-in with a password. A second factor is appended to it. */
export const PASSWORD_WAY = 'password';

/** A session as it is stored. */
export type Session = Stored<SessionRecord>;

/** The progress of a sign-in: complete, or waiting for the second factor to be given or set up. */
export type SessionStage = SessionView['stage'];

/**
 * True while a session may be used: nothing that ends it has happened to its account, and neither its time as a
 * whole nor its time without use is over. A sign-in that is not complete has less time.
 */
export function isAlive(
  record: Pick<Session, 'document'>,
  account: AccountInfo,
  directory: Snapshot,
  now: number,
): boolean {
  const { document } = record;
  return (
    document.stamp === stampOf(account, directory) &&
    now - document.created < (stageOf(record) === 'active' ? WHOLE_MS : STAGE_MS) &&
    now - document.seen < IDLE_MS
  );
}

/**
 * Returns a value that changes whenever the sessions of an account must end. It does not include the password hash: the
 * same password may be hashed again, and another password changes the epoch.
 */
export function stampOf({ role, member, disabled, epoch }: AccountInfo, directory: Snapshot): string {
  const memberEpoch = member === undefined ? 0 : (directory.members.get(member)?.epoch ?? 0);
  const what = [role, member, disabled, epoch, memberEpoch];
  return hash('sha256', JSON.stringify(what)).slice(0, 32);
}

/** Returns the progress of a session's sign-in. */
export function stageOf({ document }: Pick<Session, 'document'>): SessionStage {
  return document.stage ?? 'active';
}

/** Returns a session as part of the principal that uses it. */
export function sessionOf(
  record: Session,
  { isPasswordOwn }: AccountInfo,
): NonNullable<AccountPrincipal['session']> {
  return {
    id: keyId(record.id),
    confirmed: record.document.confirmed,
    isPersonal: isPasswordOwn || !wayOf(record).startsWith(PASSWORD_WAY),
  };
}

/** Returns how the account signed in. */
export function wayOf({ document }: Pick<Session, 'document'>): string {
  return document.way ?? PASSWORD_WAY;
}

/** Returns a session as its account sees it. `own` is the public name of the session that the caller is using. */
export function listed(
  record: Pick<Session, 'id' | 'document'>,
  account: string,
  own: string | undefined,
): SessionView {
  const { id, document } = record;
  const time = (ms: number): string => new Date(ms).toISOString();
  return {
    id: keyId(id),
    account,
    created: time(document.created),
    last_used: time(document.seen),
    expires: time(document.created + WHOLE_MS),
    address: document.address,
    agent: document.agent,
    way: wayOf(record),
    stage: stageOf(record),
    current: keyId(id) === own,
  };
}
