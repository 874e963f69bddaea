import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { TransportSpec } from '../../config/settings.ts';
import { Problem } from '../../kernel/problem.ts';
import { SpoolLines, spoolBytes } from '../spool.ts';
import { giveTurn } from '../../kernel/slices.ts';
import { fetchHttps } from './https.ts';
import {
  FETCH_LIMITS,
  FetchProblem,
  spoolPath,
  type FetchOptions,
  type Fetched,
  LATE,
  isLate,
} from './transport.ts';
import { isGated, gateSliced, readObject, textOf } from '../../kernel/json-gate.ts';

const MEDIA = 'application/vnd.oasis.stix+json; version=2.0';
const PAGE = 100;
const PAGES = 10_000;
const LARGEST_PAGE = 64 * 1_048_576;
/** Number of objects that are read before other requests get their turn. */
const OBJECTS_AT_ONCE = 100;
/**
 * Objects may be added while a run reads. A server that sends no dates is therefore asked for a period before the last
 * run as well.
 */
const OVERLAP_MS = 3_600_000;

/**
 * Polls a collection of a TAXII 2.0 server (TAXII 2.0 §5.3: item ranges, bundles) into a spool file with one object per
 * line. The overlap returns some objects again, which the store recognises.
 */
export async function fetchTaxii20(transport: TransportSpec, options: FetchOptions): Promise<Fetched> {
  const base = (transport.url ?? '').replace(/\/?(?:objects\/?)?$/, '/objects/');
  const path = spoolPath(options, 1);
  const out = new SpoolLines(path);
  const digest = createHash('sha256');
  const since = options.cursor.taxii20?.addedAfter;
  let last: string | undefined;
  let bytes = 0;
  let count = 0;
  let incomplete: string | undefined;
  try {
    for (let pages = 0; ; pages++) {
      if (pages > 0 && (pages >= (transport.max_pages ?? PAGES) || isLate(options))) {
        incomplete =
          pages >= (transport.max_pages ?? PAGES) ? `the next run continues after ${pages} pages` : LATE;
        break;
      }
      const url = new URL(base);
      if (since !== undefined) url.searchParams.set('added_after', since);
      const page = await pageOf(transport, options, url.href, count);
      for (const text of page.texts) {
        const line = JSON.stringify(text);
        digest.update(line).update('\n');
        bytes += Buffer.byteLength(line) + 1;
        await out.write(line);
      }
      count += page.texts.length;
      last = page.last ?? last;
      if (page.texts.length === 0 || page.total === undefined || count >= page.total) break;
      if (bytes > FETCH_LIMITS.unpackedBytes)
        throw new FetchProblem('The collection is larger than 1 GiB', { failure: 'limits' });
    }
  } catch (error) {
    if (count === 0 || options.signal.aborted || !(error instanceof Problem)) {
      await rm(path, { force: true });
      throw error;
    }
    incomplete = `fetching stopped after ${count} objects: ${error.message}`;
  } finally {
    await out.close();
  }
  // Without a position in the received part, the next run starts where this one did.
  const addedAfter =
    last ??
    (incomplete === undefined ? undefined : (since ?? '1970-01-01T00:00:00.000Z')) ??
    new Date(options.clock.now() - OVERLAP_MS).toISOString();
  return {
    status: 200,
    files: [{ name: 'objects', path, sha256: digest.digest('hex'), bytes }],
    cursor: { taxii20: { addedAfter } },
    unchanged: bytes === 0,
    oddities: [],
    ...(incomplete === undefined ? {} : { incomplete }),
  };
}

interface Page {
  readonly texts: readonly string[];
  /** Total number of matching objects, if the server states it. */
  readonly total: number | undefined;
  readonly last: string | undefined;
}

async function pageOf(
  transport: TransportSpec,
  options: FetchOptions,
  url: string,
  from: number,
): Promise<Page> {
  const fetched = await fetchHttps(
    {
      ...transport,
      url,
      headers: { ...transport.headers, Accept: MEDIA, Range: `items ${from}-${from + PAGE - 1}` },
    },
    { ...options, cursor: {} },
    // Status 416 means that nothing starts there, so the previous page was the last one.
    { partial: true },
  );
  const [file] = fetched.files;
  if (file === undefined) return { texts: [], total: undefined, last: undefined };
  try {
    if (file.bytes > LARGEST_PAGE)
      throw new FetchProblem('A page of the server is larger than 64 MiB', { failure: 'limits' });
    const document = await gateSliced(await spoolBytes(file.path));
    const texts: string[] = [];
    for (const [i, span] of document.objects.entries()) {
      if (i % OBJECTS_AT_ONCE === 0) await giveTurn();
      const object = readObject(document, span);
      // The run puts anything other than an object into quarantine.
      texts.push(isGated(object) ? object.text : textOf(document, span));
    }
    const [, total] = /^items \d+-\d+\/(\d+)$/.exec(fetched.headers?.['content-range'] ?? '') ?? [];
    const last = fetched.headers?.['x-taxii-date-added-last'];
    return {
      texts,
      total: total === undefined ? undefined : Number(total),
      last: typeof last === 'string' ? last : undefined,
    };
  } finally {
    await rm(file.path, { force: true });
  }
}
