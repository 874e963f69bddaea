import type { MongoCollections } from '../../src/store/mongo/database.ts';

/**
 * How the n-th command to a MongoDB server fails. From `killed` on, nothing more is sent or answered.
 */
export type CommandFault = 'not sent' | 'answer lost' | 'killed before' | 'killed after';

export const COMMAND_FAULTS: readonly CommandFault[] = [
  'not sent',
  'answer lost',
  'killed before',
  'killed after',
];

/** Methods that send nothing until their result is read. */
const LAZY = new Set(['find']);
const CHAINED = new Set(['sort', 'limit', 'project', 'batchSize']);

interface Rows {
  toArray(): Promise<unknown[]>;
}

/** Wraps real collections so that one command fails. */
export class FaultyCommands {
  #left: number;
  readonly #fault: CommandFault;
  #dead = false;
  #onEnd: () => void = () => undefined;
  struck = false;
  /** Resolves when the process that uses these collections has been killed. */
  readonly killed: Promise<void>;

  constructor(n: number, fault: CommandFault) {
    this.#left = n;
    this.#fault = fault;
    this.killed = new Promise((resolve) => (this.#onEnd = resolve));
  }

  wrap(collections: MongoCollections): MongoCollections {
    return Object.fromEntries(
      Object.entries(collections).map(([name, collection]) => [name, this.#proxy(collection as object)]),
    ) as object as MongoCollections;
  }

  #proxy(target: object): object {
    return new Proxy(target, {
      get: (inner, name: string) => {
        const value: unknown = Reflect.get(inner, name, inner);
        if (typeof value !== 'function') return value;
        const method = value.bind(inner) as (...values: unknown[]) => unknown;
        if ((name as string | symbol) === Symbol.asyncIterator) return () => this.#rows(inner as Rows);
        if (LAZY.has(name)) return (...values: unknown[]) => this.#proxy(method(...values) as object);
        if (CHAINED.has(name)) return (...values: unknown[]) => this.#proxy(method(...values) as object);
        return (...values: unknown[]) => this.#send(() => method(...values) as Promise<unknown>);
      },
    });
  }

  /** Sends the command of a cursor, then gives its rows one by one. */
  async *#rows(cursor: Rows): AsyncGenerator {
    yield* (await this.#send(() => cursor.toArray())) as readonly unknown[];
  }

  async #send(command: () => Promise<unknown>): Promise<unknown> {
    const forever = new Promise<never>(() => undefined);
    if (this.#dead) return forever;
    if (--this.#left !== 0) return command();
    this.struck = true;
    const failure = Object.assign(new Error('connection broke'), { name: 'MongoNetworkError' });
    switch (this.#fault) {
      case 'not sent':
        throw failure;
      case 'answer lost':
        await command();
        throw failure;
      case 'killed after':
        this.#dead = true;
        await command().catch(() => undefined);
        this.#onEnd();
        return forever;
      case 'killed before':
        this.#dead = true;
        this.#onEnd();
        return forever;
    }
  }
}
