import { hash } from 'node:crypto';
import type { DocumentFormat } from './document-format.ts';
import { docxText } from './docx-text.ts';
import { pageText, type PageText } from './html-text.ts';

/** Maximum number of pages of a PDF file that are read. */
const MOST_PAGES = 500;
/** Maximum number of attachments that are named, and of parts inside each other. */
const MOST_ATTACHMENTS = 100;
const DEEPEST_EMAIL = 20;

/** The text of a document. */
export interface DocumentText {
  /** The text of each page. Only PDF files have more than one. */
  readonly pages: readonly string[];
  /** True if the document has more pages than are read. */
  readonly isCut: boolean;
}

/**
 * Returns the text of a document. Throws if it is damaged, encrypted or has no text. A hostile document can take any time
 * and memory, so only the process of `document-process.ts` may call it.
 */
export async function documentText(bytes: Buffer, format: DocumentFormat): Promise<DocumentText> {
  return format === 'pdf' ? pdfText(bytes) : { pages: [await textOf(bytes, format)], isCut: false };
}

async function textOf(bytes: Buffer, format: Exclude<DocumentFormat, 'pdf'>): Promise<string> {
  switch (format) {
    case 'docx':
      return docxText(bytes);
    case 'email':
      return emailText(bytes);
    case 'html':
      return pageText(decoded(bytes)).text;
    case 'text':
      return decoded(bytes);
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

async function pdfText(bytes: Buffer): Promise<DocumentText> {
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
  return { pages, isCut: pdf.numPages > MOST_PAGES };
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
    .map(({ key, originalKey, value }) => `${originalKey}: ${key === 'received' ? senderOf(value) : value}`);
  const files = attachments.slice(0, MOST_ATTACHMENTS).map(({ filename, content }) => {
    const bytesOf = typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content);
    return `${filename ?? ''} ${hash('sha256', bytesOf)}`;
  });
  const body = bodyOf(
    (text ?? '').trim(),
    html === undefined ? { text: '', links: [] } : pageText(html, { loads: true }),
  );
  return [fields.join('\n'), ...body, files.join('\n')].filter((part) => part !== '').join('\n\n');
}

/**
 * Returns the text of a message. Most messages contain the same text twice, plain and as a page. Only the page has the
 * targets of links. It is added whole if it has words that the plain text lacks, since people see the page.
 */
function bodyOf(text: string, page: PageText): readonly string[] {
  const words = new Set(text.split(/\s+/));
  const written = page.links.reduce((rest, link) => rest.replaceAll(`<${link}>`, ' '), page.text);
  const isMore = written.split(/\s+/).some((word) => word !== '' && !words.has(word));
  return isMore ? [text, page.text] : [text, page.links.join('\n')];
}

/** Returns the part of a trace field that names the sender. The rest names hosts of the receivers (RFC 5321 §4.4). */
function senderOf(received: string): string {
  const [sender = ''] = received.split(/\s(?:by|for|with|id|via)\s/i, 1);
  return sender;
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
