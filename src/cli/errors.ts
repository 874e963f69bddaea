import { Problem, reasonOf, type ProblemKind } from '../kernel/problem.ts';
import { EXIT, printable, type Io } from './io.ts';

const EXIT_OF_KIND: Readonly<Record<ProblemKind, number>> = {
  'invalid-request': EXIT.usage,
  'invalid-content': EXIT.invalid,
  unauthenticated: EXIT.notAllowed,
  forbidden: EXIT.notAllowed,
  'not-found': EXIT.notFound,
  'method-not-allowed': EXIT.failed,
  'not-acceptable': EXIT.failed,
  conflict: EXIT.conflict,
  full: EXIT.conflict,
  'precondition-failed': EXIT.conflict,
  'too-large': EXIT.invalid,
  'unsupported-media-type': EXIT.failed,
  'rate-limited': EXIT.failed,
  peer: EXIT.peer,
  unavailable: EXIT.failed,
  internal: EXIT.failed,
};

/** Prints an error in three lines (what happened, why, what to do) and returns the exit code. */
export function tellError(error: unknown, io: Io): number {
  if (!(error instanceof Problem)) {
    io.stderr.write(`error: ${printable(reasonOf(error))}   [TLN-X-500]\n`);
    if (io.environment['TALANOA_DEBUG'] !== undefined && error instanceof Error)
      io.stderr.write(`${error.stack ?? ''}\n`);
    return EXIT.failed;
  }
  io.stderr.write(`error: ${printable(error.title)}   [${error.code}]\n`);
  if (error.description !== undefined && error.description !== '')
    io.stderr.write(`  ${printable(error.description)}\n`);
  if (error.hint !== undefined) io.stderr.write(`  Try: ${printable(error.hint)}\n`);
  return EXIT_OF_KIND[error.kind];
}
