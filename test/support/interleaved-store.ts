import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/kernel/clock.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Batch, Store } from '../../src/store/store.ts';

/** A store in which a test can do something else when a request is about to commit. */
export interface InterleavedStore {
  readonly store: Store;
  /** Is called before each commit, also before those that it causes itself. */
  before: ((batch: Batch) => Promise<void>) | undefined;
  /** Is called before each reading of a record by its id. */
  beforeReading: ((kind: string, id: string) => Promise<void>) | undefined;
  /** Removes the folder of the store. */
  remove(): void;
}

/** Opens a store on SQLite, or on the MongoDB server in MONGODB_TEST_URI. */
export async function interleavedStore(): Promise<InterleavedStore> {
  const uri = (process.env['MONGODB_TEST_URI'] ?? '').replace(/\/+$/, '');
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-interleaved-'));
  const inner =
    uri === ''
      ? await openSqliteStore({ folder, clock: systemClock })
      : await openMongoStore({
          uri: `${uri}/interleaved_${randomUUID().slice(0, 8)}`,
          clock: systemClock,
          ids: systemIds,
          onClockAhead: () => undefined,
        });
  const interleaved: InterleavedStore = {
    before: undefined,
    beforeReading: undefined,
    store: new Proxy(inner, {
      get(target, name: keyof Store) {
        if (name === 'commit')
          return async (batch: Batch) => {
            await interleaved.before?.(batch);
            return target.commit(batch);
          };
        if (name === 'record')
          return async (kind: string, id: string) => {
            await interleaved.beforeReading?.(kind, id);
            return target.record(kind, id);
          };
        const value: unknown = target[name];
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  return interleaved;
}
