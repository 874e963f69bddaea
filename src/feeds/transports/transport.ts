import { createHash, type Hash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HttpClient } from '../../kernel/http-client.ts';
import { Problem } from '../../kernel/problem.ts';
import type { PollState } from '../../taxii/client/position.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Deadline, type Limits } from '../../kernel/deadline.ts';
import { entriesOf } from '../../kernel/error-table.ts';
import { feedErrors } from '../errors.ts';
import { spoolWriter } from '../spool.ts';

/** Limits of one fetch. They protect the hub from sources that send too much or too slowly. */
export const FETCH_LIMITS = {
  wireBytes: 200 * 1024 * 1024,
  unpackedBytes: 1024 * 1024 * 1024,
  ratio: 200,
  /** Milliseconds for one body. */
  totalMs: 600_000,
  /** Milliseconds without a byte of it. */
  idleMs: 30_000,
  /** Unpacked bytes of all files of one run. */
  runBytes: 2 * 1024 * 1024 * 1024,
} as const;

/** The space that the files of one run may still take. */
export class SpoolBudget {
  #left: number;

  constructor(bytes: number = FETCH_LIMITS.runBytes) {
    this.#left = bytes;
  }

  get left(): number {
    return this.#left;
  }

  /** Takes space. Returns why there is not enough. */
  take(bytes: number): FetchProblem | null {
    this.#left -= bytes;
    return this.#left >= 0
      ? null
      : new FetchProblem('The files of the source are larger than 2 GiB in one run', {
          failure: 'limits',
          hint: 'Start later (transport.since_days), or divide the source into several feeds.',
        });
  }

  /** Returns the space of a file that was removed. */
  give(bytes: number): void {
    this.#left += bytes;
  }
}

/** Validators from the last response. Sending them back means that an unchanged feed costs one request. */
export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

/** The position up to which a mailbox has been read. */
export interface MailCursor {
  /** Another value means another mailbox with new numbers (RFC 9051 §2.3.1.1). */
  readonly validity: string;
  readonly uid: number;
  readonly messages: readonly string[];
}

/** The position in the pages of a source. */
export interface Place {
  readonly url: string;
  /** Number of pages before it. */
  readonly number: number;
  /** Number of records in them. */
  readonly records: number;
}

/** The position up to which a feed has been read. It is stored only in the same commit as the data. */
export interface Cursor {
  readonly validators?: Validators;
  /** For a folder or an index: the files that were read, each with a stamp that changes with its content. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files that are to be read again, because they could not be read or looked incomplete. They come last. */
  readonly doubtful?: readonly string[];
  /** For an index: the files that were in it but too old to be read, each with its stamp. */
  readonly skipped?: Readonly<Record<string, string>>;
  /** For a TAXII collection. */
  readonly poll?: PollState;
  readonly mail?: MailCursor;
  /** For a source that is queried by time: the start of the next period, in milliseconds since 1970. */
  readonly since?: number;
  /** For pages that were not read to their end: the requested period, and the next page. */
  readonly walk?: {
    readonly window: { readonly since: number; readonly until: number; readonly next: number };
    readonly place: Place;
  };
  /** For a TAXII 1.1 collection: the end of the last response. */
  readonly taxii11?: { readonly end: string };
  /** For a TAXII 2.0 collection: the date added up to which it was read. */
  readonly taxii20?: { readonly addedAfter: string };
}

/** A complete feed file in the spool folder, as received. The caller removes it. */
export interface FeedFile {
  /** Name given by the source. */
  readonly name: string;
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Charset that the response names. */
  readonly charset?: string | undefined;
}

/** The result of a fetch: complete files, or nothing new. */
export interface Fetched {
  readonly status: number | undefined;
  readonly files: readonly FeedFile[];
  /** Position at which the next fetch continues. */
  readonly cursor: Cursor;
  /** Nothing has changed since the last fetch. */
  readonly unchanged: boolean;
  /** Why there is nothing to read, as a sentence. */
  readonly nothing?: string;
  /** Misbehaviour of the source. */
  readonly oddities: readonly string[];
  /** The reason why the source was not read to its end. The next run continues after the received part. */
  readonly incomplete?: string;
  /** For an index: the number of files that were read before, and those of them that it no longer names. */
  readonly listing?: { readonly standing: number; readonly gone: readonly string[] };
  /** Headers of the response, for sources that use HTTP. */
  readonly headers?: IncomingHttpHeaders;
}

export interface FetchOptions {
  readonly http: HttpClient;
  readonly clock: Clock;
  /** Waits before the next attempt. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Maximum number of attempts for temporary failures. The default is 4. */
  readonly tries?: number;
  /** Called before each further attempt. */
  readonly onRetry?: () => void;
  /** Folder for spool files. */
  readonly spool: string;
  readonly name: string;
  readonly cursor: Cursor;
  readonly secret: (reference: string) => string | undefined;
  readonly signal: AbortSignal;
  /** Space for the files of the run. */
  readonly budget: SpoolBudget;
  /** Time from which no further request of the run starts, in milliseconds since 1970. */
  readonly until?: number;
}

/** Maximum time in which a run starts requests, in milliseconds. Each request has a limit of its own as well. */
export const LONGEST_FETCH_MS = 1_800_000;
/** Reason of a fetch that ended at this limit. */
export const LATE = 'the next run continues after 30 minutes of fetching';

/** True when the run starts no further request. Everything received so far is kept, and the next run continues. */
export function isLate({ clock, until }: Pick<FetchOptions, 'clock' | 'until'>): boolean {
  return until !== undefined && clock.now() >= until;
}

/** Class of a failed fetch, which determines the next step. */
export type FailureClass = 'needs-key' | 'gone' | 'source' | 'limits' | 'content' | 'setting';

const { fetchNeedsKey, fetchGone, fetchSource, fetchLimits, fetchContent, fetchSetting } =
  entriesOf(feedErrors);
/** The code of each class. The status of a response is in the message: it is not a code of the catalogue. */
const CODES: Readonly<Record<FailureClass, string>> = {
  'needs-key': fetchNeedsKey?.code ?? '',
  gone: fetchGone?.code ?? '',
  source: fetchSource?.code ?? '',
  limits: fetchLimits?.code ?? '',
  content: fetchContent?.code ?? '',
  setting: fetchSetting?.code ?? '',
};

/** A fetch that failed. */
export class FetchProblem extends Problem {
  readonly httpStatus: number | undefined;
  readonly failure: FailureClass;
  /** Time for which the source accepts no requests, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The failure may be temporary. */
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
      code: CODES[details.failure],
      ...(details.hint === undefined ? {} : { hint: details.hint }),
      ...(details.cause === undefined ? {} : { cause: details.cause }),
    });
    this.httpStatus = details.httpStatus;
    this.failure = details.failure;
    this.retryAfterMs = details.retryAfterMs;
    this.passing = details.passing ?? false;
  }
}

/** Returns the value of a secret that a feed refers to. Throws a Problem that names a missing secret. */
export function secretOf(reference: string | undefined, secret: FetchOptions['secret']): string {
  const value = reference === undefined ? undefined : secret(reference);
  if (value === undefined || value === '')
    throw new FetchProblem('The key of the feed is missing', {
      failure: 'needs-key',
      hint: howToSet(reference),
    });
  return value;
}

/** Returns what a person does about a missing secret, by the kind of its reference. */
function howToSet(reference: string | undefined): string {
  const [, kind, name] = /^(env|file|secret):(.+)$/s.exec(reference ?? '') ?? [];
  if (kind === 'env') return `Set the environment variable ${name} and restart the hub.`;
  if (kind === 'secret') return `Store it: talanoa secret set ${name} --host HOST. Then run the feed again.`;
  if (kind === 'file') return `Write it to the file ${name}. Then run the feed again.`;
  return 'Name its secret in the feed document. Then run the feed again.';
}

/** Returns the content of a file that a feed refers to as `file:PATH`, such as a certificate. */
export function fileOf(reference: string, secret: FetchOptions['secret']): string {
  const value = secret(reference);
  if (value === undefined)
    throw new FetchProblem(`${reference} cannot be read`, {
      failure: 'setting',
      hint: 'Check the path and its permissions.',
    });
  return value;
}

/** Returns the path of a spool file of a feed. Creates the folder. */
export function spoolPath({ spool, name }: Pick<FetchOptions, 'spool' | 'name'>, part = 0): string {
  mkdirSync(spool, { recursive: true, mode: 0o700 });
  return join(spool, `${name}.${part}.part`);
}

/** Counts the bytes of a stream, and stops it at the limit. */
function metered(most: number, title: string, count: (bytes: number) => number, digest?: Hash): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      digest?.update(chunk);
      done(count(chunk.length) > most ? new FetchProblem(title, { failure: 'limits' }) : null, chunk);
    },
  });
}

/** Writes a stream into a spool file, up to the limit for received bytes. A stream that breaks off is a failure. */
export async function spoolStream(
  body: Readable,
  path: string,
  name: string,
  announced: number,
  steps: readonly Transform[],
  { signal, budget }: Pick<FetchOptions, 'signal' | 'budget'>,
  limits: Limits = FETCH_LIMITS,
): Promise<FeedFile> {
  let wire = 0;
  let bytes = 0;
  const digest = createHash('sha256');
  const deadline = new Deadline(signal, limits);
  const onWire = metered(FETCH_LIMITS.wireBytes, 'The feed is larger than 200 MiB', (n) => {
    deadline.renew();
    return (wire += n);
  });
  const onDisk = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      digest.update(chunk);
      done(packed(bytes, wire) ?? budget.take(chunk.length), chunk);
    },
  });
  try {
    await pipeline([body, onWire, ...steps, onDisk, spoolWriter(path)], { signal: deadline.signal });
    if (!Number.isNaN(announced) && announced !== wire)
      throw new FetchProblem(`The feed ended early: ${wire} of ${announced} bytes were received`, {
        failure: 'source',
        passing: true,
      });
  } catch (error) {
    await rm(path, { force: true });
    if (error instanceof Problem) throw error;
    const { late, signal: ended } = deadline;
    const title =
      late === 'total'
        ? 'The feed took too long'
        : late === 'idle'
          ? 'The source stopped sending the feed'
          : 'The connection of the feed was lost';
    throw new FetchProblem(title, {
      failure: ended.aborted ? 'limits' : 'source',
      passing: !ended.aborted,
      cause: error,
    });
  } finally {
    deadline.end();
  }
  return { name, path, sha256: digest.digest('hex'), bytes };
}

/** Returns the reason why a compression ratio is refused. Null when it is acceptable. */
export function packed(unpacked: number, wire: number): FetchProblem | null {
  const bomb = unpacked > 1_048_576 && unpacked > wire * FETCH_LIMITS.ratio;
  return unpacked > FETCH_LIMITS.unpackedBytes || bomb
    ? new FetchProblem('The unpacked feed is too large', { failure: 'limits' })
    : null;
}
