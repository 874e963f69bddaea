import { timeText } from '../../kernel/time-text.ts';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Clock } from '../../kernel/clock.ts';
import type { HttpClient, HttpResponse } from '../../kernel/http-client.ts';
import { Problem, type ProblemKind } from '../../kernel/problem.ts';
import { retryAfterMs } from '../../kernel/retry-after.ts';
import { peerErrors } from './errors.ts';
import { kernelErrors } from '../../kernel/errors.ts';

/** The media type of TAXII 2.1 (§1.6.8). */
const MEDIA_TYPE = 'application/taxii+json;version=2.1';
/** Maximum size of a response after decompression, in bytes. */
const LARGEST = 64 * 1_048_576;
const TRIES = 4;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 300_000;

/** The credentials of a client. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string };

export interface ConnectionOptions {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly credentials: Credentials;
  readonly signal?: AbortSignal;
  /** Maximum number of attempts for errors that may be temporary. The default is 4. */
  readonly tries?: number;
  /** Is called for each oddity of a server that the client tolerates. */
  readonly onOddity?: (text: string) => void;
  /** Is called before each wait, so that a person knows why nothing happens and until when. */
  readonly onWait?: (wait: Wait) => void;
}

/** A pause before a request is sent again. */
export interface Wait {
  /** The reason, in one sentence. */
  readonly reason: string;
  readonly ms: number;
  /** Number of attempts that remain. */
  readonly left: number;
}

/** A complete response of a TAXII server. */
export interface TaxiiAnswer {
  readonly status: number;
  readonly headers: HttpResponse['headers'];
  readonly body: Buffer;
  readonly url: string;
}

/**
 * A connection to one TAXII 2.1 server. It authenticates, limits the size of responses, and waits when the server asks
 * for it.
 */
export class Connection {
  readonly #o: ConnectionOptions;
  readonly #odd = new Set<string>();

  constructor(options: ConnectionOptions) {
    this.#o = options;
  }

  get(url: string): Promise<TaxiiAnswer> {
    return this.#ask(url, undefined);
  }

  /**
   * Sends a POST request. It can be repeated like GET, because an object that the server already has is a success
   * (TAXII 2.1 §5.5).
   */
  post(url: string, body: Buffer): Promise<TaxiiAnswer> {
    return this.#ask(url, body);
  }

  /** Reports each oddity of the server once. */
  odd(text: string): void {
    if (this.#odd.has(text)) return;
    this.#odd.add(text);
    this.#o.onOddity?.(text);
  }

  async #ask(url: string, body: Buffer | undefined): Promise<TaxiiAnswer> {
    for (let tries = 1; ; tries++) {
      let wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 4 ** (tries - 1));
      let reason: string;
      try {
        const answer = await this.#once(url, body);
        const again = answer.status === 429 || answer.status === 503 || answer.status === 502;
        if (!again) return this.#checked(answer);
        if (tries >= (this.#o.tries ?? TRIES)) return this.#checked(answer);
        wait = retryAfterMs(answer.headers['retry-after'], this.#o.clock.now()) ?? wait;
        // Hours of waiting look like a standstill, and an earlier attempt only counts as another request.
        if (wait > LONGEST_WAIT_MS) return this.#checked(answer, wait);
        reason = `${new URL(url).host} asks to wait (status ${answer.status})`;
      } catch (error) {
        const broken = error instanceof Problem && error.code === 'TLN-E-002';
        if (!broken || tries >= (this.#o.tries ?? TRIES) || this.#o.signal?.aborted === true) throw error;
        reason = error.title;
      }
      this.#o.onWait?.({ reason, ms: wait, left: (this.#o.tries ?? TRIES) - tries });
      await this.#o.clock.wait(wait, this.#o.signal);
      if (this.#o.signal?.aborted === true) throw peerErrors.stopped();
    }
  }

  async #once(url: string, body: Buffer | undefined): Promise<TaxiiAnswer> {
    const { http, credentials, signal } = this.#o;
    const response = await http.fetch({
      url,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        Accept: MEDIA_TYPE,
        ...(body === undefined ? {} : { 'Content-Type': MEDIA_TYPE }),
        ...authorization(credentials),
      },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: await readAll(response),
      url: response.url,
    };
  }

  /** Returns a TAXII response. Throws for anything else, with a description of what the response is instead. */
  #checked(answer: TaxiiAnswer, wait?: number): TaxiiAnswer {
    const { status, headers, body, url } = answer;
    const type = String(headers['content-type'] ?? '');
    const host = new URL(url).host;
    if (status === 401 && this.#o.credentials.kind === 'none')
      throw answered(answer, 'unauthenticated', {
        title: `${host} requires credentials (status 401)`,
        hint: `Give a key (--key-env VARIABLE) or a user name (--user NAME). At a Talanoa hub, sign in: talanoa login ${new URL(url).origin}. A feed needs transport.auth.`,
      });
    if (status === 401 || status === 403)
      throw answered(answer, status === 401 ? 'unauthenticated' : 'forbidden', {
        title: `${host} refused the credentials (status ${status})`,
        hint: 'Check the user name and password or the key, and their access to this collection.',
      });
    if (wait !== undefined)
      throw answered(answer, 'rate-limited', {
        title: `${host} accepts no further requests for ${durationOf(wait)} (status ${status})`,
        // The next whole minute, because a repetition in the minute itself could come too early.
        hint: `Repeat the command after ${timeText(this.#o.clock.now() + wait + 59_999)}. Objects that the server already has are not stored twice.`,
      });
    if (status >= 500)
      throw answered(answer, 'peer', {
        title: `${host} failed (${status})`,
        hint: 'The server has a fault. Try again later, or contact its operator.',
      });
    if (looksLikeHtml(type, body)) throw peerErrors.webPage({ host, status });
    if (status >= 400)
      throw answered(answer, status === 404 ? 'not-found' : 'peer', {
        title: `${host} refused the request (status ${status})`,
      });
    if (!/^application\/taxii\+json\b/i.test(type))
      this.odd(`${host} returns the type "${type.slice(0, 80)}" instead of ${MEDIA_TYPE}`);
    return answer;
  }
}

/** Returns a duration in words, rounded up. */
function durationOf(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.ceil(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.ceil(hours / 24)} days`;
}

/**
 * Relays an error of the other server. It is not in the catalogue, because its code and its cause are those of that
 * server: the code contains the HTTP status, and the description is the title of its error message.
 */
function answered(
  { status, body }: TaxiiAnswer,
  kind: ProblemKind,
  { title, hint }: { readonly title: string; readonly hint?: string },
): Problem {
  return new Problem(kind, title, {
    description: titleIn(body) ?? '',
    code: `TLN-E-${status}`,
    ...(hint === undefined ? {} : { hint }),
  });
}

function authorization(credentials: Credentials): Record<string, string> {
  switch (credentials.kind) {
    case 'none':
      return {};
    case 'basic':
      return {
        Authorization: `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`,
      };
    case 'bearer':
      return { Authorization: `Bearer ${credentials.token}` };
  }
}

async function readAll(response: HttpResponse): Promise<Buffer> {
  const coding = String(response.headers['content-encoding'] ?? 'identity').toLowerCase();
  // An error of the response ends the unpacking, too.
  const stream = coding === 'gzip' ? pipeline(response.body, createGunzip(), () => undefined) : response.body;
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > LARGEST) throw peerErrors.tooLarge({ host: new URL(response.url).host });
      parts.push(part);
    }
  } catch (error) {
    response.body.destroy();
    if (error instanceof Problem) throw error;
    throw kernelErrors.unreachable(
      { host: new URL(response.url).host, why: 'the response ended early' },
      { cause: error },
    );
  }
  return Buffer.concat(parts);
}

function looksLikeHtml(type: string, body: Buffer): boolean {
  return (
    /^text\/html/i.test(type) || /^\s*<(?:!doctype|html)/i.test(body.subarray(0, 200).toString('latin1'))
  );
}

/** Returns the title of an error message (TAXII 2.1 §3.6.1). */
function titleIn(body: Buffer): string | undefined {
  try {
    const { title } = JSON.parse(body.toString('utf8')) as { title?: unknown };
    return typeof title === 'string' ? title.slice(0, 300) : undefined;
  } catch {
    return undefined;
  }
}
