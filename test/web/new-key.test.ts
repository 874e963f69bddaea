import { afterAll, beforeAll, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { anIndicator } from '../support/builders.ts';
import type { BrowserAnswer, FormBrowser } from '../support/browser.ts';
import { CONSOLE_SETTINGS, PEOPLE, signedInAs, textOf, type PersonName } from '../support/console.ts';
import { HIDDEN, MAIN, MEDIA, objectsOf, testHub, type TestHub } from '../support/hub.ts';

/** From a collection to a key for it, without a command line. */
let t: TestHub;
const people = new Map<PersonName, FormBrowser>();
const as = (name: PersonName): FormBrowser => {
  const found = people.get(name);
  if (found === undefined) throw new Error(`${name} has not signed in`);
  return found;
};

beforeAll(async () => {
  t = await testHub(CONSOLE_SETTINGS);
  for (const name of PEOPLE) people.set(name, await signedInAs(t, name));
  const grant = { to: 'role:administrator', read: true };
  expect((await t.api('chief', 'POST', '/collections/indicators/grants', grant)).status).toBe(200);
});
afterAll(() => t.stop());

/** Returns the address behind the link "Create a key" of a page. */
function linkOf({ text }: BrowserAnswer): string | undefined {
  const [, href] = /<a class="btn[^"]*" href="([^"]*)">Create a key<\/a>/.exec(text) ?? [];
  return href?.replaceAll('&amp;', '&');
}

/** Returns the fields that a browser would send, and whether the part with the grants is open. */
function formOf({ text }: BrowserAnswer): {
  readonly fields: Record<string, string>;
  readonly isOpen: boolean;
} {
  const fields: Record<string, string> = {};
  for (const [input] of text.matchAll(/<input\b[^>]*>/g)) {
    const [, name = ''] = / name="([^"]*)"/.exec(input) ?? [];
    const [, value = ''] = / value="([^"]*)"/.exec(input) ?? [];
    if (name !== 'q' && (!input.includes('type="checkbox"') || / checked/.test(input))) fields[name] = value;
  }
  return { fields, isOpen: /<details open/.test(text) };
}

/** Follows the link of a page, sends its form as it is, and returns the page of the new key. */
async function follow(who: PersonName, page: string, added: Readonly<Record<string, string>> = {}) {
  const form = formOf(await as(who).get(linkOf(await as(who).get(page)) ?? ''));
  const fields = { ...form.fields, ...added };
  const made = await as(who).post('/console/keys/create', fields);
  const [, secret = ''] = /<pre class="code"[^>]*>(tln_[^<]+)</.exec(made.text) ?? [];
  return { ...form, status: made.status, text: textOf(made), secret, account: fields['account'] ?? '' };
}

const listStatus = async ({ account, secret }: { readonly account: string; readonly secret: string }) =>
  (await supertest(t.hub.app).get('/lists/indicators/fortigate').auth(account, secret)).status;
const taxiiStatus = async (secret: string): Promise<number> =>
  (
    await supertest(t.hub.app)
      .get(`/main/collections/${MAIN}/objects/`)
      .set({ Accept: MEDIA, Authorization: `Bearer ${secret}` })
  ).status;
const CONNECT = '/console/collections/indicators/connect?tool=fortigate';

test('the page of a tool leads to a form whose key fetches the list, and nothing else', async () => {
  const officer = await follow('lani', CONNECT);
  expect(officer.fields).toMatchObject({
    account: 'tonga-key',
    label: 'fortigate',
    'lists:read': 'yes',
    only: 'indicators',
    days: '365',
    collections: '',
  });
  expect([officer.isOpen, officer.status, await listStatus(officer)]).toEqual([false, 200, 200]);
  expect(await taxiiStatus(officer.secret)).toBe(404);
  expect(officer.text).toMatch(/What it can do Fetch lists for firewalls Only these collections indicators/);
  expect(officer.text).toContain('Collections that it reaches Indicators');
  const analyst = await follow('watch', CONNECT);
  expect([analyst.account, analyst.status, await listStatus(analyst)]).toEqual(['watch', 200, 200]);
  // A new account has no access yet. The form shows that it gives access.
  const chief = await follow('sina', CONNECT, { account: 'wall' });
  expect([chief.fields['account'], chief.fields['collections'], chief.isOpen]).toEqual([
    '',
    'indicators',
    true,
  ]);
  expect([chief.status, await listStatus(chief)]).toEqual([200, 200]);
});

test('the page of a tool explains in words why values are left out', async () => {
  const inside = anIndicator({
    pattern: "[ipv4-addr:value = '10.0.0.1']",
    valid_until: '2099-01-01T00:00:00Z',
  });
  await t.as('writer').post(objectsOf(MAIN), { objects: [inside] });
  expect(textOf(await as('lani').get(CONNECT))).toContain(
    '1 left out: private, reserved or multicast addresses',
  );
});

test('the page of a collection leads to a form whose key reads it over TAXII', async () => {
  for (const [who, account] of [
    ['lani', 'tonga-key'],
    ['watch', 'watch'],
    ['sina', 'reader-of-hub'],
  ] as const) {
    const made = await follow(who, '/console/collections/indicators', { account });
    expect([who, made.fields['taxii:read'], made.fields['only'], made.status]).toEqual([who, 'yes', 'indicators', 200]);
    expect([who, await taxiiStatus(made.secret)]).toEqual([who, 200]);
    expect(made.text).toContain('Read over TAXII');
  }
  const open = formOf(await as('sina').get(linkOf(await as('sina').get('/console/collections/open')) ?? ''));
  expect([open.fields['collections'], open.isOpen]).toEqual(['', false]);
}); // prettier-ignore

test('an address fills in only what the pages of the hub fill in', async () => {
  const { fields } = formOf(
    await as('sina').get('/console/keys/create?write=yes&days=731&addresses=198.51.100.1&label=tool'),
  );
  expect(fields).toMatchObject({ days: '365', addresses: '', label: 'tool' });
  expect(fields).not.toHaveProperty('write');
});

test('the page of a key that reaches no collection shows this', async () => {
  const made = await as('lani').post('/console/keys/create', {
    account: 'tonga-new',
    days: '90',
    'metrics:read': 'yes',
  });
  expect(textOf(made)).toContain('Collections that it reaches None.');
  const hidden = await as('lani').post('/console/keys/create', {
    account: 'tonga-key',
    days: '90',
    only: HIDDEN,
  });
  expect(hidden.status).not.toBe(200);
});

test('an existing account of somebody else gets no key for a member that is typed with it', async () => {
  const answer = await as('sina').post('/console/keys/create', {
    account: 'sensor',
    member: 'fiji',
    days: '90',
  });
  expect([answer.status, textOf(answer)]).toEqual([400, expect.stringContaining('fiji')]);
});
