import type { Problem } from '../../kernel/problem.ts';
import { accountErrors } from './errors.ts';

/** Password hashes run in the thread pool of Node.js, which has four threads for all work. */
const AT_ONCE = 2;
/** Maximum number of waiting hashes per lane. */
const QUEUE = { known: 60, new: 100 } as const;

/** `known`: a place or device that has signed in to the account before, or a session that is already active. */
export type Lane = keyof typeof QUEUE;

interface Waiting {
  readonly group: string;
  readonly start: () => void;
  readonly refuse: (problem: Problem) => void;
}

function full(): Problem {
  return accountErrors.hashQueueFull({ headers: { 'Retry-After': '5' } });
}

/**
 * The queue of password hashes, each of which occupies a core: about 15 ms for Argon2id, a third of a second for the
 * scrypt of earlier versions. Guesses can fill only the lane of new places. Known places go first, so they wait for one
 * running hash at most. No slot is reserved for them: it would halve the rate at which people from new places are served
 * while others guess. When the lane of new places is full, the group (one network) with the most waiting hashes makes
 * room for another group. One flooding network therefore cannot keep out all others.
 */
export class HashQueue {
  readonly #waiting: Record<Lane, Waiting[]> = { known: [], new: [] };
  #running = 0;

  /** Runs a hash when its turn comes. Throws a Problem of kind rate-limited when the queue is full. */
  async run<T>(work: () => Promise<T>, lane: Lane, group = ''): Promise<T> {
    if (!this.#mayStart()) await this.#wait(lane, group);
    else this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
      this.#next();
    }
  }

  #mayStart(): boolean {
    return this.#running < AT_ONCE;
  }

  #wait(lane: Lane, group: string): Promise<void> {
    const queue = this.#waiting[lane];
    if (queue.length >= QUEUE[lane]) this.#makeRoom(queue, group);
    return new Promise((resolve, reject) => queue.push({ group, start: resolve, refuse: reject }));
  }

  /**
   * Refuses the newest hash of the group with the most waiting hashes. Throws when that is the group of the
   * new hash.
   */
  #makeRoom(queue: Waiting[], group: string): void {
    const counts = new Map<string, number>();
    for (const one of queue) counts.set(one.group, (counts.get(one.group) ?? 0) + 1);
    const [largest = group, most = 0] = [...counts].toSorted(([, a], [, b]) => b - a)[0] ?? [];
    if (most <= (counts.get(group) ?? 0) + 1) throw full();
    const index = queue.findLastIndex((one) => one.group === largest);
    const [refused] = queue.splice(index, 1);
    refused?.refuse(full());
  }

  #next(): void {
    const next = this.#waiting.known.shift() ?? this.#waiting.new.shift();
    if (next === undefined) return;
    this.#running++;
    next.start();
  }
}
