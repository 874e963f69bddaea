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
  readonly byId: ReadonlyMap<string, AccountInfo>;
  readonly byName: ReadonlyMap<string, AccountInfo>;
  readonly oldHashShare: number;
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
}
