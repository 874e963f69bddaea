/**
 * The process that reads one document (`read-document.ts`): the document arrives on the standard input, and what was
 * found leaves on the standard output as JSON. With the parameter `text`, the document is read as text, although it looks
 * like another format. The process has no environment and ends after one document.
 */
import { isUtf8 } from 'node:buffer';
import { findValues } from '../../stix/values/found-values.ts';
import { documentFormat, type DocumentFormat } from './document-format.ts';
import { documentText, type DocumentText } from './document-text.ts';
import { NotWordDocument } from './docx-text.ts';
import { LONGEST_TEXT, MOST_FOUND, type ReadDocument } from './read-document.ts';

/** Reasons why a document cannot be read. */
type Fault = 'unknown' | 'encrypted' | 'damaged' | 'empty';

/** Signs that end a line or a page in some documents. */
// oxlint-disable-next-line no-control-regex -- They are what this looks for.
const LINE_ENDS = /\r\n?|[\u000b\u000c\u0085\u2028\u2029]/g;
/** Hyphens that programs set instead of the usual one, with which values are written. */
const HYPHENS = /[\u2010\u2011\ufe63\uff0d]/g;
/** Characters that nobody sees. They would hide values from a search, and change the order in which people read a text. */
const UNSEEN =
  // oxlint-disable-next-line no-control-regex
  /[\p{Cf}\p{Variation_Selector}\u0000-\u0008\u000e-\u001f\u007f-\u009f]/gu;
/** The beginning of the older formats of Office programs, in which also protected documents are. */
const OLE = Buffer.from('d0cf11e0a1b11ae1', 'hex');

process.stdout.write(JSON.stringify(await readWhole()));

async function readWhole(): Promise<ReadDocument | { readonly fault: Fault }> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin as AsyncIterable<Buffer>) parts.push(part);
  const bytes = Buffer.concat(parts);
  const format = process.argv[2] === 'text' ? 'text' : documentFormat(bytes);
  if (format === undefined) return { fault: faultOfOffice(bytes) };
  const read = await readAs(bytes, format);
  if (typeof read === 'string') return { fault: read };
  const whole = read.pages
    .join('\n\n')
    .replaceAll(LINE_ENDS, '\n')
    .replaceAll(HYPHENS, '-')
    .replaceAll(UNSEEN, '');
  if (whole.trim() === '') return { fault: 'empty' };
  const text = whole.slice(0, LONGEST_TEXT).toWellFormed();
  const found = findValues(text, MOST_FOUND + 1);
  return {
    ...{ format: read.format, pages: read.pages.length, text, found: found.slice(0, MOST_FOUND) },
    isCut: read.isCut || whole.length > LONGEST_TEXT,
    hasMore: found.length > MOST_FOUND,
  };
}

/** Reads the text of a document. One that is not what it looks like is read as text, if it is one. */
async function readAs(
  bytes: Buffer,
  format: DocumentFormat,
): Promise<(DocumentText & { readonly format: DocumentFormat }) | Fault> {
  try {
    const read = await documentText(bytes, format);
    const isEmpty = read.pages.every((page) => page.trim() === '');
    if (!isEmpty || format === 'text' || !isUtf8(bytes)) return { ...read, format };
  } catch (error) {
    if (error instanceof NotWordDocument) return 'unknown';
    if (error instanceof Error && error.name === 'PasswordException') return 'encrypted';
    if (!isUtf8(bytes) || format === 'pdf' || format === 'docx') return 'damaged';
  }
  // A page of which nothing shows is read with its source, as is a message that is not one.
  return format === 'pdf' || format === 'docx'
    ? 'empty'
    : { ...(await documentText(bytes, 'text')), format: 'text' };
}

/** Older Office documents are not read. A protected one of today has the same beginning. */
function faultOfOffice(bytes: Buffer): Fault {
  const isProtected =
    bytes.subarray(0, OLE.length).equals(OLE) && bytes.includes('EncryptedPackage', 'utf16le');
  return isProtected ? 'encrypted' : 'unknown';
}
