import type { ErrorEntry } from '../kernel/error-table.ts';
import { statusOf } from '../kernel/problem.ts';
import { ERROR_CATALOGUE } from '../server/error-catalogue.ts';
import { commandErrors } from './command-errors.ts';
import { exitOf } from './errors.ts';
import { EXIT, type Io } from './io.ts';
import { table, writeJson } from './output.ts';

/** `talanoa help CODE`: the cause and the remedy of an error, from the catalogue of errors. */
export function explain(code: string, { json }: { readonly json?: boolean }, io: Io): number {
  const found = ERROR_CATALOGUE.flatMap(({ title: part, entries }) =>
    Object.values(entries)
      .filter((entry: ErrorEntry) => entry.code === code)
      .map((entry) => ({ part, entry })),
  );
  const [first] = found;
  if (first === undefined) throw commandErrors.unknownTopic({ topic: code });
  const { part, entry } = first;
  const facts = {
    code,
    part,
    title: entry.title,
    cause: entry.description,
    remedy: entry.hint,
    status: statusOf[entry.kind],
    exit_code: exitOf(entry.kind),
  };
  if (json === true) writeJson(facts, io);
  else {
    const rows = [
      ['Error', `${code} (${part})`],
      ['Message', facts.title],
      ...(facts.cause === undefined ? [] : [['Cause', facts.cause]]),
      ...(facts.remedy === undefined ? [] : [['Remedy', facts.remedy]]),
      ['HTTP status', String(facts.status)],
      ['Exit code', String(facts.exit_code)],
    ];
    io.stdout.write(`${table(rows, io)}\n`);
  }
  return EXIT.done;
}
