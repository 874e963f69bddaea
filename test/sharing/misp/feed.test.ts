import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { checkDocument, loadPreset } from '../../../src/feeds/document.ts';
import { HUB_NAMESPACE, uuidV5 } from '../../../src/kernel/ids.ts';
import { LAST_VERSION } from '../../../src/store/store.ts';
import { anIndicator, type Json } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';
import { MAIN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../../support/hub.ts';

/*
 * MISP feeds of a hub, as MISP fetches them: the manifest, then the events that it names.
 */

interface Attribute extends Json {
  readonly uuid: string;
  readonly type: string;
  readonly value: string;
  readonly to_ids: boolean;
  readonly deleted: boolean;
  readonly timestamp: string;
  readonly Tag?: readonly { readonly name: string }[];
}
interface Event extends Json {
  readonly uuid: string;
  readonly info: string;
  readonly Attribute: readonly Attribute[];
  readonly Tag: readonly { readonly name: string }[];
}
type Manifest = Readonly<Record<string, { readonly info: string; readonly timestamp: number }>>;

let t: TestHub;
let clock: TestClock;
const GREEN = 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb';
const AMBER = 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421';
const REEF = {
  type: 'identity', spec_version: '2.1', id: 'identity--2d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b', created: '2026-01-01T00:00:00.000Z',
  modified: '2026-01-01T00:00:00.000Z', name: 'Reef CERT', object_marking_refs: [GREEN],
}; // prettier-ignore
const pap = (level: string, digit: number): Json => ({
  type: 'marking-definition', spec_version: '2.1', id: `marking-definition--2d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5${digit}`,
  created: '2026-01-01T00:00:00.000Z', definition_type: 'statement', definition: { statement: `PAP:${level}` },
}); // prettier-ignore

const TIMES = {
  created: '2026-11-20T08:00:00.000Z',
  modified: '2026-11-20T08:00:00.000Z',
  valid_from: '2026-11-20T08:00:00Z',
};
const of = (pattern: string, over: Json = {}): Json =>
  anIndicator({
    pattern,
    name: 'x',
    ...TIMES,
    valid_until: '2027-06-01T00:00:00Z',
    object_marking_refs: [GREEN],
    ...over,
  });
const later = (object: Json, over: Json = {}): Json => ({ ...object, modified: new Date(clock.now()).toISOString(), ...over }); // prettier-ignore

beforeEach(async () => {
  clock = new TestClock('2026-11-29T12:00:00.500Z');
  t = await testHub(SETTINGS, { clock });
});
afterEach(() => t.stop());

const store = async (...objects: readonly Json[]): Promise<void> => {
  const { body } = await t.as('writer').post(objectsOf(MAIN), { objects });
  expect(body).toMatchObject({ success_count: objects.length });
  await t.hub.valueView.followAll();
};
const get = (path: string, who: string | null = 'reader', headers: Record<string, string> = {}): supertest.Test => {
  const asked = supertest(t.hub.app).get(`/misp/${path}`).set(headers).buffer(true).parse((response, done) => {
    let text = '';
    response.on('data', (part: Buffer) => (text += part.toString()));
    response.on('end', () => done(null, text));
  });
  return who === null ? asked : asked.set('Authorization', `Bearer ${keyOf(who)}`);
}; // prettier-ignore
const read = async (path: string, who = 'reader'): Promise<string> => {
  const { status, body } = (await get(path, who)) as unknown as { status: number; body: string };
  expect([path, status]).toEqual([path, 200]);
  return body;
};
const manifest = async (who = 'reader'): Promise<Manifest> =>
  JSON.parse(await read('indicators/manifest.json', who)) as Manifest;
const eventAt = async (uuid: string, who = 'reader'): Promise<Event> =>
  (JSON.parse(await read(`indicators/${uuid}.json`, who)) as { Event: Event }).Event;
const events = async (who = 'reader'): Promise<readonly Event[]> => {
  const found: Event[] = [];
  for (const uuid of Object.keys(await manifest(who))) found.push(await eventAt(uuid, who));
  return found;
};
const values = (event: Event | undefined): readonly string[] =>
  (event?.Attribute ?? []).map(({ type, value, to_ids: ids, deleted }) => `${type} ${value.replace(/^removed .*/, 'removed')}${ids ? ' ids' : ''}${deleted ? ' deleted' : ''}`).toSorted(); // prettier-ignore
const tagsOf = (of: { readonly Tag?: readonly { readonly name: string }[] } | undefined): readonly string[] =>
  (of?.Tag ?? []).map(({ name }) => name);

test('an event has the indicators of a report, and the indicators without a report are in one event for each producer and day', async () => {
  const malware = { type: 'malware', spec_version: '2.1', id: 'malware--2d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b', created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z', name: 'Eel', is_family: true, object_marking_refs: [GREEN] };
  const inReport = of("[domain-name:value = 'www.eel-bank.com']", { confidence: 82, labels: ['phishing'] });
  const relation = { type: 'relationship', spec_version: '2.1', id: 'relationship--2d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b', created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z', relationship_type: 'indicates', source_ref: inReport['id'], target_ref: malware.id, object_marking_refs: [GREEN] };
  const amber = of("[url:value = 'http://eel-bank.com/a']", { object_marking_refs: [AMBER] });
  const loose = of("[ipv4-addr:value = '45.60.1.1']", { created_by_ref: REEF.id });
  const nextDay = of("[ipv4-addr:value = '45.60.1.2']", { created: '2026-11-21T00:00:00.000Z', modified: '2026-11-21T00:00:00.000Z' });
  const report = { type: 'report', spec_version: '2.1', id: 'report--2d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b', ...TIMES, name: 'Eels in the reef', description: 'About **eels**.', published: '2026-11-20T09:00:00Z', object_refs: [inReport['id'], amber['id'], malware.id], external_references: [{ source_name: 'page', url: 'https://reef-bank.com/eels' }], object_marking_refs: [GREEN] };
  await store(REEF, malware, inReport, amber, loose, nextDay, relation, report);
  const all = await events();
  const titled = new Map(all.map((event) => [event.info, event]));
  expect([...titled.keys()].toSorted()).toEqual(['Eels in the reef', 'Eels in the reef (TLP:AMBER)', 'Indicators of Reef CERT of 2026-11-20', 'Indicators of Test hub of 2026-11-21']);
  const main = titled.get('Eels in the reef');
  expect(values(main)).toEqual(['hostname www.eel-bank.com ids', 'link https://reef-bank.com/eels']);
  expect(main).toMatchObject({ date: '2026-11-20', analysis: '2', threat_level_id: '4', published: true, Orgc: { name: 'Test hub' }, EventReport: [{ content: 'About **eels**.' }] });
  expect(tagsOf(main)).toEqual(['tlp:green', 'misp-galaxy:malpedia="Eel"']);
  expect(tagsOf(main?.Attribute.find(({ type }) => type === 'hostname'))).toEqual(['misp:confidence-level="usually-confident"', 'talanoa:confidence="82"', 'phishing', 'malicious-activity', 'misp-galaxy:malpedia="Eel"']);
  // Nobody passes an amber value on because the event says green.
  const stricter = titled.get('Eels in the reef (TLP:AMBER)');
  expect([values(stricter), tagsOf(stricter)[0], stricter?.['extends_uuid']]).toEqual([['url http://eel-bank.com/a ids'], 'tlp:amber', main?.uuid]);
  expect(titled.get('Indicators of Reef CERT of 2026-11-20')).toMatchObject({ Orgc: { name: 'Reef CERT', uuid: '2d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b' } });
  // The ids are the same for every reader and after a restart, and those of the source are not taken over.
  expect(main?.uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/);
  expect((await events('desk').catch(() => [])).length).toBe(0);
}); // prettier-ignore

test('an attribute has the type that MISP has for its value, and values that MISP would refuse are counted', async () => {
  const md5 = 'a'.repeat(32);
  const sha = 'b'.repeat(64);
  const rule = 'rule Eel { condition: filesize > 1 }';
  const compound = "[ipv4-addr:value = '45.60.2.9'] FOLLOWEDBY [domain-name:value = 'eel-two.com']";
  await store(
    of(`[domain-name:value = 'eel-bank.com' OR domain-name:value = 'a.eel-bank.com']`),
    of("[ipv4-addr:value ISSUBSET '45.60.0.0/24']"),
    of(`[file:name = 'eel.exe' AND (file:hashes.MD5 = '${md5}' OR file:hashes.'SHA-256' = '${sha}')]`),
    of(`[file:hashes.'SHA-256' = '${sha}']`),
    of("[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '45.60.2.1' AND network-traffic:dst_port = 443]"),
    of("[domain-name:value = 'eel-three.com' AND domain-name:resolves_to_refs[*].value = '45.60.2.2']"),
    of('[autonomous-system:number = 64500]'),
    of("[email-addr:value = 'eel@eel-bank.com']"),
    of("[windows-registry-key:key = 'HKLM\\\\Software\\\\Eel']"),
    of(rule, { pattern_type: 'yara' }),
    of(compound),
    // A sign that divides values in MISP, a rule for a tool that MISP does not know, and one that is too long.
    of("[file:name = 'eel|bank.exe']"),
    of('alert tcp any any -> any any (sid:1;)', { pattern_type: 'suricata' }),
    of(`rule Long { condition: true } //${'x'.repeat(66_000)}`, { pattern_type: 'yara' }),
  );
  const { headers } = await get('indicators/manifest.json');
  const [event] = await events();
  expect(values(event)).toEqual([
    'AS 64500 ids',
    'domain eel-bank.com ids',
    'domain|ip eel-three.com|45.60.2.2 ids',
    'email-src eel@eel-bank.com ids',
    `filename|md5 eel.exe|${md5} ids`,
    `filename|sha256 eel.exe|${sha} ids`,
    'hostname a.eel-bank.com ids',
    'ip-dst 45.60.0.0/24 ids',
    'ip-dst|port 45.60.2.1|443 ids',
    'regkey HKLM\\Software\\Eel ids',
    `sha256 ${sha} ids`,
    "stix2-pattern [file:name = 'eel|bank.exe'] ids",
    `stix2-pattern ${compound} ids`,
    `yara ${rule} ids`,
  ].toSorted());
  expect([headers['x-talanoa-entries'], headers['x-talanoa-omitted']]).toEqual(['14', 'format=2']);
}); // prettier-ignore

test('an attribute is for detection only if tools may alert about it and block it, and a value that no list contains is left out', async () => {
  const [amber, red] = [pap('AMBER', 1), pap('RED', 2)];
  await store(
    amber, red,
    of("[ipv4-addr:value = '45.60.3.1']"),
    of("[ipv4-addr:value = '45.60.3.2']", { object_marking_refs: [GREEN, amber['id']] }),
    of("[ipv4-addr:value = '45.60.3.3']", { object_marking_refs: [GREEN, red['id']] }),
    of("[ipv4-addr:value = '192.168.1.1']"),
    of("[ipv4-addr:value ISSUBSET '45.0.0.0/9']"),
    of("[domain-name:value = 'com.fj']"),
    of("[domain-name:value = 'www.gov.to']"),
    of("[file:name = 'x.exe' AND file:hashes.MD5 = 'abababababababababababababababab']"),
    of("[domain-name:value = 'eel.com' AND domain-name:resolves_to_refs[*].value = '198.51.100.7']"),
    of('rule Amber { condition: filesize > 1 }', { pattern_type: 'yara', object_marking_refs: [GREEN, amber['id']] }),
  );
  // Lists for tools that alert leave out the same values.
  expect((await get('indicators/manifest.json')).headers['x-talanoa-omitted']).toBe('special-range=2');
  const [event] = await events();
  expect(values(event)).toEqual([
    'domain com.fj', 'domain www.gov.to', 'filename|md5 x.exe|abababababababababababababababab ids',
    'ip-dst 45.0.0.0/9', 'ip-dst 45.60.3.1 ids', 'ip-dst 45.60.3.2', 'ip-dst 45.60.3.3', 'yara rule Amber { condition: filesize > 1 } ids',
  ]);
  const tags = event?.Attribute.find(({ value }) => value === '45.60.3.3');
  expect(tagsOf(tags)).toContain('PAP:RED');
}); // prettier-ignore

test('a value that is withdrawn, suppressed, expired or removed is deleted with a later time, and the rest stays the same', async () => {
  const [stays, revoked, suppressed, expires, removed, changed] = [1, 2, 3, 4, 5, 6].map((n) =>
    of(`[ipv4-addr:value = '45.60.4.${n}']`, n === 4 ? { valid_until: '2026-11-30T00:00:00Z' } : {}),
  ) as [Json, Json, Json, Json, Json, Json];
  await store(stays, revoked, suppressed, expires, removed, changed);
  const [before] = await events();
  const first = (await manifest())[before?.uuid ?? ''];
  const tag = (await get('indicators/manifest.json')).headers['etag'];
  expect((await get('indicators/manifest.json', 'reader', { 'If-None-Match': String(tag) })).status).toBe(304);
  clock.advance(3_600_000);
  await store(later(revoked, { revoked: true }));
  await t.api('chief', 'POST', '/suppressions', { values: ['45.60.4.3'], reason: 'the bank of a member' });
  await t.as('writer').delete(`${objectsOf(MAIN)}${String(removed['id'])}/`);
  await store(later(changed, { pattern: "[ipv4-addr:value = '45.60.4.7']" }));
  const [during] = await events();
  // Of values that left the feed only ids stay, because somebody who reads it later must not see them.
  expect(values(during)).toEqual([...Array<string>(4).fill('comment removed deleted'), 'ip-dst 45.60.4.1 ids', 'ip-dst 45.60.4.4 ids', 'ip-dst 45.60.4.7 ids']);
  expect(JSON.stringify(during)).not.toMatch(/45\.60\.4\.[2356]/);
  const second = (await manifest())[before?.uuid ?? ''];
  expect(second?.timestamp).toBeGreaterThan(first?.timestamp ?? Infinity);
  const idOf = (value: string): string | undefined => before?.Attribute.find((one) => one.value === value)?.uuid;
  const time = (event: Event | undefined, value: string): number => Number(event?.Attribute.find((one) => one.uuid === idOf(value))?.timestamp);
  expect(time(during, '45.60.4.1')).toBe(time(before, '45.60.4.1'));
  for (const n of [2, 3, 5, 6]) expect([n, time(during, `45.60.4.${n}`)]).toEqual([n, expect.any(Number)]);
  for (const n of [2, 3, 5, 6]) expect(time(during, `45.60.4.${n}`)).toBeGreaterThan(time(before, `45.60.4.${n}`));
  // The expiry is a change of its own, and so is a value that comes back.
  clock.advance(86_400_000);
  await t.api('chief', 'POST', `/suppressions/${String(((await t.api('chief', 'GET', '/suppressions')).body['items'] as Json[])[0]?.['id'])}/lift`, { reason: 'it is malicious' });
  const [after] = await events();
  expect(after?.Attribute.find(({ uuid }) => uuid === idOf('45.60.4.4'))).toMatchObject({ type: 'comment', deleted: true });
  expect(JSON.stringify(after)).not.toContain('45.60.4.4');
  expect(values(after)).toContain('ip-dst 45.60.4.3 ids');
  expect(time(after, '45.60.4.3')).toBeGreaterThan(time(during, '45.60.4.3'));
  // After 30 days, every MISP has removed the values.
  clock.advance(31 * 86_400_000);
  await store(later(stays));
  const [last] = await events();
  expect(values(last)).toEqual(['ip-dst 45.60.4.1 ids', 'ip-dst 45.60.4.3 ids', 'ip-dst 45.60.4.7 ids']);
}); // prettier-ignore

test('the indicators of a withdrawn report leave its event, and an event without indicators tells it for 30 days', async () => {
  const one = of("[ipv4-addr:value = '45.60.5.1']");
  const report = { type: 'report', spec_version: '2.1', id: 'report--3d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b', ...TIMES, name: 'Rays', published: '2026-11-20T09:00:00Z', object_refs: [one['id']], object_marking_refs: [GREEN] };
  await store(one, report);
  expect((await events()).map((event) => [event.info, values(event)])).toEqual([['Rays', ['ip-dst 45.60.5.1 ids']]]);
  clock.advance(60_000);
  await store(later(report, { revoked: true }));
  expect(Object.fromEntries((await events()).map((event) => [event.info, values(event)]))).toEqual({ 'Indicators of Test hub of 2026-11-20': ['ip-dst 45.60.5.1 ids'], Removed: ['comment removed deleted'] });
  clock.advance(31 * 86_400_000);
  await store(later(one));
  expect((await events()).map(({ info }) => info)).toEqual(['Indicators of Test hub of 2026-11-20']);
}); // prettier-ignore

test('a report of another owner does not take indicators out of the event of their owner', async () => {
  const one = of("[ipv4-addr:value = '45.60.9.1']");
  await store(one);
  const report = { type: 'report', spec_version: '2.1', id: 'report--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b', ...TIMES, name: 'Borrowed', published: '2026-11-20T09:00:00Z', object_refs: [one['id']], object_marking_refs: [GREEN] };
  const { body } = await t.as('sensor').post(objectsOf(MAIN), { objects: [report] });
  expect(body).toMatchObject({ success_count: 1 });
  const found = Object.fromEntries((await events()).map((event) => [event.info, values(event)]));
  expect(found).toEqual({ 'Indicators of Test hub of 2026-11-20': ['ip-dst 45.60.9.1 ids'], Borrowed: ['ip-dst 45.60.9.1 ids'] });
}); // prettier-ignore

test('nothing but ids is left of a report and its indicators that were removed from the collection', async () => {
  const one = of("[ipv4-addr:value = '45.60.8.1']", { name: 'Quiet bay', description: 'Seen at the quiet bay' });
  const report = { type: 'report', spec_version: '2.1', id: 'report--4d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b', ...TIMES, name: 'Quiet bay', created_by_ref: REEF.id, description: 'Who fell for it', published: '2026-11-20T09:00:00Z', object_refs: [one['id']], object_marking_refs: [GREEN] };
  await store(REEF, one, report);
  const [before] = await events();
  expect(JSON.stringify(before)).toContain('Who fell for it');
  expect(before?.['Orgc']).toMatchObject({ name: 'Reef CERT' });
  clock.advance(3_600_000);
  for (const { id } of [one, report]) await t.as('writer').delete(`${objectsOf(MAIN)}${String(id)}/`);
  const [after] = await events();
  expect([after?.uuid, after?.info, values(after), tagsOf(after)]).toEqual([before?.uuid, 'Removed', ['comment removed deleted'], []]);
  // MISP demands a day and an organisation. Those of the event would be facts about what was removed.
  expect([after?.['date'], after?.['Orgc'], after?.['EventReport']]).toEqual(['1970-01-01', expect.objectContaining({ name: 'Test hub' }), [expect.objectContaining({ name: 'Removed', content: '', deleted: true })]]);
  expect(JSON.stringify([await manifest(), after, await read('indicators/hashes.csv')])).not.toMatch(/quiet bay|who fell|reef|2026-11-20|45\.60\.8/i);
  expect(Number((await manifest())[before?.uuid ?? '']?.timestamp)).toBeGreaterThan(Number(before?.['timestamp']));
}); // prettier-ignore

test('the id of a value that left the feed does not show the value', async () => {
  const one = of("[ipv4-addr:value = '45.60.8.2']");
  await store(one);
  const [before] = await events();
  const id = before?.Attribute[0]?.uuid ?? '';
  // Everything but the key of the hub is known to a reader.
  const guess = uuidV5(`misp-attribute\n${before?.uuid}\nip-dst\n45.60.8.2`, HUB_NAMESPACE);
  const key = (await t.hub.store.record('secret', 'misp'))?.document?.['key'];
  const made = uuidV5(`misp-attribute\n${String(key)}\n${before?.uuid}\nip-dst\n45.60.8.2`, HUB_NAMESPACE);
  expect([id === guess, id === made]).toEqual([false, true]);
}); // prettier-ignore

test('a value that is deleted while MISP fetches events is not in an event that it fetches next', async () => {
  const [one, two] = [of("[ipv4-addr:value = '45.60.8.3']"), of("[ipv4-addr:value = '45.60.8.4']")];
  await store(one, two);
  const [uuid = ''] = Object.keys(await manifest());
  expect(values(await eventAt(uuid))).toEqual(['ip-dst 45.60.8.3 ids', 'ip-dst 45.60.8.4 ids']);
  await t.as('writer').delete(`${objectsOf(MAIN)}${String(two['id'])}/`);
  expect(values(await eventAt(uuid))).toEqual(['comment removed deleted', 'ip-dst 45.60.8.3 ids']);
}); // prettier-ignore

test('an event that the manifest of another process names is found, although this process has an older feed', async () => {
  await store(of("[ipv4-addr:value = '45.60.8.3']"));
  const [before = ''] = Object.keys(await manifest('sensor'));
  await store(of("[ipv4-addr:value = '45.60.8.4']", { created: '2026-11-21T00:00:00.000Z', modified: '2026-11-21T00:00:00.000Z' }));
  // Hub staff read a feed of their own with the same ids, as if another process had made it.
  const after = Object.keys(await manifest('analyst')).find((uuid) => uuid !== before) ?? '';
  expect(values(await eventAt(before, 'sensor'))).toEqual(['ip-dst 45.60.8.3 ids']);
  expect(values(await eventAt(after, 'sensor'))).toEqual(['ip-dst 45.60.8.4 ids']);
  expect((await get('indicators/00000000-0000-5000-8000-000000000000.json')).status).toBe(404);
}); // prettier-ignore

test('a member that reports a value of another member gets it for detection from everybody, and nobody else does', async () => {
  await t.stop();
  t = await testHub(SETTINGS.replace('networks: [198.51.100.64/26]', 'networks: [198.51.100.64/26], domains: [reef-fiji.com]'), { clock });
  const names = ['www.reef-fiji.com', 'www.eel-bank.com'];
  await store(...names.map((name) => of(`[domain-name:value = '${name}']`)));
  const own = names.map((name) => of(`[domain-name:value = '${name}']`, { created: '2026-11-21T08:00:00.000Z', modified: '2026-11-21T08:00:00.000Z' }));
  const { body } = await t.as('sensor').post(objectsOf(MAIN), { objects: own });
  expect(body).toMatchObject({ success_count: 2 });
  await t.hub.valueView.followAll();
  const both = (text: string): readonly string[] => [text, text];
  // If the value were missing in the event of the hub, Tonga would know that it belongs to a member.
  expect((await events('sensor')).flatMap(values).toSorted()).toEqual([...both('hostname www.eel-bank.com ids'), ...both('hostname www.reef-fiji.com ids')]);
  expect((await events()).flatMap(values).toSorted()).toEqual([...both('hostname www.eel-bank.com ids'), ...both('hostname www.reef-fiji.com')]);
}); // prettier-ignore

test('large days are divided into numbered events of at most 5,000 attributes, and another value changes one of them', async () => {
  const many = Array.from({ length: 5_003 }, (_each, i) => of(`[ipv4-addr:value = '45.66.${i >> 8}.${i & 255}']`, { id: `indicator--${i.toString(16).padStart(8, '0')}-1f0a-4b63-9a5e-0c1d2e3f4a5b` }));
  for (let at = 0; at < many.length; at += 1_000) await store(...many.slice(at, at + 1_000));
  const before = await events();
  expect(Object.fromEntries(before.map(({ info, Attribute }) => [info, Attribute.length]))).toEqual({ 'Indicators of Test hub of 2026-11-20': 5_000, 'Indicators of Test hub of 2026-11-20 (part 2)': 3 });
  const hashes = (await read('indicators/hashes.csv')).trim().split('\n');
  expect(hashes).toHaveLength(5_003);
  const stood = await manifest();
  clock.advance(60_000);
  await store(of("[ipv4-addr:value = '45.62.1.1']", { created: '2026-11-20T09:00:00.000Z', modified: '2026-11-20T09:00:00.000Z' }));
  const changed = Object.entries(await manifest()).filter(([uuid, { timestamp }]) => stood[uuid]?.timestamp !== timestamp);
  expect(changed.map(([, { info }]) => info)).toEqual(['Indicators of Test hub of 2026-11-20 (part 2)']);
}); // prettier-ignore

test('rights, methods, compression and the ledger are those of lists', async () => {
  await store(of("[ipv4-addr:value = '45.60.6.1']"));
  const [uuid = ''] = Object.keys(await manifest());
  for (const file of ['manifest.json', 'hashes.csv', `${uuid}.json`]) {
    expect([file, (await get(`indicators/${file}`, 'nobody')).status]).toEqual([file, 404]);
    expect([file, (await get(`indicators/${file}`, null)).status]).toEqual([file, 401]);
    expect([file, (await get(`nothing/${file}`)).status]).toEqual([file, 404]);
  }
  const packed = await get(`indicators/${uuid}.json`, 'reader', { 'Accept-Encoding': 'gzip' });
  expect([packed.headers['content-encoding'], packed.headers['content-type'], (JSON.parse(packed.body as string) as { Event: Event }).Event.uuid]).toEqual(['gzip', 'application/json; charset=utf-8', uuid]);
  expect((await get(`indicators/${uuid}.json`, 'reader', { 'If-None-Match': String(packed.headers['etag']) })).status).toBe(304);
  const other = await get('indicators/11111111-1111-4111-8111-111111111111.json');
  expect([other.status, other.body]).toEqual([404, expect.stringContaining('File of the MISP feed not found')]);
  expect((await get('indicators/manifest.json?types=ip')).body).toContain('has no filters');
  expect((await supertest(t.hub.app).post('/misp/indicators/manifest.json').set('Authorization', `Bearer ${keyOf('reader')}`)).status).toBe(405);
  const readers = (await t.api('chief', 'GET', '/deliveries/readers')).body['items'] as Json[];
  expect(readers.filter(({ account }) => account === 'reader').map(({ kind, filters }) => [kind, filters])).toContainEqual(['list', expect.stringMatching(/^format=misp types=/)]);
  const notes = (await t.hub.store.readers()).filter(({ kind }) => kind === 'lookup');
  expect(notes.reduce((sum, { objects }) => sum + objects, 0)).toBeGreaterThan(0);
}); // prettier-ignore

test('a suppression counts as announced to a MISP that reads the manifest after it, and never as confirmed', async () => {
  await store(of("[ipv4-addr:value = '45.60.7.1']"));
  await manifest();
  clock.advance(60_000);
  const { body } = await t.api('chief', 'POST', '/suppressions', { values: ['45.60.7.1'], reason: 'the bank of a member' });
  const [made] = (body['suppressions'] ?? body['items'] ?? [body]) as Json[];
  const state = async (): Promise<readonly unknown[]> =>
    ((await t.api('chief', 'GET', `/suppressions/${String(made?.['id'])}`)).body['recipients'] as Json[]).map((one) => [one['what'], one['state']]);
  expect(await state()).toEqual([[expect.stringMatching(/^format=misp/), 'holding']]);
  clock.advance(60_000);
  await manifest();
  expect(await state()).toEqual([[expect.stringMatching(/^format=misp/), 'notified']]);
}); // prettier-ignore

test('a member does not learn from its own values what other members claim', async () => {
  const { body } = await t.as('sensor').post(objectsOf(MAIN), { objects: [of("[ipv4-addr:value = '198.51.100.70']"), of("[ipv4-addr:value = '198.51.100.5']")] });
  expect(body).toMatchObject({ success_count: 2 });
  await t.hub.valueView.followAll();
  // 198.51.100.64/26 belongs to Fiji, too. Both addresses are in the network of Tonga.
  expect((await events('sensor')).map(values)).toEqual((await events('reader')).map(values));
}); // prettier-ignore

test('the feed reader of a hub reads a MISP feed of a hub, and what is in it arrives with its facts', async () => {
  const md5 = 'a'.repeat(32);
  const compound = "[ipv4-addr:value = '45.60.8.9'] FOLLOWEDBY [domain-name:value = 'eel-two.com']";
  const inReport = of("[domain-name:value = 'www.eel-bank.com']", { name: 'Look-alike', description: 'A page of eels', confidence: 82, labels: ['phishing'] });
  const report = { type: 'report', spec_version: '2.1', id: 'report--4d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b', ...TIMES, name: 'Eels in the reef', description: 'About eels.', published: '2026-11-20T09:00:00Z', object_refs: [inReport['id']], external_references: [{ source_name: 'page', url: 'https://reef-bank.com/eels' }], object_marking_refs: [GREEN] };
  const amber = of("[ipv4-addr:value = '45.60.8.1']", { object_marking_refs: [AMBER] });
  await store(inReport, report, amber, of(`[file:name = 'eel.exe' AND file:hashes.MD5 = '${md5}']`), of("[domain-name:value = 'eel-three.com' AND domain-name:resolves_to_refs[*].value = '45.60.8.2']"), of(compound), of('rule Eel { condition: filesize > 1 }', { pattern_type: 'yara' }));
  const server = await served();
  const other = await testHub(`${SETTINGS}\negress: { allow: ["127.0.0.1:${port(server)}"] }\nsecrets: { env: [MISP_KEY] }\n`, { clock }, {}, { MISP_KEY: keyOf('reader') });
  try {
    const document = loadPreset('misp-feed');
    await other.hub.feeds.registry.create(checkDocument({ ...document, enabled: true, schedule: { cron: '0 3 1 1 *' }, defaults: { ...document.defaults, tlp: 'clear', redistribute: 'members' }, transport: { kind: 'index', index: 'misp', url: `http://127.0.0.1:${port(server)}/misp/indicators`, since_days: 90, auth: { kind: 'bearer', secret: 'env:MISP_KEY' } } }, document.name), 'indicators', []);
    clock.advance(3_600_000);
    expect(await other.hub.feeds.runner.run('misp-feed')).toMatchObject({ status: 'ok', quarantined: 0, filtered: expect.any(Number) });
    const { entries } = await other.hub.store.entries({ collection: MAIN, after: 0, limit: 1000, versions: LAST_VERSION }, true);
    const objects = entries.map(({ text }) => JSON.parse(text ?? '{}') as Json);
    const indicators = objects.filter(({ type }) => type === 'indicator');
    expect(indicators.map(({ pattern }) => String(pattern)).toSorted()).toEqual(['rule Eel { condition: filesize > 1 }', compound, `[file:name = 'eel.exe' AND file:hashes.MD5 = '${md5}']`, "[domain-name:value = 'eel-three.com' AND domain-name:resolves_to_refs[*].value = '45.60.8.2']", "[domain-name:value = 'www.eel-bank.com']", "[ipv4-addr:value = '45.60.8.1']"].toSorted());
    const page = indicators.find(({ pattern }) => String(pattern).includes('www.eel-bank'));
    expect(page).toMatchObject({ confidence: 82, labels: expect.arrayContaining(['phishing']), description: 'Look-alike\nA page of eels', valid_from: '2026-11-20T08:00:00.000Z', object_marking_refs: [GREEN] });
    expect(indicators.find(({ pattern }) => String(pattern).includes('45.60.8.1'))).toMatchObject({ object_marking_refs: [AMBER] });
    const told = objects.find(({ type, name }) => type === 'report' && name === 'Eels in the reef');
    expect(told).toMatchObject({ description: 'About eels.', object_refs: expect.arrayContaining([page?.['id']]), external_references: expect.arrayContaining([{ source_name: 'link', url: 'https://reef-bank.com/eels' }]) });
    // A withdrawal reaches the other hub, too.
    await store(later(amber, { revoked: true }));
    clock.advance(3_600_000);
    await other.hub.feeds.runner.run('misp-feed');
    const [ended] = (await other.hub.store.entries({ collection: MAIN, after: 0, limit: 10, ids: [String(indicators.find(({ pattern }) => String(pattern).includes('45.60.8.1'))?.['id'])], versions: LAST_VERSION }, true)).entries;
    const after = JSON.parse(ended?.text ?? '{}') as Json;
    expect(after['revoked'] === true || Date.parse(String(after['valid_until'])) <= clock.now()).toBe(true);
  } finally {
    await other.stop();
    await new Promise((done) => server.close(done));
  }
}); // prettier-ignore

const served = (): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer(t.hub.app);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
const port = (server: Server): number => (server.address() as AddressInfo).port;

test('versions from before 1970 do not keep the feed of everybody from being made', async () => {
  const old = { created: '1960-01-01T00:00:00.000Z', modified: '1960-01-01T00:00:00.000Z' };
  await store(of("[ipv4-addr:value = '45.9.20.1']", old), of("[ipv4-addr:value = '45.9.20.2']"));
  const { status, body } = await get(`${MAIN}/manifest.json`);
  expect([status, Object.keys(JSON.parse(String(body)) as Json).length]).toEqual([200, 2]);
});
