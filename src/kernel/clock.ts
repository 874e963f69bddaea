/** The only source of time. Tests use their own, so they do not wait or depend on the wall clock. */
export interface Clock {
  /** Milliseconds since 1970, wall clock. May jump. */
  now(): number;
  /** Milliseconds on a clock that never goes back. Use it for waits, leases and durations. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds of monotonic time, or at once when `signal` aborts. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done, { once: true });
    }),
};

/** Microseconds since 1970: the unit of *date added*. Exact in a double until the year 2255. */
export type Micros = number;

/** Returns the wall clock time in microseconds. */
export function microsOf(clock: Clock): Micros {
  return Math.floor(clock.now() * 1000);
}
