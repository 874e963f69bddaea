import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config/load.ts';
import { declareSettings } from '../../src/config/reconcile.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { createLog } from '../../src/kernel/log.ts';
import type { Json } from '../support/builders.ts';
import { SETTINGS, keyOf, testHub, type TestHub } from '../support/hub.ts';

const SAMOA = '  - { name: samoa, networks: [203.0.113.0/24] }\n';
const WITH_SAMOA = SETTINGS.replace('accounts:\n', `${SAMOA}accounts:\n`);

let t: TestHub;
let folder: string;
let logged: string[];
const chief = (method: string, path: string, body?: Json) => t.api('chief', method, path, body);

/** Applies another settings file to the store, as a restart does. */
async function restartWith(settings: string): Promise<void> {
  const file = join(folder, 'talanoa.yaml');
  writeFileSync(file, settings);
  const keys = [...settings.matchAll(/key_env: (KEY_([A-Z]+))/g)].map(
    ([, variable = '', name = '']) => [variable, keyOf(name.toLowerCase())] as const,
  );
  logged = [];
  const log = createLog('debug', { write: (line) => logged.push(line) });
  const config = loadConfig({ config: file, data: join(t.folder, 'data') }, Object.fromEntries(keys));
  await declareSettings(config, t.hub.store, systemClock, systemIds, log);
  await t.hub.directory.refresh();
}
async function lastReconciliation(): Promise<Json> {
  await t.hub.store.numberFacts();
  const entries = await t.hub.store.audit(0, 10_000);
  return entries.findLast(({ fact }) => fact.action === 'settings.reconcile')?.fact.details as Json;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'talanoa-reuse-'));
  t = await testHub(WITH_SAMOA);
  const claim = await chief('POST', '/members/samoa/claims', { type: 'domain', value: 'gov.ws' });
  expect(claim.body).toMatchObject({ state: 'verified' });
  await restartWith(SETTINGS);
});
afterAll(async () => {
  await t.hub.stop();
  rmSync(t.folder, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

test('nobody can create a member with the name of a member that the settings file removed', async () => {
  expect(await chief('POST', '/members', { name: 'samoa' })).toMatchObject({
    status: 409,
    body: { code: 'TLN-M-410', title: 'The name "samoa" belonged to an earlier member' },
  });
  expect((await chief('GET', '/members/samoa')).status).toBe(404);
  // A name that was never used is free.
  expect((await chief('POST', '/members', { name: 'niue' })).status).toBe(201);
});

test('a registration under such a name cannot be approved and stays open', async () => {
  const registration = { name: 'samoa', title: 'Another Samoa', contact: 'evil@example.org' };
  const asked = await t.api(undefined, 'POST', '/registrations', registration);
  const id = String(asked.body['id']);
  const decided = await chief('POST', `/requests/${id}/decision`, { verdict: 'approved' });
  expect(decided).toMatchObject({ status: 409, body: { code: 'TLN-M-410' } });
  expect((await t.hub.store.record('member-request', id))?.document).toMatchObject({ state: 'pending' });
  expect((await chief('GET', '/accounts/samoa-officer')).status).toBe(404);
});

test('the settings file can declare the same member again, and the log and the audit log record it', async () => {
  await restartWith(WITH_SAMOA);
  expect((await t.hub.directory.current()).members.get('samoa')).toMatchObject({ domains: ['gov.ws'] });
  expect(logged.filter((line) => line.includes('member.declared_again'))).toHaveLength(1);
  expect(await lastReconciliation()).toMatchObject({ returned: ['samoa'] });
  // A member that stays is not reported.
  await restartWith(WITH_SAMOA.replace('[203.0.113.0/24]', '[203.0.113.0/25]'));
  expect(logged.join('')).not.toContain('member.declared_again');
  expect(await lastReconciliation()).not.toHaveProperty('returned');
});

test('a registration does not fail when an account of another member has the expected name', async () => {
  const name = 'palau-officer';
  expect((await t.api('desk', 'POST', '/accounts', { name, role: 'machine', member: 'fiji' })).status).toBe(
    422,
  );
  expect((await chief('POST', '/accounts', { name, role: 'machine', member: 'fiji' })).status).toBe(201);
  const registration = { name: 'palau', title: 'Palau CERT', contact: 'ana@palau.example' };
  const asked = await t.api(undefined, 'POST', '/registrations', registration);
  const decided = await chief('POST', `/requests/${String(asked.body['id'])}/decision`, { verdict: 'approved' }); // prettier-ignore
  expect(decided).toMatchObject({ status: 200, body: { state: 'approved' } });
  expect((await chief('GET', '/accounts/palau-officer-2')).body).toMatchObject({ role: 'officer', member: 'palau' }); // prettier-ignore
  expect((await chief('GET', '/accounts/palau-officer')).body).toMatchObject({ role: 'machine', member: 'fiji' }); // prettier-ignore
});
