import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { LONGEST_RECORD } from './record.ts';

export interface Line {
  readonly number: number;
  readonly text: string;
  /** The line was longer than 1 MiB and is shortened. */
  readonly cut: boolean;
}

const western = new TextDecoder('windows-1252');

/**
 * Yields the lines of a text, without line ends. A line that is not valid UTF-8 is read as Windows-1252, because old
 * exports mix both. A line longer than the maximum record is shortened, so memory stays limited.
 */
export async function* linesOf(stream: Readable): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let size = 0;
  let number = 0;
  let cut = false;
  const keep = (part: Buffer): void => {
    if (size + part.length > LONGEST_RECORD) cut = true;
    const kept = part.subarray(0, Math.max(0, LONGEST_RECORD - size));
    if (kept.length > 0) parts.push(kept);
    size += kept.length;
  };
  const take = (): Line => {
    const [only] = parts;
    const bytes = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
    const line = { number: ++number, text: textOf(bytes), cut };
    parts = [];
    size = 0;
    cut = false;
    return line;
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, from)) {
      keep(chunk.subarray(from, at));
      yield take();
      from = at + 1;
    }
    if (from < chunk.length) keep(chunk.subarray(from));
  }
  if (size > 0) yield take();
}

/** Size at which a part is cut, and maximum number of bytes before it that are searched for a line end or a tag. */
const PART = 65_536;

/**
 * Yields the bytes of a text in parts that end at a line end or a tag. Such a part does not split a character, so its
 * charset can be recognised.
 */
export async function* wholeParts(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (rest.length < PART) continue;
    const end = Math.max(rest.lastIndexOf(0x0a), rest.lastIndexOf(0x3e)) + 1;
    const cut = end > 0 ? end : rest.length;
    yield rest.subarray(0, cut);
    rest = rest.subarray(cut);
  }
  if (rest.length > 0) yield rest;
}

/** Returns text that is valid UTF-8, and otherwise reads it as Windows-1252. */
export function utf8OrWestern(bytes: Buffer): string {
  // Without streaming, some versions of Node.js read ISO 8859-1 instead, which has no characters at 0x80 to 0x9f.
  return isUtf8(bytes) ? bytes.toString('utf8') : western.decode(bytes, { stream: true });
}

function textOf(bytes: Buffer): string {
  const end = bytes.at(-1) === 0x0d ? bytes.length - 1 : bytes.length;
  // The first line may begin with a byte order mark.
  const from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const line = bytes.subarray(from, end);
  return utf8OrWestern(line);
}
