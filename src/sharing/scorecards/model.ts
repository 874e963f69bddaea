import { flagOrFalse, mapOf, maybe, number, RecordKind, text } from '../../store/records.ts';
import type { Counts } from './counting.ts';

/** Days for which counts are kept. */
export const KEPT_DAYS = 400;

/** The counts of the values that a source reported for the first time on one day. */
export interface ScoreDayRecord extends Counts {
  /** `*` for all collections together, or the id of a collection. */
  readonly scope: string;
  /** The member, `hub`, or `feed:` and the name of the feed. */
  readonly source: string;
  /** YYYY-MM-DD (UTC). */
  readonly day: string;
}

/** Returns the id of the record of a day. */
export function scoreDayId({ scope, source, day }: Pick<ScoreDayRecord, 'scope' | 'source' | 'day'>): string {
  return `${scope}/${source}/${day}`;
}

/** Returns the index key of the days of a month. */
export function monthKey(scope: string, day: string): string {
  return `${scope}/${day.slice(0, 7)}`;
}

export const SCORE_DAYS = new RecordKind<ScoreDayRecord>({
  kind: 'score-day',
  fields: {
    scope: text,
    source: text,
    day: text,
    values: number,
    shared: number,
    first: number,
    followed: number,
    harmless: number,
    age: mapOf(number),
    lead: mapOf(number),
    overlap: mapOf(number),
  },
  keys: ({ scope, day }) => ({ month: monthKey(scope, day), age: day.slice(0, 7) }),
  idOf: scoreDayId,
});

/** The position of the scorecards in a collection. The id of the record is the id of the collection. */
export interface ScoreIndexRecord {
  /** Date added of the last entry that was counted, in microseconds since 1970. */
  readonly added: number;
  /**
   * A step is being written. A database server does not write a step as a whole, so if a process finds this mark, another
   * one was killed meanwhile, and everything is counted again.
   */
  readonly writing?: boolean;
}

export const SCORE_INDEX = new RecordKind<ScoreIndexRecord>({
  kind: 'score-index',
  fields: { added: number, writing: flagOrFalse },
});

/** The state of the scorecards as a whole. The id of the record is `hub`. */
export interface ScoreStateRecord {
  /** Everything is being removed, to be counted again. */
  readonly rebuild?: boolean;
  /** The digest of the suppressed values that were counted. */
  readonly suppressed?: string;
  /** When all collections had been followed last, in milliseconds since 1970. */
  readonly followed?: number;
  /** When the sightings were counted last, in milliseconds since 1970. */
  readonly sighted?: number;
  /** When values that nobody reported for a long time were removed last, in milliseconds since 1970. */
  readonly swept?: number;
}

export const SCORE_STATE = new RecordKind<ScoreStateRecord>({
  kind: 'score-state',
  fields: {
    rebuild: flagOrFalse,
    suppressed: maybe(text),
    followed: maybe(number),
    sighted: maybe(number),
    swept: maybe(number),
  },
});

/** How many values of a source members have sighted, by the day on which the source reported them. */
export interface ScoreSightingsRecord {
  readonly scope: string;
  readonly source: string;
  readonly days: Readonly<Record<string, number>>;
}

export const SCORE_SIGHTINGS = new RecordKind<ScoreSightingsRecord>({
  kind: 'score-sightings',
  fields: { scope: text, source: text, days: mapOf(number) },
  keys: ({ scope }) => ({ scope }),
  idOf: ({ scope, source }) => `${scope}/${source}`,
});

/** How many objects or rows a source offered on one day, and how many of them the hub rejected. */
export interface ScoreIntakeRecord {
  readonly source: string;
  readonly day: string;
  readonly offered: number;
  readonly rejected: number;
}

export const SCORE_INTAKE = new RecordKind<ScoreIntakeRecord>({
  kind: 'score-intake',
  fields: { source: text, day: text, offered: number, rejected: number },
  keys: ({ day }) => ({ month: day.slice(0, 7) }),
  idOf: ({ source, day }) => `${source}/${day}`,
});
