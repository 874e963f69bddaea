// The pages of contacts: an officer asks for a change, an administrator decides, and other members see what they may see.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CONSOLE_SETTINGS, everybodySignedIn, textOf, type PersonName } from '../support/console.ts';
import type { FormBrowser } from '../support/browser.ts';
import { testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
let as: (name: PersonName) => FormBrowser;
beforeAll(async () => {
  t = await testHub(CONSOLE_SETTINGS);
  as = await everybodySignedIn(t);
});
afterAll(() => t.stop());

const FIELDS = {
  label: 'Duty desk',
  'purpose-incident': 'yes',
  zone: 'Pacific/Tongatapu',
  hours: 'Mon-Fri 08:30-16:30',
  languages: 'en, to',
  phone0: '+676 23 142',
  'phone0-for': 'members',
  phone1: '+676 77 14299',
  'phone1-kind': 'mobile',
  'phone1-sms': 'yes',
  'phone1-for': 'hub',
};
const pending = async (): Promise<string> => {
  const page = await as('sina').get('/console/review');
  return /\/console\/review\/contacts\/[0-9a-f-]{36}/.exec(page.text)?.[0] ?? '';
};
/** Returns the address of the only contact. */
const contactPath = async (name: PersonName): Promise<string> =>
  /\/console\/contacts\/[0-9a-f-]{36}/.exec((await as(name).get('/console/contacts')).text)?.[0] ?? '';

test('a form with faults is shown again with everything that was typed, and each fault at its field', async () => {
  const answer = await as('lani').post('/console/contacts/new', {
    ...FIELDS,
    zone: 'Pacific/Atlantis',
    hours: 'Mon 25:00-26:00',
    phone0: '+676 1',
  });
  expect(answer.status).toBe(422);
  for (const typed of ['Pacific/Atlantis', 'Mon 25:00-26:00', '+676 1', 'Duty desk'])
    expect(answer.text).toContain(`value="${typed}"`);
  expect(answer.text).toMatch(/id="hours-error"[^]*?contains a time that does not exist/);
  expect(answer.text).toMatch(/id="zone-error"[^]*?not an IANA time zone/);
  expect(answer.text).toMatch(/<p class="err">[^]*?cannot be a phone number/);
});

test('an officer asks, an administrator accepts a part, and other members see what is shown to them', async () => {
  const asked = await as('lani').post('/console/contacts/new', FIELDS);
  expect([asked.status, asked.headers['location']]).toEqual([303, '/console/contacts?done=asked']);
  expect(textOf(await as('lani').get('/console/contacts?done=asked'))).toContain('The hub was asked.');
  expect(await contactPath('lani')).toBe('');
  const decision = await pending();
  expect(textOf(await as('sina').get(decision))).toMatch(
    /Phone numbers none \+67623142 \(Duty, shown to all members\)/,
  );
  await as('sina').post(decision, { verdict: 'accept' });
  expect(textOf(await as('seru').get('/console/contacts'))).toMatch(/Duty desk tonga \+67623142 Duty/);
  expect((await as('seru').get('/console/contacts')).text).not.toMatch(/7714299/);
  expect((await as('lani').get('/console/contacts')).text).toMatch(/tel:\+6767714299/);
  const csv = await as('seru').get('/console/contacts/export?as=csv');
  expect(csv.text).toContain('duty:+67623142');
  expect(csv.text).not.toContain('7714299');
  const vcard = await as('seru').get('/console/contacts/export?as=vcard');
  expect(vcard.headers['content-type']).toContain('text/vcard');
  expect(vcard.text).toMatch(/^BEGIN:VCARD\r\nVERSION:4\.0\r\n/);
});

test('a change waits for the fields that the administrator accepts, and history is for the member and the hub', async () => {
  const path = await contactPath('lani');
  await as('lani').post(`${path}/edit`, { ...FIELDS, hours: 'Mon-Fri 08:00-16:00', wait: '5' });
  expect(textOf(await as('lani').get(path))).toContain('Mon-Fri 08:30-16:30 → Mon-Fri 08:00-16:00');
  await as('sina').post(await pending(), {
    verdict: 'accept',
    'accept-hours': 'yes',
    note: 'Not the minutes',
  });
  const own = textOf(await as('lani').get(path));
  expect(own).toContain('Wait 15 minutes');
  expect(own).toContain('Note: Not the minutes');
  const other = textOf(await as('seru').get(path));
  expect(other).toContain('Mon-Fri 08:00-16:00');
  expect(other).not.toMatch(/History|Not the minutes|Change the contact/);
});

test('the page of a member lists its contacts, and a deleted contact is gone', async () => {
  expect(textOf(await as('lani').get('/console/members/tonga'))).toContain('Duty desk');
  const path = await contactPath('sina');
  await as('watch').post(`${path}/verify`, { method: 'call' });
  expect(textOf(await as('lani').get(path))).toContain('Verified');
  await as('sina').post(`${path}/delete`, {});
  expect(await contactPath('lani')).toBe('');
});

test('a long list has pages that keep the filters, and a file has all of it', async () => {
  for (const member of ['tonga', 'fiji'])
    for (let i = 0; i < 60; i++) {
      const fields = { label: `Desk ${i}`, purposes: ['incident'], time_zone: 'Pacific/Fiji', hours: '24/7', phones: [{ number: `+679 33100${10 + i}`, kind: 'duty', visibility: 'members' }] };
      await t.api('chief', 'POST', `/members/${member}/contact-changes`, { fields });
    }
  const first = await as('seru').get('/console/contacts?purpose=incident&open=yes');
  const [, next = ''] = /href="(\/console\/contacts\?after=[^"]+)"/.exec(first.text) ?? [];
  expect(next).toMatch(/&amp;purpose=incident&amp;open=yes$/);
  const second = await as('seru').get(next.replaceAll('&amp;', '&'));
  const rows = (text: string): number => [...text.matchAll(/<tr><th scope="row"/g)].length;
  expect([rows(first.text), rows(second.text)]).toEqual([100, 20]);
  const file = await as('seru').get('/console/contacts/export?as=csv&purpose=incident');
  expect(file.text.trim().split('\r\n')).toHaveLength(121);
}); // prettier-ignore
