import { expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import { CsvRecords, type CsvRecord } from '../../src/feeds/parsers/csv-records.ts';
import { parseCsv } from '../../src/feeds/parsers/csv.ts';
import { sliceWork } from '../../src/kernel/slices.ts';

function recordsOf(lines: readonly string[]): readonly CsvRecord[] {
  const records = new CsvRecords(',', 2);
  return [...lines.flatMap((text, i) => records.take({ number: i + 1, text, cut: false })), ...records.end()];
}

/** A record of several lines with two columns. */
const long = (lines: number): readonly string[] => ['a,"b', ...Array<string>(lines - 2).fill('b'), 'b"'];

test('a record may have a thousand lines', () => {
  expect(recordsOf(long(1_000))).toMatchObject([{ number: 1, fault: undefined }]);
  expect(recordsOf(long(1_001))[0]).toMatchObject({ number: 1, fault: { code: 'stray-quote' } });
});

test('a file of stray quotes is not read a thousand times, because records stay short after the first one', () => {
  const stray = Array<string>(11_000).fill('"a');
  const found = recordsOf([...stray, ...long(11), ...long(10)]);
  expect(found.filter(({ fault }) => fault === undefined).map(({ lines }) => lines.length)).toContain(10);
  expect(found.some(({ lines, fault }) => fault === undefined && lines.length === 11)).toBe(false);
  // Each line belongs to one record.
  expect(found.reduce((sum, { lines }) => sum + lines.length, 0)).toBe(11_021);
});

test('reading bad rows lets other requests have their turn', async () => {
  const text = `a,b\n${'x","y\n'.repeat(5_000)}`;
  const before = sliceWork.turns;
  let bad = 0;
  for await (const { kind } of parseCsv(Readable.from([Buffer.from(text)]), { kind: 'csv', header: 'first' }))
    if (kind === 'bad') bad++;
  expect(bad).toBeGreaterThan(2_000);
  expect(sliceWork.turns - before).toBeGreaterThanOrEqual(10);
});
