import { createHash } from 'node:crypto';
import { isGated, gate, readObject } from '../kernel/json-gate.ts';
import { splitJson } from '../kernel/json-stream.ts';
import { Problem } from '../kernel/problem.ts';
import { detached } from '../kernel/detached.ts';
import { giveTurn } from '../kernel/slices.ts';
import { text as textOf, type StixObject } from '../stix/types.ts';
import { upgradeObject } from '../stix/upgrade.ts';
import { faultLine } from '../stix/validation/fault.ts';
import { specVersionOf } from '../stix/versions.ts';
import type { FeedDocument } from '../config/settings.ts';
import { decoded } from './decode.ts';
import { UuidSet } from './digest-set.ts';
import { timeOf, type Finding } from './findings.ts';
import type { Step } from './formats/format.ts';
import { FindingMaker } from './maker.ts';
import { readFile } from './read.ts';
import type { Quarantined, ReadCounts, RunProgress } from './report.ts';
import {
  canBeRemembered,
  knownOf,
  type KnownFinding,
  type RowDigest,
  type RowMemory,
  type RowMemoryWriter,
} from './row-memory.ts';
import { SpoolLines, linesIn } from './spool.ts';
import { columnOf, type Row } from './template.ts';
import type { FeedFile } from './transports/transport.ts';
import type { WarningLists } from './warning-lists.ts';
import { feedErrors } from './errors.ts';

/** Number of bad rows whose text is kept. Further rows are only counted. */
export const KEPT_QUARANTINE = 1_000;
const MOST_QUARANTINE = 100_000;
const MOST_RECORDS = 5_000_000;
/** Number of reasons that are counted separately, and the name of all others. */
const MOST_REASONS = 50;
const OTHER_REASONS = 'other';
const LONGEST_ROW = 4_096;

/** Maximum number of kinds that are counted separately. */
const MOST_KINDS = 1_000;

/** Numbers of the records of one kind. */
export interface KindCounts {
  records: number;
  bad: number;
}

/** The result of reading the files of a run. The store has not been changed yet. */
export interface Staged {
  readonly counts: ReadCounts;
  readonly filteredBy: Record<string, number>;
  readonly quarantinedBy: Record<string, number>;
  readonly quarantine: Quarantined[];
  /** Number of findings that earlier runs have stored and that were not mapped again. */
  known: number;
  /** Ids of the indicators in the files. */
  readonly ids: UuidSet;
  /** Records by their kinds, where a source sends several kinds. Without those of kinds that the hub does not know. */
  readonly kinds: Map<string, KindCounts>;
  /** Number of bad rows that are of a kind that the hub does not know. They do not count as evidence about the other rows. */
  unknown: number;
  /** The reasons why files may be incomplete, by file name. */
  readonly doubts: Map<string, string>;
  /** Bad rows that could not even be divided into columns. Any entry may be missing because of them. */
  broken: number;
  /** Number of entries of the list so far that the files do not contain. */
  gone: number;
  /** Digest of the other bad rows, in their order. Empty without any. */
  badRows: string;
  /** Names of the columns, if the files have them. */
  columns: readonly string[] | undefined;
  /** Oddities of the rows, as texts that are the same in every run. */
  readonly warnings: Set<string>;
  /** The latest time in any row, in milliseconds since 1970. */
  newest: number | undefined;
}

export function nothingStaged(): Staged {
  return {
    counts: { records: 0, used: 0, accepted: 0, duplicates: 0, filtered: 0, quarantined: 0 },
    filteredBy: {},
    quarantinedBy: {},
    quarantine: [],
    known: 0,
    ids: new UuidSet(),
    kinds: new Map(),
    unknown: 0,
    doubts: new Map(),
    broken: 0,
    gone: 0,
    badRows: '',
    columns: undefined,
    warnings: new Set(),
    newest: undefined,
  };
}

/** The rows that earlier runs have stored, and the file for those of this run. */
export interface RowMemories {
  readonly digestOf: (row: Row) => RowDigest;
  readonly before: RowMemory | undefined;
  readonly next: RowMemoryWriter;
}

/** Reads files into a staging file of distinct findings, one per line. */
export async function stageRows(
  files: readonly FeedFile[],
  stagingFile: string,
  document: FeedDocument,
  lists: WarningLists,
  now: number,
  staged: Staged,
  progress: RunProgress,
  rows?: RowMemories,
): Promise<void> {
  const make = new FindingMaker(document, now, lists);
  // Files whose names add columns have different columns each.
  const onColumns = (columns: readonly string[]): void => {
    if (document.parser.file_name === undefined) staged.columns = columns;
  };
  const out = new SpoolLines(stagingFile);
  const units = new SpoolLines(unitsFileOf(stagingFile));
  try {
    await eachFile(files, staged, async (file) => {
      const onDoubt = (reason: string): void => void staged.doubts.set(file.name, reason);
      const reading = { onDoubt, onColumns, digestOf: rows?.digestOf, memory: rows?.before };
      for await (const step of readFile(file, make, reading)) {
        await countRecord(staged, progress);
        await stageOne(step, staged, out, document, rows?.next);
        for (const unit of make.units.splice(0)) await units.write(JSON.stringify(unit));
      }
      for (const unit of make.units.splice(0)) await units.write(JSON.stringify(unit));
    });
  } finally {
    await out.close();
    await units.close();
  }
  if (make.ahead > 0)
    staged.warnings.add(
      `time-in-future: ${make.ahead} ${make.ahead === 1 ? 'time is' : 'times are'} in the future and ignored`,
    );
}

/** Returns the file of the units of a run, next to its staging file. */
export function unitsFileOf(stagingFile: string): string {
  return `${stagingFile}-units`;
}

/**
 * Reads files one after the other. A file that cannot be read goes to the quarantine, and the others are read. If no
 * file can be read, the run fails.
 */
async function eachFile(
  files: readonly FeedFile[],
  staged: Staged,
  read: (file: FeedFile) => Promise<void>,
): Promise<void> {
  const failures: Problem[] = [];
  for (const file of files)
    try {
      await read(file);
    } catch (error) {
      if (files.length === 1 || !(error instanceof Problem) || !isOfOneFile(error)) throw error;
      failures.push(error);
      staged.counts.records++;
      const message = [error.title, error.description ?? ''].filter((text) => text !== '').join('. ');
      staged.broken++;
      putAside(staged, { line: 0, code: 'bad-file', message, raw: file.name.slice(0, LONGEST_ROW) });
      staged.doubts.set(file.name, `bad-file: ${message}`);
    }
  const [first] = failures;
  if (first !== undefined && failures.length === files.length) throw first;
}

/** True for a failure that is due to the content of a file. The limits of a run are for all of its files. */
function isOfOneFile({ kind, code }: Problem): boolean {
  return (
    kind === 'peer' && code !== feedErrors.tooManyRecords().code && code !== feedErrors.tooManyBadRows().code
  );
}

function countKind({ kinds }: Staged, kind: string, isBad: boolean): void {
  const name = kinds.has(kind) || kinds.size < MOST_KINDS ? kind : '';
  const counts = kinds.get(name) ?? { records: 0, bad: 0 };
  counts.records++;
  if (isBad) counts.bad++;
  kinds.set(name, counts);
}

async function stageOne(
  step: Step,
  staged: Staged,
  out: SpoolLines,
  document: FeedDocument,
  memory: RowMemoryWriter | undefined,
): Promise<void> {
  const { line, raw, row, mapped, kind, digest, known } = step;
  const { counts } = staged;
  countOutcome(step, staged);
  const isUnknown = mapped.fault?.code.startsWith('unknown-type:') === true;
  if (isUnknown) staged.unknown++;
  else if (kind !== undefined) countKind(staged, kind, mapped.fault !== undefined);
  if (mapped.fault !== undefined) {
    if (row === undefined && !isUnknown) staged.broken++;
    else staged.badRows = createHash('sha256').update(`${staged.badRows}${raw}\n`).digest('hex');
    putAside(staged, {
      line,
      ...mapped.fault,
      raw,
      ...(row !== undefined && JSON.stringify(row).length <= LONGEST_ROW ? { row } : {}),
    });
  }
  const unknown = row === undefined ? undefined : unknownKey(row, document);
  if (unknown !== undefined && staged.warnings.size < MOST_REASONS)
    staged.warnings.add(`${document.lookup?.warning ?? 'unknown-key'}:${unknown}`);
  let areNew = mapped.fault === undefined && mapped.filtered === undefined;
  for (const finding of mapped.findings) {
    const isNew = staged.ids.add(finding.id);
    staged.newest = Math.max(timeOf(finding), staged.newest ?? 0) || staged.newest;
    areNew &&= isNew;
    if (!isNew) counts.duplicates++;
    else {
      if (finding.kind !== 'object' || finding.binds !== true) counts.accepted++;
      await out.write(JSON.stringify(finding));
    }
  }
  if (known !== undefined) areNew = countKnown(known, staged);
  // The first row with a finding decides its content, so the others are not remembered.
  if (memory !== undefined && digest !== undefined && areNew)
    if (known !== undefined) await memory.add(digest, known);
    else if (canBeRemembered(mapped.findings)) await memory.add(digest, mapped.findings.map(knownOf));
}

/**
 * Counts a record as used or left out, unless it goes to quarantine. A record that does not become an object always has
 * a reason.
 */
function countOutcome({ mapped, known }: Step, staged: Staged): void {
  const { findings, filtered, fault } = mapped;
  if (fault !== undefined) return;
  if (filtered === undefined && (findings.length > 0 || known !== undefined)) staged.counts.used++;
  else leaveOut(staged, filtered ?? 'no-value');
}

/** Counts a record that is left out. */
export function leaveOut(
  { counts, filteredBy }: Pick<Staged, 'counts' | 'filteredBy'>,
  reason: string,
): void {
  counts.filtered++;
  addReason(filteredBy, reason);
}

/** Counts the findings of a row that was not mapped again. True when no row before it has any of them. */
function countKnown(known: readonly KnownFinding[], staged: Staged): boolean {
  const { counts, ids } = staged;
  let areNew = true;
  for (const { id, time } of known) {
    const isNew = ids.addWords(id);
    areNew &&= isNew;
    staged.newest = Math.max(time, staged.newest ?? 0) || staged.newest;
    if (isNew) {
      counts.accepted++;
      staged.known++;
    } else counts.duplicates++;
  }
  return areNew;
}

/** Returns the value of the lookup column if the table does not contain it. */
function unknownKey(row: Row, { lookup }: FeedDocument): string | undefined {
  const key = lookup === undefined ? undefined : columnOf(row, lookup.column);
  return lookup === undefined || key === undefined || Object.hasOwn(lookup.table, key)
    ? undefined
    : key.slice(0, 60);
}

/** Number of records that are read before other requests get their turn. */
const RECORDS_AT_ONCE = 100;

async function countRecord(staged: Staged, progress: RunProgress): Promise<void> {
  if (++staged.counts.records > MOST_RECORDS) throw feedErrors.tooManyRecords();
  if (staged.counts.records % 10_000 === 0) progress({ stage: 'read', records: staged.counts.records });
  // The rows of a file arrive without a pause between them.
  if (staged.counts.records % RECORDS_AT_ONCE === 0) await giveTurn();
}

function putAside(staged: Staged, row: Quarantined): void {
  if (++staged.counts.quarantined - staged.unknown > MOST_QUARANTINE) throw feedErrors.tooManyBadRows();
  addReason(staged.quarantinedBy, row.code);
  if (staged.quarantine.length < KEPT_QUARANTINE) staged.quarantine.push({ ...row, raw: detached(row.raw) });
}

/** Counts a reason. Reasons beyond the maximum are counted together. */
function addReason(counts: Record<string, number>, reason: string): void {
  const isKnown = Object.hasOwn(counts, reason) || Object.keys(counts).length < MOST_REASONS;
  const name = isKnown ? reason : OTHER_REASONS;
  counts[name] = (counts[name] ?? 0) + 1;
}

/**
 * Reads STIX objects (bundles, envelopes, lists, lines) into a staging file of their exact texts, one JSON string per
 * line.
 */
export async function stageObjects(
  files: readonly FeedFile[],
  stagingFile: string,
  document: FeedDocument,
  staged: Staged,
  progress: RunProgress,
): Promise<void> {
  const out = new SpoolLines(stagingFile);
  const put = async (bytes: Buffer, line: number): Promise<void> => {
    await countRecord(staged, progress);
    const found = gate(Buffer.concat([Buffer.from('{"objects":['), bytes, Buffer.from(']}')]));
    const [span] = found.objects;
    const object = span === undefined ? undefined : readObject(found, span);
    if (object === undefined || !isGated(object)) {
      putAside(staged, {
        line,
        code: 'bad-object',
        message: object?.message ?? 'the entry is not an object',
        raw: bytes.toString('utf8').slice(0, LONGEST_ROW),
      });
      return;
    }
    const at = Date.parse(textOf(object.value, 'modified') ?? textOf(object.value, 'created') ?? '');
    if (at > (staged.newest ?? 0)) staged.newest = at;
    const text = modern(object.text, object.value);
    if (typeof text !== 'string') {
      putAside(staged, {
        line,
        code: 'not-upgraded',
        message: text.message,
        raw: object.text.slice(0, LONGEST_ROW),
      });
      return;
    }
    staged.counts.used++;
    staged.counts.accepted++;
    await out.write(JSON.stringify(text));
  };
  try {
    await eachFile(files, staged, async (file) => {
      if (document.transport.kind === 'taxii21' || document.transport.kind === 'taxii20') {
        let line = 0;
        for await (const text of linesIn(file.path))
          await put(Buffer.from(JSON.parse(text) as string), ++line);
        return;
      }
      const stream = await decoded(file, document.decode);
      for await (const part of splitJson(stream as AsyncIterable<Buffer>)) {
        if (part.kind === 'piece') await put(part.bytes, part.line);
        // A line of NDJSON.
        else if (part.pieces === undefined) await put(Buffer.from(part.text), part.line);
      }
    });
  } finally {
    await out.close();
  }
}

/**
 * Returns a STIX 2.1 object unchanged, and a STIX 2.0 object upgraded to 2.1 with the same id. Returns the reason when
 * an upgrade is not possible.
 */
function modern(text: string, object: StixObject): string | { readonly message: string } {
  if (specVersionOf(object) === '2.1') return text;
  const upgraded = upgradeObject(object);
  if (upgraded.kind === 'upgraded') return JSON.stringify(upgraded.object);
  const [fault] = upgraded.faults;
  return { message: fault === undefined ? 'the entry is not STIX 2.0' : faultLine(fault) };
}

/** Returns a staged finding. */
export function findingOf(line: string): Finding {
  return JSON.parse(line) as Finding;
}
