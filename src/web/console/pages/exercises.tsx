import type { JSX } from 'preact';
import type { Exercise } from '../../../api/schema-types.ts';
import { webErrors } from '../../errors.ts';
import { Block, Btn, St, State, Sub, Table, type StateKind } from '../../shared/components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import { Empty, Field, Select } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { Time } from '../../shared/times.tsx';
import { textFor } from '../../shared/words.ts';
import { typed, type ConsolePage, type PageContext } from '../page-table.ts';
import { contactPath, CONTACTS } from './contact-parts.tsx';
import { Question } from './question.tsx';

const EXERCISES = '/console/exercises';
const OUTCOMES = ['reached', 'no-answer', 'wrong-number'] as const;

function exercisePath(id: string): string {
  return `${EXERCISES}/${encodeURIComponent(id)}`;
}

/** Exercises of the phone tree, newest first. */
export const exercisesPage: ConsolePage = {
  path: '/exercises',
  title: (m) => m.exercises.exercises,
  needs: 'listExercises',
  show: async ({ ask, permits }) => (
    <ExercisesView
      exercises={(await ask('listExercises', { query: { limit: '100' } })).items}
      canStart={permits('createExercise')}
    />
  ),
};

function ExercisesView({
  exercises,
  canStart,
}: {
  readonly exercises: readonly Exercise[];
  readonly canStart: boolean;
}): JSX.Element {
  const { exercises: t, contacts } = useMessages();
  const start = canStart ? <Btn href={`${EXERCISES}/new`}>{t.start}</Btn> : undefined;
  return (
    <Screen title={t.exercises} crumb={[CONTACTS, contacts.contacts]} actions={start}>
      <Block title={t.exercises} raw aside={<p>{t.exerciseCount(exercises.length)}</p>}>
        {exercises.length === 0 ? (
          <Empty title={t.none}>{t.anExercise}</Empty>
        ) : (
          <Table
            caption={t.exercises}
            columns={[{ title: t.exercise }, { title: t.started, class: 'nw' }, { title: t.state, bare: true }, { title: t.reached }]}
            rows={exercises.map(({ id, title, started, ended, results }) => ({
              key: id,
              cells: [
                <a href={exercisePath(id)}>{title}</a>,
                <Time at={started} />,
                <St kind={ended === undefined ? 'wait' : 'ok'}>{ended === undefined ? t.running : t.ended}</St>,
                t.reachedOf(results.filter(({ state }) => state === 'reached').length, results.length),
              ],
            }))}
          />
        )}
      </Block>
    </Screen>
  );
} // prettier-ignore

/** The start of an exercise. */
export const newExercisePage: ConsolePage = {
  path: '/exercises/new',
  title: (m) => m.exercises.start,
  needs: 'createExercise',
  show: async ({ ask, messages: { exercises: t } }, form) => {
    const groups = (await ask('listGroups')).items.map(({ name, title }) => [name, title ?? name] as const);
    return (
      <Question title={t.start} above={[EXERCISES, t.exercises]} heading={t.exercise} form={form} action={t.start} keep={t.cancel}>
        <div class="in">
          <Field name="title" label={t.titleLabel} hint={t.titleHint}>
            {(described) => <input {...described} required maxLength={120} value={typed(form, 'title', '')} />}
          </Field>
          <Field name="group" label={t.members}>
            {(described) => <Select described={described} options={[['', t.allMembers], ...groups]} value={form.field('group') ?? ''} />}
          </Field>
        </div>
      </Question>
    );
  },
  act: async ({ ask }, form) => {
    const group = form.field('group');
    const made = await ask('createExercise', { body: { title: form.field('title') ?? '', ...(group === undefined ? {} : { group }) } });
    return exercisePath(made.id);
  },
}; // prettier-ignore

/** One exercise: the result of each member, and the next call. */
export const exercisePage: ConsolePage = {
  path: '/exercises/:exercise',
  title: (m) => m.exercises.exercise,
  needs: 'getExercise',
  show: async (context) => (
    <ExerciseView
      exercise={await exerciseOf(context)}
      canRun={context.permits('createExerciseCall')}
      done={context.query('done')}
    />
  ),
};

function exerciseOf({ ask, path }: PageContext): Promise<Exercise> {
  return ask('getExercise', { parameters: { exercise: path['exercise'] ?? '' } });
}

const KINDS: Readonly<Record<Exercise['results'][number]['state'], StateKind>> = { open: 'wait', reached: 'ok', failed: 'bad' }; // prettier-ignore

function ExerciseView({
  exercise,
  canRun,
  done,
}: {
  readonly exercise: Exercise;
  readonly canRun: boolean;
  readonly done: string | undefined;
}): JSX.Element {
  const t = useMessages().exercises;
  const { id, title, started, ended, results } = exercise;
  const said = textFor(t.done, done);
  const isRunning = canRun && ended === undefined;
  return (
    <Screen
      title={title}
      crumb={[EXERCISES, t.exercises]}
      prints
      note={<>{t.started} <Time at={started} /></>}
      actions={isRunning ? <Btn href={`${exercisePath(id)}/end`}>{t.end}</Btn> : undefined}
    >
      {said === undefined ? undefined : <State kind="ok" live="status">{said}</State>}
      <Block title={t.results} raw aside={<p>{t.reachedOf(results.filter(({ state }) => state === 'reached').length, results.length)}</p>}>
        <Table
          caption={t.results}
          columns={[{ title: t.member }, { title: t.state, bare: true }, { title: t.calls }, { title: t.next }]}
          rows={results.map((result) => ({
            key: result.member,
            cells: [
              result.team,
              <St kind={KINDS[result.state]}>{t.states[result.state](result.minutes)}</St>,
              result.calls.map((call) => (
                <Sub key={call.at}>
                  {t.outcomes[call.outcome]}: {call.label}, <Time at={call.at} />
                  {call.note === undefined ? '' : `, ${call.note}`}
                </Sub>
              )),
              result.next === undefined ? undefined : <Next exercise={id} next={result.next} isRunning={isRunning} />,
            ],
          }))}
        />
      </Block>
    </Screen>
  );
} // prettier-ignore

function Next({
  exercise,
  next,
  isRunning,
}: {
  readonly exercise: string;
  readonly next: NonNullable<Exercise['results'][number]['next']>;
  readonly isRunning: boolean;
}): JSX.Element {
  const t = useMessages().exercises;
  const { contact, label, numbers, due } = next;
  return (
    <>
      <div class="tags">
        <a href={contactPath(contact)}>{label}</a>
        {numbers.map((number) => (
          <a key={number} href={`tel:${number}`}>{number}</a>
        ))}
      </div>
      <Sub>
        {t.from} <Time at={due} />
      </Sub>
      {isRunning ? <Btn href={`${exercisePath(exercise)}/calls/${encodeURIComponent(contact)}`} look="s">{t.record}</Btn> : undefined}
    </>
  );
} // prettier-ignore

/** Recording a call. */
export const exerciseCallPage: ConsolePage = {
  path: '/exercises/:exercise/calls/:contact',
  title: (m) => m.exercises.record,
  needs: 'createExerciseCall',
  show: async (context, form) => {
    const t = context.messages.exercises;
    const exercise = await exerciseOf(context);
    const next = exercise.results.map((one) => one.next).find((one) => one?.contact === context.path['contact']);
    if (next === undefined) throw webErrors.noPage();
    return (
      <Question title={t.recordOf(next.label)} above={[exercisePath(exercise.id), exercise.title]} heading={next.numbers.join(', ')} form={form} action={t.record} keep={t.cancel}>
        <div class="in">
          <Field name="outcome" label={t.outcome}>
            {(described) => <Select described={described} options={[['', t.choose], ...OUTCOMES.map((one) => [one, t.outcomes[one]] as const)]} value={form.field('outcome') ?? ''} />}
          </Field>
          <Field name="note" label={t.noteOptional}>
            {(described) => <input {...described} maxLength={300} value={form.field('note') ?? ''} />}
          </Field>
        </div>
      </Question>
    );
  },
  act: async (context, form) => {
    const outcome = OUTCOMES.find((one) => one === form.field('outcome'));
    if (outcome === undefined) throw webErrors.invalidInput({ description: context.messages.exercises.chooseOne });
    const [{ id }, note] = [await exerciseOf(context), form.field('note')];
    const body = { contact: context.path['contact'] ?? '', outcome, ...(note === undefined ? {} : { note }) };
    await context.ask('createExerciseCall', { parameters: { exercise: id }, body });
    return `${exercisePath(id)}?done=recorded`;
  },
}; // prettier-ignore

/** The end of an exercise. */
export const endExercisePage: ConsolePage = {
  path: '/exercises/:exercise/end',
  title: (m) => m.exercises.end,
  needs: 'endExercise',
  show: async (context, form) => {
    const t = context.messages.exercises;
    const { id, title } = await exerciseOf(context);
    return (
      <Question title={t.end} above={[exercisePath(id), title]} form={form} action={t.end} keep={t.cancel}>
        <div class="in">
          <p>{t.noMoreCalls}</p>
        </div>
      </Question>
    );
  },
  act: async (context) => {
    const { id } = await exerciseOf(context);
    await context.ask('endExercise', { parameters: { exercise: id } });
    return `${exercisePath(id)}?done=ended`;
  },
};
