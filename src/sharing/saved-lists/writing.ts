import { microsOf, type Clock } from '../../kernel/clock.ts';
import type { Stored } from '../../store/records.ts';
import type { Lease, Name, Store } from '../../store/store.ts';
import type { Change } from './change.ts';
import { LIST_STATES, UNPUBLISHED, type ListStateRecord } from './model.ts';
import { nameOfRemoval } from './removal-log.ts';

/** Number of values that are replaced in one commit. */
const AT_ONCE = 1_000;

interface WritingParts {
  readonly store: Store;
  readonly clock: Clock;
}

/** Writes the changes of one list, in commits of a bounded size. */
export class Writing {
  readonly #parts: WritingParts;
  readonly #list: string;
  readonly #lease: Lease;
  #state: Stored<ListStateRecord> | undefined;
  #names: Name[] = [];
  #stale: Name[] = [];
  /** The time of the last removal of the list, in microseconds since 1970. */
  removedAt: number;
  changes = 0;
  growth = 0;

  constructor(parts: WritingParts, list: string, state: Stored<ListStateRecord> | undefined, lease: Lease) {
    this.#parts = parts;
    this.#list = list;
    this.#state = state;
    this.#lease = lease;
    this.removedAt = state?.document.removed ?? 0;
  }

  async take(changes: readonly Change[]): Promise<void> {
    for (const { stale, name, removal, grows } of changes) {
      this.changes++;
      this.growth += grows;
      if (stale !== undefined) this.#stale.push(stale);
      if (name !== undefined) this.#names.push(name);
      if (removal !== undefined) {
        this.removedAt = Math.max(this.removedAt + 1, microsOf(this.#parts.clock));
        this.#names.push(nameOfRemoval(this.#list, { ...removal, at: this.removedAt }));
      }
    }
    if (this.#names.length + this.#stale.length < AT_ONCE) return;
    const before = this.#state?.document ?? UNPUBLISHED;
    await this.#write({ ...before, applying: true, removed: this.removedAt });
    this.#state = await LIST_STATES.in(this.#parts.store).get(this.#list);
  }

  async end(document: Omit<ListStateRecord, 'applying' | 'gone' | 'removed'>): Promise<void> {
    await this.#write({ ...document, applying: false, gone: false, removed: this.removedAt });
  }

  async #write(document: ListStateRecord): Promise<void> {
    await this.#parts.store.commit({
      names: this.#names,
      staleNames: this.#stale,
      records: [LIST_STATES.put(this.#list, this.#state, document)],
      lease: this.#lease,
    });
    this.#names = [];
    this.#stale = [];
  }
}
