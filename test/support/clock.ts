import type { Clock } from '../../src/kernel/clock.ts';

/** A clock that a test moves by hand. Waiting on it moves it. */
export class TestClock implements Clock {
  ms: number;
  #mono = 0;

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
  }

  wait(ms: number): Promise<void> {
    this.advance(ms);
    return new Promise((resolve) => setImmediate(resolve));
  }
}
