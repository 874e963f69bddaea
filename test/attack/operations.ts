import { indicator, type Member } from './site.ts';
import type { Thing } from './things.ts';

/**
 * A valid request for one operation of the admin API. `ID` is replaced with the id of a resource, `NEW` with
 * an unused name.
 */
export interface Attack {
  readonly thing?: Thing;
  readonly method: string;
  readonly path: string;
  readonly body?: (of: Member) => unknown;
}

const red = (): unknown => indicator('red');

/**
 * Every operation of the admin API, with a request that is valid in everything except possibly its sender.
 * The suites for roles, scopes and additional fields use this table. They fail when an operation of the API
 * document is missing here.
 */
export const OPERATIONS: Readonly<Record<string, Attack>> = {
  whoAmI: { method: 'GET', path: '/whoami' },
  getStatus: { method: 'GET', path: '/status' },
  getDiagnosis: { method: 'GET', path: '/doctor' },
  getSettings: { method: 'GET', path: '/settings' },
  listReaders: { method: 'GET', path: '/deliveries/readers' },
  listValueViews: { method: 'GET', path: '/values/views' },
  rebuildValues: { method: 'POST', path: '/values/rebuild' },
  listFindings: { method: 'GET', path: '/findings' },
  listRefusals: { method: 'GET', path: '/deliveries/refusals' },
  whyDelivered: { thing: 'object', method: 'GET', path: '/deliveries/why?object=ID&member=samoa' },
  listAudit: { method: 'GET', path: '/audit' },
  verifyAudit: { method: 'GET', path: '/audit/verification' },
  listAccounts: { method: 'GET', path: '/accounts' },
  createAccount: { thing: 'member', method: 'POST', path: '/accounts', body: (of) => ({ name: 'NEW', role: 'machine', member: of }) },
  listNotifications: { method: 'GET', path: '/account/notifications' },
  getAccount: { thing: 'account', method: 'GET', path: '/accounts/ID' },
  changeAccount: { thing: 'account', method: 'PATCH', path: '/accounts/ID', body: () => ({ disabled: true }) },
  removeAccount: { thing: 'account', method: 'DELETE', path: '/accounts/ID' },
  inviteAccount: { thing: 'account', method: 'POST', path: '/accounts/ID/invitation' },
  listSessions: { method: 'GET', path: '/sessions' },
  signIn: { method: 'POST', path: '/sessions', body: () => ({ account: 'nobody-here', password: 'no such password' }) },
  confirmSession: { method: 'POST', path: '/session/confirmation', body: () => ({ password: 'no such password' }) },
  giveSecondFactor: { method: 'POST', path: '/session/second-factor', body: () => ({ code: '123456' }) },
  getSecondFactor: { method: 'GET', path: '/second-factor' },
  offerAuthenticator: { method: 'POST', path: '/second-factor/authenticator' },
  verifyAuthenticator: { method: 'POST', path: '/second-factor/authenticator/verification', body: () => ({ code: '123456' }) },
  askPasskey: { method: 'POST', path: '/session/second-factor/options' },
  offerPasskey: { method: 'POST', path: '/second-factor/passkeys/options' },
  addPasskey: { method: 'POST', path: '/second-factor/passkeys', body: () => ({ passkey: {} }) },
  removePasskey: { method: 'DELETE', path: '/second-factor/passkeys/no-such' },
  removeAuthenticator: { method: 'DELETE', path: '/second-factor/authenticator' },
  renewRecoveryCodes: { method: 'POST', path: '/second-factor/recovery-codes' },
  resetSecondFactor: { thing: 'person', method: 'DELETE', path: '/accounts/ID/second-factor' },
  listSignIns: { thing: 'person', method: 'GET', path: '/accounts/ID/sign-ins' },
  proposeEmail: { method: 'POST', path: '/email', body: () => ({ email: 'x@cert.example' }) },
  verifyEmail: { method: 'POST', path: '/email/verification', body: () => ({ token: 'no-such-token-anywhere' }) },
  requestPasswordReset: { method: 'POST', path: '/password-resets', body: () => ({ account: 'nobody-here' }) },
  completePasswordReset: { method: 'POST', path: '/password-resets/completion', body: () => ({ token: 'no-such-token-anywhere', password: 'twelve letters' }) },
  registerCertificate: { thing: 'account', method: 'POST', path: '/certificates', body: () => ({ account: 'ID', certificate: 'x' }) },
  unlinkAccount: { thing: 'person', method: 'DELETE', path: '/accounts/ID/single-sign-on' },
  linkAccount: { thing: 'person', method: 'PUT', path: '/accounts/ID/single-sign-on', body: () => ({ subject: 'x' }) },
  endSession: { thing: 'session', method: 'DELETE', path: '/sessions/ID' },
  listKeys: { method: 'GET', path: '/keys' },
  listUnusedKeys: { method: 'GET', path: '/keys/unused?days=1' },
  createKey: { thing: 'account', method: 'POST', path: '/keys', body: () => ({ account: 'ID' }) },
  rotateKey: { thing: 'key', method: 'POST', path: '/keys/ID/rotation', body: () => ({}) },
  revokeKey: { thing: 'key', method: 'DELETE', path: '/keys/ID' },
  listMembers: { method: 'GET', path: '/members' },
  createMember: { method: 'POST', path: '/members', body: () => ({ name: 'NEW' }) },
  getMember: { thing: 'member', method: 'GET', path: '/members/ID' },
  changeMember: { thing: 'member', method: 'PATCH', path: '/members/ID', body: () => ({ title: 'Another title' }) },
  listClaims: { method: 'GET', path: '/claims' },
  createClaim: { thing: 'member', method: 'POST', path: '/members/ID/claims', body: () => ({ type: 'domain', value: 'NEW.example' }) },
  decideClaim: { thing: 'claim', method: 'POST', path: '/claims/ID/decision', body: () => ({ verdict: 'verified' }) },
  register: { method: 'POST', path: '/registrations', body: () => ({ name: 'NEW', title: 'New', contact: 'a@b.example' }) },
  requestChange: { thing: 'member', method: 'POST', path: '/members/ID/requests', body: () => ({ title: 'NEW' }) },
  listRequests: { method: 'GET', path: '/requests' },
  decideRequest: { thing: 'request', method: 'POST', path: '/requests/ID/decision', body: () => ({ verdict: 'refused' }) },
  importDelegations: { method: 'POST', path: '/delegations' },
  listGroups: { method: 'GET', path: '/groups' },
  createGroup: { method: 'POST', path: '/groups', body: () => ({ name: 'NEW' }) },
  getGroup: { thing: 'group', method: 'GET', path: '/groups/ID' },
  joinGroup: { thing: 'group', method: 'PUT', path: '/groups/ID/members/samoa', body: () => ({}) },
  leaveGroup: { thing: 'group', method: 'DELETE', path: '/groups/ID/members/samoa' },
  listCollections: { method: 'GET', path: '/collections' },
  addCollection: { method: 'POST', path: '/collections', body: () => ({ title: 'NEW' }) },
  grant: { method: 'POST', path: '/collections/secret/grants', body: () => ({ to: 'member:tonga', read: true }) },
  revokeGrant: { method: 'DELETE', path: '/collections/shared/grants/member:samoa' },
  searchObjects: { method: 'GET', path: '/objects?q=reef.example' },
  findObject: { thing: 'object', method: 'GET', path: '/objects/ID' },
  publishObjects: { method: 'POST', path: '/collections/fijian/objects', body: () => ({ objects: [indicator('green')] }) },
  previewRecipients: { method: 'POST', path: '/collections/fijian/recipients', body: () => ({ objects: [indicator('green')] }) },
  publishIndicators: { method: 'POST', path: '/collections/fijian/indicators', body: () => ({ values: ['reef.example.com'], tlp: 'green', valid_days: 30 }) },
  previewIndicatorRecipients: { method: 'POST', path: '/collections/fijian/indicators/recipients', body: () => ({ values: ['reef.example.com'], tlp: 'green', valid_days: 30 }) },
  revokeObject: { thing: 'object', method: 'POST', path: '/objects/ID/revocation' },
  reviseObject: { thing: 'object', method: 'POST', path: '/objects/ID/versions', body: () => ({ title: 'Corrected' }) },
  listHeld: { method: 'GET', path: '/held' },
  getHeld: { thing: 'held', method: 'GET', path: '/held/ID' },
  releaseHeld: { thing: 'held', method: 'POST', path: '/held/ID/release' },
  giveHeld: { thing: 'held', method: 'POST', path: '/held/ID/gift', body: () => ({ to: ['watch'] }) },
  discardHeld: { thing: 'held', method: 'POST', path: '/held/ID/discard', body: () => ({ reason: 'by mail' }) },
  listRed: { method: 'GET', path: '/red' },
  giveRed: { method: 'POST', path: '/red', body: () => ({ object: red(), to: ['watch'] }) },
  readRed: { thing: 'red', method: 'GET', path: '/red/ID' },
  withdrawRed: { thing: 'red', method: 'DELETE', path: '/red/ID' },
  shareObject: { thing: 'object', method: 'POST', path: '/objects/ID/shares', body: () => ({ members: ['samoa'] }) },
  listShares: { method: 'GET', path: '/shares' },
  answerShare: { thing: 'share', method: 'POST', path: '/shares/ID/answer', body: () => ({ verdict: 'granted' }) },
  listRules: { method: 'GET', path: '/rules' },
  createRule: { method: 'POST', path: '/rules', body: () => ({ name: 'NEW', from: 'fijian', to: 'shared' }) },
  removeRule: { method: 'DELETE', path: '/rules/that-is-not' },
  listChannels: { method: 'GET', path: '/channels' },
  createChannel: { method: 'POST', path: '/channels', body: () => ({ name: 'NEW', member: 'tonga', kind: 'webhook', url: 'https://hook.example/x', secret: 'secret:x' }) },
  getChannel: { thing: 'channel', method: 'GET', path: '/channels/ID' },
  removeChannel: { thing: 'channel', method: 'DELETE', path: '/channels/ID' },
  pauseChannel: { thing: 'channel', method: 'POST', path: '/channels/ID/pause', body: () => ({}) },
  resumeChannel: { thing: 'channel', method: 'POST', path: '/channels/ID/resumption' },
  replayChannel: { thing: 'channel', method: 'POST', path: '/channels/ID/replay', body: () => ({ since: '2026-01-15T00:00:00Z' }) },
  settleDeadLetters: { thing: 'channel', method: 'POST', path: '/channels/ID/dead-letters', body: () => ({ way: 'send' }) },
  getDeliveries: { thing: 'object', method: 'GET', path: '/objects/ID/deliveries' },
  demandAnswers: { thing: 'object', method: 'PUT', path: '/objects/ID/deadline', body: () => ({ until: new Date(Date.now() + 7 * 86_400_000).toISOString() }) },
  answerObject: { thing: 'object', method: 'POST', path: '/objects/ID/answer', body: () => ({ answer: 'acknowledged' }) },
  listTriage: { method: 'GET', path: '/triage' },
  assignTriage: { method: 'POST', path: '/triage/0123456789abcdef/assignment', body: () => ({ members: ['fiji'] }) },
  dismissTriage: { method: 'POST', path: '/triage/0123456789abcdef/dismissal', body: () => ({ note: 'x' }) },
  listFeeds: { method: 'GET', path: '/feeds' },
  addFeed: { method: 'POST', path: '/feeds', body: () => ({ name: 'NEW', collection: 'shared', preset: 'tor-exits' }) },
  listPresets: { method: 'GET', path: '/feed-catalogue' },
  compareFeeds: { method: 'GET', path: '/feed-usefulness' },
  previewNewFeed: { method: 'POST', path: '/feed-previews', body: () => ({ name: 'NEW', collection: 'shared', url: 'http://127.0.0.1:9/x' }) },
  getFeed: { method: 'GET', path: '/feeds/list' },
  changeFeed: { method: 'PUT', path: '/feeds/list', body: () => ({ collection: 'shared', preset: 'tor-exits' }) },
  removeFeed: { method: 'DELETE', path: '/feeds/that-is-not' },
  pauseFeed: { method: 'POST', path: '/feeds/list/pause', body: () => ({ reason: 'moving' }) },
  resumeFeed: { method: 'POST', path: '/feeds/list/resumption' },
  listRuns: { method: 'GET', path: '/feeds/list/runs' },
  runFeed: { method: 'POST', path: '/feeds/that-is-not/runs' },
  uploadContent: { method: 'POST', path: '/feeds/that-is-not/content' },
  previewFeed: { method: 'POST', path: '/feeds/list/preview' },
  listQuarantine: { method: 'GET', path: '/feeds/list/quarantine' },
  retryQuarantine: { method: 'POST', path: '/feeds/list/quarantine/retry' },
  listSecrets: { method: 'GET', path: '/secrets' },
  setSecret: { method: 'PUT', path: '/secrets/NEW', body: () => ({ value: 'hunter2 of a feed', hosts: ['feeds.example.org'] }) },
  removeSecret: { method: 'DELETE', path: '/secrets/that-is-not' },
}; // prettier-ignore

/** Returns the operations in the API document of a hub, by name. */
export function documented(document: unknown): readonly string[] {
  const { paths } = document as { paths: Record<string, Record<string, { operationId?: string }>> };
  return Object.values(paths).flatMap((item) =>
    Object.values(item).flatMap(({ operationId }) => operationId ?? []),
  );
}

/** Returns the permission that each operation declares in the API document of a hub, with its summary. */
export function permissionsIn(
  document: unknown,
): Readonly<Record<string, { readonly permission: string; readonly summary: string }>> {
  interface Item {
    readonly operationId?: string;
    readonly summary: string;
    readonly 'x-permission': string;
  }
  const { paths } = document as { paths: Record<string, Record<string, Item>> };
  return Object.fromEntries(
    Object.values(paths)
      .flatMap((item) => Object.values(item))
      .flatMap(({ operationId, summary, 'x-permission': permission }) =>
        operationId === undefined ? [] : [[operationId, { permission, summary }] as const],
      ),
  );
}

/** Returns the request of an operation with its names filled in. */
export function filled(
  attack: Attack,
  of: Member,
  id: string,
  name: string,
): { readonly path: string; readonly body: unknown } {
  const fill = (text: string): string =>
    text.replaceAll(/\bID\b/g, () => id).replaceAll(/\bNEW\b/g, () => name);
  return {
    path: fill(attack.path),
    body:
      attack.body === undefined ? undefined : (JSON.parse(fill(JSON.stringify(attack.body(of)))) as unknown),
  };
}
