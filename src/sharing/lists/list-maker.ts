import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Clock } from '../../kernel/clock.ts';
import { Slices } from '../../kernel/slices.ts';
import type { ValueRow } from '../values/contribution.ts';
import type { CurrentValue } from '../values/current.ts';
import type { Omission } from './blocking.ts';
import type { ListFacts, ListFormat } from './formats/format.ts';
import { grouped } from './grouped.ts';
import { Lines } from './lines.ts';
import { Scores, scoreOf } from './scores.ts';
import { Selection, type SelectionParts } from './selection.ts';

/** Size of the pieces that are written, in characters. */
const PIECE = 65_536;

/** A list that was made, in files. */
export interface MadeList {
  readonly plain: string;
  readonly gzip: string;
  /** Where it begins in its files, if they contain more than it. */
  readonly begins?: { readonly plain: number; readonly gzip: number };
  readonly bytes: number;
  readonly gzipBytes: number;
  /** SHA-256 of the plain text, in hexadecimal digits. */
  readonly digest: string;
  /** The number of values in it. */
  readonly lines: number;
  readonly omitted: ReadonlyMap<Omission, number>;
  /** The owners of the indicators of all values, also of those that were left out. */
  readonly owners: ReadonlySet<string>;
  /** The next time at which the state of a value changes over time, in milliseconds since 1970. */
  readonly changesAt: number;
}

/** A list that was written from values that were selected before. */
export type WrittenList = Omit<MadeList, 'changesAt' | 'owners'>;

/** Reads the rows of a list anew each time it is called. */
export type RowSource = () => AsyncIterable<readonly ValueRow[]>;

/** Reads the values of a list anew each time it is called. */
export type ValueSource = () => AsyncIterable<readonly CurrentValue[]>;

/**
 * Makes a list and writes it to `path`, and compressed to `path.gz`. The values are read twice if there are more than the
 * list may have lines: the best ones are chosen, and written in the order of the list. `changed` is the time of the last
 * change of the values, in milliseconds since 1970.
 */
export async function makeList(
  path: string,
  name: string,
  rows: RowSource,
  parts: SelectionParts,
  changed: number,
): Promise<MadeList> {
  let selection = new Selection(parts);
  const values: ValueSource = () => {
    selection = new Selection(parts);
    return selected(rows(), selection);
  };
  const { format, query, clock } = parts;
  const { types, aggregate, limit, page } = query;
  const { omitted, ...made } = await writeList(path, values, {
    format, aggregate, limit, page, clock,
    facts: () => ({ name, types, changed: Math.max(changed, selection.changedAt) }),
  }); // prettier-ignore
  for (const [reason, count] of omitted) selection.omit(reason, count);
  const { omitted: all, owners, changesAt } = selection;
  return { ...made, omitted: all, owners, changesAt };
}

/** How the values of a list become text. */
export interface WritingParts {
  readonly format: ListFormat;
  readonly aggregate: boolean;
  readonly limit: number | undefined;
  readonly page: number;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Called when all values were read. */
  readonly facts: () => Omit<ListFacts, 'lines'>;
}

/** Writes the best values to a list, and returns it with the number of values that were left out meanwhile. */
export async function writeList(
  path: string,
  values: ValueSource,
  parts: WritingParts,
): Promise<WrittenList> {
  const { format, limit, page } = parts;
  const most = Math.min(limit ?? Infinity, format.most ?? Infinity);
  const body = `${path}.body`;
  try {
    const scores = new Scores();
    let written = await writeBody(body, values(), parts, (value) => {
      scores.add(scoreOf(value));
      return page === 1 && scores.length <= most;
    });
    let beyond = 0;
    if (scores.length > most || page > 1) {
      const chosen = scores.chosen((page - 1) * most, page * most);
      let at = 0;
      written = await writeBody(body, values(), parts, () => chosen[at++] === 1);
      // Values on other pages are not left out of the list.
      if (limit === undefined) beyond = Math.max(0, scores.length - most);
    }
    const { lines, uncarried } = written;
    const files = await writeFiles(path, format.head({ ...parts.facts(), lines }), body);
    return { ...files, lines, omitted: countsOf({ format: uncarried, limit: beyond }) };
  } finally {
    await rm(body, { force: true });
  }
}

function countsOf(counts: Readonly<Partial<Record<Omission, number>>>): ReadonlyMap<Omission, number> {
  return new Map(Object.entries(counts).filter(([, count]) => count > 0) as [Omission, number][]);
}

/** Yields the values that a selection accepts. */
async function* selected(
  rows: AsyncIterable<readonly ValueRow[]>,
  selection: Selection,
): AsyncGenerator<readonly CurrentValue[]> {
  for await (const groups of grouped(rows)) yield groups.flatMap((group) => selection.select(group) ?? []);
}

/** Writes the lines of the values that `isChosen` accepts. Returns the number of lines, and of values without one. */
async function writeBody(
  path: string,
  pages: AsyncIterable<readonly CurrentValue[]>,
  { format, aggregate, clock }: WritingParts,
  isChosen: (value: CurrentValue) => boolean,
): Promise<{ readonly lines: number; readonly uncarried: number }> {
  const slices = new Slices(clock);
  let uncarried = 0;
  const lines = new Lines(format, aggregate, () => uncarried++);
  const file = await open(path, 'w', 0o600);
  try {
    let piece = '';
    for await (const values of pages) {
      for (const value of values) {
        if (isChosen(value)) piece += lines.take(value);
        if (slices.isOver()) await slices.next();
      }
      if (piece.length >= PIECE) {
        await file.writeFile(piece);
        piece = '';
      }
    }
    await file.writeFile(piece + lines.end());
    return { lines: lines.count, uncarried };
  } finally {
    await file.close();
  }
}

/** Writes a list and its compressed form from its head and the file of its body. */
export async function writeFiles(
  path: string,
  head: string,
  body: string,
): Promise<Pick<MadeList, 'plain' | 'gzip' | 'bytes' | 'gzipBytes' | 'digest'>> {
  const gzip = `${path}.gz`;
  try {
    const { bytes, digest } = await writeWhole(path, head, body);
    await pipeline(createReadStream(path), createGzip(), createWriteStream(gzip, { mode: 0o600 }));
    return { plain: path, gzip, bytes, gzipBytes: (await stat(gzip)).size, digest };
  } catch (error) {
    // Otherwise each attempt would leave a file, and a full disk would never have space again.
    await rm(path, { force: true });
    await rm(gzip, { force: true });
    throw error;
  }
}

/** Writes the whole list: its head, which was not known before, and its body. */
async function writeWhole(
  path: string,
  head: string,
  body: string,
): Promise<{ readonly bytes: number; readonly digest: string }> {
  const digest = createHash('sha256');
  let bytes = 0;
  await pipeline(
    async function* () {
      yield Buffer.from(head);
      for await (const piece of createReadStream(body) as AsyncIterable<Buffer>) yield piece;
    },
    async function* (pieces: AsyncIterable<Buffer>) {
      for await (const piece of pieces) {
        digest.update(piece);
        bytes += piece.length;
        yield piece;
      }
    },
    createWriteStream(path, { mode: 0o600 }),
  );
  return { bytes, digest: digest.digest('hex') };
}
