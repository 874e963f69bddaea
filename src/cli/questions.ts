import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Problem } from '../kernel/problem.ts';
import { commandErrors } from './command-errors.ts';
import type { CommonFlags } from './common-flags.ts';
import type { Io } from './io.ts';

/** Asks a person at the terminal, or reads the answers from standard input, one per line. */
export interface Questions {
  ask(question: string): Promise<string>;
  /** Asks without showing what is typed. */
  askHidden(question: string): Promise<string>;
  close(): void;
}

/** Starts to ask questions. Questions go to stderr, so that stdout contains results only. */
export function openQuestions(io: Io): Questions {
  const input = io.stdin ?? process.stdin;
  const isTerminal = Boolean(input.isTTY);
  let isHidden = false;
  const output = new Writable({
    write: (part: Buffer, _encoding, done) => {
      if (!isHidden) io.stderr.write(part);
      done();
    },
  });
  const lines = createInterface({ input, output, terminal: isTerminal });
  const answers = lines[Symbol.asyncIterator]();
  lines.on('SIGINT', () => lines.close());
  return {
    ask: (question) => answerTo(question),
    askHidden: async (question) => {
      try {
        return await answerTo(question, () => (isHidden = isTerminal));
      } finally {
        isHidden = false;
        if (isTerminal) io.stderr.write('\n');
      }
    },
    close: () => lines.close(),
  };

  async function answerTo(question: string, hide: () => void = () => undefined): Promise<string> {
    io.stderr.write(question);
    hide();
    const { value, done } = (await answers.next()) as IteratorResult<string, undefined>;
    if (done === true) throw commandErrors.noAnswer({ question: question.replace(/:? *$/, '') });
    return value;
  }
}

/** Flags of a command that asks before it does something. */
export interface AskedFlags extends CommonFlags {
  /** Does it without asking. */
  readonly yes?: boolean;
}

/** Asks a person at a terminal whether to continue. Scripts are never asked, and so is nobody with `--yes`. */
export async function agreed(question: string, flags: AskedFlags, io: Io): Promise<boolean> {
  const input = io.stdin ?? process.stdin;
  if (flags.yes === true || !input.isTTY || !io.stderr.isTTY) return true;
  const questions = openQuestions(io);
  try {
    return /^(?:y|yes)$/i.test((await questions.ask(question)).trim());
  } catch (error) {
    // Ctrl-D and Ctrl-C are not consent.
    if (error instanceof Problem && error.code === 'TLN-C-068') return false;
    throw error;
  } finally {
    questions.close();
  }
}
