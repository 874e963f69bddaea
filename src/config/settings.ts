import type {
  FeedDocument as GeneratedFeed,
  Mapping as GeneratedMapping,
  Parser as GeneratedParser,
  Settings as GeneratedSettings,
} from './schema-types.ts';

/** Makes all parts of a type read-only, because settings never change after they were read. */
type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** The settings file as its schema (schemas/config.json) accepts it, with the names that are used in the file. */
export type Settings = DeepReadonly<GeneratedSettings>;

type Part<Key extends keyof Settings> = NonNullable<Settings[Key]>;

export type ApiRootSetting = Part<'api_roots'>[number];
export type CollectionSetting = Part<'collections'>[number];
export type GroupSetting = Part<'groups'>[number];
export type MemberSetting = Part<'members'>[number];
export type AccountSetting = Part<'accounts'>[number];
export type FeedSetting = Part<'feeds'>[number];

/** A feed document (schemas/feeds/feed.json): how and when a feed is fetched, read and mapped. */
export type FeedDocument = DeepReadonly<GeneratedFeed>;
export type TransportSpec = FeedDocument['transport'];
export type ScheduleSpec = FeedDocument['schedule'];
export type ParserSpec = DeepReadonly<GeneratedParser>;
export type Mapping = DeepReadonly<GeneratedMapping>;
