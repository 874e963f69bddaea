const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Returns a number with its thousands separated: 48,213. */
export function count(number: number): string {
  return String(number).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** Returns a number with its noun: `1 object`, `2,000 objects`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** Returns the day of a time in UTC: `23 Nov 2026`. A text that is not a time is returned unchanged. */
export function dayOf(time: string): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return time;
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()] ?? ''} ${at.getUTCFullYear()}`;
}

/** Returns a time to the minute: `23 Nov 2026 04:05 UTC`. */
export function minuteOf(time: string): string {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? time : `${dayOf(time)} ${at.toISOString().slice(11, 16)} UTC`;
}

/** Returns the time since an event in its largest unit: `4 min`, `3 h`, `9 days`. */
export function since(time: string, now: number): string {
  const passed = now - Date.parse(time);
  if (!(passed >= MINUTE)) return 'now';
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min`;
  if (passed < DAY) return `${Math.floor(passed / HOUR)} h`;
  return counted(Math.floor(passed / DAY), 'day');
}
