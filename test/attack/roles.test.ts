import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Principal, Role } from '../../src/access/principal.ts';
import { can, isHubAction } from '../../src/access/rights.ts';
import { OPERATIONS, documented, filled, permissionsIn } from './operations.ts';
import { attackedHub, told, type Member, type Site } from './site.ts';
import { THINGS, unknown } from './things.ts';

/** An administrator, an analyst and a service account of the hub; an officer and a service account of Tonga. */
const CALLERS = ['chief', 'watch', 'probe', 'moana', 'sensor'] as const;
/** These roles must get the same answer for a foreign resource as for one that does not exist. */
const STRANGERS = new Set<string>(['probe', 'moana', 'sensor']);

/**
 * The answers to each caller: for a resource of Tonga, then for a resource of Fiji, or once when the
 * operation names no resource.
 */
const EXPECTED: Readonly<Record<string, string>> = {
  whoAmI: '200 200 200 200 200',
  getStatus: '200 200 403 403 403',
  getDiagnosis: '200 403 403 403 403',
  getSettings: '200 403 403 403 403',
  listReaders: '200 200 200 200 200',
  listValueViews: '200 200 403 403 403',
  rebuildValues: '200 403 403 403 403',
  listFindings: '200 200 403 403 403',
  listRefusals: '200 200 200 200 200',
  whyDelivered: '200 200 403 403 403 | 200 200 403 403 403',
  listAudit: '200 200 200 200 200',
  verifyAudit: '200 403 403 403 403',
  listAccounts: '200 200 200 200 200',
  createAccount: '201 403 403 201 403 | 201 403 403 403 403',
  listNotifications: '200 200 200 200 200',
  getAccount: '200 404 404 200 404 | 200 404 404 404 404',
  changeAccount: '200 404 404 200 404 | 200 404 404 404 404',
  removeAccount: '204 404 404 204 404 | 204 404 404 404 404',
  inviteAccount: '201 404 404 201 404 | 201 404 404 404 404',
  listSessions: '200 200 200 200 200',
  signIn: '401 401 401 401 401',
  confirmSession: '401 401 401 401 401',
  giveSecondFactor: '401 401 401 401 401',
  getSecondFactor: '401 401 401 401 401',
  offerAuthenticator: '401 401 401 401 401',
  verifyAuthenticator: '401 401 401 401 401',
  askPasskey: '401 401 401 401 401',
  offerPasskey: '401 401 401 401 401',
  addPasskey: '401 401 401 401 401',
  removePasskey: '401 401 401 401 401',
  removeAuthenticator: '401 401 401 401 401',
  renewRecoveryCodes: '401 401 401 401 401',
  resetSecondFactor: '404 404 404 403 404 | 404 404 404 404 404',
  listSignIns: '200 404 404 200 404 | 200 404 404 404 404',
  proposeEmail: '401 401 401 401 401',
  verifyEmail: '401 401 401 401 401',
  requestPasswordReset: '204 204 204 204 204',
  completePasswordReset: '404 404 404 404 404',
  registerCertificate: '422 403 403 422 403 | 422 403 403 403 403',
  linkAccount: '404 404 404 404 404 | 404 404 404 404 404',
  unlinkAccount: '409 404 404 409 404 | 409 404 404 404 404',
  endSession: '204 404 404 204 404 | 204 404 404 404 404',
  listKeys: '200 200 200 200 200',
  listUnusedKeys: '200 200 200 200 200',
  createKey: '201 403 403 201 403 | 201 403 403 403 403',
  rotateKey: '201 404 404 201 404 | 201 404 404 404 404',
  revokeKey: '204 404 404 204 404 | 204 404 404 404 404',
  listMembers: '200 200 200 200 200',
  createMember: '201 403 403 403 403',
  getMember: '200 200 404 200 200 | 200 200 404 404 404',
  changeMember: '409 403 403 403 403 | 409 403 403 403 403',
  listClaims: '200 200 200 200 200',
  createClaim: '201 403 404 201 403 | 201 403 404 404 404',
  decideClaim: '200 403 403 403 403 | 200 403 403 403 403',
  register: '201 201 201 201 201',
  requestChange: '201 403 404 201 403 | 201 403 404 404 404',
  listRequests: '200 200 200 200 200',
  decideRequest: '200 403 403 403 403 | 200 403 403 403 403',
  importDelegations: '422 403 403 403 403',
  listGroups: '200 200 200 200 200',
  createGroup: '201 403 403 403 403',
  getGroup: '200 200 404 200 200 | 200 200 404 404 404',
  joinGroup: '200 403 403 403 403 | 200 403 403 403 403',
  leaveGroup: '404 403 403 403 403 | 404 403 403 403 403',
  listCollections: '200 200 403 403 403',
  addCollection: '201 403 403 403 403',
  grant: '200 403 403 403 403',
  revokeGrant: '404 403 403 403 403',
  searchObjects: '200 200 200 200 200',
  findObject: '200 200 404 200 200 | 200 200 404 404 404',
  publishObjects: '200 200 404 404 404',
  previewRecipients: '200 200 404 404 404',
  publishIndicators: '200 200 404 404 404',
  previewIndicatorRecipients: '200 200 404 404 404',
  revokeObject: '403 403 404 200 200 | 403 403 404 404 404',
  reviseObject: '403 403 404 200 200 | 403 403 404 404 404',
  listHeld: '200 200 200 200 200',
  getHeld: '200 200 404 404 200 | 200 200 404 404 404',
  releaseHeld: '200 200 404 404 403 | 200 200 404 404 404',
  giveHeld: '201 201 404 404 403 | 201 201 404 404 404',
  discardHeld: '204 204 404 404 403 | 204 204 404 404 404',
  listRed: '200 200 200 200 200',
  giveRed: '201 201 201 201 201',
  readRed: '404 403 404 403 404 | 404 403 404 404 404',
  withdrawRed: '204 403 404 204 404 | 204 403 404 404 404',
  shareObject: '201 201 404 201 201 | 201 201 404 404 404',
  listShares: '200 200 200 200 200',
  answerShare: '422 403 404 200 404 | 422 403 404 404 404',
  listRules: '200 200 403 403 403',
  createRule: '201 403 403 403 403',
  removeRule: '404 403 403 403 403',
  listChannels: '200 200 200 200 200',
  createChannel: '201 403 403 403 403',
  getChannel: '200 200 404 200 200 | 200 200 404 404 404',
  removeChannel: '204 403 403 403 403 | 204 403 403 403 403',
  pauseChannel: '200 403 403 403 403 | 200 403 403 403 403',
  resumeChannel: '200 403 403 403 403 | 200 403 403 403 403',
  replayChannel: '200 403 403 403 403 | 200 403 403 403 403',
  settleDeadLetters: '404 403 403 403 403 | 404 403 403 403 403',
  getDeliveries: '200 200 404 200 200 | 200 200 404 404 404',
  demandAnswers: '200 200 404 200 200 | 200 200 404 404 404',
  answerObject: '403 403 404 204 204 | 403 403 404 404 404',
  listTriage: '200 200 403 403 403',
  assignTriage: '404 404 403 403 403',
  dismissTriage: '404 404 403 403 403',
  listFeeds: '200 200 403 403 403',
  addFeed: '201 403 403 403 403',
  listPresets: '200 200 403 403 403',
  compareFeeds: '200 200 403 403 403',
  previewNewFeed: '409 403 403 403 403',
  getFeed: '200 200 403 403 403',
  changeFeed: '409 403 403 403 403',
  removeFeed: '404 403 403 403 403',
  pauseFeed: '200 200 403 403 403',
  resumeFeed: '200 200 403 403 403',
  listRuns: '200 200 403 403 403',
  runFeed: '404 404 403 403 403',
  uploadContent: '404 404 403 403 403',
  previewFeed: '409 409 403 403 403',
  listQuarantine: '200 200 403 403 403',
  retryQuarantine: '200 200 403 403 403',
  listSecrets: '200 403 403 403 403',
  setSecret: '204 403 403 403 403',
  removeSecret: '404 403 403 403 403',
};

/** The operations that need no credentials, with the answer to this request. */
const OPEN: Readonly<Record<string, number>> = {
  register: 201,
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
  expect(Object.keys(EXPECTED).toSorted()).toEqual(Object.keys(OPERATIONS).toSorted());
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

test('the expected answers agree with the permissions that the operations declare', async () => {
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
      const answers = (EXPECTED[name] ?? '').split(' | ').map((part) => part.split(' ')[i]);
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
  test('every operation on own and foreign resources has the expected answer', async () => {
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
    const expected = Object.entries(EXPECTED).map(([name, text]) => [
      name,
      text.split(' | ').map((part) => part.split(' ')[i] ?? '').join(' | '),
    ]); // prettier-ignore
    expect(found).toEqual(Object.fromEntries(expected));
    // A resource of somebody else and a missing resource must have the same answer, byte for byte.
    expect(differences).toEqual([]);
  }, 120_000);
});
