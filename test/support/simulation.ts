import type { Clock } from '../../src/kernel/clock.ts';

/** Random numbers from a seed (mulberry32). The same seed gives the same run. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to below `n`. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  chance(p: number): boolean {
    return this.next() < p;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Simulated time. Only queued events happen, in their order. */
export class Simulation {
  readonly random: Random;
  time = 0;
  events = 0;
  #order = 0;
  readonly #queue: Event[] = [];

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  after(ms: number, run: () => void): void {
    const event = { at: this.time + Math.max(0, ms), order: this.#order++, run };
    // A heap by time, then by order.
    const queue = this.#queue;
    let i = queue.push(event) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(event, queue[parent] as Event)) break;
      queue[i] = queue[parent] as Event;
      i = parent;
    }
    queue[i] = event;
  }

  #pop(): Event | undefined {
    const queue = this.#queue;
    const first = queue[0];
    const last = queue.pop();
    if (first === undefined || last === undefined || queue.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= queue.length) break;
      if (child + 1 < queue.length && before(queue[child + 1] as Event, queue[child] as Event)) child++;
      if (!before(queue[child] as Event, last)) break;
      queue[i] = queue[child] as Event;
      i = child;
    }
    queue[i] = last;
    return first;
  }

  /** Runs until `done` returns true. False when no events are left or the time is up. */
  async run(done: () => boolean, untilMs: number): Promise<boolean> {
    for (;;) {
      // Everything that follows at once from the last event happens before the next one.
      await new Promise((resolve) => setImmediate(resolve));
      if (done()) return true;
      const event = this.#pop();
      if (event === undefined || event.at > untilMs) return false;
      this.time = event.at;
      this.events++;
      event.run();
    }
  }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** A process of the hub in the simulation, with its own clock. It can be stopped for a while, or killed. */
export class SimProcess {
  readonly sim: Simulation;
  readonly clock: Clock;
  alive = true;
  #asleep = false;
  readonly #missed: (() => void)[] = [];
  /** Error of its wall clock, in milliseconds. */
  skew: number;

  constructor(sim: Simulation, skew: number, rate = 1) {
    this.sim = sim;
    this.skew = skew;
    const epoch = Date.parse('2026-01-15T12:00:00.000Z');
    this.clock = {
      now: () => Math.floor(epoch + sim.time + this.skew),
      monotonic: () => sim.time * rate,
      wait: (ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted === true) {
            resolve();
            return;
          }
          signal?.addEventListener('abort', () => this.deliver(resolve), { once: true });
          sim.after(ms / rate, () => this.deliver(resolve));
        }),
    };
  }

  /** Delivers a message to the process: immediately, when it wakes, or never. */
  deliver(what: () => void): void {
    if (!this.alive) return;
    if (this.#asleep) this.#missed.push(what);
    else what();
  }

  /** SIGSTOP for a time, then SIGCONT. Messages that arrived in between are delivered together. */
  sleep(ms: number): void {
    if (!this.alive || this.#asleep) return;
    this.#asleep = true;
    this.sim.after(ms, () => {
      this.#asleep = false;
      for (const what of this.#missed.splice(0)) this.deliver(what);
    });
  }

  kill(): void {
    this.alive = false;
  }
}
