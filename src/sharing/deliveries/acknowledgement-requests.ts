import { ANSWER_DEMANDS } from './model.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { principalName, type Principal } from '../../access/principal.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Store } from '../../store/store.ts';
import type { DeliveryLog, DeliveryStep } from './delivery-log.ts';
import { ownPlaces, placesOf } from './standing.ts';
import { sharingErrors } from '../errors.ts';

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
  /** Tells the members that are asked. */
  readonly ask: (object: string, due: number) => Promise<unknown>;
}

/** Requests for answers, with a deadline. */
export class AcknowledgementRequests {
  readonly #s: RequestParts;

  constructor(parts: RequestParts) {
    this.#s = parts;
  }

  /** Requests an answer from everybody who may read an object, until a deadline, and tells them at once. */
  async demand(actor: Principal, id: string, until: string): Promise<readonly DeliveryStep[]> {
    const { store, directory, clock, audit, log, ask } = this.#s;
    const snapshot = await directory.refresh();
    ownPlaces(actor, id, await placesOf(store, id, snapshot), snapshot, 'answer.demand');
    const due = Date.parse(until);
    if (Number.isNaN(due) || due <= clock.now() || due > clock.now() + LONGEST_MS)
      throw sharingErrors.invalidDeadline();
    const before = await ANSWER_DEMANDS.in(store).get(id);
    const open = await ANSWER_DEMANDS.in(store).by('state', 'open', { limit: MOST_DEMANDS }); // prettier-ignore
    if (before === undefined && open.length >= MOST_DEMANDS)
      throw sharingErrors.tooManyDemands({ most: MOST_DEMANDS });
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
    if (before?.document.due !== due) await ask(id, due);
    return log.log(actor, id);
  }
}
