const MIB = 1_048_576;

/** Maximum number of bytes of request bodies that a process holds at once, besides one large body. */
export const MOST_BODY_BYTES = 128 * MIB;

/** The reason why there is no memory for a body: its sender uses its share, or the process holds too much altogether. */
export type NoRoom = 'share' | 'total';

/** The room of one body in the budget. */
export interface BodyRoom {
  /** Counts bytes that have arrived. Returns the reason when there is no room for them. */
  readonly grow: (bytes: number) => NoRoom | undefined;
  /** Returns the room. Call it after the last use of the bytes. Further calls do nothing. */
  readonly release: () => void;
}

/**
 * Limits the memory that all request bodies together use, however many clients send at once. Bytes count when
 * they have arrived, so that nobody reserves room with a header alone.
 *
 * - A caller (an account, or a network without one) can use a quarter of the budget.
 * - A quarter of the budget is reserved for callers with at most 1 MiB each, so that senders of large bodies
 *   cannot keep out everybody else.
 * - One body at a time in the whole process may be larger than a share. It does not count against the budget;
 *   its front door limits it.
 */
export class BodyBudget {
  readonly #most: number;
  readonly #share: number;
  readonly #small: number;
  /** Bytes of each caller that holds any. */
  readonly #callers = new Map<string, number>();
  #held = 0;
  #large: object | undefined;
  #largeCaller: string | undefined;
  #largeBytes = 0;

  constructor(most = MOST_BODY_BYTES, small = MIB) {
    this.#most = most;
    this.#share = Math.floor(most / 4);
    this.#small = small;
  }

  /** Bytes that are held now. */
  get held(): number {
    return this.#held + this.#largeBytes;
  }

  /** Number of callers whose bytes are held now. */
  get callers(): number {
    return this.#callers.size;
  }

  enter(caller: string): BodyRoom {
    const room = {};
    let size = 0;
    let isOver = false;
    return {
      grow: (bytes) => {
        if (isOver) return 'total';
        if (this.#large === room) {
          size += bytes;
          this.#largeBytes += bytes;
          return undefined;
        }
        const after = (this.#callers.get(caller) ?? 0) + bytes;
        if (after > this.#share) {
          // Only a body that is too large on its own may leave the share of its caller.
          if (size + bytes <= this.#share) return 'share';
          // The caller has not used more than its share when somebody else has the place of the large body.
          if (this.#large !== undefined) return this.#largeCaller === caller ? 'share' : 'total';
          this.#count(caller, -size);
          this.#large = room;
          this.#largeCaller = caller;
          size += bytes;
          this.#largeBytes = size;
          return undefined;
        }
        const open = after <= this.#small ? this.#most : this.#most - this.#share;
        if (this.#held + bytes > open) return 'total';
        size += bytes;
        this.#count(caller, bytes);
        return undefined;
      },
      release: () => {
        if (isOver) return;
        isOver = true;
        if (this.#large === room) {
          this.#large = undefined;
          this.#largeCaller = undefined;
          this.#largeBytes = 0;
        } else this.#count(caller, -size);
      },
    };
  }

  #count(caller: string, bytes: number): void {
    this.#held += bytes;
    const now = (this.#callers.get(caller) ?? 0) + bytes;
    if (now === 0) this.#callers.delete(caller);
    else this.#callers.set(caller, now);
  }
}

/** The budget of this process. All front doors use it, because they share one memory. */
export const BODIES = new BodyBudget();
