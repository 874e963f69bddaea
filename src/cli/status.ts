import type { FeedInfo } from '../feeds/feed-list.ts';
import type { HubStatus } from '../server/status.ts';
import { EXIT, count, printable, type Io } from './io.ts';
import { type Grade, graded, table, when, writeJson } from './output.ts';
import { withHub } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';

interface Found {
  readonly found: HubStatus;
  readonly isRunning: boolean;
}

/** `talanoa status`. */
export async function status(flags: CommonFlags, io: Io): Promise<number> {
  const { found, isRunning } = await withHub<Found>(
    flags,
    io,
    async (client) => ({
      found: await client.get<HubStatus>('/api/v1/status'),
      isRunning: client.isRunning,
    }),
    async (config, differs) => {
      const { stoppedStatus } = await import('../server/stopped-status.ts');
      const found = await stoppedStatus(config, differs);
      return found === undefined ? undefined : { found, isRunning: false };
    },
  );
  if (flags.json === true) {
    writeJson({ ...found, running: isRunning }, io);
    return EXIT.done;
  }
  const title = found.title === 'Talanoa' ? '' : `${printable(found.title)}   `;
  io.stdout.write(`${title}Talanoa ${found.version}   ${found.url}\n`);
  io.stdout.write(
    `${isRunning ? graded('The hub is running.', 'good', io) : graded('The hub is not running. To start it: talanoa serve', 'bad', io)}\n`,
  );
  for (const line of troubles(found)) io.stdout.write(`${graded(line, 'bad', io)}\n`);
  const facts = [
    ['Database', found.store],
    ['Members', count(found.members)],
    ['Accounts', count(found.accounts)],
    ['On hold', count(found.held)],
    ['Memory', `${count(found.memory_mb)} MB`],
  ];
  io.stdout.write(`${table(facts, io)}\n\n`);
  const { collections } = found;
  if (collections.length === 0)
    io.stdout.write('No collections. Create one: talanoa collection create TITLE --alias NAME\n\n');
  else
    io.stdout.write(
      `${table([['COLLECTION', 'OBJECTS', 'TITLE'], ...found.collections.map(({ name, title, objects }) => [name, count(objects), title])], io)}\n\n`,
    );
  io.stdout.write(`${feedTable(found.feeds, io)}\n`);
  return EXIT.done;
}

/** Returns the problems that need a person, each with the reason and a command that shows more. */
function troubles({ feeds, held }: HubStatus): readonly string[] {
  return [
    ...feeds.flatMap(({ name, state, alarms, last_run: last }) => {
      const isBad = state !== 'paused' && state !== 'off' && (alarms.length > 0 || last?.status === 'failed');
      if (!isBad && state !== 'failing' && state !== 'gone' && state !== 'suspect') return [];
      const why = last?.reason ?? alarms[0]?.message ?? state;
      return [
        `Feed ${printable(name)}: ${printable(why.replace(/\.$/, ''))}. See: talanoa feed show ${printable(name)}`,
      ];
    }),
    ...(held === 0
      ? []
      : [
          `${count(held)} ${held === 1 ? 'object waits' : 'objects wait'} for review. See: talanoa held list`,
        ]),
  ];
}

/** Returns the state of a feed with its alarms. */
function stateOf(
  state: FeedInfo['state'],
  last: string | undefined,
  { alarms, switched_off: isOff }: FeedInfo,
  io: Io,
): string {
  const none = isOff === true ? 'switched off' : 'not run yet';
  const word = state === 'ready' || state === 'suspect' ? (last ?? none) : state;
  const told = alarms.length > 0 ? ` (!${alarms.map(({ code }) => code).join(', ')})` : '';
  const grade: Grade =
    word === 'ok' || word === 'unchanged'
      ? told === ''
        ? 'good'
        : 'notice'
      : ['failing', 'failed', 'gone', 'suspect'].includes(word)
        ? 'bad'
        : 'notice';
  return graded(`${word}${told}`, grade, io);
}

/** Returns a table of feeds for people. */
export function feedTable(feeds: readonly FeedInfo[], io: Io): string {
  if (feeds.length === 0)
    return 'No feeds. Create one: talanoa feed create PRESET --collection NAME (talanoa feed catalogue lists presets)';
  const rows = table(
    [
      ['FEED', 'STATE', 'LAST RUN', 'NEW', 'BAD ROWS', 'SCHEDULE', 'TITLE'],
      ...feeds.map((feed) => [
        feed.name,
        stateOf(feed.state, feed.last_run?.status, feed, io),
        ...lastRun(feed.last_run, io),
        feed.schedule,
        feed.title,
      ]),
    ],
    io,
  );
  return feeds.some(({ switched_off: isOff }) => isOff === true) ? `${rows}\n\n${SWITCHED_OFF}` : rows;
}

/** Explains why no feed runs in a hub that runs. */
export const SWITCHED_OFF =
  'This process of the hub runs no feeds by schedule, because it was started with --no-feeds or TALANOA_FEEDS=false. To run one now: talanoa feed run NAME';

function lastRun(last: FeedInfo['last_run'], io: Io): readonly string[] {
  if (last === undefined) return ['-', '-', '-'];
  return [when(last.started, io), count(last.created + last.updated), count(last.quarantined + last.refused)];
}
