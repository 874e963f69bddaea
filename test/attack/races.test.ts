import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { anIndicator, type Json } from '../support/builders.ts';
import { objectsOf } from '../support/hub.ts';
import { interleavedStore, type InterleavedStore } from '../support/interleaved-store.ts';
import { SHARED, attackedHub, type Answer, type Site } from './site.ts';

let site: Site;
let interleaved: InterleavedStore;
let made = 0;
beforeAll(async () => {
  interleaved = await interleavedStore();
  site = await attackedHub({ store: interleaved.store });
});
afterAll(async () => {
  await site.stop();
  interleaved.remove();
});

/** Creates the account of a person, who has no credential yet. */
async function person(): Promise<string> {
  const name = `person-${++made}`;
  const account = { name, role: 'officer', member: 'tonga', person: true };
  expect((await site.api('chief', 'POST', '/accounts', account)).status).toBe(201);
  return name;
}

/**
 * Runs a request, and another one when the first is about to write a record of a kind: what happens when two
 * processes work at the same time.
 */
async function meanwhile(
  kind: string,
  first: () => Promise<Answer>,
  second: () => Promise<Answer>,
): Promise<readonly [Answer, Answer]> {
  let other: Promise<Answer> | undefined;
  interleaved.before = async (batch) => {
    if (other !== undefined || batch.records?.some((record) => record.kind === kind) !== true) return;
    other = second();
    await other;
  };
  const answer = await first();
  interleaved.before = undefined;
  if (other === undefined) throw new Error(`the first request wrote no ${kind}`);
  return [answer, await other];
}

const invite = (name: string) => (): Promise<Answer> =>
  site.api('chief', 'POST', `/accounts/${name}/invitation`);
const makeKey = (name: string) => (): Promise<Answer> =>
  site.api('chief', 'POST', '/keys', { account: name });
const change = (name: string, fields: Json) => (): Promise<Answer> =>
  site.api('chief', 'PATCH', `/accounts/${name}`, fields);

const works = async ({ body }: Answer): Promise<boolean> =>
  (await site.ask(undefined, 'GET', new URL(String(body['link']), 'http://hub').pathname)).text.includes(
    'password',
  );
const openLinks = async (name: string): Promise<number> => {
  const id = (await site.t.hub.store.record('account', name))?.document['uid'];
  const links = await site.t.hub.store.records('invitation');
  return links.filter(({ document }) => document['account'] === id && document['state'] === undefined).length;
};

describe('two requests that make a credential for one person at the same time', () => {
  test('only the later of two links stays open', async () => {
    const name = await person();
    const [late, early] = await meanwhile('invitation', invite(name), invite(name));
    expect([late.status, early.status]).toEqual([201, 201]);
    expect([await works(late), await works(early), await openLinks(name)]).toEqual([true, false, 1]);
  });

  test('a key and a link do not both stay valid', async () => {
    for (const [kind, first, second] of [
      ['invitation', invite, makeKey],
      ['key', makeKey, invite],
    ] as const) {
      const name = await person();
      await meanwhile(kind, first(name), second(name));
      const { body } = await site.api('chief', 'GET', `/keys?account=${name}`);
      const keys = ((body['items'] ?? []) as Json[]).filter((key) => key['account'] === name).length;
      expect([kind, (await openLinks(name)) + keys]).toEqual([kind, 1]);
    }
  });
});

describe('a credential that is made while the account changes', () => {
  test.each([
    ['invitation', invite],
    ['key', makeKey],
  ] as const)('%s: the change is not undone, whenever it comes', async (_kind, create) => {
    const moments: unknown[] = [];
    // At each reading of the account that the request makes, and finally after all of them.
    for (let moment = 1; ; moment++) {
      const name = await person();
      // The new credential ends the password, so it writes the account.
      await change(name, { password: 'a long enough password of reefs' })();
      let left = moment;
      interleaved.beforeReading = async (kind, id) => {
        if (kind !== 'account' || id !== name || --left !== 0) return;
        interleaved.beforeReading = undefined;
        await change(name, { disabled: true, email: 'reef@tonga.example' })();
      };
      await create(name)();
      interleaved.beforeReading = undefined;
      if (left > 0) break;
      const { body } = await site.api('chief', 'GET', `/accounts/${name}`);
      moments.push([body['disabled'], body['email']]);
    }
    expect(moments.length).toBeGreaterThan(0);
    expect(moments).toEqual(moments.map(() => [true, 'reef@tonga.example']));
  });
});

describe('members', () => {
  const identity = 'identity--7e1d4f7a-2a1b-4c74-8b6f-1d2e3f4a5b6c';
  const bound = async (id: string): Promise<number> => {
    const { body } = await site.api('chief', 'GET', '/members');
    return ((body['items'] ?? []) as Json[]).filter(({ identities }) => (identities as string[]).includes(id))
      .length;
  };
  const statuses = (answers: readonly Answer[]): number[] =>
    answers.map(({ status }) => status).toSorted((a, b) => a - b);

  test('only one of several members that are created with one identity at the same time gets it', async () => {
    const create = (name: string): Promise<Answer> =>
      site.api('chief', 'POST', '/members', { name, title: name, identities: [identity] });
    const answers = await Promise.all(['nauru', 'niue', 'palau', 'tuvalu'].map(create));
    expect([statuses(answers), await bound(identity)]).toEqual([[201, 409, 409, 409], 1]);
  });

  test('only one of two members that claim each other as their client at the same time succeeds', async () => {
    for (const name of ['first', 'second'])
      expect((await site.api('chief', 'POST', '/members', { name, title: name })).status).toBe(201);
    // Each has a client already, so the new one changes no record of its parent.
    for (const parent of ['first', 'second'])
      expect((await site.api('chief', 'POST', '/members', { name: `${parent}-client`, title: 'Client', parent })).status).toBe(201); // prettier-ignore
    const become = (name: string, parent: string): Promise<Answer> =>
      site.api('chief', 'PATCH', `/members/${name}`, { parent });
    const answers = await Promise.all([become('first', 'second'), become('second', 'first')]);
    expect(statuses(answers)[0]).toBe(200);
    expect(statuses(answers)[1]).toBeGreaterThanOrEqual(400);
  });
});

test('a link does not set the password of an account that was disabled in the meantime', async () => {
  const name = await person();
  const path = new URL(String((await invite(name)()).body['link']), 'http://hub').pathname;
  await change(name, { disabled: true })();
  const use = async (): Promise<number> => {
    const form = { 'Content-Type': 'application/x-www-form-urlencoded', 'Sec-Fetch-Site': 'same-origin' };
    const password = encodeURIComponent('a long enough password of reefs');
    return (await site.ask(undefined, 'POST', path, `password=${password}&again=${password}`, form)).status;
  };
  expect((await site.ask(undefined, 'GET', path)).status).toBe(404);
  expect(await use()).toBeGreaterThanOrEqual(400);
  expect((await site.t.hub.store.record('account', name))?.document['password_hash']).toBeUndefined();
  await change(name, { disabled: false })();
  expect(await use()).toBe(200);
});

describe('two requests about one value at the same time', () => {
  const value = (): string => `45.90.1.${++made}`;
  const put = async (...values: string[]): Promise<void> => {
    const objects = values.map((one) => anIndicator({ pattern: `[ipv4-addr:value = '${one}']`, name: one }));
    const { body } = await site.t.as('buoy').post(objectsOf(SHARED), { objects });
    expect(body).toMatchObject({ success_count: values.length });
  };

  test('two members report it, and neither report is lost or reveals the other', async () => {
    const one = value();
    await put(one);
    const report = (who: string) => (): Promise<Answer> =>
      site.api(who, 'POST', '/feedback', { items: [{ value: one, kind: 'false-positive' }] });
    const [late, early] = await meanwhile('false-positive', report('moana'), report('desk'));
    expect([late.status, late.body]).toEqual([200, early.body]);
    const { body } = await site.api('watch', 'GET', '/false-positives');
    expect((body['items'] as Json[]).filter((item) => item['value'] === one)).toMatchObject([{ members: 2 }]);
  });
});
