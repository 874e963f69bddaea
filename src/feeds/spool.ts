import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { callbackify } from 'node:util';

/*
 * The only place that writes or reads spool files. Files of a source may contain TLP:RED before anybody has
 * looked at them, so they are encrypted: AES-256-GCM in chunks, under keys made from one that exists only in
 * this process. Nobody can read what a killed process leaves behind, and nobody needs to.
 */

const ALGORITHM = 'aes-256-gcm';
/** Plain bytes of a chunk. */
const CHUNK = 64 * 1024;
const TAG_BYTES = 16;
const SEALED_CHUNK = CHUNK + TAG_BYTES;
const SALT_BYTES = 16;

const PROCESS_KEY = randomBytes(32);
/** Begins the files that this process has written. Other files are read as they are. */
const MARK = randomBytes(16);
const HEADER_BYTES = MARK.length + SALT_BYTES;

function keyOf(salt: Uint8Array): Buffer {
  return createHmac('sha256', PROCESS_KEY).update(salt).digest();
}

/** The key of a file is used for nothing else, so the number of a chunk is a nonce. The last chunk is marked as such. */
function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(index, 0);
  nonce.writeUInt8(Number(isLast), 4);
  return nonce;
}

/** Runs a work with a spool folder of its own, which goes with everything in it when the work ends. */
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

/** A spool file that is written from its beginning to its end. */
class SpoolFile {
  readonly #file: FileHandle;
  readonly #key: Buffer;
  /** Goes with the first chunk. */
  #header: Buffer;
  #parts: Buffer[] = [];
  #size = 0;
  #index = 0;

  private constructor(file: FileHandle, salt: Buffer) {
    this.#file = file;
    this.#key = keyOf(salt);
    this.#header = Buffer.concat([MARK, salt]);
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
    // The last chunk is written at the end, so at least one byte stays.
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

/** A stream into a spool file. */
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

/** A text that is written line by line into a spool file. */
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

  /** Ends the file. */
  async close(): Promise<void> {
    try {
      const file = await this.#flush();
      await file.end();
    } finally {
      await this.#file?.close();
    }
  }
}

/** A spool file that is read at any place. A file that this process did not write is read as it is. */
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
      const isOurs = size > HEADER_BYTES && MARK.equals(header.subarray(0, MARK.length));
      return new SpoolReader(file, isOurs ? keyOf(header.subarray(MARK.length)) : undefined, size);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Returns the bytes from a position, fewer at the end of the file. */
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
      // Pieces end where chunks end, so that each chunk is opened once.
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

/** The bytes of a spool file as a stream, which closes the file at its end or when it is destroyed. */
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

/** The first bytes of a spool file, or all of them. */
export async function spoolBytes(path: string, most?: number): Promise<Buffer> {
  const reader = await SpoolReader.open(path);
  try {
    return await reader.read(0, most ?? reader.size);
  } finally {
    await reader.close();
  }
}
