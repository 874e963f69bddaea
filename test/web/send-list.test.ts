import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import supertest from 'supertest';
import { formatNamed } from '../../src/sharing/lists/list-query.ts';
import type { ListAnswer } from '../../src/sharing/lists/lists.ts';
import { rangeOf, sendList } from '../../src/web/lists/send-list.ts';

const TEXT = '198.51.100.1\n198.51.100.2\n203.0.113.0/24\n';
const MODIFIED = Date.UTC(2026, 10, 23, 4, 5, 6, 700);
const DIGEST = 'a'.repeat(64);
const PLAIN = `"${'a'.repeat(32)}"`;
const GZIP = `"${'a'.repeat(32)}-gz"`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'talanoa-lists-'));
  writeFileSync(join(folder, 'list'), TEXT);
  writeFileSync(join(folder, 'list.gz'), gzipSync(TEXT));
  writeFileSync(join(folder, 'empty'), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An app that answers every request with a list of three entries. */
function serving(changes: Partial<ListAnswer['list']> = {}, isStale = false): Express {
  const app = express();
  app.use(async (request, response) => {
    const list: ListAnswer['list'] = {
      plain: join(folder, 'list'),
      gzip: join(folder, 'list.gz'),
      bytes: TEXT.length,
      gzipBytes: gzipSync(TEXT).length,
      lines: 3,
      omitted: new Map(),
      digest: DIGEST,
      ...changes,
    };
    const answer: ListAnswer = { format: formatNamed('plain'), list, modified: MODIFIED, isStale };
    await sendList(request, response, answer, { 'X-Fixed': 'yes' });
  });
  app.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    response.status(500).end();
  });
  return app;
}

const get = (headers: Readonly<Record<string, string>> = {}, app = serving()) =>
  supertest(app)
    .get('/')
    .set({ 'Accept-Encoding': 'identity', ...headers })
    .buffer(true);

describe('the requested part of a list', () => {
  test.each([
    ['no header', undefined, undefined],
    ['the first bytes', 'bytes=0-3', { first: 0, last: 3 }],
    ['from a byte to the end', 'bytes=4-', { first: 4, last: 9 }],
    ['the last bytes', 'bytes=-4', { first: 6, last: 9 }],
    ['more than the last bytes', 'bytes=-400', { first: 0, last: 9 }],
    ['an end after the list', 'bytes=8-400', { first: 8, last: 9 }],
    ['a start after the list', 'bytes=10-', 'none'],
    ['the last zero bytes', 'bytes=-0', 'none'],
    ['an end before the start', 'bytes=5-4', undefined],
    ['no numbers', 'bytes=-', undefined],
    ['two parts, which may be answered with the whole list', 'bytes=0-1,4-5', undefined],
    ['another unit', 'lines=0-1', undefined],
    ['a number with a sign', 'bytes=+1-2', undefined],
    ['a number of more digits than any list has bytes', `bytes=0-${'9'.repeat(16)}`, undefined],
  ])('with %s', (_what, header, part) => {
    expect(rangeOf(header, 10)).toEqual(part);
  });

  test('lies within the list, whatever a client asks for', () => {
    const number = fc.oneof(fc.constant(''), fc.nat({ max: 40 }).map(String), fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(number, number, fc.nat({ max: 20 }), (from, to, size) => {
        const part = rangeOf(`bytes=${from}-${to}`, size);
        if (part === undefined || part === 'none') return;
        expect(part.first).toBeGreaterThanOrEqual(0);
        expect(part.last).toBeGreaterThanOrEqual(part.first);
        expect(part.last).toBeLessThan(size);
      }),
    );
  });

  test('is never taken of an empty list', () => {
    for (const header of ['bytes=0-', 'bytes=0-0', 'bytes=-1']) expect(rangeOf(header, 0)).toBe('none');
  });
});

describe('sending a list', () => {
  test('sends all of it with what caches and tools need', async () => {
    const { status, text, headers } = await get();
    expect([status, text]).toEqual([200, TEXT]);
    expect(headers).toMatchObject({
      'x-fixed': 'yes',
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(TEXT.length),
      etag: PLAIN,
      'last-modified': 'Mon, 23 Nov 2026 04:05:06 GMT',
      'cache-control': 'private, no-cache',
      vary: 'Accept-Encoding, Authorization',
      'accept-ranges': 'bytes',
      'x-talanoa-entries': '3',
    });
    for (const name of ['content-encoding', 'content-range', 'x-talanoa-omitted', 'warning'])
      expect([name, headers[name]]).toEqual([name, undefined]);
  });

  test('sends the compressed file, with an ETag of its own, to clients that accept gzip', async () => {
    const { headers, body } = await supertest(serving())
      .get('/')
      .set('Accept-Encoding', 'gzip')
      .buffer(true)
      .parse((stream, done) => {
        const parts: Buffer[] = [];
        stream.on('data', (part: Buffer) => parts.push(part));
        stream.on('end', () => done(null, Buffer.concat(parts)));
      });
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', etag: GZIP });
    const bytes = body as Buffer;
    expect((bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString()).toBe(TEXT);
  });

  test.each([
    ['the tag of the plain list', { 'If-None-Match': PLAIN }],
    ['the tag of the compressed list', { 'If-None-Match': GZIP }],
    ['a weak tag in a list of tags', { 'If-None-Match': `"other", W/${PLAIN}` }],
    ['any tag', { 'If-None-Match': '*' }],
    ['the second of the last change', { 'If-Modified-Since': 'Mon, 23 Nov 2026 04:05:06 GMT' }],
  ])('returns 304 without a body to %s', async (_what, condition) => {
    const { status, text, headers } = await get(condition);
    expect([status, text, headers['etag']]).toEqual([304, '', PLAIN]);
  });

  test.each([
    ['another tag', { 'If-None-Match': '"other"' }],
    // RFC 9110 §13.1.3: the date is ignored if there is a tag.
    [
      'another tag, although the date fits',
      { 'If-None-Match': '"other"', 'If-Modified-Since': 'Mon, 23 Nov 2026 04:05:06 GMT' },
    ],
    ['an older date', { 'If-Modified-Since': 'Mon, 23 Nov 2026 04:05:05 GMT' }],
    ['a date that is not one', { 'If-Modified-Since': 'yesterday' }],
  ])('sends the list again to a client with %s', async (_what, condition) => {
    expect((await get(condition)).status).toBe(200);
  });

  test('sends a part of the plain list, also to clients that accept gzip', async () => {
    const part = await get({ Range: 'bytes=13-24', 'Accept-Encoding': 'gzip' });
    expect([part.status, part.text]).toEqual([206, '198.51.100.2']);
    expect(part.headers).toMatchObject({
      'content-range': `bytes 13-24/${TEXT.length}`,
      'content-length': '12',
    });
    const beyond = await get({ Range: 'bytes=400-' });
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, `bytes */${TEXT.length}`]);
  });

  test.each([
    ['the tag of the list', PLAIN, 206],
    ['the time of its last change', 'Mon, 23 Nov 2026 04:05:06 GMT', 206],
    ['the tag of another list', '"other"', 200],
    ['another time', 'Mon, 23 Nov 2026 04:05:07 GMT', 200],
  ])('continues a download that names %s with the right status', async (_what, condition, wanted) => {
    const { status, text } = await get({ Range: 'bytes=0-3', 'If-Range': condition });
    expect([status, text]).toEqual([wanted, wanted === 206 ? TEXT.slice(0, 4) : TEXT]);
  });

  test('sends an empty list as an empty body', async () => {
    const app = serving({ plain: join(folder, 'empty'), bytes: 0, lines: 0 });
    const { status, text, headers } = await get({}, app);
    expect([status, text ?? '', headers['content-length']]).toEqual([200, '', '0']);
    expect((await get({ Range: 'bytes=0-' }, app)).status).toBe(416);
  });

  test('names the reasons of omitted values, and reports when the list is the one before', async () => {
    const omitted = new Map([
      ['special-range', 2],
      ['prefix-too-short', 1],
    ] as const);
    const { headers } = await get({}, serving({ omitted }, true));
    expect(headers).toMatchObject({
      'x-talanoa-omitted': 'special-range=2, prefix-too-short=1',
      warning: '110 - "Response is stale"',
    });
  });

  test('answers HEAD with the headers of the list and no body', async () => {
    const { status, headers, text } = await supertest(serving()).head('/').set('Accept-Encoding', 'identity');
    expect([status, headers['content-length'], text ?? '']).toEqual([200, String(TEXT.length), '']);
  });

  test('fails before it sends anything if the file of the list is missing', async () => {
    const missing = join(folder, 'nowhere');
    for (const range of [{}, { Range: 'bytes=0-3' }]) {
      const { status, headers } = await get(range, serving({ plain: missing }));
      expect([status, headers['etag'], headers['x-talanoa-entries']]).toEqual([500, undefined, undefined]);
    }
    expect((await supertest(serving({ plain: missing })).head('/')).status).toBe(200);
  });
});
