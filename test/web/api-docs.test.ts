import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import supertest from 'supertest';
import { exampleOf } from '../../src/web/public/views/api-example.ts';
import { SETTINGS, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
let page: string;
let document: {
  readonly paths: Record<
    string,
    Record<string, { readonly operationId?: string; readonly 'x-permission': string }>
  >;
};
beforeAll(async () => {
  t = await testHub(SETTINGS);
  page = (await supertest(t.hub.app).get('/api/docs')).text;
  document = (await supertest(t.hub.app).get('/api/openapi.json')).body as typeof document;
});
afterAll(() => t.stop());

describe('the page of the API', () => {
  test('lists every operation in its contents, with its permission and an example', () => {
    const operations = Object.values(document.paths).flatMap((item) =>
      Object.values(item).filter(({ operationId }) => operationId !== undefined),
    );
    expect(operations.length).toBeGreaterThan(100);
    const parts = new Map(
      page
        .split('<h3 id="')
        .slice(1)
        .map((part) => [part.slice(0, part.indexOf('"')), part] as const),
    );
    for (const { operationId = '', 'x-permission': permission } of operations) {
      expect(page).toContain(`<li><a href="#${operationId}">`);
      const part = parts.get(operationId) ?? '';
      expect([operationId, part]).toEqual([operationId, expect.stringMatching(/Success: 2\d\d/)]);
      expect([operationId, part]).toEqual([operationId, expect.stringContaining('<pre>curl ')]);
      if (!part.includes('No credentials needed')) expect(part).toContain(`<code>${permission}</code>`);
    }
  });

  test('every link within the page has its target', () => {
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.filter((id) => !ids.has(id))).toEqual([]);
    expect(links.length).toBeGreaterThan(200);
  });

  test('has at most 24 kB as it is sent', () => {
    expect(gzipSync(page).length).toBeLessThan(24_000);
  });

  test('an example sends the required properties of a body', () => {
    expect(page).toContain(
      `-d '{"values":["VALUE"],"tlp":"clear","valid_days":1}'`.replaceAll('"', '&quot;'),
    );
  });
});

test('examples of schemas', () => {
  expect(
    exampleOf({
      type: 'object',
      required: ['count', 'name', 'on', 'of', 'level', 'kind', 'other'],
      properties: {
        count: { type: 'integer', minimum: 5 },
        name: { type: 'string' },
        on: { type: 'boolean' },
        of: { type: 'array', items: { type: 'object', properties: { first: { type: 'string' } } } },
        level: { enum: ['low', 'high'] },
        kind: { type: 'string', default: 'auto' },
      },
    }),
  ).toEqual({
    count: 5,
    name: 'NAME',
    on: true,
    of: [{ first: 'FIRST' }],
    level: 'low',
    kind: 'auto',
    other: 'OTHER',
  });
});
