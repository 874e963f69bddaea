import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  accountId,
  accountNameFault,
  epochOf,
  isGrantOf,
  isPasswordOwn,
  newAccountId,
  nextEpoch,
} from '../access/accounts/account-records.ts';
import { withdrawRed } from '../access/accounts/account-reset.ts';
import { clientsRecords, ownRecords, type MemberCollection } from '../members/member-collections.ts';
import { readsSince } from '../access/collection-service.ts';
import { joinedSince } from '../members/group-service.ts';
import { CHANNELS, type ChannelRecord } from '../sharing/channels/model.ts';
import { ruleFault, type RuleEnd } from '../sharing/routing/rule-service.ts';
import { audienceOfGrant } from '../access/audience.ts';
import { ACCOUNTS, type AccountRecord } from '../access/accounts/model.ts';
import { KEYS, keyId, type KeyRecord } from '../access/keys/model.ts';
import { GROUPS, MEMBERS, type GroupRecord, type MemberRecord } from '../access/member-model.ts';
import {
  API_ROOTS,
  COLLECTIONS,
  GRANTS,
  grantId,
  RULES,
  type ApiRootRecord,
  type CollectionRecord,
  type FeedRecord,
  type GrantRecord,
  type RuleRecord,
} from '../access/model.ts';
import { certificateDigest } from '../access/certificates.ts';
import { looksLikeKey, secretDigest } from '../access/keys/api-key.ts';
import { passwordFault } from '../access/accounts/password-rules.ts';
import { hashPassword, isOldHash, secretTag } from '../access/accounts/passwords.ts';
import { audienceCeiling, audienceWords, grantFits } from '../access/policy.ts';
import type { Config } from './load.ts';
import { documentOf } from '../feeds/document.ts';
import { FEEDS } from '../feeds/model.ts';
import { feedIdentityId } from '../feeds/findings.ts';
import { parseNetwork } from '../kernel/address.ts';
import { canonical } from '../kernel/canonical.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { nearest } from '../kernel/nearest.ts';
import { Problem } from '../kernel/problem.ts';
import { rankOf } from '../stix/markings.ts';
import type { AccountSetting, CollectionSetting, FeedDocument, MemberSetting } from './settings.ts';
import { number, RecordKind, text, type Stored } from '../store/records.ts';
import { waitForLease } from '../store/held-lease.ts';
import { removal, type AuditFact, type Lease, type RecordChange, type Store } from '../store/store.ts';
import { isDeclared } from '../access/managed.ts';
import { settingsErrors } from './errors.ts';

/** An account of a person that the settings file gave a new credential, for the notifications. */
export interface CredentialOfFile {
  /** Id of the account. */
  readonly account: string;
  readonly name: string;
  /** Ids of the accounts whose TLP:RED was withdrawn. */
  readonly givers: ReadonlySet<string>;
}

const LEASE_MS = 10_000;
const PATIENCE_MS = 60_000;
const SHORTEST_PASSWORD = 12;
const SHORTEST_KEY = 32;
/** Maximum number of records that one audit entry names. */
const MOST_NAMED = 200;

/** The settings file that was applied last. There is one record of this kind. */
interface SettingsRecord {
  readonly revision: number;
  readonly digest: string;
}

export const SETTINGS = new RecordKind<SettingsRecord>({
  kind: 'settings',
  fields: { revision: number, digest: text },
});

/** The documents of the kinds of records that the settings file declares. */
interface Documents {
  readonly 'api-root': ApiRootRecord;
  readonly collection: CollectionRecord;
  readonly grant: GrantRecord;
  readonly group: GroupRecord;
  readonly member: MemberRecord;
  readonly account: AccountRecord;
  readonly key: KeyRecord;
  readonly feed: FeedRecord<FeedDocument>;
  readonly channel: ChannelRecord;
  readonly rule: RuleRecord;
}
type Kind = keyof Documents;
/** The records of these kinds in the store. */
type Present = { readonly [K in Kind]: ReadonlyMap<string, Stored<Documents[K]>> };
/** The documents that the settings file declares, by id. */
type Wanted = { readonly [K in Kind]: Map<string, Documents[K]> };

function refuse(title: string, description: string, hint: string): Problem {
  return new Problem('invalid-request', title, { description, hint, code: 'TLN-C-003' });
}

/**
 * Applies the settings file to the store. Records that the file declares are created or updated and marked `managed:
 * file`. Records that it declared earlier but no longer declares are removed. All other records stay unchanged. Returns
 * the accounts of persons that got a new credential. Their TLP:RED is withdrawn, because others know the credential.
 */
export async function declareSettings(
  config: Config,
  store: Store,
  clock: Clock,
  ids: Ids,
  log: Log,
): Promise<readonly CredentialOfFile[]> {
  // Processes that start at the same time apply the file one after the other. When a process is killed in the middle,
  // its lease expires, and the next process completes the work.
  const held = await waitForLease(store, clock, 'settings', LEASE_MS, PATIENCE_MS);
  if (held === undefined) throw settingsErrors.reconcilingElsewhere();
  try {
    return await reconcile(config, store, clock, ids, log, held.lease);
  } finally {
    await held.release();
  }
}

async function reconcile(
  config: Config,
  store: Store,
  clock: Clock,
  ids: Ids,
  log: Log,
  lease: Lease,
): Promise<readonly CredentialOfFile[]> {
  if (config.mongodbUri !== undefined && !(await mayReconcile(config, store, log))) return [];
  const present = await presentRecords(store);
  const wanted = await wantedRecords(config, present, ids, log);
  keepTimes(wanted, present, clock.now());
  const replaced = replacedAccounts(wanted, present);
  const changes = [
    ...changesOf(API_ROOTS, wanted['api-root'], present['api-root']),
    ...changesOf(COLLECTIONS, wanted.collection, present.collection),
    ...changesOf(GRANTS, wanted.grant, present.grant),
    ...changesOf(GROUPS, wanted.group, present.group),
    ...changesOf(MEMBERS, wanted.member, present.member),
    ...changesOf(ACCOUNTS, wanted.account, present.account),
    ...changesOf(KEYS, wanted.key, present.key, ({ document }) => replaced.has(document.account)),
    ...changesOf(FEEDS, wanted.feed, present.feed),
    ...changesOf(CHANNELS, wanted.channel, present.channel),
    ...changesOf(RULES, wanted.rule, present.rule),
  ];
  const returned: string[] = [];
  for (const { kind, id, expected } of changes)
    if (kind === 'member' && expected === 0 && (await store.wasRemoved(kind, id))) returned.push(id);
  changes.push(...grantsOfAccounts(wanted, present));
  const given = credentialsGiven(wanted, present);
  const withdrawn = await withdrawRed(store, new Set(given.map(({ account }) => account)));
  if (changes.length > 0) {
    await store.commit({
      records: [...changes, ...withdrawn.records],
      lease,
      facts: [
        factOf(config, changes, returned, ids, clock),
        ...given.map(({ name }) => resetFact(name, ids, clock)),
      ],
      scrub: withdrawn.records.length > 0,
    });
    for (const member of returned)
      log.warn('member.returned', {
        member,
        reason: 'The settings file declares a removed member again. It has everything that it had before.',
      });
    log.info('settings.reconciled', { changes: changes.length });
  }
  return given.map((one) => ({ ...one, givers: withdrawn.givers.get(one.account) ?? new Set() }));
}

async function presentRecords(store: Store): Promise<Present> {
  const all = async <T extends object>(kind: RecordKind<T>): Promise<ReadonlyMap<string, Stored<T>>> =>
    new Map((await kind.in(store).list()).map((record) => [record.id, record]));
  return {
    'api-root': await all(API_ROOTS),
    collection: await all(COLLECTIONS),
    grant: await all(GRANTS),
    group: await all(GROUPS),
    member: await all(MEMBERS),
    account: await all(ACCOUNTS),
    key: await all(KEYS),
    feed: await all(FEEDS),
    channel: await all(CHANNELS),
    rule: await all(RULES),
  };
}

/** Returns the changes of one kind. `isLeft` says which other records go besides those that the file declared before. */
function changesOf<T extends { readonly managed?: string }>(
  codec: RecordKind<T>,
  want: ReadonlyMap<string, T>,
  there: ReadonlyMap<string, Stored<T>>,
  isLeft: (record: Stored<T>) => boolean = () => false,
): readonly RecordChange[] {
  return [
    ...[...want].flatMap(([id, document]) => {
      const record = there.get(id);
      const managed = { ...document, managed: 'file' };
      return record === undefined ||
        canonical(codec.encode(record.document)) !== canonical(codec.encode(managed))
        ? [codec.put(id, record, managed)]
        : [];
    }),
    ...[...there]
      .filter(([id, record]) => !want.has(id) && (isDeclared(record) || isLeft(record)))
      .map(([, record]) => removal(record)),
  ];
}

/** Adds the times and levels to the declared documents that the hub itself has recorded. */
function keepTimes(wanted: Wanted, present: Present, now: number): void {
  for (const [id, document] of wanted.collection)
    wanted.collection.set(id, { ...document, ...keptTallest(present.collection.get(id), document) });
  for (const [id, document] of wanted.grant) {
    const since = readsSince(present.grant.get(id)?.document, document.read, now * 1_000, document.account);
    wanted.grant.set(id, { ...document, ...since });
  }
  for (const [id, document] of wanted.group)
    wanted.group.set(id, { ...document, ...keptJoined(present.group.get(id), document, now * 1_000) });
}

/** The ids of accounts that declared accounts of other members replace. Their keys are removed. */
function replacedAccounts(wanted: Wanted, present: Present): ReadonlySet<string> {
  return new Set(
    [...wanted.account].flatMap(([name, { uid }]) => {
      const before = present.account.get(name);
      return before === undefined || before.document.uid === uid ? [] : [accountId(before)];
    }),
  );
}

/**
 * The changes of grants that commands gave to accounts. Grants of accounts that the file no longer declares are
 * removed. Grants of versions before 0.2, which contain only a name, get the id of the account that has it.
 */
function grantsOfAccounts(wanted: Wanted, present: Present): readonly RecordChange[] {
  return [...present.grant.values()].flatMap((grant): RecordChange[] => {
    const { id, document } = grant;
    const name = nameOfGrant(document);
    const record = name === undefined ? undefined : present.account.get(name);
    if (name === undefined || record === undefined || isDeclared(grant)) return [];
    if (wanted.grant.has(id) || !isGrantOf(document, { id: accountId(record), name })) return [];
    if (isDeclared(record) && !wanted.account.has(name)) return [removal(grant)];
    if (document.account !== undefined) return [];
    return [GRANTS.change(grant, { ...document, account: accountId(record) })];
  });
}

/** The account name of a grant to `account:NAME`. */
function nameOfGrant({ to }: GrantRecord): string | undefined {
  return to.startsWith('account:') ? to.slice('account:'.length) : undefined;
}

/** The accounts of persons to which the settings file gives a password, key or sign-in link that they did not have. */
function credentialsGiven(
  wanted: Wanted,
  present: Present,
): readonly { readonly account: string; readonly name: string }[] {
  const keys = [...wanted.key];
  return [...wanted.account].flatMap(([name, document]) => {
    const before = present.account.get(name);
    if (before === undefined || document.person !== true) return [];
    const account = accountId(before);
    const hasNewKey = keys.some(
      ([id, key]) => key.account === account && present.key.get(id)?.document.account !== account,
    );
    const { password_tag: tag, single_sign_on: link } = document;
    const hasNewPassword =
      tag !== undefined &&
      !isPasswordOwn(document) &&
      (tag !== before.document.password_tag || before.document.password_hash === undefined);
    const hasNewLink =
      link !== undefined && canonical(link) !== canonical(before.document.single_sign_on ?? null);
    return hasNewKey || hasNewPassword || hasNewLink ? [{ account, name }] : [];
  });
}

function resetFact(name: string, ids: Ids, clock: Clock): AuditFact {
  return {
    id: ids.uuid(),
    at: clock.now(),
    actor: 'settings',
    action: 'account.red_withdrawn',
    resource: `account/${name}`,
    result: 'done',
  };
}

/**
 * Returns the strictest TLP that a collection may still contain after its maximum was lowered. The collection keeps
 * this value until the stricter objects are removed, so no reader gets access before that.
 */
function keptTallest(
  record: Stored<CollectionRecord> | undefined,
  document: CollectionRecord,
): Pick<CollectionRecord, 'tallest' | 'lowered_at'> {
  const before = record?.document;
  const max = document.max_tlp ?? 'amber+strict';
  const stood = before?.tallest ?? before?.max_tlp ?? (before === undefined ? max : 'amber+strict');
  if (rankOf(stood) > rankOf(max)) return { tallest: stood };
  return before?.lowered_at === undefined ? {} : { lowered_at: before.lowered_at };
}

/**
 * Returns the times at which members joined a group. A group from an earlier version stays unchanged as long as no
 * member is new in it.
 */
function keptJoined(
  record: Stored<GroupRecord> | undefined,
  { members }: GroupRecord,
  now: number,
): Pick<GroupRecord, 'joined'> {
  const joined = joinedSince(record?.document, members, now);
  return Object.keys(joined).length === 0 && record?.document.joined === undefined ? {} : { joined };
}

/** Returns the audit entry about the settings file. It names the changed records and never contains their content. */
function factOf(
  config: Config,
  changes: readonly RecordChange[],
  returned: readonly string[],
  ids: Ids,
  clock: Clock,
): AuditFact {
  const named = (gone: boolean): readonly string[] =>
    changes
      .filter(({ document }) => (document === undefined) === gone)
      // Keys are named by the beginning of their digest, as everywhere.
      .map(({ kind, id }) => `${kind}/${kind === 'key' ? keyId(id) : id}`)
      .slice(0, MOST_NAMED);
  return {
    id: ids.uuid(),
    at: clock.now(),
    actor: 'settings',
    action: 'settings.reconcile',
    resource: 'settings/file',
    result: 'done',
    details: {
      revision: config.revision,
      changes: changes.length,
      put: named(false),
      gone: named(true),
      ...(returned.length === 0 ? {} : { returned: returned.slice(0, MOST_NAMED) }),
    },
  };
}

/**
 * Returns whether this process may apply its settings file. When processes have different files, only a process with a
 * higher revision applies its own.
 */
async function mayReconcile(config: Config, store: Store, log: Log): Promise<boolean> {
  const digest = createHash('sha256')
    .update(
      canonical(
        JSON.parse(
          JSON.stringify([
            config.apiRoots,
            config.collections,
            config.groups,
            config.members,
            config.accounts,
            config.feeds,
          ]),
        ),
      ),
    )
    .digest('hex');
  const record = await SETTINGS.in(store).get('file');
  const known = record?.document;
  if (known !== undefined && known.digest !== digest && config.revision <= known.revision) {
    log.warn('settings.differ', { revision: config.revision, reconciled_revision: known.revision });
    return false;
  }
  if (known?.digest !== digest || known.revision !== config.revision) {
    await store.commit({
      records: [SETTINGS.put('file', record, { revision: config.revision, digest })],
    });
  }
  return true;
}

async function wantedRecords(config: Config, present: Present, ids: Ids, log: Log): Promise<Wanted> {
  const wanted: Wanted = {
    'api-root': new Map(),
    collection: new Map(),
    grant: new Map(),
    group: new Map(),
    member: new Map(),
    account: new Map(),
    key: new Map(),
    feed: new Map(),
    channel: new Map(),
    rule: new Map(),
  };
  for (const { path, ...root } of config.apiRoots) wanted['api-root'].set(path, root);
  for (const group of config.groups)
    wanted.group.set(group.name, {
      ...(group.title === undefined ? {} : { title: group.title }),
      members: group.members ?? [],
    });
  for (const collection of config.collections) declareCollection(collection, config, wanted);
  for (const member of config.members)
    declareMember(member, config, present.member.get(member.name), ids, wanted);
  const key = masterKey(config);
  await Promise.all(
    config.accounts.map((account) =>
      declareAccount(
        account,
        config,
        key,
        sameAccount(account, present.account.get(account.name), log),
        ids,
        wanted,
        log,
      ),
    ),
  );
  for (const setting of config.feeds) {
    const document = documentOf(setting);
    const collection = setting.collection ?? config.collections[0]?.id;
    if (collection === undefined)
      throw refuse(
        `The feed "${setting.name}" has no collection to fill`,
        'No collection is declared.',
        'Declare one under collections and name it.',
      );
    wanted.feed.set(setting.name, { document, collection, identity: feedIdentityId(setting.name) });
  }
  for (const rule of config.rules) declareRule(rule, config, wanted);
  // The file names accounts, and a grant refers to the account that has the name at this time.
  for (const [id, grant] of wanted.grant) {
    const name = nameOfGrant(grant);
    if (name === undefined) continue;
    const before = present.account.get(name);
    const declared = wanted.account.get(name)?.uid;
    const account = declared ?? (before === undefined ? undefined : accountId(before));
    if (account !== undefined) wanted.grant.set(id, { ...grant, account });
  }
  return wanted;
}

/** Returns the document of a rule, with collection ids in place of aliases. */
function declareRule(
  { name, from, to, ...rule }: Config['rules'][number],
  config: Config,
  wanted: Wanted,
): void {
  const endOf = (alias: string): RuleEnd => {
    const found = config.collections.find((one) => one.id === alias || one.alias === alias);
    if (found !== undefined)
      return { id: found.id, alias: found.alias, ownOf: undefined, max_tlp: found.max_tlp ?? 'amber+strict' };
    const near = nearest(alias, config.collections.flatMap((one) => one.alias ?? [])); // prettier-ignore
    throw refuse(
      `The rule "${name}" names a collection that is not declared`,
      `There is no collection "${alias}".`,
      near === undefined ? 'Declare it under collections.' : `Did you mean "${near}"?`,
    );
  };
  const [source, target] = [endOf(from), endOf(to)];
  const others = config.rules
    .filter((other) => other.name !== name)
    .map((other) => ({ name: other.name, from: endOf(other.from).id, to: endOf(other.to).id }));
  const fault = ruleFault(source, target, rule.max_tlp, others);
  if (fault !== undefined)
    throw refuse(`The rule "${name}" is no rule`, fault, 'Change it, or take it out of the settings file.');
  wanted.rule.set(name, { ...rule, from: source.id, to: target.id });
}

function declareCollection(
  { id, grants, ...collection }: CollectionSetting,
  config: Config,
  wanted: Wanted,
): void {
  wanted.collection.set(id, collection);
  const max = collection.max_tlp ?? 'amber+strict';
  if (max === 'red')
    throw refuse(
      `The collection "${collection.title}" cannot take TLP:RED`,
      'TLP:RED stands in no collection.',
      'Set max_tlp to amber+strict or looser.',
    );
  for (const grant of grants ?? []) {
    const audience = audienceOfGrant(
      grant.to,
      (name) => config.accounts.find((account) => account.name === name)?.member,
      (name) => config.members.find((member) => member.name === name)?.parent,
    );
    if (grant.read === true && !grantFits(audience, max)) {
      throw refuse(
        `The collection "${collection.title}" cannot be read by ${audienceWords(audience)}`,
        `It takes objects up to TLP:${max.toUpperCase()}, and ${audienceWords(audience)} may have TLP:${audienceCeiling(audience).toUpperCase()} at most.`,
        `Set max_tlp: ${audienceCeiling(audience)}, or take the grant away.`,
      );
    }
    if (grant.to === 'public' && grant.write === true)
      throw refuse(
        `The collection "${collection.title}" cannot be written by the public`,
        'Whoever writes has an account.',
        'Take write away from the grant.',
      );
    wanted.grant.set(grantId({ collection: id, to: grant.to }), {
      collection: id,
      to: grant.to,
      read: grant.read === true,
      write: grant.write === true,
    });
  }
}

function declareMember(
  member: MemberSetting,
  config: Config,
  before: Stored<MemberRecord> | undefined,
  ids: Ids,
  wanted: Wanted,
): void {
  for (const network of member.networks ?? []) {
    if (parseNetwork(network) === undefined)
      throw refuse(
        `The member "${member.name}" has a network that cannot be read`,
        `"${network}" is no network in CIDR form.`,
        'Write it as 198.51.100.0/24 or 2001:db8::/32.',
      );
  }
  let own: string | undefined;
  if (member.collection !== undefined && member.collection !== false) {
    const kept = before?.document.collection;
    own = member.collection === true ? (kept ?? ids.uuid()) : member.collection.id;
    const root = member.collection === true ? undefined : member.collection.api_root;
    const named = { name: member.name, title: member.title ?? member.name };
    add(wanted, ownRecords(own, named, root ?? config.apiRoots[0]?.path, member.parent !== undefined));
  }
  const { name, collection: _collection, push, ...rest } = member;
  const clients = declareClients(member, config, before, ids, wanted);
  wanted.member.set(name, {
    ...rest,
    ...(own === undefined ? {} : { collection: own }),
    ...(clients === undefined ? {} : { clients }),
  });
  if (push === undefined) return;
  if (own === undefined)
    throw refuse(
      `The member "${name}" has nothing that could be pushed`,
      'It has no collection of its own.',
      'Give it collection: true, or make a channel for another one: talanoa channel add.',
    );
  const variable = push.password_env ?? push.key_env;
  wanted.channel.set(`push-${name}`.slice(0, 63), {
    name: `push-${name}`.slice(0, 63),
    member: name,
    kind: 'taxii',
    url: push.url,
    collection: own,
    ...(push.username === undefined ? {} : { username: push.username }),
    ...(variable === undefined ? {} : { secret: `env:${variable}` }),
  });
}

/**
 * Adds the collection that the clients of a member read, if the member has clients. The member itself can write to it.
 */
function declareClients(
  { name, title, parent }: MemberSetting,
  config: Config,
  before: Stored<MemberRecord> | undefined,
  ids: Ids,
  wanted: Wanted,
): string | undefined {
  const chain = [name];
  for (let next = parent; next !== undefined;) {
    if (chain.includes(next))
      throw refuse(
        `The member "${name}" is a client of itself`,
        `${[...chain, next].join(' is a client of ')}.`,
        'Take one of the parents away.',
      );
    chain.push(next);
    next = config.members.find((member) => member.name === next)?.parent;
  }
  if (parent !== undefined && !config.members.some((member) => member.name === parent)) {
    const near = nearest(
      parent,
      config.members.map((member) => member.name),
    );
    throw refuse(
      `The parent of the member "${name}" is not declared`,
      `There is no member "${parent}".`,
      near === undefined ? 'Declare it under members.' : `Did you mean "${near}"?`,
    );
  }
  const kept = before?.document.clients;
  const hasClients = config.members.some((member) => member.parent === name);
  if (kept === undefined && !hasClients) return undefined;
  const id = kept ?? ids.uuid();
  add(wanted, clientsRecords(id, { name, title: title ?? name }, config.apiRoots[0]?.path));
  return id;
}

/** Adds a collection of a member, with its grants. */
function add(wanted: Wanted, { id, collection, grants }: MemberCollection): void {
  wanted.collection.set(id, collection);
  for (const [grant, document] of grants) wanted.grant.set(grant, document);
}

/**
 * Returns the record of an account, unless it belongs to another member than the settings file says. An officer
 * could otherwise create the name first, and its keys, passwords and second factors would work for the other
 * member. The declared account is then a new one with a new id, and nothing of the earlier one applies to it.
 */
function sameAccount(
  { name, member }: AccountSetting,
  before: Stored<AccountRecord> | undefined,
  log: Log,
): Stored<AccountRecord> | undefined {
  const [old = 'hub', declared = 'hub'] = [before?.document.member, member];
  if (before === undefined || old === declared) return before;
  log.warn('account.replaced', {
    account: name,
    reason: `The settings file declares an account of ${declared}, and an account of ${old} had the name. Its credentials no longer work.`,
  });
  return undefined;
}

async function declareAccount(
  account: AccountSetting,
  config: Config,
  key: Buffer,
  before: Stored<AccountRecord> | undefined,
  ids: Ids,
  wanted: Wanted,
  log: Log,
): Promise<void> {
  const fault = accountNameFault(account.name);
  if (fault !== undefined)
    throw refuse(
      `Invalid account name: "${account.name}"`,
      'The name is reserved or contains invalid characters.',
      fault,
    );
  const {
    name,
    key_env: keyEnv,
    password_env: passwordEnv,
    client_certificates: certificates,
    ...rest
  } = account;
  if (certificates !== undefined && account.role !== 'machine')
    throw refuse(
      `The account "${name}" cannot have client certificates`,
      'The role of the account is not machine.',
      'Client certificates are for service accounts. People sign in with a second factor.',
    );
  const member = rest.member === 'hub' ? undefined : rest.member;
  const created = newAccountId(ids);
  const uid = before === undefined ? created : before.document.uid;
  const { single_sign_on: signOn, member: _member, ...fields } = rest;
  const document: { -readonly [K in keyof AccountRecord]: AccountRecord[K] } = {
    ...(uid === undefined ? {} : { uid }),
    ...fields,
    ...(member === undefined ? {} : { member }),
  };
  const isOther =
    before !== undefined &&
    (before.document.role !== rest.role ||
      before.document.member !== member ||
      (before.document.disabled === true) !== (document.disabled === true));
  const holder = before === undefined ? created : accountId(before);
  for (const certificate of certificates ?? [])
    wanted.key.set(certificateDigest(certificate), { account: holder, prefix: 'cert', certificate });
  if (signOn !== undefined) {
    if (config.oidc === undefined)
      throw refuse(
        `The account "${name}" cannot use single sign-on`,
        'No provider is set up.',
        'Set sign_in.oidc, or remove single_sign_on from the account.',
      );
    const { issuer } = config.oidc;
    const kept = before?.document.single_sign_on;
    const { subject, email } = signOn;
    // An email address matches the account once. The subject that was found then stays.
    document.single_sign_on =
      subject === undefined &&
      kept?.issuer === issuer &&
      kept.subject !== undefined &&
      kept.declared === email
        ? kept
        : {
            issuer,
            ...(subject === undefined ? {} : { subject }),
            ...(subject !== undefined || email === undefined
              ? {}
              : { email: email.toLowerCase(), declared: email }),
          };
  }
  // The confirmation applies only to the address that was confirmed.
  if (
    rest.email !== undefined &&
    before?.document.email === rest.email &&
    before.document.email_verified !== undefined
  )
    document.email_verified = before.document.email_verified;
  const password = passwordEnv === undefined ? undefined : config.secret(passwordEnv);
  if (passwordEnv !== undefined && password === undefined)
    log.warn('account.no_password', { account: name, variable: passwordEnv });
  const had: Partial<AccountRecord> = before?.document ?? {};
  const { password_hash: hash, password_by: chosenBy, password_tag: oldTag } = had;
  const tag = password === undefined ? undefined : secretTag(key, `password:${name}`, password);
  // A password that the person chose stays in effect until the file contains a different one than before.
  const isKept =
    before !== undefined && isPasswordOwn(before.document) && (tag === undefined || tag === oldTag);
  if (isKept) {
    if (hash !== undefined) document.password_hash = hash;
    if (chosenBy !== undefined) document.password_by = chosenBy;
    if (oldTag !== undefined) document.password_tag = oldTag;
  }
  // Without a password in the file, what the account had ends, unless the person has chosen it.
  let isSame = hash === undefined || document.password_hash === hash;
  if (password !== undefined && !isKept) {
    if (password.length < SHORTEST_PASSWORD || password.length > 256) {
      throw refuse(
        `The password of the account "${name}" is too short`,
        `It has ${password.length} characters.`,
        `Give ${passwordEnv ?? 'it'} ${SHORTEST_PASSWORD} to 256 characters.`,
      );
    }
    const weak = passwordFault(password, [name, account.member ?? '', config.hub.title]);
    if (weak !== undefined)
      log.warn('account.weak_password', { account: name, reason: weak.title, hint: weak.hint });
    isSame = oldTag === tag && hash !== undefined;
    if (tag !== undefined) document.password_tag = tag;
    document.password_hash =
      isSame && hash !== undefined && !isOldHash(hash) ? hash : await hashPassword(password);
  }
  const epoch =
    before === undefined ? 0 : isOther || !isSame ? nextEpoch(before.document) : epochOf(before.document);
  if (epoch > 0) document.epoch = epoch;
  wanted.account.set(name, document);
  const secret = keyEnv === undefined ? undefined : config.secret(keyEnv);
  if (keyEnv !== undefined && secret === undefined)
    log.warn('account.no_key', { account: name, variable: keyEnv });
  if (secret !== undefined) {
    if (!looksLikeKey(secret) && secret.length < SHORTEST_KEY) {
      throw refuse(
        `The key of the account "${name}" is too short`,
        `It has ${secret.length} characters.`,
        `Give ${keyEnv ?? 'it'} a key of talanoa key create, or ${SHORTEST_KEY} characters or more.`,
      );
    }
    wanted.key.set(secretDigest(secret), {
      account: holder,
      prefix: looksLikeKey(secret) ? secret.slice(4, 12) : 'settings',
    });
  }
}

/**
 * Returns the master key. Creates its file with mode 0600 when it does not exist. This module uses the key only to
 * compute tags of secrets.
 */
export function masterKey(config: Config): Buffer {
  const file = config.masterKeyFile;
  if (!existsSync(file)) {
    const before = join(config.data, 'master.key');
    // Earlier versions ignored the setting when the data folder came from a flag or the environment.
    if (existsSync(before))
      throw refuse(
        'Master key file not found',
        `The settings name ${file}, which does not exist. There is a key in ${before}.`,
        `Move ${before} to ${file}. A different key cannot open what was sealed with this one.`,
      );
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  }
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url');
  if (key.length < 32)
    throw refuse(
      'The master key cannot be read',
      `${file} does not hold 32 bytes as base64url.`,
      'Restore it from its backup; without it sealed secrets are lost.',
    );
  return key;
}
