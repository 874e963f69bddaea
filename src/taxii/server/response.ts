import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import type { IncomingMessage } from 'node:http';
import { gzip } from 'node:zlib';
import type { Micros } from '../../kernel/clock.ts';
import { taxiiTimestamp } from '../../stix/timestamps.ts';
import { NOT_STORED } from '../../kernel/http-door.ts';
import { TAXII_MEDIA_TYPE } from './media-type.ts';

/** Sends a body with the exact media type and its length. All TAXII responses are sent by this module. */
export function send(
  response: Response,
  fixed: Readonly<Record<string, string>>,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendParts(response, fixed, status, [Buffer.from(body)], { ...headers, ...NOT_STORED });
}

/**
 * Sends a page (TAXII 2.1 §3.5). A page that is `closed`, so nothing more can be added to it, has an ETag. A client
 * that already has the page gets a response of a few bytes (304, RFC 9110 §13.1.2), which helps on slow connections.
 */
export function sendPage(
  response: Response,
  fixed: Readonly<Record<string, string>>,
  parts: readonly Buffer[],
  headers: Readonly<Record<string, string>>,
  closed: boolean,
): void {
  if (!closed) {
    sendParts(response, fixed, 200, parts, { ...headers, ...NOT_STORED });
    return;
  }
  const tag = tagOf(parts);
  // Pages depend on the reader, and a version can be removed later. A cache must therefore be private and revalidate
  // each time.
  const kept = {
    ...headers,
    'Cache-Control': 'private, no-cache',
    Vary: 'Accept, Accept-Encoding, Authorization',
    ETag: tag,
  };
  if (hasAlready(response.req, tag)) {
    response.writeHead(304, { ...fixed, ...kept });
    response.end();
  } else sendParts(response, fixed, 200, parts, kept);
}

/** Returns a page of texts as an envelope. The stored bytes are sent unchanged. */
export function envelopeParts(
  page: { readonly joined: Buffer; readonly count: number },
  more: string,
): Buffer[] {
  return page.count === 0 ? [EMPTY] : [Buffer.from(`{${more}"objects":[`), page.joined, CLOSING];
}

/** Parts of at least this size have a digest of their own. */
const DIGESTED_FROM = 1_024;
/** The digests of pages. The store can return the same page several times. */
const digests = new WeakMap<Buffer, Buffer>();

function digestOf(part: Buffer): Buffer {
  let digest = digests.get(part);
  if (digest === undefined) {
    digest = createHash('sha256').update(part).digest();
    digests.set(part, digest);
  }
  return digest;
}

/** Returns a weak tag, because the compressed and the plain bytes of a page share it. */
function tagOf(parts: readonly Buffer[]): string {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part.length < DIGESTED_FROM ? part : digestOf(part));
  return `W/"${digest.digest('base64url').slice(0, 22)}"`;
}

/** True when the client already has the page with this tag. Tags are compared weakly (RFC 9110 §13.1.2). */
function hasAlready({ headers }: Pick<IncomingMessage, 'headers'>, tag: string): boolean {
  const opaque = tag.slice(2);
  return (headers['if-none-match'] ?? '')
    .split(',')
    .some((part) => part.trim().replace(/^W\//, '') === opaque);
}

/** An older OASIS client takes a response of two bytes for an error, so `more` is written (TAXII 2.1 §3.7). */
export const EMPTY_PAGE = '{"more":false}';
const EMPTY = Buffer.from(EMPTY_PAGE);
const CLOSING = Buffer.from(']}');

/** Smaller responses are not worth compressing. */
const PACK_FROM = 1_400;
/** Lower compression levels achieve most of the gain. Higher levels would make a polling client wait longer. */
const LEVEL = 4;

function sendParts(
  response: Response,
  fixed: Readonly<Record<string, string>>,
  status: number,
  parts: readonly Buffer[],
  headers: Readonly<Record<string, string>>,
): void {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const all = {
    ...fixed,
    Vary: 'Accept-Encoding',
    ...headers,
    'Content-Type': TAXII_MEDIA_TYPE,
  };
  const write = (head: Readonly<Record<string, string | number>>, bodies: readonly Buffer[]): void => {
    response.writeHead(status, head);
    response.cork();
    for (const body of bodies) response.write(body);
    response.end();
    response.uncork();
  };
  if (length < PACK_FROM || !takesGzip(response.req)) {
    write({ ...all, 'Content-Length': length }, parts);
    return;
  }
  gzip(Buffer.concat(parts, length), { level: LEVEL }, (error, packed) => {
    // The client may have disconnected meanwhile.
    if (response.destroyed) return;
    if (error === null)
      write({ ...all, 'Content-Encoding': 'gzip', 'Content-Length': packed.length }, [packed]);
    else write({ ...all, 'Content-Length': length }, parts);
  });
}

/** True when the client accepts gzip (RFC 9110 §12.5.3). Without an Accept-Encoding header, it gets the plain bytes. */
function takesGzip(request: Request): boolean {
  return request.acceptsEncodings('gzip') !== false;
}

/** Returns the headers of a page: the date added of its first and last item (TAXII 2.1 §3.2). */
export function dateAddedHeaders(
  page: { readonly count: number; readonly first: Micros; readonly last: Micros },
  addedAfter: Micros | undefined,
): Record<string, string> {
  if (page.count > 0) {
    return {
      'X-TAXII-Date-Added-First': taxiiTimestamp(page.first),
      'X-TAXII-Date-Added-Last': taxiiTimestamp(page.last),
    };
  }
  // The standard does not define the headers of an empty page. The value that the client sent is safe, because
  // continuing from it skips nothing.
  if (addedAfter === undefined) return {};
  const stamp = taxiiTimestamp(addedAfter);
  return { 'X-TAXII-Date-Added-First': stamp, 'X-TAXII-Date-Added-Last': stamp };
}

/** Returns the dates for the headers of a page of entries. */
export function datesOf(entries: readonly { readonly added: Micros }[]): {
  count: number;
  first: Micros;
  last: Micros;
} {
  return { count: entries.length, first: entries[0]?.added ?? 0, last: entries.at(-1)?.added ?? 0 };
}
