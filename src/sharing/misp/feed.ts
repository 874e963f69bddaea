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
import type { Store } from '../../store/store.ts';
import { sharingErrors } from '../errors.ts';
import { ListFiles, notMade } from '../lists/list-files.ts';
import { MISP_FORMAT } from '../lists/list-query.ts';
import { readableCollection, type ListAnswer, type Lists } from '../lists/lists.ts';
import type { SuppressedValues, Suppressions } from '../suppression/suppressed-values.ts';
import type { LifeSettings, Lifetimes } from '../values/life.ts';
import type { ValueHead, ValueView } from '../values/value-view.ts';
import { makeFeed, type MadeFeed } from './make-feed.ts';
import { hubOrganisation } from './model.ts';

/** Maximum number of feeds whose files are kept. Each member that reports values itself has a feed of its own. */
const MOST_KEPT = 50;
/** A feed is made again after this time even if nothing changed, because policies and warning lists can change. */
const LONGEST_MS = 300_000;
const JSON_FORMAT = { name: MISP_FORMAT, media: 'application/json' } as const;
const CSV_FORMAT = { name: MISP_FORMAT, media: 'text/csv' } as const;
/** The text by which the ledger and the connections know a MISP feed. */
const WAY = JSON.stringify([MISP_FORMAT, VALUE_TYPES]);

interface Kept {
  readonly feed: MadeFeed;
  readonly list: MadeFeed['manifest'];
  readonly beside: readonly Pick<MadeFeed['manifest'], 'plain' | 'gzip'>[];
  /** The time of the last change of the manifest, in milliseconds since 1970. */
  readonly modified: number;
  readonly position: string;
  readonly members: Snapshot['members'];
  readonly suppressed: SuppressedValues;
  readonly life: Lifetimes;
  readonly until: number;
}

interface Making {
  readonly collection: CollectionInfo;
  readonly audience: Audience;
  readonly directory: Snapshot;
  readonly head: ValueHead;
  readonly suppressed: SuppressedValues;
  readonly life: Lifetimes;
  readonly reader?: MemberInfo;
}

export interface MispFeedParts {
  readonly store: Pick<Store, 'entries'>;
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
  readonly #files: ListFiles<Kept>;
  readonly #making = new Map<
    string,
    { readonly made: Promise<Kept>; readonly suppressed: SuppressedValues }
  >();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: MispFeedParts) {
    this.#parts = parts;
    this.#files = new ListFiles(parts.folder, MOST_KEPT);
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
    const { kept, isStale, head } = await this.#find(principal, directory, collection, uuid);
    const answer = answerOf(kept, file, uuid);
    if (answer === undefined) throw sharingErrors.mispFileNotFound();
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
    const { kept } = await this.#find(principal, directory, collection, undefined);
    return { collection, list: kept.feed.manifest };
  }

  /** Returns the feed that a caller reads: a member that reports some of the values reads one of its own, like a list. */
  async #find(
    principal: Principal,
    directory: Snapshot,
    collection: CollectionInfo,
    uuid: string | undefined,
  ): Promise<{ readonly kept: Kept; readonly isStale: boolean; readonly head: ValueHead }> {
    const { view, suppressions, life } = this.#parts;
    const audience = directory.audienceOf(principal);
    const head = await view.catchUp(collection.id);
    const suppressed = await suppressions.current();
    const making = { collection, audience, directory, head, suppressed, life: life.of(directory) };
    const key = `${collection.id}\n${audience.kind}`;
    const member = principal.kind === 'account' ? directory.members.get(principal.member ?? '') : undefined;
    if (member === undefined || member.name === 'hub') return { ...(await this.#current(key, making, uuid)), head }; // prettier-ignore
    const ownKey = `${key}\n${member.name}`;
    const shared = this.#files.get(ownKey) !== undefined ? undefined : await this.#current(key, making, uuid);
    const found =
      shared === undefined || shared.kept.feed.owners.has(member.name)
        ? await this.#current(ownKey, { ...making, reader: member }, uuid)
        : shared;
    return { ...found, head };
  }

  async #current(
    key: string,
    making: Making,
    uuid: string | undefined,
  ): Promise<{ readonly kept: Kept; readonly isStale: boolean }> {
    const { clock, log } = this.#parts;
    const kept = this.#files.get(key);
    if (kept !== undefined && isFresh(kept, making, clock.now(), uuid !== undefined))
      return { kept, isStale: false };
    try {
      if (!making.head.usable) throw sharingErrors.listNotReady({ headers: { 'Retry-After': '30' } });
      return { kept: await this.#make(key, making), isStale: false };
    } catch (error) {
      // A MISP instance that gets an error keeps what it has, so the previous feed is better than none.
      if (kept === undefined) throw notMade(error);
      log.warn('list.stale', {
        collection: making.collection.id,
        format: MISP_FORMAT,
        reason: reasonOf(error),
      });
      return { kept, isStale: true };
    }
  }

  /** Makes a feed, or waits for it if it is being made. One feed is made at a time. */
  #make(key: string, what: Making): Promise<Kept> {
    const running = this.#making.get(key);
    // One that was begun before a suppression may contain a value that it must not.
    if (running?.suppressed === what.suppressed) return running.made;
    if (this.#making.size >= MOST_KEPT)
      return Promise.reject(sharingErrors.listNotReady({ headers: { 'Retry-After': '30' } }));
    const made = this.#turn
      .then(() => this.#makeNow(key, what))
      .finally(() => {
        if (this.#making.get(key)?.made === made) this.#making.delete(key);
      });
    this.#making.set(key, { made, suppressed: what.suppressed });
    this.#turn = made.catch(() => undefined);
    return made;
  }

  async #makeNow(key: string, making: Making): Promise<Kept> {
    const { store, lists, clock, hub } = this.#parts;
    const { collection, audience, directory, head, suppressed, life, reader } = making;
    const now = clock.now();
    const guard = await lists.guardFor(directory, now);
    const before = this.#files.get(key);
    const feed = await makeFeed(await this.#files.path(), {
      store, audience, guard, suppressed, life, now, clock,
      collection: collection.id,
      marking: (id: string, owner: string) => directory.marking(id, owner),
      reader: reader === undefined ? undefined : { member: reader.name, guard: guard.forReporter(reader) },
      hub: hubOrganisation(hub.title, hub.url()),
      before: before?.feed,
    }); // prettier-ignore
    const kept: Kept = {
      feed,
      list: feed.manifest,
      beside: [feed.hashes, feed.events],
      modified: before?.list.digest === feed.manifest.digest ? before.modified : now,
      position: head.position,
      members: directory.members,
      suppressed,
      life,
      until: Math.min(feed.changesAt, now + LONGEST_MS),
    };
    await this.#files.keep(key, kept);
    return kept;
  }
}

/** A MISP reads the manifest and then hundreds of events, which do not have to be newer than the manifest. */
function isFresh(kept: Kept, making: Making, now: number, isEvent: boolean): boolean {
  const { head, directory, suppressed, life } = making;
  const isSame = kept.members === directory.members && kept.suppressed === suppressed && kept.life === life;
  if (!isSame || head.rebuilding || now >= kept.until) return false;
  return isEvent || kept.position === head.position;
}

function answerOf(
  { feed, modified }: Kept,
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
