import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FormBrowser } from '../support/browser.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { CONSOLE_SETTINGS, everybodySignedIn, textOf, type PersonName } from '../support/console.ts';
import { HIDDEN, MAIN, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
let as: (name: PersonName) => FormBrowser;
/** Markup in every field that a person can fill in. */
const HOSTILE = '"><script>alert(1)</script>=1+1';

beforeAll(async () => {
  t = await testHub(CONSOLE_SETTINGS);
  as = await everybodySignedIn(t);
});
afterAll(() => t.stop());

/** Lets the confirmation of a person's session be too old for dangerous actions. */
async function letConfirmationEnd(): Promise<void> {
  for (const { kind, id, revision, document } of await t.hub.store.records('session'))
    await t.hub.store.commit({
      records: [{ kind, id, expected: revision, document: { ...document, confirmed: 0 } }],
    });
}

describe('keys', () => {
  const FORM = {
    account: 'tonga-sensor',
    label: HOSTILE,
    days: '90',
    'taxii:read': 'yes',
    addresses: '198.51.100.0/28',
  };
  const keys = async (): Promise<Json[]> => {
    const { body } = await t.api('chief', 'GET', '/keys?account=tonga-sensor');
    return body['items'] as Json[];
  };

  test('a key is shown once, works within its limits, and is listed with them', async () => {
    const made = await as('lani').post('/console/keys/create', FORM);
    expect(made.status).toBe(200);
    expect(textOf(made)).toContain('This is the only time that the key is shown.');
    expect(made.text).not.toMatch(/<script(?! src="\/assets\/)/i);
    const [, secret = ''] = /<pre class="code"[^>]*>([^<]+)</.exec(made.text) ?? [];
    expect(secret).toMatch(/^tln_/);
    const list = await as('lani').get('/console/keys');
    expect(list.text).not.toContain(secret);
    expect(textOf(list)).toMatch(/only taxii:read.*only from 198\.51\.100\.0\/28/s);
    expect(list.text).not.toMatch(/<script(?! src="\/assets\/)/i);
    expect(await keys()).toMatchObject([
      { member: 'tonga', scopes: ['taxii:read'], addresses: ['198.51.100.0/28'] },
    ]);
    // Another member's officer does not see it.
    expect((await as('seru').get('/console/keys')).text).not.toContain('tonga-sensor');
  });

  test('a form with a fault is shown again with everything typed', async () => {
    const answer = await as('lani').post('/console/keys/create', { ...FORM, days: 'soon' });
    expect([answer.status, textOf(answer)]).toEqual([
      422,
      expect.stringContaining('Enter a whole number of days from 1 to 731.'),
    ]);
    expect(answer.text).toContain('value="soon"');
    expect(answer.text).toMatch(/name="taxii:read" value="yes" checked/);
    expect((await as('lani').post('/console/keys/create', { ...FORM, account: '' })).status).toBe(422);
  });

  test('a key is rotated with an overlap, and the old one keeps working for its days', async () => {
    const [{ id } = {}] = await keys();
    const page = await as('lani').get(`/console/keys/${String(id)}/rotate`);
    expect(textOf(page)).toContain('7 days');
    const made = await as('lani').post(`/console/keys/${String(id)}/rotate`, { overlap: '7', days: '365' });
    expect(textOf(made)).toContain('This is the only time that the key is shown.');
    expect(await keys()).toHaveLength(2);
  });

  test('a key is revoked after a question, only by people with the right to do so', async () => {
    for (const { id } of await keys()) {
      expect((await as('seru').post(`/console/keys/${String(id)}/revoke`)).status).toBe(404);
      expect((await as('watch').post(`/console/keys/${String(id)}/revoke`)).status).toBe(404);
      const done = await as('lani').post(`/console/keys/${String(id)}/revoke`);
      expect(done.headers['location']).toBe('/console/keys?done=revoked');
    }
    expect((await keys()).filter(({ state }) => state === 'active')).toEqual([]);
  });

  test('an officer creates no key for another member', async () => {
    const before = (await t.api('chief', 'GET', '/keys?account=desk')).body;
    const answer = await as('lani').post('/console/keys/create', { ...FORM, account: 'desk' });
    expect(answer.status).toBe(422);
    expect((await t.api('chief', 'GET', '/keys?account=desk')).body).toEqual(before);
  });

  test('a person confirms their identity before the form, comes back, and loses nothing when it takes long', async () => {
    const seru = as('seru');
    await letConfirmationEnd();
    const asked = await seru.get('/console/keys/create');
    expect([asked.status, asked.headers['location']]).toEqual([
      303,
      '/console/confirm?next=%2Fconsole%2Fkeys%2Fcreate',
    ]);
    const late = await seru.post('/console/keys/create', { ...FORM, account: 'fiji-wall' });
    expect([late.status, textOf(late)]).toEqual([403, expect.stringContaining('more than five minutes ago')]);
    expect(late.text).toContain('value="fiji-wall"');
    const back = await seru.post(asked.headers['location'] ?? '', { password: 'password of seru' });
    expect(back.headers['location']).toBe('/console/keys/create');
    const made = await seru.post('/console/keys/create', { ...FORM, account: 'fiji-wall' });
    expect(made.status).toBe(200);
    for (const name of ['sina', 'lani', 'watch'] as const)
      await as(name).post('/console/confirm', { password: `password of ${name}` });
  });
});

describe('claims and requests', () => {
  test('a claim is verified with its evidence in view, by an administrator', async () => {
    const { body } = await as('lani').api('post', '/members/tonga/claims', {
      type: 'domain',
      value: 'reef.to',
      evidence: HOSTILE,
    });
    const path = `/console/review/claims/${String(body['id'])}`;
    const queue = await as('sina').get('/console/review');
    expect(queue.text).toContain(`href="${path}"`);
    expect((await as('watch').get('/console/review')).text).not.toContain('Claims to verify');
    const page = await as('sina').get(path);
    expect(textOf(page)).toContain(HOSTILE);
    expect(page.text).not.toMatch(/<script(?! src="\/assets\/)/i);
    expect((await as('sina').post(path, { verdict: '', note: 'Seen' })).text).toContain('value="Seen"');
    expect((await as('watch').post(path, { verdict: 'verified' })).status).toBe(403);
    const done = await as('sina').post(path, { verdict: 'verified', note: 'Registry' });
    expect(done.headers['location']).toBe('/console/review?done=verified');
    const { body: claims } = await t.api('chief', 'GET', '/claims?member=tonga');
    expect(claims['items']).toContainEqual(
      expect.objectContaining({ value: 'reef.to', state: 'verified', note: 'Registry' }),
    );
    expect(textOf(await as('lani').get('/console/members/tonga'))).toMatch(/reef\.to.*Verified/s);
  });

  test('an organisation that registered is accepted, and its invitation is shown once', async () => {
    const { body } = await t.api('chief', 'POST', '/registrations', {
      name: 'port',
      title: `Port ${HOSTILE}`,
      contact: 'ict@port.example',
    });
    const path = `/console/review/requests/${String(body['id'])}`;
    const page = await as('sina').get(path);
    expect(textOf(page)).toContain('port asks to join');
    expect(page.text).not.toMatch(/<script(?! src="\/assets\/)/i);
    const done = await as('sina').post(path, { verdict: 'approved', note: '' });
    expect([done.status, textOf(done)]).toEqual([
      200,
      expect.stringContaining('This is the only time that the link is shown.'),
    ]);
    expect(done.text).toMatch(/\/first\/[\w-]+/);
    expect((await as('lani').post(path, { verdict: 'approved' })).status).toBe(403);
    expect(textOf(await as('sina').get('/console/review'))).toContain('No request is waiting');
  });
});

describe('channels', () => {
  test('a channel is paused, resumed and replayed by administrators, and seen by its member', async () => {
    await t.api('chief', 'POST', '/channels', {
      name: 'tonga-hook',
      member: 'tonga',
      kind: 'webhook',
      url: 'https://hook.example/x',
      secret: 'secret:x',
    });
    const path = '/console/channels/tonga-hook';
    expect((await as('lani').get(path)).text).not.toContain('/pause"');
    expect((await as('seru').get('/console/channels')).text).not.toContain('tonga-hook');
    expect((await as('lani').post(`${path}/pause`)).status).toBe(403);
    const paused = await as('sina').post(`${path}/pause`, { reason: HOSTILE });
    expect(paused.headers['location']).toBe(`${path}?done=paused`);
    const page = await as('sina').get(`${path}?done=paused`);
    expect(textOf(page)).toMatch(/The channel is paused\..*Resume/s);
    expect(page.text).not.toMatch(/<script(?! src="\/assets\/)/i);
    expect((await as('sina').post(`${path}/resume`)).headers['location']).toBe(`${path}?done=resumed`);
    expect((await as('sina').post(`${path}/replay`, { since: 'yesterday' })).status).toBe(422);
    expect((await as('sina').post(`${path}/replay`, { since: '2026-01-02' })).headers['location']).toBe(
      `${path}?done=replayed`,
    );
    expect((await as('sina').post(`${path}/dead-letters`, { way: 'burn' })).status).toBe(422);
  });
});

describe('collections', () => {
  test('everybody sees only the collections that they can read, and hub staff all of them', async () => {
    const lani = textOf(await as('lani').get('/console/collections'));
    expect(lani).toContain('Indicators indicators');
    expect(lani).not.toContain('Hidden');
    expect(lani).not.toContain('Readers');
    expect(textOf(await as('sina').get('/console/collections'))).toMatch(/Hidden.*role:administrator/s);
    for (const part of ['', '/connect', '/readers']) {
      const [real, none] = [
        await as('lani').get(`/console/collections/${HIDDEN}${part}`),
        await as('lani').get(`/console/collections/nothing${part}`),
      ];
      expect([part, real.status, real.text === none.text]).toEqual([part, 404, true]);
    }
  });

  test('the page that connects a tool has what the command has', async () => {
    const { body } = await as('lani').api('get', '/list-tools/fortigate?collection=indicators');
    const page = textOf(await as('lani').get('/console/collections/indicators/connect?tool=fortigate'));
    for (const { name, value } of body['fields'] as Json[])
      expect(page).toContain(`${String(name)} ${String(value)}`);
    expect(page).toContain(String(body['url']));
    expect((await as('lani').get('/console/collections/indicators/connect?tool=none')).status).toBe(404);
  });

  test('the newest objects of a collection are shown to its readers', async () => {
    await t.api('writer', 'POST', `/collections/${MAIN}/objects`, {
      objects: [anIndicator({ name: HOSTILE })],
    });
    const page = await as('lani').get('/console/collections/indicators');
    expect(textOf(page)).toContain(HOSTILE);
    expect(page.text).not.toMatch(/<script(?! src="\/assets\/)/i);
    expect(textOf(await as('sina').get('/console/collections/indicators'))).toContain(
      'You can’t read this collection',
    );
  });
});

describe('feeds', () => {
  const FORM = {
    url: 'http://127.0.0.1:9/list.txt',
    name: 'new-list',
    title: HOSTILE,
    collection: 'indicators',
    tlp: 'green',
  };

  test('a source that does not answer is explained, with everything typed', async () => {
    const answer = await as('sina').post('/console/feeds/add', { ...FORM, do: 'look' });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text).toContain('value="new-list"');
    expect(answer.text).not.toMatch(/<script(?! src="\/assets\/)/i);
    for (const change of [{ url: 'ftp://x' }, { url: '' }, { name: '' }])
      expect((await as('sina').post('/console/feeds/add', { ...FORM, ...change, do: 'look' })).status).toBe(
        422,
      );
    expect((await as('watch').post('/console/feeds/add', { ...FORM, do: 'add' })).status).toBe(403);
  });

  test('a preset is saved without starting it', async () => {
    const form = { ...FORM, url: '', preset: 'plain-list', paused: 'yes' };
    const { url: _url, ...preset } = form;
    const done = await as('sina').post('/console/feeds/add', {
      ...preset,
      url: 'http://127.0.0.1:9/',
      do: 'add',
    });
    expect(done.headers['location']).toBe('/console/feeds/new-list?done=added');
    const page = await as('watch').get('/console/feeds/new-list?done=added');
    expect(textOf(page)).toMatch(/The feed is saved\./);
    expect(page.text).toContain('/console/feeds/new-list/quarantine"');
    expect(textOf(await as('watch').get('/console/feeds/new-list/quarantine'))).toContain(
      'Nothing is in quarantine',
    );
    const retried = textOf(await as('watch').post('/console/feeds/new-list/quarantine/retry'));
    expect(retried).toContain('0 objects stored, 0 rows still in quarantine.');
  });
});
