import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DatabaseSync } from '@photostructure/sqlite';
import { microsOf, type Clock } from '../../kernel/clock.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import { giveTurn } from '../../kernel/slices.ts';
import type { Batch, BatchResult, Store } from '../store.ts';
import { openDatabase, type Database } from './connection.ts';
import { CountMemory } from './count-memory.ts';
import { diagnoseSqlite } from './diagnosis.ts';
import type { FailureKind, WriterAnswer, WriterRequest, WriterResults } from './messages.ts';
import { fairReads } from './fair-reads.ts';
import { migrate } from './migrations.ts';
import { divided } from './parts.ts';
import { Reader } from './reader.ts';
import { nameOf, readsOf } from './reads.ts';
import { WholeReads } from './whole-reads.ts';
import { storeErrors } from '../errors.ts';

export interface SqliteOptions {
  /** The data folder. It is created with mode 0700 if it does not exist. */
  readonly folder: string;
  readonly clock: Clock;
  /** Called once when the disk has failed and nothing more is written. */
  readonly onBroken?: (reason: string) => void;
}

/** Returns the module of a thread. It is always the built one, because a thread cannot load TypeScript. */
function moduleOf(thread: 'writer' | 'checker'): URL {
  const own = new URL(`./${thread}.js`, import.meta.url);
  return new URL(own.href.replace(/\/src\/store\//, '/dist/store/'));
}

/**
 * Opens the embedded store in `<folder>/hub.db`. Only one process may open it: a second one gets a Problem. The writing
 * connection runs in its own thread. Reads run in this thread.
 */
// oxlint-disable-next-line max-lines-per-function -- One line for each call of the port.
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const { folder, clock } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'hub.db');
  makePrivate(folder);
  const lock = takeFile(folder);
  const mark = join(folder, 'hub.open');
  const unclean = existsSync(mark);
  let looked = false;
  try {
    writeFileSync(mark, `${process.pid}\n`, { mode: 0o600 });
    bringUpToDate(folder, file);
  } catch (error) {
    lock.close();
    throw error;
  }
  const reading = openDatabase(file, true);
  const reader = new Reader(reading);
  const writer = await Writer.start(file, options.onBroken);

  const lists = new WholeReads(file, reader, clock);
  const counts = new CountMemory(reader);
  const times = (): { now: number; monotonic: number } => ({
    now: microsOf(clock),
    monotonic: clock.monotonic(),
  });

  const store: Store = {
    ...readsOf(reader, lists),
    countRecords: (kind, index) => Promise.resolve(counts.records(kind, index)),
    envelopeUsage: () => Promise.resolve(counts.envelopeUsage()),
    name: nameOf(file),
    async commit(batch) {
      const { records = [] } = batch;
      lists.note(records);
      counts.note(batch);
      try {
        return await writer.commit(batch, times);
      } finally {
        lists.note(records);
        counts.note(batch);
      }
    },
    remove: (query) => writer.ask({ op: 'remove', query, now: microsOf(clock) }),
    forgetRemoved: (kinds, before, limit) => writer.ask({ op: 'forget', kinds, before, limit }),
    trimAudit: (upTo, limit) => writer.ask({ op: 'trimAudit', upTo, limit }),
    trimReceipts: (account, most) => writer.ask({ op: 'trim', account, most }),
    takeLease: (name, ttlMs) => writer.ask({ op: 'take', name, ttlMs, monotonic: clock.monotonic() }),
    renewLease: (lease, ttlMs) => writer.ask({ op: 'renew', lease, ttlMs, monotonic: clock.monotonic() }),
    releaseLease: async (lease) => {
      await writer.ask({ op: 'release', lease });
    },
    indexFacts: (limit) => writer.ask({ op: 'index', limit }),
    // Facts get their numbers in the transaction of the change itself.
    numberFacts: () => Promise.resolve(0),
    async note(notes) {
      await writer.ask({ op: 'note', notes });
    },
    sweep: (before, refusalsBefore = 0) => writer.ask({ op: 'sweep', before, refusalsBefore }),
    ready: () => Promise.resolve(writer.state === 'writing'),
    unclean,
    async damage() {
      const faults = await check(file);
      looked = true;
      return faults;
    },
    diagnose: () => Promise.resolve(diagnoseSqlite(folder, reading, unclean)),
    async close() {
      await writer.close();
      reader.close();
      // A command that opened the file briefly leaves the check after an unclean stop to the hub.
      if (writer.state !== 'broken' && (looked || !unclean)) rmSync(mark, { force: true });
      lock.close();
    },
  };
  return fairReads(store, clock);
}

/** Brings the file to the newest schema. Before each step, it keeps a copy of the file. */
function bringUpToDate(folder: string, file: string): void {
  const setup = openDatabase(file, false);
  try {
    migrate(setup, (from) => {
      const copy = join(folder, `hub.before-schema-${from + 1}.db`);
      setup.prepare('VACUUM INTO ?').run(copy);
      chmodSync(copy, 0o600);
    });
  } finally {
    setup.close();
  }
}

/**
 * Removes all access of other users to the data folder and its files. The main file and the lock file are
 * created here when they are missing, because SQLite creates its log and index files with the permissions of
 * the main file.
 */
function makePrivate(folder: string): void {
  for (const name of ['hub.db', 'hub.lock']) closeSync(openSync(join(folder, name), 'a', 0o600));
  chmodSync(folder, 0o700);
  for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile()))
    if (name.startsWith('hub.') || name === 'master.key') chmodSync(join(folder, name), 0o600);
}

/** Checks the whole file in its own thread. Returns the problems that SQLite reports. */
function check(file: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(moduleOf('checker'), { workerData: { file }, name: 'talanoa-checker' });
    worker.once('message', (faults: readonly string[]) => resolve(faults));
    worker.once('error', reject);
  });
}

/** Holds `<folder>/hub.lock` until the process ends. The system releases the file lock even after a crash. */
function takeFile(folder: string): Database {
  const lock = new DatabaseSync(join(folder, 'hub.lock'));
  try {
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw storeErrors.folderInUse({ folder }, { cause: error });
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
  readonly #onBroken: ((reason: string) => void) | undefined;
  #number = 0;
  #closing = false;
  /** `broken`: the disk failed. `ended`: the thread has ended. Nothing more is written in either state. */
  state: 'writing' | 'broken' | 'ended' = 'writing';

  private constructor(worker: Worker, onBroken: ((reason: string) => void) | undefined) {
    this.#worker = worker;
    this.#onBroken = onBroken;
    worker.on('message', (answer: WriterAnswer) => this.#settle(answer));
    worker.on('error', (error) => this.#end(error));
    worker.on('exit', () => this.#end(new Error('the writer thread has ended')));
  }

  static start(file: string, onBroken: ((reason: string) => void) | undefined): Promise<Writer> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(moduleOf('writer'), { workerData: { file }, name: 'talanoa-writer' });
      worker.once('online', () => resolve(new Writer(worker, onBroken)));
      worker.once('error', reject);
    });
  }

  ask<R extends WriterRequest>(request: R, number = ++this.#number): Promise<ResultOf<R>> {
    if (this.state === 'ended') return Promise.reject(unwritable('other', 'the writer thread has ended'));
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve: resolve, reject });
      this.#worker.postMessage({ number, request });
    });
  }

  /** Sends a batch, in parts if it is large. The times are those at which the last part is sent. */
  async commit(batch: Batch, times: () => { now: number; monotonic: number }): Promise<BatchResult> {
    const { rest, parts } = divided(batch);
    let number: number | undefined;
    for (const part of parts) {
      if (this.state === 'ended') break;
      number ??= ++this.#number;
      this.#worker.postMessage({ number, part });
      await giveTurn();
    }
    return this.ask({ op: 'commit', batch: rest, ...times() }, number);
  }

  async close(): Promise<void> {
    if (this.state === 'ended') return;
    this.#closing = true;
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    await this.ask({ op: 'close' });
    await ended;
  }

  #settle(answer: WriterAnswer): void {
    const waiting = this.#waiting.get(answer.number);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.number);
    if ('result' in answer) waiting.resolve(answer.result as never);
    else {
      const { kind, message, code } = answer.failure;
      if (kind === 'broken' && this.state === 'writing') {
        this.state = 'broken';
        this.#onBroken?.(message);
      }
      // The writer is another thread, from which only texts arrive. Its conflicts are problems of the catalogue there.
      waiting.reject(
        kind === 'conflict'
          ? new Problem('conflict', message, { code: code ?? 'TLN-S-409' })
          : unwritable(kind, message),
      );
    }
  }

  #end(error: unknown): void {
    const { state } = this;
    this.state = 'ended';
    for (const { reject } of this.#waiting.values()) reject(unwritable('other', reasonOf(error)));
    this.#waiting.clear();
    if (state === 'writing' && !this.#closing) this.#onBroken?.(reasonOf(error));
  }
}

function unwritable(kind: FailureKind, why: string): Problem {
  const occurrence = { headers: { 'Retry-After': '30' }, cause: new Error(why) };
  if (kind === 'full') return storeErrors.full(occurrence);
  return kind === 'broken' ? storeErrors.broken(occurrence) : storeErrors.notWritable(occurrence);
}
