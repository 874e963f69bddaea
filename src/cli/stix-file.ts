import { createReadStream, statSync } from 'node:fs';
import { gate, isGated, readObject, type GateFault, type GatedObject } from '../kernel/json-gate.ts';
import { splitJson, type Piece, type Shell } from '../kernel/json-stream.ts';
import { Problem } from '../kernel/problem.ts';
import { unreadable } from './io.ts';

/** Opens a file as a stream, so its size does not matter. `-` means standard input. */
export function openStream(file: string): { stream: AsyncIterable<Buffer>; size: number } {
  if (file === '-') return { stream: process.stdin, size: 0 };
  try {
    const found = statSync(file);
    // Opening a folder succeeds; only reading it fails, after this function.
    if (found.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
    const { size } = found;
    return { stream: createReadStream(file, { highWaterMark: 262_144 }), size };
  } catch (error) {
    throw unreadable(file, error);
  }
}

/**
 * Returns the object that a part of a file contains. A document without a list is itself an object, unless it is an
 * empty page of a collection (TAXII 2.1 §3.7) or a bundle without objects.
 */
export function pieceOf(part: Piece | Shell): Piece | undefined {
  if (part.kind === 'piece') return part;
  if (part.pieces !== undefined || isEmpty(part.text)) return undefined;
  return { kind: 'piece', bytes: Buffer.from(part.text), line: part.line, column: part.column };
}

/** Maximum length of a document that may be an empty page or bundle. */
const LONGEST_EMPTY = 1_000;

function isEmpty(text: string): boolean {
  if (text.length > LONGEST_EMPTY) return false;
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    if ('type' in value) return value.type === 'bundle';
    return Object.keys(value).every((name) => name === 'more' || name === 'next' || name === 'objects');
  } catch {
    return false;
  }
}

const BEFORE = Buffer.from('{"objects":[');
const AFTER = Buffer.from(']}');

/** Reads an object through the same input check as the hub. */
export function itemOf(piece: Piece): GatedObject | GateFault {
  try {
    const document = gate(Buffer.concat([BEFORE, piece.bytes, AFTER]));
    const [span] = document.objects;
    return span === undefined ? { pointer: '', message: 'is not there' } : readObject(document, span);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { pointer: '', message: [error.title, error.description].filter(Boolean).join(': ') };
  }
}

/**
 * Yields the texts of the objects of a file: a bundle, an envelope, a list, one object, or several objects one after
 * the other (NDJSON).
 */
export async function* textsOf(
  file: string,
  leftOut: (line: number, why: string) => void,
): AsyncGenerator<string> {
  for await (const part of splitJson(openStream(file).stream)) {
    const piece = pieceOf(part);
    if (piece === undefined) continue;
    const item = itemOf(piece);
    if (isGated(item)) yield item.text;
    else leftOut(piece.line, `${item.pointer} ${item.message}`.trim());
  }
}
