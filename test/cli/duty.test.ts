import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { run } from '../../src/cli/program.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { hubCommands, type HubCommands } from '../support/hub-commands.ts';
import { HIDDEN, MAIN, WRITE_ONLY, keyOf, objectsOf } from '../support/hub.ts';
import { testIo } from '../support/io.ts';

/* The commands of a person on duty: objects on hold, deliveries, sessions, and the health of the hub. */

let hub: HubCommands;
let id = '';
beforeAll(async () => {
  hub = await hubCommands();
  const object = anIndicator({ pattern: "[ipv4-addr:value = '45.9.20.1']", name: 'relay' });
  id = String(object['id']);
  expect((await hub.t.as('writer').post(objectsOf(MAIN), { objects: [object] })).body).toMatchObject({ success_count: 1 });
}, 60_000); // prettier-ignore
afterAll(() => hub.stop());

describe('objects on hold', () => {
  /** Submits an object whose marking the hub does not know, so it is put on hold. */
  const hold = async (): Promise<string> => {
    const object: Json = anIndicator({
      pattern: "[ipv4-addr:value = '45.9.20.9']",
      object_marking_refs: [`marking-definition--${randomUUID()}`],
    });
    await hub.t.as('writer').post(objectsOf(MAIN), { objects: [object] });
    const found = (await hub.items('analyst', 'held', 'list')).find((one) => one['object'] === object['id']);
    return String(found?.['id']);
  };

  test('are listed and shown with their reason, their content and the next step', async () => {
    expect(await hub.done('analyst', 'held', 'list')).toBe('No objects are on hold.\n');
    const held = await hold();
    const listed = await hub.done('analyst', 'held', 'list');
    expect(listed).toMatch(/writer +indicators +indicator--\S+ +marking-unknown: /);
    expect(listed).toContain('1 on hold. To see the possible actions, run: talanoa held show ID\n');
    const shown = await hub.done('analyst', 'held', 'show', held);
    expect(shown).toMatch(/Sent by +writer\nInto +indicators\n/);
    expect(shown).toMatch(/What to do +\S/);
    expect(shown).toContain("[ipv4-addr:value = '45.9.20.9']");
    expect(await hub.json('analyst', 'held', 'show', held)).toMatchObject({
      id: held,
      reason: 'marking-unknown',
      content: { type: 'indicator' },
    });
    expect(await hub.refused('desk', 'held', 'show', held)).toMatch(/^[45] TLN-/);
  });

  test('stay on hold when they are released before their reason has gone, with exit code 8', async () => {
    const held = await hold();
    const { code, out } = await hub.as('analyst', 'held', 'release', held);
    expect([code, out]).toEqual([8, expect.stringMatching(new RegExp(`^${held}: held: marking-unknown`))]);
    expect((await hub.items('analyst', 'held', 'list')).map((one) => one['id'])).toContain(held);
  });

  test('are discarded with a reason', async () => {
    const held = await hold();
    expect(await hub.as('analyst', 'held', 'discard', held, '--reason', 'A test')).toMatchObject({
      code: 0,
      err: `${held} discarded.\n`,
    });
    expect(await hub.refused('analyst', 'held', 'show', held)).toMatch(/^4 TLN-/);
    expect(await hub.refused('analyst', 'held', 'discard', held, '--reason', 'Again')).toMatch(/^4 TLN-/);
  });
});

describe('deliveries', () => {
  test('show what each reader has not received, and which requests were refused', async () => {
    expect(await hub.done('chief', 'delivery', 'lag')).toContain('No requests were refused in the last 30 days.');
    await hub.t.as('reader').get(objectsOf(MAIN));
    await hub.t.as('nobody').get(objectsOf(MAIN));
    const shown = await hub.done('chief', 'delivery', 'lag');
    expect(shown).toMatch(/reader +- +indicators +objects +current +2026-11-29 \S+ UTC +2026-11-29 \S+ UTC +0\b/);
    expect(shown).toMatch(/nobody +\S+ +1 +2026-11-29 \S+ UTC +TLN-/);
    const { readers, refusals } = await hub.json('chief', 'delivery', 'lag', '--account', 'reader');
    expect([(readers as Json[]).every((one) => one['account'] === 'reader'), refusals]).toEqual([true, []]);
    expect(await hub.refused('chief', 'delivery', 'lag', '--account', 'stranger')).toMatch(/^4 TLN-C-/);
  }); // prettier-ignore

  test('are followed for each member, from a request for acknowledgement to the answer', async () => {
    const until = new Date(hub.clock.now() + 3 * 86_400_000).toISOString();
    expect(await hub.done('analyst', 'delivery', 'ask', id, '--until', until)).toMatch(/tonga +available [\s\S]*2026-12-02/);
    expect(await hub.done('tele', 'delivery', 'answer', id, 'not-ours', '--note', 'Try Fiji')).toEqual(expect.any(String));
    expect(await hub.done('analyst', 'delivery', 'log', id)).toMatch(/tonga +not-ours .*Try Fiji/);
    expect(await hub.items('analyst', 'delivery', 'log', id)).toEqual(
      expect.arrayContaining([expect.objectContaining({ member: 'tonga', note: 'Try Fiji' })]),
    );
    expect(await hub.refused('desk', 'delivery', 'log', id)).toMatch(/^4 TLN-/);
  }); // prettier-ignore

  test('are explained to a member, and need the name of one for hub staff', async () => {
    expect(await hub.done('tele', 'delivery', 'why', id)).toMatch(/^(?:Yes|It is available)/);
    expect(await hub.done('analyst', 'delivery', 'why', id, 'fiji')).toMatch(/^No: fiji has not received it\.\n- .*\[no-grant\]\n/);
    expect(await hub.json('analyst', 'delivery', 'why', id, 'fiji')).toMatchObject({ answer: 'no' });
    expect(await hub.refused('analyst', 'delivery', 'why', id)).toMatch(/TLN-C-079$/);
  }); // prettier-ignore
});

describe('a member', () => {
  test('is shown to its officer with the name of its collection, and without a refused request in the audit log', async () => {
    expect(await hub.done('tele', 'member', 'show', 'tonga')).toMatch(/Collection +member-tonga\n/);
    const audit = await hub.t.api('boss', 'GET', '/audit?who=tele');
    expect(JSON.stringify(audit.body)).not.toContain('"refused"');
  });
});

describe('sessions', () => {
  test('are listed for an account, and an unknown account is an error', async () => {
    expect(await hub.done('chief', 'session', 'list')).toBe('No sessions.\n');
    expect(await hub.items('chief', 'session', 'list', '--account', 'tele')).toEqual([]);
    expect(await hub.refused('chief', 'session', 'list', '--account', 'stranger')).toMatch(/^4 TLN-/);
    expect(await hub.refused('chief', 'session', 'end', 'stranger')).toMatch(/^4 TLN-/);
  });
});

describe('the health of the hub', () => {
  test('is shown by status, with the collections in the order of their names', async () => {
    await hub.done('chief', 'collection', 'create', 'A late one', '--alias', 'harbour');
    const { collections } = (await hub.json('chief', 'status')) as { collections?: { name: string }[] };
    const names = collections?.map(({ name }) => name) ?? [];
    // A collection without an alias has its id as its name.
    expect(names).toEqual([
      HIDDEN,
      WRITE_ONLY,
      'harbour',
      'indicators',
      'member-fiji',
      'member-tonga',
      'open',
    ]);
    const words = (await hub.done('chief', 'status')).split(/\s+/);
    expect(words.filter((word) => names.includes(word))).toEqual(names);
  });

  test('is checked by doctor, which names each check and ends with a verdict', async () => {
    const { code, out } = await hub.as('chief', 'doctor');
    const checks = (await hub.as('chief', 'doctor', '--json')).out;
    const { items } = JSON.parse(checks) as { items: { check: string; status: string; hint?: string }[] };
    for (const { check, hint } of items)
      expect(out).toContain(hint === undefined ? check : `${check}: ${hint}`);
    const failed = items.filter(({ status }) => status === 'failed').length;
    expect(code).toBe(failed === 0 ? 0 : 1);
    expect(out).toMatch(/\n(?:All checks passed\.|\d+ failed, \d+ with warnings\.)\n$/);
    expect(await hub.refused('analyst', 'doctor')).toMatch(/^5 TLN-/);
  });

  const health = async (port: string, ...flags: readonly string[]) => {
    const { io, out } = testIo({
      environment: { TALANOA_DATA: hub.path, TALANOA_PORT: port, TALANOA_KEY: keyOf('chief') },
    });
    return [await run(['health', ...flags], io), out()] as const;
  };

  test('is asked at the port of the settings, and ends with 1 when nothing answers there', async () => {
    const { port } = new URL(hub.base);
    expect(await health(port)).toEqual([0, `The hub answers at ${hub.base}/healthz.\n`]);
    expect(await health(port, '--quiet')).toEqual([0, '']);
    expect(JSON.parse((await health(port, '--json'))[1])).toEqual({ url: `${hub.base}/healthz`, healthy: true, found: 200 });
    const [code, out] = await health('1', '--quiet');
    expect([code, out]).toEqual([1, 'The hub does not answer at http://127.0.0.1:1/healthz: ECONNREFUSED\n']);
    // A hub that was started with other flags is asked with the same ones.
    expect(await health('1', '--port', port, '--host', '127.0.0.1')).toEqual([0, `The hub answers at ${hub.base}/healthz.\n`]);
    expect((await health(port, '--host', '::1'))[1]).toContain(`http://[::1]:${port}/healthz`);
  }); // prettier-ignore
});
