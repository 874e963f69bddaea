import { describe, expect, test } from '@jest/globals';
import stringWidth from 'string-width';
import { printable, printableLines } from '../../src/cli/io.ts';
import { detailsText } from '../../src/cli/audit.ts';
import { dayOf, graded, table, when, whenExactly, writeJson, writeResult } from '../../src/cli/output.ts';
import { gradedState } from '../../src/cli/show.ts';
import { testIo } from '../support/io.ts';

const ROWS = [
  ['FEED', 'STATE', 'LAST RUN', 'TITLE'],
  ['urlhaus', 'ok', '2026-11-28 09:32 UTC', 'URLs that distribute malware, collected by volunteers'],
  ['tor-exits', 'failing', '2026-11-28 10:16 UTC', 'Addresses of Tor exits'],
];

/** Returns every word that a text contains, in order. */
const wordsOf = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');
const widest = (text: string): number => Math.max(...text.split('\n').map((line) => stringWidth(line)));

describe('tables', () => {
  test('a file or another program gets one line for each row, however wide', () => {
    expect(table(ROWS, testIo().io).split('\n')).toHaveLength(3);
    expect(widest(table(ROWS, testIo().io))).toBeGreaterThan(80);
  });

  test.each([120, 80, 60])('at %i columns nothing is wider and nothing is cut', (columns) => {
    const text = table(ROWS, testIo({ columns }).io);
    expect(widest(text)).toBeLessThanOrEqual(columns);
    expect(wordsOf(text).toSorted()).toEqual(wordsOf(ROWS.flat().join(' ')).toSorted());
  });

  test('COLUMNS names the width of output that does not go to a terminal', () => {
    expect(widest(table(ROWS, testIo({ environment: { COLUMNS: '80' } }).io))).toBeLessThanOrEqual(80);
    expect(table(ROWS, testIo({ environment: { COLUMNS: 'wide' } }).io)).toBe(table(ROWS, testIo().io));
  });

  test('rows whose words do not fit become blocks with the heads in front', () => {
    const id = 'indicator--0f6a1c3e-6a0b-4a57-9a2f-6b1e2d3c4f5a';
    const rows = [
      ['ID', 'OBJECT', 'WHY'],
      ['one', id, 'the marking definition is not known here'],
      ['two', id, ''],
    ];
    const text = table(rows, testIo({ columns: 50 }).io);
    expect(text).toBe(
      [
        'ID      one',
        `OBJECT  ${id}`,
        'WHY     the marking definition is not known here',
        '',
        'ID      two',
        `OBJECT  ${id}`,
      ].join('\n'),
    );
  });

  test('text in a cell cannot control the terminal, and states keep their colours', () => {
    const { io } = testIo({ columns: 80 });
    const state = graded('failing', 'bad', io);
    expect(
      table(
        [
          ['BROWSER', 'STATE'],
          ['curl\u009b2J\u001b[8m\n', state],
        ],
        io,
      ).split('\n')[1],
    ).toBe(`curl?2J?[8m?  ${state}`);
  });

  test('a table without a header row stays a table', () => {
    const rows = [
      ['Pattern', "[url:value='https://harbour.example/a-long-path-that-no-line-can-hold']"],
      ['Note', 'a b'],
    ];
    expect(table(rows, testIo({ columns: 40 }).io).split('\n')).toEqual([
      `Pattern  ${rows[0]?.[1]}`,
      'Note     a b',
    ]);
  });
});

describe('times', () => {
  const TIME = '2026-11-28T21:05:07.123Z';

  test.each([
    ['UTC without a zone', {}, undefined, '2026-11-28 21:05 UTC', '2026-11-28'],
    ['the zone of the hub', {}, 'Pacific/Fiji', '2026-11-29 09:05 +12:00', '2026-11-29'],
    ['the zone of the reader first', { TZ: 'Pacific/Apia' }, 'Europe/Paris', '2026-11-29 10:05 +13:00', '2026-11-29'],
    ['a zone with a colon, as POSIX writes it', { TZ: ':Asia/Tokyo' }, undefined, '2026-11-29 06:05 +09:00', '2026-11-29'],
    ['the zone of the hub where that of the reader is unknown', { TZ: 'Mars/Olympus' }, 'Pacific/Fiji', '2026-11-29 09:05 +12:00', '2026-11-29'],
  ] as const)('are shown in %s', (_title, environment, zone, shown, day) => {
    const { io } = testIo({ environment });
    if (zone !== undefined) io.zone = zone;
    expect([when(TIME, io), when(Date.parse(TIME), io), dayOf(TIME, io)]).toEqual([shown, shown, day]);
  }); // prettier-ignore

  test('have seconds where they matter', () => {
    expect(whenExactly(TIME, testIo().io)).toBe('2026-11-28 21:05:07 UTC');
  });
});

describe('states', () => {
  test('have a symbol and a colour on terminals only', () => {
    expect(graded('failing', 'bad', testIo().io)).toBe('failing');
    const coloured = graded('failing', 'bad', testIo({ columns: 80 }).io);
    expect(coloured).toContain('✗ failing');
    expect(coloured).toContain('\u001b[');
    expect(stringWidth(coloured)).toBe(9);
    expect(graded('ok', 'good', testIo({ columns: 80, environment: { NO_COLOR: '1' } }).io)).toBe('✓ ok');
  });
});

describe('texts from outside', () => {
  test('cannot move the cursor, and keep their lines only where lines are wanted', () => {
    expect(printable('a\u001b[2Jb\nc')).toBe('a?[2Jb?c');
    expect(printableLines('{\r\n\t"a": "\u001b[2J",\n  "b": 1\n}')).toBe('{\n  "a": "?[2J",\n  "b": 1\n}');
  });

  test('JSON is one line', () => {
    const printed = testIo();
    writeJson({ note: 'a\nb' }, printed.io);
    expect(printed.out()).toBe('{"note":"a\\nb"}\n');
  });

  test('a result is JSON for programs and text for people', () => {
    for (const [json, text] of [
      [true, '{"state":"ok"}\n'],
      [false, 'It is ok.\n'],
    ] as const) {
      const printed = testIo();
      writeResult({ state: 'ok' }, () => 'It is ok.', { json }, printed.io);
      expect(printed.out()).toBe(text);
    }
  });

  test('details of the audit log are words, and their times have a zone', () => {
    const { io } = testIo({ environment: { TZ: 'Pacific/Fiji' } });
    const details = {
      expires: Date.parse('2026-11-28T21:05:00Z'),
      put: ['feed/a', 'feed/b'],
      gone: [],
      ids: [],
      to: 2,
      read: true,
    };
    expect(detailsText(details, io)).toBe(
      'expires: 2026-11-29 09:05 +12:00; put: feed/a, feed/b; gone: none; ids: not listed, because they reveal values; to: 2; read: true',
    );
  });
});

test('states of objects have a sign on terminals', () => {
  const environment = { NO_COLOR: '1' };
  expect(gradedState('revoked', 'revoked', testIo({ columns: 80, environment }).io)).toBe('✗ revoked');
  expect(gradedState('revoked', 'revoked', testIo().io)).toBe('revoked');
});
