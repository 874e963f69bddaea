// The contacts of members: who sees which field, and who changes them.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NOTIFICATIONS } from '../../../src/access/accounts/notifications.ts';
import { MEMBERS } from '../../../src/access/member-model.ts';
import { PUBLIC } from '../../../src/access/principal.ts';
import type { Contact, ContactRequest } from '../../../src/api/schema-types.ts';
import type { Letter } from '../../../src/members/contacts/mail.ts';
import { CONTACTS, CONTACT_CHANGES, VISIBILITIES } from '../../../src/members/contacts/model.ts';
import { accessServices, type AccessServices } from '../../support/access-services.ts';
import { refusal } from '../../support/refusal.ts';
import { anAccount, MAIN_ROOT, withKey } from '../../support/sharing-services.ts';

let t: AccessServices;
const letters: Letter[] = [];
beforeAll(async () => {
  t = await accessServices(
    [
      MAIN_ROOT,
      MEMBERS.insert('tonga', { title: 'CERT Tonga', countries: ['TO'] }),
      MEMBERS.insert('fiji', { title: 'CERT Fiji', countries: ['FJ'] }),
      MEMBERS.insert('samoa', { title: 'CERT Samoa', countries: ['WS'] }),
      MEMBERS.insert('left', { title: 'Former member', status: 'former' }),
      anAccount('chief', 'administrator'),
      anAccount('ana', 'analyst'),
      anAccount('moana', 'officer', 'tonga'),
      anAccount('sione', 'officer', 'tonga'),
      anAccount('gauge', 'machine', 'tonga'),
      anAccount('desk', 'officer', 'fiji'),
      anAccount('pesk', 'officer', 'samoa'),
    ],
    {
      send: (letter: Letter) => {
        letters.push(letter);
        return Promise.resolve();
      },
    },
  );
});
afterAll(() => t.stop());

const FIELDS = {
  label: 'Duty desk',
  purposes: ['incident'],
  time_zone: 'Pacific/Tongatapu',
  hours: 'Mon-Fri 08:30-16:30',
  phones: [{ number: '+676 00 142', kind: 'duty', visibility: 'members' }],
} as const satisfies ContactRequest['fields'];

const change = async (who: string, member: string, request: ContactRequest) => {
  // Changes are sorted by their times.
  t.clock.advance(1);
  return t.contacts.change(await t.as(who), member, request);
};
/** Creates a contact that is in force, and returns its id. */
const aContact = async (fields: ContactRequest['fields'] = {}, member = 'tonga'): Promise<string> =>
  (await change('chief', member, { fields: { ...FIELDS, ...fields }, method: 'call' })).contact;
const seenBy = async (who: string): Promise<readonly Contact[]> => t.contacts.list(await t.as(who));
const shown = async (who: string, id: string): Promise<Contact | undefined> =>
  (await seenBy(who)).find((one) => one.id === id);

beforeEach(async () => {
  letters.length = 0;
  for (const kind of [CONTACTS, CONTACT_CHANGES, NOTIFICATIONS])
    for (const { id, revision } of await kind.all(t.store))
      await t.store.commit({ records: [{ kind: kind.kind, id, expected: revision, document: undefined }] });
});

describe('readers of fields', () => {
  const phones = [
    { number: '+67600142', kind: 'duty', visibility: 'members' },
    { number: '+6760014299', kind: 'mobile', visibility: 'named', members: ['fiji'] },
    { number: '+67600150', kind: 'desk', visibility: 'hub' },
  ] as const;

  test('each field is shown to its readers only', async () => {
    const id = await aContact({
      name: 'Mele T.',
      name_shown: { visibility: 'named', members: ['fiji'] },
      phones,
      emails: [{ address: 'cert@cert.example', visibility: 'public' }],
    });
    const numbers = async (who: string) => (await shown(who, id))?.phones.map(({ kind }) => kind);
    expect(await numbers('moana')).toEqual(['duty', 'mobile', 'desk']);
    expect(await numbers('gauge')).toEqual(['duty', 'mobile', 'desk']);
    expect(await numbers('ana')).toEqual(['duty', 'mobile', 'desk']);
    expect(await numbers('desk')).toEqual(['duty', 'mobile']);
    expect(await numbers('pesk')).toEqual(['duty']);
    expect(await shown('desk', id)).toMatchObject({ name: 'Mele T.' });
    expect(await shown('pesk', id)).not.toHaveProperty('name');
    const [open] = await t.contacts.list(PUBLIC);
    expect(open).toMatchObject({ id, phones: [], emails: [{ address: 'cert@cert.example' }] });
    expect(JSON.stringify([open, await shown('pesk', id)])).not.toMatch(
      /visibility|fiji|Mele|14299|00150|pending/,
    );
  });

  test('a contact of which a reader sees no number and no address does not exist for the reader', async () => {
    const id = await aContact({ phones: [{ number: '+67600150', kind: 'desk', visibility: 'hub' }] });
    expect(await seenBy('desk')).toEqual([]);
    await expect(t.contacts.get(await t.as('desk'), id)).rejects.toEqual(refusal('TLN-M-440'));
    expect(await t.contacts.get(await t.as('moana'), id)).toMatchObject({ id });
  });

  test('contacts of a member that left are for the hub only', async () => {
    const id = await aContact({ emails: [{ address: 'x@left.example', visibility: 'public' }] }, 'left');
    expect(await shown('desk', id)).toBeUndefined();
    expect(await t.contacts.list(PUBLIC)).toEqual([]);
    expect(await shown('ana', id)).toMatchObject({ team: 'Former member' });
  });

  test('a key that is limited to collections sees no contacts', async () => {
    await aContact();
    const limited = withKey(await t.as('moana'), { collections: ['main'] });
    expect(await t.contacts.list(limited)).toEqual([]);
  });

  test('no reader sees a number that was not shown to them, whatever the other fields are', async () => {
    const field = fc.record({
      visibility: fc.constantFrom(...VISIBILITIES),
      members: fc.uniqueArray(fc.constantFrom('fiji', 'samoa'), { minLength: 1 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(field, { minLength: 1, maxLength: 6 }), async (fields) => {
        const written = fields.map(({ visibility, members }, i) => ({
          ...{ number: `+676 00 14${i}`, kind: 'mobile' as const, visibility },
          ...(visibility === 'named' ? { members } : {}),
        }));
        const id = await aContact({ phones: written });
        for (const [who, member] of [['desk', 'fiji'], ['pesk', 'samoa']] as const) {
          const may = written.filter(({ visibility, members = [] }) => visibility === 'public' || visibility === 'members' || (visibility === 'named' && members.includes(member)));
          const found = await shown(who, id);
          expect(found?.phones.map(({ number }) => number) ?? []).toEqual(may.map(({ number }) => number.replaceAll(' ', '')));
        }
      }),
      { numRuns: 25 },
    );
  }); // prettier-ignore
});

describe('changes', () => {
  test.each([
    ['gauge', 'tonga', 'TLN-A-403'],
    ['ana', 'tonga', 'TLN-A-403'],
    ['moana', 'fiji', 'TLN-M-404'],
    ['moana', 'hub', 'TLN-A-403'],
    ['chief', 'atlantis', 'TLN-M-404'],
  ])('%s cannot change contacts of %s', async (who, member, code) => {
    await expect(change(who, member, { fields: FIELDS })).rejects.toEqual(refusal(code));
  });

  test('the change of an officer waits, and the contact stays in force as it is', async () => {
    const id = await aContact();
    const asked = await change('moana', 'tonga', {
      contact: id,
      fields: { hours: 'Mon-Fri 08:00-16:30', phones: [{ number: '+676 00 199', kind: 'duty', visibility: 'members' }] },
    });
    expect(asked).toMatchObject({
      state: 'pending',
      kind: 'update',
      before: { hours: 'Mon-Fri 08:30-16:30', phones: [{ number: '+67600142' }] },
      after: { hours: 'Mon-Fri 08:00-16:30', phones: [{ number: '+67600199' }] },
    });
    expect(await shown('moana', id)).toMatchObject({ hours: 'Mon-Fri 08:30-16:30', pending: 1 });
    const decided = await t.contacts.decide(await t.as('chief'), asked.id, { verdict: 'accept', fields: ['hours'] });
    expect(decided).toMatchObject({ state: 'applied', accepted: ['hours'] });
    expect(await shown('desk', id)).toMatchObject({ hours: 'Mon-Fri 08:00-16:30', phones: [{ number: '+67600142' }] });
    await expect(t.contacts.decide(await t.as('chief'), asked.id, { verdict: 'accept' })).rejects.toEqual(refusal('TLN-M-443'));
  }); // prettier-ignore

  test('a declined change has no effect, and its note is for the member', async () => {
    const asked = await change('moana', 'tonga', { fields: FIELDS });
    await t.contacts.decide(await t.as('chief'), asked.id, {
      verdict: 'decline',
      note: 'We could not reach you.',
    });
    expect(await seenBy('moana')).toEqual([]);
    const [mine] = await t.contacts.changes(await t.as('sione'));
    expect(mine).toMatchObject({ state: 'declined', note: 'We could not reach you.', by: 'moana' });
    expect(mine?.decided_by).not.toBe('chief');
    expect(await t.contacts.changes(await t.as('desk'))).toEqual([]);
    expect(await t.contacts.changes(await t.as('gauge'))).toEqual([]);
  });

  test('a change is refused if the contact has other values meanwhile', async () => {
    const id = await aContact();
    const asked = await change('moana', 'tonga', { contact: id, fields: { label: 'Night desk', wait: 5 } });
    await change('chief', 'tonga', { contact: id, fields: { label: 'Desk' } });
    const chief = await t.as('chief');
    await expect(t.contacts.decide(chief, asked.id, { verdict: 'accept' })).rejects.toMatchObject({ code: 'TLN-M-444', description: expect.stringContaining('label') }); // prettier-ignore
    await t.contacts.decide(chief, asked.id, { verdict: 'accept', fields: ['wait'] });
    expect(await shown('moana', id)).toMatchObject({ label: 'Desk', wait: 5 });
  });

  test('a 24/7 contact changes only after verification through another channel', async () => {
    const id = await aContact({ purposes: ['incident', '24x7'] });
    const asked = await change('moana', 'tonga', { contact: id, fields: { purposes: ['incident'] } });
    const chief = await t.as('chief');
    await expect(t.contacts.decide(chief, asked.id, { verdict: 'accept' })).rejects.toEqual(
      refusal('TLN-M-446'),
    );
    await expect(change('chief', 'tonga', { contact: id, remove: true })).rejects.toEqual(
      refusal('TLN-M-446'),
    );
    await expect(change('moana', 'tonga', { contact: id, fields: { wait: 1 }, method: 'call' })).rejects.toEqual(refusal('TLN-M-447')); // prettier-ignore
    expect(await t.contacts.decide(chief, asked.id, { verdict: 'accept', method: 'call' })).toMatchObject({
      state: 'applied',
      night: true,
      method: 'call',
    });
  });

  test('the other officers, and the addresses of the contacts as they were, learn of a change of a 24/7 contact', async () => {
    const id = await aContact({
      purposes: ['24x7'],
      emails: [{ address: 'old@cert.example', visibility: 'members' }],
    });
    await aContact({ label: 'Head', emails: [{ address: 'head@cert.example', visibility: 'hub' }] });
    letters.length = 0;
    const emails = [{ address: 'thief@evil.example', visibility: 'members' }] as const;
    const asked = await change('moana', 'tonga', { contact: id, fields: { emails } });
    expect(letters.map(({ to }) => to)).toEqual([['old@cert.example'], ['head@cert.example']]);
    const told = (await NOTIFICATIONS.all(t.store)).filter(
      ({ document }) => document.event === 'contact.asked',
    );
    expect(told.map(({ document }) => document.account)).toEqual([(await t.account('sione')).id]);
    letters.length = 0;
    await t.contacts.decide(await t.as('chief'), asked.id, { verdict: 'accept', method: 'call' });
    expect(letters.map(({ to }) => to)).toEqual([['old@cert.example'], ['head@cert.example']]);
    expect(JSON.stringify(letters)).not.toMatch(/thief|Duty/);
    // Other members learn nothing.
    expect((await NOTIFICATIONS.all(t.store)).map(({ document }) => document.account)).not.toContain((await t.account('desk')).id); // prettier-ignore
  });

  test('an accepted field is one of those that were requested, and a check is of what was read', async () => {
    const id = await aContact();
    const chief = await t.as('chief');
    const asked = await change('moana', 'tonga', { contact: id, fields: { wait: 5 } });
    await expect(t.contacts.decide(chief, asked.id, { verdict: 'accept', fields: ['hours'] })).rejects.toEqual(refusal('TLN-M-423'));
    const { revision } = await t.contacts.get(chief, id);
    await t.contacts.decide(chief, asked.id, { verdict: 'accept' });
    await expect(t.contacts.verify(chief, id, { method: 'call' }, revision)).rejects.toEqual(refusal('TLN-M-449'));
    await t.contacts.verify(chief, id, { method: 'call' }, revision + 1);
  }); // prettier-ignore

  test('a removed contact is gone, and its change keeps what it was', async () => {
    const id = await aContact();
    const asked = await change('moana', 'tonga', { contact: id, remove: true });
    await t.contacts.decide(await t.as('chief'), asked.id, { verdict: 'accept' });
    expect(await seenBy('moana')).toEqual([]);
    const [last] = await t.contacts.changes(await t.as('moana'), { contact: id });
    expect(last).toMatchObject({
      kind: 'remove',
      before: { label: 'Duty desk', phones: [{ number: '+67600142' }] },
    });
  });

  test('more than 30 changes of a member do not wait', async () => {
    for (let i = 0; i < 30; i++)
      await change('moana', 'tonga', { fields: { ...FIELDS, label: `Desk ${i}` } });
    await expect(change('moana', 'tonga', { fields: FIELDS })).rejects.toEqual(refusal('TLN-M-445'));
    await change('desk', 'fiji', { fields: FIELDS });
  });

  test('the audit log names the fields and no number', async () => {
    await aContact();
    expect(JSON.stringify(await t.lastFact())).toMatch(/contact\.create.*phones/);
    expect(JSON.stringify(await t.lastFact())).not.toMatch(/676|142/);
  });
});

describe('fields', () => {
  const faultsOf = async (fields: ContactRequest['fields']): Promise<string> => {
    try {
      await change('moana', 'tonga', { fields: { ...FIELDS, ...fields } });
      return '';
    } catch (error) {
      expect(error).toEqual(refusal('TLN-M-441'));
      return (error as { description: string }).description;
    }
  };

  test('all faults are reported at once, each with its field', async () => {
    expect(
      await faultsOf({
        label: 'Desk\nBcc: all@example.org',
        time_zone: 'Pacific/Atlantis',
        languages: ['english'],
        hours: 'Mon-Fri 08:00-12:00; Wed 11:00-13:00',
        holidays: ['2026-02-30'],
        phones: [{ number: '+676 1', kind: 'duty', visibility: 'members' }],
        emails: [{ address: 'a b@cert.example', visibility: 'named' }],
      }).then((text) =>
        text.match(/\b(?:label|time_zone|languages|hours|holidays|phones|emails):/g)?.toSorted(),
      ),
    ).toEqual(['emails:', 'emails:', 'holidays:', 'hours:', 'label:', 'languages:', 'phones:', 'time_zone:']);
  });

  test.each([
    ['a number without a country', { phones: [{ number: '00 142', kind: 'duty', visibility: 'members' }] }, 'country code'],
    ['members without "named"', { emails: [{ address: 'a@b.example', visibility: 'hub', members: ['fiji'] }] }, 'named'],
    ['the same number twice', { phones: [{ number: '+67600142', kind: 'duty', visibility: 'members' }, { number: '+676 00 142', kind: 'desk', visibility: 'hub' }] }, 'twice'],
    ['nothing to reach it by', { phones: [] }, 'phone number or an email address'],
  ] as const)('%s is told', async (_title, fields, word) => {
    expect(await faultsOf(fields)).toContain(word);
  }); // prettier-ignore

  test('only the hub learns whether a member that is named exists', async () => {
    const fields = { ...FIELDS, phones: [{ number: '+67600142', kind: 'duty', visibility: 'named', members: ['atlantis'] }] } as const;
    const asked = await change('moana', 'tonga', { fields });
    await expect(change('chief', 'tonga', { fields })).rejects.toMatchObject({ code: 'TLN-M-441', description: expect.stringContaining('atlantis') });
    await expect(t.contacts.decide(await t.as('chief'), asked.id, { verdict: 'accept' })).rejects.toEqual(refusal('TLN-M-441'));
  }); // prettier-ignore

  test('a change that changes nothing is refused', async () => {
    const id = await aContact();
    const same = { contact: id, fields: { phones: [{ number: '+676-00-142', kind: 'duty', visibility: 'members' }] } } as const;
    await expect(change('moana', 'tonga', same)).rejects.toEqual(refusal('TLN-M-423'));
  }); // prettier-ignore
});

test('a check of a contact is due after 90 days at night, and void after its number changes', async () => {
  const night = await aContact({ purposes: ['24x7'] });
  const day = await aContact({ label: 'Desk' });
  const chief = await t.as('chief');
  const state = async (id: string) => (await shown('desk', id))?.verification.state;
  expect(await state(night)).toBe('unverified');
  for (const id of [night, day]) await t.contacts.verify(await t.as('ana'), id, { method: 'call' });
  expect([await state(night), await state(day)]).toEqual(['verified', 'verified']);
  t.clock.advance(91 * 86_400_000);
  expect([await state(night), await state(day)]).toEqual(['due', 'verified']);
  await t.contacts.change(chief, 'tonga', { contact: day, fields: { wait: 3 } });
  expect(await state(day)).toBe('verified');
  await t.contacts.change(chief, 'tonga', { contact: day, fields: { phones: [{ number: '+67600151', kind: 'desk', visibility: 'members' }] } }); // prettier-ignore
  expect(await state(day)).toBe('unverified');
  await expect(t.contacts.verify(await t.as('moana'), day, { method: 'call' })).rejects.toEqual(refusal('TLN-A-403')); // prettier-ignore
});

test('contacts are listed in the order of calling, the hub first, and those who are there now', async () => {
  await aContact({ label: 'Third', order: 3 });
  await aContact({ label: 'First', order: 1, hours: '24/7' });
  await aContact({ label: 'Hub duty', hours: null }, 'hub');
  await aContact({ label: 'Fiji', purposes: ['abuse'] }, 'fiji');
  expect((await seenBy('pesk')).map(({ label }) => label)).toEqual(['Hub duty', 'Fiji', 'First', 'Third']);
  const pesk = await t.as('pesk');
  expect((await t.contacts.list(pesk, { member: 'tonga', isOpen: true })).map(({ label }) => label)).toContain('First');
  expect((await t.contacts.list(pesk, { purpose: 'abuse' })).map(({ label }) => label)).toEqual(['Fiji']);
}); // prettier-ignore

test('an older request for a contact that is now 24/7 needs a method, and sends emails', async () => {
  const emails = [{ address: 'desk@cert.example', visibility: 'hub' }] as const;
  const id = await aContact({ emails });
  const phones = [{ number: '+67600199', kind: 'duty', visibility: 'members' }] as const;
  const asked = await change('moana', 'tonga', { contact: id, fields: { phones } });
  await change('chief', 'tonga', { contact: id, fields: { purposes: ['24x7'] }, method: 'call' });
  letters.length = 0;
  const chief = await t.as('chief');
  await expect(t.contacts.decide(chief, asked.id, { verdict: 'accept' })).rejects.toEqual(
    refusal('TLN-M-446'),
  );
  await t.contacts.decide(chief, asked.id, { verdict: 'accept', method: 'call' });
  expect(letters.map(({ to }) => to)).toEqual([['desk@cert.example']]);
});

test('a holiday that is not a date is a fault of the field', async () => {
  await expect(change('moana', 'tonga', { fields: { ...FIELDS, holidays: ['2026-13-45'] } })).rejects.toEqual(
    refusal('TLN-M-441'),
  );
});
