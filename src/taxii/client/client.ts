import { hash } from 'node:crypto';
import { canonical } from '../../kernel/canonical.ts';
import { GATE_LIMITS, gate, isGated, readObject } from '../../kernel/json-gate.ts';
import { Problem } from '../../kernel/problem.ts';
import { parseTaxiiTimestamp, taxiiTimestamp } from '../../stix/timestamps.ts';
import type { Connection, TaxiiAnswer } from './connection.ts';
import { peerErrors } from './errors.ts';

/** A page may be larger than an envelope that the hub accepts. */
const LIMITS = { ...GATE_LIMITS, tokens: 50_000_000 };
/** Maximum number of consecutive empty pages that announce more. */
const MOST_EMPTY = 3;
/** Maximum number of pages that are remembered to detect a loop. */
const MOST_REMEMBERED = 100_000;
/** Maximum number of rejected objects of an envelope that are looked up at the server. */
const MOST_LOOKED_FOR = 1_000;
/** Number of objects that are requested together with `next` while the page size of the server is unknown. */
const UNTOLD_SIZE = 100;

/** A collection as its server describes it (TAXII 2.1 §5.2.1). */
export interface RemoteCollection {
  readonly id: string;
  readonly title: string;
  readonly alias: string | undefined;
  readonly canRead: boolean;
  readonly canWrite: boolean;
  /** The URL of the collection, with its trailing slash. */
  readonly url: string;
  /** Maximum size of a body that the API root accepts, in bytes. */
  readonly maxContentLength: number;
}

/** The position of a poll. The caller saves it, and a later poll continues from it. */
export interface PollState {
  /** The date added up to which everything has been read. */
  readonly addedAfter?: string;
  /** The `next` value of a page that was announced and not yet read. */
  readonly next?: string;
  /** The `added_after` of the request that began this sequence of pages. Some servers require it with each `next`. */
  readonly from?: string;
}

/** A page of a poll. */
export interface RemotePage {
  /** Objects exactly as the server wrote them. */
  readonly texts: readonly string[];
  /** The state to save after the page was processed. */
  readonly state: PollState;
}

export interface PollQuery {
  readonly limit?: number;
  /** Further parameters, such as `match[type]`. */
  readonly filters?: Readonly<Record<string, string>>;
}

/** The outcome of a pushed envelope. */
export interface PushOutcome {
  readonly total: number;
  readonly successes: number;
  /** Without the objects that the server already has. */
  readonly failures: readonly { readonly id: string; readonly message: string }[];
}

/**
 * A client for TAXII 2.1 servers as they exist in practice. It follows `next`, continues by date when there is no
 * `next`, and detects a server that returns the same page forever.
 */
export class TaxiiClient {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Returns the collections at a URL, which can be a discovery resource (`…/taxii2/`), an API root or a collection
   * (TAXII 2.1 §4.1, §4.2 and §5.1).
   */
  async collections(address: string): Promise<readonly RemoteCollection[]> {
    const url = withSlash(address);
    const single = /^(.*\/)collections\/[^/]+\/$/.exec(url);
    if (single?.[1] !== undefined) {
      const root = await this.#root(single[1]).catch(() => undefined);
      return [collectionOf(await this.#json(url), url, maxLength(root))];
    }
    const found = await this.#json(url);
    const roots = found['api_roots'];
    if (!Array.isArray(roots)) return this.#ofRoot(url, maxLength(found));
    const collections: RemoteCollection[] = [];
    let failure: unknown;
    for (const root of roots) {
      const at = withSlash(new URL(textOf(root), url).href);
      try {
        collections.push(...(await this.#ofRoot(at, maxLength(await this.#root(at)))));
      } catch (error) {
        // An API root without access does not prevent reading the others.
        failure ??= error;
        this.#connection.odd(
          `the API root ${at} could not be read: ${error instanceof Error ? error.message : ''}`,
        );
      }
    }
    if (collections.length === 0 && failure !== undefined) throw failure;
    return collections;
  }

  #root(url: string): Promise<Record<string, unknown>> {
    return this.#json(url);
  }

  async #ofRoot(url: string, maxContentLength: number): Promise<readonly RemoteCollection[]> {
    const { collections } = await this.#json(`${url}collections/`);
    return (Array.isArray(collections) ? collections : []).map((item: unknown) => {
      const document = (typeof item === 'object' && item !== null ? item : {}) as Record<string, unknown>;
      return collectionOf(
        document,
        `${url}collections/${encodeURIComponent(textOf(document['id']))}/`,
        maxContentLength,
      );
    });
  }

  /**
   * Yields every page after `state`, up to the current end. Each page contains the state to save after it was
   * processed. A caller that does so loses nothing and receives at most the last page twice. Throws a Problem when the
   * server repeats an earlier page, or when it announces more without a way to get it.
   */
  async *pages(collection: string, state: PollState, query: PollQuery = {}): AsyncGenerator<RemotePage> {
    const odd = (text: string): void => this.#connection.odd(text);
    const circle = new CircleWatch();
    let { addedAfter } = state;
    let place = placeOf(state);
    let size = UNTOLD_SIZE;
    let known = new Set<string>();
    /**
     * The position at which the server last rejected its own `next`. A second rejection at the same position ends the
     * poll.
     */
    let forgotten: string | undefined;
    // Some servers use one `next` for a whole sequence and move on even when a page is lost on its way. Such values are
    // not saved.
    let lasting = state.next !== undefined;
    for (;;) {
      const limit = limitAt(place, query.limit, size);
      let answer: TaxiiAnswer;
      try {
        answer = await this.#connection.get(pageUrl(collection, query.filters, limit, place));
      } catch (error) {
        // A saved `next` may have expired at the server. If a date is known, the poll continues by date.
        const stale = error instanceof Problem && /^TLN-E-(400|404|410|500)$/.test(error.code);
        if (!stale || place.kind !== 'next' || addedAfter === undefined || addedAfter === forgotten)
          throw error;
        forgotten = addedAfter;
        odd('the server has forgotten a "next" that it gave; the poll goes on by date');
        place = { kind: 'edge', after: justBefore(addedAfter) };
        continue;
      }
      const page = read(answer, odd);
      const { texts, more, next } = page;
      const digests = texts.map((text) => hash('sha1', text));
      const fresh = place.kind === 'edge' ? texts.filter((_text, i) => !known.has(digests[i] ?? '')) : texts;
      const edge = place.kind === 'edge' && more && next === undefined;
      const last = header(answer, 'x-taxii-date-added-last');
      const moved = later(last, addedAfter);
      // The whole page has the same date added as the previous one. The objects after it cannot be requested by date.
      if (edge && !moved && texts.length > 1) throw oneDate();
      // A page at the edge repeats objects that were already read. This is not a loop.
      if (place.kind !== 'edge') circle.look(page, digests);
      if (texts.length > 0) {
        if (last === undefined)
          odd('the server gives no dates added; the next poll can only begin at the beginning');
        else if (moved) addedAfter = last;
        size = texts.length;
        known = new Set(digests);
      }
      const from = place.after;
      lasting ||= place.kind === 'next' && next !== undefined && next !== place.next;
      if (!more) place = { kind: 'date', after: addedAfter };
      else if (next !== undefined) place = { kind: 'next', next, after: from };
      // The page contains one object whose date was already read. The poll continues after that date.
      else if (edge && !moved && texts.length === 1) place = { kind: 'date', after: addedAfter };
      else if (texts.length > 0 && moved) {
        odd('the server gives no "next", so the poll goes by dates');
        place = { kind: 'edge', after: justBefore(addedAfter) };
      } else throw noWay();
      if (fresh.length > 0 || !more) yield { texts: fresh, state: stateOf(addedAfter, place, lasting) };
      if (!more) return;
    }
  }

  /** Sends an envelope and waits for its outcome (TAXII 2.1 §4.3 and §5.5). */
  async push(
    collection: RemoteCollection,
    texts: readonly string[],
    wait: (ms: number) => Promise<void>,
  ): Promise<PushOutcome> {
    const body = Buffer.from(`{"objects":[${texts.join(',')}]}`);
    let status = await this.#status(await this.#connection.post(`${collection.url}objects/`, body));
    const root = collection.url.replace(/collections\/[^/]+\/$/, '');
    for (let tries = 0; status['status'] === 'pending' && tries < 120; tries++) {
      await wait(Math.min(30_000, 1_000 * (tries + 1)));
      status = await this.#json(`${root}status/${encodeURIComponent(textOf(status['id']))}/`);
    }
    if (status['status'] === 'pending')
      throw peerErrors.pending({ url: `${root}status/${textOf(status['id'])}/` });
    const refused = Array.isArray(status['failures'])
      ? (status['failures'] as Record<string, unknown>[]).map((failure) => ({
          id: textOf(failure['id']),
          message: textOf(failure['message']),
        }))
      : [];
    const standing = await this.#standing(collection, texts, new Set(refused.map(({ id }) => id)));
    const failures = refused.filter(({ id }) => !standing.has(id));
    return {
      total: Number(status['total_count'] ?? texts.length),
      successes: Number(status['success_count'] ?? 0) + refused.length - failures.length,
      failures,
    };
  }

  /**
   * Returns which of the rejected ids the server has with exactly the content that was sent. Some servers report an
   * object that they already have as a failure, but the standard defines it as a success (TAXII 2.1 §5.5).
   */
  async #standing(
    { url, canRead }: RemoteCollection,
    texts: readonly string[],
    refused: ReadonlySet<string>,
  ): Promise<ReadonlySet<string>> {
    const standing = new Set<string>();
    if (!canRead || refused.size === 0 || refused.size > MOST_LOOKED_FOR) return standing;
    const sent = new Map<string, Record<string, unknown>[]>();
    for (const text of texts) {
      const object = JSON.parse(text) as Record<string, unknown>;
      const id = textOf(object['id']);
      if (refused.has(id)) sent.set(id, [...(sent.get(id) ?? []), object]);
    }
    for (const [id, objects] of sent) {
      try {
        const found = await this.#json(`${url}objects/${encodeURIComponent(id)}/?match%5Bversion%5D=all`);
        const there = Array.isArray(found['objects'])
          ? found['objects'].map((object) => canonical(object))
          : [];
        if (objects.every((object) => there.includes(canonical(object)))) standing.add(id);
      } catch {
        // If the lookup fails, the failure that the server reported remains.
      }
    }
    return standing;
  }

  #status(answer: TaxiiAnswer): Promise<Record<string, unknown>> {
    return Promise.resolve(parsed(answer));
  }

  async #json(url: string): Promise<Record<string, unknown>> {
    return parsed(await this.#connection.get(url));
  }
}

function parsed({ body, url }: TaxiiAnswer): Record<string, unknown> {
  try {
    const value = JSON.parse(body.toString('utf8')) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // The error is thrown below.
  }
  throw peerErrors.notTaxii({ host: new URL(url).host });
}

/**
 * Detects a server that repeats pages. It compares the pages and not `next`, because some servers use one value of
 * `next` for a whole sequence and keep the position themselves.
 */
class CircleWatch {
  readonly #seen = new Set<string>();
  #empty = 0;

  look({ texts, more }: ReadPage, digests: readonly string[]): void {
    if (texts.length > 0) this.#empty = 0;
    else if (more && ++this.#empty > MOST_EMPTY) throw peerErrors.onlyEmptyPages();
    if (texts.length === 0) return;
    const digest = hash('sha1', digests.join());
    if (this.#seen.has(digest)) throw peerErrors.circle();
    if (this.#seen.size < MOST_REMEMBERED) this.#seen.add(digest);
  }
}

function noWay(): Problem {
  return peerErrors.noWayOn();
}

/**
 * The error when a page is filled by objects with the same date added. The objects after them cannot be requested by
 * date.
 */
function oneDate(): Problem {
  return peerErrors.tooManyAtOnce();
}

/**
 * The position from which a poll continues: after a date, at the edge of a date that was already read, or with the
 * `next` of a sequence that began at a date.
 */
type Place =
  | { readonly kind: 'date'; readonly after: string | undefined }
  | { readonly kind: 'edge'; readonly after: string | undefined }
  | { readonly kind: 'next'; readonly after: string | undefined; readonly next: string };

/**
 * Returns the limit of a request. Some servers require a limit with each `next`, even a different one. A page at an
 * edge needs one more object, which was already read.
 */
function limitAt({ kind }: Place, wanted: number | undefined, size: number): number | undefined {
  if (kind === 'next') return wanted ?? size;
  return wanted !== undefined && kind === 'edge' ? wanted + 1 : wanted;
}

function placeOf({ addedAfter, next, from }: PollState): Place {
  return next === undefined ? { kind: 'date', after: addedAfter } : { kind: 'next', next, after: from };
}

function stateOf(addedAfter: string | undefined, place: Place, lasting: boolean): PollState {
  if (place.kind !== 'next') return place.after === undefined ? {} : { addedAfter: place.after };
  const date = lasting ? addedAfter : justBefore(addedAfter);
  return {
    ...(date === undefined ? {} : { addedAfter: date }),
    ...(lasting ? { next: place.next, ...(place.after === undefined ? {} : { from: place.after }) } : {}),
  };
}

/**
 * Returns the date one microsecond earlier. `added_after` excludes its own date, at which the server may have more
 * objects than the page contained.
 */
function justBefore(date: string | undefined): string | undefined {
  const micros = date === undefined ? undefined : parseTaxiiTimestamp(date);
  return micros === undefined || micros === 0 ? undefined : taxiiTimestamp(micros - 1);
}

interface ReadPage {
  readonly texts: readonly string[];
  readonly more: boolean;
  readonly next: string | undefined;
}

/**
 * Reads an envelope (TAXII 2.1 §3.7), or a bundle as some early servers send it. The texts of the objects are kept
 * unchanged.
 */
function read({ body, url }: TaxiiAnswer, odd: (text: string) => void): ReadPage {
  if (body.length === 0) return { texts: [], more: false, next: undefined };
  let document;
  try {
    document = gate(body, LIMITS);
  } catch (error) {
    throw peerErrors.invalidPage(
      { host: new URL(url).host },
      { description: error instanceof Problem ? (error.description ?? error.title) : '' },
    );
  }
  if (document.members.get('type') === 'bundle') odd('the server sends bundles instead of envelopes');
  const texts: string[] = [];
  for (const span of document.objects) {
    const item = readObject(document, span, LIMITS);
    if (isGated(item)) texts.push(item.text);
    else odd(`an object was left out: ${item.pointer === '' ? '' : `${item.pointer} `}${item.message}`);
  }
  const next = document.members.get('next');
  return {
    texts,
    more: document.members.get('more') === true,
    next: typeof next === 'string' && next !== '' ? next : undefined,
  };
}

function collectionOf(
  document: Readonly<Record<string, unknown>>,
  url: string,
  maxContentLength: number,
): RemoteCollection {
  const alias = document['alias'];
  return {
    id: textOf(document['id']),
    title: textOf(document['title']),
    alias: typeof alias === 'string' ? alias : undefined,
    canRead: document['can_read'] === true,
    canWrite: document['can_write'] === true,
    url,
    maxContentLength,
  };
}

/** Returns a value from a server if it is text, and otherwise an empty string. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function maxLength(root: Readonly<Record<string, unknown>> | undefined): number {
  const length = Number(root?.['max_content_length'] ?? 0);
  return Number.isFinite(length) && length > 0 ? length : 10_485_760;
}

function pageUrl(
  collection: string,
  filters: PollQuery['filters'],
  limit: number | undefined,
  place: Place,
): string {
  const parameters = new URLSearchParams();
  if (limit !== undefined) parameters.set('limit', String(limit));
  for (const [name, value] of Object.entries(filters ?? {})) parameters.set(name, value);
  if (place.after !== undefined) parameters.set('added_after', place.after);
  if (place.kind === 'next') parameters.set('next', place.next);
  const text = parameters.toString();
  return `${withSlash(collection)}objects/${text === '' ? '' : `?${text}`}`;
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

function header({ headers }: TaxiiAnswer, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && parseTaxiiTimestamp(value) !== undefined ? value : undefined;
}

function later(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined) return false;
  if (b === undefined) return true;
  return (parseTaxiiTimestamp(a) ?? 0) > (parseTaxiiTimestamp(b) ?? 0);
}
