import { expect, test } from '@jest/globals';
import { anIndicator, type Json } from '../support/builders.ts';
import { SETTINGS, testHub } from '../support/hub.ts';
import type { Ports } from '../../src/server/hub.ts';

const RED = 'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed';
const WITH_SECOND = `${SETTINGS}  - { name: second, role: machine, member: tonga, key_env: KEY_SECOND }
  - { name: moana, role: officer, member: tonga, person: true, key_env: KEY_MOANA, password_env: PASSWORD_MOANA }
`;

/** Returns the responses to TLP:RED of 10,000 characters from each account, in this order. */
async function give(
  ports: Ports,
  givers: readonly string[],
): Promise<readonly (readonly [number, unknown])[]> {
  const t = await testHub(WITH_SECOND, ports);
  try {
    const answers: (readonly [number, unknown])[] = [];
    for (const who of givers) {
      const object: Json = {
        ...anIndicator({ object_marking_refs: [RED] }),
        description: 'x'.repeat(10_000),
      };
      const { status, body } = await t.api(who, 'POST', '/red', { object, to: ['moana'] });
      answers.push([status, body['title']]);
    }
    return answers;
  } finally {
    await t.stop();
  }
}

const DONE = [201, undefined];

test('the TLP:RED of all accounts of a member is limited in size, and others still give', async () => {
  expect(
    await give({ redBytes: { member: 35_000, hub: 1_000_000 } }, ['sensor', 'second', 'sensor', 'desk']),
  ).toEqual([DONE, DONE, [409, 'This member holds too much TLP:RED'], DONE]);
});

test('simultaneous gifts of a member cannot take the same room, and gifts before a change of member count', async () => {
  const t = await testHub(WITH_SECOND, { redBytes: { member: 35_000, hub: 1_000_000 } });
  const give = async (who: string): Promise<number> => {
    const object: Json = { ...anIndicator({ object_marking_refs: [RED] }), description: 'x'.repeat(10_000) };
    return (await t.api(who, 'POST', '/red', { object, to: ['moana'] })).status;
  };
  try {
    const all = await Promise.all(['sensor', 'second', 'sensor', 'second', 'sensor', 'second'].map(give));
    expect(all.toSorted((a, b) => a - b)).toEqual([201, 201, 409, 409, 409, 409]);
    // As an earlier version, or an earlier member of the account, left the records.
    const records = (await t.hub.store.records('red')).map(({ index: { member: _member, ...index }, ...record }) => ({
      ...record, expected: record.revision, index: { ...index, ...(record.id < 'redone' ? {} : { member: 'fiji' }) },
    })); // prettier-ignore
    await t.hub.store.commit({ records });
    await t.hub.housekeeping.tidy();
    expect(await give('sensor')).toBe(409);
    expect(await give('desk')).toBe(201);
  } finally {
    await t.stop();
  }
});

test('the TLP:RED of the whole hub is limited in size', async () => {
  expect(await give({ redBytes: { member: 1_000_000, hub: 35_000 } }, ['sensor', 'desk', 'chief'])).toEqual([
    DONE,
    DONE,
    [409, 'The hub holds too much TLP:RED'],
  ]);
});

test('the number of TLP:RED objects is limited for each member and in total', async () => {
  const [, , third, fourth] = await give({ bounds: { red: { member: 2 } } }, [
    'sensor',
    'second',
    'sensor',
    'desk',
  ]);
  expect([third?.[0], fourth?.[0]]).toEqual([409, 201]);
  const [, , last] = await give({ bounds: { red: { hub: 2 } } }, ['sensor', 'desk', 'chief']);
  expect(last?.[0]).toBe(409);
});
