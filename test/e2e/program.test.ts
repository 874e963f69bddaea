import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { anIndicator, type Json } from '../support/builders.ts';
import { MEDIA, folder, startHub, talanoa, taxii } from '../support/program.ts';

const ID = 'c5b8eae4-6f30-4192-8dbc-3e4f5a6b7c8d';

describe('the command line', () => {
  test('version, help and misspelt commands', async () => {
    expect(await talanoa(['--version'])).toMatchObject({
      code: 0,
      stdout: `${(JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string }).version}\n`,
    });
    expect((await talanoa(['--help'])).stdout).toMatch(/serve.*status.*key.*feed.*validate/s);
    expect(await talanoa(['feeds', 'list'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/Did you mean feed\?/),
    });
    expect(await talanoa(['serve', '--prot', '1'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/Did you mean --port\?/),
    });
    expect(await talanoa(['serve', '--config', 'nowhere.yaml'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^error: The settings file nowhere\.yaml does not exist {3}\[TLN-C-001\]\n {2}.*\n {2}Try: /,
      ),
    });
  });

  test('patterns are explained, and checked with a caret under the fault', async () => {
    const good = await talanoa(['pattern', 'check', "[ file:name='a' ]"]);
    expect(good).toMatchObject({ code: 0, stdout: "valid, level 1: [file:name = 'a']\n" });
    const bad = await talanoa(['pattern', 'check', "[file:hashes.SHA-256 = 'a']"]);
    expect(bad.code).toBe(3);
    expect(bad.stdout).toBe(
      "P-018 (section 9.7): write a name with a hyphen in apostrophes; did you mean 'SHA-256'?\n  [file:hashes.SHA-256 = 'a']\n                  ^\n",
    );
    const said = await talanoa(['pattern', 'explain', "[domain-name:value = 'evil.example']", '--json']);
    expect(JSON.parse(said.stdout)).toMatchObject({
      valid: true,
      explanation: 'It matches when a domain name is seen, and its value is "evil.example".',
      keys: [{ type: 'domain-name', property: 'value', value: 'evil.example' }],
    });
  }, 20_000);

  test('validate reads bundles, lists, single objects and lines, and upgrade converts STIX 2.0 to 2.1', async () => {
    const here = folder();
    const write = (name: string, text: string): string => {
      writeFileSync(join(here.path, name), text);
      return join(here.path, name);
    };
    const slip = anIndicator({ pattern_type: 'stx', created: 'yesterday' });
    const forms = [
      write(
        'bundle.json',
        JSON.stringify({
          type: 'bundle',
          id: 'bundle--11111111-1111-4111-8111-111111111111',
          objects: [anIndicator(), slip],
        }),
      ),
      write('list.json', JSON.stringify([anIndicator(), slip], null, 2)),
      write('lines.json', `${JSON.stringify(anIndicator())}\n${JSON.stringify(slip)}\n`),
      write('single.json', JSON.stringify(slip)),
    ];
    for (const form of forms) {
      const { code, stdout } = await talanoa(['validate', form, '--json']);
      const found = JSON.parse(stdout) as {
        objects: number;
        errors: number;
        warnings: number;
        items: Json[];
      };
      expect({ form, code, errors: found.errors, warnings: found.warnings }).toEqual({
        form,
        code: 3,
        errors: 1,
        warnings: 1,
      });
      expect(found.items[0]).toMatchObject({
        rule: 'S-017',
        section: '2.16.1',
        pointer: '/created',
        file: form,
        object: slip['id'],
      });
    }
    const broken = await talanoa(['validate', write('broken.json', '{"type":"bundle","objects":[{"a":1}')]);
    expect(broken.code).not.toBe(0);
    expect(broken.stderr).toContain('broken.json');
    expect(broken.stderr).toMatch(/line 1, column \d+/);
    const old = write('old.json', JSON.stringify({ type: 'bundle', id: 'bundle--11111111-1111-4111-8111-111111111111', spec_version: '2.0', objects: [
      { type: 'malware', id: 'malware--00000000-0000-4000-8000-000000000000', created: '2020-01-01T00:00:00.000Z', modified: '2020-01-01T00:00:00.000Z', name: 'X', labels: ['trojan'] },
    ] })); // prettier-ignore
    const upgraded = await talanoa(['upgrade', old]);
    expect(upgraded).toMatchObject({ code: 0, stderr: expect.stringContaining('1 object, 0 refused') });
    expect(await talanoa(['validate', write('new.json', upgraded.stdout), '--quiet'])).toMatchObject({
      code: 0,
      stdout: '',
    });
    here.remove();
  }, 30_000);

  test('text from a file, a pattern or another server cannot control the terminal', async () => {
    const here = folder();
    const file = join(here.path, 'hostile.json');
    const clear = '\u001b[2J\u009b1m\u202e';
    const hostile = { ...anIndicator(), id: `x${clear}`, [`a${clear}`]: null };
    writeFileSync(
      file,
      JSON.stringify({
        type: 'bundle',
        id: 'bundle--11111111-1111-4111-8111-111111111111',
        objects: [hostile],
      }),
    );
    const collection = { id: '11111111-1111-4111-8111-111111111111', can_read: true, can_write: true };
    const server = createServer((_request, response) => {
      response.setHeader('Content-Type', MEDIA);
      response.end(
        JSON.stringify({
          title: 'Hostile', versions: [MEDIA], max_content_length: 1_000_000,
          collections: ['one', 'two'].map((name) => ({ ...collection, title: `${name}${clear}` })),
        }),
      ); // prettier-ignore
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/main/`;
    const said = [
      await talanoa(['validate', file]),
      await talanoa(['upgrade', file]),
      await talanoa(['pattern', 'explain', `[domain-name:value = 'a${clear}']`, `[domain-${clear}`]),
      await talanoa(['poll', url]),
    ];
    await new Promise((resolve) => server.close(resolve));
    for (const { stdout, stderr } of said) {
      expect(`${stdout}${stderr}`).toContain('?[2J');
      // eslint-disable-next-line no-control-regex
      expect(`${stdout}${stderr}`).not.toMatch(/[\u001b\u009b\u202e]/);
    }
    here.remove();
  }, 20_000);

  test('doctor checks disk, clock and store, and explains how to correct faults', async () => {
    const here = folder();
    await talanoa(['init', '--data', join(here.path, 'data')]);
    const well = await talanoa(['doctor', '--data', join(here.path, 'data'), '--json']);
    const { items } = JSON.parse(well.stdout) as { items: { check: string; status: string }[] };
    expect(items.map(({ check }) => check)).toEqual([
      'Node', 'network', 'file system', 'disk space', 'fsync', 'write-ahead log', 'file rights', 'last stop', 'dates added', 'audit log', 'damage', 'access records', 'feeds', 'warning lists',
    ]); // prettier-ignore
    expect(well.code).toBe(items.some(({ status }) => status === 'failed') ? 1 : 0);
    // A start removes group access to the data again. It reports what it cannot repair, such as an overwritten page of
    // the file.
    chmodSync(join(here.path, 'data'), 0o750);
    const file = openSync(join(here.path, 'data', 'hub.db'), 'r+');
    writeSync(file, Buffer.alloc(4096, 0x5a), 0, 4096, 4096);
    closeSync(file);
    const ill = await talanoa(['doctor', '--data', join(here.path, 'data')]);
    expect(ill.code).toBe(1);
    expect(ill.stdout).toMatch(/ok +file rights/);
    expect(statSync(join(here.path, 'data')).mode & 0o077).toBe(0);
    expect(ill.stdout).toMatch(/FAILED +(damage|store)/);
    here.remove();
  }, 20_000);

  test('validate explains why a file cannot be read', async () => {
    const here = folder();
    const missing = await talanoa(['validate', join(here.path, 'nofile.json')]);
    expect([missing.code, missing.stderr]).toEqual([4, expect.stringContaining('The file does not exist.')]);
    const directory = await talanoa(['validate', here.path]);
    expect([directory.code, directory.stderr]).toEqual([4, expect.stringContaining('It is a folder')]);
    here.remove();
  });

  test('validate prints file, line, column and rule, and exits with 3', async () => {
    const here = folder();
    const bad = join(here.path, 'bad.json');
    writeFileSync(
      bad,
      `{\n "type": "bundle", "id": "bundle--5d2f7f0e-6a8b-4a86-9a0f-0d1c2b3a4f5e",\n "objects": [\n  ${JSON.stringify(anIndicator())},\n  {"type": "indicator", "spec_version": "2.1",\n   "id": "indicator--11111111-1111-4111-8111-111111111111",\n   "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",\n   "pattern": "[file:name = ]", "pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z"}\n ]}`,
    );
    const good = join(here.path, 'good.json');
    writeFileSync(good, JSON.stringify(anIndicator()));
    expect(await talanoa(['validate', good])).toMatchObject({ code: 0, stdout: '' });
    expect(await talanoa(['validate', bad, good])).toMatchObject({
      code: 3,
      stdout: `${bad}:8:15 P-001 /pattern: at character 14: a value is missing; found "]"\n`,
    });
    const json = await talanoa(['validate', '--json', bad]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      objects: 2,
      errors: 1,
      items: [{ rule: 'P-001', line: 8 }],
    });
    const cases = join(import.meta.dirname, '..', 'fixtures', 'cases', '08-opencti-forms.json');
    const tolerant = await talanoa(['validate', cases, '--json']);
    expect([tolerant.code, JSON.parse(tolerant.stdout)]).toMatchObject([0, { errors: 0, findings: 6 }]);
    const standard = await talanoa(['validate', '--level', 'standard', cases]);
    expect([standard.code, standard.stdout]).toEqual([3, expect.stringMatching(/ S-053 \/stop_time: /)]);
    writeFileSync(bad, '{"objects": [');
    expect((await talanoa(['validate', bad])).code).toBe(3);
    expect((await talanoa(['validate', join(here.path, 'none.json')])).code).toBe(4);
    here.remove();
  });
});

describe('a hub as a process', () => {
  const here = folder();
  const data = join(here.path, 'data');
  const config = join(here.path, 'talanoa.yaml');
  let feedServer: Server;
  let feed = '203.0.113.9\n198.51.100.7\nnot an address\n';

  beforeAll(async () => {
    feedServer = createServer((_request, response) => response.end(feed));
    await new Promise<void>((resolve) => feedServer.listen(0, '127.0.0.1', resolve));
    const { port } = feedServer.address() as AddressInfo;
    writeFileSync(
      config,
      `collections:
  - { id: ${ID}, api_root: main, alias: indicators, title: Indicators, grants: [{ to: "account:sensor", read: true, write: true }] }
members:
  - { name: tonga, networks: [198.51.100.0/24], collection: true }
accounts:
  - { name: sensor, role: machine, key_env: SENSOR_KEY }
feeds:
  - { name: list, preset: plain-list, enabled: false, url: "http://127.0.0.1:${port}/", tlp: green, collection: indicators, special_addresses_allowed: [documentation] }
egress: { allow: ["127.0.0.1:${port}"] }
`,
    );
  });
  afterAll(async () => {
    await new Promise((resolve) => feedServer.close(resolve));
    here.remove();
  });
  const secret = 'a-secret-of-the-sensor-0123456789abcdef';
  const start = () => startHub(['--config', config, '--data', data, '--no-feeds'], { SENSOR_KEY: secret });
  const cli = (...args: string[]) =>
    talanoa([...args, '--config', config, '--data', data], { SENSOR_KEY: secret });

  test('a feed is run, routed and read by a member, over the socket of a running hub', async () => {
    const hub = await start();
    try {
      expect(statSync(join(data, 'hub.sock')).mode & 0o777).toBe(0o600);
      const run = await cli('feed', 'run', 'list', '--json');
      expect(JSON.parse(run.stdout)).toMatchObject({ status: 'partial', created: 2, quarantined: 1 });
      expect(run.code).toBe(8);
      expect((await cli('feed', 'quarantine', 'list')).stdout).toMatch(
        /single-label-domain .*not an address/,
      );
      expect((await cli('feed', 'history', 'list')).stdout).toMatch(/partial +3 +2/);
      expect((await cli('feed', 'list')).stdout).toMatch(/^FEED .*\nlist /);
      const made = await cli('key', 'create', '--member', 'tonga', '--json');
      const key = JSON.parse(made.stdout) as {
        secret: string;
        account: string;
        collections: { id: string }[];
      };
      expect(key).toMatchObject({ account: 'tonga-key', collections: [{ read: true, write: false }] });
      // The run triggered routing. Routing is done when the member's collection has the expected content.
      const path = `/main/collections/${key.collections[0]?.id ?? ''}/objects/?match[type]=indicator`;
      let seen: Json[] = [];
      for (let i = 0; i < 2000 && seen.length === 0; i++)
        seen = ((await taxii(`${hub.url}${path}`, key.secret)).body['objects'] as Json[] | undefined) ?? [];
      expect(seen.map((object) => object['pattern'])).toEqual(["[ipv4-addr:value = '198.51.100.7']"]);
      expect((await taxii(`${hub.url}/main/collections/${ID}/`, key.secret)).status).toBe(404);
      const status = JSON.parse((await cli('status', '--json')).stdout) as {
        members: number;
        collections: { name: string; objects: number }[];
      };
      expect(status.members).toBe(1);
      expect(status.collections.find(({ name }) => name === 'indicators')?.objects).toBe(8);
      expect((await cli('key', 'create', '--member', 'tongo')).stderr).toMatch(
        /error: Member "tongo" not found .*\n {2}Try: Did you mean "tonga"\?/,
      );
      expect((await cli('feed', 'run', 'lits')).code).toBe(4);
      // A second hub on the same folder does not start.
      const second = await talanoa(['serve', '--config', config, '--data', data, '--port', '0'], {
        SENSOR_KEY: secret,
      });
      expect([second.code, second.stderr]).toEqual([
        7,
        expect.stringMatching(/Another Talanoa process uses the data folder/),
      ]);
    } finally {
      expect(await hub.stop()).toBe(0);
    }
  });

  test('commands work without a running hub, and leave no process running', async () => {
    feed = '203.0.113.9\n198.51.100.7\n198.51.100.8\n';
    expect(JSON.parse((await cli('feed', 'run', 'list', '--json')).stdout)).toMatchObject({
      status: 'ok',
      created: 1,
      unchanged: 2,
    });
    expect((await cli('status')).stdout).toMatch(/indicators +11/);
    // The built program finds the module of the process that reads documents.
    const report = join(data, 'report.txt');
    writeFileSync(report, 'See hxxp://evil[.]com/a');
    const values = (await cli('values', 'extract', report, '--publishable', '--quiet')).stdout;
    expect(values).toBe('http://evil.com/a\n');
    const told = (await cli('values', 'extract', report)).stderr;
    expect(told).toContain('Collections without a grant for the operator were not searched.');
  });

  test('acknowledged objects survive kill -9 with their dates added, and the cursor continues', async () => {
    const first = await start();
    const posted = Array.from({ length: 20 }, () => anIndicator());
    const answer = await taxii(`${first.url}/main/collections/${ID}/objects/`, secret, { objects: posted });
    expect(answer.body).toMatchObject({ success_count: 20 });
    const page = await taxii(`${first.url}/main/collections/${ID}/manifest/?limit=15`, secret);
    await first.stop('SIGKILL');
    const second = await start();
    try {
      expect((await taxii(`${second.url}/main/collections/${ID}/manifest/?limit=15`, secret)).body).toEqual(
        page.body,
      );
      const rest = await taxii(
        `${second.url}/main/collections/${ID}/objects/?next=${String((await taxii(`${second.url}/main/collections/${ID}/objects/?limit=11`, secret)).body['next'])}`,
        secret,
      );
      expect(rest.body['objects']).toEqual(posted);
      expect((await taxii(`${second.url}/main/status/${String(answer.body['id'])}/`, secret)).body).toEqual(
        answer.body,
      );
    } finally {
      await second.stop();
    }
  });

  test('a data folder with a long path gets its socket elsewhere, and commands find it', async () => {
    const long = join(here.path, 'x'.repeat(90));
    mkdirSync(long);
    const hub = await startHub(['--config', config, '--data', long, '--no-feeds'], { SENSOR_KEY: secret });
    expect(existsSync(join(long, 'hub.sock.path'))).toBe(true);
    expect(
      JSON.parse(
        (await talanoa(['status', '--json', '--config', config, '--data', long], { SENSOR_KEY: secret }))
          .stdout,
      ),
    ).toMatchObject({ pid: hub.child.pid });
    await hub.stop();
  });

  test('ambiguous framing and bytes that are not HTTP are refused', async () => {
    const hub = await start();
    const raw = (text: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect(hub.port, '127.0.0.1', () => socket.write(text));
        let answer = '';
        socket.on('data', (part) => (answer += part.toString()));
        socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''));
        socket.on('error', () => resolve('reset'));
      });
    const head = `GET /taxii2/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n`;
    try {
      for (const text of [
        `${head}Host: b\r\n\r\n`,
        `${head}Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n`,
        `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity, chunked\r\nConnection: close\r\n\r\n0\r\n\r\n`,
        `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
        'nonsense\r\n\r\n',
        `GET / HTTP/1.1\r\n\r\n`,
      ]) {
        expect(await raw(text)).toMatch(/^HTTP\/1\.1 400/);
      }
      expect(await raw(`GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 431/,
      );
      expect(await raw(`${head}Expect: nonsense\r\n\r\n`)).toMatch(/^HTTP\/1\.1 417/);
      expect((await fetch(`${hub.url}/healthz`)).status).toBe(200);
    } finally {
      await hub.stop();
    }
  });
});

/** Objects of demo/pacson.json. */
const DEMO_OBJECTS = 24;

describe('the demo', () => {
  test('has members, data and working credentials that are new each time', async () => {
    const here = folder();
    const secrets: string[] = [];
    for (let i = 0; i < 2; i++) {
      const hub = await startHub(['--demo', '--data', here.path]);
      const line = await new Promise<string>((resolve) => {
        const look = (): void => {
          const found = hub.lines.find((text) => text.includes('demo-member   a service account'));
          if (found === undefined) setImmediate(look);
          else resolve(found);
        };
        look();
      });
      const password = line.trim().split(/\s+/).at(-1) ?? '';
      secrets.push(password);
      const headers = {
        Accept: MEDIA,
        Authorization: `Basic ${Buffer.from(`demo-member:${password}`).toString('base64')}`,
      };
      const { collections } = (await (await fetch(`${hub.url}/main/collections/`, { headers })).json()) as {
        collections: Json[];
      };
      expect(collections.map(({ title }) => title)).toEqual([
        'For National CERT, Tonga (demo)',
        'Indicators (demo)',
        'Public indicators (demo)',
        'Shared in the Pacific network (demo)',
      ]);
      const shared = collections.find(({ title }) => String(title).startsWith('Shared'));
      const { objects } = (await (
        await fetch(`${hub.url}/main/collections/${String(shared?.['id'])}/objects/`, { headers })
      ).json()) as { objects: Json[] };
      // The shared content: indicators, tools, techniques, ideas. All of it is valid, and none of it is on hold.
      const types = new Set(objects.map(({ type }) => type));
      for (const type of ['indicator', 'tool', 'attack-pattern', 'note', 'course-of-action', 'report'])
        expect([type, types.has(type)]).toEqual([type, true]);
      expect(objects).toHaveLength(DEMO_OBJECTS);
      await hub.stop();
    }
    expect(secrets[0]).not.toBe(secrets[1]);
    const ended = await talanoa(['status'], { TALANOA_DATA: join(here.path, 'demo') });
    expect(ended).toMatchObject({
      code: 7,
      stderr: expect.stringMatching(/TLN-C-089[\s\S]*talanoa serve --demo/),
    });
    here.remove();
  });

  test('prints its address and an account of each role for programs on one line, and each account can sign in', async () => {
    const here = folder();
    const hub = await startHub(['--demo', '--json', '--data', here.path]);
    const [line = ''] = hub.lines;
    const started = JSON.parse(line) as { event: string; url: string; accounts: Json[] };
    expect(started).toMatchObject({ event: 'hub.started', url: hub.url });
    expect(started.accounts.map(({ name, role, member }) => [name, role, member])).toEqual([
      ['demo-admin', 'administrator', undefined],
      ['demo-analyst', 'analyst', undefined],
      ['demo-officer', 'officer', 'tonga'],
      ['demo-member', 'machine', 'tonga'],
    ]);
    for (const { name, role, password } of started.accounts) {
      if (role === 'machine') continue;
      const body = new URLSearchParams({ account: String(name), password: String(password) });
      const answer = await fetch(`${hub.url}/console/sign-in`, {
        method: 'POST',
        body,
        headers: { 'Sec-Fetch-Site': 'same-origin' },
        redirect: 'manual',
      });
      // No second factor is asked for.
      expect([name, answer.status, answer.headers.get('location')]).toEqual([name, 303, '/console']);
      if (role !== 'administrator') continue;
      // The settings page does not call the settings of the demo defaults.
      const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
      const page = await (await fetch(`${hub.url}/console/settings`, { headers: { cookie } })).text();
      expect(page.replaceAll(/<[^>]+>/g, ' ')).toMatch(
        /The demo has settings of its own[\s\S]*sign_in\.second_factor\s+optional\s+demo/,
      );
    }
    await hub.stop();
    // The runs of its feeds are in the log, not among the output for programs.
    expect(hub.lines).toHaveLength(1);
    here.remove();
  });
});
