import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzip } from 'node:zlib';
import type { Micros } from '../kernel/clock.ts';
import { taxiiTimestamp } from '../stix/timestamps.ts';
import { TAXII_MEDIA_TYPE } from './media-type.ts';

/** Sends a body with the exact media type and its length. Nothing else may write a TAXII answer. */
export function send(
  response: ServerResponse,
  fixed: Readonly<Record<string, string>>,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendParts(response, fixed, status, [Buffer.from(body)], headers);
}

/** Sends a page of texts as an envelope: the bytes of the store go out as they are. */
export function sendEnvelope(
  response: ServerResponse,
  fixed: Readonly<Record<string, string>>,
  page: { readonly joined: Buffer; readonly count: number },
  more: string,
  headers: Readonly<Record<string, string>>,
): void {
  const parts = page.count === 0 ? [EMPTY] : [Buffer.from(`{${more}"objects":[`), page.joined, CLOSING];
  sendParts(response, fixed, 200, parts, headers);
}

const EMPTY = Buffer.from('{}');
const CLOSING = Buffer.from(']}');

/** Smaller answers are not worth the work. */
const PACK_FROM = 1_400;
/** Most of what packing gains comes at its lower levels; the higher ones cost a poller time. */
const LEVEL = 4;

function sendParts(
  response: ServerResponse,
  fixed: Readonly<Record<string, string>>,
  status: number,
  parts: readonly Buffer[],
  headers: Readonly<Record<string, string>>,
): void {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const all = {
    ...fixed,
    'Cache-Control': 'no-store',
    ...headers,
    Vary: 'Accept-Encoding',
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
    // The client may have gone meanwhile.
    if (response.destroyed) return;
    if (error === null)
      write({ ...all, 'Content-Encoding': 'gzip', 'Content-Length': packed.length }, [packed]);
    else write({ ...all, 'Content-Length': length }, parts);
  });
}

/** True when a client says that it unpacks gzip (RFC 9110 section 12.5.3). One that says nothing gets the plain bytes. */
function takesGzip({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const accepted = headers['accept-encoding'];
  if (typeof accepted !== 'string') return false;
  return accepted.split(',').some((part) => {
    const [coding = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    if (coding !== 'gzip' && coding !== 'x-gzip' && coding !== '*') return false;
    return !parameters.some((parameter) => /^q=0(?:\.0{0,3})?$/.test(parameter));
  });
}

/** The headers of a page: date added of its first and last item (TAXII 2.1 section 3.2). */
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
  // Undefined in the standard for an empty page. What the poller sent is safe: he never skips anything by it.
  if (addedAfter === undefined) return {};
  const stamp = taxiiTimestamp(addedAfter);
  return { 'X-TAXII-Date-Added-First': stamp, 'X-TAXII-Date-Added-Last': stamp };
}

/** What the headers of a page of entries say. */
export function datesOf(entries: readonly { readonly added: Micros }[]): {
  count: number;
  first: Micros;
  last: Micros;
} {
  return { count: entries.length, first: entries[0]?.added ?? 0, last: entries.at(-1)?.added ?? 0 };
}
