import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import supertest from 'supertest';
import { PAGES } from '../../src/web/console/pages.ts';
import type { BrowserAnswer, FormBrowser } from '../support/browser.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { CONSOLE_SETTINGS, everybodySignedIn, PEOPLE, textOf, type PersonName } from '../support/console.ts';
import { MAIN, testHub, type TestHub } from '../support/hub.ts';
import { listen } from '../support/recorder.ts';

/** Every form of the console: wrong input, people without the right, the effect, and the entry of the audit log. */

type Fields = Readonly<Record<string, string>>;

/** Markup, quotes and entities, in fields that people fill in. */
const HOSTILE = `"><img src=x onerror=alert(1)>&amp;'`;
const SHOWN = "&quot;>&lt;img src=x onerror=alert(1)>&amp;amp;'";

let t: TestHub;
let receiver: Awaited<ReturnType<typeof listen>>;
let as: (name: PersonName) => FormBrowser;
const own = anIndicator({
  created_by_ref: 'identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b',
  name: 'Berth fees',
  description: 'Seen at the harbour',
  labels: ['ports', 'phishing'],
  confidence: 40,
  pattern: "[ipv4-addr:value = '203.0.114.61']",
});
const refused = anIndicator({ name: 'Not for this receiver', pattern: "[ipv4-addr:value = '203.0.114.62']" });
/** The values of the paths below. */
const at: Record<string, string> = { own: String(own['id']), feed: 'list', member: 'tonga', channel: 'hook' };
const path = (template: string): string =>
  `/console${template.replaceAll(/:(\w+)/g, (_whole, name: string) => at[name] ?? name)}`;

async function made(who: string, where: string, body: Json): Promise<Json> {
  const answer = await t.api(who, 'POST', where, body);
  expect([where, answer.status]).toEqual([where, 201]);
  return answer.body;
}

beforeAll(async () => {
  receiver = await listen((request, response) =>
    response.writeHead(request.body.includes(String(refused['id'])) ? 422 : 204).end(),
  );
  const host = receiver.base.slice('http://'.length);
  t = await testHub(
    `${CONSOLE_SETTINGS.replace('{ title: Test hub }', '{ title: Test hub, region: [WS] }')}egress: { allow: ["${host}"] }\n`,
  );
  as = await everybodySignedIn(t);
  const location = {
    type: 'location', spec_version: '2.1', id: `location--${randomUUID()}`, country: 'WS',
    created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z',
    object_marking_refs: ['marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487'],
  }; // prettier-ignore
  const unclear = anIndicator({ object_marking_refs: [`marking-definition--${randomUUID()}`] });
  await t.api('sensor', 'POST', `/collections/${MAIN}/objects`, { objects: [own] });
  await t.api('writer', 'POST', `/collections/${MAIN}/objects`, { objects: [refused, location, unclear] });
  await t.hub.routing.routeAll();
  await t.api('chief', 'PUT', '/secrets/hook', { value: 'the-shared-secret', hosts: [host] });
  await made('chief', '/channels', {
    name: 'hook',
    member: 'tonga',
    kind: 'webhook',
    url: `${receiver.base}/hook`,
    collection: 'indicators',
    secret: 'secret:hook',
  });
  await t.hub.channels.deliverAll();
  at['claim'] = String((await made('chief', '/members/tonga/claims', { type: 'domain', value: 'reef.to' }))['id']);
  at['request'] = String((await made('chief', '/members/tonga/requests', { title: 'Kingdom of Tonga' }))['id']);
  at['key'] = String((await made('chief', '/keys', { account: 'tonga-wall', member: 'tonga' }))['id']);
  await made('chief', '/accounts', { name: 'tonga-mele', role: 'officer', member: 'tonga', person: true, password: 'seven green turtles' });
  at['account'] = 'tonga-mele';
  for (const [name, where] of [['held', '/held'], ['item', '/triage']] as const)
    at[name] = String(((await t.api('chief', 'GET', where)).body['items'] as Json[])[0]?.['id']);
}); // prettier-ignore
afterAll(async () => {
  await t.stop();
  await receiver.close();
});

/** Returns what a control of a page contains: the text of a field, the chosen option, or whether a box is ticked. */
function valueOf({ text }: BrowserAnswer, name: string): string | undefined {
  const plain = (value: string): string =>
    value.replaceAll('&lt;', '<').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  const [, area] = new RegExp(`<textarea[^>]* name="${name}"[^>]*>([^<]*)</textarea>`).exec(text) ?? [];
  if (area !== undefined) return plain(area);
  const [select] = new RegExp(`<select[^>]* name="${name}".*?</select>`, 's').exec(text) ?? [];
  if (select !== undefined) return /<option value(?:="([^"]*)")? selected/.exec(select)?.[1] ?? '';
  // A value may contain the character that ends a tag.
  const rest = `(?:[^>"]|"[^"]*")*`;
  const [input] = new RegExp(`<input${rest} name="${name}"${rest}>`).exec(text) ?? [];
  if (input === undefined) return undefined;
  if (input.includes('type="checkbox"')) return / checked/.test(input) ? 'yes' : '';
  return plain(/ value="([^"]*)"/.exec(input)?.[1] ?? '');
}

/** The entries of the audit log about what was done, oldest first, without sign-ins and sessions. */
async function done(): Promise<readonly (readonly [action: string, resource: string, actor: string])[]> {
  const entries = await t.hub.store.audit(0, 10_000);
  return entries
    .map(({ fact }) => fact)
    .filter(({ result, action }) => result === 'done' && !action.startsWith('session.'))
    .map(({ action, resource, actor }) => [action, resource, actor]);
}

describe('a form that cannot be used as it is', () => {
  const KEY: Fields = {
    account: 'tonga-new',
    label: HOSTILE,
    days: '90',
    addresses: '',
    only: '',
    collections: '',
  };
  const REVISION: Fields = {
    title: 'Berth fees',
    description: 'Seen at the harbour',
    tlp: 'green',
    confidence: '40',
    labels: 'ports, phishing',
    valid_days: '',
  };
  const FEED: Fields = {
    url: 'http://127.0.0.1:9/x',
    preset: '',
    name: 'fresh',
    title: HOSTILE,
    collection: 'indicators',
    tlp: 'green',
    do: 'look',
  };
  const INVITATION: Fields = { account: 'fresh', role: 'analyst', member: '', email: '' };
  test.each<readonly [page: string, who: PersonName, message: string, form: Fields]>([
    ['/o/:own/revise', 'lani', 'Enter whole numbers.', { ...REVISION, title: HOSTILE, confidence: 'high' }],
    ['/o/:own/revise', 'lani', 'confidence: ', { ...REVISION, confidence: '101' }],
    ['/o/:own/revise', 'lani', 'Enter whole numbers.', { ...REVISION, valid_days: '-1' }],
    ['/o/:own/revise', 'lani', 'Enter whole numbers.', { ...REVISION, labels: '', confidence: '4.5' }],
    ['/o/:own/revise', 'lani', 'Enter whole numbers.', { ...REVISION, title: '', description: '', valid_days: 'x' }],
    ['/o/:own/revise', 'lani', 'title: ', { ...REVISION, title: 'x'.repeat(1_001) }],
    ['/o/:own/revise', 'lani', 'You have changed nothing yet.', REVISION],
    ['/o/:own/ask', 'lani', 'Enter a number of days from 1 to 90.', { days: '0' }],
    ['/o/:own/ask', 'lani', 'Enter a number of days from 1 to 90.', { days: '91' }],
    ['/o/:own/ask', 'lani', 'Enter a number of days from 1 to 90.', { days: '1.5' }],
    ['/o/:own/ask', 'lani', 'Enter a number of days from 1 to 90.', { days: '' }],
    ['/o/:own/answer', 'lani', 'Choose an answer from the list.', { answer: 'maybe', note: HOSTILE }],
    ['/o/:own/answer', 'lani', 'note: ', { answer: 'not-ours', note: 'x'.repeat(301) }],
    ['/review/:held/discard', 'watch', 'Enter a reason.', { reason: '' }],
    ['/review/:held/discard', 'watch', 'reason: ', { reason: 'x'.repeat(301) }],
    ['/triage/:item/dismiss', 'watch', 'Enter a note.', { note: '' }],
    ['/triage/:item/dismiss', 'watch', 'note: ', { note: 'x'.repeat(301) }],
    ['/triage/:item/assign', 'watch', 'Choose a member.', { member: '' }],
    ['/review/claims/:claim', 'sina', 'Choose a decision.', { verdict: '', note: HOSTILE }],
    ['/review/claims/:claim', 'sina', 'Choose a decision.', { verdict: 'approved', note: HOSTILE }],
    ['/review/requests/:request', 'sina', 'Choose a decision.', { verdict: 'verified', note: HOSTILE }],
    ['/feeds/:feed/pause', 'watch', 'reason: ', { reason: 'x'.repeat(301) }],
    ['/channels/:channel/pause', 'sina', 'reason: ', { reason: 'x'.repeat(301) }],
    ['/channels/:channel/replay', 'sina', 'Enter a day, such as 2026-11-23.', { since: '' }],
    ['/channels/:channel/replay', 'sina', 'Enter a day, such as 2026-11-23.', { since: HOSTILE }],
    ['/channels/:channel/dead-letters', 'sina', 'Choose what should happen.', { way: '' }],
    ['/keys/create', 'lani', 'Enter an account.', { ...KEY, account: ' ' }],
    ['/keys/create', 'lani', 'Enter a whole number of days from 1 to 731.', { ...KEY, days: '' }],
    ['/keys/create', 'lani', 'Enter a whole number of days from 1 to 731.', { ...KEY, days: '732', 'lists:read': 'yes' }],
    ['/keys/create', 'lani', '203.0.114.0/33', { ...KEY, addresses: '203.0.114.0/33' }],
    ['/keys/create', 'lani', 'tonga NEW', { ...KEY, account: 'tonga NEW' }],
    ['/keys/create', 'lani', 'nowhere', { ...KEY, only: 'nowhere', 'lists:read': 'yes' }],
    ['/keys/create', 'lani', 'permission', { ...KEY, collections: 'indicators' }],
    ['/keys/create', 'sina', 'nowhere', { ...KEY, collections: 'nowhere' }],
    ['/keys/create', 'sina', 'nobody', { ...KEY, account: 'nobody-wall', member: 'nobody' }],
    ['/keys/:key/rotate', 'lani', 'Enter a whole number of days from 0 to 90.', { overlap: 'soon', days: '90' }],
    ['/keys/:key/rotate', 'lani', 'Enter a whole number of days from 1 to 731.', { overlap: '30', days: '' }],
    ['/keys/:key/rotate', 'lani', 'Enter a whole number of days from 1 to 731.', { overlap: '7', days: '0' }],
    ['/accounts/:account/role', 'sina', 'Choose a role from the list.', { role: 'owner' }],
    ['/accounts/:account/remove', 'sina', 'Enter the name of the account, tonga-mele, to delete it.', { name: HOSTILE }],
    ['/invitations/new', 'sina', 'Enter a name for the account.', { ...INVITATION, account: '' }],
    ['/invitations/new', 'sina', 'Choose a role from the list.', { ...INVITATION, role: '' }],
    ['/invitations/new', 'sina', 'Choose the member that the officer works for.', { ...INVITATION, role: 'officer' }],
    ['/invitations/new', 'sina', 'email: ', { ...INVITATION, email: HOSTILE }],
    ['/feeds/add', 'sina', 'Enter an address, or choose a preset.', { ...FEED, url: '', preset: '' }],
    ['/feeds/add', 'sina', 'An address begins with https:// or http://.', { ...FEED, url: 'gopher://x.example/' }],
    ['/feeds/add', 'sina', 'Enter a name.', { ...FEED, name: '' }],
    ['/feeds/add', 'sina', 'name: ', { ...FEED, name: HOSTILE, do: 'add' }],
    ['/feeds/add', 'sina', 'Choose a collection.', { ...FEED, collection: '', paused: 'yes' }],
  ])('%s as %s shows "%s", keeps what was typed, and changes nothing', async (page, who, message, form) => {
    const before = await done();
    const answer = await as(who).post(path(page), form);
    expect([400, 403, 404, 409, 422]).toContain(answer.status);
    expect(textOf(answer)).toContain(message);
    expect(answer.text.match(/role="alert"/g)).toHaveLength(1);
    expect(answer.text).not.toContain('<img');
    for (const [name, value] of Object.entries(form)) {
      // A list offers only its options, so a value of somebody's own is not one of them.
      const isOption = !answer.text.includes(`<select`) || answer.text.includes(`<option value="${value}"`) || !new RegExp(`<select[^>]* name="${name}"`).test(answer.text);
      if (name !== 'do' && isOption) expect([name, valueOf(answer, name)]).toEqual([name, value]);
    }
    expect(await done()).toEqual(before);
  }); // prettier-ignore

  test('shows a text of the person as text, not as markup', async () => {
    const answer = await as('sina').post(path('/accounts/:account/remove'), { name: HOSTILE });
    expect(answer.text).toContain(`value="${SHOWN}"`);
  });

  test.each([
    ['a field twice', 'application/x-www-form-urlencoded', 'reason=a&reason=b', 400],
    ['a control character', 'application/x-www-form-urlencoded', 'reason=a%00b', 400],
    ['text that is not UTF-8', 'application/x-www-form-urlencoded', 'reason=%ff', 400],
    ['another charset', 'application/x-www-form-urlencoded; charset=utf-16', 'reason=a', 415],
    ['more fields than any form has', 'application/x-www-form-urlencoded', 'a&b&c&d&e&f', 400],
    [
      'more bytes than a form needs',
      'application/x-www-form-urlencoded',
      `reason=${'a'.repeat(16_400)}`,
      413,
    ],
  ])('is refused before it is used when it has %s', async (_what, type, body, status) => {
    const before = await done();
    const answer = await supertest(t.hub.app)
      .post(path('/feeds/:feed/pause'))
      .set({ Cookie: as('watch').cookies, 'Sec-Fetch-Site': 'same-origin', 'Content-Type': type })
      .send(body);
    expect([answer.status, answer.headers['cache-control']]).toEqual([status, 'no-store']);
    expect(await done()).toEqual(before);
  });

  test('has no fields when it is sent as JSON', async () => {
    const answer = await supertest(t.hub.app)
      .post(path('/review/:held/discard'))
      .set({ Cookie: as('watch').cookies, 'Sec-Fetch-Site': 'same-origin' })
      .send({ reason: 'A script' });
    expect([answer.status, answer.text]).toEqual([422, expect.stringContaining('Enter a reason.')]);
  });
});

/** Forms as a person sends them. Those that ask only for a confirmation have no fields. */
const FORMS: Readonly<Record<string, Fields>> = {
  '/o/:id/revise': { title: 'Another name' },
  '/o/:id/ask': { days: '2' },
  '/o/:id/answer': { answer: 'not-ours' },
  '/review/:held/discard': { reason: 'Not for us' },
  '/triage/:item/assign': { member: 'fiji' },
  '/triage/:item/dismiss': { note: 'Known' },
  '/review/claims/:claim': { verdict: 'verified' },
  '/review/requests/:request': { verdict: 'approved' },
  '/feeds/:feed/pause': { reason: 'Moving' },
  '/feeds/add': { url: 'http://127.0.0.1:9/', name: 'fresh', collection: 'indicators', do: 'add' },
  '/channels/:channel/pause': { reason: 'Moving' },
  '/channels/:channel/replay': { since: '2026-01-01' },
  '/channels/:channel/dead-letters': { way: 'clear' },
  '/keys/create': { account: 'fresh', days: '90' },
  '/keys/:key/rotate': { overlap: '7', days: '90' },
  '/accounts/:account/role': { role: 'analyst' },
  '/accounts/:account/remove': { name: 'tonga-mele' },
  '/invitations/new': { account: 'fresh', role: 'analyst' },
};
const ACTIONS = PAGES.flatMap(({ path: template, act }) =>
  act === undefined ? [] : [template.replace('/o/:id', '/o/:own')],
);
const formOf = (template: string): Fields => FORMS[template.replace('/o/:own', '/o/:id')] ?? {};

describe.each(ACTIONS)('the form of %s', (template) => {
  test('is refused to the people who cannot open it, and changes nothing', async () => {
    const before = await done();
    for (const name of PEOPLE) {
      // An administrator has rights over deliveries of objects that only others can read.
      if (name === 'sina' && template.startsWith('/o/')) continue;
      const opened = await as(name).get(path(template));
      if (opened.status === 200) continue;
      const sent = await as(name).post(path(template), formOf(template));
      expect([name, sent.status]).toEqual([name, opened.status]);
      expect(sent.text).toContain('href="/console"');
    }
    expect(await done()).toEqual(before);
  });

  test.each([
    ['no sign of the page that sent it', {}],
    ['another origin', { Origin: 'https://evil.example' }],
    ['no origin that a browser would name', { Origin: 'null' }],
    ['a page of another host of the site', { 'Sec-Fetch-Site': 'same-site', Origin: 'http://127.0.0.1' }],
  ])('is refused with %s, even with the cookie of a session', async (_what, headers) => {
    const before = await done();
    for (const name of ['sina', 'lani'] as const) {
      const { status, headers: got } = await supertest(t.hub.app)
        .post(path(template))
        .set({ Cookie: as(name).cookies, 'Content-Type': 'application/x-www-form-urlencoded', ...headers })
        .send(new URLSearchParams(formOf(template)).toString());
      expect([name, status, got['location'], got['set-cookie']]).toEqual([name, 403, undefined, undefined]);
    }
    expect(await done()).toEqual(before);
  });
});

test('no field of a form takes a longer text than the hub does', async () => {
  const { body } = await supertest(t.hub.app).get('/api/openapi.json');
  const { paths, components } = body as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
    readonly components: { readonly schemas: Readonly<Record<string, Json>> };
  };
  /** The properties in the body of an operation. */
  const propertiesOf = (operation: string): Readonly<Record<string, Json>> => {
    const found = Object.values(paths)
      .flatMap((item) => Object.values(item))
      .find(({ operationId }) => operationId === operation);
    const name = /"#\/components\/schemas\/([^"]+)"/.exec(JSON.stringify(found?.['requestBody'] ?? ''))?.[1] ?? '';
    return (components.schemas[name]?.['properties'] ?? {}) as Record<string, Json>;
  };
  const compared: string[] = [];
  for (const { path: template, act, needs } of PAGES) {
    if (act === undefined) continue;
    const properties = propertiesOf(needs);
    for (const name of PEOPLE) {
      const page = await as(name).get(path(template.replace('/o/:id', '/o/:own')));
      if (page.status !== 200) continue;
      for (const [tag] of page.text.matchAll(/<(?:input|textarea) [^>]*maxlength=[^>]*>/gi)) {
        const [, field = ''] = / name="([^"]+)"/.exec(tag) ?? [];
        const most = Number(/maxlength="(\d+)"/i.exec(tag)?.[1]);
        const allowed = properties[field]?.['maxLength'];
        if (typeof allowed !== 'number') continue;
        compared.push(`${template} ${field}`);
        expect([template, field, most <= allowed]).toEqual([template, field, true]);
      }
    }
  }
  expect(new Set(compared).size).toBeGreaterThanOrEqual(9);
}); // prettier-ignore

describe('an action', () => {
  /** In this order: the later ones need what the earlier ones have left. */
  const ACTED: readonly (readonly [page: string, who: PersonName, form: Fields, next: RegExp, action: string, again: number])[] = [
    ['/o/:own/revise', 'lani', { title: HOSTILE, labels: 'ports, phishing' }, /^\/console\/o\/[^/]+\?done=revised$/, 'object.revise', 422],
    ['/o/:own/ask', 'lani', { days: '90' }, /\?done=asked$/, 'answer.request', 303],
    ['/o/:own/answer', 'lani', { answer: 'acknowledged', note: HOSTILE }, /\?done=answered$/, 'answer.give', 303],
    ['/feeds/:feed/pause', 'watch', { reason: HOSTILE }, /^\/console\/feeds\/list\?done=paused$/, 'feed.pause', 303],
    ['/feeds/:feed/resume', 'watch', {}, /^\/console\/feeds\/list\?done=resumed$/, 'feed.resume', 303],
    ['/channels/:channel/pause', 'sina', { reason: '' }, /^\/console\/channels\/hook\?done=paused$/, 'channel.pause', 303],
    ['/channels/:channel/resume', 'sina', {}, /^\/console\/channels\/hook\?done=resumed$/, 'channel.resume', 303],
    ['/channels/:channel/dead-letters', 'sina', { way: 'clear' }, /^\/console\/channels\/hook\?done=clear$/, 'channel.clear', 404],
    ['/channels/:channel/replay', 'sina', { since: '2026-01-01' }, /^\/console\/channels\/hook\?done=replayed$/, 'channel.replay', 303],
    ['/review/claims/:claim', 'sina', { verdict: 'rejected', note: HOSTILE }, /^\/console\/review\?done=rejected$/, 'claim.reject', 303],
    ['/review/requests/:request', 'sina', { verdict: 'refused', note: HOSTILE }, /^\/console\/review\?done=refused$/, 'request.reject', 409],
    ['/triage/:item/assign', 'watch', { member: 'fiji' }, /^\/console\/review\?done=assigned$/, 'triage.decide', 404],
    ['/review/:held/discard', 'watch', { reason: HOSTILE }, /^\/console\/review\?done=discarded$/, 'held.discard', 404],
    ['/accounts/:account/role', 'sina', { role: 'officer' }, /^\/console\/accounts\/tonga-mele\?done=role$/, 'account.update', 303],
    ['/accounts/:account/disable', 'sina', {}, /^\/console\/accounts\/tonga-mele\?done=disabled$/, 'account.update', 303],
    ['/accounts/:account/enable', 'sina', {}, /^\/console\/accounts\/tonga-mele\?done=enabled$/, 'account.update', 303],
    ['/accounts/:account/remove', 'sina', { name: ' tonga-mele ' }, /^\/console\/accounts\?done=removed$/, 'account.delete', 404],
    ['/keys/:key/revoke', 'lani', {}, /^\/console\/keys\?done=revoked$/, 'key.revoke', 404],
    ['/o/:own/revoke', 'lani', {}, /\?done=revoked$/, 'object.revoke', 409],
  ]; // prettier-ignore

  test.each(ACTED)('the action %s by %s leads on, reports its result, and is in the audit log once', async (page, who, form, next, action, again) => {
    const before = await done();
    expect((await as(who).get(path(page))).status).toBe(200);
    expect(await done()).toEqual(before);
    const answer = await as(who).post(path(page), form);
    const location = answer.headers['location'] ?? '';
    expect([answer.status, location]).toEqual([303, expect.stringMatching(next)]);
    const after = await as(who).get(location);
    expect([after.status, after.text]).toEqual([200, expect.stringContaining('role="status"')]);
    expect(after.text).not.toContain('<img');
    const added = (await done()).slice(before.length);
    expect(added.filter(([one]) => one === action)).toEqual([[action, expect.stringMatching(/^[a-z]+\/./), who]]);
    const second = await as(who).post(path(page), form);
    expect([page, second.status]).toEqual([page, again]);
    // An action that cannot be repeated is not recorded twice.
    if (again !== 303) expect((await done()).slice(before.length)).toEqual(added);
  }); // prettier-ignore

  test('has no result on a page whose address names one that does not exist', async () => {
    for (const [page, who] of [['/feeds/:feed', 'sina'], ['/channels/:channel', 'sina'], ['/review', 'sina'], ['/accounts', 'sina'], ['/keys', 'sina'], ['/o/:own', 'lani']] as const)
      for (const name of ['constructor', 'toString', 'nothing'])
        expect((await as(who).get(`${path(page)}?done=${name}`)).text).not.toContain('role="status"');
  }); // prettier-ignore
});
