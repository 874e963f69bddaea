import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hubCommands, type HubCommands } from '../support/hub-commands.ts';

/* The commands for contacts, as an administrator of the hub and as an officer. */

let hub: HubCommands;
const folder = mkdtempSync(join(tmpdir(), 'talanoa-contacts-'));
beforeAll(async () => {
  hub = await hubCommands();
}, 60_000);
afterAll(async () => {
  await hub.stop();
  rmSync(folder, { recursive: true });
});

const FIELDS = [
  '--label',
  'Duty desk',
  '--purpose',
  'incident',
  '--zone',
  'Pacific/Fiji',
  '--hours',
  'Mon-Fri 08:00-17:00',
];
const idOf = async (label: string): Promise<string> =>
  String((await hub.items('chief', 'contact', 'list')).find((one) => one['label'] === label)?.['id']);

test('an administrator creates a contact, whose fields other members see as far as they are shown', async () => {
  const made = await hub.done('chief', 'contact', 'create', '--member', 'fiji', ...FIELDS, '--phone', 'duty+sms:+679 331 4214', '--phone', 'mobile:+679 701 2345:hub', '--email', 'cert@fj.example:public');
  expect(made).toMatch(/^Created: Duty desk\. Contact: \S+\n$/);
  expect(await hub.done('chief', 'contact', 'list')).toMatch(/fiji +Duty desk +\+6793314214 +\w{3} \d+ \w{3} \d\d:\d\d/);
  const shown = await hub.done('chief', 'contact', 'show', await idOf('Duty desk'));
  expect(shown).toContain('Phone         +6797012345 mobile (hub)\n');
  expect(shown).toContain('Email         cert@fj.example (public)\n');
  const [seen] = await hub.items('sensor', 'contact', 'list');
  expect(seen).toMatchObject({ phones: [{ number: '+6793314214', kind: 'duty', reach: ['sms'] }] });
  expect(JSON.stringify(seen)).not.toMatch(/7012345|visibility/);
}); // prettier-ignore

test('an officer adds and removes a number, and an administrator decides', async () => {
  const id = await idOf('Duty desk');
  const asked = await hub.done('desk', 'contact', 'update', id, '--phone', 'desk:+679 331 9999', '--remove-phone', '+679 7012345', '--wait', '5');
  const [, change = ''] = /Change: (\S+)\. To follow it, run: talanoa contact changes/.exec(asked) ?? [];
  expect(await hub.done('chief', 'contact', 'changes', '--state', 'pending')).toContain('wait: 15 -> 5\n');
  expect(await hub.refused('desk', 'contact', 'decide', change, 'accept')).toMatch(/^5 TLN-A-403/);
  expect(await hub.done('chief', 'contact', 'decide', change, 'accept', '--field', 'phones')).toContain('Changed: Duty desk');
  const contact = await hub.json('desk', 'contact', 'show', id);
  expect(contact).toMatchObject({ wait: 15, phones: [{ number: '+6793314214' }, { number: '+6793319999', visibility: 'members' }] });
  expect(await hub.done('desk', 'contact', 'changes')).toContain('wait: 15 -> 5 (declined)\n');
}); // prettier-ignore

test.each([
  [['update', 'ID'], /^2 TLN-C-097/],
  [['update', 'ID', '--phone', '+679 331 4214'], /^2 TLN-C-095/],
  [['update', 'ID', '--remove-phone', '+679 1'], /^4 TLN-C-096/],
  [['update', 'ID', '--name-for', 'named'], /^2 TLN-C-095/],
  [['show', '00000000-0000-4000-8000-000000000000'], /^4 TLN-M-440/],
  [['export', '--as', 'pdf'], /^2 TLN-C-095/],
  [['verify', 'ID', '--method', 'guess'], /^3 TLN-P-422/],
] as const)('%j is refused with a reason', async (words, expected) => {
  const id = await idOf('Duty desk');
  expect(await hub.refused('chief', 'contact', ...words.map((word) => (word === 'ID' ? id : word)))).toMatch(
    expected,
  );
});

test('an exported table is imported again, and a row with a fault does not stop the others', async () => {
  const table = await hub.done('chief', 'contact', 'export', '--as', 'csv');
  expect(table).toContain('duty+sms:+6793314214:members; desk:+6793319999:members');
  const file = join(folder, 'contacts.csv');
  writeFileSync(file, `${table.replace('"Duty desk"', '"Second desk"')},,No member,,,,,,,,,,,,\r\nfiji,,Bad hours,,incident,,,duty:+679 331 4216,,,,Pacific/Fiji,whenever,,\r\nfiji,,Duty desk,,incident,,,duty:+679 331 4216,,,,Pacific/Fiji,,,\r\nfiji,,Bad phone,,incident,,,+679 331 4216,,,,Pacific/Fiji,,,\r\n`);
  const { code, out, err } = await hub.as('chief', 'contact', 'import', file);
  expect(code).toBe(8);
  expect(out).toMatch(/^2 +Second desk +created /m);
  expect(out).toMatch(/^3 +No member +refused +The row names no member/m);
  expect(out).toMatch(/^4 +Bad hours +refused +The contact is not valid: hours: /m);
  expect(out).toMatch(/^5 +Duty desk +refused +The member already has a contact with this label/m);
  expect(out).toMatch(/^6 +Bad phone +refused +Invalid value of phones/m);
  expect(err).toContain('Refused: 4 rows of 5 rows.');
  const [first, second] = await Promise.all(['Duty desk', 'Second desk'].map(async (label) => hub.json('chief', 'contact', 'show', await idOf(label))));
  for (const name of ['phones', 'emails', 'hours', 'purposes']) expect(second?.[name]).toEqual(first?.[name]);
  writeFileSync(file, 'contact,colour\n');
  expect(await hub.refused('chief', 'contact', 'import', file)).toMatch(/^3 TLN-C-100/);
}); // prettier-ignore

test('a printed list has the TLP label above and below each page, and a vCard is one for an address book', async () => {
  const list = await hub.done('chief', 'contact', 'export');
  expect(list).toMatch(/^TLP:GREEN {3}Phone list/);
  expect(list).toMatch(/TLP:GREEN {3}No answer\? Call the next number, then the hub\./);
  const card = await hub.done('sensor', 'contact', 'export', '--as', 'vcard');
  expect(card.split('\r\n')).toEqual(expect.arrayContaining(['BEGIN:VCARD', 'VERSION:4.0', 'TEL;VALUE=uri;TYPE="work,voice,text";PREF=1:tel:+6793314214']));
}); // prettier-ignore
