import { createHash, type Hash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HttpClient } from '../../kernel/http-client.ts';
import { Problem } from '../../kernel/problem.ts';
import type { PollState } from '../../taxii/client/client.ts';
import type { MailCursor } from './imap.ts';
import type { Clock } from '../../kernel/clock.ts';
import { spoolWriter } from '../spool.ts';

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

/** How far a feed has been read. Kept in the commit of what was read, and only then. */
export interface Cursor {
  readonly validators?: Validators;
  /** Of a folder or an index: files that were read, with what changes when they do. */
  readonly files?: Readonly<Record<string, string>>;
  /** Of a TAXII collection. */
  readonly poll?: PollState;
  readonly mail?: MailCursor;
  /** Of a source that is asked for what is new: from when, in milliseconds since 1970. */
  readonly since?: number;
  /** Of a TAXII 1.1 collection: the end of what was sent last. */
  readonly taxii11?: { readonly end: string };
  /** Of a TAXII 2.0 collection: date added up to which it was read. */
  readonly taxii20?: { readonly addedAfter: string };
}

/** A file of a feed, complete, as it came, in the spool. The caller removes it. */
export interface FeedFile {
  /** As the source calls it. */
  readonly name: string;
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** What a fetch brought: nothing new, or whole files. */
export interface Fetched {
  readonly status: number | undefined;
  readonly files: readonly FeedFile[];
  /** Where the next fetch goes on. */
  readonly cursor: Cursor;
  /** Nothing has changed since the last time. */
  readonly unchanged: boolean;
  /** What the source does that it should not. */
  readonly oddities: readonly string[];
  /** Headers of the answer, of what is fetched by HTTP. */
  readonly headers?: IncomingHttpHeaders;
}

export interface FetchOptions {
  readonly http: HttpClient;
  readonly clock: Clock;
  /** Waits before the next try. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** How often the source is asked, while it may be different in a moment; 4 by default. */
  readonly tries?: number;
  /** Told before it is asked again. */
  readonly onRetry?: () => void;
  /** Folder for spool files. */
  readonly spool: string;
  readonly name: string;
  readonly cursor: Cursor;
  readonly secret: (reference: string) => string | undefined;
  readonly signal: AbortSignal;
}

/** Why a fetch failed, for what is done next. */
export type FailureClass = 'needs-key' | 'gone' | 'source' | 'limits' | 'content' | 'setting';

/** A fetch that failed. */
export class FetchProblem extends Problem {
  readonly httpStatus: number | undefined;
  readonly failure: FailureClass;
  /** The source asks to be left alone for so long. */
  readonly retryAfterMs: number | undefined;
  /** It may be different in a moment. */
  readonly passing: boolean;

  constructor(
    title: string,
    details: {
      failure: FailureClass;
      httpStatus?: number | undefined;
      hint?: string;
      retryAfterMs?: number | undefined;
      passing?: boolean;
      cause?: unknown;
    },
  ) {
    super('peer', title, {
      code: `TLN-F-${details.httpStatus ?? details.failure}`,
      ...(details.hint === undefined ? {} : { hint: details.hint }),
      ...(details.cause === undefined ? {} : { cause: details.cause }),
    });
    this.httpStatus = details.httpStatus;
    this.failure = details.failure;
    this.retryAfterMs = details.retryAfterMs;
    this.passing = details.passing ?? false;
  }
}

/** The value of a secret that a feed names, or a problem that says which one is missing. */
export function secretOf(reference: string | undefined, secret: FetchOptions['secret']): string {
  const value = reference === undefined ? undefined : secret(reference);
  if (value === undefined || value === '')
    throw new FetchProblem('The key of the feed is not there', {
      failure: 'needs-key',
      hint: `Set ${reference ?? 'its secret'} and run the feed again.`,
    });
  return value;
}

/** The content of a file that a feed names as `file:PATH`, such as a certificate. */
export function fileOf(reference: string, secret: FetchOptions['secret']): string {
  const value = secret(reference);
  if (value === undefined)
    throw new FetchProblem(`${reference} cannot be read`, {
      failure: 'setting',
      hint: 'Check the path and its rights.',
    });
  return value;
}

/** Where the spool file of a feed goes. */
export function spoolPath({ spool, name }: Pick<FetchOptions, 'spool' | 'name'>, part = 0): string {
  mkdirSync(spool, { recursive: true, mode: 0o700 });
  return join(spool, `${name}.${part}.part`);
}

/** Counts what goes through, and ends what is larger than allowed. */
export function metered(
  most: number,
  title: string,
  count: (bytes: number) => number,
  digest?: Hash,
): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      digest?.update(chunk);
      done(count(chunk.length) > most ? new FetchProblem(title, { failure: 'limits' }) : null, chunk);
    },
  });
}

/** Writes a stream into a spool file, within the limit of the wire. A stream that breaks off is a failure. */
export async function spoolStream(
  body: Readable,
  path: string,
  name: string,
  announced: number,
  steps: readonly Transform[],
  signal: AbortSignal,
): Promise<FeedFile> {
  let wire = 0;
  let bytes = 0;
  const digest = createHash('sha256');
  const onWire = metered(FETCH_LIMITS.wireBytes, 'The feed is larger than 200 MiB', (n) => (wire += n));
  const onDisk = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      digest.update(chunk);
      done(packed(bytes, wire), chunk);
    },
  });
  const total = AbortSignal.any([signal, AbortSignal.timeout(FETCH_LIMITS.totalMs)]);
  try {
    await pipeline([body, onWire, ...steps, onDisk, spoolWriter(path)], {
      signal: total,
    });
    if (!Number.isNaN(announced) && announced !== wire)
      throw new FetchProblem(`The feed broke off: ${wire} of ${announced} bytes came`, {
        failure: 'source',
        passing: true,
      });
  } catch (error) {
    await rm(path, { force: true });
    if (error instanceof Problem) throw error;
    throw new FetchProblem(
      total.aborted && !signal.aborted
        ? 'The feed took longer than allowed'
        : 'The feed broke off while it was read',
      { failure: total.aborted ? 'limits' : 'source', passing: !total.aborted, cause: error },
    );
  }
  return { name, path, sha256: digest.digest('hex'), bytes };
}

/** Why so many bytes may not come out of so few, or null. */
export function packed(unpacked: number, wire: number): FetchProblem | null {
  const bomb = unpacked > 1_048_576 && unpacked > wire * FETCH_LIMITS.ratio;
  return unpacked > FETCH_LIMITS.unpackedBytes || bomb
    ? new FetchProblem('The feed unpacks to more than is allowed', { failure: 'limits' })
    : null;
}
