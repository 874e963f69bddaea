import type { Micros } from '../../kernel/clock.ts';

// The lists and first finds of feeds. Both are derived from the files of feeds, so no decision about access depends on them.

/** An object that a feed lists. */
export interface Listing {
  /** Name of the feed. */
  readonly feed: string;
  /** The unit of the feed (an event, for example) that lists the object. Empty for the list of a snapshot feed. */
  readonly unit: string;
  /** STIX id of the object. */
  readonly object: string;
}

export interface ListingQuery {
  readonly feed: string;
  readonly unit: string;
  /** Only objects with ids greater than this one. */
  readonly after?: string;
  readonly limit: number;
}

/** The first time that a feed named a value. */
export interface FirstFind {
  readonly value: string;
  /** Name of the feed. */
  readonly feed: string;
  readonly at: Micros;
}

export interface FirstFindQuery {
  /** Only finds that follow this one. */
  readonly after?: Pick<FirstFind, 'value' | 'feed'>;
  readonly limit: number;
}

/** Changes of the lists and first finds of feeds. Repeating them changes nothing. */
export interface FeedItems {
  readonly listed?: readonly Listing[];
  readonly unlisted?: readonly Listing[];
  /** Of several finds of one value by one feed, the earliest that the store receives stays. */
  readonly found?: readonly FirstFind[];
}

/** The lists and first finds of feeds. */
export interface FeedItemStore {
  /** Returns the ids of the objects that a unit of a feed lists, in order. */
  listings(query: ListingQuery): Promise<readonly string[]>;
  /** Returns the units of a feed that list an object. The list of a snapshot feed is not one of them. */
  unitsOf(feed: string, object: string, limit: number): Promise<readonly string[]>;
  /** Returns first finds. Those of one value follow each other. */
  firstFinds(query: FirstFindQuery): Promise<readonly FirstFind[]>;
}
