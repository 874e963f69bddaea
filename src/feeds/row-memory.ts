import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { wordsOf, type UuidWords } from './digest-set.ts';
import { timeOf, type Finding } from './findings.ts';
import type { Row } from './template.ts';

/*
 * A row memory holds a digest of each row that a run has read and stored. The next run does not map such a row again. A
 * row with several findings has one entry for each, under consecutive digests.
 */

/** Numbers of 32 bits per entry: digest (2), id of the finding (2), time of the finding (2). */
const WORDS = 6;
const ENTRY_BYTES = WORDS * 4;
/** The first bytes of a file identify the run that wrote it. */
const TOKEN_BYTES = 16;
/** Marks the last finding of a row, in the upper half of its time. */
const LAST = 0x8000_0000;
const TWO_32 = 2 ** 32;
/** Maximum number of findings of a row that is remembered. */
const MOST_FINDINGS = 16;
const BYTES_AT_ONCE = ENTRY_BYTES * 2_048;

/** The file of a row memory. */
export interface RowMemoryFile {
  readonly path: string;
  /** 16 bytes in hexadecimal digits, which change with each run. */
  readonly token: string;
}

/** A finding of a remembered row. */
export interface KnownFinding {
  readonly id: UuidWords;
  /** Milliseconds since 1970. 0 when it has no time. */
  readonly time: number;
}

/** The first 64 bits of a digest. Two different rows have the same once in 10^19 pairs. */
export type RowDigest = UuidWords;

/** Returns a function that computes digests of rows. Everything else that decides what a row means is in `context`. */
export function rowDigests(context: string): (row: Row) => RowDigest {
  const prefix = hash('sha256', context);
  return (row) => {
    const digits = hash('sha256', `${prefix}${JSON.stringify(row)}`);
    // The first number is never 0, which marks a free slot.
    return [
      (Number.parseInt(digits.slice(0, 8), 16) | 1) >>> 0,
      Number.parseInt(digits.slice(8, 16), 16) >>> 0,
    ];
  };
}

/** True for findings that a row memory can represent. */
export function canBeRemembered(findings: readonly Finding[]): boolean {
  return (
    findings.length > 0 &&
    findings.length <= MOST_FINDINGS &&
    findings.every(
      (finding) => finding.kind === 'indicator' || (finding.kind === 'object' && finding.binds !== true),
    )
  );
}

/** Returns a finding in the format in which it is remembered. */
export function knownOf(finding: Finding): KnownFinding {
  return { id: wordsOf(finding.id), time: timeOf(finding) };
}

/** The rows that earlier runs have stored. */
export class RowMemory {
  readonly #slots: Uint32Array;
  readonly #room: number;

  private constructor(entries: number) {
    this.#room = Math.max(16, Math.ceil(entries * 1.5));
    this.#slots = new Uint32Array(this.#room * WORDS);
  }

  /** Reads a file. Undefined when it is missing, incomplete, or not the file of this token. */
  static async load({ path, token }: RowMemoryFile): Promise<RowMemory | undefined> {
    const unsettled = new Set<string>();
    let entries = 0;
    const isOurs = await eachEntry(path, token, ([high, low, ...id]) => {
      entries++;
      if (high === 0 && low === 0) unsettled.add(id.slice(0, 2).join());
    });
    if (!isOurs) return undefined;
    const memory = new RowMemory(entries);
    await eachEntry(path, token, (entry) => {
      if (entry[0] !== 0 && (unsettled.size === 0 || !unsettled.has(`${entry[2]},${entry[3]}`)))
        memory.#put(entry);
    });
    return memory;
  }

  /** Returns the findings of a row. Undefined when it is new. */
  find([high, low]: RowDigest): readonly KnownFinding[] | undefined {
    const found: KnownFinding[] = [];
    for (let i = 0; i < MOST_FINDINGS; i++) {
      const at = this.#slot(high, (low + i) >>> 0);
      const [, , idHigh = 0, idLow = 0, upper = 0, lower = 0] = this.#slots.subarray(at, at + WORDS);
      if (this.#slots[at] === 0) return undefined;
      const isLast = (upper & LAST) !== 0;
      found.push({ id: [idHigh, idLow], time: ((upper & ~LAST) >>> 0) * TWO_32 + lower });
      if (isLast) return found;
    }
    return undefined;
  }

  #put(entry: Uint32Array): void {
    this.#slots.set(entry, this.#slot(entry[0] ?? 0, entry[1] ?? 0));
  }

  /** Returns where a digest is, or the free slot where it would be. */
  #slot(high: number, low: number): number {
    let index = (high ^ low) >>> 0;
    for (index %= this.#room; ; index = (index + 1) % this.#room) {
      const at = index * WORDS;
      if (this.#slots[at] === 0 || (this.#slots[at] === high && this.#slots[at + 1] === low)) return at;
    }
  }
}

/** Reads the entries of a file one by one. False when the file is not the one of this token. */
async function eachEntry(path: string, token: string, visit: (entry: Uint32Array) => void): Promise<boolean> {
  let rest: Buffer = Buffer.alloc(0);
  let isOurs = false;
  const entry = new Uint32Array(WORDS);
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      if (!isOurs) {
        if (bytes.length < TOKEN_BYTES || bytes.toString('hex', 0, TOKEN_BYTES) !== token) return false;
        bytes = bytes.subarray(TOKEN_BYTES);
        isOurs = true;
      }
      let at = 0;
      for (; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
        for (let i = 0; i < WORDS; i++) entry[i] = bytes.readUInt32LE(at + i * 4);
        visit(entry);
      }
      rest = bytes.subarray(at);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  return isOurs && rest.length === 0;
}

/** Writes a row memory, entry by entry. */
export class RowMemoryWriter {
  readonly #out: WriteStream;
  #bytes = Buffer.alloc(BYTES_AT_ONCE);
  #size = 0;
  #failure: Error | undefined;

  constructor({ path, token }: RowMemoryFile, flags: 'w' | 'a' = 'w') {
    this.#out = createWriteStream(path, { flags, mode: 0o600 });
    this.#out.on('error', (error) => (this.#failure = error));
    if (flags === 'w') this.#out.write(Buffer.from(token, 'hex'));
  }

  /** Adds a row with its findings. */
  async add([high, low]: RowDigest, findings: readonly KnownFinding[]): Promise<void> {
    for (const [i, { id, time }] of findings.entries()) {
      const upper = Math.floor(time / TWO_32) + (i === findings.length - 1 ? LAST : 0);
      await this.#write([high, (low + i) >>> 0, ...id, upper, time % TWO_32]);
    }
  }

  /** Adds a finding that was not stored. The rows with this finding are not remembered. */
  async forget(id: UuidWords): Promise<void> {
    await this.#write([0, 0, ...id, 0, 0]);
  }

  /** Completes the file. */
  async close(): Promise<void> {
    if (this.#size > 0) await this.#flush();
    const closed = once(this.#out, 'close');
    this.#out.end();
    await closed;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #write(words: readonly number[]): Promise<void> {
    for (const word of words) this.#size = this.#bytes.writeUInt32LE(word >>> 0, this.#size);
    if (this.#size === BYTES_AT_ONCE) await this.#flush();
  }

  async #flush(): Promise<void> {
    const full = this.#bytes.subarray(0, this.#size);
    this.#bytes = Buffer.alloc(BYTES_AT_ONCE);
    this.#size = 0;
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#out.write(full)) await this.#drained();
  }

  /** Resolves when the stream takes more, or ended early. */
  async #drained(): Promise<void> {
    const over = new AbortController();
    const { signal } = over;
    // Both listeners go, or a long file would leave one for each time it had to wait.
    await Promise.race([once(this.#out, 'drain', { signal }), once(this.#out, 'close', { signal })]).finally(
      () => over.abort(),
    );
  }
}
