import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import cliProgress from 'cli-progress';
import { presetNames } from '../feeds/document.ts';
import type { CatalogueItem, FeedRequest } from '../feeds/feed-admin.ts';
import type { Preview } from '../feeds/preview.ts';
import type { Quarantined, RunReport, StoreCounts } from '../feeds/report.ts';
import type { FeedDetails, FeedInfo } from '../feeds/service.ts';
import type { Usefulness } from '../feeds/usefulness.ts';
import { nearest } from '../kernel/nearest.ts';
import type { FeedDocument } from '../config/settings.ts';
import { EXIT, count, table, printable, readInput, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';
import { feedTable } from './status.ts';
import { feedErrors } from '../feeds/errors.ts';

/** `talanoa feed list`. */
export async function feedList(flags: CommonFlags, io: Io): Promise<number> {
  const items = await withHub(flags, io, (client) => client.list<FeedInfo>('/api/v1/feeds'));
  io.stdout.write(`${flags.json === true ? JSON.stringify({ items }) : feedTable(items)}\n`);
  return EXIT.done;
}

export interface FeedRunFlags extends CommonFlags {
  readonly confirm?: boolean;
}

/** `talanoa feed run NAME`: exit code 6 when the source failed, 8 when some rows were invalid. */
export function feedRun(name: string, flags: FeedRunFlags, io: Io): Promise<number> {
  return watchRun(name, `runs${flags.confirm === true ? '?confirm=yes' : ''}`, undefined, flags, io);
}

/** `talanoa feed upload NAME FILE`. */
export function feedUpload(name: string, file: string, flags: CommonFlags, io: Io): Promise<number> {
  // The file name is sent as well, because it can show what the file contains.
  const path = file === '-' ? 'content' : `content?name=${encodeURIComponent(basename(file).slice(0, 200))}`;
  return watchRun(name, path, file === '-' ? readFileSync(0) : readInput(file), flags, io);
}

async function watchRun(
  name: string,
  path: string,
  body: Buffer | undefined,
  flags: CommonFlags,
  io: Io,
): Promise<number> {
  let report: RunReport | undefined;
  const bar = new cliProgress.SingleBar(
    {
      format: `${name}  {stage}  {value} records`,
      stream: io.stderr,
      noTTYOutput: false,
      clearOnComplete: true,
      hideCursor: true,
    },
    cliProgress.Presets.shades_classic,
  );
  const showing = flags.quiet !== true && flags.json !== true;
  if (showing) bar.start(0, 0, { stage: 'fetch' });
  try {
    await withHub(flags, io, (client) =>
      client.stream(
        `${feedPath(name)}/${path}`,
        (line) => {
          if ('report' in line) report = line['report'] as RunReport;
          else {
            const { stage, records } = line['progress'] as { stage: string; records: number };
            if (showing) bar.update(records, { stage });
          }
        },
        body,
      ),
    );
  } finally {
    if (showing) bar.stop();
  }
  if (report === undefined) return EXIT.failed;
  io.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : `${reportLine(report)}\n`);
  if (report.status === 'failed' || report.status === 'suspect') return EXIT.peer;
  return report.quarantined > 0 || report.refused > 0 || report.held > 0 ? EXIT.part : EXIT.done;
}

function reportLine(report: RunReport): string {
  const { feed, status, reason } = report;
  if (reason !== undefined) return `${feed}: ${status}: ${reason}`;
  const parts = [
    `${count(report.records)} records`,
    `${count(report.created)} new`,
    `${count(report.updated)} changed`,
    `${count(report.unchanged)} unchanged`,
    `${count(report.duplicates)} double`,
    ...(report.removed > 0 ? [`${count(report.removed)} ended`] : []),
    ...(report.filtered > 0 ? [`${count(report.filtered)} left out${byReason(report.filtered_by)}`] : []),
    ...(report.quarantined > 0
      ? [`${count(report.quarantined)} in quarantine (talanoa feed quarantine ${feed})`]
      : []),
    ...(report.held > 0 ? [`${count(report.held)} held`] : []),
    ...(report.refused > 0 ? [`${count(report.refused)} refused`] : []),
  ];
  return `${feed}: ${status}: ${parts.join(', ')}`;
}

/** `talanoa feed history NAME`. */
export async function feedHistory(name: string, flags: CommonFlags, io: Io): Promise<number> {
  const list = await withHub(flags, io, (client) =>
    client.get<{ items: readonly RunReport[] }>(`/api/v1/feeds/${encodeURIComponent(name)}/runs`),
  );
  if (flags.json === true) io.stdout.write(`${JSON.stringify(list)}\n`);
  else if (list.items.length === 0)
    io.stdout.write(`No runs of ${name} yet. Start one: talanoa feed run ${name}\n`);
  else {
    io.stdout.write(
      `${table([
        ['STARTED', 'STATE', 'RECORDS', 'NEW', 'CHANGED', 'SAME', 'BAD ROWS', 'REASON'],
        ...list.items.map((run) => [
          run.started.slice(0, 19).replace('T', ' '), run.status, count(run.records), count(run.created), count(run.updated), count(run.unchanged), count(run.quarantined), run.reason ?? '',
        ]),
      ])}\n`,
    ); // prettier-ignore
  }
  return EXIT.done;
}

export interface FeedQuarantineFlags extends CommonFlags {
  readonly retry?: boolean;
}

/** `talanoa feed quarantine NAME`. */
export async function feedQuarantine(name: string, flags: FeedQuarantineFlags, io: Io): Promise<number> {
  if (flags.retry === true) {
    const retried = await withHub(flags, io, (client) =>
      client.post<StoreCounts & { still_bad: number }>(`${feedPath(name)}/quarantine/retry`, {}),
    );
    io.stdout.write(
      flags.json === true
        ? `${JSON.stringify(retried)}\n`
        : `${name}: ${count(retried.created)} new, ${count(retried.updated)} changed, ${count(retried.still_bad)} still bad\n`,
    );
    return retried.still_bad > 0 ? EXIT.part : EXIT.done;
  }
  const list = await withHub(flags, io, (client) =>
    client.get<{ items: readonly Quarantined[] }>(`${feedPath(name)}/quarantine`),
  );
  if (flags.json === true) io.stdout.write(`${JSON.stringify(list)}\n`);
  else if (list.items.length === 0) io.stdout.write(`No bad rows of ${name}.\n`);
  else io.stdout.write(`${quarantineTable(list.items)}\n`);
  return EXIT.done;
}

function quarantineTable(items: readonly Quarantined[]): string {
  return table([
    ['LINE', 'REASON', 'WHAT', 'ROW'],
    ...items.map(({ line, code, message, raw }) => [
      String(line),
      printable(code),
      printable(message),
      printable(raw).slice(0, 120),
    ]),
  ]);
}

export interface FeedAddFlags extends CommonFlags {
  readonly collection: string;
  readonly name?: string;
  readonly url?: string;
  readonly title?: string;
  readonly tlp?: string;
  readonly disabled?: boolean;
  readonly defaults?: boolean;
}

/** Returns the request for the source that the user named: a preset, a URL, or a file with a feed document. */
function requestOf(source: string, flags: FeedAddFlags): FeedRequest {
  const { collection, url, title, tlp, disabled } = flags;
  const common = {
    collection,
    ...(url === undefined ? {} : { url }),
    ...(title === undefined ? {} : { title }),
    ...(tlp === undefined ? {} : { tlp: tlp as NonNullable<FeedRequest['tlp']> }),
    ...(disabled === true ? { enabled: false } : {}),
  };
  if (/^https?:\/\//i.test(source))
    return { ...common, url: source, name: flags.name ?? nameOf(new URL(source).hostname) };
  if (presetNames().includes(source)) return { ...common, preset: source, name: flags.name ?? source };
  if (!/[./]/.test(source)) {
    const near = nearest(source, presetNames());
    throw feedErrors.presetNotFound(
      { source },
      { hint: near === undefined ? 'talanoa feed catalogue names the presets.' : `Did you mean "${near}"?` },
    );
  }
  const text = readInput(source).toString('utf8');
  try {
    const document = JSON.parse(text) as { name?: string };
    return { ...common, document, name: flags.name ?? document.name ?? nameOf(source) };
  } catch {
    throw feedErrors.notJsonFile({ source });
  }
}

function nameOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63);
}

/** `talanoa feed add SOURCE`, or `--defaults` for the feeds that a new hub should have. */
export async function feedAdd(source: string | undefined, flags: FeedAddFlags, io: Io): Promise<number> {
  if (flags.defaults === true) return addDefaults(flags, io);
  if (source === undefined) throw feedErrors.sourceMissing();
  const made = await withHub(flags, io, (client) =>
    client.post<FeedDetails>('/api/v1/feeds', requestOf(source, flags)),
  );
  if (flags.json === true) io.stdout.write(`${JSON.stringify(made)}\n`);
  else {
    io.stdout.write(`${made.name}: ${formOf(made.document)}, into ${made.collection}, ${made.schedule}\n`);
    if (flags.quiet !== true) io.stderr.write(`${nextStep(made)}\n`);
  }
  return EXIT.done;
}

function nextStep({ name, enabled, document }: FeedDetails): string {
  if (enabled) return `Run it now: talanoa feed run ${name}`;
  return [
    `It is off. ${document.status ?? ''}`.trim(),
    ...(document.needs_key === undefined ? [] : [`A key is had at ${document.needs_key}`]),
    `Then: talanoa feed change ${name} --on`,
  ].join('\n');
}

/**
 * Adds the presets that a new hub should have. Each one is enabled, or disabled until its key is available, as the
 * preset says.
 */
async function addDefaults(flags: FeedAddFlags, io: Io): Promise<number> {
  const rows = await withHub(flags, io, async (client) => {
    const { items } = await client.get<{ items: readonly CatalogueItem[] }>('/api/v1/feed-catalogue');
    const present = new Set((await client.list<FeedInfo>('/api/v1/feeds')).map(({ name }) => name));
    const found: { readonly item: CatalogueItem; readonly state: string }[] = [];
    for (const item of items.filter((one) => one.default)) {
      if (present.has(item.preset)) found.push({ item, state: 'there already' });
      else {
        const { enabled } = await client.post<FeedDetails>('/api/v1/feeds', {
          name: item.preset,
          preset: item.preset,
          collection: flags.collection,
          ...(flags.disabled === true ? { enabled: false } : {}),
        });
        found.push({
          item,
          state: enabled
            ? 'on'
            : `off: ${item.key_from === undefined ? 'see its note' : `needs a key of ${item.key_from}`}`,
        });
      }
    }
    return found;
  });
  if (flags.json === true)
    io.stdout.write(
      `${JSON.stringify({ items: rows.map(({ item, state }) => ({ feed: item.preset, state })) })}\n`,
    );
  else
    io.stdout.write(
      `${table([
        ['FEED', 'STATE', 'TLP', 'PASS ON', 'SCHEDULE', 'CREDIT'],
        ...rows.map(({ item, state }) => [
          item.preset,
          state,
          item.tlp,
          item.redistribute,
          item.schedule,
          item.credit ?? '-',
        ]),
      ])}\n`,
    );
  return EXIT.done;
}

export interface FeedChangeFlags extends CommonFlags {
  readonly collection?: string;
  readonly url?: string;
  readonly title?: string;
  readonly tlp?: string;
  readonly on?: boolean;
  readonly off?: boolean;
}

/** `talanoa feed change NAME [FILE]`: replaces the document of a feed, or parts of it. */
export async function feedChange(
  name: string,
  file: string | undefined,
  flags: FeedChangeFlags,
  io: Io,
): Promise<number> {
  const changed = await withHub(flags, io, async (client) => {
    const { document, collection } = await client.get<FeedDetails>(feedPath(name));
    const whole =
      file === undefined ? document : (JSON.parse(readInput(file).toString('utf8')) as FeedDocument);
    return client.put<FeedDetails>(feedPath(name), {
      collection: flags.collection ?? collection,
      document: whole,
      ...(flags.url === undefined ? {} : { url: flags.url }),
      ...(flags.title === undefined ? {} : { title: flags.title }),
      ...(flags.tlp === undefined ? {} : { tlp: flags.tlp }),
      enabled: flags.on === true || (flags.off !== true && (whole.enabled ?? true)),
    });
  });
  if (flags.json === true) io.stdout.write(`${JSON.stringify(changed)}\n`);
  else
    io.stdout.write(
      `${changed.name}: ${changed.enabled ? 'on' : 'off'}, ${changed.url}, into ${changed.collection}\n`,
    );
  return EXIT.done;
}

/** Returns a short description of the format of a feed. */
function formOf({ parser, map }: FeedDocument): string {
  const [first] = map;
  if (parser.kind === 'stix') return 'objects of STIX as they are';
  if (first === undefined) return parser.kind;
  return `${parser.kind}${parser.records === undefined ? '' : ` at ${parser.records}`}, values from ${first.value}${first.valid_from === undefined ? '' : `, times from ${first.valid_from}`}`;
}

/** `talanoa feed try SOURCE`. */
export async function feedTry(source: string, flags: FeedAddFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) =>
    client.post<{ document: FeedDocument; preview: Preview }>(
      '/api/v1/feed-previews',
      requestOf(source, flags),
    ),
  );
  if (flags.json === true) io.stdout.write(`${JSON.stringify(found)}\n`);
  else io.stdout.write(`${formOf(found.document)}\n${previewText(found.preview)}\n`);
  return EXIT.done;
}

/** `talanoa feed test NAME`. */
export async function feedTest(name: string, flags: CommonFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) => client.post<Preview>(`${feedPath(name)}/preview`, {}));
  io.stdout.write(`${flags.json === true ? JSON.stringify(found) : previewText(found)}\n`);
  return EXIT.done;
}

function previewText(found: Preview): string {
  const { records, accepted, filtered, quarantined, gone, objects, quarantine } = found;
  return [
    `${count(records)} records, ${count(accepted)} values: ${count(found.new)} new, ${count(found.changed)} changed, ${count(found.same)} as they stand; ${count(filtered)} left out${byReason(found.filtered_by)}, ${count(quarantined)} bad${byReason(found.quarantined_by)}${gone > 0 ? `; ${count(gone)} are gone from the list` : ''}. Nothing was written.`,
    ...(objects.length === 0
      ? []
      : [
          '',
          ...objects
            .slice(0, 10)
            .map((object) => printable(String(object['pattern'] ?? object['name'] ?? object['id']))),
        ]),
    ...(quarantine.length === 0 ? [] : ['', quarantineTable(quarantine.slice(0, 10))]),
  ].join('\n');
}

function byReason(reasons: Readonly<Record<string, number>> | undefined): string {
  const parts = Object.entries(reasons ?? {})
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([reason, number]) => `${printable(reason)} ${count(number)}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

/** `talanoa feed show NAME`. */
export async function feedShow(name: string, flags: CommonFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) => client.get<FeedDetails>(feedPath(name)));
  if (flags.json === true) {
    io.stdout.write(`${JSON.stringify(found)}\n`);
    return EXIT.done;
  }
  const {
    title,
    state,
    url,
    collection,
    schedule,
    next_run: next,
    tlp,
    alarms,
    last_run: last,
    document,
    health,
  } = found;
  const { owner, licence, homepage, status, verified } = document;
  const rows: (readonly [string, string | undefined])[] = [
    ['Title', title],
    [
      'State',
      health.paused === undefined
        ? state
        : `paused by ${health.paused.by}, ${health.paused.at}: ${health.paused.reason ?? 'no reason given'}`,
    ],
    ['Note', status],
    ['Source', url],
    ['Form', formOf(document)],
    ['Into', `${collection}, TLP:${tlp.toUpperCase()}`],
    ['Schedule', `${schedule}${next === undefined ? '' : `, next ${next}`}`],
    ['Owner', owner],
    ['Licence', licence],
    ['Home', homepage],
    ['Verified', verified],
    ['Last run', last === undefined ? 'none yet' : `${last.started}: ${reportLine(last)}`],
    ...alarms.map(({ code, message, since }) => ['Alarm', `${code} since ${since}: ${message}`] as const),
  ];
  io.stdout.write(
    `${table(rows.flatMap(([label, text]) => (text === undefined ? [] : [[label, printable(text)]])))}\n`,
  );
  return EXIT.done;
}

/** `talanoa feed catalogue`. */
export async function feedCatalogue(flags: CommonFlags, io: Io): Promise<number> {
  const { items } = await withHub(flags, io, (client) =>
    client.get<{ items: readonly CatalogueItem[] }>('/api/v1/feed-catalogue'),
  );
  if (flags.json === true) io.stdout.write(`${JSON.stringify({ items })}\n`);
  else
    io.stdout.write(
      `${table([
        ['PRESET', 'NEW HUB', 'TLP', 'SCHEDULE', 'KEY', 'PASS ON', 'VERIFIED', 'TITLE', 'LICENCE', 'CREDIT'],
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
      ])}\n`,
    );
  return EXIT.done;
}

export interface FeedPauseFlags extends CommonFlags {
  readonly reason?: string;
}

/** `talanoa feed pause NAME`. */
export async function feedPause(name: string, flags: FeedPauseFlags, io: Io): Promise<number> {
  const body = flags.reason === undefined ? {} : { reason: flags.reason };
  await withHub(flags, io, (client) => client.post(`${feedPath(name)}/pause`, body));
  if (flags.quiet !== true)
    io.stderr.write(`${name} is paused. Let it run again: talanoa feed resume ${name}\n`);
  return EXIT.done;
}

/** `talanoa feed resume NAME`. */
export async function feedResume(name: string, flags: CommonFlags, io: Io): Promise<number> {
  await withHub(flags, io, (client) => client.post(`${feedPath(name)}/resumption`, {}));
  if (flags.quiet !== true) io.stderr.write(`${name} runs by its schedule again.\n`);
  return EXIT.done;
}

/**
 * `talanoa feed export NAME`: prints the document in the format that `feed add FILE` accepts. It contains no secret.
 */
export async function feedExport(name: string, flags: CommonFlags, io: Io): Promise<number> {
  const { document } = await withHub(flags, io, (client) => client.get<FeedDetails>(feedPath(name)));
  io.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  return EXIT.done;
}

/** `talanoa feed usefulness`. */
export async function feedUsefulness(flags: CommonFlags, io: Io): Promise<number> {
  const { items } = await withHub(flags, io, (client) =>
    client.get<{ items: readonly Usefulness[] }>('/api/v1/feed-usefulness'),
  );
  const share = (part: number, whole: number): string =>
    whole === 0 ? '-' : `${Math.round((part / whole) * 100)} %`;
  if (flags.json === true) io.stdout.write(`${JSON.stringify({ items })}\n`);
  else
    io.stdout.write(
      `${table([
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
      ])}\n`,
    );
  return EXIT.done;
}

/** `talanoa feed remove NAME`. */
export async function feedRemove(name: string, flags: CommonFlags, io: Io): Promise<number> {
  await withHub(flags, io, (client) => client.delete(feedPath(name)));
  if (flags.quiet !== true) io.stderr.write(`${name} is removed. What it has brought runs out by itself.\n`);
  return EXIT.done;
}

function feedPath(name: string): string {
  return `/api/v1/feeds/${encodeURIComponent(name)}`;
}
