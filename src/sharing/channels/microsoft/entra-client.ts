import { hash } from 'node:crypto';
import type { Clock } from '../../../kernel/clock.ts';
import type { HttpClient, HttpResponse } from '../../../kernel/http-client.ts';
import { retryAfterMs } from '../../../kernel/retry-after.ts';
import type { Sent } from '../send.ts';

const TIMEOUT_MS = 60_000;
/** Channels of other members wait meanwhile, so a body that arrives slowly is not awaited for long. */
const BODY_LIMITS = { totalMs: 30_000, idleMs: 10_000 };
/** Maximum size of an answer, in bytes. */
const LARGEST_ANSWER = 4_194_304;
/** Maximum number of tokens that are kept. */
const MOST_TOKENS = 200;
/** A token is no longer used this long before it expires. */
const SPARE_MS = 300_000;
/** The lifetime of a token whose answer does not state it. */
const USUAL_LIFE_S = 3_600;

/** The application that a member registered in its directory, and what it asks for. */
export interface Application {
  readonly tokenUrl: string;
  readonly client: string;
  readonly secret: string;
  readonly scope: string;
}

/** An answer of the service, or why there is none. */
export type Answer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown }
  | Extract<Sent, { readonly kind: 'later' | 'closed' }>;

interface Call {
  readonly method?: 'GET' | 'POST';
  readonly url: string;
  readonly body?: string;
}

/**
 * Calls services of Microsoft as an application: with a token that it gets with client credentials (RFC 6749 §4.4). A token
 * that was refused is requested anew once, because administrators can revoke tokens before they expire.
 */
export class EntraClient {
  readonly #http: HttpClient;
  readonly #clock: Clock;
  /** Tokens by a digest of their application, its secret included: a changed secret needs another token. */
  readonly #tokens = new Map<string, { readonly token: string; readonly until: number }>();

  constructor({ http, clock }: { readonly http: HttpClient; readonly clock: Clock }) {
    this.#http = http;
    this.#clock = clock;
  }

  /** Sends one request. Statuses that no retry and no person must settle are returned as an answer. */
  async call(application: Application, call: Call, signal: AbortSignal): Promise<Answer> {
    const key = hash('sha256', JSON.stringify(application), 'base64url');
    for (let isFirst = true; ; isFirst = false) {
      const token = await this.#token(key, application, signal);
      if (typeof token !== 'string') return token;
      const { url, method = 'POST', body } = call;
      const response = await this.#http.fetch({
        url,
        method,
        headers: {
          Authorization: `Bearer ${token}`,
          Accept: 'application/json',
          'Accept-Encoding': 'identity',
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
        signal,
        timeoutMs: TIMEOUT_MS,
        bodyLimits: BODY_LIMITS,
        redirects: 0,
      });
      const { status, headers } = response;
      const read = await jsonOf(response);
      const reason = `the service returned the status ${status}`;
      if (status === 401 && isFirst) this.#tokens.delete(key);
      else if (status === 401 || status === 403)
        return { kind: 'closed', reason: `${reason}; check the permissions of the application` };
      else if (status === 429 || status >= 500)
        return { kind: 'later', reason, afterMs: retryAfterMs(headers['retry-after'], this.#clock.now()) };
      else return { kind: 'answer', status, body: read };
    }
  }

  async #token(
    key: string,
    { tokenUrl, client, secret, scope }: Application,
    signal: AbortSignal,
  ): Promise<string | Extract<Sent, { readonly kind: 'later' | 'closed' }>> {
    const now = this.#clock.now();
    const known = this.#tokens.get(key);
    if (known !== undefined && now < known.until) return known.token;
    const response = await this.#http.fetch({
      url: tokenUrl,
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        Accept: 'application/json',
        'Accept-Encoding': 'identity',
      },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: client,
        client_secret: secret,
        scope,
      }).toString(),
      signal,
      timeoutMs: TIMEOUT_MS,
      bodyLimits: BODY_LIMITS,
      redirects: 0,
    });
    const { status, headers } = response;
    const body = (await jsonOf(response)) as Partial<Record<string, unknown>> | undefined;
    const { access_token: token, expires_in: life, error } = body ?? {};
    if (status === 200 && typeof token === 'string' && token !== '') {
      const seconds = typeof life === 'number' && life > 0 ? life : USUAL_LIFE_S;
      if (this.#tokens.size >= MOST_TOKENS) this.#tokens.clear();
      this.#tokens.set(key, { token, until: now + Math.max(0, seconds * 1_000 - SPARE_MS) });
      return token;
    }
    // The code is a word such as invalid_client. The description may repeat what was sent.
    const code = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? `: ${error}` : '';
    if (status === 400 || status === 401 || status === 403)
      return {
        kind: 'closed',
        reason: `the token server refused the application (status ${status}${code}); check the client id and its secret`,
      };
    return {
      kind: 'later',
      reason: `the token server returned no token (status ${status})`,
      afterMs: retryAfterMs(headers['retry-after'], now),
    };
  }
}

/** Returns the JSON of a response. Undefined if it is not JSON, or too large. */
async function jsonOf({ body }: HttpResponse): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    if ((size += part.length) > LARGEST_ANSWER) {
      body.destroy();
      return undefined;
    }
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
