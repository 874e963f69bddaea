import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { senderOf, type Origin } from '../../access/sessions/throttle.ts';
import { hasBody, mediaTypeOf, namesUtf8, readBody, releaseAfter } from '../../kernel/body.ts';
import type { Problem } from '../../kernel/problem.ts';
import { webErrors } from '../errors.ts';

/** Number of fields of the longest form. Longer forms give their own number. */
const MOST_FIELDS = 5;

function unreadable(description: string): Problem {
  return webErrors.unreadableForm({ description });
}

/**
 * Reads forms (`application/x-www-form-urlencoded`) of at most `limit` bytes into `request.body`. Text must be
 * UTF-8, as bytes and as percent escapes. A reader that replaces invalid text would accept two passwords as
 * the same.
 */
export function readForm(
  limit: number,
  originOf: (request: IncomingMessage) => Origin,
  mostFields = MOST_FIELDS,
): (
  request: IncomingMessage & { body?: unknown },
  response: ServerResponse,
  next: () => void,
) => Promise<void> {
  return async (request, response, next) => {
    const type = request.headers['content-type'];
    if (hasBody(request) && mediaTypeOf(type) === 'application/x-www-form-urlencoded') {
      if (!namesUtf8(type)) throw webErrors.utf8Required();
      const caller = senderOf(undefined, originOf(request));
      const { bytes, release } = await readBody(request, { caller, limit });
      releaseAfter(response, release);
      request.body = fieldsOf(bytes, mostFields);
    }
    next();
  };
}

/** Returns the fields of a form. Throws a Problem when the form is ambiguous. */
export function fieldsOf(bytes: Buffer, most = MOST_FIELDS): Readonly<Record<string, string>> {
  if (!isUtf8(bytes)) throw unreadable('It is not UTF-8.');
  const fields = new Map<string, string>();
  const pairs = bytes.toString('utf8').split('&', most + 1);
  if (pairs.length > most) throw unreadable(`It has more than ${most} fields.`);
  for (const pair of pairs) {
    if (pair === '') continue;
    const cut = pair.indexOf('=');
    const name = decoded(cut < 0 ? pair : pair.slice(0, cut));
    if (fields.has(name)) throw unreadable('A field occurs twice.');
    fields.set(name, cut < 0 ? '' : decoded(pair.slice(cut + 1)));
  }
  return Object.fromEntries(fields);
}

/** Control characters except tabs and line ends. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

function decoded(text: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw unreadable('It contains a percent escape that is not UTF-8.');
  }
  if (CONTROL.test(plain)) throw unreadable('It contains a control character.');
  return plain;
}
