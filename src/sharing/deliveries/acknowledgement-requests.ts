import { ANSWER_DEMANDS } from './model.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { principalName, type Principal } from '../../access/principal.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Problem } from '../../kernel/problem.ts';
import type { Store } from '../../store/store.ts';
import type { DeliveryLog, DeliveryStep } from './delivery-log.ts';
import { ownPlaces, placesOf } from './standing.ts';

/** Maximum number of objects for which answers are requested at the same time. */
const MOST_DEMANDS = 1_000;
/** A deadline may be at most this far in the future. */
const LONGEST_MS = 90 * 86_400_000;

interface RequestParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly log: DeliveryLog;
}

/** Requests for answers, with a deadline. */
export class AcknowledgementRequests {
  readonly #s: RequestParts;

  constructor(parts: RequestParts) {
    this.#s = parts;
  }

  /** Requests an answer from everybody who may read an object, until a deadline. */
  async demand(actor: Principal, id: string, until: string): Promise<readonly DeliveryStep[]> {
    const { store, directory, clock, audit, log } = this.#s;
    const snapshot = await directory.refresh();
    ownPlaces(actor, id, await placesOf(store, id, snapshot), snapshot, 'answer.demand');
    const due = Date.parse(until);
    if (Number.isNaN(due) || due <= clock.now() || due > clock.now() + LONGEST_MS)
      throw new Problem('invalid-content', 'The deadline must lie in the next 90 days', {
        hint: 'Write it as 2026-01-15T00:00:00Z.',
        code: 'TLN-D-422',
      });
    const before = await ANSWER_DEMANDS.in(store).get(id);
    const open = await ANSWER_DEMANDS.in(store).by('state', 'open', { limit: MOST_DEMANDS }); // prettier-ignore
    if (before === undefined && open.length >= MOST_DEMANDS)
      throw new Problem('conflict', `Answers to ${MOST_DEMANDS} objects are asked for already`, {
        hint: 'Ask again when their deadlines have passed.',
        code: 'TLN-D-409',
      });
    await store.commit({
      records: [
        ANSWER_DEMANDS.put(id, before, {
          object: id,
          due,
          by: principalName(actor),
          at: new Date(clock.now()).toISOString(),
        }),
      ],
      facts: [audit.fact(actor, 'answer.demand', `object/${id}`, { details: { until } })],
    });
    return log.log(actor, id);
  }
}
