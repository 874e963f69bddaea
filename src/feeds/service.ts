import { parseNetwork, type Network } from '../kernel/address.ts';
import type { Fetched } from './transports/transport.ts';
import type { Directory } from '../access/directory.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { reasonOf } from '../kernel/problem.ts';
import type { FeedDocument } from '../config/settings.ts';
import { feedInfo, type Feed, type FeedInfo } from './feed-list.ts';
import type { FeedHealth } from './health.ts';
import { FeedHealthRecords, type PauseFacts } from './health-records.ts';
import { preview, type Preview } from './preview.ts';
import { FeedQuarantine } from './quarantine-service.ts';
import { FeedRegistry } from './registry.ts';
import type { RunServices } from './run.ts';
import { FeedRunner } from './runner.ts';
import { Schedule } from './schedule.ts';
import { FeedComparison, type Usefulness } from './usefulness.ts';
import { WorkLoop } from '../kernel/work-loop.ts';

/**
 * Milliseconds between two comparisons of the schedule with the stored feeds, which another process may have changed.
 */
const FOLLOW_MS = 30_000;

/** A feed with all its details. */
export interface FeedDetails extends FeedInfo {
  readonly document: FeedDocument;
  readonly health: FeedHealth;
}

/** The feeds of the hub, and their schedule. */
export class Feeds {
  readonly registry: FeedRegistry;
  readonly health: FeedHealthRecords;
  readonly runner: FeedRunner;
  readonly quarantine: FeedQuarantine;
  readonly #services: RunServices;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #schedule: Schedule;
  readonly #following: WorkLoop;
  readonly #comparison: FeedComparison;
  readonly #switchedOff: boolean;
  #runsFeeds = false;

  /** `switchedOff` is true if the operator wants no schedule in this process. Lists of feeds then say so. */
  constructor(services: RunServices, directory: Directory, log: Log, switchedOff: boolean) {
    this.#switchedOff = switchedOff;
    this.#services = services;
    this.#directory = directory;
    this.#clock = services.clock;
    this.#log = log;
    this.#following = new WorkLoop(
      services.clock,
      FOLLOW_MS,
      () => this.#follow(),
      (error) => this.#log.warn('feed.schedule', { reason: reasonOf(error) }),
      'after a pause',
    );
    this.#comparison = new FeedComparison(services.store, services.clock);
    this.#schedule = new Schedule(services.clock, log, (feed, slot) => this.#background(feed, slot));
    const stopping = this.#following.signal;
    this.registry = new FeedRegistry(services.store, directory, () => this.#follow());
    this.health = new FeedHealthRecords(services, log);
    const { registry, health } = this;
    this.runner = new FeedRunner({ services, directory, log, registry, health, stopping });
    this.quarantine = new FeedQuarantine(services, directory, registry, this.runner);
  }

  async list(): Promise<readonly FeedInfo[]> {
    return Promise.all((await this.registry.all()).map((feed) => this.#info(feed)));
  }

  async show(name: string): Promise<FeedDetails> {
    const feed = await this.registry.find(name);
    return {
      ...(await this.#info(feed)),
      document: feed.document,
      health: (await this.health.known(feed.document)).health,
    };
  }

  async #info(feed: Feed): Promise<FeedInfo> {
    const next = this.#schedule.next(feed.document.name);
    const info = await feedInfo(feed, this.#services.store, this.#clock.now(), next);
    return this.#switchedOff ? { ...info, switched_off: true } : info;
  }

  /** Returns what each feed contributes that no other feed does. */
  usefulness(): Promise<readonly Usefulness[]> {
    return this.#comparison.all();
  }

  /** Returns what a run would do, without doing it. */
  async preview(document: FeedDocument, collection: string, given?: Fetched): Promise<Preview> {
    const directory = await this.#directory.current();
    return preview(
      {
        services: this.#services,
        document,
        collection: await this.registry.target(document.name, collection),
        members: [...directory.members.values()],
        signal: this.#following.signal,
        given,
      },
      this.#clock.now(),
    );
  }

  /** Returns the networks of all members. */
  async ownNetworks(): Promise<readonly Network[]> {
    const { members } = await this.#directory.current();
    return [...members.values()].flatMap(({ networks }) =>
      networks.flatMap((text) => parseNetwork(text) ?? []),
    );
  }

  /** Does the same for an existing feed. */
  async previewOf(name: string): Promise<Preview> {
    const { document, collection } = await this.registry.find(name);
    return this.preview(document, collection);
  }

  /** Pauses or resumes the schedule of a feed. `by` names the account. */
  async pause(name: string, by: string, paused: boolean, facts: PauseFacts = {}): Promise<void> {
    await this.registry.find(name);
    await this.health.pause(name, by, paused, facts);
  }

  /** Schedules every enabled feed. Feeds that have never run or have missed a slot run now. */
  async start(): Promise<void> {
    this.#runsFeeds = true;
    await this.#follow();
    this.#following.start();
  }

  /** Updates the schedule to the stored feeds. Does nothing in a process that runs no feeds. */
  async #follow(): Promise<void> {
    if (!this.#runsFeeds || this.#following.signal.aborted) return;
    const fresh = await this.#schedule.follow((await this.registry.all()).map(({ document }) => document));
    for (const document of fresh)
      if (await this.#missed(document)) this.#background(document.name, this.#schedule.now());
  }

  /** True when a slot since the last run passed while the hub was down. Missed slots are made up for once. */
  async #missed(document: FeedDocument): Promise<boolean> {
    const { last } = await this.health.known(document);
    // The feed has never run, or its last run failed. A start is a good time for another attempt.
    if (last === undefined || last.status === 'failed') return true;
    const next = this.#schedule.next(document.name);
    if (next === undefined) return false;
    const now = this.#clock.now();
    // The next slot is at most one period away. If the last run is older than that and the shortest interval, a slot
    // was missed.
    const shortest = Math.max(900_000, (document.schedule.min_interval_s ?? 0) * 1000);
    return now - Date.parse(last.started) > Math.max(shortest, next.getTime() - now);
  }

  /** Runs a slot, unless another process already has. */
  #background(name: string, slot: string): void {
    if (this.#following.signal.aborted) return;
    this.registry
      .find(name)
      .then((feed) => this.runner.tracked(feed, { slot }))
      .catch((error: unknown) => {
        this.#log.warn('feed.skipped', { feed: name, slot, reason: reasonOf(error) });
      });
  }

  /** Stops the schedule and waits until running work has stopped at a safe point. */
  async stop(): Promise<void> {
    await this.#following.stop();
    await this.#schedule.stop();
    await this.runner.idle();
  }
}
