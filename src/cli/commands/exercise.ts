import type { CommonFlags } from '../common-flags.ts';
import type { CallFlags, CreateFlags } from '../exercise.ts';
import type { CommandKit } from './kit.ts';

const exerciseCli = () => import('../exercise.ts');
const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Declares the commands for exercises of the phone tree. */
export function declareExercise({ program, command, io, ended }: CommandKit): void {
  const exercise = program
    .command('exercise')
    .description('Practise whether members can be reached, and how soon')
    .exitOverride();
  command(exercise, 'list', 'List exercises, newest first').action(async (flags: CommonFlags) =>
    ended(await (await exerciseCli()).exerciseList(flags, io)),
  );
  command(exercise, 'create', 'Start an exercise with members, a group, or all active members')
    .requiredOption('--title <text>', 'title, such as "Night exercise of December"')
    .option('--member <name>', 'member that takes part (repeatable)', several)
    .option('--group <name>', 'group whose members take part')
    .action(async (flags: CreateFlags) => ended(await (await exerciseCli()).exerciseCreate(flags, io)));
  command(exercise, 'show', 'Show the result of each member, and the next call')
    .argument('<id>')
    .action(async (id: string, flags: CommonFlags) =>
      ended(await (await exerciseCli()).exerciseShow(id, flags, io)),
    );
  command(exercise, 'register', 'Record a call')
    .argument('<id>')
    .requiredOption('--contact <id>', 'contact that was called')
    .requiredOption('--outcome <word>', 'reached, no-answer or wrong-number')
    .option('--note <text>', 'note')
    .action(async (id: string, flags: CallFlags) =>
      ended(await (await exerciseCli()).exerciseRegister(id, flags, io)),
    );
  command(exercise, 'end', 'End an exercise. Its results stay')
    .argument('<id>')
    .action(async (id: string, flags: CommonFlags) =>
      ended(await (await exerciseCli()).exerciseEnd(id, flags, io)),
    );
}
