import { existsSync } from 'node:fs';
import { Directory } from '../access/directory.ts';
import { Sealer } from '../access/sealing.ts';
import { hasKeyOf } from '../access/shared-keys.ts';
import type { Config } from '../config/config.ts';
import { masterKey } from '../config/master-key.ts';
import { unappliedSettings } from '../config/reconcile.ts';
import { allFeeds, feedInfo } from '../feeds/feed-list.ts';
import { systemClock } from '../kernel/clock.ts';
import { systemIds } from '../kernel/ids.ts';
import { openToRead } from './create-store.ts';
import { hubStatus, type HubStatus } from './status.ts';

/**
 * Returns the status of a hub that does not run, as the hub itself would return it. It reads the store and changes
 * nothing, in a fraction of the time that a hub needs to start.
 *
 * Calls `differs` with the names of records if the settings file declares them differently than the store has them. Returns
 * undefined if the file of the store must be migrated or checked, or the master key is missing or another one. Only a hub
 * can do that or explain it.
 */
export async function stoppedStatus(
  config: Config,
  differs: (what: string) => void = () => undefined,
): Promise<HubStatus | undefined> {
  if (!existsSync(config.masterKeyFile)) return undefined;
  const clock = systemClock;
  const store = await openToRead(config, clock);
  if (store === undefined) return undefined;
  try {
    if (!(await hasKeyOf(store, new Sealer(masterKey(config))))) return undefined;
    const unapplied = await unappliedSettings(config, store, clock, systemIds);
    if (unapplied !== undefined) differs(unapplied);
    const snapshot = await new Directory(store, clock, config.hub.title).current();
    const now = clock.now();
    const feeds = await Promise.all(
      (await allFeeds(store)).map((feed) => feedInfo(feed, store, now, undefined)),
    );
    return await hubStatus(config, config.hub.url, store, snapshot, feeds);
  } finally {
    await store.close();
  }
}
