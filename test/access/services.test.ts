import { afterEach, describe, expect, test } from '@jest/globals';
import { TOTP, Secret } from 'otpauth';
import type { Letter } from '../../src/access/accounts/email-texts.ts';
import { ACCOUNTS } from '../../src/access/accounts/model.ts';
import { FactorRecords } from '../../src/access/factors/factor-records.ts';
import { Visits } from '../../src/access/oidc/visits.ts';
import { KEYS } from '../../src/access/keys/model.ts';
import { MEMBERS } from '../../src/access/member-model.ts';
import { OPERATOR } from '../../src/access/principal.ts';
import { NO_COOKIE } from '../../src/access/sessions/cookie.ts';
import { demandConfirmed, demandPersonal, demandSamePage } from '../../src/access/sessions/demands.ts';
import type { Batch } from '../../src/store/store.ts';
import { accessServices, BROWSER, type AccessServices } from '../support/access-services.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const RECORDS = [
  MEMBERS.insert('tonga', { title: 'CERT Tonga' }),
  ACCOUNTS.insert('moana', { uid: 'acc-moana', role: 'officer', member: 'tonga', person: true, password_by: 'person' }),
  ACCOUNTS.insert('gauge', { uid: 'acc-gauge', role: 'machine', member: 'tonga' }),
]; // prettier-ignore

let t: AccessServices;
afterEach(() => t.stop());

describe('sessions', () => {
  const begin = async (): Promise<string> => {
    const { cookie } = await t.sessions.begin(await t.as('moana'), 'password', BROWSER);
    return (cookie[0] ?? '').split(';')[0] ?? '';
  };

  test('a session ends after 30 minutes without use, and after 12 hours in any case', async () => {
    t = await accessServices(RECORDS);
    const idle = await begin();
    t.clock.advance(30 * MINUTE - 1);
    expect(await t.sessions.find(idle, BROWSER)).toMatchObject({ name: 'moana' });
    t.clock.advance(30 * MINUTE);
    expect(await t.sessions.find(idle, BROWSER)).toBeUndefined();
    const used = await begin();
    for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
      t.clock.advance(20 * MINUTE);
      expect(await t.sessions.find(used, BROWSER)).toBeDefined();
    }
    t.clock.advance(20 * MINUTE);
    expect(await t.sessions.find(used, BROWSER)).toBeUndefined();
  });

  test('a sign-in that waits for its second factor has 15 minutes and gives no access', async () => {
    t = await accessServices(RECORDS, { secondFactor: 'everyone' });
    const cookie = await begin();
    expect(await t.sessions.find(cookie, BROWSER)).toBeUndefined();
    t.clock.advance(15 * MINUTE - 1);
    expect(await t.sessions.holder(cookie, BROWSER)).toMatchObject({ stage: 'enrolment' });
    t.clock.advance(1);
    expect(await t.sessions.holder(cookie, BROWSER)).toBeUndefined();
  });

  test('neither of two cookies with the name of the session is accepted', async () => {
    t = await accessServices(RECORDS);
    const cookie = await begin();
    expect(await t.sessions.find(`theme=dark; ${cookie}`, BROWSER)).toBeDefined();
    expect(await t.sessions.find(`${cookie}; ${cookie}`, BROWSER)).toBeUndefined();
    expect(NO_COOKIE).toMatch(/^__Host-talanoa=; .*Max-Age=0$/);
  });

  test('a paused member ends the sessions of its accounts', async () => {
    t = await accessServices(RECORDS);
    const cookie = await begin();
    await t.members.update(OPERATOR, 'tonga', { status: 'paused' });
    await t.members.update(OPERATOR, 'tonga', { status: 'active' });
    expect(await t.sessions.find(cookie, BROWSER)).toBeUndefined();
  });

  test.each([
    [{ 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }, true],
    [{ 'sec-fetch-site': 'same-site', origin: 'https://hub.example' }, false],
    [{ 'sec-fetch-site': 'none' }, false],
    [{ origin: 'https://hub.example' }, true],
    [{ origin: 'https://hub.example.evil.example' }, false],
    [{ origin: 'null', host: 'null' }, false],
    [{}, false],
  ])('a page with the headers %j may change something: %p', async (headers, isAllowed) => {
    t = await accessServices([]);
    const demand = (): void => {
      demandSamePage(headers, 'https://hub.example/base');
    };
    if (isAllowed) expect(demand).not.toThrow();
    else expect(demand).toThrow(expect.objectContaining({ kind: 'forbidden' }));
  });

  test('a confirmation counts for less than five minutes, and a password of somebody else is not personal', async () => {
    t = await accessServices(RECORDS);
    const actor = await t.as('moana');
    const session = { id: 's', confirmed: t.clock.now(), isPersonal: false };
    const now = t.clock.now() + 5 * MINUTE;
    expect(() => {
      demandConfirmed({ ...actor, session }, now - 1);
    }).not.toThrow();
    expect(() => {
      demandConfirmed({ ...actor, session }, now);
    }).toThrow(expect.objectContaining({ kind: 'forbidden' }));
    expect(() => {
      demandPersonal({ ...actor, session });
    }).toThrow(expect.objectContaining({ code: 'TLN-A-409' }));
  });
});

describe('second factors', () => {
  test('a change that another request overtook is decided again from what the other has written', async () => {
    t = await accessServices(RECORDS);
    const account = await t.account('moana');
    const records = new FactorRecords(t);
    const seen: (readonly string[] | undefined)[] = [];
    let others = 2;
    const { store } = t;
    const overtaken = new FactorRecords({
      ...t,
      store: Object.assign(Object.create(store) as typeof store, {
        commit: async (batch: Parameters<typeof store.commit>[0]) => {
          if (others-- > 0)
            await records.update(account, (factors) => ({
              recovery: [...(factors.recovery ?? []), 'other'],
            }));
          return store.commit(batch);
        },
      }),
    });
    await overtaken.update(account, (factors) => {
      seen.push(factors.recovery);
      return { recovery: [...(factors.recovery ?? []), 'own'] };
    });
    expect(seen).toEqual([undefined, ['other'], ['other', 'other']]);
    expect((await records.factors(account)).recovery).toEqual(['other', 'other', 'own']);
  });

  test('a code of the authenticator app counts once, also when two requests give it at the same time', async () => {
    t = await accessServices(RECORDS);
    const account = await t.account('moana');
    const actor = await t.as('moana');
    const { secret } = await t.factors.offer(account, 'session');
    const app = new TOTP({ secret: Secret.fromBase32(secret) });
    const code = (): string => app.generate({ timestamp: t.clock.now() });
    await expect(
      t.factors.enrol(actor, account, code(), { session: 'another session', onlyFirst: false }),
    ).rejects.toMatchObject({ kind: 'conflict' });
    const codes = await t.factors.enrol(actor, account, code(), { session: 'session', onlyFirst: false });
    expect(codes).toHaveLength(10);
    t.clock.advance(MINUTE);
    const now = code();
    const given = await Promise.allSettled([t.factors.check(account, now), t.factors.check(account, now)]);
    expect(given.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('keys', () => {
  const key = (label: string, expires: number) =>
    KEYS.insert(`${label}-${'0'.repeat(60)}`, {
      account: 'acc-gauge',
      prefix: 'tal',
      label,
      created: t0,
      expires,
    });
  const t0 = Date.parse('2026-01-15T12:00:00.000Z');

  test('the state of a key follows from its expiry and its use', async () => {
    t = await accessServices([
      ...RECORDS,
      key('ended', t0 - 1),
      key('ending', t0 + 30 * DAY - 1),
      key('resting', t0 + 400 * DAY),
    ]);
    const states = async (): Promise<unknown> =>
      Object.fromEntries(
        (await t.keyList.page(OPERATOR, { limit: 10 })).items.map(({ label, state }) => [label, state]),
      );
    expect(await states()).toEqual({ ended: 'expired', ending: 'ending', resting: 'active' });
    t.clock.advance(90 * DAY + 1);
    expect(await states()).toEqual({ ended: 'expired', ending: 'expired', resting: 'unused' });
  });

  test('a list is read in pages, and only by callers who can see the account', async () => {
    t = await accessServices([...RECORDS, ...['a', 'b', 'c'].map((label) => key(label, t0 + DAY))]);
    const labels: unknown[] = [];
    let after: string | undefined;
    do {
      const page = await t.keyList.page(OPERATOR, { limit: 2, after });
      labels.push(page.items.map(({ label }) => label));
      after = page.next;
    } while (after !== undefined);
    expect(new Set(labels.flat())).toEqual(new Set(['a', 'b', 'c']));
    expect(labels).toHaveLength(2);
    t.clock.advance(DAY / 2);
    const first = await t.keyList.unused(OPERATOR, { days: 0, limit: 2 });
    const last = await t.keyList.unused(OPERATOR, { days: 0, limit: 2, after: first.next });
    const both = new Set([...first.items, ...last.items].map(({ label }) => label));
    expect([first.items.length, both]).toEqual([2, new Set(['a', 'b', 'c'])]);
    expect(last.next).toBeUndefined();
    await t.accounts.create(OPERATOR, { name: 'other', role: 'analyst', person: true });
    expect((await t.keyList.page({ kind: 'public' }, { limit: 9 })).items).toEqual([]);
    expect((await t.keyList.unused({ kind: 'public' }, { days: 0, limit: 9 })).items).toEqual([]);
  });
});

describe('visits to the sign-in provider', () => {
  const flow = { state: 'state', nonce: 'nonce', verifier: 'verifier', fresh: false };

  test('a visit can be completed for ten minutes, in the browser that began it, and once', async () => {
    t = await accessServices([]);
    const visits = new Visits(t);
    const cookie = visits.cookie(flow).split(';')[0] ?? '';
    expect(visits.find(cookie)).toMatchObject(flow);
    expect(visits.find(`${cookie}; ${cookie}`)).toBeUndefined();
    expect(visits.find(`${cookie.slice(0, -4)}AAAA`)).toBeUndefined();
    await visits.useOnce(flow);
    await expect(new Visits(t).useOnce(flow)).rejects.toMatchObject({ kind: 'unauthenticated' });
    t.clock.advance(10 * MINUTE);
    expect(visits.find(cookie)).toBeUndefined();
    await visits.sweep();
    await visits.useOnce(flow);
  });
});

describe('email', () => {
  /** Returns the secret of the last link that was sent to an address. */
  const tokenIn = (letters: readonly Letter[]): string =>
    /[?#/=]([A-Za-z0-9_-]{20,})/.exec(letters.at(-1)?.text ?? '')?.[1] ?? '';

  test('the notices of a confirmed address and of a reset password are stored in the commit of the change', async () => {
    const letters: Letter[] = [];
    const commits: Batch[] = [];
    t = await accessServices(RECORDS, {
      send: (letter) => Promise.resolve(void letters.push(letter)),
      onCommit: (batch) => commits.push(batch),
    });
    const eventsWith = (action: string): unknown[] =>
      commits
        .filter(({ facts = [] }) => facts.some((fact) => fact.action === action))
        .flatMap(({ records = [] }) => records.map(({ document }) => document?.['event']));
    await t.email.propose(await t.as('moana'), 'moana@cert.example');
    await t.email.idle();
    await t.email.verify(await t.as('moana'), tokenIn(letters), BROWSER);
    expect(eventsWith('account.email')).toContain('email.changed');
    t.email.requestReset('moana', BROWSER);
    await t.email.idle();
    await t.email.reset(tokenIn(letters), 'seven green turtles swim', BROWSER);
    expect(eventsWith('account.password_reset')).toContain('password.reset');
  });
});
