import type { AuditEntry as AuditShown, Verification } from '../api/schema-types.ts';
import { systemClock } from '../kernel/clock.ts';
import { VERSION } from '../server/version.ts';
import { EXIT, count, printable, type Io } from './io.ts';
import { table, when, whenExactly, writeJson } from './output.ts';
import { commandErrors } from './command-errors.ts';
import { withHub, type LocalClient } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';

export interface AuditFlags extends CommonFlags {
  readonly who?: string;
  readonly what?: string;
  readonly since?: string;
  readonly until?: string;
  readonly last?: number;
  readonly after?: string;
  readonly order?: AuditOrder;
  readonly limit: number;
}

type AuditOrder = 'newest' | 'oldest';

/**
 * `talanoa audit list`: lists who did what to which resource. It shows the newest entries that match the filters, or with
 * `--after` the next page of all entries.
 */
export async function auditList(flags: AuditFlags, io: Io): Promise<number> {
  const filter = filterOf(flags, systemClock.now());
  const most = flags.last ?? flags.limit;
  const { items, next, isCut, names } = await withHub(flags, io, async (client) => {
    if (flags.after !== undefined) return nextEntries(client, flags, filter);
    const found = await lastEntries(client, filter, most);
    return flags.order === 'oldest' ? { ...found, items: found.items.toReversed(), next: undefined } : found;
  });
  if (flags.json === true) {
    writeJson({ items, ...(next === undefined ? {} : { next }) }, io);
    return EXIT.done;
  }
  io.stdout.write(items.length === 0 ? 'No entries.\n' : `${entriesTable(items, names, io)}\n`);
  if (flags.quiet === true) return EXIT.done;
  if (next !== undefined) io.stderr.write(`More: --after ${next}\n`);
  else if (isCut) io.stderr.write('There are older entries. To see them, use --last or --since.\n');
  return EXIT.done;
}

interface Listing {
  readonly items: readonly AuditShown[];
  readonly next?: string | undefined;
  /** There are older entries that match. */
  readonly isCut: boolean;
  readonly names: Names;
}

/** Names of collections by their ids. */
type Names = Readonly<Record<string, string>>;

interface Page {
  readonly items: readonly AuditShown[];
  readonly next?: string;
  readonly names?: Names;
}

/** Maximum number of entries per request. */
const PAGE = 1_000;

/** Without a position, the page begins with the newest entry. */
function pageAfter(
  client: LocalClient,
  { after, order }: { readonly after?: string | undefined; readonly order?: AuditOrder },
  limit: number,
): Promise<Page> {
  const query = new URLSearchParams({
    limit: String(limit),
    ...(after === undefined ? {} : { after }),
    ...(order === undefined ? {} : { order }),
  });
  return client.get<Page>(`/api/v1/audit?${query.toString()}`);
}

async function nextEntries(client: LocalClient, flags: AuditFlags, { matches }: Filter): Promise<Listing> {
  const { items, next, names = {} } = await pageAfter(client, flags, flags.limit);
  return { items: items.filter(matches), next, names, isCut: false };
}

/** Returns the newest entries that match, with the newest first. Reads only as much of the log as it needs. */
async function lastEntries(
  client: LocalClient,
  { matches, isAll, isBefore }: Filter,
  most: number,
): Promise<Listing> {
  const found: AuditShown[] = [];
  const names: Record<string, string> = {};
  for (let after: string | undefined; ;) {
    const page = await pageAfter(client, { after }, isAll ? Math.min(PAGE, most - found.length) : PAGE);
    found.push(...page.items.filter(matches));
    Object.assign(names, page.names);
    if (found.length > most) return { items: found.slice(0, most), names, isCut: true };
    if (page.next === undefined) return { items: found, names, isCut: false };
    if (isAll && found.length === most) return { items: found, names, next: page.next, isCut: true };
    // Several processes number their entries a little out of the order of their times, but by far less than a page.
    if (page.items.length === PAGE && page.items.every(isBefore))
      return { items: found, names, isCut: false };
    after = page.next;
  }
}

interface Filter {
  readonly matches: (entry: AuditShown) => boolean;
  /** Every entry matches. */
  readonly isAll: boolean;
  /** The entry is older than every entry that matches. */
  readonly isBefore: (entry: AuditShown) => boolean;
}

/** Returns the filter that the flags describe. */
function filterOf({ who, what, since, until }: AuditFlags, now: number): Filter {
  const from = since === undefined ? Number.NEGATIVE_INFINITY : momentOf(since, now);
  const to = until === undefined ? Number.POSITIVE_INFINITY : momentOf(until, now);
  return {
    matches: ({ fact }) =>
      fact.at >= from &&
      fact.at < to &&
      (who === undefined || fact.actor === who || fact.actor_id === who) &&
      (what === undefined || fact.action.startsWith(what) || fact.resource.startsWith(what)),
    isAll: [who, what, since, until].every((flag) => flag === undefined),
    isBefore: ({ fact }) => fact.at < from,
  };
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Returns the time that a text means: a time with its zone, a day in UTC, or a duration before now. A time without a zone
 * is refused, because readers see times in their own zone.
 */
function momentOf(text: string, now: number): number {
  const [, amount, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const at =
    amount === undefined
      ? /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text)
        ? Date.parse(text)
        : Number.NaN
      : now - Number(amount) * (UNITS[unit] ?? 0);
  if (Number.isNaN(at)) throw commandErrors.invalidMoment({ text });
  return at;
}

function entriesTable(items: readonly AuditShown[], names: Names, io: Io): string {
  const named = (text: string): string => printable(withNames(text, names));
  return table(
    [
      ['NO', 'WHEN', 'WHO', 'FROM', 'DID', 'TO', 'RESULT', 'DETAILS'],
      ...items.map(({ seq, fact }) => [
        seq === undefined ? '-' : String(seq),
        whenExactly(fact.at, io),
        fact.actor,
        printable(fact.address ?? '-'),
        fact.action,
        named(fact.resource),
        fact.result,
        named(detailsText(withMember(fact), io)),
      ]),
    ],
    io,
  );
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Replaces ids of collections by their names. */
function withNames(text: string, names: Names): string {
  return text.replaceAll(UUID, (id) => names[id] ?? id);
}

/** The member that an entry is about is a detail, unless the resource names it already. */
function withMember({ member, resource, details = {} }: AuditShown['fact']): object {
  return member === undefined || resource === `member/${member}` ? details : { member, ...details };
}

/** Milliseconds since 1970 from 2001 on. No other number in the details of an entry is as large. */
const EARLIEST_TIME = 1_000_000_000_000;

/** Returns the details of an entry in words. */
export function detailsText(details: object, io: Io): string {
  const valueText = (value: unknown): string => {
    if (typeof value === 'number' && value >= EARLIEST_TIME) return when(value, io);
    if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(valueText).join(', ');
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  return Object.entries(details)
    .map(([name, value]) => {
      // The log leaves out ids that are made from values, because they reveal these values.
      const isLeftOut = name === 'ids' && Array.isArray(value) && value.length === 0;
      return [name, isLeftOut ? 'not listed, because they reveal values' : value] as const;
    })
    .map(([name, value]) => `${name}: ${valueText(value)}`)
    .join('; ');
}

export interface AuditExportFlags extends CommonFlags {
  readonly after: string;
  readonly format: 'jsonl' | 'cef';
}

/**
 * `talanoa audit export`: prints all entries that the caller may see, one per line. `--after` continues after the last
 * entry of an earlier export.
 */
export async function auditExport(flags: AuditExportFlags, io: Io): Promise<number> {
  return withHub(flags, io, async (client) => {
    for (let after: string | undefined = flags.after; after !== undefined;) {
      const page: { items: readonly AuditShown[]; next?: string } = await client.get(
        `/api/v1/audit?order=oldest&after=${after}&limit=1000`,
      );
      for (const entry of page.items)
        io.stdout.write(`${flags.format === 'cef' ? cef(entry) : JSON.stringify(entry)}\n`);
      after = page.next;
    }
    return EXIT.done;
  });
}

/**
 * Returns an entry in the Common Event Format of ArcSight, version 0 (revision 27), with its standard extension names.
 */
function cef({ seq, fact, hash }: AuditShown): string {
  const head = (text: string): string => printable(text).replaceAll(/[\\|]/g, '\\$&');
  const value = (text: string): string => printable(text).replaceAll(/[\\=]/g, '\\$&');
  const fields: Readonly<Record<string, string | undefined>> = {
    rt: String(fact.at),
    externalId: seq === undefined ? fact.id : String(seq),
    suser: fact.actor,
    src: fact.address,
    duser: fact.resource,
    outcome: fact.result === 'done' ? 'success' : 'failure',
    ...(hash === undefined ? {} : { cs1Label: 'hash', cs1: hash }),
    ...(fact.member === undefined ? {} : { cs2Label: 'member', cs2: fact.member }),
    msg: fact.details === undefined ? undefined : JSON.stringify(fact.details),
  };
  const extension = Object.entries(fields).flatMap(([name, text]) =>
    text === undefined ? [] : [`${name}=${value(text)}`],
  );
  const severity = fact.result === 'done' ? 3 : 6;
  return `CEF:0|Talanoa|Talanoa|${VERSION}|${head(fact.action)}|${head(fact.action)}|${severity}|${extension.join(' ')}`;
}

/**
 * `talanoa audit verify`: exit code 1 when the chain is broken. The output names the first entry that does not match.
 */
export async function auditVerify(flags: CommonFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) => client.get<Verification>('/api/v1/audit/verification'));
  const removed = found.removed ?? 0;
  const older =
    removed === 0 ? '' : ` The ${count(removed)} entries before them were removed because of their age.`;
  if (flags.json === true) writeJson(found, io);
  else if (found.broken === undefined)
    io.stdout.write(
      `${count(found.entries - removed)} audit log entries verified: none was changed.${older}\nHash of the last entry: ${found.head === '' ? '(no entries)' : found.head}\n`,
    );
  else io.stdout.write(`The audit log was changed at entry ${found.broken.seq}: ${found.broken.reason}.\n`);
  return found.broken === undefined ? EXIT.done : EXIT.failed;
}
