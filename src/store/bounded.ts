import { Problem } from '../kernel/problem.ts';
import { giveTurn } from '../kernel/slices.ts';
import {
  FULL,
  RECORD_STORES,
  type BoundedStore,
  type CountedBy,
  type RecordBound,
} from './bounded-stores.ts';
import { allOf, pagesOf } from './pages.ts';
import type { AuditFact, Batch, HubRecord, RecordChange, Store } from './store.ts';

/** Other limits for some kinds, for tests: `{ session: { account: 2 } }`. */
export type BoundNumbers = Readonly<Record<string, Partial<Readonly<Record<CountedBy, number>>>>>;

/** Decides which facts of a batch are written. Throws if an account does too much in too little time. */
export interface FactGate {
  admit(facts: readonly AuditFact[]): readonly AuditFact[];
  /** Writes the number of facts that were not written one by one. */
  tell(store: Pick<Store, 'commit'>): Promise<void>;
}

type Counting = Pick<Store, 'commit' | 'countRecords' | 'record' | 'records' | 'view'>;

/** Number of records that are examined before other requests have their turn. */
const EXAMINED_AT_ONCE = 20_000;

const OWNER: Readonly<Record<CountedBy, string>> = {
  account: 'This account',
  member: 'This member',
  collection: 'This collection',
  feed: 'This feed',
  hub: 'The hub',
};

const ROWS: ReadonlyMap<string, BoundedStore> = new Map(RECORD_STORES.map((row) => [row.name, row]));

/**
 * Returns a store that enforces the limits in `bounded-stores.ts` for every caller. A batch with a record
 * that is refused changes nothing. Where the oldest record is removed, it is removed after the new one is
 * stored.
 *
 * Only batches that create records are counted, so objects, entries and receipts cost no further commands. Where one
 * more record is refused, counting and storing take turns within a process, so simultaneous requests cannot both take
 * the last place. Several processes on MongoDB do not wait for each other: together they can exceed such a limit by at
 * most one batch for each other process. Limits that remove the oldest record do not wait, and the next removal makes
 * up for it. Records of earlier versions of the hub that lack the index key of their owner are not counted by that key.
 */
export function boundedStore<T extends Store>(store: T, numbers: BoundNumbers = {}, gate?: FactGate): T {
  const inTurn = turns();
  const commit = (batch: Batch): ReturnType<Store['commit']> =>
    (batch.records ?? []).some(isRefusable) ? inTurn(() => write(batch)) : write(batch);
  const write = async (batch: Batch): ReturnType<Store['commit']> => {
    const excess = await demandRoom(store, batch.records ?? [], numbers);
    const facts = batch.facts === undefined ? undefined : gate?.admit(batch.facts);
    // The store may write this fact, so it counts like one that is written.
    if (batch.stored !== undefined) gate?.admit([batch.stored.fact]);
    const result = await store.commit(facts === undefined ? batch : { ...batch, facts });
    for (const record of excess) await drop(store, record);
    // The batch itself is committed. Counts that cannot be written now are kept for the next time.
    if (facts !== undefined) await gate?.tell(store).catch(() => undefined);
    return result;
  };
  return new Proxy(store, {
    get: (target, name): unknown => (name === 'commit' ? commit : Reflect.get(target, name, target)),
  });
}

/** Returns a function that runs tasks one after the other, whether they succeed or fail. */
function turns(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const next = last.then(task);
    last = next.catch(() => undefined);
    return next;
  };
}

/** True for a new record of a kind of which one more can be refused. */
function isRefusable({ kind, expected, document }: RecordChange): boolean {
  if (expected !== 0 || document === undefined) return false;
  return (ROWS.get(kind)?.bounds ?? []).some(({ whenFull }) => whenFull === 'refuse');
}

/** Throws if a batch creates records for which there is no room. Returns the records that have to go. */
async function demandRoom(
  store: Counting,
  records: readonly RecordChange[],
  numbers: BoundNumbers,
): Promise<readonly HubRecord[]> {
  const created = records.filter(({ expected, document }) => expected === 0 && document !== undefined);
  if (created.length === 0) return [];
  const excess = new Map<string, HubRecord>();
  for (const [kind, changes] of groups(created, ({ kind }) => kind)) {
    const row = ROWS.get(kind);
    if (row === undefined) throw new Error(`records of the kind "${kind}" have no limit`);
    for (const bound of row.bounds ?? []) {
      for (const change of changes) demandOwner(bound, change);
      const most = numbers[kind]?.[bound.of] ?? bound.most;
      for (const [owner, { length: added }] of groups(changes, (change) => ownerOf(bound, change))) {
        if (owner === undefined) continue;
        const present = await countOf(store, kind, bound, owner);
        if (present + added <= most) continue;
        const over = present - (await removedOf(store, records, kind, bound, owner)) + added - most;
        if (over <= 0) continue;
        if (bound.whenFull === 'refuse') throw full(row, bound, most);
        const isSpare = (record: HubRecord): boolean =>
          ownerOf(bound, record) === owner && changedBy(records, kind, record.id) === undefined;
        const number = over - 1 + Math.max(1, Math.min(bound.step ?? 1, Math.floor(most / 10)));
        const spare = spareOf(store, kind, bound, owner, isSpare);
        const gone =
          bound.groups === undefined
            ? await oldestOf(spare, bound, number)
            : mostFrequentOf(await allIn(spare), bound.groups, bound.age ?? '', over);
        for (const record of gone) excess.set(`${kind}/${record.id}`, record);
      }
    }
  }
  return [...excess.values()];
}

/** Returns the number of records of an owner. */
async function countOf(store: Counting, kind: string, bound: RecordBound, owner: string): Promise<number> {
  if (bound.of === 'hub') return store.countRecords(kind);
  if (bound.index !== undefined) return store.countRecords(kind, { name: bound.index, value: owner });
  // Without an index key, the owner is only in the documents. The store keeps those of a view in memory.
  let [count, examined] = [0, 0];
  for (const record of (await allOf(store, kind)).values()) {
    if (ownerOf(bound, record) === owner) count++;
    if (++examined % EXAMINED_AT_ONCE === 0) await giveTurn();
  }
  return count;
}

/** Returns the number of records of an owner that a batch removes. */
async function removedOf(
  store: Counting,
  records: readonly RecordChange[],
  kind: string,
  bound: RecordBound,
  owner: string,
): Promise<number> {
  let count = 0;
  for (const change of records) {
    if (change.kind !== kind || change.document !== undefined) continue;
    const record = await store.record(kind, change.id);
    if (record !== undefined && ownerOf(bound, record) === owner) count++;
  }
  return count;
}

/** Throws if a record lacks what its limit is enforced by. This is an error in the code of the hub. */
function demandOwner({ index, age }: RecordBound, { kind, index: keys, document }: RecordChange): void {
  if (index !== undefined && keys?.[index] === undefined)
    throw new Error(`a new record of the kind "${kind}" lacks its index key "${index}"`);
  if (age !== undefined && document?.[age] === undefined)
    throw new Error(`a new record of the kind "${kind}" lacks its time "${age}"`);
}

function groups<K>(
  changes: readonly RecordChange[],
  keyOf: (change: RecordChange) => K,
): ReadonlyMap<K, readonly RecordChange[]> {
  const found = new Map<K, RecordChange[]>();
  for (const change of changes) {
    const key = keyOf(change);
    const group = found.get(key);
    if (group === undefined) found.set(key, [change]);
    else group.push(change);
  }
  return found;
}

/** Returns what a batch does to a record. */
function changedBy(
  records: readonly RecordChange[],
  kind: string,
  id: string,
): 'changed' | 'removed' | undefined {
  const change = records.find((one) => one.kind === kind && one.id === id);
  if (change === undefined) return undefined;
  return change.document === undefined ? 'removed' : 'changed';
}

/** Returns the owner of a record. Undefined if the bound does not apply, for example to an account without a member. */
function ownerOf(
  { of, index, field = of }: RecordBound,
  record: Pick<RecordChange, 'document' | 'index'>,
): string | undefined {
  if (of === 'hub') return '';
  if (index !== undefined) return record.index?.[index];
  const owner = record.document?.[field];
  return typeof owner === 'string' ? owner : undefined;
}

/** Yields the records of an owner that may be removed, in pages. */
async function* spareOf(
  store: Counting,
  kind: string,
  { index }: RecordBound,
  owner: string,
  isSpare: (record: HubRecord) => boolean,
): AsyncGenerator<readonly HubRecord[]> {
  const query = index === undefined ? undefined : { name: index, value: owner };
  for await (const page of pagesOf(store, kind, { index: query })) yield page.filter(isSpare);
}

async function allIn(pages: AsyncIterable<readonly HubRecord[]>): Promise<readonly HubRecord[]> {
  const found: HubRecord[] = [];
  for await (const page of pages) found.push(...page);
  return found;
}

/** Returns the oldest records, completed ones first. Only as many as are wanted and one page are kept in memory. */
async function oldestOf(
  pages: AsyncIterable<readonly HubRecord[]>,
  { age = '', isDone }: RecordBound,
  number: number,
): Promise<readonly HubRecord[]> {
  const rank = (record: HubRecord): number => (isDone?.(record) === true ? 0 : 1);
  let oldest: HubRecord[] = [];
  for await (const page of pages)
    oldest = [...oldest, ...page]
      .sort((a, b) => rank(a) - rank(b) || byAge(a.document[age], b.document[age]) || (a.id < b.id ? -1 : 1))
      .slice(0, number);
  return oldest;
}

/**
 * Returns the records to remove from a store whose records have groups: one by one, the oldest of the largest narrow
 * group. If several are as large, the one in the largest wide group is removed, and then the oldest.
 */
function mostFrequentOf(
  records: readonly HubRecord[],
  groupsOf: NonNullable<RecordBound['groups']>,
  age: string,
  over: number,
): readonly HubRecord[] {
  const left = records.map((record) => ({ record, groups: groupsOf(record).toReversed() }));
  const gone: HubRecord[] = [];
  while (gone.length < over && left.length > 0) {
    const sizes = new Map<string, number>();
    for (const { groups: names } of left)
      for (const name of names) sizes.set(name, (sizes.get(name) ?? 0) + 1);
    const sizesOf = (names: readonly string[]): readonly number[] =>
      names.map((name) => sizes.get(name) ?? 0);
    const [first] = left.toSorted(
      (a, b) =>
        compareSizes(sizesOf(b.groups), sizesOf(a.groups)) ||
        byAge(a.record.document[age], b.record.document[age]) ||
        (a.record.id < b.record.id ? -1 : 1),
    );
    if (first === undefined) break;
    left.splice(left.indexOf(first), 1);
    gone.push(first.record);
  }
  return gone;
}

/** Compares lists of sizes by their first difference. */
function compareSizes(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((size, i) => size !== b[i]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** Compares times, which are numbers or sortable texts. A record without a time counts as the oldest. */
function byAge(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [one, other] = [a, b].map((age) =>
    typeof age === 'string' || typeof age === 'number' ? String(age) : '',
  );
  return one === other ? 0 : (one ?? '') < (other ?? '') ? -1 : 1;
}

/** The refusal of one more record. Its code and remedy come from the table of stores. */
function full({ holds, remedy, code = FULL }: BoundedStore, { of }: RecordBound, most: number): Problem {
  return new Problem(
    'full',
    `${OWNER[of]} already has the maximum of ${most.toLocaleString('en')} ${holds}`,
    {
      description: 'docs/reference/bounds.md lists all limits of the hub.',
      ...(remedy === undefined ? {} : { hint: remedy }),
      code,
    },
  );
}

/** Removes a record, unless somebody changed or removed it in the meantime. */
async function drop(store: Counting, { kind, id, revision }: HubRecord): Promise<void> {
  try {
    await store.commit({ records: [{ kind, id, expected: revision, document: undefined }] });
  } catch (error) {
    if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
  }
}
