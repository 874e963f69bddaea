import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { settingsErrors } from '../config/errors.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { codeOf, reasonOf } from '../kernel/problem.ts';
import { boundedStore } from '../store/bounded.ts';
import { FactsPerMinute } from '../store/fact-gate.ts';
import { moveFormerKinds, type NamedKind } from '../store/former-kinds.ts';
import type { ReadOnlyStore } from '../store/sqlite/read-only-store.ts';
import type { Store } from '../store/store.ts';
import type { Ports } from './hub.ts';

/** The store of a hub. */
export interface HubStore {
  /** The store with its bounds. Everything but the settings file changes the store through it. */
  readonly store: Store;
  /** The adapter itself. The operator's settings file is not limited. */
  readonly opened: Store;
  /** Counts audit entries per account and minute. */
  readonly facts: FactsPerMinute;
}

interface StoreParts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/**
 * Opens the store of a hub, and renames the kinds of records that have a new name. Only this module selects an adapter.
 * Throws when a hub is to be created (`isNew`) in the data folder of another one.
 */
export async function createStore(
  config: Config,
  parts: StoreParts,
  ports: Ports,
  kinds: readonly NamedKind[],
): Promise<HubStore> {
  const { clock, ids } = parts;
  makeFolder(config.data);
  if (ports.isNew === true && config.mongodbUri === undefined && existsSync(join(config.data, 'hub.db')))
    throw settingsErrors.hubExists({ where: config.data });
  const opened = ports.store ?? (await openStore(config, parts));
  await moveFormerKinds(opened, kinds);
  const facts = new FactsPerMinute(clock, () => ids.uuid(), ports.factNumbers);
  return { opened, facts, store: boundedStore(opened, ports.bounds, facts) };
}

/** Creates the data folder, if it is not there. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const reason = FOLDER_REASONS[codeOf(error) ?? ''] ?? reasonOf(error);
    throw settingsErrors.folderUnusable({ folder }, { description: reason, cause: error });
  }
}

const FOLDER_REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'It is a file, not a folder.',
  ENOTDIR: 'A part of its path is a file, not a folder.',
  EACCES: 'You do not have permission to create it.',
  EROFS: 'The file system can only be read.',
  ENOSPC: 'No space is left on the disk.',
};

/** Opens the store. The module of an adapter is loaded only when it is selected, so a hub never loads both. */
async function openStore(config: Config, { clock, ids, log }: StoreParts): Promise<Store> {
  if (config.mongodbUri !== undefined) {
    const { openMongoStore } = await import('../store/mongo/mongo-store.ts');
    return openMongoStore({
      uri: config.mongodbUri,
      clock,
      ids,
      onClockAhead: (collection, ms) =>
        log.warn('store.clock_ahead', {
          collection,
          ms,
          hint: 'Dates added are ahead of this clock. Compare the clocks of all processes.',
        }),
    });
  }
  const { openSqliteStore } = await import('../store/sqlite/sqlite-store.ts');
  return openSqliteStore({
    folder: config.data,
    clock,
    onBroken: (reason) =>
      log.error('store.failed', {
        reason,
        hint: 'Reading continues. Check the disk, then restart the hub.',
      }),
  });
}

/**
 * Opens the store of a hub that does not run, to read from it only. Returns undefined if the adapter has no way to do
 * that, or if a hub must open the store first.
 */
export async function openToRead(
  config: Config,
  clock: Pick<Clock, 'monotonic'>,
): Promise<ReadOnlyStore | undefined> {
  if (config.mongodbUri !== undefined) return undefined;
  const { openReadOnly } = await import('../store/sqlite/read-only-store.ts');
  return openReadOnly(config.data, clock);
}

/** Checks the whole store file in the background after an unclean stop, and logs any damage. */
export async function reportDamage(store: Store, log: Log): Promise<void> {
  try {
    const faults = await store.damage();
    if (faults.length === 0) log.info('store.checked', { unclean_stop: true, faults: 0 });
    else
      log.error('store.damaged', {
        faults: faults.length,
        first: faults[0],
        hint: 'Stop the hub and restore a backup.',
      });
  } catch (error) {
    log.warn('store.not_checked', { reason: reasonOf(error) });
  }
}
