/**
 * The writer thread of the embedded store: the only connection that writes. All requests that wait are one
 * transaction and one fsync (group commit); a request that fails is rolled back alone.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Problem, codeOf, reasonOf } from '../../kernel/problem.ts';
import { openDatabase } from './connection.ts';
import type {
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
      return transactions.sweep(request.before);
    case 'close':
      return null;
  }
}

function failureOf(error: unknown): WrittenFailure {
  return {
    conflict: error instanceof Problem && error.kind === 'conflict',
    message: error instanceof Problem ? error.title : reasonOf(error),
    code: error instanceof Problem ? error.code : codeOf(error),
  };
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
        db.exec('ROLLBACK TO one');
        db.exec('RELEASE one');
        transactions.forget();
        answers.push({ number, failure: failureOf(error) });
      }
    }
    db.exec('COMMIT');
    return answers;
  } catch (error) {
    // Nothing of the group is durable, so nothing of it may be acknowledged.
    transactions.forget();
    try {
      db.exec('ROLLBACK');
    } catch {
      // The transaction was already ended by the failure itself.
    }
    const failure = { ...failureOf(error), conflict: false };
    return requests.map(({ number }) => ({ number, failure }));
  }
}

port.on('message', (first: NumberedRequest) => {
  const requests = [first];
  while (requests.length < MOST_IN_GROUP) {
    const next = receiveMessageOnPort(port);
    if (next === undefined) break;
    requests.push(next.message);
  }
  const closing = requests.some(({ request }) => request.op === 'close');
  for (const answer of group(requests)) port.postMessage(answer);
  if (closing) {
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    db.close();
    port.close();
  }
});
