import type { Directory } from '../access/directory.ts';
import type { Clock } from '../kernel/clock.ts';
import pLimit from 'p-limit';
import { joined } from '../kernel/deadline.ts';
import type { Log } from '../kernel/log.ts';
import { waitForLease } from '../store/held-lease.ts';
import type { Feed } from './feed-list.ts';
import { FetchPlaces } from './fetch-places.ts';
import { tooSoon, reasonNotToRun } from './health.ts';
import type { FeedHealthRecords } from './health-records.ts';
import type { FeedRegistry } from './registry.ts';
import type { RunProgress, RunReport } from './report.ts';
import { runFeed, type RunRequest, type RunServices } from './run.ts';
import { feedErrors } from './errors.ts';

const LEASE_MS = 60_000;
const AT_ONCE = 2;
/** Number of earlier runs that alarms take into account. */
const LOOK_BACK = 30;

interface RunnerParts {
  readonly services: RunServices;
  readonly directory: Directory;
  readonly log: Log;
  readonly registry: FeedRegistry;
  readonly health: FeedHealthRecords;
  /** Aborted when the hub stops. */
  readonly stopping: AbortSignal;
}

/** Runs feeds. A feed never has two runs at the same time, even across processes. */
export class FeedRunner {
  readonly #services: RunServices;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #registry: FeedRegistry;
  readonly #health: FeedHealthRecords;
  readonly #stopping: AbortSignal;
  readonly #running = new Set<Promise<unknown>>();
  readonly #places = { fetch: new FetchPlaces(), work: pLimit(AT_ONCE) };
  readonly #listeners: ((report: RunReport) => void)[] = [];

  constructor({ services, directory, log, registry, health, stopping }: RunnerParts) {
    this.#services = services;
    this.#directory = directory;
    this.#clock = services.clock;
    this.#log = log;
    this.#registry = registry;
    this.#health = health;
    this.#stopping = stopping;
  }

  /** Calls `listener` after each run. */
  onRun(listener: (report: RunReport) => void): void {
    this.#listeners.push(listener);
  }

  /** Runs a feed now, under its lease. Throws a conflict when the feed is already running. */
  async run(
    name: string,
    progress?: RunProgress,
    request: Omit<RunRequest, 'slot'> = {},
  ): Promise<RunReport> {
    const feed = await this.#registry.find(name);
    const { last } = await this.#health.known(feed.document);
    // A confirmation answers what a run has just found, so it need not wait for the interval of the source.
    const isFree = request.given !== undefined || request.confirmed === true;
    const soon = isFree ? undefined : tooSoon(feed.document, last, this.#clock.now());
    if (soon !== undefined)
      throw feedErrors.fetchedRecently(
        { name },
        { description: `${soon.charAt(0).toUpperCase()}${soon.slice(1)}.` },
      );
    const report = await this.tracked(feed, request, progress);
    if (report === undefined) throw new Error('a run without a slot is never left out');
    return report;
  }

  /** A run that `stop` waits for. */
  async tracked(feed: Feed, request: RunRequest, progress?: RunProgress): Promise<RunReport | undefined> {
    const work = this.#leased(feed, request, progress);
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  /** Does work while no other process runs the feed. A manual request fails immediately when another process does. */
  async alone<T>(
    name: string,
    patienceMs: number,
    work: (lease: Parameters<typeof runFeed>[0]['lease'], signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const held = await waitForLease(
      this.#services.store,
      this.#clock,
      `feed/${name}`,
      LEASE_MS,
      patienceMs,
      this.#stopping,
    );
    if (held === undefined) {
      throw feedErrors.running({ name });
    }
    const { signal, release } = joined(held.lost, this.#stopping);
    try {
      return await work(held.lease, signal);
    } finally {
      release();
      await held.release();
    }
  }

  /** Undefined when another process has run the slot, or when it is skipped. */
  #leased(
    { document, collection }: Feed,
    request: RunRequest,
    progress: RunProgress = () => undefined,
  ): Promise<RunReport | undefined> {
    const { name } = document;
    const { slot } = request;
    // A scheduled run waits long enough for the lease of a killed process to expire.
    return this.alone(name, slot === undefined ? 0 : 2 * LEASE_MS, async (lease, signal) => {
      const before = await this.#health.history(name, LOOK_BACK);
      if (slot !== undefined) {
        const known = await this.#health.known(document);
        // Runs of another source do not count. The new source is read at once, even in the same minute.
        if (known.last !== undefined && before.some((last) => (last.slot ?? '') >= slot)) return undefined;
        const why = reasonNotToRun(document, known, this.#clock.now());
        if (why !== undefined) {
          this.#log.info('feed.skipped', { feed: name, slot, reason: why });
          return undefined;
        }
      }
      if (request.facts !== undefined) await this.#services.store.commit({ facts: request.facts, lease });
      const target = await this.#registry.target(name, collection);
      const members = [...(await this.#directory.current()).members.values()];
      const report = await runFeed(
        {
          services: this.#services,
          document,
          collection: target,
          members,
          lease,
          signal,
          progress,
          places: this.#places,
        },
        request,
      );
      this.#tell(report);
      await this.#health.afterRun(document, report, before);
      for (const listener of this.#listeners) listener(report);
      return report;
    });
  }

  /** Waits until running work has stopped at a safe point. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  #tell(report: RunReport): void {
    const { feed, status, reason, records, accepted, created, updated, unchanged, removed, quarantined } =
      report;
    const fields = {
      feed,
      status,
      reason,
      records,
      accepted,
      created,
      updated,
      unchanged,
      removed,
      quarantined,
    };
    if (status === 'failed' || status === 'suspect') this.#log.warn('feed.run', fields);
    else this.#log.info('feed.run', fields);
  }
}
