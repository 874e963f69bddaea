/** Limits of one piece of work, in milliseconds. */
export interface Limits {
  readonly totalMs: number;
  /** Longest time between two signs of life. */
  readonly idleMs: number;
}

/**
 * A signal that is aborted with another one, after a total time, or after some time without a sign of life. Timers hold
 * it, unlike `AbortSignal.any` and `AbortSignal.timeout`, which never fire on Node.js 20 once they were collected.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #abort = (): void => this.#controller.abort();
  readonly #total: NodeJS.Timeout;
  readonly #idle: NodeJS.Timeout;
  #late: 'total' | 'idle' | undefined;

  constructor(signal: AbortSignal, { totalMs, idleMs }: Limits) {
    this.#outer = signal;
    if (signal.aborted) this.#abort();
    signal.addEventListener('abort', this.#abort, { once: true });
    this.#total = setTimeout(() => this.#expire('total'), totalMs);
    this.#idle = setTimeout(() => this.#expire('idle'), idleMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The time limit that was exceeded. Undefined when none was. */
  get late(): 'total' | 'idle' | undefined {
    return this.#late;
  }

  /** Notes a sign of life. */
  renew(): void {
    if (!this.#controller.signal.aborted) this.#idle.refresh();
  }

  /** Stops the clocks. The signal is no longer aborted. */
  end(): void {
    clearTimeout(this.#total);
    clearTimeout(this.#idle);
    this.#outer.removeEventListener('abort', this.#abort);
  }

  #expire(which: 'total' | 'idle'): void {
    this.#late ??= which;
    this.#abort();
  }
}

/** Returns a signal that is aborted with any of these. It holds for as long as they do, or until it is released. */
export function joined(...signals: readonly AbortSignal[]): {
  readonly signal: AbortSignal;
  readonly release: () => void;
} {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  for (const signal of signals) {
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
  }
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of signals) signal.removeEventListener('abort', abort);
    },
  };
}

/** Does work with a signal that is aborted after a time. */
export async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for work, but not longer than a time. True when it has ended, well or not. Its error is for its caller. */
export async function endsWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const ended = work.then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([ended, late]);
  clearTimeout(timer);
  return inTime;
}
