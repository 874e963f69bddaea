import { SEVERAL, type Row } from '../template.ts';

/** Columns of a record. */
const MOST_COLUMNS = 2_000;
const DEEPEST = 64;
/** How many members of a list can be named one by one. */
const NAMED_MEMBERS = 10;
/** Values that are looked at of one record: lists in lists are gone through in more than one way. */
const MOST_STEPS = 100_000;

/**
 * A structured record as columns: what is nested has its path as name (`host.ip`), a list of values is one column with several
 * values, a list of records gives the column of each path all its values, and `name.0.path` those of its first members. `names`
 * gives the members of further lists the name that one of their properties has.
 */
export function flatten(record: unknown, names: Readonly<Record<string, string>> = {}): Row {
  const walk = new Walk(names);
  walk.go(record, '', 0);
  return Object.fromEntries(walk.columns);
}

class Walk {
  readonly columns = new Map<string, string>();
  readonly #names: Readonly<Record<string, string>>;
  #steps = 0;

  constructor(names: Readonly<Record<string, string>>) {
    this.#names = names;
  }

  go(value: unknown, path: string, depth: number): void {
    if (value === null || value === undefined || depth > DEEPEST || ++this.#steps > MOST_STEPS) return;
    if (Array.isArray(value)) {
      for (const [i, member] of value.entries()) {
        this.go(member, path, depth + 1);
        if (typeof member !== 'object' || member === null) continue;
        if (i < NAMED_MEMBERS) this.go(member, path === '' ? String(i) : `${path}.${i}`, depth + 1);
        const name = this.#nameOf(member as Record<string, unknown>, path);
        if (name !== undefined) this.go(member, `${path}.${name}`, depth + 1);
      }
    } else if (typeof value === 'object') {
      for (const [name, member] of Object.entries(value))
        this.go(member, path === '' ? name : `${path}.${name}`, depth + 1);
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
