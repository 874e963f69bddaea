import { createHash } from 'node:crypto';
import cron from 'node-cron';
import type { Directory } from '../access/directory.ts';
import type { CollectionInfo } from '../access/snapshot.ts';
import type { Clock } from '../kernel/clock.ts';
import { Limiter } from '../kernel/limiter.ts';
import type { Log } from '../kernel/log.ts';
import { nearest } from '../kernel/nearest.ts';
import { Problem, reasonOf } from '../kernel/problem.ts';
import { waitForLease } from '../store/held-lease.ts';
import type { FeedDocument } from '../settings.ts';
import { runFeed, type Quarantined, type RunProgress, type RunReport, type RunServices } from './run.ts';

const LEASE_MS = 60_000;
/** Reports of runs, and runs whose bad rows are kept, per feed. */
const KEPT = [
  ['feed-run', 500],
  ['feed-quarantine', 10],
] as const;
const AT_ONCE = 2;

/** A feed as the hub knows it: its document and where it goes. */
export interface Feed {
  readonly document: FeedDocument;
  readonly collection: string;
}

/** A feed in a list. */
export interface FeedInfo {
  readonly name: string;
  readonly title: string;
  readonly enabled: boolean;
  readonly url: string;
  readonly schedule: string;
  readonly collection: string;
  readonly tlp: string;
  readonly licence: string | undefined;
  readonly last_run: RunReport | undefined;
}

/** Runs feeds by their schedules and on request; never two runs of one feed at once, on whatever process. */
export class Feeds {
  readonly #services: RunServices;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #tasks: { stop(): void | Promise<void> }[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  readonly #limiter = new Limiter(AT_ONCE);
  readonly #listeners: ((report: RunReport) => void)[] = [];

  constructor(services: RunServices, directory: Directory, log: Log) {
    this.#services = services;
    this.#directory = directory;
    this.#clock = services.clock;
    this.#log = log;
  }

  /** Calls `listener` after each run. */
  onRun(listener: (report: RunReport) => void): void {
    this.#listeners.push(listener);
  }

  /** All feeds, by name. */
  async all(): Promise<readonly Feed[]> {
    const records = await this.#services.store.records('feed');
    return records.map(({ document }) => ({
      document: document['document'] as FeedDocument,
      collection: String(document['collection']),
    }));
  }

  async #find(name: string): Promise<Feed> {
    const feeds = await this.all();
    const feed = feeds.find(({ document }) => document.name === name);
    if (feed !== undefined) return feed;
    const near = nearest(
      name,
      feeds.map(({ document }) => document.name),
    );
    throw new Problem('not-found', `There is no feed "${name}"`, {
      code: 'TLN-F-404',
      hint: near === undefined ? 'talanoa feed list names them all.' : `Did you mean "${near}"?`,
    });
  }

  async list(): Promise<readonly FeedInfo[]> {
    return Promise.all(
      (await this.all()).map(async ({ document, collection }) => ({
        name: document.name,
        title: document.title,
        enabled: document.enabled ?? true,
        url: document.transport.url,
        schedule: document.schedule.cron,
        collection,
        tlp: document.defaults.tlp,
        licence: document.licence,
        last_run: (await this.history(document.name, 1))[0],
      })),
    );
  }

  /** Past runs, newest first. */
  async history(name: string, limit = 20): Promise<readonly RunReport[]> {
    const records = await this.#services.store.records('feed-run', {
      index: { name: 'feed', value: name },
      newestFirst: true,
      limit,
    });
    return records.map(({ document }) => document as object as RunReport);
  }

  /** Rows that the last run with bad rows could not use. */
  async quarantine(name: string): Promise<readonly Quarantined[]> {
    const [newest] = await this.#services.store.records('feed-quarantine', {
      index: { name: 'feed', value: name },
      newestFirst: true,
      limit: 1,
    });
    return (newest?.document['rows'] as readonly Quarantined[] | undefined) ?? [];
  }

  /** Runs a feed now, under its lease. A feed that is already running is a conflict. */
  async run(name: string, progress?: RunProgress): Promise<RunReport> {
    const report = await this.#tracked(await this.#find(name), undefined, progress);
    if (report === undefined) throw new Error('a run without a slot is never left out');
    return report;
  }

  /** A run that `stop` waits for. */
  async #tracked(
    feed: Feed,
    slot: string | undefined,
    progress?: RunProgress,
  ): Promise<RunReport | undefined> {
    const work = this.#leased(feed, slot, progress);
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  /** Undefined when the slot was run by another process. */
  async #leased(
    { document, collection }: Feed,
    slot: string | undefined,
    progress?: RunProgress,
  ): Promise<RunReport | undefined> {
    const { store } = this.#services;
    const { name } = document;
    // Somebody who asks by hand is told at once; a slot waits for a holder that was killed to be taken for dead.
    const held = await waitForLease(
      store,
      this.#clock,
      `feed/${name}`,
      LEASE_MS,
      slot === undefined ? 0 : 2 * LEASE_MS,
      this.#stopping.signal,
    );
    if (held === undefined) {
      throw new Problem('conflict', `The feed ${name} is running already`, {
        hint: 'Look again in a moment: talanoa feed history ' + name,
        code: 'TLN-F-409',
      });
    }
    try {
      const signal = AbortSignal.any([held.lost, this.#stopping.signal]);
      if (slot !== undefined && (await this.#hasRun(name, slot))) return undefined;
      const report = await this.#limiter.run(async () =>
        runFeed(
          this.#services,
          document,
          await this.#target(name, collection),
          held.lease,
          signal,
          progress,
          slot,
        ),
      );
      this.#tell(report);
      await this.#trim(name);
      for (const listener of this.#listeners) listener(report);
      return report;
    } finally {
      await held.release();
    }
  }

  /** Another process has run this slot. */
  async #hasRun(name: string, slot: string): Promise<boolean> {
    return (await this.history(name, 1)).some((last) => (last.slot ?? '') >= slot);
  }

  async #target(feed: string, collection: string): Promise<CollectionInfo> {
    const target = (await this.#directory.current()).find(collection);
    if (target !== undefined) return target;
    throw new Problem(
      'not-found',
      `The feed ${feed} fills the collection "${collection}", which is not there`,
      {
        hint: 'Declare the collection, or name another one in the settings of the feed.',
        code: 'TLN-F-405',
      },
    );
  }

  #tell(report: RunReport): void {
    const { feed, status, reason, records, accepted, created, updated, unchanged, quarantined } = report;
    const fields = { feed, status, reason, records, accepted, created, updated, unchanged, quarantined };
    if (status === 'failed' || status === 'suspect') this.#log.warn('feed.run', fields);
    else this.#log.info('feed.run', fields);
  }

  /** Takes away the oldest reports and bad rows: neither may grow without end, whatever a source sends. */
  async #trim(feed: string): Promise<void> {
    for (const [kind, kept] of KEPT) {
      const found = await this.#services.store.records(kind, {
        index: { name: 'feed', value: feed },
        newestFirst: true,
        limit: kept + 20,
      });
      const gone = found.slice(kept);
      if (gone.length === 0) continue;
      await this.#services.store.commit({
        records: gone.map(({ id, revision }) => ({ kind, id, expected: revision, document: undefined })),
      });
    }
  }

  /** Puts every enabled feed on its schedule, and runs now what has never run or has missed its slot. */
  async start(): Promise<void> {
    for (const { document } of await this.all()) {
      if (document.enabled === false) continue;
      const { cron: expression, zone } = document.schedule;
      if (!cron.validate(expression)) {
        this.#log.error('feed.schedule', {
          feed: document.name,
          schedule: expression,
          reason: 'not a cron expression',
        });
        continue;
      }
      const task = cron.schedule(expression, ({ date }) => this.#later(document, date), {
        timezone: zone ?? 'UTC',
        noOverlap: true,
      });
      this.#tasks.push(task);
      if (await this.#missed(document, task))
        this.#background(document.name, this.#slotOf(new Date(this.#clock.now())));
    }
  }

  /** A slot between the last run and now went by while the hub was off: it is made up for once. */
  async #missed(document: FeedDocument, task: { getNextRun(): Date | null }): Promise<boolean> {
    const [last] = await this.history(document.name, 1);
    // Never run, or failed when it last tried: a start is a good moment to try again.
    if (last === undefined || last.status === 'failed') return true;
    const next = task.getNextRun();
    if (next === null) return false;
    const now = this.#clock.now();
    // The distance to the next slot is at most one period; a last run older than that and the shortest pause has missed one.
    const shortest = Math.max(900_000, (document.schedule.min_interval_s ?? 0) * 1000);
    return now - Date.parse(last.started) > Math.max(shortest, next.getTime() - now);
  }

  /** Waits the feed's own delay after the slot: fixed by its name, so that load is spread and a test can count on it. */
  #later(document: FeedDocument, due: Date): void {
    const jitter = document.schedule.jitter_s ?? 0;
    const share = createHash('sha256').update(document.name).digest().readUInt32BE(0) / 2 ** 32;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.#background(document.name, this.#slotOf(due));
      },
      Math.floor(share * jitter * 1000),
    );
    this.#timers.add(timer);
  }

  /** The name of a slot: the minute in which it fell due, the same on every process whose clock is about right. */
  #slotOf(due: Date): string {
    return due.toISOString().slice(0, 16);
  }

  /** Runs a slot, unless another process has. */
  #background(name: string, slot: string): void {
    if (this.#stopping.signal.aborted) return;
    this.#find(name)
      .then((feed) => this.#tracked(feed, slot))
      .catch((error: unknown) => {
        this.#log.warn('feed.skipped', { feed: name, slot, reason: reasonOf(error) });
      });
  }

  /** Ends schedules and waits for what runs to stop at a safe point. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const task of this.#tasks) await task.stop();
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.allSettled(this.#running);
  }
}
