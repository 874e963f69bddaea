import {
  ACKNOWLEDGEMENT_REQUESTS,
  acknowledgementRequestId,
  type AcknowledgementRequestRecord,
} from './model.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { memberOf, principalName, type Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Stored } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import type { DeliveryLog, DeliveryStep } from './delivery-log.ts';
import { ownPlaces, locationsOf } from './object-locations.ts';
import { sharingErrors } from '../errors.ts';

/** Maximum number of objects for which answers are requested at the same time. */
const MOST_REQUESTS = 1_000;
/** Maximum number of these for the objects of one member. Otherwise one member could prevent the requests of all others. */
const MOST_OF_MEMBER = 100;
/** A deadline may be set this often without a day between, because each time all who are asked get a message. */
const MOST_TIMES = 3;
const DAY_MS = 86_400_000;
/** A deadline may be at most this far in the future. */
const LONGEST_MS = 90 * DAY_MS;

interface RequestParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly log: DeliveryLog;
  /** Tells the members that are asked. */
  readonly ask: (object: string, due: number, owner: string | undefined) => Promise<unknown>;
}

/** Returns a deadline that is possible now, as an example. */
function exampleOf(now: number): string {
  return `${new Date(now + LONGEST_MS / 10).toISOString().slice(0, 10)}T00:00:00Z`;
}

/** Requests for answers, with a deadline. */
export class AcknowledgementRequests {
  readonly #s: RequestParts;

  constructor(parts: RequestParts) {
    this.#s = parts;
  }

  /** Requests an answer from everybody who may read an object, until a deadline, and notifies them at once. */
  async create(actor: Principal, id: string, until: string): Promise<readonly DeliveryStep[]> {
    const { store, directory, clock, audit, log, ask } = this.#s;
    const snapshot = await directory.refresh();
    ownPlaces(actor, id, await locationsOf(store, id, snapshot), snapshot, 'answer.request');
    const due = Date.parse(until);
    if (Number.isNaN(due) || due <= clock.now() || due > clock.now() + LONGEST_MS)
      throw sharingErrors.invalidDeadline({ until: until.slice(0, 40), example: exampleOf(clock.now()) });
    const owner = can(actor, 'hub.read', { kind: 'hub' }) ? undefined : memberOf(actor);
    // Others can own an object with the same id. Nobody changes the request of somebody else.
    const record = acknowledgementRequestId(id, owner);
    const before = await ACKNOWLEDGEMENT_REQUESTS.in(store).get(record);
    await this.#requireRoom(before, owner);
    const times = this.#timesOf(before?.document, due);
    await store.commit({
      records: [
        ACKNOWLEDGEMENT_REQUESTS.put(record, before, {
          object: id,
          due,
          by: principalName(actor),
          at: new Date(clock.now()).toISOString(),
          times,
          ...(owner === undefined ? {} : { owner }),
        }),
      ],
      facts: [audit.fact(actor, 'answer.request', `object/${id}`, { details: { until } })],
    });
    if (before?.document.due !== due) await ask(id, due, owner);
    return log.log(actor, id);
  }

  /** Throws if the hub, or the member that asks, has too many open requests. */
  async #requireRoom(
    before: Stored<AcknowledgementRequestRecord> | undefined,
    owner: string | undefined,
  ): Promise<void> {
    if (isOpen(before)) return;
    const requests = ACKNOWLEDGEMENT_REQUESTS.in(this.#s.store);
    if ((await requests.by('state', 'open', { limit: MOST_REQUESTS })).length >= MOST_REQUESTS)
      throw sharingErrors.tooManyAcknowledgementRequests({ most: MOST_REQUESTS });
    if (owner === undefined) return;
    const own = await requests.by('open_of', owner, { limit: MOST_OF_MEMBER });
    if (own.length >= MOST_OF_MEMBER)
      throw sharingErrors.tooManyAcknowledgementRequests({ most: MOST_OF_MEMBER });
  }

  /** Returns how often a deadline was set, with this time. Throws if that is too often. */
  #timesOf(before: AcknowledgementRequestRecord | undefined, due: number): number {
    if (before === undefined || this.#s.clock.now() - Date.parse(before.at) >= DAY_MS) return 1;
    const { times = 1 } = before;
    if (before.due === due) return times;
    if (times >= MOST_TIMES) throw sharingErrors.changedTooOften({ most: MOST_TIMES });
    return times + 1;
  }
}

function isOpen(
  request: Stored<AcknowledgementRequestRecord> | undefined,
): request is Stored<AcknowledgementRequestRecord> {
  return request !== undefined && request.document.reminded === undefined;
}
