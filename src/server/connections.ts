import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf, specialKind } from '../kernel/address.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { WorkLoop } from '../kernel/work-loop.ts';
import { PATIENCE, type Connection, endsOf, drop, isSlow, isStalled } from './connection-state.ts';
import { Framing } from './framing.ts';
import { smallestError } from './smallest-error.ts';

/** The maximum number of connections that a listener has at the same time. */
export interface ConnectionLimits {
  readonly total: number;
  /** For each IPv4 address or IPv6 /64. */
  readonly perAddress: number;
}

/** When there are too many connections, one that had no request for this time makes room for a new one. */
const SPARE_MS = 5_000;

/** The interval at which all connections are checked. */
const CHECK_MS = 1_000;

/** The interval at which the log reports closed and refused connections. */
const REPORT_MS = 60_000;

/** The reason why the hub did not accept a connection, or ended it. */
export type ConnectionEnd =
  'total' | 'address' | 'displaced' | 'handshake' | 'slow' | 'stalled' | 'malformed';

/** The collaborators of Connections. */
export interface ConnectionOptions {
  readonly clock: Clock;
  readonly limits: ConnectionLimits;
  /** True for addresses with many clients behind them, such as proxies. They count only in the total. */
  readonly isShared: (address: string) => boolean;
  readonly log: Log | undefined;
  /** Counts connections that the hub refused or ended. */
  readonly count: ((reason: ConnectionEnd) => void) | undefined;
}

/**
 * Watches the connections of a listener. It limits their number, lets only unambiguous requests reach the parser of
 * Node, and ends connections whose clients are too slow. One timer checks all connections, so deadlines also hold for
 * every connection under load.
 */
export class Connections {
  readonly #options: ConnectionOptions;
  /** In the order in which they were accepted. */
  readonly #all = new Map<Socket, Connection>();
  readonly #bySocket = new WeakMap<object, Connection>();
  readonly #byEnds = new Map<string, Connection>();
  readonly #ofGroup = new Map<string, number>();
  readonly #ended = new Map<ConnectionEnd, number>();
  #checkedAt: number;
  #reportedAt = Number.NEGATIVE_INFINITY;

  /** Takes over the connections of a server that does not listen yet. */
  constructor(server: Server, options: ConnectionOptions, isTls: boolean) {
    this.#options = options;
    this.#checkedAt = options.clock.monotonic();
    const accept = server.listeners('connection') as ((raw: Socket) => void)[];
    server.removeAllListeners('connection');
    server.on('connection', (raw: Socket) => {
      const connection = this.#admit(raw);
      if (connection === undefined) {
        raw.destroy();
        return;
      }
      for (const begin of accept) begin.call(server, raw);
      if (!isTls) this.#speak(connection, raw);
    });
    server.on('secureConnection', (socket: Socket) => {
      const connection = this.#byEnds.get(endsOf(socket));
      if (connection === undefined) socket.destroy();
      else this.#speak(connection, socket);
    });
    server.on('clientError', (error: Error & { readonly code?: string }, socket: Socket) =>
      this.#misunderstood(error.code ?? '', socket),
    );
    const checks = new WorkLoop(
      options.clock,
      CHECK_MS,
      async () => this.#check(),
      (error) => {
        throw error;
      },
      'after a pause',
    );
    server.once('listening', () => checks.start());
    server.once('close', () => void checks.stop());
  }

  /** The number of current connections. */
  get size(): number {
    return this.#all.size;
  }

  /** Registers a request. Returns false when its connection is about to end; the request must then not be served. */
  began(request: IncomingMessage, response: ServerResponse): boolean {
    const connection = this.#bySocket.get(request.socket);
    if (connection === undefined) return true;
    if (connection.endedAt !== undefined) return false;
    connection.request = request;
    connection.response = response;
    connection.open.add(response);
    response.once('close', () => {
      connection.open.delete(response);
      connection.idleSince = this.#options.clock.monotonic();
      this.#settle(connection);
    });
    return true;
  }

  /** False when the hub has already sent another response instead of this one. */
  awaits(request: IncomingMessage, response: ServerResponse): boolean {
    return this.#bySocket.get(request.socket)?.open.has(response) !== false;
  }

  /**
   * Lets each connection end with its last open response. Node would keep it alive for a minute if its request began
   * before the server stopped.
   */
  endWithOpen(): void {
    for (const { open, socket } of this.#all.values()) {
      const last = [...open].at(-1);
      if (last === undefined) continue;
      if (last.headersSent) last.once('close', () => socket?.destroySoon());
      else last.shouldKeepAlive = false;
    }
  }

  /** Closes every connection at once, including those without a TLS handshake, which Node does not count. */
  closeAll(): void {
    for (const connection of this.#all.values()) drop(connection);
  }

  #count(reason: ConnectionEnd): void {
    this.#ended.set(reason, (this.#ended.get(reason) ?? 0) + 1);
    this.#options.count?.(reason);
  }

  /** Registers a new connection before anything is read from it. Returns undefined when there are too many. */
  #admit(raw: Socket): Connection | undefined {
    const { clock, limits, isShared } = this.#options;
    const address = raw.remoteAddress;
    // The client has already disconnected.
    if (address === undefined) return undefined;
    const group = specialKind(address) === 'loopback' || isShared(address) ? undefined : networkOf(address);
    const ofGroup = group === undefined ? 0 : (this.#ofGroup.get(group) ?? 0);
    if (ofGroup >= limits.perAddress) {
      this.#count('address');
      return undefined;
    }
    if (this.#all.size >= limits.total && !this.#makeRoom()) {
      this.#count('total');
      return undefined;
    }
    const now = clock.monotonic();
    const connection: Connection = {
      raw, group, since: now, socket: undefined, framing: new Framing(), heads: 0, headSince: undefined, bodySince: now, bodyHeld: 0, idleSince: now,
      request: undefined, response: undefined, open: new Set(), endedAt: undefined, last: undefined, taken: 0, takenSince: undefined,
    }; // prettier-ignore
    this.#all.set(raw, connection);
    if (group !== undefined) this.#ofGroup.set(group, (this.#ofGroup.get(group) ?? 0) + 1);
    const ends = endsOf(raw);
    this.#byEnds.set(ends, connection);
    raw.once('close', () => {
      this.#forget(connection);
      if (this.#byEnds.get(ends) === connection) this.#byEnds.delete(ends);
    });
    return connection;
  }

  /**
   * Ends the oldest connection that has not sent a complete head yet, or else the one that has been idle for the longest
   * time, so that clients that ask for nothing never fill the total.
   */
  #makeRoom(): boolean {
    const since = this.#options.clock.monotonic() - SPARE_MS;
    let idle: Connection | undefined;
    let silent: Connection | undefined;
    for (const connection of this.#all.values()) {
      const { framing, open, idleSince } = connection;
      if (open.size > 0) continue;
      if (framing.heads === 0) {
        silent = connection;
        break;
      }
      if (framing.isInHead || framing.isInBody || idleSince > since) continue;
      if (idle === undefined || idleSince < idle.idleSince) idle = connection;
    }
    const found = silent ?? idle;
    if (found === undefined) return false;
    this.#count('displaced');
    this.#forget(found);
    drop(found);
    return true;
  }

  #forget({ raw, group }: Connection): void {
    if (!this.#all.delete(raw) || group === undefined) return;
    const left = (this.#ofGroup.get(group) ?? 1) - 1;
    if (left === 0) this.#ofGroup.delete(group);
    else this.#ofGroup.set(group, left);
  }

  /** Begins HTTP. The parser of Node already listens to the socket; from now on it receives only checked bytes. */
  #speak(connection: Connection, socket: Socket): void {
    const [parse] = socket.listeners('data') as ((bytes: Buffer) => void)[];
    if (parse === undefined) throw new Error('the parser does not listen to a new connection');
    connection.socket = socket;
    connection.headSince = this.#options.clock.monotonic();
    this.#bySocket.set(socket, connection);
    socket.on('data', (bytes: Buffer) => {
      if (connection.endedAt !== undefined) return;
      const good = this.#take(connection, bytes);
      if (good > 0) parse.call(socket, good === bytes.length ? bytes : bytes.subarray(0, good));
      if (good < bytes.length) this.#fail(connection, 400);
    });
    socket.removeListener('data', parse);
  }

  /** Returns how many bytes are correct: fewer than all when a part is faulty. */
  #take(connection: Connection, bytes: Buffer): number {
    const { framing } = connection;
    const now = this.#options.clock.monotonic();
    const good = framing.take(bytes);
    connection.idleSince = now;
    if (framing.heads !== connection.heads) {
      connection.heads = framing.heads;
      connection.headSince = undefined;
      connection.bodySince = now;
      connection.bodyHeld = 0;
    }
    if (framing.isInHead) connection.headSince ??= now;
    return good;
  }

  /** Handles bytes that the parser of Node refuses, failed TLS handshakes, and broken connections. */
  #misunderstood(code: string, socket: Socket): void {
    const connection = this.#bySocket.get(socket);
    // There is nobody to answer: the handshake failed, or the client has disconnected.
    if (connection === undefined || !code.startsWith('HPE_')) {
      socket.destroy();
      return;
    }
    // The client sent more after a request with "Connection: close". The response to that request is the last one.
    if (code === 'HPE_CLOSED_CONNECTION') connection.endedAt ??= this.#options.clock.monotonic();
    else this.#fail(connection, code === 'HPE_HEADER_OVERFLOW' ? 431 : 400);
  }

  /** Ends a connection with one last response after the pending ones. Nothing more is read from it. */
  #fail(connection: Connection, status: number): void {
    if (connection.endedAt !== undefined || connection.socket === undefined) return;
    this.#count(status === 408 ? 'slow' : 'malformed');
    connection.endedAt = this.#options.clock.monotonic();
    connection.last = status;
    this.#settle(connection);
  }

  /** Sends the last response when its turn has come. */
  #settle(connection: Connection): void {
    const { socket, open, request, response, last: status } = connection;
    if (status === undefined || socket === undefined) return;
    if (request === undefined || response === undefined || request.complete) {
      // The fault is in a request that the application has not received.
      if (open.size === 0) this.#say(connection, status);
      return;
    }
    // The fault is in the body of the last request.
    if (!open.has(response)) {
      // That request already has its response. A second one would look like the response to another request.
      connection.last = undefined;
      this.#close(connection);
    } else if (open.size === 1 && response.socket === socket && !response.headersSent) {
      // The application may still send a response, but it is discarded.
      connection.last = undefined;
      response.detachSocket(socket);
      open.delete(response);
      socket.once('close', () => response.emit('close'));
      this.#say(connection, status);
    }
  }

  #say(connection: Connection, status: number): void {
    const { socket, framing } = connection;
    connection.last = undefined;
    if (socket?.writable !== true) {
      drop(connection);
      return;
    }
    const title = status === 408 ? 'The request arrived too slowly' : 'The request cannot be read';
    const { type, body } = smallestError(framing.target, status, title);
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
    this.#close(connection);
  }

  /** Sends the end of the connection. Later bytes are read and ignored: a reset could destroy the response on its way. */
  #close(connection: Connection): void {
    connection.endedAt = this.#options.clock.monotonic();
    connection.socket?.end();
    connection.socket?.resume();
  }

  #check(): void {
    const now = this.#options.clock.monotonic();
    for (const connection of this.#all.values()) this.#checkOne(connection, now);
    this.#checkedAt = now;
    if (this.#ended.size === 0 || now - this.#reportedAt < REPORT_MS) return;
    this.#reportedAt = now;
    this.#options.log?.warn('connections.ended', {
      ...Object.fromEntries(this.#ended),
      open: this.#all.size,
      hint: 'See docs/reference/connections.md.',
    });
    this.#ended.clear();
  }

  #checkOne(connection: Connection, now: number): void {
    const { socket, framing, open } = connection;
    if (socket === undefined) {
      if (now - connection.since >= PATIENCE.handshake) this.#drop(connection, 'handshake');
    } else if (isStalled(connection, socket, now)) this.#drop(connection, 'stalled');
    else if (connection.endedAt !== undefined) {
      // An application that waits for the rest of a faulty body would never answer.
      const isOver = open.size === 0 || connection.last !== undefined && connection.request?.complete === false; // prettier-ignore
      if (isOver && now - connection.endedAt >= PATIENCE.linger) drop(connection);
    } else if (framing.isInBody) {
      if (socket.isPaused() || (connection.request?.readableLength ?? 0) > 0)
        connection.bodyHeld += now - Math.max(this.#checkedAt, connection.bodySince);
      if (isSlow(connection, now)) this.#fail(connection, 408);
    } else if (connection.headSince !== undefined) {
      // Node reads nothing more while earlier responses wait, so the client cannot finish the head.
      if (socket.isPaused()) connection.headSince += now - Math.max(this.#checkedAt, connection.headSince);
      if (now - connection.headSince < PATIENCE.head) return;
      if (framing.isInHead) this.#fail(connection, 408);
      else this.#drop(connection, 'slow');
    } else if (open.size === 0 && now - connection.idleSince >= PATIENCE.idle) drop(connection);
  }

  #drop(connection: Connection, reason: ConnectionEnd): void {
    this.#count(reason);
    drop(connection);
  }
}
