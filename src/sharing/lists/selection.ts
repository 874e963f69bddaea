import { decide, type Audience, type Outlet } from '../../access/policy.ts';
import type { Clock } from '../../kernel/clock.ts';
import { markingFacts, tlpOf, type MarkingLookup } from '../../stix/markings.ts';
import type { StixObject } from '../../stix/types.ts';
import type { SuppressedValues } from '../suppression/suppressed-values.ts';
import type { Contribution, ValueRow } from '../values/contribution.ts';
import { currentValue, type CurrentValue } from '../values/current.ts';
import type { Lifetimes, ValueState } from '../values/life.ts';
import type { BlockGuard, Omission } from './blocking.ts';
import type { ListFormat } from './formats/format.ts';
import type { ListQuery } from './list-query.ts';

const DAY_MS = 86_400_000;
/** The outlet whose rules apply to a list, by what its tool does. */
export const OUTLET_OF: Readonly<Record<ListFormat['acts'], Outlet>> = {
  read: 'taxii',
  detect: 'detection',
  block: 'blocking',
};
/** A tool that alerts may alert about systems of members, and about networks of any size. */
const ALSO_NOT_DETECTED: ReadonlySet<Omission> = new Set(['special-range', 'warning-list', 'format']);

/** A member that reads a list with values that it reports itself. */
export interface ListReader {
  readonly member: string;
  /** The rules for the values that the member reports. */
  readonly guard: BlockGuard;
}

/** Why a value is not in a list: its state, a filter of the list, or a reason that is counted. */
export type LeftOut = Exclude<ValueState, 'active'> | 'filter' | Omission;

/** The parts of a list that decide what it contains. */
export interface SelectionParts {
  readonly format: ListFormat;
  readonly query: ListQuery;
  readonly guard: BlockGuard;
  readonly audience: Audience;
  /** The member that reads the list, if the list is made for one member. */
  readonly reader?: ListReader | undefined;
  readonly suppressed: SuppressedValues;
  /** Returns the meaning of a marking for an owner. */
  readonly marking: (id: string, owner: string) => ReturnType<MarkingLookup>;
  readonly life: Lifetimes;
  /** Milliseconds since 1970. */
  readonly now: number;
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
    if (this.#parts.suppressed.keepsOut(value, format.acts)) {
      this.omit('suppressed');
      return 'suppressed';
    }
    const reason = format.acts === 'read' ? undefined : this.#reason(value, passing);
    if (reason === undefined || (format.acts === 'detect' && !ALSO_NOT_DETECTED.has(reason))) return current;
    this.omit(reason);
    return reason;
  }

  /**
   * Returns why a tool must not act on a value. A value that the reading member reports itself is left out only for
   * reasons that the member may know.
   */
  #reason(value: ValueRow, passing: readonly Contribution[]): Omission | undefined {
    const { guard, reader, now, life } = this.#parts;
    const reason = this.#guarded(guard, value);
    if (reason !== 'protected' || reader === undefined) return reason;
    const own = passing.filter(({ owner }) => owner === reader.member);
    return own.length > 0 && currentValue(value, own, now, life).state === 'active'
      ? this.#guarded(reader.guard, value)
      : reason;
  }

  /** Asks the rules of a guard. A network that is too large passes while an approval of it is in force. */
  #guarded(guard: BlockGuard, value: ValueRow): Omission | undefined {
    const reason = guard.reason(value);
    const until = reason === 'prefix-too-short' ? this.#parts.suppressed.approved.until(value) : undefined;
    if (until === undefined) return reason;
    const isOver = until <= this.#parts.now;
    this.#noteTimes({ changesAt: isOver ? Infinity : until, changedAt: isOver ? until : 0 });
    return isOver ? reason : guard.reasonIfApproved(value);
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
    const { marking: lookup, audience, format, now } = this.#parts;
    const about = {
      type: 'indicator',
      object_marking_refs: markings,
      ...(attributed ? { created_by_ref: 'identity' } : {}),
    } as StixObject;
    const marking = markingFacts(about, (id) => lookup(id, owner));
    const { verdict } = decide({ effective: tlpOf(level), marking }, audience, OUTLET_OF[format.acts], now);
    this.#decisions.set(key, verdict === 'allow');
    return verdict === 'allow';
  }
}
