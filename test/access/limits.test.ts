import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import supertest from 'supertest';
import {
  CREDENTIAL_WAYS,
  LASTING_WAYS,
  PLACING_WAYS,
  isWithin,
  type LastingWay,
  type CredentialWay,
  type Limits,
} from '../../src/access/keys/limits.ts';
import { parseNetwork, type Network } from '../../src/kernel/address.ts';
import { DECISIONS } from '../attack/operations.ts';
import { anIndicator } from '../support/builders.ts';
import { makeCertificate, proofOf } from '../support/certificate.ts';
import { TestClock } from '../support/clock.ts';
import { HIDDEN, MAIN, OPEN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../support/hub.ts';

/**
 * A credential neither creates nor obtains more than it has: every dimension of limits with every operation
 * that hands out a credential.
 */

type Json = Record<string, unknown>;
const DAY_MS = 86_400_000;

let t: TestHub;
let clock: TestClock;
beforeAll(async () => {
  clock = new TestClock();
  t = await testHub(
    `${SETTINGS}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
  - { name: gauge, role: machine, member: tonga }
  - { name: clerk, role: officer, member: tonga, person: true }
sign_in:
  oidc: { issuer: "https://id.example", client_id: talanoa }
`,
    { clock },
  );
});
afterAll(async () => {
  await t.stop();
});

/** Limits that are wide in all dimensions but one. */
const LIMITED: Readonly<Record<keyof Limits, Json>> = {
  scopes: { scopes: ['api:read', 'api:write'] },
  collections: { only: ['open'] },
  networks: { addresses: ['127.0.0.0/8', '::1'] },
  expires: { expiresDays: 30 },
};
/** The request of a key with the limits of `LIMITED`, beyond these limits. */
const BEYOND: Readonly<Record<keyof Limits, readonly Json[]>> = {
  scopes: [{}, { scopes: ['api:read', 'taxii:read'] }],
  collections: [{}, { only: ['open', MAIN] }],
  networks: [{}, { addresses: ['0.0.0.0/0'] }, { addresses: ['127.0.0.1', '198.51.100.1'] }],
  expires: [{ expiresDays: 31 }],
};
/** A request within the limits. */
const WITHIN: Readonly<Record<keyof Limits, Json>> = {
  scopes: { scopes: ['api:read'] },
  collections: { only: ['open'] },
  networks: { addresses: ['127.0.0.1'] },
  expires: {},
};

let names = 0;

/** Returns a key of `boss` with these limits, or the key of the settings file, which has none. */
async function keyWith(limits: Json): Promise<string> {
  if (Object.keys(limits).length === 0) return 'boss';
  const { status, body } = await t.api('boss', 'POST', '/keys', { account: 'boss', ...limits });
  expect(status).toBe(201);
  return String(body['secret']);
}

interface Tried {
  readonly status: number;
  readonly body: Json;
}

/** Tries each operation with a key. `beyond` widens the request for operations with their own limits. */
const WAYS: Readonly<Record<CredentialWay, (key: string, beyond: Json) => Promise<Tried>>> = {
  'key.create': (key, beyond) => t.api(key, 'POST', '/keys', { account: 'boss', ...beyond }),
  'key.rotate': async (key, beyond) => {
    // A wider key of the same account. The caller of a rotation receives its secret.
    const wide = await t.api('boss', 'POST', '/keys', { account: 'boss', ...beyond });
    const { expiresDays } = beyond as { expiresDays?: number };
    return t.api(key, 'POST', `/keys/${String(wide.body['id'])}/rotation`, {
      ...(expiresDays === undefined ? {} : { expiresDays }),
    });
  },
  'account.create': (key) =>
    t.api(key, 'POST', '/accounts', { name: `made-${++names}`, role: 'machine', member: 'tonga', password: 'nine blue parrots sing' }), // prettier-ignore
  'account.update': async (key) => {
    const name = `changed-${++names}`;
    await t.api('boss', 'POST', '/accounts', { name, role: 'machine', member: 'tonga' });
    return t.api(key, 'PATCH', `/accounts/${name}`, { password: 'nine blue parrots sing' });
  },
  'account.invite': async (key) => {
    const name = `invited-${++names}`;
    await t.api('boss', 'POST', '/accounts', { name, role: 'officer', member: 'tonga', person: true });
    return t.api(key, 'POST', `/accounts/${name}/invitation`);
  },
  'account.link': async (key) => {
    const name = `linked-${++names}`;
    await t.api('boss', 'POST', '/accounts', { name, role: 'officer', member: 'tonga', person: true });
    return t.api(key, 'PUT', `/accounts/${name}/single-sign-on`, { subject: name });
  },
  'certificate.register': async (key, beyond) => {
    const made = makeCertificate('gauge', 40);
    const { url } = (await t.api('boss', 'GET', '/status')).body as { url: string };
    const proof = proofOf(made, url, 'gauge', new Date(clock.now()).toISOString());
    return t.api(key, 'POST', '/certificates', {
      account: 'gauge',
      certificate: made.cert,
      proof,
      ...beyond,
    });
  },
  'request.approve': async (key) => {
    const name = `new-${++names}`;
    const asked = await t.api(undefined, 'POST', '/registrations', { name, title: name, contact: 'a@example.org' }); // prettier-ignore
    return t.api(key, 'POST', `/requests/${String(asked.body['id'])}/decision`, { verdict: 'approved' }); // prettier-ignore
  },
};

const DELEGATED = [
  '2|apnic|20261128|1|19830613|20261127|+1000',
  'apnic|TO|ipv4|198.51.100.0|256|20000101|allocated',
  '',
].join('\n');

async function aChannel(): Promise<string> {
  const name = `made-${++names}`;
  await createChannel('boss', name);
  return name;
}
const createChannel = (key: string, name: string): Promise<Tried> =>
  t.api(key, 'POST', '/channels', { name, member: 'tonga', kind: 'webhook', url: 'https://hook.example/x', secret: 'secret:x' }); // prettier-ignore

/** Tries each operation that creates something which later works without further requests. */
const LASTING: Readonly<Record<LastingWay, (key: string) => Promise<Tried>>> = {
  'secret.set': (key) => t.api(key, 'PUT', `/secrets/made-${++names}`, { value: 'hunter2 of a hook', hosts: ['hook.example'] }), // prettier-ignore
  'channel.create': (key) => createChannel(key, `made-${++names}`),
  'feed.create': (key) =>
    t.api(key, 'POST', '/feeds', { name: `made-${++names}`, collection: 'indicators', preset: 'tor-exits' }),
  'feed.update': async (key) => {
    const name = `made-${++names}`;
    await t.api('boss', 'POST', '/feeds', { name, collection: 'indicators', preset: 'tor-exits' });
    return t.api(key, 'PUT', `/feeds/${name}`, {
      collection: 'indicators',
      preset: 'tor-exits',
      tlp: 'green',
    });
  },
  'grant.create': (key) =>
    t.api(key, 'POST', '/collections/open/grants', { to: 'account:nobody', read: true }),
  'collection.update': async (key) => {
    const made = await t.api('boss', 'POST', '/collections', { title: 'Made', max_tlp: 'green' });
    return t.api(key, 'PATCH', `/collections/${String(made.body['id'])}`, { max_tlp: 'amber' });
  },
  'group.join': async (key) => {
    const name = `made-${++names}`;
    await t.api('boss', 'POST', '/groups', { name });
    return t.api(key, 'PUT', `/groups/${name}/members/tonga`, {});
  },
  'channel.resume': async (key) => t.api(key, 'POST', `/channels/${await aChannel()}/resumption`),
  'channel.replay': async (key) =>
    t.api(key, 'POST', `/channels/${await aChannel()}/replay`, { since: '2026-01-15T00:00:00Z' }),
  'feed.resume': async (key) => {
    const name = `made-${++names}`;
    await t.api('boss', 'POST', '/feeds', { name, collection: 'indicators', preset: 'tor-exits' });
    await t.api('boss', 'POST', `/feeds/${name}/pause`, { reason: 'moving' });
    return t.api(key, 'POST', `/feeds/${name}/resumption`);
  },
  'member.create': (key) => t.api(key, 'POST', '/members', { name: `made-${++names}`, countries: ['NU'] }),
  'member.update': async (key) => {
    const name = `made-${++names}`;
    await t.api('boss', 'POST', '/members', { name });
    return t.api(key, 'PATCH', `/members/${name}`, { sectors: ['energy'] });
  },
  'claim.verify': async (key) => {
    const claim = await t.api('boss', 'POST', '/members/tonga/claims', { type: 'domain', value: `made-${++names}.example` }); // prettier-ignore
    await t.api('boss', 'POST', `/claims/${String(claim.body['id'])}/decision`, { verdict: 'rejected' });
    return t.api(key, 'POST', `/claims/${String(claim.body['id'])}/decision`, { verdict: 'verified' });
  },
  'delegations.import': async (key) => {
    const answer = await supertest(t.hub.app)
      .post('/api/v1/delegations?apply=yes')
      .set('Authorization', `Bearer ${key.startsWith('tln_') ? key : keyOf(key)}`)
      .set('Content-Type', 'text/plain')
      .send(DELEGATED);
    return { status: answer.status, body: answer.body as Json };
  },
  'rule.create': (key) => t.api(key, 'POST', '/rules', { name: `made-${++names}`, from: 'indicators', to: 'open' }), // prettier-ignore
};

describe.each(Object.keys(LIMITED) as (keyof Limits)[])('a key with limited %s', (dimension) => {
  test('leaves nothing behind that works without the key, but an unlimited key does', async () => {
    const made = await t.api('chief', 'POST', '/keys', { account: 'chief', ...LIMITED[dimension] });
    for (const way of LASTING_WAYS) {
      const { status, body } = await LASTING[way](String(made.body['secret']));
      expect([way, status, body['code']]).toEqual([
        way,
        403,
        expect.stringMatching(/^TLN-(?:A-403|K-40[356])$/),
      ]);
      const control = await LASTING[way]('boss');
      expect([way, control.status < 300, control.body]).toEqual([way, true, expect.anything()]);
    }
  });

  test.each(CREDENTIAL_WAYS)(
    'cannot hand out anything wider by %s, but an unlimited key can',
    async (way) => {
      const key = await keyWith(LIMITED[dimension]);
      const isLimited = way.startsWith('key.') || way === 'certificate.register';
      const beyond = isLimited ? BEYOND[dimension] : [{}];
      for (const asked of beyond) {
        const tried = await WAYS[way](key, asked);
        expect([403, 404]).toContain(tried.status);
        expect(Object.keys(tried.body)).not.toContain('secret');
        expect(JSON.stringify(tried.body)).not.toMatch(/tln_[A-Za-z0-9]{8}_|\/first\//);
        const control = await WAYS[way]('boss', asked);
        expect([way, control.status < 300, control.body]).toEqual([way, true, expect.anything()]);
      }
    },
  );

  test('creates and rotates keys within its limits', async () => {
    const key = await keyWith({ ...LIMITED[dimension] });
    const made = await t.api(key, 'POST', '/keys', { account: 'boss', ...WITHIN[dimension] });
    expect(made.status).toBe(201);
    const rotated = await t.api(key, 'POST', `/keys/${String(made.body['id'])}/rotation`, {});
    expect(rotated.status).toBe(201);
    const longest = clock.now() + (dimension === 'expires' ? 30 : 365) * DAY_MS;
    for (const { body } of [made, rotated])
      expect(Date.parse(String(body['expires']))).toBeLessThanOrEqual(longest);
  });

  test('does not receive the response of another credential with the same Idempotency-Key', async () => {
    const header = { 'Idempotency-Key': `same-${dimension}` };
    const first = await t.api('boss', 'POST', '/keys', { account: 'boss' }, header);
    expect(first.status).toBe(201);
    const again = await t.api(
      await keyWith(LIMITED[dimension]),
      'POST',
      '/keys',
      { account: 'boss' },
      header,
    );
    expect(JSON.stringify(again.body)).not.toContain(String(first.body['secret']));
    expect(again.headers).not.toHaveProperty('idempotency-replayed');
  });
});

test('every operation that changes something has a decision about limits, and every limited action has an operation', async () => {
  const document = (await supertest(t.hub.app).get('/api/openapi.json')).body as {
    paths: Record<string, Record<string, Json>>;
  };
  const changing = Object.values(document.paths)
    .flatMap((methods) => Object.entries(methods))
    .filter(([method, operation]) => method !== 'get' && 'operationId' in operation)
    .map(([, { operationId }]) => String(operationId));
  expect(changing.toSorted()).toEqual(Object.keys(DECISIONS).toSorted());
  const ways = Object.values(DECISIONS).flatMap((decision) => ('way' in decision ? [decision.way] : []));
  expect(new Set(ways)).toEqual(new Set([...CREDENTIAL_WAYS, ...LASTING_WAYS, ...PLACING_WAYS]));
});

describe('a key that is limited to one collection', () => {
  /** All lists and responses about collections, for a key that is limited to `open`. */
  test('learns nothing about other collections, whatever its account may read', async () => {
    const id = `indicator--${'1'.repeat(8)}-1111-4111-8111-${'1'.repeat(12)}`;
    await t.as('writer').post(objectsOf(MAIN), { objects: [anIndicator({ id })] });
    await t.as('writer').get(objectsOf(MAIN));
    await t.as('nobody').get(objectsOf(MAIN));
    const key = await keyWith({ only: ['open'] });
    const operations = (await supertest(t.hub.app).get('/api/openapi.json')).body as {
      paths: Record<string, Record<string, unknown>>;
    };
    const reads = Object.entries(operations.paths).filter(([path, methods]) => 'get' in methods && !path.includes('{')); // prettier-ignore
    expect(reads.length).toBeGreaterThan(15);
    for (const [path] of reads) {
      const answer = await supertest(t.hub.app)
        .get(path.startsWith('/api/v1') ? path : `/api/v1${path}`)
        .query(path.endsWith('/search') ? { q: '198.51.100.1' } : {})
        .set('Authorization', `Bearer ${key}`);
      expect([path, answer.text.includes(MAIN) || answer.text.includes(HIDDEN) || answer.text.includes('indicators"')]).toEqual([path, false]); // prettier-ignore
    }
    for (const path of [`/objects/${id}`, `/objects/${id}/deliveries`])
      expect([path, (await t.api(key, 'GET', path)).status]).toEqual([path, 404]);
    expect((await t.api('boss', 'GET', `/objects/${id}/deliveries`)).status).toBe(200);
    expect((await t.api(key, 'POST', `/objects/${id}/shares`, { members: ['tonga'] })).status).toBe(404);
    expect([OPEN, keyOf('boss')]).not.toContain(undefined);
  });
});

describe('containment of limits', () => {
  const net = (text: string): Network => parseNetwork(text) as Network;
  test.each<[string, Limits, Limits, boolean]>([
    ['nothing is limited', {}, {}, true],
    ['no limit within one', {}, { networks: [net('198.51.100.0/24')] }, false],
    [
      'a smaller network',
      { networks: [net('198.51.100.128/25')] },
      { networks: [net('198.51.100.0/24')] },
      true,
    ],
    ['a wider network', { networks: [net('198.51.0.0/16')] }, { networks: [net('198.51.100.0/24')] }, false],
    ['all of IPv4 within all of IPv6', { networks: [net('0.0.0.0/0')] }, { networks: [net('::/0')] }, false],
    ['a later end', { expires: 2 }, { expires: 1 }, false],
    ['no end within one', {}, { expires: 1 }, false],
    ['no collection at all', { collections: [] }, { collections: ['a'] }, true],
    ['one scope of two', { scopes: ['api:read'] }, { scopes: ['api:read', 'api:write'] }, true],
  ])('%s', (_title, asked, own, expected) => {
    expect(isWithin(asked, own)).toBe(expected);
  });
});
