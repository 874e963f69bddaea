import type { Exercise } from '../../api/schema-types.ts';
import { operation, pageOf, PAGING, type Operation } from '../../access/operation.ts';
import type { Exercises } from './service.ts';

const tag = 'Exercises';
/** The last time that a date can have, in milliseconds since 1970. */
const LAST = 8_640_000_000_000_000;

/** Operations on exercises of the phone tree. */
export function exerciseOperations(exercises: Exercises): readonly Operation[] {
  return [...readingOperations(exercises), ...runningOperations(exercises)];
}

function readingOperations(exercises: Exercises): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/exercises',
      name: 'listExercises',
      summary: 'List exercises with the results that the caller may see, newest first',
      tag,
      permission: 'contact.history',
      status: 200,
      answer: 'exercises',
      query: PAGING,
      run: async (call) => pageOf(await exercises.list(call.actor), newestFirst, call),
    }),
    operation({
      method: 'GET',
      path: '/exercises/:exercise',
      name: 'getExercise',
      summary: 'Get an exercise with the results that the caller may see',
      tag,
      permission: 'contact.history',
      status: 200,
      answer: 'exercise',
      run: async ({ actor, parameters }) => ({ body: await exercises.get(actor, parameters.exercise) }),
    }),
  ];
}

function runningOperations(exercises: Exercises): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/exercises',
      name: 'createExercise',
      summary: 'Start an exercise with members, with the members of a group, or with all members',
      tag,
      permission: 'hub.read',
      status: 201,
      body: 'api/exercise-request.json',
      answer: 'exercise',
      idempotent: true,
      run: async ({ actor, body }) => ({ body: await exercises.create(actor, body) }),
    }),
    operation({
      method: 'POST',
      path: '/exercises/:exercise/calls',
      name: 'createExerciseCall',
      summary: 'Record a call of an exercise. A contact that was reached counts as verified',
      tag,
      permission: 'hub.read',
      status: 201,
      body: 'api/exercise-call-request.json',
      answer: 'exercise',
      idempotent: true,
      run: async ({ actor, parameters, body }) => ({
        body: await exercises.call(actor, parameters.exercise, body),
      }),
    }),
    operation({
      method: 'POST',
      path: '/exercises/:exercise/end',
      name: 'endExercise',
      summary: 'End an exercise. Its results stay',
      tag,
      permission: 'hub.read',
      status: 200,
      answer: 'exercise',
      run: async ({ actor, parameters }) => ({ body: await exercises.end(actor, parameters.exercise) }),
    }),
  ];
}

/** The place of an exercise in lists. A later start has a smaller text. */
function newestFirst({ id, started }: Exercise): string {
  return `${String(LAST - Date.parse(started)).padStart(16, '0')} ${id}`;
}
