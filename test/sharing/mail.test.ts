import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { nextDigest } from '../../src/sharing/channels/email/digest-times.ts';
import { timeText } from '../../src/kernel/time-text.ts';
import { tlpMarkingId, type Tlp } from '../../src/stix/markings.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';
import { mailServer } from '../support/mail-servers.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let t: TestHub;
let clock: TestClock;
let mail: Awaited<ReturnType<typeof mailServer>>;
beforeEach(async () => {
  clock = new TestClock();
  mail = await mailServer();
  t = await testHub(
    `${SETTINGS.replace('hub: { title: Test hub }', 'hub: { title: Test hub, url: "https://hub.example", region: [TO, VU, TV] }')}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
  - { name: moana, role: officer, person: true, member: tonga, key_env: KEY_MOANA }
mail: { server: "smtp://127.0.0.1:${mail.port}", from: hub@hub.example, insecure: true }
`,
    { clock },
  );
});
afterEach(async () => {
  await t.stop();
  await mail.close();
});

const indicator = (value: string, tlp: Tlp, more: Json = {}): Json =>
  anIndicator({ name: 'Reef loader', pattern: `[ipv4-addr:value = '${value}']`, object_marking_refs: [tlpMarkingId(tlp)], ...more }); // prettier-ignore
const send = async (...objects: Json[]): Promise<void> => {
  await t.as('analyst').post(objectsOf(MAIN), { objects });
  await t.hub.routing.routeAll();
};
const channel = (body: Json = {}) =>
  t.api('boss', 'POST', '/channels', { name: 'fiji-mail', member: 'fiji', kind: 'mail', url: 'mailto:soc@cert.example', ...body }); // prettier-ignore
const state = async (): Promise<Json> => (await t.api('boss', 'GET', '/channels/fiji-mail')).body;
/** The received emails, without soft line breaks of quoted-printable. */
const mails = (): string[] => mail.mails.map((text) => text.replaceAll(/=\r\n/g, '').replaceAll('=3D', '='));
const links = (text: string): string[] =>
  [...text.matchAll(/https:\/\/hub\.example(\/answer\/[A-Za-z0-9._-]+)/g)].map(([, path = '']) => path);

describe('the digest', () => {
  test('is sent once a day at its hour, is not sent when empty, and lists each item once', async () => {
    expect((await channel({ url: 'soc@cert.example' })).body).toMatchObject({ detail: expect.stringContaining('For mail: mailto:') }); // prettier-ignore
    expect((await channel({ kind: 'webhook', url: 'mailto:soc@cert.example' })).body).toMatchObject({ hint: expect.stringContaining('https://hook.') }); // prettier-ignore
    expect((await channel({ at: '08:00', zone: 'Pacific/Fiji' })).body).toMatchObject({ kind: 'mail', every: 'day' }); // prettier-ignore
    await t.hub.channels.deliverAll();
    const due = Date.parse(String((await state())['next_digest']));
    expect(new Date(due).toISOString()).toMatch(/T20:00:00/);
    clock.advance(due - clock.now());
    await t.hub.channels.deliverAll();
    expect(mails()).toEqual([]);
    await send(indicator('198.51.100.70', 'green'), indicator('198.51.100.71', 'clear'));
    await t.hub.channels.deliverAll();
    expect(mails()).toEqual([]);
    clock.advance(DAY);
    await t.hub.channels.deliverAll();
    const [text = ''] = mails();
    expect(text).toContain('Subject: [TLP:GREEN] Test hub: 2 items');
    expect(text).toContain('Auto-Submitted: auto-generated');
    expect(text).toMatch(/^X-TLP: TLP:GREEN/im);
    expect(text).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
    expect(text).toContain("[ipv4-addr:value = '198[.]51[.]100[.]70']");
    expect(text).toContain('it affects 198[.]51[.]100[.]64/26');
    expect(text).toMatch(/; added \d{4}-\d\d-\d\d \d\d:\d\d \+12:00; TLP:/);
    clock.advance(DAY);
    await t.hub.channels.deliverAll();
    expect(mails()).toHaveLength(1);
    expect(await state()).toMatchObject({ state: 'current', delivered: 2 });
  });

  test('objects stricter than TLP:GREEN are announced without their values, and the subject never contains one', async () => {
    await channel({ every: 'hour' });
    await t.hub.channels.deliverAll();
    await send(indicator('198.51.100.70', 'amber', { name: 'Bank attack' }), indicator('198.51.100.71', 'green'), indicator('198.51.100.72', 'amber+strict')); // prettier-ignore
    clock.advance(HOUR);
    await t.hub.channels.deliverAll();
    const [text = ''] = mails();
    expect(text).toContain('Subject: [TLP:AMBER+STRICT] Test hub: 3 items');
    expect(text).toContain('A TLP:AMBER item is waiting');
    expect(text).toContain('A TLP:AMBER+STRICT item is waiting');
    expect(text).toContain('198[.]51[.]100[.]71');
    expect(text).not.toMatch(/100(\.|\[\.\])7[02]|Bank attack|indicator--/);
  });

  test('many items become one email with fifty of them and the number of the others', async () => {
    await channel({ every: 'hour' });
    await t.hub.channels.deliverAll();
    await send(...Array.from({ length: 70 }, () => indicator('198.51.100.70', 'clear')));
    clock.advance(HOUR);
    await t.hub.channels.deliverAll();
    expect(mails()).toHaveLength(1);
    expect(mails()[0]).toContain('70 new items for fiji');
    const [text = ''] = mails();
    const told = links(text).length / 3;
    expect(told).toBeGreaterThan(30);
    expect(text).toContain(`${70 - Math.floor(told)} more items are not shown here`);
    expect(text.length).toBeLessThan(40_000);
  });
});

describe('levels', () => {
  test('urgent objects that match a claim are sent at once, and matches by country only on request', async () => {
    await channel({});
    await send(
      indicator('198.51.100.70', 'green', { labels: ['severity:critical'] }),
      indicator('198.51.100.71', 'green'),
      indicator('192.0.2.1', 'green', { labels: ['country:FJ', 'severity:critical'] }),
    );
    await t.hub.channels.deliverAll();
    expect(mails()).toHaveLength(1);
    expect(mails()[0]).toContain('Subject: [TLP:GREEN] Test hub: urgent, 1 item');
    expect(mails()[0]).toContain('100[.]70');
    await t.hub.channels.deliverAll();
    clock.advance(DAY);
    await t.hub.channels.deliverAll();
    expect(mails()).toHaveLength(2);
    expect(mails()[1]).not.toContain('100[.]70');
    expect(mails()[1]).toContain('100[.]71');
    expect(mails()[1]).not.toContain('192[.]0');
  });

  test('a replay from a time includes urgent objects', async () => {
    const since = new Date(clock.now()).toISOString();
    await channel({});
    await send(indicator('198.51.100.70', 'green', { labels: ['severity:critical'] }));
    await t.hub.channels.deliverAll();
    await t.api('boss', 'POST', '/channels/fiji-mail/replay', { since });
    await t.hub.channels.deliverAll();
    expect(mails().map((text) => text.includes('100[.]70'))).toEqual([true, true]);
  });

  test('weak matches are included on request, and a revocation is shown as withdrawn', async () => {
    await channel({ relevance: 'all', every: 'now' });
    const first = indicator('192.0.2.1', 'green', { labels: ['country:FJ'] });
    await send(first);
    await t.hub.channels.deliverAll();
    expect(mails()[0]).toContain('it affects FJ');
    await send({ ...first, modified: '2026-02-02T00:00:00.000Z', revoked: true });
    await t.hub.channels.deliverAll();
    expect(mails()[1]).toContain('WITHDRAWN: Reef loader');
  });
});

test('a channel filters by type, label and confidence, but always sends revocations', async () => {
  await channel({ every: 'now', types: ['indicator'], labels: ['phishing'], min_confidence: 50 });
  const wanted = indicator('198.51.100.70', 'green', { labels: ['phishing'], confidence: 80 });
  const other = indicator('198.51.100.72', 'green', { labels: ['scan'] });
  await send(
    wanted,
    indicator('198.51.100.71', 'green', { labels: ['phishing'], confidence: 20 }),
    other,
    indicator('198.51.100.73', 'green', { labels: ['phishing'] }),
  );
  await t.hub.channels.deliverAll();
  expect(mails()).toHaveLength(1);
  expect([...(mails()[0] ?? '').matchAll(/100\[\.\](7\d)/g)].map(([, last]) => last)).toEqual(['70', '73']);
  await send({
    ...wanted,
    modified: '2026-02-02T00:00:00.000Z',
    revoked: true,
    labels: ['other'],
    confidence: 0,
  });
  await t.hub.channels.deliverAll();
  expect(mails()[1]).toContain('WITHDRAWN');
  const { reasons } = (await t.api('boss', 'GET', `/deliveries/why?object=${String(other['id'])}&member=fiji`)).body as { reasons: Json[] }; // prettier-ignore
  expect(reasons).toContainEqual(expect.objectContaining({ code: 'filtered-out' }));
  const log = (await t.api('boss', 'GET', `/objects/${String(wanted['id'])}/deliveries`)).body[
    'items'
  ] as Json[];
  expect(log.find(({ member }) => member === 'fiji')).toMatchObject({ state: 'delivered', delivered_by: 'channel fiji-mail' }); // prettier-ignore
  expect((await channel({ name: 'other', min_confidence: 200 })).status).toBe(422);
});

describe('a mailbox that refuses email', () => {
  test('a permanent refusal closes the channel with the response of the server and a next step, and a resume loses nothing', async () => {
    mail.replies.set('soc@cert.example', '550 5.1.1 no such user');
    await channel({ every: 'now' });
    await send(indicator('198.51.100.70', 'green'));
    await t.hub.channels.deliverAll();
    expect(await state()).toMatchObject({ state: 'closed', last_error: expect.stringMatching(/550.*no such user.*Check the address, then run: talanoa channel resume fiji-mail/) }); // prettier-ignore
    mail.replies.clear();
    await t.api('boss', 'POST', '/channels/fiji-mail/resumption');
    await t.hub.channels.deliverAll();
    expect(mails()).toHaveLength(1);
  });

  test.each([
    ['now', 0],
    ['hour', HOUR],
  ] as const)(
    'after a lost response (%s) the same email is sent again with the same content',
    async (every, wait) => {
      await channel({ every });
      await t.hub.channels.deliverAll();
      await send(indicator('198.51.100.70', 'green'));
      clock.advance(wait);
      mail.replies.set('.', '451 4.3.0 try again');
      await t.hub.channels.deliverAll();
      await send(indicator('198.51.100.71', 'green'));
      clock.advance(120_000);
      mail.replies.clear();
      await t.hub.channels.deliverAll();
      const idOf = (text = ''): string => /^Message-ID:\s*(\S+)/im.exec(text)?.[1] ?? text;
      const of = (text = ''): string[] => [...text.matchAll(/100\[\.\](7\d)'/g)].map(([, last = '']) => last);
      expect(idOf(mails()[1])).toBe(idOf(mails()[0]));
      expect([of(mails()[0]), of(mails()[1])]).toEqual([['70'], ['70']]);
      clock.advance(wait);
      await t.hub.channels.deliverAll();
      expect(of(mails()[2])).toEqual(['71']);
      expect(mails()).toHaveLength(3);
      expect(await state()).toMatchObject({ state: 'current', delivered: 2 });
    },
  );

  test('a full mailbox is retried later', async () => {
    mail.replies.set('soc@cert.example', '452 4.2.2 mailbox full');
    await channel({ every: 'now' });
    await send(indicator('198.51.100.70', 'green'));
    await t.hub.channels.deliverAll();
    expect(await state()).toMatchObject({ state: 'failing', last_error: expect.stringContaining('mailbox full') }); // prettier-ignore
    mail.replies.clear();
    await t.hub.channels.deliverAll();
    expect(mails()).toEqual([]);
    clock.advance(HOUR);
    await t.hub.channels.deliverAll();
    expect(mails()).toHaveLength(1);
    expect(await state()).toMatchObject({ state: 'current' });
  });

  test('an email channel requires a mail server', async () => {
    const bare = await testHub(SETTINGS);
    const made = await bare.api('chief', 'POST', '/channels', { name: 'x', member: 'fiji', kind: 'mail', url: 'mailto:soc@cert.example' }); // prettier-ignore
    expect(made.body).toMatchObject({ status: 409, code: 'TLN-V-411' });
    await bare.stop();
  });

  test.each([['mailto:not an address'], ['https://x.example'], ['mailto:a@b.example,c@d.example']])('%s is not an address', async (url) => {
    expect((await channel({ url })).status).toBe(422);
  }); // prettier-ignore
});

describe('answers', () => {
  const log = async (object: Json): Promise<Json[]> =>
    (await t.api('boss', 'GET', `/objects/${String(object['id'])}/deliveries`)).body['items'] as Json[];
  const of = async (object: Json, member: string): Promise<Json | undefined> =>
    (await log(object)).find((step) => step['member'] === member);

  test('a link acts only when its button is pressed, and forged and expired links have no effect', async () => {
    await channel({ every: 'now' });
    const amber = indicator('198.51.100.70', 'amber');
    await send(amber);
    expect(await of(amber, 'fiji')).toMatchObject({ state: 'available', grant: 'member:fiji' });
    await t.hub.channels.deliverAll();
    // Content that must not be sent by email was only announced, which is not a delivery.
    expect(await of(amber, 'fiji')).toMatchObject({ state: 'announced' });
    expect(await of(amber, 'fiji')).not.toHaveProperty('delivered_by');
    const [got = '', notOurs = ''] = links(mails()[0] ?? '').filter((_, i) => i > 0);
    const app = supertest(t.hub.app);
    const page = await app.get(got);
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('Confirm receipt')]);
    expect(page.text).toContain('TLP:AMBER');
    expect(page.text).not.toMatch(/198\.51|indicator--|Reef/);
    expect(await of(amber, 'fiji')).toMatchObject({ state: 'announced' });
    expect((await app.post(got)).status).toBe(200);
    expect(await of(amber, 'fiji')).toMatchObject({
      state: 'acknowledged',
      answered_by: 'mail of fiji-mail',
    });
    // The last answer counts. Hub staff review objects that a member reports as not its own.
    expect((await app.post(notOurs)).status).toBe(200);
    expect(await of(amber, 'fiji')).toMatchObject({ state: 'not-ours' });
    const [item] = (await t.api('boss', 'GET', '/triage')).body['items'] as Json[];
    expect(item).toMatchObject({ reason: 'not-ours', member: 'fiji', object: amber['id'], state: 'open' });
    // The link works for weeks. After the hub has decided, the same answer to the same version opens nothing.
    const triage = async (): Promise<unknown[]> =>
      (await t.api('boss', 'GET', '/triage')).body['items'] as unknown[];
    const dismissed = await t.api('boss', 'POST', `/triage/${String(item?.['id'])}/dismissal`, {
      note: 'confirmed by telephone',
    });
    expect([dismissed.status, await triage()]).toEqual([204, []]);
    expect((await app.post(notOurs)).status).toBe(200);
    expect(await triage()).toEqual([]);
    expect(await app.post(`${got}x`)).toMatchObject({ status: 404 });
    expect(await app.get('/answer/nothing')).toMatchObject({ status: 404 });
    clock.advance(61 * DAY);
    expect(await app.post(got)).toMatchObject({ status: 404 });
  });

  test('an answer to a newer version opens the item of an earlier one again', async () => {
    const first = indicator('198.51.100.70', 'green');
    const answer = async (): Promise<unknown> => (await t.api('moana', 'POST', `/objects/${String(first['id'])}/answer`, { answer: 'not-ours' })).status; // prettier-ignore
    const triage = async (): Promise<Json[]> =>
      (await t.api('boss', 'GET', '/triage')).body['items'] as Json[];
    await send(first);
    expect([await answer(), await triage()]).toMatchObject([204, [{ object: first['id'] }]]);
    await t.api('boss', 'POST', `/triage/${String((await triage())[0]?.['id'])}/dismissal`, { note: 'told' });
    expect([await answer(), await triage()]).toEqual([204, []]);
    await send({ ...first, modified: new Date(clock.now()).toISOString(), description: 'new facts' });
    expect([await answer(), await triage()]).toMatchObject([204, [{ object: first['id'] }]]);
  });

  test('the unsubscribe link pauses the channel, also with the one-click request of email programs', async () => {
    await channel({ every: 'now' });
    await send(indicator('198.51.100.70', 'green'));
    await t.hub.channels.deliverAll();
    const [, stop = ''] = /List-Unsubscribe: ?<https:\/\/hub\.example(\/answer\/[^>]+)>/.exec(mails()[0]?.replaceAll(/\r\n /g, '') ?? '') ?? []; // prettier-ignore
    const app = supertest(t.hub.app);
    expect((await app.get(stop)).status).toBe(200);
    expect(await state()).toMatchObject({ state: 'current' });
    expect((await app.post(stop).type('form').send('List-Unsubscribe=One-Click')).status).toBe(200);
    expect(await state()).toMatchObject({ state: 'paused', paused: { by: 'its recipient' } });
  });

  test('links of an earlier channel with the same name have no effect', async () => {
    await channel({ every: 'hour' });
    await t.hub.channels.deliverAll();
    await send(indicator('198.51.100.70', 'green'));
    clock.advance(HOUR);
    await t.hub.channels.deliverAll();
    const [, stop = ''] = /List-Unsubscribe: ?<https:\/\/hub\.example(\/answer\/[^>]+)>/.exec(mails()[0]?.replaceAll(/\r\n /g, '') ?? '') ?? []; // prettier-ignore
    const app = supertest(t.hub.app);
    expect((await app.get(stop)).status).toBe(200);
    expect((await t.api('boss', 'DELETE', '/channels/fiji-mail')).status).toBe(204);
    expect((await channel({ member: 'tonga', url: 'mailto:soc@cert.to' })).status).toBe(201);
    expect((await app.get(stop)).status).toBe(404);
    await app.post(stop).type('form').send('List-Unsubscribe=One-Click');
    expect((await state())['paused']).toBeUndefined();
  });

  test('a member that misses the deadline of an acknowledgement request is overdue and reminded once', async () => {
    await channel({ every: 'now' });
    const strict = indicator('198.51.100.70', 'amber+strict');
    await send(strict);
    await t.hub.channels.deliverAll();
    const path = `/objects/${String(strict['id'])}`;
    const until = new Date(clock.now() + HOUR).toISOString();
    // Tonga also reads the collection, but does not own the object. It cannot request acknowledgements and sees no
    // other recipients.
    expect((await t.api('moana', 'PUT', `${path}/deadline`, { until })).status).toBe(403);
    const own = await t.api('desk', 'GET', `${path}/deliveries`);
    expect([own.status, (own.body['items'] as Json[]).map(({ member }) => member)]).toEqual([200, ['fiji']]);
    expect((await t.api('sensor', 'GET', `${path}/deliveries`)).status).toBe(403);
    expect((await t.api('boss', 'PUT', `${path}/deadline`, { until: '2020-01-01T00:00:00Z' })).status).toBe(
      422,
    );
    const asked = (await t.api('boss', 'PUT', `${path}/deadline`, { until })).body['items'] as Json[];
    expect(asked.map(({ member, overdue }) => [member, overdue])).toEqual([['fiji', false], ['tonga', false]]); // prettier-ignore
    // Members are notified of the request at once: by email where they have a channel, and as notifications of their
    // officers.
    expect(mails()[1]).toContain('an acknowledgement is requested');
    expect(mails()[1]).toContain(`by ${timeText(until)}.`);
    expect(links(mails()[1] ?? '')).toHaveLength(3);
    const notices = (await t.api('moana', 'GET', '/account/notifications')).body['items'] as Json[];
    expect(notices.map(({ event }) => event)).toContain('answer.asked');
    expect(JSON.stringify([notices, mails()[1]])).not.toMatch(/198\.51|Reef/);
    await t.api('boss', 'PUT', `${path}/deadline`, { until });
    expect(mails()).toHaveLength(2);
    expect((await t.api('moana', 'POST', `${path}/answer`, { answer: 'acknowledged', note: 'thank you' })).status).toBe(204); // prettier-ignore
    clock.advance(HOUR + 1);
    await t.hub.housekeeping.tidy();
    await t.hub.housekeeping.tidy();
    expect((await log(strict)).map(({ member, state: is, overdue }) => [member, is, overdue])).toEqual([['fiji', 'announced', true], ['tonga', 'acknowledged', false]]); // prettier-ignore
    expect(mails()).toHaveLength(3);
    expect(mails()[2]).toContain('an acknowledgement is overdue');
    expect(mails()[2]).not.toMatch(/198\.51|indicator--|Reef/);
    expect(t.logged.filter((line) => line.includes('answer.overdue'))).toHaveLength(1);
  });

  test('the owner asks nobody who reads only an object of another owner under the same id, and only a limited number of times', async () => {
    await channel({ every: 'now' });
    const own = async (alias: string, ...members: string[]): Promise<string> => {
      const id = String((await t.api('boss', 'POST', '/collections', { title: alias, alias })).body['id']);
      for (const member of members)
        await t.api('boss', 'POST', `/collections/${id}/grants`, { to: `member:${member}`, read: true, write: true }); // prettier-ignore
      return id;
    };
    const [theirs, ours, both] = [await own('theirs', 'fiji'), await own('ours', 'tonga'), await own('both', 'tonga', 'fiji')]; // prettier-ignore
    const ask = (object: Json, minute: number) =>
      t.api('moana', 'PUT', `/objects/${String(object['id'])}/deadline`, { until: new Date(clock.now() + HOUR + minute * 60_000).toISOString() }); // prettier-ignore
    const twin = indicator('192.0.2.60', 'green');
    await t.as('desk').post(objectsOf(theirs), { objects: [twin] });
    await t.as('sensor').post(objectsOf(ours), { objects: [twin] });
    expect((await ask(twin, 0)).status).toBe(200);
    expect(mails()).toEqual([]);
    clock.advance(2 * HOUR);
    await t.hub.housekeeping.tidy();
    expect(mails()).toEqual([]);
    const shared = indicator('192.0.2.61', 'green');
    await t.as('sensor').post(objectsOf(both), { objects: [shared] });
    const statuses = [];
    for (const minute of [0, 1, 1, 2, 3, 4]) statuses.push((await ask(shared, minute)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
    expect(mails()).toHaveLength(3);
    clock.advance(25 * HOUR);
    expect((await ask(shared, 5)).status).toBe(200);
  });

  test('a deadline stays as it was set when others ask about their own object with the same id', async () => {
    const twin = indicator('192.0.2.62', 'green');
    for (const [alias, member, account] of [
      ['hers', 'fiji', 'desk'],
      ['his', 'tonga', 'sensor'],
    ] as const) {
      const id = String((await t.api('boss', 'POST', '/collections', { title: alias, alias })).body['id']);
      await t.api('boss', 'POST', `/collections/${id}/grants`, { to: `member:${member}`, read: true, write: true }); // prettier-ignore
      await t.as(account).post(objectsOf(id), { objects: [twin] });
    }
    const path = `/objects/${String(twin['id'])}`;
    const at = (hours: number): string => new Date(clock.now() + hours * HOUR).toISOString();
    const dueFor = async (who: string): Promise<unknown> =>
      ((await t.api(who, 'GET', `${path}/deliveries`)).body['items'] as Json[]).map(({ member, due }) => [member, due]); // prettier-ignore
    const [first, second, third] = [at(1), at(2), at(3)];
    expect((await t.api('moana', 'PUT', `${path}/deadline`, { until: first })).status).toBe(200);
    expect(await dueFor('desk')).toEqual([['fiji', undefined]]);
    expect((await t.api('desk', 'PUT', `${path}/deadline`, { until: second })).status).toBe(200);
    expect(await dueFor('moana')).toEqual([['tonga', first]]);
    expect((await t.api('boss', 'PUT', `${path}/deadline`, { until: third })).status).toBe(200);
    expect(await dueFor('boss')).toEqual([['fiji', second], ['tonga', first]]); // prettier-ignore
  });

  test('one member cannot use up the requests of all others', async () => {
    const objects = Array.from({ length: 101 }, (_one, i) => indicator(`192.0.2.${i}`, 'green'));
    await t.as('sensor').post(objectsOf(MAIN), { objects });
    const until = new Date(clock.now() + HOUR).toISOString();
    const statuses = [];
    for (const { id } of objects)
      statuses.push((await t.api('moana', 'PUT', `/objects/${String(id)}/deadline`, { until })).status);
    expect([new Set(statuses.slice(0, 100)), statuses[100]]).toEqual([new Set([200]), 409]);
    const last = `/objects/${String(objects[100]?.['id'])}/deadline`;
    expect((await t.api('boss', 'PUT', last, { until })).status).toBe(200);
  });

  test('the owner sees which members have an object, but not their groups, collections or accounts', async () => {
    await t.api('boss', 'POST', '/groups', { name: 'circle' });
    await t.api('boss', 'PUT', '/groups/circle/members/fiji', {});
    const id = String((await t.api('boss', 'POST', '/collections', { title: 'Circle', alias: 'circle' })).body['id']); // prettier-ignore
    await t.api('boss', 'POST', `/collections/${id}/grants`, { to: 'group:circle', read: true });
    await t.api('boss', 'POST', '/rules', { name: 'r', from: 'indicators', to: 'circle' });
    const object = indicator('192.0.2.50', 'green');
    await t.as('sensor').post(objectsOf(MAIN), { objects: [object] });
    await t.hub.routing.routeAll();
    await t.as('desk').get(objectsOf(id));
    const seen = (await t.api('moana', 'GET', `/objects/${String(object['id'])}/deliveries`)).body['items'] as Json[]; // prettier-ignore
    expect(seen).toMatchObject([{ member: 'fiji', state: 'delivered', delivered_by: 'fiji', where: '', grant: '' }, { member: 'tonga', where: 'indicators' }]); // prettier-ignore
    expect(JSON.stringify(seen)).not.toMatch(/circle|desk/i);
    expect(await of(object, 'fiji')).toMatchObject({ delivered_by: 'desk', where: 'circle', grant: 'group:circle' }); // prettier-ignore
  });

  test('a key for polling cannot acknowledge', async () => {
    const object = indicator('198.51.100.10', 'green');
    await send(object);
    const key = (scopes: string[]) => t.api('boss', 'POST', '/keys', { account: 'sensor', scopes });
    const [reads, writes] = [await key(['taxii:read']), await key(['taxii:read', 'api:write'])].map(({ body }) => String(body['secret'])); // prettier-ignore
    const path = `/objects/${String(object['id'])}/answer`;
    expect((await t.api(String(reads), 'POST', path, { answer: 'acknowledged' })).status).toBe(404);
    expect((await t.api(String(writes), 'POST', path, { answer: 'acknowledged' })).status).toBe(204);
  });

  test('an object is opened when a person views it, not when a service account reads it', async () => {
    const object = indicator('198.51.100.10', 'green');
    await send(object);
    await t.api('sensor', 'GET', `/objects/${String(object['id'])}`);
    expect(await of(object, 'tonga')).toMatchObject({ state: 'available' });
    await t.api('moana', 'GET', `/objects/${String(object['id'])}`);
    expect(await of(object, 'tonga')).toMatchObject({ state: 'opened' });
    await t.as('sensor').get(objectsOf(MAIN));
    expect(await of(object, 'tonga')).toMatchObject({ state: 'opened', delivered_by: 'sensor' });
  });
});

describe('the triage list', () => {
  const open = async (): Promise<Json[]> =>
    (await t.api('analyst', 'GET', '/triage')).body['items'] as Json[];

  test('the hub handles countries of its region without a member, and no others', async () => {
    const [tuvalu, tonga, far] = ['TV', 'TO', 'DE'].map((code) => indicator('192.0.2.7', 'green', { labels: [`country:${code}`] })); // prettier-ignore
    await send(tuvalu as Json, tonga as Json, far as Json);
    await t.hub.routing.routeAll();
    expect(await open()).toMatchObject([{ object: tuvalu?.['id'], reason: 'no-member', country: 'TV', collection: 'indicators' }]); // prettier-ignore
    // Repeated routing adds nothing twice, not even after a decision.
    const [item] = await open();
    expect((await t.api('analyst', 'POST', `/triage/${String(item?.['id'])}/dismissal`, { note: 'confirmed by telephone' })).status).toBe(204); // prettier-ignore
    await t.api('boss', 'POST', '/members', { name: 'samoa', countries: ['WS'] });
    await t.hub.routing.routeAll();
    expect(await open()).toEqual([]);
  });

  test('hub staff decide on listed objects without a grant to read them, and an error names the grant that sharing needs', async () => {
    const alone = indicator('192.0.2.7', 'green', { labels: ['country:TV'] });
    await send(alone);
    await t.hub.routing.routeAll();
    const [item] = await open();
    expect(item).toMatchObject({ object: alone['id'] });
    // Administrators have no grant on the collection in these settings.
    const share = await t.api('boss', 'POST', `/objects/${String(alone['id'])}/shares`, {
      members: ['fiji'],
    });
    expect([share.status, share.body['code'], share.body['hint']]).toEqual([
      403,
      'TLN-S-405',
      expect.stringContaining('talanoa grant create indicators role:administrator --read'),
    ]);
    const given = await t.api('boss', 'POST', `/triage/${String(item?.['id'])}/assignment`, {
      members: ['fiji'],
    });
    expect(given.body).toMatchObject({ state: 'done', outcomes: [{ to: 'member-fiji', outcome: 'placed' }] });
    const { items } = (await t.api('boss', 'GET', '/audit?order=oldest&limit=500')).body as {
      items: { fact: Json }[];
    };
    expect(items.map(({ fact: { action } }) => action)).toEqual(
      expect.arrayContaining(['share.create', 'triage.decide']),
    );
  });

  test('an observation that affects no member is assigned to a member by hand', async () => {
    const seen = { type: 'observed-data', spec_version: '2.1', id: `observed-data--${crypto.randomUUID()}`, created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z', first_observed: '2026-01-01T00:00:00Z', last_observed: '2026-01-01T00:00:00Z', number_observed: 1, object_refs: ['ipv4-addr--5853f6a4-638f-5b4e-9b0f-ded361ae3812'], labels: ['country:KI'], object_marking_refs: [tlpMarkingId('green')] }; // prettier-ignore
    await send(seen);
    const [item] = await open();
    expect(item).toMatchObject({ reason: 'nobody', object: seen.id });
    // The observed object is not stored, so the observation has no value.
    expect(item?.['about']).toBe(seen.id);
    const given = await t.api('analyst', 'POST', `/triage/${String(item?.['id'])}/assignment`, { members: ['fiji'], note: 'their satellite link' }); // prettier-ignore
    expect(given.body).toMatchObject({ state: 'done', outcomes: [{ to: 'member-fiji', outcome: 'placed' }] });
    expect(await open()).toEqual([]);
  });
});

test('the triage list names the values that a report is about, to callers that may read them only', async () => {
  const address = { type: 'ipv4-addr', spec_version: '2.1', id: 'ipv4-addr--5853f6a4-638f-5b4e-9b0f-ded361ae3812', value: '203.0.114.3', object_marking_refs: [tlpMarkingId('green')] }; // prettier-ignore
  const seen = { type: 'observed-data', spec_version: '2.1', id: `observed-data--${crypto.randomUUID()}`, created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z', first_observed: '2026-01-01T00:00:00Z', last_observed: '2026-01-01T00:00:00Z', number_observed: 1, object_refs: [address.id], object_marking_refs: [tlpMarkingId('green')] }; // prettier-ignore
  const tuvalu = indicator('192.0.2.7', 'green', { labels: ['country:TV'] });
  await send(address, seen, tuvalu);
  await t.hub.routing.routeAll();
  const listed = async (account: string): Promise<Json> => {
    const items = (await t.api(account, 'GET', '/triage')).body['items'] as Json[];
    return Object.fromEntries(items.map(({ object, about }) => [object, about]));
  };
  expect(await listed('analyst')).toMatchObject({
    [seen.id]: '203.0.114.3',
    [String(tuvalu['id'])]: '192.0.2.7',
  });
  // Administrators have no grant on the collection in these settings.
  expect(Object.values(await listed('boss')).filter((about) => about !== undefined)).toEqual([]);
});

test('doctor connects to the mail server without sending anything, and pages show its last result', async () => {
  const check = async (query = ''): Promise<Json | undefined> =>
    ((await t.api('boss', 'GET', `/doctor${query}`)).body['items'] as Json[]).find((one) => one['check'] === 'mail server');
  const onPage = () => check('?mail=last');
  const good = `127.0.0.1:${mail.port} accepts connections`;
  const { port } = mail;
  const failed = { status: 'warning', found: expect.stringContaining('could not accept an email'), hint: expect.stringContaining('mail.server') };
  const until = async (is: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; !(await is()); tries++) {
      if (tries > 200) throw new Error('the check in the background did not end');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  // A page does not wait for the mail server. The check that it starts is seen by the next view.
  expect(await onPage()).toBeUndefined();
  await until(async () => (await onPage()) !== undefined);
  expect(await onPage()).toEqual({ check: 'mail server', status: 'ok', found: expect.stringMatching(/ accepts connections \(checked at 2\d{3}-\d\d-\d\d \d\d:\d\d UTC, talanoa doctor checks it again\)$/) });
  expect([mail.mails, mail.connections()]).toEqual([[], 1]);
  await mail.close();
  clock.advance(15 * 60_000 - 1);
  for (let view = 0; view < 3; view++) expect(await onPage()).toMatchObject({ status: 'ok' });
  // Doctor asks anew, and the page shows its result as well.
  expect(await check()).toMatchObject(failed);
  expect(await onPage()).toMatchObject(failed);
  mail = await mailServer(port);
  expect(await check()).toEqual({ check: 'mail server', status: 'ok', found: good });
  expect(await onPage()).toMatchObject({ status: 'ok' });
  await mail.close();
  clock.advance(15 * 60_000);
  expect(await onPage()).toMatchObject({ status: 'ok' });
  await until(async () => (await onPage())?.['status'] === 'warning');
  mail = await mailServer();
}); // prettier-ignore

test('a digest is due at its hour in its zone, also when clocks change', () => {
  const next = (
    now: string,
    every: 'hour' | 'day' | 'week',
    at = '08:00',
    zone = 'Pacific/Auckland',
  ): string => new Date(nextDigest(Date.parse(now), every, at, zone)).toISOString();
  expect(next('2026-11-25T12:34:00Z', 'hour')).toBe('2026-11-25T13:00:00.000Z');
  expect(next('2026-11-24T18:59:00Z', 'day')).toBe('2026-11-24T19:00:00.000Z');
  expect(next('2026-11-24T19:00:00Z', 'day')).toBe('2026-11-25T19:00:00.000Z');
  // New Zealand goes back to standard time on 5 April 2026, and forward on 27 September.
  expect(next('2026-04-03T20:00:00Z', 'day')).toBe('2026-04-04T20:00:00.000Z');
  expect(next('2026-09-25T21:00:00Z', 'day')).toBe('2026-09-26T19:00:00.000Z');
  // A Monday there is a Sunday evening in UTC.
  expect(next('2026-11-25T00:00:00Z', 'week')).toBe('2026-11-29T19:00:00.000Z');
  expect(next('2026-11-25T00:00:00Z', 'day', '00:30', 'Pacific/Rarotonga')).toBe('2026-11-25T10:30:00.000Z');
});
