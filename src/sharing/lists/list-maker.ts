import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Slices } from '../../kernel/slices.ts';
import { tlpLabel, tlpOf } from '../../stix/markings.ts';
import { rangeOf, rangeText, readableObserved } from '../../stix/values/observed-values.ts';
import type { ValueRow } from '../values/contribution.ts';
import type { CurrentValue } from '../values/current.ts';
import { Aggregator, type Covered } from './aggregate.ts';
import type { Omission } from './blocking.ts';
import type { ListEntry, ListFormat, ListWriter } from './formats/format.ts';
import { Selection, type SelectionParts } from './selection.ts';

/** Size of the pieces that are written, in characters. */
const PIECE = 65_536;

/** A list that was made, in files. */
export interface MadeList {
  readonly plain: string;
  readonly gzip: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** SHA-256 of the plain text, in hexadecimal digits. */
  readonly digest: string;
  /** The number of values in it. */
  readonly lines: number;
  readonly omitted: ReadonlyMap<Omission, number>;
  /** The next time at which a value changes its state by itself, in milliseconds since 1970. */
  readonly changesAt: number;
}

/** Reads the rows of a list anew each time it is called. */
export type RowSource = () => AsyncIterable<readonly ValueRow[]>;

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
  const { format, query } = parts;
  const most = Math.min(query.limit ?? Infinity, format.most ?? Infinity);
  const body = `${path}.body`;
  try {
    const scores = new Scores();
    let selection = new Selection(parts);
    let written = await writeBody(body, rows, selection, parts, (value) => {
      scores.add(scoreOf(value));
      return query.page === 1 && scores.length <= most;
    });
    if (scores.length > most || query.page > 1) {
      const chosen = scores.chosen((query.page - 1) * most, query.page * most);
      selection = new Selection(parts);
      let at = 0;
      written = await writeBody(body, rows, selection, parts, () => chosen[at++] === 1);
      // Values on other pages are not left out of the list.
      if (query.limit === undefined) selection.omit('limit', Math.max(0, scores.length - most));
    }
    const facts = {
      name,
      lines: written,
      types: query.types,
      changed: Math.max(changed, selection.changedAt),
    };
    const { bytes, digest } = await writeWhole(path, format.head(facts), body);
    await pipeline(createReadStream(path), createGzip(), createWriteStream(`${path}.gz`, { mode: 0o600 }));
    return {
      plain: path,
      gzip: `${path}.gz`,
      bytes,
      gzipBytes: (await stat(`${path}.gz`)).size,
      digest,
      lines: written,
      omitted: selection.omitted,
      changesAt: selection.changesAt,
    };
  } finally {
    await rm(body, { force: true });
  }
}

/** Orders values by confidence, then by the number of sources, then by how recently they were seen. */
function scoreOf({ confidence, sources, lastSeen }: CurrentValue): number {
  const seconds = Math.min(Math.max(0, Math.floor(lastSeen / 1_000)), 2 ** 34 - 1);
  return ((confidence ?? 0) * 32 + Math.min(sources, 31)) * 2 ** 34 + seconds;
}

/** The scores of all values of a list, in their order. A million of them take 8 MB. */
class Scores {
  #scores = new Float64Array(1_024);
  length = 0;

  add(score: number): void {
    if (this.length === this.#scores.length) {
      const larger = new Float64Array(this.length * 2);
      larger.set(this.#scores);
      this.#scores = larger;
    }
    this.#scores[this.length++] = score;
  }

  /** Returns for each value whether its rank is in a range. Equal values have the ranks of their order. */
  chosen(from: number, to: number): Uint8Array {
    const ranked = new Uint32Array(this.length).map((_none, i) => i);
    ranked.sort((a, b) => (this.#scores[b] ?? 0) - (this.#scores[a] ?? 0) || a - b);
    const chosen = new Uint8Array(this.length);
    for (let rank = from; rank < Math.min(to, this.length); rank++) chosen[ranked[rank] ?? 0] = 1;
    return chosen;
  }
}

/** Writes the lines of the values that `isChosen` accepts. Returns their number. */
async function writeBody(
  path: string,
  rows: RowSource,
  selection: Selection,
  { format, query, clock }: SelectionParts,
  isChosen: (value: CurrentValue) => boolean,
): Promise<number> {
  const slices = new Slices(clock);
  const lines = new Lines(format, query.aggregate, selection);
  const file = await open(path, 'w', 0o600);
  try {
    let piece = '';
    for await (const values of grouped(rows())) {
      for (const group of values) {
        const value = selection.select(group);
        if (value !== undefined && isChosen(value)) piece += lines.take(value);
        if (slices.isOver()) await slices.next();
      }
      if (piece.length >= PIECE) {
        await file.writeFile(piece);
        piece = '';
      }
    }
    await file.writeFile(piece + lines.end());
    return lines.count;
  } finally {
    await file.close();
  }
}

/** Yields the rows of whole values, in pages. */
async function* grouped(
  pages: AsyncIterable<readonly ValueRow[]>,
): AsyncGenerator<readonly [ValueRow, ...ValueRow[]][]> {
  let group: [ValueRow, ...ValueRow[]] | undefined;
  for await (const page of pages) {
    const whole: [ValueRow, ...ValueRow[]][] = [];
    for (const row of page) {
      if (group !== undefined && group[0].value === row.value && group[0].type === row.type) group.push(row);
      else {
        if (group !== undefined) whole.push(group);
        group = [row];
      }
    }
    yield whole;
  }
  if (group !== undefined) yield [group];
}

/** Turns values into lines, joined to networks where that was asked for. */
class Lines {
  count = 0;
  readonly #writer: ListWriter;
  readonly #selection: Selection;
  readonly #joins: boolean;
  readonly #merges: boolean;
  #type: 'ipv4' | 'ipv6' | undefined;
  #aggregator: Aggregator<CurrentValue> | undefined;

  constructor(format: ListFormat, aggregate: boolean, selection: Selection) {
    this.#writer = format.writer();
    this.#selection = selection;
    this.#joins = aggregate || format.needsDisjoint === true;
    this.#merges = aggregate;
  }

  take(value: CurrentValue): string {
    const { type } = value;
    if (!this.#joins || (type !== 'ipv4' && type !== 'ipv6')) return this.#flushed() + this.#line(value);
    const before = this.#type === type ? '' : this.#flushed();
    this.#type = type;
    this.#aggregator ??= new Aggregator(type === 'ipv4' ? 32 : 128, this.#merges, together);
    return before + this.#all(this.#aggregator.push({ ...rangeOf(value.value), about: value }));
  }

  end(): string {
    return this.#flushed() + this.#writer.end();
  }

  #flushed(): string {
    const rest = this.#all(this.#aggregator?.end() ?? []);
    this.#aggregator = undefined;
    this.#type = undefined;
    return rest;
  }

  #all(ranges: readonly Covered<CurrentValue>[]): string {
    return ranges.map(({ base, prefix, about }) => this.#line(about, { base, prefix })).join('');
  }

  #line(value: CurrentValue, joined?: { readonly base: bigint; readonly prefix: number }): string {
    const text = this.#writer.line(entryOf(value, joined));
    if (text === undefined) this.#selection.omit('format');
    else if (text !== '') this.count++;
    return text ?? '';
  }
}

/** Describes a network that was made from two by what is true of both. */
function together(a: CurrentValue, b: CurrentValue): CurrentValue {
  const known = a.confidence === undefined || b.confidence === undefined ? undefined : Math.min(a.confidence, b.confidence); // prettier-ignore
  return {
    ...a,
    confidence: known,
    firstSeen: Math.min(a.firstSeen, b.firstSeen),
    lastSeen: Math.max(a.lastSeen, b.lastSeen),
    validUntil: Math.min(a.validUntil, b.validUntil),
    sources: Math.min(a.sources, b.sources),
    labels: a.labels.filter((label) => b.labels.includes(label)),
    level: Math.max(a.level, b.level),
  };
}

function entryOf(
  value: CurrentValue,
  joined: { readonly base: bigint; readonly prefix: number } | undefined,
): ListEntry {
  const { type, confidence, firstSeen, lastSeen, validUntil, sources, labels, level, id } = value;
  const range = type === 'ipv4' || type === 'ipv6' ? (joined ?? rangeOf(value.value)) : undefined;
  return {
    type,
    text:
      range !== undefined && (type === 'ipv4' || type === 'ipv6')
        ? rangeText(type, range)
        : readableObserved(value),
    range,
    confidence,
    firstSeen,
    lastSeen,
    validUntil,
    sources,
    tlp: tlpLabel(tlpOf(level)),
    labels,
    id,
  };
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
