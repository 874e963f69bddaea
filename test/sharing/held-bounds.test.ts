import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { HELD_LIMITS } from '../../src/sharing/review/queue-limits.ts';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';

const settings = SETTINGS.replace(
  '- { to: "member:tonga", read: true, write: true }',
  '- { to: "member:tonga", read: true, write: true }\n      - { to: "member:fiji", read: true, write: true }',
)
  .replace('max_content_length: 1048576', 'max_content_length: 10485760')
  .replace(
    'accounts:\n',
    'accounts:\n  - { name: probe, role: machine, member: fiji, key_env: KEY_PROBE }\n',
  );

/** The bound of src/store/bounded-stores.ts. */
const KEYS_PER_ACCOUNT = 100;

describe('the limits of one member', () => {
  let t: TestHub;
  beforeAll(async () => {
    t = await testHub(settings);
  });
  afterAll(() => t.stop());

  /** Returns an object with an unknown marking, which is put on hold. */
  const waiting = (over: Json = {}): Json =>
    anIndicator({ object_marking_refs: [`marking-definition--${randomUUID()}`], ...over });
  const messages = async (as: string, objects: readonly Json[]): Promise<string[]> => {
    const { body } = await t.as(as).post(objectsOf(MAIN), { objects });
    return ((body as { failures?: { message: string }[] }).failures ?? []).map(({ message }) => message);
  };

  test('a marking definition of more than 16 KiB is stored, but the hub does not keep it in memory', async () => {
    const definition = (size: number): Json & { readonly id: string } => ({
      type: 'marking-definition',
      spec_version: '2.1',
      id: `marking-definition--${randomUUID()}`,
      created: '2026-01-01T00:00:00.000Z',
      definition_type: 'statement',
      definition: { statement: 'x'.repeat(size) },
    });
    const [small, large] = [definition(16_000), definition(17_000)];
    expect(await messages('sensor', [small, large])).toEqual([]);
    const marked = (ref: string): Json => anIndicator({ object_marking_refs: [tlpMarkingId('green'), ref] });
    expect(await messages('sensor', [marked(small.id)])).toEqual([]);
    expect(await messages('sensor', [marked(large.id)])).toEqual([
      expect.stringMatching(/^held: marking-unknown/),
    ]);
    expect(await t.hub.store.record('marking', large.id)).toBeUndefined();
  });

  test('the review queue of one member is full at its maximum number of objects, and the queues of others are not affected', async () => {
    const first = waiting();
    expect(await messages('probe', [first])).toEqual([expect.stringMatching(/^held: marking-unknown/)]);
    const many = Array.from({ length: HELD_LIMITS.objects + 4 }, () => waiting());
    const told = await messages('probe', many);
    expect(told.filter((message) => message.startsWith('held: marking-unknown'))).toHaveLength(
      HELD_LIMITS.objects - 1,
    );
    expect(told.filter((message) => message.startsWith('review-queue-full: '))).toHaveLength(5);
    expect(await t.hub.store.heldUsage('fiji', 10_000)).toMatchObject({ objects: HELD_LIMITS.objects });
    // An object that is already on hold is accepted again, and an object that needs no review is stored.
    expect(await messages('probe', [first])).toEqual([expect.stringMatching(/^held: marking-unknown/)]);
    expect(await messages('probe', [anIndicator()])).toEqual([]);
    expect(await messages('sensor', [waiting()])).toEqual([expect.stringMatching(/^held: marking-unknown/)]);
    // Lists contain no object texts.
    expect((await t.hub.store.held({ limit: 5 })).some((head) => 'text' in head)).toBe(false);
  });

  test('the review queue of one member is full at its maximum number of bytes', async () => {
    const large = (): Json => waiting({ description: 'x'.repeat(1_000_000) });
    const told: string[] = [];
    for (let sent = 0; sent < 12; sent++)
      told.push(...(await messages('sensor', Array.from({ length: 6 }, large))));
    expect(told.filter((message) => message.startsWith('held: '))).toHaveLength(67);
    expect(told.filter((message) => message.startsWith('review-queue-full: '))).toHaveLength(5);
  });

  test('an account has a maximum number of keys, and another key can be created once one is revoked', async () => {
    const made: string[] = [];
    for (;;) {
      const { status, body } = await t.api('chief', 'POST', '/keys', { account: 'probe' });
      if (status !== 201) {
        expect({ status, body }).toMatchObject({ status: 409, body: { code: 'TLN-K-409' } });
        break;
      }
      made.push((body as { id: string }).id);
      if (made.length > KEYS_PER_ACCOUNT) throw new Error('There is no bound');
    }
    const listed = (await t.hub.store.records('key')).length;
    expect(made.length).toBeGreaterThanOrEqual(KEYS_PER_ACCOUNT - 1);
    expect((await t.api('chief', 'POST', `/keys/${made[0]}/rotation`, {})).status).toBe(409);
    expect((await t.api('chief', 'POST', '/keys', { account: 'sensor' })).status).toBe(201);
    expect((await t.api('chief', 'DELETE', `/keys/${made[0]}`)).status).toBe(204);
    expect((await t.api('chief', 'POST', '/keys', { account: 'probe' })).status).toBe(201);
    expect((await t.hub.store.records('key')).length).toBe(listed + 1);
  });
});

describe('a hub with small limits', () => {
  let t: TestHub;
  beforeAll(async () => {
    t = await testHub(settings, {
      bounds: {
        account: { member: 6 },
        group: { hub: 2 },
        idempotency: { account: 2 },
        notification: { account: 2 },
      },
      factNumbers: { acts: 12 },
    });
  });
  afterAll(() => t.stop());
  const ids = async (kind: string): Promise<string[]> =>
    (await t.hub.store.records(kind)).map(({ id }) => id);

  test('refuses accounts and groups above their limit, keeps the newest responses, and limits changes per minute', async () => {
    const before = (await t.hub.store.records('account')).filter(
      ({ document }) => document['member'] === 'fiji',
    );
    const account = (i: number) =>
      t.api('chief', 'POST', '/accounts', { name: `bot-${i}`, role: 'machine', member: 'fiji' });
    for (let i = before.length; i < 6; i++) expect((await account(i)).status).toBe(201);
    expect(await account(7)).toMatchObject({
      status: 409,
      body: { code: 'TLN-B-409', title: 'This member already has the maximum of 6 accounts' },
    });
    expect(await ids('account')).not.toContain('bot-7');
    const group = (name: string, key: string) =>
      t.api('chief', 'POST', '/groups', { name, title: name }, { 'Idempotency-Key': key });
    expect((await group('one', 'k1')).status).toBe(201);
    expect((await group('two', 'k2')).status).toBe(201);
    expect((await group('three', 'k3')).body).toMatchObject({ code: 'TLN-B-409' });
    expect(await ids('group')).toEqual(['one', 'two']);
    // The response to the first request was removed for the third one, and refusals are not kept.
    expect(await ids('idempotency')).toHaveLength(1);
    expect((await group('two', 'k2')).headers['idempotency-replayed']).toBe('true');
    let refused: { status: number; body: Json } | undefined;
    for (let i = 0; i < 20 && refused?.status !== 429; i++)
      refused = await t.api('chief', 'PATCH', '/accounts/bot-5', { disabled: i % 2 === 0 });
    expect(refused).toMatchObject({ status: 429, body: { code: 'TLN-B-429' } });
    expect((await t.api('chief', 'GET', '/accounts/bot-5')).status).toBe(200);
  });
});
