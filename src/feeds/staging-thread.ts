/** A thread that works with files of a source, so that the main thread is not blocked (`threads.ts`). */
import { parentPort, workerData } from 'node:worker_threads';
import { detectFile } from './detect-file.ts';
import { adoptSpoolKeys } from './spool.ts';
import { nothingStaged } from './stage.ts';
import { readFiles } from './staging.ts';
import type { StagingRequest } from './staging-request.ts';
import {
  sentFailure,
  type FeedOrder,
  type ThreadInput,
  type ThreadMessage,
  type ThreadResult,
} from './threads.ts';
import { parseMail } from './transports/mail.ts';

const { order, keys } = workerData as ThreadInput;
adoptSpoolKeys(keys);
send(await resultOf(order));

async function resultOf(work: FeedOrder): Promise<ThreadResult> {
  if (work.kind === 'stage') return staged(work.request);
  try {
    return work.kind === 'mail'
      ? { mail: await parseMail(work.source) }
      : { detected: await detectFile(work.request) };
  } catch (error) {
    return { failure: sentFailure(error) };
  }
}

async function staged(request: StagingRequest): Promise<ThreadResult> {
  const result = nothingStaged();
  const failure = await readFiles(request, result, (progress) => send({ progress })).then(
    () => undefined,
    sentFailure,
  );
  return {
    staged: { ...result, ids: result.ids.parts() },
    ...(failure === undefined ? {} : { failure }),
  };
}

function send(message: ThreadMessage): void {
  parentPort?.postMessage(message);
}
