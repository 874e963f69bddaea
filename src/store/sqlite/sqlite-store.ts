import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DatabaseSync } from '@photostructure/sqlite';
import { microsOf, type Clock } from '../../kernel/clock.ts';
import { Problem, codeOf, reasonOf } from '../../kernel/problem.ts';
import type { Store } from '../store.ts';
import { openDatabase, type Database } from './connection.ts';
import type { WriterAnswer, WriterRequest, WriterResults } from './messages.ts';
import { migrate } from './migrations.ts';
import { Reader } from './reader.ts';

export interface SqliteOptions {
  /** The data folder. Made with mode 0700 when it is not there. */
  readonly folder: string;
  readonly clock: Clock;
}

/** The module of the writer thread: always the built one, since a thread does not load TypeScript. */
function writerModule(): URL {
  const own = new URL('./writer.js', import.meta.url);
  return new URL(own.href.replace(/\/src\/store\//, '/dist/store/'));
}

/**
 * Opens the embedded store in `<folder>/hub.db`. One process at a time: a second one is refused with a Problem. The
 * writing connection lives in a thread of its own; reads run here.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const { folder, clock } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'hub.db');
  const lock = takeFile(folder);
  try {
    const setup = openDatabase(file, false);
    try {
      migrate(setup, (from) => {
        setup.prepare('VACUUM INTO ?').run(join(folder, `hub.before-schema-${from + 1}.db`));
      });
    } finally {
      setup.close();
    }
    for (const path of [file, join(folder, 'hub.lock')]) if (existsSync(path)) chmodSync(path, 0o600);
  } catch (error) {
    lock.close();
    throw error;
  }
  const reader = new Reader(openDatabase(file, true));
  const writer = await Writer.start(file);

  /** Counts changes of records by kind: this process is the only one that makes any. */
  const changes = new Map<string, number>();
  const times = (): { now: number; monotonic: number } => ({
    now: microsOf(clock),
    monotonic: clock.monotonic(),
  });

  return {
    name: `embedded (${file})`,
    async commit(batch) {
      const result = await writer.ask({ op: 'commit', batch, ...times() });
      for (const { kind } of batch.records ?? []) changes.set(kind, (changes.get(kind) ?? 0) + 1);
      return result;
    },
    remove: (query) => writer.ask({ op: 'remove', query, now: microsOf(clock) }),
    texts: (query) => reader.texts(query),
    entries: (query, withText) => reader.entries(query, withText),
    stands: (collection, id) => Promise.resolve(reader.stands(collection, id)),
    standing: (collection, ids) =>
      Promise.resolve(new Set(ids.filter((id) => reader.stands(collection, id)))),
    levels: (ids, collections) => Promise.resolve(reader.levels(ids, collections)),
    removals: (collection, after, limit) => Promise.resolve(reader.removals(collection, after, limit)),
    sizes: () => Promise.resolve(reader.sizes()),
    held: (query) => Promise.resolve(reader.held(query)),
    receipt: (id) => Promise.resolve(reader.receipt(id)),
    envelopeHead: (id) => Promise.resolve(reader.envelopeHead(id)),
    envelopeHeads: (limit) => Promise.resolve(reader.envelopeHeads(limit)),
    envelopeBody: (id) => Promise.resolve(reader.envelopeBody(id)),
    record: (kind, id) => Promise.resolve(reader.record(kind, id)),
    records: (kind, query) => Promise.resolve(reader.records(kind, query)),
    recordsMark: (kinds) => Promise.resolve(kinds.map((kind) => changes.get(kind) ?? 0).join('.')),
    takeLease: (name, ttlMs) => writer.ask({ op: 'take', name, ttlMs, monotonic: clock.monotonic() }),
    renewLease: (lease, ttlMs) => writer.ask({ op: 'renew', lease, ttlMs, monotonic: clock.monotonic() }),
    releaseLease: async (lease) => {
      await writer.ask({ op: 'release', lease });
    },
    sweep: (before) => writer.ask({ op: 'sweep', before }),
    ready: () => Promise.resolve(writer.alive),
    async close() {
      await writer.close();
      reader.close();
      lock.close();
    },
  };
}

/** Holds `<folder>/hub.lock` until the process ends, however it ends: the system gives file locks back. */
function takeFile(folder: string): Database {
  const lock = new DatabaseSync(join(folder, 'hub.lock'));
  try {
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw new Problem('conflict', `Another Talanoa uses the data folder ${folder}`, {
      description: 'The embedded store serves one process.',
      hint: 'Stop the other one, give another --data folder, or set MONGODB_URI for several processes.',
      code: 'TLN-S-002',
      cause: error,
    });
  }
}

type ResultOf<R extends WriterRequest> = WriterResults[R['op']];

/** The main thread's side of the writer thread. */
class Writer {
  readonly #worker: Worker;
  readonly #waiting = new Map<
    number,
    { resolve: (result: never) => void; reject: (error: unknown) => void }
  >();
  #number = 0;
  alive = true;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (answer: WriterAnswer) => this.#settle(answer));
    worker.on('error', (error) => this.#end(error));
    worker.on('exit', () => this.#end(new Error('the writer thread has ended')));
  }

  static start(file: string): Promise<Writer> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(writerModule(), { workerData: { file }, name: 'talanoa-writer' });
      worker.once('online', () => resolve(new Writer(worker)));
      worker.once('error', reject);
    });
  }

  ask<R extends WriterRequest>(request: R): Promise<ResultOf<R>> {
    if (!this.alive) return Promise.reject(unwritable('the writer thread has ended'));
    const number = ++this.#number;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve: resolve, reject });
      this.#worker.postMessage({ number, request });
    });
  }

  async close(): Promise<void> {
    if (!this.alive) return;
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    await this.ask({ op: 'close' });
    await ended;
  }

  #settle(answer: WriterAnswer): void {
    const waiting = this.#waiting.get(answer.number);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.number);
    if ('result' in answer) waiting.resolve(answer.result as never);
    else if (answer.failure.conflict) {
      waiting.reject(
        new Problem('conflict', answer.failure.message, { code: answer.failure.code ?? 'TLN-S-409' }),
      );
    } else waiting.reject(unwritable(answer.failure.message));
  }

  #end(error: unknown): void {
    this.alive = false;
    for (const { reject } of this.#waiting.values()) reject(unwritable(reasonOf(error), error));
    this.#waiting.clear();
  }
}

function unwritable(why: string, cause?: unknown): Problem {
  return new Problem('unavailable', 'The store cannot be written at the moment', {
    hint: 'Try again later. The operator finds the reason in the log.',
    code: 'TLN-S-503',
    headers: { 'Retry-After': '30' },
    cause: cause ?? new Error(`${why}${codeOf(cause) === undefined ? '' : ` (${String(codeOf(cause))})`}`),
  });
}
