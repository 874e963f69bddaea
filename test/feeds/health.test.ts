import { describe, expect, test } from '@jest/globals';
import { loadPreset } from '../../src/feeds/document.ts';
import {
  HEALTHY,
  healthAfter,
  ofThisSource,
  sourceOf,
  stateOf,
  tooSoon,
  reasonNotToRun,
  type FeedHealth,
} from '../../src/feeds/health.ts';
import type { RunReport } from '../../src/feeds/report.ts';
import { makeCertificate } from '../support/certificate.ts';

/** The state of a feed, the reasons why it does not run, and its alarms, as functions of its reports. */

const NOW = Date.parse('2026-01-15T12:00:00.000Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (ms: number): string => new Date(NOW + ms).toISOString();
const list = loadPreset('plain-list');
const document = { ...list, enabled: true, schedule: { ...list.schedule, min_interval_s: 600 } };
const report = (over: Partial<RunReport> = {}): RunReport => ({
  feed: 'plain-list', started: at(-HOUR), ended: at(-HOUR), status: 'ok', http_status: 200, bytes: 10,
  records: 100, accepted: 100, duplicates: 0, filtered: 0, quarantined: 0,
  created: 0, updated: 0, unchanged: 100, removed: 0, held: 0, refused: 0, ...over,
}); // prettier-ignore
const failed = (over: Partial<RunReport> = {}): RunReport =>
  report({ status: 'failed', failure: 'source', reason: 'The source returned the status 503', http_status: 503, records: 0, ...over }); // prettier-ignore
const known = (health: Partial<FeedHealth>, last?: RunReport) => ({
  health: { ...HEALTHY, ...health },
  last,
});
const paused = { by: 'sina', at: at(-DAY) };
const NO_SIGN_IN = { certificate: undefined, keyFrom: undefined };

describe('the state of a feed', () => {
  test.each<readonly [what: string, state: string, over: Partial<FeedHealth>, last?: RunReport, enabled?: boolean]>([
    ['that never ran', 'ready', {}],
    ['whose last run was good', 'ready', {}, report()],
    ['whose last run read a part', 'ready', {}, report({ status: 'partial' })],
    ['that is disabled, whatever happened before', 'off', { paused, failures: 9 }, failed({ failure: 'gone' }), false],
    ['that is paused, although its source is gone', 'paused', { paused, failures: 1 }, failed({ failure: 'gone' })],
    ['whose source requires a key', 'needs-key', { failures: 1 }, failed({ failure: 'needs-key' })],
    ['whose source is gone', 'gone', { failures: 1 }, failed({ failure: 'gone' })],
    ['that failed once', 'failing', { failures: 1 }, failed()],
    ['whose file was not plausible', 'suspect', {}, report({ status: 'suspect' })],
    ['that failed after a file that was not plausible', 'failing', { failures: 1 }, failed()],
    ['whose source asks for patience', 'waiting', { not_before: NOW + 1 }, report()],
    ['whose patience has ended', 'ready', { not_before: NOW }, report()],
  ])('%s is %s', (_what, state, health, ...[last, enabled = true]) => {
    expect(stateOf({ ...document, enabled }, known(health, last), NOW)).toBe(state);
  }); // prettier-ignore
});

describe('a slot of the schedule is not used', () => {
  test.each<readonly [what: string, reason: string | undefined, over: Partial<FeedHealth>, last?: RunReport]>([
    ['while the feed is paused', 'the feed is paused', { paused }],
    ['after the source is gone', 'the source no longer exists', {}, failed({ failure: 'gone', started: at(-30 * DAY) })],
    ['before the time that the source asked for', 'the source asked the hub to wait until 2026-01-15 12:00 UTC', { not_before: NOW + 1_000 }, report()],
    ['within a day of a run without the key', 'the source requires a key; the hub tries once a day', {}, failed({ failure: 'needs-key', started: at(-DAY + 1) })],
    ['within a day of the fifth failure in a row', 'the feed has failed repeatedly; the hub tries once a day', { failures: 5 }, failed({ started: at(-DAY + 1) })],
    ['within the shortest interval of the source', 'the source can be requested again at 2026-01-15 12:00 UTC', {}, report({ started: at(-599_999) })],
    ['and it is used at the end of that interval', undefined, {}, report({ started: at(-600_000) })],
    ['and it is used at the time that the source asked for', undefined, { not_before: NOW }, report()],
    ['and it is used after a day without the key', undefined, { failures: 1 }, failed({ failure: 'needs-key', started: at(-DAY) })],
    ['and it is used after four failures', undefined, { failures: 4 }, failed()],
    ['and it is used a day after the fifth failure', undefined, { failures: 5 }, failed({ started: at(-DAY) })],
    ['and it is used by a feed that never ran', undefined, {}],
  ])('%s', (_what, reason, health, ...[last]) => {
    expect(reasonNotToRun(document, known(health, last), NOW)).toBe(reason);
  }); // prettier-ignore

  test.each<readonly [what: string, waits: boolean, last: Partial<RunReport>]>([
    ['was answered', true, { http_status: 200 }],
    ['was answered with "not modified"', true, { http_status: 304 }],
    ['was refused', false, { http_status: 400 }],
    ['reached nobody', false, { http_status: undefined as unknown as number }],
  ])('because of the shortest interval if the last request %s: %j', (_what, waits, last) => {
    const { http_status: status, ...rest } = report({ started: at(-1), ...last });
    const run = status === undefined ? rest : { ...rest, http_status: status };
    expect(tooSoon(document, run, NOW) !== undefined).toBe(waits);
    // A mailbox and a folder have no such interval.
    for (const kind of ['imap', 'folder', 'upload'] as const)
      expect(tooSoon({ ...document, transport: { ...document.transport, kind } }, run, NOW)).toBeUndefined();
  });
});

describe('a feed that gets another source', () => {
  const moved = { ...document, transport: { ...document.transport, url: 'https://other.example/list.txt' } };

  test('starts without the failures, waiting times and alarms of the earlier one, but stays paused', () => {
    const health: FeedHealth = {
      failures: 7,
      not_before: NOW + DAY,
      source: sourceOf(document),
      alarms: [{ code: 'silent', message: 'x', since: at(-DAY) }],
      paused,
    };
    expect(ofThisSource(document, { health, last: failed() })).toEqual({ health, last: failed() });
    expect(ofThisSource(moved, { health, last: failed() })).toEqual({
      health: { failures: 0, alarms: [], paused },
      last: undefined,
    });
    const { source: _source, ...old } = health;
    // Health of earlier versions of the hub does not name its source.
    expect(ofThisSource(moved, { health: old, last: failed() }).health).toEqual(old);
  });

  test.each([
    ['another path', { url: 'https://lists.example.invalid/other.txt' }, false],
    ['another collection', { collection: 'other' }, false],
    ['another kind', { kind: 'taxii21' as const }, false],
    ['other headers', { headers: { 'X-Client': 'hub' } }, true],
    ['another key', { auth: { kind: 'bearer' as const, secret: 'secret:x' } }, true],
  ])('%s', (_what, transport, isSame) => {
    const other = { ...document, transport: { ...document.transport, ...transport } };
    expect(sourceOf(other) === sourceOf(document)).toBe(isSame);
  });
});

describe('the health after a run', () => {
  const after = (run: RunReport, before: readonly RunReport[] = [], health: Partial<FeedHealth> = {}, signIn = {}) =>
    healthAfter(run, before, { ...HEALTHY, ...health }, { ...NO_SIGN_IN, ...signIn }, NOW); // prettier-ignore
  const codes = (...args: Parameters<typeof after>) => after(...args).alarms.map(({ code }) => code);

  test('counts failures in a row, and any other result ends the count', () => {
    expect(after(failed(), [], { failures: 2 }).failures).toBe(3);
    for (const status of ['ok', 'ok-empty', 'not-modified', 'unchanged', 'partial', 'suspect'] as const)
      expect([status, after(report({ status }), [], { failures: 4 }).failures]).toEqual([status, 0]);
  });

  test('keeps the time that a source asks for, for at most one day, and only that of the last response', () => {
    expect(after(failed({ retry_after_s: 120 })).not_before).toBe(NOW + 120_000);
    expect(after(failed({ retry_after_s: 9_999_999 })).not_before).toBe(NOW + DAY);
    expect(after(report(), [], { not_before: NOW + DAY })).not.toHaveProperty('not_before');
    expect(after(report(), [], { paused }).paused).toEqual(paused);
  });

  test('an alarm keeps the time of its beginning while its cause lasts, and ends with it', () => {
    const since = at(-3 * DAY);
    const alarms = [{ code: 'silent' as const, message: 'the last 3 runs failed', since }];
    const still = after(failed(), [], { failures: 3, alarms });
    expect(still.alarms).toEqual([
      { code: 'silent', message: 'the last 4 runs failed: The source returned the status 503', since },
    ]);
    expect(after(report(), [], { failures: 3, alarms }).alarms).toEqual([]);
    expect(after(failed(), [], { failures: 2 }).alarms).toMatchObject([{ code: 'silent', since: at(0) }]);
  });

  test('a single failure raises no alarm, and the third one in a row does', () => {
    expect(codes(failed(), [], { failures: 0 })).toEqual([]);
    expect(codes(failed(), [], { failures: 1 })).toEqual([]);
    expect(codes(failed(), [], { failures: 2 })).toEqual(['silent']);
  });

  test('a refused key is an alarm at once, which names the address where to get one', () => {
    const run = failed({ failure: 'needs-key', reason: 'The source returned the status 401.' });
    expect(after(run, [], {}, { keyFrom: 'https://source.example/key' }).alarms).toMatchObject([
      { code: 'refused', message: 'The source returned the status 401. Get a key at https://source.example/key' },
    ]);
    expect(after(run).alarms[0]?.message).toBe('The source returned the status 401.');
    expect(codes(failed({ failure: 'gone' }))).toEqual(['gone']);
    expect(codes(report({ status: 'suspect', reason: '9 of 10 entries are missing' }))).toEqual(['shrunk']);
  }); // prettier-ignore

  test.each([
    [19, 40, false],
    [20, 100, false],
    [20, 99, true],
    [21, 104, true],
    [21, 105, false],
  ])('%i bad rows of %i are an alarm: %j', (quarantined, records, isAlarm) => {
    expect(codes(report({ quarantined, records })).includes('bad-rows')).toBe(isAlarm);
  });

  const usual = (records: number, runs = 5): readonly RunReport[] => Array.from({ length: runs }, () => report({ records })); // prettier-ignore
  test.each<readonly [what: string, codes: readonly string[], records: number, before: readonly RunReport[]]>(
    [
      ['three times as many records as usual', [], 300, usual(100)],
      ['more than three times as many', ['flooded'], 301, usual(100)],
      ['three tenths of the usual number', [], 30, usual(100)],
      ['less than that', ['few'], 29, usual(100)],
      ['any number after four runs', [], 9_999, usual(100, 4)],
      ['any number for a list that is usually small', [], 9_999, usual(49)],
      ['more for a list of fifty', ['flooded'], 151, usual(50)],
      ['failed runs do not count', [], 9_999, [...usual(100, 4), failed(), failed()]],
      ['unchanged files do not count', [], 9_999, [...usual(100, 4), report({ status: 'unchanged' })]],
      ['old runs do not count', [], 1_000, [...usual(1_000, 14), ...usual(1, 40)]],
      ['one strange run changes nothing', [], 100, [...usual(100, 4), report({ records: 100_000 })]],
    ],
  )('%s: %j', (_what, found, records, before) => {
    expect(codes(report({ records }), before)).toEqual(found);
  });

  test.each(['failed', 'suspect', 'unchanged', 'not-modified'] as const)('a run that is %s is not compared with the usual number', (status) => {
    const found = codes(report({ status, records: 0 }), usual(100));
    expect(found).not.toContain('few');
  }); // prettier-ignore

  test('warnings about the content are an alarm until a run reads something without them', () => {
    const odd = report({ oddities: ['count-mismatch: 3 of 4', 'redirected', 'columns-gone: b'] });
    expect(after(odd).alarms).toMatchObject([{ code: 'warning', message: 'count-mismatch: 3 of 4; columns-gone: b' }]);
    expect(codes(report({ status: 'not-modified' }), [odd])).toEqual(['warning']);
    expect(codes(report({ status: 'unchanged' }), [report({ status: 'not-modified' }), odd])).toEqual(['warning']);
    expect(codes(report(), [odd])).toEqual([]);
    expect(codes(report({ oddities: ['redirected'] }))).toEqual([]);
    expect(after(report({ oddities: Array(100).fill('bad-file: a long reason') })).alarms[0]?.message.length).toBe(500);
  }); // prettier-ignore

  test('a source without news for five times its usual interval is stale, but not within a day', () => {
    const daily = (hours: number): readonly RunReport[] =>
      Array.from({ length: 6 }, (_, i) => report({ newest: at(-(i + 6) * hours * HOUR) }));
    // News every 6 hours, and the newest is from 36 hours ago.
    expect(codes(report(), daily(6))).toEqual(['stale']);
    expect(after(report(), daily(6)).alarms[0]?.message).toBe(
      'the newest record is from 2026-01-14 00:00 UTC, but the usual interval is 6 hours',
    );
    // News every 4 hours, and the newest is from exactly one day ago.
    expect(codes(report(), daily(4))).toEqual([]);
    expect(codes(report({ newest: at(-HOUR) }), daily(6))).toEqual([]);
    // A failed run does not show whether there is news.
    expect(codes(failed(), daily(6))).toEqual([]);
    expect(codes(report(), daily(6).slice(0, 5))).toEqual([]);
    // The same record in each run is one time, and no interval.
    expect(codes(report(), Array(9).fill(report({ newest: at(-30 * DAY) })))).toEqual([]);
  });

  test('a client certificate is an alarm in its last fourteen days', () => {
    const ends = (days: number) =>
      codes(report(), [], {}, { certificate: makeCertificate('feed', days).cert });
    const days = (NOW - Date.now()) / DAY;
    expect(ends(days + 13.9)).toEqual(['certificate']);
    expect(ends(days + 14.1)).toEqual([]);
    expect(codes(report(), [], {}, { certificate: 'not a certificate' })).toEqual([]);
  });
});
