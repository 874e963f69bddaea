import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { OPERATIONS } from '../attack/operations.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { HIDDEN, MAIN, OPEN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../support/hub.ts';

const DAY = 86_400_000;
const RED = anIndicator({ object_marking_refs: [tlpMarkingId('red')] });
const EXTRA = `
  - { name: boss, role: administrator, key_env: KEY_BOSS }
  - { name: watch, role: analyst, key_env: KEY_WATCH }
  - { name: moana, role: officer, member: tonga, key_env: KEY_MOANA }
feeds:
  - { name: list, preset: plain-list, url: "http://127.0.0.1:9/", collection: indicators, enabled: false }
`;

let t: TestHub;
let clock: TestClock;
beforeEach(async () => {
  clock = new TestClock();
  t = await testHub(SETTINGS + EXTRA, { clock });
});
afterEach(async () => {
  await t.stop();
});

const items = (body: Json): Json[] => body['items'] as Json[];
const names = (body: Json): unknown[] => items(body).map(({ name }) => name);
const make = (who: string, body: Json) => t.api(who, 'POST', '/accounts', body);
const newKey = async (who: string, body: Json): Promise<{ secret: string; id: string }> => {
  const answer = await t.api(who, 'POST', '/keys', body);
  expect([answer.status, answer.body['title']]).toEqual([201, undefined]);
  return { secret: String(answer.body['secret']), id: String(answer.body['id']) };
};
const polled = async (secret: string) =>
  (await supertest(t.hub.app).get(objectsOf(MAIN)).set('Authorization', `Bearer ${secret}`)).status;

describe('every operation, by every kind of caller, on own and foreign resources', () => {
  /**
   * Operation → a request → the statuses for boss (administrator), watch (analyst), moana (officer of tonga), sensor
   * (machine of tonga), desk (officer of fiji). For desk, the foreign resources are those of tonga. For moana, they are
   * those of the hub.
   */
  type Row = readonly [method: string, path: string, body: Json | undefined, ...statuses: number[]];
  const TABLE: Readonly<Record<string, readonly Row[]>> = {
    whoAmI: [['GET', '/whoami', undefined, 200, 200, 200, 200, 200]],
    getStatus: [['GET', '/status', undefined, 200, 200, 403, 403, 403]],
    getSettings: [['GET', '/settings', undefined, 200, 403, 403, 403, 403]],
    getDiagnosis: [['GET', '/doctor', undefined, 200, 403, 403, 403, 403]],
    listSavedSearches: [['GET', '/saved-searches', undefined, 200, 200, 200, 200, 200]],
    createSavedSearch: [['POST', '/saved-searches', { name: 'reef', query: 'reef.example' }, 201, 201, 201, 201, 201]],
    updateSavedSearch: [['PATCH', '/saved-searches/that-is-not', { query: 'a' }, 404, 404, 404, 404, 404]],
    deleteSavedSearch: [['DELETE', '/saved-searches/that-is-not', undefined, 404, 404, 404, 404, 404]],
    getObject: [['GET', '/objects/tool--9f0725cb-4bc3-47c3-aba6-99cb97ba4f52', undefined, 404, 404, 404, 404, 404]],
    searchObjects: [['GET', '/objects?q=reef.example', undefined, 200, 200, 200, 200, 200], ['GET', '/objects', undefined, 400, 400, 400, 400, 400]],
    publishObjects: [
      ['POST', `/collections/${MAIN}/objects`, { objects: [{ type: 'x' }] }, 403, 200, 200, 200, 404],
      ['POST', `/collections/${OPEN}/objects`, { objects: [{ type: 'x' }] }, 403, 403, 403, 403, 403],
      ['POST', `/collections/${HIDDEN}/objects`, { objects: [{ type: 'x' }] }, 403, 403, 404, 404, 404],
      ['POST', '/collections/nothing/objects', { objects: [{ type: 'x' }] }, 404, 404, 404, 404, 404],
    ],
    revokeObject: [['POST', '/objects/tool--9f0725cb-4bc3-47c3-aba6-99cb97ba4f52/revocation', undefined, 404, 404, 404, 404, 404]],
    reviseObject: [
      ['POST', '/objects/tool--9f0725cb-4bc3-47c3-aba6-99cb97ba4f52/versions', { title: 'x' }, 404, 404, 404, 404, 404],
      ['POST', '/objects/tool--9f0725cb-4bc3-47c3-aba6-99cb97ba4f52/versions', {}, 422, 422, 422, 422, 422],
    ],
    explainDelivery: [
      ['GET', '/deliveries/why?object=tool--9f0725cb-4bc3-47c3-aba6-99cb97ba4f52&member=fiji', undefined, 200, 200, 403, 403, 200],
      ['GET', '/deliveries/why?object=tool--9f0725cb-4bc3-47c3-aba6-99cb97ba4f52&member=nauru', undefined, 404, 404, 403, 403, 403],
      ['GET', '/deliveries/why', undefined, 400, 400, 400, 400, 400],
    ],
    previewRecipients: [
      ['POST', `/collections/${MAIN}/recipients`, { objects: [{ type: 'x' }] }, 403, 200, 200, 200, 404],
      ['POST', `/collections/${OPEN}/recipients`, { objects: [{ type: 'x' }] }, 403, 403, 403, 403, 403],
    ],
    publishIndicators: [
      ['POST', `/collections/${MAIN}/indicators`, { values: ['reef-bank.com'], tlp: 'green', valid_days: 30 }, 403, 200, 200, 200, 404],
      ['POST', `/collections/${OPEN}/indicators`, { values: ['reef-bank.com'], tlp: 'green', valid_days: 30 }, 403, 403, 403, 403, 403],
      ['POST', `/collections/${HIDDEN}/indicators`, { values: ['reef-bank.com'], tlp: 'green', valid_days: 30 }, 403, 403, 404, 404, 404],
      ['POST', `/collections/${MAIN}/indicators`, { values: ['192.168.1.1'], tlp: 'green', valid_days: 30 }, 422, 422, 422, 422, 422],
    ],
    previewIndicatorRecipients: [
      ['POST', `/collections/${MAIN}/indicators/recipients`, { values: ['reef-bank.com'], tlp: 'green', valid_days: 30 }, 403, 200, 200, 200, 404],
      ['POST', `/collections/${OPEN}/indicators/recipients`, { values: ['reef-bank.com'], tlp: 'green', valid_days: 30 }, 403, 403, 403, 403, 403],
    ],
    listChannels: [['GET', '/channels', undefined, 200, 200, 200, 200, 200]],
    createChannel: [['POST', '/channels', { name: 'fresh', member: 'tonga', kind: 'webhook', url: 'https://hook.example/x', secret: 'secret:x' }, 201, 403, 403, 403, 403]],
    getChannel: [['GET', '/channels/nothing', undefined, 404, 404, 404, 404, 404]],
    pauseChannel: [['POST', '/channels/nothing/pause', {}, 404, 403, 403, 403, 403]],
    resumeChannel: [['POST', '/channels/nothing/resumption', undefined, 404, 403, 403, 403, 403]],
    replayChannel: [['POST', '/channels/nothing/replay', { since: '2026-01-15T00:00:00Z' }, 404, 403, 403, 403, 403]],
    resolveDeadLetters: [['POST', '/channels/nothing/dead-letters', { way: 'send' }, 404, 403, 403, 403, 403]],
    deleteChannel: [['DELETE', '/channels/nothing', undefined, 404, 403, 403, 403, 403]],
    listHeld: [['GET', '/held', undefined, 200, 200, 200, 200, 200]],
    getHeld: [
      ['GET', '/held/HELD', undefined, 200, 200, 404, 200, 404],
      ['GET', '/held/9f0725cb-4bc3-47c3-aba6-99cb97ba4f52', undefined, 404, 404, 404, 404, 404],
    ],
    releaseHeld: [['POST', '/held/HELD/release', {}, 200, 200, 404, 403, 404]],
    giveHeld: [
      ['POST', '/held/HELD/give', { to: ['chief'] }, 201, 201, 404, 403, 404],
      ['POST', '/held/HELD/give', { to: ['sensor'] }, 422, 422, 404, 403, 404],
    ],
    shareObject: [
      ['POST', '/objects/tool--9f0725cb-4bc3-47c3-aba6-99cb97ba4f52/shares', { members: ['fiji'] }, 404, 404, 404, 404, 404],
      ['POST', '/objects/tool--9f0725cb-4bc3-47c3-aba6-99cb97ba4f52/shares', { members: 'fiji' }, 422, 422, 422, 422, 422],
    ],
    listShares: [['GET', '/shares', undefined, 200, 200, 200, 200, 200]],
    answerShare: [['POST', '/shares/9f0725cb-4bc3-47c3-aba6-99cb97ba4f52/answer', { verdict: 'granted' }, 404, 404, 404, 404, 404]],
    listRules: [['GET', '/rules', undefined, 200, 200, 403, 403, 403]],
    createRule: [
      ['POST', '/rules', { name: 'fresh', from: 'indicators', to: 'open' }, 201, 403, 403, 403, 403],
      ['POST', '/rules', { name: 'fresh', from: 'indicators', to: 'nothing' }, 404, 403, 403, 403, 403],
    ],
    deleteRule: [['DELETE', '/rules/nothing', undefined, 404, 403, 403, 403, 403]],
    registerMember: [['POST', '/registrations', { name: 'fresh', title: 'Fresh', contact: 'a@b.example' }, 201, 201, 201, 201, 201]],
    requestChange: [
      ['POST', '/members/tonga/requests', { title: 'Tonga' }, 201, 403, 201, 403, 404],
      ['POST', '/members/tonga/requests', { status: 'active' }, 422, 422, 422, 422, 422],
    ],
    listRequests: [['GET', '/requests', undefined, 200, 200, 200, 200, 200]],
    decideRequest: [['POST', '/requests/9f0725cb-4bc3-47c3-aba6-99cb97ba4f52/decision', { verdict: 'approved' }, 404, 403, 403, 403, 403]],
    importDelegations: [['POST', '/delegations', undefined, 422, 403, 403, 403, 403]],
    getDeliveries: [['GET', '/objects/tool--9f0725cb-4bc3-47c3-aba6-99cb97ba4f52/deliveries', undefined, 404, 404, 404, 404, 404]],
    requestAnswers: [
      ['PUT', '/objects/tool--9f0725cb-4bc3-47c3-aba6-99cb97ba4f52/deadline', { until: '2026-01-15T00:00:00Z' }, 404, 404, 404, 404, 404],
      ['PUT', '/objects/tool--9f0725cb-4bc3-47c3-aba6-99cb97ba4f52/deadline', { until: 'soon' }, 422, 422, 422, 422, 422],
    ],
    answerObject: [
      ['POST', '/objects/tool--9f0725cb-4bc3-47c3-aba6-99cb97ba4f52/answer', { answer: 'acknowledged' }, 404, 404, 404, 404, 404],
      ['POST', '/objects/tool--9f0725cb-4bc3-47c3-aba6-99cb97ba4f52/answer', { answer: 'maybe' }, 422, 422, 422, 422, 422],
    ],
    listTriage: [['GET', '/triage', undefined, 200, 200, 403, 403, 403]],
    assignTriage: [['POST', '/triage/0123456789abcdef/assignment', { members: ['fiji'] }, 404, 404, 403, 403, 403]],
    dismissTriage: [['POST', '/triage/0123456789abcdef/dismissal', { note: 'x' }, 404, 404, 403, 403, 403]],
    listRed: [['GET', '/red', undefined, 200, 200, 200, 200, 200]],
    giveRed: [
      ['POST', '/red', { object: RED, to: ['chief'] }, 201, 201, 201, 201, 201],
      ['POST', '/red', { object: { ...RED, object_marking_refs: [tlpMarkingId('amber')] }, to: ['chief'] }, 422, 422, 422, 422, 422],
      ['POST', '/red', { object: RED, to: ['nobody'] }, 422, 422, 422, 422, 422],
    ],
    getRed: [['GET', '/red/9f0725cb-4bc3-47c3-aba6-99cb97ba4f52', undefined, 404, 404, 404, 404, 404]],
    withdrawRed: [['DELETE', '/red/9f0725cb-4bc3-47c3-aba6-99cb97ba4f52', undefined, 404, 404, 404, 404, 404]],
    discardHeld: [
      ['POST', '/held/HELD/discard', { reason: 'by mail' }, 204, 204, 404, 403, 404],
      ['POST', '/held/HELD/discard', {}, 422, 422, 422, 422, 422],
    ],
    listReaders: [['GET', '/deliveries/readers', undefined, 200, 200, 200, 200, 200]],
    listValueViews: [['GET', '/values/views', undefined, 200, 200, 403, 403, 403]],
    connectTool: [
      ['GET', '/list-tools/fortigate?collection=open', undefined, 200, 200, 200, 200, 200],
      ['GET', '/list-tools/fortigat?collection=open', undefined, 404, 404, 404, 404, 404],
      ['GET', '/list-tools/fortigate?collection=nothing', undefined, 404, 404, 404, 404, 404],
      ['GET', '/list-tools/fortigate', undefined, 400, 400, 400, 400, 400],
    ],
    rebuildValues: [
      ['POST', '/values/rebuild', undefined, 200, 403, 403, 403, 403],
      ['POST', '/values/rebuild?collection=nothing', undefined, 404, 403, 403, 403, 403],
    ],
    listFindings: [['GET', '/findings', undefined, 200, 200, 403, 403, 403]],
    listRefusals: [['GET', '/deliveries/refusals', undefined, 200, 200, 200, 200, 200]],
    listAudit: [['GET', '/audit', undefined, 200, 200, 200, 200, 200]],
    verifyAudit: [['GET', '/audit/verification', undefined, 200, 403, 403, 403, 403]],
    listAccounts: [['GET', '/accounts', undefined, 200, 200, 200, 200, 200]],
    createAccount: [
      ['POST', '/accounts', { name: 'tonga-fresh', role: 'machine', member: 'tonga' }, 201, 403, 201, 403, 403],
      ['POST', '/accounts', { name: 'fresh', role: 'machine' }, 201, 403, 403, 403, 403],
      ['POST', '/accounts', { name: 'fresh', role: 'analyst', member: 'tonga' }, 201, 403, 403, 403, 403],
      ['POST', '/accounts', { name: 'fresh', role: 'administrator' }, 201, 403, 403, 403, 403],
    ],
    getAccount: [
      ['GET', '/accounts/gauge', undefined, 200, 404, 200, 404, 404],
      ['GET', '/accounts/clerk', undefined, 200, 404, 404, 404, 404],
      ['GET', '/accounts/nothing', undefined, 404, 404, 404, 404, 404],
    ],
    updateAccount: [
      ['PATCH', '/accounts/gauge', { disabled: true }, 200, 404, 200, 404, 404],
      ['PATCH', '/accounts/gauge', { role: 'administrator' }, 200, 404, 403, 404, 404],
      ['PATCH', '/accounts/clerk', { disabled: true }, 200, 404, 404, 404, 404],
    ],
    deleteAccount: [
      ['DELETE', '/accounts/gauge', undefined, 204, 404, 204, 404, 404],
      ['DELETE', '/accounts/clerk', undefined, 204, 404, 404, 404, 404],
    ],
    inviteAccount: [
      ['POST', '/accounts/gauge/invitation', undefined, 201, 404, 201, 404, 404],
      ['POST', '/accounts/clerk/invitation', undefined, 201, 404, 404, 404, 404],
    ],
    listSessions: [['GET', '/sessions', undefined, 200, 200, 200, 200, 200]],
    signIn: [['POST', '/sessions', { account: 'nobody-here', password: 'no such password' }, 401, 401, 401, 401, 401]],
    confirmSession: [['POST', '/session/confirmation', { password: 'no such password' }, 401, 401, 401, 401, 401]],
    submitSecondFactor: [['POST', '/session/second-factor', { code: '123456' }, 401, 401, 401, 401, 401]],
    getSecondFactor: [['GET', '/second-factor', undefined, 401, 401, 401, 401, 401]],
    beginAuthenticator: [['POST', '/second-factor/authenticator', undefined, 401, 401, 401, 401, 401]],
    verifyAuthenticator: [['POST', '/second-factor/authenticator/verification', { code: '123456' }, 401, 401, 401, 401, 401]],
    deleteAuthenticator: [['DELETE', '/second-factor/authenticator', undefined, 401, 401, 401, 401, 401]],
    renewRecoveryCodes: [['POST', '/second-factor/recovery-codes', undefined, 401, 401, 401, 401, 401]],
    getPreferences: [['GET', '/account/preferences', undefined, 401, 401, 401, 401, 401]],
    updatePreferences: [['PUT', '/account/preferences', { language: 'fr' }, 401, 401, 401, 401, 401]],
    proposeEmail: [['POST', '/email', { email: 'x@cert.example' }, 401, 401, 401, 401, 401]],
    verifyEmail: [['POST', '/email/verification', { token: 'no-such-token-anywhere' }, 401, 401, 401, 401, 401]],
    requestPasswordReset: [['POST', '/password-resets', { account: 'nobody-here' }, 204, 204, 204, 204, 204]],
    completePasswordReset: [['POST', '/password-resets/completion', { token: 'no-such-token-anywhere', password: 'twelve letters' }, 404, 404, 404, 404, 404]],
    linkAccount: [
      ['PUT', '/accounts/gauge/single-sign-on', { subject: 'x' }, 404, 404, 404, 404, 404],
      ['PUT', '/accounts/gauge/single-sign-on', {}, 422, 422, 422, 422, 422],
    ],
    unlinkAccount: [
      ['DELETE', '/accounts/gauge/single-sign-on', undefined, 404, 404, 404, 404, 404],
      ['DELETE', '/accounts/clerk/single-sign-on', undefined, 404, 404, 404, 404, 404],
    ],
    beginPasskeySignIn: [['POST', '/session/second-factor/options', undefined, 401, 401, 401, 401, 401]],
    beginPasskey: [['POST', '/second-factor/passkeys/options', undefined, 401, 401, 401, 401, 401]],
    createPasskey: [['POST', '/second-factor/passkeys', { passkey: {} }, 401, 401, 401, 401, 401]],
    deletePasskey: [['DELETE', '/second-factor/passkeys/no-such', undefined, 401, 401, 401, 401, 401]],
    resetSecondFactor: [
      ['DELETE', '/accounts/gauge/second-factor', undefined, 404, 404, 404, 404, 404],
      ['DELETE', '/accounts/boss/second-factor', undefined, 403, 404, 404, 404, 404],
    ],
    listNotifications: [['GET', '/account/notifications', undefined, 200, 200, 200, 200, 200]],
    listSignIns: [
      ['GET', '/accounts/gauge/sign-ins', undefined, 200, 404, 200, 404, 404],
      ['GET', '/accounts/clerk/sign-ins', undefined, 200, 404, 404, 404, 404],
      ['GET', '/accounts/watch/sign-ins', undefined, 200, 200, 404, 404, 404],
    ],
    endSession: [['DELETE', '/sessions/0123456789abcdef', undefined, 404, 404, 404, 404, 404]],
    listKeys: [['GET', '/keys', undefined, 200, 200, 200, 200, 200]],
    listUnusedKeys: [
      ['GET', '/keys/unused?days=90', undefined, 200, 200, 200, 200, 200],
      ['GET', '/keys/unused?days=0', undefined, 400, 400, 400, 400, 400],
      ['GET', '/keys/unused', undefined, 400, 400, 400, 400, 400],
    ],
    createKey: [
      ['POST', '/keys', { account: 'gauge' }, 201, 403, 201, 403, 403],
      ['POST', '/keys', { account: 'gauge', collections: ['open'] }, 201, 403, 403, 403, 403],
      ['POST', '/keys', { account: 'clerk' }, 201, 403, 403, 403, 403],
      ['POST', '/keys', { account: 'boss' }, 201, 403, 403, 403, 403],
    ],
    registerCertificate: [
      ['POST', '/certificates', { account: 'gauge', certificate: 'x' }, 422, 403, 422, 403, 403],
      ['POST', '/certificates', { account: 'clerk', certificate: 'x' }, 422, 403, 403, 403, 403],
      ['POST', '/certificates', { account: 'gauge' }, 422, 422, 422, 422, 422],
    ],
    rotateKey: [
      ['POST', '/keys/GAUGE/rotation', {}, 201, 404, 201, 404, 404],
      ['POST', '/keys/CLERK/rotation', {}, 201, 404, 404, 404, 404],
    ],
    revokeKey: [
      ['DELETE', '/keys/GAUGE', undefined, 204, 404, 204, 404, 404],
      ['DELETE', '/keys/CLERK', undefined, 204, 404, 404, 404, 404],
    ],
    listMembers: [['GET', '/members', undefined, 200, 200, 200, 200, 200]],
    getMember: [
      ['GET', '/members/tonga', undefined, 200, 200, 200, 200, 404],
      ['GET', '/members/fiji', undefined, 200, 200, 404, 404, 200],
      ['GET', '/members/hub', undefined, 404, 404, 404, 404, 404],
    ],
    createMember: [
      ['POST', '/members', { name: 'fresh', networks: ['203.0.113.0/24'] }, 201, 403, 403, 403, 403],
      ['POST', '/members', { name: 'm'.repeat(40) }, 201, 403, 403, 403, 403],
      // A longer name leaves too little room for the names of its accounts and lists.
      ['POST', '/members', { name: 'm'.repeat(41) }, 422, 422, 422, 422, 422],
    ],
    updateMember: [
      ['PATCH', '/members/tonga', { title: 'Tonga' }, 409, 403, 403, 403, 403],
      ['PATCH', '/members/nothing', { status: 'paused' }, 404, 403, 403, 403, 403],
    ],
    listClaims: [['GET', '/claims', undefined, 200, 200, 200, 200, 200], ['GET', '/claims?member=fiji', undefined, 200, 200, 200, 200, 200]],
    createClaim: [
      ['POST', '/members/tonga/claims', { type: 'network', value: '203.0.113.0/28' }, 201, 403, 201, 403, 404],
      ['POST', '/members/fiji/claims', { type: 'domain', value: 'gov.fj' }, 201, 403, 404, 404, 201],
      ['POST', '/members/nothing/claims', { type: 'domain', value: 'gov.fj' }, 404, 403, 404, 404, 404],
    ],
    decideClaim: [['POST', '/claims/9f0725cb-4bc3-47c3-aba6-99cb97ba4f52/decision', { verdict: 'verified' }, 404, 403, 403, 403, 403]],
    listGroups: [['GET', '/groups', undefined, 200, 200, 200, 200, 200]],
    createGroup: [['POST', '/groups', { name: 'fresh' }, 201, 403, 403, 403, 403]],
    getGroup: [['GET', '/groups/nothing', undefined, 404, 404, 404, 404, 404]],
    joinGroup: [['PUT', '/groups/nothing/members/tonga', {}, 404, 403, 403, 403, 403]],
    leaveGroup: [['DELETE', '/groups/nothing/members/tonga', undefined, 404, 403, 403, 403, 403]],
    listCollections: [['GET', '/collections', undefined, 200, 200, 403, 403, 403]],
    createCollection: [['POST', '/collections', { title: 'New' }, 201, 403, 403, 403, 403]],
    getCollection: [['GET', `/collections/${OPEN}`, undefined, 200, 200, 403, 403, 403], ['GET', '/collections/nothing', undefined, 404, 404, 403, 403, 403]],
    updateCollection: [['PATCH', `/collections/${OPEN}`, { title: 'Open' }, 409, 403, 403, 403, 403], ['PATCH', '/collections/nothing', { title: 'Open' }, 404, 403, 403, 403, 403]],
    deleteCollection: [['DELETE', `/collections/${OPEN}`, undefined, 409, 403, 403, 403, 403], ['DELETE', '/collections/nothing', undefined, 404, 403, 403, 403, 403]],
    createGrant: [['POST', `/collections/${OPEN}/grants`, { to: 'account:gauge' }, 200, 403, 403, 403, 403]],
    revokeGrant: [['DELETE', `/collections/${OPEN}/grants/account:clerk`, undefined, 200, 403, 403, 403, 403]],
    listFeeds: [['GET', '/feeds', undefined, 200, 200, 403, 403, 403]],
    createFeed: [['POST', '/feeds', { name: 'fresh', collection: 'indicators', preset: 'tor-exits' }, 201, 403, 403, 403, 403]],
    listPresets: [['GET', '/feed-catalogue', undefined, 200, 200, 403, 403, 403]],
    compareFeeds: [['GET', '/feed-usefulness', undefined, 200, 200, 403, 403, 403]],
    listSecrets: [['GET', '/secrets', undefined, 200, 403, 403, 403, 403]],
    setSecret: [['PUT', '/secrets/fresh', { value: 'hunter2 of a feed', hosts: ['feeds.example.org'] }, 204, 403, 403, 403, 403]],
    deleteSecret: [['DELETE', '/secrets/no-such', undefined, 404, 403, 403, 403, 403]],
    previewNewFeed: [['POST', '/feed-previews', { name: 'fresh', collection: 'indicators', url: 'http://127.0.0.1:9/x' }, 409, 403, 403, 403, 403]],
    getFeed: [['GET', '/feeds/list', undefined, 200, 200, 403, 403, 403], ['GET', '/feeds/no-feed', undefined, 404, 404, 403, 403, 403]],
    updateFeed: [['PUT', '/feeds/list', { collection: 'indicators', preset: 'tor-exits' }, 409, 403, 403, 403, 403]],
    deleteFeed: [['DELETE', '/feeds/list', undefined, 409, 403, 403, 403, 403], ['DELETE', '/feeds/no-feed', undefined, 404, 403, 403, 403, 403]],
    pauseFeed: [['POST', '/feeds/list/pause', { reason: 'moving' }, 200, 200, 403, 403, 403]],
    resumeFeed: [['POST', '/feeds/list/resumption', undefined, 200, 200, 403, 403, 403]],
    listRuns: [['GET', '/feeds/list/runs', undefined, 200, 200, 403, 403, 403], ['GET', '/feeds/no-feed/runs', undefined, 404, 404, 403, 403, 403]],
    listQuarantine: [['GET', '/feeds/list/quarantine', undefined, 200, 200, 403, 403, 403], ['GET', '/feeds/no-feed/quarantine', undefined, 404, 404, 403, 403, 403]],
    retryQuarantine: [['POST', '/feeds/list/quarantine/retry', undefined, 200, 200, 403, 403, 403]],
    runFeed: [['POST', '/feeds/no-feed/runs', undefined, 404, 404, 403, 403, 403]],
    uploadContent: [['POST', '/feeds/no-feed/content', undefined, 404, 404, 403, 403, 403]],
    previewFeed: [['POST', '/feeds/list/preview', undefined, 409, 409, 403, 403, 403]],
  }; // prettier-ignore
  const CALLERS = ['boss', 'watch', 'moana', 'sensor', 'desk'];

  test('each operation is in this table or in that of the attack suite', async () => {
    const { body } = await supertest(t.hub.app).get('/api/openapi.json');
    const { paths } = body as { paths: Record<string, Record<string, { operationId?: string }>> };
    const operations = Object.values(paths).flatMap((item) =>
      Object.values(item).flatMap(({ operationId }) => operationId ?? []),
    );
    // The attack suite calls each operation as each role, so a new operation needs a row only there.
    const inAttacks = new Set(Object.keys(OPERATIONS));
    expect(operations.filter((name) => !(name in TABLE) && !inAttacks.has(name))).toEqual([]);
    expect(Object.keys(TABLE).filter((name) => !operations.includes(name))).toEqual([]);
  });

  /** An object of sensor that is on hold. */
  const waiting = async (): Promise<string> => {
    const red = anIndicator({
      object_marking_refs: ['marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed'],
    });
    await t.as('sensor').post(objectsOf(MAIN), { objects: [red] });
    const submitter = (await t.hub.directory.current()).accountNamed('sensor')?.id ?? '';
    const held = await t.hub.store.held({ submitter, limit: 1_000 });
    return held.find((head) => t.hub.intake.held.openedHead(head).objectId === red['id'])?.id ?? '';
  };

  test.each(CALLERS.map((caller, i) => [caller, i] as const))(
    '%s',
    async (caller, i) => {
      const found: unknown[] = [];
      const expected: unknown[] = [];
      let n = 0;
      for (const [operation, rows] of Object.entries(TABLE))
        for (const [method, path, body, ...statuses] of rows) {
          // Each row has accounts of its own, so that the row before has no effect on it.
          const own = (text: string): string => text.replaceAll(/\b(gauge|clerk|fresh)\b/g, `$1-${n}`);
          n++;
          // One account can make 600 changes within a minute.
          clock.advance(10_000);
          await make('boss', { name: own('gauge'), role: 'machine', member: 'tonga' });
          await make('boss', { name: own('clerk'), role: 'machine' });
          const gauge = await newKey('boss', { account: own('gauge') });
          const clerk = await newKey('boss', { account: own('clerk'), collections: ['open'] });
          const held = path.includes('HELD') ? await waiting() : '';
          const asked = own(path).replace('GAUGE', gauge.id).replace('CLERK', clerk.id).replace('HELD', held);
          const sent = body === undefined ? undefined : (JSON.parse(own(JSON.stringify(body))) as Json);
          expect([operation, (await t.api(undefined, method, asked, sent)).status]).toEqual([
            operation,
            { registerMember: 201, requestPasswordReset: 204, completePasswordReset: 404 }[operation] ?? 401,
          ]);
          const { status } = await t.api(caller, method, asked, sent);
          found.push([operation, path, status]);
          expected.push([operation, path, statuses[i]]);
        }
      expect(found).toEqual(expected);
    },
    300_000,
  );
});

describe('accounts', () => {
  test('are created, updated, disabled and deleted, and revisions detect concurrent changes', async () => {
    const made = await make('boss', {
      name: 'gauge',
      role: 'machine',
      member: 'tonga',
      password: 'twelve letters',
    });
    expect(made.body).toMatchObject({ name: 'gauge', has_password: true, managed: 'hub', revision: 1 });
    expect(made.headers['etag']).toBe('"1"');
    const basic = async () =>
      (await supertest(t.hub.app).get(objectsOf(MAIN)).auth('gauge', 'twelve letters')).status;
    expect(await basic()).toBe(200);
    const change = (body: Json, etag?: string) =>
      t.api('boss', 'PATCH', '/accounts/gauge', body, etag === undefined ? {} : { 'If-Match': etag });
    expect((await change({ disabled: true }, '"1"')).body).toMatchObject({ disabled: true, revision: 2 });
    expect(await basic()).toBe(401);
    expect((await change({ disabled: false }, '"1"')).status).toBe(412);
    expect((await change({ disabled: false }, '"2"')).status).toBe(200);
    expect(await basic()).toBe(200);
    expect((await change({ password: 'another dozen' })).status).toBe(200);
    expect(await basic()).toBe(401);
    const { secret } = await newKey('boss', { account: 'gauge' });
    expect(await polled(secret)).toBe(200);
    expect((await t.api('boss', 'DELETE', '/accounts/gauge')).status).toBe(204);
    expect(await polled(secret)).toBe(401);
    expect((await t.api('boss', 'GET', '/accounts/gauge')).status).toBe(404);
  });

  test('cannot be changed if they are declared, unknown or the account of the caller, and the error gives the reason', async () => {
    expect((await t.api('boss', 'PATCH', '/accounts/sensor', { disabled: true })).body).toMatchObject({
      status: 409,
      code: 'TLN-L-410',
    });
    expect((await make('boss', { name: 'operator', role: 'machine' })).status).toBe(422);
    expect((await make('boss', { name: 'sensor', role: 'machine' })).status).toBe(409);
    expect((await make('boss', { name: 'x', role: 'machine', member: 'samoa' })).body).toMatchObject({
      status: 404,
      title: 'Member "samoa" not found',
    });
    expect((await make('boss', { name: 'x', role: 'machine', password: 'short' })).status).toBe(422);
    const { secret } = await newKey('boss', { account: 'second', role: 'administrator' });
    expect((await t.api(secret, 'PATCH', '/accounts/second', { disabled: true })).status).toBe(422);
    expect((await t.api(secret, 'DELETE', '/accounts/second')).status).toBe(422);
  });

  test('an officer cannot take a name for which grants wait', async () => {
    // Grants of versions before 0.2 contain only the name, so they wait for an account of the name.
    const document = { collection: OPEN, to: 'account:ghost', read: true, write: false, managed: 'hub' };
    for (const name of ['ghost', 'tonga-ghost'])
      await t.hub.store.commit({ records: [{ kind: 'grant', id: `${OPEN}/account:${name}`, expected: 0, document: { ...document, to: `account:${name}` } }] }); // prettier-ignore
    // The name is reserved, or belongs to an account that the officer cannot list, or to the hub, or is free. The
    // answer is the same in each case.
    const told = async (name: string): Promise<unknown[]> => {
      const answers = [
        await make('moana', { name, role: 'machine', member: 'tonga' }),
        await t.api('moana', 'POST', '/keys', { account: name, member: 'tonga' }),
      ];
      return answers.map(({ status, body }) => [status, body['code'], String(body['title']).replace(name, 'NAME'), String(body['hint']).replace(name, 'NAME')]); // prettier-ignore
    };
    const ghost = await told('ghost');
    expect(ghost).toEqual([expect.arrayContaining([422, 'TLN-U-430']), expect.arrayContaining([422, 'TLN-U-430'])]); // prettier-ignore
    expect([await told('desk'), await told('boss'), await told('nobody-at-all')]).toEqual([
      ghost,
      ghost,
      ghost,
    ]);
    // Among the names of the member, one that is reserved and one that the officer cannot list get one response.
    const own = await told('tonga-ghost');
    expect(own).toEqual([expect.arrayContaining([409, 'TLN-U-411']), expect.arrayContaining([409, 'TLN-U-411'])]); // prettier-ignore
    await make('boss', { name: 'tonga-desk', role: 'machine', member: 'fiji' });
    expect(await told('tonga-desk')).toEqual(own);
  });

  test('are listed in pages, each to callers who may see it', async () => {
    expect(names((await t.api('moana', 'GET', '/accounts')).body)).toEqual(['moana', 'sensor']);
    expect(names((await t.api('sensor', 'GET', '/accounts')).body)).toEqual(['sensor']);
    const seen: unknown[] = [];
    for (let after = ''; ;) {
      const { body } = await t.api('boss', 'GET', `/accounts?limit=4${after}`);
      seen.push(...names(body));
      if (body['next'] === undefined) break;
      after = `&after=${body['next'] as string}`;
    }
    expect(seen).toEqual(names((await t.api('boss', 'GET', '/accounts')).body));
    expect(seen).toHaveLength(10);
  });
});

describe('keys', () => {
  test('can be limited by scope, collection and address, and never exceed the key that created them', async () => {
    await make('boss', { name: 'gauge', role: 'machine', member: 'tonga' });
    const reads = await newKey('boss', { account: 'gauge', scopes: ['taxii:read'] });
    const send = (secret: string, collection: string) =>
      supertest(t.hub.app)
        .post(objectsOf(collection))
        .set({ Authorization: `Bearer ${secret}`, 'Content-Type': 'application/taxii+json;version=2.1' })
        .send(JSON.stringify({ objects: [anIndicator()] }));
    expect([await polled(reads.secret), (await send(reads.secret, MAIN)).status]).toEqual([200, 403]);
    const elsewhere = await newKey('boss', { account: 'gauge', only: ['open'] });
    expect(await polled(elsewhere.secret)).toBe(404);
    const far = await newKey('boss', { account: 'gauge', addresses: ['198.51.100.0/24'] });
    expect(await polled(far.secret)).toBe(401);
    const near = await newKey('boss', {
      account: 'gauge',
      addresses: ['2001:db8::/32', '127.0.0.0/8', '::1'],
    });
    expect(await polled(near.secret)).toBe(200);
    const api = await newKey('boss', { account: 'moana-2', role: 'officer', member: 'tonga', scopes: ['api:read', 'api:write'] }); // prettier-ignore
    const asked = (body: Json) => t.api(api.secret, 'POST', '/keys', { account: 'gauge', ...body });
    expect((await asked({})).body).toMatchObject({ status: 403, code: 'TLN-K-403' });
    expect((await asked({ scopes: ['taxii:read'] })).status).toBe(403);
    expect((await asked({ scopes: ['api:read'] })).status).toBe(201);
    for (const body of [
      { addresses: ['nowhere'] },
      { only: ['nothing'] },
      { scopes: ['everything'] },
      { expiresDays: 0 },
    ])
      // prettier-ignore
      expect([400, 404, 422]).toContain((await asked({ scopes: ['api:read'], ...body })).status);
  });

  test('can be rotated with an overlap, after which the old one ends, and end at once when revoked', async () => {
    const old = await newKey('boss', { account: 'gauge', member: 'tonga', label: 'firewall', scopes: ['taxii:read'] }); // prettier-ignore
    const { body } = await t.api('moana', 'POST', `/keys/${old.id}/rotation`, { overlapDays: 2 });
    const next = { id: String(body['id']), secret: String(body['secret']) };
    expect([await polled(old.secret), await polled(next.secret)]).toEqual([200, 200]);
    clock.advance(2 * DAY + 1);
    expect([await polled(old.secret), await polled(next.secret)]).toEqual([401, 200]);
    const listed = items((await t.api('moana', 'GET', '/keys?account=gauge')).body);
    expect(listed.map(({ id, state, label, scopes }) => [id, state, label, scopes])).toEqual(
      expect.arrayContaining([
        [old.id, 'expired', 'firewall', ['taxii:read']],
        [next.id, 'active', 'firewall', ['taxii:read']],
      ]),
    );
    expect(JSON.stringify(listed)).not.toContain(next.secret);
    expect((await t.api('moana', 'DELETE', `/keys/${next.id}`)).status).toBe(204);
    expect(await polled(next.secret)).toBe(401);
  });

  test('show their last use, its address, and their expiry', async () => {
    const key = await newKey('boss', { account: 'gauge', member: 'tonga', expiresDays: 120 });
    const state = async () => items((await t.api('boss', 'GET', '/keys?account=gauge')).body)[0];
    expect(await state()).toMatchObject({ state: 'active' });
    expect(await state()).not.toHaveProperty('last_used');
    clock.advance(91 * DAY);
    expect(await state()).toMatchObject({ state: 'ending' });
    await supertest(t.hub.app)
      .get(objectsOf(MAIN))
      .set({ Authorization: `Bearer ${key.secret}`, 'User-Agent': 'wall/1' });
    expect(await state()).toMatchObject({
      last_used: new Date(clock.now()).toISOString(),
      last_client: expect.stringMatching(/^(127\.0\.0\.1|::1) wall\/1$/),
    });
    clock.advance(30 * DAY);
    expect(await state()).toMatchObject({ state: 'expired' });
  });

  test('that were not used for some days are listed to those who may list them, until they end', async () => {
    const key = await newKey('boss', { account: 'gauge', member: 'tonga', expiresDays: 120 });
    await newKey('boss', { account: 'lookout', member: 'fiji', expiresDays: 120 });
    const unused = async (who: string, days: number) =>
      items((await t.api(who, 'GET', `/keys/unused?days=${days}`)).body).map(({ account }) => account);
    clock.advance(10 * DAY);
    await supertest(t.hub.app)
      .get(objectsOf(MAIN))
      .set({ Authorization: `Bearer ${key.secret}` });
    clock.advance(40 * DAY - 1);
    expect(await unused('boss', 40)).toEqual(['lookout']);
    clock.advance(1);
    expect(await unused('boss', 40)).toEqual(['gauge', 'lookout']);
    expect(await unused('boss', 41)).toEqual(['lookout']);
    expect([await unused('moana', 40), await unused('sensor', 40), await unused('desk', 40)]).toEqual([['gauge'], [], ['lookout']]); // prettier-ignore
    clock.advance(70 * DAY);
    // Both have ended. The keys of the settings file have no end.
    expect(await unused('boss', 40)).toEqual(['desk', 'moana', 'sensor']);
  });
});

describe('the format of requests', () => {
  test('an unreadable request gets a 4xx with problem details and changes nothing', async () => {
    const app = supertest(t.hub.app);
    const sign = (request: supertest.Test) => request.set('Authorization', `Bearer ${keyOf('boss')}`);
    const statusOf = async (request: supertest.Test) => {
      const { status, headers, body } = await request;
      expect(headers['content-type']).toBe('application/problem+json');
      expect(body).toMatchObject({ status, title: expect.any(String), code: expect.stringMatching(/^TLN-/) });
      return status;
    };
    const post = (type: string, body: string | Buffer) =>
      sign(app.post('/api/v1/accounts')).set('Content-Type', type).serialize((raw: unknown) => raw as string).send(body as string); // prettier-ignore
    expect(await statusOf(post('application/json', '{"name":'))).toBe(400);
    expect(await statusOf(post('text/plain', 'x'))).toBe(415);
    expect(await statusOf(post('application/x-www-form-urlencoded', 'name=x&role=machine'))).toBe(415);
    expect(await statusOf(post('application/json; charset=latin1', '{}'))).toBe(415);
    // "+AFs-" is a bracket in UTF-7, so decoded text can nest deeper than its bytes.
    for (const charset of ['utf-7', 'UTF-7', 'utf-16', 'utf-16le', 'utf-16be', 'utf-32'])
      expect(await statusOf(post(`application/json; charset=${charset}`, `{"name":${'+AFs-'.repeat(5000)}`))).toBe(415); // prettier-ignore
    expect(await statusOf(post('application/json', Buffer.from('\ufeff{"name":"x"}', 'utf16le')))).toBe(415);
    expect(await statusOf(post('application/json', '[]'))).toBe(422);
    expect(await statusOf(post('application/json', 'null'))).toBe(400);
    expect(await statusOf(post('application/json', '{"name":"x","role":"machine","managed":"file"}'))).toBe(422); // prettier-ignore
    expect(await statusOf(post('application/json', '{"__proto__":{"role":"administrator"},"name":"x","role":"machine"}'))).toBe(422); // prettier-ignore
    expect(await statusOf(post('application/json', JSON.stringify({ name: 'x'.repeat(1_100_000) })))).toBe(
      413,
    );
    const named = (many: number) => JSON.stringify(Object.fromEntries(Array.from({ length: many }, (_, i) => [`n${i}`, 1]))); // prettier-ignore
    expect(await statusOf(post('application/json', named(20_000)))).toBe(422);
    // Parsing new names takes long, so a body with more of them is not parsed.
    expect(await statusOf(post('application/json', named(20_001)))).toBe(400);
    for (const query of [
      '?limit=0',
      '?limit=x',
      '?limit=1&limit=2',
      '?nothing=1',
      '?after=%00',
      '?limit[$gt]=1',
    ])
      expect([query, await statusOf(sign(app.get(`/api/v1/accounts${query}`)))]).toEqual([query, 400]);
    expect(await statusOf(sign(app.get('/api/v1/accounts?key=abc')))).toBe(400);
    expect(await statusOf(sign(app.put('/api/v1/accounts')))).toBe(405);
    expect(await statusOf(sign(app.get('/api/v1/nothing')))).toBe(404);
    expect(await statusOf(sign(app.get('/api/v1/accounts/%ff')))).toBe(400);
    expect(await statusOf(app.get('/api/v1/nothing'))).toBe(401);
    expect(await statusOf(sign(app.patch('/api/v1/accounts/sensor')).set('If-Match', 'W/"1"').send({ disabled: true }))).toBe(400); // prettier-ignore
    expect(names((await t.api('boss', 'GET', '/accounts')).body)).not.toContain('x');
  });

  test('a request that is repeated with its Idempotency-Key is performed once', async () => {
    const send = (key: string, body: Json = { account: 'gauge', member: 'tonga' }) =>
      t.api('boss', 'POST', '/keys', body, { 'Idempotency-Key': key });
    const [first, beside] = await Promise.all([send('one'), send('one')]);
    const made = [first, beside].filter(({ status }) => status === 201);
    expect(made.length).toBeGreaterThan(0);
    const again = await send('one');
    expect([again.status, again.headers['idempotency-replayed'], again.body['secret']]).toEqual([201, 'true', made[0]?.body['secret']]); // prettier-ignore
    expect(items((await t.api('boss', 'GET', '/keys?account=gauge')).body)).toHaveLength(1);
    expect((await send('one', { account: 'other', member: 'tonga' })).status).toBe(422);
    expect((await send('two')).status).toBe(201);
    expect((await send('x'.repeat(300))).status).toBe(400);
    // A failed request may be repeated.
    expect((await send('three', { account: 'gauge', member: 'fiji' })).status).toBe(400);
    expect((await send('three', { account: 'gauge', member: 'fiji' })).status).toBe(400);
    const kept = JSON.stringify(await t.hub.store.records('idempotency'));
    expect(kept).not.toContain(String(made[0]?.body['secret']));
    clock.advance(DAY + 1);
    await t.hub.housekeeping.tidy();
    expect(await t.hub.store.records('idempotency')).toEqual([]);
  });
});

test('an object is found only in collections that the caller may read, with its newest version', async () => {
  const object = anIndicator();
  const id = String(object['id']);
  const newer = { ...object, modified: '2026-02-01T00:00:00.000Z', name: 'Newer' };
  await t.as('writer').post(objectsOf(MAIN), { objects: [newer, object] });
  const { status, body } = await t.api('sensor', 'GET', `/objects/${id}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    places: [
      { name: 'indicators', versions: [{ version: newer.modified }, { version: object['modified'] }] },
    ],
    object: newer,
  });
  for (const who of ['desk', 'nobody', 'boss'])
    expect((await t.api(who, 'GET', `/objects/${id}`)).status).toBe(404);
});

describe('the audit', () => {
  test('records actions and refusals, shows callers their own part, and can be verified', async () => {
    await make('boss', { name: 'gauge', role: 'machine', member: 'tonga' });
    const key = await newKey('moana', { account: 'gauge' });
    await t.api('moana', 'DELETE', `/keys/${key.id}`);
    await t.api('desk', 'POST', '/collections', { title: 'Mine' });
    await t.api('boss', 'POST', `/collections/${OPEN}/grants`, { to: 'member:fiji' });
    const facts = async (who: string) =>
      items((await t.api(who, 'GET', '/audit?order=oldest')).body).map(({ fact }) => {
        const { actor, action, resource, result } = fact as Json;
        return [actor, action, resource, result];
      });
    const all = [
      ['settings', 'settings.reconcile', 'settings/file', 'done'],
      ['boss', 'account.create', 'account/gauge', 'done'],
      ['moana', 'key.create', `key/${key.id}`, 'done'],
      ['moana', 'key.revoke', `key/${key.id}`, 'done'],
      ['desk', 'api.post', '/collections', 'refused'],
      ['boss', 'grant.create', `collection/${OPEN}`, 'done'],
    ];
    expect(await facts('boss')).toEqual(all);
    // Only the hub can list its own accounts. An officer sees the hub as the actor.
    const byHub = ([, ...rest]: readonly unknown[]): unknown[] => ['hub', ...rest];
    expect(await facts('moana')).toEqual([byHub(all[1] ?? []), ...all.slice(2, 4)]);
    expect(await facts('desk')).toEqual([all[4], byHub(all[5] ?? [])]);
    // Gaps in entry numbers would show the activity of others. Only callers who see all entries get numbers.
    const own = items((await t.api('moana', 'GET', '/audit?limit=2')).body);
    expect(own.map((entry) => Object.keys(entry))).toEqual([['fact'], ['fact']]);
    expect(await facts('sensor')).toEqual([]);
    const { body } = await t.api('boss', 'GET', '/audit?order=oldest&limit=2');
    expect([items(body).length, body['next']]).toEqual([2, '2']);
    expect(items((await t.api('boss', 'GET', '/audit?after=2&limit=9')).body)).toHaveLength(4);
    const verified = (await t.api('boss', 'GET', '/audit/verification')).body;
    expect(verified).toMatchObject({ entries: 6, head: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(verified).not.toHaveProperty('broken');
    expect(JSON.stringify(items((await t.api('boss', 'GET', '/audit')).body))).not.toContain(key.secret);
    const object = anIndicator();
    await t.as('sensor').post(objectsOf(MAIN), { objects: [object] });
    await t.as('sensor').delete(`${objectsOf(MAIN)}${String(object['id'])}/`);
    expect((await facts('moana')).at(-1)).toEqual(['sensor', 'object.delete', `object/${String(object['id'])}`, 'done']); // prettier-ignore
    // A changed entry is detected, wherever it is.
    const audit = t.hub.store.audit.bind(t.hub.store);
    t.hub.store.audit = async (from, limit, order) =>
      (await audit(from, limit, order)).map((entry) =>
        entry.seq === 3 ? { ...entry, fact: { ...entry.fact, actor: 'boss' } } : entry,
      );
    expect((await t.api('boss', 'GET', '/audit/verification')).body).toMatchObject({ broken: { seq: 3 } });
  });
});

test('the audit log begins with the newest entry, and a position is valid in both orders', async () => {
  for (const name of ['gauge', 'meter', 'probe2'])
    await make('boss', { name, role: 'machine', member: 'tonga' });
  const page = async (who: string, query: string) => {
    const { status, body } = await t.api(who, 'GET', `/audit${query}`);
    const next = typeof body['next'] === 'string' ? body['next'] : undefined;
    return { status, ids: status === 200 ? items(body).map(({ fact }) => (fact as Json)['id']) : [], next };
  };
  for (const who of ['boss', 'moana']) {
    const { ids: oldest } = await page(who, '?order=oldest');
    expect(oldest.length).toBeGreaterThan(2);
    expect((await page(who, '')).ids).toEqual(oldest.toReversed());
    expect((await page(who, '?after=0')).ids).toEqual(oldest);
    expect((await page(who, '?after=0&order=newest')).ids).toEqual(oldest.toReversed());
    for (const order of ['newest', 'oldest']) {
      const ids: unknown[] = [];
      for (let next: string | undefined, asked = `?limit=2&order=${order}`; ;) {
        const found = await page(who, asked);
        ids.push(...found.ids);
        ({ next } = found);
        if (next === undefined) break;
        // The position continues in its order, also when the request does not name it.
        asked = `?limit=2&after=${next}`;
      }
      expect(ids).toEqual(order === 'newest' ? oldest.toReversed() : oldest);
    }
    // Back from the second page to the newer entries.
    const { next = '' } = await page(who, '?limit=2');
    expect((await page(who, `?after=${next}&order=oldest`)).ids).toEqual(oldest.slice(-1));
    expect((await page(who, '?order=latest')).status).toBe(400);
  }
  // A collector of entries sends the number of the last one that it has.
  const { ids } = await page('boss', '?order=oldest');
  expect((await page('boss', '?after=2')).ids).toEqual(ids.slice(2));
  expect((await page('moana', '?after=newest-2')).status).toBe(400);
  expect((await page('boss', '?after=newest-')).status).toBe(400);
});

test('reads and writes of an account have separate rates on TAXII and the API, and do not affect other accounts', async () => {
  await t.stop();
  t = await testHub(`${SETTINGS}${EXTRA}limits: { reads: 2, writes: 1 }\n`, { clock });
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++) statuses.push((await t.as('sensor').get(objectsOf(MAIN))).status);
  expect(statuses).toEqual([200, 200, 200, 200, 429]);
  const refused = await t.api('sensor', 'GET', '/whoami');
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
  expect((await t.as('reader').get(objectsOf(MAIN))).status).toBe(200);
  const send = () => t.as('sensor').post(objectsOf(MAIN), { objects: [anIndicator()] });
  expect([(await send()).status, (await send()).status, (await send()).status]).toEqual([202, 202, 429]);
  clock.advance(1_000);
  expect((await t.as('sensor').get(objectsOf(MAIN))).status).toBe(200);
  expect((await send()).status).toBe(202);
});

test('the page of the API shows every operation, without scripts or outside hosts', async () => {
  const { status, text, headers } = await supertest(t.hub.app).get('/api/docs');
  expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  const { body } = await supertest(t.hub.app).get('/api/openapi.json');
  for (const path of Object.keys((body as { paths: object }).paths)) expect(text).toContain(path);
  expect(text).not.toMatch(/<script|https?:\/\/(?!127\.0\.0\.1)/);
});

describe('one-time links', () => {
  const link = async (account: string) =>
    new URL(String((await t.api('boss', 'POST', `/accounts/${account}/invitation`)).body['link'])).pathname;
  const open = (path: string) => supertest(t.hub.app).get(path);
  const send = (path: string, password: string) =>
    supertest(t.hub.app).post(path).type('form').send({ password });
  const basic = async (user: string, password: string) =>
    (await supertest(t.hub.app).get('/api/v1/whoami').auth(user, password)).status;

  test('set the password of an account once, within a day, and a new link ends the previous one', async () => {
    await make('boss', { name: 'sina', role: 'officer', member: 'tonga', person: true });
    const first = await link('sina');
    const path = await link('sina');
    expect((await open(first)).status).toBe(404);
    const page = await open(path);
    expect([page.status, page.headers['cache-control'], page.headers['referrer-policy']]).toEqual([200, 'no-store', 'no-referrer']); // prettier-ignore
    expect(page.headers['content-security-policy']).toContain("form-action 'self'");
    expect(page.text).toContain('Welcome, sina');
    const short = await send(path, 'short');
    expect([short.status, short.text]).toEqual([422, expect.stringContaining('12 to 256 characters')]);
    expect((await send(path, 'a dozen letters')).status).toBe(200);
    expect(await basic('sina', 'a dozen letters')).toBe(200);
    const used = await send(path, 'another dozen letters');
    expect([used.status, used.text]).toEqual([
      404,
      expect.stringContaining('Somebody set a password with it'),
    ]);
    expect(await basic('sina', 'another dozen letters')).toBe(401);
    const late = await link('sina');
    clock.advance(DAY);
    const over = await open(late);
    expect([over.status, over.text]).toEqual([404, expect.stringContaining('valid for one day')]);
    expect((await send(late, 'another dozen letters')).status).toBe(404);
    const [before, after] = [await link('sina'), await link('sina')];
    expect((await open(before)).text).toContain('A newer link or another credential has replaced it');
    expect((await open(after)).status).toBe(200);
    expect((await open('/first/none')).text).toContain('The hub does not know it');
    const facts = items((await t.api('boss', 'GET', '/audit?order=oldest')).body).map(
      ({ fact }) => (fact as Json)['action'],
    );
    const apart = new Set(['account.sign_in_failed', 'account.reset']);
    const done = facts.filter((action) => !apart.has(String(action)));
    const invited = 'account.invite';
    expect(done.slice(-6)).toEqual([invited, invited, 'account.first', invited, invited, invited]);
    clock.advance(31 * DAY);
    await t.hub.housekeeping.tidy();
    expect(await t.hub.store.records('invitation')).toEqual([]);
  });

  test('an unreadable request gets one line that reveals no internals', async () => {
    const big = await send(await link('moana'), 'x'.repeat(10_000));
    const broken = await open('/first/%ff');
    const queer = await supertest(t.hub.app).post('/first/x').set('Content-Type', 'application/x-www-form-urlencoded; charset=latin7').send('a=b'); // prettier-ignore
    expect([big.status, broken.status, queer.status]).toEqual([413, 400, 415]);
    for (const { text } of [big, broken, queer]) expect(text).toBe('the request cannot be read\n');
    expect((await send('/first/x', 'a dozen letters')).status).toBe(404);
  });

  test('set one password when two people use the same link at once', async () => {
    await make('boss', { name: 'sina', role: 'officer', member: 'tonga', person: true });
    const path = await link('sina');
    const passwords = ['a dozen letters 1', 'a dozen letters 2'];
    const statuses = await Promise.all(
      passwords.map(async (password) => (await send(path, password)).status),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(await basic('sina', passwords[statuses.indexOf(200)] ?? '')).toBe(200);
  });

  test('are created at start for people without credentials, and a chosen password stays at the next start', async () => {
    const person = '\n  - { name: sina, role: officer, member: tonga, person: true }\n';
    await t.stop();
    t = await testHub(SETTINGS + EXTRA.replace('\nfeeds:', `${person}feeds:`), { clock });
    // Two processes of one database start at the same time. Only one of them has the link to print.
    const starts = await Promise.all([t.hub.firstLinks(), t.hub.firstLinks()]);
    const links = starts.flatMap(({ made }) => made);
    expect(links.map(({ account }) => account)).toEqual(['sina']);
    expect(starts.flatMap(({ waiting }) => waiting)).toEqual([
      { account: 'sina', expires: expect.any(String) },
    ]);
    // A restart keeps the link that somebody may have been given.
    expect((await t.hub.firstLinks()).made).toEqual([]);
    expect((await send(new URL(links[0]?.link ?? '').pathname, 'a dozen letters')).status).toBe(200);
    expect(await t.hub.firstLinks()).toEqual({ made: [], waiting: [] });
  });
});

describe('metrics', () => {
  const read = (secret: string | undefined) => {
    const request = supertest(t.hub.app).get('/metrics');
    return secret === undefined ? request : request.set('Authorization', `Bearer ${secret}`);
  };

  test('are for administrators and keys with their scope, and contain no member, account or address', async () => {
    await t.as('sensor').get(objectsOf(MAIN));
    await t.as('sensor').get('/main/no-such-thing/');
    await t.api('boss', 'GET', '/accounts');
    const key = await newKey('boss', { account: 'prometheus', scopes: ['metrics:read'] });
    expect(await Promise.all([undefined, keyOf('sensor'), keyOf('watch'), keyOf('moana')].map(async (secret) => (await read(secret)).status))).toEqual([401, 403, 403, 403]); // prettier-ignore
    expect((await t.api(key.secret, 'GET', '/accounts')).body['items']).toEqual([]);
    for (const secret of [keyOf('boss'), key.secret]) {
      const { status, text, headers } = await read(secret);
      expect([status, headers['content-type']]).toEqual([200, expect.stringContaining('text/plain')]);
      expect(text).toContain(
        'talanoa_http_requests_total{surface="taxii",route="getObjects",status="2xx"} 1',
      );
      expect(text).toContain('talanoa_http_requests_total{surface="taxii",route="other",status="4xx"} 1');
      expect(text).toContain('talanoa_http_requests_total{surface="api",route="listAccounts",status="2xx"} ');
      expect(text).toMatch(/talanoa_members 2\n/);
      expect(text).toMatch(/talanoa_ready 1\n/);
      expect(text).toContain('nodejs_eventloop_lag_seconds');
      for (const word of ['tonga', 'sensor', 'moana', MAIN, '127.0.0.1']) expect(text).not.toContain(word);
    }
  });
});

describe('resources that a request creates', () => {
  test('an officer without a member is refused by every operation that creates accounts, with a remedy', async () => {
    const answers = [
      await make('boss', { name: 'lonely', role: 'officer' }),
      await make('boss', { name: 'lonely', role: 'officer', member: 'hub' }),
      await t.api('boss', 'POST', '/keys', { account: 'lonely', role: 'officer' }),
    ];
    expect((await make('boss', { name: 'of-hub', role: 'machine' })).status).toBe(201);
    answers.push(await t.api('boss', 'PATCH', '/accounts/of-hub', { role: 'officer' }));
    for (const { status, body } of answers)
      expect([status, body['code'], body['hint']]).toEqual([
        400,
        'TLN-U-429',
        expect.stringContaining('--member NAME'),
      ]);
    expect((await t.api('boss', 'GET', '/accounts/lonely')).status).toBe(404);
  });

  test('a new key shows the member of its account, and whether the account is new', async () => {
    const keyFor = async (body: Json): Promise<unknown[]> => {
      const answer = await t.api('boss', 'POST', '/keys', body);
      return [answer.status, answer.body['member'], answer.body['account_created']];
    };
    expect(await keyFor({ account: 'sensor', collections: [MAIN] })).toEqual([201, 'tonga', false]);
    expect(await keyFor({ account: 'sensr', member: 'tonga' })).toEqual([201, 'tonga', true]);
    expect(await keyFor({ account: 'sensr-of-hub' })).toEqual([201, undefined, true]);
  });
});
