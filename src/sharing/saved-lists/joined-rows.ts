import type { ValueType } from '../../stix/values/observed-values.ts';
import { byBytes } from '../../store/store.ts';
import { grouped } from '../lists/grouped.ts';
import type { ValueRow } from '../values/contribution.ts';
import type { ValueView } from '../values/value-view.ts';

/** The rows of one value, from one collection or several. */
export type Group = readonly [ValueRow, ...ValueRow[]];

/**
 * Yields the values of one type in several collections, each value once with the rows of all collections, in the order of
 * the values.
 */
export async function* joinedRows(
  view: Pick<ValueView, 'rows'>,
  collections: readonly string[],
  type: ValueType,
): AsyncGenerator<readonly Group[]> {
  const [only, ...others] = collections;
  if (only === undefined) return;
  if (others.length === 0) {
    yield* grouped(view.rows(only, [type]));
    return;
  }
  const sources = collections.map((collection) => new Source(grouped(view.rows(collection, [type]))));
  for (;;) {
    const ready: Group[] = [];
    // Each source is read until one of them needs its next page.
    for (;;) {
      for (const source of sources) if (source.isUsedUp) await source.fill();
      const heads = sources.flatMap(({ head }) => (head === undefined ? [] : [head]));
      const first = heads.reduce<Group | undefined>(
        (least, group) => (least === undefined || compare(group, least) < 0 ? group : least),
        undefined,
      );
      if (first === undefined) {
        if (ready.length > 0) yield ready;
        return;
      }
      const same = sources.filter(({ head }) => head !== undefined && compare(head, first) === 0);
      ready.push(together(same.flatMap((source) => [...(source.take() ?? [])])));
      if (same.some(({ isUsedUp }) => isUsedUp)) break;
    }
    yield ready;
  }
}

function compare([a]: Group, [b]: Group): number {
  if (a.value === b.value) return 0;
  return byBytes(`${a.value}\t`, `${b.value}\t`);
}

/** Keeps the newest version of an indicator that several collections contain. */
function together(rows: readonly ValueRow[]): Group {
  const newest = new Map<string, ValueRow>();
  for (const row of rows) {
    const { id, owner, modified } = row.contribution;
    const key = `${id} ${owner}`;
    const known = newest.get(key);
    if (known === undefined || known.contribution.modified < modified) newest.set(key, row);
  }
  const [first, ...more] = [...newest.values()];
  if (first === undefined) throw new Error('a value has at least one row');
  return [first, ...more];
}

/** The values of one collection, read page by page. */
class Source {
  readonly #pages: AsyncIterator<readonly Group[]>;
  #page: readonly Group[] = [];
  #at = 0;
  #isDone = false;

  constructor(pages: AsyncGenerator<readonly Group[]>) {
    this.#pages = pages;
  }

  /** True when the next page must be read before `head` is valid. */
  get isUsedUp(): boolean {
    return !this.#isDone && this.#at >= this.#page.length;
  }

  get head(): Group | undefined {
    return this.#page[this.#at];
  }

  take(): Group | undefined {
    return this.#page[this.#at++];
  }

  async fill(): Promise<void> {
    while (this.isUsedUp) {
      const { value, done } = await this.#pages.next();
      if (done === true) this.#isDone = true;
      else [this.#page, this.#at] = [value, 0];
    }
  }
}
