import type { NewFeedPreview } from '../api/schema-types.ts';
import type { FeedDocument } from '../config/settings.ts';
import type { Preview } from '../feeds/preview.ts';
import type { Quarantined, RunReport } from '../feeds/report.ts';
import { markedTlp, tlpLabel } from '../stix/markings.ts';
import type { StixObject } from '../stix/types.ts';
import { count, printable, type Io } from './io.ts';
import { table } from './output.ts';

/** Returns the warnings of a run for display. */
export function warningsOf({ oddities = [] }: Pick<RunReport, 'oddities'>): readonly string[] {
  return oddities.map((text) => printable(text).slice(0, 300));
}

/** Returns one line about a run. */
export function reportLine(report: RunReport): string {
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

/** Returns rows that could not be used as a table. */
export function quarantineTable(items: readonly Quarantined[], io: Io): string {
  return table(
    [
      ['LINE', 'REASON', 'WHAT', 'ROW'],
      ...items.map(({ line, code, message, raw }) => [
        String(line),
        printable(code),
        printable(message),
        printable(raw).slice(0, 120),
      ]),
    ],
    io,
  );
}

/** Returns a short description of the format of a feed. */
export function formatOf({ parser, map }: FeedDocument): string {
  const [first] = map;
  if (parser.kind === 'stix') return 'STIX objects, unchanged';
  if (first === undefined) return parser.kind;
  return `${parser.kind}${parser.records === undefined ? '' : ` at ${parser.records}`}, values from ${first.value}${first.valid_from === undefined ? '' : `, times from ${first.valid_from}`}`;
}

/** A new feed as the hub would make it. */
export type NewFeed = NewFeedPreview & { readonly document: FeedDocument; readonly preview: Preview };

/** Describes what the hub understood of a source, what it did not, and what the first rows become. */
export function understoodText({ document, preview, notes }: NewFeed): string {
  const { records, used, filtered, quarantined } = preview;
  return [
    `Format: ${formatOf(document)}`,
    `Rows: ${count(records)}, of which ${count(used)} become objects, ${count(filtered)} are left out${byReason(preview.filtered_by)}, and ${count(quarantined)} are not understood${byReason(preview.quarantined_by)}`,
    ...onHold(preview),
    ...nothingRead(preview),
    ...(preview.samples.length === 0 ? [] : ['The first rows:']),
    ...preview.samples.flatMap(({ line, row, objects, reason, held }) => [
      `  ${line}: ${printable(row).slice(0, 200)}`,
      ...objects.map(
        (object) => `     becomes ${objectText(object as StixObject)}${held === true ? ', on hold' : ''}`,
      ),
      ...(objects.length === 0
        ? [`     does not become an object: ${printable(reason ?? 'it has no value')}`]
        : []),
    ]),
    ...(notes.length === 0 ? [] : ['Please check:', ...notes.map((note) => `  - ${printable(note)}`)]),
  ].join('\n');
}

/** Returns a line that says how many objects a run puts on hold. */
export function onHold({ held }: Preview): readonly string[] {
  return held === 0 ? [] : [`On hold: ${count(held)} ${held === 1 ? 'object is' : 'objects are'} TLP:RED or stricter than the collection permits. A run puts ${held === 1 ? 'it' : 'them'} on hold (talanoa held list).`]; // prettier-ignore
}

function objectText(object: StixObject): string {
  const text = (...names: readonly string[]): string | undefined =>
    names.map((name) => object[name]).find((value) => typeof value === 'string');
  const from = text('valid_from', 'published', 'first_observed');
  const what = text('pattern', 'name', 'id') ?? '';
  const level = markedTlp(object);
  return printable(
    [`${text('type') ?? ''} ${what}`, ...(from === undefined ? [] : [`from ${from}`]), ...(level === undefined ? [] : [tlpLabel(level)])].join(', '),
  ); // prettier-ignore
}

/** Returns a preview as text: its numbers, the first objects, and the first rows that could not be used. */
export function previewText(found: Preview, io: Io): string {
  const { records, accepted, filtered, quarantined, gone, objects, quarantine } = found;
  return [
    `${count(records)} records, ${count(accepted)} values: ${count(found.new)} new, ${count(found.changed)} changed, ${count(found.same)} unchanged; ${count(filtered)} left out${byReason(found.filtered_by)}, ${count(quarantined)} bad${byReason(found.quarantined_by)}${gone > 0 ? `; ${count(gone)} are no longer in the list` : ''}. Nothing was stored.`,
    ...(objects.length === 0 ? [] : ['', ...objects.slice(0, 10).map((object) => objectText(object))]),
    ...(quarantine.length === 0 ? [] : ['', quarantineTable(quarantine.slice(0, 10), io)]),
  ].join('\n');
}

/** Returns a line that says why no row was read. */
export function nothingRead({ nothing_read: why }: Preview): readonly string[] {
  return why === undefined ? [] : [`No row was read. ${printable(why)}.`];
}

function byReason(reasons: Readonly<Record<string, number>> | undefined): string {
  const parts = Object.entries(reasons ?? {})
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([reason, number]) => `${printable(reason)} ${count(number)}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

/** Returns the API path of a feed. */
export function feedPath(name: string): string {
  return `/api/v1/feeds/${encodeURIComponent(name)}`;
}
