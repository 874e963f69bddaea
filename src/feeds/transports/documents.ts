import { rm } from 'node:fs/promises';
import { giveTurn } from '../../kernel/slices.ts';
import { linesIn, spoolBytes } from '../spool.ts';
import { inThread, receivedFailure, type FeedOrder, type ThreadResult } from '../threads.ts';
import { indexContent, type IndexContent, type IndexFormat, type Listed } from './index-content.ts';
import { pageFacts, type PageFacts, type PageQuestion } from './page-facts.ts';
import { FetchProblem, type FeedFile } from './transport.ts';

/**
 * Documents with at least this many bytes are parsed in a thread. Parsing 64 MiB at once would block all requests for
 * about a second.
 */
const THREAD_FROM_BYTES = 256 * 1024;
const LARGEST_PAGE = 64 * 1024 * 1024;
/** Number of entries that are read before other requests get their turn. */
const ENTRIES_AT_ONCE = 500;

/** Reads what leads to the next page of a JSON API. Throws a FetchProblem when the page is too large or not valid JSON. */
export async function readPage(
  { path, bytes }: FeedFile,
  question: PageQuestion,
  signal: AbortSignal,
): Promise<PageFacts> {
  if (bytes > LARGEST_PAGE)
    throw new FetchProblem('A page of the source is larger than 64 MiB', { failure: 'limits' });
  if (bytes < THREAD_FROM_BYTES) return pageFacts(path, question);
  const { page } = await doneInThread({ kind: 'page', path, question }, signal);
  return page ?? { texts: [], lengths: [] };
}

/** Reads an index. Throws a FetchProblem when it does not have the format. */
export async function readIndex(
  { path, bytes }: FeedFile,
  form: IndexFormat,
  signal: AbortSignal,
): Promise<IndexContent> {
  if (bytes < THREAD_FROM_BYTES) return indexContent((await spoolBytes(path)).toString('utf8'), form);
  const out = `${path}-entries`;
  try {
    const { lists = [] } = await doneInThread({ kind: 'index', path, form, out }, signal);
    // Copying all entries from the thread at once would take long as well.
    const items: Listed[] = [];
    for await (const line of linesIn(out)) {
      items.push(JSON.parse(line) as Listed);
      if (items.length % ENTRIES_AT_ONCE === 0) await giveTurn();
    }
    return { items, lists };
  } finally {
    await rm(out, { force: true });
  }
}

async function doneInThread(order: FeedOrder, signal: AbortSignal): Promise<ThreadResult> {
  const result = await inThread(order, signal);
  if (result.failure !== undefined) throw receivedFailure(result.failure);
  return result;
}
