import type { FeedInfo } from '../feeds/service.ts';
import { EXIT, count, table, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';

interface HubStatus {
  readonly version: string;
  readonly title: string;
  readonly url: string;
  readonly store: string;
  readonly memory_mb: number;
  readonly uptime_s: number;
  readonly members: number;
  readonly accounts: number;
  readonly held: number;
  readonly collections: readonly {
    readonly name: string;
    readonly title: string;
    readonly objects: number;
  }[];
  readonly feeds: readonly FeedInfo[];
}

/** `talanoa status`. */
export async function status(flags: CommonFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) => client.get<HubStatus>('/api/v1/status'));
  if (flags.json === true) {
    io.stdout.write(`${JSON.stringify(found)}\n`);
    return EXIT.done;
  }
  io.stdout.write(`${found.title}   Talanoa ${found.version}   ${found.url}\n`);
  io.stdout.write(
    `store: ${found.store}   members: ${found.members}   accounts: ${found.accounts}   held objects: ${found.held}   memory: ${found.memory_mb} MB\n\n`,
  );
  io.stdout.write(
    `${table([['COLLECTION', 'OBJECTS', 'TITLE'], ...found.collections.map(({ name, title, objects }) => [name, count(objects), title])])}\n\n`,
  );
  io.stdout.write(`${feedTable(found.feeds)}\n`);
  return EXIT.done;
}

/** Returns a table of feeds for people. */
export function feedTable(feeds: readonly FeedInfo[]): string {
  if (feeds.length === 0)
    return 'No feeds. Add one: talanoa feed add PRESET --collection NAME (talanoa feed catalogue lists presets)';
  return table([
    ['FEED', 'STATE', 'LAST RUN', 'NEW', 'BAD ROWS', 'SCHEDULE', 'TITLE'],
    ...feeds.map(({ name, state, alarms, last_run: last, schedule, title }) => [
      name,
      `${state === 'ready' || state === 'suspect' ? (last?.status ?? 'not run yet') : state}${alarms.length > 0 ? ` (!${alarms.map(({ code }) => code).join(', ')})` : ''}`,
      last === undefined ? '-' : last.started.slice(0, 16).replace('T', ' '),
      last === undefined ? '-' : count(last.created + last.updated),
      last === undefined ? '-' : count(last.quarantined),
      schedule,
      title,
    ]),
  ]);
}
