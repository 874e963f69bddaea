import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Principal, Role } from '../../src/access/principal.ts';
import { can, isHubAction } from '../../src/access/rights.ts';
import { OPERATIONS, documented, filled, permissionsIn } from './operations.ts';
import { attackedHub, told, type Member, type Site } from './site.ts';
import { THINGS, unknown } from './things.ts';

/** An administrator, an analyst and a service account of the hub; an officer and a service account of Tonga. */
const CALLERS = ['chief', 'watch', 'probe', 'moana', 'sensor'] as const;
/** These roles must get the same response for a foreign resource as for one that does not exist. */
const STRANGERS = new Set<string>(['probe', 'moana', 'sensor']);

/** The operations that need no credentials, with the response to this request. */
const OPEN: Readonly<Record<string, number>> = {
  registerMember: 201,
  requestPasswordReset: 204,
  completePasswordReset: 404,
};

let s: Site;
beforeAll(async () => {
  s = await attackedHub();
}, 60_000);
afterAll(async () => {
  await s.stop();
});

test('the table contains every operation of the document, and nothing else', async () => {
  const { body } = await s.ask(undefined, 'GET', '/api/openapi.json');
  expect(Object.keys(OPERATIONS).toSorted()).toEqual(documented(body).toSorted());
});

const principal = (role: Role, member?: string): Principal => ({
  kind: 'account',
  account: 'a',
  name: 'a',
  role,
  member,
  person: role !== 'machine',
  groups: [],
});
/** The callers as `can` sees them. */
const PRINCIPALS: Readonly<Record<(typeof CALLERS)[number], Principal>> = {
  chief: principal('administrator'),
  watch: principal('analyst'),
  probe: principal('machine'),
  moana: principal('officer', 'tonga'),
  sensor: principal('machine', 'tonga'),
};

test('the expected responses agree with the permissions that the operations declare', async () => {
  const { body } = await s.ask(undefined, 'GET', '/api/openapi.json');
  const declared = permissionsIn(body);
  const open = Object.keys(declared).filter((name) => declared[name]?.permission === 'public');
  expect(open.toSorted()).toEqual([...Object.keys(OPEN), 'signIn'].toSorted());
  let refusals = 0;
  for (const [name, { permission, summary }] of Object.entries(declared)) {
    if (!isHubAction(permission)) continue;
    for (const [i, caller] of CALLERS.entries()) {
      if (can(PRINCIPALS[caller], permission, { kind: 'hub' })) continue;
      refusals += 1;
      const answers = (OPERATIONS[name]?.answers ?? '').split(' | ').map((part) => part.split(' ')[i]);
      expect([name, caller, ...new Set(answers)]).toEqual([name, caller, '403']);
    }
    // The router refuses in the words of the operation, before its service is asked.
    const attack = OPERATIONS[name];
    if (attack === undefined) throw new Error(`${name} is not in the table`);
    const id = attack.thing === undefined ? '' : await THINGS[attack.thing](s, 'tonga');
    const { path, body: request } = filled(attack, 'tonga', id, `never-${name.toLowerCase()}`);
    const answer = await s.api('moana', attack.method, path, request);
    const words = `${summary.charAt(0).toLowerCase()}${summary.slice(1)}`.split(/[;:,]/u)[0];
    expect([name, answer.status, answer.body['title']]).toEqual([name, 403, `You don't have permission to ${words}`]);
    const isForAnalysts = can(PRINCIPALS.watch, permission, { kind: 'hub' });
    const roles = isForAnalysts ? 'analysts and administrators' : 'administrators';
    expect([name, answer.body['description'] ?? answer.body['detail']]).toEqual([name, `Only ${roles} of the hub can do this.`]);
  }
  expect(refusals).toBeGreaterThan(100);
}); // prettier-ignore

test.each(Object.entries(OPERATIONS))('%s is refused without credentials', async (name, attack) => {
  for (const id of ['tonga', '9f0725cb-4bc3-47c3-aba6-99cb97ba4f52']) {
    const { path, body } = filled(attack, 'tonga', id, `free-${name.toLowerCase()}`);
    const { status } = await s.api(undefined, attack.method, path, body);
    expect([name, status]).toEqual([name, OPEN[name] ?? 401]);
  }
});

describe.each(CALLERS)('as %s', (caller) => {
  test('every operation on own and foreign resources has the expected response', async () => {
    const found: Record<string, string> = {};
    const differences: string[] = [];
    for (const [name, attack] of Object.entries(OPERATIONS)) {
      const answers: number[] = [];
      for (const owner of (attack.thing === undefined ? ['fiji'] : ['tonga', 'fiji']) as Member[]) {
        const id = attack.thing === undefined ? '' : await THINGS[attack.thing](s, owner);
        const fresh = `fresh-${caller}-${owner}-${name.toLowerCase()}`;
        const { path, body } = filled(attack, owner, id, fresh);
        const answer = await s.api(caller, attack.method, path, body);
        answers.push(answer.status);
        if (attack.thing === undefined || owner === 'tonga' || !STRANGERS.has(caller) || answer.status < 400)
          continue;
        const other = unknown(attack.thing, id);
        const second = filled(attack, owner, other, fresh);
        const foreign = told(answer, id);
        const nothing = told(await s.api(caller, attack.method, second.path, second.body), other);
        if (foreign !== nothing) differences.push(`${name}:\n${foreign}\n${nothing}`);
      }
      found[name] = answers.join(' | ');
    }
    const i = CALLERS.indexOf(caller);
    const expected = Object.entries(OPERATIONS).map(([name, { answers }]) => [
      name,
      answers.split(' | ').map((part) => part.split(' ')[i] ?? '').join(' | '),
    ]); // prettier-ignore
    expect(found).toEqual(Object.fromEntries(expected));
    // A resource of somebody else and a missing resource must have the same response, byte for byte.
    expect(differences).toEqual([]);
  }, 120_000);
});
