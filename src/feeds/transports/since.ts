import type { TransportSpec } from '../../config/settings.ts';
import type { FetchOptions } from './transport.ts';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 7;
/** A source may still be adding entries of the last minutes, so the next run requests this period again. */
const OVERLAP_MS = 600_000;

/** The period of a request, in milliseconds since 1970. */
export interface Window {
  readonly since: number;
  readonly until: number;
  /** Start of the next run's period. */
  readonly next: number;
}

/**
 * Returns the period that a run requests. It starts where the last one ended, or as far back as the feed document says.
 */
export function windowOf(
  { since_days: days, window_days: most }: Pick<TransportSpec, 'since_days' | 'window_days'>,
  { clock, cursor }: Pick<FetchOptions, 'clock' | 'cursor'>,
): Window {
  const now = clock.now();
  const since = cursor.since ?? now - (days ?? DEFAULT_DAYS) * DAY_MS;
  const until = most === undefined ? now : Math.min(now, since + most * DAY_MS);
  return { since, until, next: until === now ? Math.max(since, now - OVERLAP_MS) : until };
}

/** True for a transport whose URL or body has a time placeholder. */
export function asksSince({ url, body }: Pick<TransportSpec, 'url' | 'body'>): boolean {
  return /\{\{(?:since|now)/.test(`${url ?? ''}${body ?? ''}`);
}

/** Fills the placeholders of a text. Unknown placeholders stay unchanged. */
export function filledIn(
  text: string,
  { since, until }: Pick<Window, 'since' | 'until'>,
  more: Readonly<Record<string, string>> = {},
): string {
  const values: Readonly<Record<string, string>> = {
    since: new Date(since).toISOString(),
    since_date: new Date(since).toISOString().slice(0, 10),
    since_epoch: String(Math.floor(since / 1000)),
    now: new Date(until).toISOString(),
    now_date: new Date(until).toISOString().slice(0, 10),
    ...more,
  };
  return text.replaceAll(/\{\{([a-z_]+)\}\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : whole,
  );
}
