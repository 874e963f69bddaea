// The format of a source is detected from its address alone. The result is right, or the hub reports that it has none.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FeedDocument } from '../../src/config/settings.ts';
import { knownFormat, presetAt } from '../../src/feeds/detect-known.ts';
import type { Preview } from '../../src/feeds/preview.ts';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import type { Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { SETTINGS, testHub, type TestHub } from '../support/hub.ts';

const cases = join(import.meta.dirname, '..', 'fixtures', 'cases', 'feeds');
let server: Server;
let base = '';
let body: string | Buffer = '';
/** Texts of other addresses. An empty one is not found. */
let files: Readonly<Record<string, string>> = {};
let asked = 0;
let t: TestHub;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked++;
    const other = files[request.url ?? ''];
    if (other !== undefined) response.statusCode = other === '' ? 404 : 200;
    response.end(other ?? body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t = await testHub(
    `${SETTINGS.replace('members:', 'members:\n  - { name: kiribati, networks: [203.0.112.0/24] }')}\n  - { name: boss, role: administrator, key_env: KEY_BOSS }\negress: { allow: ["${new URL(base).host}"] }`,
    { clock: new TestClock('2026-11-29T12:00:00.000Z') },
  );
});
afterAll(async () => {
  server.close();
  await t.stop();
});
afterEach(() => {
  asked = 0;
  files = {};
});

interface Answer {
  readonly document: FeedDocument;
  readonly preview: Preview;
  readonly notes: readonly string[];
}
const detect = async (text: string | Buffer): Promise<Answer> => {
  body = text;
  const answer = await t.api('boss', 'POST', '/feed-previews', {
    name: 'found',
    collection: 'indicators',
    url: `${base}/feed`,
  });
  expect([answer.status, answer.body['title'], answer.body['description']]).toEqual([
    200,
    undefined,
    undefined,
  ]);
  return answer.body as unknown as Answer;
};
const valueOf = ({ pattern }: Json): string =>
  [...String(pattern).matchAll(/'((?:[^'\\]|\\.)*)'/g)]
    .map(([, text]) => text)
    .find((text) => text !== 'ipv4-addr') ?? String(pattern);
const values = ({ preview }: Answer): string[] => (preview.objects as Json[]).map(valueOf);
const file = (name: string): Buffer => readFileSync(join(cases, name));

test('a table whose header is not the last comment is read completely, and again on the next day', async () => {
  const first = await detect(file('k5-headerless-day1.csv'));
  expect(values(first)).toEqual(Array.from({ length: 10 }, (_, i) => `http://login${i}.reef-bank.com/a`));
  expect(first.preview).toMatchObject({ records: 10, accepted: 10, quarantined: 0 });
  expect((first.preview.objects as Json[])[1]?.['valid_from']).toBe('2026-11-20T10:00:01.000Z');
  body = file('k5-headerless-day2.csv');
  const next = await t.api('boss', 'POST', '/feed-previews', {
    name: 'found',
    collection: 'indicators',
    document: first.document,
  });
  expect(next.body['preview']).toMatchObject({ records: 32, accepted: 32, quarantined: 0 });
});

test('a list inside a document is found', async () => {
  const found = await detect(file('k5-nested.json'));
  expect(values(found)).toHaveLength(10);
  expect(found.document.parser.records).toBe('$.data.items[*]');
});

test('destinations become indicators, and the addresses of members do not', async () => {
  const found = await detect(file('k5-source-and-destination.csv'));
  expect(values(found)).toEqual([101, 102, 103, 104, 105].map((n, i) => `45.131.${100 + 7 * i}.${n}`));
  expect(found.notes.join()).toMatch(/src_ip has addresses of members/);
});

test('networks are read from columns for their start, end and prefix', async () => {
  expect(values(await detect(file('k5-start-end-prefix.txt')))).toEqual([
    '45.130.0.0/24', '45.131.1.0/24', '45.132.2.0/24', '45.133.3.0/24', '45.134.4.0/24',
  ]); // prettier-ignore
});

test('defanged values in a plain list are read', async () => {
  expect(values(await detect(file('k6-defanged.txt')))).toEqual([
    'https://a.reef-bank.com/x',
    'http://b.reef-bank.com/y.exe',
    'https://c.reef-bank.com/p.php',
    '45.153.0.0/24',
    'd.reef-bank.com',
  ]);
});

const ips = Array.from({ length: 12 }, (_, i) => `45.130.${i}.${i + 1}`);
const urls = Array.from({ length: 12 }, (_, i) => `http://h${i}.reef-bank.com/p${i}`);
const names = Array.from({ length: 12 }, (_, i) => `h${i}.reef-bank.com`);
const md5 = (i: number): string => (i + 160).toString(16).repeat(16);
const each = (list: readonly string[], line: (item: string, i: number) => string): string =>
  `${list.map(line).join('\n')}\n`;

// Forms of MISP's default feeds, of known APIs and of other lists, with invented values.
test.each<[string, string, readonly string[]]>([
  ['a plain list', each(ips, (ip) => ip), ips],
  ['a list with comments and blank lines', `# list\n; more\n\n${each(ips, (ip) => ip)}`, ips],
  ['a list without an end of line', ips.join('\n'), ips],
  ['panels without a scheme', each(names, (name, i) => `${name}/panel${i}/admin.php`), names.map((name, i) => `http://${name}/panel${i}/admin.php`)],
  ['addresses with a path', each(ips, (ip) => `${ip}/panel/gate.php`), ips.map((ip) => `http://${ip}/panel/gate.php`)],
  ['a value and a comment', each(ips, (ip) => `${ip} # Scanning Host US,New York,40.7,-74.0`), ips],
  ['a value and a count', each(ips, (ip, i) => `${ip}\t${i + 3}`), ips],
  ['columns of dataplane', `# Primary address list\n# ASN  |  ASname  |  ipaddr  |  lastseen  |  category\n${each(ips, (ip, i) => `${64500 + i}  |  REEF-${i}  |  ${ip}  |  2026-11-20 10:00:0${i % 10}  |  sshclient`)}`, ips],
  ['columns of bambenek', `## Master list\n## Feed Provided By: Reef\n${each(ips, (ip, i) => `${ip},IP used by reef ${i},2026-11-20 10:00,http://osint.reef-shop.com/manual/m${i}.txt`)}`, ips],
  ['URLs with a page about each', `phish_id,url,phish_detail_url,submission_time,verified,target\n${each(urls, (url, i) => `${i},${url},http://www.reef-shop.com/phish_detail.php?id=${i},2026-11-20T10:00:00+00:00,yes,Other`)}`, urls],
  ['a header in the last comment', `#\n# "id","dateadded","url","url_status","urlhaus_link"\n${each(urls, (url, i) => `"${i}","2026-11-20 10:00:00","${url}","online","https://urlhaus.reef-shop.com/url/${i}/"`)}`, urls],
  ['semicolons', `"id";"date";"malware";"url";"ip"\n${each(urls, (url, i) => `"${i}";"20-11-2026";"reef";"${url}";"${ips[i]}"`)}`, urls],
  ['one line of addresses', ips.join(','), ips],
  ['one line of URLs', urls.join(','), urls],
  ['one line of values of several kinds', `# list\n${[...ips, ...names].join(', ')},\n`, [...ips, ...names]],
  ['one line of values with blanks', [...ips, ...urls].join(' '), [...ips, ...urls]],
  ['one line of values with semicolons', [...names, ...urls].join(';'), [...names, ...urls]],
  ['some lines with several addresses each', `${ips.slice(0, 6).join(' ')}\n${ips.slice(6).join(' ')}\n`, ips],
  ['ranges with blanks', each(ips, (_ip, i) => `45.13${i % 10}.${i}.0 - 45.13${i % 10}.${i}.255`), ips.map((_ip, i) => `45.13${i % 10}.${i}.0/24`)],
  ['ranges without blanks', each(ips, (_ip, i) => `45.13${i % 10}.${i}.0-45.13${i % 10}.${i}.255`), ips.map((_ip, i) => `45.13${i % 10}.${i}.0/24`)],
  ['address and prefix', `network,prefix,name\n${each(ips, (_ip, i) => `45.130.${i}.0,24,REEF`)}`, ips.map((_ip, i) => `45.130.${i}.0/24`)],
  ['an address and the length of something else', `ip,length\n${each(ips, (ip) => `${ip},24`)}`, ips],
  ['a prefix and its length', `prefix;length;asn\n${each(ips, (_ip, i) => `45.130.${i}.0;24;6450${i}`)}`, ips.map((_ip, i) => `45.130.${i}.0/24`)],
  ['a hosts file', `127.0.0.1 localhost\n${each(names, (name) => `0.0.0.0 ${name}`)}`, names],
  ['hosts.deny', each(ips, (ip) => `ALL : ${ip}`), ips],
  ['a list in <pre>', `<pre>\n${each(urls, (url) => url)}</pre>\n`, urls],
  ['hashes of one file', `first_seen,sha256_hash,md5_hash,file_name\n${each(ips, (_ip, i) => `2026-11-20 10:00:00,${md5(i).repeat(2)},${md5(i)},a${i}.exe`)}`, ips.map((_ip, i) => md5(i))],
  ['hashes', each(ips, (_ip, i) => md5(i)), ips.map((_ip, i) => md5(i))],
  ['ThreatFox, export', JSON.stringify(Object.fromEntries(ips.map((ip, i) => [String(i), [{ ioc_value: `${ip}:443`, ioc_type: 'ip:port', malware_printable: 'Unknown malware', first_seen_utc: '2026-11-20 10:00:00', reference: `https://reef-shop.com/${i}` }]]))), ips],
  ['ThreatFox, answer', JSON.stringify({ query_status: 'ok', data: ips.map((ip, i) => ({ id: String(i), ioc: `${ip}:443`, threat_type: 'botnet_cc', ioc_type: 'ip:port', malware: 'win.reef', first_seen: '2026-11-20 10:00:00 UTC', last_seen: null, reference: null, tags: ['x'] })) }), ips],
  ['PhishStats', JSON.stringify(urls.map((url, i) => ({ id: i, url, redirect_url: null, ip: ips[i], countrycode: 'US', hash: md5(i), score: 5, date: '2026-11-20T10:00:00.000Z' }))), urls],
  ['OTX pulses', JSON.stringify({ count: 1, results: [{ id: 'p', name: 'Reef', created: '2026-11-20T10:00:00', modified: '2026-11-20T10:00:00', tags: [], indicators: ips.map((ip, i) => ({ id: i, indicator: ip, type: 'IPv4', created: '2026-11-20T10:00:00' })) }] }), ips],
  ['one pulse', JSON.stringify({ id: 'p', name: 'Reef', indicators: ips.map((ip, i) => ({ id: i, indicator: ip, type: 'IPv4', created: '2026-11-20T10:00:00' })) }), ips],
  ['an unwrapped event', JSON.stringify({ uuid: '11111111-2222-4333-8444-000000000003', info: 'Reef', date: '2026-11-20', threat_level_id: '2', analysis: '2', timestamp: '1795168800', Attribute: ips.map((value, i) => ({ uuid: `11111111-2222-4333-8444-0000000001${String(i).padStart(2, '0')}`, type: 'ip-dst', category: 'Network activity', to_ids: true, value, timestamp: '1795168800' })) }), ips],
  ['a list of events', JSON.stringify([{ Event: { uuid: '11111111-2222-4333-8444-000000000003', info: 'Reef', date: '2026-11-20', timestamp: '1795168800', Attribute: ips.map((value, i) => ({ uuid: `11111111-2222-4333-8444-0000000001${String(i).padStart(2, '0')}`, type: 'ip-dst', category: 'Network activity', to_ids: true, value, timestamp: '1795168800' })) } }]), ips],
  ['attributes of a search', JSON.stringify({ response: { Attribute: ips.map((value, i) => ({ id: String(i), event_id: '1', type: 'ip-dst', category: 'Network activity', to_ids: true, value, timestamp: '1795168800' })) } }), ips],
  ['lists by kind', JSON.stringify({ updated: 'x', ips, domains: names }), [...ips, ...names]],
  ['a list of texts', JSON.stringify(ips), ips],
  ['records in a deep list', JSON.stringify({ meta: { n: 1 }, response: { result: { rows: ips.map((ip) => ({ attributes: { address: ip } })) } } }), ips],
  ['JSON lines', each(ips, (ip) => JSON.stringify({ ip, seen: '2026-11-20T10:00:00Z' })), ips],
  ['lists of lists with their names in the first one', JSON.stringify([['ip', 'port', 'country'], ...ips.map((ip) => [ip, 443, 'FJ'])]), ips],
  ['lists of lists without names', JSON.stringify(ips.map((ip, i) => [i, ip, 443, 'FJ'])), ips],
  ['columns and rows', JSON.stringify({ columns: ['victim_ip', 'c2_ip'], rows: ips.map((ip, i) => [`45.99.0.${i + 1}`, ip]) }), ips],
  ['columns as objects, and rows', JSON.stringify({ result: { fields: [{ name: 'seen', type: 'date' }, { name: 'url', type: 'text' }], data: urls.map((url) => ['2026-11-20T10:00:00Z', url]) } }), urls],
  ['rows before their columns', JSON.stringify({ rows: ips.map((ip) => ['x', ip]), columns: ['name', 'ip'] }), ips],
  ['a repeated name of a column', `ip,port,ip\n${each(ips, (ip) => `${ip},443,${ip}`)}`, ips],
  ['a repeated name of a column in a comment', `# id,note,url,note\n${each(urls, (url, i) => `${i},a,${url},b`)}`, urls],
  ['both sides of connections in JSON', JSON.stringify(ips.map((ip, i) => ({ source: { ip: `45.99.0.${i + 1}` }, destination: { ip } }))), ips],
  ['a list of victims beside another one', JSON.stringify({ victims: names, c2: ips }), ips],
  ['a list of harmless values beside another one', JSON.stringify({ whitelist: names, blocklist: ips }), ips],
  ['an export of MISP with attributes that are switched off', `uuid,type,value,to_ids,date\n${each([...ips, ...names], (value, i) => `u${i},x,"${value}",${i < 12 ? 1 : 0},20261120`)}`, ips],
  ['rows that the source has withdrawn', JSON.stringify([...ips, ...names].map((value, i) => ({ value, is_deleted: i >= 12 }))), ips],
  ['a first column without a name', `,ip,port\n${each(ips, (ip, i) => `${i},${ip},443`)}`, ips],
])('%s', async (_name, text, expected) => {
  const found = await detect(text);
  const indicators = (found.preview.objects as Json[]).filter(({ type }) => type === 'indicator');
  expect(indicators.map(valueOf).toSorted()).toEqual(expected.slice(0, 50).toSorted());
}); // prettier-ignore

const TLP_ROWS = [names[0], names[1], names[2], names[3]];
test.each<[string, string]>([
  ['a column tlp', `value,tlp\n${TLP_ROWS.map((name, i) => `${name},${['RED', 'TLP:GREEN', '', 'pink'][i]}`).join('\n')}\n`],
  ['a column with another name', `value,TLP Level\n${TLP_ROWS.map((name, i) => `${name},${['tlp:red', 'white', '', 'secret'][i]}`).join('\n')}\n`],
  ['JSON', JSON.stringify({ data: TLP_ROWS.map((ioc, i) => ({ ioc, meta: { tlp: ['red', 'green', '', 'purple'][i] } })) })],
])('%s sets the level of each row, and a row with an unknown level goes to the quarantine', async (_name, text) => {
  const { preview, document } = await detect(text);
  expect(document.defaults.tlp).toBe('amber');
  const found = (preview.objects as Json[]).filter(({ type }) => type === 'indicator');
  // The level of the feed applies to rows with a lower one or none.
  expect(found.map((object) => [valueOf(object), object['object_marking_refs']])).toEqual([
    [names[0], [tlpMarkingId('red')]],
    [names[1], [tlpMarkingId('amber')]],
    [names[2], [tlpMarkingId('amber')]],
  ]);
  expect(preview.quarantined).toBe(1);
}); // prettier-ignore

test('a column of TLP labels needs no name, and a column of colours is not used', async () => {
  const labels = await detect(each(names.slice(0, 3), (name) => `${name},TLP:RED`));
  expect(labels.document.map[0]).toMatchObject({ tlp: '{column2}' });
  const colours = await detect(`value,colour\n${each(names.slice(0, 3), (name) => `${name},red`)}`);
  expect(colours.document.map[0]).not.toHaveProperty('tlp');
});

test.each([
  ['; TLP:AMBER+STRICT\n# do not share\n', 'amber+strict', 'states TLP:AMBER+STRICT, so the feed has this level'],
  ['; Classification: tlp: amber+strict, formerly TLP:GREEN\n', 'amber+strict', 'states TLP:AMBER+STRICT, so'],
  ['# Levels: TLP:CLEAR public, TLP:AMBER members, TLP:RED named people only\n# This list: TLP:CLEAR\n', 'amber', undefined],
  ['# TLP:RED until 1 December, then TLP:AMBER\n# Summary for the public: TLP:CLEAR\n', 'red', 'states TLP:RED, so'],
  ['# Levels: TLP:CLEAR, TLP:GREEN, TLP:RED\n# This list: TLP:AMBER+STRICT\n', 'amber+strict', 'states TLP:AMBER+STRICT, so'],
  ['# TLP:CLEAR\n', 'amber', undefined],
  ['# TLP:REDACTED\n', 'red', 'states a TLP level that the hub does not know ("# TLP:REDACTED"), so the feed has the strictest one.'],
  ['# TLP: \n', 'red', 'does not know'],
  ['# TLP:AMBER+STRICTLY\n', 'red', 'does not know'],
  ['# tlp:ex:chr\n', 'red', 'does not know'],
  ['# TLP:AMBER-STRICT\n', 'amber+strict', 'states TLP:AMBER+STRICT, so'],
  ['# TLP AMBER STRICT\n', 'amber+strict', 'states TLP:AMBER+STRICT, so'],
  ['# TLP_AMBERSTRICT\n', 'amber+strict', 'states TLP:AMBER+STRICT, so'],
  ['# Classification: TLP RED\n', 'red', 'states TLP:RED, so'],
  ['# Traffic Light Protocol (TLP) 2.0: "Red"\n', 'red', 'states TLP:RED, so'],
  ['#   TLP=red.\n', 'red', 'states TLP:RED, so'],
  ['! TLP: RED\n', 'red', 'states TLP:RED, so'],
  ['// TLP: RED\n', 'red', 'states TLP:RED, so'],
  ['-- TLP-RED\n', 'red', 'states TLP:RED, so'],
  ['TLP:RED\n', 'red', 'states TLP:RED, so'],
  ['# About TLP: https://www.first.org/tlp/ and the rules of TLP\n', 'amber', undefined],
  ['# the levels of TLP are explained elsewhere\n', 'amber', undefined],
])('the level in the comments %j makes the feed stricter: %s', async (comments, tlp, note) => {
  const { document, notes } = await detect(`${comments}${each(names, (name) => name)}`);
  expect(document.defaults.tlp).toBe(tlp);
  const found = notes.filter((one) => one.includes('TLP') && !one.startsWith('A run stores nothing'));
  expect(found).toEqual(note === undefined ? [] : [expect.stringContaining(note)]);
}); // prettier-ignore

const rowsOf = (more: object): string =>
  JSON.stringify({ ...more, data: names.map((ioc) => ({ ioc, seen: '2026-11-20T10:00:00Z' })) });
test.each<[string, string, string]>([
  ['a member of the document', rowsOf({ tlp: 'RED' }), 'red'],
  ['a member with an object', rowsOf({ meta: { TLP: { label: 'AMBER-STRICT', url: 'https://www.first.org/tlp/' } } }), 'amber+strict'],
  ['a text of the document', rowsOf({ info: { notice: 'Marked TLP:RED by the sender' } }), 'red'],
  ['a list of tags', rowsOf({ tags: ['botnet', 'tlp:red'] }), 'red'],
  ['a level that is unknown', rowsOf({ tlp: 'rouge' }), 'red'],
  ['a level that is a number', rowsOf({ tlp_level: 4 }), 'red'],
  ['a member after the records', JSON.stringify({ data: names.map((ioc) => ({ ioc })), tlp: 'red' }), 'red'],
  ['a group around the records', JSON.stringify({ groups: [{ tlp: 'red', data: names.map((ioc) => ({ ioc })) }] }), 'red'],
  ['JSON lines', `{"type":"metadata","tlp":"red"}\n${each(names, (ioc) => JSON.stringify({ ioc }))}`, 'red'],
  ['a file like that of a preset', `# TLP:RED\n"first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"\n${each(ips, (ip) => `"2026-11-20 10:00:00","${ip}","443","online","2026-11-28","Reef"`)}# END (12) entries\n`, 'red'],
  ['RSS', `<?xml version="1.0"?><rss version="2.0"><channel><title>CERT</title><copyright>TLP: AMBER+STRICT</copyright><item><title>One CVE-2026-1234</title><link>https://cert.reef-shop.com/1</link></item></channel></rss>`, 'amber+strict'],
  ['a comment before a table', `# TLP:RED\nip,port\n${each(ips, (ip) => `${ip},25`)}`, 'red'],
  ['a comment in a hosts file', `# TLP RED\n${each(names, (name) => `0.0.0.0 ${name}`)}`, 'red'],
  ['a comment in filter rules', `! TLP: RED\n${each(names, (name) => `||${name}^`)}`, 'red'],
  ['a comment after a rule', each(names, (name, i) => (i === 3 ? `address=/${name}/0.0.0.0 # tlp:red` : `address=/${name}/0.0.0.0`)), 'red'],
  ['a row without a value', `ip,tags\n${each(ips, (ip) => `${ip},c2`)}end of list,TLP:RED\n`, 'red'],
  ['a row with too many columns', `ip,tags\n${each(ips, (ip) => `${ip},c2`)}${ips[0]},c2,tlp:red\n`, 'red'],
  ['one of several values in a line', each(ips, (ip, i) => `${ip} ${ip}1 ${ip}2${i === 3 ? ' tlp:red' : ''}`), 'red'],
])('%s states the level of the feed', async (_name, text, expected) => {
  const { document } = await detect(text);
  expect(document.defaults.tlp).toBe(expected);
}); // prettier-ignore

test('a tag of a row is the level of the row, also if no column has levels', async () => {
  const table = await detect(`ip,tags\n${each(ips, (ip, i) => `${ip},"${['c2', 'c2,tlp:red', 'tlp:pink', 'TLP:AMBER-STRICT'][i % 4]}"`)}`);
  const list = await detect(each(ips, (ip, i) => `${ip} # ${['c2', 'TLP:RED', 'tlp:pink', 'x TLP:AMBER-STRICT'][i % 4]}`));
  for (const { document, preview } of [table, list]) {
    expect(document.defaults.tlp).toBe('amber');
    expect((preview.objects as Json[]).slice(0, 4).map((object) => object['object_marking_refs'])).toEqual(
      (['amber', 'red', 'red', 'amber+strict'] as const).map((tlp) => [tlpMarkingId(tlp)]),
    );
  }
}); // prettier-ignore

test('a level that the collection does not permit is reported, because a run would store nothing', async () => {
  const { document, notes } = await detect(`# TLP:RED\n${each(names, (name) => name)}`);
  expect(document.defaults.tlp).toBe('red');
  expect(notes.filter((one) => one.includes('TLP'))).toEqual([
    'The source states TLP:RED, so the feed has this level.',
    'A run stores nothing and puts all objects on hold, because the maximum of the collection is TLP:AMBER+STRICT and the level of the feed is TLP:RED. Choose another level (--tlp) or another collection.',
  ]);
});

test('a level that was chosen for the feed stays, with a note about the comments', async () => {
  body = `# TLP:RED\n${each(names, (name) => name)}`;
  const { body: answer } = await t.api('boss', 'POST', '/feed-previews', {
    name: 'found', collection: 'indicators', url: `${base}/feed`, tlp: 'green',
  }); // prettier-ignore
  const { document, notes } = answer as unknown as Answer;
  expect([document.defaults.tlp, notes.find((note) => note.includes('TLP'))]).toEqual([
    'green',
    'The source states TLP:RED, but TLP:GREEN was chosen for the feed.',
  ]);
});

test('a table that loses its column with the levels is not read with the level of the feed', async () => {
  const { document } = await detect(`value,tlp\n${each(names.slice(0, 3), (name) => `${name},red`)}`);
  expect(document.parser.required).toContain('tlp');
});

test.each([
  ['20/11/2026 10:00', '2026-11-20T10:00:00.000Z'],
  ['11/20/2026 10:00', '2026-11-20T10:00:00.000Z'],
  ['Fri, 20 Nov 2026 10:00:00 NZDT', '2026-11-19T21:00:00.000Z'],
  ['November 20, 2026', '2026-11-20T00:00:00.000Z'],
  ['1795168800', '2026-11-20T10:00:00.000Z'],
  ['1795168800000', '2026-11-20T10:00:00.000Z'],
  ['20261120T100000Z', '2026-11-20T10:00:00.000Z'],
])('the date %s is read', async (date, expected) => {
  const found = await detect(`ip;first_seen;id\n${each(ips, (ip, i) => `${ip};${date};${i}`)}`);
  expect((found.preview.objects as Json[])[0]?.['valid_from']).toBe(expected);
});

test('dates that can be read in two ways are not used, and a note explains it', async () => {
  const found = await detect(`ip,date\n${each(ips, (ip) => `${ip},03/04/2026`)}`);
  expect(found.document.map[0]).toEqual({ value: '{ip}', type: 'auto' });
  expect(found.notes.join()).toMatch(/Column date has dates such as 03\/04\/2026/);
});

test('names of columns of a table in JSON are read in each run', async () => {
  const { document } = await detect(
    JSON.stringify({ columns: ['ip', 'victim'], data: ips.map((ip, i) => [ip, `45.99.0.${i + 1}`]) }),
  );
  expect(document.parser).toMatchObject({ columns_at: 'columns', required: ['ip'] });
  const again = async (text: string) => {
    body = text;
    return t.api('boss', 'POST', '/feed-previews', { name: 'found', collection: 'indicators', document });
  };
  const moved = await again(
    JSON.stringify({ columns: ['victim', 'ip'], data: ips.map((ip, i) => [`45.99.0.${i + 1}`, ip]) }),
  );
  expect(values(moved.body as unknown as Answer)).toEqual(ips);
  // Without the names, no cell is taken for another one.
  const unnamed = await again(JSON.stringify({ data: ips.map((ip) => [ip, '45.99.0.1']) }));
  expect([unnamed.status, unnamed.body['code']]).toEqual([409, 'TLN-F-011']);
  const longer = await again(JSON.stringify({ columns: ['ip', 'victim'], data: [['x', ips[0], 'y']] }));
  expect((longer.body as unknown as Answer).preview).toMatchObject({ quarantined: 1, accepted: 0 });
});

test('a required column of a table in JSON is found in any case', async () => {
  const { document } = await detect(
    JSON.stringify({ columns: ['IP', 'victim'], data: ips.map((ip, i) => [ip, `45.99.0.${i + 1}`]) }),
  );
  expect(document.parser).toMatchObject({ columns_at: 'columns', required: ['IP'] });
});

test('columns of a table in JSON may have names that differ only in case', async () => {
  const found = await detect(JSON.stringify([['note', 'IP', 'ip'], ...ips.map((ip, i) => ['x', i, ip])]));
  expect(found.document.map[0]).toMatchObject({ value: '{ip_2}' });
  expect(values(found)).toEqual(ips);
});

test('a note tells that ports after domain names are left out', async () => {
  const found = await detect(each(names, (name) => `${name}:8443`));
  expect(values(found)).toEqual(names);
  expect(found.notes.join()).toMatch(/ports after domain names/);
});

test('columns of victims are not used if there is another side, and noted otherwise', async () => {
  const both = await detect(`victim_ip,c2_ip\n${each(ips, (ip, i) => `45.99.0.${i + 1},${ip}`)}`);
  expect(values(both)).toEqual(ips);
  const alone = await detect(`victim_ip,port\n${each(ips, (ip) => `${ip},25`)}`);
  expect(alone.notes.join()).toMatch(/may name victims/);
});

test.each([
  ['prose', 'This is a page about nothing.\nIt has three lines.\nNo values.\n'],
  ['file names', each(names, (_n, i) => `setup${i}.exe`)],
  ['the addresses of a member', each(ips, (_ip, i) => `203.0.112.${i + 1}`)],
  ['references only', `id,reference\n${each(urls, (url, i) => `${i},https://reef-shop.com/${i}`)}`],
])('%s is not understood, and the error explains it', async (_name, text) => {
  body = text;
  const answer = await t.api('boss', 'POST', '/feed-previews', { name: 'none', collection: 'indicators', url: `${base}/feed` }); // prettier-ignore
  expect([answer.status, answer.body['code']]).toEqual([422, 'TLN-F-020']);
});

test('the source is fetched once, and the first rows are shown with their objects', async () => {
  const found = await detect(`ip,first_seen,note\n${each(ips, (ip, i) => `${i === 2 ? 'nothing' : ip},2026-11-20 10:00:00,x`)}`); // prettier-ignore
  expect(asked).toBe(1);
  expect(found.preview.samples.map(({ line, objects, reason }) => [line, objects.length, reason])).toEqual([
    [2, 1, undefined],
    [3, 1, undefined],
    [4, 0, expect.stringContaining('nothing')],
    [5, 1, undefined],
    [6, 1, undefined],
  ]);
  expect(found.notes).toEqual(['Columns that are not used: note.', '8 % of the rows have no value that the hub understands.']); // prettier-ignore
});

describe('the address of a folder', () => {
  const uuid = '11111111-2222-4333-8444-000000000003';
  const event = { Event: { uuid, info: 'Reef', date: '2026-11-20', timestamp: '1795168800', Attribute: ips.map((value, i) => ({ uuid: `11111111-2222-4333-8444-0000000001${String(i).padStart(2, '0')}`, type: 'ip-dst', to_ids: true, value, timestamp: '1795168800' })) } }; // prettier-ignore
  const manifest = JSON.stringify({ [uuid]: { info: 'Reef', Orgc: { name: 'C' }, date: '2026-11-20', timestamp: '1795168800' } }); // prettier-ignore

  test.each([
    ['a list of files', '<html><body><a href="manifest.json">manifest.json</a></body></html>'],
    ['nothing', ''],
  ])('finds the manifest of a MISP feed, where it has %s', async (_name, page) => {
    files = {
      '/feed': page,
      '/feed/manifest.json': manifest,
      [`/feed/${uuid}.json`]: JSON.stringify(event),
    };
    const found = await detect('');
    const indicators = (found.preview.objects as Json[]).filter(({ type }) => type === 'indicator');
    expect(indicators.map(valueOf).toSorted()).toEqual(ips.toSorted());
    expect(found.document.transport).toMatchObject({ kind: 'index', index: 'misp' });
  });

  test('reports what the folder has if it is not a MISP feed', async () => {
    files = { '/feed': '<html><body>Sign in</body></html>', '/feed/manifest.json': '' };
    const answer = await t.api('boss', 'POST', '/feed-previews', { name: 'none', collection: 'indicators', url: `${base}/feed` }); // prettier-ignore
    expect(answer.body['title']).toMatch(/web page/);
  });
});

test('a page of a TAXII collection is recognised', async () => {
  const indicator = { type: 'indicator', spec_version: '2.1', id: 'indicator--11111111-2222-4333-8444-000000000003', created: '2026-11-28T10:00:00.000Z', modified: '2026-11-28T10:00:00.000Z', pattern: "[ipv4-addr:value = '45.130.1.2']", pattern_type: 'stix', valid_from: '2026-11-28T10:00:00.000Z' }; // prettier-ignore
  const found = await detect(JSON.stringify({ more: false, objects: [indicator] }));
  expect(values(found)).toEqual(['45.130.1.2']);
});

test('the address of a preset, and files like those of its source, are read as the preset reads them', () => {
  expect(presetAt('http://feodotracker.abuse.ch/downloads/ipblocklist.csv/')?.name).toBe('feodo');
  expect(presetAt('https://transform.shadowserver.org/api2/')).toBeUndefined();
  const rows = each(ips, (ip) => `"2026-11-20 10:00:00","${ip}","443","online","2026-11-28","Reef"`);
  const header = '"first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"\n';
  expect(knownFormat(`# x\n${header}${rows}# END (12) entries\n`, base)?.map?.[0]?.type).toBe('endpoint');
  // Without the statement of its length, each run would be suspect.
  expect(knownFormat(`# x\n${header}${rows}`, base)).toBeUndefined();
});
