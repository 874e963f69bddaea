import { urlOf } from '../../kernel/url.ts';
import type { TransportSpec } from '../../config/settings.ts';
import { Problem } from '../../kernel/problem.ts';
import { discard } from './discard.ts';
import { readPage } from './documents.ts';
import { fetchHttps } from './https.ts';
import type { PageQuestion } from './page-facts.ts';
import { asksSince, filledIn, windowOf, type Window } from './since.ts';
import {
  FETCH_LIMITS,
  FetchProblem,
  type FeedFile,
  type FetchOptions,
  type Fetched,
  type Place,
  LATE,
  isLate,
} from './transport.ts';

/** Maximum number of pages per run. */
const MOST_PAGES = 1_000;

/** True for a source that is queried by time or page by page. */
export function isPaged(transport: TransportSpec): boolean {
  return transport.kind === 'https' && (transport.paging !== undefined || asksSince(transport));
}

/**
 * Fetches the pages of a JSON API, each into a spool file. The first request continues where the last run ended. A walk
 * that fails midway keeps the received pages, and the next run continues after them. The walk ends when the source
 * returns the same page twice, and when a page has an address on another host, because the key must not be sent there.
 */
export async function fetchPaged(transport: TransportSpec, options: FetchOptions): Promise<Fetched> {
  const { walk } = options.cursor;
  const window = walk?.window ?? windowOf(transport, options);
  const start: Place = { url: filledIn(transport.url ?? '', window), number: 0, records: 0 };
  const pages = new Pages(transport, options, window);
  // A source may no longer know a place of an earlier run. The walk then starts again.
  const broken =
    walk === undefined || !(await pages.canStart(walk.place))
      ? await pages.walk(start)
      : await pages.walk(walk.place);
  const { status, files, place } = pages;
  const { since } = options.cursor;
  return broken === undefined
    ? { status, files, cursor: { since: window.next }, unchanged: false, oddities: [] }
    : {
        status,
        files,
        cursor: {
          ...(since === undefined ? {} : { since }),
          ...(place === undefined ? {} : { walk: { window, place: withoutKey(place, transport) } }),
        },
        unchanged: false,
        oddities: [],
        incomplete: broken,
      };
}

/** Returns a place without the key that a source may repeat in the address of the next page. */
function withoutKey(place: Place, { auth }: TransportSpec): Place {
  if (auth?.kind !== 'query') return place;
  const url = new URL(place.url);
  url.searchParams.delete(auth.name ?? 'key');
  return { ...place, url: url.href };
}

/** The pages of one run. */
class Pages {
  readonly files: FeedFile[] = [];
  status: number | undefined;
  /** Where the next run continues. Undefined when it has to start again. */
  place: Place | undefined;
  readonly #transport: TransportSpec;
  readonly #options: FetchOptions;
  readonly #window: Window;
  readonly #asked = new Set<string>();
  /** A page that is fetched but not counted yet. */
  #ahead: { readonly place: Place; readonly fetched: Fetched } | undefined;
  #bytes = 0;
  #count = 0;

  constructor(transport: TransportSpec, options: FetchOptions, window: Window) {
    this.#transport = transport;
    this.#options = options;
    this.#window = window;
  }

  /** Fetches the page at a place. False when the source refuses it permanently. */
  async canStart(place: Place): Promise<boolean> {
    try {
      this.#ahead = { place, fetched: await this.#page(place) };
      return true;
    } catch (error) {
      if (!(error instanceof FetchProblem) || error.passing || error.failure !== 'source') throw error;
      return false;
    }
  }

  /** Fetches the pages from a place on. Returns why they ended too early. Throws when the first page fails. */
  async walk(start: Place): Promise<string | undefined> {
    const { paging } = this.#transport;
    this.place = start;
    try {
      while (this.place !== undefined) {
        const { place }: { place: Place } = { place: this.place };
        const same = JSON.stringify([place.url, this.#bodyOf(place)]);
        if (this.#asked.has(same)) {
          this.place = undefined;
          throw new FetchProblem('The source returns the same page repeatedly', { failure: 'source' });
        }
        if (this.#count >= MOST_PAGES) return `the next run continues after ${MOST_PAGES} pages`;
        if (this.#count > 0 && isLate(this.#options)) return LATE;
        this.#asked.add(same);
        if (place.number > 0 && this.#count > 0 && paging?.pause_s !== undefined)
          await this.#options.pause(paging.pause_s * 1000, this.#options.signal);
        this.place = await this.#take(place);
      }
      return undefined;
    } catch (error) {
      if (this.#options.signal.aborted || !(error instanceof Problem) || this.files.length === 0) {
        await discard({ files: this.files });
        throw error;
      }
      return `fetching stopped after ${this.files.length} ${this.files.length === 1 ? 'page' : 'pages'}: ${error.message}`;
    }
  }

  /** Keeps a page. Returns the next place. */
  async #take(place: Place): Promise<Place | undefined> {
    const { paging } = this.#transport;
    const fetched = this.#ahead?.place === place ? this.#ahead.fetched : await this.#page(place);
    this.#ahead = undefined;
    try {
      const next =
        paging === undefined
          ? undefined
          : await nextOf(place, paging, fetched, this.#transport, this.#options.signal);
      this.#bytes += fetched.files.reduce((sum, file) => sum + file.bytes, 0);
      if (this.#bytes > FETCH_LIMITS.unpackedBytes)
        throw new FetchProblem('The pages of the source are larger than 1 GiB', {
          failure: 'limits',
          hint: 'Start later (transport.since_days), or request a shorter period (transport.window_days).',
        });
      this.status = fetched.status;
      this.files.push(...fetched.files);
      this.#count++;
      return next;
    } catch (error) {
      await discard(fetched);
      throw error;
    }
  }

  #bodyOf({ number, records }: Place): string | undefined {
    const { body } = this.#transport;
    return body === undefined
      ? undefined
      : filledIn(body, this.#window, { page: String(number + 1), offset: String(records) });
  }

  #page(place: Place): Promise<Fetched> {
    const body = this.#bodyOf(place);
    return fetchHttps(
      {
        ...this.#transport,
        url: sized(place.url, this.#transport),
        ...(body === undefined ? {} : { body }),
      },
      { ...this.#options, cursor: {}, name: `${this.#options.name}.${place.number}` },
    );
  }
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
  signal: AbortSignal,
): Promise<Place | undefined> {
  if (file === undefined) return undefined;
  if (paging.kind === 'link') {
    const link = String(headers?.['link'] ?? '');
    const [, target] = /<([^>]+)>\s*;[^,]*\brel="?next"?/i.exec(link) ?? [];
    return target === undefined ? undefined : { url: sameHost(target, url), number: number + 1, records };
  }
  const {
    texts: [text],
    lengths: [length = 0],
  } = await readPage(file, questionOf(paging), signal);
  switch (paging.kind) {
    case 'next':
      return text === undefined ? undefined : { url: sameHost(text, url), number: number + 1, records };
    case 'token':
      return text === undefined
        ? undefined
        : { url: withParameter(url, paging.parameter ?? 'cursor', text), number: number + 1, records };
    case 'offset': {
      const total = Number(text ?? 0);
      // A source may send fewer records than requested.
      const count = paging.items === undefined ? (paging.size ?? 0) : length;
      const read = records + count;
      return paging.size === undefined || count === 0 || read >= total
        ? undefined
        : {
            url: withParameter(url, paging.parameter ?? 'offset', String(read)),
            number: number + 1,
            records: read,
          };
    }
    case 'page': {
      if (length === 0 || length < (paging.size ?? 1)) return undefined;
      // When the body contains the page number, the address does not need it.
      const named = transport.body !== undefined && paging.parameter === undefined;
      return {
        url: named ? url : withParameter(url, paging.parameter ?? 'page', String(number + 2)),
        number: number + 1,
        records: records + length,
      };
    }
  }
}

/** Returns the paths in a page that lead to the next one. */
function questionOf({ kind, path, total, items }: Paging): PageQuestion {
  switch (kind) {
    case 'link':
      return { texts: [], lists: [] };
    case 'next':
    case 'token':
      return { texts: [path ?? 'next'], lists: [] };
    case 'offset':
      return { texts: [total ?? 'total'], lists: items === undefined ? [] : [items] };
    case 'page':
      return { texts: [], lists: [items ?? 'items'] };
  }
}

function sameHost(target: string, from: string): string {
  const next = urlOf(target, from);
  if (next === undefined || next.origin !== new URL(from).origin)
    throw new FetchProblem('The next page of the source is on another host', {
      failure: 'source',
      hint: 'The hub does not follow it, because the key of the feed is only for its own host.',
    });
  return next.href;
}
