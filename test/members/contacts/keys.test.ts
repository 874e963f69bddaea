// OpenPGP keys of contacts: which are accepted, who sees them, and the warnings before they end.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { generateKey } from 'openpgp';
import { NOTIFICATIONS } from '../../../src/access/accounts/notifications.ts';
import { MEMBERS } from '../../../src/access/member-model.ts';
import type { ContactRequest } from '../../../src/api/schema-types.ts';
import { readContactKey } from '../../../src/members/contacts/keys.ts';
import { CONTACTS } from '../../../src/members/contacts/model.ts';
import { accessServices, type AccessServices } from '../../support/access-services.ts';
import { refusal } from '../../support/refusal.ts';
import { anAccount, MAIN_ROOT } from '../../support/sharing-services.ts';

const DAY = 86_400_000;
const begin = Date.parse('2026-01-15T12:00:00Z');
/** Creates a key at the beginning of the tests, which is valid for some days. */
const aKey = (email: string, days = 0, name?: string) =>
  generateKey({ userIDs: [{ email, ...(name === undefined ? {} : { name }) }], date: new Date(begin - DAY), keyExpirationTime: days === 0 ? 0 : (days + 1) * 86_400, format: 'armored' }); // prettier-ignore

describe('a key', () => {
  const read = async (armored: string, now = begin): Promise<string> => {
    const found = await readContactKey(armored, ['cert@cert.example'], now);
    return 'fault' in found ? found.fault : found.key.fingerprint;
  };

  test('is accepted with its fingerprint, its names and its end', async () => {
    const { publicKey } = await aKey('CERT@cert.example', 100, 'CERT Tonga');
    const found = await readContactKey(publicKey, ['cert@cert.example'], begin);
    expect(found).toEqual({
      key: {
        fingerprint: expect.stringMatching(/^[0-9a-f]{40}$/),
        user_ids: ['CERT Tonga <CERT@cert.example>'],
        expires: new Date(begin + 100 * DAY).toISOString(),
        armored: expect.stringContaining('BEGIN PGP PUBLIC KEY BLOCK'),
      },
    });
  });

  test('is refused with a reason, and nothing of a private key is repeated', async () => {
    const { publicKey, privateKey } = await aKey('cert@cert.example');
    const other = await aKey('thief@evil.example');
    expect(await read(privateKey)).toMatch(/private key/);
    expect(await read(privateKey)).not.toMatch(/[A-Za-z0-9+/]{40}/);
    expect(await read(other.publicKey)).toMatch(
      /names <?thief@evil.example>?, and no email address of the contact/,
    );
    expect(await read((await aKey('cert@cert.example', 5)).publicKey, begin + 6 * DAY)).toMatch(
      /ended on 2026-01-20/,
    );
    expect(await read('-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nnonsense')).toMatch(/cannot be read/);
    expect(await read(publicKey.slice(0, 200))).toMatch(/cannot be read/);
    const sign = await generateKey({ userIDs: [{ email: 'cert@cert.example' }], date: new Date(begin - DAY), subkeys: [{ sign: true }], format: 'armored' }); // prettier-ignore
    expect(await read(sign.publicKey)).toMatch(/cannot encrypt/);
  });

  test('is refused if it has more than 20 names, or a long one', async () => {
    const some = Array.from({ length: 20 }, (_, i) => ({ email: `a${i}@cert.example` }));
    const userIDs = [{ email: 'cert@cert.example' }, ...some];
    const { publicKey } = await generateKey({ userIDs, date: new Date(begin - DAY), format: 'armored' });
    expect(await read(publicKey)).toMatch(/more than 20 names/);
    expect(await read((await aKey('cert@cert.example', 0, 'x'.repeat(300))).publicKey)).toMatch(
      /300 characters/,
    );
  });

  test('is refused after it was revoked', async () => {
    const { privateKey, revocationCertificate } = await aKey('cert@cert.example');
    const { readKey, revokeKey } = await import('openpgp');
    const { publicKey } = await revokeKey({
      key: await readKey({ armoredKey: privateKey }),
      revocationCertificate,
      date: new Date(begin - 1_000),
      format: 'armored',
    });
    expect(await read(publicKey)).toMatch(/revoked/);
  });
});

describe('a contact with a key', () => {
  let t: AccessServices;
  beforeAll(async () => {
    t = await accessServices([
      MAIN_ROOT,
      MEMBERS.insert('tonga', { title: 'CERT Tonga' }),
      MEMBERS.insert('fiji', { title: 'CERT Fiji' }),
      anAccount('chief', 'administrator'),
      anAccount('moana', 'officer', 'tonga'),
      anAccount('desk', 'officer', 'fiji'),
    ]);
  });
  afterAll(() => t.stop());
  beforeEach(async () => {
    for (const kind of [CONTACTS, NOTIFICATIONS])
      for (const { id, revision } of await kind.all(t.store))
        await t.store.commit({ records: [{ kind: kind.kind, id, expected: revision, document: undefined }] });
  });

  const fields = (more: ContactRequest['fields']): NonNullable<ContactRequest['fields']> => ({
    ...{ label: 'Team', purposes: ['incident'], time_zone: 'Pacific/Tongatapu' },
    ...more,
  });
  const add = async (more: ContactRequest['fields']) =>
    t.contacts.change(await t.as('chief'), 'tonga', { fields: fields(more), method: 'call' });

  test('shows the key only to readers who may see all that the key names', async () => {
    const { publicKey } = await aKey('mele@cert.example', 0, 'Mele T.');
    const emails = [
      { address: 'team@cert.example', visibility: 'members' },
      { address: 'mele@cert.example', visibility: 'hub' },
    ] as const;
    await add({ emails, keys: [publicKey] });
    const keysFor = async (who: string) => (await t.contacts.list(await t.as(who)))[0]?.keys.length;
    expect([await keysFor('moana'), await keysFor('desk')]).toEqual([1, 0]);
    const open = emails.map((one) => ({ ...one, visibility: 'members' as const }));
    const [own] = await t.contacts.list(await t.as('chief'));
    await t.contacts.change(await t.as('chief'), 'tonga', {
      contact: String(own?.id),
      fields: { emails: open },
    });
    expect(await keysFor('desk')).toBe(1);
    await t.contacts.change(await t.as('chief'), 'tonga', {
      contact: String(own?.id),
      fields: { name: 'Mele T.' },
    });
    expect(await keysFor('desk')).toBe(0);
  });

  test('gets a new key only after verification through another channel', async () => {
    const { publicKey } = await aKey('cert@cert.example');
    await add({ emails: [{ address: 'cert@cert.example', visibility: 'members' }] });
    const [own] = await t.contacts.list(await t.as('moana'));
    const asked = await t.contacts.change(await t.as('moana'), 'tonga', { contact: String(own?.id), fields: { keys: [publicKey] } }); // prettier-ignore
    expect((await t.contacts.list(await t.as('moana')))[0]?.keys).toEqual([]);
    const chief = await t.as('chief');
    await expect(t.contacts.decide(chief, asked.id, { verdict: 'accept' })).rejects.toEqual(
      refusal('TLN-M-448'),
    );
    await t.contacts.decide(chief, asked.id, { verdict: 'accept', method: 'call' });
    expect((await t.contacts.list(await t.as('desk')))[0]?.keys).toHaveLength(1);
    // Lists of whole keys would be large. One contact has them.
    expect((await t.contacts.list(await t.as('desk')))[0]?.keys[0]).not.toHaveProperty('armored');
    expect(JSON.stringify(await t.contacts.changes(chief))).not.toContain('BEGIN PGP');
    expect((await t.contacts.get(await t.as('desk'), String(own?.id))).keys[0]).toMatchObject({
      armored: expect.stringContaining('BEGIN PGP'),
    });
    // A key that is only removed needs none.
    await t.contacts.change(chief, 'tonga', { contact: String(own?.id), fields: { keys: null } });
  });

  test('has its officers notified 30 days, 7 days and 1 day before the key ends, once each', async () => {
    const { publicKey } = await aKey('cert@cert.example', 60);
    await add({ emails: [{ address: 'cert@cert.example', visibility: 'members' }], keys: [publicKey] });
    const days: unknown[] = [];
    for (let day = 0; day < 60; day++) {
      await t.contacts.sweep();
      for (const { document, id, revision } of await NOTIFICATIONS.all(t.store)) {
        if (document.event === 'contact.key_ends') days.push([60 - day, document.details['days']]);
        await t.store.commit({
          records: [{ kind: NOTIFICATIONS.kind, id, expected: revision, document: undefined }],
        });
      }
      t.clock.advance(DAY);
    }
    expect(days).toEqual([
      [30, 30],
      [7, 7],
      [1, 1],
    ]);
  });
});
