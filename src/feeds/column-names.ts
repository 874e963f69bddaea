import { feedErrors } from './errors.ts';

/** Maximum number of columns of a table, and of a record. */
export const MOST_COLUMNS = 2_000;

/**
 * Returns the names of the columns of a table, all different. The second column named `ip` is `ip_2`, and a column
 * without a name is named by its position, so that no cell takes the place of another one. Throws a Problem for too many
 * columns.
 */
export function columnNames(header: readonly string[]): readonly string[] {
  if (header.length > MOST_COLUMNS) throw feedErrors.tooManyColumns();
  const taken = new Set(header);
  const seen = new Set<string>();
  // Counting each name from 2 again would take quadratic time for a header that repeats one name.
  const last = new Map<string, number>();
  return header.map((name, i) => {
    const plain = name === '' ? `column${i + 1}` : name;
    let own = plain;
    let n = last.get(plain) ?? 1;
    while (seen.has(own) || (own !== name && taken.has(own))) own = `${plain}_${++n}`;
    last.set(plain, n);
    seen.add(own);
    return own;
  });
}

/** Properties with the name of a column, where a table describes its columns with objects. */
const NAMES = ['name', 'field', 'key', 'id', 'label', 'title'];

/** Returns the names of columns as a JSON document lists them, which may be repeated. Undefined for other lists. */
export function listedNames(list: unknown): readonly string[] | undefined {
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const names = (list as readonly unknown[]).flatMap((item) => {
    if (typeof item === 'string') return [item];
    if (typeof item !== 'object' || item === null) return [];
    const name = NAMES.map((one) => (item as Record<string, unknown>)[one]).find(
      (one) => typeof one === 'string',
    );
    return name === undefined ? [] : [name];
  });
  return names.length === list.length ? names : undefined;
}

/** Returns the names of columns as a run reads them from a JSON document: in lower case, as those of other tables. */
export function readNames(list: unknown): readonly string[] | undefined {
  const names = listedNames(list);
  return names === undefined ? undefined : columnNames(names.map((name) => name.toLowerCase()));
}

/**
 * Returns the names by which a feed document refers to the columns that a JSON document lists: those of the source,
 * unless a run reads different ones, because a name is repeated or empty.
 */
export function referredNames(listed: readonly string[]): readonly string[] {
  const read = columnNames(listed.map((name) => name.toLowerCase()));
  return read.every((name, i) => name === listed[i]?.toLowerCase()) ? listed : read;
}

/** True for a row of a table in JSON: a list of single values. */
export function isTableRow(value: unknown): value is readonly unknown[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    (value as readonly unknown[]).every((cell) => typeof cell !== 'object' || cell === null)
  );
}
