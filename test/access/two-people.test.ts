import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { OPERATOR } from '../../src/access/principal.ts';
import { TestClock } from '../support/clock.ts';
import { SETTINGS, testHub, type TestHub } from '../support/hub.ts';
import { FACTORS } from '../../src/access/factors/model.ts';

const PASSWORD = 'a long word of the reef';
let t: TestHub;
let clock: TestClock;
beforeEach(async () => {
  clock = new TestClock();
  t = await testHub(
    `${SETTINGS}
  - { name: boss, role: administrator, person: true, key_env: KEY_BOSS }
  - { name: filed, role: analyst, person: true }
`,
    { clock },
  );
});
afterEach(async () => {
  await t.stop();
});

const given = async (name: string) => (await t.hub.directory.refresh()).accountNamed(name)?.accessAt;
const change = (body: object) => (name: string) => t.api('boss', 'PATCH', `/accounts/${name}`, body);
const made = async (): Promise<void> => {
  await t.api('boss', 'POST', '/accounts', { name: 'lani', role: 'analyst', person: true });
  clock.advance(60_000);
};

test('the creation of an account by somebody else counts as giving it its access', async () => {
  const at = clock.now();
  await made();
  expect(await given('lani')).toBe(at);
});

test.each<[string, (name: string) => Promise<unknown>]>([
  ['a password', change({ password: PASSWORD })],
  ['another role', change({ role: 'administrator' })],
  ['an email address', change({ email: 'lani@cert.example' })],
  [
    'the end of a block',
    async (name) => {
      await change({ disabled: true })(name);
      return change({ disabled: false })(name);
    },
  ],
  ['a one-time link', (name) => t.api('boss', 'POST', `/accounts/${name}/invitation`)],
  ['a key', (name) => t.api('boss', 'POST', '/keys', { account: name })],
  [
    'a reset of the second factor',
    async (name) => {
      const { id = '' } = (await t.hub.directory.refresh()).accountNamed(name) ?? {};
      await t.hub.store.commit({ records: [FACTORS.insert(id, { recovery: ['digest'] })] });
      return t.api('boss', 'DELETE', `/accounts/${name}/second-factor`);
    },
  ],
])('%s from somebody else counts as giving an account its access', async (_what, act) => {
  await made();
  const answer = (await act('lani')) as { status: number };
  expect(answer.status).toBeLessThan(300);
  expect(await given('lani')).toBe(clock.now());
});

test('changes that give no access, and changes by people to their own account, do not count', async () => {
  await made();
  const before = await given('lani');
  await change({ default_tlp: 'green' })('lani');
  await change({ disabled: true })('lani');
  expect(await given('lani')).toBe(before);
  await change({ disabled: false, role: 'administrator' })('lani');
  const at = await given('lani');
  clock.advance(60_000);
  const self = (await t.hub.directory.refresh()).principalNamed('lani');
  if (self === undefined) throw new Error('lani has an account');
  const session = { id: 's', confirmed: 0, isPersonal: true };
  const { secret } = await t.hub.keys.create({ ...self, session }, { account: 'lani' });
  const own = await t.api(secret, 'PATCH', '/accounts/lani', { email: 'lani@cert.example' });
  expect([own.status, await given('lani')]).toEqual([200, at]);
});

test('an account that a key created counts from then on, and again when it becomes the account of a person', async () => {
  const at = clock.now();
  await t.api('boss', 'POST', '/keys', { account: 'gauge', role: 'machine' });
  expect(await given('gauge')).toBe(at);
  clock.advance(60_000);
  await change({ person: true, role: 'analyst' })('gauge');
  expect(await given('gauge')).toBe(clock.now());
});

test('a link for an account of the settings file counts from an administrator, not from the operator at the machine', async () => {
  await t.hub.invitations.invite(OPERATOR, 'filed');
  expect(await given('filed')).toBeUndefined();
  await t.api('boss', 'POST', '/accounts/filed/invitation');
  expect(await given('filed')).toBe(clock.now());
  await made();
  await t.hub.invitations.invite(OPERATOR, 'lani');
  expect(await given('lani')).toBe(clock.now());
});
