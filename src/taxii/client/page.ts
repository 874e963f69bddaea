import { GATE_LIMITS, gate, isGated, readObject } from '../../kernel/json-gate.ts';
import { Problem } from '../../kernel/problem.ts';
import type { TaxiiAnswer } from './connection.ts';
import { peerErrors } from './errors.ts';

/** A page may be larger than an envelope that the hub accepts. */
const LIMITS = { ...GATE_LIMITS, tokens: 50_000_000 };

/** A page as the server wrote it. */
export interface ReadPage {
  readonly texts: readonly string[];
  readonly more: boolean;
  readonly next: string | undefined;
}

/**
 * Reads an envelope (TAXII 2.1 §3.7), or a bundle as some early servers send it. The texts of the objects are kept
 * unchanged.
 */
export function readPage({ body, url }: TaxiiAnswer, odd: (text: string) => void): ReadPage {
  if (body.length === 0) return { texts: [], more: false, next: undefined };
  let document;
  try {
    document = gate(body, LIMITS);
  } catch (error) {
    throw peerErrors.invalidPage(
      { host: new URL(url).host },
      { description: error instanceof Problem ? (error.description ?? error.title) : '' },
    );
  }
  if (document.members.get('type') === 'bundle') odd('the server sends bundles instead of envelopes');
  const texts: string[] = [];
  for (const span of document.objects) {
    const item = readObject(document, span, LIMITS);
    if (isGated(item)) texts.push(item.text);
    else odd(`an object was left out: ${item.pointer === '' ? '' : `${item.pointer} `}${item.message}`);
  }
  const next = document.members.get('next');
  return {
    texts,
    more: document.members.get('more') === true,
    next: typeof next === 'string' && next !== '' ? next : undefined,
  };
}
