import { sampleRows, type Sample } from './sample-rows.ts';
import { THREAD_FROM_BYTES } from './staging.ts';
import type { StagingRequest } from './staging-request.ts';
import { inThread, needThread, receivedFailure } from './threads.ts';

/** Returns the first rows of a run with the objects that they become. Large and packed files are read in a thread. */
export async function readSamples(request: StagingRequest, signal: AbortSignal): Promise<readonly Sample[]> {
  if (!(await needThread(request.files, THREAD_FROM_BYTES))) return sampleRows(request);
  const { samples = [], failure } = await inThread({ kind: 'samples', request }, signal);
  if (failure !== undefined) throw receivedFailure(failure);
  return samples;
}
