import {
  GATE_LIMITS,
  gateSliced,
  isGated,
  textOf,
  readObject,
  type GateFault,
  type GatedDocument,
} from '../../kernel/json-gate.ts';
import { Problem } from '../../kernel/problem.ts';
import { giveTurn } from '../../kernel/slices.ts';
import type { TaxiiAnswer } from './connection.ts';
import { peerErrors } from './errors.ts';
import { flagOf } from './text.ts';

/** A page may be larger than an envelope that the hub accepts. */
const LIMITS = { ...GATE_LIMITS, tokens: 50_000_000 };
/** Number of objects that are read before other requests get their turn. */
const OBJECTS_AT_ONCE = 100;
/** Other names that servers give to the list of objects. */
const OTHER_LISTS = ['items', 'data', 'results'] as const;
/** Members of an envelope or a bundle other than its objects. */
const USUAL = new Set(['more', 'next', 'type', 'id', 'spec_version']);

/** A page as the server wrote it. */
export interface ReadPage {
  readonly texts: readonly string[];
  /** Texts of members that are not valid objects. */
  readonly skipped: readonly string[];
  /** True if more objects are announced. Undefined if the server does not say. */
  readonly more: boolean | undefined;
  readonly next: string | undefined;
}

/**
 * Reads an envelope (TAXII 2.1 §3.7), or a bundle or a list as some servers send it. The texts of the objects are kept
 * unchanged. Throws a Problem for a document that is none of these, because its objects would be lost.
 */
export async function readPage({ body, url }: TaxiiAnswer, odd: (text: string) => void): Promise<ReadPage> {
  if (body.length === 0) return { texts: [], skipped: [], more: false, next: undefined };
  const document = await documentIn(body, url, odd);
  if (document.members.get('type') === 'bundle') odd('the server sends bundles instead of envelopes');
  const texts: string[] = [];
  const skipped: string[] = [];
  for (const [i, span] of document.objects.entries()) {
    if (i % OBJECTS_AT_ONCE === OBJECTS_AT_ONCE - 1) await giveTurn();
    const item = readObject(document, span, LIMITS);
    if (isGated(item)) texts.push(item.text);
    else {
      odd(`an object was skipped: ${faultText(item)}`);
      skipped.push(textOf(document, span));
    }
  }
  const more = document.members.get('more');
  const announced = flagOf(more);
  if (more !== undefined && more !== announced)
    odd('the server sends a value of "more" that is not a boolean');
  return { texts, skipped, more: announced, next: nextOf(document, odd) };
}

function faultText({ pointer, message }: GateFault): string {
  return `${pointer} ${message}`.trim();
}

async function documentIn(body: Buffer, url: string, odd: (text: string) => void): Promise<GatedDocument> {
  const { host } = new URL(url);
  const read = async (bytes: Buffer, list?: string): Promise<GatedDocument> => {
    try {
      return await gateSliced(bytes, LIMITS, giveTurn, list);
    } catch (error) {
      throw peerErrors.invalidPage(
        { host },
        { description: error instanceof Problem ? (error.description ?? error.title) : '' },
      );
    }
  };
  if (isList(body)) {
    odd('the server sends a list instead of an envelope');
    return read(Buffer.concat([Buffer.from('{"objects":'), body, Buffer.from('}')]));
  }
  const document = await read(body);
  if (document.hasObjects) return document;
  const { members } = document;
  const other = OTHER_LISTS.find((name) => Array.isArray(members.get(name)));
  if (other !== undefined) {
    odd(`the server calls the list of objects "${other}"`);
    return read(body, other);
  }
  const holds = [...members].some(
    ([name, value]) => !USUAL.has(name) && typeof value === 'object' && value !== null,
  );
  if (holds || members.has('title') || members.has('error'))
    throw peerErrors.notEnvelope({ host, members: [...members.keys()].join(', ').slice(0, 200) });
  return document;
}

/** True for a body that is a list. */
function isList(body: Buffer): boolean {
  return body.subarray(0, 64).toString('latin1').trimStart().startsWith('[');
}

/** Returns the value of `next` as text. A number is taken as it was written, because it may be too large to be exact. */
function nextOf(document: GatedDocument, odd: (text: string) => void): string | undefined {
  const next = document.members.get('next');
  if (typeof next === 'string') return next === '' ? undefined : next;
  if (typeof next !== 'number') return undefined;
  odd('the server sends "next" as a number');
  if (Number.isSafeInteger(next)) return String(next);
  const [first, last] = [document.objects.at(0), document.objects.at(-1)];
  const outside =
    first === undefined || last === undefined
      ? document.bytes.toString('utf8')
      : `${document.bytes.toString('utf8', 0, first.start)} ${document.bytes.toString('utf8', last.end)}`;
  return /"next"\s*:\s*(-?[\d.eE+-]+)/.exec(outside)?.[1] ?? String(next);
}
