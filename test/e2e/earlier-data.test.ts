import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { openDatabase, rowsOf } from '../../src/store/sqlite/connection.ts';
import { MEDIA, startTalanoa, talanoa } from '../support/program.ts';
import type { Json } from '../support/builders.ts';

/** A data folder that commit 567fd6f wrote, before accounts had ids and before records had codecs. */
const fixture = join(import.meta.dirname, '..', 'fixtures', 'data-567fd6f');
const folder = mkdtempSync(join(tmpdir(), 'talanoa-earlier-'));
const data = join(folder, 'data');
const ENVIRONMENT = {
  DUTY_PASSWORD: 'correct horse battery staple 7',
  TONGA_PUSH_PASSWORD: 'a'.repeat(28),
  SENSOR_KEY: `tln-sensor-${'a'.repeat(34)}`,
};
/** A key that the earlier hub made for the account moana-tool. */
const KEY = readFileSync(join(fixture, 'key.txt'), 'utf8').trim();

beforeAll(() => {
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(join(data, 'hub.db'), gunzipSync(readFileSync(join(fixture, 'hub.db.gz'))), { mode: 0o600 });
  copyFileSync(join(fixture, 'master.key'), join(data, 'master.key'));
  copyFileSync(join(fixture, 'talanoa.yaml'), join(folder, 'talanoa.yaml'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const args = ['--config', join(folder, 'talanoa.yaml'), '--data', data];

describe('a data folder of an earlier version', () => {
  test('opens, and its accounts, keys, members, objects on hold and TLP:RED mean the same', async () => {
    const hub = startTalanoa(['serve', ...args, '--port', '0', '--no-feeds'], ENVIRONMENT);
    try {
      let port = 0;
      for (let n = 1; port === 0; n++) {
        const line = JSON.parse(await hub.line(n)) as Json;
        if (line['event'] === 'hub.started') port = Number(line['port']);
      }
      const base = `http://127.0.0.1:${port}`;
      const list = async (...command: string[]): Promise<Json[]> => {
        const { stdout, stderr, code } = await talanoa([...command, '--data', data, '--json'], ENVIRONMENT);
        expect([command, code, stderr]).toEqual([command, 0, '']);
        const value = JSON.parse(stdout) as Json | Json[];
        return (Array.isArray(value) ? value : (value['items'] as Json[])) ?? [];
      };
      const names = (items: readonly Json[], key: string): unknown[] =>
        items.map((item) => String(item[key])).toSorted((a, b) => (a < b ? -1 : 1));
      const accounts = await list('account', 'list');
      expect(
        accounts
          .toSorted((a, b) => (String(a['name']) < String(b['name']) ? -1 : 1))
          .map(({ name, role, member }) => [name, role, member ?? '-']),
      ).toEqual([
        ['chief', 'analyst', '-'],
        ['duty', 'administrator', '-'],
        ['moana', 'officer', 'tonga'],
        ['moana-tool', 'machine', 'tonga'],
        ['sensor', 'machine', 'tonga'],
      ]);
      expect(names(await list('member', 'list'), 'name')).toEqual(['fiji', 'samoa', 'tonga']);
      expect(names(await list('member', 'claims'), 'value')).toEqual(['WS', 'gov.ws']);
      expect(names(await list('group', 'list'), 'name')).toEqual(['islands', 'pacson']);
      expect(names(await list('key', 'list'), 'account')).toEqual(['moana-tool', 'sensor']);
      expect(names(await list('rule', 'list'), 'name')).toEqual(['r1']);
      expect(names(await list('secret', 'list'), 'name')).toEqual(['hooky']);
      expect(names(await list('channel', 'list'), 'name')).toEqual(['hook1', 'push-tonga']);
      expect(names(await list('feed', 'list'), 'name')).toContain('locallist');
      expect(names(await list('held', 'list'), 'reason')).toEqual(['marking-unknown', 'tlp-red']);
      expect(await list('red', 'list')).toHaveLength(1);
      expect((await list('audit', 'list')).length).toBeGreaterThanOrEqual(20);

      const keyed = { Authorization: `Bearer ${KEY}` };
      const me = (await (await fetch(`${base}/api/v1/whoami`, { headers: keyed })).json()) as Json;
      expect(me).toMatchObject({ account: 'moana-tool', member: 'tonga', groups: ['islands', 'pacson'] });
      const collections = await fetch(`${base}/main/collections/`, { headers: { ...keyed, Accept: MEDIA } });
      const found = ((await collections.json()) as Json)['collections'] as Json[];
      const indicators = found.find(({ alias }) => alias === 'indicators');
      expect(indicators).toMatchObject({ can_read: true, can_write: true });
      const page = await fetch(`${base}/main/collections/${String(indicators?.['id'])}/objects/`, {
        headers: { ...keyed, Accept: MEDIA },
      });
      const objects = ((await page.json()) as Json)['objects'] as Json[];
      // Two indicators of a feed and one of the sensor.
      expect(objects.filter(({ type }) => type === 'indicator')).toHaveLength(3);
      const signedIn = await fetch(`${base}/console/sign-in`, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'Sec-Fetch-Site': 'same-origin' },
        body: new URLSearchParams({ account: 'duty', password: ENVIRONMENT.DUTY_PASSWORD }),
      });
      expect(signedIn.status).toBe(303);
    } finally {
      await hub.stop();
    }
    const { code, stdout } = await talanoa(['audit', 'verify', ...args], ENVIRONMENT);
    expect([code, stdout]).toEqual([0, expect.stringContaining('none was changed')]);
    // Entries of the earlier version have the sizes of their texts, by which pages are cut.
    const db = openDatabase(join(data, 'hub.db'), true);
    const sizes = rowsOf<{ bytes: number; measured: number }>(
      db.prepare('SELECT bytes, octet_length(text) AS measured FROM entry JOIN object USING (oid)'),
    );
    db.close();
    expect(sizes.length).toBeGreaterThan(3);
    expect(sizes.filter(({ bytes, measured }) => bytes !== measured)).toEqual([]);
  }, 120_000);
});
