import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SETTINGS, testHub, type TestHub } from '../support/hub.ts';
import { memberIdentityId } from '../../src/access/member-model.ts';

const OF_NAURU = 'identity--11111111-1111-4111-8111-111111111111';

let t: TestHub;
beforeEach(async () => {
  t = await testHub(`${SETTINGS}\n  - { name: boss, role: administrator, key_env: KEY_BOSS }\n`);
  for (const body of [{ name: 'nauru', identities: [OF_NAURU] }, { name: 'palau' }, { name: 'zuva' }])
    expect((await t.api('boss', 'POST', '/members', body)).status).toBe(201);
});
afterEach(() => t.stop());

const boundTo = async (id: string) => (await t.hub.directory.refresh()).memberByIdentity.get(id);

test('a member does not get the identity of another member, also not when an administrator approves it', async () => {
  const made = await t.api('boss', 'POST', '/keys', { account: 'palau-desk', member: 'palau', role: 'officer' });
  const { secret } = made.body as { secret: string };
  for (const [identity, owner] of [[OF_NAURU, 'nauru'], [memberIdentityId('zuva'), 'zuva']] as const) {
    const asked = await t.api(secret, 'POST', '/members/palau/requests', { identities: [identity] });
    const { id } = asked.body as { id: string };
    const decided = await t.api('boss', 'POST', `/requests/${id}/decision`, { verdict: 'approved' });
    expect([decided.status, decided.body]).toMatchObject([409, { code: 'TLN-M-411' }]);
    expect((await t.api('boss', 'PATCH', '/members/palau', { identities: [identity] })).status).toBe(409);
    expect((await t.api('boss', 'POST', '/members', { name: 'newcomer', identities: [identity] })).status).toBe(409);
    expect(await boundTo(identity)).toBe(owner);
  }
  expect((await t.api('boss', 'PATCH', '/members/nauru', { identities: [OF_NAURU] })).status).toBe(200);
  expect((await t.api('boss', 'PATCH', '/members/palau', { identities: [] })).status).toBe(200);
}); // prettier-ignore
