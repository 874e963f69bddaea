import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ambiguous } from './app.ts';
import { Problem, codeOf } from './kernel/problem.ts';
import { TLS_OPTIONS, type TlsPair } from './tls.ts';

/** Node cuts longer socket paths without a word (DESIGN.md section 7). */
const LONGEST_SOCKET = 100;

/** Refuses a request before the application sees it, with the smallest TAXII error (TAXII 2.1 section 3.6.1). */
function refuse(
  response: ServerResponse,
  status: number,
  title: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify({ title, http_status: String(status) });
  response.writeHead(status, {
    ...headers,
    'Content-Type': 'application/taxii+json;version=2.1',
    'Content-Length': body.length,
    Connection: 'close',
  });
  response.end(body);
}

/**
 * Requests that are begun in one turn of the event loop. The system hands over one new connection a turn, so turns must be
 * short: else whoever connects while many are served waits for seconds.
 */
const BEGUN_AT_ONCE = 4;
/** Requests that may wait for their turn. More are seconds of work, and their senders better come back. */
const MOST_WAITING = 2_000;

/** Lets requests in by the order in which they came, few a turn of the event loop. Gives false when too many wait. */
function turnstile(): (begin: () => void) => boolean {
  const waiting: (() => void)[] = [];
  let begun = 0;
  let counting = false;
  const turn = (): void => {
    counting = false;
    begun = 0;
    while (begun < BEGUN_AT_ONCE) {
      const begin = waiting.shift();
      if (begin === undefined) break;
      begun++;
      begin();
    }
    if (begun > 0) nextTurn();
  };
  const nextTurn = (): void => {
    if (counting) return;
    counting = true;
    setImmediate(turn);
  };
  return (begin) => {
    nextTurn();
    if (begun < BEGUN_AT_ONCE && waiting.length === 0) {
      begun++;
      begin();
      return true;
    }
    if (waiting.length >= MOST_WAITING) return false;
    waiting.push(begin);
    return true;
  };
}

/** A client that takes nothing of its answer for so long is cut off. */
const STALL_MS = 30_000;
const STALL_LOOK_MS = 10_000;

/**
 * Cuts off clients that ask and do not read: the answers that wait for them would fill the memory. Gives what is to be told of
 * each answer that is begun.
 */
function cutStalled(server: Server): (response: ServerResponse) => void {
  const waiting = new Map<ServerResponse, { left: number; since: number }>();
  const timer = setInterval(() => {
    const now = performance.now();
    for (const [response, seen] of waiting) {
      const left = response.socket === null ? 0 : unsent(response.socket);
      // Where nothing waits for the client, it is the hub that has not answered yet.
      if (left === 0 || left !== seen.left) waiting.set(response, { left, since: now });
      else if (now - seen.since >= STALL_MS) response.socket?.destroy();
    }
  }, STALL_LOOK_MS);
  timer.unref();
  server.once('close', () => clearInterval(timer));
  return (response) => {
    waiting.set(response, { left: 0, since: performance.now() });
    response.once('close', () => waiting.delete(response));
  };
}

/** Bytes that the client has still to take, those in the hands of the system's library included: they go in small pieces. */
function unsent(socket: Socket): number {
  const { _handle: handle } = socket as Socket & { readonly _handle?: { readonly writeQueueSize?: number } };
  return socket.writableLength + (handle?.writeQueueSize ?? 0);
}

/** Servers that are about to end: their connections are not kept alive any more. */
const closing = new WeakSet<object>();

/** Limits of security.md R-063. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
  requireHostHeader: false,
  insecureHTTPParser: false,
} as const;
/** A client that has not come to terms about TLS after this is cut off. */
const HANDSHAKE_MS = 10_000;

/** A server with the limits of security.md R-063; over TLS where there is a certificate. */
export function createHttpServer(listener: RequestListener, tls?: TlsPair): Server {
  const enter = turnstile();
  const answer = (request: IncomingMessage, response: ServerResponse & { req: IncomingMessage }): void => {
    if (ambiguous(request)) {
      refuse(response, 400, 'The request cannot be read');
      return;
    }
    watch(response);
    if (closing.has(server)) response.shouldKeepAlive = false;
    const isIn = enter(() => {
      // Whoever has gone meanwhile needs no answer.
      if (!request.socket.destroyed) listener(request, response);
    });
    if (!isIn) refuse(response, 503, 'The hub is busy', { 'Retry-After': '5' });
  };
  const server: Server =
    tls === undefined
      ? createServer(LIMITS, answer)
      : createTlsServer(
          {
            ...LIMITS, ...TLS_OPTIONS, handshakeTimeout: HANDSHAKE_MS, cert: tls.cert, key: tls.key,
            // Any client may connect. The certificate is evaluated when a request needs to know the account.
            ...(tls.clients === undefined ? {} : { requestCert: true, rejectUnauthorized: false }),
            ...(tls.clients?.ca === undefined ? {} : { ca: tls.clients.ca }),
          }, // prettier-ignore
          answer,
        );
  const watch = cutStalled(server);
  server.maxHeadersCount = 100;
  server.on('checkExpectation', (_request, response) =>
    refuse(response, 417, 'Only 100-continue can be expected'),
  );
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    if (!socket.writable) return;
    const status =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? '408 Request Timeout'
          : '400 Bad Request';
    const body = JSON.stringify({ title: 'The request cannot be read', http_status: status.slice(0, 3) });
    socket.end(
      `HTTP/1.1 ${status}\r\nContent-Type: application/taxii+json;version=2.1\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
  });
  return server;
}

/** Listens on an address; gives the port. */
export function listenTcp(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const taken = codeOf(error) === 'EADDRINUSE';
      reject(
        new Problem(
          'conflict',
          taken ? `Port ${port} on ${host} is taken` : `The hub cannot listen on ${host}:${port}`,
          {
            description: codeOf(error) ?? '',
            hint: 'Give another one with --port, or stop what uses it.',
            code: 'TLN-N-001',
            cause: error,
          },
        ),
      );
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Where the socket of a data folder is: in it, or where `hub.sock.path` says when that path is too long. */
export function socketPath(data: string): string {
  const direct = join(data, 'hub.sock');
  if (Buffer.byteLength(direct) <= LONGEST_SOCKET) return direct;
  const pointer = `${direct}.path`;
  return existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : direct;
}

/** Listens on the hub's own socket (mode 0600). The store's lock is held, so a socket that is left over belongs to nobody. */
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

/** Ends a server: no new requests, those in hand are finished within the deadline. */
export async function closeServer(server: Server, deadlineMs: number): Promise<void> {
  if (!server.listening) return;
  closing.add(server);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), deadlineMs);
  await closed;
  clearTimeout(timer);
}
