import { canonical } from '../../kernel/canonical.ts';
import { Problem } from '../../kernel/problem.ts';
import type { Connection, TaxiiAnswer } from './connection.ts';
import { peerErrors } from './errors.ts';
import { outcomeIn, type PushFailure, type StatedOutcome } from './outcome.ts';
import { poll, type PollQuery, type RemotePage } from './poll.ts';
import type { PollState } from './position.ts';
import { textOf, withSlash } from './text.ts';

/** Maximum number of rejected objects of an envelope that are looked up at the server. */
const MOST_LOOKED_FOR = 1_000;
/** Number of objects that a server refuses one by one, without accepting any, before the whole push fails. */
const MOST_REFUSED_ALONE = 8;

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

/** The outcome of a pushed envelope. Its failures do not include objects that the server already has. */
export type PushOutcome = StatedOutcome;

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

  /** Yields every page after `state`, up to the current end (`poll`). */
  pages(collection: string, state: PollState, query?: PollQuery): AsyncGenerator<RemotePage> {
    return poll(this.#connection, collection, state, query);
  }

  /**
   * Sends objects like `push`. An envelope that the server refuses as a whole because of its content is sent in parts,
   * so that one object does not hold back the others.
   */
  async pushInParts(
    collection: RemoteCollection,
    texts: readonly string[],
    wait: (ms: number) => Promise<void>,
  ): Promise<PushOutcome> {
    const failures: PushFailure[] = [];
    let total = 0;
    let successes = 0;
    const parts: (readonly string[])[] = [texts];
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      try {
        const outcome = await this.push(collection, part, wait);
        total += outcome.total;
        successes += outcome.successes;
        failures.push(...outcome.failures);
      } catch (error) {
        if (!isContentRefused(error) || texts.length < 2) throw error;
        if (part.length > 1) {
          const middle = Math.ceil(part.length / 2);
          parts.push(part.slice(middle), part.slice(0, middle));
          continue;
        }
        failures.push({ id: idIn(part[0]), message: error.description ?? error.title });
        total++;
        // The server accepts nothing at all, so the fault is not in single objects.
        if (successes === 0 && failures.length >= Math.min(MOST_REFUSED_ALONE, texts.length)) throw error;
      }
    }
    return { total, successes, failures };
  }

  /** Sends an envelope and waits for its outcome (TAXII 2.1 §4.3 and §5.5). */
  async push(
    collection: RemoteCollection,
    texts: readonly string[],
    wait: (ms: number) => Promise<void>,
  ): Promise<PushOutcome> {
    const body = Buffer.from(`{"objects":[${texts.join(',')}]}`);
    const answer = await this.#connection.post(`${collection.url}objects/`, body);
    // Some servers accept an envelope without returning a status.
    let status = answer.body.length === 0 ? {} : valueIn(answer);
    const root = collection.url.replace(/collections\/[^/]+\/$/, '');
    for (let tries = 0; isPending(status) && tries < 120; tries++) {
      await wait(Math.min(30_000, 1_000 * (tries + 1)));
      status = await this.#json(`${root}status/${encodeURIComponent(textOf(status['id']))}/`);
    }
    if (isPending(status)) throw peerErrors.pending({ url: `${root}status/${textOf(status['id'])}/` });
    const stated = outcomeIn(status, texts.map(idIn));
    const refused = new Set(stated.failures.map(({ id }) => id).filter((id) => id !== ''));
    const standing = await this.#standing(collection, texts, refused);
    const failures = stated.failures.filter(({ id }) => !standing.has(id));
    return {
      total: stated.total,
      successes: stated.successes + stated.failures.length - failures.length,
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

  async #json(url: string): Promise<Record<string, unknown>> {
    return parsed(await this.#connection.get(url));
  }
}

function parsed(answer: TaxiiAnswer): Record<string, unknown> {
  const value = valueIn(answer);
  if (Array.isArray(value)) throw peerErrors.notTaxii({ host: new URL(answer.url).host });
  return value as Record<string, unknown>;
}

/** Returns the JSON object or list of a response. */
function valueIn({ body, url }: TaxiiAnswer): Record<string, unknown> | readonly unknown[] {
  try {
    const value = JSON.parse(body.toString('utf8')) as unknown;
    if (typeof value === 'object' && value !== null)
      return value as Record<string, unknown> | readonly unknown[];
  } catch {
    // The error is thrown below.
  }
  throw peerErrors.notTaxii({ host: new URL(url).host });
}

function isPending(status: Record<string, unknown> | readonly unknown[]): status is Record<string, unknown> {
  return 'status' in status && status['status'] === 'pending';
}

/** True when a server refuses a whole envelope because of its content or its size. */
function isContentRefused(error: unknown): error is Problem {
  return error instanceof Problem && /^TLN-E-(?:400|409|413|422)$/.test(error.code ?? '');
}

function idIn(text: string | undefined): string {
  return text === undefined ? '' : textOf((JSON.parse(text) as Record<string, unknown>)['id']);
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

function maxLength(root: Readonly<Record<string, unknown>> | undefined): number {
  const length = Number(root?.['max_content_length'] ?? 0);
  return Number.isFinite(length) && length > 0 ? length : 10_485_760;
}
