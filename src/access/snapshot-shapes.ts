import type { OrderedMap } from '../kernel/ordered-map.ts';
import type { Stored } from '../store/records.ts';
import type { KeyRecord } from './keys/model.ts';
import type { ClaimRecord, GroupRecord } from './member-model.ts';
import type {
  AccountInfo,
  CollectionInfo,
  FeedIdentity,
  Grant,
  KeyInfo,
  MemberInfo,
} from './snapshot-records.ts';

export interface Groups {
  readonly byName: ReadonlyMap<string, GroupRecord>;
  /** Names of the groups of each member, at the time of the snapshot. */
  readonly ofMember: ReadonlyMap<string, readonly string[]>;
  readonly changesAt: number;
}

export interface Member {
  readonly info: MemberInfo;
  readonly changesAt: number;
}

export interface Members {
  readonly claims: OrderedMap<OrderedMap<ClaimRecord>>;
  readonly each: OrderedMap<Member>;
  /** All members with the hub, by name. */
  readonly byName: ReadonlyMap<string, MemberInfo>;
  readonly byIdentity: ReadonlyMap<string, string>;
  readonly changesAt: number;
}

export interface Accounts {
  readonly byId: OrderedMap<AccountInfo>;
  readonly byName: OrderedMap<AccountInfo>;
  readonly all: AccountMap;
  /** The number of passwords, and of those whose hash has an old scheme. */
  readonly hashes: { readonly all: number; readonly old: number };
}

export interface Keys {
  readonly byDigest: OrderedMap<KeyInfo>;
  /** Records of keys by digest, by the id of their account. */
  readonly ofAccount: OrderedMap<OrderedMap<Stored<KeyRecord>>>;
}

export interface Feeds {
  readonly all: readonly FeedIdentity[];
  readonly byIdentity: ReadonlyMap<string, string>;
}

export interface Grants {
  /** Grants by collection. Those to accounts that were removed are among them. */
  readonly ofCollection: ReadonlyMap<string, readonly Grant[]>;
  /** Receivers of grants that contain no id, so that a later account of the name would get them. */
  readonly waiting: ReadonlySet<string>;
  /** Names and ids of the accounts to which there are grants. */
  readonly accounts: ReadonlySet<string>;
  /** Receivers of damaged grants by collection. They count as readers, but get no rights. */
  readonly lost: ReadonlyMap<string, readonly string[]>;
}

export interface Collections {
  readonly byId: ReadonlyMap<string, CollectionInfo>;
  /** Collections by `root/alias`. */
  readonly byAlias: ReadonlyMap<string, CollectionInfo>;
  /** Collections by alias alone. Collections of different API roots can have the same alias. */
  readonly ofAlias: ReadonlyMap<string, readonly CollectionInfo[]>;
  /** Deleted collections whose objects are being removed. The other maps do not contain them. */
  readonly deleted: ReadonlyMap<string, CollectionInfo>;
}

/** Accounts by id, in the order of their names. Ids are random, so their order would tell people nothing. */
class AccountMap implements ReadonlyMap<string, AccountInfo> {
  readonly #byId: OrderedMap<AccountInfo>;
  readonly #byName: OrderedMap<AccountInfo>;

  constructor(byId: OrderedMap<AccountInfo>, byName: OrderedMap<AccountInfo>) {
    this.#byId = byId;
    this.#byName = byName;
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): AccountInfo | undefined {
    return this.#byId.get(id);
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  *entries(): MapIterator<[string, AccountInfo]> {
    for (const account of this.#byName.values()) yield [account.id, account];
  }

  *keys(): MapIterator<string> {
    for (const { id } of this.#byName.values()) yield id;
  }

  values(): MapIterator<AccountInfo> {
    return this.#byName.values();
  }

  [Symbol.iterator](): MapIterator<[string, AccountInfo]> {
    return this.entries();
  }

  forEach(callback: (account: AccountInfo, id: string, map: ReadonlyMap<string, AccountInfo>) => void): void {
    for (const account of this.values()) callback(account, account.id, this);
  }
}

/** Returns accounts with the map by which they are listed. */
export function accountsIn(
  byId: Accounts['byId'],
  byName: Accounts['byName'],
  hashes: Accounts['hashes'],
): Accounts {
  return { byId, byName, all: new AccountMap(byId, byName), hashes };
}
