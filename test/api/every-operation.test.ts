import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import supertest from 'supertest';
import type { Json } from '../support/builders.ts';
import { MAIN, SETTINGS, keyOf, testHub, type TestHub } from '../support/hub.ts';

/** Rules that every operation of the API follows, whatever it does. The operations come from the document of the hub. */

interface Parameter {
  readonly name: string;
  readonly required?: boolean;
  readonly schema: Json;
}
interface Described {
  readonly operationId: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly (Parameter & { readonly in: string })[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: { readonly $ref?: string } }>> };
  readonly responses: Readonly<Record<string, unknown>>;
} // prettier-ignore
interface Operation extends Described {
  readonly method: string;
  /** The path with places for values, such as `/feeds/{feed}`. */
  readonly template: string;
  readonly body: Json | undefined;
}
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

let t: TestHub;
let operations: readonly Operation[] = [];
beforeAll(async () => {
  t = await testHub(`${SETTINGS}  - { name: boss, role: administrator, key_env: KEY_BOSS }
feeds:
  - { name: list, preset: plain-list, url: "http://127.0.0.1:9/", collection: indicators, enabled: false }
`);
  const { body } = await supertest(t.hub.app).get('/api/openapi.json');
  const { paths, components } = body as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
    readonly components: { readonly schemas: Readonly<Record<string, Json>> };
  };
  operations = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const described = item[method];
      if (described === undefined) return [];
      const ref = described.requestBody?.content['application/json']?.schema.$ref;
      const schema = ref === undefined ? undefined : components.schemas[ref.split('/').at(-1) ?? ''];
      return [{ ...described, method, template: path.replace('/api/v1', ''), body: schema }];
    }),
  );
});
afterAll(() => t.stop());

/** A path with values that exist where the hub has any. */
const VALUES: Readonly<Record<string, string>> = { account: 'sensor', collection: 'indicators', feed: 'list', member: 'tonga', object: 'indicator--00000000-0000-4000-8000-000000000000' }; // prettier-ignore
const pathOf = (template: string, value?: string): string =>
  template.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => value ?? VALUES[name] ?? 'no-such');
/** Required parameters of the query, so that a request is refused for one reason only. */
const required = ({ parameters = [] }: Operation): string =>
  parameters
    .filter((parameter) => parameter.in === 'query' && parameter.required === true)
    .map(({ name, schema }) => `${name}=${schema['type'] === 'integer' ? '1' : 'x'}`)
    .join('&'); // prettier-ignore
const queryOf = (operation: Operation, more = ''): string => {
  const query = [more, required(operation)].filter((part) => part !== '').join('&');
  return query === '' ? '' : `?${query}`;
};

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
}
async function send(method: string, path: string, over: { readonly who?: string | undefined; readonly type?: string; readonly text?: string } = {}): Promise<Got> {
  const request = supertest(t.hub.app)[method as 'get'](`/api/v1${path}`);
  const who = 'who' in over ? over.who : 'boss';
  if (who !== undefined) void request.set('Authorization', `Bearer ${keyOf(who)}`);
  if (over.text !== undefined)
    void request.set('Content-Type', over.type ?? 'application/json').serialize((raw: unknown) => raw as string).send(over.text);
  const { status, headers, body } = await request;
  return { status, headers, body: body as Json };
} // prettier-ignore
const done = async (): Promise<number> =>
  (await t.hub.store.audit(0, 10_000)).filter(({ fact }) => fact.result === 'done').length;

/** Checks that a response is a problem with everything that a client needs. */
function isProblem(
  what: readonly unknown[],
  { status, headers, body }: Got,
  statuses: readonly number[],
): void {
  expect([...what, statuses.includes(status), status]).toEqual([...what, true, status]);
  expect([...what, headers['content-type'], headers['cache-control']]).toEqual([...what, 'application/problem+json', 'no-store']); // prettier-ignore
  expect([...what, body]).toEqual([
    ...what,
    expect.objectContaining({
      status,
      type: 'about:blank',
      title: expect.stringMatching(/\S/),
      code: expect.stringMatching(/^TLN-[A-Z]-\d{3}$/),
      error_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    }),
  ]);
}

describe('a body', () => {
  const withBody = (): readonly Operation[] => operations.filter(({ body }) => body !== undefined);

  test.each<readonly [what: string, text: string, statuses: readonly number[]]>([
    ['is not an object', '[]', [422]],
    ['is cut', '{"name":', [400]],
    ['is nested too deeply', `{"a":${'['.repeat(200)}${']'.repeat(200)}}`, [400]],
  ])('that %s is refused by every operation, and nothing happens', async (what, text, statuses) => {
    const before = await done();
    expect(withBody().length).toBeGreaterThan(40);
    for (const operation of withBody())
      isProblem([operation.operationId, what], await send(operation.method, `${pathOf(operation.template)}${queryOf(operation)}`, { text }), statuses);
    expect(await done()).toBe(before);
  }); // prettier-ignore

  test('with a property that an operation does not know is refused, and the error names it', async () => {
    const before = await done();
    for (const operation of withBody()) {
      const answer = await send(operation.method, `${pathOf(operation.template)}${queryOf(operation)}`, {
        text: JSON.stringify({ no_such_property: 1 }),
      });
      isProblem([operation.operationId], answer, [422]);
      // A missing property may be named first.
      if ((operation.body?.['required'] as unknown[] | undefined)?.length === undefined)
        expect([operation.operationId, JSON.stringify(answer.body)]).toEqual([
          operation.operationId,
          expect.stringContaining('no_such_property'),
        ]);
    }
    expect(await done()).toBe(before);
  });

  test('without any of its required properties is refused, and the error names one of them', async () => {
    const before = await done();
    let compared = 0;
    for (const operation of withBody()) {
      const names = (operation.body?.['required'] ?? []) as readonly string[];
      if (names.length === 0) continue;
      compared++;
      const answer = await send(operation.method, `${pathOf(operation.template)}${queryOf(operation)}`, { text: '{}' });
      isProblem([operation.operationId], answer, [422]);
      const told = JSON.stringify(answer.body);
      expect([operation.operationId, names.some((name) => told.includes(name))]).toEqual([operation.operationId, true]);
    }
    expect(compared).toBeGreaterThan(20);
    expect(await done()).toBe(before);
  }); // prettier-ignore

  test('with a property of another type is refused, and the error names it', async () => {
    const before = await done();
    let compared = 0;
    for (const operation of withBody()) {
      const properties = Object.entries(
        (operation.body?.['properties'] ?? {}) as Readonly<Record<string, Json>>,
      );
      for (const [name, schema] of properties) {
        if (!['string', 'integer', 'boolean', 'array'].includes(String(schema['type']))) continue;
        compared++;
        const answer = await send(operation.method, `${pathOf(operation.template)}${queryOf(operation)}`, {
          text: JSON.stringify({ [name]: { not: 'this' } }),
        });
        isProblem([operation.operationId, name], answer, [422]);
      }
    }
    expect(compared).toBeGreaterThan(80);
    expect(await done()).toBe(before);
  });

  test('that is missing or of another type is not taken for an empty one', async () => {
    for (const operation of withBody()) {
      const path = `${pathOf(operation.template)}${queryOf(operation)}`;
      isProblem([operation.operationId, 'none'], await send(operation.method, path), [415]);
      isProblem([operation.operationId, 'form'], await send(operation.method, path, { text: 'name=x', type: 'application/x-www-form-urlencoded' }), [415]);
    }
  }); // prettier-ignore
});

describe('a parameter of the address', () => {
  test('that an operation does not know is refused, and the error names it', async () => {
    const before = await done();
    for (const operation of operations) {
      const answer = await send(operation.method, `${pathOf(operation.template)}${queryOf(operation, 'no_such=1')}`, operation.body === undefined ? {} : { text: '{}' });
      // Where there is a body, its fault can be found first.
      isProblem([operation.operationId], answer, operation.body === undefined ? [400] : [400, 401, 415, 422]);
      if (answer.status === 400) expect(answer.body['title']).toBe('Invalid parameter: no_such');
    }
    expect(await done()).toBe(before);
  }); // prettier-ignore

  test('that an operation needs is named when it is missing', async () => {
    let compared = 0;
    for (const operation of operations)
      for (const { name, required: isRequired, in: where } of operation.parameters ?? []) {
        if (where !== 'query' || isRequired !== true) continue;
        compared++;
        const answer = await send(operation.method, pathOf(operation.template));
        isProblem([operation.operationId, name], answer, [400]);
        expect(answer.body['title']).toMatch(/^The parameter \w+ is missing$/);
      }
    expect(compared).toBeGreaterThan(3);
  });

  test.each([
    ['a path that leads elsewhere', '..%2f..%2fkeys'],
    ['a name that every object has', '__proto__'],
    ['a very long text', 'a'.repeat(4_000)],
    ['text beyond ASCII', encodeURIComponent('Tonga 🌴 \u202e')],
  ])('in the path that is %s finds nothing, and never fails', async (_what, value) => {
    for (const operation of operations.filter(({ template }) => template.includes('{'))) {
      const text = operation.body === undefined ? {} : { text: '{}' };
      const answer = await send(
        operation.method,
        `${pathOf(operation.template, value)}${queryOf(operation)}`,
        text,
      );
      // A list of what the caller may do with an object is empty, whether the object exists or not.
      if (operation.operationId === 'getObjectActions')
        expect([answer.status, answer.body]).toEqual([200, { items: [] }]);
      else isProblem([operation.operationId], answer, [400, 401, 403, 404, 409, 422]);
    }
  });
});

describe('a method', () => {
  test('that a path does not have is refused with those that it has', async () => {
    const paths = new Map<string, string[]>();
    for (const { template, method } of operations)
      paths.set(template, [...(paths.get(template) ?? []), method]);
    for (const [template, methods] of paths)
      for (const method of METHODS) {
        if (methods.includes(method)) continue;
        const answer = await send(method, pathOf(template));
        isProblem([template, method], answer, [405]);
        const allowed = new Set(methods.map((one) => one.toUpperCase()));
        if (allowed.has('GET')) allowed.add('HEAD');
        expect([template, new Set(answer.headers['allow']?.split(', '))]).toEqual([template, allowed]);
      }
  });

  test('that reads answers HEAD with the headers of GET', async () => {
    let compared = 0;
    for (const operation of operations.filter(({ method }) => method === 'get')) {
      const path = `${pathOf(operation.template)}${queryOf(operation)}`;
      const [get, head] = [await send('get', path), await send('head', path)];
      compared++;
      expect([operation.operationId, head.status, head.headers['content-type']]).toEqual([
        operation.operationId,
        get.status,
        get.headers['content-type'],
      ]);
    }
    expect(compared).toBeGreaterThan(40);
  });
});

describe('a caller without credentials', () => {
  test('gets the same response for what exists and for what does not, and changes nothing', async () => {
    const before = await done();
    for (const operation of operations.filter(({ security }) => security === undefined)) {
      const text = operation.body === undefined ? {} : { text: '{}' };
      const [real, none] = [
        await send(operation.method, pathOf(operation.template), { who: undefined, ...text }),
        await send(operation.method, pathOf(operation.template, 'no-such'), { who: undefined, ...text }),
      ];
      isProblem([operation.operationId], real, [401]);
      expect([operation.operationId, { ...real.body, error_id: '' }]).toEqual([
        operation.operationId,
        { ...none.body, error_id: '' },
      ]);
      expect(real.headers['www-authenticate']).toMatch(/^Bearer realm="Talanoa"/);
    }
    expect(await done()).toBe(before);
  });

  test('is asked for credentials before the path and the body are looked at', async () => {
    for (const [method, path, over] of [
      ['get', '/no-such-resource', {}],
      ['put', '/accounts', {}],
      ['post', '/accounts', { text: '{"name":' }],
      ['get', '/accounts?no_such=1', {}],
    ] as const)
      isProblem([method, path], await send(method, path, { who: undefined, ...over }), [401]);
  });
});

describe('a list in pages', () => {
  beforeAll(async () => {
    for (const [path, bodies] of [
      ['/accounts', ['x', 'y', 'z'].map((name) => ({ name: `tonga-${name}`, role: 'machine', member: 'tonga' }))],
      ['/members', ['x', 'y', 'z'].map((name) => ({ name: `isle-${name}`, countries: ['KI'] }))],
      ['/groups', ['x', 'y', 'z'].map((name) => ({ name: `group-${name}` }))],
      ['/keys', ['x', 'y', 'z'].map((name) => ({ account: `tonga-${name}` }))],
      ['/saved-searches', ['x', 'y', 'z'].map((name) => ({ name, query: 'reef' }))],
      ['/rules', ['x', 'y', 'z'].map((name) => ({ name, from: 'indicators', to: 'open' }))],
      ['/collections', ['x', 'y', 'z'].map((title) => ({ title }))],
      ['/members/tonga/requests', [{ title: 'One' }]],
    ] as const)
      for (const body of bodies) {
        const answer = await send('post', path, { text: JSON.stringify(body) });
        expect([path, answer.status]).toEqual([path, 201]);
      }
  }); // prettier-ignore
  const paged = (): readonly Operation[] =>
    operations.filter(({ parameters = [] }) =>
      ['limit', 'after'].every((name) => parameters.some((one) => one.name === name)),
    );

  /** The items without what every request changes. */
  const stable = (items: readonly Json[]): readonly Json[] =>
    items.map(({ last_used: _used, ...item }) => item);

  test('has each item once, in the same order, whatever the size of the pages', async () => {
    const walked: string[] = [];
    for (const operation of paged()) {
      const base = pathOf(operation.template);
      const whole = await send('get', `${base}${queryOf(operation, 'limit=1000')}`);
      if (whole.status !== 200 || whole.body['next'] !== undefined) continue;
      const items = stable(whole.body['items'] as readonly Json[]);
      // The audit log grows while the test reads, and has a test of its own.
      if (items.length < 3 || operation.operationId === 'listAudit') continue;
      walked.push(operation.operationId);
      for (const limit of [1, 2]) {
        const seen: Json[] = [];
        let after = '';
        for (let pages = 0; pages <= items.length; pages++) {
          const page = await send('get', `${base}${queryOf(operation, `limit=${limit}${after}`)}`);
          const found = page.body['items'] as readonly Json[];
          expect([operation.operationId, found.length <= limit]).toEqual([operation.operationId, true]);
          seen.push(...found);
          if (page.body['next'] === undefined) break;
          after = `&after=${page.body['next'] as string}`;
        }
        expect([operation.operationId, stable(seen)]).toEqual([operation.operationId, items]);
      }
    }
    expect(walked).toEqual(
      expect.arrayContaining(['listAccounts', 'listKeys', 'listMembers', 'listCollections']),
    );
  });

  test.each(['limit=0', 'limit=1001', 'limit=1e2', 'after=%21'])('refuses %s', async (query) => {
    expect(paged().length).toBeGreaterThan(15);
    for (const operation of paged())
      isProblem([operation.operationId, query], await send('get', `${pathOf(operation.template)}${queryOf(operation, query)}`), [400]);
  }); // prettier-ignore

  test('has no further page behind its last item, and forgets none when one is removed between two pages', async () => {
    const first = await send('get', '/groups?limit=2');
    const names = (got: Got): unknown[] => (got.body['items'] as Json[]).map(({ name }) => name);
    expect(names(first)).toEqual(['group-x', 'group-y']);
    await send('post', '/groups', { text: JSON.stringify({ name: 'group-a' }) });
    const second = await send('get', `/groups?limit=2&after=${first.body['next'] as string}`);
    // The new one comes before the cursor, so nothing is shown twice.
    expect([names(second), second.body['next']]).toEqual([['group-z'], undefined]);
  });
});

describe('the key of a repeated request', () => {
  test.each<readonly [path: string, body: Json]>([
    ['/accounts', { name: 'once', role: 'machine' }],
    ['/members', { name: 'once-isle', countries: ['TV'] }],
    ['/groups', { name: 'once-group' }],
    ['/keys', { account: 'once' }],
    [`/collections/${MAIN}/indicators`, { values: ['once.reef-bank.com'], tlp: 'green', valid_days: 3 }],
  ])('makes %s answer as before, without doing it again', async (path, body) => {
    const who = path.startsWith('/collections') ? 'sensor' : 'boss';
    const headers = { 'Idempotency-Key': `once ${path}`.replaceAll(' ', '-') };
    const first = await t.api(who, 'POST', path, body, headers);
    expect(first.status).toBeLessThan(300);
    const before = await done();
    const again = await t.api(who, 'POST', path, body, headers);
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    expect(await done()).toBe(before);
    // Another body under the same key is a mistake of the client.
    const other = await t.api(who, 'POST', path, { ...body, ...(path === '/keys' ? { label: 'x' } : { [Object.keys(body)[0] ?? '']: Array.isArray(Object.values(body)[0]) ? ['other.reef-bank.com'] : 'other' }) }, headers);
    expect([path, other.status >= 400 && other.status < 500]).toEqual([path, true]);
    expect(await done()).toBe(before);
  }); // prettier-ignore
});
