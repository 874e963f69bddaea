import type { IncomingMessage, ServerResponse } from 'node:http';
import { senderOf, type Origin } from '../../access/sessions/throttle.ts';
import { hasBody, mediaTypeOf, readBody, releaseAfter } from '../../kernel/body.ts';
import { webErrors } from '../errors.ts';

/** Maximum number of bytes of a form with a document: the document and 64 KiB for everything else. */
const LIMIT = 10 * 1_048_576 + 65_536;
/** Maximum number of characters of the name of a file that is repeated. */
const LONGEST_NAME = 200;

/** Maximum number of boundaries in a form, and of bytes of the header of a part. A form has two parts. */
const MOST_BOUNDARIES = 8;
const LONGEST_HEADER = 8_192;

/** A document in a form: a file, or a text that was pasted. */
export interface DocumentForm {
  readonly bytes: Buffer;
  /** The name of the file, also of an empty one. Empty for a text. */
  readonly name: string;
  /** The pasted text, also that of a form with a file. */
  readonly text: string;
}

/**
 * Reads a form (`multipart/form-data`, RFC 7578) with the fields `file` and `text`. A file takes precedence. Throws a
 * Problem for another kind of body, and for one that is larger than 10 MiB.
 */
export async function documentOf(
  request: IncomingMessage,
  response: ServerResponse,
  originOf: (request: IncomingMessage) => Origin,
): Promise<DocumentForm> {
  const type = request.headers['content-type'];
  if (!hasBody(request) || mediaTypeOf(type) !== 'multipart/form-data')
    throw webErrors.unreadableForm({ description: 'It has no document.' });
  const { bytes, release } = await readBody(request, {
    caller: senderOf(undefined, originOf(request)),
    limit: LIMIT,
    tooLarge: { description: 'A document can have at most 10 MB.' },
  });
  releaseAfter(response, release);
  demandFewParts(bytes, type ?? '');
  let form: FormData;
  try {
    form = await new Response(Uint8Array.from(bytes), { headers: { 'Content-Type': type ?? '' } }).formData();
  } catch (cause) {
    throw webErrors.unreadableForm({ description: 'Its parts cannot be read.', cause });
  }
  const [file, pasted] = [form.get('file'), form.get('text')];
  const text = typeof pasted === 'string' ? pasted : '';
  if (typeof file === 'object' && file !== null && file.name !== '')
    return { bytes: Buffer.from(await file.arrayBuffer()), name: file.name.slice(0, LONGEST_NAME), text };
  return { bytes: Buffer.from(text.trim() === '' ? '' : text), name: '', text };
}

/** Throws for a form with many parts, or long headers of parts. Its parser would keep other requests waiting. */
function demandFewParts(bytes: Buffer, type: string): void {
  const [, quoted, plain] = /boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(type) ?? [];
  const boundary = Buffer.from(`--${quoted ?? plain ?? ''}`);
  let count = 0;
  for (let at = bytes.indexOf(boundary); at >= 0; at = bytes.indexOf(boundary, at + boundary.length)) {
    const header = bytes.indexOf('\r\n\r\n', at) - at;
    const isLast = bytes.toString('latin1', at + boundary.length, at + boundary.length + 2) === '--';
    if (++count > MOST_BOUNDARIES || (!isLast && !(header > 0 && header <= LONGEST_HEADER)))
      throw webErrors.unreadableForm({ description: 'It has too many parts, or parts with long headers.' });
  }
}
