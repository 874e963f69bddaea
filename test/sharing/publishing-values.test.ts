import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Json } from '../support/builders.ts';
import { MAIN, SETTINGS, WRITE_ONLY, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
beforeAll(async () => {
  t = await testHub(
    SETTINGS.replace('networks: [198.51.100.64/26]', 'networks: [175.176.144.0/24], domains: [gov.fj]')
      .replace('domains: [gov.to]', 'domains: [police.to]'),
  ); // prettier-ignore
});
afterAll(() => t.stop());

const publish = async (who: string, values: readonly string[], more: Json = {}, to: string = MAIN) =>
  t.api(who, 'POST', `/collections/${to}/indicators`, { values, tlp: 'green', valid_days: 30, ...more });
const preview = async (who: string, values: readonly string[], more: Json = {}) =>
  t.api(who, 'POST', `/collections/${MAIN}/indicators/recipients`, { values, tlp: 'green', valid_days: 30, ...more }); // prettier-ignore
const items = ({ body }: { body: Json }): Json[] => (body['items'] ?? []) as Json[];
const outcomes = (answer: { body: Json }): unknown[] => items(answer).map(({ outcome }) => outcome);
const stored = async (id: unknown): Promise<Json> =>
  (await t.api('analyst', 'GET', `/objects/${String(id)}`)).body['object'] as Json;

describe('values that people publish are checked like values of feeds', () => {
  test('values that nobody should block are refused, each with its list, in the preview too', async () => {
    const found = await publish('analyst', ['8.8.8.8', 'google.com', 'evil-reef.com']);
    expect(outcomes(found)).toEqual(['refused', 'refused', 'stored']);
    expect(items(found)[0]).toMatchObject({
      value: '8.8.8.8',
      message: expect.stringContaining('"public-dns-v4"'),
    });
    const shown = (await preview('analyst', ['8.8.8.8', 'evil-atoll.com'])).body['objects'];
    expect(shown).toMatchObject([{ value: '8.8.8.8', outcome: 'refused' }, { outcome: 'stored' }]);
    const none = await publish('analyst', ['8.8.8.8']);
    expect([none.status, outcomes(none)]).toEqual([200, ['refused']]);
  });

  test('a person who accepts the warnings publishes them with a label', async () => {
    const [item] = items(await publish('analyst', ['8.8.4.4'], { accept_warnings: true, labels: ['dns'] }));
    expect(item).toMatchObject({ outcome: 'stored', warnings: [expect.stringContaining('public-dns-v4')] });
    expect((await stored(item?.['id']))['labels']).toEqual(['dns', 'warninglist:public-dns-v4']);
  });

  test('values in the networks and domains of members get a label and a warning', async () => {
    const found = items(await publish('analyst', ['www.gov.fj', '175.176.144.1']));
    expect(found.map(({ outcome, warnings }) => [outcome, warnings])).toEqual([
      ['stored', ['It is in the networks or domains of fiji (gov.fj).']],
      ['stored', ['It is in the networks or domains of fiji (175.176.144.0/24).']],
    ]);
    expect((await stored(found[0]?.['id']))['labels']).toEqual(['warninglist:member-network']);
  });

  test('a preview informs a member about its own networks only, and reports that it is limited', async () => {
    const own = await preview('sensor', ['mail.police.to', 'mail.gov.fj', 'mail.reef-bank.com']);
    expect(own.body['limited']).toBe(true);
    const [ours, theirs, nobodys] = own.body['objects'] as Json[];
    expect(ours?.['warnings']).toEqual(['It is in the networks or domains of your own member (police.to).']);
    // A value in the domains of a hidden member looks like one that belongs to nobody.
    const plain = (object: Json | undefined) => ({ ...object, id: '', value: '' });
    expect(plain(theirs)).toEqual(plain(nobodys));
    expect(JSON.stringify(own.body)).not.toContain('fiji');
    expect((await preview('analyst', ['mail.gov.fj'])).body['limited']).toBe(false);
    // Its owner sees who receives a stored object, so the result of publishing mentions the other member without its name.
    const published = await publish('sensor', ['mail.gov.fj']);
    expect(items(published)[0]?.['warnings']).toEqual([
      'It is in the networks or domains of another member.',
    ]);
    expect(JSON.stringify(published.body)).not.toContain('fiji');
  });

  test('publishing reveals nothing about hidden members for values that are not stored', async () => {
    const bare = (answer: { body: Json }): Json[] =>
      items(answer).map((item) => ({ ...item, id: '', version: '', value: '', message: '' }));
    await publish('analyst', ['seen.gov.fj', 'seen-reef.com']);
    for (const more of [
      { title: 'a\u0000b' },
      { valid_from: '9999-12-31T00:00:00Z', valid_days: 100_000 },
      { tlp: 'red' },
      {},
    ]) {
      const answer = await publish('sensor', ['seen.gov.fj', 'seen-reef.com'], more);
      expect(outcomes(answer)).not.toContain('stored');
      const [theirs, nobodys] = bare(answer);
      expect(theirs).toEqual(nobodys);
    }
  });
});

describe('values that are known already', () => {
  test('are not published again, unless the person asks for a sighting or a new indicator', async () => {
    const [first] = items(await publish('analyst', ['known-reef.com']));
    const again = await publish('analyst', ['known-reef.com', 'KNOWN-reef[.]com.']);
    expect(items(again).map(({ id, outcome }) => [id, outcome])).toEqual([
      [first?.['id'], 'known'],
      [first?.['id'], 'known'],
    ]);
    const seen = items(await publish('sensor', ['known-reef.com'], { if_known: 'sighting' }));
    expect(seen.map(({ outcome }) => outcome)).toEqual(['known', 'stored']);
    // A sighting of an indicator of somebody else is kept under seal.
    expect([seen[1]?.['message'], await stored(seen[1]?.['id'])]).toEqual([
      expect.stringContaining('under seal'),
      undefined,
    ]);
    const own = items(await publish('analyst', ['known-reef.com'], { if_known: 'sighting' }));
    expect(await stored(own[1]?.['id'])).toMatchObject({ type: 'sighting', sighting_of_ref: first?.['id'] });
    const fresh = items(await publish('analyst', ['known-reef.com'], { if_known: 'new' }));
    expect(fresh).toMatchObject([{ outcome: 'stored' }]);
    expect(fresh[0]?.['id']).not.toBe(first?.['id']);
  });

  test('a value that is given twice is published once', async () => {
    const twice = items(
      await publish('analyst', ['twice-reef.com', 'hxxp://other-reef.com/x', 'twice-reef[.]com']),
    );
    expect(twice.map(({ outcome, message }) => [outcome, message])).toEqual([
      ['stored', undefined],
      ['stored', undefined],
      ['known', '"twice-reef.com" is the same value'],
    ]); // prettier-ignore
  });

  test('a writer without read access does not learn what the collection contains', async () => {
    const first = await publish('writer', ['blind-reef.com'], {}, WRITE_ONLY);
    const again = await publish('sensor', ['blind-reef.com'], { if_known: 'sighting' }, WRITE_ONLY);
    expect([outcomes(first), outcomes(again)]).toEqual([['stored'], ['stored']]);
  });

  test('a value whose indicator was revoked or has expired is published again', async () => {
    const [first] = items(await publish('analyst', ['revoked-reef.com']));
    await t.api('analyst', 'POST', `/objects/${String(first?.['id'])}/revocation`);
    expect(outcomes(await publish('analyst', ['revoked-reef.com']))).toEqual(['stored']);
  });
});

test('every value that cannot be published is named at once, with its place', async () => {
  const { status, body } = await publish('analyst', [
    'fine-reef.com',
    '192.168.1.1',
    'no such',
    '10.0.0.0/8',
  ]);
  expect([status, body['title']]).toEqual([422, '3 values cannot be published']);
  expect(String(body['detail']).split('\n')).toEqual([
    'Value 2, "192.168.1.1": 192.168.1.1 is a private address.',
    expect.stringContaining('Value 3, "no such"'),
    expect.stringContaining('Value 4, "10.0.0.0/8"'),
  ]);
});

test('AS numbers, ranges of addresses and defanged forms are understood', async () => {
  const found = items(
    await publish('analyst', ['AS64512000', 'as 4200', '45.9.20.0 - 45.9.20.7', '45.9.21.0\u201345.9.21.3', 'hxxp[://]evil-lagoon[.]com/x']),
  ); // prettier-ignore
  expect(found.map(({ outcome }) => outcome)).toEqual(['stored', 'stored', 'stored', 'stored', 'stored']);
  const patterns = await Promise.all(found.map(async ({ id }) => (await stored(id))['pattern']));
  expect(patterns).toEqual([
    '[autonomous-system:number = 64512000]',
    '[autonomous-system:number = 4200]',
    "[ipv4-addr:value ISSUBSET '45.9.20.0/29']",
    "[ipv4-addr:value ISSUBSET '45.9.21.0/30']",
    "[url:value = 'http://evil-lagoon.com/x']",
  ]);
});

test('malware, confidence, labels, references and the start of validity become part of the objects', async () => {
  const details = { malware: 'ReefLoader', confidence: 70, labels: ['c2'], references: ['https://blog.example/reef'], valid_from: '2030-01-01T00:00:00Z' }; // prettier-ignore
  const found = items(await publish('sensor', ['c2-reef.com'], details));
  expect(found.map(({ outcome }) => outcome)).toEqual(['stored', 'stored', 'stored']);
  const [indicator, malware, relationship] = await Promise.all(found.map(async ({ id }) => stored(id)));
  expect(indicator).toMatchObject({
    confidence: 70,
    labels: ['c2'],
    external_references: [{ source_name: 'blog.example', url: 'https://blog.example/reef' }],
    valid_from: '2030-01-01T00:00:00.000Z',
    valid_until: '2030-01-31T00:00:00.000Z',
  });
  expect(malware).toMatchObject({ type: 'malware', name: 'ReefLoader', is_family: true });
  expect(relationship).toMatchObject({
    relationship_type: 'indicates',
    source_ref: indicator?.['id'],
    target_ref: malware?.['id'],
  });
  const never = await publish('sensor', ['c4-reef.com'], { valid_from: '2030-02-31T00:00:00Z' });
  expect([never.status, never.body['code']]).toEqual([422, 'TLN-O-424']);
  // The family is used again.
  const more = items(await publish('analyst', ['c3-reef.com'], { malware: 'reefloader' }));
  expect(more).toHaveLength(2);
  expect(await stored(more[1]?.['id'])).toMatchObject({ target_ref: malware?.['id'] });
});
