import { Writable } from 'node:stream';
import type { Io } from '../../src/cli/io.ts';

/** The output of a command. */
export interface Printed {
  readonly io: Io;
  readonly out: () => string;
  readonly err: () => string;
}

/**
 * Returns the parts of a process for a command under test.
 *
 * @param columns Width of the terminal. Without it the output goes to a file.
 */
export function testIo({
  columns,
  environment = {},
}: {
  readonly columns?: number;
  readonly environment?: Readonly<Record<string, string>>;
} = {}): Printed {
  const out: string[] = [];
  const err: string[] = [];
  const sink = (parts: string[]): NodeJS.WriteStream =>
    Object.assign(
      new Writable({
        write: (part: Buffer, _encoding, done) => {
          parts.push(part.toString());
          done();
        },
      }),
      columns === undefined ? {} : { isTTY: true, columns },
    ) as unknown as NodeJS.WriteStream;
  const exit = (code: number): never => {
    throw new Error(`the command ended the process with ${code}`);
  };
  return {
    io: { stdout: sink(out), stderr: sink(err), environment, exit },
    out: () => out.join(''),
    err: () => err.join(''),
  };
}
