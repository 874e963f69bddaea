import type { Feed as FeedListed } from '../api/schema-types.ts';
import { managedBy } from '../access/managed.ts';
import type { FeedRecord } from '../access/model.ts';
import type { FeedDocument } from '../config/settings.ts';
import type { Stored } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { HEALTHY, ofThisSource, stateOf, type FeedHealth, type Known } from './health.ts';
import { FEED_HEALTH, FEED_RUNS, FEEDS } from './model.ts';
import type { RunReport } from './report.ts';

/*
 * Reads the feeds and what is known of their runs. It needs nothing else of the hub, so `talanoa status` can use it
 * without one.
 */

type Reading = Pick<Store, 'record' | 'records'>;

/** A feed: its document and the collection for its objects. */
export interface Feed {
  readonly document: FeedDocument;
  readonly collection: string;
  /** `file` when the settings file declares the feed. */
  readonly managed: string;
}

/** A feed in a list. */
export interface FeedInfo extends Omit<FeedListed, 'last_run'> {
  /** The schema of the response leaves the content of a report open. */
  readonly last_run: RunReport | undefined;
}

/** Returns all feeds, ordered by name. A damaged feed is not among them, so it does not run. */
export async function allFeeds(store: Reading): Promise<readonly Feed[]> {
  return (await FEEDS.in(store).whole()).map(feedOf);
}

/** Returns the feed of a record. */
export function feedOf(record: Stored<FeedRecord<FeedDocument>>): Feed {
  const { document, collection } = record.document;
  return { document, collection, managed: managedBy(record) };
}

/** Returns past runs of a feed, newest first. */
export async function runsOf(store: Reading, name: string, limit: number): Promise<readonly RunReport[]> {
  const records = await FEED_RUNS.in(store).by('feed', name, { newestFirst: true, limit });
  return records.map(({ document }) => document);
}

/** Returns the health of a feed. */
export async function healthOf(store: Reading, name: string): Promise<FeedHealth> {
  return (await FEED_HEALTH.in(store).get(name))?.document ?? HEALTHY;
}

/** Returns what is known of the source that a feed has now, and its last run of this source. */
export async function knownOf(store: Reading, document: FeedDocument): Promise<Known> {
  const [last] = await runsOf(store, document.name, 1);
  return ofThisSource(document, { health: await healthOf(store, document.name), last });
}

/** Returns a feed as lists show it. `next` is the next slot of its schedule, in a process that runs feeds. */
export async function feedInfo(
  { document, collection, managed }: Feed,
  store: Reading,
  now: number,
  next: Date | undefined,
): Promise<FeedInfo> {
  const { name, title, transport, schedule, defaults, licence } = document;
  const [last] = await runsOf(store, name, 1);
  const known = await knownOf(store, document);
  const state = stateOf(document, known, now);
  return {
    name,
    title,
    enabled: document.enabled ?? true,
    state,
    url: shownUrl(transport.url ?? transport.path ?? `(${transport.kind})`),
    schedule: schedule.cron,
    // A paused feed runs in no slot.
    next_run: state === 'paused' ? undefined : next?.toISOString(),
    collection,
    tlp: defaults.tlp,
    licence,
    managed,
    alarms: known.health.alarms,
    last_run: last,
  };
}

/** Returns a URL for display, without a user name and password that it may contain. */
function shownUrl(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#@]*@/i, '$1…@');
}
