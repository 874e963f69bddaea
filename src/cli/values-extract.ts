import type { CheckedValue, Extracted } from '../api/schema-types.ts';
import type { CommonFlags } from './common-flags.ts';
import { EXIT, count, printable, readInput, readStdin, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import { graded, table, writeJson } from './output.ts';
import { GRADES, whyOf } from './values-check.ts';

/** Flags of `talanoa values extract`. */
export interface ExtractFlags extends CommonFlags {
  /** Print only the values that can be published, one per line. */
  readonly publishable?: boolean;
}

/** The verdicts on values that people should look at before they publish them. */
const DOUBTFUL: ReadonlySet<CheckedValue['verdict']> = new Set<CheckedValue['verdict']>([
  'warning-list',
  'own-network',
  'suppressed',
]);

/**
 * `talanoa values extract FILE`: the values in a document, such as the report of a partner, each with a verdict. Exit code
 * 4 if it contains none.
 */
export async function valuesExtract(file: string, flags: ExtractFlags, io: Io): Promise<number> {
  const document = file === '-' ? await readStdin(io) : Buffer.from(readInput(file));
  const extracted = await withHub(flags, io, (client) =>
    client.post<Extracted>('/api/v1/values/extract', document),
  );
  const { items, cut, more, complete } = extracted;
  const chosen =
    flags.publishable === true ? items.filter(({ check }) => !DOUBTFUL.has(check.verdict)) : items;
  if (flags.json === true) writeJson({ ...extracted, items: chosen }, io);
  else if (flags.publishable === true)
    io.stdout.write(chosen.map(({ check }) => `${printable(check.value ?? check.input)}\n`).join(''));
  else if (items.length > 0) {
    const rows = items.map(({ check }) => [
      printable(check.value ?? check.input),
      check.type ?? '',
      graded(check.verdict, GRADES[check.verdict], io),
      printable(whyOf(check, io)),
    ]);
    io.stdout.write(`${table([['VALUE', 'TYPE', 'VERDICT', 'WHY'], ...rows], io)}\n`);
  }
  if (flags.quiet !== true && flags.json !== true) {
    const left = items.length - chosen.length;
    io.stderr.write(
      `Found ${count(items.length)} ${items.length === 1 ? 'value' : 'values'}.${left === 0 ? '' : ` Left out ${count(left)} that are suppressed, on a warning list or in the networks of members.`}\n`,
    );
    if (cut) io.stderr.write('The document is longer than 1,000,000 characters. The rest was not read.\n');
    if (more)
      io.stderr.write('The document contains more than 1,000 values. Only the first 1,000 are shown.\n');
    if (!complete)
      io.stderr.write('The hub is still reading new objects. Repeat the command in a few minutes.\n');
  }
  return items.length === 0 ? EXIT.notFound : EXIT.done;
}
