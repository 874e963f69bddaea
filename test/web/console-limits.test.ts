import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { PUBLISH_FORM } from '../../src/web/console/publish-form.ts';
import { count, counted, words } from '../../src/web/shared/messages/en/words.ts';
import { textFor } from '../../src/web/shared/words.ts';
import type { FormBrowser } from '../support/browser.ts';
import { TestClock } from '../support/clock.ts';
import { CONSOLE_SETTINGS, signedInAs } from '../support/console.ts';
import { testHub, type TestHub } from '../support/hub.ts';

/** The responses to people who send too many requests, or requests that no page sends. */

const FORM = 'application/x-www-form-urlencoded';

describe('a person who asks too often', () => {
  let t: TestHub;
  let watch: FormBrowser;
  const clock = new TestClock();
  beforeAll(async () => {
    t = await testHub(`${CONSOLE_SETTINGS}limits: { reads: 3, writes: 1 }\n`, { clock });
    watch = await signedInAs(t, 'watch');
  });
  afterAll(() => t.stop());

  test('gets a page that shows when to try again, and can read again then', async () => {
    const statuses: number[] = [];
    // Twice as many as in a second are served at once after a pause.
    for (let i = 0; i < 7; i++) statuses.push((await watch.get('/console/members')).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429]);
    const refused = await watch.get('/console/members');
    expect([refused.status, refused.headers['content-type']]).toEqual([429, 'text/html; charset=utf-8']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(refused.text).toContain('role="alert"');
    expect(refused.text).toContain('href="/console"');
    clock.advance(1_000);
    expect((await watch.get('/console/members')).status).toBe(200);
  });

  test('is counted apart from other people, and for changes apart from reading', async () => {
    clock.advance(60_000);
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++)
      statuses.push((await watch.post('/console/feeds/list/pause', { reason: `Round ${i}` })).status);
    expect(statuses).toEqual([303, 303, 429]);
    expect((await watch.get('/console/feeds/list')).status).toBe(200);
    const sina = await signedInAs(t, 'sina');
    expect((await sina.post('/console/feeds/list/resume')).status).toBe(303);
    // The change that was refused was not made.
    const { body } = await t.api('chief', 'GET', '/feeds/list');
    expect(body['state']).not.toBe('paused');
  });
});

describe('a request that no page sends', () => {
  let t: TestHub;
  let lani: FormBrowser;
  beforeAll(async () => {
    t = await testHub(
      CONSOLE_SETTINGS.replace('{ to: "role:analyst", read: true, write: true }', '{ to: "member:tonga", write: true }'),
    );
    lani = await signedInAs(t, 'lani');
  }); // prettier-ignore
  afterAll(() => t.stop());
  const post = (path: string, body: string) =>
    supertest(t.hub.app)
      .post(path)
      .set({ Cookie: lani.cookies, 'Sec-Fetch-Site': 'same-origin', 'Content-Type': FORM })
      .send(body);

  test.each(['/console/keys', '/console/members/tonga', '/console/search', '/console/health'])('a form for %s, which has none, is not found', async (path) => {
    expect((await post(path, 'a=1')).status).toBe(404);
  }); // prettier-ignore

  test.each(['put', 'patch', 'delete'] as const)('with the method %s changes nothing, and is not found', async (method) => {
    const request = supertest(t.hub.app)[method]('/console/keys/create');
    const answer = await request.set({ Cookie: lani.cookies, 'Sec-Fetch-Site': 'same-origin' });
    expect(answer.status).toBe(404);
  }); // prettier-ignore

  test('with a long form is read where forms are long, and only there', async () => {
    const long = `reason=${'a'.repeat(20_000)}`;
    expect((await post('/console/feeds/list/pause', long)).status).toBe(413);
    const keys = await post('/console/keys/create', `account=tonga-x&days=soon&addresses=${'a'.repeat(20_000)}`);
    expect([keys.status, keys.text]).toEqual([422, expect.stringContaining('Enter a whole number of days from 1 to 731.')]);
    expect((await post('/console/keys/create', `account=${'a'.repeat(PUBLISH_FORM.bytes)}`)).status).toBe(413);
  }); // prettier-ignore

  test('without a session is sent to the sign-in, and its form is not kept', async () => {
    const stranger = await supertest(t.hub.app)
      .post('/console/keys/create')
      .set({ 'Sec-Fetch-Site': 'same-origin', 'Content-Type': FORM })
      .send('account=tonga-secret-name');
    expect([stranger.status, stranger.headers['location']]).toEqual([303, '/console/sign-in']);
    expect(stranger.text).not.toContain('tonga-secret-name');
  });
});

describe('numbers and names in words', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1,000'],
    [48_213, '48,213'],
    [1_234_567, '1,234,567'],
  ])('%i is %s', (number, text) => {
    expect(count(number)).toBe(text);
  });

  test.each([
    [0, '0 entries'],
    [1, '1 entry'],
    [2_000, '2,000 entries'],
  ])('%i entries are "%s"', (number, text) => {
    expect(counted(number, 'entry', 'entries')).toBe(text);
  });

  test.each([
    [-5, 'now'],
    [59, 'now'],
    [60, '1 min'],
    [3_599, '59 min'],
    [3_600, '1 h'],
    [86_399, '23 h'],
    [86_400, '1 day'],
    [200_000, '2 days'],
  ])('an event of %i seconds ago was "%s" ago', (seconds, text) => {
    const now = Date.parse('2026-01-15T12:00:00.000Z');
    expect(words.since(new Date(now - seconds * 1_000).toISOString(), now)).toBe(text);
    expect(words.since('not a time', now)).toBe('now');
  });

  test('the names of types begin with a capital, without the prefix of own types', () => {
    expect(['attack-pattern', 'x-reef-sensor', 'ipv4-addr', 'url', 'constructor'].map(words.type)).toEqual([
      'Attack pattern',
      'Reef sensor',
      'IPv4 address',
      'URL',
      'Constructor',
    ]);
  });

  test.each([
    ['paused', 'It is paused.'],
    ['constructor', undefined],
    ['__proto__', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('the text for %s is %s', (name, text) => {
    expect(textFor({ paused: 'It is paused.' }, name)).toBe(text);
  });
});

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', 'Firefox 145 on Linux'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0',
    'Edge 142 on Windows',
  ],
  [
    'Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
    'Chrome 142 on Android',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
    'Safari 18 on iOS',
  ],
  ['curl/8.5.0', 'curl/8.5.0'],
])('a list of sessions names the browser of %s in words', (agent, text) => {
  expect(words.client(agent)).toBe(text);
});
