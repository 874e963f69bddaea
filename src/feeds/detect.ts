import type { Clock } from '../kernel/clock.ts';
import type { Network } from '../kernel/address.ts';
import { Problem } from '../kernel/problem.ts';
import { urlOf } from '../kernel/url.ts';
import {
  detectFile,
  documentOf,
  unknown,
  type Detected,
  type DetectOrder,
  type DetectRequest,
} from './detect-file.ts';
import { inSpool } from './spool.ts';
import { inThread, needThread, receivedFailure } from './threads.ts';
import { fetchFeed } from './transports/fetch.ts';
import type { FetchOptions, Fetched } from './transports/transport.ts';

type DetectOptions = Omit<FetchOptions, 'cursor' | 'name' | 'budget'> & {
  readonly clock: Clock;
  /** Networks of the members. Columns with their addresses are never used for indicators. */
  readonly own: readonly Network[];
};

/**
 * Fetches a feed and makes a feed document for it: the format, the columns with the values and those with the times.
 * `use` gets it together with the fetched files, so the source is asked only once.
 */
export async function detectFeed<T>(
  request: DetectRequest,
  options: DetectOptions,
  use: (detected: Detected, fetched: Fetched) => Promise<T>,
): Promise<T> {
  return inSpool(options.spool, request.name, async (spool) => {
    const { detected, fetched } = await detectedAt(request, { ...options, spool }).catch((error: unknown) =>
      detectedBelow(request, { ...options, spool }, error),
    );
    return use(detected, fetched);
  });
}

interface DetectedAt {
  readonly detected: Detected;
  readonly fetched: Fetched;
}

async function detectedAt(request: DetectRequest, options: DetectOptions): Promise<DetectedAt> {
  const base = documentOf(request, { kind: 'delimited' }, [{ value: '{value}', type: 'auto' }]);
  const fetched = await fetchFeed(base.transport, { ...options, name: request.name, cursor: {}, tries: 1 });
  const [file] = fetched.files;
  if (file === undefined) throw unknown('The source is empty.');
  const { own, clock, signal } = options;
  return { detected: await detectedIn({ request, file, own, now: clock.now() }, signal), fetched };
}

/**
 * Looks for the manifest of a MISP feed, whose address is usually given as that of its folder. Throws the error about
 * the folder when the source has no manifest.
 */
async function detectedBelow(
  request: DetectRequest,
  options: DetectOptions,
  error: unknown,
): Promise<DetectedAt> {
  const url = urlOf(request.url);
  const isFolder = url !== undefined && url.search === '' && !/\.[a-z0-9]+$/i.test(url.pathname);
  if (!isFolder || !(error instanceof Problem) || options.signal.aborted) throw error;
  const manifest = `${request.url.replace(/\/$/, '')}/manifest.json`;
  const found = await detectedAt({ ...request, url: manifest }, options).catch(() => undefined);
  if (found?.detected.document.transport.index !== 'misp') throw error;
  return found;
}

/** Packed files, and files with at least this many bytes, are looked at in a thread, because a hostile one costs much more than its size. */
const THREAD_FROM_BYTES = 4 * 1024;

async function detectedIn(order: DetectOrder, signal: AbortSignal): Promise<Detected> {
  if (!(await needThread([order.file], THREAD_FROM_BYTES))) return detectFile(order);
  const { detected, failure } = await inThread({ kind: 'detect', request: order }, signal);
  if (failure !== undefined) throw receivedFailure(failure);
  if (detected === undefined) throw new Error('a thread that detects a format has a result');
  return detected;
}
