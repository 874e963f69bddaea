import type { IncomingMessage } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { Problem } from '../kernel/problem.ts';

/** A gzip body may grow by this factor (security.md R-050). Small bodies may compress better than that by chance. */
const MOST_RATIO = 100;
const RATIO_FROM = 65_536;

function tooLarge(limit: number): Problem {
  return new Problem('too-large', 'The body is too large', {
    description: `This API root takes ${limit} bytes (max_content_length).`,
    hint: 'Send the objects in several envelopes.',
    code: 'TLN-T-413',
    headers: { Connection: 'close' },
  });
}

/** Maximum number of bytes that are copied before other requests get their turn. */
const COPIED_AT_ONCE = 8_388_608;

/** Joins the parts. Copying 100 MB takes longer than other requests should have to wait, so it happens in slices. */
async function joined(parts: readonly Buffer[], size: number): Promise<Buffer> {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = Buffer.allocUnsafe(size);
  let at = 0;
  let since = 0;
  for (const part of parts) {
    at += part.copy(whole, at);
    since += part.length;
    if (since < COPIED_AT_ONCE) continue;
    since = 0;
    await setImmediate();
  }
  return whole;
}

/** Reads a request body of at most `limit` bytes, unpacked where it came as gzip. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const coding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (coding !== 'identity' && coding !== 'gzip') {
    throw new Problem('unsupported-media-type', 'Only gzip is unpacked', {
      description: `The Content-Encoding is ${coding.slice(0, 60)}.`,
      code: 'TLN-T-416',
      headers: { 'Accept-Encoding': 'gzip', Connection: 'close' },
    });
  }
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let wire = 0;
    let size = 0;
    const gunzip = coding === 'gzip' ? createGunzip() : undefined;
    const fail = (problem: Problem): void => {
      request.removeAllListeners('data');
      gunzip?.destroy();
      reject(problem);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit || (gunzip !== undefined && size > RATIO_FROM && size > wire * MOST_RATIO))
        fail(tooLarge(limit));
      else parts.push(chunk);
    };
    const done = (): void => {
      joined(parts, size).then(resolve, reject);
    };
    request.on('data', (chunk: Buffer) => {
      wire += chunk.length;
      if (wire > limit) fail(tooLarge(limit));
      else if (gunzip === undefined) take(chunk);
      else if (!gunzip.destroyed) gunzip.write(chunk);
    });
    request.on('end', () => {
      if (gunzip === undefined) done();
      else gunzip.end();
    });
    request.on('aborted', () =>
      fail(new Problem('invalid-request', 'The body broke off', { code: 'TLN-T-402' })),
    );
    request.on('error', (cause) =>
      fail(new Problem('invalid-request', 'The body broke off', { code: 'TLN-T-402', cause })),
    );
    gunzip?.on('data', take);
    gunzip?.on('end', done);
    gunzip?.on('error', (cause) => {
      fail(
        new Problem('invalid-request', 'The body is not valid gzip', {
          code: 'TLN-T-403',
          cause,
          headers: { Connection: 'close' },
        }),
      );
    });
  });
}
