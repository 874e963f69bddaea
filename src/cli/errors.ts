import { commandErrors } from './command-errors.ts';
import { Problem, reasonOf, type ProblemKind } from '../kernel/problem.ts';
import { EXIT, printable, printableLines, type Io } from './io.ts';

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

/** Returns the exit code of the commands that end with an error of this kind. */
export function exitOf(kind: ProblemKind): number {
  return EXIT_OF_KIND[kind];
}

/**
 * Prints an error and returns the exit code: three parts for people (what happened, why, what to do), or one JSON
 * document for programs.
 */
export function printError(error: unknown, io: Io, isJson = false, flags: readonly string[] = []): number {
  const problem = error instanceof Problem ? error : undefined;
  const exit = problem === undefined ? EXIT.failed : exitOf(problem.kind);
  const {
    title,
    description: told,
    hint,
    code,
  } = problem ?? {
    title: reasonOf(error),
    description: undefined,
    hint: undefined,
    code: 'TLN-X-500',
  };
  const description = code === INVALID_BODY ? inFlags(told, flags) : told;
  // The person typed flags and arguments. The body of a request is the work of the command.
  const shown = code === INVALID_BODY && description !== told ? 'Invalid value' : title;
  if (isJson) tellJson({ code, title: shown, detail: description, hint, exit_code: exit }, io);
  else {
    io.stderr.write(`error: ${printable(shown)}   [${code}]\n`);
    if (description !== undefined && description !== '') io.stderr.write(`${indented(description)}\n`);
    if (hint !== undefined) io.stderr.write(`  Try: ${printable(hint)}\n`);
  }
  if (problem === undefined && io.environment['TALANOA_DEBUG'] !== undefined && error instanceof Error)
    io.stderr.write(`${error.stack ?? ''}\n`);
  return exit;
}

/** Code of the API for a body that does not match its schema. */
const INVALID_BODY = 'TLN-P-422';
/** Flags whose name differs from that of the property of the API. */
const FLAGS_OF_PROPERTIES: Readonly<Record<string, string>> = {
  countries: '--country',
  networks: '--network',
  domains: '--domain',
  as_numbers: '--as',
  sectors: '--sector',
  brands: '--brand',
  identities: '--identity',
  references: '--reference',
  valid_days: '--until',
  filters: '--types',
};

/**
 * Names the flags or arguments instead of the properties of a body, because that is what the user typed. Properties
 * that no flag sets keep their name.
 */
function inFlags(text: string | undefined, flags: readonly string[]): string | undefined {
  return text?.replaceAll(/^\/([A-Za-z_]+)(?:\/[\w/]+)?: /gm, (_whole, property: string) => {
    const plain = property.replaceAll('_', '-').replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
    const name = [
      FLAGS_OF_PROPERTIES[property] ?? '',
      `--${plain}`,
      `--${plain.replace(/-(?:days|s)$/, '')}`,
      plain,
    ].find((one) => flags.includes(one));
    return `${name ?? property}: `;
  });
}

/** Prints a usage error of the command line. `next` names the command to use instead. */
export function printUsage(text: string, next: string | undefined, io: Io, isJson: boolean): void {
  const {
    title,
    hint = '',
    code,
  } = commandErrors.usage(
    { reason: text.trim().replace(/^error: /, '') },
    next === undefined ? {} : { hint: next },
  );
  if (isJson) tellJson({ code, title, hint, exit_code: EXIT.usage }, io);
  else io.stderr.write(`error: ${printableLines(title)}   [${code}]\n  Try: ${hint}\n`);
}

/** Errors go to stderr in both formats, so that stdout contains results only. */
function tellJson(error: Readonly<Record<string, string | number | undefined>>, io: Io): void {
  io.stderr.write(`${JSON.stringify({ error })}\n`);
}

/** A description may quote lines of a file, with a mark below the fault. */
function indented(text: string): string {
  return printableLines(text)
    .split('\n')
    .map((line) => `  ${line}`.trimEnd())
    .join('\n');
}
