import pLimit from 'p-limit';
import type { Clock } from '../../kernel/clock.ts';
import { joined } from '../../kernel/deadline.ts';

/** Maximum number of deliveries at once. */
const AT_ONCE = 64;
/** Maximum number of those that have not yet taken longer than `SLOW_MS`. */
const FAST_AT_ONCE = 8;
/** Longer deliveries no longer count among those, and a round does not wait for them. */
const SLOW_MS = 2_000;

/** How deliveries are made, and who learns about them. */
export interface RoundServices<C> {
  readonly clock: Pick<Clock, 'wait'>;
  /** Delivers to one channel, and returns the number of objects that its receiver accepted. */
  readonly deliver: (channel: C) => Promise<number>;
  /** Aborted when the deliveries have to end. */
  readonly ending: () => AbortSignal;
  /** Called when a channel that a round found delivering has ended: there may be something new for it. */
  readonly notify: () => void;
}

/** Delivers to channels side by side, so that a slow receiver does not hold up the others. */
export class Rounds<C extends { readonly name: string }> {
  readonly #s: RoundServices<C>;
  readonly #limiter = pLimit(AT_ONCE);
  readonly #fast = pLimit(FAST_AT_ONCE);
  /** The deliveries that have not ended, by the name of their channel. */
  readonly #running = new Map<string, Promise<number>>();
  readonly #missed = new Set<string>();

  constructor(services: RoundServices<C>) {
    this.#s = services;
  }

  /** Begins the deliveries of the channels that are not delivering. Returns all deliveries. */
  begin(channels: readonly C[]): readonly Promise<number>[] {
    return channels.map((channel) => {
      const running = this.#running.get(channel.name);
      if (running !== undefined) {
        this.#missed.add(channel.name);
        return running;
      }
      const begun = this.#limiter(() => this.#slowly(channel)).finally(() => {
        this.#running.delete(channel.name);
        if (this.#missed.delete(channel.name)) this.#s.notify();
      });
      this.#running.set(channel.name, begun);
      return begun;
    });
  }

  /** Begins deliveries, and waits for those that are fast. `onError` is called when one fails, also later. */
  async round(channels: readonly C[], onError: (error: unknown) => void): Promise<void> {
    const begun = Promise.all(this.begin(channels));
    begun.catch(onError);
    await this.#atMost(begun);
  }

  /** Waits until all deliveries have ended. */
  async end(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  async #slowly(channel: C): Promise<number> {
    let delivery: Promise<number> | undefined;
    await this.#fast(() => this.#atMost((delivery = this.#s.deliver(channel))));
    return (await delivery) ?? 0;
  }

  async #atMost(work: Promise<unknown>): Promise<void> {
    const waiting = new AbortController();
    const end = (): void => waiting.abort();
    work.then(end, end);
    const { signal, release } = joined(waiting.signal, this.#s.ending());
    await this.#s.clock.wait(SLOW_MS, signal);
    release();
  }
}
