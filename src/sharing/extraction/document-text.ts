import { hash } from 'node:crypto';
import type { DocumentFormat } from './document-format.ts';
import { docxText } from './docx-text.ts';
import { pageText } from './html-text.ts';

/** Maximum number of pages of a PDF file that are read. */
const MOST_PAGES = 500;
/** Maximum number of attachments that are named, and of parts inside each other. */
const MOST_ATTACHMENTS = 100;
const DEEPEST_EMAIL = 20;

/** The text of a document, by pages. Only PDF files have more than one. */
export type Pages = readonly string[];

/**
 * Returns the text of a document. Throws if it is damaged, encrypted or has no text. A hostile document can take any time
 * and memory, so only the process of `document-process.ts` may call it.
 */
export async function documentText(bytes: Buffer, format: DocumentFormat): Promise<Pages> {
  switch (format) {
    case 'pdf':
      return pdfText(bytes);
    case 'docx':
      return [await docxText(bytes)];
    case 'email':
      return [await emailText(bytes)];
    case 'html':
      return [pageText(decoded(bytes)).text];
    case 'text':
      return [decoded(bytes)];
  }
}

/** Decodes a text by its byte order mark, as UTF-8, or else as Windows-1252. */
function decoded(bytes: Buffer): string {
  const label =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

async function pdfText(bytes: Buffer): Promise<Pages> {
  const { getDocumentProxy } = await import('unpdf');
  const pdf = await getDocumentProxy(new Uint8Array(bytes));
  const pages: string[] = [];
  for (let number = 1; number <= Math.min(pdf.numPages, MOST_PAGES); number++) {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    const text = items.map((item) => ('str' in item ? `${item.str}${item.hasEOL ? '\n' : ''}` : '')).join('');
    const links = (await page.getAnnotations()).flatMap(linkOf);
    pages.push([text, ...new Set(links)].join('\n').trim());
    page.cleanup();
  }
  return pages;
}

/** Returns the target of a link in a PDF file, which its text can hide. */
function linkOf(annotation: unknown): readonly string[] {
  const url =
    typeof annotation === 'object' && annotation !== null && 'unsafeUrl' in annotation
      ? annotation.unsafeUrl
      : undefined;
  return typeof url === 'string' ? [url.replace(/^mailto:/i, '')] : [];
}

/** Returns the header fields of an email message that name a sender or a way, its text, and the hashes of its attachments. */
async function emailText(bytes: Buffer): Promise<string> {
  const { default: PostalMime } = await import('postal-mime');
  const { headers, text, html, attachments } = await PostalMime.parse(bytes, {
    maxNestingDepth: DEEPEST_EMAIL,
  });
  const fields = headers
    .filter(({ key }) => NAMED_FIELDS.has(key))
    .map(({ originalKey, value }) => `${originalKey}: ${value}`);
  const files = attachments.slice(0, MOST_ATTACHMENTS).map(({ filename, content }) => {
    const bytesOf = typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content);
    return `${filename ?? ''} ${hash('sha256', bytesOf)}`;
  });
  const page = html === undefined ? { text: '', links: [] } : pageText(html);
  // Most messages contain the same text twice, plain and as a page. Only the page has the targets of links.
  const body = text === undefined || text.trim() === '' ? [page.text] : [text.trim(), page.links.join('\n')];
  return [fields.join('\n'), ...body, files.join('\n')].filter((part) => part !== '').join('\n\n');
}

/** Fields that name senders, and the hosts on the way. */
const NAMED_FIELDS: ReadonlySet<string> = new Set([
  'from',
  'sender',
  'reply-to',
  'return-path',
  'subject',
  'date',
  'received',
  'x-originating-ip',
]);
