import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ACCOUNTS } from '../../src/access/accounts/model.ts';
import { MEMBERS } from '../../src/access/member-model.ts';
import { OPERATOR } from '../../src/access/principal.ts';
import { claimValue } from '../../src/members/claim-values.ts';
import { accessServices, type AccessServices } from '../support/access-services.ts';

let t: AccessServices;
beforeEach(async () => {
  t = await accessServices([
    MEMBERS.insert('tonga', { networks: ['103.239.160.0/22'], domains: ['gov.to'] }),
    MEMBERS.insert('samoa', { networks: ['2001:db8::/32'] }),
    ACCOUNTS.insert('sina', { uid: 'acc-sina', role: 'officer', member: 'samoa', person: true }),
    ACCOUNTS.insert('moana', { uid: 'acc-moana', role: 'officer', member: 'tonga', person: true }),
  ]);
});
afterEach(() => t.stop());

test('a claim of an officer waits for a decision, and a claim of the hub is verified at once', async () => {
  const asked = await t.claims.create(await t.as('sina'), 'samoa', { type: 'domain', value: 'Gov.WS.' });
  expect(asked).toMatchObject({ state: 'claimed', value: 'gov.ws', by: 'sina' });
  expect(asked).not.toHaveProperty('decided_by');
  expect(await t.claims.create(OPERATOR, 'samoa', { type: 'asn', value: 'AS64500' })).toMatchObject({
    state: 'verified',
    value: '64500',
  });
  await expect(t.claims.decide(await t.as('sina'), asked.id, 'verified')).rejects.toMatchObject({
    kind: 'forbidden',
  });
  expect(await t.claims.decide(OPERATOR, asked.id, 'verified', 'letter')).toMatchObject({
    state: 'verified',
    note: 'letter',
  });
});

test('a claim for another member is refused, and the refusal does not reveal whether that member exists', async () => {
  const sina = await t.as('sina');
  const refusal = async (member: string): Promise<unknown> =>
    t.claims.create(sina, member, { type: 'country', value: 'to' }).then(
      () => undefined,
      // The title repeats the requested name.
      ({ code, kind, title }: { code: string; kind: string; title: string }) => ({
        code,
        kind,
        title: title.replace(member, 'NAME'),
      }),
    );
  expect(await refusal('tonga')).toEqual(await refusal('nobody'));
  expect(await refusal('tonga')).toMatchObject({ kind: 'not-found' });
});

test('a verified claim expires at its end without another decision', async () => {
  const until = new Date(t.clock.now() + 60_000).toISOString();
  const { id } = await t.claims.create(OPERATOR, 'samoa', { type: 'country', value: 'ws', until });
  const state = async (): Promise<unknown> =>
    (await t.claims.list(OPERATOR, 'samoa')).find((claim) => claim.id === id)?.state;
  t.clock.advance(59_999);
  expect(await state()).toBe('verified');
  t.clock.advance(1);
  expect(await state()).toBe('expired');
});

test.each([
  ['103.239.161.0/24', ['103.239.160.0/22']],
  ['103.0.0.0/8', ['103.239.160.0/22']],
  ['103.239.164.0/22', []],
])('a claim of %s overlaps %j of another member', async (value, overlaps) => {
  const made = await t.claims.create(OPERATOR, 'samoa', { type: 'network', value });
  expect(made.overlaps.map(({ claim }) => claim)).toEqual(overlaps);
});

test('only members that the caller can see are named as overlaps', async () => {
  await t.claims.create(await t.as('sina'), 'samoa', { type: 'domain', value: 'tax.gov.to' });
  const seen = async (actor: Parameters<typeof t.claims.list>[0]): Promise<unknown> =>
    (await t.claims.list(actor, 'samoa')).map(({ overlaps }) => overlaps);
  expect(await seen(OPERATOR)).toEqual([[{ member: 'tonga', claim: 'gov.to' }]]);
  expect(await seen(await t.as('sina'))).toEqual([[]]);
  expect(await seen(await t.as('moana'))).toEqual([]);
});

test.each([
  ['network', '0.0.0.0/0'],
  ['network', '2000::/3'],
  ['domain', 'to'],
  ['asn', '4294967295'],
  ['country', 'TON'],
  ['brand', 'ab'],
] as const)('nobody can claim the %s %s', (type, value) => {
  expect(() => claimValue({ type, value })).toThrow(expect.objectContaining({ kind: 'invalid-content' }));
});
