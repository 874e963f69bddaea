// Files of hostile sources cost time in proportion to their size. Each of these cost minutes or hours before: a test of
// one that is no longer linear does not end in time.
import { expect, jest, test } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { FeedDocument, ParserSpec, TransportSpec } from '../../src/config/settings.ts';
import { columnNames } from '../../src/feeds/column-names.ts';
import { detectFeed } from '../../src/feeds/detect.ts';
import { detectFile } from '../../src/feeds/detect-file.ts';
import { jsonFormat } from '../../src/feeds/detect-json.ts';
import { knownFormat } from '../../src/feeds/detect-known.ts';
import { loadPreset } from '../../src/feeds/document.ts';
import type { Step } from '../../src/feeds/formats/format.ts';
import { FindingMaker } from '../../src/feeds/maker.ts';
import { flatten } from '../../src/feeds/parsers/flatten.ts';
import { Node } from '../../src/feeds/node.ts';
import { readFile } from '../../src/feeds/read.ts';
import { readSamples } from '../../src/feeds/samples.ts';
import { nothingStaged } from '../../src/feeds/stage.ts';
import { stageFiles } from '../../src/feeds/staging.ts';
import { inThread } from '../../src/feeds/threads.ts';
import { fetchFeed } from '../../src/feeds/transports/fetch.ts';
import { readMail } from '../../src/feeds/transports/mail.ts';
import {
  SpoolBudget,
  spoolStream,
  type Fetched,
  type FeedFile,
} from '../../src/feeds/transports/transport.ts';
import type { HttpClient } from '../../src/kernel/http-client.ts';
import { TestClock } from '../support/clock.ts';

/** Reads a text as a feed file, and returns what became of its entries. */
function read(text: string, parser: ParserSpec): Promise<readonly Step[]> {
  return inFolder(async (folder) => {
    const path = join(folder, 'file');
    writeFileSync(path, text);
    const document: FeedDocument = { ...loadPreset('plain-list'), parser };
    const make = new FindingMaker(document, Date.parse('2026-11-29T12:00:00Z'));
    const steps: Step[] = [];
    for await (const step of readFile({ name: 'file', path, bytes: text.length }, make)) steps.push(step);
    return steps;
  });
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-worst-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const many = <T>(count: number, make: (i: number) => T): readonly T[] =>
  Array.from({ length: count }, (_item, i) => make(i));
const codesOf = (steps: readonly Step[]): readonly (string | undefined)[] =>
  steps.map(({ mapped }) => mapped.fault?.code);
const labelsIn = (steps: readonly Step[]): readonly number[] =>
  steps.flatMap(({ mapped }) =>
    mapped.findings.map((finding) => (finding.kind === 'indicator' ? finding.labels.length : 0)),
  );

test('a value at a path of more than 1,000 characters has no column', () => {
  const members = Object.fromEntries(many(2_000, (i) => [`member${i}`, i]));
  expect(flatten({ short: members, ['k'.repeat(100_000)]: members })).toEqual(
    Object.fromEntries(many(2_000, (i) => [`short.member${i}`, String(i)])),
  );
});

test('members of lists have columns of their own in three lists within each other', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 'x' : { a: [nested(depth - 1)] });
  const names = Object.keys(flatten(nested(20)));
  const numbers = names.map((name) => name.split('.').filter((part) => part === '0').length);
  expect(Math.max(...numbers)).toBe(3);
  expect(flatten({ a: [{ b: [{ c: [{ d: 'x' }] }] }] })['a.0.b.0.c.0.d']).toBe('x');
});

test('a list of values with blanks only is read once', async () => {
  const steps = await read(`${'\f'.repeat(4_000_000)}9.9.9.9 8.8.4.4`, {
    kind: 'delimited',
    each: true,
    separator: ' ',
  });
  expect(steps.map(({ raw }) => raw)).toEqual(['9.9.9.9', '8.8.4.4']);
});

test('a comment after blanks is a comment, and a comment mark within a value is part of the value', async () => {
  const steps = await read('9.9.9.9, # no value\n \t# a comment, 8.8.4.4\nexample.com#x, 8.8.4.4 \n', {
    kind: 'delimited',
    each: true,
    separator: ',',
    comment: ['#'],
  });
  expect(steps.map(({ raw }) => raw)).toEqual(['9.9.9.9', '# no value', 'example.com#x', '8.8.4.4']);
});

test('the format of brackets and commas, and of declarations without an end, is found at once', () => {
  const context = { now: 0, own: [], head: '' };
  expect(jsonFormat('['.repeat(500_000) + ','.repeat(500_000), context)).toBeUndefined();
  expect(jsonFormat('[{"ip":"9.9.9.9"},{"ip":"8.8.4.4"},{"ip":', context)?.parser).toEqual({
    kind: 'json',
    records: '$[*]',
  });
  expect(knownFormat('<!'.repeat(500_000), 'https://example.com/')).toBeUndefined();
  expect(
    knownFormat('<?xml version="1.0"?><!-- <rss> --><x:STIX_Package >', 'https://example.com/')?.parser,
  ).toEqual({ kind: 'stix1' });
});

test('an indicator of STIX 1.x whose parts name each other has at most 2,000 parts', async () => {
  const levels = many(
    8,
    (i) =>
      `<Observable id="o${i}"><Observable_Composition operator="OR">${`<Observable idref="o${i + 1}"/>`.repeat(100)}</Observable_Composition></Observable>`,
  );
  const last =
    '<Observable id="o8"><Object><Properties xsi:type="A:AddressObjectType"><Address_Value>9.9.9.9</Address_Value></Properties></Object></Observable>';
  const steps = await read(
    `<STIX_Package xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Observables>${levels.join('')}${last}</Observables><Indicators><Indicator id="i"><Observable idref="o0"/></Indicator><Indicator id="j"><Observable idref="o8"/></Indicator></Indicators></STIX_Package>`,
    { kind: 'stix1' },
  );
  expect(codesOf(steps)).toEqual(['too-many-parts', undefined]);
});

test('an indicator with too many values for a pattern is a bad row, and the others are read', async () => {
  const values = many(1_900, (i) => `9.${i >> 8}.${i & 255}.9`).join('##comma##');
  const steps = await read(
    `<STIX_Package xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Indicators>${[values, '9.9.9.9'].map((value) => `<Indicator><Observable><Object><Properties xsi:type="A:AddressObjectType"><Address_Value>${value}</Address_Value></Properties></Object></Observable></Indicator>`).join('')}</Indicators></STIX_Package>`,
    { kind: 'stix1' },
  );
  expect(codesOf(steps)).toEqual(['bad-pattern', undefined]);
});

test('each event of an IODEF incident is read once', async () => {
  const event =
    '<EventData><Method><Reference><ReferenceName>CVE-2026-1234</ReferenceName></Reference></Method><Flow><System category="source"><Node><Address category="ipv4-addr">9.9.9.9</Address></Node></System></Flow></EventData>';
  const all = jest.spyOn(Node.prototype, 'all');
  const steps = await read(
    `<IODEF-Document><Incident><IncidentID>1</IncidentID>${event.repeat(300)}</Incident></IODEF-Document>`,
    { kind: 'iodef' },
  );
  expect(steps.length).toBe(301);
  expect(all.mock.calls.length).toBeLessThan(300 * 100);
  all.mockRestore();
});

test('the labels of a source are not repeated without limit in all of its indicators', async () => {
  const tags = many(5_000, (i) => `tag-${i}`);
  const values = many(100, (i) => `a${i}.example.com`);
  const pulse = { id: '1', name: 'x', tags, indicators: values.map((indicator) => ({ type: 'domain', indicator })) }; // prettier-ignore
  const event = {
    uuid: '0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061',
    info: 'x',
    Tag: [...tags, 'tlp:red'].map((name) => ({ name })),
    Attribute: values.map((value) => ({ type: 'domain', to_ids: true, value })),
  };
  for (const [document, kind] of [
    [pulse, 'otx'],
    [{ Event: event }, 'misp'],
  ] as const) {
    // prettier-ignore
    const steps = await read(JSON.stringify(document), { kind });
    expect(steps.length).toBe(101);
    expect(Math.max(...labelsIn(steps))).toBe(200);
  }
  const marked = await read(JSON.stringify({ Event: event }), { kind: 'misp' });
  // The last of the tags counts for the marking all the same.
  expect(new Set(marked.flatMap(({ mapped }) => mapped.findings.map(({ tlp }) => tlp)))).toEqual(
    new Set(['red']),
  );
});

test('repeated names of columns are numbered, and a table has at most 2,000 columns', async () => {
  expect(columnNames(['a', 'a', 'a_2', 'a', '', 'column5', '', 'b'])).toEqual([
    'a',
    'a_3',
    'a_2',
    'a_4',
    'column5_2',
    'column5',
    'column7',
    'b',
  ]);
  expect(columnNames(many(2_000, () => 'a')).at(-1)).toBe('a_2000');
  const tooMany = { code: 'TLN-F-050', title: 'The feed has more than 2,000 columns' };
  const names = many(9_000, () => 'a');
  const text = `${names.join(',')}\n${many(9_000, (i) => `9.9.${i >> 8}.${i & 255}`).join(',')}\n`;
  await expect(read(text, { kind: 'csv', header: 'first' })).rejects.toMatchObject(tooMany);
  await expect(read(`# ${text}`, { kind: 'csv', header: 'last-comment', comment: ['#'] })).rejects.toMatchObject(tooMany); // prettier-ignore
  const table = JSON.stringify([names, names]);
  await expect(read(table, { kind: 'json', records: '$[*]', header: 'first' })).rejects.toMatchObject(tooMany); // prettier-ignore
  const listed = JSON.stringify({ names, data: [names] });
  await expect(read(listed, { kind: 'json', records: '$.data[*]', columns_at: 'names' })).rejects.toMatchObject(tooMany); // prettier-ignore
  for (const parser of [{ kind: 'csv', header: 'none' }, { kind: 'delimited' }] as const)
    expect(codesOf(await read(names.join(','), parser))).toEqual(['column-count']);
  await inFolder(async (folder) => {
    const path = join(folder, 'file');
    writeFileSync(path, gzipSync(text));
    const request = { name: 'source', url: 'https://feed.example/list.csv' };
    const file = { path, bytes: 20_000 };
    await expect(detectFile({ request, file, own: [], now: 0 })).rejects.toMatchObject(tooMany);
  });
});

test('a packed file is read in a thread, however small it is', () =>
  inFolder(async (folder) => {
    // A thread is not started for work that was stopped, and does not get what cannot be sent.
    const stopped = new AbortController();
    stopped.abort();
    const own = Object.assign([], { unsent: () => 0 });
    const request = { name: 'source', url: 'https://feed.example/list' };
    const options = { ...fetchOptions('9.9.9.9\n8.8.4.4\n1.0.0.1\n', folder), own };
    const found = detectFeed(request, options, ({ document }) => Promise.resolve(document.parser.kind));
    expect(await found).toBe('delimited');
    const packed = gzipSync('9.9.9.9\n8.8.4.4\n1.0.0.1\n');
    const there = detectFeed(request, { ...fetchOptions(packed, folder), own }, () => Promise.resolve());
    await expect(there).rejects.toMatchObject({ name: 'DataCloneError' });
    for (const [name, bytes, reason] of [
      ['plain', Buffer.from('9.9.9.9\n'), undefined],
      ['gzip', packed, 'TLN-F-014'],
      ['zip', Buffer.from('PK\u0003\u0004'), 'TLN-F-014'],
    ] as const) {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      const document = loadPreset('plain-list');
      const files = [{ name, path, bytes: bytes.length, sha256: '' }];
      const order = { files, staging: `${path}-staged`, document, members: [], kept: new Map(), now: 0 };
      const staging = stageFiles(order, nothingStaged(), () => undefined, stopped.signal);
      expect(await staging.catch(({ code }: { code?: string }) => code)).toBe(reason);
      const sampling = readSamples(order, stopped.signal).then(() => undefined);
      expect(await sampling.catch(({ code }: { code?: string }) => code)).toBe(reason);
    }
  }));

/** Answers every request with the same text. */
const answering = (text: string | Buffer): HttpClient => ({
  fetch: ({ url }) =>
    Promise.resolve({ status: 200, headers: {}, url, body: Readable.from([text], { objectMode: false }) }),
  resolve: () => Promise.reject(new Error('there is no other protocol here')),
});

const fetchOptions = (text: string | Buffer, spool: string) => ({
  http: answering(text),
  clock: new TestClock('2026-11-29T12:00:00.000Z'),
  pause: () => Promise.resolve(),
  tries: 1,
  spool,
  secret: () => undefined,
  signal: new AbortController().signal,
});

async function fetched(transport: TransportSpec, text: string, spool: string): Promise<Fetched> {
  return fetchFeed(transport, { ...fetchOptions(text, spool), name: 'source', cursor: {} });
}

test('a line of changes.csv that cannot name a file is skipped', () =>
  inFolder(async (spool) => {
    const blanks = many(200, () => `b.json,${' '.repeat(1_980)}"x"`).join('\n');
    const text = `"2026/a.json","2026-11-29T10:00:00Z"\nb.json,${' '.repeat(1_000_000)}""\n${blanks}\n`;
    const url = 'https://csaf.example/changes.csv';
    const { cursor } = await fetched({ kind: 'index', index: 'csaf', url }, text, spool);
    expect(Object.keys(cursor.files ?? {})).toEqual(['2026/a.json']);
  }));

test('the header of a TAXII 1.1 response is read without its content', () =>
  inFolder(async (spool) => {
    const head = '<Poll_Response result_id="1"><Inclusive_End_Timestamp>2026-11-29T10:00:00Z</Inclusive_End_Timestamp>'; // prettier-ignore
    const url = 'https://taxii.example/poll';
    // After the first block, the response need not even be XML.
    const text = `${head}<Content_Block><<<${'<a/>'.repeat(1_000_000)}`;
    const { cursor } = await fetched({ kind: 'taxii11', url }, text, spool);
    expect(cursor.taxii11).toEqual({ end: '2026-11-29T10:00:00Z' });
  }));

test('all files of a run share one limit', () =>
  inFolder(async (folder) => {
    const place = { signal: new AbortController().signal, budget: new SpoolBudget(15) };
    const put = (name: string): Promise<FeedFile> =>
      spoolStream(Readable.from(['0123456789'], { objectMode: false }), join(folder, name), name, Number.NaN, [], place); // prettier-ignore
    expect((await put('first')).bytes).toBe(10);
    await expect(put('second')).rejects.toMatchObject({ failure: 'limits' });
    expect(existsSync(join(folder, 'second'))).toBe(false);
  }));

test('a thread detects the format that this thread would detect, and is ended when it takes too long', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'file');
    const text = many(2_000, (i) => `9.9.${i >> 8}.${i & 255},c${i}.example.com`).join('\n');
    writeFileSync(path, text);
    const request = {
      request: { name: 'source', url: 'https://feed.example/list.csv' },
      file: { path, bytes: text.length },
      own: [],
      now: 0,
    };
    const { signal } = new AbortController();
    const there = await inThread({ kind: 'detect', request }, signal);
    expect(there.detected).toEqual(await detectFile(request));
    await expect(inThread({ kind: 'detect', request }, signal, { longestMs: 1 })).rejects.toMatchObject({
      code: 'TLN-F-049',
    });
  }));

test('an email is parsed in a thread, and one that cannot be parsed does not end a run', async () => {
  const { signal } = new AbortController();
  const head = 'From: a@b.example\r\nMIME-Version: 1.0\r\n';
  const file = `${head}Content-Type: text/csv; name="a.csv"\r\nContent-Disposition: attachment; filename="a.csv"\r\n\r\na,b\r\n`;
  const mail = await readMail(Buffer.from(file), signal);
  expect(mail?.from?.address).toBe('a@b.example');
  expect(mail?.attachments.map(({ filename }) => filename)).toEqual(['a.csv']);
  const nested = many(30, (i) => `Content-Type: multipart/mixed; boundary="b${i}"\r\n\r\n--b${i}\r\n`).join(
    '',
  );
  expect(await readMail(Buffer.from(`${head}${nested}\r\nx`), signal)).toBeUndefined();
  const stopped = new AbortController();
  stopped.abort();
  await expect(readMail(Buffer.from(file), stopped.signal)).rejects.toMatchObject({ code: 'TLN-F-014' });
});
