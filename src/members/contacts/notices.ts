import type { Notifications } from '../../access/accounts/notifications.ts';
import { sender } from '../../access/accounts/account-reset.ts';
import { nameFor, principalId, type Principal } from '../../access/principal.ts';
import type { AccountInfo, Snapshot } from '../../access/snapshot.ts';
import type { RecordChange, Store } from '../../store/store.ts';
import type { Stored } from '../../store/records.ts';
import { CONTACTS, type ContactChangeRecord, type ContactKey, type ContactRecord } from './model.ts';

/** Sends one email to each of these addresses. A failure is logged, and stops nothing. */
export type ContactMail = (
  addresses: readonly string[],
  event: 'asked' | 'changed' | 'declined',
) => Promise<void>;

/** Maximum number of addresses of a member that get an email about a change. */
const MOST_ADDRESSES = 20;

interface Told {
  readonly change: ContactChangeRecord;
  /** The contact as it was. */
  readonly record: Stored<ContactRecord> | undefined;
  /** The addresses of the member's contacts get an email as well, because not every contact has an account. */
  readonly tellsMails: boolean;
  readonly directory: Snapshot;
}

/**
 * Prepares the notifications of a change: to the officers of the member, and for a 24/7 contact also to the addresses
 * of its contacts as they were. An attacker who takes over an account cannot change the phone tree unnoticed.
 */
export async function noticesOf(
  parts: { readonly store: Store; readonly notifications: Pick<Notifications, 'prepare'>; readonly mail: ContactMail | undefined },
  actor: Principal,
  { change, record, tellsMails, directory }: Told,
): Promise<{ readonly records: readonly RecordChange[]; readonly send: () => Promise<void> }> {
  const isAsked = change.state === 'pending';
  const event = isAsked ? 'contact.asked' : change.state === 'declined' ? 'contact.declined' : 'contact.changed';
  const officers = [...directory.accounts.values()].filter(
    ({ id, member, role, disabled }) =>
      member !== undefined && member === change.member && role === 'officer' && !disabled && id !== principalId(actor),
  );
  const notices = officers.map(({ id, member }) =>
    parts.notifications.prepare(id, event, { contact: change.label, by: nameFor(member, actor) }),
  );
  const addresses = tellsMails ? await addressesOf(parts.store, change.member, record) : [];
  return {
    records: notices.map((one) => one.record),
    send: async () => {
      await sender(notices)();
      // The caller does not wait for the mail server.
      if (addresses.length > 0) void parts.mail?.(addresses, isAsked ? 'asked' : change.state === 'declined' ? 'declined' : 'changed');
    },
  };
} // prettier-ignore

/** Returns the addresses of a member's contacts before a change, without repetitions. */
async function addressesOf(
  store: Store,
  member: string,
  record: Stored<ContactRecord> | undefined,
): Promise<readonly string[]> {
  const contacts = await CONTACTS.in(store).by('member', member);
  const all = [...(record === undefined ? [] : [record]), ...contacts];
  const addresses = all.flatMap(({ document }) => document.emails.map(({ address }) => address));
  return [...new Set(addresses)].slice(0, MOST_ADDRESSES);
}

/** Prepares the notifications of keys that end soon: to the officers of the member, or the administrators of the hub. */
export function keyNotices(
  { notifications }: { readonly notifications: Pick<Notifications, 'prepare'> },
  { document: { member, label } }: Stored<ContactRecord>,
  ending: readonly { readonly key: ContactKey; readonly stage: number }[],
  directory: Snapshot,
): { readonly records: readonly RecordChange[]; readonly send: () => Promise<void> } {
  const isTold = (account: AccountInfo): boolean =>
    !account.disabled &&
    (member === 'hub' ? account.member === undefined && account.role === 'administrator' : account.member === member && account.role === 'officer');
  const notices = [...directory.accounts.values()].filter(isTold).flatMap(({ id }) =>
    ending.map(({ key, stage }) =>
      notifications.prepare(id, 'contact.key_ends', { contact: label, key: key.fingerprint, days: stage }),
    ),
  );
  return { records: notices.map(({ record }) => record), send: sender(notices) };
} // prettier-ignore
