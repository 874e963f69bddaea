import type { Clock } from '../kernel/clock.ts';
import type { FactGate } from './bounded.ts';
import type { AuditFact, Store } from './store.ts';
import { storeErrors } from './errors.ts';

/** Actions that can be repeated without leaving anything behind. Above a number per minute they are only counted. */
const COUNTED: ReadonlySet<string> = new Set(['session.begin', 'session.end', 'answer.give']);
/**
 * Actions that are part of storing an envelope. Refusing one would stop the envelope half-way, and their number
 * is limited by the number of envelopes.
 */
const OF_ENVELOPES: ReadonlySet<string> = new Set([
  'object.tighten',
  'object.expire',
  'object.replace',
  'object.represent',
  'object.publish',
]);
/** Maximum number of entries per account, counted action and window that are written one by one. */
const MOST_TOLD = 20;
/** Maximum number of all other actions of one account per window, in each process. Further actions are refused. */
const MOST_ACTS = 3_000;
const WINDOW_MS = 60_000;
/** Maximum number of accounts that are counted at once. The account that began first is dropped for another one. */
const MOST_WATCHED = 10_000;
/** The operator on the hub's own socket and the settings file. Only the user that runs the hub can use them. */
const TRUSTED: ReadonlySet<string> = new Set(['operator', 'settings']);
/** Requests without an account have limits of their own, such as those of registrations. */
const PUBLIC_ID = 'public';

interface Acts {
  readonly since: number;
  acts: number;
  readonly counted: Map<string, { times: number; last: AuditFact }>;
}

/** Other limits, for tests. */
export interface FactGateNumbers {
  readonly told?: number;
  readonly acts?: number;
}

/**
 * Limits what one account can write to the audit log with permitted actions. The audit log is never rotated.
 * Each process counts on its own, and a process that is killed loses the counts of the last minute.
 */
export class FactsPerMinute implements FactGate {
  readonly #clock: Clock;
  readonly #uuid: () => string;
  readonly #told: number;
  readonly #acts: number;
  /** In the order in which the windows began. */
  readonly #actors = new Map<string, Acts>();
  /** Counts of windows that have ended, until the next facts are written. */
  readonly #sums: AuditFact[] = [];

  constructor(
    clock: Clock,
    uuid: () => string,
    { told = MOST_TOLD, acts = MOST_ACTS }: FactGateNumbers = {},
  ) {
    this.#clock = clock;
    this.#uuid = uuid;
    this.#told = told;
    this.#acts = acts;
  }

  /** Returns the facts that are written now. Throws a Problem of kind rate-limited above the limit of an account. */
  admit(facts: readonly AuditFact[]): readonly AuditFact[] {
    if (facts.length === 0) return facts;
    const now = this.#clock.monotonic();
    this.#end(now);
    return facts.filter((fact) => isFree(fact) || this.#admits(fact, now));
  }

  /** Writes the counts of windows that have ended. `whole` ends all windows first, for a hub that stops. */
  async tell(store: Pick<Store, 'commit'>, { whole = false } = {}): Promise<void> {
    this.#end(whole ? Number.POSITIVE_INFINITY : this.#clock.monotonic());
    const facts = this.#sums.splice(0);
    if (facts.length === 0) return;
    try {
      await store.commit({ facts });
    } catch (error) {
      this.#sums.push(...facts);
      throw error;
    }
  }

  #admits(fact: AuditFact, now: number): boolean {
    const acts = this.#actsOf(fact.actor_id ?? fact.actor, now);
    if (COUNTED.has(fact.action)) {
      // Acknowledgement links have no account, so their entries are counted for each member.
      // An objection is a statement about one object, so no other entries may hide it.
      const { answer } = fact.details ?? {};
      const object = answer === undefined || answer === 'acknowledged' ? '' : ` ${fact.resource}`;
      const key = `${fact.action} ${fact.member ?? ''}${object}`;
      const times = (acts.counted.get(key)?.times ?? 0) + 1;
      acts.counted.set(key, { times, last: fact });
      return times <= this.#told;
    }
    if (acts.acts >= this.#acts)
      throw storeErrors.changesLimited(
        { most: this.#acts },
        { headers: { 'Retry-After': String(Math.ceil((WINDOW_MS - (now - acts.since)) / 1000)) } },
      );
    acts.acts++;
    return true;
  }

  #actsOf(id: string, now: number): Acts {
    const known = this.#actors.get(id);
    if (known !== undefined) return known;
    const [first] = this.#actors.keys();
    if (this.#actors.size >= MOST_WATCHED && first !== undefined) this.#endOne(first);
    const begun: Acts = { since: now, acts: 0, counted: new Map() };
    this.#actors.set(id, begun);
    return begun;
  }

  #end(now: number): void {
    for (const [id, { since }] of this.#actors) {
      if (now - since < WINDOW_MS) return;
      this.#endOne(id);
    }
  }

  #endOne(id: string): void {
    const counted = this.#actors.get(id)?.counted ?? new Map<string, never>();
    this.#actors.delete(id);
    for (const { times, last } of counted.values())
      if (times > this.#told)
        this.#sums.push({
          ...last,
          id: this.#uuid(),
          at: this.#clock.now(),
          details: { ...last.details, further: times - this.#told, within_s: WINDOW_MS / 1_000 },
        });
  }
}

function isFree({ result, actor, actor_id: id, action }: AuditFact): boolean {
  return (
    result !== 'done' ||
    actor.startsWith('hub:') ||
    TRUSTED.has(id ?? actor) ||
    (id === PUBLIC_ID && !COUNTED.has(action)) ||
    OF_ENVELOPES.has(action)
  );
}
