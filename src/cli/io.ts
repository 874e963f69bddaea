import { readFileSync } from 'node:fs';
import { fileReasonOf, type Problem } from '../kernel/problem.ts';
import { commandErrors } from './command-errors.ts';

/** The parts of the process that a command may use. Results go to stdout. Progress, hints and logs go to stderr. */
export interface Io {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: NodeJS.ProcessEnv;
  readonly exit: (code: number) => never;
  /** Default: the standard input of the process. */
  readonly stdin?: NodeJS.ReadStream;
  /** Time zone of the hub, once a command has read its settings. */
  zone?: string;
}

/** Exit codes of all commands. */
export const EXIT = {
  done: 0, failed: 1, usage: 2, invalid: 3, notFound: 4, notAllowed: 5, peer: 6, conflict: 7, part: 8, interrupted: 130,
} as const; // prettier-ignore

/**
 * Makes text from outside (files, other servers) safe for a terminal. Control characters and marks that change the
 * writing direction become question marks, so that a name or message cannot move the cursor or hide a line.
 */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '?');
}

/** Makes text of several lines safe for a terminal, like `printable`, and keeps its lines. */
export function printableLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => printable(line.replaceAll('\t', '  ')))
    .join('\n');
}

/** Reads standard input to its end. It may be a pipe that is empty for now, which a synchronous read refuses (EAGAIN). */
export async function readStdin({ stdin = process.stdin }: Pick<Io, 'stdin'>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stdin) parts.push(Buffer.from(part as Buffer | string));
  return Buffer.concat(parts);
}

/** Reads a whole file that the user named. Throws a Problem of kind not-found when it cannot be read. */
export function readInput(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** Returns the error for a file that the user named and that cannot be read. */
export function unreadable(file: string, error: unknown): Problem {
  return commandErrors.fileUnreadable({ file }, { description: fileReasonOf(error) });
}

/** Formats a number for people. */
export function count(n: number): string {
  // The data of locales take 20 ms to load, which small numbers do not need.
  return Number.isInteger(n) && Math.abs(n) < 1_000 ? String(n) : n.toLocaleString('en');
}

/** Formats a number of things for people: `1 object`, `2,000 objects`. */
export function counted(n: number, thing: string): string {
  return `${count(n)} ${thing}${n === 1 ? '' : 's'}`;
}
