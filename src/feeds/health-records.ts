import type { FeedDocument } from '../config/settings.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { Problem } from '../kernel/problem.ts';
import type { AuditFact, Store } from '../store/store.ts';
import type { AlarmEvent } from './alarms.ts';
import { HEALTHY, healthAfter, ofThisSource, sourceOf, type FeedHealth, type Known } from './health.ts';
import type { RunReport } from './report.ts';
import { secretFor } from './fetching.ts';
import { healthOf, knownOf, runsOf } from './feed-list.ts';
import { FEED_HEALTH } from './model.ts';
import type { RunServices } from './run.ts';

/** The reason for which somebody pauses a feed, and the audit facts about it. */
export interface PauseFacts {
  readonly reason?: string | undefined;
  readonly facts?: readonly AuditFact[];
}

/** The records about the runs of feeds: reports, failures, pauses and alarms. */
export class FeedHealthRecords {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #secrets: Pick<RunServices, 'secret'>;
  readonly #alarmListeners: ((event: AlarmEvent) => void)[] = [];

  constructor(services: RunServices, log: Log) {
    this.#store = services.store;
    this.#clock = services.clock;
    this.#log = log;
    this.#secrets = services;
  }

  /** Calls `listener` when an alarm begins or ends. */
  onAlarm(listener: (event: AlarmEvent) => void): void {
    this.#alarmListeners.push(listener);
  }

  /** Returns what is known of the source that a feed has now, and its last run of this source. */
  known(document: FeedDocument): Promise<Known> {
    return knownOf(this.#store, document);
  }

  async #set(
    name: string,
    change: (health: FeedHealth) => FeedHealth,
    facts: readonly AuditFact[] = [],
  ): Promise<FeedHealth> {
    for (;;) {
      const record = await FEED_HEALTH.in(this.#store).get(name);
      const health = change(record?.document ?? HEALTHY);
      try {
        await this.#store.commit({ records: [FEED_HEALTH.put(name, record, health)], facts });
        return health;
      } catch (error) {
        // Another process has changed the record. Repeat with its current state.
        if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
      }
    }
  }

  /** Returns past runs, newest first. */
  history(name: string, limit = 20): Promise<readonly RunReport[]> {
    return runsOf(this.#store, name, limit);
  }

  /** Pauses or resumes the schedule of a feed. `by` names the account. The audit facts are part of the same commit. */
  async pause(name: string, by: string, paused: boolean, { reason, facts }: PauseFacts = {}): Promise<void> {
    await this.#set(
      name,
      ({ paused: _paused, ...health }) =>
        paused
          ? {
              ...health,
              paused: {
                by,
                at: new Date(this.#clock.now()).toISOString(),
                ...(reason === undefined ? {} : { reason }),
              },
            }
          : // Resuming a feed means that somebody has looked at the problem. The source still asks for the same patience.
            { ...health, failures: 0 },
      facts,
    );
  }

  /** Updates the health of a feed after a run, and announces alarms that began or ended. */
  async afterRun(document: FeedDocument, report: RunReport, before: readonly RunReport[]): Promise<void> {
    const { name } = document;
    const certificate = this.#certificateOf(document);
    const known = (await healthOf(this.#store, name)).alarms;
    const { alarms } = await this.#set(name, (health) => {
      const source = sourceOf(document);
      const isOther = health.source !== undefined && health.source !== source;
      const since = isOther ? report.started : health.source_since;
      return {
        ...healthAfter(
          report,
          // Runs of another source do not describe this one.
          before.filter(({ started }) => since === undefined || started >= since),
          ofThisSource(document, { health, last: undefined }).health,
          { certificate, keyFrom: document.needs_key },
          this.#clock.now(),
        ),
        source,
        ...(since === undefined ? {} : { source_since: since }),
      };
    });
    const begun = alarms.filter(({ code }) => !known.some((alarm) => alarm.code === code));
    const over = known.filter(({ code }) => !alarms.some((alarm) => alarm.code === code));
    for (const { code, message } of begun) this.#log.warn('feed.alarm', { feed: name, alarm: code, message });
    for (const { code } of over) this.#log.info('feed.alarm_resolved', { feed: name, alarm: code });
    for (const listener of this.#alarmListeners) {
      for (const alarm of begun) listener({ feed: name, alarm, over: false });
      for (const alarm of over) listener({ feed: name, alarm, over: true });
    }
  }

  /**
   * Returns the client certificate of a feed, so that its expiry can be reported. A run has already reported
   * a certificate that the feed cannot use.
   */
  #certificateOf(document: FeedDocument): string | undefined {
    const reference = document.transport.auth?.certificate;
    if (reference === undefined) return undefined;
    try {
      return secretFor(this.#secrets, document)(reference);
    } catch (error) {
      if (error instanceof Problem && error.kind === 'forbidden') return undefined;
      throw error;
    }
  }
}
