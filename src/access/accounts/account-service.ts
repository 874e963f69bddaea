import type { Account, AccountChange, AccountRequest } from '../../api/schema-types.ts';
import type { Problem } from '../../kernel/problem.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Stored } from '../../store/records.ts';
import { removal, type RecordChange, type Store } from '../../store/store.ts';
import {
  accountId,
  demandAccountName,
  demandOwnName,
  isGrantOf,
  isPasswordOwn,
  nameTaken,
  newAccountId,
  nextEpoch,
  withAccess,
} from './account-records.ts';
import { givesAccess, isOwn, readsRed, sender, type AccountReset } from './account-reset.ts';
import { ACCOUNTS, type AccountRecord } from './model.ts';
import type { Audit } from '../audit/audit.ts';
import type { Notifications } from './notifications.ts';
import type { Directory } from '../directory.ts';
import { keysToEnd } from '../keys/owned-keys.ts';
import { GRANTS } from '../model.ts';
import { passwordFault } from './password-rules.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { can, type AccountResource } from '../rights.ts';
import { demandWithin, limitsOf, UNLIMITED, type Limits } from '../keys/limits.ts';
import { isHubAdministrator, nameFor, readingBack, type Principal } from '../principal.ts';
import { accountResource, type AccountInfo, type Snapshot } from '../snapshot.ts';
import { VisibleNames, suggestion } from '../visible-names.ts';
import { demandManaged, demandRevision, isDeclared, managedBy } from '../managed.ts';
import { accountErrors } from './errors.ts';
import { accessErrors } from '../errors.ts';

/**
 * Returns the changes that remove what a feature keeps for an account, such as TLP:RED that was given to it
 * or its notifications. They are committed together with the removal of the account.
 */
export type Holding = (accountId: string) => Promise<readonly RecordChange[]>;

/** Returns the changes that remove the records of these kinds that belong to an account. */
export async function personalRecords(
  store: Store,
  kinds: readonly string[],
  account: string,
): Promise<readonly RecordChange[]> {
  const index = { name: 'account', value: account };
  const found = await Promise.all(kinds.map((kind) => store.records(kind, { index })));
  return found.flat().map(removal);
}

/** Creates, changes and removes accounts for callers who manage them. */
export class AccountService {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #audit: Audit;
  readonly #ids: Ids;
  readonly #reset: AccountReset;
  readonly #notifications: Notifications;
  readonly #holdings: readonly Holding[];

  constructor(
    store: Store,
    directory: Directory,
    audit: Audit,
    ids: Ids,
    reset: AccountReset,
    notifications: Notifications,
    holdings: readonly Holding[] = [],
  ) {
    this.#ids = ids;
    this.#reset = reset;
    this.#notifications = notifications;
    this.#holdings = holdings;
    this.#store = store;
    this.#directory = directory;
    this.#audit = audit;
  }

  /** Returns the accounts that the caller may see, sorted by name. */
  async list(actor: Principal): Promise<readonly Account[]> {
    const directory = await this.#directory.refresh();
    const records = await ACCOUNTS.all(this.#store);
    return records.flatMap((record) => {
      const account = directory.accountNamed(record.id);
      return account !== undefined && can(actor, 'account.read', accountResource(account))
        ? [listed(account, record)]
        : [];
    });
  }

  async get(actor: Principal, name: string): Promise<Account> {
    const { account, record } = await this.#find(actor, name);
    return listed(account, record);
  }

  async create(actor: Principal, request: AccountRequest): Promise<Account> {
    const directory = await this.#directory.refresh();
    const { name, role, member } = request;
    demandAccountName(name);
    const uid = newAccountId(this.#ids);
    demandNew(actor, directory, name, { kind: 'account', account: uid, role, member: memberName(member) });
    // An account without a password cannot be signed in to, but it lasts. The limits of its creator apply,
    // except for the expiry.
    demandWithin(actor, 'account.create', request.password === undefined ? lasting(actor) : UNLIMITED);
    const document: AccountRecord = {
      uid,
      role,
      ...(memberName(member) === undefined ? {} : { member }),
      ...(request.person === undefined ? {} : { person: request.person }),
      ...(request.default_tlp === undefined ? {} : { default_tlp: request.default_tlp }),
      ...(request.email === undefined ? {} : { email: request.email }),
      ...(await passwordOf(request.password, await this.#directory.namesAround(name, memberName(member)))),
      managed: 'hub',
    };
    const fact = this.#audit.fact(actor, 'account.create', `account/${name}`, {
      member: memberName(member),
      details: { role, password: request.password !== undefined },
    });
    const told = await this.#reset.given(actor, { id: uid, name, member: memberName(member) });
    await this.#store.commit({
      records: [
        ACCOUNTS.insert(name, withAccess(document, actor, fact.at)),
        ...told.map(({ record }) => record),
      ],
      facts: [fact],
    });
    await this.#directory.refresh();
    await sender(told)();
    return this.get(readingBack(actor), name);
  }

  /**
   * Updates an account. When a revision is given, throws a Problem of kind conflict if the account has another
   * revision.
   */
  async update(actor: Principal, name: string, change: AccountChange, revision?: number): Promise<Account> {
    const { account, record } = await this.#find(actor, name);
    this.#demandWrite(actor, account, record, revision);
    demandChange(actor, account, change);
    const { password, ...fields } = change;
    // An account that becomes a person's account may have credentials that others created.
    const becomesPerson = change.person === true && !account.person;
    const before =
      password === undefined && !becomesPerson
        ? undefined
        : await this.#reset.before(actor, { ...account, person: account.person || becomesPerson }, 'secret');
    // A reset withdraws the TLP:RED that was given to the account. A change of your own account, or one without a
    // password, resets nothing.
    const reset =
      readsRed(account) && !readsRed({ ...account, ...change }) && (before?.facts ?? []).length === 0
        ? await this.#reset.unreadable(actor, account, 'changed')
        : before;
    // An address that somebody else enters counts only after the person has confirmed it.
    const isOtherEmail = change.email !== undefined && change.email !== account.email;
    const isOwnChoice = password !== undefined && isOwn(actor, account, 'secret');
    if (isOwnChoice) await demandOtherPassword(password, record);
    const { password_by: by, ...kept } = reset?.document ?? record.document;
    // A password that somebody else sets gives no access to TLP:RED until the person has replaced it.
    const passwordBy = password === undefined ? by : isOwnChoice ? 'person' : undefined;
    const document: AccountRecord = {
      ...kept,
      ...(passwordBy === undefined ? {} : { password_by: passwordBy }),
      ...fields,
      ...(isOtherEmail ? { email_verified: null } : {}),
      ...(await passwordOf(password, await this.#directory.namesAround(name, account.member))),
      ...(endsSessions(account, change) ? { epoch: nextEpoch(record.document) } : {}),
    };
    const fact = this.#audit.fact(actor, 'account.update', `account/${name}`, {
      member: account.member,
      details: {
        ...fields,
        ...(change.email === undefined ? {} : { email: true }),
        ...(password === undefined ? {} : { password: true }),
      },
    });
    const gives = givesAccess(actor, account, change);
    const notices = [
      ...(password === undefined ? [] : [this.#notifications.prepare(account.id, 'password.changed', { by: nameFor(account.member, actor) })]),
      // A reset notifies the officers itself. An email address alone gives no access before its person confirms it.
      ...(gives && endsSessions(account, change) && (before === undefined || reset !== before) ? await this.#reset.given(actor, account) : []),
    ]; // prettier-ignore
    await this.#store.commit({
      records: [ACCOUNTS.change(record, gives ? withAccess(document, actor, fact.at) : document), ...(reset?.records ?? []), ...notices.map((notice) => notice.record)], // prettier-ignore
      facts: [...(reset?.facts ?? []), fact],
    });
    await reset?.notify();
    await sender(notices)();
    await this.#directory.refresh();
    return this.get(readingBack(actor), name);
  }

  /**
   * Deletes an account with its keys, its own grants and everything that was given to it. A later account of
   * the same name has another id, and stored data refers to ids, never to names.
   */
  async delete(actor: Principal, name: string, revision?: number): Promise<void> {
    const { account, record } = await this.#find(actor, name);
    this.#demandWrite(actor, account, record, revision);
    if (actor.kind === 'account' && actor.account === account.id)
      throw accountErrors.ownAccount({ action: 'remove' });
    const [keys, grants] = await Promise.all([keysToEnd(this.#store, account.id), GRANTS.all(this.#store)]);
    const gone = [
      ...keys,
      ...grants.filter((grant) => isGrantOf(grant.document, account) && !isDeclared(grant)),
    ];
    const fact = this.#audit.fact(actor, 'account.delete', `account/${name}`, {
      member: account.member,
      details: { role: account.role, keys: gone.filter(({ kind }) => kind === 'key').length },
    });
    // The holdings include the TLP:RED that is withdrawn.
    const withdrawn = await this.#reset.unreadable(actor, account, 'removed');
    await this.#store.commit({
      // The account comes first: without it, none of the other records gives anybody access.
      records: [
        ...[record, ...gone].map(removal),
        ...(await Promise.all(this.#holdings.map((holding) => holding(account.id)))).flat(),
        ...withdrawn.records.filter(({ kind }) => kind === 'notification'),
      ],
      facts: [...withdrawn.facts, fact],
    });
    await this.#directory.refresh();
    await withdrawn.notify();
  }

  async #find(
    actor: Principal,
    name: string,
  ): Promise<{ account: AccountInfo; record: Stored<AccountRecord> }> {
    const directory = await this.#directory.refresh();
    const account = directory.accountNamed(name);
    const record = await ACCOUNTS.in(this.#store).get(name);
    if (
      account === undefined ||
      record === undefined ||
      accountId(record) !== account.id ||
      !can(actor, 'account.read', accountResource(account))
    )
      throw noAccount(actor, name, directory);
    return { account, record };
  }

  #demandWrite(
    actor: Principal,
    account: AccountInfo,
    record: Stored<AccountRecord>,
    revision: number | undefined,
  ): void {
    if (!can(actor, 'account.write', accountResource(account))) throw beyond();
    demandManaged(record, `The account "${account.name}"`);
    demandRevision(record, revision);
  }
}

/**
 * Throws unless the caller may create this account. The caller must manage it, and no grants may already be waiting for
 * its name.
 */
export function demandNew(
  actor: Principal,
  directory: Snapshot,
  name: string,
  account: AccountResource,
): void {
  if (!can(actor, 'account.write', account)) throw beyond();
  demandMember(account);
  if (account.member !== undefined && !directory.members.has(account.member)) {
    const visible = VisibleNames.of(directory, actor);
    throw accessErrors.memberNotFound(
      { name: account.member },
      {
        ...suggestion(
          visible,
          'member',
          account.member,
          'To create it, run: talanoa member create NAME. To list the members, run: talanoa member list',
        ),
      },
    );
  }
  if (!VisibleNames.of(directory, actor).account(name))
    demandOwnName(actor, name, account.member, directory.members);
  if (directory.accountNamed(name) !== undefined)
    throw VisibleNames.of(directory, actor).account(name)
      ? accountErrors.exists({ name })
      : nameTaken(name, account.member, directory.members);
  // A name that grants are waiting for would receive rights that its creator does not have.
  if (!isHubAdministrator(actor) && directory.hasWaitingGrant(name))
    throw nameTaken(name, account.member, directory.members);
}

/** Throws for an officer without a member. All rights of officers concern their member, so the account has none. */
function demandMember({ role, member }: AccountResource): void {
  if (role === 'officer' && member === undefined) throw accountErrors.officerWithoutMember();
}

/** The limits of an account: none, except the expiry of the credential in use. */
function lasting(actor: Principal): Limits {
  return { ...UNLIMITED, expires: limitsOf(actor).expires };
}

/** Returns the error for a caller who acts on something that they do not manage. */
export function beyond(): Problem {
  return accessErrors.notPermitted(
    { action: 'do this to that account' },
    {
      description: 'An administrator of the hub manages all accounts, and an officer those of its member.',
    },
  );
}

function memberName(member: string | undefined): string | undefined {
  return member === 'hub' ? undefined : member;
}

function noAccount(actor: Principal, name: string, directory: Snapshot): Problem {
  return accountErrors.notFound(
    { name: name.slice(0, 64) },
    suggestion(VisibleNames.of(directory, actor), 'account', name),
  );
}

/**
 * Throws for a password that is too weak. `context` lists names that the password must not be made of
 * (`Directory.namesAround`).
 */
export function checkPassword(password: string, context: readonly string[]): void {
  const fault = passwordFault(password, context);
  if (fault !== undefined) throw accountErrors.weakPassword({ fault: fault.title }, { hint: fault.hint });
}

/** Throws when a person chooses the password that somebody else set for the account. That person still knows it. */
export async function demandOtherPassword(password: string, record: Stored<AccountRecord>): Promise<void> {
  const { password_hash: hash } = record.document;
  if (
    hash !== undefined &&
    !isPasswordOwn(record.document) &&
    (await verifyPassword(password, hash, { lane: 'known', group: accountId(record) }))
  )
    throw accountErrors.passwordKnown();
}

async function passwordOf(
  password: string | undefined,
  context: readonly string[],
): Promise<Pick<AccountRecord, 'password_hash'>> {
  if (password === undefined) return {};
  checkPassword(password, context);
  return { password_hash: await hashPassword(password) };
}

function listed(account: AccountInfo, { document, revision }: Stored<AccountRecord>): Account {
  return {
    name: account.name,
    role: account.role,
    member: account.member,
    person: account.person,
    disabled: account.disabled,
    default_tlp: account.defaultTlp,
    email: account.email,
    email_verified: account.emailVerified,
    single_sign_on:
      account.signOn === undefined ? undefined : account.signOn.subject === undefined ? 'waiting' : 'linked',
    has_password: account.passwordHash !== undefined,
    managed: managedBy({ document }),
    revision,
  };
}

/** True for a change after which earlier sessions must not go on. */
function endsSessions(account: AccountInfo, { password, disabled, role }: AccountChange): boolean {
  return (
    password !== undefined ||
    (disabled !== undefined && disabled !== account.disabled) ||
    (role !== undefined && role !== account.role)
  );
}

/** Throws a Problem when the actor may write to the account, but not make this change. */
function demandChange(actor: Principal, account: AccountInfo, change: AccountChange): void {
  if (change.role !== undefined && change.role !== account.role) {
    // Callers cannot turn an account into one that they could not have created.
    const after: AccountResource = { ...accountResource(account), role: change.role };
    if (!can(actor, 'account.write', after)) throw beyond();
    demandMember(after);
  }
  if (change.password !== undefined) demandWithin(actor, 'account.update', UNLIMITED);
  else if (change.role !== undefined || change.disabled === false)
    demandWithin(actor, 'account.update', lasting(actor));
  if (change.disabled === true && actor.kind === 'account' && actor.account === account.id)
    throw accountErrors.ownAccount({ action: 'disable' });
}
