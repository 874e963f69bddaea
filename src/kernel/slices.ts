import { setImmediate } from 'node:timers/promises';
import type { Clock } from './clock.ts';

/** Milliseconds after which long work lets other requests have their turn. */
export const SLICE_MS = 15;
/**
 * Milliseconds of a slice of work that nobody waits for, such as storing a feed. Several such tasks can take their
 * slices in the same turn.
 */
export const BACKGROUND_SLICE_MS = 5;
/** Maximum amount of work before other requests get their turn, in characters of JSON. */
export const SLICE_WORK = 1_048_576;
/** Number of list items that are serialised at once. */
const ITEMS_AT_ONCE = 500;

/**
 * How work was divided so far, counted instead of timed: the largest amount between two turns, and the number of
 * turns. Tests compare it before and after a request.
 */
export const sliceWork = { most: 0, turns: 0 };

/** Lets other requests have their turn. */
export async function giveTurn(): Promise<void> {
  await setImmediate();
  sliceWork.turns++;
}

/** Work that can pause after each step. Events during a pause must not change its result. */
export type Steps<T> = Generator<undefined, T>;

/** Does work without pauses. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Divides long work into slices of the event loop, so that no request keeps the others waiting. */
export class Slices {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #ms: number;
  #begun: number;
  #done = 0;

  /** `ms` is the length of a slice. */
  constructor(clock: Pick<Clock, 'monotonic'>, ms = SLICE_MS) {
    this.#clock = clock;
    this.#ms = ms;
    this.#begun = clock.monotonic();
  }

  /** Counts completed work. True when the slice is over. */
  isOver(work = 0): boolean {
    this.#done += work;
    if (this.#done > sliceWork.most) sliceWork.most = this.#done;
    return this.#done >= SLICE_WORK || this.#clock.monotonic() - this.#begun >= this.#ms;
  }

  /** Lets other requests have their turn and begins the next slice. */
  async next(): Promise<void> {
    await giveTurn();
    this.#done = 0;
    this.#begun = this.#clock.monotonic();
  }

  /** Does work, with a pause at the end of each slice. */
  async through<T>(steps: Steps<T>): Promise<T> {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      if (this.isOver()) await this.next();
    }
  }
}

/** Serialises a list as JSON, in slices. Returns the items without the brackets of the list. */
export async function writtenItems(items: readonly object[], slices: Slices): Promise<string> {
  const parts: string[] = [];
  for (let at = 0; at < items.length; at += ITEMS_AT_ONCE) {
    const part = JSON.stringify(items.slice(at, at + ITEMS_AT_ONCE)).slice(1, -1);
    parts.push(part);
    if (slices.isOver(part.length)) await slices.next();
  }
  return parts.join(',');
}
