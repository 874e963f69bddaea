import type { Response } from 'express';
import { promisify } from 'node:util';
import { gzip as gzipLater, gzipSync } from 'node:zlib';
import { sendWhole, type Headers } from '../../kernel/http-door.ts';

/** Compression of shorter texts makes no difference that a reader notices. */
const WORTH_BYTES = 500;

/** Larger files are compressed outside the main thread, which answers other requests meanwhile. */
const LARGE_BYTES = 262_144;
const gzipped = promisify<Buffer, Buffer>(gzipLater);

/** A text in both forms in which it can be sent. */
export interface Packed {
  readonly plain: Buffer;
  /** The text in gzip, or undefined for a short text. */
  readonly gzip: Buffer | undefined;
}

/** Returns a text in both forms, for texts that are sent many times. */
export function packed(text: string): Packed {
  const plain = Buffer.from(text);
  return { plain, gzip: plain.length < WORTH_BYTES ? undefined : gzipSync(plain) };
}

/** Does the same for a file, which can be large. */
export async function packedFile(text: string): Promise<Packed> {
  if (text.length <= LARGE_BYTES) return packed(text);
  const plain = Buffer.from(text);
  return { plain, gzip: await gzipped(plain) };
}

/** Returns a function that packs a text when it is first needed, so that the hub starts sooner. */
export function packedLater(text: () => string): () => Packed {
  let made: Packed | undefined;
  return () => (made ??= packed(text()));
}

/**
 * Sends a text in gzip to clients that accept it (RFC 9110 §12.5.3), and as it is to all others. Pages and documents go
 * over slow links. Compression cannot reveal a secret of a person's page, because the cookie of the session is not sent
 * with requests of other sites.
 */
export function sendPacked(
  response: Response,
  status: number,
  type: string,
  { plain, gzip }: Packed,
  headers: Headers = {},
): void {
  const isGzip = gzip !== undefined && response.req.acceptsEncodings('gzip', 'identity') === 'gzip';
  sendWhole(response, status, type, isGzip ? gzip : plain, {
    ...headers,
    ...(gzip === undefined ? {} : { Vary: [headers['Vary'], 'Accept-Encoding'].filter(Boolean).join(', ') }),
    ...(isGzip ? { 'Content-Encoding': 'gzip' } : {}),
  });
}

/** Sends an HTML document, in gzip where the client accepts it. */
export function sendPage(response: Response, status: number, html: string | Packed, headers?: Headers): void {
  sendPacked(
    response,
    status,
    'text/html; charset=utf-8',
    typeof html === 'string' ? packed(html) : html,
    headers,
  );
}
