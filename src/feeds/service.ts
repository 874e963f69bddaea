import { removal, type AuditFact } from '../store/store.ts';
import type { Directory } from '../access/directory.ts';
import type { CollectionInfo } from '../access/snapshot.ts';
import type { Clock } from '../kernel/clock.ts';
import { Limiter } from '../kernel/limiter.ts';
import type { Log } from '../kernel/log.ts';
import { Problem, reasonOf } from '../kernel/problem.ts';
import { waitForLease } from '../store/held-lease.ts';
import type { HubRecord } from '../store/store.ts';
import type { FeedDocument } from '../config/settings.ts';
import type { AlarmEvent } from './alarms.ts';
import { checkDocument } from './document.ts';
import {
  HEALTHY,
  healthAfter,
  stateOf,
  tooSoon,
  whyNotNow,
  type FeedAlarm,
  type FeedHealth,
  type FeedState,
} from './health.ts';
import { commitDrafts } from './commit.ts';
import { FindingMaker } from './maker.ts';
import { Mapper } from './mapper.ts';
import { feedIdentityId } from './findings.ts';
import { draftsOf } from './objects.ts';
import { preview, type Preview } from './preview.ts';
import { QUARANTINE, quarantineChange, quarantinedAt, quarantinedIn } from './quarantine.ts';
import type { Quarantined, RunProgress, RunReport, StoreCounts } from './report.ts';
import { runFeed, secretFor, type RunRequest, type RunServices } from './run.ts';
import { Schedule } from './schedule.ts';
import { FeedComparison, type Usefulness } from './usefulness.ts';
import { LIST_RECORD, WarningLists, keptLists } from './warning-lists.ts';
import { demandManaged, managedBy } from '../access/managed.ts';

const LEASE_MS = 60_000;
const AT_ONCE = 2;
/** Number of sources that are fetched at the same time. */
const FETCHES_AT_ONCE = 16;
/**
 * Milliseconds between two comparisons of the schedule with the stored feeds, which another process may have changed.
 */
const FOLLOW_MS = 30_000;
/** Number of earlier runs that alarms take into account. */
const LOOK_BACK = 30;
const HEALTH = 'feed-health';

/** A feed: its document and the collection for its objects. */
export interface Feed {
  readonly document: FeedDocument;
  readonly collection: string;
  /** `file` when the settings file declares the feed. */
  readonly managed: string;
}

/** A feed in a list. */
export interface FeedInfo {
  readonly name: string;
  readonly title: string;
  readonly enabled: boolean;
  readonly state: FeedState;
  /** Address of the source. */
  readonly url: string;
  readonly schedule: string;
  readonly next_run: string | undefined;
  readonly collection: string;
  readonly tlp: FeedDocument['defaults']['tlp'];
  readonly licence: string | undefined;
  readonly managed: string;
  readonly alarms: readonly FeedAlarm[];
  readonly last_run: RunReport | undefined;
}

/** A feed with all its details. */
export interface FeedDetails extends FeedInfo {
  readonly document: FeedDocument;
  readonly health: FeedHealth;
}

/** Runs feeds on schedule and on request. A feed never has two runs at the same time, even across processes. */
export class Feeds {
  readonly #services: RunServices;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #schedule: Schedule;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #quarantineSealed = false;
  readonly #places = { fetch: new Limiter(FETCHES_AT_ONCE), work: new Limiter(AT_ONCE) };
  readonly #listeners: ((report: RunReport) => void)[] = [];
  readonly #alarmListeners: ((event: AlarmEvent) => void)[] = [];
  #following: Promise<void> | undefined;
  readonly #comparison: FeedComparison;
  #runsFeeds = false;

  constructor(services: RunServices, directory: Directory, log: Log) {
    this.#services = services;
    this.#directory = directory;
    this.#clock = services.clock;
    this.#log = log;
    this.#comparison = new FeedComparison(services.store, services.clock);
    this.#schedule = new Schedule(services.clock, log, (feed, slot) => this.#background(feed, slot));
  }

  /** Calls `listener` after each run. */
  onRun(listener: (report: RunReport) => void): void {
    this.#listeners.push(listener);
  }

  /** Calls `listener` when an alarm begins or ends. */
  onAlarm(listener: (event: AlarmEvent) => void): void {
    this.#alarmListeners.push(listener);
  }

  /** Returns all feeds, ordered by name. */
  async all(): Promise<readonly Feed[]> {
    return (await this.#services.store.records('feed')).map(feedOf);
  }

  async #find(name: string): Promise<Feed> {
    const feeds = await this.all();
    const feed = feeds.find(({ document }) => document.name === name);
    if (feed !== undefined) return feed;
    throw new Problem('not-found', `There is no feed "${name}"`, {
      code: 'TLN-F-404',
      hint: 'To list the feeds, run: talanoa feed list',
    });
  }

  async list(): Promise<readonly FeedInfo[]> {
    return Promise.all((await this.all()).map((feed) => this.#info(feed)));
  }

  async show(name: string): Promise<FeedDetails> {
    const feed = await this.#find(name);
    return { ...(await this.#info(feed)), document: feed.document, health: await this.#health(name) };
  }

  async #info({ document, collection, managed }: Feed): Promise<FeedInfo> {
    const { name, title, transport, schedule, defaults, licence } = document;
    const [last] = await this.history(name, 1);
    const health = await this.#health(name);
    return {
      name,
      title,
      enabled: document.enabled ?? true,
      state: stateOf(document, health, last, this.#clock.now()),
      url: transport.url ?? transport.path ?? `(${transport.kind})`,
      schedule: schedule.cron,
      next_run: this.#schedule.next(name)?.toISOString(),
      collection,
      tlp: defaults.tlp,
      licence,
      managed,
      alarms: health.alarms,
      last_run: last,
    };
  }

  async #health(name: string): Promise<FeedHealth> {
    const record = await this.#services.store.record(HEALTH, name);
    return (record?.document as object as FeedHealth | undefined) ?? HEALTHY;
  }

  async #setHealth(name: string, change: (health: FeedHealth) => FeedHealth): Promise<FeedHealth> {
    for (;;) {
      const record = await this.#services.store.record(HEALTH, name);
      const health = change((record?.document as object as FeedHealth | undefined) ?? HEALTHY);
      try {
        await this.#services.store.commit({
          records: [{ kind: HEALTH, id: name, expected: record?.revision ?? 0, document: { ...health } }],
        });
        return health;
      } catch (error) {
        // Another process has changed the record. Repeat with its current state.
        if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
      }
    }
  }

  /** Returns what each feed contributes that no other feed does. */
  usefulness(): Promise<readonly Usefulness[]> {
    return this.#comparison.all();
  }

  /** Returns past runs, newest first. */
  async history(name: string, limit = 20): Promise<readonly RunReport[]> {
    const records = await this.#services.store.records('feed-run', {
      index: { name: 'feed', value: name },
      newestFirst: true,
      limit,
    });
    return records.map(({ document }) => document as object as RunReport);
  }

  /** Returns the bad rows of the last run that had any. */
  async quarantine(name: string): Promise<readonly Quarantined[]> {
    return quarantinedIn(await this.#lastQuarantine(name), this.#services.sealer);
  }

  /** Seals bad rows that an earlier version stored unencrypted. Runs once per process, record by record. */
  async sealQuarantine(): Promise<void> {
    if (this.#quarantineSealed) return;
    const { store, sealer } = this.#services;
    for (let [record] = await store.records(QUARANTINE, { limit: 1 }); record !== undefined;) {
      if (typeof record.document['sealed'] !== 'string')
        await store.commit({
          records: [quarantineChange(record, quarantinedIn(record, sealer), quarantinedAt(record), sealer)],
          scrub: true,
        });
      [record] = await store.records(QUARANTINE, { limit: 1, after: record.id });
    }
    this.#quarantineSealed = true;
  }

  async #lastQuarantine(name: string): Promise<HubRecord | undefined> {
    const [newest] = await this.#services.store.records(QUARANTINE, {
      index: { name: 'feed', value: name },
      newestFirst: true,
      limit: 1,
    });
    return newest;
  }

  /** Creates a feed in the records of the hub. The audit facts are part of the same commit. */
  async add(document: FeedDocument, collection: string, facts: readonly AuditFact[]): Promise<void> {
    checkDocument(document, document.name);
    await this.#target(document.name, collection);
    if (await this.#services.store.record('feed', document.name))
      throw new Problem('conflict', `There is a feed "${document.name}" already`, { code: 'TLN-F-409' });
    await this.#services.store.commit({
      records: [
        {
          kind: 'feed',
          id: document.name,
          expected: 0,
          document: { document, collection, identity: feedIdentityId(document.name), managed: 'hub' },
        },
      ],
      facts,
    });
    await this.#directory.refresh();
    await this.#follow();
  }

  /** Replaces the document of a feed. Stored objects stay. The next run reads the source from the beginning. */
  async change(
    name: string,
    document: FeedDocument,
    collection: string,
    facts: readonly AuditFact[],
  ): Promise<void> {
    const record = await this.#own(name);
    checkDocument({ ...document, name }, name);
    await this.#target(name, collection);
    await this.#services.store.commit({
      records: [
        {
          kind: 'feed',
          id: name,
          expected: record.revision,
          document: { ...record.document, document: { ...document, name }, collection },
        },
      ],
      facts,
    });
    await this.#follow();
  }

  /** Deletes a feed. Its objects stay and expire by themselves. */
  async remove(name: string, facts: readonly AuditFact[]): Promise<void> {
    const record = await this.#own(name);
    // A list without its feed is out of date. The list that ships with the hub applies again.
    const kept = feedOf(record).document.warning_list;
    const list = kept === undefined ? undefined : await this.#services.store.record(LIST_RECORD, kept.name);
    const quarantine = await this.#services.store.records(QUARANTINE, {
      index: { name: 'feed', value: name },
    });
    await this.#services.store.commit({
      records: [record, ...(list === undefined ? [] : [list]), ...quarantine].map(removal),
      facts,
      scrub: quarantine.length > 0,
    });
    await this.#directory.refresh();
    await this.#follow();
  }

  /** Returns the record of a feed that the settings file does not declare. Throws a Problem for any other feed. */
  async #own(name: string): Promise<HubRecord> {
    await this.#find(name);
    const record = await this.#services.store.record('feed', name);
    if (record === undefined)
      throw new Problem('not-found', `There is no feed "${name}"`, { code: 'TLN-F-404' });
    demandManaged(record, `The feed "${name}"`, 'Pausing it works here.');
    return record;
  }

  /** Pauses or resumes the schedule of a feed. `by` names the account. */
  async pause(name: string, by: string, paused: boolean, reason?: string): Promise<void> {
    await this.#find(name);
    await this.#setHealth(name, ({ paused: _paused, ...health }) =>
      paused
        ? {
            ...health,
            paused: {
              by,
              at: new Date(this.#clock.now()).toISOString(),
              ...(reason === undefined ? {} : { reason }),
            },
          }
        : // Resuming a feed means that somebody has looked at the problem.
          { alarms: health.alarms, failures: 0 },
    );
  }

  /** Returns what a run would do, without doing it. */
  async preview(document: FeedDocument, collection: string): Promise<Preview> {
    const directory = await this.#directory.current();
    return preview(
      {
        services: this.#services,
        document,
        collection: await this.#target(document.name, collection),
        members: [...directory.members.values()],
        signal: this.#stopping.signal,
      },
      this.#clock.now(),
    );
  }

  /** Does the same for an existing feed. */
  async previewOf(name: string): Promise<Preview> {
    const { document, collection } = await this.#find(name);
    return this.preview(document, collection);
  }

  /** Runs a feed now, under its lease. Throws a conflict when the feed is already running. */
  async run(
    name: string,
    progress?: RunProgress,
    request: Omit<RunRequest, 'slot'> = {},
  ): Promise<RunReport> {
    const feed = await this.#find(name);
    const [last] = await this.history(name, 1);
    const soon = request.given === undefined ? tooSoon(feed.document, last, this.#clock.now()) : undefined;
    if (soon !== undefined)
      throw new Problem('conflict', `The feed ${name} was fetched just now`, {
        description: `${soon.charAt(0).toUpperCase()}${soon.slice(1)}.`,
        hint: 'The terms of the source set this interval (schedule.min_interval_s).',
        code: 'TLN-F-430',
      });
    const report = await this.#tracked(feed, request, progress);
    if (report === undefined) throw new Error('a run without a slot is never left out');
    return report;
  }

  /** A run that `stop` waits for. */
  async #tracked(feed: Feed, request: RunRequest, progress?: RunProgress): Promise<RunReport | undefined> {
    const work = this.#leased(feed, request, progress);
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  /** Does work while no other process runs the feed. A manual request fails immediately when another process does. */
  async #alone<T>(
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
      this.#stopping.signal,
    );
    if (held === undefined) {
      throw new Problem('conflict', `The feed ${name} is running already`, {
        hint: 'Look again in a moment: talanoa feed history ' + name,
        code: 'TLN-F-409',
      });
    }
    try {
      return await work(held.lease, AbortSignal.any([held.lost, this.#stopping.signal]));
    } finally {
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
    return this.#alone(name, slot === undefined ? 0 : 2 * LEASE_MS, async (lease, signal) => {
      const before = await this.history(name, LOOK_BACK);
      if (slot !== undefined) {
        if (before.some((last) => (last.slot ?? '') >= slot)) return undefined;
        const why = whyNotNow(document, await this.#health(name), before[0], this.#clock.now());
        if (why !== undefined) {
          this.#log.info('feed.skipped', { feed: name, slot, reason: why });
          return undefined;
        }
      }
      const target = await this.#target(name, collection);
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
      await this.#afterRun(document, report, before);
      for (const listener of this.#listeners) listener(report);
      return report;
    });
  }

  async #afterRun(document: FeedDocument, report: RunReport, before: readonly RunReport[]): Promise<void> {
    const { name } = document;
    const certificate = this.#certificateOf(document);
    const known = (await this.#health(name)).alarms;
    const { alarms } = await this.#setHealth(name, (health) =>
      healthAfter(report, before, health, { certificate, keyFrom: document.needs_key }, this.#clock.now()),
    );
    const begun = alarms.filter(({ code }) => !known.some((alarm) => alarm.code === code));
    const over = known.filter(({ code }) => !alarms.some((alarm) => alarm.code === code));
    for (const { code, message } of begun) this.#log.warn('feed.alarm', { feed: name, alarm: code, message });
    for (const { code } of over) this.#log.info('feed.alarm_over', { feed: name, alarm: code });
    for (const listener of this.#alarmListeners) {
      for (const alarm of begun) listener({ feed: name, alarm, over: false });
      for (const alarm of over) listener({ feed: name, alarm, over: true });
    }
  }

  /**
   * Returns the client certificate of a feed, so that its expiry can be reported. A run has already reported
   * a certificate that the feed may not use.
   */
  #certificateOf(document: FeedDocument): string | undefined {
    const reference = document.transport.auth?.certificate;
    if (reference === undefined) return undefined;
    try {
      return secretFor(this.#services, document)(reference);
    } catch (error) {
      if (error instanceof Problem && error.kind === 'forbidden') return undefined;
      throw error;
    }
  }

  /** Retries the rows of the last quarantine with the current document. Returns the results. */
  async retryQuarantine(name: string): Promise<StoreCounts & { readonly still_bad: number }> {
    const { document, collection } = await this.#find(name);
    return this.#alone(name, 0, async (lease, signal) => {
      const record = await this.#lastQuarantine(name);
      const now = this.#clock.now();
      const members = [...(await this.#directory.current()).members.values()];
      const mapper = new Mapper(
        new FindingMaker(
          document,
          now,
          await WarningLists.load(document, members, await keptLists(this.#services.store)),
        ),
      );
      const stored: StoreCounts = { created: 0, updated: 0, unchanged: 0, removed: 0, held: 0, refused: 0 };
      const still: Quarantined[] = [];
      const findings = quarantinedIn(record, this.#services.sealer).flatMap((quarantined) => {
        const mapped = quarantined.row === undefined ? undefined : mapper.map(quarantined.row);
        if (mapped === undefined) still.push(quarantined);
        else if (mapped.fault !== undefined) still.push({ ...quarantined, ...mapped.fault });
        return mapped?.findings ?? [];
      });
      await commitDrafts(
        {
          ...this.#services,
          document,
          collection: await this.#target(name, collection),
          lease,
          signal,
          now,
          stored,
          progress: () => undefined,
          leftOut: () => undefined,
        },
        findings.flatMap((finding) => draftsOf(document, finding, now)),
        {
          records:
            record === undefined
              ? []
              : [quarantineChange(record, still, quarantinedAt(record), this.#services.sealer)],
          scrub: true,
        },
      );
      return { ...stored, still_bad: still.length };
    });
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

  /** Schedules every enabled feed. Feeds that have never run or have missed a slot run now. */
  async start(): Promise<void> {
    this.#runsFeeds = true;
    await this.#follow();
    this.#following = (async (): Promise<void> => {
      while (!this.#stopping.signal.aborted) {
        await this.#clock.wait(FOLLOW_MS, this.#stopping.signal);
        if (this.#stopping.signal.aborted) return;
        await this.#follow().catch((error: unknown) =>
          this.#log.warn('feed.schedule', { reason: reasonOf(error) }),
        );
      }
    })();
  }

  /** Updates the schedule to the stored feeds. Does nothing in a process that runs no feeds. */
  async #follow(): Promise<void> {
    if (!this.#runsFeeds || this.#stopping.signal.aborted) return;
    const fresh = await this.#schedule.follow((await this.all()).map(({ document }) => document));
    for (const document of fresh)
      if (await this.#missed(document)) this.#background(document.name, this.#schedule.now());
  }

  /** True when a slot since the last run passed while the hub was down. Missed slots are made up for once. */
  async #missed(document: FeedDocument): Promise<boolean> {
    const [last] = await this.history(document.name, 1);
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
    if (this.#stopping.signal.aborted) return;
    this.#find(name)
      .then((feed) => this.#tracked(feed, { slot }))
      .catch((error: unknown) => {
        this.#log.warn('feed.skipped', { feed: name, slot, reason: reasonOf(error) });
      });
  }

  /** Stops the schedule and waits until running work has stopped at a safe point. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#following;
    await this.#schedule.stop();
    await Promise.allSettled(this.#running);
  }
}

function feedOf(record: HubRecord): Feed {
  const { document } = record;
  return {
    document: document['document'] as FeedDocument,
    collection: String(document['collection']),
    managed: managedBy(record),
  };
}
