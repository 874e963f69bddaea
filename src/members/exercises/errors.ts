import { errorTable } from '../../kernel/error-table.ts';

/** Errors of exercises. */
export const exerciseErrors = errorTable({
  notFound: {
    code: 'TLN-M-450',
    kind: 'not-found',
    title: 'Exercise "{id}" not found',
    hint: 'To list the exercises, run: talanoa exercise list',
  },
  nobody: {
    code: 'TLN-M-451',
    kind: 'invalid-content',
    title: 'No member takes part in the exercise',
    hint: 'Name members, or a group with members. To list them, run: talanoa member list',
  },
  unknownMembers: {
    code: 'TLN-M-452',
    kind: 'invalid-content',
    title: 'These members do not exist or are not active: {members}',
    hint: 'To list the members, run: talanoa member list',
  },
  ended: {
    code: 'TLN-M-453',
    kind: 'conflict',
    title: 'The exercise has ended',
    hint: 'Start another one: talanoa exercise create --title TEXT',
  },
  notInIt: {
    code: 'TLN-M-454',
    kind: 'invalid-content',
    title: 'The contact is not one of a member of this exercise',
    hint: 'To see the contacts to call, run: talanoa exercise show ID',
  },
  full: {
    code: 'TLN-M-455',
    kind: 'full',
    title: 'The exercise already has {most} calls',
    hint: 'End it, and start another one.',
  },
});
