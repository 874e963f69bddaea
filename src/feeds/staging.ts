import type { MemberInfo } from '../access/snapshot.ts';
import { UuidSet } from './digest-set.ts';
import type { RunProgress } from './report.ts';
import { RowMemory, RowMemoryWriter, rowDigests } from './row-memory.ts';
import { stageObjects, stageRows, type RowMemories, type Staged } from './stage.ts';
import { inThread, needThread, receivedFailure } from './threads.ts';
import type { Compared, StagingRequest } from './staging-request.ts';
import { WarningLists } from './warning-lists.ts';

/**
 * Packed files, and files with at least this many bytes in total, are read in a thread. Starting a thread takes longer
 * than reading fewer bytes in slices.
 */
export const THREAD_FROM_BYTES = 32 * 1024;

/**
 * Reads the files of a run into its staging file and fills `staged`. Large and packed files are read in a thread of their own, so
 * that requests are answered meanwhile and the memory is returned afterwards. Throws a Problem when the files cannot be
 * read to the end; `staged` then contains what was counted so far.
 */
export async function stageFiles(
  request: StagingRequest,
  staged: Staged,
  progress: RunProgress,
  signal: AbortSignal,
): Promise<void> {
  await ((await needThread(request.files, THREAD_FROM_BYTES))
    ? readInThread(request, staged, progress, signal)
    : readFiles(request, staged, progress));
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

async function readInThread(
  request: StagingRequest,
  staged: Staged,
  progress: RunProgress,
  signal: AbortSignal,
): Promise<void> {
  const result = await inThread({ kind: 'stage', request }, signal, { progress });
  if (result.staged !== undefined)
    Object.assign(staged, result.staged, { ids: UuidSet.from(result.staged.ids) });
  if (result.failure !== undefined) throw receivedFailure(result.failure);
}
