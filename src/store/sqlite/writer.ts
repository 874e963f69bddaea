/**
 * The writer thread of the embedded store: the only connection that writes. All waiting requests share one transaction
 * and one fsync (group commit). A request that fails is rolled back alone.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Problem, codeOf, reasonOf } from '../../kernel/problem.ts';
import { openDatabase, rowsOf } from './connection.ts';
import { joined, type BatchPart } from './parts.ts';
import type {
  NumberedPart,
  NumberedRequest,
  WriterAnswer,
  WriterRequest,
  WriterResults,
  WriterSettings,
  WrittenFailure,
} from './messages.ts';
import { Transactions } from './transactions.ts';

const MOST_IN_GROUP = 64;

const port = parentPort;
if (port === null) throw new Error('the writer runs as a worker thread');

const db = openDatabase((workerData as WriterSettings).file, false);
const transactions = new Transactions(db);

function run(request: WriterRequest): WriterResults[keyof WriterResults] {
  switch (request.op) {
    case 'commit':
      return transactions.commit(request.batch, request.now, request.monotonic);
    case 'remove':
      return transactions.remove(request.query, request.now);
    case 'take':
      return transactions.take(request.name, request.ttlMs, request.monotonic);
    case 'renew':
      return transactions.renew(request.lease, request.ttlMs, request.monotonic);
    case 'release':
      transactions.release(request.lease);
      return null;
    case 'sweep':
      return transactions.sweep(request.before, request.refusalsBefore);
    case 'index':
      return transactions.audit.index(request.limit);
    case 'forget':
      return transactions.forgetRemoved(request.kinds, request.before, request.limit);
    case 'trimAudit':
      return transactions.audit.trim(request.upTo, request.limit);
    case 'trim':
      return transactions.receipts.trim(request.account, request.most);
    case 'note':
      transactions.note(request.notes);
      return null;
    case 'close':
      return null;
  }
}

/** SQLite result codes that indicate a failed disk: SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB. */
const DISK_FAILED = new Set([10, 11, 26]);
const SQLITE_FULL = 13;

let broken: WrittenFailure | undefined;

/** True when something confidential was removed and copies of its pages may still be in the write-ahead log. */
let isScrubDue = false;

/** How long one attempt waits for statements that read from the write-ahead log. Writers wait as long. */
const SCRUB_WAIT_MS = 100;

/**
 * Empties the write-ahead log. This is impossible while a statement reads from it, which rarely takes longer than a few
 * milliseconds. After the limit it is retried with the next group: leases are renewed all the time.
 */
function scrub(): void {
  db.exec(`PRAGMA busy_timeout = ${SCRUB_WAIT_MS}`);
  try {
    const [row] = rowsOf<{ busy: number }>(db.prepare('PRAGMA wal_checkpoint(TRUNCATE)'));
    isScrubDue = row?.busy !== 0;
  } catch {
    // The group is durable in any case. If the disk has failed, the next write will detect it.
  } finally {
    db.exec('PRAGMA busy_timeout = 5000');
  }
}

function failureOf(error: unknown): WrittenFailure {
  const result =
    typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) : 0;
  const primary = result & 0xff;
  const kind =
    error instanceof Problem && error.kind === 'conflict'
      ? 'conflict'
      : primary === SQLITE_FULL
        ? 'full'
        : DISK_FAILED.has(primary)
          ? 'broken'
          : 'other';
  return {
    kind,
    message: error instanceof Problem ? error.title : reasonOf(error),
    code: error instanceof Problem ? error.code : codeOf(error),
  };
}

/** Leases exist only in this thread, so lease operations do not depend on the disk. */
function leaseOperation(request: WriterRequest): boolean {
  return request.op === 'take' || request.op === 'renew' || request.op === 'release';
}

function group(requests: readonly NumberedRequest[]): WriterAnswer[] {
  const answers: WriterAnswer[] = [];
  try {
    db.exec('BEGIN IMMEDIATE');
    for (const { number, request } of requests) {
      db.exec('SAVEPOINT one');
      try {
        answers.push({ number, result: run(request) });
        db.exec('RELEASE one');
      } catch (error) {
        const failure = failureOf(error);
        // SQLite may already have ended the whole transaction if the disk is full or has failed.
        if (failure.kind === 'full' || failure.kind === 'broken') throw error;
        db.exec('ROLLBACK TO one');
        db.exec('RELEASE one');
        transactions.forget();
        answers.push({ number, failure });
      }
    }
    db.exec('COMMIT');
    return answers;
  } catch (error) {
    // Nothing in the group is durable, so no request in it may be acknowledged.
    transactions.forget();
    try {
      db.exec('ROLLBACK');
    } catch {
      // The transaction was already ended by the failure itself.
    }
    const failure = failureOf(error);
    if (failure.kind === 'broken') broken = failure;
    return requests.map(({ number, request }) => {
      const answer = answers.find((given) => given.number === number);
      return leaseOperation(request) && answer !== undefined ? answer : { number, failure: unless(failure) };
    });
  }
}

/** A failure of the whole group is not a conflict of a single request. */
function unless(failure: WrittenFailure): WrittenFailure {
  return failure.kind === 'conflict' ? { ...failure, kind: 'other' } : failure;
}

/**
 * Answers requests to a broken store. Leases continue to work, so that jobs can finish cleanly. Everything else is
 * refused.
 */
function refuse(requests: readonly NumberedRequest[], failure: WrittenFailure): WriterAnswer[] {
  return requests.map(({ number, request }) =>
    leaseOperation(request) || request.op === 'close'
      ? { number, result: run(request) }
      : { number, failure },
  );
}

/** Parts of batches whose request has not arrived yet, by its number. */
const parts = new Map<number, BatchPart[]>();

/** Keeps a part until its request arrives. Returns a request with all its parts. */
function taken(message: NumberedRequest | NumberedPart): readonly NumberedRequest[] {
  const { number } = message;
  const before = parts.get(number) ?? [];
  if ('part' in message) {
    parts.set(number, [...before, message.part]);
    return [];
  }
  parts.delete(number);
  const { request } = message;
  if (request.op !== 'commit') return [message];
  return [{ number, request: { ...request, batch: joined(request.batch, before) } }];
}

port.on('message', (first: NumberedRequest | NumberedPart) => {
  const requests = [...taken(first)];
  while (requests.length < MOST_IN_GROUP) {
    const next = receiveMessageOnPort(port);
    if (next === undefined) break;
    requests.push(...taken(next.message as NumberedRequest | NumberedPart));
  }
  if (requests.length === 0) return;
  const closing = requests.some(({ request }) => request.op === 'close');
  const answers = broken === undefined ? group(requests) : refuse(requests, broken);
  isScrubDue ||= requests.some(({ request }) => request.op === 'commit' && request.batch.scrub === true);
  if (isScrubDue && broken === undefined) scrub();
  for (const answer of answers) port.postMessage(answer);
  if (closing) {
    if (broken === undefined) db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    db.close();
    port.close();
  }
});
