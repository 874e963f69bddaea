import type { Directory } from '../../access/directory.ts';
import type { Principal } from '../../access/principal.ts';
import type { IndicatorsRequest } from '../../api/schema-types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import { gateSliced, type GatedDocument } from '../../kernel/json-gate.ts';
import { indicatorOf, publishableValues, type NewIndicator } from '../../stix/values/indicator.ts';

/** Writes objects that the hub made as a document, to be submitted like one that came from outside. */
export function documentOf(objects: readonly object[]): Promise<GatedDocument> {
  return gateSliced(Buffer.from(JSON.stringify({ objects })));
}

/**
 * Makes indicators of values that people publish. Whether they are stored is decided when they are submitted, as for
 * all other objects.
 */
export class IndicatorMaker {
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(directory: Directory, clock: Clock, ids: Ids) {
    this.#directory = directory;
    this.#clock = clock;
    this.#ids = ids;
  }

  /** Returns an indicator for each value, created by the first identity of the member that it is submitted for. */
  async make(actor: Principal, request: IndicatorsRequest): Promise<readonly NewIndicator[]> {
    const observables = publishableValues(request.values, request.kind);
    const own = actor.kind === 'account' ? actor.member : undefined;
    const member = request.on_behalf_of ?? own;
    const directory = await this.#directory.current();
    const creator = member === undefined ? undefined : directory.members.get(member)?.identities[0];
    const { tlp, valid_days: validDays, title, description } = request;
    const now = this.#clock.now();
    return observables.map((observable) =>
      indicatorOf(
        observable,
        { tlp, validDays, title, description, creator },
        { now, uuid: this.#ids.uuid() },
      ),
    );
  }
}
