import type { Extracted } from '../api/schema-types.ts';
import { isDoubtful } from '../sharing/extraction/doubt.ts';
import type { CommonFlags } from './common-flags.ts';
import { EXIT, count, printable, readInput, readStdin, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import { graded, table, writeJson } from './output.ts';
import { tellUngranted } from './search.ts';
import { GRADES, whyOf } from './values-check.ts';

/** Flags of `talanoa values extract`. */
export interface ExtractFlags extends CommonFlags {
  /** Print only the values without doubt, one per line. */
  readonly publishable?: boolean;
}

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
  const chosen = flags.publishable === true ? items.filter((item) => !isDoubtful(item)) : items;
  if (flags.json === true) writeJson({ ...extracted, items: chosen }, io);
  else if (flags.publishable === true)
    io.stdout.write(chosen.map(({ check }) => `${printable(check.value ?? check.input)}\n`).join(''));
  else if (items.length > 0) {
    const rows = items.map(({ check, fault }) => [
      printable(check.value ?? check.input),
      check.type ?? '',
      graded(check.verdict, GRADES[check.verdict], io),
      printable([whyOf(check, io), fault ?? ''].filter((part) => part !== '').join('; ')),
    ]);
    io.stdout.write(`${table([['VALUE', 'TYPE', 'VERDICT', 'WHY'], ...rows], io)}\n`);
  }
  if (flags.quiet !== true && flags.json !== true) {
    const left = items.length - chosen.length;
    io.stderr.write(
      `Found ${count(items.length)} ${items.length === 1 ? 'value' : 'values'}.${left === 0 ? '' : ` Left out ${count(left)}, because of suppression, warning lists or networks of members, or because a value cannot be published as it is.`}\n`,
    );
    if (items.length > 0 && items.every(({ check }) => check.found === undefined)) tellUngranted(flags, io);
    if (cut)
      io.stderr.write(
        'The document is longer than the hub reads (500 pages, 1,000,000 characters). The rest was not read.\n',
      );
    if (more)
      io.stderr.write('The document contains more than 1,000 values. Only the first 1,000 are shown.\n');
    if (!complete)
      io.stderr.write('The hub is still reading new objects. Repeat the command in a few minutes.\n');
  }
  return items.length === 0 ? EXIT.notFound : EXIT.done;
}
