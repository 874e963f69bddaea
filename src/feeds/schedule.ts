import { createHash } from 'node:crypto';
import cron from 'node-cron';
import { canonical } from '../kernel/canonical.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { FeedDocument } from '../config/settings.ts';
import { sourceOf } from './health.ts';

interface Scheduled {
  readonly mark: string;
  readonly task: { stop(): void | Promise<void>; getNextRun(): Date | null };
}

/** The schedule of all feeds. It reports when a slot is due, after the delay of the feed. */
export class Schedule {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onSlot: (feed: string, slot: string) => void;
  readonly #tasks = new Map<string, Scheduled>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(clock: Clock, log: Log, onSlot: (feed: string, slot: string) => void) {
    this.#clock = clock;
    this.#log = log;
    this.#onSlot = onSlot;
  }

  /** Updates the schedule to the given documents. Returns the feeds that were added or have another schedule or source. */
  async follow(documents: readonly FeedDocument[]): Promise<readonly FeedDocument[]> {
    const wanted = new Map(
      documents
        .filter(({ enabled, transport }) => enabled !== false && transport.kind !== 'upload')
        .map((document) => [document.name, document]),
    );
    for (const [name, { task, mark }] of this.#tasks) {
      const document = wanted.get(name);
      if (document !== undefined && markOf(document) === mark) continue;
      await task.stop();
      this.#tasks.delete(name);
    }
    const fresh: FeedDocument[] = [];
    for (const document of wanted.values()) {
      if (this.#tasks.has(document.name)) continue;
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
      this.#tasks.set(document.name, { mark: markOf(document), task });
      fresh.push(document);
    }
    return fresh;
  }

  /** Returns the time of the next slot of a feed. */
  next(feed: string): Date | undefined {
    return this.#tasks.get(feed)?.task.getNextRun() ?? undefined;
  }

  /** Returns the name of the current slot, for a run that makes up for a missed one. */
  now(): string {
    return slotOf(new Date(this.#clock.now()));
  }

  /**
   * Waits for the delay of the feed after the slot. The delay depends only on the name, which spreads the load and
   * stays predictable for tests.
   */
  #later(document: FeedDocument, due: Date): void {
    const jitter = document.schedule.jitter_s ?? 0;
    const share = createHash('sha256').update(document.name).digest().readUInt32BE(0) / 2 ** 32;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.#onSlot(document.name, slotOf(due));
      },
      Math.floor(share * jitter * 1000),
    );
    this.#timers.add(timer);
  }

  async stop(): Promise<void> {
    for (const { task } of this.#tasks.values()) await task.stop();
    this.#tasks.clear();
    for (const timer of this.#timers) clearTimeout(timer);
  }
}

/**
 * Returns the name of a slot: the minute in which it was due. It is the same in every process with an approximately
 * correct clock.
 */
function slotOf(due: Date): string {
  return due.toISOString().slice(0, 16);
}

/** A feed with another schedule or another source is scheduled anew. */
function markOf(document: FeedDocument): string {
  return canonical({ schedule: document.schedule, source: sourceOf(document) });
}
