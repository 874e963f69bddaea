/**
 * The process that reads one document (`read-document.ts`): the document arrives on the standard input, and what was
 * found leaves on the standard output as JSON. The process has no environment and ends after one document.
 */
import { findValues } from '../../stix/values/found-values.ts';
import { documentFormat } from './document-format.ts';
import { documentText } from './document-text.ts';
import { LONGEST_TEXT, MOST_FOUND, type ReadDocument } from './read-document.ts';

/** Characters that nobody sees. They would hide values from a search, and change the order in which people read a text. */
const UNSEEN =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

process.stdout.write(JSON.stringify(await readWhole()));

async function readWhole(): Promise<ReadDocument | { readonly fault: string }> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin as AsyncIterable<Buffer>) parts.push(part);
  const bytes = Buffer.concat(parts);
  const format = documentFormat(bytes);
  if (format === undefined) return { fault: 'unknown' };
  let pages: readonly string[];
  try {
    pages = await documentText(bytes, format);
  } catch (error) {
    return { fault: error instanceof Error && error.name === 'PasswordException' ? 'encrypted' : 'damaged' };
  }
  const whole = pages.join('\n\n').replaceAll(UNSEEN, '').replaceAll(/\r\n?/g, '\n');
  if (whole.trim() === '') return { fault: 'empty' };
  const text = whole.slice(0, LONGEST_TEXT).toWellFormed();
  const found = findValues(text, MOST_FOUND + 1);
  return {
    ...{ format, pages: pages.length, text, found: found.slice(0, MOST_FOUND) },
    isCut: whole.length > LONGEST_TEXT,
    hasMore: found.length > MOST_FOUND,
  };
}
