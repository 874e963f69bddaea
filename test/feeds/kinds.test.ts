import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkDocument, loadPreset } from '../../src/feeds/document.ts';
import { FindingMaker } from '../../src/feeds/maker.ts';
import { Mapper } from '../../src/feeds/mapper.ts';
import type { FeedDocument } from '../../src/config/settings.ts';
import type { Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { special } from '../support/feed-reading.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';
import { listen } from '../support/recorder.ts';

const fixture = join(import.meta.dirname, '../fixtures/feeds/shadowserver/columns.json');
/** The identifying columns of all kinds of reports (Shadowserver's report schema of 2026-03-24). */
const schema = JSON.parse(readFileSync(fixture, 'utf8')) as { columns: string[]; reports: string[] }[];
const NOW = Date.parse('2026-11-28T12:00:00Z');
const VALUES: Readonly<Record<string, string>> = {
  timestamp: '2026-11-26 10:00:00', severity: 'high', ip: '45.142.1.1', src_ip: '45.142.1.2', dst_ip: '45.142.1.3',
  http_referer_ip: '45.142.1.4', protocol: 'tcp', port: '22', src_port: '4000', dst_port: '80', hostname: 'a.reef-shop.com',
  src_hostname: 'b.reef-shop.com', http_host: 'c.reef-shop.com', asn: '64496', src_asn: '64496', geo: 'FJ', src_geo: 'FJ',
  tag: 'CVE-2024-3094;x', email: 'user@reef-shop.com', username: 'user', website: 'https://www.reef-shop.com/', request: 'd.reef-shop.com',
  request_type: 'A', url: 'http://e.reef-shop.com/x', payload_url: 'http://e.reef-shop.com/y', family: 'mirai', infection: 'mirai',
  payload_md5: '5d41402abc4b2a76b9719d911017c592', md5: '5d41402abc4b2a76b9719d911017c592', sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
}; // prettier-ignore

describe('reports of Shadowserver', () => {
  const map = (kind: string, columns: readonly string[]) => {
    const mapper = new Mapper(new FindingMaker(loadPreset('shadowserver'), NOW));
    return mapper.map({ report_type: kind, ...Object.fromEntries(columns.map((name) => [name, VALUES[name] ?? 'x'])) });
  }; // prettier-ignore

  test('every kind becomes an observation, with its address or its subject', () => {
    const kinds = schema.flatMap(({ columns, reports }) => reports.map((kind) => [kind, columns] as const));
    expect(kinds).toHaveLength(170);
    for (const [kind, columns] of kinds) {
      const { findings, fault } = map(kind, columns);
      expect([kind, fault, findings[0]?.kind === 'object' ? findings[0].object['type'] : undefined]).toEqual([kind, undefined, 'observed-data']); // prettier-ignore
    }
  });

  test.each([
    ['compromised_account', ['timestamp', 'email', 'username'], 'email-addr', 'user@reef-shop.com'],
    ['ransomware_victim', ['timestamp', 'website', 'geo'], 'url', 'https://www.reef-shop.com/'],
    ['sandbox_dns', ['timestamp', 'request', 'md5'], 'domain-name', 'd.reef-shop.com'],
    ['scan_of_next_year', ['timestamp', 'ip', 'port', 'something'], 'ipv4-addr', '45.142.1.1'],
    ['list_of_next_year', ['timestamp', 'url', 'something'], 'url', 'http://e.reef-shop.com/x'],
  ])('%s', (kind, columns, type, value) => {
    const [finding] = map(kind, columns).findings;
    expect(finding?.kind === 'object' ? finding.beside[0] : undefined).toMatchObject({ type, value });
  });

  test('a report that names nothing is a bad row', () => {
    expect(map('nothing', ['timestamp', 'severity']).fault?.code).toBe('empty-value');
  });
});

describe('one kind of rows that cannot be read', () => {
  let server: Awaited<ReturnType<typeof listen>>;
  let files: Readonly<Record<string, string>> = {};
  let t: TestHub;
  let clock: TestClock;
  beforeAll(async () => {
    server = await listen(({ url }, response) => {
      const body = files[url];
      response.writeHead(body === undefined ? 404 : 200).end(body);
    });
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    clock = new TestClock('2026-11-28T12:00:00.000Z');
    t = await testHub(`${SETTINGS}\negress: { allow: ["${server.base.slice(7)}"] }\nsecrets: { env: [KEY, SECRET] }\n`, { clock }, {}, { KEY: 'k', SECRET: 's' }); // prettier-ignore
  });
  afterEach(() => t.stop());

  const add = (document: FeedDocument, transport: FeedDocument['transport']) =>
    t.hub.feeds.registry.create(
      checkDocument(
        {
          ...document,
          enabled: true,
          schedule: { cron: '0 3 1 1 *' },
          values: special,
          defaults: { ...document.defaults, tlp: 'green', redistribute: 'members' },
          transport,
        },
        document.name,
      ),
      'indicators',
      [],
    );
  const run = async (name: string) => {
    clock.advance(3_600_000);
    return t.hub.feeds.runner.run(name);
  };
  const stored = async (type: string): Promise<readonly Json[]> => {
    const { body } = await t.as('reader').get(`${objectsOf(MAIN)}?match[type]=${type}&limit=1000`);
    return (body as { objects?: Json[] }).objects ?? [];
  };
  const times = <T>(count: number, make: (i: number) => T): T[] =>
    Array.from({ length: count }, (_, i) => make(i));

  const shadowserver = (reports: Readonly<Record<string, string>>): void => {
    const names = Object.keys(reports);
    files = {
      '/reports/list': JSON.stringify(names.map((name, i) => ({ id: `id${i}${name.length}`, file: `2026-11-27-${name}-fiji-geo.csv`, timestamp: '2026-11-27' }))),
      ...Object.fromEntries(names.map((name, i) => [`/id${i}${name.length}`, reports[name] ?? ''])),
    };
  }; // prettier-ignore
  const addShadowserver = () =>
    add(loadPreset('shadowserver'), { kind: 'index', index: 'shadowserver', url: server.base, since_days: 4, auth: { kind: 'hmac', key: 'env:KEY', secret: 'env:SECRET' } }); // prettier-ignore
  const ssh = ['timestamp,ip,port', ...times(30, (i) => `2026-11-26 10:00:00,45.142.1.${i + 1},22`)].join(
    '\n',
  );
  const odd = ['timestamp,who', ...times(60, (i) => `2026-11-26 10:00:00,nobody${i}`)].join('\n');

  test('Shadowserver: the other kinds are stored, and the next run continues after them', async () => {
    await addShadowserver();
    shadowserver({ scan_ssh: ssh, odd_one: odd });
    expect(await run('shadowserver')).toMatchObject({ status: 'partial', created: 30, quarantined: 60, oddities: expect.arrayContaining(['bad-kind: 60 of 60 rows of odd_one are bad']) as unknown });
    expect(await run('shadowserver')).toMatchObject({ status: 'not-modified' });
    // The kind alone does not hold up the source either.
    shadowserver({ scan_ssh: ssh, odd_one: odd, other_odd_one: odd });
    expect(await run('shadowserver')).toMatchObject({ status: 'partial', quarantined: 60 });
    expect(await run('shadowserver')).toMatchObject({ status: 'not-modified' });
  }); // prettier-ignore

  test('Shadowserver: when no kind can be read, the files are accepted when they are received again', async () => {
    await addShadowserver();
    shadowserver({ odd_one: odd, other_odd_one: odd });
    expect(await run('shadowserver')).toMatchObject({ status: 'suspect', reason: expect.stringContaining('100 %') });
    expect(await run('shadowserver')).toMatchObject({ status: 'partial', quarantined: 120 });
    expect(await run('shadowserver')).toMatchObject({ status: 'not-modified' });
  }); // prettier-ignore

  test('Shadowserver: a file that cannot be read at all is set aside, reported, and read again', async () => {
    await addShadowserver();
    shadowserver({ scan_ssh: ssh, broken: '<!DOCTYPE html><title>Sign in</title>' });
    for (const created of [30, 0]) {
      const report = await run('shadowserver').catch((error: unknown) => error);
      expect(report).toMatchObject(created === 30 ? { status: 'suspect', created, quarantined_by: { 'bad-file': 1 }, reason: expect.stringMatching(/^bad-file: .*broken/) } : { status: 'failed' });
    }
    shadowserver({ scan_ssh: ssh, broken: ssh.replaceAll('45.142.1', '45.142.2') });
    expect(await run('shadowserver')).toMatchObject({ status: 'ok', created: 30 });
  }); // prettier-ignore

  test('MISP: attributes of an unknown type do not block the others', async () => {
    await add(loadPreset('misp-events'), { kind: 'https', url: `${server.base}/events` });
    const attribute = (type: string, value: string) => ({ uuid: crypto.randomUUID(), type, value, to_ids: true, timestamp: '1795700000' });
    files = { '/events': JSON.stringify({ Event: { uuid: '11111111-2222-4333-8444-000000000003', info: 'x', timestamp: '1795800000', Attribute: [...times(5, (i) => attribute('ip-dst', `45.131.1.${i + 1}`)), ...times(40, (i) => attribute('user-agent', `Mozilla/${i}`))] } }) };
    expect(await run('misp-events')).toMatchObject({ status: 'partial', quarantined: 40, quarantined_by: { 'unknown-type:user-agent': 40 } });
    expect(await stored('indicator')).toHaveLength(5);
    expect(await run('misp-events')).toMatchObject({ status: 'unchanged' });
  }); // prettier-ignore
});
