/** A thread that works with files of a source, so that the main thread is not blocked (`threads.ts`). */
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../kernel/clock.ts';
import { Slices } from '../kernel/slices.ts';
import { detectFile } from './detect-file.ts';
import { prepare, sentBatch, type PreparingPort } from './preparing.ts';
import { sampleRows } from './sample-rows.ts';
import { SpoolLines, adoptSpoolKeys, spoolBytes } from './spool.ts';
import { nothingStaged } from './stage.ts';
import { readFiles } from './staging.ts';
import type { StagingRequest } from './staging-request.ts';
import {
  sentFailure,
  type FeedOrder,
  type ThreadAnswer,
  type ThreadCall,
  type ThreadInput,
  type ThreadMessage,
  type ThreadResult,
} from './threads.ts';
import { indexContent } from './transports/index-content.ts';
import { parseMail } from './transports/mail.ts';
import { pageFacts } from './transports/page-facts.ts';

/**
 * The niceness of this thread. It gets a third of the time of a thread without, when both want the same processor. With
 * more, a feed would hardly advance on a machine that is busy with other programs.
 */
const NICENESS = 5;

const { order, keys } = workerData as ThreadInput;
stepBack();
adoptSpoolKeys(keys);
/** The answers that the thread waits for, by the numbers of their calls. */
const waiting = new Map<number, (answer: ThreadAnswer) => void>();
let calls = 0;
const port: PreparingPort = {
  standing: async (ids) => (await called((call) => ({ call, standing: ids }))).texts,
  store: async (batch) => void (await called((call) => ({ call, store: sentBatch(batch) }))),
};
parentPort?.on('message', (answer: ThreadAnswer) => {
  waiting.get(answer.call)?.(answer);
  waiting.delete(answer.call);
});
send(await resultOf(order));

/**
 * Gives this thread a lower priority, where the system has priorities of threads (Linux). On a machine with few
 * processors, requests would otherwise wait for it.
 */
function stepBack(): void {
  try {
    const id = /\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self'))?.[1];
    if (id !== undefined) setPriority(Number(id), NICENESS);
  } catch {
    // Then it works with the priority of the process.
  }
}

async function resultOf(work: FeedOrder): Promise<ThreadResult> {
  if (work.kind === 'stage') return staged(work.request);
  if (work.kind === 'prepare') {
    await prepare(work.request, port, new Slices(systemClock));
    return {};
  }
  try {
    switch (work.kind) {
      case 'mail':
        return { mail: await parseMail(work.source) };
      case 'page':
        return { page: await pageFacts(work.path, work.question) };
      case 'index':
        return { lists: await listedEntries(work) };
      case 'samples':
        return { samples: await sampleRows(work.request) };
      case 'detect':
        return { detected: await detectFile(work.request) };
    }
  } catch (error) {
    return { failure: sentFailure(error) };
  }
}

/** Writes the entries of an index into a spool file. Returns the lists that it names. */
async function listedEntries({
  path,
  form,
  out,
}: Extract<FeedOrder, { kind: 'index' }>): Promise<readonly string[]> {
  const { items, lists } = await indexContent((await spoolBytes(path)).toString('utf8'), form);
  const lines = new SpoolLines(out);
  for (const item of items) await lines.write(JSON.stringify(item));
  await lines.close();
  return lists;
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

function called(of: (call: number) => ThreadCall): Promise<ThreadAnswer> {
  const call = ++calls;
  return new Promise((resolve) => {
    waiting.set(call, resolve);
    send(of(call));
  });
}

function send(message: ThreadMessage): void {
  parentPort?.postMessage(message);
}
