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
import { removal, type RecordChange, type Store } from '../store/store.ts';
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

/** Reads the records of all kinds that the settings file declares. */
export async function presentRecords(store: Store): Promise<Present> {
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
