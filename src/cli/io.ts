import { readFileSync } from 'node:fs';
import { Problem, reasonOf } from '../kernel/problem.ts';

/** What a command may use of the process. Results go to stdout; progress, hints and logs to stderr. */
export interface Io {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: NodeJS.ProcessEnv;
  readonly exit: (code: number) => never;
}

/** Exit codes (experience.md section 2). */
export const EXIT = {
  done: 0, failed: 1, usage: 2, invalid: 3, notFound: 4, notAllowed: 5, peer: 6, conflict: 7, part: 8, interrupted: 130,
} as const; // prettier-ignore

/**
 * Text from afar (files, other servers) as a terminal may be shown it: without control characters and without marks that
 * turn the direction of writing, so that nobody's name or message can move the cursor or hide a line.
 */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '?');
}

/** A file that a command was given, whole. A file that cannot be read is a `not-found`. */
export function readInput(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** What to say of a file that a command was given and that cannot be read. */
export function unreadable(file: string, error: unknown): Problem {
  return new Problem('not-found', `${file} cannot be read`, {
    description: reasonOf(error),
    code: 'TLN-V-404',
  });
}

/** Rows as a table that is never wider than it needs to be. Columns are padded, the last one is not. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A number as people write it. */
export function count(n: number): string {
  return n.toLocaleString('en');
}
