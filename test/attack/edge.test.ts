import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MEDIA } from '../support/hub.ts';
import { DROP, FIJIAN, SECRET, SHARED, TONGAN, WORLD, attackedHub, indicator, items, told, type Answer, type Site } from './site.ts'; // prettier-ignore
import { THINGS } from './things.ts';

let s: Site;
beforeAll(async () => {
  s = await attackedHub();
}, 60_000);
afterAll(async () => {
  await s.stop();
});

const accept = { Accept: MEDIA };
const objects = (collection: string): string => `/main/collections/${collection}/objects/`;

describe('headers decide nothing', () => {
  /** Headers with which other servers, proxies and tools change the caller, the resource or the origin of a request. */
  const HEADERS: readonly Readonly<Record<string, string>>[] = [
    { 'X-Forwarded-For': '127.0.0.1' },
    { 'X-Real-IP': '127.0.0.1', 'X-Client-IP': '127.0.0.1', 'True-Client-IP': '127.0.0.1', Forwarded: 'for=127.0.0.1;proto=https;host=localhost' },
    { 'X-Forwarded-User': 'chief', 'X-Remote-User': 'chief', 'Remote-User': 'chief', 'X-User': 'chief', 'X-Auth-Request-User': 'chief', 'X-WEBAUTH-USER': 'chief' },
    { 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Prefix': '/api/v1' },
    { 'X-Original-URL': '/api/v1/settings', 'X-Rewrite-URL': '/api/v1/settings', 'X-Original-Method': 'GET' },
    { 'X-HTTP-Method-Override': 'DELETE', 'X-Method-Override': 'DELETE', 'X-HTTP-Method': 'DELETE' },
    { 'opencti-token': 'chief', 'opencti-user': 'chief', 'opencti-applicant-id': 'chief', 'X-Applicant-Id': 'chief' },
    { 'X-Role': 'administrator', 'X-Member': 'fiji', 'X-Account': 'chief', 'X-Api-Key': 'chief', 'X-Tenant': 'fiji' },
    { 'X-Client-Cert': 'chief', 'X-SSL-Client-Verify': 'SUCCESS', 'X-SSL-Client-S-DN': 'CN=chief', 'SSL-Client-Cert': 'chief' },
    { 'Sec-Fetch-Site': 'same-origin', Origin: 'http://127.0.0.1:6420', Referer: 'http://127.0.0.1:6420/console' },
    { Cookie: '__Host-talanoa=chief; talanoa=chief; session=chief' },
    { 'Proxy-Authorization': 'Basic Y2hpZWY6Y2hpZWY=', 'X-Authorization': 'Bearer chief' },
    { Accept: '*/*' }, { Accept: 'application/stix+json;version=2.1' }, { Prefer: 'return=representation', Range: 'items=0-99999' },
  ]; // prettier-ignore
  const REQUESTS: readonly (readonly [who: string | undefined, method: string, path: string])[] = [
    [undefined, 'GET', '/api/v1/whoami'], [undefined, 'GET', '/api/v1/accounts'], [undefined, 'GET', '/taxii2/'], [undefined, 'GET', objects(TONGAN)], [undefined, 'GET', '/metrics'],
    ['sensor', 'GET', '/api/v1/settings'], ['sensor', 'GET', '/api/v1/accounts/desk'], ['sensor', 'GET', '/api/v1/whoami'], ['sensor', 'GET', '/api/v1/keys'],
    ['sensor', 'GET', objects(FIJIAN)], ['sensor', 'GET', objects(SECRET)], ['sensor', 'GET', '/main/collections/'], ['moana', 'POST', '/api/v1/collections/secret/grants'],
  ]; // prettier-ignore
  /** Returns the response without its representation headers. */
  const core = ({ status, text }: Answer): string => told({ status, text, headers: {}, body: {} });

  test('no header changes the meaning of a request', async () => {
    const wrong: string[] = [];
    for (const [who, method, path] of REQUESTS) {
      const body = method === 'POST' ? { to: 'public', read: true } : undefined;
      const type = path.startsWith('/api') || path === '/metrics' ? 'application/json' : MEDIA;
      const base = { Accept: type, ...(body === undefined ? {} : { 'Content-Type': type }) };
      const plain = await s.ask(who, method, path, body, base);
      for (const headers of HEADERS) {
        if (who === undefined && headers['Cookie'] !== undefined && path.startsWith('/api') && method !== 'GET') continue; // prettier-ignore
        const answer = await s.ask(who, method, path, body, { ...base, ...headers });
        // Another representation may be refused (406) but must not reveal more.
        if (answer.status === 406 && headers['Accept'] !== undefined) continue;
        if (core(answer) !== core(plain)) wrong.push(`${method} ${path} ${JSON.stringify(headers)}: ${core(plain).slice(0, 200)} became ${core(answer).slice(0, 200)}`); // prettier-ignore
      }
    }
    expect(wrong).toEqual([]);
  }, 60_000);

  test('the hub takes the address of a client from its connection', async () => {
    const { body } = await s.api('chief', 'POST', '/keys', { account: 'moana', addresses: ['192.0.2.7/32'] });
    const key = String(body['secret']);
    for (const headers of HEADERS)
      expect((await s.ask(key, 'GET', '/api/v1/whoami', undefined, { ...headers, 'X-Forwarded-For': '192.0.2.7', 'X-Real-IP': '192.0.2.7', Forwarded: 'for=192.0.2.7' })).status).toBe(401); // prettier-ignore
  });
});

describe('methods', () => {
  interface Document {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId?: string }>>>>;
  }
  const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'] as const;

  test.each([
    ['/api/openapi.json', 'application/json'],
    ['/api/taxii/openapi.json', MEDIA],
  ])(
    '%s: other methods are answered with 405 and the allowed methods',
    async (file, type) => {
      const { paths } = (await s.ask(undefined, 'GET', file)).body as unknown as Document;
      const wrong: unknown[] = [];
      for (const [template, item] of Object.entries(paths)) {
        const named = Object.entries(item).filter(([, one]) => one.operationId !== undefined).map(([method]) => method.toUpperCase()); // prettier-ignore
        const allowed = new Set([...named, ...(named.includes('GET') ? ['HEAD'] : [])]);
        const path = template.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
        name === 'api-root' || name === 'root' || name === 'api_root' ? 'main' : name === 'collection' ? SHARED : 'x',
      ); // prettier-ignore
        for (const method of METHODS) {
          if (allowed.has(method)) continue;
          const { status, headers } = await s.ask('chief', method, path, undefined, { Accept: type });
          const named405 = (headers['allow'] ?? '').split(', ').filter((one) => one !== 'HEAD').toSorted().join(); // prettier-ignore
          if (status !== 405 || named405 !== named.toSorted().join()) wrong.push([method, path, status, headers['allow']]); // prettier-ignore
        }
      }
      expect(wrong).toEqual([]);
      expect(Object.keys(paths).length).toBeGreaterThan(8);
    },
    60_000,
  );

  test('no header, query parameter or body field overrides the method', async () => {
    const id = await THINGS.object(s, 'tonga');
    for (const [path, headers] of [
      [`${objects(TONGAN)}${id}/`, { 'X-HTTP-Method-Override': 'DELETE' }],
      [`${objects(TONGAN)}${id}/`, { 'X-HTTP-Method': 'DELETE' }],
      [`${objects(TONGAN)}${id}/?_method=DELETE`, {}],
      [`${objects(TONGAN)}${id}/?method=DELETE`, {}],
    ] as const) {
      await s.ask('sensor', 'GET', path, undefined, { ...accept, ...headers });
      await s.ask('sensor', 'POST', path, { _method: 'DELETE' }, { ...accept, 'Content-Type': MEDIA, ...headers }); // prettier-ignore
    }
    expect((await s.read('sensor', TONGAN)).map((object) => object['id'])).toContain(id);
  });
});

describe('data of other members', () => {
  test('ids of other members are not found in a path, query or body', async () => {
    const id = await THINGS.object(s, 'fiji');
    const wrong: unknown[] = [];
    const paths = [
      objects(FIJIAN), `${objects(FIJIAN)}${id}/`, `${objects(FIJIAN)}${id}/versions/`, `/main/collections/${FIJIAN}/`, `/main/collections/${FIJIAN}/manifest/`, `/main/collections/${FIJIAN}/removals/`,
      '/main/collections/fijian/objects/', `/main/collections/${FIJIAN.toUpperCase()}/objects/`, `/main//collections/${FIJIAN}/objects/`, `/main/collections/${SHARED}/../${FIJIAN}/objects/`,
      `/main/collections/${SHARED}%2F..%2F${FIJIAN}/objects/`, `${objects(SHARED)}${id}/`, `${objects(SHARED)}?match[id]=${id}`, `${objects(TONGAN)}?match[id]=${id}`,
    ]; // prettier-ignore
    for (const path of paths) {
      const { status, text } = await s.ask('sensor', 'GET', path, undefined, accept);
      if (status === 200 && text.includes(id)) wrong.push([path, status]);
    }
    for (const path of [
      `/objects/${id}`,
      `/objects/${id}/deliveries`,
      `/objects?q=${id}`,
      '/objects?q=login.reef-bank.example',
      `/deliveries/why?object=${id}&member=fiji`,
      '/held?limit=1000',
      '/audit?limit=1000',
      '/shares',
      '/red',
      '/channels',
      '/claims?member=fiji',
      '/members/fiji',
      '/accounts/desk',
      '/keys?account=desk',
      '/sessions?account=desk',
    ]) {
      const { status, text: whole } = await s.api('moana', 'GET', path);
      // A search repeats the query in its response.
      const text = whole.replace(/"meaning":"[^"]*"/, '');
      if (status === 200 && (text.includes(id) || /"(?:desk|buoy)"/.test(text))) wrong.push([path, status, text.slice(0, 200)]); // prettier-ignore
    }
    expect(wrong).toEqual([]);
  });

  test('a cursor works only for its reader and its collection', async () => {
    await s.post('sensor', TONGAN, ...Array.from({ length: 3 }, () => indicator('green')));
    const { body } = await s.ask('sensor', 'GET', `${objects(TONGAN)}?limit=1`, undefined, accept);
    const next = encodeURIComponent(String(body['next']));
    for (const [who, path] of [['buoy', objects(FIJIAN)], ['buoy', objects(SHARED)], ['sensor', objects(SHARED)], ['chief', objects(TONGAN)], [undefined, objects(WORLD)], ['sensor', `/main/collections/${TONGAN}/manifest/`]] as const) // prettier-ignore
      expect([who, path, (await s.ask(who, 'GET', `${path}?limit=1&next=${next}`, undefined, accept)).status]).toEqual([who, path, 400]); // prettier-ignore
  });

  test('an ETag of one reader gives another reader neither a 304 nor the object', async () => {
    const id = await THINGS.object(s, 'tonga');
    const path = `${objects(TONGAN)}${id}/`;
    const { headers } = await s.ask('sensor', 'GET', path, undefined, accept);
    const tag = headers['etag'] ?? '"x"';
    expect((await s.ask('buoy', 'GET', path, undefined, { ...accept, 'If-None-Match': tag })).status).toBe(
      404,
    );
    expect((await s.ask(undefined, 'GET', path, undefined, { ...accept, 'If-None-Match': tag })).status).toBe(
      401,
    );
    const { headers: page } = await s.ask('sensor', 'GET', objects(TONGAN), undefined, accept);
    const status = (await s.ask('buoy', 'GET', objects(FIJIAN), undefined, { ...accept, 'If-None-Match': page['etag'] ?? '*' })).status; // prettier-ignore
    expect([200, 304].includes(status) && page['etag'] !== undefined ? status : 200).toBe(200);
    for (const { headers: one } of [
      await s.ask('sensor', 'GET', path, undefined, accept),
      await s.api('sensor', 'GET', '/whoami'),
    ])
      // prettier-ignore
      expect(one['cache-control']).toMatch(/no-store|private/);
  });

  test('an account that may only write learns nothing by reading', async () => {
    const object = indicator('green');
    await s.post('sensor', DROP, object);
    for (const path of [
      objects(DROP),
      `${objects(DROP)}${String(object['id'])}/`,
      `/main/collections/${DROP}/manifest/`,
      `/main/collections/${DROP}/removals/`,
    ])
      // prettier-ignore
      expect([path, (await s.ask('sensor', 'GET', path, undefined, accept)).status]).toEqual([path, 403]);
    expect(items(await s.api('sensor', 'GET', '/objects?q=login.reef-bank.example'))).not.toContainEqual(expect.objectContaining({ id: object['id'] })); // prettier-ignore
  });

  test('names, uids and public ids of keys and sessions do not work as credentials', async () => {
    const keys = items(await s.api('chief', 'GET', '/keys?limit=1000')).map(({ id }) => String(id));
    const names = items(await s.api('chief', 'GET', '/accounts?limit=1000')).flatMap((account) => [account['name'], account['id'], account['uid']].filter((one): one is string => typeof one === 'string')); // prettier-ignore
    expect(keys.length).toBeGreaterThan(3);
    const ask = async (authorization: string): Promise<number> =>
      (await s.ask(undefined, 'GET', '/api/v1/whoami', undefined, { Authorization: authorization })).status;
    for (const id of [...keys, ...names, 'operator', 'public', 'hub', 'settings'])
      for (const scheme of ['Bearer', 'Token'])
        expect([id, [401, 429].includes(await ask(`${scheme} ${id}`))]).toEqual([id, true]);
    // Each of these costs a password hash, so a few examples are enough.
    for (const user of ['chief:chief', ':chief', 'chief:', 'operator:operator'])
      expect([user, [401, 429].includes(await ask(`Basic ${btoa(user)}`))]).toEqual([user, true]);
  }, 60_000);
});
