import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { apiRows } from '../../bench/operations.mjs';
import { SETTINGS, testHub, type TestHub } from '../support/hub.ts';

/** The description of one method of a path in the API document. */
interface Documented {
  readonly operationId?: string;
  readonly responses: Readonly<Record<string, unknown>>;
}

let t: TestHub;
beforeAll(async () => {
  t = await testHub(SETTINGS);
});
afterAll(async () => {
  await t.stop();
});

async function documented(): Promise<readonly (Documented & { readonly request: string })[]> {
  const { body } = await t.as(undefined).get('/api/openapi.json');
  const { paths } = body as unknown as { paths: Record<string, Record<string, Documented>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { operationId }]) => operationId !== undefined)
      .map(([method, item]) => ({ ...item, request: `${method.toUpperCase()} ${path}` })),
  );
}

const rows = apiRows('http://127.0.0.1:9', {});

test('bench:blocks has a row for each operation of the API', async () => {
  const names = (await documented()).map(({ operationId = '' }) => operationId);
  expect([...new Set(rows.map(({ operation }) => operation))].toSorted()).toEqual(names.toSorted());
});

test('each row of bench:blocks sends a request of its operation that is answered, not refused', async () => {
  const all = await documented();
  for (const { operation, method, path, status } of rows) {
    const own = all.find(({ operationId }) => operationId === operation);
    const [verb, template = ''] = (own?.request ?? '').split(' ');
    const form = new RegExp(`^${template.replaceAll(/\{[^}]*\}/g, '[^/]+')}$`);
    const [at = ''] = path.split('?');
    expect([operation, method, form.test(`/api/v1${at}`) || form.test(at)]).toEqual([operation, verb, true]);
    expect([operation, Object.keys(own?.responses ?? {})]).toEqual([
      operation,
      expect.arrayContaining([String(status)]),
    ]);
    expect([operation, status < 300]).toEqual([operation, true]);
  }
});
