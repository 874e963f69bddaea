import { basename } from 'node:path';
import { systemClock } from '../kernel/clock.ts';
import { withHeartbeat } from './heartbeat.ts';
import cliProgress from 'cli-progress';
import type { Quarantined, RunReport, StoreCounts } from '../feeds/report.ts';
import type { CommonFlags } from './common-flags.ts';
import { reportLine, quarantineTable, feedPath, warningsOf } from './feed-text.ts';
import { EXIT, count, readInput, readStdin, type Io } from './io.ts';
import { table, whenExactly, writeJson, writeResult } from './output.ts';
import { tellIfStopped, withHub, type LocalClient } from './local-client.ts';

export interface FeedRunFlags extends CommonFlags {
  readonly confirm?: boolean;
}

/** `talanoa feed run NAME`: exit code 6 when the source failed, 8 when some rows were invalid. */
export function feedRun(name: string, flags: FeedRunFlags, io: Io): Promise<number> {
  return watchRun(name, `runs${flags.confirm === true ? '?confirm=yes' : ''}`, undefined, flags, io);
}

/** `talanoa feed upload NAME FILE`. */
export async function feedUpload(name: string, file: string, flags: CommonFlags, io: Io): Promise<number> {
  // The file name is sent as well, because it can show what the file contains.
  const path = file === '-' ? 'content' : `content?name=${encodeURIComponent(basename(file).slice(0, 200))}`;
  return watchRun(name, path, file === '-' ? await readStdin(io) : readInput(file), flags, io);
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
      format: `${name}  {stage}  {shown} records, {duration_formatted}`,
      stream: io.stderr,
      noTTYOutput: false,
      clearOnComplete: true,
      hideCursor: true,
    },
    cliProgress.Presets.shades_classic,
  );
  const showing = flags.quiet !== true && flags.json !== true;
  const begun = systemClock.monotonic();
  let now = { stage: 'fetch', records: 0 };
  const line = (): string => {
    const seconds = Math.max(1, (systemClock.monotonic() - begun) / 1000);
    return `${name}: ${now.stage}, ${count(now.records)} records, ${count(Math.round(now.records / seconds))} a second`;
  };
  let hub: LocalClient | undefined;
  const follow = (): Promise<void> =>
    withHub(flags, io, (client) => {
      hub = client;
      return client.stream(
        `${feedPath(name)}/${path}`,
        (told) => {
          if ('report' in told) report = told['report'] as RunReport;
          else {
            now = told['progress'] as typeof now;
            if (showing) bar.update(now.records, { stage: now.stage, shown: count(now.records) });
          }
        },
        body,
      );
    });
  if (showing) bar.start(0, 0, { stage: 'fetch', shown: '0' });
  try {
    await (showing && !io.stderr.isTTY ? withHeartbeat(io, systemClock, line, follow) : follow());
  } finally {
    if (showing) bar.stop();
  }
  if (report === undefined) return EXIT.failed;
  const done = report;
  writeResult(done, () => reportLine(done), flags, io);
  if (flags.json !== true && flags.quiet !== true)
    for (const warning of warningsOf(report)) io.stderr.write(`warning: ${warning}\n`);
  if (hub !== undefined && done.created + done.updated > 0) tellIfStopped(hub, flags, io);
  if (report.status === 'failed' || report.status === 'suspect') return EXIT.peer;
  return report.quarantined > 0 || report.refused > 0 || report.held > 0 ? EXIT.part : EXIT.done;
}

/** `talanoa feed history NAME`. */
export async function feedHistory(name: string, flags: CommonFlags, io: Io): Promise<number> {
  const list = await withHub(flags, io, (client) =>
    client.get<{ items: readonly RunReport[] }>(`/api/v1/feeds/${encodeURIComponent(name)}/runs`),
  );
  if (flags.json === true) writeJson(list, io);
  else if (list.items.length === 0)
    io.stdout.write(`Feed ${name} has not run yet. To run it, use: talanoa feed run ${name}\n`);
  else {
    io.stdout.write(
      `${table([
        ['STARTED', 'STATE', 'RECORDS', 'NEW', 'CHANGED', 'SAME', 'BAD ROWS', 'REASON AND WARNINGS'],
        ...list.items.map((run) => [
          whenExactly(run.started, io), run.status, count(run.records), count(run.created), count(run.updated), count(run.unchanged), count(run.quarantined + run.refused), [run.reason ?? '', ...warningsOf(run)].filter((text) => text !== '').join('; '),
        ]),
      ], io)}\n`,
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
    writeResult(
      retried,
      () =>
        `${name}: ${count(retried.created)} new, ${count(retried.updated)} changed, ${count(retried.still_bad)} still bad`,
      flags,
      io,
    );
    return retried.still_bad > 0 ? EXIT.part : EXIT.done;
  }
  const list = await withHub(flags, io, (client) =>
    client.get<{ items: readonly Quarantined[] }>(`${feedPath(name)}/quarantine`),
  );
  if (flags.json === true) writeJson(list, io);
  else if (list.items.length === 0) io.stdout.write(`Feed ${name} has no rows in quarantine.\n`);
  else io.stdout.write(`${quarantineTable(list.items, io)}\n`);
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
    io.stderr.write(`Feed ${name} paused. To resume it, run: talanoa feed resume ${name}\n`);
  return EXIT.done;
}

/** `talanoa feed resume NAME`. */
export async function feedResume(name: string, flags: CommonFlags, io: Io): Promise<number> {
  await withHub(flags, io, (client) => client.post(`${feedPath(name)}/resumption`, {}));
  if (flags.quiet !== true) io.stderr.write(`Feed ${name} runs on its schedule again.\n`);
  return EXIT.done;
}
