import { withdrawRed } from '../access/accounts/account-reset.ts';
import { ACCOUNTS } from '../access/accounts/model.ts';
import { KEYS, keyId } from '../access/keys/model.ts';
import { GROUPS, MEMBERS } from '../access/member-model.ts';
import { API_ROOTS, COLLECTIONS, GRANTS, RULES } from '../access/model.ts';
import { FEEDS } from '../feeds/model.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { silentLog, type Log } from '../kernel/log.ts';
import { CHANNELS } from '../sharing/channels/model.ts';
import { waitForLease } from '../store/held-lease.ts';
import type { AuditFact, Lease, RecordChange, Store } from '../store/store.ts';
import type { Config } from './config.ts';
import { type CredentialOfFile, credentialsGiven, replacedAccounts, resetFact } from './credentials-given.ts';
import { grantsOfAccounts } from './declare/grants.ts';
import { wantedRecords } from './declare/wanted.ts';
import {
  changesOf,
  damagedRecords,
  presentRecords,
  withoutDamaged,
  withSalvaged,
  type Plan,
} from './declared-records.ts';
import { settingsErrors } from './errors.ts';
import {
  demandRemovals,
  demandSettingsFile,
  nameOf,
  namesOf,
  type Removals,
} from './declare/missing-file.ts';
import { keepTimes } from './kept-times.ts';
import { hadFile, mayReconcile, rememberFile } from './settings-record.ts';
import { handOverTrial, keepAliasesApart } from './declare/trial.ts';

const LEASE_MS = 10_000;
const PATIENCE_MS = 60_000;
/** Maximum number of records that one audit entry names. */
const MOST_NAMED = 200;

/** How a process treats the settings file. */
interface SettingsUse {
  readonly isOffline?: boolean;
  readonly isNew?: boolean;
  readonly acceptsRemovals?: boolean;
}

/** The effect of a settings file on a process and its store. */
interface SettingsResult {
  /** The accounts that got a new credential. */
  readonly credentials: readonly CredentialOfFile[];
  /** The records that the file declares differently, as text, if the process did not apply the file. */
  readonly unapplied: string | undefined;
}

/**
 * Applies the settings file for a start of the hub. A process that serves a single command works with what was applied last,
 * because its file can be that of another hub, and it runs without the secrets of the service (decision 44).
 */
export async function settingsOf(
  config: Config,
  store: Store,
  clock: Clock,
  ids: Ids,
  log: Log,
  { isOffline = false, isNew = false, acceptsRemovals = false }: SettingsUse,
): Promise<SettingsResult> {
  if (isOffline && !isNew)
    return { credentials: [], unapplied: await unappliedSettings(config, store, clock, ids) };
  const removals = acceptsRemovals ? 'any' : 'few';
  return {
    credentials: await declareSettings(config, store, clock, ids, log, removals),
    unapplied: undefined,
  };
}

/**
 * Applies the settings file to the store. Records that the file declares are created or updated and marked `managed:
 * file`. Records that it declared earlier but no longer declares are removed. All other records stay unchanged. Returns
 * the accounts of people that got a new credential. Their TLP:RED is withdrawn, because others know the credential.
 * It throws instead of removing more members, accounts or collections than `removals` permits.
 */
export async function declareSettings(
  config: Config,
  store: Store,
  clock: Clock,
  ids: Ids,
  log: Log,
  removals: Removals = 'few',
): Promise<readonly CredentialOfFile[]> {
  // Processes that start at the same time apply the file one after the other. When a process is killed in the middle,
  // its lease expires, and the next process completes the work.
  const held = await waitForLease(store, clock, 'settings', LEASE_MS, PATIENCE_MS);
  if (held === undefined) throw settingsErrors.reconcilingElsewhere();
  try {
    return await reconcile(config, store, clock, ids, log, held.lease, removals);
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
  removals: Removals,
): Promise<readonly CredentialOfFile[]> {
  // The first plan is made before anything is written, because it can show that the settings file is missing.
  if (config.file === undefined) await plannedChanges(config, store, clock, ids, silentLog);
  if (config.mongodbUri !== undefined && !(await mayReconcile(config, store, log))) return [];
  const { changes, wanted, present } = await plannedChanges(config, store, clock, ids, log);
  demandRemovals(config, { changes, wanted, present }, removals);
  const returned: string[] = [];
  for (const { kind, id, expected } of changes)
    if (kind === 'member' && expected === 0 && (await store.wasRemoved(kind, id))) returned.push(id);
  const given = credentialsGiven(wanted, present);
  const withdrawn = await withdrawRed(store, new Set(given.map(({ account }) => account)));
  const remembered = await rememberFile(config, store);
  if (changes.length === 0 && remembered.length > 0) await store.commit({ records: remembered, lease });
  if (changes.length > 0) {
    await store.commit({
      // Only a file that was applied is remembered. Otherwise a refused one would keep the right one out.
      records: [...changes, ...withdrawn.records, ...remembered],
      lease,
      facts: [
        factOf(config, changes, returned, ids, clock),
        ...given.map(({ name }) => resetFact(name, ids, clock)),
      ],
      scrub: withdrawn.records.length > 0,
    });
    for (const member of returned)
      log.warn('member.declared_again', {
        member,
        reason: 'The settings file declares a removed member again. It has everything that it had before.',
      });
    log.info('settings.reconciled', { changes: changes.length });
  }
  return given.map((one) => ({ ...one, givers: withdrawn.givers.get(one.account) ?? new Set() }));
}

async function plannedChanges(
  config: Config,
  store: Pick<Store, 'record' | 'records'>,
  clock: Pick<Clock, 'now'>,
  ids: Ids,
  log: Log,
): Promise<Plan> {
  const [whole, damaged] = [await presentRecords(store), await damagedRecords(store)];
  const declared = await wantedRecords(config, withSalvaged(whole, damaged), ids, log);
  const apart = withoutDamaged(declared, whole, damaged);
  const { wanted } = apart;
  demandSettingsFile(config, wanted, apart.present, await hadFile(store));
  keepAliasesApart(config, wanted, apart.present);
  const { present, changes: handedOver } = handOverTrial(config, wanted, apart.present, log);
  keepTimes(wanted, present, clock.now());
  const replaced = replacedAccounts(wanted, present);
  const changes = [
    ...handedOver,
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
    ...grantsOfAccounts(wanted, present),
  ];
  return { wanted, present, changes };
}

/**
 * Returns the records that the next start creates, updates or removes, as text, because the settings file differs from the
 * store. Undefined if there are none. Changes nothing. Commands usually run without the secrets of the service, so
 * passwords and keys whose variables are not set here do not count.
 */
export async function unappliedSettings(
  config: Config,
  store: Pick<Store, 'record' | 'records'>,
  clock: Pick<Clock, 'now'>,
  ids: Ids,
): Promise<string | undefined> {
  const { changes, present } = await plannedChanges(config, store, clock, ids, silentLog);
  const isSet = (variable: string | undefined): boolean =>
    variable === undefined || config.secret(variable) !== undefined;
  const unset = new Set(
    config.accounts.flatMap(({ name, password_env: password, key_env: key }) =>
      isSet(password) && isSet(key) ? [] : [name],
    ),
  );
  // Members and accounts say most about what was changed, or whose file it is.
  const rank = ({ kind }: RecordChange): number => ([MEMBERS.kind, ACCOUNTS.kind].includes(kind) ? 0 : 1);
  const ordered = changes.toSorted((a, b) => rank(a) - rank(b));
  const names = ordered.flatMap(({ kind, id, document }) => {
    if (kind === KEYS.kind && document === undefined) return [];
    if (kind === ACCOUNTS.kind && document !== undefined && present.account.has(id) && unset.has(id))
      return [];
    const shown = document ?? new Map(Object.entries(present)).get(kind)?.get(id)?.document;
    return [shown === undefined || kind === KEYS.kind ? kind : `${kind} ${nameOf(id, { document: shown })}`];
  });
  return names.length === 0 ? undefined : namesOf(names);
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
