import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { createHealthApp, type Health } from '../../src/server/health-app.ts';
import { pageHeaders, securityHeaders } from '../../src/server/http-headers.ts';
import { PublicUrl } from '../../src/server/public-url.ts';
import { smallestError } from '../../src/server/smallest-error.ts';
import { SETTINGS, keyOf, testHub, type TestHub } from '../support/hub.ts';

/** The common properties of all responses, from any door, and the responses to requests that the application cannot serve. */

let t: TestHub;
let secure: TestHub;
beforeAll(async () => {
  t = await testHub(SETTINGS);
  secure = await testHub(
    SETTINGS.replace('{ title: Test hub }', '{ title: Test hub, url: "https://hub.example" }'),
  );
});
afterAll(async () => {
  await t.stop();
  await secure.stop();
});

const BROWSER = 'text/html,application/xhtml+xml,*/*;q=0.8';
/** A path of each door, with the type of its response and whether a cache may keep it. */
const DOORS: readonly (readonly [path: string, status: number, type: RegExp, cache: RegExp])[] = [
  ['/', 200, /^text\/html/, /^public, max-age=60$/],
  ['/api/docs', 200, /^text\/html/, /^public, max-age=60$/],
  ['/docs', 200, /^text\/html/, /./],
  ['/api/openapi.json', 200, /^application\/json/, /^public, max-age=60$/],
  ['/api/taxii/openapi.json', 200, /^application\/json/, /^public, max-age=60$/],
  ['/robots.txt', 200, /^text\/plain/, /^public, max-age=60$/],
  ['/favicon.ico', 200, /^image\/svg\+xml/, /^public, max-age=60$/],
  ['/healthz', 200, /^text\/plain/, /^no-store$/],
  ['/readyz', 200, /^text\/plain/, /^no-store$/],
  ['/console/sign-in', 200, /^text\/html/, /^no-store$/],
  ['/console/nothing', 404, /^text\/html/, /^no-store$/],
  ['/first/no-such-link', 404, /^text\/html/, /^no-store$/],
  ['/lists/nothing/plain', 401, /./, /^no-store$/],
  ['/metrics', 401, /^text\/plain/, /^no-store$/],
  ['/api/v1/whoami', 401, /^application\/problem\+json/, /^no-store$/],
  ['/nothing', 404, /^text\/html/, /^no-store$/],
  ['/%ff', 400, /./, /^no-store$/],
]; // prettier-ignore

describe.each(DOORS)('%s', (path, status, type, cache) => {
  test('has its type, its security headers, and the rule for caches', async () => {
    const { headers, status: found } = await supertest(t.hub.app).get(path).set('Accept', BROWSER);
    expect([found, headers['content-type'], headers['cache-control']]).toEqual([
      status,
      expect.stringMatching(type),
      expect.stringMatching(cache),
    ]);
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringMatching(/^default-src 'none'.*frame-ancestors 'none'/),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
    for (const name of ['x-powered-by', 'server', 'strict-transport-security', 'access-control-allow-origin'])
      expect(headers).not.toHaveProperty(name);
  });

  test('is the same without its body for HEAD', async () => {
    const [get, head] = await Promise.all(
      (['get', 'head'] as const).map((method) =>
        supertest(t.hub.app)[method](path).set({ Accept: BROWSER, 'Accept-Encoding': 'identity' }),
      ),
    );
    expect([head?.status, head?.text ?? '', head?.headers['content-type']]).toEqual([
      status,
      '',
      get?.headers['content-type'],
    ]);
    expect(head?.headers['content-length']).toBe(get?.headers['content-length']);
  });

  test('asks browsers to use TLS only if the hub has it', async () => {
    const { headers } = await supertest(secure.hub.app).get(path).set('Accept', BROWSER);
    expect(headers['strict-transport-security']).toBe('max-age=63072000');
  });
});

describe('assets', () => {
  test('have the hash of their content in their path, and may be kept forever', async () => {
    const { text } = await supertest(t.hub.app).get('/console/sign-in').set('Accept', BROWSER);
    const paths = new Set([...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path));
    expect(paths.size).toBeGreaterThanOrEqual(2);
    for (const path of paths) {
      expect(path).toMatch(/\.[0-9a-f]{12}\.\w+$/);
      const { status, headers } = await supertest(t.hub.app).get(path);
      expect([status, headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
      // A page from before an update does not get the file from after it.
      expect((await supertest(t.hub.app).get(path.replace(/\.[0-9a-f]{12}\./, '.000000000000.'))).status).toBe(404);
    }
  }); // prettier-ignore
});

describe('security headers', () => {
  test('the headers of pages allow their own style sheet and images, and forms and scripts only where they are needed', () => {
    const policy = (...args: Parameters<typeof pageHeaders>) => pageHeaders(...args)['Content-Security-Policy'];
    expect(policy(false)).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(policy(false, 'self')).toContain("form-action 'self'");
    expect(policy(false, 'self')).not.toContain('script-src');
    expect(policy(false, 'self', 'self')).toContain("script-src 'self';");
    for (const text of [policy(true), policy(true, 'self', 'self')]) expect(text).not.toMatch(/unsafe|https?:|\*/);
  }); // prettier-ignore

  test('cannot be changed by the part that sends them', () => {
    const headers = securityHeaders(true) as Record<string, string>;
    expect(() => {
      headers['X-Frame-Options'] = 'ALLOW';
    }).toThrow(TypeError);
  });
});

describe('a path that cannot be decoded', () => {
  test.each([
    ['/%ff', 'application/taxii+json'],
    ['/console/accounts/%e0%a4%a', 'text/plain'],
    ['/docs/%', 'text/plain'],
    ['/api/v1/feeds/%ff', 'application/problem+json'],
  ])('%s is refused without a stack trace, in the format of its door', async (path, type) => {
    const { status, headers, text } = await supertest(t.hub.app)
      .get(path)
      .set('Authorization', `Bearer ${keyOf('chief')}`);
    expect([status, String(headers['content-type']).split(';')[0]]).toEqual([400, type]);
    expect(text).not.toMatch(/node_modules|URIError|at /);
  });
});

describe('the health of a process', () => {
  const health = (ready: Health['ready']): Health => ({ headers: securityHeaders(false), ready });

  test.each([
    [true, 200, 'ready\n'],
    [false, 503, 'not ready\n'],
  ])('is ready: %s', async (isReady, status, text) => {
    const app = createHealthApp(health(() => Promise.resolve(isReady)));
    const answer = await supertest(app).get('/readyz');
    expect([answer.status, answer.text, answer.headers['cache-control']]).toEqual([status, text, 'no-store']);
    // The process answers, whether it is ready or not. A supervisor must not restart it.
    expect((await supertest(app).get('/healthz')).status).toBe(200);
  });

  test.each(['/', '/console', '/api/v1/whoami', '/taxii2/', '/metrics', '/lists/a/plain', '/main/collections/'])(
    'a process without the role for members serves no %s',
    async (path) => {
      const answer = await supertest(createHealthApp(health(() => Promise.resolve(true)))).get(path);
      expect([answer.status, answer.text]).toEqual([404, 'this process serves no web requests (--role)\n']);
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
    },
  ); // prettier-ignore

  test('reveals nothing about the hub', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const { text, headers } = await supertest(t.hub.app).get(path);
      expect(text.length).toBeLessThan(12);
      expect(JSON.stringify(headers)).not.toMatch(/talanoa|Test hub|express/i);
    }
  });
});

describe('the smallest error', () => {
  test.each([
    ['/api/v1/keys', 'application/problem+json', { type: 'about:blank', title: 'Busy', status: 503, code: 'TLN-N-503' }],
    ['/api/taxii/openapi.json', 'application/taxii+json;version=2.1', { title: 'Busy', http_status: '503' }],
    ['/apis/x', 'application/taxii+json;version=2.1', { title: 'Busy', http_status: '503' }],
    ['/main/collections/', 'application/taxii+json;version=2.1', { title: 'Busy', http_status: '503' }],
    ['', 'application/taxii+json;version=2.1', { title: 'Busy', http_status: '503' }],
  ])('for %s is JSON of the type %s', (target, type, body) => {
    const error = smallestError(target, 503, 'Busy');
    expect([error.type, JSON.parse(error.body)]).toEqual([type, body]);
  }); // prettier-ignore

  test.each(['/console', '/console/keys', '/console?x', '/first/abc', '/answer/abc'])('for %s is a line', (target) => {
    expect(smallestError(target, 400, 'Unreadable')).toEqual({ type: 'text/plain; charset=utf-8', body: 'Unreadable\n' });
  }); // prettier-ignore

  test('for a root whose name begins like a page is that of TAXII', () => {
    expect(smallestError('/consoles/collections/', 400, 'x').type).toBe('application/taxii+json;version=2.1');
  });
});

describe('the address of the hub', () => {
  test.each([
    ['http://127.0.0.1:0', 'http://127.0.0.1:8123'],
    ['http://[::1]:0', 'http://[::1]:8123'],
    ['https://hub.example', 'https://hub.example'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ])('%s has its port only when the hub listens: %s', (before, after) => {
    const url = new PublicUrl(before);
    expect(url.get()).toBe(before);
    url.listensOn(8123);
    expect(url.get()).toBe(after);
  });
});
