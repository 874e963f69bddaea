import type { IncomingMessage, ServerResponse } from 'node:http';
import { senderOf, type Origin } from '../../access/sessions/throttle.ts';
import { hasBody, mediaTypeOf, readBody, releaseAfter } from '../../kernel/body.ts';
import { webErrors } from '../errors.ts';

/** Maximum number of bytes of a form with a document: the document and 64 KiB for everything else. */
const LIMIT = 10 * 1_048_576 + 65_536;
/** Maximum number of characters of the name of a file that is repeated. */
const LONGEST_NAME = 200;

/** A document in a form: a file, or a text that was pasted. */
export interface DocumentForm {
  readonly bytes: Buffer;
  /** The name of the file. Empty for a text. */
  readonly name: string;
  /** The pasted text. Empty for a file. */
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
  });
  releaseAfter(response, release);
  let form: FormData;
  try {
    form = await new Response(Uint8Array.from(bytes), { headers: { 'Content-Type': type ?? '' } }).formData();
  } catch (cause) {
    throw webErrors.unreadableForm({ description: 'Its parts cannot be read.', cause });
  }
  const file = form.get('file');
  if (typeof file === 'object' && file !== null && file.size > 0)
    return { bytes: Buffer.from(await file.arrayBuffer()), name: file.name.slice(0, LONGEST_NAME), text: '' };
  const text = form.get('text');
  const written = typeof text === 'string' ? text : '';
  return { bytes: Buffer.from(written.trim() === '' ? '' : written), name: '', text: written };
}
