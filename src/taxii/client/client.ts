import { hash } from 'node:crypto';
import { canonical } from '../../kernel/canonical.ts';
import { GATE_LIMITS, gate, isGated, readObject } from '../../kernel/json-gate.ts';
import { Problem } from '../../kernel/problem.ts';
import { parseTaxiiTimestamp, taxiiTimestamp } from '../../stix/timestamps.ts';
import type { Connection, TaxiiAnswer } from './connection.ts';

/** A page may be larger than what the hub takes itself. */
const LIMITS = { ...GATE_LIMITS, tokens: 50_000_000 };
/** Pages without anything on them, with more to come, that are put up with. */
const MOST_EMPTY = 3;
/** Pages that are remembered to see a circle. */
const MOST_REMEMBERED = 100_000;
/** Objects of an envelope that were refused and are looked for. */
const MOST_LOOKED_FOR = 1_000;
/** Objects of a page that are asked for with a `next` while nobody has said how many a page has. */
const UNTOLD_SIZE = 100;

/** A collection as its server describes it (section 5.2.1). */
export interface RemoteCollection {
  readonly id: string;
  readonly title: string;
  readonly alias: string | undefined;
  readonly canRead: boolean;
  readonly canWrite: boolean;
  /** Where it is, with its last slash. */
  readonly url: string;
  /** Largest body that its API root takes, in bytes. */
  readonly maxContentLength: number;
}

/** How far a poll has come. Saved by whoever polls; a poll goes on from it after any stop. */
export interface PollState {
  /** Date added up to which everything has been read. */
  readonly addedAfter?: string;
  /** A page that was announced and not yet read. */
  readonly next?: string;
  /** The `added_after` with which the walk of `next` began: some servers want it with each `next`. */
  readonly from?: string;
}

/** A page of a poll. */
export interface RemotePage {
  /** Objects exactly as the server wrote them. */
  readonly texts: readonly string[];
  /** What to save once the page has been dealt with. */
  readonly state: PollState;
}

export interface PollQuery {
  readonly limit?: number;
  /** Further parameters, such as `match[type]`. */
  readonly filters?: Readonly<Record<string, string>>;
}

/** What became of an envelope that was pushed. */
export interface PushOutcome {
  readonly total: number;
  readonly successes: number;
  /** Without those that stand there already. */
  readonly failures: readonly { readonly id: string; readonly message: string }[];
}

/**
 * A client of TAXII 2.1 servers as they are: it follows `next`, goes by dates where there is none, and sees when a server
 * gives the same page for ever (taxii21.md, "Real clients and their quirks").
 */
export class TaxiiClient {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * The collections behind an address: of a discovery (`…/taxii2/`), an API root, or a collection itself (sections 4.1, 4.2
   * and 5.1).
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
        // One root that one may not see keeps nobody from the others.
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
   * Every page that comes after `state`, up to the present end. Each page brings the state to save once it has been dealt
   * with: whoever saves it then loses nothing and sees at most the last page twice. Throws a Problem when the server gives
   * what it gave before, or when it gives no way to what it announces.
   */
  async *pages(collection: string, state: PollState, query: PollQuery = {}): AsyncGenerator<RemotePage> {
    const odd = (text: string): void => this.#connection.odd(text);
    const circle = new CircleWatch();
    let { addedAfter } = state;
    let place = placeOf(state);
    let size = UNTOLD_SIZE;
    let known = new Set<string>();
    /** Where the server last forgot a `next`: twice at one place leads nowhere. */
    let forgotten: string | undefined;
    // A server that gives one `next` for a whole walk has gone on when a page got lost on its way: none of its is saved.
    let lasting = state.next !== undefined;
    for (;;) {
      const limit = limitAt(place, query.limit, size);
      let answer: TaxiiAnswer;
      try {
        answer = await this.#connection.get(pageUrl(collection, query.filters, limit, place));
      } catch (error) {
        // A saved `next` may be too old for the server; where there is a date, the poll goes on by it.
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
      // A whole page of the date that was the last one before: what is behind it cannot be asked for.
      if (edge && !moved && texts.length > 1) throw oneDate();
      // At the edge, what was read before is met again, which is no circle.
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
      // A page of one object, met again at the edge: what follows is behind its very date.
      else if (edge && !moved && texts.length === 1) place = { kind: 'date', after: addedAfter };
      else if (texts.length > 0 && moved) {
        odd('the server gives no "next", so the poll goes by dates');
        place = { kind: 'edge', after: justBefore(addedAfter) };
      } else throw noWay();
      if (fresh.length > 0 || !more) yield { texts: fresh, state: stateOf(addedAfter, place, lasting) };
      if (!more) return;
    }
  }

  /** Sends an envelope and waits until its outcome stands (sections 4.3 and 5.5). */
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
      throw new Problem('peer', 'The envelope is still pending', {
        description: `Its status is ${root}status/${textOf(status['id'])}/`,
        hint: 'It was taken and need not be sent again; look at its status later.',
        code: 'TLN-E-015',
      });
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
   * Which of the refused ids stand there with the content that was sent: some servers call it a failure when they have an
   * object already, the standard calls it a success (section 5.5).
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
        // What cannot be looked for is told as the server told it.
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
    // Told below.
  }
  throw new Problem('peer', `${new URL(url).host} does not answer with a TAXII document`, {
    hint: 'Check the address.',
    code: 'TLN-E-016',
  });
}

/**
 * Sees when a server leads in a circle: by the pages, since there are servers that give one value of `next` for a whole walk
 * and keep in mind themselves how far it has come.
 */
class CircleWatch {
  readonly #seen = new Set<string>();
  #empty = 0;

  look({ texts, more }: ReadPage, digests: readonly string[]): void {
    if (texts.length > 0) this.#empty = 0;
    else if (more && ++this.#empty > MOST_EMPTY)
      throw new Problem('peer', 'The server announces more and gives only empty pages', {
        code: 'TLN-E-013',
      });
    if (texts.length === 0) return;
    const digest = hash('sha1', digests.join());
    if (this.#seen.has(digest))
      throw new Problem('peer', 'The server leads in a circle', {
        description: 'It announces more, and gives a page that it gave before.',
        hint: 'Try another --limit; the page is not lost, and the poll can be repeated.',
        code: 'TLN-E-013',
      });
    if (this.#seen.size < MOST_REMEMBERED) this.#seen.add(digest);
  }
}

function noWay(): Problem {
  return new Problem('peer', 'The server announces more and does not say how to get it', {
    description: 'There is neither "next" nor a later X-TAXII-Date-Added-Last.',
    code: 'TLN-E-014',
  });
}

/** Objects of one date that fill a page: what is behind them cannot be asked for by date. */
function oneDate(): Problem {
  return new Problem('peer', 'The server gives more objects one date than it puts on a page', {
    description: 'It gives no "next" to get at the rest.',
    hint: 'Give a larger --limit. Nothing was skipped.',
    code: 'TLN-E-013',
  });
}

/** Where a poll goes on: after a date; at a date that was read already, to its edge; or by a `next` of the walk that began at one. */
type Place =
  | { readonly kind: 'date'; readonly after: string | undefined }
  | { readonly kind: 'edge'; readonly after: string | undefined }
  | { readonly kind: 'next'; readonly after: string | undefined; readonly next: string };

/** Some servers want a limit with each `next`, be it another one; at an edge there is one object more, which was read before. */
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

/** The date a microsecond earlier: `added_after` leaves out its own date, at which more may stand than the page held. */
function justBefore(date: string | undefined): string | undefined {
  const micros = date === undefined ? undefined : parseTaxiiTimestamp(date);
  return micros === undefined || micros === 0 ? undefined : taxiiTimestamp(micros - 1);
}

interface ReadPage {
  readonly texts: readonly string[];
  readonly more: boolean;
  readonly next: string | undefined;
}

/** An envelope (section 3.7), or a bundle, as servers of the early days send it; the exact texts are kept. */
function read({ body, url }: TaxiiAnswer, odd: (text: string) => void): ReadPage {
  if (body.length === 0) return { texts: [], more: false, next: undefined };
  let document;
  try {
    document = gate(body, LIMITS);
  } catch (error) {
    throw new Problem('peer', `${new URL(url).host} sends a page that is not valid JSON`, {
      description: error instanceof Problem ? (error.description ?? error.title) : '',
      code: 'TLN-E-016',
    });
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

/** What should be text and comes from afar. */
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
