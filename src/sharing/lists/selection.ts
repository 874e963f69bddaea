import { decide, type Audience, type Outlet } from '../../access/policy.ts';
import type { Clock } from '../../kernel/clock.ts';
import { markingFacts, tlpOf, type MarkingLookup } from '../../stix/markings.ts';
import type { StixObject } from '../../stix/types.ts';
import type { Contribution, ValueRow } from '../values/contribution.ts';
import { currentValue, type CurrentValue } from '../values/current.ts';
import type { Lifetimes, ValueState } from '../values/life.ts';
import { guarded, type GuardRules, type Omission } from './blocking.ts';
import type { ListFormat } from './formats/format.ts';
import type { ListQuery } from './list-query.ts';

const DAY_MS = 86_400_000;
/** The outlet whose rules apply to a list, by what its tool does. */
export const OUTLET_OF: Readonly<Record<ListFormat['acts'], Outlet>> = {
  read: 'taxii',
  detect: 'detection',
  block: 'blocking',
};

/** Why a value is not in a list: its state, a filter of the list, or a reason that is counted. */
export type LeftOut = Exclude<ValueState, 'active'> | 'filter' | Omission;

/** The parts of a list that decide what it contains. */
export interface SelectionParts extends GuardRules {
  readonly format: ListFormat;
  readonly query: ListQuery;
  readonly audience: Audience;
  /** The outlet that the values also leave by when the hub sends them to a tool. Its rules apply, too. */
  readonly through?: Outlet;
  /** Returns the meaning of a marking for an owner. */
  readonly marking: (id: string, owner: string) => ReturnType<MarkingLookup>;
  readonly life: Lifetimes;
  /** Measures the slices in which a list is made. */
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** Selects the values of one list, and counts what is left out. */
export class Selection {
  readonly #parts: SelectionParts;
  readonly #decisions = new Map<string, boolean>();
  readonly omitted = new Map<Omission, number>();
  /** The members, feeds and others that report any of the values, including values that the list leaves out. */
  readonly owners = new Set<string>();
  /** The next time at which a value that was looked at changes its state. */
  changesAt = Infinity;
  /** The last time at which one did. */
  changedAt = 0;

  constructor(parts: SelectionParts) {
    this.#parts = parts;
    this.changedAt = parts.suppressed.changedAt;
  }

  omit(reason: Omission, count = 1): void {
    if (count > 0) this.omitted.set(reason, (this.omitted.get(reason) ?? 0) + count);
  }

  /** Returns the value of some rows as the list contains it. Undefined if the list does not contain it. */
  select(rows: readonly [ValueRow, ...ValueRow[]]): CurrentValue | undefined {
    const found = this.examine(rows);
    return typeof found === 'string' ? undefined : found;
  }

  /** Returns the value of some rows as the list contains it, or why the list does not contain it. */
  examine(rows: readonly [ValueRow, ...ValueRow[]]): CurrentValue | LeftOut {
    const { now, format, life } = this.#parts;
    const [value] = rows;
    const contributions = rows.map(({ contribution }) => contribution);
    for (const { owner } of contributions) this.owners.add(owner);
    const passing = contributions.filter((one) => this.#mayLeave(one));
    const whole = currentValue(value, contributions, now, life);
    this.#noteTimes(whole);
    if (passing.length === 0) {
      if (whole.state !== 'active') return whole.state;
      this.omit('policy');
      return 'policy';
    }
    const current = passing.length === contributions.length ? whole : currentValue(value, passing, now, life);
    if (current.state !== 'active') return current.state;
    if (!this.#matches(current)) return 'filter';
    const isOwn = (): boolean => this.#isOwn(value, passing);
    const { reason, ...times } = guarded(value, format.acts, isOwn, this.#parts);
    this.#noteTimes(times);
    if (reason === undefined) return current;
    this.omit(reason);
    return reason;
  }

  /** True for a value that the reading member reports itself. */
  #isOwn(value: ValueRow, passing: readonly Contribution[]): boolean {
    const { reader, now, life } = this.#parts;
    const own = passing.filter(({ owner }) => owner === reader?.member);
    return own.length > 0 && currentValue(value, own, now, life).state === 'active';
  }

  #noteTimes({ changesAt, changedAt }: Pick<CurrentValue, 'changesAt' | 'changedAt'>): void {
    if (changesAt < this.changesAt) this.changesAt = changesAt;
    if (changedAt > this.changedAt) this.changedAt = changedAt;
  }

  #matches({ confidence, lastSeen, sources, labels }: CurrentValue): boolean {
    const { query, now } = this.#parts;
    if ((confidence ?? 0) < query.minConfidence || sources < query.sources) return false;
    if (query.maxAge !== undefined && lastSeen < now - query.maxAge * DAY_MS) return false;
    if (query.since !== undefined && lastSeen <= query.since) return false;
    return query.labels === undefined || query.labels.some((label) => labels.includes(label));
  }

  /** Asks the disclosure policy about an indicator. Indicators with the same facts have the same answer. */
  #mayLeave({ level, owner, attributed, markings }: Contribution): boolean {
    const key = JSON.stringify([level, owner, attributed, markings]);
    const known = this.#decisions.get(key);
    if (known !== undefined) return known;
    const { marking: lookup, audience, format, through, now } = this.#parts;
    const about = {
      type: 'indicator',
      object_marking_refs: markings,
      ...(attributed ? { created_by_ref: 'identity' } : {}),
    } as StixObject;
    const marking = markingFacts(about, (id) => lookup(id, owner));
    const facts = { effective: tlpOf(level), marking };
    const outlets = [OUTLET_OF[format.acts], ...(through === undefined ? [] : [through])];
    const isAllowed = outlets.every((outlet) => decide(facts, audience, outlet, now).verdict === 'allow');
    this.#decisions.set(key, isAllowed);
    return isAllowed;
  }
}
