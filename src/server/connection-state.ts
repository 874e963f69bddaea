import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Framing } from './framing.ts';

/** Deadlines for clients, in milliseconds. */
export const PATIENCE = {
  /** From the connection to the end of the TLS handshake. */
  handshake: 10_000,
  /** From the first byte of a request to the end of its head. The first head counts from the beginning of HTTP. */
  head: 10_000,
  /** A body that takes longer than this must arrive at `leastBytes` per second. */
  bodyStart: 10_000,
  leastBytes: 1_024,
  /** For a whole body. */
  body: 60_000,
  /** Between two requests. It is longer than the time that the Keep-Alive header announces. */
  idle: 67_000,
  /** While a response waits, the client must receive at least `leastBytes` per second, measured over this time. */
  stall: 30_000,
  /** To receive the last response before the connection is closed. */
  linger: 2_000,
} as const;

/** One connection, from the moment when it was accepted. */
export interface Connection {
  readonly raw: Socket;
  /** The network for which it counts. Undefined when only the total counts. */
  readonly group: string | undefined;
  readonly since: number;
  /** The socket that speaks HTTP. Undefined during the TLS handshake. */
  socket: Socket | undefined;
  readonly framing: Framing;
  heads: number;
  headSince: number | undefined;
  bodySince: number;
  /** The time for which the hub itself did not read the body. */
  bodyHeld: number;
  idleSince: number;
  /** The last request that the parser of Node reported, and its response. */
  request: IncomingMessage | undefined;
  response: ServerResponse | undefined;
  /** All responses that are not finished. */
  readonly open: Set<ServerResponse>;
  /** The time since which nothing more is read. */
  endedAt: number | undefined;
  /** The status that is sent after the responses before it. */
  last: number | undefined;
  /** The bytes that the client had taken when the current stall period began. */
  taken: number;
  takenSince: number | undefined;
}

/** Both ends of a connection. They identify the connection of a TLS socket, which has no public link to it. */
export function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}

/** Ends a connection at once. */
export function drop({ socket, raw }: Connection): void {
  socket?.destroy();
  raw.destroy();
}

/** True for a client that sends its body too slowly. */
export function isSlow({ framing, bodySince, bodyHeld }: Connection, now: number): boolean {
  const whole = now - bodySince;
  const own = whole - bodyHeld;
  return (
    whole >= PATIENCE.body ||
    (own >= PATIENCE.bodyStart && framing.bodyBytes < (own / 1_000) * PATIENCE.leastBytes)
  );
}

/** True for a client that does not read its responses, or does not close a connection that has ended. */
export function isStalled(connection: Connection, socket: Socket, now: number): boolean {
  const { taken, queued } = sentOn(connection.raw);
  if (queued === 0 && socket.writableLength === 0 && !socket.writableEnded) connection.takenSince = undefined;
  else if (
    connection.takenSince === undefined ||
    taken - connection.taken >= (PATIENCE.stall / 1_000) * PATIENCE.leastBytes
  ) {
    connection.taken = taken;
    connection.takenSince = now;
  } else return now - connection.takenSince >= PATIENCE.stall;
  return false;
}

/**
 * Returns how many bytes the operating system has accepted for a client, and how many still wait in libuv. Node has no
 * public property for this. The function reads the socket below TLS, because the TLS socket shows no progress until
 * everything is sent.
 */
function sentOn(raw: Socket): { readonly taken: number; readonly queued: number } {
  const { _handle: handle } = raw as Socket & {
    readonly _handle?: { readonly bytesWritten?: number; readonly writeQueueSize?: number } | null;
  };
  const queued = handle?.writeQueueSize ?? 0;
  return { taken: (handle?.bytesWritten ?? 0) - queued, queued };
}
