import type { Status } from '../api/schema-types.ts';
import type { Snapshot } from '../access/snapshot.ts';
import type { Config } from '../config/config.ts';
import type { FeedInfo } from '../feeds/feed-list.ts';
import type { Store } from '../store/store.ts';
import { VERSION } from './version.ts';

/** The status of a hub, as `GET /status` returns it. */
export type HubStatus = Omit<Status, 'feeds'> & {
  readonly pid: number;
  readonly feeds: readonly FeedInfo[];
};

/** Returns the status of a hub from its store, its access records and its feeds. `url` is its address for others. */
export async function hubStatus(
  { hub }: Config,
  url: string,
  store: Pick<Store, 'name' | 'sizes' | 'held'>,
  { members, accounts, collections }: Snapshot,
  feeds: readonly FeedInfo[],
): Promise<HubStatus> {
  const sizes = new Map((await store.sizes()).map((size) => [size.collection, size]));
  return {
    version: VERSION,
    title: hub.title,
    url,
    store: store.name,
    pid: process.pid,
    uptime_s: Math.round(process.uptime()),
    memory_mb: Math.round(process.memoryUsage.rss() / 1_048_576),
    members: members.size - 1,
    accounts: accounts.size,
    held: (await store.held({ limit: 1_000 })).length,
    collections: [...collections.values()]
      .toSorted((a, b) => (a.alias ?? a.id).localeCompare(b.alias ?? b.id, 'en'))
      .map(({ id, alias, title, apiRoot }) => ({
        id,
        name: alias ?? id,
        title,
        api_root: apiRoot,
        objects: sizes.get(id)?.entries ?? 0,
      })),
    feeds,
  };
}
