// oxlint-disable-next-line no-restricted-imports -- Not a shell: a fixed command, in a process with limits (decision 46).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import { kernelErrors } from '../../kernel/errors.ts';
import type { FoundValue } from '../../stix/values/found-values.ts';
import type { DocumentFormat } from './document-format.ts';
import { extractionErrors } from './errors.ts';

/** Maximum number of bytes of a document. */
export const LARGEST_DOCUMENT = 10 * 1_048_576;
/** Maximum length of the text that is searched, in UTF-16 code units. */
export const LONGEST_TEXT = 1_000_000;
/** Maximum number of values that are returned. As many are checked at once. */
export const MOST_FOUND = 1_000;

/** A document as it was read. */
export interface ReadDocument {
  readonly format: DocumentFormat;
  /** Number of pages. 1 for formats without pages. */
  readonly pages: number;
  readonly text: string;
  readonly found: readonly FoundValue[];
  /** True if the text is longer than the hub reads. */
  readonly isCut: boolean;
  /** True if the text contains more values. */
  readonly hasMore: boolean;
}

/** Seconds in which a document must be read. */
const LONGEST_S = 20;
/**
 * Maximum heap of the process in MiB, and of all its data in bytes, such as the unpacked parts of a document. Only memory
 * that is in use counts.
 */
const HEAP_MB = 384;
const DATA_BYTES = 768 * 1_048_576;
/** The program of Linux (util-linux) that limits a process. */
const PRLIMIT = '/usr/bin/prlimit';
/** Maximum number of bytes of the result: the text with escapes, and 1,000 values. */
const MOST_OUTPUT = 16 * 1_048_576;
/** Documents are read one after the other. So many may wait, and so many of one caller may be read or wait. */
const MOST_WAITING = 8;
const MOST_OF_CALLER = 2;
/** Maximum number of characters of what a failed process wrote, for the log. */
const MOST_REASON = 2_000;

const inTurn = pLimit(1);
/** The callers whose documents are read or wait, and their number. */
const callers = new Map<string, number>();

/** The request for a document to be read. */
export interface Reading {
  /** The sender, for its share of the queue. */
  readonly caller: string;
  /** The document is read as text, although it looks like another format. */
  readonly isText: boolean;
  /** Ends the reading when the client has gone. */
  readonly signal: AbortSignal;
}

/**
 * Reads a document in a process of its own, because a hostile one can take any time and memory. The process has no
 * environment, so no secret of the hub is in its memory. Throws a Problem for a document without readable text.
 */
export async function readDocument(bytes: Buffer, reading: Reading): Promise<ReadDocument> {
  const { caller } = reading;
  const own = callers.get(caller) ?? 0;
  const headers = { 'Retry-After': '5' };
  if (own >= MOST_OF_CALLER) throw extractionErrors.tooManyOfCaller({ most: MOST_OF_CALLER }, { headers });
  if (inTurn.pendingCount >= MOST_WAITING) throw extractionErrors.tooManyDocuments({ headers });
  callers.set(caller, own + 1);
  let output: string;
  try {
    output = await inTurn(() => outputFor(bytes, reading));
  } finally {
    const left = (callers.get(caller) ?? 1) - 1;
    if (left === 0) callers.delete(caller);
    else callers.set(caller, left);
  }
  const result = JSON.parse(output) as ReadDocument | { readonly fault: string };
  if (!('fault' in result)) return result;
  switch (result.fault) {
    case 'unknown':
      throw extractionErrors.unknownFormat();
    case 'encrypted':
      throw extractionErrors.encrypted();
    case 'empty':
      throw extractionErrors.noText();
    default:
      throw extractionErrors.damaged();
  }
}

/** Returns the command that starts the process. It contains nothing from a document or a request. */
function command(isText: boolean): readonly [program: string, parameters: readonly string[]] {
  const node = [
    `--max-old-space-size=${HEAP_MB}`,
    '--no-warnings',
    processModule(),
    ...(isText ? ['text'] : []),
  ];
  // A packed document could fill the memory that is not in the heap. Systems without this program have no such limit.
  return existsSync(PRLIMIT)
    ? [PRLIMIT, [`--data=${DATA_BYTES}`, process.execPath, ...node]]
    : [process.execPath, node];
}

function outputFor(bytes: Buffer, { isText, signal }: Reading): Promise<string> {
  const [program, parameters] = command(isText);
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(kernelErrors.bodyIncomplete());
      return;
    }
    const child = spawn(program, parameters, {
      env: {},
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: LONGEST_S * 1_000,
      killSignal: 'SIGKILL',
    });
    const stop = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', stop, { once: true });
    const parts: Buffer[] = [];
    let size = 0;
    let reason = '';
    child.stdout.on('data', (part: Buffer) => {
      size += part.length;
      if (size > MOST_OUTPUT) stop();
      else parts.push(part);
    });
    child.stderr.on('data', (part: Buffer) => {
      reason = `${reason}${part.toString('utf8')}`.slice(0, MOST_REASON);
    });
    // A process that ends early closes its input. Its exit code says so.
    child.stdin.on('error', () => undefined);
    child.stdin.end(bytes);
    child.once('error', reject);
    child.once('close', (code, killed) => {
      signal.removeEventListener('abort', stop);
      if (code === 0) resolve(Buffer.concat(parts).toString('utf8'));
      else if (signal.aborted) reject(kernelErrors.bodyIncomplete());
      // Without memory, Node.js ends itself with a signal.
      else if (killed !== null) reject(extractionErrors.tooCostly({ seconds: LONGEST_S }));
      else reject(new Error(`the process that reads documents failed: ${reason}`));
    });
  });
}

/** Returns the module of the process. It is always the built one, because the process cannot load TypeScript. */
function processModule(): string {
  const own = new URL('./document-process.js', import.meta.url);
  return fileURLToPath(own.href.replace(/\/src\/sharing\//, '/dist/sharing/'));
}
