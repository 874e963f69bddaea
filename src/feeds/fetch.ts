import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { HttpClient } from '../kernel/http-client.ts';
import { Problem } from '../kernel/problem.ts';
import type { TransportSpec } from '../settings.ts';

/** Limits of a fetch (DESIGN.md section 10). */
export const FETCH_LIMITS = {
  wireBytes: 200 * 1024 * 1024,
  unpackedBytes: 1024 * 1024 * 1024,
  ratio: 200,
  totalMs: 600_000,
} as const;

/** What a server said the last time; sent back so that an unchanged feed costs one request. */
export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

export type Fetched =
  | { readonly kind: 'not-modified'; readonly status: number }
  | {
      readonly kind: 'file';
      readonly status: number;
      /** The whole body, unpacked, on disk. The caller removes it. */
      readonly path: string;
      readonly sha256: string;
      readonly bytes: number;
      readonly validators: Validators;
    };

export interface FetchOptions {
  readonly http: HttpClient;
  /** Folder for spool files. */
  readonly spool: string;
  readonly name: string;
  readonly validators: Validators;
  readonly secret: (reference: string) => string | undefined;
  readonly signal: AbortSignal;
}

/** A fetch that failed. */
export class FetchProblem extends Problem {
  readonly httpStatus: number | undefined;

  constructor(title: string, details: { httpStatus?: number; hint?: string } = {}) {
    super('peer', title, {
      code: `TLN-F-${details.httpStatus ?? 'fetch'}`,
      ...(details.hint === undefined ? {} : { hint: details.hint }),
    });
    this.httpStatus = details.httpStatus;
  }
}

/** Fetches a feed into a spool file: complete, within limits, its hash known. A body that breaks off is a failure. */
export async function fetchFeed(transport: TransportSpec, options: FetchOptions): Promise<Fetched> {
  const headers: Record<string, string> = {
    Accept: '*/*',
    ...transport.headers,
    ...authHeaders(transport, options.secret),
  };
  if (options.validators.etag !== undefined) headers['If-None-Match'] = options.validators.etag;
  if (options.validators.lastModified !== undefined)
    headers['If-Modified-Since'] = options.validators.lastModified;
  const response = await options.http.fetch({ url: transport.url, headers, signal: options.signal });
  const { status } = response;
  if (status === 304) {
    response.body.destroy();
    return { kind: 'not-modified', status };
  }
  if (status !== 200) {
    response.body.destroy();
    throw new FetchProblem(`The source answered ${status}`, {
      httpStatus: status,
      ...(status === 401 || status === 403
        ? { hint: 'It asks for a key, or refuses the one that it was given.' }
        : {}),
    });
  }
  mkdirSync(options.spool, { recursive: true, mode: 0o700 });
  const path = join(options.spool, `${options.name}.part`);
  try {
    const { sha256, bytes } = await spool(
      response.body,
      response.headers['content-encoding'],
      Number(response.headers['content-length'] ?? Number.NaN),
      path,
      options.signal,
    );
    await sniff(path);
    const { etag, 'last-modified': lastModified } = response.headers;
    return {
      kind: 'file',
      status,
      path,
      sha256,
      bytes,
      validators: {
        ...(etag === undefined ? {} : { etag }),
        ...(lastModified === undefined ? {} : { lastModified }),
      },
    };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

function authHeaders(
  { auth }: TransportSpec,
  secret: (reference: string) => string | undefined,
): Record<string, string> {
  if (auth === undefined || auth.kind === 'none') return {};
  const value = auth.secret === undefined ? undefined : secret(auth.secret);
  if (value === undefined) {
    if (auth.optional === true) return {};
    throw new FetchProblem('The key of the feed is not there', {
      hint: `Set ${auth.secret ?? 'its secret'} and run the feed again.`,
    });
  }
  if (auth.kind === 'basic')
    return { Authorization: `Basic ${Buffer.from(`${auth.username ?? ''}:${value}`).toString('base64')}` };
  return auth.kind === 'bearer' ? { Authorization: `Bearer ${value}` } : { [auth.name ?? 'Auth-Key']: value };
}

async function spool(
  body: Readable,
  coding: string | undefined,
  announced: number,
  path: string,
  signal: AbortSignal,
): Promise<{ sha256: string; bytes: number }> {
  let wire = 0;
  let unpacked = 0;
  const digest = createHash('sha256');
  const onWire = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      wire += chunk.length;
      done(wire > FETCH_LIMITS.wireBytes ? new FetchProblem('The feed is larger than 200 MiB') : null, chunk);
    },
  });
  const onDisk = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      unpacked += chunk.length;
      digest.update(chunk);
      const bomb = unpacked > 1_048_576 && unpacked > wire * FETCH_LIMITS.ratio;
      done(
        unpacked > FETCH_LIMITS.unpackedBytes || bomb
          ? new FetchProblem('The feed unpacks to more than is allowed')
          : null,
        chunk,
      );
    },
  });
  const steps = coding === 'gzip' ? [onWire, createGunzip(), onDisk] : [onWire, onDisk];
  const total = AbortSignal.any([signal, AbortSignal.timeout(FETCH_LIMITS.totalMs)]);
  try {
    await pipeline([body, ...steps, createWriteStream(path, { mode: 0o600 })], { signal: total });
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new FetchProblem(
      total.aborted ? 'The feed took longer than allowed' : 'The feed broke off while it was read',
    );
  }
  if (!Number.isNaN(announced) && announced !== wire)
    throw new FetchProblem(`The feed broke off: ${wire} of ${announced} bytes came`);
  return { sha256: digest.digest('hex'), bytes: unpacked };
}

/** Refuses what is plainly not a feed: sign-in pages and other HTML on a good status. */
async function sniff(path: string): Promise<void> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1024), 0, 1024, 0);
    const head = buffer
      .toString('latin1', 0, bytesRead)
      .replace(/^\u00ef\u00bb\u00bf/, '')
      .trimStart()
      .toLowerCase();
    if (head.startsWith('<!doctype html') || head.startsWith('<html')) {
      throw new FetchProblem('The source sent a web page instead of the feed', {
        hint: 'Open the address in a browser: it may ask for a key, or have moved.',
      });
    }
  } finally {
    await file.close();
  }
}

/** The spool file as a stream. */
export function spooled(path: string): Readable {
  return createReadStream(path);
}
