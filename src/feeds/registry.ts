import { demandManaged } from '../access/managed.ts';
import type { Directory } from '../access/directory.ts';
import { feedIdentityId, type FeedRecord } from '../access/model.ts';
import { OPERATOR } from '../access/principal.ts';
import type { CollectionInfo } from '../access/snapshot.ts';
import { VisibleNames } from '../access/visible-names.ts';
import type { FeedDocument } from '../config/settings.ts';
import { Problem } from '../kernel/problem.ts';
import type { Stored } from '../store/records.ts';
import { removal, type AuditFact, type Store } from '../store/store.ts';
import { checkDocument } from './document.ts';
import { allFeeds, feedOf, type Feed } from './feed-list.ts';
import { FEED_HEALTH, FEED_STATES, FEEDS, QUARANTINES, WARNING_LISTS } from './model.ts';
import { feedErrors } from './errors.ts';

/** Records about a feed that are of no use without it. */
const TRACES = [FEED_STATES.kind, FEED_HEALTH.kind] as const;

/** The feeds of the hub: their documents and the collections for their objects. */
export class FeedRegistry {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #changed: () => Promise<void>;

  /** `changed` is called after each change of the list of feeds. */
  constructor(store: Store, directory: Directory, changed: () => Promise<void>) {
    this.#store = store;
    this.#directory = directory;
    this.#changed = changed;
  }

  /** Returns all feeds, ordered by name. A damaged feed is not among them, so it does not run. */
  async all(): Promise<readonly Feed[]> {
    return allFeeds(this.#store);
  }

  /** Returns a feed by its name. Throws a Problem when there is none. */
  async find(name: string): Promise<Feed> {
    const feeds = await this.all();
    const feed = feeds.find(({ document }) => document.name === name);
    if (feed !== undefined) return feed;
    throw feedErrors.notFound({ name });
  }

  /** Creates a feed in the records of the hub. The audit facts are part of the same commit. */
  async create(document: FeedDocument, collection: string, facts: readonly AuditFact[]): Promise<void> {
    checkDocument(document, document.name);
    await this.target(document.name, collection);
    if (await this.#store.record('feed', document.name)) throw feedErrors.exists({ name: document.name });
    await this.#store.commit({
      records: [
        FEEDS.insert(document.name, {
          document,
          collection,
          identity: feedIdentityId(document.name),
          managed: 'hub',
        }),
      ],
      facts,
    });
    await this.#directory.refresh();
    await this.#changed();
  }

  /** Replaces the document of a feed. Stored objects stay. The next run reads the source from the beginning. */
  async update(
    name: string,
    document: FeedDocument,
    collection: string,
    facts: readonly AuditFact[],
  ): Promise<void> {
    const record = await this.#own(name);
    checkDocument({ ...document, name }, name);
    await this.target(name, collection);
    await this.#store.commit({
      records: [FEEDS.change(record, { ...record.document, document: { ...document, name }, collection })],
      facts,
    });
    // Its licence decides who may have the stored objects.
    await this.#directory.refresh();
    await this.#changed();
  }

  /** Deletes a feed. Its objects stay until they expire. */
  async delete(name: string, facts: readonly AuditFact[]): Promise<void> {
    const record = await this.#own(name);
    // A list without its feed is out of date. The list that ships with the hub applies again.
    const kept = feedOf(record).document.warning_list;
    const list = kept === undefined ? undefined : await this.#store.record(WARNING_LISTS.kind, kept.name);
    const quarantine = await this.#store.records(QUARANTINES.kind, {
      index: { name: 'feed', value: name },
    });
    const traces = await Promise.all(TRACES.map((kind) => this.#store.record(kind, name)));
    await this.#store.commit({
      records: [record, list, ...traces, ...quarantine].filter((one) => one !== undefined).map(removal),
      facts,
      scrub: quarantine.length > 0,
    });
    await this.#directory.refresh();
    await this.#changed();
  }

  /**
   * Removes the state and alarms of feeds that no longer exist: those that the settings file no longer declares,
   * and those that were removed during a run.
   */
  async sweep(): Promise<void> {
    const store = this.#store;
    // Read before the feeds, so that a feed that is created in between keeps its state.
    const traces = (await Promise.all(TRACES.map((kind) => store.records(kind)))).flat();
    const names = new Set((await store.records('feed')).map(({ id }) => id));
    for (const trace of traces.filter(({ id }) => !names.has(id)))
      await store.commit({ records: [removal(trace)] }).catch((error: unknown) => {
        // A run that is ending has just changed it. The next round removes it.
        if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
      });
  }

  /** Returns the record of a feed that the settings file does not declare. Throws a Problem for any other feed. */
  async #own(name: string): Promise<Stored<FeedRecord<FeedDocument>>> {
    await this.find(name);
    const record = await FEEDS.in(this.#store).get(name);
    if (record === undefined) throw feedErrors.notFound({ name });
    demandManaged(record, `The feed "${name}"`, 'You can pause it here.');
    return record;
  }

  /** Returns the collection of a feed. Throws a Problem when there is none, or several have the alias. */
  async target(feed: string, collection: string): Promise<CollectionInfo> {
    const target = VisibleNames.of(await this.#directory.current(), OPERATOR).chosen(collection);
    if (target !== undefined) return target;
    throw feedErrors.collectionMissing({ feed, collection });
  }
}
