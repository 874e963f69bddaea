import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnosis } from '../../kernel/diagnosis.ts';
import type { Database } from './connection.ts';

/** Types of network file systems, by the numbers that statfs(2) returns. */
const NETWORK = new Map([
  [0x6969, 'NFS'], [0xff534d42, 'CIFS'], [0xfe534d42, 'SMB2'], [0x517b, 'SMB'], [0x01021997, '9p'], [0x65735546, 'FUSE'], [0x00c36400, 'Ceph'],
]); // prettier-ignore
const IN_MEMORY = new Map([
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
]);
const FLUSHES = 8;
const GIB = 1_073_741_824;

/** Checks what the embedded store depends on: a local disk that flushes, free space, and the settings of the file. */
export function diagnoseSqlite(folder: string, reader: Database, unclean: boolean): Diagnosis[] {
  return [...disk(folder), flushing(folder), settings(reader), mode(folder), stopped(unclean)];
}

function disk(folder: string): Diagnosis[] {
  const { type, bsize, blocks, bavail } = statfsSync(folder);
  const network = NETWORK.get(type);
  const memory = IN_MEMORY.get(type);
  const system: Diagnosis =
    memory !== undefined
      ? {
          check: 'file system',
          status: 'failed',
          found: `${folder} is in memory (${memory}); all data is lost at a restart`,
          hint: 'Put the data folder on a disk: --data or TALANOA_DATA.',
        }
      : network !== undefined
        ? {
            check: 'file system',
            status: 'failed',
            found: `${folder} is on a network or user file system (${network}), whose locks and flushes cannot be trusted`,
            hint: 'Put the data folder on a local disk, or use MongoDB.',
          }
        : { check: 'file system', status: 'ok', found: `${folder} is on a local disk` };
  const free = bavail * bsize;
  const share = Math.round((100 * bavail) / Math.max(1, blocks));
  const found = `${(free / GIB).toFixed(1)} GiB free (${share} %)`;
  const room: Diagnosis =
    share < 5 || free < GIB / 2
      ? {
          check: 'disk space',
          status: 'failed',
          found,
          hint: 'Free space now. A full disk stops all submissions to the hub.',
        }
      : share < 10
        ? { check: 'disk space', status: 'warning', found, hint: 'Free space soon.' }
        : { check: 'disk space', status: 'ok', found };
  return [system, room];
}

/** A flush that takes no time is not a real flush. Some virtual disks report success before the data is safe. */
function flushing(folder: string): Diagnosis {
  const path = join(folder, `hub.doctor-${process.pid}`);
  const file = openSync(path, 'w', 0o600);
  try {
    const times: number[] = [];
    for (let i = 0; i < FLUSHES; i++) {
      writeSync(file, Buffer.alloc(4096, i), 0, 4096, 0);
      const begun = performance.now();
      fsyncSync(file);
      times.push(performance.now() - begun);
    }
    const middle = times.toSorted((a, b) => a - b)[FLUSHES >> 1] ?? 0;
    const found = `${middle.toFixed(2)} ms per flush`;
    if (middle < 0.005)
      return {
        check: 'fsync',
        status: 'warning',
        found: `${found}, which no disk can do`,
        hint: 'Ask the operator of this machine whether flushes reach the disk. Acknowledged data might not survive a power loss.',
      };
    if (middle > 100)
      return {
        check: 'fsync',
        status: 'warning',
        found,
        hint: 'The disk is very slow. Each envelope waits for it.',
      };
    return { check: 'fsync', status: 'ok', found };
  } finally {
    closeSync(file);
    rmSync(path, { force: true });
  }
}

function settings(reader: Database): Diagnosis {
  const { journal_mode: journal } = reader.prepare('PRAGMA journal_mode').get() as { journal_mode: string };
  // The writing connection sets synchronous=FULL when it opens (connection.ts). The journal mode is stored in the file.
  return journal === 'wal'
    ? { check: 'write-ahead log', status: 'ok', found: 'on, every commit is flushed' }
    : {
        check: 'write-ahead log',
        status: 'failed',
        found: `the journal is ${journal}`,
        hint: 'Stop the hub and every other program that has opened hub.db, then start the hub again.',
      };
}

function mode(folder: string): Diagnosis {
  const open = [
    '',
    'hub.db',
    'hub.db-wal',
    'hub.db-shm',
    'hub.lock',
    'hub.open',
    'master.key',
    'spool',
  ].filter((name) => {
    try {
      return (statSync(join(folder, name)).mode & 0o077) !== 0;
    } catch {
      return false;
    }
  });
  return open.length === 0
    ? { check: 'file rights', status: 'ok', found: 'accessible only to their owner' }
    : {
        check: 'file rights',
        status: 'warning',
        found: `other users can access ${open.map((name) => join(folder, name)).join(', ')}`,
        hint: `chmod -R go= ${folder}`,
      };
}

function stopped(unclean: boolean): Diagnosis {
  return unclean
    ? {
        check: 'last stop',
        status: 'warning',
        found: 'the previous process did not stop cleanly',
        hint: 'Look for hub.stopping in its log. Without this event, the process was killed (memory, power, an operator).',
      }
    : { check: 'last stop', status: 'ok', found: 'clean' };
}
