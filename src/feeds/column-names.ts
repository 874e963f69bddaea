/**
 * Returns the names of the columns of a table, all different. The second column named `ip` is `ip_2`, and a column
 * without a name is named by its position, so that no cell takes the place of another one.
 */
export function columnNames(header: readonly string[]): readonly string[] {
  const taken = new Set(header);
  const seen = new Set<string>();
  return header.map((name, i) => {
    const plain = name === '' ? `column${i + 1}` : name;
    let own = plain;
    for (let n = 2; seen.has(own) || (own !== name && taken.has(own)); n++) own = `${plain}_${n}`;
    seen.add(own);
    return own;
  });
}

/** Properties with the name of a column, where a table describes its columns with objects. */
const NAMES = ['name', 'field', 'key', 'id', 'label', 'title'];

/** Returns the names of columns as a JSON document lists them. Undefined for other lists. */
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
  return names.length === list.length ? columnNames(names) : undefined;
}

/** True for a row of a table in JSON: a list of single values. */
export function isTableRow(value: unknown): value is readonly unknown[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    (value as readonly unknown[]).every((cell) => typeof cell !== 'object' || cell === null)
  );
}
