import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { checkDocument, loadPreset } from '../../src/feeds/document.ts';
import { FetchPlaces } from '../../src/feeds/fetch-places.ts';
import { fileNames } from '../../src/feeds/file-names.ts';
import { SpoolBudget, spoolStream } from '../../src/feeds/transports/transport.ts';
import { Deadline, joined, within } from '../../src/kernel/deadline.ts';
import type { FeedDocument } from '../../src/config/settings.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { special } from '../support/feed-reading.ts';
import { SETTINGS, testHub, type TestHub } from '../support/hub.ts';
import { listen } from '../support/recorder.ts';

describe('an interrupted walk through pages', () => {
  let server: Awaited<ReturnType<typeof listen>>;
  let asked: string[] = [];
  let answer: (url: URL) => Json | number = () => 404;
  let t: TestHub;
  let clock: TestClock;
  beforeAll(async () => {
    server = await listen((request, response) => {
      asked.push(request.url);
      const body = answer(new URL(request.url, server.base));
      response.writeHead(typeof body === 'number' ? body : 200, { 'Content-Type': 'application/taxii+json;version=2.1' });
      response.end(typeof body === 'number' ? '' : JSON.stringify(body));
    }); // prettier-ignore
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    asked = [];
    clock = new TestClock('2026-11-28T12:00:00.000Z');
    t = await testHub(`${SETTINGS}\negress: { allow: ["${server.base.slice(7)}"] }\nsecrets: { env: [KEY] }\n`, { clock }, {}, { KEY: 'the-key' }); // prettier-ignore
  });
  afterEach(() => t.stop());

  const add = (over: Partial<FeedDocument>) =>
    t.hub.feeds.registry.create(
      checkDocument(
        {
          ...loadPreset('plain-list'),
          name: 'pages',
          enabled: true,
          mode: 'append',
          schedule: { cron: '0 3 1 1 *' },
          parser: { kind: 'json', records: '$.items[*]' },
          map: [{ value: '{host}', type: 'domain' }],
          values: special,
          ...over,
        },
        'pages',
      ),
      'indicators',
      [],
    );
  const run = async () => {
    asked = [];
    clock.advance(3_600_000);
    return t.hub.feeds.runner.run('pages');
  };
  const offsets = (): readonly (string | null)[] => asked.map((url) => new URL(url, server.base).searchParams.get('o')); // prettier-ignore
  const items = (from: number, count: number): Json[] => Array.from({ length: count }, (_, i) => ({ host: `n${from + i}.reef.example` })); // prettier-ignore
  const paging = { kind: 'offset', parameter: 'o', size: 2, total: 'total', items: 'items' } as const;
  const transport = (): FeedDocument['transport'] => ({ kind: 'https', url: `${server.base}/p`, paging });
  /** Answers with pages of ten records, up to the offset that is not available. */
  const upTo = (end: number, status = 404) => {
    answer = (url) => {
      const from = Number(url.searchParams.get('o') ?? 0);
      return from >= end ? status : { total: 10, items: items(from, 2) };
    };
  };

  test('keeps the pages that were received, and continues after them', async () => {
    await add({ transport: transport() });
    upTo(4);
    expect(await run()).toMatchObject({ status: 'partial', created: 4, reason: expect.stringMatching(/^fetching stopped after 2 pages: The source returned .*404/) });
    upTo(8);
    expect(await run()).toMatchObject({ status: 'partial', created: 4 });
    expect(offsets()).toEqual(['4', '6', '8']);
    // The source fails at once. Nothing is lost by that.
    upTo(0, 401);
    expect(await run()).toMatchObject({ status: 'failed' });
    upTo(99);
    expect(await run()).toMatchObject({ status: 'ok', created: 2 });
    expect(offsets()).toEqual(['8']);
    expect(await run()).toMatchObject({ status: 'ok', unchanged: 10 });
    expect(offsets()).toEqual([null, '2', '4', '6', '8']);
  }); // prettier-ignore

  test('starts again when the source no longer knows the position', async () => {
    await add({ transport: transport() });
    upTo(4);
    await run();
    answer = (url) => (url.searchParams.get('o') === '4' && asked.length === 1 ? 404 : { total: 6, items: items(Number(url.searchParams.get('o') ?? 0), 2) }); // prettier-ignore
    expect(await run()).toMatchObject({ status: 'ok', created: 2, unchanged: 4 });
    expect(offsets()).toEqual(['4', null, '2', '4']);
  });

  test.each(['taxii20', 'taxii21'] as const)('anything other than an object in a %s page goes to quarantine', async (kind) => {
    const good = anIndicator({ spec_version: '2.1' });
    answer = () => ({ type: 'bundle', id: 'bundle--1', objects: [good, 'text', 7, { ...good, __proto: 1, constructor: 2 }] });
    await add({ parser: { kind: 'stix' }, map: [], transport: { kind, url: `${server.base}/c/` } });
    expect(await run()).toMatchObject({ status: 'partial', records: 4, used: 1, quarantined: 3, created: 1 });
  }); // prettier-ignore

  test('an interrupted list stores nothing and ends no entries', async () => {
    await add({ mode: 'snapshot', transport: transport() });
    upTo(99);
    expect(await run()).toMatchObject({ status: 'ok', created: 10 });
    upTo(8);
    expect(await run()).toMatchObject({ status: 'suspect', removed: 0, unchanged: 0, reason: expect.stringContaining('fetching stopped') }); // prettier-ignore
    upTo(99);
    expect(await run()).toMatchObject({ status: expect.stringMatching(/^ok|unchanged$/), removed: 0 });
    expect(offsets()[0]).toBeNull();
  });

  test('repeated pages are kept, and no position is remembered', async () => {
    const token = { kind: 'token', parameter: 'c', path: 'next' } as const;
    await add({ transport: { ...transport(), paging: token } });
    answer = (url) => ({ next: url.searchParams.get('c') === 'a' ? 'b' : 'a', items: items(url.searchParams.get('c') === null ? 0 : 2, 2) }); // prettier-ignore
    expect(await run()).toMatchObject({ status: 'partial', created: 4, reason: expect.stringContaining('same page') }); // prettier-ignore
    await run();
    expect(asked[0]).toBe('/p');
  });

  test('no record is skipped after a page with fewer records than requested', async () => {
    await add({ transport: { ...transport(), paging: { ...paging, size: 5 } } });
    upTo(99);
    expect(await run()).toMatchObject({ status: 'ok', created: 10 });
    expect(offsets()).toEqual([null, '2', '4', '6', '8']);
  });

  test('the key of a source is not stored with the position', async () => {
    await add({ transport: { kind: 'https', url: `${server.base}/p`, auth: { kind: 'query', name: 'k', secret: 'env:KEY' }, paging: { kind: 'next', path: 'next' } } });
    answer = (url) => (url.pathname === '/p' ? { next: `/q?k=${url.searchParams.get('k') ?? ''}&c=2`, items: items(0, 1) } : 404);
    expect(await run()).toMatchObject({ status: 'partial', created: 1 });
    const state = await t.hub.store.record('feed-state', 'pages');
    expect(state?.document['cursor']).toMatchObject({ walk: { place: { url: `${server.base}/q?c=2` } } });
    answer = () => ({ items: items(1, 1) });
    expect(await run()).toMatchObject({ status: 'ok', created: 1 });
    expect(asked).toEqual(['/q?c=2&k=the-key']);
  }); // prettier-ignore

  test('an interrupted TAXII 2.1 collection continues at the next run', async () => {
    await add({ transport: { kind: 'taxii21', url: `${server.base}/c` }, parser: { kind: 'stix' }, map: [] });
    const objects = [anIndicator(), anIndicator()];
    let broken = true;
    answer = (url) => {
      if (url.searchParams.get('next') === null) return { more: true, next: 'two', objects: [objects[0]] };
      return broken ? 404 : { objects: [objects[1]] };
    };
    expect(await run()).toMatchObject({ status: 'partial', created: 1, reason: expect.stringContaining('fetching stopped after 1 page') }); // prettier-ignore
    broken = false;
    expect(await run()).toMatchObject({ status: 'ok', created: 1 });
  });
});

describe('times of a fetch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-walks-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const spool = (body: PassThrough, limits: { totalMs: number; idleMs: number }, signal = new AbortController().signal) => spoolStream(body, join(folder, 'x'), 'x', Number.NaN, [], { signal, budget: new SpoolBudget() }, limits); // prettier-ignore

  test('a source that stops sending fails after the idle time', async () => {
    const body = new PassThrough();
    body.write('x');
    await expect(spool(body, { totalMs: 60_000, idleMs: 10 })).rejects.toThrow('The source stopped sending the feed'); // prettier-ignore
    expect(body.destroyed).toBe(true);
  });

  test('a source that never stops sending fails after the total time', async () => {
    const body = new PassThrough();
    const drip = setInterval(() => body.write('x'), 1);
    await expect(spool(body, { totalMs: 50, idleMs: 60_000 })).rejects.toThrow('The feed took too long');
    clearInterval(drip);
  });

  test('the end of the run ends the fetch, even after a garbage collection', async () => {
    const run = new AbortController();
    const work = spool(new PassThrough(), { totalMs: 60_000, idleMs: 60_000 }, run.signal);
    run.abort();
    await expect(work).rejects.toThrow('The connection of the feed was lost');
    const lost = new AbortController();
    const { signal, release } = joined(lost.signal, new AbortController().signal);
    const ended = new Promise((resolve) => signal.addEventListener('abort', resolve));
    lost.abort();
    await ended;
    release();
    expect(joined(lost.signal).signal.aborted).toBe(true);
    expect(new Deadline(lost.signal, { totalMs: 1, idleMs: 1 }).signal.aborted).toBe(true);
    await within(1, (late) => new Promise((resolve) => late.addEventListener('abort', resolve)));
  });

  test('slow sources do not block others, and the oldest of too many is stopped', async () => {
    const places = new FetchPlaces({ atOnce: 2, slowMs: 5, mostSlow: 3 });
    const stopped: number[] = [];
    const hang = (i: number) =>
      places.run(
        (signal) =>
          new Promise<never>((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              stopped.push(i);
              reject(new Error('stopped'));
            });
          }),
      );
    const first = hang(0);
    for (let i = 1; i < 4; i++) hang(i).catch(() => undefined);
    // Both places are taken by slow sources at first.
    expect(await places.run(() => Promise.resolve('fast'))).toBe('fast');
    await expect(first).rejects.toThrow('stopped');
    expect(stopped).toEqual([0]);
    await expect(places.run(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  });
});

test('names of files are compared in linear time', () => {
  const matches = fileNames('*_*_*_*_*_*.csv');
  expect([matches(`${'_'.repeat(200_000)}x`), matches('a_b_c_d_e_f.csv'), matches('a_b.csv')]).toEqual([false, true, false]); // prettier-ignore
});
