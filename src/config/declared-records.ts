import { ACCOUNTS, type AccountRecord } from '../access/accounts/model.ts';
import { KEYS, type KeyRecord } from '../access/keys/model.ts';
import { isDeclared } from '../access/managed.ts';
import { GROUPS, MEMBERS, type GroupRecord, type MemberRecord } from '../access/member-model.ts';
import {
  API_ROOTS,
  COLLECTIONS,
  GRANTS,
  RULES,
  type ApiRootRecord,
  type CollectionRecord,
  type FeedRecord,
  type GrantRecord,
  type RuleRecord,
} from '../access/model.ts';
import { FEEDS } from '../feeds/model.ts';
import { canonical } from '../kernel/canonical.ts';
import { CHANNELS, type ChannelRecord } from '../sharing/channels/model.ts';
import { RecordKind, type Stored } from '../store/records.ts';
import { removal, type HubRecord, type RecordChange, type Store } from '../store/store.ts';
import type { FeedDocument } from './settings.ts';

/** The documents of the kinds of records that the settings file declares. */
export interface Documents {
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
/** A kind of records that the settings file declares. */
export type Kind = keyof Documents;
/** The records of these kinds in the store. */
export type Present = { readonly [K in Kind]: ReadonlyMap<string, Stored<Documents[K]>> };
/** The documents that the settings file declares, by id. */
export type Wanted = { readonly [K in Kind]: Map<string, Documents[K]> };

/** The records that the settings file declares, and what has to change so that the store has them. */
export interface Plan {
  readonly wanted: Wanted;
  readonly present: Present;
  readonly changes: readonly RecordChange[];
}

/** The damaged records of these kinds in the store. */
export type Damaged = { readonly [K in Kind]: ReadonlyMap<string, HubRecord> };

/** Reads the records of all kinds that the settings file declares, except damaged ones. */
export async function presentRecords(store: Pick<Store, 'record' | 'records'>): Promise<Present> {
  const all = async <T extends object>(kind: RecordKind<T>): Promise<ReadonlyMap<string, Stored<T>>> =>
    new Map((await kind.in(store).whole()).map((record) => [record.id, record]));
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

/** Reads the damaged records of these kinds. */
export async function damagedRecords(store: Pick<Store, 'records'>): Promise<Damaged> {
  const all = async <T extends object>(kind: RecordKind<T>): Promise<ReadonlyMap<string, HubRecord>> =>
    new Map(
      (await store.records(kind.kind))
        .filter((record) => kind.decodeOnce(record) === undefined)
        .map((record) => [record.id, record]),
    );
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

/**
 * Adds what can be read of damaged accounts and members, so that the ids of accounts and of members' collections stay
 * what they are.
 */
export function withSalvaged(present: Present, damaged: Damaged): Present {
  const collectionOf = (is: (document: CollectionRecord) => boolean): string | undefined =>
    [...present.collection.values()].find(({ document }) => is(document))?.id;
  const accounts = [...damaged.account].map(
    ([id, record]) =>
      [id, { ...record, document: { role: 'machine' as const, ...ACCOUNTS.salvage(record) } }] as const,
  );
  const members = [...damaged.member].map(([id, record]) => {
    const found = MEMBERS.salvage(record);
    const collection = found.collection ?? collectionOf(({ own_of: of }) => of === id);
    const clients = found.clients ?? collectionOf(({ clients_of: of }) => of === id);
    const document = {
      ...found,
      ...(collection === undefined ? {} : { collection }),
      ...(clients === undefined ? {} : { clients }),
    };
    return [id, { ...record, document }] as const;
  });
  return {
    ...present,
    account: new Map([...present.account, ...accounts]),
    member: new Map([...present.member, ...members]),
  };
}

/**
 * Leaves damaged records alone, together with the keys and grants of damaged accounts, whose ids may be lost. They are
 * neither written nor removed until the records are repaired.
 */
export function withoutDamaged(
  wanted: Wanted,
  present: Present,
  damaged: Damaged,
): { readonly wanted: Wanted; readonly present: Present } {
  const lost = new Set([...damaged.account.keys()].flatMap((name) => wanted.account.get(name)?.uid ?? []));
  const isLost = (account: string | undefined): boolean => account !== undefined && lost.has(account);
  const left: Record<Kind, Set<string>> = {
    'api-root': new Set(damaged['api-root'].keys()),
    collection: new Set(damaged.collection.keys()),
    grant: new Set([
      ...damaged.grant.keys(),
      ...[...wanted.grant].flatMap(([id, { account }]) => (isLost(account) ? [id] : [])),
    ]),
    group: new Set(damaged.group.keys()),
    member: new Set(damaged.member.keys()),
    account: new Set(damaged.account.keys()),
    key: new Set([
      ...damaged.key.keys(),
      ...[...wanted.key].flatMap(([id, { account }]) => (isLost(account) ? [id] : [])),
    ]),
    feed: new Set(damaged.feed.keys()),
    channel: new Set(damaged.channel.keys()),
    rule: new Set(damaged.rule.keys()),
  };
  const apart = <T>(kind: Kind, records: ReadonlyMap<string, T>): Map<string, T> =>
    new Map([...records].filter(([id]) => !left[kind].has(id)));
  return {
    wanted: {
      'api-root': apart('api-root', wanted['api-root']),
      collection: apart('collection', wanted.collection),
      grant: apart('grant', wanted.grant),
      group: apart('group', wanted.group),
      member: apart('member', wanted.member),
      account: apart('account', wanted.account),
      key: apart('key', wanted.key),
      feed: apart('feed', wanted.feed),
      channel: apart('channel', wanted.channel),
      rule: apart('rule', wanted.rule),
    },
    present: { ...present, grant: apart('grant', present.grant), key: apart('key', present.key) },
  };
}

/** Returns the changes of one kind. `isLeft` selects other records to remove, besides those that the file declared before. */
export function changesOf<T extends { readonly managed?: string }>(
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
