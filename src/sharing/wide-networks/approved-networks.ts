import { PEOPLE } from '../../access/two-people.ts';
import { valueKey, type ObservedValue } from '../../stix/values/observed-values.ts';
import type { Stored } from '../../store/records.ts';
import type { WideNetworkRecord } from './model.ts';

/** The wide networks that two people approved, at one time. Each list is made from one of these. */
export class ApprovedNetworks {
  readonly #until = new Map<string, number>();
  /** The time of the last change, in milliseconds since 1970. 0 for none. The end of an approval is not a change. */
  readonly changedAt: number;
  /** One text for each approval, which changes with it. */
  readonly facts: readonly string[];

  constructor(records: Iterable<Stored<WideNetworkRecord>>) {
    let changedAt = 0;
    const facts: string[] = [];
    for (const { id, document } of records) {
      const { type, value, approvals, until, revoked } = document;
      const second = approvals[PEOPLE - 1];
      if (second === undefined) continue;
      facts.push(`${id} ${second.at} ${until} ${revoked?.at ?? ''}`);
      changedAt = Math.max(changedAt, second.at, revoked?.at ?? 0);
      if (revoked === undefined) this.#until.set(valueKey({ type, value }), until);
    }
    this.changedAt = changedAt;
    this.facts = facts;
  }

  /** Returns when the approval of exactly this network ends or ended (milliseconds since 1970). Undefined without one. */
  until(value: ObservedValue): number | undefined {
    return this.#until.get(valueKey(value));
  }
}
