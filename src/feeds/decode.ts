import { PassThrough, Readable, Transform, pipeline } from 'node:stream';
import { callbackify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { RandomAccessReader, fromRandomAccessReader, type Entry, type ZipFile } from 'yauzl';
import type { FeedDocument } from '../config/settings.ts';
import { fileNames } from './file-names.ts';
import { SpoolReader, spoolBytes, spoolStreamOf } from './spool.ts';
import { FetchProblem, packed, type FeedFile } from './transports/transport.ts';

const MOST_MEMBERS = 100;
const SNIFFED = 2_048;

type DecodeSpec = NonNullable<FeedDocument['decode']>;

/**
 * Returns the text of a feed file as UTF-8 bytes. It is unpacked once, within limits, and decoded with the charset that
 * its byte order mark, the feed document, its XML declaration or the response names. Throws a Problem for files that
 * are clearly not a feed: web pages, sign-in pages and error pages of proxies.
 */
export async function decoded(
  { path, bytes, charset }: Pick<FeedFile, 'path' | 'bytes' | 'charset'>,
  spec: DecodeSpec = {},
): Promise<Readable> {
  const head = await spoolBytes(path, SNIFFED);
  const wanted = spec.compression ?? 'auto';
  const packing = packingOf(head);
  const isGzip = packing === 'gzip';
  const isZip = packing === 'zip';
  let stream: Readable;
  if (wanted !== 'none' && isZip) stream = await memberOf(path, spec.member);
  else if (wanted !== 'none' && isGzip) stream = piped(spoolStreamOf(path), createGunzip());
  else if (wanted === 'gzip' || wanted === 'zip')
    throw new FetchProblem(`The feed is not a ${wanted} file`, { failure: 'content' });
  else stream = spoolStreamOf(path);
  if (isGzip || isZip) stream = piped(stream, limited(bytes));
  return checked(stream, spec.charset, charset);
}

/** True for a packed file. Its content may be up to 200 times as large. */
export async function isPacked({ path }: Pick<FeedFile, 'path'>): Promise<boolean> {
  return packingOf(await spoolBytes(path, SNIFFED)) !== undefined;
}

function packingOf(head: Buffer): 'gzip' | 'zip' | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head.toString('latin1', 0, 4) === 'PK\u0003\u0004' ? 'zip' : undefined;
}

/** Stops a stream that unpacks to too many bytes, in total or for its compressed size. */
function limited(wire: number): Transform {
  let unpacked = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      unpacked += chunk.length;
      done(packed(unpacked, wire), chunk);
    },
  });
}

/** Connects a stream to others. An error in any of them becomes an error of the last one. */
function piped(first: Readable, ...steps: readonly Transform[]): Readable {
  const last = steps.at(-1) ?? new PassThrough();
  pipeline([first, ...steps], (error) => {
    if (error === null || error === undefined || last.destroyed) return;
    last.destroy(broken(error));
  });
  return last;
}

function broken(error: unknown): Error {
  return error instanceof FetchProblem
    ? error
    : new FetchProblem('The feed is damaged and cannot be unpacked completely', {
        failure: 'content',
        cause: error,
      });
}

/** Inspects the first bytes and converts the text to UTF-8, with line feeds at the ends of its lines. */
async function checked(
  stream: Readable,
  charset: string | undefined,
  announced: string | undefined,
): Promise<Readable> {
  const chunks = unbroken(stream);
  const parts: Buffer[] = [];
  let size = 0;
  let head: Buffer;
  let label: string;
  try {
    for (let step = await chunks.next(); step.done !== true; step = await chunks.next()) {
      parts.push(step.value);
      if ((size += step.value.length) >= SNIFFED) break;
    }
    head = Buffer.concat(parts);
    label =
      bomOf(head) ??
      charset?.toLowerCase() ??
      wideOf(head) ??
      declaredIn(head) ??
      known(announced) ??
      'utf-8';
    refusePages(new TextDecoder(labelOr(label)).decode(head.subarray(0, SNIFFED)));
  } catch (error) {
    // Nothing reads the stream now. Closing its file now avoids waiting for garbage collection.
    stream.destroy();
    throw error;
  }
  async function* whole(): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head;
    yield* chunks;
  }
  const lines = transcoded(whole(), label);
  // Old systems end lines with a carriage return alone.
  const isOld = head.includes(0x0d) && !head.includes(0x0a);
  const text = Readable.from(isOld ? withLineFeeds(lines) : lines, { objectMode: false });
  // A reader may stop before `whole` has delivered all chunks. The file is closed in that case, too.
  text.once('close', () => stream.destroy());
  return text;
}

/** Yields the chunks of a stream. Its errors describe the problem with the feed. */
async function* unbroken(stream: Readable): AsyncGenerator<Buffer, undefined> {
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    throw broken(error);
  }
  return undefined;
}

function bomOf(head: Buffer): string | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return undefined;
}

/** Returns the charset of text in UTF-16 without a byte order mark. Every other byte of its Latin letters is zero. */
function wideOf(head: Buffer): string | undefined {
  const looked = head.subarray(0, 200);
  const zeros = (from: number): number => looked.filter((byte, i) => i % 2 === from && byte === 0).length;
  const [even, odd] = [zeros(0), zeros(1)];
  if (looked.length < 8 || Math.max(even, odd) < looked.length * 0.4 || Math.min(even, odd) > 0)
    return undefined;
  return odd > even ? 'utf-16le' : 'utf-16be';
}

/**
 * Returns the charset that an XML declaration names (XML 1.0 §4.3.3). Undefined for a name that is not known, and for
 * one that the declaration itself disproves, because it could be read.
 */
function declaredIn(head: Buffer): string | undefined {
  const text = head.toString('latin1', 0, 200).trimStart();
  const label = /^<\?xml\s[^>]{0,150}?encoding\s*=\s*["']([\w.:-]{1,40})["']/i.exec(text)?.[1]?.toLowerCase();
  return label === undefined || /^(?:utf-?16|utf-?32|ucs|iso-10646)/.test(label) ? undefined : known(label);
}

/**
 * Returns the charset of a label from the source. Undefined when it is not known, and for Windows-1252 and ISO 8859-1:
 * many sources declare them for UTF-8, and the parsers read what is not UTF-8 as Windows-1252 anyway.
 */
function known(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  try {
    const { encoding } = new TextDecoder(label);
    return encoding === 'windows-1252' ? undefined : encoding;
  } catch {
    return undefined;
  }
}

function labelOr(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    throw new FetchProblem(`The charset "${label.slice(0, 40)}" is not known`, { failure: 'setting' });
  }
}

/** Passes UTF-8 through unchanged, without its byte order mark. Invalid bytes are handled later, line by line. */
async function* transcoded(chunks: AsyncIterable<Buffer>, label: string): AsyncGenerator<Buffer> {
  if (labelOr(label) === 'utf-8') {
    let first = true;
    for await (const chunk of chunks) {
      yield first && bomOf(chunk) === 'utf-8' ? chunk.subarray(3) : chunk;
      first = false;
    }
    return;
  }
  const decoder = new TextDecoder(label);
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

async function* withLineFeeds(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk.map((byte) => (byte === 0x0d ? 0x0a : byte)));
}

/** Throws for content that is clearly not a feed: sign-in pages and other HTML with a success status. */
function refusePages(text: string): void {
  const head = text
    .replace(/^\uFEFF/, '')
    .trimStart()
    .replace(/^(?:<!--[\s\S]*?-->\s*)+/, '')
    .toLowerCase();
  if (
    /^<(?:!doctype html|html|head|body|script|meta)\b/.test(head) ||
    /^<\?xml[^>]*>\s*(?:<!doctype html|<html)/.test(head)
  )
    throw new FetchProblem('The source sent a web page instead of the feed', {
      failure: 'content',
      hint: 'Open the address in a browser. The source may require a key or may have moved.',
    });
}

/** Reads a spool file for the zip library. */
class ZipSource extends RandomAccessReader {
  readonly #reader: SpoolReader;

  constructor(reader: SpoolReader) {
    super();
    this.#reader = reader;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#reader.pieces(start, end), { objectMode: false });
  }

  override close(done: (error: Error | null) => void): void {
    callbackify(() => this.#reader.close())(done);
  }
}

/** Returns the selected member of a zip file. */
async function memberOf(path: string, member: string | undefined): Promise<Readable> {
  const wanted = member === undefined ? undefined : fileNames(member);
  const reader = await SpoolReader.open(path);
  const close = callbackify(() => reader.close());
  return new Promise((resolve, reject) => {
    const options = { lazyEntries: true, autoClose: false };
    fromRandomAccessReader(new ZipSource(reader), reader.size, options, (error, zip?: ZipFile) => {
      // Every outcome except a stream closes the file.
      const fail = (title: string, fault?: unknown): void => {
        if (zip?.isOpen === true) zip.close();
        close(() => reject(new FetchProblem(title, { failure: 'content', cause: fault })));
      };
      if (error !== null || zip === undefined) {
        fail('The feed is a damaged zip file', error);
        return;
      }
      if (zip.entryCount > MOST_MEMBERS) {
        fail(`The zip file has ${zip.entryCount} members; ${MOST_MEMBERS} are allowed`);
        return;
      }
      const found: Entry[] = [];
      zip.on('error', (fault: Error) => fail('The feed is a damaged zip file', fault));
      zip.on('entry', (entry: Entry) => {
        const name = entry.fileName.split('/').at(-1) ?? '';
        if (name !== '' && (wanted === undefined || wanted(name) || wanted(entry.fileName)))
          found.push(entry);
        zip.readEntry();
      });
      zip.on('end', () => {
        const [only] = found;
        if (only === undefined || found.length > 1) {
          fail(
            found.length === 0
              ? 'The zip file does not contain the file of decode.member'
              : `The zip file has ${found.length} members; decode.member must name one`,
          );
          return;
        }
        zip.openReadStream(only, (fault, stream?: Readable) => {
          if (fault !== null || stream === undefined)
            fail('The file in the zip archive cannot be read', fault);
          else {
            stream.once('close', () => zip.close());
            resolve(stream);
          }
        });
      });
      zip.readEntry();
    });
  });
}
