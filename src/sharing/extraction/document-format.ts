/** The formats of documents whose text the hub reads. */
export type DocumentFormat = 'text' | 'html' | 'email' | 'pdf' | 'docx';

/** Number of bytes in which a format shows. */
const SNIFFED = 4_096;
const WEB_PAGE =
  /^\s*(?:<!--[\s\S]{0,2000}?-->\s*)?<(?:!doctype html|html|head|body|meta|title|div|p|table)\b/i;
/** Names of header fields with which email messages begin (RFC 5322 §3.6). */
const EMAIL =
  /^(?:From |(?:Received|Return-Path|Delivered-To|From|To|Subject|Date|Message-ID|MIME-Version|X-[\w-]{1,40}|ARC-[\w-]{1,40}|DKIM-Signature|Authentication-Results):)/i;
/** An email message has at least two header fields. One alone can be the first line of a report. */
const FIELD = /^[A-Za-z][\w-]{0,60}:/;

/** Detects the format of a document by its content. Undefined for content that is not a text and in no known format. */
export function documentFormat(bytes: Buffer): DocumentFormat | undefined {
  const head = bytes.subarray(0, SNIFFED);
  // Readers accept PDF files with other bytes in front (ISO 32000-1, annex H.3.4.1).
  if (head.subarray(0, 1_024).includes('%PDF-')) return 'pdf';
  if (head.toString('latin1', 0, 4) === 'PK\u0003\u0004') return 'docx';
  const isWide = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (!isWide && head.includes(0)) return undefined;
  const text = head.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, '');
  if (WEB_PAGE.test(text)) return 'html';
  const lines = text.split(/\r?\n/, 8);
  const fields = lines.filter((line) => FIELD.test(line) || /^[ \t]+\S/.test(line)).length;
  return EMAIL.test(lines[0] ?? '') && fields >= 2 ? 'email' : 'text';
}
