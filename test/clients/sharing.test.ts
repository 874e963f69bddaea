import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { tlpMarkingId, type Tlp } from '../../src/stix/markings.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { hasExim, startExim } from '../support/exim.ts';
import { folder, startHub, talanoa, type RunningHub } from '../support/program.ts';
import { python, runPython } from '../support/python.ts';

/*
 * Sharing with real third-party software: the OASIS client as each of fourteen members, the OASIS server as the server
 * of one of them, and Debian's Exim as their mail server.
 */

const ID = 'e7daa0c6-8152-43b4-8fde-5a6b7c8d9e0f';
const THEIRS = '7a6e3f3a-9b5c-4a5c-8d18-0a8e2d2f5b77';
const KEY = 'a-key-of-an-analyst-0123456789abcdef0123456789';
const MEMBERS = ['au', 'ck', 'fj', 'ki', 'mh', 'nz', 'nu', 'pw', 'pg', 'ws', 'sb', 'to', 'tv', 'vu'] as const;
const network = (i: number): string => `198.51.100.${i * 16}/28`;

const indicator = (address: string, tlp: Tlp, more: Json = {}): Json =>
  anIndicator({
    pattern: `[ipv4-addr:value = '${address}']`,
    object_marking_refs: [tlpMarkingId(tlp)],
    ...more,
  });

/** Polls until a condition is true. Another process does the work and does not report when it is done. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

if (python === undefined) {
  test.skip('skipped: TALANOA_PYTHON names no Python with taxii2-client and medallion', () => undefined);
} else {
  describe('fourteen members', () => {
    const here = folder();
    let hub: RunningHub | undefined;
    let peer: ChildProcess;
    let exim: Awaited<ReturnType<typeof startExim>> | undefined;
    let data: readonly string[] = [];
    const environment: Record<string, string> = { KEY, THEIR_PASSWORD: 'a password of the hub' };
    for (const name of MEMBERS) environment[`P_${name.toUpperCase()}`] = `a password of ${name}-siem`;

    beforeAll(async () => {
      peer = spawn(String(python), [join(import.meta.dirname, 'oasis_server.py'), THEIRS], { stdio: ['pipe', 'pipe', 'ignore'] }); // prettier-ignore
      const port = await new Promise<string>((resolve, reject) => {
        if (peer.stdout !== null) createInterface({ input: peer.stdout }).once('line', resolve);
        peer.once('close', () => reject(new Error('medallion did not start')));
      });
      if (hasExim) exim = await startExim();
      const config = join(here.path, 'talanoa.yaml');
      writeFileSync(
        config,
        `hub: { title: Hub, url: "https://hub.example" }
collections:
  - { id: ${ID}, api_root: main, alias: reports, title: Reports, grants: [{ to: "role:analyst", read: true, write: true }] }
  - { id: ${randomUUID()}, api_root: main, alias: all, title: For all, grants: [{ to: "group:pacson", read: true }, { to: "role:analyst", write: true }] }
groups: [{ name: pacson, members: [${MEMBERS.join(', ')}] }]
members:
${MEMBERS.map((name, i) => `  - { name: ${name}, countries: [${name.toUpperCase()}], networks: [${network(i)}], collection: true${name === 'to' ? `, push: { url: "http://127.0.0.1:${port}/api/collections/${THEIRS}/", username: hub, password_env: THEIR_PASSWORD }` : ''} }`).join('\n')}
accounts:
  - { name: watch, role: analyst, key_env: KEY }
${MEMBERS.map((name) => `  - { name: ${name}-siem, role: machine, member: ${name}, password_env: P_${name.toUpperCase()} }`).join('\n')}
egress: { allow: ["127.0.0.1:${port}"] }
${exim === undefined ? '' : `mail: { server: "smtp://127.0.0.1:${exim.port}", from: hub@hub.example, insecure: true }`}
`,
      );
      data = ['--config', config, '--data', join(here.path, 'data')];
      hub = await startHub([...data, '--no-feeds'], environment);
    }, 120_000);
    afterAll(async () => {
      await hub?.stop();
      await exim?.stop();
      peer.stdin?.end();
      here.remove();
    });

    const api = async (method: string, path: string, body?: object): Promise<Json> => {
      const response = await fetch(`${hub?.url ?? ''}/api/v1${path}`, {
        method,
        headers: { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return (await response.json()) as Json;
    };
    const publish = async (collection: string, ...objects: Json[]): Promise<void> => {
      const { items } = await api('POST', `/collections/${collection}/objects`, { objects });
      expect((items as Json[]).map(({ outcome }) => outcome)).toEqual(objects.map(() => 'stored'));
    };
    const answer = async (object: Json, member: string): Promise<unknown> =>
      (await api('GET', `/deliveries/why?object=${String(object['id'])}&member=${member}`))['answer'];

    test('each member receives, with the OASIS client, the objects that affect it and those for all members, and nothing else', async () => {
      const own = MEMBERS.map((_name, i) => indicator(`198.51.100.${i * 16 + 5}`, 'amber+strict'));
      const shared = indicator('192.0.2.1', 'green');
      await publish('reports', ...own, indicator('192.0.2.7', 'amber'));
      await publish('all', shared);
      for (const [i, name] of MEMBERS.entries()) {
        const object = own[i];
        if (object !== undefined)
          await until(`${name} has its own`, async () => (await answer(object, name)) !== 'no');
      }
      const read = await runPython('members.py', [hub?.url ?? '', ...MEMBERS.map((name) => `${name}-siem`)]);
      expect([read.code, read.stderr]).toEqual([0, '']);
      const found = JSON.parse(read.stdout) as Record<string, Record<string, string[]>>;
      for (const [i, name] of MEMBERS.entries()) {
        const mine = Object.entries(found[`${name}-siem`] ?? {});
        expect(mine.map(([title]) => title).toSorted()).toEqual(['For all', `For ${name}`]);
        const ids = mine.flatMap(([, list]) => list).filter((id) => id.startsWith('indicator'));
        expect(ids.toSorted()).toEqual([String(own[i]?.['id']), String(shared['id'])].toSorted());
      }
      // "Why did Vanuatu not get this?", asked and answered like a person would.
      const why = await talanoa(['delivery', 'why', String(own[0]?.['id']), 'vu', ...data], environment);
      expect(why.stdout).toContain('No: vu has not received it.');
      expect(why.stdout).toContain('which vu does not claim; au (198.51.100.0/28) does [not-affected]');
      const log = await talanoa(['delivery', 'log', String(shared['id']), ...data], environment);
      expect(log.stdout.split('\n').filter((line) => line.includes('delivered'))).toHaveLength(14);
    }, 120_000);

    test('objects that affect a member are pushed to its own server, and their revocations follow', async () => {
      const first = indicator(`198.51.100.${11 * 16 + 9}`, 'amber');
      await publish('reports', first);
      await publish('reports', { ...first, modified: '2026-02-02T00:00:00.000Z', revoked: true });
      const url = `http://127.0.0.1:${new URL((await api('GET', '/channels/push-to'))['url'] as string).port}/api/collections/${THEIRS}/objects/?match[id]=${String(first['id'])}&match[version]=all`; // prettier-ignore
      const there = async (): Promise<Json[]> => {
        const response = await fetch(url, {
          headers: {
            Accept: 'application/taxii+json;version=2.1',
            Authorization: `Basic ${Buffer.from('hub:a password of the hub').toString('base64')}`,
          },
        });
        return ((await response.json()) as { objects?: Json[] }).objects ?? [];
      };
      await until('both versions are there', async () => (await there()).length === 2);
      expect((await there()).filter(({ revoked }) => revoked === true)).toHaveLength(1);
      expect(await api('GET', '/channels/push-to')).toMatchObject({ dead_letters: [], member: 'to' });
    }, 120_000);

    if (exim === undefined && !hasExim) test.skip('skipped: no exim4', () => undefined);
    else
      test('email through Exim arrives unchanged, and an unknown mailbox and a full one are distinguished', async () => {
        for (const box of ['soc', 'dead', 'full'])
          expect(
            (await talanoa(['channel', 'create', `mail-${box}`, '--member', 'fj', '--kind', 'mail', '--url', `mailto:${box}@cert.example`, '--every', 'now', ...data], environment)).code,
          ).toBe(0); // prettier-ignore
        const amber = indicator(`198.51.100.${2 * 16 + 3}`, 'amber');
        const green = indicator(`198.51.100.${2 * 16 + 4}`, 'green', { labels: ['severity:critical'] });
        await publish('reports', amber, green);
        await until('the mail is there', () => Promise.resolve(/198\[\.\]51\[\.\]100\[\.\]36/.test(exim?.mails().replaceAll(/=\n/g, '') ?? ''))); // prettier-ignore
        const text = exim?.mails().replaceAll(/=\n/g, '') ?? '';
        expect(text).not.toContain('100[.]35');
        expect(text).not.toContain(String(amber['id']));
        const state = async (box: string): Promise<Json> => api('GET', `/channels/mail-${box}`);
        await until('the dead one is closed', async () => (await state('dead'))['state'] === 'closed');
        expect((await state('dead'))['last_error']).toMatch(/550 no such user here.*resume mail-dead/);
        await until('the full one fails', async () => (await state('full'))['state'] === 'failing');
        expect((await state('full'))['last_error']).toMatch(/451 mailbox full/);
        expect(exim?.mails()).not.toMatch(/(?:dead|full)@cert/);
      }, 120_000);
  });
}
