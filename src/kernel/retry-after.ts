/** A number of seconds. A longer number would mean more than 30 years, so it is not read. */
const SECONDS = /^\d{1,9}$/;

/**
 * Returns the time that a server asks to wait, in milliseconds. `value` is the header `Retry-After`, in seconds or as a
 * date (RFC 9110 §10.2.3), and `now` is in milliseconds since 1970. Undefined for a header that is absent or unreadable.
 * Callers limit the time themselves.
 */
export function retryAfterMs(value: string | readonly string[] | undefined, now: number): number | undefined {
  const text = (typeof value === 'string' ? value : (value?.[0] ?? '')).trim();
  if (SECONDS.test(text)) return Number(text) * 1000;
  // `Date.parse` reads many numbers as years, and a negative number of seconds is not a date.
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
