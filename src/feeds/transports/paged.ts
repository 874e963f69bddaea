import type { TransportSpec } from '../../config/settings.ts';
import { spoolBytes } from '../spool.ts';
import { Node } from '../node.ts';
import { discard } from './discard.ts';
import { fetchHttps } from './https.ts';
import { asksSince, filledIn, windowOf } from './since.ts';
import { FETCH_LIMITS, FetchProblem, type FeedFile, type FetchOptions, type Fetched } from './transport.ts';

/** Maximum number of pages per run. */
const MOST_PAGES = 1_000;
const LARGEST_PAGE = 64 * 1024 * 1024;

/** True for a source that is queried by time or page by page. */
export function isPaged(transport: TransportSpec): boolean {
  return transport.kind === 'https' && (transport.paging !== undefined || asksSince(transport));
}

/**
 * Fetches the pages of a JSON API, each into a spool file. The first request continues where the last run ended. The
 * run ends when the source names the same page twice. It also ends when a page has an address on another host, because
 * the key must not be sent there.
 */
export async function fetchPaged(transport: TransportSpec, options: FetchOptions): Promise<Fetched> {
  const window = windowOf(transport, options);
  const { paging } = transport;
  const files: FeedFile[] = [];
  const asked = new Set<string>();
  let place: Place | undefined = { url: filledIn(transport.url ?? '', window), number: 0, records: 0 };
  let bytes = 0;
  let status: number | undefined;
  try {
    while (place !== undefined) {
      const { url, number }: Place = place;
      const body =
        transport.body === undefined
          ? undefined
          : filledIn(transport.body, window, { page: String(number + 1), offset: String(place.records) });
      if (asked.has(`${url} ${body ?? ''}`) || number >= MOST_PAGES)
        throw new FetchProblem('The source returns the same page repeatedly', { failure: 'source' });
      asked.add(`${url} ${body ?? ''}`);
      if (number > 0 && paging?.pause_s !== undefined)
        await options.pause(paging.pause_s * 1000, options.signal);
      const fetched: Fetched = await fetchHttps(
        { ...transport, url: sized(url, transport), ...(body === undefined ? {} : { body }) },
        { ...options, cursor: {}, name: `${options.name}.${number}` },
      );
      status = fetched.status;
      files.push(...fetched.files);
      bytes += fetched.files.reduce((sum, file) => sum + file.bytes, 0);
      if (bytes > FETCH_LIMITS.unpackedBytes)
        throw new FetchProblem('The pages of the source are larger than 1 GiB', {
          failure: 'limits',
          hint: 'Start later (transport.since_days), or request a shorter period (transport.window_days).',
        });
      place = paging === undefined ? undefined : await nextOf(place, paging, fetched, transport);
    }
  } catch (error) {
    await discard({ files });
    throw error;
  }
  return { status, files, cursor: { since: window.next }, unchanged: false, oddities: [] };
}

/** The position in the pages. */
interface Place {
  readonly url: string;
  /** Number of pages that were read. */
  readonly number: number;
  readonly records: number;
}

type Paging = NonNullable<TransportSpec['paging']>;

function sized(url: string, { paging }: TransportSpec): string {
  if (paging?.size_parameter === undefined || paging.size === undefined) return url;
  return withParameter(url, paging.size_parameter, String(paging.size));
}

function withParameter(url: string, name: string, value: string): string {
  const changed = new URL(url);
  changed.searchParams.set(name, value);
  return changed.href;
}

async function nextOf(
  { url, number, records }: Place,
  paging: Paging,
  { files: [file], headers }: Fetched,
  transport: TransportSpec,
): Promise<Place | undefined> {
  if (file === undefined) return undefined;
  if (paging.kind === 'link') {
    const link = String(headers?.['link'] ?? '');
    const [, target] = /<([^>]+)>\s*;[^,]*\brel="?next"?/i.exec(link) ?? [];
    return target === undefined ? undefined : { url: sameHost(target, url), number: number + 1, records };
  }
  const page = await readPage(file);
  const at = (path: string | undefined): Node =>
    path === undefined ? new Node(undefined) : page.at(...path.split('.'));
  switch (paging.kind) {
    case 'next': {
      const target = at(paging.path ?? 'next').text;
      return target === undefined ? undefined : { url: sameHost(target, url), number: number + 1, records };
    }
    case 'token': {
      const token = at(paging.path ?? 'next').text;
      return token === undefined
        ? undefined
        : { url: withParameter(url, paging.parameter ?? 'cursor', token), number: number + 1, records };
    }
    case 'offset': {
      const total = Number(at(paging.total ?? 'total').text ?? 0);
      const read = records + (paging.size ?? 0);
      return paging.size === undefined || read >= total
        ? undefined
        : {
            url: withParameter(url, paging.parameter ?? 'offset', String(read)),
            number: number + 1,
            records: read,
          };
    }
    case 'page': {
      const count = at(paging.items ?? 'items').all().length;
      if (count === 0 || count < (paging.size ?? 1)) return undefined;
      // When the body contains the page number, the address does not need it.
      const named = transport.body !== undefined && paging.parameter === undefined;
      return {
        url: named ? url : withParameter(url, paging.parameter ?? 'page', String(number + 2)),
        number: number + 1,
        records: records + count,
      };
    }
  }
}

async function readPage(file: FeedFile): Promise<Node> {
  if (file.bytes > LARGEST_PAGE)
    throw new FetchProblem('A page of the source is larger than 64 MiB', { failure: 'limits' });
  try {
    return new Node(JSON.parse((await spoolBytes(file.path)).toString('utf8')));
  } catch (error) {
    throw new FetchProblem('A page of the source is not valid JSON', { failure: 'content', cause: error });
  }
}

function sameHost(target: string, from: string): string {
  const next = URL.canParse(target, from) ? new URL(target, from) : undefined;
  if (next === undefined || next.origin !== new URL(from).origin)
    throw new FetchProblem('The next page of the source is on another host', {
      failure: 'source',
      hint: 'The hub does not follow it, because the key of the feed is only for its own host.',
    });
  return next.href;
}
