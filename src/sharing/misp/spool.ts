import { open, rm, type FileHandle } from 'node:fs/promises';

/** Size of the pieces that are written, in bytes. */
const PIECE = 262_144;
/** Texts with at most this number of bytes between them are read together, up to a size. */
const GAP = 32_768;
const LONGEST_RUN = 4_194_304;
/** Numbers that are kept of a record: its place in the order, its position in the file and its length. */
const WIDTH = 4;

/** Where a text is in a spool. */
export type Place = readonly [position: number, length: number];

/** The records of one event that are in a spool, by their order. They take 32 bytes each in memory. */
export class Records {
  readonly #numbers: number[] = [];
  #sorted: Uint32Array | undefined;

  get count(): number {
    return this.#numbers.length / WIDTH;
  }

  /** Adds a record with its place in the order. */
  add(first: number, second: number, position: number, length: number): void {
    this.#numbers.push(first, second, position, length);
    this.#sorted = undefined;
  }

  /** Returns the positions and lengths of a part of the records, in their order. */
  part(from: number, to: number): readonly Place[] {
    return [...this.#order().subarray(from, to)].map(
      (at) => [this.#numbers[at * WIDTH + 2] ?? 0, this.#numbers[at * WIDTH + 3] ?? 0] as const,
    );
  }

  #order(): Uint32Array {
    const number = (at: number, column: number): number => this.#numbers[at * WIDTH + column] ?? 0;
    this.#sorted ??= Uint32Array.from({ length: this.count }, (_each, at) => at).sort(
      (a, b) => number(a, 0) - number(b, 0) || number(a, 1) - number(b, 1) || a - b,
    );
    return this.#sorted;
  }
}

/** A file of texts that are written once and read again in another order, because memory does not hold them. */
export class Spool {
  readonly #path: string;
  readonly #file: FileHandle;
  #waiting: Buffer[] = [];
  #size = 0;
  #end = 0;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async create(path: string): Promise<Spool> {
    return new Spool(path, await open(path, 'w+', 0o600));
  }

  /** Takes a text and returns its position and length. */
  write(text: string): Place {
    const bytes = Buffer.from(text);
    const position = this.#end;
    this.#waiting.push(bytes);
    this.#end += bytes.length;
    this.#size += bytes.length;
    return [position, bytes.length];
  }

  /** True when enough texts wait in memory to be written with `flush`. */
  get isFull(): boolean {
    return this.#size >= PIECE;
  }

  /** Writes what waits in memory. It must be called before reading. */
  async flush(): Promise<void> {
    const whole = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#size = 0;
    await writeAll(this.#file, whole, this.#end - whole.length);
  }

  /** Returns texts in the order of their places. Those that are near each other in the file are read together. */
  async read(places: readonly Place[]): Promise<readonly string[]> {
    const texts = new Array<string>(places.length);
    const order = places.map((_place, i) => i).sort((a, b) => (places[a]?.[0] ?? 0) - (places[b]?.[0] ?? 0));
    for (let at = 0; at < order.length;) {
      const run = this.#runFrom(order, places, at);
      const begin = places[order[at] ?? 0]?.[0] ?? 0;
      const bytes = await readPart(this.#file, begin, run.end - begin);
      for (; at < run.next; at++) {
        const i = order[at] ?? 0;
        const [position, length] = places[i] ?? [begin, 0];
        texts[i] = bytes.toString('utf8', position - begin, position - begin + length);
      }
    }
    return texts;
  }

  /** Returns the end of the part of the file that is read from a place on, and the first place after it. */
  #runFrom(order: readonly number[], places: readonly Place[], from: number): { readonly end: number; readonly next: number } {
    const [begin = 0, first = 0] = places[order[from] ?? 0] ?? [];
    let end = begin + first;
    let next = from + 1;
    for (; next < order.length; next++) {
      const [position = 0, length = 0] = places[order[next] ?? 0] ?? [];
      if (position - end > GAP || position + length - begin > LONGEST_RUN) break;
      end = position + length;
    }
    return { end, next };
  } // prettier-ignore

  /** Closes and removes the file. */
  async remove(): Promise<void> {
    await this.#file.close();
    await rm(this.#path, { force: true });
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}

/** Reads a part of a file. Throws an error if the file is shorter. */
export async function readPart(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(bytes, at, length - at, position + at);
    if (bytesRead === 0) throw new Error('a file of the MISP feed is shorter than it was');
    at += bytesRead;
  }
  return bytes;
}
