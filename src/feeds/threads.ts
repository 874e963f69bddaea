import { Worker } from 'node:worker_threads';
import type { Email } from 'postal-mime';
import { Deadline } from '../kernel/deadline.ts';
import { Problem, reasonOf, type ProblemDetails, type ProblemKind } from '../kernel/problem.ts';
import { fromThread } from '../kernel/error-table.ts';
import { isPacked } from './decode.ts';
import type { DetectOrder, Detected } from './detect-file.ts';
import type { UuidParts } from './digest-set.ts';
import { feedErrors } from './errors.ts';
import { receivedBatch, type PreparingPort, type PreparingRequest, type SentBatch } from './preparing.ts';
import type { RunProgress } from './report.ts';
import { spoolKeys, type SpoolKeys } from './spool.ts';
import type { Sample } from './sample-rows.ts';
import type { Staged } from './stage.ts';
import type { StagingRequest } from './staging-request.ts';
import type { IndexFormat } from './transports/index-content.ts';
import type { PageFacts, PageQuestion } from './transports/page-facts.ts';
import { FetchProblem, type FailureClass, type FeedFile } from './transports/transport.ts';

/** Work with files of a source for a thread. All of it can be sent there. */
export type FeedOrder =
  | { readonly kind: 'stage'; readonly request: StagingRequest }
  | { readonly kind: 'samples'; readonly request: StagingRequest }
  | { readonly kind: 'prepare'; readonly request: PreparingRequest }
  | { readonly kind: 'detect'; readonly request: DetectOrder }
  | { readonly kind: 'page'; readonly path: string; readonly question: PageQuestion }
  | { readonly kind: 'index'; readonly path: string; readonly form: IndexFormat; readonly out: string }
  | { readonly kind: 'mail'; readonly source: Uint8Array };

/** The input of a thread. */
export interface ThreadInput {
  readonly order: FeedOrder;
  readonly keys: SpoolKeys;
}

/** `Staged` as it is sent from a thread. */
export type SentStaged = Omit<Staged, 'ids'> & { readonly ids: UuidParts };

/** An expected failure as it is sent from a thread. */
interface SentFailure {
  readonly problem: ProblemKind | undefined;
  readonly title: string;
  readonly details: Pick<ProblemDetails, 'description' | 'hint' | 'code'>;
  /** The failure is a `FetchProblem` of this class. */
  readonly failure: FailureClass | undefined;
}

/** The last message of a thread: what it has done, and why it could not do it to the end. */
export interface ThreadResult {
  readonly staged?: SentStaged;
  readonly samples?: readonly Sample[];
  readonly detected?: Detected;
  readonly mail?: Email;
  readonly page?: PageFacts;
  /** The lists that an index names. Its other entries are lines of a spool file. */
  readonly lists?: readonly string[];
  readonly failure?: SentFailure;
}

/** A call of a thread to the main thread. */
export type ThreadCall =
  | { readonly call: number; readonly standing: readonly string[] }
  | { readonly call: number; readonly store: SentBatch };

/** The answer to a call. */
export interface ThreadAnswer {
  readonly call: number;
  readonly texts: readonly string[];
}

/** A message of a thread. */
export type ThreadMessage = { readonly progress: Parameters<RunProgress>[0] } | ThreadCall | ThreadResult;

/**
 * True for files that are read in a thread: packed ones, whose size says little about their content, and others with at
 * least `from` bytes in total.
 */
export async function needThread(
  files: readonly Pick<FeedFile, 'path' | 'bytes'>[],
  from: number,
): Promise<boolean> {
  if (files.reduce((sum, { bytes }) => sum + bytes, 0) >= from) return true;
  for (const file of files) if (await isPacked(file)) return true;
  return false;
}

/** Maximum heap of a thread, in MiB. Rows are read one by one; only documents without rows are held as a whole. */
const THREAD_HEAP_MB = 512;

/** Maximum size of the space for new objects of a thread, in MiB. V8 alone takes three times as much. */
const THREAD_YOUNG_MB = 16;

/** Milliseconds after which a thread is ended. Without a limit, two hostile sources could occupy all places for runs. */
const LONGEST_MS = 1_200_000;

/** Options of work in a thread. */
export interface ThreadOptions {
  readonly progress?: RunProgress;
  readonly longestMs?: number;
  /** Answers the calls of the thread. */
  readonly port?: PreparingPort;
}

/**
 * Does work in a thread of its own, so that requests are answered meanwhile and the memory is returned afterwards.
 * Throws a Problem when the thread cannot end its work: it is stopped, runs out of memory or takes too long.
 */
export function inThread(
  order: FeedOrder,
  signal: AbortSignal,
  { progress = () => undefined, longestMs = LONGEST_MS, port }: ThreadOptions = {},
): Promise<ThreadResult> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(feedErrors.runStopped());
    const worker = new Worker(threadModule(), {
      workerData: { order, keys: spoolKeys() } satisfies ThreadInput,
      name: 'talanoa-feed',
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB, maxYoungGenerationSizeMb: THREAD_YOUNG_MB },
    });
    const deadline = new Deadline(signal, { totalMs: longestMs, idleMs: longestMs });
    const stop = (): void =>
      settle(() =>
        reject(deadline.late === undefined ? feedErrors.runStopped() : feedErrors.readingTooLong()),
      );
    let settled = false;
    const settle = (then: () => void): void => {
      if (settled) return;
      settled = true;
      deadline.end();
      // The files belong to the caller, so the thread has to be gone before the caller continues.
      void worker.terminate().then(then, then);
    };
    deadline.signal.addEventListener('abort', stop, { once: true });
    worker.on('message', (message: ThreadMessage) => {
      if (settled) return;
      if ('progress' in message) progress(message.progress);
      else if ('call' in message)
        answer(message, port).then(
          (reply) => {
            if (!settled) worker.postMessage(reply);
          },
          (error: unknown) => settle(() => reject(asError(error))),
        );
      else settle(() => resolve(message));
    });
    worker.once('error', (error: NodeJS.ErrnoException) =>
      settle(() => reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? feedErrors.tooMuchMemory() : error)),
    );
    worker.once('exit', () => settle(() => reject(new Error('the thread of the feed has ended'))));
  });
}

async function answer(message: ThreadCall, port: PreparingPort | undefined): Promise<ThreadAnswer> {
  if (port === undefined) throw new Error('the thread cannot make calls');
  if ('standing' in message) return { call: message.call, texts: await port.standing(message.standing) };
  await port.store(receivedBatch(message.store));
  return { call: message.call, texts: [] };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(reasonOf(error));
}

/** Returns the module of the thread. It is always the built one, because a thread cannot load TypeScript. */
function threadModule(): URL {
  const own = new URL('./staging-thread.js', import.meta.url);
  return new URL(own.href.replace(/\/src\/feeds\//, '/dist/feeds/'));
}

/** Returns a failure in the format that can be sent from a thread. */
export function sentFailure(error: unknown): SentFailure {
  if (!(error instanceof Problem))
    return { problem: undefined, title: reasonOf(error), details: {}, failure: undefined };
  const { kind, title, description, hint, code } = error;
  return {
    problem: kind,
    title,
    details: {
      code,
      ...(description === undefined ? {} : { description }),
      ...(hint === undefined ? {} : { hint }),
    },
    failure: error instanceof FetchProblem ? error.failure : undefined,
  };
}

/** Returns the failure that a thread has sent. */
export function receivedFailure({ problem, title, details, failure }: SentFailure): Error {
  if (problem === undefined) return new Error(title);
  if (failure === undefined) return fromThread(problem, title, details);
  return new FetchProblem(title, { failure, ...(details.hint === undefined ? {} : { hint: details.hint }) });
}
