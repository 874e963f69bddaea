import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
beforeEach(async () => {
  t = await testHub(`${SETTINGS}
  - { name: moana, role: officer, person: true, member: tonga, key_env: KEY_MOANA, password_env: PASSWORD_MOANA }
`);
});
afterEach(async () => {
  await t.stop();
});

const CANARY = 'canary-of-red-7c1f.example';
const red = (value = CANARY): Json =>
  anIndicator({ pattern: `[domain-name:value = '${value}']`, object_marking_refs: [tlpMarkingId('red')] });

/** Returns the files of the store that contain the bytes of a text. */
function filesWith(needle: string): string[] {
  return ['hub.db', 'hub.db-wal', 'hub.db-shm'].filter((name) => {
    const file = join(t.folder, 'data', name);
    return existsSync(file) && readFileSync(file).includes(needle);
  });
}

async function held(): Promise<{ id: string; object: string }[]> {
  return (await t.api('analyst', 'GET', '/held')).body['items'] as { id: string; object: string }[];
}

const stored = async (id: string): Promise<string> => (await t.hub.store.heldObject(id))?.text ?? '';

test('TLP:RED on hold is sealed in the files of the store, and each reading of it is in the audit log', async () => {
  const object = red();
  await t.as('sensor').post(objectsOf(MAIN), { objects: [object] });
  // The same object is on hold only once.
  await t.as('sensor').post(objectsOf(MAIN), { objects: [object] });
  const [item, ...others] = await held();
  expect([item?.object, others]).toEqual([object['id'], []]);
  const path = `/held/${item?.id ?? ''}`;
  expect([filesWith(String(object['id'])).length > 0, filesWith(CANARY)]).toEqual([true, []]);
  for (const who of ['analyst', 'analyst'])
    expect(((await t.api(who, 'GET', path)).body['content'] as Json)['pattern']).toBe(object['pattern']);
  // It stays on hold when it is checked again.
  expect((await t.api('analyst', 'POST', `${path}/release`)).body).toMatchObject({ outcome: 'held' });
  expect(await held()).toHaveLength(1);
  const facts = (await t.hub.store.audit(0, 1_000)).map(({ fact }) => fact);
  expect(facts.filter(({ action }) => action === 'held.read')).toMatchObject([
    { actor: 'analyst', resource: path.slice(1) },
    { actor: 'analyst', resource: path.slice(1) },
  ]);
  expect(JSON.stringify(facts) + t.logged.join('')).not.toContain(CANARY);
  expect(filesWith(CANARY)).toEqual([]);
});

test('TLP:RED that was given, discarded or withdrawn does not stay in the files, not even sealed', async () => {
  // The text is long enough to fill separate pages, which a database normally leaves unchanged when it frees
  // them.
  const long = (name: string): string => `${`${name}.`.repeat(900)}${CANARY}`;
  await t.as('sensor').post(objectsOf(MAIN), { objects: [red(long('given')), red(long('discarded'))] });
  const [first, second] = await held();
  const texts = [await stored(first?.id ?? ''), await stored(second?.id ?? '')].map((text) =>
    text.slice(-60),
  );
  for (const text of texts) expect([text.length, filesWith(text).length > 0]).toEqual([60, true]);
  const given = await t.api('analyst', 'POST', `/held/${first?.id ?? ''}/gift`, { to: ['moana'] });
  expect(given.status).toBe(201);
  expect((await t.api('analyst', 'POST', `/held/${second?.id ?? ''}/discard`, { reason: 'done' })).status).toBe(204); // prettier-ignore
  for (const text of [...texts, CANARY]) expect(filesWith(text)).toEqual([]);
  const id = String(given.body['id']);
  const sealed = String((await t.hub.store.record('red', id))?.document['sealed']).slice(-60);
  expect(filesWith(sealed)).not.toEqual([]);
  expect((await t.api('analyst', 'DELETE', `/red/${id}`)).status).toBe(204);
  expect(filesWith(sealed)).toEqual([]);
});

test('TLP:RED that an earlier version stored in clear is sealed at the next round of housekeeping', async () => {
  const object = red();
  await t.hub.store.commit({
    held: [
      {
        id: '6a0f5f5a-1c11-5f0e-9d0a-6f3c0c0e3a52', collection: MAIN, text: JSON.stringify(object), objectId: String(object['id']),
        version: String(object['modified']), reason: 'tlp-red', message: 'TLP:RED', waitsFor: [], submitter: 'sensor', owner: 'hub', at: 1,
      },
    ],
  }); // prettier-ignore
  expect(filesWith(CANARY)).not.toEqual([]);
  await t.hub.intake.recover();
  expect(filesWith(CANARY)).toEqual([]);
  const [item, ...others] = await held();
  expect([item?.object, others]).toEqual([object['id'], []]);
  const { content } = (await t.api('analyst', 'GET', `/held/${item?.id ?? ''}`)).body;
  expect(content).toEqual(object);
});
