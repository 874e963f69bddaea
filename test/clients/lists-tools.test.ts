import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import supertest from 'supertest';
import { anIndicator, type Json } from '../support/builders.ts';
import { MAIN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../support/hub.ts';

/** The real tools, as Debian installs them. CI has them all. */
const TOOLS = {
  named: '/usr/sbin/named',
  unbound: '/usr/sbin/unbound-checkconf',
  nft: '/usr/sbin/nft',
  dnsmasq: '/usr/sbin/dnsmasq',
  squid: '/usr/sbin/squid',
  ipset: '/usr/sbin/ipset',
} as const;
const isRequired = process.env['REQUIRE_LIST_TOOLS'] === '1';
/** Runs a test with a real tool, or reports that the tool is missing. */
const withTool = (tool: keyof typeof TOOLS, title: string, run: () => Promise<void>): void => {
  const isThere = existsSync(TOOLS[tool]);
  if (!isThere && isRequired) throw new Error(`REQUIRE_LIST_TOOLS=1, but ${TOOLS[tool]} is not installed`);
  if (isThere) test(title, run, 60_000);
  else test.skip(`skipped: no ${tool}: ${title}`, () => undefined);
};

let t: TestHub;
const folder = mkdtempSync(join(tmpdir(), 'talanoa-list-tools-'));
const at = (name: string): string => join(folder, name);
let named: ChildProcess | undefined;

const HOSTILE = [
  'a" always_nxdomain\nlocal-zone: "b',
  "x'; drop table",
  'a b',
  '$(id)',
  'a;b',
  '..',
  '-a',
  '*',
  'a/#b',
  '\u202e',
  'x'.repeat(70),
];
const quoted = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
const of = (type: string, value: string): Json =>
  anIndicator({
    pattern: `[${type}:value = '${quoted(value)}']`,
    name: 'x',
    valid_until: '2099-01-01T00:00:00Z',
  });

beforeAll(async () => {
  t = await testHub(SETTINGS);
  const objects = [
    ...['reef-bank.com', 'www.reef-bank.com', 'reef-bank.company', 'xn--bcher-kva.net', '_x.reef-bank.net', `${'a.'.repeat(60)}reef-bank.org`].map((value) => of('domain-name', value)),
    ...['45.9.20.1', '45.9.20.0/24', '45.9.21.0/25', '45.9.21.128/25', '45.9.21.9'].map((value) => of('ipv4-addr', value)),
    ...['2a0b:1234::1', '2a0b:1234::/64', '2a0b:0:0:1::1', '2a0b:1:0:1:0:1:0:1'].map((value) => of('ipv6-addr', value)),
    ...HOSTILE.flatMap((text) => [of('domain-name', `${text}.reef-bank.com`), of('url', `http://reef-bank.com/${text}`), of('ipv4-addr', `45.9.20.2${text}`)]),
  ]; // prettier-ignore
  const { body } = await t.as('writer').post(objectsOf(MAIN), { objects });
  expect((body as Json)['success_count']).toBeGreaterThan(20);
});
afterAll(async () => {
  named?.kill('SIGKILL');
  await t.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function fetched(path: string, name: string): Promise<string> {
  const { status, text } = await supertest(t.hub.app)
    .get(`/lists/indicators/${path}`)
    .auth('reader', keyOf('reader'));
  expect([path, status]).toEqual([path, 200]);
  writeFileSync(at(name), text);
  return text;
}

interface Ran {
  readonly code: number | null;
  readonly out: string;
}
function ran(program: string, ...args: string[]): Ran {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return { code: status, out: stdout + stderr };
}

withTool('unbound', 'Unbound loads the list of domains', async () => {
  const text = await fetched('unbound', 'unbound.list');
  expect(text).toContain('local-zone: "reef-bank.com." always_nxdomain');
  writeFileSync(at('unbound.conf'), `server:\n  chroot: ""\n  username: ""\n  directory: "${folder}"\ninclude: "${at('unbound.list')}"\n`);
  expect(ran(TOOLS.unbound, at('unbound.conf'))).toMatchObject({ code: 0, out: expect.stringContaining('no errors') });
}); // prettier-ignore

withTool('dnsmasq', 'dnsmasq loads the list of domains', async () => {
  expect(await fetched('dnsmasq', 'dnsmasq.conf')).toContain('address=/reef-bank.com/');
  expect(ran(TOOLS.dnsmasq, '--test', `--conf-file=${at('dnsmasq.conf')}`)).toMatchObject({ code: 0 });
});

withTool('squid', 'Squid loads the list of domains without a complaint about names next to their domain', async () => {
  expect(await fetched('squid', 'squid.list')).toContain('.reef-bank.com\n');
  writeFileSync(at('squid.conf'), `acl bad dstdomain "${at('squid.list')}"\nhttp_access deny bad\nhttp_port 127.0.0.1:39999\ncoredump_dir ${folder}\n`);
  const { code, out } = ran(TOOLS.squid, '-k', 'parse', '-f', at('squid.conf'));
  expect([code, out.split('\n').filter((line) => /subdomain|bungled|bad/i.test(line) && !line.includes('Processing'))]).toEqual([0, []]);
}); // prettier-ignore

withTool('nft', 'nftables loads the list of addresses, again and again', async () => {
  expect(await fetched('nftables', 'list.nft')).toContain('45.9.21.0/25');
  // A network namespace of its own, so that the test changes no rule of this machine.
  const inOwn = ran('/usr/bin/unshare', '-rn', 'sh', '-c', `nft -f ${at('list.nft')} && nft -f ${at('list.nft')} && nft -j list set inet talanoa block4`);
  const isAllowed = inOwn.code === 0 || !/unshare/.test(inOwn.out);
  if (isAllowed) expect(inOwn).toMatchObject({ code: 0, out: expect.stringContaining('45.9.20.0') });
  else expect(ran(TOOLS.nft, '-c', '-f', at('list.nft'))).toMatchObject({ code: 0 });
}); // prettier-ignore

withTool('ipset', 'ipset restores the list of addresses', async () => {
  expect(await fetched('ipset', 'list.ipset')).toContain('add talanoa4 45.9.20.1');
  const { code, out } = ran('/usr/bin/unshare', '-rn', 'sh', '-c', `ipset restore -exist -file ${at('list.ipset')} && ipset restore -exist -file ${at('list.ipset')} && ipset list talanoa4`);
  // Some machines allow no namespaces, or have no kernel module.
  if (code !== 0 && /unshare|Kernel|module|protocol|Cannot open session/i.test(out)) return;
  expect([code, out]).toEqual([0, expect.stringContaining('45.9.21.0/25')]);
}); // prettier-ignore

withTool('named', 'BIND loads the response policy zone and answers by it', async () => {
  const zone = await fetched('rpz?types=domain,ipv4,ipv6', 'rpz.zone');
  expect(zone).toContain('64.zz.1234.2a0b.rpz-ip CNAME .');
  const port = await freePort();
  writeFileSync(at('lab.zone'), '$TTL 60\n@ IN SOA localhost. root.localhost. 1 60 60 60 60\n@ IN NS localhost.\nlisted IN A 45.9.20.77\nfree IN A 45.9.30.1\nsix IN AAAA 2a0b:1234::77\n');
  writeFileSync(at('named.conf'), `options {
  directory "${folder}"; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; pid-file none; session-keyfile "${at('session.key')}";
  recursion yes; allow-recursion { any; }; dnssec-validation no; managed-keys-directory "${folder}";
  response-policy { zone "rpz.lab"; } qname-wait-recurse no;
};
controls { };
zone "rpz.lab" { type primary; file "rpz.zone"; allow-query { none; }; };
zone "lab.net" { type primary; file "lab.zone"; };
`);
  named = spawn(TOOLS.named, ['-g', '-c', at('named.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const log: string[] = [];
  await new Promise<void>((resolve, reject) => {
    if (named?.stderr == null) return;
    createInterface({ input: named.stderr }).on('line', (line) => {
      log.push(line);
      if (/ running$/.test(line)) resolve();
    });
    named.once('close', () => reject(new Error(log.join('\n'))));
  });
  expect(log.filter((line) => /rpz.*(?:invalid|bad|error|fail|too small|ignored)/i.test(line))).toEqual([]);
  const resolver = new Resolver({ timeout: 5_000, tries: 2 });
  resolver.setServers([`127.0.0.1:${port}`]);
  const answer = (name: string, type: 'A' | 'AAAA' = 'A'): Promise<unknown> =>
    resolver.resolve(name, type).catch((error: unknown) => (error as { code: string }).code);
  for (const name of ['reef-bank.com', 'any.reef-bank.com', 'www.reef-bank.com', '_x.reef-bank.net', 'listed.lab.net'])
    expect([name, await answer(name)]).toEqual([name, 'ENOTFOUND']);
  expect(await answer('six.lab.net', 'AAAA')).toBe('ENOTFOUND');
  expect(await answer('free.lab.net')).toEqual(['45.9.30.1']);
}); // prettier-ignore

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}
