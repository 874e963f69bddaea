import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PATIENCE } from './connection-state.ts';
import { Connections, type ConnectionEnd, type ConnectionLimits } from './connections.ts';
import { smallestError } from './smallest-error.ts';
import { MOST_FIELDS } from './framing.ts';
import { contains, type Network } from '../kernel/address.ts';
import { systemClock, type Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { codeOf } from '../kernel/problem.ts';
import { TLS_OPTIONS, type TlsPair } from './tls.ts';
import { serverErrors } from './errors.ts';

/** Maximum length of a socket path. Node silently truncates paths that are too long for the operating system. */
const LONGEST_SOCKET = 100;

/** Refuses a request before the application sees it, in the error format of its path. */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  title: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const { type, body } = smallestError(request.url ?? '', status, title);
  response.writeHead(status, {
    ...headers,
    'Content-Type': type,
    'Content-Length': body.length,
    Connection: 'close',
  });
  response.end(body);
}

/**
 * Maximum number of requests that begin in one turn of the event loop. The system hands over one new connection per
 * turn, so turns must be short. Otherwise new clients would wait for seconds while many requests are served.
 */
const BEGUN_AT_ONCE = 4;
/**
 * Maximum number of requests that wait for their turn. More would mean seconds of work, so their senders should retry
 * later.
 */
const MOST_WAITING = 2_000;

/**
 * Maximum number of waiting requests per connection. Responses are sent in order, so starting many requests of one
 * connection at once gains nothing.
 */
const MOST_PIPELINED = 200;

/**
 * Admits a few requests per turn of the event loop, taking the connections in rotation. Otherwise a connection that
 * sends a thousand requests at once would delay everybody else. The returned function returns false when too many
 * requests wait.
 */
function turnstile(): (connection: object, begin: () => void) => boolean {
  const waiting = new Map<object, (() => void)[]>();
  let all = 0;
  let begun = 0;
  let counting = false;
  const turn = (): void => {
    counting = false;
    begun = 0;
    while (begun < BEGUN_AT_ONCE) {
      const [first] = waiting;
      if (first === undefined) break;
      const [connection, own] = first;
      waiting.delete(connection);
      const begin = own.shift();
      if (own.length > 0) waiting.set(connection, own);
      all--;
      begun++;
      begin?.();
    }
    if (begun > 0) nextTurn();
  };
  const nextTurn = (): void => {
    if (counting) return;
    counting = true;
    setImmediate(turn);
  };
  return (connection, begin) => {
    nextTurn();
    if (begun < BEGUN_AT_ONCE && all === 0) {
      begun++;
      begin();
      return true;
    }
    const own = waiting.get(connection) ?? [];
    if (all >= MOST_WAITING || own.length >= MOST_PIPELINED) return false;
    own.push(begin);
    waiting.set(connection, own);
    all++;
    return true;
  };
}

/** Servers that are shutting down. Their connections are no longer kept alive. */
const closing = new WeakSet<object>();

const UNLIMITED: ConnectionLimits = { total: Infinity, perAddress: Infinity };

/** The watchers of the servers that this module created. */
const watchers = new WeakMap<object, Connections>();

/** Node's own deadlines are disabled. Connections enforces the deadlines instead. */
const LIMITS = {
  headersTimeout: 0,
  requestTimeout: 0,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16_384,
  requireHostHeader: false,
  insecureHTTPParser: false,
} as const;

/** An escaped control character. */
const ESCAPED_CONTROL = /%(?:[01][0-9a-f]|7f)/i;
/** Forms and sign-in providers send line breaks and tabs in the query of console pages. */
const CONSOLE_QUERY_CONTROL = /%(?!0[9ad])(?:[01][0-9a-f]|7f)/i;

function hasControl(url: string): boolean {
  if (!ESCAPED_CONTROL.test(url)) return false;
  const [path = '', ...query] = url.split('?');
  return (
    !path.startsWith('/console/') || ESCAPED_CONTROL.test(path) || CONSOLE_QUERY_CONTROL.test(query.join('?'))
  );
}

/** Settings of a listener. */
export interface ListenerOptions {
  readonly tls?: TlsPair | undefined;
  readonly clock?: Clock;
  readonly limits?: ConnectionLimits;
  /** Addresses with many clients behind them. */
  readonly proxies?: readonly Network[];
  readonly log?: Log;
  readonly count?: (reason: ConnectionEnd) => void;
}

/** Creates a server whose connections are limited and watched. With a certificate, it speaks TLS. */
export function createHttpServer(
  listener: RequestListener,
  { tls, clock = systemClock, limits = UNLIMITED, proxies = [], log, count }: ListenerOptions = {},
): Server {
  const enter = turnstile();
  const answer = (request: IncomingMessage, response: ServerResponse & { req: IncomingMessage }): void => {
    if (!connections.began(request, response)) return;
    if (closing.has(server)) response.shouldKeepAlive = false;
    if (hasControl(request.url ?? '')) {
      refuse(request, response, 400, 'The address of the request contains a control character');
      return;
    }
    const isIn = enter(request.socket, () => {
      // The client may have disconnected, or its body may have been refused, while the request waited.
      if (!request.socket.destroyed && connections.awaits(request, response)) listener(request, response);
    });
    if (!isIn) refuse(request, response, 503, 'The hub is busy', { 'Retry-After': '5' });
  };
  const server: Server =
    tls === undefined
      ? createServer(LIMITS, answer)
      : createTlsServer(
          {
            ...LIMITS, ...TLS_OPTIONS, handshakeTimeout: PATIENCE.handshake, cert: tls.cert, key: tls.key,
            // Any client may connect. The certificate is checked when a request needs to know its account.
            ...(tls.clients === undefined ? {} : { requestCert: true, rejectUnauthorized: false }),
            ...(tls.clients?.ca === undefined ? {} : { ca: tls.clients.ca }),
          }, // prettier-ignore
          answer,
        );
  const isShared = (address: string): boolean => proxies.some((network) => contains(network, address));
  const connections = new Connections(server, { clock, limits, isShared, log, count }, tls !== undefined);
  watchers.set(server, connections);
  server.maxHeadersCount = MOST_FIELDS;
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    if (connections.began(request, response))
      refuse(request, response, 417, 'Only 100-continue can be expected');
  });
  return server;
}

/** Returns the number of connections of a server that `createHttpServer` created. */
export function connectionsOf(server: Server): number {
  return watchers.get(server)?.size ?? 0;
}

/** Listens on a TCP address and returns the port. */
export function listenTcp(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const occurrence = { description: codeOf(error) ?? '', cause: error };
      reject(
        codeOf(error) === 'EADDRINUSE'
          ? serverErrors.portTaken({ host, port }, occurrence)
          : serverErrors.cannotListen({ host, port }, occurrence),
      );
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/**
 * Returns the path of the socket: inside the data folder, or the path in the file `hub.sock.path` when the first one is
 * too long.
 */
export function socketPath(data: string): string {
  const direct = join(data, 'hub.sock');
  if (Buffer.byteLength(direct) <= LONGEST_SOCKET) return direct;
  const pointer = `${direct}.path`;
  return existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : direct;
}

/**
 * Listens on the hub's own socket (mode 0600) and returns its path. The caller holds the store's lock, so a leftover
 * socket file belongs to no process.
 */
export function listenSocket(server: Server, data: string): Promise<string> {
  const direct = join(data, 'hub.sock');
  let path = direct;
  if (Buffer.byteLength(direct) > LONGEST_SOCKET) {
    path = join(mkdtempSync(join(tmpdir(), 'talanoa-')), 'hub.sock');
    writeFileSync(`${direct}.path`, `${path}\n`, { mode: 0o600 });
  }
  rmSync(path, { force: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve(path);
    });
  });
}

/**
 * Closes a server. It accepts no new requests, and requests in progress have until the deadline (milliseconds) to
 * finish.
 */
export async function closeServer(server: Server, deadlineMs: number): Promise<void> {
  if (!server.listening) return;
  closing.add(server);
  watchers.get(server)?.endWithOpen();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => {
    server.closeAllConnections();
    watchers.get(server)?.closeAll();
  }, deadlineMs);
  await closed;
  clearTimeout(timer);
}
