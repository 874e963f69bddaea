import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../kernel/clock.ts';
import type { Store } from '../store.ts';
import { openDatabase } from './connection.ts';
import { isNewest } from './migrations.ts';
import { Reader } from './reader.ts';
import { nameOf, readsOf } from './reads.ts';
import { WholeReads } from './whole-reads.ts';

/** The reads of a store, without anything that could change it. */
export type ReadOnlyStore = ReturnType<typeof readsOf> & Pick<Store, 'name' | 'close'>;

/**
 * Opens the embedded store of a hub that does not run, to read from it only. It takes no lock and starts no writer, so
 * this is faster than opening the store. Returns undefined if the store must be opened by a hub first: it does not exist
 * yet, has the schema of an earlier version, or was not closed.
 */
export function openReadOnly(folder: string, clock: Pick<Clock, 'monotonic'>): ReadOnlyStore | undefined {
  const file = join(folder, 'hub.db');
  if (!existsSync(file) || existsSync(join(folder, 'hub.open'))) return undefined;
  const database = openDatabase(file, true);
  if (!isNewest(database)) {
    database.close();
    return undefined;
  }
  const reader = new Reader(database);
  return {
    ...readsOf(reader, new WholeReads(file, reader, clock)),
    name: nameOf(file),
    close: () => Promise.resolve(reader.close()),
  };
}
