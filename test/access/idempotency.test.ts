import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { accessServices, type AccessServices } from '../support/access-services.ts';

let s: AccessServices;
beforeEach(async () => {
  s = await accessServices([]);
});
afterEach(() => s.stop());

const OWN = { account: 'acc-1', credential: 'key-1' };

test('one of two simultaneous requests is performed, and the other learns that it is in progress', async () => {
  let performed = 0;
  // The first request ends after the other one was answered.
  let resolve = (): void => undefined;
  const answered = new Promise<void>((done) => (resolve = done));
  const once = (): Promise<unknown> =>
    s.idempotency
      .once(OWN, 'token', 'request', async () => {
        performed++;
        await answered;
        return { status: 200, body: String(performed) };
      })
      .catch((error: unknown) => {
        resolve();
        return error;
      });
  const answers = await Promise.all([once(), once()]);
  expect(performed).toBe(1);
  expect(answers).toContainEqual({ status: 200, body: '1', replayed: false });
  expect(answers).toContainEqual(expect.objectContaining({ code: 'TLN-P-409' }));
  expect(await once()).toEqual({ status: 200, body: '1', replayed: true });
});

test('a key that another request uses at the same time is refused', async () => {
  const once = (request: string): Promise<unknown> =>
    s.idempotency
      .once(OWN, 'token', request, () => Promise.resolve({ status: 200, body: request }))
      .catch((error: unknown) => error);
  const answers = await Promise.all([once('one'), once('other')]);
  expect(answers).toContainEqual({ status: 200, body: 'one', replayed: false });
  expect(answers).toContainEqual(expect.objectContaining({ code: 'TLN-P-419' }));
});
