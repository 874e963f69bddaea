import type { ObservedValue, ValueType } from '../../stix/values/observed-values.ts';
import type { Contribution } from './contribution.ts';
import type { Lifetimes, ValueState } from './life.ts';

/** A value with the facts from all indicators in a collection. Times are in milliseconds since 1970. */
export interface CurrentValue extends ObservedValue {
  readonly state: ValueState;
  /** The best confidence of those that count. Undefined when none states one. */
  readonly confidence: number | undefined;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly validUntil: number;
  /** The number of owners. Repeated reports of one feed or member count once. */
  readonly sources: number;
  readonly owners: readonly string[];
  readonly labels: readonly string[];
  /** The strictest rank of those that count. */
  readonly level: number;
  /** The id of the indicator with the most facts about it. */
  readonly id: string;
  /** The next time at which its state can change. Infinity for never. */
  readonly changesAt: number;
  /** The last time at which its state changed over time. 0 for never. */
  readonly changedAt: number;
}

/** Maximum number of labels of a value. */
const MOST_LABELS = 20;
const ORDER: readonly ValueState[] = ['active', 'pending', 'expired', 'withdrawn'];

/**
 * Joins the facts from several indicators about one value. Only those in the best state count: what is withdrawn or expired
 * says nothing about a value that others still report. The order of the indicators does not matter.
 */
export function currentValue(
  { type, value }: ObservedValue,
  contributions: readonly Contribution[],
  now: number,
  life: Lifetimes,
): CurrentValue {
  const [only, ...others] = contributions;
  if (only !== undefined && others.length === 0) return ofOne(type, value, only, now, life);
  const rated = contributions.map((one) => ({ one, state: life.stateOf(type, one, now) }));
  const state = ORDER.find((each) => rated.some((other) => other.state === each)) ?? 'withdrawn';
  const counting = rated.filter((each) => each.state === state).map(({ one }) => one);
  const stated = counting.flatMap(({ confidence }) => confidence ?? []);
  const [best] = counting.toSorted(
    (a, b) =>
      (b.confidence ?? -1) - (a.confidence ?? -1) || b.modified - a.modified || (a.id < b.id ? -1 : 1),
  );
  const times = contributions
    .filter(({ revoked }) => !revoked)
    .flatMap((one) => [one.from, life.endOf(type, one)]);
  const owners = [...new Set(counting.map(({ owner }) => owner))].toSorted();
  return {
    type,
    value,
    state,
    confidence: stated.length === 0 ? undefined : Math.max(...stated),
    firstSeen: Math.min(...counting.map(({ from }) => from)),
    lastSeen: Math.max(...counting.map(({ modified, from }) => Math.max(modified, from))),
    validUntil: Math.max(...counting.map((one) => life.endOf(type, one))),
    sources: owners.length,
    owners,
    labels: [...new Set(counting.flatMap(({ labels }) => labels))].toSorted().slice(0, MOST_LABELS),
    level: Math.max(...counting.map(({ level }) => level)),
    id: best?.id ?? '',
    changedAt: Math.max(0, ...times.filter((time) => time <= now)),
    changesAt: Math.min(Infinity, ...times.filter((time) => time > now)),
  };
}

/** Most values have one indicator, so this case is fast. */
function ofOne(
  type: ValueType,
  value: string,
  one: Contribution,
  now: number,
  life: Lifetimes,
): CurrentValue {
  const { id, owner, from, modified, level, revoked } = one;
  const end = life.endOf(type, one);
  return {
    type,
    value,
    state: life.stateOf(type, one, now),
    confidence: one.confidence,
    firstSeen: from,
    lastSeen: Math.max(modified, from),
    validUntil: end,
    sources: 1,
    owners: [owner],
    labels: one.labels.length < 2 ? one.labels : one.labels.toSorted(),
    level,
    id,
    changedAt: revoked ? 0 : Math.max(0, from <= now ? from : 0, end <= now ? end : 0),
    changesAt: revoked ? Infinity : Math.min(from > now ? from : Infinity, end > now ? end : Infinity),
  };
}
