import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkDocument, loadPreset } from '../../src/feeds/document.ts';
import type { RunReport } from '../../src/feeds/report.ts';
import type { FeedDocument } from '../../src/config/settings.ts';
import { LAST_VERSION } from '../../src/store/store.ts';
import { TestClock } from '../support/clock.ts';
import { special } from '../support/feed-reading.ts';
import { MAIN, SETTINGS, testHub, type TestHub } from '../support/hub.ts';
import { listen } from '../support/recorder.ts';

/** The limits at which a file is no longer believed: a run right at each limit, and one behind it. */

let server: Awaited<ReturnType<typeof listen>>;
let t: TestHub;
let text = '';
const clock = new TestClock('2026-01-15T12:00:00.000Z');
beforeAll(async () => {
  server = await listen((_request, response) => void response.writeHead(200).end(text));
  t = await testHub(`${SETTINGS}\negress: { allow: ["${server.base.slice(7)}"] }\n`, { clock });
});
afterAll(async () => {
  await t.stop();
  await server.close();
});

let feeds = 0;
/** Creates a feed of its own, and returns a function that runs it with a file. */
async function feed(over: Partial<FeedDocument> = {}): Promise<(lines: readonly string[], confirmed?: boolean) => Promise<RunReport>> {
  const name = `list-${++feeds}`;
  const preset = loadPreset('plain-list');
  await t.hub.feeds.registry.create(
    checkDocument(
      {
        ...preset,
        name,
        enabled: true,
        values: special,
        schedule: { cron: '0 3 1 1 *' },
        defaults: { ...preset.defaults, tlp: 'green' },
        transport: { kind: 'https', url: `${server.base}/list.txt` },
        ...over,
      },
      name,
    ),
    'indicators',
    [],
  );
  return (lines, confirmed = false) => {
    text = lines.map((line) => `${line}\n`).join('');
    clock.advance(3_600_000);
    return t.hub.feeds.runner.run(name, undefined, { confirmed });
  };
} // prettier-ignore

/** Different domain names, which no other feed of this file has. */
const good = (many: number, from = 0): string[] =>
  Array.from({ length: many }, (_, i) => `host-${i + from}.feed-${feeds}.reef-bank.com`);
const bad = (many: number): string[] => Array.from({ length: many }, (_, i) => `!! row ${i} !!`);
/** The number of indicators of this feed that are valid now. */
async function live(): Promise<number> {
  const { entries } = await t.hub.store.entries(
    { collection: MAIN, after: 0, limit: 10_000, types: ['indicator'], versions: LAST_VERSION },
    true,
  );
  return entries
    .map((entry) => JSON.parse(entry.text ?? '{}') as { pattern: string; revoked?: boolean; valid_until: string })
    .filter(({ pattern, revoked, valid_until: until }) => pattern.includes(`.feed-${feeds}.`) && revoked !== true && Date.parse(until) > clock.now()).length;
} // prettier-ignore

describe('rows that cannot be used', () => {
  test.each<readonly [bad: number, good: number, max: number | undefined, status: string]>([
    // Fewer than twenty show nothing about the format.
    [19, 1, undefined, 'partial'],
    [20, 80, undefined, 'partial'],
    [20, 79, undefined, 'suspect'],
    [21, 84, undefined, 'partial'],
    [50, 50, 0.5, 'partial'],
    [51, 49, 0.5, 'suspect'],
    [20, 180, 0.05, 'suspect'],
    [99, 1, 1, 'partial'],
  ])('%i bad rows with %i good ones and the limit %j: the run is %s', async (worse, better, max, status) => {
    const run = await feed(max === undefined ? {} : { guards: { max_quarantine: max } });
    const report = await run([...good(better), ...bad(worse)]);
    expect([report.status, report.records, report.quarantined]).toEqual([status, worse + better, worse]);
    expect(await live()).toBe(status === 'suspect' ? 0 : better);
    if (status === 'suspect') expect(report.reason).toMatch(/^\d+ % of the rows could not be used; the format may have changed/);
  }); // prettier-ignore

  test('are accepted by a person, and the next such file is suspect again', async () => {
    const run = await feed();
    const lines = [...good(10), ...bad(30)];
    expect((await run(lines)).status).toBe('suspect');
    // A list that is read as a whole does not become plausible because it is sent again.
    expect((await run(lines)).status).toBe('suspect');
    expect((await run(lines, true)).status).toBe('partial');
    expect(await live()).toBe(10);
    expect((await run([...good(11), ...bad(31)])).status).toBe('suspect');
    expect(await live()).toBe(10);
  });
});

describe('entries that are missing', () => {
  test.each<readonly [before: number, after: number, max: number | undefined, status: string]>([
    [19, 1, undefined, 'ok'],
    [20, 10, undefined, 'ok'],
    [20, 9, undefined, 'suspect'],
    [100, 50, undefined, 'ok'],
    [100, 49, undefined, 'suspect'],
    [100, 90, 0.1, 'ok'],
    [100, 89, 0.1, 'suspect'],
    [100, 1, 1, 'ok'],
  ])('a list of %i that comes back with %i and the limit %j: the run is %s', async (before, after, max, status) => {
    const run = await feed(max === undefined ? {} : { guards: { max_shrink: max } });
    expect((await run(good(before))).status).toBe('ok');
    const report = await run(good(after));
    expect([report.status, report.removed]).toEqual([status, status === 'ok' ? before - after : 0]);
    expect(await live()).toBe(status === 'ok' ? after : before);
    if (status !== 'suspect') return;
    expect(report.reason).toContain(`${before - after} of ${before} entries are missing`);
    // The same file again is believed. Another one is not.
    expect((await run([...good(after), 'another.reef-bank.com'])).status).toBe('suspect');
    expect((await run([...good(after), 'another.reef-bank.com'])).status).toBe('ok');
    expect(await live()).toBe(after);
  }); // prettier-ignore

  test('entries of a list that is only extended never end', async () => {
    const run = await feed({ removal: 'keep' });
    await run(good(100));
    const report = await run(good(1));
    expect([report.status, report.removed, await live()]).toEqual(['ok', 0, 100]);
  });

  test('end at once when a person confirms the shorter list', async () => {
    const run = await feed();
    await run(good(40));
    expect((await run(good(2))).status).toBe('suspect');
    expect(await run(good(2), true)).toMatchObject({ status: 'ok', removed: 38 });
    expect(await live()).toBe(2);
  });

  test('are not the rows that are bad now, as long as both could be the same', async () => {
    const run = await feed();
    await run(good(10));
    const report = await run([...good(9), '!! broken !!']);
    expect(report).toMatchObject({ status: 'suspect', removed: 0, quarantined: 1 });
    expect(report.reason).toContain('1 row is bad and 1 entry is missing');
    expect(await live()).toBe(10);
    // When the row is bad in the same way the next day, it hides nothing that is good.
    expect(await run(good(9))).toMatchObject({ status: 'ok', removed: 1 });
  });
});

describe('an empty file', () => {
  test.each<readonly [what: string, over: Partial<FeedDocument>, lines: readonly string[], status: string, left: number]>([
    ['is not believed', {}, [], 'suspect', 3],
    ['with comments only is not believed', {}, ['# nothing', '; here'], 'suspect', 3],
    ['is believed where the document allows it', { guards: { allow_empty: true } }, [], 'ok-empty', 0],
  ])('%s', async (_what, over, lines, status, left) => {
    const run = await feed(over);
    await run(good(3));
    expect((await run(lines)).status).toBe(status);
    expect(await live()).toBe(left);
    // A file that is not believed is forgotten. After one that is, the entries come back.
    expect((await run(good(3))).status).toBe(left === 3 ? 'unchanged' : 'ok');
    expect(await live()).toBe(3);
  }); // prettier-ignore

  test('is accepted once when a person confirms it', async () => {
    const run = await feed();
    await run(good(3));
    expect(await run([], true)).toMatchObject({ removed: 3 });
    expect(await live()).toBe(0);
    await run(good(3));
    expect((await run([])).status).toBe('suspect');
  });
});

describe('the same values in another file', () => {
  test('in another order, doubled or defanged are the same entries, and create no new version', async () => {
    const run = await feed();
    expect(await run(good(5))).toMatchObject({ created: 5 });
    const shuffled = [...good(5), ...good(2)].toReversed().map((value) => value.replaceAll('.', '[.]').toUpperCase());
    const report = await run(shuffled);
    expect(report).toMatchObject({ status: 'ok', created: 0, updated: 0, removed: 0, duplicates: 2 });
    expect(await live()).toBe(5);
  }); // prettier-ignore

  test('with carriage returns, a byte order mark and without a last line end are read to the end', async () => {
    const run = await feed();
    text = '';
    const [first = '', second = '', third = ''] = good(3);
    const report = await run([`\ufeff${first}\r`, `${second}\r`, third]);
    expect(report).toMatchObject({ status: 'ok', created: 3, quarantined: 0 });
    text = `${first}\n${second}\n${third}`;
    clock.advance(3_600_000);
    expect(await t.hub.feeds.runner.run(`list-${feeds}`)).toMatchObject({ created: 0, removed: 0 });
    expect(await live()).toBe(3);
  });
});
