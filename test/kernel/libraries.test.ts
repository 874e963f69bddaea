import { describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { fileNames } from '../../src/feeds/file-names.ts';
import { fill } from '../../src/feeds/template.ts';
import { canonical } from '../../src/kernel/canonical.ts';
import { editDistance, nearest } from '../../src/kernel/nearest.ts';
import { instantOfLocal, isTimeZone, localDay } from '../../src/kernel/time-zones.ts';
import { webhookHeaders } from '../../src/kernel/webhook.ts';
import pLimit from 'p-limit';
import stringWidth from 'string-width';
import { table } from '../../src/cli/output.ts';
import { testIo } from '../support/io.ts';

describe('file name patterns', () => {
  test.each([
    ['*.csv', 'REPORT.CSV', true],
    ['*.csv', 'report.csv.gz', false],
    ['????-??-??-*.csv', '2026-11-28-scan.csv', true],
    ['a+b[1].txt', 'a+b[1].txt', true],
    ['a+b[1].txt', 'aab1.txt', false],
    ['*', 'line\nbreak', true],
    ['\\E*', '\\Ex', true],
  ])('%p matches %p: %p', (pattern, name, expected) => {
    expect(fileNames(pattern)(name)).toBe(expected);
  });

  test('a pattern of many stars is matched in linear time', () => {
    expect(fileNames('*a'.repeat(200))(`${'a'.repeat(5_000)}b`)).toBe(false);
  });
});

describe('the template filter html', () => {
  const text = (html: string): string | undefined => fill('{column|html}', { column: html })[0];

  test.each([
    ['<p>one</p><p>two &amp; three</p>', 'one two & three'],
    ['a<script>alert("x")</script>b', 'a b'],
    ['a<STYLE>p { }</STYLE >b', 'a b'],
    ['before<script>never closed', 'before'],
    ['&lt;b&gt; &eacute; &#65;&#x42; &unknown;', '<b> é AB &unknown;'],
    ['a<!-- hidden -->b', 'ab'],
    ['<a href="https://example.org/">link</a>', 'link'],
    ['1 < 2', '1 < 2'],
  ])('%p becomes %p', (html, expected) => {
    expect(text(html)).toBe(expected);
  });

  test('reads deeply nested and unfinished HTML in linear time', () => {
    expect(text(`${'<table><tr><td>'.repeat(60_000)}x`)).toBe('x');
    expect(text(`y${'<a '.repeat(60_000)}`)).toBe('y');
  });
});

describe('local times', () => {
  const at = (iso: string): number => Date.parse(iso);

  test('a local time in Auckland follows the rules of the zone on that day', () => {
    expect(instantOfLocal({ year: 2026, month: 1, day: 15, hour: 9 }, 'Pacific/Auckland')).toBe(
      at('2026-01-14T20:00:00Z'),
    );
    expect(instantOfLocal({ year: 2026, month: 7, day: 15, hour: 9 }, 'Pacific/Auckland')).toBe(
      at('2026-07-14T21:00:00Z'),
    );
  });

  test('a time that is skipped when clocks go forward is moved by the gap', () => {
    expect(instantOfLocal({ year: 2026, month: 9, day: 27, hour: 2, minute: 30 }, 'Pacific/Auckland')).toBe(
      at('2026-09-26T14:30:00Z'),
    );
  });

  test('a date that does not exist in the calendar is refused', () => {
    expect(instantOfLocal({ year: 2026, month: 2, day: 30 }, 'UTC')).toBeUndefined();
    expect(instantOfLocal({ year: 2026, month: 1, day: 1 }, 'Nowhere/Else')).toBeUndefined();
  });

  test('the same instant is Saturday in Samoa and Friday in American Samoa', () => {
    const instant = at('2026-11-28T00:00:00Z');
    expect(localDay(instant, 'Pacific/Apia')).toEqual({ year: 2026, month: 11, day: 28, weekday: 6 });
    expect(localDay(instant, 'Pacific/Pago_Pago')).toEqual({ year: 2026, month: 11, day: 27, weekday: 5 });
    expect(localDay(instant, 'Pacific/Apia', 7).day).toBe(5);
  });

  test('only zones of the IANA database are time zones', () => {
    expect(isTimeZone('Pacific/Tongatapu')).toBe(true);
    expect(isTimeZone('Tonga')).toBe(false);
    expect(isTimeZone('')).toBe(false);
  });
});

describe('webhook headers', () => {
  const now = 1_790_000_000_123;

  test('a receiver with the library of Standard Webhooks accepts them', () => {
    const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
    const present = Date.now();
    expect(() =>
      new Webhook(secret).verify('{"a":1}', { ...webhookHeaders('msg_1', present, '{"a":1}', secret) }),
    ).not.toThrow();
    expect(() =>
      new Webhook(secret).verify('{"a":2}', { ...webhookHeaders('msg_1', present, '{"a":1}', secret) }),
    ).toThrow();
  });

  test('a secret without the prefix is used byte for byte', () => {
    const expected = createHmac('sha256', 'plain secret').update(`msg_2.1790000000.{}`).digest('base64');
    expect(webhookHeaders('msg_2', now, '{}', 'plain secret')['webhook-signature']).toBe(`v1,${expected}`);
  });
});

describe('canonical JSON', () => {
  test('members are sorted by UTF-16 code units and numbers are written as ECMAScript writes them (RFC 8785)', () => {
    expect(
      canonical({ '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, ö: 7 }),
    ).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"\ud83d\ude00":5,"\ufb33":3}');
    expect(canonical([333_333_333.333_333_3, 1e30, 4.5, 2e-3, 1e-27])).toBe(
      '[333333333.3333333,1e+30,4.5,0.002,1e-27]',
    );
    expect(canonical(undefined)).toBe('null');
  });
});

describe('near words', () => {
  test('a word with one wrong letter is matched, a different word is not', () => {
    expect(nearest('indicatrs', ['indicators', 'reports'])).toBe('indicators');
    expect(nearest('reds', ['feeds', 'members'])).toBeUndefined();
  });

  test('words of more than 64 characters are not compared', () => {
    expect(editDistance('a'.repeat(65), 'a'.repeat(65))).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('p-limit', () => {
  test('never exceeds its concurrency, keeps the order, and continues after a failure', async () => {
    const limiter = pLimit(2);
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const work = (i: number) =>
      limiter(async () => {
        most = Math.max(most, ++running);
        order.push(i);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        if (i === 1) throw new Error('one fails');
      });
    const results = await Promise.allSettled(Array.from({ length: 7 }, (_, i) => work(i)));
    expect([most, order, limiter.pendingCount]).toEqual([2, [0, 1, 2, 3, 4, 5, 6], 0]);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  });
});

describe('fast-string-width', () => {
  test('columns of a table stay in line with wide and combining characters', () => {
    const rows = [
      ['東京', 'a'],
      ['Ma\u0304ori', 'b'],
      ['🇹🇴 👩‍👩‍👧', 'd'],
      ['CERT Tonga', 'c'],
    ];
    const lines = table(rows, testIo().io).split('\n');
    expect(lines.map((line) => stringWidth(line.slice(0, -1)))).toEqual([12, 12, 12, 12]);
  });
});
