import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import supertest from 'supertest';
import { anIndicator, type Json } from '../support/builders.ts';
import { MAIN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../support/hub.ts';
import { python, runPython } from '../support/python.ts';

interface Found {
  readonly refused: readonly unknown[];
  readonly unknown: readonly unknown[];
  readonly events: Readonly<Record<string, { readonly info: string; readonly tags: readonly string[]; readonly values: readonly string[] }>>;
  readonly manifest: Json;
  readonly hashes: readonly string[];
} // prettier-ignore

let t: TestHub;
const folder = mkdtempSync(join(tmpdir(), 'talanoa-misp-'));
const GREEN = 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb';
const of = (pattern: string, over: Json = {}): Json =>
  anIndicator({ pattern, valid_until: '2099-01-01T00:00:00Z', object_marking_refs: [GREEN], ...over });
const quoted = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");

const HASHES = {
  MD5: 'a'.repeat(32),
  'SHA-1': 'b'.repeat(40),
  'SHA-256': 'c'.repeat(64),
  'SHA-512': 'd'.repeat(128),
};
const NAMES = [
  'eel.exe',
  'eel|ray.exe',
  ' eel ',
  'eel\nray',
  'é'.repeat(40),
  '<script>',
  '"',
  "o'eel",
  '$(id)',
];
const PATTERNS = [
  "[domain-name:value = 'reef-bank.com' OR domain-name:value = 'www.reef-bank.com' OR domain-name:value = '_x.reef-bank.com']",
  "[domain-name:value = 'xn--bcher-kva.net']",
  "[ipv4-addr:value = '45.60.1.1'] OR [ipv4-addr:value ISSUBSET '45.60.2.0/24'] OR [ipv6-addr:value = '2400:cb00::1']",
  "[url:value = 'http://reef-bank.com/a?b=|c' OR url:value = 'https://[2400:cb00::1]:8443/x' OR url:value = 'ftp://reef-bank.com/f']",
  "[email-addr:value = 'eel@reef-bank.com' OR email-message:from_ref.value = 'ray@reef-bank.com']",
  "[email-message:subject = 'An eel | a ray']",
  "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '45.60.3.1' AND network-traffic:dst_port = 443]",
  "[network-traffic:dst_ref.type = 'ipv6-addr' AND network-traffic:dst_ref.value = '2400:cb00::2' AND network-traffic:dst_port = 443]",
  "[network-traffic:src_ref.value = '45.60.3.2']",
  "[domain-name:value = 'reef-three.com' AND domain-name:resolves_to_refs[*].value = '45.60.3.3']",
  "[autonomous-system:number = 64500]",
  "[mac-addr:value = '00:11:22:AA:BB:CC']",
  "[mutex:name = 'Global\\\\Eel']",
  "[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\\\Software\\\\Eel']",
  "[x509-certificate:hashes.MD5 = '" + HASHES.MD5 + "' OR x509-certificate:hashes.'SHA-1' = '" + HASHES['SHA-1'] + "' OR x509-certificate:hashes.'SHA-256' = '" + HASHES['SHA-256'] + "']",
  `[file:hashes.SSDEEP = '3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C']`,
  ...Object.entries(HASHES).map(([name, value]) => `[file:hashes.'${name}' = '${value}']`),
  ...Object.entries(HASHES).map(([name, value]) => `[file:name = 'eel.exe' AND file:hashes.'${name}' = '${value}']`),
  ...NAMES.map((name) => `[file:name = '${quoted(name)}']`),
  ...NAMES.map((name) => `[file:name = '${quoted(name)}' AND file:hashes.MD5 = '${HASHES.MD5}']`),
  "[ipv4-addr:value = '45.60.4.1'] FOLLOWEDBY [domain-name:value = 'reef-four.com'] WITHIN 60 SECONDS",
]; // prettier-ignore

beforeAll(async () => {
  t = await testHub(SETTINGS);
  const indicators = [
    ...PATTERNS.map((pattern) => of(pattern, { confidence: 60, labels: ['a label "with" quotes', 'phishing'] })),
    of('rule Eel { condition: filesize > 1 }', { pattern_type: 'yara' }),
    of('alert tcp any any -> any any (msg:"eel"; sid:1;)', { pattern_type: 'snort' }),
    of('title: Eel\nlogsource:\n  product: windows\ndetection:\n  a:\n    b: c\n  condition: a', { pattern_type: 'sigma' }),
  ];
  const report = { type: 'report', spec_version: '2.1', id: 'report--4d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b', created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z', name: 'Eels', description: '# Eels', published: '2026-01-01T00:00:00Z', object_refs: indicators.slice(0, 5).map(({ id }) => id), external_references: [{ source_name: 'page', url: 'https://reef-bank.com/eels' }], object_marking_refs: [GREEN] };
  const { body } = await t.as('writer').post(objectsOf(MAIN), { objects: [...indicators, report] });
  expect(body).toMatchObject({ failure_count: 0 });
  await t.hub.valueView.followAll();
  const fetch = async (name: string): Promise<string> => {
    const { text } = await supertest(t.hub.app).get(`/misp/indicators/${name}`).set('Authorization', `Bearer ${keyOf('reader')}`).responseType('text').then(({ body: bytes }) => ({ text: String(bytes) }));
    writeFileSync(join(folder, name), text);
    return text;
  };
  for (const uuid of Object.keys(JSON.parse(await fetch('manifest.json')) as Json)) await fetch(`${uuid}.json`);
  await fetch('hashes.csv');
}); // prettier-ignore
afterAll(async () => {
  await t.stop();
  rmSync(folder, { recursive: true, force: true });
});

if (python === undefined) test.skip('skipped: TALANOA_PYTHON names no Python with pymisp', () => undefined);
else
  test('PyMISP loads every event, accepts every value, and generates the same manifest and hashes', async () => {
    const { code, stdout, stderr } = await runPython('misp.py', [folder]);
    expect([code, stderr]).toEqual([0, '']);
    const found = JSON.parse(stdout) as Found;
    expect([found.refused, found.unknown]).toEqual([[], []]);
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    expect(found.manifest).toEqual(JSON.parse(read('manifest.json')));
    expect(found.hashes).toEqual(read('hashes.csv').trim().split('\n').toSorted());
    const eels = Object.values(found.events).find(({ info }) => info === 'Eels');
    expect(eels?.values).toContain('hostname www.reef-bank.com');
    expect(eels?.values).toContain('link https://reef-bank.com/eels');
    expect(eels?.tags).toContain('tlp:green');
    const values = Object.values(found.events).flatMap((event) => event.values);
    expect(values).toContain(`filename|sha256 eel.exe|${HASHES['SHA-256']}`);
    expect(values.length).toBeGreaterThan(45);
  });
