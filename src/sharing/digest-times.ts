/** How often a mail channel tells what is not urgent. */
export type Every = 'now' | 'hour' | 'day' | 'week';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * When the next digest is due after `now` (milliseconds since 1970): at full hours, or at a time of day of a zone, of weekly ones on
 * Mondays. Where the clocks are put forward over that time, it comes that much later on that day.
 */
export function nextDigest(now: number, every: Every, at: string, zone: string): number {
  if (every === 'now') return now;
  if (every === 'hour') return (Math.floor(now / HOUR) + 1) * HOUR;
  const [hour = 8, minute = 0] = at.split(':').map(Number);
  for (let day = 0; day <= 8; day++) {
    const due = instantAt(now + day * DAY, hour, minute, zone);
    if (due > now && (every === 'day' || weekdayOf(due, zone) === 'Mon')) return due;
  }
  throw new Error('a week has no Monday');
}

/** The instant of a time of day, on the day that an instant falls on in a zone. */
function instantAt(day: number, hour: number, minute: number, zone: string): number {
  const { year, month, date } = partsOf(day, zone);
  const wanted = Date.UTC(year, month - 1, date, hour, minute);
  // The zone's distance from UTC, as it is then: it may differ from what it is now.
  let found = wanted;
  for (let i = 0; i < 2; i++) found = wanted - distanceOf(found, zone);
  return found;
}

function distanceOf(instant: number, zone: string): number {
  const { year, month, date, hour, minute } = partsOf(instant, zone);
  return Date.UTC(year, month - 1, date, hour, minute) - Math.floor(instant / 60_000) * 60_000;
}

function partsOf(
  instant: number,
  zone: string,
): { year: number; month: number; date: number; hour: number; minute: number } {
  const parts = new Map(
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', hourCycle: 'h23' })
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  ); // prettier-ignore
  const of = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return { year: of('year'), month: of('month'), date: of('day'), hour: of('hour'), minute: of('minute') };
}

function weekdayOf(instant: number, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short' }).format(instant);
}

/** True for a zone that is known here (IANA). */
export function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
