import { performance, type EventLoopUtilization } from 'node:perf_hooks';

/** Measures for which part of the time the main thread worked. */
export class Utilization {
  #last: EventLoopUtilization = performance.eventLoopUtilization();

  /** Returns the part of the time since the last call, from 0 to 1. */
  sinceLast(): number {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#last);
    this.#last = now;
    return utilization;
  }
}
