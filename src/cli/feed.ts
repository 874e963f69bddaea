import cliProgress from 'cli-progress';
import type { Quarantined, RunReport } from '../feeds/run.ts';
import type { FeedInfo } from '../feeds/service.ts';
import { EXIT, count, table, printable, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import type { CommonFlags } from './program.ts';
import { feedTable } from './status.ts';

/** `talanoa feed list`. */
export async function feedList(flags: CommonFlags, io: Io): Promise<number> {
  const items = await withHub(flags, io, (client) => client.list<FeedInfo>('/api/v1/feeds'));
  io.stdout.write(`${flags.json === true ? JSON.stringify({ items }) : feedTable(items)}\n`);
  return EXIT.done;
}

/** `talanoa feed run NAME`. Exit code 6 when the source failed, 8 when rows were bad. */
export async function feedRun(name: string, flags: CommonFlags, io: Io): Promise<number> {
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
      client.stream(`/api/v1/feeds/${encodeURIComponent(name)}/runs`, (line) => {
        if ('report' in line) report = line['report'] as RunReport;
        else {
          const { stage, records } = line['progress'] as { stage: string; records: number };
          if (showing) bar.update(records, { stage });
        }
      }),
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

/** `talanoa feed quarantine NAME`. */
export async function feedQuarantine(name: string, flags: CommonFlags, io: Io): Promise<number> {
  const list = await withHub(flags, io, (client) =>
    client.get<{ items: readonly Quarantined[] }>(`/api/v1/feeds/${encodeURIComponent(name)}/quarantine`),
  );
  if (flags.json === true) io.stdout.write(`${JSON.stringify(list)}\n`);
  else if (list.items.length === 0) io.stdout.write(`No bad rows of ${name}.\n`);
  else
    io.stdout.write(
      `${table([['LINE', 'REASON', 'WHAT', 'ROW'], ...list.items.map(({ line, code, message, raw }) => [String(line), code, message, printable(raw).slice(0, 120)])])}\n`,
    );
  return EXIT.done;
}
