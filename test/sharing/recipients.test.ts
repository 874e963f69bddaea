import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { tlpMarkingId, type Tlp } from '../../src/stix/markings.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';

const LEVELS: readonly Tlp[] = ['clear', 'green', 'amber', 'amber+strict', 'red'];
const VANUATU = `
  - { name: vanuatu, countries: [VU], networks: [203.0.113.0/24], domains: [gov.vu], collection: true }
  - { name: telco, networks: [198.51.0.0/16], collection: true }
  - { name: bank, networks: [198.51.100.200/29], collection: true }
  - { name: nauru, countries: [NR] }`;

let t: TestHub;
beforeEach(async () => {
  t = await testHub(
    SETTINGS.replace('accounts:', `${VANUATU.slice(1)}\naccounts:`) +
      `  - { name: boss, role: administrator, key_env: KEY_BOSS }
  - { name: port, role: machine, member: vanuatu, key_env: KEY_PORT }
`,
  );
});
afterEach(async () => {
  await t.stop();
});

const indicator = (pattern: string, tlp: Tlp = 'green', labels?: readonly string[]): Json =>
  anIndicator({ pattern, object_marking_refs: [tlpMarkingId(tlp)], labels });
const publish = async (...objects: Json[]): Promise<void> => {
  await t.as('writer').post(objectsOf(MAIN), { objects });
  await t.hub.routing.routeAll();
};
const why = async (object: Json, member: string) =>
  (await t.api('boss', 'GET', `/deliveries/why?object=${String(object['id'])}&member=${member}`)).body as {
    answer: string;
    reasons: { code: string; message: string }[];
  };
const codes = async (object: Json, member: string): Promise<[string, ...string[]]> => {
  const { answer, reasons } = await why(object, member);
  return [answer, ...reasons.map(({ code }) => code)];
};
const own = async (account: string): Promise<string> => {
  const { collections } = (await t.as(account).get('/main/collections/')).body as { collections: Json[] };
  return objectsOf(String(collections.find(({ title }) => String(title).startsWith('For '))?.['id']));
};

describe('why did Vanuatu not receive this?', () => {
  test('every cause has a code, a sentence and a next step', async () => {
    const mine = indicator("[ipv4-addr:value = '203.0.113.9']");
    const theirs = indicator("[ipv4-addr:value = '198.51.100.201']");
    const nobodys = indicator("[ipv4-addr:value = '192.0.2.1']");
    const hash = indicator("[file:hashes.MD5 = 'd3b07384d113edec49eaa6238ad5ff00']");
    const red = indicator("[domain-name:value = 'www.gov.vu']", 'red');
    await publish(mine, theirs, nobodys, hash, red);
    expect(await codes(mine, 'vanuatu')).toEqual(['available', 'available', 'never-polled']);
    expect(await codes(theirs, 'vanuatu')).toEqual(['no', 'no-grant', 'not-affected']);
    expect(await codes(nobodys, 'vanuatu')).toEqual(['no', 'no-grant', 'not-affected']);
    expect(await codes(hash, 'vanuatu')).toEqual(['no', 'no-grant', 'affects-nobody']);
    expect(await codes(red, 'vanuatu')).toEqual(['no', 'held']);
    expect(await codes(anIndicator(), 'vanuatu')).toEqual(['no', 'unknown-object']);
    expect(await codes(mine, 'nauru')).toEqual(['no', 'no-grant', 'no-own-collection']);
    // The bank's /29 lies within the telco's /16 and the /24 of Tonga's CERT. The closest network decides.
    expect(await codes(theirs, 'bank')).toEqual(['available', 'available', 'never-polled']);
    expect(await codes(theirs, 'telco')).toEqual(['no', 'no-grant', 'closer-claim']);
    expect((await why(theirs, 'telco')).reasons[1]?.message).toBe(
      'telco claims 198.51.0.0/16, but a more specific claim belongs to bank (198.51.100.200/29), which receives it',
    );
    // Tonga reads the collection itself.
    expect((await codes(theirs, 'tonga'))[0]).toBe('available');
    await t.as('port').get(await own('port'));
    expect(await codes(mine, 'vanuatu')).toEqual(['received', 'available', 'served']);
    const later = indicator("[ipv4-addr:value = '203.0.113.10']");
    await publish(later);
    expect(await codes(later, 'vanuatu')).toEqual(['available', 'available', 'behind']);
  });

  test('a member that is not active receives nothing, and the reason is shown', async () => {
    const mine = indicator("[ipv4-addr:value = '203.0.113.9']");
    await publish(mine);
    const record = await t.hub.store.record('member', 'vanuatu');
    await t.hub.store.commit({
      records: [{ kind: 'member', id: 'vanuatu', expected: record?.revision ?? 0, document: { ...record?.document, status: 'suspended' } }],
    }); // prettier-ignore
    await t.hub.directory.refresh();
    expect((await codes(mine, 'vanuatu')).slice(0, 2)).toEqual(['no', 'member-inactive']);
  });
});

test('the preview of recipients equals the recipients after publication, for random objects', async () => {
  const value = fc.oneof(
    fc.constantFrom('198.51.100.5', '198.51.100.66', '198.51.100.202', '198.51.7.7', '203.0.113.80', '192.0.2.9').map((ip) => `[ipv4-addr:value = '${ip}']`),
    fc.constantFrom('198.51.100.0/24', '198.0.0.0/8', '203.0.113.128/25').map((net) => `[ipv4-addr:value ISSUBSET '${net}']`),
    fc.constantFrom('www.gov.to', 'x.gov.vu', 'reef.example').map((name) => `[domain-name:value = '${name}']`),
    fc.constant("[autonomous-system:number = 10131]"),
    fc.constant("[file:hashes.MD5 = 'd3b07384d113edec49eaa6238ad5ff00']"),
  ); // prettier-ignore
  const objects = fc.sample(
    fc.record({
      pattern: value,
      tlp: fc.constantFrom(...LEVELS),
      labels: fc.option(fc.constantFrom(['country:VU'], ['country:FJ'], ['country:NR']), { nil: undefined }),
    }),
    { numRuns: 120, seed: 11 },
  ).map(({ pattern, tlp, labels }) => indicator(pattern, tlp, labels)); // prettier-ignore
  const before = new Map<string, string[]>();
  for (const object of objects) {
    const { status, body } = await t.api('analyst', 'POST', `/collections/${MAIN}/recipients`, {
      objects: [object],
    });
    expect(status).toBe(200);
    before.set(
      String(object['id']),
      (body['items'] as { member: string; objects: number }[])
        .filter((item) => item.objects > 0)
        .map(({ member }) => member)
        .toSorted(),
    );
  }
  expect([...before.values()].some((members) => members.length > 1)).toBe(true);
  for (const object of objects) await t.as('analyst').post(objectsOf(MAIN), { objects: [object] });
  await t.hub.routing.routeAll();
  for (const object of objects) {
    const has: string[] = [];
    for (const member of ['bank', 'fiji', 'nauru', 'telco', 'tonga', 'vanuatu'])
      if ((await why(object, member)).answer !== 'no') has.push(member);
    expect([object['pattern'], object['object_marking_refs'], has]).toEqual([
      object['pattern'],
      object['object_marking_refs'],
      before.get(String(object['id'])),
    ]);
  }
}, 180_000);
