import { Worker } from 'node:worker_threads';
import type { MemberInfo } from '../access/snapshot.ts';
import type { FeedDocument } from '../config/settings.ts';
import { fromThread } from '../kernel/error-table.ts';
import { Problem, reasonOf, type ProblemDetails, type ProblemKind } from '../kernel/problem.ts';
import { UuidSet, type UuidParts } from './digest-set.ts';
import { feedErrors } from './errors.ts';
import type { RunProgress } from './report.ts';
import { RowMemory, RowMemoryWriter, rowDigests, type RowMemoryFile } from './row-memory.ts';
import { spoolKeys, type SpoolKeys } from './spool.ts';
import { stageObjects, stageRows, type RowMemories, type Staged } from './stage.ts';
import { FetchProblem, type FailureClass, type FeedFile } from './transports/transport.ts';
import { WarningLists, type KeptLists } from './warning-lists.ts';

/** The part of a member that warning lists compare values with. */
type Compared = Pick<MemberInfo, 'networks' | 'domains'>;

/** The input for reading the files of a run. All of it can be sent to a thread. */
export interface StagingRequest {
  readonly files: readonly FeedFile[];
  /** The file for the findings, one per line. */
  readonly staging: string;
  readonly document: FeedDocument;
  /** Networks and domains of the members, for the warning lists. */
  readonly members: readonly Compared[];
  readonly kept: KeptLists;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The rows that earlier runs have stored, and the file for those of this run. */
  readonly rows?: RowMemoryFiles | undefined;
}

/** The files of the row memories of a run. */
export interface RowMemoryFiles {
  readonly before: RowMemoryFile | undefined;
  readonly next: RowMemoryFile;
  /** A random text of the feed. Without it, a digest does not show whether a file contains a value. */
  readonly salt: string;
}

/** The input of a thread. */
export interface StagingOrder {
  readonly request: StagingRequest;
  readonly keys: SpoolKeys;
}

/** `Staged` as it is sent from a thread. */
export type SentStaged = Omit<Staged, 'ids'> & { readonly ids: UuidParts };

/** An expected failure as it is sent from a thread. */
export interface SentFailure {
  readonly problem: ProblemKind | undefined;
  readonly title: string;
  readonly details: Pick<ProblemDetails, 'description' | 'hint' | 'code'>;
  /** The failure is a `FetchProblem` of this class. */
  readonly failure: FailureClass | undefined;
}

/** Messages of a thread. `failure` is present when the files could not be read to the end. */
export type StagingMessage =
  | { readonly progress: Parameters<RunProgress>[0] }
  | { readonly staged: SentStaged; readonly failure?: SentFailure };

/**
 * Files with at least this many bytes in total are read in a thread. Starting a thread takes longer than reading fewer
 * bytes in slices.
 */
const THREAD_FROM_BYTES = 128 * 1024;

/** Maximum heap of a thread, in MiB. Rows are read one by one; only documents without rows are held as a whole. */
const THREAD_HEAP_MB = 512;

/**
 * Reads the files of a run into its staging file and fills `staged`. Large files are read in a thread of their own, so
 * that requests are answered meanwhile and the memory is returned afterwards. Throws a Problem when the files cannot be
 * read to the end; `staged` then contains what was counted so far.
 */
export async function stageFiles(
  request: StagingRequest,
  staged: Staged,
  progress: RunProgress,
  signal: AbortSignal,
): Promise<void> {
  const bytes = request.files.reduce((sum, file) => sum + file.bytes, 0);
  await (bytes < THREAD_FROM_BYTES
    ? readFiles(request, staged, progress)
    : inThread(request, staged, progress, signal));
}

/** Returns the parts of members that warning lists need. Nothing else of a member is sent to a thread. */
export function compared(members: readonly MemberInfo[]): readonly Compared[] {
  return members.map(({ networks, domains }) => ({ networks, domains }));
}

/** Reads the files in the current thread. */
export async function readFiles(
  request: StagingRequest,
  staged: Staged,
  progress: RunProgress,
): Promise<void> {
  const { files, staging, document, members, kept, now } = request;
  if (document.parser.kind === 'stix') return stageObjects(files, staging, document, staged, progress);
  const lists = await WarningLists.load(document, members, kept);
  const rows = await rowMemories(request);
  try {
    await stageRows(files, staging, document, lists, now, staged, progress, rows);
  } finally {
    await rows?.next.close();
  }
}

/** Opens the row memories of a run. A row means the same as long as its document and the warning lists are the same. */
async function rowMemories({
  rows,
  document,
  members,
  kept,
}: StagingRequest): Promise<RowMemories | undefined> {
  if (rows === undefined) return undefined;
  const { salt, before, next } = rows;
  return {
    digestOf: rowDigests(JSON.stringify([salt, document, members, [...kept]])),
    before: before === undefined ? undefined : await RowMemory.load(before),
    next: new RowMemoryWriter(next),
  };
}

function inThread(
  request: StagingRequest,
  staged: Staged,
  progress: RunProgress,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(feedErrors.runStopped());
    const worker = new Worker(threadModule(), {
      workerData: { request, keys: spoolKeys() } satisfies StagingOrder,
      name: 'talanoa-feed',
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB },
    });
    const stop = (): void => settle(() => reject(feedErrors.runStopped()));
    let settled = false;
    const settle = (then: () => void): void => {
      if (settled) return;
      settled = true;
      signal.removeEventListener('abort', stop);
      // The staging file belongs to the run, so the thread has to be gone before the run continues.
      void worker.terminate().then(then, then);
    };
    signal.addEventListener('abort', stop, { once: true });
    worker.on('message', (message: StagingMessage) => {
      if ('progress' in message) return progress(message.progress);
      settle(() => {
        Object.assign(staged, message.staged, { ids: UuidSet.from(message.staged.ids) });
        if (message.failure === undefined) resolve();
        else reject(receivedFailure(message.failure));
      });
    });
    worker.once('error', (error: NodeJS.ErrnoException) =>
      settle(() => reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? feedErrors.tooMuchMemory() : error)),
    );
    worker.once('exit', () => settle(() => reject(new Error('the thread of the feed has ended'))));
  });
}

/** Returns the module of the thread. It is always the built one, because a thread cannot load TypeScript. */
function threadModule(): URL {
  const own = new URL('./staging-thread.js', import.meta.url);
  return new URL(own.href.replace(/\/src\/feeds\//, '/dist/feeds/'));
}

/** Returns a failure in the form that can be sent from a thread. */
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

function receivedFailure({ problem, title, details, failure }: SentFailure): Error {
  if (problem === undefined) return new Error(title);
  if (failure === undefined) return fromThread(problem, title, details);
  return new FetchProblem(title, { failure, ...(details.hint === undefined ? {} : { hint: details.hint }) });
}
