import type { Exercise, Exercises } from '../api/schema-types.ts';
import type { CommonFlags } from './common-flags.ts';
import { EXIT, counted, printable, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import { graded, table, when, writeJson, type Grade } from './output.ts';

export interface CreateFlags extends CommonFlags {
  readonly title: string;
  readonly member?: readonly string[];
  readonly group?: string;
}

export interface CallFlags extends CommonFlags {
  readonly contact: string;
  readonly outcome: string;
  readonly note?: string;
}

const PATH = '/api/v1/exercises';

function pathOf(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}`;
}

/** `talanoa exercise list`. */
export async function exerciseList(flags: CommonFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) => client.get<Exercises>(`${PATH}?limit=1000`));
  if (flags.json === true) writeJson(found, io);
  else if (found.items.length === 0) io.stdout.write('No exercise is shown to you.\n');
  else
    io.stdout.write(
      `${table(
        [
          ['ID', 'TITLE', 'STARTED', 'STATE', 'REACHED'],
          ...found.items.map(({ id, title, started, ended, results }) => [
            id,
            printable(title),
            when(started, io),
            ended === undefined ? 'running' : 'ended',
            `${results.filter(({ state }) => state === 'reached').length} of ${results.length}`,
          ]),
        ],
        io,
      )}\n`,
    );
  return EXIT.done;
}

/** `talanoa exercise create`: starts an exercise. */
export async function exerciseCreate({ title, member, group, ...flags }: CreateFlags, io: Io): Promise<number> {
  const body = {
    title,
    ...(member === undefined ? {} : { members: member }),
    ...(group === undefined ? {} : { group }),
  };
  return shown(await withHub(flags, io, (client) => client.post<Exercise>(PATH, body)), flags, io);
} // prettier-ignore

/** `talanoa exercise show ID`. */
export async function exerciseShow(id: string, flags: CommonFlags, io: Io): Promise<number> {
  return shown(await withHub(flags, io, (client) => client.get<Exercise>(pathOf(id))), flags, io);
}

/** `talanoa exercise register ID`: records a call. */
export async function exerciseRegister(id: string, { contact, outcome, note, ...flags }: CallFlags, io: Io): Promise<number> {
  const body = { contact, outcome, ...(note === undefined ? {} : { note }) };
  return shown(await withHub(flags, io, (client) => client.post<Exercise>(`${pathOf(id)}/calls`, body)), flags, io);
} // prettier-ignore

/** `talanoa exercise end ID`. */
export async function exerciseEnd(id: string, flags: CommonFlags, io: Io): Promise<number> {
  return shown(
    await withHub(flags, io, (client) => client.post<Exercise>(`${pathOf(id)}/end`, {})),
    flags,
    io,
  );
}

const GRADES: Readonly<Record<Exercise['results'][number]['state'], Grade>> = {
  reached: 'good',
  open: 'notice',
  failed: 'bad',
};

/** Prints the result of each member, and the next call. */
function shown(exercise: Exercise, flags: CommonFlags, io: Io): number {
  if (flags.json === true) {
    writeJson(exercise, io);
    return EXIT.done;
  }
  const { id, title, started, ended, results } = exercise;
  const rows = results.map(({ team, state, minutes, calls, next }) => [
    printable(team),
    graded(state, GRADES[state], io),
    minutes === undefined ? '' : `${minutes} min`,
    String(calls.length),
    next === undefined ? '' : `${printable(next.label)} ${next.numbers[0] ?? ''}, ${when(next.due, io)}`,
    next?.contact ?? '',
  ]);
  io.stdout.write(`${printable(title)}: started ${when(started, io)}${ended === undefined ? '' : `, ended ${when(ended, io)}`}\n`);
  io.stdout.write(`${table([['MEMBER', 'STATE', 'TIME', 'CALLS', 'NEXT CALL, FROM', 'CONTACT'], ...rows], io)}\n`);
  if (flags.quiet !== true) {
    const reached = results.filter(({ state }) => state === 'reached').length;
    io.stderr.write(`Reached: ${counted(reached, 'member')} of ${counted(results.length, 'member')}.\n`);
    if (ended === undefined)
      io.stderr.write(`To record a call, run: talanoa exercise register ${id} --contact CONTACT --outcome reached\n`);
  }
  return EXIT.done;
} // prettier-ignore
