import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable, Writable } from 'node:stream';
import { callbackify } from 'node:util';

/*
 * The only module that writes or reads spool files. Files of a source may contain TLP:RED before the hub has inspected
 * them, so they are encrypted with AES-256-GCM in chunks. The keys are derived from one that exists only in this
 * process. Files of a killed process cannot be decrypted, and nothing needs them.
 */

const ALGORITHM = 'aes-256-gcm';
/** Unencrypted bytes per chunk. */
const CHUNK = 64 * 1024;
const TAG_BYTES = 16;
const SEALED_CHUNK = CHUNK + TAG_BYTES;
const SALT_BYTES = 16;

const MARK_BYTES = 16;
const HEADER_BYTES = MARK_BYTES + SALT_BYTES;

/** The keys that open the spool files of this process. */
export interface SpoolKeys {
  readonly key: Uint8Array;
  /** Marks the files that this process has written. Other files are read as they are. */
  readonly mark: Uint8Array;
}

let keys: SpoolKeys = { key: randomBytes(32), mark: randomBytes(MARK_BYTES) };

/** Returns the keys of this process, only for a thread of it that reads spool files. */
export function spoolKeys(): SpoolKeys {
  return keys;
}

/** Makes a thread read and write the spool files of its process. */
export function adoptSpoolKeys(given: SpoolKeys): void {
  keys = given;
}

function keyOf(salt: Uint8Array): Buffer {
  return createHmac('sha256', keys.key).update(salt).digest();
}

/**
 * The key of a file is used for nothing else, so the chunk number can serve as the nonce. The nonce also marks the last
 * chunk.
 */
function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(index, 0);
  nonce.writeUInt8(Number(isLast), 4);
  return nonce;
}

/** Runs a task with a spool folder of its own. The folder and its content are removed when the task ends. */
export async function inSpool<T>(
  spool: string,
  name: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  mkdirSync(spool, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(spool, `${name}.`));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A spool file that is written sequentially. */
class SpoolFile {
  readonly #file: FileHandle;
  readonly #key: Buffer;
  /** Written together with the first chunk. */
  #header: Buffer;
  #parts: Buffer[] = [];
  #size = 0;
  #index = 0;

  private constructor(file: FileHandle, salt: Buffer) {
    this.#file = file;
    this.#key = keyOf(salt);
    this.#header = Buffer.concat([keys.mark, salt]);
  }

  static async create(path: string): Promise<SpoolFile> {
    const salt = randomBytes(SALT_BYTES);
    return new SpoolFile(await open(path, 'w', 0o600), salt);
  }

  async write(bytes: Buffer): Promise<void> {
    this.#parts.push(bytes);
    this.#size += bytes.length;
    if (this.#size <= CHUNK) return;
    let rest = Buffer.concat(this.#parts);
    // The last chunk is written at the end, so at least one byte is kept back.
    while (rest.length > CHUNK) {
      await this.#append(rest.subarray(0, CHUNK), false);
      rest = rest.subarray(CHUNK);
    }
    this.#parts = [rest];
    this.#size = rest.length;
  }

  /** Writes the last chunk. */
  async end(): Promise<void> {
    await this.#append(Buffer.concat(this.#parts), true);
    this.#parts = [];
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #append(plain: Buffer, isLast: boolean): Promise<void> {
    const cipher = createCipheriv(ALGORITHM, this.#key, nonceOf(this.#index++, isLast));
    const sealed = [this.#header, cipher.update(plain), cipher.final(), cipher.getAuthTag()];
    this.#header = Buffer.alloc(0);
    await this.#file.writeFile(Buffer.concat(sealed));
  }
}

/** Returns a stream that writes into a spool file. */
export function spoolWriter(path: string): Writable {
  let file: SpoolFile | undefined;
  const create = async (): Promise<void> => {
    file = await SpoolFile.create(path);
  };
  const write = async (chunk: Buffer): Promise<void> => file?.write(chunk);
  const end = async (): Promise<void> => file?.end();
  const close = async (error: Error | null): Promise<void> => {
    await file?.close();
    if (error !== null) throw error;
  };
  return new Writable({
    construct: callbackify(create),
    write: (chunk: Buffer, _encoding, done) => callbackify(write)(chunk, done),
    final: callbackify(end),
    destroy: callbackify(close),
  });
}

/** Writes a text into a spool file, line by line. */
export class SpoolLines {
  readonly #path: string;
  #file: SpoolFile | undefined;
  #lines: string[] = [];
  #length = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async write(line: string): Promise<void> {
    this.#lines.push(line, '\n');
    this.#length += line.length + 1;
    if (this.#length >= CHUNK) await this.#flush();
  }

  async #flush(): Promise<SpoolFile> {
    this.#file ??= await SpoolFile.create(this.#path);
    const bytes = Buffer.from(this.#lines.join(''));
    this.#lines = [];
    this.#length = 0;
    await this.#file.write(bytes);
    return this.#file;
  }

  /** Completes and closes the file. */
  async close(): Promise<void> {
    try {
      const file = await this.#flush();
      await file.end();
    } finally {
      await this.#file?.close();
    }
  }
}

/** Reads a spool file at any position. A file that this process did not write is read as it is. */
export class SpoolReader {
  readonly #file: FileHandle;
  readonly #key: Buffer | undefined;
  readonly size: number;
  readonly #chunks: number;
  #last: { readonly index: number; readonly plain: Buffer } | undefined;
  #closed: Promise<void> | undefined;

  private constructor(file: FileHandle, key: Buffer | undefined, sizeOnDisk: number) {
    this.#file = file;
    this.#key = key;
    const sealed = sizeOnDisk - HEADER_BYTES;
    this.#chunks = Math.ceil(sealed / SEALED_CHUNK);
    this.size = key === undefined ? sizeOnDisk : sealed - this.#chunks * TAG_BYTES;
  }

  static async open(path: string): Promise<SpoolReader> {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const header = await bytesOf(file, 0, HEADER_BYTES);
      const isOurs = size > HEADER_BYTES && header.subarray(0, MARK_BYTES).equals(keys.mark);
      return new SpoolReader(file, isOurs ? keyOf(header.subarray(MARK_BYTES)) : undefined, size);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Returns the bytes from a position. At the end of the file there may be fewer than `length`. */
  async read(position: number, length: number): Promise<Buffer> {
    if (this.#key === undefined) return bytesOf(this.#file, position, length);
    const parts: Buffer[] = [];
    const end = Math.min(this.size, position + length);
    for (let at = position; at < end;) {
      const index = Math.floor(at / CHUNK);
      const plain = await this.#chunk(index, this.#key);
      const begin = at - index * CHUNK;
      const part = plain.subarray(begin, Math.min(plain.length, begin + end - at));
      parts.push(part);
      at += part.length;
    }
    return Buffer.concat(parts);
  }

  async *pieces(from = 0, to = this.size): AsyncGenerator<Buffer> {
    for (let at = from; at < to;) {
      // Pieces end at chunk boundaries, so each chunk is decrypted once.
      const piece = await this.read(at, Math.min(CHUNK - (at % CHUNK), to - at));
      if (piece.length === 0) return;
      at += piece.length;
      yield piece;
    }
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#file.close());
  }

  async #chunk(index: number, key: Buffer): Promise<Buffer> {
    if (this.#last?.index === index) return this.#last.plain;
    const sealed = await bytesOf(this.#file, HEADER_BYTES + index * SEALED_CHUNK, SEALED_CHUNK);
    const end = Math.max(0, sealed.length - TAG_BYTES);
    const decipher = createDecipheriv(ALGORITHM, key, nonceOf(index, index === this.#chunks - 1)).setAuthTag(
      sealed.subarray(end),
    );
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
    this.#last = { index, plain };
    return plain;
  }
}

async function bytesOf(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** Returns the bytes of a spool file as a stream. The file is closed at its end or when the stream is destroyed. */
export function spoolStreamOf(path: string): Readable {
  return Readable.from(piecesOf(path), { objectMode: false });
}

async function* piecesOf(path: string): AsyncGenerator<Buffer> {
  const reader = await SpoolReader.open(path);
  try {
    yield* reader.pieces();
  } finally {
    await reader.close();
  }
}

/** Returns the first bytes of a spool file, or all of them. */
export async function spoolBytes(path: string, most?: number): Promise<Buffer> {
  const reader = await SpoolReader.open(path);
  try {
    return await reader.read(0, most ?? reader.size);
  } finally {
    await reader.close();
  }
}

/** Yields the lines of a spool file. The file is closed at the end and when the reader stops early. */
export async function* linesIn(path: string): AsyncGenerator<string> {
  const input = spoolStreamOf(path);
  try {
    yield* createInterface({ input });
  } finally {
    input.destroy();
  }
}
