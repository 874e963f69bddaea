import { afterAll, beforeAll, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { storeErrors } from '../../src/store/errors.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { MAIN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../support/hub.ts';
import { interleavedStore, type InterleavedStore } from '../support/interleaved-store.ts';

let t: TestHub;
let interleaved: InterleavedStore;
beforeAll(async () => {
  interleaved = await interleavedStore();
  t = await testHub(SETTINGS, { store: interleaved.store });
});
afterAll(async () => {
  await t.stop();
  interleaved.remove();
});

const host = (value: string): Json =>
  anIndicator({
    pattern: `[ipv4-addr:value = '${value}']`,
    name: 'full reef',
    valid_until: '2099-01-01T00:00:00Z',
  });
const list = async (): Promise<{ status: number; lines: string[]; warning: string | undefined }> => {
  const { status, text, headers } = await supertest(t.hub.app)
    .get('/lists/indicators/plain?types=ip')
    .auth('reader', keyOf('reader'));
  return {
    status,
    lines: text.split('\n').filter(Boolean),
    warning: (headers as Record<string, string>)['warning'],
  };
};
const search = async (): Promise<{ status: number; found: number; complete: unknown }> => {
  const { status, body } = await t.api('reader', 'GET', '/objects?q=full%20reef');
  return { status, found: ((body['items'] ?? []) as Json[]).length, complete: body['complete'] };
};

test('while the disk is full, searches and lists return what they have, and catch up afterwards', async () => {
  await t.as('writer').post(objectsOf(MAIN), { objects: [host('45.9.40.1')] });
  expect(await list()).toMatchObject({ status: 200, lines: ['45.9.40.1'] });
  expect(await search()).toEqual({ status: 200, found: 1, complete: true });
  await t.as('writer').post(objectsOf(MAIN), { objects: [host('45.9.40.2')] });
  interleaved.before = () => Promise.reject(storeErrors.full());
  try {
    expect(await search()).toEqual({ status: 200, found: 1, complete: false });
    expect(await list()).toMatchObject({ status: 200, lines: ['45.9.40.1'] });
  } finally {
    interleaved.before = undefined;
  }
  expect(await search()).toEqual({ status: 200, found: 2, complete: true });
  expect(await list()).toMatchObject({ status: 200, lines: ['45.9.40.1', '45.9.40.2'] });
});
