import type { ObservedValue, ValueType } from '../../stix/values/observed-values.ts';
import type { Name, NameRange } from '../../store/store.ts';

const HOUR_MS = 3_600_000;
/** The first bucket ends at this time, and each further one at the square root of two times the one before. */
const FIRST_MS = HOUR_MS / 4;
/** The last bucket begins after 28 years. */
const LAST_BUCKET = 40;
/** Maximum number of pairs of source and collection that are kept for one value. Further ones are not counted. */
const MOST_ARRIVALS = 64;
/** All collections together. */
export const EVERYWHERE = '*';
const TAB = '\t';

/** The first time that a source reported a value in a collection. Times are in milliseconds since 1970. */
export interface Arrival {
  readonly source: string;
  /** Id of the collection. */
  readonly collection: string;
  readonly at: number;
  /** How old the information was by the dates of the source, in milliseconds. */
  readonly age: number;
}

/** Everything that the scorecards know about one value. */
export interface ScoredValue {
  readonly arrivals: readonly Arrival[];
  /** Hub staff confirmed that the value is harmless. */
  readonly isHarmless: boolean;
}

export const UNSCORED: ScoredValue = { arrivals: [], isHarmless: false };

/** Numbers of the values that a source reported for the first time on one day. */
export interface Counts {
  readonly values: number;
  /** Values that another source reported too, before or after. */
  readonly shared: number;
  /** Values that the source reported before all others, or alone. */
  readonly first: number;
  /** Values that the source reported first, and another source later. */
  readonly followed: number;
  /** Values that hub staff confirmed as harmless. */
  readonly harmless: number;
  /** Number of values by the bucket of their age at arrival. */
  readonly age: Readonly<Record<string, number>>;
  /** Number of values by the bucket of the time until another source followed. */
  readonly lead: Readonly<Record<string, number>>;
  /** For each other source, the number of these values that it also reported. */
  readonly overlap: Readonly<Record<string, number>>;
}

export const NO_COUNTS: Counts = {
  values: 0,
  shared: 0,
  first: 0,
  followed: 0,
  harmless: 0,
  age: {},
  lead: {},
  overlap: {},
};

/** The counts of one source, day and scope. */
export interface DayCounts {
  readonly scope: string;
  readonly source: string;
  readonly day: string;
  readonly counts: Counts;
}

/** True for the name of a member. Other sources are the hub and its feeds, which begin with `feed:`. */
export function isMember(source: string): boolean {
  return source !== 'hub' && !source.startsWith('feed:');
}

/** Returns the day of a time (UTC), as YYYY-MM-DD. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Returns the bucket of a period of time. */
export function bucketOf(ms: number): number {
  if (ms < FIRST_MS) return 0;
  return Math.min(LAST_BUCKET, 1 + Math.floor(2 * Math.log2(ms / FIRST_MS)));
}

/**
 * Returns the median of periods of time that were counted by buckets, in milliseconds. It differs from the exact median
 * by at most a fifth. Undefined without any.
 */
export function medianOf(buckets: Readonly<Record<string, number>>): number | undefined {
  const counted = Object.entries(buckets)
    .map(([bucket, n]) => [Number(bucket), n] as const)
    .toSorted(([a], [b]) => a - b);
  const total = counted.reduce((sum, [, n]) => sum + n, 0);
  let before = 0;
  for (const [bucket, n] of counted) {
    before += n;
    // The geometric middle of the bucket.
    if (before * 2 >= total) return bucket === 0 ? 0 : FIRST_MS * 2 ** ((bucket - 0.5) / 2);
  }
  return undefined;
}

/** Returns a value with one more arrival. An earlier one of the same source and collection stays. */
export function arrived(value: ScoredValue, arrival: Arrival): ScoredValue {
  const before = value.arrivals.find(
    ({ source, collection }) => source === arrival.source && collection === arrival.collection,
  );
  if (before !== undefined && before.at <= arrival.at) return value;
  const others = value.arrivals.filter((one) => one !== before);
  if (others.length >= MOST_ARRIVALS) return value;
  return { ...value, arrivals: [...others, arrival].toSorted(byTime) };
}

/** Returns what one value adds to the counts, for each collection that contains it and for all of them together. */
export function countsOf({ arrivals, isHarmless }: ScoredValue): readonly DayCounts[] {
  const [only] = arrivals;
  if (only !== undefined && arrivals.length === 1) return countsAlone(only, isHarmless);
  const scopes = new Set(arrivals.map(({ collection }) => collection));
  return [EVERYWHERE, ...scopes].flatMap((scope) => {
    const firsts = new Map<string, Arrival>();
    for (const one of arrivals.toSorted(byTime))
      if ((scope === EVERYWHERE || one.collection === scope) && !firsts.has(one.source))
        firsts.set(one.source, one);
    const ordered = [...firsts.values()];
    const [first, second] = ordered;
    return ordered.map((one) => ({
      scope,
      source: one.source,
      day: dayOf(one.at),
      counts: {
        values: 1,
        shared: ordered.length > 1 ? 1 : 0,
        first: one === first ? 1 : 0,
        followed: one === first && second !== undefined ? 1 : 0,
        harmless: isHarmless ? 1 : 0,
        age: { [bucketOf(one.age)]: 1 },
        lead: one === first && second !== undefined ? { [bucketOf(second.at - one.at)]: 1 } : {},
        overlap: Object.fromEntries(ordered.flatMap(({ source }) => (source === one.source ? [] : [[source, 1]]))),
      },
    }));
  }); // prettier-ignore
}

/** Returns the same for a value with one arrival. Most new values are like this. */
function countsAlone({ source, collection, at, age }: Arrival, isHarmless: boolean): readonly DayCounts[] {
  const day = dayOf(at);
  const counts = {
    ...NO_COUNTS,
    values: 1,
    first: 1,
    harmless: isHarmless ? 1 : 0,
    age: { [bucketOf(age)]: 1 },
  };
  return [
    { scope: EVERYWHERE, source, day, counts },
    { scope: collection, source, day, counts },
  ];
}

function byTime(a: Arrival, b: Arrival): number {
  return a.at - b.at || (a.source < b.source ? -1 : a.source > b.source ? 1 : 0);
}

/** Returns the sum of two counts. With `by` -1, the second is taken away from the first. */
export function sumOf(a: Counts, b: Counts, by: 1 | -1 = 1): Counts {
  return {
    values: a.values + by * b.values,
    shared: a.shared + by * b.shared,
    first: a.first + by * b.first,
    followed: a.followed + by * b.followed,
    harmless: a.harmless + by * b.harmless,
    age: sumOfMaps(a.age, b.age, by),
    lead: sumOfMaps(a.lead, b.lead, by),
    overlap: sumOfMaps(a.overlap, b.overlap, by),
  };
}

/** Adds the numbers of two maps. Zeros are left out. */
function sumOfMaps(a: Counts['age'], b: Counts['age'], by: 1 | -1): Counts['age'] {
  const added = Object.entries(b);
  if (added.length === 0) return a;
  const sum = new Map(Object.entries(a));
  for (const [key, n] of added) sum.set(key, (sum.get(key) ?? 0) + by * n);
  return Object.fromEntries([...sum].filter(([, n]) => n !== 0));
}

/** True for counts that change nothing. */
export function isNothing({
  values,
  shared,
  first,
  followed,
  harmless,
  age,
  lead,
  overlap,
}: Counts): boolean {
  return (
    [values, shared, first, followed, harmless].every((n) => n === 0) &&
    [age, lead, overlap].every((map) => Object.keys(map).length === 0)
  );
}

/** Returns the difference of the counts when a value changes. */
export function changeOf(before: ScoredValue, after: ScoredValue): readonly DayCounts[] {
  const added = countsOf(after);
  const gone = countsOf(before).map((one) => ({ ...one, counts: sumOf(NO_COUNTS, one.counts, -1) }));
  return [...added, ...gone];
}

// A value is stored as a name of the store (`store/port/names.ts`): the value, and then what is known about it.

/** Returns the range of all values of a type. */
export function scoredOf(type: ValueType): NameRange {
  return { kind: `score/${type}`, from: '', to: '\u{10FFFF}' };
}

/** Returns the range of the name of one value. */
export function scoredAt({ type, value }: ObservedValue): NameRange {
  return { kind: `score/${type}`, from: `${value}${TAB}`, to: `${value}${TAB}\u{10FFFF}` };
}

/** Returns the name under which a value is stored. */
export function scoreName({ type, value }: ObservedValue, { arrivals, isHarmless }: ScoredValue): Name {
  const facts = [
    isHarmless,
    arrivals.map(({ source, collection, at, age }) => [source, collection, at, age]),
  ];
  return { kind: `score/${type}`, value: `${value}${TAB}${JSON.stringify(facts)}`, collection: '', added: 0 };
}

/** Returns the value that a name is. */
export function scoreOfName({ value: line }: Pick<Name, 'value'>): ScoredValue & { readonly value: string } {
  const end = line.indexOf(TAB);
  const [isHarmless, arrivals] = JSON.parse(line.slice(end + 1)) as [
    boolean,
    [string, string, number, number][],
  ];
  return {
    value: line.slice(0, end),
    isHarmless,
    arrivals: arrivals.map(([source, collection, at, age]) => ({ source, collection, at, age })),
  };
}
