import type { ServerResponse } from 'node:http';
import type { Micros } from '../kernel/clock.ts';
import { taxiiTimestamp } from '../stix/timestamps.ts';
import { TAXII_MEDIA_TYPE } from './media-type.ts';

/** Sends bytes with the exact media type and the length. Nothing else may write a TAXII answer. */
export function send(
  response: ServerResponse,
  fixed: Readonly<Record<string, string>>,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    ...fixed,
    'Cache-Control': 'no-store',
    ...headers,
    'Content-Type': TAXII_MEDIA_TYPE,
    'Content-Length': bytes.length,
  });
  response.end(bytes);
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
