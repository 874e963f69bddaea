import type { AuditEntry as AuditShown, Verification } from '../api/schema-types.ts';
import { VERSION } from '../server/version.ts';
import { EXIT, count, printable, type Io } from './io.ts';
import { table, when, whenExactly, writeJson } from './output.ts';
import { withHub } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';

export interface AuditFlags extends CommonFlags {
  readonly after?: string;
  readonly limit: number;
}

/** `talanoa audit list`: lists who did what to which resource. */
export async function auditList(flags: AuditFlags, io: Io): Promise<number> {
  const { items, next } = await withHub(flags, io, (client) =>
    client.get<{ items: readonly AuditShown[]; next?: string }>(
      `/api/v1/audit?after=${flags.after ?? 0}&limit=${flags.limit}`,
    ),
  );
  if (flags.json === true) {
    writeJson({ items, ...(next === undefined ? {} : { next }) }, io);
    return EXIT.done;
  }
  io.stdout.write(
    `${table(
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
          printable(detailsText(fact.details ?? {}, io)),
        ]),
      ],
      io,
    )}\n`,
  );
  if (next !== undefined && flags.quiet !== true) io.stderr.write(`More: --after ${next}\n`);
  return EXIT.done;
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
