import { afterAll, beforeAll, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { SETTINGS, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
beforeAll(async () => {
  t = await testHub(SETTINGS);
});
afterAll(async () => {
  await t.stop();
});

test.each([
  '/',
  '/healthz',
  '/metrics',
  '/console',
  '/console/sign-in',
  '/first/x',
  '/answer/x',
  '/docs',
  '/docs/reference/glossary',
  '/api/docs',
  '/api/openapi.json',
  '/.well-known/security.txt',
])('a secret in the address of a page is refused: %s', async (path) => {
  const refused = await supertest(t.hub.app).get(`${path}?x=1&token=of-somebody`);
  expect([refused.status, refused.text]).toEqual([
    400,
    expect.stringContaining('Credentials are not accepted in the URL'),
  ]);
  expect(refused.text).not.toContain('of-somebody');
  expect((await supertest(t.hub.app).get(`${path}?x=1`)).text).not.toContain('Credentials are not accepted');
});
