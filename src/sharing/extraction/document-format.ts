import { isUtf8 } from 'node:buffer';

/** The formats of documents whose text the hub reads. */
export type DocumentFormat = 'text' | 'html' | 'email' | 'pdf' | 'docx';

/** Number of bytes in which a format shows. */
const SNIFFED = 4_096;
const WEB_PAGE =
  /^\s*(?:<!--[\s\S]{0,2000}?-->\s*)?<(?:!doctype html|html|head|body|meta|title|div|p|table)\b/i;
/** A header field, or a line that continues one (RFC 5322 §2.2). Mailboxes begin a message with `From `. */
const FIELD = /^(?:[!-9;-~]{1,60}:|[ \t]+\S|From )/;
/** Fields that mail programs write, and people do not: reports also begin with lines such as `From:` and `Date:`. */
const OF_MAIL =
  /^(?:Received|Return-Path|Delivered-To|Message-ID|MIME-Version|Authentication-Results|DKIM-Signature|ARC-[\w-]{1,40}|X-Originating-IP|From [^:]):?/im;

/** Detects the format of a document by its content. Undefined for content that is not a text and in no known format. */
export function documentFormat(bytes: Buffer): DocumentFormat | undefined {
  const head = bytes.subarray(0, SNIFFED);
  // Readers accept PDF files with other bytes in front (ISO 32000-1, annex H.3.4.1). A text may contain the sign.
  const sign = head.subarray(0, 1_024).indexOf('%PDF-');
  if (sign === 0 || (sign > 0 && !isUtf8(bytes))) return 'pdf';
  if (head.toString('latin1', 0, 4) === 'PK\u0003\u0004') return 'docx';
  const isWide = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (!isWide && head.includes(0)) return undefined;
  const text = head.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, '');
  if (WEB_PAGE.test(text)) return 'html';
  return isEmail(text) ? 'email' : 'text';
}

/** True for a text that begins with at least two header fields, one of which a mail program writes. */
function isEmail(text: string): boolean {
  const [header = ''] = text.split(/\r?\n\r?\n/, 1);
  const lines = header.split(/\r?\n/);
  // The last line may be cut.
  const whole = header.length === text.length ? lines.slice(0, -1) : lines;
  return whole.length >= 2 && whole.every((line) => FIELD.test(line)) && OF_MAIL.test(header);
}
