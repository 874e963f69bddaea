import type { Alarm } from '../api/schema-types.ts';
import { feedRecords } from '../access/model.ts';
import type { FeedDocument } from '../config/settings.ts';
import { RecordKind, list, mapOf, maybe, number, oneOf, shape, text, validated } from '../store/records.ts';
import type { FeedHealth } from './health.ts';
import type { Quarantined, RunReport } from './report.ts';
import type { Cursor } from './transports/transport.ts';

/** Feeds with their documents, which are validated against their schema before they are stored. */
export const FEEDS = feedRecords(validated<FeedDocument>());

/** The state of a feed between runs. It is stored in the same commit as the data that was read. */
export interface FeedStateRecord {
  readonly cursor: Cursor;
  /** Digest of the last content that was read. */
  readonly sha256: string;
  /** Digest of the document that mapped it. After a change of the mapping, the source is read from the beginning. */
  readonly mapping: string;
  /** When a run last read the whole file, in milliseconds since 1970. */
  readonly read_at: number;
  /** Columns of the last files. The next run reports any difference. */
  readonly columns?: readonly string[];
  /** Digest of a file that shrank too much to be plausible. If the same file arrives again, it is accepted. */
  readonly doubted?: string;
  /** Digest of the bad rows of the last files. The same bad rows in the next files do not hide an entry. */
  readonly bad_rows?: string;
  /** The rows that the next run does not map again. */
  readonly rows?: RememberedRows;
}

/** The row memory that describes what is stored. */
export interface RememberedRows {
  readonly salt: string;
  /** The first bytes of its file. */
  readonly token: string;
  readonly collection: string;
  /** The start of the run that wrote it, in milliseconds since 1970. */
  readonly at: number;
  /** When a run last mapped all rows, in milliseconds since 1970. */
  readonly full_at: number;
}

/** States of feeds. The id of the record is the name of the feed. */
export const FEED_STATES = new RecordKind<FeedStateRecord>({
  kind: 'feed-state',
  fields: {
    // The connector that reads the source is the only one that knows what its cursor contains.
    cursor: validated<Cursor>(),
    sha256: text,
    mapping: text,
    read_at: number,
    columns: maybe(list(text)),
    doubted: maybe(text),
    bad_rows: maybe(text),
    rows: maybe(
      shape<RememberedRows>({ salt: text, token: text, collection: text, at: number, full_at: number }),
    ),
  },
});

/** Pauses and alarms of feeds. The id of the record is the name of the feed. */
export const FEED_HEALTH = new RecordKind<FeedHealth>({
  kind: 'feed-health',
  fields: {
    failures: number,
    not_before: maybe(number),
    source: maybe(text),
    source_since: maybe(text),
    paused: maybe(shape<NonNullable<FeedHealth['paused']>>({ by: text, at: text, reason: maybe(text) })),
    alarms: list(
      shape<Alarm>({
        code: oneOf(
          'silent',
          'stale',
          'shrunk',
          'flooded',
          'few',
          'bad-rows',
          'refused',
          'gone',
          'certificate',
          'warning',
        ),
        message: text,
        since: text,
      }),
    ),
  },
});

/** Reports of runs. */
export const FEED_RUNS = new RecordKind<RunReport>({
  kind: 'feed-run',
  fields: {
    feed: text,
    started: text,
    ended: text,
    slot: maybe(text),
    status: oneOf('ok', 'ok-empty', 'not-modified', 'unchanged', 'partial', 'suspect', 'failed'),
    reason: maybe(text),
    failure: maybe(oneOf('needs-key', 'gone', 'source', 'limits', 'content', 'setting')),
    http_status: maybe(number),
    retry_after_s: maybe(number),
    bytes: number,
    files: maybe(number),
    records: number,
    used: maybe(number),
    accepted: number,
    duplicates: number,
    filtered: number,
    quarantined: number,
    created: number,
    updated: number,
    unchanged: number,
    removed: number,
    held: number,
    refused: number,
    filtered_by: maybe(mapOf(number)),
    quarantined_by: maybe(mapOf(number)),
    newest: maybe(text),
    took: maybe(shape<NonNullable<RunReport['took']>>({ fetch: number, read: number, store: number })),
    oddities: maybe(list(text)),
  },
  keys: ({ feed }) => ({ feed }),
});

/** The rows of a run that could not be used. Its id is the id of the run, and its index key the name of the feed. */
export interface QuarantineRecord {
  /** The end of the run, in milliseconds since 1970. Absent in records of earlier versions. */
  readonly at?: number;
  /** The sealed rows. */
  readonly sealed?: string;
  /** The rows as earlier versions stored them, unencrypted. The hub seals them when it starts. */
  readonly rows?: readonly Quarantined[];
}

/** Rows that could not be used, one record for each run. */
export const QUARANTINES = new RecordKind<QuarantineRecord>({
  kind: 'feed-quarantine',
  fields: {
    at: maybe(number),
    sealed: maybe(text),
    rows: maybe(list(validated<Quarantined>())),
  },
});

const LIST_TYPES = ['cidr', 'hostname', 'string', 'substring', 'regex'] as const;
const LIST_ACTIONS = ['drop', 'flag', 'lower', 'observe', 'ignore'] as const;

/** The action for a value on a warning list. */
export type ListAction = (typeof LIST_ACTIONS)[number];

/** A list in the format of MISP. */
export interface ListFile {
  readonly type: (typeof LIST_TYPES)[number];
  readonly list: readonly string[];
}

/** A list that a feed of the hub maintains. */
export interface KeptList extends ListFile {
  readonly action: ListAction;
}

/** Warning lists that feeds maintain. The id of the record is the name of the list. */
export const WARNING_LISTS = new RecordKind<KeptList>({
  kind: 'warning-list',
  fields: { type: oneOf(...LIST_TYPES), list: list(text), action: oneOf(...LIST_ACTIONS) },
});
