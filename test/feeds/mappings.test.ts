import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkDocument, loadPreset } from '../../src/feeds/document.ts';
import type { FeedDocument } from '../../src/config/settings.ts';
import { readSample, special, type Reading } from '../support/feed-reading.ts';

/** A small file, a document, and exactly the objects that it becomes. */

const NOW = Date.parse('2026-01-15T12:00:00.000Z');
const GREEN = 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'talanoa-mappings-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const preset = loadPreset('plain-list');
const CSV: FeedDocument['parser'] = { kind: 'csv', header: 'first' };
function documentOf(over: Partial<FeedDocument>): FeedDocument {
  return checkDocument(
    { ...preset, name: 'sample', values: special, defaults: { ...preset.defaults, tlp: 'green' }, ...over },
    'sample',
  );
}
let files = 0;
async function read(text: string, over: Partial<FeedDocument>): Promise<Reading> {
  const path = join(folder, `${++files}.csv`);
  writeFileSync(path, text);
  return readSample(documentOf(over), path, NOW, 'sample.csv');
}
/** Reads one row with the columns a and b. */
const one = (
  map: FeedDocument['map'],
  a: string,
  b = '',
  over: Partial<FeedDocument> = {},
): Promise<Reading> =>
  read(`a,b\n"${a.replaceAll('"', '""')}","${b.replaceAll('"', '""')}"\n`, { parser: CSV, map, ...over });

describe('a value', () => {
  const MD5 = '94981b447947c1e6af5d8be1e262dd7e';
  const SHA1 = 'cfb5e25be6c3bd8074b0b1c6efedc131b107f903';
  const SHA256 = '3297cb78604badb2f37a572b83cfcd7cb2fb43a3acf1e0830d7f7e832ea98c87';
  test.each<readonly [type: string, value: string, pattern: string]>([
    ['auto', '203.0.114.9', "[ipv4-addr:value = '203.0.114.9']"],
    ['auto', '203[.]0[.]114[.]9', "[ipv4-addr:value = '203.0.114.9']"],
    ['auto', '203.0.114.0/24', "[ipv4-addr:value ISSUBSET '203.0.114.0/24']"],
    ['auto', '203.0.114.9/32', "[ipv4-addr:value = '203.0.114.9']"],
    ['auto', '2001:DB8:0:0::9', "[ipv6-addr:value = '2001:db8::9']"],
    ['auto', 'Login.Reef-Bank.COM.', "[domain-name:value = 'login.reef-bank.com']"],
    ['auto', 'bücher.de', "[domain-name:value = 'xn--bcher-kva.de']"],
    ['auto', 'hxxps://pay[.]reef-bank.com/a b', "[url:value = 'https://pay.reef-bank.com/a%20b']"],
    ['auto', "http://a.reef-bank.com/'x'", "[url:value = 'http://a.reef-bank.com/\\'x\\'']"],
    ['auto', 'Clerk@Reef-Bank.com', "[email-addr:value = 'Clerk@reef-bank.com']"],
    ['auto', MD5.toUpperCase(), `[file:hashes.MD5 = '${MD5}']`],
    ['auto', SHA1, `[file:hashes.'SHA-1' = '${SHA1}']`],
    ['auto', SHA256, `[file:hashes.'SHA-256' = '${SHA256}']`],
  ])('of the type %s, %s, becomes the indicator %s', async (type, value, pattern) => {
    const { patterns, quarantine, filtered } = await one([{ value: '{a}', type: type as 'auto' }], value);
    expect([patterns, quarantine, filtered]).toEqual([[pattern], [], []]);
  });

  test.each([
    ['', 'no value'],
    ['10.0.0.1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['0.0.0.0/0', 'everything'],
    ['203.0.114.256', 'not an address'],
    ['host', 'one label'],
    ['not a value', 'words'],
    ['a..reef-bank.com', 'an empty label'],
    ['javascript:alert(1)', 'another scheme'],
    [`${'a'.repeat(64)}.reef-bank.com`, 'a label that is too long'],
    ['d41d8cd98f00b204e9800998ecf8427', 'a hash that is cut'],
    ['d41d8cd98f00b204e9800998ecf8427e', 'the hash of an empty file'],
  ])('"%s" becomes nothing, and the row has the reason: %s', async (value) => {
    const { patterns, quarantine, filtered } = await one([{ value: '{a}', type: 'auto' }], value, 'x');
    expect([patterns, quarantine.length + filtered.length]).toEqual([[], 1]);
  });
});

describe('an indicator', () => {
  test('has exactly what the row and the document contain, and nothing else', async () => {
    const { objects } = await read(
      'a,seen,tag\n203.0.114.9,2026-01-10 08:00:00,"botnet, botnet ,unknown"\n',
      {
        parser: CSV,
        map: [{ value: '{a}', type: 'ip', valid_from: '{seen}', labels: ['{tag|split}', 'list'] }],
      },
    );
    const indicators = objects.filter(({ type }) => type === 'indicator');
    expect(indicators).toHaveLength(1);
    expect(indicators[0]).toMatchObject({
      type: 'indicator',
      spec_version: '2.1',
      pattern: "[ipv4-addr:value = '203.0.114.9']",
      pattern_type: 'stix',
      valid_from: '2026-01-10T08:00:00.000Z',
      labels: ['botnet', 'list'],
      confidence: 50,
      object_marking_refs: [GREEN],
    });
    // The preset states that its entries are valid for seven days from the last sign of life.
    expect(indicators[0]?.['valid_until']).toBe('2026-01-17T08:00:00.000Z');
    expect(indicators[0]).not.toHaveProperty('revoked');
  });

  test('has the same id in every run and for every spelling of its value, and another one in another feed', async () => {
    const idOf = async (value: string, name = 'sample'): Promise<unknown> => {
      const path = join(folder, `${++files}.csv`);
      writeFileSync(path, `a\n${value}\n`);
      const document = checkDocument({ ...documentOf({ parser: CSV, map: [{ value: '{a}', type: 'auto' }] }), name }, name);
      const { findings } = await readSample(document, path, NOW + files * 1_000);
      return findings[0]?.id;
    };
    const id = await idOf('login.reef-bank.com');
    expect(id).toMatch(/^indicator--[0-9a-f-]{36}$/);
    expect([await idOf('LOGIN.reef-bank[.]com'), await idOf('login.reef-bank.com.')]).toEqual([id, id]);
    expect(await idOf('login.reef-bank.com', 'other')).not.toBe(id);
    expect(await idOf('login2.reef-bank.com')).not.toBe(id);
  }); // prettier-ignore

  test('a value that the file contains twice becomes one indicator, and the rows are counted', async () => {
    const { patterns, duplicates, objects } = await read('a\n203.0.114.9\n203.0.114.8\n203[.]0.114.9\n', {
      parser: CSV,
      map: [{ value: '{a}', type: 'auto' }],
    });
    expect([patterns.length, duplicates]).toEqual([2, 1]);
    expect(objects.filter(({ type }) => type === 'indicator')).toHaveLength(2);
  });

  test.each([
    ['203.0.114.9', '2026-01-20', 1, 0],
    ['203.0.114.9', '2025-01-20', 1, 0],
    ['203.0.114.9', 'soon', 0, 1],
    ['203.0.114.9', '', 1, 0],
  ])('%s that ends on "%s" gives %i indicators and %i rows with a reason', async (value, end, made, left) => {
    const { patterns, quarantine, filtered } = await one([{ value: '{a}', type: 'ip', valid_until: '{b}' }], value, end);
    expect([patterns.length, quarantine.length + filtered.length]).toEqual([made, left]);
  }); // prettier-ignore

  test.each([
    ['80', 80],
    ['101', 100],
    ['0', 0],
    ['', 50],
    ['high', 50],
  ])('has the confidence of its row: "%s" is %i', async (typed, confidence) => {
    const { objects } = await one([{ value: '{a}', type: 'ip', confidence: '{b}' }], '203.0.114.9', typed);
    expect(objects.find(({ type }) => type === 'indicator')?.['confidence']).toBe(confidence);
  });

  test('is never more confident than its feed may be', async () => {
    const { objects } = await one([{ value: '{a}', type: 'ip', confidence: '{b}' }], '203.0.114.9', '90', {
      defaults: { ...preset.defaults, tlp: 'green', max_confidence: 60 },
    });
    expect(objects.find(({ type }) => type === 'indicator')?.['confidence']).toBe(60);
  }); // prettier-ignore
});

describe('a row', () => {
  test('is used only for the mappings whose condition it meets', async () => {
    const map: FeedDocument['map'] = [
      { value: '{a}', type: 'ip', when: { b: ['bad', 'worse'] }, labels: ['{b}'], also: true },
      { value: 'http://{a}/', type: 'url', when: { b: ['worse'] } },
      // Only the first mapping that fits is used, unless the mapping lets the next ones be tried as well.
      { value: 'https://{a}/', type: 'url', when: { b: ['worse'] } },
    ];
    const { patterns, quarantine, filtered } = await read('a,b\n203.0.114.1,bad\n203.0.114.2,worse\n203.0.114.3,good\n203.0.114.4,\n', { parser: CSV, map });
    expect(patterns).toEqual([
      "[ipv4-addr:value = '203.0.114.1']",
      "[ipv4-addr:value = '203.0.114.2']",
      "[url:value = 'http://203.0.114.2/']",
    ]);
    // The others are left out with their lines, and are not bad.
    expect([filtered.map(({ row }) => row), quarantine]).toEqual([[4, 5], []]);
  }); // prettier-ignore

  test('a row of an unknown type is put in quarantine under its type, where the document names the column', async () => {
    const text = 'a,b\n203.0.114.1,ip\nx,quantum\ny,\n';
    const map: FeedDocument['map'] = [{ value: '{a}', type: 'ip', when: { b: ['ip'] } }];
    const known = await read(text, { parser: CSV, map, unmatched: 'b' });
    expect(known.quarantine).toEqual([
      { row: 3, reason: 'unknown-type:quantum' },
      { row: 4, reason: 'unknown-type:' },
    ]);
    const silent = await read(text, { parser: CSV, map });
    expect([silent.quarantine, silent.filtered.map(({ reason }) => reason)]).toEqual([[], ['no-mapping', 'no-mapping']]);
  }); // prettier-ignore

  test('with one value that cannot be used keeps the others', async () => {
    const { patterns, quarantine } = await one([{ value: '{a}', type: 'ip', also: true }, { value: '{b}', type: 'url' }], '203.0.114.9', 'not a url'); // prettier-ignore
    expect(patterns).toEqual(["[ipv4-addr:value = '203.0.114.9']"]);
    expect(quarantine).toEqual([{ row: 2, reason: expect.any(String) }]);
  });

  test('with too few or too many fields goes to quarantine with its line number, and the next one is read', async () => {
    const { patterns, quarantine } = await read('a,b\n203.0.114.1,x\n203.0.114.2\n203.0.114.3,x,y\n203.0.114.4,x\n', {
      parser: CSV,
      map: [{ value: '{a}', type: 'ip' }],
    }); // prettier-ignore
    expect(patterns).toContain("[ipv4-addr:value = '203.0.114.4']");
    expect(patterns).toContain("[ipv4-addr:value = '203.0.114.1']");
    expect(quarantine.map(({ row }) => row).every((row) => row === 3 || row === 4)).toBe(true);
    expect(quarantine.length).toBeGreaterThan(0);
  });

  test('puts markup and formulas into text only, never into the pattern', async () => {
    const hostile = `=1+1"><script>alert(1)</script>' OR [url:value = 'x']`;
    const { objects } = await one([{ value: '{a}', type: 'ip', labels: ['{b}'], description: '{b}' }], '203.0.114.9', hostile);
    const [indicator] = objects.filter(({ type }) => type === 'indicator');
    expect(indicator).toMatchObject({ pattern: "[ipv4-addr:value = '203.0.114.9']", labels: [hostile], description: hostile });
    const { patterns, quarantine } = await one([{ value: '{b}', type: 'auto' }], '203.0.114.9', hostile);
    expect([patterns, quarantine.length]).toEqual([[], 1]);
  }); // prettier-ignore
});

describe('the marking of an object', () => {
  test.each([
    ['clear', 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487'],
    ['green', GREEN],
    ['amber', 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421'],
    ['amber+strict', 'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003'],
  ] as const)('a feed with TLP:%s gives the marking %s to every object that it makes', async (tlp, id) => {
    const { objects } = await one([{ value: '{a}', type: 'ip' }], '203.0.114.9', '', { defaults: { ...preset.defaults, tlp } }); // prettier-ignore
    expect(objects.length).toBeGreaterThan(0);
    for (const object of objects)
      expect([object['type'], object['object_marking_refs']]).toEqual([object['type'], [id]]);
  });
});

describe('the names of columns', () => {
  test('can be spelled in a document as in the table of the source, everywhere', async () => {
    const { patterns, quarantine, filtered } = await read(
      'Source IP,Kind,Owner,Level\n203.0.114.9,c2,clerk@reef-bank.com,high\n203.0.114.10,test,x,high\n203.0.114.11,scan,x,low\n203.0.114.12,odd,x,low\n',
      {
        parser: { ...CSV, required: ['Source IP'] },
        filter: [{ when: { Kind: ['test'] }, reason: 'a test' }],
        lookup: { column: 'Kind', table: { c2: { note: 'c2' }, scan: { note: 'scan' } }, default: {} },
        unmatched: 'Kind',
        map: [{ value: '{Source IP}', type: 'ip', labels: ['{note|default:none}', '{Level|or:Kind}'], when: { Kind: ['c2', 'scan'] } }],
      },
    ); // prettier-ignore
    expect(patterns.toSorted()).toEqual([
      "[ipv4-addr:value = '203.0.114.11']",
      "[ipv4-addr:value = '203.0.114.9']",
    ]);
    expect(filtered).toHaveLength(1);
    expect(JSON.stringify(quarantine)).toContain('unknown-type:odd');
  });

  test('in "drop" leave out a column however it is spelled', async () => {
    const { objects, quarantine } = await read('Source IP,Password\n203.0.114.9,s3cret\nnone,s3cret\n', {
      parser: { ...CSV, drop: ['PassWord'] },
      map: [{ value: '{source ip}', type: 'ip', labels: ['{password|default:left}'] }],
    });
    expect(quarantine).toHaveLength(1);
    expect(JSON.stringify([objects, quarantine])).not.toContain('s3cret');
  });

  test('with the exact spelling go before those in lower case', async () => {
    const { patterns } = await read('{"IP":"203.0.114.9","ip":"203.0.114.10"}\n', {
      parser: { kind: 'ndjson' },
      map: [{ value: '{IP}', type: 'ip' }],
    });
    expect(patterns).toEqual(["[ipv4-addr:value = '203.0.114.9']"]);
  });
});
