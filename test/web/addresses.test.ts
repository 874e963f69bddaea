import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { SETTINGS, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
beforeAll(async () => {
  t = await testHub(SETTINGS);
});
afterAll(() => t.stop());

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

/** Reads a URL as a browser does, with any coding undone. */
async function bytesOf(
  path: string,
  coding: string,
): Promise<{ readonly headers: Record<string, string>; readonly bytes: Buffer }> {
  const { headers, body } = await supertest(t.hub.app)
    .get(path)
    .set('Accept', BROWSER)
    .set('Accept-Encoding', coding)
    .buffer(true)
    .parse((stream, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => done(null, Buffer.concat(parts)));
    });
  return { headers, bytes: body as Buffer };
}

describe('URLs at which the hub has nothing', () => {
  test.each([
    '/nope',
    '/nope/again',
    '/console/nope',
    '/first',
    '/assets/none.css',
    '/api/v2',
    '/metrics/x',
    '/.well-known/nope',
    '/taxii2/nope',
    '/main/nope/',
  ])('a browser gets a page at %s that leads on', async (path) => {
    const { status, headers, text } = await supertest(t.hub.app).get(path).set('Accept', BROWSER);
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      404,
      'text/html; charset=utf-8',
      'no-store',
    ]);
    expect(text).toContain('<h1>Page not found</h1>');
    for (const href of ['/', '/console', '/taxii2/', '/docs']) expect(text).toContain(`<a href="${href}">`);
    expect(text).toContain('TLN-W-404');
    // The page repeats no part of the URL.
    expect(text).not.toContain('nope');
  });

  test('a program gets a line, and a TAXII client the error of TAXII', async () => {
    const page = await supertest(t.hub.app).get('/console/nope').set('Accept', '*/*');
    expect([page.status, page.headers['content-type'], page.text]).toEqual([
      404,
      'text/plain; charset=utf-8',
      'Page not found. Start at the home page, or sign in.\n',
    ]);
    const taxii = await supertest(t.hub.app)
      .get('/nope/')
      .set('Accept', 'application/taxii+json;version=2.1');
    expect([taxii.status, taxii.headers['content-type']]).toEqual([
      401,
      'application/taxii+json;version=2.1',
    ]);
  });

  test('a request with a body is answered as well', async () => {
    const { status } = await supertest(t.hub.app).post('/api/nope').send('x'.repeat(100_000));
    expect(status).toBe(404);
  });
});

describe('files that browsers and robots request automatically', () => {
  test('robots.txt keeps robots from everything but public pages, and names no API root', async () => {
    const { status, headers, text } = await supertest(t.hub.app).get('/robots.txt');
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(text.split('\n')).toEqual(
      expect.arrayContaining(['User-agent: *', 'Disallow: /console', 'Disallow: /first/', 'Disallow: /api/']),
    );
    expect(text).not.toContain('main');
  });

  test('favicon.ico is the mark of the hub', async () => {
    const { status, headers } = await supertest(t.hub.app).get('/favicon.ico');
    expect([status, headers['content-type']]).toEqual([200, 'image/svg+xml']);
  });

  test('/api leads to the page of the API', async () => {
    const { status, headers } = await supertest(t.hub.app).get('/api').set('Accept', BROWSER);
    expect([status, headers['location']]).toEqual([308, '/api/docs']);
  });
});

describe('compression', () => {
  test.each([
    '/',
    '/taxii2/',
    '/api/docs',
    '/api/openapi.json',
    '/api/taxii/openapi.json',
    '/docs',
    '/console/sign-in',
    '/nope',
  ])('%s is sent in gzip to clients that accept it, with the same content', async (path) => {
    const plain = await bytesOf(path, 'identity');
    const gzip = await bytesOf(path, 'gzip, br');
    const refused = await bytesOf(path, 'gzip;q=0');
    expect(plain.headers).not.toHaveProperty('content-encoding');
    expect(refused.headers).not.toHaveProperty('content-encoding');
    expect(gzip.headers).toMatchObject({ 'content-encoding': 'gzip' });
    for (const { headers } of [gzip, plain])
      expect(headers['vary']?.split(', ')).toContain('Accept-Encoding');
    // The client of the test unpacks what it receives.
    expect(gzip.bytes.equals(plain.bytes)).toBe(true);
    expect(Number(gzip.headers['content-length'])).toBeLessThan(plain.bytes.length);
  });
});
