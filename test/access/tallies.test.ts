import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { IDEMPOTENCY } from '../../src/access/idempotency.ts';
import { MEMBERS } from '../../src/access/member-model.ts';
import { OPERATOR, PUBLIC } from '../../src/access/principal.ts';
import { Quota } from '../../src/access/quota.ts';
import { TALLIES, Tallies } from '../../src/access/tallies.ts';
import { silentLog } from '../../src/kernel/log.ts';
import type { Store } from '../../src/store/store.ts';
import { accessServices, type AccessServices } from '../support/access-services.ts';
import { TestClock } from '../support/clock.ts';
import { anAccount } from '../support/sharing-services.ts';
import { refusal } from '../support/refusal.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let t: AccessServices;
beforeAll(async () => {
  t = await accessServices([
    MEMBERS.insert('tonga', { title: 'CERT Tonga' }),
    MEMBERS.insert('fiji', { title: 'CERT Fiji', objects_per_day: 2 }),
    anAccount('moana', 'officer', 'tonga'),
    anAccount('desk', 'officer', 'fiji'),
    anAccount('ana', 'analyst'),
  ]);
});
afterAll(() => t.stop());

describe('a count', () => {
  let purpose: string;
  let n = 0;
  beforeEach(() => {
    purpose = `test-${n++}`;
  });
  const process = (store: Store = t.store, keptMs = HOUR, least = 1, clock = new TestClock()) =>
    new Tallies(store, clock, silentLog, { purpose, keptMs, least });
  const storedSum = async (name: string): Promise<number | undefined> =>
    (await TALLIES.in(t.store).by('purpose', purpose)).find(({ document }) => document.name === name)
      ?.document.sum;
  /** A store that calls `meanwhile` while a commit is on its way. */
  const during = (meanwhile: () => void): Store =>
    new Proxy(t.store, {
      get: (target, name): unknown =>
        name === 'commit'
          ? async (batch: Parameters<Store['commit']>[0]) => {
              const result = await target.commit(batch);
              meanwhile();
              return result;
            }
          : Reflect.get(target, name, target),
    });

  test('that grows while it is written is stored once', async () => {
    let adds = 2;
    const counts: Tallies = process(during(() => void (adds-- > 0 && counts.add('tonga', 10))));
    counts.add('tonga', 5);
    await counts.sync();
    expect(counts.sum('tonga')).toBe(15);
    for (let i = 0; i < 3; i++) await counts.sync();
    expect([counts.sum('tonga'), await storedSum('tonga')]).toEqual([25, 25]);
  });

  test('two purposes with the same name have two counts', async () => {
    const one = process();
    one.add('tonga', 1);
    await one.sync();
    purpose = `${purpose}-other`;
    const other = process();
    other.add('tonga', 7);
    await other.sync();
    expect([one.sum('tonga'), other.sum('tonga')]).toEqual([1, 7]);
  });

  test('that was reset is zero everywhere, also when the other processes had not counted', async () => {
    const [a, b] = [process(), process()];
    a.add('tonga', 5);
    for (const one of [a, b, a]) await one.sync();
    b.reset('tonga');
    expect([a.sum('tonga'), b.sum('tonga')]).toEqual([5, 0]);
    for (const one of [b, a]) await one.sync();
    expect([a.sum('tonga'), b.sum('tonga'), await storedSum('tonga')]).toEqual([0, 0, 0]);
    b.reset('unknown');
    expect(b.sum('unknown')).toBe(0);
  });

  test('below the minimum is not shared, and is shared completely once it reaches the minimum', async () => {
    const [a, b] = [process(t.store, HOUR, 3), process(t.store, HOUR, 3)];
    a.add('tonga', 2);
    for (const one of [a, b]) await one.sync();
    expect([b.sum('tonga'), await storedSum('tonga')]).toEqual([0, undefined]);
    a.add('tonga', 1);
    for (const one of [a, b]) await one.sync();
    expect(b.sum('tonga')).toBe(3);
  });

  test('is forgotten after the time for which it does not change, by the clock of each process', async () => {
    const clock = new TestClock();
    const counts = process(t.store, HOUR, 1, clock);
    counts.add('tonga', 4);
    expect(counts.changedAt('tonga')).toBe(clock.monotonic());
    clock.advance(HOUR);
    expect(counts.sum('tonga')).toBe(4);
    clock.advance(1);
    expect([counts.sum('tonga'), counts.changedAt('tonga')]).toEqual([0, Number.NEGATIVE_INFINITY]);
    expect(counts.all()).toEqual([]);
  });

  test('that is forgotten is removed from the store, and others stay', async () => {
    const clock = new TestClock();
    const counts = process(t.store, HOUR, 1, clock);
    counts.add('old', 4);
    await counts.sync();
    clock.advance(HOUR + 1);
    counts.add('new', 1);
    await counts.sync();
    await counts.sweep();
    expect([await storedSum('old'), await storedSum('new')]).toEqual([undefined, 1]);
  });

  test('the list of all counts omits those at zero', async () => {
    const counts = process();
    counts.add('tonga', 4);
    counts.add('fiji', 2);
    await counts.sync();
    counts.reset('fiji');
    expect(counts.all()).toEqual([{ name: 'tonga', sum: 4 }]);
  });

  test('that cannot be written is kept and written later', async () => {
    let fails = true;
    const store = new Proxy(t.store, {
      get: (target, name): unknown =>
        name === 'commit' && fails
          ? () => Promise.reject(new Error('disk full'))
          : Reflect.get(target, name, target),
    });
    const counts = process(store);
    counts.add('tonga', 4);
    await expect(counts.sync()).rejects.toThrow('disk full');
    expect(counts.sum('tonga')).toBe(4);
    fails = false;
    await counts.sync();
    expect(await storedSum('tonga')).toBe(4);
  });
});

describe('the daily limit', () => {
  const quota = (perDay: number, clock = t.clock): { quota: Quota; tallies: Tallies } => {
    const tallies = new Tallies(t.store, clock, silentLog, {
      purpose: `quota-${perDay}-${Math.random()}`,
      keptMs: 2 * DAY,
    });
    return { quota: new Quota(t.directory, tallies, clock, perDay), tallies };
  };

  test('leaves an envelope as much room as there is, and none to the next while it is in progress', async () => {
    const { quota: limit } = quota(10);
    const moana = await t.as('moana');
    const first = await limit.begin(moana, 8);
    expect(first.objects).toBe(8);
    const second = await limit.begin(moana, 8);
    expect(second.objects).toBe(2);
    await expect(limit.begin(moana, 1)).rejects.toMatchObject({
      code: 'TLN-Q-432',
      headers: { 'Retry-After': '10' },
    });
    // The room of objects that were not stored is free again, and returning it twice changes nothing.
    limit.stored(moana, 3);
    first.end();
    first.end();
    second.end();
    expect((await limit.begin(moana, 100)).objects).toBe(7);
  });

  test('is for each member, with its own number or that of the hub, and not for hub staff', async () => {
    const { quota: limit } = quota(10);
    expect((await limit.begin(await t.as('desk'), 5)).objects).toBe(2);
    expect((await limit.begin(await t.as('moana'), 5)).objects).toBe(5);
    for (const actor of [await t.as('ana'), OPERATOR, PUBLIC])
      expect((await limit.begin(actor, 1_000)).objects).toBe(Infinity);
    expect((await quota(0).quota.begin(await t.as('moana'), 1_000)).objects).toBe(1_000);
  });

  test('stores objects that belong together all or not at all', async () => {
    const { quota: limit } = quota(3);
    const moana = await t.as('moana');
    limit.stored(moana, 2);
    await expect(limit.begin(moana, 2, 2)).rejects.toEqual(refusal('TLN-Q-430'));
    expect((await limit.begin(moana, 2)).objects).toBe(1);
  });

  test('begins again at midnight UTC, and the refusal names that time', async () => {
    const clock = new TestClock('2026-01-15T23:30:00.000Z');
    const { quota: limit } = quota(1, clock);
    const moana = await t.as('moana');
    limit.stored(moana, 1);
    limit.stored(moana, 0);
    await expect(limit.begin(moana, 1)).rejects.toMatchObject({
      code: 'TLN-Q-430',
      headers: { 'Retry-After': '1800' },
    });
    clock.advance(30 * 60_000);
    expect((await limit.begin(moana, 1)).objects).toBe(1);
  });
});

describe('a repeated request', () => {
  const who = { account: 'acc-moana', credential: 'key-1' };
  let runs = 0;
  const work =
    (body = 'done') =>
    () =>
      Promise.resolve({ status: 201, body: `${body} ${++runs}` });

  test('gets the first response for a day, and only with the same credential, key and request', async () => {
    const first = await t.idempotency.once(who, 'a', 'request', work());
    expect(first).toMatchObject({ status: 201, replayed: false });
    expect(await t.idempotency.once(who, 'a', 'request', work())).toEqual({ ...first, replayed: true });
    expect(await t.idempotency.recall(who, 'a')).toMatchObject({ body: first.body, at: t.clock.now() });
    await expect(t.idempotency.once(who, 'a', 'another', work())).rejects.toEqual(refusal('TLN-P-419'));
    expect((await t.idempotency.once(who, 'b', 'request', work())).replayed).toBe(false);
    const other = { ...who, credential: 'key-2' };
    expect((await t.idempotency.once(other, 'a', 'request', work())).replayed).toBe(false);
    expect(await t.idempotency.recall({ credential: 'key-3' }, 'a')).toBeUndefined();
    t.clock.advance(DAY + 1);
    await t.idempotency.sweep();
    expect(await IDEMPOTENCY.all(t.store)).toEqual([]);
    expect((await t.idempotency.once(who, 'a', 'another', work())).replayed).toBe(false);
  });

  test('is performed when the first one failed, and its response is stored sealed', async () => {
    await expect(
      t.idempotency.once(who, 'fail', 'request', () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no');
    const again = await t.idempotency.once(who, 'fail', 'request', work('a new secret'));
    expect(again.replayed).toBe(false);
    const stored = JSON.stringify(await IDEMPOTENCY.all(t.store));
    expect(stored).not.toContain('a new secret');
    expect(stored).not.toContain('request"');
  });

  test('waits while the first one runs, and is performed when that one seems to be dead', async () => {
    let end: (answer: { status: number; body: string }) => void = () => undefined;
    let begun: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (begun = resolve));
    const first = t.idempotency.once(who, 'slow', 'request', () => {
      begun();
      return new Promise((resolve) => (end = resolve));
    });
    await running;
    await expect(t.idempotency.once(who, 'slow', 'request', work())).rejects.toMatchObject({
      code: 'TLN-P-409',
      headers: { 'Retry-After': '2' },
    });
    t.clock.advance(300_000);
    expect(await t.idempotency.once(who, 'slow', 'request', work('second'))).toMatchObject({
      replayed: false,
    });
    end({ status: 201, body: 'first' });
    await expect(first).resolves.toMatchObject({ body: 'first' });
  });

  test('with a long response is refused with the status of the first', async () => {
    const body = 'x'.repeat(16_384);
    await t.idempotency.once(who, 'long', 'request', () => Promise.resolve({ status: 200, body }));
    await expect(t.idempotency.once(who, 'long', 'request', work())).rejects.toEqual(refusal('TLN-P-410'));
    expect(await t.idempotency.recall(who, 'long')).toBeUndefined();
  });

  test.each(['', 'with space', 'line\n', 'ä', 'x'.repeat(201)])(
    'with the key %j is refused before anything is done',
    async (key) => {
      const before = runs;
      await expect(t.idempotency.once(who, key, 'request', work())).rejects.toEqual(refusal('TLN-P-412'));
      expect([runs, await t.idempotency.recall(who, key)]).toEqual([before, undefined]);
    },
  );
});

describe('notifications', () => {
  test('are for their account only, the newest first, and name nobody whom the event does not name', async () => {
    await t.notifications.notify('acc-moana', 'key.created', { by: 'chief' });
    t.clock.advance(1_000);
    await t.notifications.notify('acc-moana', 'password.changed');
    const list = await t.notifications.list(await t.as('moana'));
    expect(list.map(({ event, text }) => [event, text])).toEqual([
      ['password.changed', 'The password of your account was changed by somebody.'],
      ['key.created', 'An API key was created for your account by chief.'],
    ]);
    for (const who of ['desk', 'ana']) expect(await t.notifications.list(await t.as(who))).toEqual([]);
    await expect(t.notifications.list(PUBLIC)).rejects.toEqual(refusal('TLN-A-403'));
  });

  test('do not stop the action that they report when they cannot be sent or written', async () => {
    const sent: string[] = [];
    t.notifications.addOutlet((account) => Promise.reject(new Error(`no mail to ${account}`)));
    t.notifications.addOutlet((account) => Promise.resolve(void sent.push(account)));
    await expect(
      t.notifications.notify('acc-desk', 'link.created', { by: 'chief' }),
    ).resolves.toBeUndefined();
    expect(sent).toEqual(['acc-desk']);
    expect(await t.notifications.list(await t.as('desk'))).toHaveLength(1);
  });

  test('are the first of a period if none of the same event and account is older in it', async () => {
    t.clock.advance(DAY - (t.clock.now() % DAY));
    const notify = async (event: 'sign_in.guessing' | 'key.rotated') => {
      await t.notifications.notify('acc-ana', event, { account: 'ana', failures: 10, by: 'x' });
      const [newest] = await t.notifications.list(await t.as('ana'));
      if (newest === undefined) throw new Error('the notification is missing');
      return t.notifications.isFirst('acc-ana', newest, DAY);
    };
    expect(await notify('sign_in.guessing')).toBe(true);
    t.clock.advance(1_000);
    expect(await notify('key.rotated')).toBe(true);
    t.clock.advance(1_000);
    expect(await notify('sign_in.guessing')).toBe(false);
    t.clock.advance(DAY);
    expect(await notify('sign_in.guessing')).toBe(true);
  });
});
