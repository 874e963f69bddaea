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
  readonly limit: number;
}

/**
 * `talanoa audit list`: lists who did what to which resource. It shows the last entries that match the filters, or with
 * `--after` the next page of all entries.
 */
export async function auditList(flags: AuditFlags, io: Io): Promise<number> {
  const now = systemClock.now();
  const filter = filterOf(flags, now);
  const most = flags.last ?? flags.limit;
  const { items, next, isCut } = await withHub(flags, io, async (client) => {
    const pages = { client, since: sinceOf(flags, now) };
    return flags.after === undefined ? lastEntries(pages, filter, most) : nextEntries(client, flags, filter);
  });
  if (flags.json === true) {
    writeJson({ items, ...(next === undefined ? {} : { next }) }, io);
    return EXIT.done;
  }
  io.stdout.write(items.length === 0 ? 'No entries.\n' : `${entriesTable(items, io)}\n`);
  if (flags.quiet !== true && next !== undefined) io.stderr.write(`More: --after ${next}\n`);
  if (flags.quiet !== true && isCut)
    io.stderr.write(
      `These are the last ${count(items.length)} entries, the newest at the end. For more, use --last, --since or --after 0.\n`,
    );
  return EXIT.done;
}

interface Listing {
  readonly items: readonly AuditShown[];
  readonly next?: string | undefined;
  /** There are older entries that match. */
  readonly isCut: boolean;
}

interface Page {
  readonly items: readonly AuditShown[];
  readonly next?: string;
}

/** Entries per request. */
const PAGE = 1_000;
/** Entries of several processes are numbered a little out of the order of their times. */
const OUT_OF_ORDER = 1_000;

function pageAfter(client: LocalClient, after: string | number, limit = PAGE): Promise<Page> {
  return client.get<Page>(`/api/v1/audit?after=${after}&limit=${limit}`);
}

async function nextEntries(
  client: LocalClient,
  { after = '0', limit }: AuditFlags,
  matches: (entry: AuditShown) => boolean,
): Promise<Listing> {
  const { items, next } = await pageAfter(client, encodeURIComponent(after), limit);
  return { items: items.filter(matches), next, isCut: false };
}

/** Returns the last entries that match, in their order. */
async function lastEntries(
  { client, since }: { readonly client: LocalClient; readonly since: number | undefined },
  matches: ((entry: AuditShown) => boolean) & { readonly isAll?: boolean },
  most: number,
): Promise<Listing> {
  let found: AuditShown[] = [];
  let isCut = false;
  for (
    let after: string | undefined = await startOf(client, since, matches.isAll === true ? most : undefined);
    after !== undefined;
  ) {
    const page = await pageAfter(client, after);
    found = [...found, ...page.items.filter(matches)];
    isCut ||= found.length > most;
    found = found.slice(-most);
    after = page.next;
  }
  return { items: found, isCut: isCut || ((found[0]?.seq ?? 1) > 1 && matches.isAll === true) };
}

/**
 * Returns the place before the first entry that is needed. Administrators see entry numbers, so the place is found by
 * halving instead of by reading the whole log. Others have few entries.
 */
async function startOf(
  client: LocalClient,
  since: number | undefined,
  most: number | undefined,
): Promise<string> {
  const first = (await pageAfter(client, 0, 1)).items[0]?.seq;
  if (first === undefined || (since === undefined && most === undefined)) return '0';
  const isBefore = async (seq: number): Promise<boolean> => {
    const [entry] = (await pageAfter(client, seq, 1)).items;
    return entry !== undefined && (since === undefined || entry.fact.at < since);
  };
  let low = first - 1;
  let step = 1;
  while (await isBefore(low + step)) {
    low += step;
    step *= 2;
  }
  let high = low + step;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await isBefore(middle)) low = middle;
    else high = middle;
  }
  return String(Math.max(0, high - (since === undefined ? (most ?? 0) : OUT_OF_ORDER)));
}

/** Returns the filter that the flags describe. `isAll` is set when every entry matches. */
function filterOf(
  { who, what, since, until }: AuditFlags,
  now: number,
): ((entry: AuditShown) => boolean) & { readonly isAll?: boolean } {
  const from = since === undefined ? Number.NEGATIVE_INFINITY : momentOf(since, now);
  const to = until === undefined ? Number.POSITIVE_INFINITY : momentOf(until, now);
  const matches = ({ fact }: AuditShown): boolean =>
    fact.at >= from &&
    fact.at < to &&
    (who === undefined || fact.actor === who || fact.actor_id === who) &&
    (what === undefined || fact.action.startsWith(what) || fact.resource.startsWith(what));
  return Object.assign(matches, { isAll: [who, what, since, until].every((flag) => flag === undefined) });
}

function sinceOf({ since }: AuditFlags, now: number): number | undefined {
  return since === undefined ? undefined : momentOf(since, now);
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Returns the time that a text means: a time or a day in UTC, or a duration before now. */
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

function entriesTable(items: readonly AuditShown[], io: Io): string {
  return table(
    [
      ['NO', 'WHEN', 'WHO', 'FROM', 'DID', 'TO', 'RESULT', 'DETAILS'],
      ...items.map(({ seq, fact }) => [
        seq === undefined ? '-' : String(seq),
        whenExactly(fact.at, io),
        fact.actor,
        printable(fact.address ?? '-'),
        fact.action,
        printable(fact.resource),
        fact.result,
        printable(detailsText(withMember(fact), io)),
      ]),
    ],
    io,
  );
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
        `/api/v1/audit?after=${after}&limit=1000`,
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
