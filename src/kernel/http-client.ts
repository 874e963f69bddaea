import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { Agent as HttpAgent, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { Transform, pipeline, type Readable } from 'node:stream';
import { Deadline, type Limits } from './deadline.ts';
import { canonicalV6, isMetadata, specialKind } from './address.ts';
import { Problem, codeOf, reasonOf } from './problem.ts';
import { kernelErrors } from './errors.ts';

/** TLS options of a connection, in addition to the defaults. All of them are PEM. */
export interface TlsOptions {
  /** Trusted certificates, in addition to those of the system. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** One outgoing request. */
export interface HttpRequest {
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly signal?: AbortSignal;
  /** Milliseconds until the response headers. Default 30,000. */
  readonly timeoutMs?: number;
  /** Maximum number of redirects. The default is 5, or 0 for a request with a body. */
  readonly redirects?: number;
  readonly tls?: TlsOptions;
  /** Limits of the time for the body of the response. False for a response whose reader sets its own. */
  readonly bodyLimits?: Limits | false;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** URL of the response, after redirects. */
  readonly url: string;
  /**
   * The body as sent, without unpacking. The caller reads it to the end or destroys it. It breaks off with a Problem
   * when it takes too long, and when the signal of the request is aborted.
   */
  readonly body: Readable;
}

/** The only way to send HTTP requests from the hub. Every request passes the check for internal addresses. */
export interface HttpClient {
  fetch(request: HttpRequest): Promise<HttpResponse>;
  /**
   * Returns an address to which another protocol may connect, with the same checks as for HTTP. `inner` is true for an
   * internal address that the operator has allowed. Throws a Problem of kind peer for a forbidden target.
   */
  resolve(host: string, port: number): Promise<{ readonly address: string; readonly inner: boolean }>;
}

export interface HttpClientOptions {
  /** Internal addresses that may be reached, as `host:port` (setting `egress.allow`). */
  readonly allow: readonly string[];
  readonly userAgent: string;
  /** Name resolution. Tests can replace it. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
}

/** Default limits of the time for a body. Without them, a server could keep its reader waiting forever. */
const BODY_LIMITS: Limits = { totalMs: 900_000, idleMs: 60_000 };

/** The headers that may follow a redirect to another origin. Any other header may be a credential. */
const HARMLESS_HEADERS = /^(?:accept|accept-.*|content-type|if-none-match|if-modified-since|user-agent)$/i;

/** Host names that clouds use for the address at which a machine gets its credentials. */
const METADATA_NAMES: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'metadata.azure.internal',
  'metadata.tencentyun.com',
  'instance-data',
  'instance-data.ec2.internal',
]);

function resolveAll(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    dnsLookup(host, { all: true, verbatim: true }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}

/** Returns a host name in the format that is compared: lower case, no brackets, no trailing dot, IPv6 in one notation. */
function plainHost(host: string): string {
  const plain = host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  return isIP(plain) === 6 && !plain.includes('%') ? canonicalV6(plain) : plain;
}

/** Returns an entry of the allow list (`host:port`) in the format that is compared. */
function plainEntry(entry: string): string {
  const colon = entry.lastIndexOf(':');
  return `${plainHost(entry.slice(0, colon))}:${entry.slice(colon + 1)}`;
}

function refused(host: string, why: string): Problem {
  return kernelErrors.egressRefused({ host, why });
}

/** An address that passed the check. `inner` is true for an internal address that the operator has allowed. */
interface Checked {
  readonly target: LookupAddress;
  readonly inner: boolean;
}

/** Resolves names and decides which addresses the hub may connect to. */
class Egress {
  readonly #resolve: (host: string) => Promise<readonly LookupAddress[]>;
  readonly #allowed: ReadonlySet<string>;

  constructor({ allow, resolve = resolveAll }: HttpClientOptions) {
    this.#resolve = resolve;
    this.#allowed = new Set(allow.map(plainEntry));
  }

  /** Resolves a name and checks all of its addresses. Throws a Problem for a forbidden one. */
  async check(host: string, port: string): Promise<Checked> {
    const inner = this.#allowed.has(`${plainHost(host)}:${port}`);
    if (METADATA_NAMES.has(plainHost(host)) && !inner) throw refused(host, 'it is a cloud metadata service');
    const family = isIP(host);
    const addresses = family === 0 ? await this.#resolve(host) : [{ address: host, family }];
    const [first] = addresses;
    if (first === undefined) throw refused(host, 'its name has no address');
    for (const { address } of addresses) {
      // The DNS server of an allowed name must not be able to send the hub to this address. Only the address
      // itself in the allow list opens it.
      if (isMetadata(address) && !this.#allowed.has(`${plainHost(address)}:${port}`))
        throw refused(host, `${address} is a cloud metadata service`);
      const kind = specialKind(address);
      if (kind !== undefined && !inner) throw refused(host, `${address} is a ${kind} address`);
    }
    return { target: first, inner };
  }

  /** Returns the one address to which a request for this URL connects. */
  async pin(url: URL): Promise<LookupAddress> {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw refused(url.protocol, 'only http and https are supported');
    }
    const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
    return (await this.check(url.hostname.replace(/^\[|\]$/g, ''), port)).target;
  }
}

/**
 * Creates the client. Every name is resolved once, by the hub, and the connection uses exactly the address that was
 * checked.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const egress = new Egress(options);
  return {
    async resolve(host, port) {
      const plain = host.replace(/^\[|\]$/g, '');
      const { target, inner } = await egress
        .check(plain, String(port))
        .catch((error: unknown) => unreachable(plain, error));
      return { address: target.address, inner };
    },
    async fetch(request) {
      let url = parseUrl(request.url);
      let headers: Record<string, string> = { ...request.headers };
      for (let left = request.redirects ?? (request.body === undefined ? 5 : 0); ; left--) {
        const { host } = url;
        const target = await inTime(egress.pin(url), request, url).catch((error: unknown) =>
          unreachable(host, error),
        );
        const response = await send(request, url, { 'User-Agent': options.userAgent, ...headers }, target);
        if (!isRedirect(response)) return response;
        response.body.destroy();
        if (left <= 0) throw kernelErrors.tooManyRedirects({ host });
        const next = parseUrl(response.headers.location, url);
        if (url.protocol === 'https:' && next.protocol !== 'https:') {
          throw refused(next.host, 'a redirect leads from https to http');
        }
        if (next.origin !== url.origin) {
          headers = Object.fromEntries(
            Object.entries(headers).filter(([name]) => HARMLESS_HEADERS.test(name)),
          );
        }
        url = next;
      }
    },
  };
}

/** Reports that no connection was possible. Problems are passed on. */
const UNKNOWN_AUTHORITY =
  'This machine does not know the authority that signed the certificate. To trust it, set "ca" in the feed, or NODE_EXTRA_CA_CERTS=FILE for commands.';

/** The next step after a failed connection, by the codes of Node.js and OpenSSL. */
const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED:
    'Nothing accepts connections there. Check the address and the port, and that the server is running.',
  ENOTFOUND: 'The host name was not found. Check its spelling, and that this machine can reach its resolver.',
  EAI_AGAIN: 'The host name could not be looked up. Check the connection and the resolver of this machine.',
  ETIMEDOUT:
    'The server did not answer in time. Check the address, and that no firewall blocks the connection.',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: 'The certificate of the server has expired. Its operator must renew it.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate belongs to another host name. Check the address.',
};

function unreachable(host: string, error: unknown): never {
  if (error instanceof Problem) throw error;
  const hint = UNREACHABLE[codeOf(error) ?? ''];
  throw kernelErrors.unreachable(
    { host, why: codeOf(error) ?? reasonOf(error) },
    { cause: error, ...(hint === undefined ? {} : { hint }) },
  );
}

function isRedirect(
  response: HttpResponse,
): response is HttpResponse & { readonly headers: { readonly location: string } } {
  const { status, headers } = response;
  return status >= 300 && status <= 399 && status !== 304 && headers.location !== undefined;
}

/** Sends one request to the address that was checked, and returns the response, which may be a redirect. */
async function send(
  request: HttpRequest,
  url: URL,
  headers: Record<string, string>,
  target: LookupAddress,
): Promise<HttpResponse> {
  // Loaded with the first request, so that the hub and the command line start sooner.
  const { default: axios } = await import('axios');
  const lookup: LookupFunction = (_host, wanted, callback) => {
    if (wanted.all === true) callback(null, [target]);
    else callback(null, target.address, target.family);
  };
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  request.signal?.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(abort, request.timeoutMs ?? 30_000);
  try {
    const response = await axios.request<Readable>({
      url: url.href,
      method: request.method ?? 'GET',
      headers: { 'Accept-Encoding': 'gzip, identity', ...headers },
      data: request.body,
      adapter: 'http',
      responseType: 'stream',
      decompress: false,
      maxRedirects: 0,
      maxBodyLength: Number.POSITIVE_INFINITY,
      allowAbsoluteUrls: true,
      proxy: false,
      validateStatus: () => true,
      transformRequest: [(data: unknown) => data],
      signal: controller.signal,
      httpAgent: new HttpAgent({ lookup }),
      httpsAgent: new HttpsAgent({ lookup, minVersion: 'TLSv1.2', ...tlsOf(request, url) }),
    });
    return {
      status: response.status,
      headers: response.headers as IncomingHttpHeaders,
      url: url.href,
      body: inLimits(response.data, request, url),
    };
  } catch (error) {
    const late = controller.signal.aborted && request.signal?.aborted !== true;
    if (late && !(error instanceof Problem))
      throw kernelErrors.unreachable({ host: url.host, why: 'no answer in time' }, { cause: error });
    return unreachable(url.host, error);
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', abort);
  }
}

/** Returns a body that breaks off when it takes too long, or when its request is stopped. */
function inLimits(body: Readable, { signal, bodyLimits = BODY_LIMITS }: HttpRequest, url: URL): Readable {
  if (bodyLimits === false) return body;
  const deadline = new Deadline(signal ?? new AbortController().signal, bodyLimits);
  const limited = new Transform({
    transform(chunk: unknown, _encoding, done) {
      deadline.renew();
      done(null, chunk);
    },
  });
  const reasons = { total: 'its response took too long', idle: 'it stopped sending its response' };
  const stop = (): void => {
    const why = deadline.late === undefined ? 'the request was stopped' : reasons[deadline.late];
    limited.destroy(kernelErrors.unreachable({ host: url.host, why }));
  };
  // Its reader learns of the end from the stream itself, unless it has stopped reading.
  limited.on('error', () => undefined);
  pipeline(body, limited, () => deadline.end());
  if (deadline.signal.aborted) stop();
  else deadline.signal.addEventListener('abort', stop, { once: true });
  return limited;
}

/**
 * Waits for the resolution of a name, but only within the time limit of the response. A slow name server could
 * otherwise block the request.
 */
async function inTime<T>(
  work: Promise<T>,
  { timeoutMs = 30_000, signal }: HttpRequest,
  url: URL,
): Promise<T> {
  const ended = new AbortController();
  const late = new Promise<never>((_resolve, reject) => {
    const end = (): void =>
      reject(kernelErrors.unreachable({ host: url.host, why: 'its name was not resolved in time' }));
    const timer = setTimeout(end, timeoutMs);
    if (signal?.aborted === true) end();
    signal?.addEventListener('abort', end, { once: true, signal: ended.signal });
    ended.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
  return Promise.race([work, late]).finally(() => ended.abort());
}

/**
 * Returns the TLS options for a URL. The client certificate is only for the requested server, never for a redirect
 * target.
 */
function tlsOf({ tls, url: asked }: HttpRequest, url: URL): AgentOptions {
  if (tls === undefined) return {};
  const { ca, cert, key } = tls;
  const isOwn = new URL(asked).origin === url.origin;
  return {
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    ...(isOwn && cert !== undefined ? { cert } : {}),
    ...(isOwn && key !== undefined ? { key } : {}),
  };
}

function parseUrl(text: string, base?: URL): URL {
  try {
    return new URL(text, base);
  } catch {
    throw kernelErrors.unexpectedAddress({ text: text.slice(0, 200) });
  }
}
