import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Limits } from '../../src/access/keys/limits.ts';
import { MEDIA } from '../support/hub.ts';
import type { Decision } from './decisions.ts';
import { DECISIONS, OPERATIONS, filled, type Attack } from './operations.ts';
import { TONGAN, attackedHub, indicator, items, type Answer, type Site } from './site.ts';
import { THINGS } from './things.ts';

let s: Site;
beforeAll(async () => {
  s = await attackedHub();
}, 60_000);
afterAll(async () => {
  await s.stop();
});

test('a key for one collection reaches no other collection through any interface', async () => {
  const { body } = await s.api('chief', 'POST', '/keys', { account: 'moana', only: ['shared'] });
  const key = String(body['secret']);
  const id = await THINGS.object(s, 'tonga');
  const objects = { objects: [indicator('green')] };
  const doors: readonly (readonly [string, string, unknown?])[] = [
    ['GET', `/main/collections/${TONGAN}/`],
    ['GET', `/main/collections/${TONGAN}/objects/`],
    ['GET', `/main/collections/${TONGAN}/objects/${id}/`],
    ['GET', `/main/collections/${TONGAN}/manifest/`],
    ['GET', `/main/collections/${TONGAN}/removals/`],
    ['GET', `/lists/${TONGAN}/removals`],
    ['GET', `/misp/${TONGAN}/manifest.json`],
    ['GET', `/misp/${TONGAN}/hashes.csv`],
    ['GET', `/api/v1/lists/${TONGAN}/removals`],
    ['POST', `/main/collections/${TONGAN}/objects/`, objects],
    ['DELETE', `/main/collections/${TONGAN}/objects/${id}/`],
    ['GET', `/api/v1/objects/${id}`],
    ['POST', '/api/v1/collections/tongan/objects', objects],
    ['POST', '/api/v1/collections/tongan/recipients', objects],
    ['POST', `/api/v1/objects/${id}/shares`, { members: ['samoa'] }],
    ['POST', `/api/v1/objects/${id}/answer`, { answer: 'acknowledged' }],
    ['PUT', `/api/v1/objects/${id}/deadline`, { until: new Date(Date.now() + 86_400_000).toISOString() }],
    ['GET', `/api/v1/objects/${id}/deliveries`],
  ];
  const found: unknown[] = [];
  for (const [method, path, sent] of doors) {
    const type = path.startsWith('/api') ? 'application/json' : MEDIA;
    const headers = { Accept: type, ...(sent === undefined ? {} : { 'Content-Type': type }) };
    found.push([method, path, (await s.ask(key, method, path, sent, headers)).status]);
  }
  expect(found).toEqual(doors.map(([method, path]) => [method, path, 404]));
  const listed = await s.ask(key, 'GET', '/main/collections/', undefined, { Accept: MEDIA });
  expect((listed.body['collections'] as { title: string }[]).map(({ title }) => title)).toEqual(['Shared']);
  expect(items(await s.api(key, 'GET', `/objects?q=login.reef-bank.example`))).toEqual([]);
  const view = await s.api(key, 'GET', '/search?q=login.reef-bank.example');
  expect([view.status, view.body['total']]).toEqual([200, 0]);
  const checked = await s.api(key, 'POST', '/values/check', { values: ['login.reef-bank.example'] });
  expect(items(checked)).toMatchObject([{ verdict: 'unknown' }]);
}); // prettier-ignore

/** Limits that are wide in all dimensions but one. */
const LIMITED: Readonly<Record<keyof Limits, object>> = {
  scopes: { scopes: ['api:read', 'api:write'] },
  collections: { only: ['shared'] },
  networks: { addresses: ['127.0.0.0/8', '::1'] },
  expires: { expiresDays: 700 },
};

/** Requests that differ from those of the table, because only these have the effect that limits concern. */
const WITH_EFFECT: Readonly<Record<string, Partial<Attack>>> = {
  importDelegations: { path: '/delegations?apply=yes' },
  updateMember: { body: () => ({ sectors: ['energy'] }) },
};

let made = 0;
async function attempt(name: string, who: string): Promise<Answer> {
  const listed = OPERATIONS[name];
  if (listed === undefined) throw new Error(name);
  const attack: Attack = { ...listed, ...WITH_EFFECT[name] };
  const id = attack.thing === undefined ? '' : await THINGS[attack.thing](s, 'tonga');
  const { path, body } = filled(attack, 'tonga', id, `matrix-${(made += 1)}`);
  return s.api(who, attack.method, path, body);
}

/** True when a key that is limited in this dimension must be refused. Undefined when another suite decides. */
function isRefused({ kind }: Decision, dimension: keyof Limits): boolean | undefined {
  switch (kind) {
    case 'lasting':
      return true;
    case 'placing':
      return dimension === 'scopes' || dimension === 'collections';
    case 'content':
      // The suite of scopes tries the scopes of these operations one by one.
      return dimension === 'scopes' ? undefined : dimension === 'collections';
    case 'reading':
      return dimension === 'scopes' ? undefined : false;
    case 'hub':
    case 'reducing':
      return dimension === 'collections';
    case 'credential':
    case 'session':
    case 'open':
      // The matrix of credentials compares what is created. No key can use sessions.
      return undefined;
  }
}

const writing = Object.keys(OPERATIONS).filter((name) => OPERATIONS[name]?.method !== 'GET');

test('every operation that changes something has a decision about limited keys', () => {
  expect(Object.keys(DECISIONS).toSorted()).toEqual(writing.toSorted());
});

/** Held objects of the suite wait in a collection that the limited keys may reach. */
const WITHIN = new Set(['discardHeld', 'releaseHeld']);

describe.each(Object.keys(LIMITED) as (keyof Limits)[])('a key with limited %s', (dimension) => {
  const keys = new Map<string, string>();
  beforeAll(async () => {
    for (const account of ['chief', 'moana']) {
      const { body } = await s.api('chief', 'POST', '/keys', { account, ...LIMITED[dimension] });
      keys.set(account, String(body['secret']));
    }
  });

  const rows = writing.flatMap((name) => {
    const decision = DECISIONS[name];
    const refused = decision === undefined ? undefined : isRefused(decision, dimension);
    const within = dimension === 'collections' && WITHIN.has(name);
    return refused === undefined ? [] : [[name, refused && !within] as const];
  });
  test.each(rows)(
    '%s is refused: %s, and never for an unlimited key',
    async (name, refused) => {
      const account = ['answerObject', 'sendFeedback', 'submitAnonymously', 'revokeAnonymousObject'].includes(
        name,
      )
        ? 'moana'
        : 'chief';
      const control = await attempt(name, account);
      expect([name, control.body['code']]).not.toEqual([
        name,
        expect.stringMatching(/^TLN-(?:A-403|K-40[356])$/),
      ]);
      const { status, body } = await attempt(name, keys.get(account) ?? '');
      if (!refused) expect([name, status]).toEqual([name, control.status]);
      else if (status === 404)
        expect([name, control.status, control.body['code']]).not.toEqual([name, 404, body['code']]);
      else
        expect([name, status, body['code']]).toEqual([
          name,
          403,
          expect.stringMatching(/^TLN-(?:A-403|K-40[356])$/),
        ]);
    },
    30_000,
  );
});
