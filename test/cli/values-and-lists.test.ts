import { docx } from '../support/documents.ts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anIndicator, type Json } from '../support/builders.ts';
import { hubCommands, type HubCommands } from '../support/hub-commands.ts';
import { whyOf } from '../../src/cli/values-check.ts';
import { testIo } from '../support/io.ts';
import { MAIN, keyOf, objectsOf } from '../support/hub.ts';

/*
 * Lists of values, suppressions and feedback with the commands, at a hub in memory that each account reaches over HTTP
 * with its own key.
 */

let hub: HubCommands;
beforeAll(async () => {
  hub = await hubCommands();
  const values = ['45.9.20.1', '45.9.20.2', '45.9.20.3', '45.9.20.4'];
  const { body } = await hub.t
    .as('writer')
    .post(objectsOf(MAIN), { objects: values.map((value) => ip(value)) });
  expect(body).toMatchObject({ success_count: 4 });
  await follow();
}, 60_000);
afterAll(() => hub.stop());

function ip(value: string, over: Json = {}): Json {
  return anIndicator({
    pattern: `[ipv4-addr:value = '${value}']`,
    name: value,
    valid_until: '2027-06-01T00:00:00Z',
    ...over,
  });
}

/** Brings the values and the saved lists up to date, as the work loops of the hub do. */
async function follow(): Promise<void> {
  hub.clock.advance(1_000);
  await hub.t.hub.valueView.followAll();
  await hub.t.hub.listPublisher.publishAll();
}

test('a check of values shows an end only for values that end then', () => {
  const found = {
    tlp: 'green',
    collections: ['indicators'],
    sources: 1,
    valid_until: '2026-12-16T00:00:00Z',
  };
  const shown = (state: 'active' | 'expired' | 'withdrawn' | 'pending'): string =>
    whyOf({ verdict: 'withdrawn', found: { ...found, state } } as unknown as Parameters<typeof whyOf>[0], testIo({ environment: { TZ: 'UTC' } }).io); // prettier-ignore
  expect(shown('withdrawn')).toBe('TLP:GREEN, withdrawn, in indicators');
  expect(shown('pending')).toBe('TLP:GREEN, not valid yet, in indicators');
  expect(shown('active')).toContain('valid until 2026-12-16');
  expect(shown('expired')).toContain('expired 2026-12-16');
});

describe('saved lists', () => {
  const settings = ['--collections', 'indicators', '--format', 'edl-ip'];

  test('are created with their settings, shown, and listed with their state', async () => {
    expect(await hub.done('chief', 'list', 'list')).toContain(
      'No saved lists. Create one with: talanoa list create',
    );
    const made = await hub.done(
      'chief', 'list', 'create', 'edge', ...settings, '--title', 'Edge firewalls', '--types', 'ipv4', '--min-confidence', '0',
      '--max-entries', '500', '--aggregate', '--max-growth', '50', '--stale-hours', '24',
    ); // prettier-ignore
    expect(made).toMatch(/TITLE +Edge firewalls/);
    expect(made).toMatch(/ADDRESS +\S+\/lists\/edge\n/);
    expect(made).toMatch(/MAXIMUM +500 values/);
    expect(made).toMatch(/FILTERS +aggregated/);
    await follow();
    const shown = await hub.done('chief', 'list', 'show', 'edge');
    // The number is that of the values before networks are joined.
    expect(shown).toMatch(/VALUES +4\n/);
    expect(await hub.json('chief', 'list', 'show', 'edge')).toMatchObject({
      state: 'current',
      entries: 4,
      aggregate: true,
    });
    expect(await hub.done('chief', 'list', 'list')).toMatch(/edge +edl-ip +current +4 +2026-11-29/);
    expect(await hub.items('chief', 'list', 'list')).toMatchObject([{ name: 'edge' }]);
  });

  test('are changed by the given settings only, and name each filter', async () => {
    const changed = await hub.done('chief', 'list', 'update', 'edge', '--min-confidence', '30', '--max-age', '7', '--labels', 'c2,scan', '--sources', '2');
    expect(changed).toMatch(/FILTERS +confidence from 30; seen in 7 days; labels c2, scan; 2 sources; aggregated/);
    expect(changed).toMatch(/TITLE +Edge firewalls/);
    expect(await hub.done('chief', 'list', 'update', 'edge', '--title', 'Edge', '--quiet')).toBe('');
    expect(await hub.json('chief', 'list', 'show', 'edge')).toMatchObject({ title: 'Edge', min_confidence: 30 });
    await hub.done('chief', 'list', 'delete', 'edge');
  }); // prettier-ignore

  test('that would double wait for a person, who confirms the number of values that they saw', async () => {
    await hub.done('chief', 'list', 'create', 'brake', ...settings, '--labels', 'brake', '--max-growth', '10');
    const put = async (net: string, count: number): Promise<readonly Json[]> => {
      const objects = Array.from({ length: count }, (_, i) => ip(`${net}.${i + 1}`, { labels: ['brake'] }));
      expect((await hub.t.as('writer').post(objectsOf(MAIN), { objects })).body).toMatchObject({ success_count: count });
      await follow();
      return objects;
    };
    const [first] = await put('45.30.1', 20);
    await put('45.30.2', 30);
    const held = await hub.done('chief', 'list', 'show', 'brake');
    expect(held).toMatch(/Not published since [^:]+:\d\d UTC: the list would have 50 values, and it would grow too much at once\./);
    expect(held).toContain('talanoa list confirm brake --entries 50');
    expect(await hub.refused('chief', 'list', 'confirm', 'brake', '--entries', '49')).toMatch(/^7 TLN-/);
    expect(await hub.done('chief', 'list', 'confirm', 'brake', '--entries', '50')).toMatch(/STATE +current\nVALUES +50\n/);

    // A value that leaves the list is in its removals, with the reason.
    expect(await hub.done('analyst', 'list', 'removals', 'brake')).toBe('No values were removed.\n');
    const before = new Date(hub.clock.now()).toISOString();
    const revoked = { ...first, modified: '2026-11-29T12:00:30.000Z', revoked: true };
    await hub.t.as('writer').post(objectsOf(MAIN), { objects: [revoked] });
    await follow();
    expect(await hub.done('analyst', 'list', 'removals', 'brake')).toMatch(/ipv4 +45\.30\.1\.1 +revoked/);
    expect(await hub.items('analyst', 'list', 'removals', 'brake', '--since', before)).toMatchObject([{ value: '45.30.1.1' }]);
    const later = new Date(hub.clock.now() + 60_000).toISOString();
    expect(await hub.items('analyst', 'list', 'removals', 'brake', '--since', later)).toEqual([]);
  }); // prettier-ignore

  test('are deleted, and do not exist for members without access', async () => {
    expect(await hub.refused('desk', 'list', 'show', 'brake')).toMatch(/^4 TLN-/);
    expect(await hub.done('chief', 'list', 'delete', 'brake')).toBe(
      'List "brake" deleted. Tools that fetch it get an error (404).\n',
    );
    expect(await hub.refused('chief', 'list', 'show', 'brake')).toMatch(/^4 TLN-/);
    expect(await hub.refused('chief', 'list', 'delete', 'brake')).toMatch(/^4 TLN-/);
  });
});

describe('suppressions', () => {
  test('remove values from lists at once, and are shown with their recipients', async () => {
    expect(await hub.done('analyst', 'suppression', 'list')).toBe('No value is suppressed.\n');
    const fetched = await fetch(`${hub.base}/lists/indicators/edl-ip`, { headers: { Authorization: `Bearer ${keyOf('reader')}` } });
    expect(await fetched.text()).toContain('45.9.20.1\n');
    hub.clock.advance(1_000);
    const made = await hub.done('analyst', 'suppression', 'create', '45.9.20[.]1', '--reason', 'The resolver of a bank');
    const id = /Suppression: (\S+)/.exec(made)?.[1] ?? '';
    expect(made).toBe(`45.9.20.1 is no longer in any list. Suppression: ${id}\nTo see who still has a value, run: talanoa suppression show ${id}\n`);
    expect(await hub.done('analyst', 'suppression', 'list')).toMatch(/45\.9\.20\.1 +suppressed +panic .*analyst +The resolver of a bank/);
    const shown = await hub.done('analyst', 'suppression', 'show', id);
    expect(shown).toMatch(/^45\.9\.20\.1: suppressed \(panic\) since 2026-11-29 \S+ UTC by analyst: The resolver of a bank\n/);
    // The list was fetched before, so its reader still has the value.
    expect(shown).toMatch(/Not confirmed: 1\.\n[\s\S]*holding +- +reader +indicators/);
    expect(await hub.json('analyst', 'suppression', 'show', id)).toMatchObject({ value: '45.9.20.1', holding: 1 });
    expect(await hub.refused('desk', 'suppression', 'create', '45.9.20.2', '--reason', 'Not ours')).toMatch(/^5 TLN-/);

    expect(await hub.done('tele', 'values', 'show', '45.9.20.1')).toMatch(/^45\.9\.20\.1 \(ipv4\)\nSuppressed since 2026-11-29 \S+ UTC \(panic\): The resolver of a bank\n/);

    const lifted = await hub.done('analyst', 'suppression', 'lift', id, '--reason', 'The bank moved');
    expect(lifted).toBe('45.9.20.1 is no longer suppressed. Lists contain it again if an indicator of it is still valid.\n');
    expect(await hub.done('analyst', 'suppression', 'show', id)).toMatch(/\nLifted 2026-11-29 \S+ UTC by analyst: The bank moved\n/);
    expect(await hub.refused('analyst', 'suppression', 'lift', id, '--reason', 'again')).toMatch(/^7 TLN-/);
  }); // prettier-ignore

  test('name the command for each of several values', async () => {
    const made = await hub.done('analyst', 'suppression', 'create', '45.9.20.3', '45.9.20.4', '--reason', 'Shared hosting');
    expect(made).toMatch(/^45\.9\.20\.3 is[^\n]+\n45\.9\.20\.4 is[^\n]+\nTo see who still has a value, run: talanoa suppression show ID\n$/);
    const found = await hub.items('analyst', 'suppression', 'list');
    expect(found.filter(({ state }) => state === 'suppressed').map(({ value }) => value)).toEqual(
      expect.arrayContaining(['45.9.20.3', '45.9.20.4']),
    );
    for (const { id } of found.filter(({ state }) => state === 'suppressed'))
      expect(await hub.json('analyst', 'suppression', 'lift', String(id), '--reason', 'done')).toMatchObject({ state: 'lifted' });
  }); // prettier-ignore
});

describe('feedback', () => {
  test('is sent about values, and stays a secret of the member', async () => {
    expect(await hub.done('tele', 'feedback', 'list')).toBe('Your member has reported nothing.\n');
    const seen = ['--count', '7', '--first-seen', '2026-11-28T00:00:00Z', '--last-seen', '2026-11-29T00:00:00Z'];
    expect(await hub.done('tele', 'feedback', 'send', '45.9.20[.]1', ...seen)).toBe('1 of 1 reports stored.\n');
    expect(await hub.done('tele', 'feedback', 'list')).toMatch(/sighting +45\.9\.20\.1 +2026-11-29 \S+ UTC +7 +\S+ +- +-/);
    expect(await hub.refused('sensor', 'feedback', 'list')).toBe('5 TLN-A-403');
  }); // prettier-ignore

  test('is refused for each value that is none, with exit code 8 for the rest', async () => {
    const { code, out } = await hub.as('tele', 'feedback', 'send', '45.9.20.2', 'not a value');
    expect([code, out]).toEqual([
      8,
      expect.stringMatching(/^1 of 2 reports stored\.\nnot a value: refused: \S/),
    ]);
  });

  test('is read from a table, whose rows may have kinds of their own', async () => {
    const file = join(hub.path, 'hits.csv');
    writeFileSync(file, 'Value, count ,kind,note\n45.9.20.2,12,,\n45.9.20.3,,false-positive,our scanner\n');
    expect(await hub.done('tele', 'feedback', 'import', file)).toBe('2 of 2 reports stored.\n');
    expect(await hub.items('tele', 'feedback', 'list')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'sighting', value: '45.9.20.2', count: 12 }),
        expect.objectContaining({ kind: 'false-positive', value: '45.9.20.3', note: 'our scanner' }),
      ]),
    );
    for (const [header, row] of [
      ['value,port', '45.9.20.2,443'],
      ['count', '3'],
    ]) {
      writeFileSync(file, `${header}\n${row}\n`);
      expect([header, await hub.refused('tele', 'feedback', 'import', file)]).toEqual([
        header,
        '3 TLN-C-490',
      ]);
    }
  });

  test('that is a false positive opens a case, which hub staff reject or confirm', async () => {
    expect(await hub.refused('desk', 'feedback', 'cases')).toMatch(/^5 TLN-/);
    expect(await hub.done('analyst', 'feedback', 'cases')).toMatch(/45\.9\.20\.3 +2026-11-29 \S+ UTC +1 +indicators +our scanner/);
    const [first] = await hub.items('analyst', 'feedback', 'cases');
    const rejected = await hub.done('analyst', 'feedback', 'reject', String(first?.['id']), '--note', 'It attacks others');
    expect(rejected).toBe('The report about 45.9.20.3 was rejected. Its reporters were notified.\n');
    expect(await hub.done('analyst', 'feedback', 'cases')).toBe('No false positive waits for a decision.\n');
    expect(await hub.done('tele', 'feedback', 'list')).toMatch(/45\.9\.20\.3 .*It attacks others/);

    await hub.done('tele', 'feedback', 'send', '45.9.20.4', '--kind', 'false-positive', '--note', 'our mail relay');
    const [second] = await hub.items('analyst', 'feedback', 'cases');
    const confirmed = await hub.done('analyst', 'feedback', 'confirm', String(second?.['id']), '--note', 'A mail relay');
    expect(confirmed).toBe('45.9.20.4 is no longer in any list. To see who still has it, run: talanoa suppression list\n');
    expect(await hub.done('analyst', 'suppression', 'list')).toMatch(/45\.9\.20\.4 +suppressed +false-positive/);
    expect(await hub.refused('analyst', 'feedback', 'confirm', 'nothing', '--note', 'A reason')).toMatch(/^4 TLN-/);
  }); // prettier-ignore

  test('about a value is counted in steps, next to what the collections say', async () => {
    const shown = await hub.done('tele', 'values', 'show', '45.9.20.2');
    expect(shown).toMatch(/^45\.9\.20\.2 \(ipv4\)\n/);
    expect(shown).toMatch(/COLLECTION +STATE +CONFIDENCE[\s\S]*indicators +active/);
    expect(await hub.json('tele', 'values', 'show', '45.9.20.2')).toMatchObject({ value: '45.9.20.2', places: [{ collection: 'indicators' }] });
    expect(await hub.refused('tele', 'values', 'show', 'not a value')).toMatch(/^\d TLN-/);
  }); // prettier-ignore

  test('about many values comes from a file, with the line of each of them', async () => {
    const file = join(hub.path, 'seen.csv');
    writeFileSync(file, 'ip,seen\n45[.]9.20.2,2026-11-01\n45.9.99.99\n');
    const checked = await hub.done('tele', 'values', 'check', file);
    expect(checked).toMatch(/^1 +ip,seen +invalid/m);
    expect(checked).toMatch(/^2 +45\.9\.20\.2 +active +TLP:\S+ valid until [^,]+, in indicators/m);
    expect(checked).toMatch(/^3 +45\.9\.99\.99 +unknown/m);
    expect(await hub.json('tele', 'values', 'check', file)).toMatchObject({ complete: true, items: [{ verdict: 'invalid' }, { verdict: 'active' }, { verdict: 'unknown' }] });
    writeFileSync(file, '# nothing\n');
    expect(await hub.refused('tele', 'values', 'check', file)).toMatch(/^3 TLN-C-491/);
    writeFileSync(file, '45.9.99.99\n');
    expect((await hub.as('tele', 'values', 'check', file)).code).toBe(4);
  }); // prettier-ignore

  test('are found in a document, and those without doubt can be published', async () => {
    const file = join(hub.path, 'report.docx');
    writeFileSync(file, docx(['It calls hxxp://45[.]9.20.2/a, 45.9.20.2 and 45.9.99[.]98.', 'Do not block 8.8.8.8.']));
    const shown = await hub.done('tele', 'values', 'extract', file);
    expect(shown).toMatch(/^VALUE +TYPE +VERDICT +WHY\nhttp:\/\/45\.9\.20\.2\/a +url/);
    expect(shown).toMatch(/^45\.9\.20\.2 +ipv4 +active +TLP:/m);
    expect(shown).toMatch(/^45\.9\.99\.98 +ipv4 +unknown/m);
    expect(shown).toMatch(/^8\.8\.8\.8 +ipv4 +warning-list/m);
    const plain = await hub.done('tele', 'values', 'extract', file, '--publishable', '--quiet');
    expect(plain).toBe('http://45.9.20.2/a\n45.9.20.2\n45.9.99.98\n');
    const json = await hub.json('tele', 'values', 'extract', file);
    expect(json).toMatchObject({ format: 'docx', items: [{ written: 'hxxp://45[.]9.20.2/a' }, { check: { verdict: 'active' } }, {}, {}] });
    writeFileSync(file, 'nothing\n');
    expect((await hub.as('tele', 'values', 'extract', file)).code).toBe(4);
    writeFileSync(file, 'See evil.com\n');
    expect((await hub.as('tele', 'values', 'extract', file)).err).not.toContain('operator');
    writeFileSync(file, '');
    expect(await hub.refused('tele', 'values', 'extract', file)).toMatch(/^3 TLN-B-433/);
  }); // prettier-ignore
});
