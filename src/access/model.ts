import { HUB_NAMESPACE, uuidV5 } from '../kernel/ids.ts';
import { TLP_LEVELS, type Tlp } from '../stix/markings.ts';
import { LEVELS, type ValidationLevel } from '../stix/validation/tolerance.ts';
import type { StixObject } from '../stix/types.ts';
import {
  flag,
  flagOrFalse,
  list,
  maybe,
  number,
  oneOf,
  RecordKind,
  shape,
  text,
  validated,
  type Field,
} from '../store/records.ts';

const tlp = oneOf(...TLP_LEVELS);

/** An API root. The id of the record is its path. */
export interface ApiRootRecord {
  readonly title?: string;
  readonly description?: string;
  readonly max_content_length?: number;
  readonly page_limit?: number;
  readonly unwrap_bundles?: boolean;
  readonly managed?: string;
}

export const API_ROOTS = new RecordKind<ApiRootRecord>({
  kind: 'api-root',
  fields: {
    title: maybe(text),
    description: maybe(text),
    max_content_length: maybe(number),
    page_limit: maybe(number),
    unwrap_bundles: maybe(flag),
    managed: maybe(text),
  },
});

/** A collection. */
export interface CollectionRecord {
  /** Path of the API root. Absent when the hub had no API root. */
  readonly api_root?: string;
  readonly alias?: string;
  readonly title: string;
  readonly description?: string;
  readonly accept?: readonly ('2.0' | '2.1')[];
  readonly validation?: ValidationLevel;
  readonly unmarked?: 'refuse' | 'default';
  readonly default_tlp?: Tlp;
  readonly min_tlp?: Tlp;
  readonly max_tlp?: Tlp;
  /** The strictest TLP that may still be stored, after the maximum was lowered. */
  readonly tallest?: Tlp;
  /** The time at which stricter objects had been removed, in milliseconds since 1970. */
  readonly lowered_at?: number;
  /** The time at which the collection was deleted, in milliseconds since 1970. The hub removes its objects first. */
  readonly deleted_at?: number;
  /** The member whose own collection this is. */
  readonly own_of?: string;
  /** The member whose clients read this collection. */
  readonly clients_of?: string;
  readonly managed?: string;
}

export const COLLECTIONS = new RecordKind<CollectionRecord>({
  kind: 'collection',
  fields: {
    api_root: maybe(text),
    alias: maybe(text),
    title: text,
    description: maybe(text),
    accept: maybe(list(oneOf('2.0', '2.1'))),
    validation: maybe(oneOf(...LEVELS)),
    unmarked: maybe(oneOf('refuse', 'default')),
    default_tlp: maybe(tlp),
    min_tlp: maybe(tlp),
    max_tlp: maybe(tlp),
    tallest: maybe(tlp),
    lowered_at: maybe(number),
    deleted_at: maybe(number),
    own_of: maybe(text),
    clients_of: maybe(text),
    managed: maybe(text),
  },
});

/** A grant: a right to read or write a collection. */
export interface GrantRecord {
  /** Id of the collection. */
  readonly collection: string;
  /** `account:NAME`, `member:NAME`, `clients:NAME`, `group:NAME`, `role:NAME` or `public`. */
  readonly to: string;
  /** Id of the account of `account:NAME`. Absent in grants of versions before 0.2. */
  readonly account?: string;
  readonly read: boolean;
  readonly write: boolean;
  /** The time since which the grant allows reading, in microseconds since 1970. */
  readonly since?: number;
  readonly managed?: string;
}

/** Returns the id of a grant, so that there is one for each collection and receiver. */
export function grantId({ collection, to }: Pick<GrantRecord, 'collection' | 'to'>): string {
  return `${collection}/${to}`;
}

export const GRANTS = new RecordKind<GrantRecord>({
  kind: 'grant',
  fields: {
    collection: text,
    to: text,
    account: maybe(text),
    read: flagOrFalse,
    write: flagOrFalse,
    since: maybe(number),
    managed: maybe(text),
  },
  idOf: grantId,
});

/** A marking definition. The id of the record is its STIX id. */
export interface MarkingRecord {
  /** The first owner of the definition. */
  readonly owner: string;
  /** Further owners who submitted a definition with the same meaning. */
  readonly also?: readonly string[];
  readonly object: StixObject;
  /** The IEP policy has ended, and its objects were removed. */
  readonly cleared?: boolean;
}

/** A definition without its type or its content is damaged. Its content is unknown. */
const definition: Field<StixObject> = (value, at) => {
  const object = validated<StixObject>()(value, at);
  oneOf('marking-definition')(object['type'], `${at}.type`);
  text(object['id'], `${at}.id`);
  if (object['extensions'] === undefined) text(object['definition_type'], `${at}.definition_type`);
  return object;
};

export const MARKINGS = new RecordKind<MarkingRecord>({
  kind: 'marking',
  fields: { owner: text, also: maybe(list(text)), object: definition, cleared: maybe(flag) },
  keys: ({ owner }) => ({ owner }),
});

/** A rule that forwards objects. The id of the record is its name. */
export interface RuleRecord {
  /** Ids of the collections. */
  readonly from: string;
  readonly to: string;
  readonly types?: readonly string[];
  readonly labels?: readonly string[];
  readonly owners?: readonly string[];
  /** No rule forwards TLP:RED. */
  readonly max_tlp?: Exclude<Tlp, 'red'>;
  readonly managed?: string;
}

export const RULES = new RecordKind<RuleRecord>({
  kind: 'rule',
  fields: {
    from: text,
    to: text,
    types: maybe(list(text)),
    labels: maybe(list(text)),
    owners: maybe(list(text)),
    max_tlp: maybe(oneOf('clear', 'green', 'amber', 'amber+strict')),
    managed: maybe(text),
  },
});

/** The kinds of values that have a lifetime of their own. */
export const LIFE_GROUPS = ['ip', 'url', 'domain', 'email', 'hash', 'certificate', 'pattern'] as const;
export type LifeGroup = (typeof LIFE_GROUPS)[number];

/** How long values of one kind are valid if their producer does not say it. Absent parts have their defaults. */
export interface LifeOfType {
  readonly days?: number | undefined;
  /** The speed of the decay. With 1 the score falls evenly. The higher it is, the faster the score falls at first. */
  readonly decay?: number | undefined;
  /** The score below which a value expires, from 0 to 99. */
  readonly threshold?: number | undefined;
}

/** How long values are valid if their producer does not say it. */
export type LifeTerms = { readonly [Group in LifeGroup]?: LifeOfType | undefined };

const lifeOfType = maybe(
  shape<LifeOfType>({ days: maybe(number), decay: maybe(number), threshold: maybe(number) }),
);

/** The part of a feed document that access depends on. */
export interface FeedTerms {
  /** How long the values of the feed are valid if the feed does not say it. */
  readonly life?: LifeTerms | undefined;
  /** `redistribute: no` means that the licence of the feed does not allow redistribution to members. */
  readonly defaults?: { readonly redistribute?: string | undefined } | undefined;
}

/** A feed. The id of the record is its name. */
export interface FeedRecord<Document extends FeedTerms = FeedTerms> {
  readonly document: Document;
  /** Id of the collection that the feed fills. */
  readonly collection: string;
  /** The STIX identity of the feed. */
  readonly identity: string;
  readonly managed?: string;
}

let lastFeed = { name: '', id: '' };

/** Returns the id of the identity that is the creator of a feed's objects. */
export function feedIdentityId(feed: string): string {
  // A run asks for each of its findings.
  if (lastFeed.name !== feed) lastFeed = { name: feed, id: `identity--${uuidV5(feed, HUB_NAMESPACE)}` };
  return lastFeed.id;
}

/** Returns the codec of feeds. The part of the hub that runs feeds knows more of their documents than access does. */
export function feedRecords<Document extends FeedTerms>(
  document: Field<Document>,
): RecordKind<FeedRecord<Document>> {
  return new RecordKind<FeedRecord<Document>>({
    kind: 'feed',
    fields: { document, collection: text, identity: text, managed: maybe(text) },
  });
}

/** Feeds, as far as access is concerned. */
export const FEED_TERMS = feedRecords(
  shape<FeedTerms>({
    defaults: maybe(shape<NonNullable<FeedTerms['defaults']>>({ redistribute: maybe(text) })),
    life: maybe(
      shape<LifeTerms>({
        ip: lifeOfType,
        url: lifeOfType,
        domain: lifeOfType,
        email: lifeOfType,
        hash: lifeOfType,
        certificate: lifeOfType,
        pattern: lifeOfType,
      }),
    ),
  }),
);
