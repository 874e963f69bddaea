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

function textOf(bytes: Buffer): string {
  const end = bytes.at(-1) === 0x0d ? bytes.length - 1 : bytes.length;
  // The first line may begin with a byte order mark.
  const from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const line = bytes.subarray(from, end);
  return isUtf8(line) ? line.toString('utf8') : western.decode(line);
}
