import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { packageRoot } from '../../../src/kernel/paths.ts';
import { OMISSIONS } from '../../../src/sharing/lists/blocking.ts';
import { FILTERS } from '../../../src/sharing/lists/list-query.ts';
import { FORMATS, OBJECT_FORMATS } from '../../../src/sharing/lists/formats/index.ts';
import type { ListEntry, ListFormat } from '../../../src/sharing/lists/formats/format.ts';
import { observedValues, rangeOf, readableObserved } from '../../../src/stix/values/observed-values.ts';
import { anIndicator } from '../../support/builders.ts';

const FACTS = { name: 'indicators', lines: 2, changed: Date.parse('2026-11-29T12:00:00Z') };

/** Returns the entries of a pattern, with labels that somebody chose. */
function entriesOf(pattern: string, labels: readonly string[] = []): readonly ListEntry[] {
  return observedValues(anIndicator({ pattern }))
    .filter(({ type }) => type !== 'pattern')
    .map((observed) => ({
      type: observed.type,
      text: readableObserved(observed),
      range: observed.type.startsWith('ipv') ? rangeOf(observed.value) : undefined,
      confidence: 80,
      firstSeen: 0,
      lastSeen: 86_400_000,
      validUntil: FACTS.changed,
      sources: 2,
      tlp: 'TLP:GREEN',
      labels,
      id: 'indicator--00000000-0000-4000-8000-000000000001',
    }));
}

function written(format: ListFormat, entries: readonly ListEntry[]): string {
  const writer = format.writer();
  const carried = entries.filter(({ type }) => format.carries.includes(type));
  return (
    format.head({ ...FACTS, types: format.carries }) +
    carried.map((entry) => writer.line(entry) ?? '').join('') +
    writer.end()
  );
}

const SAMPLE = [
  "[ipv4-addr:value = '45.9.20.1']",
  "[ipv4-addr:value ISSUBSET '45.9.21.0/24']",
  "[ipv6-addr:value = '2a0b:1234::1']",
  "[ipv6-addr:value ISSUBSET '2a0b:1235:5::/48']",
  "[domain-name:value = 'reef-bank.com']",
  "[domain-name:value = 'www.reef-bank.com']",
  "[url:value = 'http://reef-bank.com/a?b=c;d\"e']",
  "[email-addr:value = '=cmd@reef-bank.com']",
  "[file:hashes.MD5 = '0123456789abcdef0123456789abcdef']",
].flatMap((pattern) => entriesOf(pattern, ['botnet', '=1+1']));

test.each(FORMATS.map((format) => [format.name, format] as const))('the format %s writes what its tool reads', (_name, format) => {
  expect(written(format, SAMPLE)).toMatchSnapshot();
}); // prettier-ignore

test('an empty list is valid in every format', () => {
  for (const format of FORMATS) expect([format.name, written(format, [])]).toMatchSnapshot();
});

/** The lines that a format may consist of. Everything else is an injection. */
const V4 = String.raw`\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?`;
const V6 = String.raw`[0-9a-f:]+(?:\/\d{1,3})?`;
const ADDRESS = `(?:${V4}|${V6})`;
const NAME = String.raw`[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?`;
const URL_TEXT = String.raw`[a-z0-9[\]:._-]+(?::\d+)?\/[\x21-\x7e]*`;
const HASH = '[0-9a-f]{32,128}';
const ANY = String.raw`[\x21-\x7e]+`;
const GRAMMAR: Readonly<Record<string, RegExp>> = {
  plain: new RegExp(`^${ANY}$`),
  csv: /^(?:type,value,.*|(?:[^",\n']*|"(?:[^"\n]|"")*")(?:,(?:[^",\n']*|"(?:[^"\n]|"")*")){9})$/,
  jsonl: /^\{.*\}$/,
  'edl-ip': new RegExp(`^${ADDRESS}$`),
  'edl-domain': new RegExp(`^${NAME}$`),
  'edl-url': new RegExp(`^${URL_TEXT}$`),
  fortigate: new RegExp(`^(?:# .*|${ADDRESS}|${NAME}|${URL_TEXT}|${HASH})$`),
  checkpoint: /^(?:#.*|[^,"]+(?:,[^,"]+){6})$/,
  cisco: new RegExp(`^(?:# .*|${ADDRESS}|${NAME}|${URL_TEXT})$`),
  opnsense: new RegExp(`^(?:# .*|${ADDRESS})$`),
  mikrotik: new RegExp(String.raw`^(?:# .*|\/ip(?:v6)? firewall address-list|remove \[find list=talanoa\]|add list=talanoa address=${ADDRESS})$`),
  nftables: new RegExp(String.raw`^(?:# .*|table inet talanoa \{|  set block[46] \{ type ipv[46]_addr; flags interval; auto-merge; \}|\}|flush set inet talanoa block[46]|add element inet talanoa block[46] \{ ${ADDRESS}(?:, ${ADDRESS})* \})$`),
  ipset: new RegExp(`^(?:create talanoa[46] hash:net family inet6? maxelem \\d+ -exist|flush talanoa[46]|add talanoa[46] ${ADDRESS})$`),
  hosts: new RegExp(String.raw`^(?:# .*|0\.0\.0\.0 ${NAME})$`),
  dnsmasq: new RegExp(String.raw`^(?:# .*|address=\/${NAME}\/)$`),
  unbound: new RegExp(String.raw`^(?:# .*|server:|local-zone: "${NAME}\." always_nxdomain)$`),
  adguard: new RegExp(String.raw`^(?:! .*|\|\|${NAME}\^)$`),
  squid: new RegExp(String.raw`^\.${NAME}$`),
  rpz: new RegExp(String.raw`^(?:; .*|\$TTL 300|@ IN (?:SOA|NS) .*|(?:\*\.)?${NAME} CNAME \.)$`),
  suricata: /^(?:# .*|alert (?:ip|dns|http) \$HOME_NET any -> [^()"; ]+ any \(msg:"[A-Za-z0-9 -]+"; (?:dns\.query; dotprefix; content:"[A-Za-z0-9._/ |-]+"; nocase; endswith; |http\.host; content:"[A-Za-z0-9._/ |-]+"; startswith; endswith; http\.uri\.raw; content:"[A-Za-z0-9._/ |-]+"; startswith; endswith; )?classtype:trojan-activity; sid:\d+; rev:1;\))$/,
  snort: /^(?:# .*|alert (?:ip|udp) \$HOME_NET any -> (?:\[[0-9a-f.:/]+\] any|any 53) \(msg:"[A-Za-z0-9 -]+"; (?:content:"[A-Za-z0-9._/ |-]+", nocase, fast_pattern; )?classtype:trojan-activity; sid:\d+; rev:1;\))$/,
  splunk: /^(?:[a-z_]+,description,weight|(?:[^",\n']*|"(?:[^"\n]|"")*")(?:,(?:[^",\n']*|"(?:[^"\n]|"")*")){2})$/,
  qradar: new RegExp(`^${ANY}$`),
  zeek: /^(?:#fields(?:\t[a-z_.]+){4}|[\x21-\x7e]+\tIntel::[A-Z_]+\tTalanoa\t[\x20-\x7e]+)$/,
  wazuh: new RegExp(String.raw`^(?:"[\x21\x23-\x7e]+"|[\x21\x23-\x39\x3b-\x7e]+):indicator--[0-9a-f-]{36}$`),
}; // prettier-ignore

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('"; drop', "'\n0.0.0.0/0", '; rm -rf /', ') any', '{ 0.0.0.0/0 }', '\r\n', '\t', '=cmd|1', '*', '^', '|', '$(id)', '`id`', '\u2028', '\u202e', '../', '#', '//', '\\'),
); // prettier-ignore

test.each(FORMATS.map((format) => [format.name, format] as const))('no hostile value or label breaks the format of %s', (name, format) => {
  const grammar = GRAMMAR[name];
  if (grammar === undefined) throw new Error(`the format ${name} has no grammar`);
  const types = fc.constantFrom(
    (text: string) => ['domain-name:value', `${text}.com`],
    (text: string) => ['domain-name:value', `a${text}b.com`],
    (text: string) => ['url:value', `http://reef-bank.com/${text}`],
    (text: string) => ['url:value', `http://${text}.com/?${text}`],
    (text: string) => ['email-addr:value', `${text}@reef-bank.com`],
    (text: string) => ['ipv4-addr:value', text],
    (text: string) => ['ipv4-addr:value', `45.9.20.1${text}`],
    (text: string) => ['file:hashes.MD5', `0123456789abcdef0123456789abcde${text}`],
  );
  fc.assert(
    fc.property(types, hostile, fc.array(hostile, { maxLength: 3 }), (made, text, labels) => {
      const [path = '', value = ''] = made(text);
      const quoted = value.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
      const out = written(format, entriesOf(`[${path} = '${quoted}']`, labels));
      expect(out === '' || out.endsWith('\n')).toBe(true);
      for (const line of out.split('\n').slice(0, -1)) expect(line).toMatch(grammar);
    }),
    { numRuns: 400 },
  );
}); // prettier-ignore

test('numbers of rules are the same for the same value and differ within a list', () => {
  const suricata = FORMATS.find(({ name }) => name === 'suricata');
  if (suricata === undefined) throw new Error('no Suricata');
  const sids = (entries: readonly ListEntry[]) => [...written(suricata, entries).matchAll(/sid:(\d+)/g)].map(([, sid]) => sid); // prettier-ignore
  const many = Array.from({ length: 2_000 }, (_, i) => entriesOf(`[domain-name:value = 'd${i}.com']`)).flat();
  expect(new Set(sids(many)).size).toBe(2_000);
  expect(sids(many.slice(7, 8))).toEqual([sids(many)[7]]);
  // The same value twice would be the same number.
  expect(new Set(sids([...many.slice(0, 1), ...many.slice(0, 1)])).size).toBe(2);
});

test('the guide describes every format, every reason and every filter', () => {
  const guide = readFileSync(join(packageRoot, 'docs/how-to/fetch-lists.md'), 'utf8');
  const rows = [...guide.matchAll(/^\| `([a-z0-9_-]+)`/gm)].map(([, name]) => name);
  for (const { name } of [...FORMATS, ...OBJECT_FORMATS])
    expect([name, rows.includes(name)]).toEqual([name, true]);
  for (const name of [...OMISSIONS, ...FILTERS]) expect([name, rows.includes(name)]).toEqual([name, true]);
  // Why values leave a collection.
  const departures = ['expired', 'revoked', 'suppressed', 'withdrawn'];
  expect(rows).toHaveLength(
    FORMATS.length + OBJECT_FORMATS.length + OMISSIONS.length + FILTERS.length + departures.length,
  );
  expect(rows).toEqual(expect.arrayContaining(departures));
});

test('Zeek reads a backslash of a URL as a backslash', () => {
  const zeek = FORMATS.find(({ name }) => name === 'zeek');
  if (zeek === undefined) throw new Error('no Zeek');
  const [, line = ''] = written(zeek, entriesOf("[url:value = 'http://reef-bank.com/a?b=\\\\x09c']")).split('\n');
  expect(line.split('\t').slice(0, 2)).toEqual(['reef-bank.com/a?b=\\x5cx09c', 'Intel::URL']);
}); // prettier-ignore

test('Suricata gets no rule that is too long for it', () => {
  const suricata = FORMATS.find(({ name }) => name === 'suricata');
  if (suricata === undefined) throw new Error('no Suricata');
  const rules = (signs: number) => written(suricata, entriesOf(`[url:value = 'http://reef-bank.com/?${';'.repeat(signs)}']`)).split('\n').filter((line) => line.startsWith('alert'));
  expect(rules(1_000)).toHaveLength(1);
  expect(rules(3_000)).toEqual([]);
}); // prettier-ignore
