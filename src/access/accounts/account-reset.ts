import type { AccountChange } from '../../api/schema-types.ts';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../kernel/clock.ts';
import { withoutFields, type Stored } from '../../store/records.ts';
import { removal, type AuditFact, type HubRecord, type RecordChange, type Store } from '../../store/store.ts';
import { accountId, nextEpoch, withAccess } from './account-records.ts';
import {
  ACCOUNTS,
  EMAIL_LINKS,
  INVITATIONS,
  isOpenInvitation,
  type AccountRecord,
  type InvitationRecord,
} from './model.ts';
import type { Audit } from '../audit/audit.ts';
import { keysToEnd } from '../keys/owned-keys.ts';
import { REDS, type RedRecord } from '../red-model.ts';
import { SESSIONS } from '../sessions/model.ts';
import type { Directory } from '../directory.ts';
import type { Notifications, PreparedNotification } from './notifications.ts';
import type { Places } from '../sessions/places.ts';
import { principalId, nameFor, type Principal } from '../principal.ts';
import type { AccountInfo } from '../snapshot.ts';
import { isDeclared } from '../managed.ts';

/** The effects of a reset, for the caller to commit together with the new credential. */
export interface Reset {
  readonly records: readonly RecordChange[];
  readonly facts: readonly AuditFact[];
  /**
   * The account record without its password, and with the time at which somebody else gave it its access. Undefined when
   * the record does not change.
   */
  readonly document: AccountRecord | undefined;
  /**
   * The account record that these decisions were based on. Callers write it even when it does not change, so that of two
   * credentials that are made at the same time, one fails instead of both staying valid. Undefined when one credential
   * does not end others.
   */
  readonly basis: Stored<AccountRecord> | undefined;
  /** Notifies the account, and everybody whose TLP:RED was withdrawn. */
  readonly notify: () => Promise<void>;
}

/** Maximum number of records of TLP:RED that are read at once. Each can contain an object of 1 MB. */
const PAGE = 8;

/** Maximum number of officers of a member that are notified. */
const MOST_OFFICERS = 20;

type GivenRed = Stored<RedRecord>;

const NOTHING: Reset = {
  records: [],
  facts: [],
  document: undefined,
  basis: undefined,
  notify: () => Promise.resolve(),
};

/**
 * The effects of a credential that somebody else creates for an account. The creator of a credential can use
 * it, so it must open nothing that was meant for the person. The existing credentials and sessions of the
 * person end. The link to a sign-in provider and the confirmed email address end too, because either may belong
 * to an earlier user of the account. TLP:RED that was given to the account is withdrawn. The person and the giver
 * are notified, the person also at the email address that ends. Second factors stay, so the new credential alone
 * is not enough to sign in. An account that creates its own credential loses nothing.
 */
export class AccountReset {
  readonly #store: Store;
  readonly #audit: Audit;
  readonly #clock: Clock;
  readonly #places: Pick<Places, 'forget'>;
  readonly #notifications: Pick<Notifications, 'prepare'>;
  readonly #directory: Pick<Directory, 'current'>;

  constructor(
    store: Store,
    directory: Pick<Directory, 'current'>,
    audit: Audit,
    clock: Clock,
    places: Pick<Places, 'forget'>,
    notifications: Pick<Notifications, 'prepare'>,
  ) {
    this.#store = store;
    this.#directory = directory;
    this.#audit = audit;
    this.#clock = clock;
    this.#places = places;
    this.#notifications = notifications;
  }

  /** Returns the notifications of a reset for the account, also at its former email address, and for the givers of TLP:RED. */
  async #noticesOf(
    actor: Principal,
    { id, name, member }: AccountInfo,
    given: readonly GivenRed[],
    formerEmail: string | undefined,
  ): Promise<readonly PreparedNotification[]> {
    const { accounts } = await this.#directory.current();
    const byFor = (to: string | undefined): string =>
      actor.kind === 'public' ? 'the use of a one-time link' : nameFor(to, actor);
    return [
      this.#notifications.prepare(id, 'account.reset', { by: byFor(member) }, formerEmail),
      ...[...giversOf(given)].map((giver) => {
        const by = byFor(accounts.get(giver)?.member);
        return this.#notifications.prepare(giver, 'red.withdrawn', { by, account: name });
      }),
    ];
  }

  /** Returns the changes that accompany a new credential of an account, and the notifications to send afterwards. */
  async before(actor: Principal, account: AccountInfo, what: 'key' | 'secret'): Promise<Reset> {
    const { id, name, person, member } = account;
    // Read first: a later addition changes the record, so the commit fails.
    const found = await ACCOUNTS.in(this.#store).get(name);
    const record = found === undefined || accountId(found) !== id ? undefined : found;
    const basis = person || what === 'secret' ? record : undefined;
    if (isOwn(actor, account, what)) return what === 'secret' ? { ...NOTHING, basis } : NOTHING;
    const given = await this.#givenTo(id);
    const ended = person ? await this.#credentials(id) : [];
    const before: Partial<AccountRecord> = record?.document ?? {};
    const isOfFile = isDeclared(record);
    const { dropped, isConfirmed } = droppedFrom(before, person, isOfFile);
    const had =
      // A first-time sign-in link gave no access before it was used, so nothing of the person ended with it.
      ended.some(({ kind }) => kind !== INVITATIONS.kind) ||
      isConfirmed ||
      (person && (before.single_sign_on !== undefined || before.password_hash !== undefined));
    const kept =
      record === undefined || dropped.length === 0
        ? record?.document
        : { ...withoutFields(record.document, dropped), epoch: nextEpoch(record.document) };
    const document = !person || kept === undefined ? undefined : withAccess(kept, actor, this.#clock.now());
    const told = await this.given(actor, account);
    if (!had && given.length === 0)
      return {
        ...NOTHING,
        records: [...ended.map(replaced), ...told.map(({ record: notice }) => notice)],
        basis,
        document,
        notify: sender(told),
      };
    const notices = [...told, ...(await this.#noticesOf(actor, account, given, isConfirmed ? before.email : undefined))]; // prettier-ignore
    return {
      records: [
        ...ended.map((one) => (one.kind === INVITATIONS.kind ? replaced(one) : removal(one))),
        ...given.map((red) => without(red, new Set([id]))),
        ...notices.map(({ record: notice }) => notice),
      ],
      document,
      basis,
      facts: [
        this.#audit.fact(actor, 'account.reset', `account/${name}`, {
          member,
          details: { ended: ended.length, red_withdrawn: given.length },
        }),
      ],
      notify: async () => {
        if (person) await this.#places.forget(id);
        for (const { send } of notices) await send();
      },
    };
  }

  /**
   * Returns the notifications for the officers of a member when somebody else gives access to one of its accounts. This is how
   * they learn of accounts and keys that the hub creates in their member. Blocked officers count too, and if no officer can sign in,
   * all people of the member learn of it: the hub could block them or change their roles before.
   */
  async given(
    actor: Principal,
    { id, name, member }: Pick<AccountInfo, 'id' | 'name' | 'member'>,
  ): Promise<readonly PreparedNotification[]> {
    if (member === undefined || actor.kind === 'public' || actor.member === member) return [];
    const { accounts } = await this.#directory.current();
    const people = [...accounts.values()].filter(
      (one) => one.member === member && one.person && one.id !== id,
    );
    const officers = people.filter(({ role }) => role === 'officer');
    const told = officers.some(({ disabled }) => !disabled) ? officers : people;
    return told
      .toSorted((a, b) => (a.accessAt ?? 0) - (b.accessAt ?? 0))
      .slice(0, MOST_OFFICERS)
      .map((one) =>
        // Members do not learn the names of hub staff.
        this.#notifications.prepare(one.id, 'access.given', { account: name, by: principalId(actor) }),
      );
  }

  /**
   * Returns the changes for an account that will no longer be able to read TLP:RED, because it is removed or no
   * longer a person's account. TLP:RED that it was given is withdrawn, and the givers are notified.
   */
  async unreadable(
    actor: Principal,
    { id, name, member }: AccountInfo,
    change: 'changed' | 'removed',
  ): Promise<Reset> {
    const given = await this.#givenTo(id);
    if (given.length === 0) return NOTHING;
    const { accounts } = await this.#directory.current();
    const notices = [
      ...(change === 'changed'
        ? [this.#notifications.prepare(id, 'red.lost', { by: nameFor(member, actor) })]
        : []),
      ...[...giversOf(given)].map(
        (giver) =>
        this.#notifications.prepare(giver, 'red.unreadable', { by: nameFor(accounts.get(giver)?.member, actor), account: name }), // prettier-ignore
      ),
    ];
    return {
      records: [
        ...given.map((red) => without(red, new Set([id]))),
        ...notices.map(({ record: notice }) => notice),
      ],
      document: undefined,
      basis: undefined,
      facts: [
        this.#audit.fact(actor, 'account.red_withdrawn', `account/${name}`, {
          member,
          details: { red_withdrawn: given.length },
        }),
      ],
      notify: async () => {
        for (const { send } of notices) await send();
      },
    };
  }

  async #givenTo(id: string): Promise<readonly GivenRed[]> {
    const given: GivenRed[] = [];
    for await (const record of redRecords(this.#store))
      if (record.document.to.includes(id)) given.push(record);
    return given;
  }

  /** Keys, sessions and unused links. Credentials that the settings file declares can be changed only there. */
  async #credentials(id: string): Promise<readonly Pick<HubRecord, 'kind' | 'id' | 'revision'>[]> {
    const [keys, sessions, links, emailLinks] = await Promise.all([
      keysToEnd(this.#store, id),
      SESSIONS.in(this.#store).by('account', id),
      INVITATIONS.all(this.#store),
      EMAIL_LINKS.in(this.#store).by('account', id),
    ]);
    const now = this.#clock.now();
    return [
      ...keys,
      ...sessions,
      ...links.filter(({ document }) => document.account === id && isOpenInvitation(document, now)),
      ...emailLinks,
    ];
  }
}

/**
 * Returns the changes that come with a new credential: the account record, which must be written before the credential,
 * and the effects of the reset. On MongoDB, changes are written one after the other, so nothing is written after the
 * account record if another request has changed it.
 */
export function withCredential(
  reset: Reset | undefined,
  credential: readonly RecordChange[],
): readonly RecordChange[] {
  if (reset === undefined) return credential;
  const { records, document, basis } = reset;
  const guard = basis === undefined ? [] : [ACCOUNTS.change(basis, document ?? basis.document)];
  return [...guard, ...credential, ...records];
}

/** Returns the fields that a reset removes from the record of an account, and whether its email address was confirmed. */
function droppedFrom(before: Partial<AccountRecord>, person: boolean, isOfFile: boolean) {
  // Links, addresses and passwords that the settings file declares can be changed only there. The confirmation
  // of an address is never declared.
  const isLinked = person && before.single_sign_on !== undefined && !isOfFile;
  const isConfirmed = person && typeof before.email_verified === 'number';
  const keepsPassword = isOfFile && before.password_by === undefined;
  const dropped = [
    ...(keepsPassword ? [] : (['password_hash', 'password_by'] as const)),
    ...(isLinked ? (['single_sign_on'] as const) : []),
    ...(isConfirmed ? (['email_verified'] as const) : []),
    ...(isConfirmed && !isOfFile ? (['email'] as const) : []),
  ];
  return { dropped, isConfirmed };
}

/** Returns a function that sends some notifications, one after the other. */
export function sender(notices: readonly PreparedNotification[]): () => Promise<void> {
  return async () => {
    for (const { send } of notices) await send();
  };
}

/** A link keeps its record, so that its page can explain that it was replaced. */
function replaced(record: Pick<HubRecord, 'kind' | 'id' | 'revision'>): RecordChange {
  const { document, index } = record as Stored<InvitationRecord>;
  return INVITATIONS.change({ ...record, index }, { ...document, state: 'replaced' });
}

/**
 * True when an account creates its own credential. A key can create keys, which cannot read TLP:RED. A
 * password or a link leads to a session, so the account must have signed in with its password to create one.
 */
export function isOwn(actor: Principal, { id }: AccountInfo, what: 'key' | 'secret'): boolean {
  return actor.kind === 'account' && actor.account === id && (what === 'key' || actor.key === undefined);
}

/**
 * True if a change by somebody else, or by a key of the account, gives the account access that it did not have. An account
 * that becomes a person's counts always, because others could have the credentials that it had before.
 */
export function givesAccess(actor: Principal, account: AccountInfo, change: AccountChange): boolean {
  if (change.person === true && !account.person) return true;
  if (change.password !== undefined && !isOwn(actor, account, 'secret')) return true;
  const { role = account.role, email = account.email, disabled } = change;
  return (
    !isOwn(actor, account, 'key') && (role !== account.role || email !== account.email || disabled === false)
  );
}

/** True for an account that can read TLP:RED: a person's account, which signs in to the console. */
export function readsRed({ person, role }: Pick<AccountInfo, 'person' | 'role'>): boolean {
  return person && role !== 'machine';
}

/**
 * Returns the changes that withdraw TLP:RED from several accounts at once, and for each account the givers, who
 * are to be notified.
 */
export async function withdrawRed(
  store: Pick<Store, 'record' | 'records'>,
  accounts: ReadonlySet<string>,
): Promise<{
  readonly records: readonly RecordChange[];
  readonly givers: ReadonlyMap<string, ReadonlySet<string>>;
}> {
  const given: GivenRed[] = [];
  if (accounts.size > 0)
    for await (const record of redRecords(store))
      if (record.document.to.some((one) => accounts.has(one))) given.push(record);
  const of = (account: string): readonly GivenRed[] =>
    given.filter(({ document }) => document.to.includes(account));
  return {
    records: given.flatMap((red) =>
      red.document.to.some((one) => accounts.has(one)) ? [without(red, accounts)] : [],
    ),
    givers: new Map([...accounts].map((account) => [account, giversOf(of(account))] as const)),
  };
}

function giversOf(given: readonly GivenRed[]): ReadonlySet<string> {
  return new Set(given.map(({ document }) => document.by));
}

/** Returns TLP:RED without some of its recipients. It is removed if none remain. */
function without(red: GivenRed, accounts: ReadonlySet<string>): RecordChange {
  const to = red.document.to.filter((one) => !accounts.has(one));
  return to.length === 0 ? removal(red) : REDS.change(red, { ...red.document, to });
}

/**
 * Yields all TLP:RED, or what one account gave. Records contain the sealed texts, so few are read at once and other
 * requests get their turn in between.
 */
export async function* redRecords(
  store: Pick<Store, 'record' | 'records'>,
  by?: string,
): AsyncGenerator<GivenRed, void, undefined> {
  let after: string | undefined;
  for (;;) {
    const page = await REDS.in(store).list({
      ...(by === undefined ? {} : { index: { name: 'by', value: by } }),
      ...(after === undefined ? {} : { after }),
      limit: PAGE,
    });
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.id;
    await setImmediate();
  }
}
