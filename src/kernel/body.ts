import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { BODIES, type BodyBudget, type BodyRoom, type NoRoom } from './body-budget.ts';
import type { Problem } from './problem.ts';
import { kernelErrors } from './errors.ts';

/** The bodies that a front door accepts, and the codes of its errors. */
export interface BodyRules {
  /** The sender, for its share of the budget: an account, or the network of a client without one. */
  readonly caller: string;
  /** Maximum number of bytes, as received and after unpacking. */
  readonly limit: number;
  readonly tooLarge?: { readonly description: string; readonly hint?: string };
  /** The budget. The default is that of the process. */
  readonly budget?: BodyBudget;
}

/** A body in memory. */
export interface Body {
  readonly bytes: Buffer;
  /** To be called after the last use of the bytes. */
  readonly release: () => void;
}

/** A gzip body may grow by this factor. Small bodies may compress better than that by chance. */
const MOST_RATIO = 100;
const RATIO_FROM = 65_536;

/** Maximum number of bytes that are copied before other requests get their turn. */
const COPIED_AT_ONCE = 8_388_608;

const NOTHING = Buffer.alloc(0);

/** Joins the parts. Copying 100 MB takes longer than other requests should have to wait, so it happens in slices. */
async function joined(parts: Buffer[], size: number): Promise<Buffer> {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = Buffer.allocUnsafe(size);
  let at = 0;
  let since = 0;
  for (const [i, part] of parts.entries()) {
    at += part.copy(whole, at);
    since += part.length;
    // A copied part can be collected. Otherwise the whole body would be in memory twice.
    parts[i] = NOTHING;
    if (since < COPIED_AT_ONCE) continue;
    since = 0;
    await setImmediate();
  }
  return whole;
}

/** True when a request has a body, even an empty one (RFC 9112 §6.3). */
export function hasBody({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined;
}

/**
 * Reads a request body, and unpacks it when it is compressed with gzip. All front doors use this reader. A body over
 * its limit, or over the room in the budget, is rejected while it arrives.
 */
export function readBody(
  request: IncomingMessage,
  { caller, limit, tooLarge, budget = BODIES }: BodyRules,
): Promise<Body> {
  const large = (): Problem =>
    kernelErrors.bodyTooLarge({ limit }, { ...tooLarge, headers: { Connection: 'close' } });
  // Somebody has read the body before. No further event would follow.
  if (request.readableEnded) throw kernelErrors.bodyIncomplete();
  const isPacked = isGzip(request);
  if (Number(request.headers['content-length'] ?? 0) > limit) throw large();
  const room = budget.enter(caller);
  return new Promise((resolve, reject) => {
    const collected = new Collected(limit, isPacked, room, large);
    let wire = 0;
    let isOver = false;
    const gunzip = isPacked ? createGunzip() : undefined;
    const fail = (problem: Problem): void => {
      if (isOver) return;
      isOver = true;
      request.off('data', arrive);
      gunzip?.destroy();
      collected.drop();
      reject(problem);
    };
    const take = (chunk: Buffer): void => {
      const problem = isOver ? undefined : collected.add(chunk, wire);
      if (problem !== undefined) fail(problem);
    };
    const done = (): void => {
      if (isOver) return;
      isOver = true;
      collected.whole().then(resolve, reject);
    };
    const brokenOff = (cause?: unknown): void => fail(kernelErrors.bodyIncomplete({ cause }));
    function arrive(chunk: Buffer): void {
      wire += chunk.length;
      if (wire > limit) fail(large());
      else if (gunzip === undefined) take(chunk);
      else if (!gunzip.destroyed && !gunzip.write(chunk)) {
        // Bytes that wait to be unpacked use memory, too, so the sender waits instead.
        request.pause();
        gunzip.once('drain', () => request.resume());
      }
    }
    request.on('data', arrive);
    request.on('end', () => {
      if (gunzip === undefined) done();
      else if (!gunzip.destroyed) gunzip.end();
    });
    request.on('aborted', () => brokenOff());
    request.on('error', brokenOff);
    gunzip?.on('data', take);
    gunzip?.on('end', done);
    gunzip?.on('error', (cause) => {
      fail(kernelErrors.invalidGzip({ cause, headers: { Connection: 'close' } }));
    });
    // The client may have closed the connection while the hub checked its credentials. Then no event follows.
    if (request.destroyed && !request.readableEnded) brokenOff();
  });
}

/** True for a body that is compressed with gzip. Throws a Problem for other codings. */
function isGzip({ headers }: IncomingMessage): boolean {
  const coding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  // RFC 9110 §8.4.1.3: x-gzip is another name of gzip.
  if (coding === 'gzip' || coding === 'x-gzip') return true;
  if (coding === 'identity') return false;
  throw kernelErrors.codingNotSupported(
    { coding: coding.slice(0, 60) },
    { headers: { 'Accept-Encoding': 'gzip', Connection: 'close' } },
  );
}

/** The unpacked parts of a body, within its limit and the room in the budget. */
class Collected {
  readonly #limit: number;
  readonly #isPacked: boolean;
  readonly #room: BodyRoom;
  readonly #large: () => Problem;
  #parts: Buffer[] = [];
  #size = 0;

  constructor(limit: number, isPacked: boolean, room: BodyRoom, large: () => Problem) {
    this.#limit = limit;
    this.#isPacked = isPacked;
    this.#room = room;
    this.#large = large;
  }

  /** Adds a part after `wire` bytes were received. Returns the Problem when the body does not fit. */
  add(chunk: Buffer, wire: number): Problem | undefined {
    this.#size += chunk.length;
    const size = this.#size;
    if (size > this.#limit || (this.#isPacked && size > RATIO_FROM && size > wire * MOST_RATIO))
      return this.#large();
    const refused = this.#room.grow(chunk.length);
    if (refused !== undefined) return noRoom(refused);
    this.#parts.push(chunk);
    return undefined;
  }

  drop(): void {
    this.#parts = [];
    this.#room.release();
  }

  async whole(): Promise<Body> {
    try {
      return { bytes: await joined(this.#parts, this.#size), release: this.#room.release };
    } catch (error) {
      this.#room.release();
      throw error;
    }
  }
}

function noRoom(why: NoRoom): Problem {
  const headers = { 'Retry-After': '5', Connection: 'close' };
  return why === 'share' ? kernelErrors.tooManyBytes({ headers }) : kernelErrors.busyWithBodies({ headers });
}

/** Calls `release` when a response has ended, also when it has ended already. */
export function releaseAfter(response: ServerResponse, release: () => void): void {
  if (response.closed || response.destroyed) release();
  else response.once('close', release);
}

/** True while a request has a body that has not been read to its end. */
export function isUnread(request: IncomingMessage): boolean {
  return !request.readableEnded && hasBody(request);
}

/** Lets a client finish sending for a second, so that it reads the response instead of a broken connection. */
export function drain(request: IncomingMessage): void {
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), 1_000);
  timer.unref();
  request.once('end', () => clearTimeout(timer));
  request.once('close', () => clearTimeout(timer));
}

/** True when a Content-Type names no charset, or UTF-8. Bodies are never decoded as anything else. */
export function namesUtf8(contentType: string | undefined): boolean {
  const named = (contentType ?? '').matchAll(/;\s*charset\s*=\s*(?:"([^"]*)"?|([^;]*))/gi);
  return [...named].every(([, quoted, plain]) => /^utf-?8$/i.test((quoted ?? plain ?? '').trim()));
}

/** Returns the media type of a Content-Type, in lower case. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
