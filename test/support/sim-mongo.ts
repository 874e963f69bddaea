import type { MongoCollections } from '../../src/store/mongo/database.ts';
import type { SimProcess, Simulation } from './simulation.ts';

type Doc = Record<string, unknown> & { _id: string };
type Filter = Readonly<Record<string, unknown>>;

/** The failures between a process and the server. */
export interface Weather {
  /** Longest travel time of a message, in milliseconds. Each message has its own. */
  readonly delay: number;
  /** Share of commands whose connection breaks: half of them before they reach the server, half on the way back. */
  readonly broken: number;
  /** Updates are a read and a write with time in between, as in FerretDB. */
  readonly tornUpdates: boolean;
  /** For the test of the simulator itself: this server forgets that an `_id` is unique here. */
  readonly plantedFault?: (collection: string, id: string) => boolean;
}

/**
 * A server with the few guarantees that every server of the protocol gives: an insert of one document is atomic, and
 * its `_id` is unique. Everything else is as bad as permitted. A query is not a snapshot, several documents are written
 * one by one, responses are lost, and commands of a killed process may still arrive.
 */
export class SimServer {
  readonly sim: Simulation;
  readonly weather: Weather;
  readonly data = new Map<string, Map<string, Doc>>();
  /** Every authoritative document that was ever inserted, including removed ones. */
  readonly turns: Doc[] = [];
  /** Called after each insert, while its response is still in transit. */
  onInsert: (process: SimProcess, collection: string) => void = () => undefined;

  constructor(sim: Simulation, weather: Weather) {
    this.sim = sim;
    this.weather = weather;
  }

  table(name: string): Map<string, Doc> {
    let table = this.data.get(name);
    if (table === undefined) this.data.set(name, (table = new Map()));
    return table;
  }

  /** All documents of a collection in their current state. */
  all(name: string): Doc[] {
    return [...this.table(name).values()];
  }

  /** The collections as this process sees them. */
  collections(process: SimProcess): MongoCollections {
    const names = [
      'turns', 'objects', 'entries', 'tombstones', 'held', 'revisions', 'current', 'leases', 'receipts', 'envelopes', 'parts',
    ]; // prettier-ignore
    return Object.fromEntries(
      names.map((name) => [name, new SimCollection(this, process, name)]),
    ) as object as MongoCollections;
  }

  /**
   * Sends a command. Its steps happen on the server one after the other, with time in between. Then the response
   * travels back.
   */
  command<T>(process: SimProcess, steps: Iterator<undefined, T>): Promise<T> {
    const { random } = this.sim;
    const travel = (): number => random.next() * this.weather.delay;
    const broken = random.chance(this.weather.broken) ? (random.chance(0.5) ? 'there' : 'back') : undefined;
    return new Promise((resolve, reject) => {
      const fail = (): void =>
        process.deliver(() =>
          reject(Object.assign(new Error('connection broke'), { name: 'MongoNetworkError' })),
        );
      if (broken === 'there') {
        this.sim.after(travel(), fail);
        return;
      }
      const step = (): void => {
        let result: IteratorResult<undefined, T>;
        try {
          result = steps.next();
        } catch (error) {
          this.sim.after(travel(), () =>
            broken === 'back'
              ? fail()
              : process.deliver(() => reject(error instanceof Error ? error : new Error('failed'))),
          );
          return;
        }
        if (result.done === true) {
          const { value } = result;
          this.sim.after(travel(), () =>
            broken === 'back' ? fail() : process.deliver(() => resolve(value)),
          );
        } else {
          // The connection of a killed process closes, so a command in progress may stop halfway.
          if (!process.alive && random.chance(0.5)) return;
          this.sim.after(random.next() * (this.weather.delay / 8), step);
        }
      };
      this.sim.after(travel(), () => {
        // A command that a process sent before it was killed may arrive or not.
        if (!process.alive && random.chance(0.5)) return;
        step();
      });
    });
  }
}

class SimCollection {
  readonly #server: SimServer;
  readonly #process: SimProcess;
  readonly #name: string;

  constructor(server: SimServer, process: SimProcess, name: string) {
    this.#server = server;
    this.#process = process;
    this.#name = name;
  }

  get #table(): Map<string, Doc> {
    return this.#server.table(this.#name);
  }

  #send<T>(steps: Iterator<undefined, T>): Promise<T> {
    return this.#server.command(this.#process, steps);
  }

  /** A command that is executed atomically. */
  #once<T>(what: () => T): Promise<T> {
    return this.#send({ next: () => ({ done: true, value: what() }) });
  }

  find(filter: Filter): Cursor {
    return new Cursor((cursor) => this.#send(this.#find(filter, cursor)));
  }

  *#find(filter: Filter, cursor: Cursor): Iterator<undefined, Doc[]> {
    // The scan follows the sort order. Other commands run halfway. Documents that are written behind the position of
    // the scan are missed, those ahead of it are seen.
    const sorted = (): Doc[] => [...this.#table.values()].toSorted(cursor.order);
    const first = sorted();
    const { random } = this.#server.sim;
    const middle = first[random.below(random.chance(0.5) ? Math.min(4, first.length) : first.length)];
    const found = first
      .filter((doc) => middle === undefined || cursor.order(doc, middle) < 0)
      .filter((doc) => matches(doc, filter))
      .map((doc) => clone(doc));
    yield undefined;
    for (const doc of sorted())
      if ((middle === undefined || cursor.order(doc, middle) >= 0) && matches(doc, filter))
        found.push(clone(doc));
    return cursor.most === 0 ? found : found.slice(0, cursor.most);
  }

  findOne(filter: Filter): Promise<Doc | null> {
    return this.#once(() => {
      for (const doc of this.#table.values()) if (matches(doc, filter)) return clone(doc);
      return null;
    });
  }

  #insert(doc: Doc): void {
    if (this.#table.has(doc._id) && this.#server.weather.plantedFault?.(this.#name, doc._id) !== true)
      throw Object.assign(new Error('duplicate key'), { code: 11000 });
    this.#table.set(doc._id, clone(doc));
    if (this.#name === 'turns') this.#server.turns.push(clone(doc));
    this.#server.onInsert(this.#process, this.#name);
  }

  insertOne(doc: Doc): Promise<unknown> {
    return this.#once(() => {
      this.#insert(doc);
      return {};
    });
  }

  insertMany(docs: readonly Doc[]): Promise<unknown> {
    return this.#send(this.#insertMany(docs));
  }

  *#insertMany(docs: readonly Doc[]): Iterator<undefined, unknown> {
    let failure: unknown;
    for (const doc of docs) {
      try {
        this.#insert(doc);
      } catch (error) {
        failure = error;
      }
      yield undefined;
    }
    if (failure !== undefined) throw failure;
    return {};
  }

  *#update(
    filter: Filter,
    change: Filter,
    many: boolean,
    upsert: boolean,
  ): Iterator<undefined, { matchedCount: number }> {
    const set = change['$set'] as Record<string, unknown>;
    let matchedCount = 0;
    for (const id of [...this.#table.keys()]) {
      const doc = this.#table.get(id);
      if (doc === undefined || !matches(doc, filter)) continue;
      if (this.#server.weather.tornUpdates) yield undefined;
      // A torn update is written even if the document no longer matches, unless it was deleted.
      const now = this.#table.get(id);
      if (now === undefined) continue;
      this.#table.set(id, { ...now, ...clone(set) });
      matchedCount++;
      if (!many) break;
      yield undefined;
    }
    if (matchedCount === 0 && upsert) this.#insert({ ...set, _id: String(filter['_id']) });
    return { matchedCount };
  }

  updateOne(filter: Filter, change: Filter, options: { upsert?: boolean } = {}): Promise<unknown> {
    return this.#send(this.#update(filter, change, false, options.upsert === true));
  }

  updateMany(filter: Filter, change: Filter): Promise<unknown> {
    return this.#send(this.#update(filter, change, true, false));
  }

  bulkWrite(operations: readonly { updateOne: { filter: Filter; update: Filter } }[]): Promise<unknown> {
    return this.#send(this.#bulk(operations));
  }

  *#bulk(
    operations: readonly { updateOne: { filter: Filter; update: Filter } }[],
  ): Iterator<undefined, unknown> {
    for (const { updateOne } of operations) {
      const steps = this.#update(updateOne.filter, updateOne.update, false, false);
      while (steps.next().done !== true) yield undefined;
      yield undefined;
    }
    return {};
  }

  replaceOne(filter: Filter, doc: Record<string, unknown>): Promise<unknown> {
    const id = String(filter['_id']);
    return this.#once(() => this.#table.set(id, { ...clone(doc), _id: id }));
  }

  deleteMany(filter: Filter): Promise<{ deletedCount: number }> {
    return this.#send(this.#deleteMany(filter));
  }

  *#deleteMany(filter: Filter): Iterator<undefined, { deletedCount: number }> {
    let deletedCount = 0;
    for (const id of [...this.#table.keys()]) {
      const doc = this.#table.get(id);
      if (doc === undefined || !matches(doc, filter)) continue;
      this.#table.delete(id);
      deletedCount++;
      yield undefined;
    }
    return { deletedCount };
  }

  distinct(field: string): Promise<unknown[]> {
    return this.#once(() => [...new Set([...this.#table.values()].map((doc) => doc[field]))]);
  }

  countDocuments(filter: Filter): Promise<number> {
    return this.#once(() => [...this.#table.values()].filter((doc) => matches(doc, filter)).length);
  }
}

class Cursor {
  readonly #run: (cursor: Cursor) => Promise<Doc[]>;
  #sort: [string, number][] = [];
  most = 0;

  constructor(run: (cursor: Cursor) => Promise<Doc[]>) {
    this.#run = run;
  }

  sort(by: Readonly<Record<string, number>>): this {
    this.#sort = Object.entries(by);
    return this;
  }

  limit(n: number): this {
    this.most = n;
    return this;
  }

  project(): this {
    return this;
  }

  batchSize(): this {
    return this;
  }

  readonly order = (a: Doc, b: Doc): number => {
    for (const [field, direction] of [...this.#sort, ['_id', 1] as const]) {
      const [x, y] = [a[field] as string | number, b[field] as string | number];
      if (x !== y) return (x < y ? -1 : 1) * direction;
    }
    return 0;
  };

  toArray(): Promise<Doc[]> {
    return this.#run(this);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Doc> {
    yield* await this.#run(this);
  }
}

/**
 * A copy that shares nothing. (structuredClone creates dates of another realm inside jest, which fail instanceof here.)
 */
function clone<T>(value: T): T {
  if (value instanceof Date) return new Date(value.getTime()) as T;
  if (Array.isArray(value)) return value.map(clone) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, clone(part)])) as T;
}

const comparable = (value: unknown): number | string =>
  value instanceof Date ? value.getTime() : (value as number | string);

function matches(doc: Doc, filter: Filter): boolean {
  return Object.entries(filter).every(([field, wanted]) => {
    if (field === '$or') return (wanted as Filter[]).some((part) => matches(doc, part));
    const value = doc[field];
    if (typeof wanted !== 'object' || wanted === null || wanted instanceof Date) return same(value, wanted);
    return Object.entries(wanted).every(([operator, operand]) => {
      switch (operator) {
        case '$in':
          return (operand as unknown[]).some((one) => same(value, one));
        case '$nin':
          return !(operand as unknown[]).some((one) => same(value, one));
        case '$ne':
          return !same(value, operand);
        case '$gt':
          return comparable(value) > comparable(operand);
        case '$lt':
          return comparable(value) < comparable(operand);
        case '$lte':
          return comparable(value) <= comparable(operand);
        default:
          throw new Error(`the simulated server does not know ${operator}`);
      }
    });
  });
}

function same(value: unknown, wanted: unknown): boolean {
  if (Array.isArray(value)) return value.some((one) => same(one, wanted));
  return comparable(value) === comparable(wanted);
}
