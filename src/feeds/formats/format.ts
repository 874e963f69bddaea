import type { Readable } from 'node:stream';
import type { Mapped } from '../findings.ts';
import type { FindingMaker } from '../maker.ts';
import type { KnownFinding, RowDigest } from '../row-memory.ts';
import type { Row } from '../template.ts';
import { ValueFault } from '../../stix/values/read-value.ts';
import { feedErrors } from '../errors.ts';

/** The result of one entry of a file. */
export interface Step {
  /** Line where the entry begins, or its number. Both count from 1. */
  readonly line: number;
  /** The entry as received, shortened for display. */
  readonly raw: string;
  readonly mapped: Mapped;
  /** Its columns, if it has any. They allow a later retry. */
  readonly row?: Row;
  /** Its kind, where a source sends several kinds of entries. */
  readonly kind?: string | undefined;
  /** Its digest, if rows of the feed are remembered. */
  readonly digest?: RowDigest | undefined;
  /** Its findings, if an earlier run has stored them. It is not mapped again. */
  readonly known?: readonly KnownFinding[] | undefined;
}

/** Reads a file in a format that defines its own meaning, so no mapping is needed. */
export type Format = (stream: Readable, make: FindingMaker) => AsyncGenerator<Step>;

const KEPT = 4_096;
/** Maximum number of bytes of a document that is read as a whole. */
const LARGEST_DOCUMENT = 64 * 1024 * 1024;
const DEEPEST = 64;

/** Processes one entry. An invalid entry goes to the quarantine, and the rest of the file is read. */
export function attempt(line: number, raw: unknown, work: () => Mapped): Step {
  const text = (typeof raw === 'string' ? raw : (JSON.stringify(raw) ?? '')).slice(0, KEPT);
  try {
    return { line, raw: text, mapped: work() };
  } catch (error) {
    if (!(error instanceof ValueFault)) throw error;
    return {
      line,
      raw: text,
      mapped: { findings: [], fault: { code: error.code, message: error.message } },
    };
  }
}

/**
 * Reads a JSON document as a whole. Throws a Problem when it is invalid, larger than 64 MiB or nested deeper than 64
 * levels.
 */
export async function wholeJson(stream: Readable): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    parts.push(chunk);
    if ((size += chunk.length) > LARGEST_DOCUMENT) throw feedErrors.documentTooLarge();
  }
  let value: unknown;
  try {
    value = JSON.parse(
      Buffer.concat(parts)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    );
  } catch (error) {
    throw feedErrors.notJson({ description: String(error).slice(0, 200) });
  }
  demandShallow(value, 0);
  return value;
}

function demandShallow(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > DEEPEST) throw feedErrors.tooDeep();
  for (const member of Object.values(value)) demandShallow(member, depth + 1);
}
