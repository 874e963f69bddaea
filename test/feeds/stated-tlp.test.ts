// TLP levels in sources, in the spellings of people and programs. A level that is unknown must not become a lower one.
import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FeedDocument } from '../../src/config/settings.ts';
import { detectFile } from '../../src/feeds/detect-file.ts';
import { loadPreset } from '../../src/feeds/document.ts';
import { readTlp, tlpLabelsIn, tlpOfRow } from '../../src/feeds/stated-tlp.ts';
import { readSample } from '../support/feed-reading.ts';

const here = mkdtempSync(join(tmpdir(), 'talanoa-tlp-'));
afterAll(() => rmSync(here, { recursive: true }));
const NOW = Date.parse('2026-11-29T12:00:00Z');

test.each([
  ['red', 'red'],
  ['TLP:AMBER+STRICT', 'amber+strict'],
  ['amber-strict', 'amber+strict'],
  ['Amber Strict', 'amber+strict'],
  ['AMBER_STRICT', 'amber+strict'],
  ['ambérstrict', undefined],
  ['TLP_AMBERSTRICT', 'amber+strict'],
  ['"TLP: WHITE"', 'clear'],
  ['TLP 2.0: GREEN', 'green'],
  ['Traffic Light Protocol: amber', 'amber'],
  ['TLP:RED/AMBER', undefined],
  ['TLP:RED TLP:GREEN', undefined],
  ['TLP', undefined],
  ['pink', undefined],
  ['', undefined],
])('%j is the label %s', (text, expected) => {
  expect(readTlp(text)).toBe(expected);
});

test('labels are found in a text, and a mention of TLP is none', () => {
  expect(tlpLabelsIn('Levels: TLP:CLEAR, TLP AMBER + STRICT and tlp=red.')).toEqual([
    'clear',
    'amber+strict',
    'red',
  ]);
  expect(tlpLabelsIn('TLP:ROUGE')).toEqual(['unclear']);
  expect(tlpLabelsIn('TLP: ???')).toEqual(['unclear']);
  expect(tlpLabelsIn('TLP rules apply, see TLP: https://www.first.org/tlp/')).toEqual([]);
  // A long text costs no more than its length.
  expect(tlpLabelsIn(`TLP${' '.repeat(100_000)}RED${'TLP: '.repeat(100_000)}`)).toEqual([]);
});

test('the labels in the cells of a row are its level', () => {
  expect(tlpOfRow({ tags: 'c2,tlp:green', note: 'TLP:AMBER' })).toBe('amber');
  expect(tlpOfRow({ tags: 'c2\u001ftlp:rouge' })).toBe('red');
  expect(tlpOfRow({ url: 'http://a.reef-bank.com/tlp:red?tlp=red&tlp=red', host: 'tlp.example' })).toBe(
    undefined,
  );
  // Such a sentence may mark the row.
  expect(tlpOfRow({ note: 'the sender speaks of TLP:RED here' })).toBe('red');
});

test.each<[Readonly<Record<string, string>>, string | undefined]>([
  [{ tags: 'Confidential-TLP:RED' }, 'red'],
  [{ tags: 'End of report.TLP:RED' }, 'red'],
  [{ tags: 'Report/TLP:RED' }, 'red'],
  [{ tags: 'TLP:AMBER+STRICT.TLP:RED' }, 'red'],
  [{ tags: 'TLP\u200b:RED' }, 'red'],
  [{ tags: 'TLP\uff1aRED' }, 'red'],
  [{ tags: 'botnet tlp:red' }, 'red'],
  [{ tags: '#c2 #tlp:red' }, 'red'],
  [{ tags: '(TLP:AMBER+STRICT)' }, 'amber+strict'],
  [
    { value: '45.130.1.2', column2: 'TLP', column3: 'AMBER', column4: '+', column5: 'STRICT' },
    'amber+strict',
  ],
  [{ column2: 'TLP:AMBER', column3: 'STRICT' }, 'amber+strict'],
  [{ column2: 'x TLP:', column3: 'RED' }, 'red'],
  [{ column2: 'TLP', column3: 'unknown' }, undefined],
  [{ tlp: 'green\u001fred' }, 'red'],
  [{ 'TLP Level': 'white' }, 'clear'],
  [{ 'meta.tlp.label': 'secret' }, 'red'],
  [{ rowTlp: '"Amber"' }, 'amber'],
  [{ traffic_light: 'green; red' }, 'red'],
  [{ tlp: 'none' }, undefined],
  [{ tlp: ' ' }, undefined],
  [{ tlp_version: '2.0', tlp_url: 'https://www.first.org/tlp/', tlp_description: 'For members' }, undefined],
  [{ stlpath: 'red' }, undefined],
  [{ colour: 'red' }, undefined],
])('the row %j states the level %s', (row, expected) => {
  expect(tlpOfRow(row)).toBe(expected);
});

test('long texts without a label cost no more than their length', () => {
  for (const part of ['.', ' ', '"', '(', '#', 'tlp', 'tlp:', 'TLP ', 'tlp amber ', '[tlp', ';', ':\t', 'traffic light ', ' # tlp', '\u001f']) {
    const text = part.repeat(500_000 / part.length);
    expect(readTlp(text)).toBe(undefined);
    expect(readTlp(`${text}x`)).toBe(undefined);
    tlpLabelsIn(text);
    tlpOfRow({ tlp: text, note: `${text}x`, [text]: text });
  }
}); // prettier-ignore

describe('a level of a row', () => {
  const sample = async (document: FeedDocument, text: string) => {
    const path = join(here, 'rows');
    writeFileSync(path, text);
    const { findings, quarantine } = await readSample(document, path, NOW);
    return [...findings.map(({ tlp }) => tlp), ...quarantine.map(({ reason }) => reason)];
  };

  const values = ['45.130.1.2', '45.130.1.3', '45.130.1.4', '45.130.1.5'];
  const names = ['a.evil-reef.com', 'b.evil-reef.com', 'c.evil-reef.com', 'd.evil-reef.com'];
  const rows = (from: readonly string[], line: (value: string, isLast: boolean) => string): string =>
    `${from.map((value, i) => line(value, i === 3)).join('\n')}\n`;
  test.each<[string, string]>([
    ['a tag after a blank', rows(values, (ip, isLast) => `${ip},${isLast ? 'botnet tlp:red' : 'botnet'}`)],
    ['a tag with a sign', rows(values, (ip, isLast) => `${ip},${isLast ? '#c2 #tlp:red' : '#c2'}`)],
    ['words after a value', rows(values, (ip, isLast) => (isLast ? `${ip} # TLP RED` : ip))],
    [
      'a comment of a hosts file',
      rows(names, (name, isLast) => `0.0.0.0 ${name}${isLast ? ' # tlp:red' : ''}`),
    ],
    ['a comment of a zone', rows(names, (name, isLast) => `${name} CNAME .${isLast ? ' ; tlp:red' : ''}`)],
    [
      'a field with several lines',
      `ip,note\n${rows(values, (ip, isLast) => `${ip},"a\n${isLast ? 'tlp:red' : 'b'}"`)}`,
    ],
    [
      'a column of which the sample has no level',
      `ip,tlp\n${rows(values, (ip, isLast) => `${ip},${isLast ? 'RED' : ''}`)}`,
    ],
  ])('%s is what detection and a run both read', async (_name, text) => {
    const path = join(here, 'detected');
    const read = async (part: string) => {
      writeFileSync(path, part);
      const request = { name: 'found', url: 'https://feed.example/list' };
      return (await detectFile({ request, file: { path, bytes: part.length }, own: [], now: NOW })).document;
    };
    const document = await read(text);
    expect([document.defaults.tlp, ...(await sample(document, text))]).toEqual(['amber', undefined, undefined, undefined, 'red']); // prettier-ignore
    // A document that was made before the source had labels reads them as well.
    const before = await read(text.replaceAll(/ ?[#;]? ?#?tlp(?::| )?red|(?<=,)RED/gi, ''));
    expect(await sample(before, text)).toEqual([undefined, undefined, undefined, 'red']);
  });

  test('the strictest of the template and of the labels of a row counts', async () => {
    const mapped = (tlp: string): FeedDocument => ({
      ...loadPreset('plain-list'),
      parser: { kind: 'ndjson' },
      map: [{ value: '{ip}', type: 'ip', tlp }],
    });
    const levels = (tlp: string, row: object) => sample(mapped(tlp), JSON.stringify({ ip: '45.130.1.2', ...row })); // prettier-ignore
    expect(await levels('{tlp}', { tlp: ['green', 'red'] })).toEqual(['red']);
    expect(await levels('{marking}', { marking: ['green', 'red'] })).toEqual(['red']);
    expect(await levels('{tlp}', { tlp: 'green', tags: ['c2', 'tlp:red'] })).toEqual(['red']);
    expect(await levels('green', { tags: 'tlp:red' })).toEqual(['red']);
    expect(await levels('{tlp}', { tlp: 'secret' })).toEqual(['bad-tlp']);
    // A document that translates the words of its source means it.
    expect(await levels('{TLP|map:secret=amber;*=green}', { tlp: 'secret' })).toEqual(['amber']);
    expect(await levels('{tlp|map:secret=amber;*=green}', { tlp: 'x', tags: 'tlp:red' })).toEqual(['red']);
  });
});

describe('formats with levels of their own', () => {
  const levels = async (preset: string, text: string) => {
    const path = join(here, 'file');
    writeFileSync(path, text);
    const { indicators } = await readSample(loadPreset(preset), path, NOW);
    return [...indicators.values()].map(({ tlp }) => tlp);
  };

  test.each([
    ['tlp:amber', 'amber'],
    ['tlp:AMBER-STRICT', 'amber+strict'],
    ['TLP: RED', 'red'],
    ['tlp:ex:chr', 'red'],
    ['tlp:unclear', 'red'],
  ])('the tag %s of a MISP event', async (name, expected) => {
    const event = { Event: { uuid: '11111111-2222-4333-8444-000000000003', info: 'Reef', date: '2026-11-20', timestamp: '1795168800', Tag: [{ name }], Attribute: [{ uuid: '11111111-2222-4333-8444-000000000103', type: 'ip-dst', to_ids: true, value: '45.130.1.2', timestamp: '1795168800' }] } }; // prettier-ignore
    expect(await levels('misp-events', JSON.stringify(event))).toEqual([expected]);
  });

  test.each([
    ['amber-strict', 'amber+strict'],
    ['secret', 'red'],
  ])('the level %s of a pulse', async (tlp, expected) => {
    const pulse = { id: 'p', name: 'Reef', tlp, indicators: [{ id: 1, indicator: '45.130.1.2', type: 'IPv4', created: '2026-11-20T10:00:00' }] }; // prettier-ignore
    expect(await levels('otx', JSON.stringify({ results: [pulse] }))).toEqual([expected]);
  });
});
