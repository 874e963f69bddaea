import { describe, expect, test } from '@jest/globals';
import { Problem } from '../../src/kernel/problem.ts';
import { SEVERAL, fill, fillOne, type Row } from '../../src/feeds/template.ts';
import { applies } from '../../src/feeds/when.ts';
import { filledIn, asksSince, windowOf } from '../../src/feeds/transports/since.ts';
import { looseTime, orderOfNumbers, readTime, type TimeRules } from '../../src/feeds/times.ts';
import { zoneOffset } from '../../src/feeds/zone-names.ts';
import { TestClock } from '../support/clock.ts';

/** The small languages of a feed document: templates, conditions, times, and the placeholders of a request. */

const row: Row = {
  ip: '203.0.114.9', port: '443', tags: 'exe, Mozi ,,elf', many: ['a', 'b', 'c'].join(SEVERAL), empty: '', score: '0.8765',
  level: 'High', html: '<p>Seen <b>now</b> &amp; then<br>again</p>', text: 'CVE-2026-1234, cve-2026-99999 and CVE-2026-1234',
}; // prettier-ignore

describe('a template', () => {
  test.each<readonly [template: string, values: readonly string[]]>([
    ['{ip}', ['203.0.114.9']],
    ['{ip}:{port}', ['203.0.114.9:443']],
    ['https://{ip}/x', ['https://203.0.114.9/x']],
    ['no column', ['no column']],
    // A required column is missing, so there is no half value.
    ['{ip}:{empty}', []],
    ['{ip}:{missing}', []],
    ['{missing}', []],
    ['{many}', ['a', 'b', 'c']],
    ['x-{many}', ['x-a']],
    ['{many|first}', ['a']],
    ['{tags|split}', ['exe', 'Mozi', 'elf']],
    ['{ip|split:.}', ['203', '0', '114', '9']],
    ['{tags|split|lower}', ['exe', 'mozi', 'elf']],
    ['{level|lower}', ['high']],
    ['{level|upper}', ['HIGH']],
    ['{ip|before:.}', ['203']],
    ['{ip|before:/}', ['203.0.114.9']],
    ['{missing|default:none}', ['none']],
    ['{ip|default:none}', ['203.0.114.9']],
    ['{missing|or:ip}', ['203.0.114.9']],
    ['{port|or:ip}', ['443']],
    ['{missing|or:empty|default:x}', ['x']],
    ['{ip|and:port}', ['203.0.114.9', '443']],
    ['{missing|and:many}', ['a', 'b', 'c']],
    ['{level|map:Low=30;High=85}', ['85']],
    ['{level|map:low=30;*=50}', ['50']],
    ['{level|map:low=30}', ['High']],
    ['{level|map:High=}', []],
    ['{score|round:2}', ['0.88']],
    ['{score|round:0}', ['1']],
    ['{score|percent}', ['87']],
    ['{level|percent}', []],
    ['{level|round:1}', []],
    ['{html|html}', ['Seen now & then again']],
    ['{text|cve}', ['CVE-2026-1234', 'CVE-2026-99999']],
    ['{ip|cve}', []],
  ])('%s gives %j', (template, values) => {
    expect(fill(template, row)).toEqual(values);
    expect(fillOne(template, row)).toBe(values[0]);
  });

  test('a template with names that every object has finds no column', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(fill(`{${name}}`, row)).toEqual([]);
      expect(fill(`{missing|or:${name}}`, row)).toEqual([]);
    }
  });

  test('with an unknown filter fails and names the filters that exist', () => {
    for (const filter of ['shout', 'constructor', '__proto__']) {
      const read = (): unknown => fill(`{ip|${filter}}`, row);
      expect(read).toThrow(Problem);
      expect(read).toThrow(expect.objectContaining({ description: expect.stringContaining('split') }));
    }
  });

  test('extracts text and links from a page, and nothing that a browser would not show', () => {
    const page = { html: '<style>a{b:c}</style><script>let x = "</p>";</script><!-- hidden --><h1>One</h1><p>two&#8203;three &lt;b&gt; &nosuch; 3 < 4</p><img alt="x">' }; // prettier-ignore
    const [text = ''] = fill('{html|html}', page);
    expect(text).toBe('One two\u200bthree <b> &nosuch; 3 < 4');
    expect(fill('{t|urls}', { t: 'See https://a.example/x, http://b.example/y?z=1; "https://a.example/x" ftp://c' })).toEqual(['https://a.example/x', 'http://b.example/y?z=1']);
  }); // prettier-ignore

  test.each<readonly [text: string, values: readonly string[]]>([
    ['Block hxxps://bad[.]example/pay.', ['hxxps://bad[.]example/pay']],
    ['(see evil[.]example)', ['evil[.]example']],
    ['203[.]0[.]114[.]9:8080 and 203.0.114.8', ['203[.]0[.]114[.]9:8080']],
    ['mail clerk[at]port[.]example or desk@port.example', ['clerk[at]port[.]example']],
    ['https[://]bad.example/a(b)', ['https[://]bad.example/a(b)']],
    ['bad[dot]example twice: bad[dot]example', ['bad[dot]example']],
    // An ordinary link in a text is not a value.
    ['Read https://vendor.example/advice', []],
    ['Version 1.2.3 of tool.exe', []],
  ])('finds the defanged values in "%s"', (text, values) => {
    expect(fill('{t|defanged}', { t: text })).toEqual(values);
  });
});

describe('a condition', () => {
  test.each<readonly [when: Readonly<Record<string, readonly string[]>>, isTrue: boolean]>([
    [{}, true],
    [{ level: ['High'] }, true],
    [{ level: ['high'] }, false],
    [{ level: ['Low', 'High'] }, true],
    [{ level: ['*'] }, true],
    [{ empty: ['*'] }, false],
    [{ missing: ['*'] }, false],
    [{ empty: [''] }, true],
    [{ missing: ['', 'x'] }, true],
    [{ level: ['High'], port: ['80'] }, false],
    [{ level: ['High'], port: ['443'] }, true],
    [{ level: [] }, false],
  ])('%j is %j', (when, isTrue) => {
    expect(applies(when, row)).toBe(isTrue);
  });
});

describe('the period that a request asks for', () => {
  const clock = new TestClock('2026-01-15T12:00:00.000Z');
  const now = clock.now();
  const day = 86_400_000;
  test.each<readonly [what: string, spec: Readonly<Record<string, number>>, since: number | undefined, wanted: readonly [number, number, number]]>([
    ['seven days at first', {}, undefined, [-7 * day, 0, -600_000]],
    ['as many days as the document says', { since_days: 30 }, undefined, [-30 * day, 0, -600_000]],
    ['from the end of the last one', {}, now - day, [-day, 0, -600_000]],
    ['again the last ten minutes, but never before its start', {}, now - 60_000, [-60_000, 0, -60_000]],
    ['a part, when the source accepts only short periods', { since_days: 30, window_days: 10 }, undefined, [-30 * day, -20 * day, -20 * day]],
    ['the rest, when it is shorter than that', { window_days: 10 }, now - 5 * day, [-5 * day, 0, -600_000]],
    ['exactly the rest', { window_days: 5 }, now - 5 * day, [-5 * day, 0, -600_000]],
  ])('is %s', (_what, spec, since, [from, to, next]) => {
    expect(windowOf(spec, { clock, cursor: since === undefined ? {} : { since } })).toEqual({
      since: now + from,
      until: now + to,
      next: now + next,
    });
  }); // prettier-ignore

  test('is filled into an address and a body, and unknown placeholders stay', () => {
    const period = { since: now - day - 1, until: now };
    const text = '{{since}} {{since_date}} {{since_epoch}} {{now}} {{now_date}} {{page}} {{key}} {{constructor}} {since}';
    expect(filledIn(text, period, { page: '$& 3' })).toBe(
      '2026-01-14T11:59:59.999Z 2026-01-14 1768391999 2026-01-15T12:00:00.000Z 2026-01-15 $& 3 {{key}} {{constructor}} {since}',
    );
    expect([{ url: 'https://a.example/?from={{since_epoch}}' }, { body: '{"to":"{{now}}"}' }, { url: 'https://a.example/{{key}}' }, {}].map(asksSince)).toEqual([true, true, false, false]);
  }); // prettier-ignore
});

describe('times of a feed', () => {
  const now = Date.parse('2026-01-15T12:00:00.000Z');
  const rules = (over: Partial<TimeRules> = {}): TimeRules => ({ zone: 'UTC', format: 'any', now, ...over });
  const read = (text: string, over: Partial<TimeRules> = {}): string => {
    try {
      return new Date(readTime(text, rules(over))).toISOString();
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  };

  test.each([
    ['2026-01-15 12:00', 'Pacific/Auckland', '2026-01-14T23:00:00.000Z'],
    ['2025-07-15 12:00', 'Pacific/Auckland', '2025-07-15T00:00:00.000Z'],
    ['2026-01-15 12:00 UTC', 'Pacific/Auckland', '2026-01-15T12:00:00.000Z'],
    ['2026-01-15T12:00:00+13:00', 'America/Lima', '2026-01-14T23:00:00.000Z'],
    ['2026-01-15', 'Pacific/Tongatapu', '2026-01-14T11:00:00.000Z'],
  ])('%s in the zone %s is %s', (text, zone, wanted) => {
    expect(read(text, { zone })).toBe(wanted);
  });

  test.each([
    ['1989-12-31T23:59:59Z', 'bad-timestamp'],
    ['1990-01-01T00:00:00Z', '1990-01-01T00:00:00.000Z'],
    ['2026-01-16T12:00:00Z', '2026-01-16T12:00:00.000Z'],
    ['2026-01-16T12:00:01Z', 'bad-timestamp'],
    ['2026-02-29', 'bad-timestamp'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2025-13-01', 'bad-timestamp'],
    ['2026-01-15T24:00:00Z', 'bad-timestamp'],
    ['2026-01-15 12:60', 'bad-timestamp'],
    ['15 Jan 2026 12:00 am', '2026-01-15T00:00:00.000Z'],
    ['15 Jan 2026 12:30 pm', '2026-01-15T12:30:00.000Z'],
    ['15 Jan 2026 0:30 am', 'bad-timestamp'],
    ['15 Jan 26', '2026-01-15T00:00:00.000Z'],
    ['15 Jan 99', '1999-01-15T00:00:00.000Z'],
    ['1er août 2025', '2025-08-01T00:00:00.000Z'],
    ['3. März 2025 08:00 MEZ', '2025-03-03T07:00:00.000Z'],
    ['15 de enero de 2026', '2026-01-15T00:00:00.000Z'],
    ['Fri Nov 20 10:00:00 NZDT 2025', '2025-11-19T21:00:00.000Z'],
    ['Thu Jan 15 2026 12:00:00 GMT+1300 (Tonga Standard Time)', '2026-01-14T23:00:00.000Z'],
    ['20260115', '2026-01-15T00:00:00.000Z'],
    ['20260115T101112Z', '2026-01-15T10:11:12.000Z'],
    ['1768478400', '2026-01-15T12:00:00.000Z'],
    ['1768478400.5', '2026-01-15T12:00:00.500Z'],
    ['1768478400123', '2026-01-15T12:00:00.123Z'],
    [`2026-01-15${' '.repeat(300)}12:00`, 'bad-timestamp'],
  ])('%s is %s', (text, wanted) => {
    expect(read(text)).toBe(wanted);
  });

  test('an end can be in the future, and the start of a period cannot', () => {
    expect(read('2030-01-01', { isEnd: true })).toBe('2030-01-01T00:00:00.000Z');
    expect(read('2030-01-01')).toBe('bad-timestamp');
  });

  test.each([
    ['iso', '15 Jan 2026', 'bad-timestamp'],
    ['iso', '1768478400', 'bad-timestamp'],
    ['rfc2822', 'Thu, 15 Jan 2026 12:00:00 +0000', '2026-01-15T12:00:00.000Z'],
    ['rfc2822', '1768478400', 'bad-timestamp'],
    ['epoch', '1768478400', '2026-01-15T12:00:00.000Z'],
    ['epoch', '2026-01-15', 'bad-timestamp'],
    ['epoch-ms', '1768478400000', '2026-01-15T12:00:00.000Z'],
    ['epoch-ms', '1768478400', 'bad-timestamp'],
    ['day-first', '03/04/2025', '2025-04-03T00:00:00.000Z'],
    ['month-first', '03/04/2025', '2025-03-04T00:00:00.000Z'],
    ['month-first', '13/04/2025', 'bad-timestamp'],
    ['day-first', '2025-04-03', 'bad-timestamp'],
    ['any', '03/04/2025', 'bad-timestamp'],
  ] as const)('with the format %s, "%s" is %s', (format, text, wanted) => {
    expect(read(text, { format })).toBe(wanted);
  });

  test.each([
    ['13/04/2025', 'day-first'],
    ['04/13/2025', 'month-first'],
    ['03/04/2025', 'either'],
    ['2025-04-03', undefined],
    ['3.4.25', 'either'],
  ])('the order of the numbers of %s is %s', (text, order) => {
    expect(orderOfNumbers(text)).toBe(order);
  });

  test.each([
    ['1768478400000000', '2026-01-15T12:00:00.000Z'],
    ['1768478400000', '2026-01-15T12:00:00.000Z'],
    ['1768478400.25', '2026-01-15T12:00:00.250Z'],
    ['2026-01-15', '2026-01-15T00:00:00.000Z'],
    ['', undefined],
    [undefined, undefined],
    ['soon', undefined],
    ['0', undefined],
  ])('a JSON value %j is %s', (text, wanted) => {
    const ms = looseTime(text);
    expect(ms === undefined ? undefined : new Date(ms).toISOString()).toBe(wanted);
  });

  test.each([
    ['NZDT', 780],
    ['nzst', 720],
    ['+13:00', 780],
    ['+1300', 780],
    ['-5', -300],
    ['UTC-05:30', -330],
    ['GMT +14', 840],
    ['+15', undefined],
    ['+10:60', undefined],
    ['XYZ', undefined],
    ['constructor', undefined],
    ['', undefined],
  ])('the zone %s is %j minutes', (name, minutes) => {
    expect(zoneOffset(name)).toBe(minutes);
  });
});
