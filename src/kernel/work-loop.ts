import type { Clock } from './clock.ts';

/** Work that is done again and again: at once when it is told that there is some, else after a pause. */
export class WorkLoop {
  readonly #clock: Clock;
  readonly #pauseMs: number;
  readonly #work: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #stopping = new AbortController();
  #wake: () => void = () => undefined;
  /** Told of more while it was working. */
  #told = false;
  #running: Promise<void> | undefined;

  constructor(clock: Clock, pauseMs: number, work: () => Promise<void>, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#pauseMs = pauseMs;
    this.#work = work;
    this.#onError = onError;
  }

  /** Aborted when the work is to come to an end. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Something may be there to do. */
  notify(): void {
    this.#told = true;
    this.#wake();
  }

  /** Ends after what is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#told = false;
      try {
        await this.#work();
      } catch (error) {
        this.#onError(error);
      }
      if (this.#stopping.signal.aborted) return;
      if (this.#told) continue;
      const waking = new AbortController();
      this.#wake = () => waking.abort();
      await this.#clock.wait(this.#pauseMs, waking.signal);
      this.#wake = () => undefined;
    }
  }
}
