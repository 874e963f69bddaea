import type { Batch, EnvelopeUsage, RecordQuery } from '../store.ts';
import type { Reader } from './reader.ts';

/** Maximum number of counts that are kept. */
const MOST = 2_000;

/** The reads whose results are kept. */
interface Numbers extends Pick<Reader, 'envelopeUsage'> {
  readonly records: Pick<Reader['records'], 'count'>;
}

/**
 * Numbers that nearly every submission needs and few batches change: how many records of a kind there are, and how much
 * the envelopes without an outcome take. After each commit, a read of the file has to look for its pages again, so a
 * read of these numbers would take longer than anything else that a small submission does on the main thread.
 */
export class CountMemory {
  readonly #read: Numbers;
  /** By kind, and then by index key. */
  readonly #counts = new Map<string, Map<string, number>>();
  #size = 0;
  #usage: readonly EnvelopeUsage[] | undefined;

  constructor(read: Numbers) {
    this.#read = read;
  }

  records(kind: string, index?: RecordQuery['index']): number {
    const key = index === undefined ? '' : `${index.name}\n${index.value}`;
    const known = this.#counts.get(kind)?.get(key);
    if (known !== undefined) return known;
    const count = this.#read.records.count(kind, index);
    if (this.#size >= MOST) {
      this.#counts.clear();
      this.#size = 0;
    }
    const counts = this.#counts.get(kind) ?? new Map<string, number>();
    counts.set(key, count);
    this.#counts.set(kind, counts);
    this.#size++;
    return count;
  }

  envelopeUsage(): readonly EnvelopeUsage[] {
    this.#usage ??= this.#read.envelopeUsage();
    return this.#usage;
  }

  /**
   * Forgets what a batch changes, before it is sent to the writer, and again after its response. A number that is read
   * in between may be the old one.
   */
  note({ records = [], envelopes = [], finished = [] }: Batch): void {
    for (const { kind } of records) {
      this.#size -= this.#counts.get(kind)?.size ?? 0;
      this.#counts.delete(kind);
    }
    if (envelopes.length > 0 || finished.length > 0) this.#usage = undefined;
  }
}
