/** The only source of time. Tests give their own, so that no test waits and no test depends on the wall clock. */
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

/** Microseconds since 1970: the unit of *date added* (DESIGN.md section 5). Exact in a double until the year 2255. */
export type Micros = number;

/** The wall clock in microseconds. */
export function microsOf(clock: Clock): Micros {
  return Math.floor(clock.now() * 1000);
}
