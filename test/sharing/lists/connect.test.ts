import { afterAll, beforeAll, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { FORMATS, OBJECT_FORMATS } from '../../../src/sharing/lists/formats/index.ts';
import { MISP_FORMAT, readListQuery } from '../../../src/sharing/lists/list-query.ts';
import { LIST_TOOLS } from '../../../src/sharing/lists/tools.ts';
import { anIndicator, type Json } from '../../support/builders.ts';
import { MAIN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../../support/hub.ts';

let t: TestHub;
beforeAll(async () => {
  t = await testHub(SETTINGS);
  const of = (value: string): Json =>
    anIndicator({ pattern: `[ipv4-addr:value = '${value}']`, valid_until: '2099-01-01T00:00:00Z' });
  await t.as('writer').post(objectsOf(MAIN), { objects: [of('45.9.20.1'), of('45.9.20.2'), of('10.0.0.1')] });
});
afterAll(async () => {
  await t.stop();
});

const ask = async (who: string, tool: string, more = ''): Promise<Json> => {
  const { status, body } = await t.api(who, 'GET', `/list-tools/${tool}?collection=indicators${more}`);
  return { status, ...body };
};

test.each(LIST_TOOLS.filter(({ pushed }) => pushed === undefined).map((tool) => [tool.name, tool] as const))('%s gets an address that works, and all placeholders', async (name, tool) => {
  const found = await ask('reader', name);
  expect(found).toMatchObject({ status: 200, tool: name, format: tool.format });
  const { pathname, search } = new URL(String(found['url']));
  // MISP adds the names of files to the address.
  const { status } = await supertest(t.hub.app).get(`${pathname}${tool.format === MISP_FORMAT ? '/manifest.json' : ''}${search}`).auth('reader', keyOf('reader'));
  expect(status).toBe(200);
  const format = [...FORMATS, ...OBJECT_FORMATS].find((one) => one.name === tool.format);
  if (tool.format !== MISP_FORMAT && format === undefined) throw new Error(tool.format);
  if (format !== undefined) readListQuery(Object.fromEntries(new URLSearchParams(tool.filters ?? '')), format);
  const values = (found['fields'] as Json[]).map(({ value }) => value);
  const text = JSON.stringify([values, found['script'] ?? '']);
  expect(text).not.toMatch(/(?<![A-Z])URL(?! List| Table|s)/);
  // The settings for a list that needs a key show where the key goes, or that the tool cannot use a key.
  expect(/ACCOUNT|Bearer KEY|collection that the public may read/.test(text + JSON.stringify(found['limits']))).toBe(true);
  const { key_command: command } = await ask('analyst', name);
  expect(command).toBe(`talanoa key create --account analyst --scopes lists:read --only indicators --label ${name}`);
}); // prettier-ignore

test('the advice shows how many values the tool would get and lose, and who fetches the list', async () => {
  const before = await ask('desk', 'paloalto');
  expect(before).toMatchObject({ status: 404 });
  await supertest(t.hub.app).get('/lists/indicators/edl-ip').auth('sensor', keyOf('sensor')).set('User-Agent', 'PAN-OS/11');
  await supertest(t.hub.app).get('/lists/indicators/edl-ip').auth('reader', keyOf('reader'));
  const whole = await ask('analyst', 'paloalto');
  expect(whole).toMatchObject({ entries: 2, omitted: [{ reason: 'special-range', count: 1 }] });
  expect((whole['pulls'] as Json[]).map(({ account }) => String(account)).toSorted()).toEqual(['reader', 'sensor']);
  expect(whole['pulls']).toContainEqual(expect.objectContaining({ account: 'sensor', agent: 'PAN-OS/11' }));
  const ofTonga = await ask('analyst', 'paloalto', '&member=tonga');
  expect(ofTonga['pulls']).toMatchObject([{ account: 'sensor' }]);
  // A service account sees only itself, and no other format counts.
  expect((await ask('sensor', 'paloalto'))['pulls']).toMatchObject([{ account: 'sensor' }]);
  expect((await ask('sensor', 'zeek'))['pulls']).toEqual([]);
  // A preview of the numbers is not a fetch.
  expect((await ask('analyst', 'opnsense'))['pulls']).not.toContainEqual(expect.objectContaining({ account: 'analyst' }));
  expect(await ask('sensor', 'paloalto', '&member=fiji')).toMatchObject({ status: 404 });
  expect(await ask('reader', 'palo')).toMatchObject({ status: 404, code: 'TLN-X-405' });
}); // prettier-ignore

test('a script gives a tool a list only after all of it has arrived', () => {
  const scripts = LIST_TOOLS.flatMap(({ script = '' }) => (script.startsWith('curl') ? [script] : []));
  expect(scripts.length).toBeGreaterThan(4);
  for (const script of scripts) {
    const [download = '', ...rest] = script.split(' && ');
    // curl ends with an error for a status of 400 or above, and then nothing else runs.
    expect(download).toContain('--fail');
    expect([script, rest.length > 0]).toEqual([script, true]);
    const [, file = ''] = / --output (\S+)$/.exec(download) ?? [];
    expect(rest[0]).toContain(file);
  }
});

test.each(['sentinel', 'defender'])('%s gets the commands that create its channel, without a key', async (name) => {
  const found = await ask('analyst', name, '&member=tonga');
  expect(found).toMatchObject({ status: 200, pushed: true, pulls: [], key_note: expect.stringContaining('no key') as unknown });
  expect(found['key_command']).toBeUndefined();
  const [stored = '', created = ''] = String(found['script']).split(' && ');
  // A secret of another member, or for the other service, must not be replaced.
  expect(stored).toContain(`secret set tonga-${name} --host `);
  const flags = Object.fromEntries([...created.matchAll(/--([a-z-]+) "?([^\s"]+)/g)].map(([, flag, value]) => [flag, value]));
  expect(flags).toMatchObject({ member: 'tonga', kind: name, collection: 'indicators', url: found['url'], username: 'CLIENT', secret: `secret:tonga-${name}` });
  const [, channel = ''] = /channel create (\S+)/.exec(created) ?? [];
  const body = { name: channel, member: flags['member'], kind: flags['kind'], collection: flags['collection'], url: flags['url'], token_url: flags['token-url'], username: flags['username'], secret: flags['secret'] };
  const made = await t.api('chief', 'POST', '/channels', body);
  expect([made.status, made.body['title']]).toEqual([201, undefined]);
}); // prettier-ignore
