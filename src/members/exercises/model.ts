import { list, maybe, number, oneOf, RecordKind, shape, text } from '../../store/records.ts';

/** The outcomes of a call. */
const OUTCOMES = ['reached', 'no-answer', 'wrong-number'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** A call of an exercise. */
export interface ExerciseCall {
  readonly member: string;
  /** The id of the contact that was called. */
  readonly contact: string;
  /** The label of the contact at that time. */
  readonly label: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly outcome: Outcome;
  /** Id of the account that called. */
  readonly by: string;
  readonly note?: string;
}

/** An exercise: hub staff call the contacts of members, as they would at night, and measure how soon somebody answers. */
export interface ExerciseRecord {
  readonly title: string;
  readonly members: readonly string[];
  /** Id of the account that started it. */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly ended?: number;
  readonly calls: readonly ExerciseCall[];
}

export const EXERCISES = new RecordKind<ExerciseRecord>({
  kind: 'exercise',
  fields: {
    title: text,
    members: list(text),
    by: text,
    started: number,
    ended: maybe(number),
    calls: list(
      shape<ExerciseCall>({
        member: text,
        contact: text,
        label: text,
        at: number,
        outcome: oneOf(...OUTCOMES),
        by: text,
        note: maybe(text),
      }),
    ),
  },
});
