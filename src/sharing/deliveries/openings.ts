import { OPENED } from './model.ts';
import { principalName, type Principal } from '../../access/principal.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import type { Store } from '../../store/store.ts';

/** Number of opened objects that are remembered in memory, so that opening them again costs nothing. */
const MOST_OPENED = 10_000;

interface OpeningParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** Records which members have opened which objects. */
export class Openings {
  readonly #s: OpeningParts;
  readonly #opened = new Set<string>();

  constructor(parts: OpeningParts) {
    this.#s = parts;
  }

  /** Records that a person of a member has opened an object. */
  async opened(actor: Principal, id: string): Promise<void> {
    if (actor.kind !== 'account' || !actor.person || actor.member === undefined) return;
    const key = `${actor.member}/${id}`;
    if (this.#opened.has(key)) return;
    const { store, clock, log } = this.#s;
    if ((await OPENED.in(store).get(key)) === undefined)
      try {
        const at = new Date(clock.now()).toISOString();
        await store.commit({
          records: [OPENED.insert(key, { member: actor.member, object: id, by: principalName(actor), at })],
        });
      } catch (error) {
        // Reading continues even if nothing can be written, or if somebody else of the same member opened it first.
        if (!(error instanceof Problem) || error.kind !== 'conflict')
          log.warn('opening.not_written', { reason: reasonOf(error) });
        return;
      }
    if (this.#opened.size >= MOST_OPENED) this.#opened.clear();
    this.#opened.add(key);
  }
}
