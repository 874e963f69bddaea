import { createHmac, randomInt } from 'node:crypto';
import { createGunzip } from 'node:zlib';
import type { HttpResponse, TlsOptions } from '../../kernel/http-client.ts';
import { Problem } from '../../kernel/problem.ts';
import { retryAfterMs } from '../../kernel/retry-after.ts';
import type { TransportSpec } from '../../config/settings.ts';
import {
  FetchProblem,
  fileOf,
  secretOf,
  spoolPath,
  spoolStream,
  type FetchOptions,
  type Fetched,
  type Validators,
} from './transport.ts';

const TRIES = 4;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** Maximum wait for a source during a run. If the source asks for more, the next run is postponed. */
const LONGEST_ASKED_MS = 300_000;
const LARGEST_TOKEN = 65_536;
/** Statuses that may change within moments. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** A request that is ready to be sent: its target, content and certificate. */
interface Prepared {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly tls: TlsOptions | undefined;
}

/** Fetches a feed over HTTPS into a spool file: completely, within limits, with its hash. */
export async function fetchHttps(
  transport: TransportSpec,
  options: FetchOptions,
  /** With `partial`, a partial response (206) and an empty range (416) are successful, too. */
  { partial = false }: { readonly partial?: boolean } = {},
): Promise<Fetched> {
  return retried(options, async () => {
    const { url, headers, body, tls } = await prepare(transport, options);
    const response = await options.http.fetch({
      url,
      headers: { Accept: '*/*', ...headers, ...validatorHeaders(options.cursor.validators) },
      signal: options.signal,
      ...(body === undefined ? {} : { body, method: 'POST' as const }),
      ...(tls === undefined ? {} : { tls }),
    });
    const { status } = response;
    const validators = validatorsOf(response);
    if (status === 304) {
      response.body.destroy();
      return { status, files: [], cursor: options.cursor, unchanged: true, oddities: [] };
    }
    if (partial && status === 416) {
      response.body.destroy();
      return { status, files: [], cursor: options.cursor, unchanged: true, oddities: [] };
    }
    if (status !== 200 && !(partial && status === 206)) throw refusal(response, options);
    // The name is shown to people. A key in the path may be a part of it.
    const named = transport.auth?.kind === 'path' ? (transport.url ?? '') : response.url;
    const name = new URL(named).pathname.split('/').at(-1) ?? '';
    const file = await spoolStream(
      response.body,
      spoolPath(options),
      name,
      Number(response.headers['content-length'] ?? Number.NaN),
      response.headers['content-encoding'] === 'gzip' ? [createGunzip()] : [],
      options,
    );
    return {
      status,
      files: [{ ...file, charset: charsetOf(response) }],
      cursor: { validators },
      unchanged: false,
      oddities: [],
      headers: response.headers,
    };
  });
}

/** The place of the key in a URL. */
const URL_KEY = '{{key}}';

function charsetOf({ headers }: HttpResponse): string | undefined {
  return /;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(headers['content-type'] ?? '')?.[1]?.toLowerCase();
}

/** Adds the credentials of a feed to a request. Secrets come only from the references in the feed document. */
async function prepare(
  transport: TransportSpec,
  options: Pick<FetchOptions, 'http' | 'secret' | 'signal'>,
): Promise<Prepared> {
  const { auth, body } = transport;
  const url = transport.url ?? '';
  const headers: Record<string, string> = { ...transport.headers };
  const ca = transport.ca === undefined ? undefined : fileOf(transport.ca, options.secret);
  let tls: TlsOptions | undefined = ca === undefined ? undefined : { ca };
  const sent =
    transport.method === 'POST' || auth?.kind === 'hmac'
      ? withKey(body ?? '', auth, options.secret)
      : undefined;
  if (sent !== undefined && !Object.keys(headers).some((name) => name.toLowerCase() === 'content-type'))
    headers['Content-Type'] = 'application/json';
  const is = (kind: string): boolean => auth?.kind === kind;
  if (auth === undefined || is('none')) return { url, headers, body: sent, tls };
  if (
    auth.optional === true &&
    !is('path') &&
    (auth.secret === undefined || options.secret(auth.secret) === undefined)
  )
    return { url, headers, body: sent, tls };
  const secret = secretOf(auth.secret, options.secret);
  let address = url;
  switch (auth.kind) {
    case 'basic':
      headers['Authorization'] =
        `Basic ${Buffer.from(`${auth.username ?? ''}:${secret}`).toString('base64')}`;
      break;
    case 'bearer':
      headers['Authorization'] = `Bearer ${secret}`;
      break;
    case 'header':
      headers[auth.name ?? 'Auth-Key'] = secret;
      break;
    case 'query':
      address = withParameter(url, auth.name ?? 'key', secret);
      break;
    case 'path':
      address = url.replaceAll(URL_KEY, () => encodeURIComponent(secret));
      break;
    case 'hmac':
      // The signature covers exactly the bytes that are sent.
      headers[auth.name ?? 'HMAC2'] = createHmac('sha256', secret)
        .update(sent ?? '')
        .digest('hex');
      break;
    case 'oauth2':
      headers['Authorization'] = `Bearer ${await token(auth, secret, options, tls)}`;
      break;
    case 'certificate':
      tls = { ...tls, cert: fileOf(auth.certificate ?? '', options.secret), key: secret };
      break;
    default:
      break;
  }
  return { url: address, headers, body: sent, tls };
}

function withParameter(url: string, name: string, value: string): string {
  const asked = new URL(url);
  asked.searchParams.set(name, value);
  return asked.href;
}

/** Returns a body with its key filled in, if the feed sends one in the body. */
function withKey(body: string, auth: TransportSpec['auth'], secret: FetchOptions['secret']): string {
  return auth?.key === undefined || !body.includes('{{key}}')
    ? body
    : body.replaceAll('{{key}}', () => JSON.stringify(secretOf(auth.key, secret)).slice(1, -1));
}

/** Requests a token with client credentials (RFC 6749 §4.4). */
async function token(
  auth: NonNullable<TransportSpec['auth']>,
  secret: string,
  { http, signal }: Pick<FetchOptions, 'http' | 'signal'>,
  tls: TlsOptions | undefined,
): Promise<string> {
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (auth.scope !== undefined) form.set('scope', auth.scope);
  const response = await http.fetch({
    url: auth.token_url ?? '',
    method: 'POST',
    headers: {
      Authorization: `Basic ${Buffer.from(`${encodeURIComponent(auth.username ?? '')}:${encodeURIComponent(secret)}`).toString('base64')}`,
      'Content-Type': 'application/x-www-form-urlencoded',
      Accept: 'application/json',
      'Accept-Encoding': 'identity',
    },
    body: form.toString(),
    signal,
    ...(tls === undefined ? {} : { tls }),
  });
  const text = await small(response);
  if (response.status !== 200)
    throw new FetchProblem(`The token server returned the status ${response.status}`, {
      failure: response.status === 400 || response.status === 401 ? 'needs-key' : 'source',
      httpStatus: response.status,
      passing: PASSING.has(response.status),
      hint: 'Check the client id, the client secret and the scope.',
    });
  try {
    const { access_token: given } = JSON.parse(text) as { access_token?: unknown };
    if (typeof given === 'string' && given !== '') return given;
  } catch {
    // The error below reports this.
  }
  throw new FetchProblem('The token server returned no token', { failure: 'source' });
}

async function small(response: HttpResponse): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    parts.push(chunk as Buffer);
    if ((size += (chunk as Buffer).length) > LARGEST_TOKEN) break;
  }
  return Buffer.concat(parts).toString('utf8');
}

function validatorHeaders(validators: Validators | undefined): Record<string, string> {
  return {
    ...(validators?.etag === undefined ? {} : { 'If-None-Match': validators.etag }),
    ...(validators?.lastModified === undefined ? {} : { 'If-Modified-Since': validators.lastModified }),
  };
}

function validatorsOf({ headers }: HttpResponse): Validators {
  const { etag, 'last-modified': lastModified } = headers;
  return {
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  };
}

function refusal(response: HttpResponse, { clock }: Pick<FetchOptions, 'clock'>): FetchProblem {
  const { status } = response;
  response.body.destroy();
  const title = `The source returned the status ${status}`;
  if (status === 401 || status === 403)
    return new FetchProblem(title, {
      failure: 'needs-key',
      httpStatus: status,
      hint: 'The source requires a key, or refuses the key of the feed.',
    });
  if (status === 410)
    return new FetchProblem(title, {
      failure: 'gone',
      httpStatus: status,
      hint: 'The source removed the feed permanently. Look for a new address on its home page, or delete the feed.',
    });
  return new FetchProblem(title, {
    failure: 'source',
    httpStatus: status,
    passing: PASSING.has(status),
    retryAfterMs: retryAfterMs(response.headers['retry-after'], clock.now()),
    ...(status === 404 ? { hint: 'The feed has moved or the address is wrong.' } : {}),
  });
}

/** Repeats attempts that may succeed moments later: four times, with growing random pauses. */
async function retried<T>(options: FetchOptions, attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (options.signal.aborted || tries >= (options.tries ?? TRIES) || !isPassing(error)) throw error;
      options.onRetry?.();
      const asked = error instanceof FetchProblem ? error.retryAfterMs : undefined;
      if (asked !== undefined && asked > LONGEST_ASKED_MS) throw error;
      const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 3 ** (tries - 1));
      await options.pause(Math.max(asked ?? 0, randomInt(most)), options.signal);
    }
  }
}

/** True when the server was unreachable, broke off or refused for now. A refusal by the egress guard is permanent. */
function isPassing(error: unknown): boolean {
  if (error instanceof FetchProblem) return error.passing;
  return error instanceof Problem && error.code === 'TLN-E-002';
}
