import type { Server } from 'node:http';
import type { Directory } from '../access/directory.ts';
import type { Feeds } from '../feeds/service.ts';
import type { Store } from '../store/store.ts';
import { connectionsOf } from './listen.ts';
import type { Metrics } from './metrics.ts';
import { VERSION } from './version.ts';

interface MeterParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly feeds: Feeds;
  readonly servers: readonly Server[];
  readonly ready: () => Promise<boolean>;
}

/** Creates the metrics. Their library is loaded only here, so that importing the composition root stays cheap. */
export async function createMeter({ store, directory, feeds, servers, ready }: MeterParts): Promise<Metrics> {
  const { Metrics } = await import('./metrics.ts');
  return new Metrics(VERSION, async () => {
    const snapshot = await directory.current();
    const sizes = await store.sizes();
    return {
      objects: sizes.reduce((sum, { entries }) => sum + entries, 0),
      held: (await store.held({ limit: 1_000 })).length,
      members: snapshot.members.size - 1,
      accounts: snapshot.accounts.size,
      damaged: snapshot.damage.names.length,
      alarms: (await feeds.list()).map(({ name, alarms: { length } }) => [name, length] as const),
      connections: servers.reduce((sum, server) => sum + connectionsOf(server), 0),
      ready: await ready(),
    };
  });
}
