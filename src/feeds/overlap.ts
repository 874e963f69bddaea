/** Runs a limited number of tasks at the same time. The first failure ends all of them. */
export class Overlap {
  readonly #most: number;
  readonly #running: Promise<void>[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Starts a task when there is room. Throws the error of an earlier task. */
  async add(work: () => Promise<void>): Promise<void> {
    while (this.#running.length >= this.#most) await this.#running.shift();
    const running = work();
    // The task is awaited later. Without a handler, an earlier failure would count as unhandled.
    running.catch(() => undefined);
    this.#running.push(running);
  }

  async end(): Promise<void> {
    while (this.#running.length > 0) await this.#running.shift();
  }
}
