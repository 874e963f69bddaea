import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import { checkDocument, loadPreset } from '../../src/feeds/document.ts';
import { parseFeed } from '../../src/feeds/parsers/parse.ts';
import type { Parsed } from '../../src/feeds/parsers/record.ts';
import type { FeedDocument, ParserSpec } from '../../src/config/settings.ts';
import type { Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { special } from '../support/feed-reading.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';
import { listen } from '../support/recorder.ts';

const HOUR = 3_600_000;

async function parsed(parser: ParserSpec, text: string): Promise<readonly Parsed[]> {
  const rows: Parsed[] = [];
  for await (const row of parseFeed(Readable.from([Buffer.from(text)]), parser)) rows.push(row);
  return rows;
}

/** Returns the lines of the good rows, and those of the bad rows with their codes. */
const read = async (text: string, over: Partial<ParserSpec> = {}) => {
  const rows = await parsed({ kind: 'csv', header: 'first', comment: ['#'], ...over }, text);
  return {
    good: rows.filter(({ kind }) => kind === 'row').map(({ line }) => line),
    bad: rows.flatMap((row) => (row.kind === 'bad' ? [[row.line, row.code]] : [])),
  };
};

describe('a CSV reader after a bad row', () => {
  const quoted = (i: number, host = `"h${i}.reef.example"`): string => `"2026-11-20 10:0${i}","${i}",${host}`;
  const table = (...rows: string[]): string => ['"seen","id","host"', ...rows, '# END'].join('\n');

  test.each([
    ['a closing quote that is missing in the middle', quoted(2, '"h2.reef.example').replace('"2"', '"2'), 'stray-quote'],
    ['a closing quote that is missing at the end', quoted(2, '"h2.reef.example'), 'stray-quote'],
    ['an opening quote that is missing', quoted(2).replace('"2"', '2"'), undefined],
    ['a quote within a field', quoted(2, '"h2"reef.example"'), 'stray-quote'],
    ['a single quote mark as a row', '"', 'stray-quote'],
    ['a row that ends early', '"2026-11-20 10:02","2', 'stray-quote'],
    ['a row with too many columns', `${quoted(2)},"x"`, 'column-count'],
  ])('%s', async (_name, row, code) => {
    expect(await read(table(quoted(1), row, quoted(3), quoted(4)))).toEqual(
      code === undefined ? { good: [2, 3, 4, 5], bad: [] } : { good: [2, 4, 5], bad: [[3, code]] },
    );
    // The same where only some fields have quotes.
    const plain = (i: number): string => `2026-11-20 10:0${i},${i},h${i}.reef.example`;
    const rest = await read(['seen,id,host', plain(1), row, ...[3, 4, 5, 6].map(plain), '# END'].join('\n'));
    expect([rest.good.filter((line) => line !== 3), rest.bad.map(([line]) => line)]).toEqual([[2, 4, 5, 6, 7], code === undefined ? [] : [3]]); // prettier-ignore
  }); // prettier-ignore

  test('two stray quotes do not join into one field that takes the rows between them', async () => {
    const rows = [quoted(1), '2026-11-20 10:02,2,"h2.reef.example', quoted(3), '2026-11-20 10:04,4,"', quoted(5)];
    expect(await read(table(...rows))).toEqual({ good: [2, 4, 6], bad: [[3, 'stray-quote'], [5, 'stray-quote']] });
  }); // prettier-ignore

  test('a field that has line ends is one field, also with something like a comment in it', async () => {
    const text = 'seen,id,host\n2026-11-20,1,a.reef.example\n2026-11-20,2,"GET / HTTP/1.1\nHost: x, y\n# no comment\n\nend"\n2026-11-21,3,c.reef.example\n';
    const rows = await parsed({ kind: 'csv', header: 'first', comment: ['#'] }, text);
    expect(rows.map(({ kind, line }) => [kind, line])).toEqual([['row', 2], ['row', 3], ['row', 8]]);
    expect(rows[1]).toMatchObject({ row: { host: 'GET / HTTP/1.1\nHost: x, y\n# no comment\n\nend' } });
  }); // prettier-ignore

  test.each(['csv', 'delimited', 'lines', 'hosts', 'rpz', 'ndjson'] as const)('%s: a line that is too long', async (kind) => {
    const one = kind === 'ndjson' ? '{"value":"a.reef.example"}' : kind === 'hosts' ? '0.0.0.0 a.reef.example' : kind === 'rpz' ? 'a.reef.example CNAME .' : 'a.reef.example';
    const long = `0.0.0.0 ${'x'.repeat(1_100_000)}`;
    for (const bad of [long, ...(kind === 'csv' ? [`"${long}`] : [])]) {
      const rows = await parsed({ kind, columns: ['value'] }, `${one}\n${bad}\n${one}\n`);
      expect(rows.map((row) => (row.kind === 'bad' ? [row.line, row.code] : row.line))).toEqual([1, [2, 'record-too-long'], 3]);
    }
  }); // prettier-ignore

  test('a hosts file: a line without a name is a bad row', async () => {
    const rows = await parsed(
      { kind: 'hosts' },
      '0.0.0.0 a.reef.example\nb.reef.example\n127.0.0.1 localhost\n',
    );
    expect(rows.map((row) => [row.line, row.kind])).toEqual([[1, 'row'], [2, 'bad']]); // prettier-ignore
  });
});

describe('an incomplete file ends nothing', () => {
  let server: Awaited<ReturnType<typeof listen>>;
  let body = '';
  let t: TestHub;
  let clock: TestClock;
  beforeAll(async () => {
    server = await listen((_request, response) => response.writeHead(200).end(body));
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    clock = new TestClock('2026-11-28T12:00:00.000Z');
    t = await testHub(`${SETTINGS}\negress: { allow: ["${server.base.slice(7)}"] }\n`, { clock });
  });
  afterEach(() => t.stop());

  const add = async (document: FeedDocument): Promise<void> => {
    const { name } = document;
    await t.hub.feeds.registry.create(
      checkDocument(
        {
          ...document,
          enabled: true,
          schedule: { cron: '0 3 1 1 *' },
          values: special,
          defaults: { ...document.defaults, tlp: 'green' },
          transport: { kind: 'https', url: `${server.base}/` },
        },
        name,
      ),
      'indicators',
      [],
    );
  };
  const run = async (name: string, text: string, confirmed = false) => {
    clock.advance(HOUR);
    body = text;
    return t.hub.feeds.runner.run(name, undefined, { confirmed });
  };
  /** Names of the indicators that are valid now. */
  const live = async (): Promise<number> => {
    const { body: found } = await t.as('reader').get(`${objectsOf(MAIN)}?match[type]=indicator&limit=1000`);
    return ((found as { objects?: Json[] }).objects ?? []).filter((object) => object['revoked'] !== true && Date.parse(String(object['valid_until'])) > clock.now()).length; // prettier-ignore
  };
  const feodo = (rows: readonly number[], trailer: string | undefined, over: Readonly<Record<number, string>> = {}): string =>
    [
      '"first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"',
      ...rows.map((i) => over[i] ?? `"2026-11-20 10:00:${String(i).padStart(2, '0')}","45.130.${i * 7}.${i + 1}","${400 + i}","online","2026-11-27","Fam"`),
      ...(trailer === undefined ? [] : [trailer]),
    ].join('\n'); // prettier-ignore
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

  test('a stray quote is one bad row with its line, and may hide only the entry of that row', async () => {
    await add(loadPreset('feodo'));
    expect(await run('feodo', feodo(numbers(30), '# END (30) entries'))).toMatchObject({ status: 'ok', created: 30 });
    const broken = feodo(numbers(30), '# END (30) entries', { 17: '"2026-11-20 10:00:17","45.130.119.18,"417","online","2026-11-27","Fam"' });
    for (let i = 0; i < 2; i++) {
      expect(await run('feodo', broken)).toMatchObject({ status: 'suspect', records: 30, accepted: 29, quarantined: 1, unchanged: 29, removed: 0, reason: expect.stringMatching(/^1 row is bad and 1 entry is missing/) });
      expect(await t.hub.feeds.quarantine.of('feodo')).toMatchObject([{ line: 19, code: 'stray-quote' }]);
      expect(await live()).toBe(30);
    }
    // New rows of the same file are stored all the same.
    expect(await run('feodo', feodo(numbers(31), '# END (31) entries', { 17: '"' }))).toMatchObject({ status: 'suspect', created: 1, removed: 0 });
    expect(await run('feodo', feodo(numbers(30).filter((i) => i !== 17), '# END (29) entries'))).toMatchObject({ status: 'ok', removed: 2 });
    expect(await live()).toBe(29);
  }); // prettier-ignore

  test.each([
    ['ends early, with its trailer', feodo(numbers(20), '# END (30) entries'), /^count-mismatch: the source states 30 records, but 20 were received/],
    ['has no trailer', feodo(numbers(30), undefined), /^count-missing/],
  ])('a file that %s is never accepted, however often it is received', async (_name, text, reason) => {
    await add(loadPreset('feodo'));
    await run('feodo', feodo(numbers(30), '# END (30) entries'));
    for (let i = 0; i < 2; i++) {
      expect(await run('feodo', text)).toMatchObject({ status: 'suspect', created: 0, updated: 0, unchanged: 0, removed: 0, reason: expect.stringMatching(reason) });
      expect(await live()).toBe(30);
    }
    expect(await run('feodo', text, true)).toMatchObject({ status: expect.stringMatching(/^ok/) });
  }); // prettier-ignore

  test('JSON lines whose metadata names more records, or that end before it', async () => {
    await add(loadPreset('spamhaus-drop-v4'));
    const drop = (rows: number, said?: number): string => [...numbers(rows).map((i) => JSON.stringify({ cidr: `91.210.${i}.0/24`, sblid: `SBL${i}` })), ...(said === undefined ? [] : [JSON.stringify({ type: 'metadata', records: said })])].join('\n');
    expect(await run('spamhaus-drop-v4', drop(30, 30))).toMatchObject({ status: 'ok', created: 30 });
    expect(await run('spamhaus-drop-v4', drop(20, 30))).toMatchObject({ status: 'suspect', removed: 0, unchanged: 0, reason: expect.stringContaining('ends nothing') });
    expect(await run('spamhaus-drop-v4', drop(29))).toMatchObject({ status: 'suspect', removed: 0, reason: expect.stringContaining('count-missing') });
    expect(await live()).toBe(30);
    expect(await run('spamhaus-drop-v4', drop(29, 29))).toMatchObject({ status: 'ok', removed: 1 });
  }); // prettier-ignore

  test('DShield has a trailer without a number', async () => {
    await add(loadPreset('dshield'));
    const block = (rows: number, trailer: string): string => `Start\tEnd\tNetblock\n${numbers(rows).map((i) => `45.${i}.0.0\t45.${i}.0.255\t24`).join('\n')}\n${trailer}`;
    expect(await run('dshield', block(20, '#\n# END\n'))).toMatchObject({ status: 'ok', created: 20 });
    expect(await run('dshield', block(15, ''))).toMatchObject({ status: 'suspect', removed: 0, reason: expect.stringMatching(/^end-missing/) });
    expect(await live()).toBe(20);
  }); // prettier-ignore

  test('a list of new entries stores the received rows, is suspect, and reads the file again', async () => {
    const { mode: _mode, ...document } = loadPreset('feodo');
    await add({ ...document, mode: 'append' });
    const text = feodo(numbers(20), '# END (30) entries');
    expect(await run('feodo', text)).toMatchObject({ status: 'suspect', created: 20, reason: expect.stringContaining('stores the rows') });
    expect(await run('feodo', text)).toMatchObject({ status: 'suspect', unchanged: 20 });
    expect(await run('feodo', feodo(numbers(30), '# END (30) entries'))).toMatchObject({ status: 'ok', created: 10, unchanged: 20 });
  }); // prettier-ignore

  test('a row that is bad in every file does not keep entries alive forever', async () => {
    await add({ ...loadPreset('plain-list'), name: 'list' });
    const list = (rows: number, ...bad: string[]): string => [...bad, ...numbers(rows).map((i) => `n${i}.reef.example`)].join('\n');
    expect(await run('list', list(30, 'localhost'))).toMatchObject({ status: 'partial', created: 30, quarantined: 1 });
    // It was as bad when the list was read last, so it hides no entry that was good then.
    expect(await run('list', list(29, 'localhost'))).toMatchObject({ status: 'partial', removed: 1 });
    // Another bad row may be the entry that is gone.
    expect(await run('list', list(28, 'localhost', 'n28reefexample'))).toMatchObject({ status: 'suspect', removed: 0 });
    expect(await live()).toBe(29);
    expect(await run('list', list(28))).toMatchObject({ status: 'ok', removed: 1 });
  }); // prettier-ignore
});
