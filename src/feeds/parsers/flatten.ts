import { SEVERAL, type Row } from '../template.ts';

/** Columns of a record. */
const MOST_COLUMNS = 2_000;
const DEEPEST = 64;

/**
 * A structured record as columns: what is nested has its path as name (`host.ip`), a list of values is one column with several
 * values, a list of records gives the column of each path all its values, and `name.0.path` those of its first members.
 */
export function flatten(record: unknown): Row {
  const row = new Map<string, string>();
  const put = (name: string, value: string): void => {
    const known = row.get(name);
    if (known === undefined && row.size >= MOST_COLUMNS) return;
    row.set(name, known === undefined ? value : `${known}${SEVERAL}${value}`);
  };
  walk(record, '', put, 0);
  return Object.fromEntries(row);
}

/** How many members of a list can be named one by one. */
const NAMED_MEMBERS = 10;

function walk(value: unknown, path: string, put: (name: string, value: string) => void, depth: number): void {
  if (value === null || value === undefined || depth > DEEPEST) return;
  if (Array.isArray(value)) {
    for (const [i, member] of value.entries()) {
      walk(member, path, put, depth + 1);
      if (i < NAMED_MEMBERS && typeof member === 'object')
        walk(member, path === '' ? String(i) : `${path}.${i}`, put, depth + 1);
    }
  } else if (typeof value === 'object') {
    for (const [name, member] of Object.entries(value))
      walk(member, path === '' ? name : `${path}.${name}`, put, depth + 1);
  } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    const text = String(value).trim();
    if (text !== '') put(path === '' ? 'value' : path, text.replaceAll(SEVERAL, ' '));
  }
}
