import type { Clock } from '../../src/kernel/clock.ts';

/**
 * A clock that tests control. A wait without a signal advances it immediately. A wait with a signal (such as the
 * renewal of a lease) lasts until the test has advanced the clock far enough.
 */
export class TestClock implements Clock {
  ms: number;
  #mono = 0;
  readonly #waiting = new Set<{ readonly until: number; readonly wake: () => void }>();

  constructor(iso = '2026-01-15T12:00:00.000Z') {
    this.ms = Date.parse(iso);
  }

  now(): number {
    return this.ms;
  }

  monotonic(): number {
    return this.#mono;
  }

  advance(ms: number): void {
    this.ms += ms;
    this.#mono += ms;
    for (const { until, wake } of this.#waiting) if (until <= this.#mono) wake();
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal === undefined) {
      this.advance(ms);
      return new Promise((resolve) => setImmediate(resolve));
    }
    return new Promise((resolve) => {
      const waiting = {
        until: this.#mono + ms,
        wake: () => {
          this.#waiting.delete(waiting);
          resolve();
        },
      };
      if (signal.aborted) resolve();
      else {
        this.#waiting.add(waiting);
        signal.addEventListener('abort', waiting.wake, { once: true });
      }
    });
  }
}
