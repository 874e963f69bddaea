import type { Directory } from '../../access/directory.ts';
import type { Ledger } from '../../access/ledger.ts';
import type { Audience } from '../../access/policy.ts';
import { principalId, type Principal } from '../../access/principal.ts';
import { unauthenticated } from '../../access/authenticate.ts';
import type { CollectionInfo, MemberInfo, Snapshot } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import { isUuid } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import { reasonOf } from '../../kernel/problem.ts';
import { VALUE_TYPES } from '../../stix/values/observed-values.ts';
import { waitForLease } from '../../store/held-lease.ts';
import type { Store } from '../../store/store.ts';
import { sharingErrors } from '../errors.ts';
import { KeptLists, type Basis, type Current, type Listed } from '../lists/kept-lists.ts';
import { MISP_FORMAT } from '../lists/list-query.ts';
import { readableCollection, type ListAnswer, type Lists } from '../lists/lists.ts';
import type { Suppressions } from '../suppression/suppressed-values.ts';
import type { LifeSettings } from '../values/life.ts';
import type { ValueHead, ValueView } from '../values/value-view.ts';
import { makeFeed, type MadeFeed } from './make-feed.ts';
import { FeedMemory, sweepMemory } from './memory.ts';
import { hubOrganisation } from './model.ts';

/** Maximum number of feeds whose files are kept. Each member that reports values itself has a feed of its own. */
const MOST_KEPT = 50;
const LEASE = 'misp-feeds';
const LEASE_MS = 30_000;
/** Time that a request waits for another process that makes a feed. */
const PATIENCE_MS = 10_000;
/**
 * MISP reads the manifest and then each event. While objects arrive all the time, the feed must not be made for each of these
 * requests, so new objects and versions reach an event this much later at most.
 */
const EVENT_AGE_MS = 10_000;
const JSON_FORMAT = { name: MISP_FORMAT, media: 'application/json' } as const;
const CSV_FORMAT = { name: MISP_FORMAT, media: 'text/csv' } as const;
/** The text by which the ledger and the connections know a MISP feed. */
const WAY = JSON.stringify([MISP_FORMAT, VALUE_TYPES]);

/** A feed that was made, with its files. */
interface Made extends Listed {
  readonly feed: MadeFeed;
}

/** A feed that is to be made. */
interface Wanted extends Basis {
  readonly key: string;
  readonly collection: CollectionInfo;
  readonly audience: Audience;
  readonly reader: MemberInfo | undefined;
  readonly before: MadeFeed | undefined;
}

export interface MispFeedParts {
  readonly store: Store;
  /** The key from which ids are made. */
  readonly mispKey: string;
  readonly view: Pick<ValueView, 'catchUp'>;
  readonly suppressions: Pick<Suppressions, 'current'>;
  readonly life: LifeSettings;
  readonly lists: Pick<Lists, 'guardFor'>;
  readonly directory: Directory;
  readonly ledger: Pick<Ledger, 'read'>;
  /** The folder for files. Its content is removed when the hub starts. */
  readonly folder: string;
  readonly hub: { readonly title: string; readonly url: () => string };
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * MISP feeds: one for each collection, at `/misp/{collection}/`. A feed is made once for each change of its collection and
 * kept in files. It is read by the same rights as the lists of the collection, and each response is recorded in the
 * ledger.
 */
export class MispFeeds {
  readonly #parts: MispFeedParts;
  readonly #kept: KeptLists<Made>;

  constructor(parts: MispFeedParts) {
    this.#parts = parts;
    const { folder, clock } = parts;
    this.#kept = new KeptLists({ folder, clock, mostKept: MOST_KEPT, mostWaiting: MOST_KEPT });
  }

  /**
   * Returns a file of a feed: `manifest.json`, `hashes.csv` or an event. Throws a Problem of kind not-found if it does not
   * exist or the caller cannot read the collection, and of kind unavailable while the values of the collection are being
   * built.
   */
  async get(principal: Principal, name: string, file: string, agent: string): Promise<ListAnswer> {
    const { directory: current, suppressions, ledger } = this.#parts;
    const directory = await current.current();
    const collection = readableCollection(directory, principal, name, 'list.read');
    if (collection === undefined)
      throw principal.kind === 'public' ? unauthenticated() : sharingErrors.collectionNotFound();
    const uuid = /^(.{36})\.json$/.exec(file)?.[1];
    if (file !== 'manifest.json' && file !== 'hashes.csv' && (uuid === undefined || !isUuid(uuid)))
      throw sharingErrors.mispFileNotFound();
    let found = await this.#find(principal, directory, collection, uuid === undefined ? 0 : EVENT_AGE_MS);
    let answer = answerOf(found.kept, file, uuid);
    if (answer === undefined && uuid !== undefined) {
      // The manifest that names the event can be that of another process, which has made the feed since.
      found = await this.#find(principal, directory, collection);
      answer = answerOf(found.kept, file, uuid);
    }
    if (answer === undefined) throw sharingErrors.mispFileNotFound();
    const { kept, isStale, head } = found;
    const isSafe = !isStale && kept.suppressed === (await suppressions.current());
    const isFollowed = isSafe && file === 'manifest.json';
    ledger.read({
      account: principalId(principal),
      collection: collection.id,
      // The manifest leads to everything else. A single file does not show what MISP has.
      kind: isFollowed ? 'list' : 'lookup',
      filters: isFollowed ? WAY : '',
      cursor: head.added,
      objects: answer.list.lines,
      agent,
    });
    return { ...answer, isStale };
  }

  /** Returns the number of attributes in a feed and what is left out, for a person who may read the collection. */
  async preview(
    principal: Principal,
    name: string,
  ): Promise<{
    readonly collection: CollectionInfo;
    readonly list: Pick<MadeFeed['manifest'], 'lines' | 'omitted'>;
  }> {
    const directory = await this.#parts.directory.current();
    const collection = readableCollection(directory, principal, name, 'collection.read');
    if (collection === undefined) throw sharingErrors.collectionNotFound();
    const { kept } = await this.#find(principal, directory, collection);
    return { collection, list: kept.made.feed.manifest };
  }

  /** Removes the memory of feeds that nobody fetches. */
  async sweep(): Promise<void> {
    const { store, directory, clock } = this.#parts;
    const { collections } = await directory.current();
    await sweepMemory(store, (id) => collections.has(id), clock.now());
  }

  /** Returns the feed that a caller reads. */
  async #find(
    principal: Principal,
    directory: Snapshot,
    collection: CollectionInfo,
    mayBeOlderMs = 0,
  ): Promise<Current<Made> & { readonly head: ValueHead }> {
    const { view, suppressions, life, log } = this.#parts;
    const audience = directory.audienceOf(principal);
    const head = await view.catchUp(collection.id);
    const basis = { directory, head, suppressed: await suppressions.current(), life: life.of(directory) };
    const found = await this.#kept.find({
      key: `${collection.id}\n${audience.kind}`,
      basis,
      mayBeOlderMs,
      member: principal.kind === 'account' ? directory.members.get(principal.member ?? '') : undefined,
      make: async (path, now, { key, reader, before }) => {
        const feed = await this.#make(path, now, { ...basis, key, collection, audience, reader, before: before?.feed }); // prettier-ignore
        const { manifest, hashes, events, owners, changesAt } = feed;
        return { feed, list: manifest, beside: [hashes, events], owners, changesAt };
      },
      onStale: (error) =>
        log.warn('list.stale', { collection: collection.id, format: MISP_FORMAT, reason: reasonOf(error) }),
    });
    return { ...found, head };
  }

  /** Makes a feed while no other process does, because each feed follows on what the last one said. */
  async #make(path: string, now: number, wanted: Wanted): Promise<MadeFeed> {
    const { store, lists, clock, hub, mispKey } = this.#parts;
    const { key, collection, audience, directory, suppressed, life, reader, before } = wanted;
    const guard = await lists.guardFor(directory, now);
    const held = await waitForLease(store, clock, `${LEASE}/${collection.id}`, LEASE_MS, PATIENCE_MS);
    if (held === undefined) throw sharingErrors.listNotReady({ headers: { 'Retry-After': '30' } });
    try {
      return await makeFeed(path, {
        store, audience, guard, suppressed, life, now, clock, before,
        collection: collection.id,
        marking: (id: string, owner: string) => directory.marking(id, owner),
        reader: reader === undefined ? undefined : { member: reader.name, guard: guard.forReporter(reader) },
        hub: hubOrganisation(hub.title, hub.url()),
        secret: mispKey,
        memory: await FeedMemory.open({ store, lease: held.lease }, key, collection.id),
      }); // prettier-ignore
    } finally {
      await held.release();
    }
  }
}

function answerOf(
  { made: { feed }, modified }: Current<Made>['kept'],
  file: string,
  uuid: string | undefined,
): Omit<ListAnswer, 'isStale'> | undefined {
  if (file === 'manifest.json') return { format: JSON_FORMAT, list: feed.manifest, modified };
  if (file === 'hashes.csv') return { format: CSV_FORMAT, list: feed.hashes, modified };
  const place = uuid === undefined ? undefined : feed.places.get(uuid);
  if (place === undefined) return undefined;
  const { position, length, gzipPosition, gzipLength, digest, entries, timestamp } = place;
  return {
    format: JSON_FORMAT,
    list: {
      ...feed.events,
      begins: { plain: position, gzip: gzipPosition },
      bytes: length,
      gzipBytes: gzipLength,
      digest,
      lines: entries,
      omitted: new Map(),
    },
    modified: Math.min(Number(timestamp) * 1_000, modified),
  };
}
