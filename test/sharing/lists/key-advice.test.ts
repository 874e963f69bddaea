import { afterAll, beforeAll, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { LIST_TOOLS } from '../../../src/sharing/lists/tools.ts';
import type { Json } from '../../support/builders.ts';
import { HIDDEN, SETTINGS, testHub, type TestHub } from '../../support/hub.ts';

let t: TestHub;
beforeAll(async () => {
  t = await testHub(`${SETTINGS}  - { name: tongan, role: officer, member: tonga, key_env: KEY_TONGAN }\n`);
  await grant('role:administrator');
});
afterAll(async () => {
  await t.stop();
});

const grant = async (to: string): Promise<void> => {
  expect((await t.api('chief', 'POST', '/collections/indicators/grants', { to, read: true })).status).toBe(
    200,
  );
};

/** The response for a person who asks how to connect a tool, and the results of following it exactly. */
async function follow(who: string, tool: string, query: string, account: string): Promise<Json> {
  const { body } = await t.api(who, 'GET', `/list-tools/${tool}?${query}`);
  const command = body['key_command'];
  if (typeof command !== 'string') return { note: body['key_note'] };
  const request: Json = {};
  const rest = command.replace(/^talanoa key create/, '').replace(/ --(account|member|collections|scopes|only|label) (\S+)/g, (_all, flag: string, value: string) => {
    request[flag] = ['collections', 'scopes', 'only'].includes(flag) ? value.split(',') : value.replace('ACCOUNT', account);
    return '';
  });
  expect(rest).toBe('');
  const made = await t.api(who, 'POST', '/keys', request);
  const { pathname, search } = new URL(String(body['url']));
  const { status } = await supertest(t.hub.app)
    .get(`${pathname}${pathname.startsWith('/misp/') ? '/manifest.json' : ''}${search}`)
    .auth(String(made.body['account']), String(made.body['secret']));
  return { created: made.status, fetched: status, account: made.body['account'] };
} // prettier-ignore

// The hub sends the objects to the others, which need no key.
const FETCHING = LIST_TOOLS.filter(({ pushed }) => pushed === undefined).map(({ name }) => name);
test.each(FETCHING)('the command that %s gets creates a key that can fetch the list', async (tool) => {
  const works = { created: 201, fetched: 200 };
  for (const collection of ['indicators', HIDDEN, 'open']) {
    expect(await follow('chief', tool, `collection=${collection}`, `new-${tool}-${collection.slice(0, 4)}`)).toMatchObject(works);
    expect(await follow('chief', tool, `collection=${collection}&member=tonga`, '')).toMatchObject({ ...works, account: 'tonga-key' });
  }
  expect(await follow('tongan', tool, 'collection=indicators', '')).toMatchObject({ ...works, account: 'tonga-key' });
  expect(await follow('analyst', tool, 'collection=indicators', '')).toMatchObject({ ...works, account: 'analyst' });
}); // prettier-ignore

test('a mistyped collection leads to the nearest name', async () => {
  const { status, body } = await t.api('analyst', 'GET', '/list-tools/zeek?collection=indicator');
  expect([status, JSON.stringify(body)]).toEqual([
    404,
    expect.stringContaining('Did you mean \\"indicators\\"?'),
  ]);
});

test('it gives access only to an account that has none', async () => {
  const command = async (query: string): Promise<unknown> =>
    (await t.api('chief', 'GET', `/list-tools/zeek?${query}`)).body['key_command'];
  expect(await command('collection=indicators&member=fiji')).toContain('--collections indicators');
  expect(await command('collection=open&member=fiji')).not.toContain('--collections');
  expect(await command('collection=indicators')).toContain('--collections indicators');
});

test('a caller who can create no such key reads why, and whom to ask', async () => {
  expect(await follow('analyst', 'zeek', 'collection=indicators&member=tonga', '')).toEqual({
    note: "You can't create keys for tonga. Ask an officer of tonga or an administrator of the hub for one.",
  });
  expect(await follow('sensor', 'zeek', 'collection=indicators', '')).toMatchObject({
    note: expect.stringContaining('Ask an officer of tonga'),
  });
  // Only this officer has access, not the member. The rights of an account of another member do not matter.
  await grant('account:desk');
  const other = { name: 'fiji-key', role: 'machine', member: 'tonga' };
  expect((await t.api('chief', 'POST', '/accounts', other)).status).toBe(201);
  expect(await follow('desk', 'zeek', 'collection=indicators', '')).toEqual({
    note: 'A new account of fiji could not read "Indicators". Ask an administrator of the hub to grant fiji access first.',
  });
});

test('the command for a list of a member is for the member', async () => {
  const list = {
    name: 'wall',
    title: 'Wall',
    collections: ['indicators'],
    format: 'edl-ip',
    member: 'tonga',
  };
  expect((await t.api('chief', 'POST', '/lists', list)).status).toBe(201);
  expect(await follow('chief', 'paloalto', 'collection=wall', '')).toMatchObject({
    created: 201,
    account: 'tonga-key',
  });
  expect(await follow('chief', 'paloalto', 'collection=wall&member=fiji', '')).toEqual({
    note: "Accounts of fiji can't fetch this list, because it belongs to tonga.",
  });
});
