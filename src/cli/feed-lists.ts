import type { Preset } from '../api/schema-types.ts';
import { catalogue } from '../feeds/catalogue.ts';
import type { FeedInfo } from '../feeds/feed-list.ts';
import type { FeedDetails } from '../feeds/service.ts';
import type { Usefulness } from '../feeds/usefulness.ts';
import type { CommonFlags } from './common-flags.ts';
import { reportLine, formatOf, feedPath, warningsOf } from './feed-text.ts';
import { EXIT, count, printable, type Io } from './io.ts';
import { table, when, writeJson, writeResult } from './output.ts';
import { withHub } from './local-client.ts';
import { feedTable } from './status.ts';

/** `talanoa feed list`. */
export async function feedList(flags: CommonFlags, io: Io): Promise<number> {
  const items = await withHub(flags, io, (client) => client.list<FeedInfo>('/api/v1/feeds'));
  writeResult({ items }, () => feedTable(items, io), flags, io);
  return EXIT.done;
}

/** `talanoa feed show NAME`. */
export async function feedShow(name: string, flags: CommonFlags, io: Io): Promise<number> {
  const { found, isRunning } = await withHub(flags, io, async (client) => ({
    found: await client.get<FeedDetails>(feedPath(name)),
    isRunning: client.isRunning,
  }));
  if (flags.json === true) {
    writeJson(found, io);
    return EXIT.done;
  }
  const { title, state, url, collection, schedule, tlp, alarms, last_run: last, document, health } = found;
  const { owner, licence, homepage, status, verified } = document;
  const rows: (readonly [string, string | undefined])[] = [
    ['Title', title],
    [
      'State',
      health.paused === undefined
        ? state
        : `paused by ${health.paused.by}, ${when(health.paused.at, io)}: ${health.paused.reason ?? 'no reason given'}`,
    ],
    ['Note', status],
    ['Source', url],
    ['Format', formatOf(document)],
    ['Into', `${collection}, TLP:${tlp.toUpperCase()}`],
    ['Schedule', schedule],
    ['Next run', nextRun(found, isRunning, io)],
    ['Owner', owner],
    ['Licence', licence],
    ['Home', homepage],
    ['Verified', verified],
    ['Last run', last === undefined ? 'none yet' : `${when(last.started, io)}: ${reportLine(last)}`],
    ...(last === undefined ? [] : warningsOf(last)).map((text) => ['Warning', text] as const),
    ...alarms.map(
      ({ code, message, since }) => ['Alarm', `${code} since ${when(since, io)}: ${message}`] as const,
    ),
  ];
  io.stdout.write(
    `${table(
      rows.flatMap(([label, text]) => (text === undefined ? [] : [[label, printable(text)]])),
      io,
    )}\n`,
  );
  return EXIT.done;
}

/** Returns when a feed runs next, or why it does not. */
function nextRun(
  { state, next_run: next, name, switched_off: isOff }: FeedDetails,
  isRunning: boolean,
  io: Io,
): string {
  if (state === 'paused') return `none while it is paused. To resume it: talanoa feed resume ${name}`;
  if (state === 'off') return `none while it is off. To turn it on: talanoa feed update ${name} --on`;
  if (!isRunning) return 'when the hub runs: talanoa serve';
  if (isOff === true)
    return `none: the hub was started with --no-feeds or TALANOA_FEEDS=false. To run it now: talanoa feed run ${name}`;
  return next === undefined ? 'not planned: another process of the hub runs it' : when(next, io);
}

/** `talanoa feed catalogue`. The presets ship with the program, so the list needs no hub on this machine. */
export async function feedCatalogue(flags: CommonFlags, io: Io): Promise<number> {
  const remote = flags.hub ?? io.environment['TALANOA_HUB'] ?? '';
  const items =
    remote === ''
      ? catalogue()
      : await withHub(flags, io, (client) => client.list<Preset>('/api/v1/feed-catalogue'));
  if (flags.json === true) writeJson({ items }, io);
  else
    io.stdout.write(
      `${table(
        [
          [
            'PRESET',
            'NEW HUB',
            'TLP',
            'SCHEDULE',
            'KEY',
            'PASS ON',
            'VERIFIED',
            'TITLE',
            'LICENCE',
            'CREDIT',
          ],
          ...items.map((item) => [
            item.preset,
            item.default ? 'yes' : '-',
            item.tlp,
            item.schedule,
            item.key === undefined ? '-' : item.key_optional ? `may have ${item.key}` : item.key,
            item.redistribute,
            item.verified ?? 'not yet',
            item.title,
            item.licence ?? '-',
            item.credit ?? '-',
          ]),
        ],
        io,
      )}\n`,
    );
  return EXIT.done;
}

/** `talanoa feed usefulness`. */
export async function feedUsefulness(flags: CommonFlags, io: Io): Promise<number> {
  const { items } = await withHub(flags, io, (client) =>
    client.get<{ items: readonly Usefulness[] }>('/api/v1/feed-usefulness'),
  );
  const share = (part: number, whole: number): string =>
    whole === 0 ? '-' : `${Math.round((part / whole) * 100)} %`;
  if (flags.json === true) writeJson({ items }, io);
  else if (items.length === 0) io.stdout.write('No feed has reported a value yet.\n');
  else
    io.stdout.write(
      `${table(
        [
          ['FEED', 'HAS NAMED', 'ALONE', 'FIRST OF SHARED', 'SHARES MOST WITH'],
          ...items.map(({ feed, values, unique, first, shared_with: others }) => [
            feed,
            count(values),
            share(unique, values),
            share(first, values - unique),
            others
              .slice(0, 3)
              .map((other) => `${other.feed} (${share(other.values, values)})`)
              .join(', '),
          ]),
        ],
        io,
      )}\n`,
    );
  return EXIT.done;
}
