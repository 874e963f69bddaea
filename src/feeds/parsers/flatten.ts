import { MOST_COLUMNS } from '../column-names.ts';
import { SEVERAL, type Row } from '../template.ts';

const DEEPEST = 64;
/** Number of list members that can be addressed one by one. */
const NAMED_MEMBERS = 10;
/** Maximum number of lists within each other whose members can be addressed one by one. */
const NAMED_LISTS = 3;
/** Maximum length of the name of a column. Values at longer paths are left out. */
const LONGEST_NAME = 1_000;
/** Maximum number of values that are visited in one record. Nested lists are visited more than once. */
const MOST_STEPS = 100_000;

/**
 * Turns a structured record into columns:
 *
 * - A nested value is named by its path (`host.ip`).
 * - A list of values is one column with several values.
 * - In a list of records, the column of each path has the values of all records. `name.0.path` addresses those of the
 *   first members.
 * - `names` names the members of further lists by one of their properties.
 */
export function flatten(record: unknown, names: Readonly<Record<string, string>> = {}): Row {
  const walk = new Walk(names);
  walk.go(record, '', 0, 0);
  return Object.fromEntries(walk.columns);
}

class Walk {
  readonly columns = new Map<string, string>();
  readonly #names: Readonly<Record<string, string>>;
  #steps = 0;

  constructor(names: Readonly<Record<string, string>>) {
    this.#names = names;
  }

  /** `lists` counts the lists around the value whose members have names of their own in its path. */
  go(value: unknown, path: string, depth: number, lists: number): void {
    if (value === null || value === undefined || depth > DEEPEST || ++this.#steps > MOST_STEPS) return;
    if (path.length > LONGEST_NAME) return;
    if (Array.isArray(value)) {
      for (const [i, member] of value.entries()) {
        this.go(member, path, depth + 1, lists);
        if (typeof member !== 'object' || member === null || lists >= NAMED_LISTS) continue;
        if (i < NAMED_MEMBERS) this.go(member, under(path, String(i)), depth + 1, lists + 1);
        const name = this.#nameOf(member as Record<string, unknown>, path);
        if (name !== undefined) this.go(member, `${path}.${name}`, depth + 1, lists + 1);
      }
    } else if (typeof value === 'object') {
      for (const [name, member] of Object.entries(value))
        this.go(member, under(path, name), depth + 1, lists);
    } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      const text = String(value).trim();
      if (text !== '') this.#put(path === '' ? 'value' : path, text.replaceAll(SEVERAL, ' '));
    }
  }

  #nameOf(member: Record<string, unknown>, path: string): string | undefined {
    const property = Object.hasOwn(this.#names, path) ? this.#names[path] : undefined;
    const name = property === undefined ? undefined : member[property];
    return typeof name === 'string' && name !== '' ? name : undefined;
  }

  #put(name: string, value: string): void {
    const known = this.columns.get(name);
    if (known === undefined && this.columns.size >= MOST_COLUMNS) return;
    this.columns.set(name, known === undefined ? value : `${known}${SEVERAL}${value}`);
  }
}

function under(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
