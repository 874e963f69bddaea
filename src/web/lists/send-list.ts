import { open, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { ListAnswer } from '../../sharing/lists/lists.ts';

/** Sends a list: unchanged (304), a part of it (206), or all of it, compressed for clients that accept that. */
export async function sendList(
  request: Request,
  response: Response,
  { list, format, modified, isStale }: ListAnswer,
  fixed: Readonly<Record<string, string>>,
): Promise<void> {
  const range = rangeOf(request.headers.range, list.bytes);
  const packed =
    request.headers.range === undefined && request.acceptsEncodings(['gzip', 'identity']) === 'gzip';
  const tags = { plain: `"${list.digest.slice(0, 32)}"`, gzip: `"${list.digest.slice(0, 32)}-gz"` };
  const tag = packed ? tags.gzip : tags.plain;
  const whole = {
    ...fixed,
    // A list depends on the reader, and a value can be withdrawn at any time.
    'Cache-Control': 'private, no-cache',
    Vary: 'Accept-Encoding, Authorization',
    ETag: tag,
    'Last-Modified': new Date(modified).toUTCString(),
    'Accept-Ranges': 'bytes',
    'X-Talanoa-Entries': String(list.lines),
    ...(list.omitted.size === 0
      ? {}
      : { 'X-Talanoa-Omitted': [...list.omitted].map(([reason, count]) => `${reason}=${count}`).join(', ') }),
    ...(isStale ? { Warning: '110 - "Response is stale"' } : {}),
  };
  if (hasAlready(request, [tags.plain, tags.gzip], modified)) {
    response.writeHead(304, whole).end();
    return;
  }
  const isPart = range !== undefined && isSame(request.headers['if-range'], tags.plain, modified);
  if (isPart && range === 'none') {
    response.writeHead(416, { ...whole, 'Content-Range': `bytes */${list.bytes}` }).end();
    return;
  }
  const size = packed ? list.gzipBytes : list.bytes;
  const part = isPart && range !== 'none' ? range : { first: 0, last: size - 1 };
  // Opened before the headers are sent, so that a missing file is an error that the client can read.
  const isEmpty = request.method === 'HEAD' || size === 0;
  const file = isEmpty ? undefined : await open(packed ? list.gzip : list.plain);
  response.writeHead(isPart ? 206 : 200, {
    ...whole,
    'Content-Type': `${format.media}; charset=utf-8`,
    'Content-Length': part.last - part.first + 1,
    ...(packed ? { 'Content-Encoding': 'gzip' } : {}),
    ...(isPart ? { 'Content-Range': `bytes ${part.first}-${part.last}/${size}` } : {}),
  });
  if (file === undefined) response.end();
  else await streamed(file, shifted(part, (packed ? list.begins?.gzip : list.begins?.plain) ?? 0), response);
}

interface Part {
  readonly first: number;
  readonly last: number;
}

function shifted({ first, last }: Part, by: number): Part {
  return { first: first + by, last: last + by };
}

async function streamed(file: FileHandle, { first, last }: Part, response: Response): Promise<void> {
  try {
    await pipeline(file.createReadStream({ start: first, end: last, autoClose: false }), response);
  } catch (error) {
    // The client went away. The response has begun, so there is no other way to report it.
    if (!response.destroyed) throw error;
  } finally {
    await file.close();
  }
}

/** Returns the requested part (RFC 9110 §14.2), or `none` if the list is shorter. Undefined for all of it. */
export function rangeOf(header: string | undefined, size: number): Part | 'none' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '') {
    const length = Math.min(Number(to), size);
    return length === 0 ? 'none' : { first: size - length, last: size - 1 };
  }
  const first = Number(from);
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== '' && Number(to) < first) return undefined;
  return first >= size ? 'none' : { first, last };
}

/** True if the client has this list (RFC 9110 §13.1.2, §13.1.3). */
function hasAlready({ headers }: Request, tags: readonly string[], modified: number): boolean {
  const none = headers['if-none-match'];
  if (none !== undefined)
    return none.split(',').some((tag) => tag.trim() === '*' || tags.includes(tag.trim().replace(/^W\//, '')));
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return !Number.isNaN(since) && Math.floor(modified / 1_000) * 1_000 <= since;
}

/** True if a part belongs to the list that the client has the other parts of (RFC 9110 §13.1.5). */
function isSame(condition: string | string[] | undefined, tag: string, modified: number): boolean {
  if (typeof condition !== 'string') return true;
  return condition === tag || Date.parse(condition) === Math.floor(modified / 1_000) * 1_000;
}
