import { canonical } from '../kernel/canonical.ts';
import { timeText } from '../kernel/time-text.ts';
import { createHash, X509Certificate } from 'node:crypto';
import type { Alarm } from '../api/schema-types.ts';
import type { FeedDocument } from '../config/settings.ts';
import type { RunReport } from './report.ts';

/** Failed runs in a row after which the feed is tried only once a day. */
const BREAKS_AT = 5;
const DAY_MS = 86_400_000;
/** Failed runs in a row after which the feed counts as silent. */
const SILENT_AT = 3;
const ENDING_MS = 14 * DAY_MS;
/** Number of runs from which the usual number of records is computed, and the minimum number of runs for a result. */
const USUAL_RUNS = 14;
const FEWEST_RUNS = 5;
const SMALL = 50;

/** The state of a feed that the hub stores in addition to its runs. */
export interface FeedHealth {
  /** Failed runs in a row. */
  readonly failures: number;
  /** Milliseconds since 1970. The source asked for no requests before this time. */
  readonly not_before?: number;
  /** SHA-256 of the place that was read. Another place of the feed has its own health. */
  readonly source?: string;
  /** The start of the first run of this source, as RFC 3339. Absent if the feed never had another source. */
  readonly source_since?: string;
  readonly paused?: { readonly by: string; readonly at: string; readonly reason?: string };
  readonly alarms: readonly Alarm[];
}

export const HEALTHY: FeedHealth = { failures: 0, alarms: [] };

/** Status of a feed. */
export type FeedState = 'ready' | 'off' | 'paused' | 'needs-key' | 'gone' | 'failing' | 'suspect' | 'waiting';

/** The health of a feed and its last run. */
export interface Known {
  readonly health: FeedHealth;
  readonly last: RunReport | undefined;
}

/**
 * Returns the known facts about the source that a feed has now. When its document no longer names the source that was
 * read, waiting times, failures and alarms of the earlier source do not count. A pause stays.
 */
export function ofThisSource(document: FeedDocument, { health, last }: Known): Known {
  if (health.source === undefined || health.source === sourceOf(document)) return { health, last };
  const { paused } = health;
  return { health: paused === undefined ? HEALTHY : { ...HEALTHY, paused }, last: undefined };
}

/** Returns the SHA-256 of the place that a feed is read from. */
export function sourceOf({ transport: { kind, url, path, collection } }: FeedDocument): string {
  return createHash('sha256').update(canonical({ kind, url, path, collection })).digest('hex');
}

/** Returns the status of a feed from what is known of its source. */
export function stateOf(document: FeedDocument, { health, last }: Known, now: number): FeedState {
  if (document.enabled === false) return 'off';
  if (health.paused !== undefined) return 'paused';
  if (last?.failure === 'needs-key' || last?.failure === 'gone') return last.failure;
  if (health.failures > 0) return 'failing';
  if (last?.status === 'suspect') return 'suspect';
  return (health.not_before ?? 0) > now ? 'waiting' : 'ready';
}

/**
 * Returns why a feed is not run in a slot of its schedule: paused, failed too often, or too early. Undefined when it
 * may run.
 */
export function reasonNotToRun(
  document: FeedDocument,
  { health, last }: Known,
  now: number,
): string | undefined {
  if (health.paused !== undefined) return 'the feed is paused';
  if (last?.failure === 'gone') return 'the source no longer exists';
  if ((health.not_before ?? 0) > now)
    return `the source asked the hub to wait until ${timeText(health.not_before ?? 0)}`;
  const since = last === undefined ? Number.POSITIVE_INFINITY : now - Date.parse(last.started);
  if ((health.failures >= BREAKS_AT || last?.failure === 'needs-key') && since < DAY_MS)
    return last?.failure === 'needs-key'
      ? 'the source requires a key; the hub tries once a day'
      : 'the feed has failed repeatedly; the hub tries once a day';
  return tooSoon(document, last, now);
}

/**
 * Returns why the source must not be fetched yet. No run may use less than the shortest interval that the source allows.
 */
export function tooSoon(
  { schedule, transport }: FeedDocument,
  last: RunReport | undefined,
  now: number,
): string | undefined {
  const least = (schedule.min_interval_s ?? 0) * 1000;
  const reached = last?.http_status !== undefined && last.http_status < 400;
  if (!['https', 'index'].includes(transport.kind) || !reached || last === undefined) return undefined;
  const next = Date.parse(last.started) + least;
  return next > now ? `the source can be requested again at ${timeText(next)}` : undefined;
}

/** Sign-in details of a feed that matter for alarms. */
export interface SignIn {
  /** Client certificate of the feed (PEM). */
  readonly certificate: string | undefined;
  /** The page where people get the key. */
  readonly keyFrom: string | undefined;
}

/** Returns the health of a feed after a run. `before` lists the earlier runs, newest first. */
export function healthAfter(
  report: RunReport,
  before: readonly RunReport[],
  health: FeedHealth,
  signIn: SignIn,
  now: number,
): FeedHealth {
  const failures = report.status === 'failed' ? health.failures + 1 : 0;
  const found = alarmsOf(report, before, failures, signIn, now);
  return {
    failures,
    ...(report.retry_after_s === undefined
      ? {}
      : { not_before: now + Math.min(report.retry_after_s * 1000, DAY_MS) }),
    ...(health.paused === undefined ? {} : { paused: health.paused }),
    // A problem that existed before keeps its start time.
    alarms: found.map(([code, message]) => ({
      code,
      message,
      since: health.alarms.find((known) => known.code === code)?.since ?? new Date(now).toISOString(),
    })),
  };
}

type Found = readonly [Alarm['code'], string];

function alarmsOf(
  report: RunReport,
  before: readonly RunReport[],
  failures: number,
  { certificate, keyFrom }: SignIn,
  now: number,
): readonly Found[] {
  const found: Found[] = [];
  if (report.failure === 'needs-key')
    found.push([
      'refused',
      `${report.reason ?? 'the source requires a key'}${keyFrom === undefined ? '' : ` Get a key at ${keyFrom}`}`,
    ]);
  if (report.failure === 'gone') found.push(['gone', report.reason ?? 'the source no longer exists']);
  if (failures >= SILENT_AT)
    found.push(['silent', `the last ${failures} runs failed: ${report.reason ?? ''}`]);
  if (report.status === 'suspect') found.push(['shrunk', report.reason ?? 'the hub does not trust the file']);
  if (report.quarantined >= 20 && report.quarantined > report.records / 5)
    found.push(['bad-rows', `${report.quarantined} of ${report.records} rows could not be used`]);
  const warnings = contentWarnings(report, before);
  if (warnings.length > 0) found.push(['warning', warnings.join('; ').slice(0, LONGEST_WARNINGS)]);
  const read = (run: RunReport): boolean =>
    run.status === 'ok' || run.status === 'partial' || run.status === 'ok-empty';
  const usual = median(
    before
      .filter(read)
      .slice(0, USUAL_RUNS)
      .map(({ records }) => records),
  );
  if (read(report) && usual !== undefined && usual >= SMALL) {
    if (report.records > 3 * usual)
      found.push(['flooded', `${report.records} records were received; ${usual} are usual`]);
    if (report.records < 0.3 * usual)
      found.push(['few', `${report.records} records were received; ${usual} are usual`]);
  }
  const stale = staleness(report, before, now);
  if (stale !== undefined) found.push(['stale', stale]);
  const ends = certificate === undefined ? undefined : endOf(certificate);
  if (ends !== undefined && ends - now < ENDING_MS)
    found.push(['certificate', `the client certificate of the feed expires at ${timeText(ends)}`]);
  return found;
}

/** Warnings that content is missing or is not what the document expects, by their first word. */
const OF_CONTENT = /^(?:count-mismatch|columns-gone|bad-kind|bad-date|bad-file|not fetched)\b/;
const LONGEST_WARNINGS = 500;

/** Returns the warnings of the last run that read anything, as far as they concern the content. */
function contentWarnings(report: RunReport, before: readonly RunReport[]): readonly string[] {
  const sawNothing = ({ status }: RunReport): boolean => status === 'not-modified' || status === 'unchanged';
  const last = [report, ...before].find((run) => !sawNothing(run));
  return (last?.oddities ?? []).filter((text) => OF_CONTENT.test(text));
}

/**
 * Returns a message about a feed that responds but has had nothing new for much longer than usual. Undefined otherwise.
 */
function staleness(report: RunReport, before: readonly RunReport[], now: number): string | undefined {
  if (report.status === 'failed') return undefined;
  const times = [
    ...new Set(
      [report, ...before].flatMap(({ newest }) => (newest === undefined ? [] : [Date.parse(newest)])),
    ),
  ].toSorted((a, b) => b - a);
  const gaps = times.slice(1).map((time, i) => (times[i] ?? 0) - time);
  const usual = median(gaps);
  const [newest] = times;
  if (usual === undefined || newest === undefined || now - newest <= Math.max(DAY_MS, 5 * usual))
    return undefined;
  return `the newest record is from ${timeText(newest)}, but the usual interval is ${Math.round(usual / 3_600_000)} hours`;
}

/** Returns the median, or undefined when there are too few numbers. */
function median(numbers: readonly number[]): number | undefined {
  return numbers.length < FEWEST_RUNS ? undefined : numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}

function endOf(pem: string): number | undefined {
  try {
    return Date.parse(new X509Certificate(pem).validTo);
  } catch {
    return undefined;
  }
}
