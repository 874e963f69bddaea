import type { ValueState } from '../values/life.ts';
import type { CurrentValue } from '../values/current.ts';
import type { ValueType } from '../../stix/values/observed-values.ts';
import { byBytes, nameText, type Name } from '../../store/store.ts';
import type { LeftOut } from '../lists/selection.ts';
import type { Removal, RemovalReason } from './removal-log.ts';
import { nameOfValue, valueOfName } from './stored-values.ts';

/** A value of the collections, and what the list makes of it. */
export interface Judged {
  readonly value: string;
  /** The value as the list contains it, or why it does not. */
  readonly found: CurrentValue | LeftOut;
}

/** The changes of the published values that are allowed now. */
export interface Permitted {
  /** False while new content waits for a person. */
  readonly additions: boolean;
  readonly removals: (reason: RemovalReason) => boolean;
}

/** One difference between the published and the new values. */
export interface Change {
  readonly stale?: Name;
  readonly name?: Name;
  readonly removal?: Omit<Removal, 'at'>;
  /** By how much the number of values changes. */
  readonly grows: -1 | 0 | 1;
}

const OF_STATE: Readonly<Record<Exclude<ValueState, 'active'>, RemovalReason>> = {
  pending: 'withdrawn',
  expired: 'expired',
  withdrawn: 'revoked',
};

function isState(reason: LeftOut): reason is Exclude<ValueState, 'active'> {
  return Object.hasOwn(OF_STATE, reason);
}

/** Returns why a published value leaves the list, from why the list does not contain it now. */
function removalReason(left: LeftOut | undefined): Pick<Removal, 'reason' | 'detail'> {
  if (left === undefined) return { reason: 'withdrawn' };
  if (isState(left)) return { reason: OF_STATE[left] };
  return left === 'filter' || left === 'limit' || left === 'suppressed'
    ? { reason: left }
    : { reason: 'not-permitted', detail: left };
}

/** Yields the differences between the published and the new values of one type. Both come in the order of the values. */
export async function* changesOf(
  list: string,
  type: ValueType,
  published: AsyncIterable<readonly Name[]>,
  wanted: AsyncIterable<readonly Judged[]>,
  permitted: Permitted,
): AsyncGenerator<readonly Change[]> {
  const before = new Reader(published);
  const differences = (name: Name | undefined, judged: Judged | undefined): readonly Change[] => {
    const found = typeof judged?.found === 'object' ? judged.found : undefined;
    if (name === undefined)
      return found !== undefined && permitted.additions ? [{ name: nameOfValue(list, found), grows: 1 }] : [];
    if (found === undefined) {
      const left = typeof judged?.found === 'string' ? judged.found : undefined;
      const why = removalReason(left);
      const { value } = valueOfName(type, name);
      return permitted.removals(why.reason)
        ? [{ stale: name, removal: { type, value, ...why }, grows: -1 }]
        : [];
    }
    const now = nameOfValue(list, found);
    return nameText(now) === nameText(name) ? [] : [{ stale: name, name: now, grows: 0 }];
  };
  for await (const some of wanted) {
    const changes: Change[] = [];
    for (const judged of some) {
      const here = `${judged.value}\t`;
      let name = await before.head();
      while (name !== undefined && byBytes(keyOf(name), here) < 0) {
        changes.push(...differences(name, undefined));
        before.skip();
        name = await before.head();
      }
      const same = name !== undefined && keyOf(name) === here ? name : undefined;
      if (same !== undefined) before.skip();
      changes.push(...differences(same, judged));
    }
    if (changes.length > 0) yield changes;
  }
  for (let name = await before.head(); name !== undefined; name = await before.head()) {
    yield differences(name, undefined);
    before.skip();
  }
}

function keyOf({ value }: Name): string {
  return value.slice(0, value.indexOf('\t') + 1);
}

/** Reads published values one by one. */
class Reader {
  readonly #pages: AsyncIterator<readonly Name[]>;
  #page: readonly Name[] = [];
  #at = 0;
  #isDone = false;

  constructor(pages: AsyncIterable<readonly Name[]>) {
    this.#pages = pages[Symbol.asyncIterator]();
  }

  async head(): Promise<Name | undefined> {
    while (this.#at >= this.#page.length && !this.#isDone) {
      const { value, done } = await this.#pages.next();
      if (done === true) this.#isDone = true;
      else [this.#page, this.#at] = [value, 0];
    }
    return this.#page[this.#at];
  }

  skip(): void {
    this.#at++;
  }
}
