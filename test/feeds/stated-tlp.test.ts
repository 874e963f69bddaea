// TLP levels in sources, in the spellings of people and programs. A level that is unknown must not become a lower one.
import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

test('the labels among the tags of a row are its level, and a sentence is none', () => {
  expect(tlpOfRow({ tags: 'c2,tlp:green', note: 'TLP:AMBER' })).toBe('amber');
  expect(tlpOfRow({ tags: 'c2\u001ftlp:rouge' })).toBe('red');
  expect(tlpOfRow({ note: 'the sender speaks of TLP:RED here', url: 'http://a.reef-bank.com/tlp:red' })).toBe(
    undefined,
  );
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
