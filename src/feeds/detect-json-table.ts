import type { ParserSpec } from '../config/settings.ts';
import { MOST_COLUMNS, isTableRow, listedNames, referredNames } from './column-names.ts';
import { areNames } from './detect-column.ts';
import { flatten } from './parsers/flatten.ts';
import type { Row } from './template.ts';

/** A list in JSON whose records are lists themselves. */
export interface JsonTable {
  /** How the names of its columns are read. */
  readonly parser: Pick<ParserSpec, 'header' | 'columns' | 'columns_at'>;
  readonly rows: readonly Row[];
  /** The source names the columns. */
  readonly named: boolean;
}

/** Share of the records that must be rows of the same length. */
const ENOUGH = 0.9;

/**
 * Reads records as the rows of a table. The names of its columns are in its first row, or in a list before it.
 * Undefined for any other records.
 */
export function jsonTable(
  document: unknown,
  path: string,
  records: readonly unknown[],
  now: number,
): JsonTable | undefined {
  const [first] = records;
  if (!isTableRow(first) || first.length < 2 || first.length > MOST_COLUMNS) return undefined;
  const isLikeFirst = (one: unknown): one is readonly unknown[] =>
    isTableRow(one) && one.length === first.length;
  const data = records.filter(isLikeFirst);
  if (data.length < records.length * ENOUGH) return undefined;
  const rowsOf = (names: readonly string[], from: readonly (readonly unknown[])[]): readonly Row[] =>
    from.map((row) => flatten(Object.fromEntries(names.map((name, i) => [name, row[i]]))));
  const listed = listedBefore(document, path, first.length, now);
  if (listed !== undefined)
    return {
      parser: { columns_at: listed.path },
      rows: rowsOf(referredNames(listed.names), data),
      named: true,
    };
  if (data.length > 1 && first.every((cell) => typeof cell === 'string') && areNames(first, now))
    return { parser: { header: 'first' }, rows: rowsOf(referredNames(first), data.slice(1)), named: true };
  const names = first.map((_cell, i) => `column${i + 1}`);
  return { parser: { columns: names }, rows: rowsOf(names, data), named: false };
}

/** Finds the list with the names of the columns among the members before the records, or around them. */
function listedBefore(
  document: unknown,
  path: string,
  length: number,
  now: number,
): { readonly path: string; readonly names: readonly string[] } | undefined {
  // The names must have come before the rows are read. A list below a star has a path of its own in each record.
  const steps = /^\$((?:\.[\w-]+)*)\[\*\]$/.exec(path)?.[1]?.split('.').slice(1) ?? [];
  let node: unknown = document;
  let found: { readonly path: string; readonly names: readonly string[] } | undefined;
  for (const [depth, step] of steps.entries()) {
    if (typeof node !== 'object' || node === null) return found;
    for (const [name, member] of Object.entries(node)) {
      if (name === step) break;
      const isLong = Array.isArray(member) && member.length === length;
      const names = isLong && /^[\w-]+$/.test(name) ? listedNames(member) : undefined;
      if (names !== undefined && areNames(names, now))
        found = { path: [...steps.slice(0, depth), name].join('.'), names };
    }
    node = (node as Record<string, unknown>)[step];
  }
  return found;
}
