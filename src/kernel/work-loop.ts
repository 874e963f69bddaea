import type { Clock } from './clock.ts';

/** Why a pause ended. Without a reason, each end would create an error with the stack of calls. */
const WOKEN = 'woken';

/** Repeats work: immediately after a notification, or else after a pause. Failed work is repeated like any other. */
export class WorkLoop {
  readonly #clock: Clock;
  readonly #pauseMs: number;
  readonly #work: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #pausesFirst: boolean;
  readonly #stopping = new AbortController();
  #wake: () => void = () => undefined;
  /** A notification arrived while the work was running. */
  #told = false;
  #running: Promise<void> | undefined;

  /** `first` decides whether the first work begins at once or after a pause. */
  constructor(
    clock: Clock,
    pauseMs: number,
    work: () => Promise<void>,
    onError: (error: unknown) => void,
    first: 'at once' | 'after a pause' = 'at once',
  ) {
    this.#clock = clock;
    this.#pauseMs = pauseMs;
    this.#work = work;
    this.#onError = onError;
    this.#pausesFirst = first === 'after a pause';
  }

  /** Aborted when the work has to end. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Reports that there may be work to do. */
  notify(): void {
    this.#told = true;
    this.#wake();
  }

  /** Stops after the current work. Does nothing else when the loop was never started. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    if (this.#pausesFirst) await this.#pause();
    while (!this.#stopping.signal.aborted) {
      this.#told = false;
      try {
        await this.#work();
      } catch (error) {
        this.#onError(error);
      }
      if (this.#stopping.signal.aborted) return;
      if (this.#told) continue;
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const waking = new AbortController();
    this.#wake = () => waking.abort(WOKEN);
    await this.#clock.wait(this.#pauseMs, waking.signal);
    this.#wake = () => undefined;
  }
}
