/** A thread that checks the whole file with SQLite and reports damage, so that the main thread is not blocked. */
import { parentPort, workerData } from 'node:worker_threads';
import { openDatabase, rowsOf } from './connection.ts';
import type { WriterSettings } from './messages.ts';

const db = openDatabase((workerData as WriterSettings).file, true);
const rows = rowsOf<{ quick_check: string }>(db.prepare('PRAGMA quick_check(100)'));
db.close();
parentPort?.postMessage(rows.map((row) => row.quick_check).filter((line) => line !== 'ok'));
