// oxlint-disable-next-line no-restricted-imports -- Not a shell: a fixed command, in a process with limits (decision 46).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import pLimit from 'p-limit';
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
/** Maximum heap of the process in MiB, and its address space in bytes. Node.js itself reserves about 1 GiB. */
const HEAP_MB = 384;
const SPACE_BYTES = 3 * 1_073_741_824;
/** The program of Linux (util-linux) that limits a process. */
const PRLIMIT = '/usr/bin/prlimit';
/** Maximum number of bytes of the result: the text with escapes, and 1,000 values. */
const MOST_OUTPUT = 16 * 1_048_576;
/** Documents are read one after the other. So many may wait. */
const MOST_WAITING = 8;

const inTurn = pLimit(1);

/**
 * Reads a document in a process of its own, because a hostile one can take any time and memory. The process has no
 * environment, so no secret of the hub is in its memory. Throws a Problem for a document without readable text.
 */
export async function readDocument(bytes: Buffer): Promise<ReadDocument> {
  if (inTurn.pendingCount >= MOST_WAITING) throw extractionErrors.tooManyDocuments();
  const output = await inTurn(() => outputFor(bytes));
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
function command(): readonly [program: string, parameters: readonly string[]] {
  const node = [`--max-old-space-size=${HEAP_MB}`, '--no-warnings', processModule()];
  // A packed document could fill the memory that is not in the heap. Systems without this program have no such limit.
  return existsSync(PRLIMIT)
    ? [PRLIMIT, [`--as=${SPACE_BYTES}`, process.execPath, ...node]]
    : [process.execPath, node];
}

function outputFor(bytes: Buffer): Promise<string> {
  const [program, parameters] = command();
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, {
      env: {},
      cwd: '/',
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: LONGEST_S * 1_000,
      killSignal: 'SIGKILL',
    });
    const parts: Buffer[] = [];
    let size = 0;
    child.stdout.on('data', (part: Buffer) => {
      size += part.length;
      if (size > MOST_OUTPUT) child.kill('SIGKILL');
      else parts.push(part);
    });
    // A process that ends early closes its input. Its exit code says so.
    child.stdin.on('error', () => undefined);
    child.stdin.end(bytes);
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(parts).toString('utf8'));
      else reject(extractionErrors.tooCostly({ seconds: LONGEST_S }));
    });
  });
}

/** Returns the module of the process. It is always the built one, because the process cannot load TypeScript. */
function processModule(): string {
  const own = new URL('./document-process.js', import.meta.url);
  return new URL(own.href.replace(/\/src\/sharing\//, '/dist/sharing/')).pathname;
}
