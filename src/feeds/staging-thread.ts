/** A thread that reads the files of a feed run, so that the main thread is not blocked (`staging.ts`). */
import { parentPort, workerData } from 'node:worker_threads';
import { adoptSpoolKeys } from './spool.ts';
import { nothingStaged } from './stage.ts';
import {
  readFiles,
  sentFailure,
  type SentFailure,
  type StagingMessage,
  type StagingOrder,
} from './staging.ts';

const { request, keys } = workerData as StagingOrder;
adoptSpoolKeys(keys);
const staged = nothingStaged();
let failure: SentFailure | undefined;
try {
  await readFiles(request, staged, (progress) => send({ progress }));
} catch (error) {
  failure = sentFailure(error);
}
send({
  staged: { ...staged, ids: staged.ids.parts() },
  ...(failure === undefined ? {} : { failure }),
});

function send(message: StagingMessage): void {
  parentPort?.postMessage(message);
}
