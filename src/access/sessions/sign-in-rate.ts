import type { Clock } from '../../kernel/clock.ts';
import { sessionErrors } from './errors.ts';

/** Sign-ins of one account in a window, at each process. */
const MOST = 600;
const WINDOW_MS = 600_000;
/** Accounts that are counted at once. The account that began first is dropped for a further one. */
const MOST_ACCOUNTS = 10_000;

/**
 * Limits correct sign-ins. Wrong passwords are throttled elsewhere, but each correct one writes a session and
 * an audit entry, so a script that knows a password must not be able to write them endlessly.
 */
export class SignInRate {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #windows = new Map<string, { readonly since: number; times: number }>();

  constructor(clock: Clock, most = MOST) {
    this.#clock = clock;
    this.#most = most;
  }

  /** Counts a sign-in. Throws a Problem of kind rate-limited, with the time to wait, above the limit. */
  take(account: string): void {
    const now = this.#clock.monotonic();
    const known = this.#windows.get(account);
    if (known === undefined || now - known.since >= WINDOW_MS) {
      this.#windows.delete(account);
      const [first] = this.#windows.keys();
      if (this.#windows.size >= MOST_ACCOUNTS && first !== undefined) this.#windows.delete(first);
      this.#windows.set(account, { since: now, times: 1 });
      return;
    }
    if (known.times >= this.#most)
      throw sessionErrors.tooManySignIns(
        { most: this.#most },
        { headers: { 'Retry-After': String(Math.ceil((WINDOW_MS - (now - known.since)) / 1000)) } },
      );
    known.times++;
  }
}
