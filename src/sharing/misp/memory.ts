import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { flagOrFalse, maybe, number, RecordKind, text, type Stored } from '../../store/records.ts';
import { removal, type HubRecord, type Lease, type RecordChange, type Store } from '../../store/store.ts';
import type { MispAttribute } from './model.ts';

// The store keeps what feeds contained, because MISP keeps an attribute until the feed lists it as deleted. A hub that
// restarted, and another process, must list what an earlier feed contained.

/** The last statement of a feed about an attribute. */
export interface Said {
  /** Seconds since 1970. */
  readonly timestamp: number;
  /** A digest of everything but the time. 0 for a deleted attribute. */
  readonly digest: number;
}

/** The last statement of a feed about an event. */
export interface EventMemory {
  readonly day: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  /** The digest of its text without its own time. */
  readonly digest: string;
  /** The time of its text about the event, in seconds since 1970, and whether that text was deleted. */
  readonly report?: { readonly timestamp: number; readonly isDeleted: boolean };
  /** By id. */
  readonly attributes: ReadonlyMap<string, Said>;
}

/** An event of a feed, as it is stored. */
interface MispEventRecord {
  readonly feed: string;
  readonly day: string;
  readonly timestamp: number;
  readonly digest: string;
  readonly report_at?: number;
  readonly report_deleted: boolean;
  /** Base64 of 24 bytes for each attribute: id, time, digest. */
  readonly attributes: string;
}

export const MISP_EVENTS = new RecordKind<MispEventRecord>({
  kind: 'misp-event',
  fields: {
    feed: text,
    day: text,
    timestamp: number,
    digest: text,
    report_at: maybe(number),
    report_deleted: flagOrFalse,
    attributes: text,
  },
  keys: ({ feed }) => ({ feed }),
});

/** A feed whose events are remembered. */
interface MispFeedRecord {
  readonly collection: string;
  /** Rises with each change of its events. */
  readonly generation: number;
  /** The last day on which it was made, in milliseconds since 1970. */
  readonly used: number;
}

export const MISP_FEEDS = new RecordKind<MispFeedRecord>({
  kind: 'misp-feed',
  fields: { collection: text, generation: number, used: number },
});

const DAY_MS = 86_400_000;
/** A feed that nobody fetched for this time is forgotten. Each MISP must fetch it more often (`DELETED_S`). */
const UNUSED_MS = 35 * DAY_MS;
/** Maximum number of feeds whose events are remembered: those that were used last, and all that are in use. */
const MOST_FEEDS = 200;
/** Maximum number of feeds whose events are remembered in any case. */
const MOST_IN_USE = 2_000;
/** MISP fetches a feed that is in use within this time. Removals since its last fetch would be lost with the memory. */
const IN_USE_MS = 8 * DAY_MS;
/** Number of events that are read or written at once, and their size in characters. */
const AT_ONCE = 50;
const MOST_TEXT = 2_097_152;
const BYTES = 24;

type Reading = Pick<Store, 'record' | 'records'>;
type Writing = Reading & Pick<Store, 'commit'>;

/** The memory of one feed, while the feed is made. */
export class FeedMemory {
  readonly #store: Writing;
  readonly #id: string;
  readonly #collection: string;
  readonly #lease: Lease;
  #feed: Stored<MispFeedRecord> | undefined;
  /** The records of the events that were read and can change. */
  readonly #read = new Map<string, HubRecord>();
  #changes: RecordChange[] = [];
  #size = 0;
  #isChanged = false;

  private constructor(
    { store, lease }: { readonly store: Writing; readonly lease: Lease },
    id: string,
    collection: string,
    feed: Stored<MispFeedRecord> | undefined,
  ) {
    this.#store = store;
    this.#lease = lease;
    this.#id = id;
    this.#collection = collection;
    this.#feed = feed;
  }

  /** `key` identifies the feed. `lease` keeps other processes from making feeds at the same time. */
  static async open(
    parts: { readonly store: Writing; readonly lease: Lease },
    key: string,
    collection: string,
  ): Promise<FeedMemory> {
    const id = hash('sha256', key, 'base64url').slice(0, 22);
    return new FeedMemory(parts, id, collection, await MISP_FEEDS.in(parts.store).get(id));
  }

  /** Two equal numbers mean the same memory. */
  get generation(): number {
    return this.#feed?.document.generation ?? 0;
  }

  /** Yields the events that the feed contained, with their days. */
  async *events(): AsyncGenerator<readonly [uuid: string, day: string]> {
    for await (const page of eventPages(this.#store, this.#id))
      for (const { id, document } of MISP_EVENTS.whole(page))
        yield [id.slice(this.#id.length + 1), document.day];
  }

  /** Returns what the feed last said about an event. Undefined for an event that it did not contain. */
  async of(uuid: string): Promise<EventMemory | undefined> {
    const record = await this.#store.record(MISP_EVENTS.kind, `${this.#id}/${uuid}`);
    if (record === undefined) return undefined;
    this.#read.set(uuid, record);
    const found = MISP_EVENTS.decodeOnce(record);
    // A damaged record remembers nothing. The next statement replaces it.
    if (found === undefined) return undefined;
    const { day, timestamp, digest, report_at: at, report_deleted: isDeleted, attributes } = found.document;
    return {
      ...{ day, timestamp, digest, attributes: unpacked(attributes) },
      ...(at === undefined ? {} : { report: { timestamp: at, isDeleted } }),
    };
  }

  /** Remembers what the feed says about an event now. Undefined forgets the event. */
  async put(uuid: string, memory: EventMemory | undefined): Promise<void> {
    const before = this.#read.get(uuid);
    this.#read.delete(uuid);
    if (memory === undefined) {
      if (before !== undefined) this.#changes.push(removal(before));
    } else {
      const { day, timestamp, digest, report } = memory;
      const attributes = packed(memory.attributes);
      const document = {
        ...{ feed: this.#id, day, timestamp, digest, attributes },
        report_deleted: report?.isDeleted === true,
        ...(report === undefined ? {} : { report_at: report.timestamp }),
      };
      this.#changes.push(MISP_EVENTS.put(`${this.#id}/${uuid}`, before, document));
      this.#size += attributes.length;
    }
    if (this.#changes.length >= AT_ONCE || this.#size >= MOST_TEXT) await this.#write();
  }

  /** Leaves an event as it is remembered. */
  keep(uuid: string): void {
    this.#read.delete(uuid);
  }

  /** Forgets an event. */
  async forget(uuid: string): Promise<void> {
    await this.of(uuid);
    if (this.#read.has(uuid)) await this.put(uuid, undefined);
  }

  /** Writes what is left. `now` is in milliseconds since 1970. */
  async end(now: number): Promise<void> {
    if (this.#changes.length > 0) await this.#write();
    const used = now - (now % DAY_MS);
    if (this.#feed?.document.used === used && !this.#isChanged) return;
    await this.#store.commit({ records: [this.#next(used)], lease: this.#lease });
    this.#feed = await MISP_FEEDS.in(this.#store).get(this.#id);
  }

  async #write(): Promise<void> {
    // The number rises first: a process that is killed here must not leave events that another one takes for its own.
    const records = [...(this.#isChanged ? [] : [this.#next(this.#feed?.document.used ?? 0, 1)]), ...this.#changes]; // prettier-ignore
    this.#changes = [];
    this.#size = 0;
    await this.#store.commit({ records, lease: this.#lease });
    if (this.#isChanged) return;
    this.#isChanged = true;
    this.#feed = await MISP_FEEDS.in(this.#store).get(this.#id);
  }

  #next(used: number, by = 0): RecordChange {
    const document = { collection: this.#collection, generation: this.generation + by, used };
    return MISP_FEEDS.put(this.#id, this.#feed, document);
  }
}

/** Forgets feeds of deleted collections, and feeds that were not made for a long time or are too many. */
export async function sweepMemory(
  store: Writing,
  isPresent: (collection: string) => boolean,
  now: number,
): Promise<void> {
  const feeds = await MISP_FEEDS.in(store).whole();
  const newest = feeds.toSorted((a, b) => b.document.used - a.document.used);
  for (const [at, feed] of newest.entries()) {
    const { collection, used } = feed.document;
    const oldest = now - (at < MOST_FEEDS ? UNUSED_MS : IN_USE_MS);
    if (isPresent(collection) && used > oldest && at < MOST_IN_USE) continue;
    for (;;) {
      const [page = []] = await firstOf(eventPages(store, feed.id));
      if (page.length === 0) break;
      await store.commit({ records: page.map(removal) });
      await setImmediate();
    }
    await store.commit({ records: [removal(feed)] });
  }
}

async function firstOf<T>(pages: AsyncGenerator<T>): Promise<readonly T[]> {
  const { value, done } = await pages.next();
  return done === true ? [] : [value];
}

/** Yields the records of the events of a feed, also damaged ones, so that these neither end the list nor stay behind. */
async function* eventPages(store: Reading, feed: string): AsyncGenerator<readonly HubRecord[]> {
  for (let after: string | undefined; ;) {
    const page = await store.records(MISP_EVENTS.kind, {
      index: { name: 'feed', value: feed },
      limit: AT_ONCE,
      ...(after === undefined ? {} : { after }),
    });
    if (page.length > 0) yield page;
    if (page.length < AT_ONCE) return;
    after = page.at(-1)?.id;
  }
}

/** Returns a digest of an attribute without its time. It is never 0. */
export function digestOf(attribute: MispAttribute): number {
  const digits = hash('sha256', JSON.stringify({ ...attribute, timestamp: '' })).slice(0, 8);
  return Number.parseInt(digits, 16) || 1;
}

function packed(attributes: ReadonlyMap<string, Said>): string {
  const bytes = Buffer.alloc(attributes.size * BYTES);
  let at = 0;
  for (const [uuid, { timestamp, digest }] of attributes) {
    bytes.write(uuid.replaceAll('-', ''), at, 'hex');
    bytes.writeUInt32BE(timestamp, at + 16);
    bytes.writeUInt32BE(digest, at + 20);
    at += BYTES;
  }
  return bytes.toString('base64');
}

function unpacked(written: string): ReadonlyMap<string, Said> {
  const bytes = Buffer.from(written, 'base64');
  const attributes = new Map<string, Said>();
  for (let at = 0; at + BYTES <= bytes.length; at += BYTES) {
    const digits = bytes.toString('hex', at, at + 16);
    const uuid = `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
    attributes.set(uuid, { timestamp: bytes.readUInt32BE(at + 16), digest: bytes.readUInt32BE(at + 20) });
  }
  return attributes;
}
