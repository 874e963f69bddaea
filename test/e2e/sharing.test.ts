import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { anIndicator } from '../support/builders.ts';
import { folder, startHub, talanoa, type RunningHub } from '../support/program.ts';

/* The journeys of docs/how-to: commands of analysts and officers on a running small hub. */

const KEY = 'a-key-of-an-officer-0123456789abcdef0123456789';
const PASSWORD = 'turtles swim past the reef at night';
const CHOSEN = 'nine blue parrots fly away now';
const here = folder();
let hub: RunningHub;
let data: readonly string[] = [];
beforeAll(async () => {
  const config = join(here.path, 'talanoa.yaml');
  writeFileSync(
    config,
    `hub: { title: Pacific hub, region: [TO, WS, TV] }
api_roots: [{ path: main, title: Main }]
collections:
  - { id: 6f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11, api_root: main, alias: indicators, title: Indicators, grants: [{ to: "role:administrator", read: true, write: true }, { to: "member:tonga", write: true }] }
  - { id: 7f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11, api_root: main, alias: public, title: Public, unmarked: refuse, max_tlp: clear, grants: [{ to: public, read: true }] }
members:
  - { name: tonga, title: CERT Tonga, countries: [TO], networks: [1.2.3.0/24], collection: true }
  - { name: samoa, title: CERT Samoa, countries: [WS], networks: [1.2.4.0/24], collection: true }
accounts:
  - { name: moana, role: officer, person: true, member: tonga, key_env: KEY, password_env: PASSWORD }
mail: { server: "smtp://127.0.0.1:9", from: hub@hub.example, insecure: true }
`,
  );
  data = ['--config', config, '--data', join(here.path, 'data')];
  hub = await startHub([...data, '--no-feeds'], { KEY, PASSWORD });
  // People read TLP:RED only with a password that they chose themselves.
  const link = /\/first\/\S+/.exec(await said('account', 'invite', 'moana'))?.[0] ?? '';
  const accepted = await fetch(`${hub.url}${link}`, {
    method: 'POST',
    headers: { 'Sec-Fetch-Site': 'same-origin' },
    body: new URLSearchParams({ password: CHOSEN, again: CHOSEN }),
  });
  expect(accepted.status).toBe(200);
});
afterAll(async () => {
  await hub.stop();
  here.remove();
});

const run = async (...args: string[]) => talanoa([...args, ...data], { KEY, PASSWORD });
const said = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await run(...args);
  expect([code, stderr.includes('error'), args.join(' ')]).toEqual([0, false, args.join(' ')]);
  return stdout;
};
/** As Moana, from another machine, with her own key. */
const asMoana = (...args: string[]) => talanoa([...args, '--hub', hub.url], { TALANOA_KEY: KEY });
/** Returns TLP:RED as its recipient reads it: on the page, in a session. */
async function readAtConsole(id: string): Promise<string> {
  const signedIn = await fetch(`${hub.url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'same-origin' },
    body: JSON.stringify({ account: 'moana', password: CHOSEN }),
  });
  const cookie = signedIn.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  return (await fetch(`${hub.url}/console/red/${id}`, { headers: { Cookie: cookie } })).text();
}
const idOf = (json: string): string => String((JSON.parse(json) as { items: { id: string }[] }).items[0]?.id);

test('a public object is forwarded, an AMBER one is shared with consent, and their deliveries are shown', async () => {
  expect(await said('rule', 'create', 'out', '--from', 'indicators', '--to', 'public', '--types', 'indicator', '--max-tlp', 'clear')).toContain('indicator; up to TLP:CLEAR'); // prettier-ignore
  expect(await said('rule', 'list')).toContain('out');
  const bad = await run('rule', 'create', 'back', '--from', 'public', '--to', 'indicators');
  expect([bad.code, bad.stderr]).toEqual([3, expect.stringContaining('forwarded objects are not forwarded again')]); // prettier-ignore
  const amber = JSON.parse((await asMoana('publish', '1.2.5.9', '--collection', 'indicators', '--tlp', 'amber', '--json')).stdout) as { items: { id: string }[] }; // prettier-ignore
  const id = String(amber.items[0]?.id);
  expect(await said('share', 'with', id, 'samoa', '--reason', 'same sender')).toContain('tonga must consent');
  const asked = idOf((await asMoana('share', 'list', '--json')).stdout);
  expect((await asMoana('share', 'answer', asked, 'granted')).stdout).toContain('member-samoa: placed');
  expect(await said('share', 'list')).toMatch(/done .*tonga .*samoa .*operator/);
  const until = new Date(Date.now() + 86_400_000).toISOString();
  expect(await said('delivery', 'ask', id, '--until', until)).toContain(until.slice(0, 10));
  expect((await run('delivery', 'ask', id, '--until', '2099-01-01T00:00:00Z')).stderr).toContain(
    'next 90 days',
  );
  expect(await said('delivery', 'log', id)).toMatch(/samoa +available +\S+ +member-samoa/);
  expect(await said('delivery', 'why', id, 'samoa')).toContain('samoa');
  const wrong = await run('delivery', 'ask', id, '--until', 'tomorrow');
  expect([wrong.code, wrong.stderr]).toEqual([3, expect.stringContaining('is not a time in UTC, such as')]);
});

test('TLP:RED is given to a person, and nobody else can read it, including the operator', async () => {
  const file = join(here.path, 'red.json');
  writeFileSync(file, JSON.stringify(anIndicator({ object_marking_refs: [tlpMarkingId('red')] })));
  expect(await said('red', 'give', file, '--to', 'moana', '--note', 'call me')).toContain('moana');
  const id = idOf(await said('red', 'list', '--json'));
  expect((await run('red', 'show', id)).stderr).toContain('TLP:RED can be read only in the console');
  expect((await asMoana('red', 'show', id)).stderr).toContain('TLP:RED can be read only in the console');
  expect(await readAtConsole(id)).toContain('reef-bank');
  expect(await said('red', 'list')).toContain('moana (read ');
  expect((await run('red', 'give', file, '--to', 'nobody-here')).stderr).toContain('not accounts of people who can sign in'); // prettier-ignore
  await said('red', 'withdraw', id);
  const empty = join(here.path, 'empty.json');
  writeFileSync(empty, '{"objects":[]}');
  const nothing = await run('red', 'give', empty, '--to', 'moana');
  expect([nothing.code === 0, nothing.stderr]).toEqual([false, expect.stringContaining('contains no object to give')]); // prettier-ignore
  expect((await run('key', 'create', '--account', 'monna')).stderr).toContain(
    'The hub had no account "monna"',
  );
  expect((await run('key', 'create', '--account', 'monna')).stderr).not.toContain('had no account');
  expect((await asMoana('red', 'list')).stdout).toContain('No TLP:RED was given to you');
});

test('an organisation registers and its officer signs in with a link, and registry data counts once it is applied', async () => {
  await fetch(`${hub.url}/api/v1/registrations`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ name: 'tuvalu', title: 'CERT Tuvalu', countries: ['TV'], contact: 'Sina' }) }); // prettier-ignore
  expect(await said('member', 'requests')).toContain('CERT Tuvalu; Sina');
  const approved = await said('member', 'approve', idOf(await said('member', 'requests', '--json')));
  const [, link = ''] = /One-time sign-in link for its officer: (\S+)/.exec(approved) ?? [];
  expect((await fetch(link)).status).toBe(200);
  const file = join(here.path, 'delegated.txt');
  writeFileSync(file, '2|apnic|20261124|1|19830613|20261123|+1000\napnic|TV|ipv4|43.255.148.0|1024|2014|allocated|A\nnonsense\n'); // prettier-ignore
  expect(await said('member', 'delegations', file)).toContain('Nothing was changed');
  expect(await said('member', 'delegations', file, '--apply')).toMatch(
    /TV +tuvalu +1 +0 +43\.255\.148\.0\/22/,
  );
  expect(await said('publish', '43.255.148.7', '--collection', 'indicators', '--tlp', 'green', '--preview')).toMatch(/tuvalu +1 of 1 +it affects 43\.255\.148\.0\/22, delegated to TV/); // prettier-ignore
});

test('groups with dates, claims with an end, email channels, and the triage list', async () => {
  await said('group', 'create', 'circle', '--listed');
  await said('group', 'join', 'circle', 'tonga', '--until', '2099-01-01T00:00:00Z');
  expect(await said('group', 'list')).toContain('tonga (until 2099-01-01)');
  expect(await said('member', 'claim', 'samoa', 'network', '1.2.9.0/24', '--until', '2099-01-01T00:00:00Z')).toContain('verified'); // prettier-ignore
  const added = await said('channel', 'create', 'samoa-mail', '--member', 'samoa', '--kind', 'mail', '--url', 'mailto:soc@cert.example', '--zone', 'Pacific/Apia', '--types', 'indicator'); // prettier-ignore
  expect(added).toContain('samoa-mail');
  expect((await run('channel', 'create', 'x', '--member', 'samoa', '--kind', 'mail', '--url', 'mailto:soc@cert.example', '--zone', 'Apia')).stderr).toContain('Pacific/Tongatapu'); // prettier-ignore
  expect(await said('triage', 'list')).toContain('No reports are waiting');
  expect((await run('triage', 'assign', '0123456789abcdef', 'tonga')).code).toBe(4);
});
