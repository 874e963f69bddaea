import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { folder, startHub, talanoa } from '../support/program.ts';
import { python, runPython } from '../support/python.ts';

const mongo = process.env['MONGODB_TEST_URI'];
const ID = 'e7daa0c6-8152-43b4-8fde-5a6b7c8d9e0f';

if (python === undefined) {
  test.skip('skipped: TALANOA_PYTHON names no Python with taxii2-client and stix2', () => undefined);
} else {
  const stores = [
    ['the embedded store', {}],
    ...(mongo === undefined || mongo === ''
      ? []
      : [
          [
            'MongoDB',
            { MONGODB_URI: `${mongo.replace(/\/+$/, '')}/clients_${randomUUID().slice(0, 8)}` },
          ] as const,
        ]),
  ] as const;
  describe.each(stores)('the main task with the OASIS Python client, on %s', (_name, environment) => {
    const here = folder();
    let server: Server;
    beforeAll(async () => {
      const body = readFileSync(join(import.meta.dirname, '../fixtures/feeds/urlhaus/csv_recent.csv'));
      server = createServer((_request, response) => response.end(body));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterAll(async () => {
      await new Promise((resolve) => server.close(resolve));
      here.remove();
    });

    test('a feed is stored as STIX, and an independent client polls, pages, pushes and deletes', async () => {
      const { port } = server.address() as AddressInfo;
      const config = join(here.path, 'talanoa.yaml');
      writeFileSync(
        config,
        `collections:
  - { id: ${ID}, api_root: main, alias: indicators, title: Indicators, grants: [{ to: "account:siem", read: true, write: true }] }
accounts:
  - { name: siem, role: machine, password_env: SIEM }
feeds:
  - { name: urlhaus, preset: urlhaus, enabled: false, url: "http://127.0.0.1:${port}/", collection: indicators, special_addresses_allowed: [documentation], special_domains_allowed: [example] }
egress: { allow: ["127.0.0.1:${port}"] }
`,
      );
      const variables = { SIEM: 'a password of a siem', ...environment };
      const hub = await startHub(
        ['--config', config, '--data', join(here.path, 'data'), '--no-feeds'],
        variables,
      );
      try {
        const run = await talanoa(
          ['feed', 'run', 'urlhaus', '--json', '--config', config, '--data', join(here.path, 'data')],
          variables,
        );
        expect(JSON.parse(run.stdout)).toMatchObject({
          status: 'partial',
          created: 203,
          quarantined: 2,
          refused: 0,
        });
        const client = await runPython('taxii_client.py', [
          hub.url,
          'siem',
          'a password of a siem',
          ID,
          '600',
        ]);
        expect([client.code, client.stderr]).toEqual([0, '']);
        expect(JSON.parse(client.stdout)).toMatchObject({ patterns: 204, titles: ['Indicators'] });
      } finally {
        expect(await hub.stop()).toBe(0);
      }
    }, 120_000);
  });
}
