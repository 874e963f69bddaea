import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { anIndicator, type Json } from '../support/builders.ts';
import { attackedHub, NAMES, SHARED, TONGAN, type Site } from './site.ts';

let site: Site;
beforeAll(async () => {
  site = await attackedHub();
  const nauru = { name: 'nauru', title: 'Nauru', domains: ['gov.nr'], collection: false };
  expect((await site.api('chief', 'POST', '/members', nauru)).status).toBe(201);
});
afterAll(() => site.stop());

const domain = (value: string): Json =>
  anIndicator({ pattern: `[domain-name:value = '${value}']`, valid_until: '2099-01-01T00:00:00Z' });
const list = async (who: string, collection: string) => {
  const { status, text, headers } = await site.ask(
    who,
    'GET',
    `/lists/${NAMES[collection] ?? ''}/plain?types=domain`,
  );
  return { status, lines: text.split('\n').filter(Boolean), omitted: headers['x-talanoa-omitted'] };
};

describe('the networks and domains of other members', () => {
  test('a list does not show a member which of the values that it reports are in them', async () => {
    // Searching for the domains of others, in a collection that nobody else reads, and in one that others read.
    for (const collection of [TONGAN, SHARED]) {
      const posted = await site.post('sensor', collection, ...['www.gov.fj', 'reef-bank.com', 'www.gov.to'].map(domain)); // prettier-ignore
      expect(posted.body['success_count']).toBe(3);
    }
    for (const collection of [TONGAN, SHARED]) {
      for (const who of ['sensor', 'moana'])
        expect(await list(who, collection)).toEqual({
          status: 200,
          lines: ['reef-bank.com', 'www.gov.fj'],
          // Its own domains, which a mistake of its own must not block.
          omitted: 'protected=1',
        });
      // The tools of everybody else must not cut off Fiji because Tonga says so.
      expect(await list('watch', collection)).toEqual({
        status: 200,
        lines: ['reef-bank.com'],
        omitted: 'protected=2',
      });
    }
    expect((await list('buoy', SHARED)).lines).toEqual(['reef-bank.com']);
    const connected = async (who: string): Promise<Json> =>
      (await site.api(who, 'GET', '/list-tools/pihole?collection=shared')).body;
    expect([(await connected('sensor'))['entries'], (await connected('watch'))['entries']]).toEqual([2, 1]);
  }); // prettier-ignore

  test('a list protects them when the report of the reading member has ended', async () => {
    const mine = domain('mail.gov.fj');
    await site.post('sensor', SHARED, mine);
    await site.post('watch', SHARED, domain('mail.gov.fj'));
    expect((await list('sensor', SHARED)).lines).toContain('mail.gov.fj');
    await site.post('sensor', SHARED, { ...mine, modified: '2026-12-01T00:00:00.000Z', revoked: true });
    expect((await list('sensor', SHARED)).lines).not.toContain('mail.gov.fj');
  });

  test('publishing reveals nothing about members that receive nothing and could not notice the search', async () => {
    const publish = async (value: string): Promise<Json> => {
      const { body } = await site.api('sensor', 'POST', '/collections/tongan/indicators', {
        values: [value],
        tlp: 'amber',
        valid_days: 30,
      });
      const [item = {}] = (body['items'] ?? []) as Json[];
      return { ...item, id: '', version: '', value: '' };
    };
    const nobodys = await publish('sea-bank.com');
    expect(nobodys['outcome']).toBe('stored');
    expect(await publish('www.gov.nr')).toEqual(nobodys);
    expect((await publish('ftp.gov.fj'))['warnings']).toHaveLength(1);
    const labels = (await site.read('sensor', TONGAN)).filter(({ pattern }) =>
      String(pattern).includes('www.gov.nr'),
    );
    expect(labels.map((object) => object['labels'])).toEqual([undefined]);
  });
});
