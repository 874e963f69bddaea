import {
  content,
  credential,
  hub,
  lasting,
  open,
  placing,
  reading,
  reducing,
  session,
  type Decision,
} from './decisions.ts';
import { indicator, type Member } from './site.ts';
import { CONTACT, type Thing } from './things.ts';

/**
 * A valid request for one operation of the admin API. `ID` is replaced with the id of a resource, `NEW` with
 * an unused name.
 */
export interface Attack {
  readonly thing?: Thing;
  readonly method: string;
  readonly path: string;
  readonly body?: (of: Member) => unknown;
  /**
   * The responses to an administrator, an analyst and a service account of the hub, and to an officer and a service account
   * of Tonga: for a resource of Tonga, then for a resource of Fiji, or once when the operation names no resource.
   */
  readonly answers: string;
  /** The effect of the limits of a key. Every operation that changes something has one. */
  readonly decision?: Decision;
}

const red = (): unknown => indicator('red');

/**
 * Every operation of the admin API, with a request that is valid in everything except possibly its sender.
 * The suites for roles, scopes and additional fields use this table. They fail when an operation of the API
 * document is missing here.
 */
export const OPERATIONS: Readonly<Record<string, Attack>> = {
  whoAmI: { method: 'GET', path: '/whoami', answers: '200 200 200 200 200' },
  getStatus: { method: 'GET', path: '/status', answers: '200 200 403 403 403' },
  getDiagnosis: { method: 'GET', path: '/doctor', answers: '200 403 403 403 403' },
  getSettings: { method: 'GET', path: '/settings', answers: '200 403 403 403 403' },
  getOverview: { method: 'GET', path: '/overview', answers: '200 200 200 200 200' },
  listReaders: { method: 'GET', path: '/deliveries/readers', answers: '200 200 200 200 200' },
  listValueViews: { method: 'GET', path: '/values/views', answers: '200 200 403 403 403' },
  rebuildValues: { method: 'POST', path: '/values/rebuild', answers: '200 403 403 403 403', decision: hub },
  listScorecards: { method: 'GET', path: '/scorecards?days=7', answers: '200 200 200 200 200' },
  listArrivals: { method: 'GET', path: '/arrivals', answers: '200 200 403 403 403' },
  rebuildScorecards: { method: 'POST', path: '/scorecards/rebuild', answers: '204 403 403 403 403', decision: hub },
  connectTool: { method: 'GET', path: '/list-tools/fortigate?collection=shared', answers: '200 200 404 200 200' },
  getValue: { method: 'GET', path: '/values?value=nothing.reef-bank.com', answers: '404 404 404 404 404' },
  extractValues: { method: 'POST', path: '/values/extract', body: () => ({ text: 'See nothing.reef-bank.com' }), answers: '200 200 200 200 200', decision: reading },
  checkValues: { method: 'POST', path: '/values/check', body: () => ({ values: ['nothing.reef-bank.com'] }), answers: '200 200 200 200 200', decision: reading },
  listFeedback: { method: 'GET', path: '/feedback', answers: '403 403 403 403 403' },
  sendFeedback: { method: 'POST', path: '/feedback', body: () => ({ items: [{ value: 'nothing.reef-bank.com', kind: 'sighting' }] }), answers: '403 403 403 200 200', decision: hub },
  listFalsePositives: { method: 'GET', path: '/false-positives', answers: '200 200 403 403 403' },
  decideFalsePositive: { method: 'POST', path: '/false-positives/AAAAAAAAAAAAAAAAAAAAAA/decision', body: () => ({ verdict: 'refused', note: 'it is malicious' }), answers: '404 404 403 403 403', decision: hub },
  listSuppressions: { method: 'GET', path: '/suppressions', answers: '200 200 200 200 200' },
  createSuppressions: { thing: 'member', method: 'POST', path: '/suppressions', body: (of) => ({ values: [`www.gov.${of === 'tonga' ? 'to' : 'fj'}`], reason: 'the site of a ministry' }), answers: '201 201 403 201 403 | 201 201 403 403 403', decision: reducing },
  getSuppression: { thing: 'suppression', method: 'GET', path: '/suppressions/ID', answers: '200 200 404 200 404 | 200 200 404 404 404' },
  liftSuppression: { thing: 'suppression', method: 'POST', path: '/suppressions/ID/lift', body: () => ({ reason: 'it is malicious' }), answers: '200 200 404 200 404 | 200 200 404 404 404', decision: reducing },
  listAnonymousObjects: { method: 'GET', path: '/anonymous-objects', answers: '403 403 403 403 403' },
  submitAnonymously: { method: 'POST', path: '/collections/shared/anonymous-objects', body: () => ({ objects: [{ type: 'x' }], attribution: 'anonymous-to-members' }), answers: '403 403 403 200 200', decision: content },
  revokeAnonymousObject: { method: 'POST', path: '/anonymous-objects/indicator--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b/revocation', answers: '403 403 403 404 404', decision: hub },
  openSeal: { method: 'POST', path: '/anonymous-objects/indicator--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b/opening', body: () => ({ reason: 'an order of a court' }), answers: '403 403 403 403 403', decision: session },
  listWideNetworks: { method: 'GET', path: '/wide-networks', answers: '200 200 403 403 403' },
  createWideNetwork: { method: 'POST', path: '/wide-networks', body: () => ({ network: '45.0.0.0/20', reason: 'a hijacked range', days: 3 }), answers: '403 403 403 403 403', decision: session },
  approveWideNetwork: { method: 'POST', path: '/wide-networks/AAAAAAAAAAAAAAAAAAAAAA/approval', body: () => ({ reason: 'a hijacked range' }), answers: '403 403 403 403 403', decision: session },
  revokeWideNetwork: { method: 'POST', path: '/wide-networks/AAAAAAAAAAAAAAAAAAAAAA/revocation', body: () => ({ reason: 'it ended' }), answers: '404 404 403 403 403', decision: hub },
  listLists: { method: 'GET', path: '/lists', answers: '200 200 200 200 200' },
  createList: { method: 'POST', path: '/lists', body: () => ({ name: 'tonga-NEW', collections: ['shared'], format: 'edl-ip' }), answers: '201 403 404 201 403', decision: hub },
  getList: { thing: 'list', method: 'GET', path: '/lists/ID', answers: '200 200 404 200 200 | 200 200 404 404 404' },
  updateList: { thing: 'list', method: 'PATCH', path: '/lists/ID', body: () => ({ max_entries: 10 }), answers: '200 403 404 200 403 | 200 403 404 404 404', decision: hub },
  deleteList: { thing: 'list', method: 'DELETE', path: '/lists/ID', answers: '204 403 404 204 403 | 204 403 404 404 404', decision: reducing },
  confirmList: { thing: 'list', method: 'POST', path: '/lists/ID/confirmation', body: () => ({}), answers: '409 409 404 409 403 | 409 409 404 404 404', decision: hub },
  listListRemovals: { thing: 'list', method: 'GET', path: '/lists/ID/removals', answers: '200 200 404 200 200 | 200 200 404 404 404' },
  listFindings: { method: 'GET', path: '/findings', answers: '200 200 403 403 403' },
  listRefusals: { method: 'GET', path: '/deliveries/refusals', answers: '200 200 200 200 200' },
  explainDelivery: { thing: 'object', method: 'GET', path: '/deliveries/why?object=ID&member=samoa', answers: '200 200 403 403 403 | 200 200 403 403 403' },
  listAudit: { method: 'GET', path: '/audit', answers: '200 200 200 200 200' },
  verifyAudit: { method: 'GET', path: '/audit/verification', answers: '200 403 403 403 403' },
  listAccounts: { method: 'GET', path: '/accounts', answers: '200 200 200 200 200' },
  listContacts: { method: 'GET', path: '/contacts', answers: '200 200 200 200 200' },
  getContact: { thing: 'contact', method: 'GET', path: '/contacts/ID', answers: '200 200 404 200 200 | 200 200 404 404 404' },
  listContactChanges: { method: 'GET', path: '/contact-changes', answers: '200 200 200 200 200' },
  requestContactChange: { thing: 'member', method: 'POST', path: '/members/ID/contact-changes', body: () => ({ fields: { ...CONTACT, label: 'Desk NEW' } }), answers: '201 403 404 201 403 | 201 403 404 404 404', decision: hub },
  decideContactChange: { thing: 'contact-change', method: 'POST', path: '/contact-changes/ID/decision', body: () => ({ verdict: 'accept' }), answers: '200 403 403 403 403 | 200 403 403 403 403', decision: hub },
  verifyContact: { thing: 'contact', method: 'POST', path: '/contacts/ID/verification', body: () => ({ method: 'call' }), answers: '200 200 403 403 403 | 200 200 403 403 403', decision: hub },
  listExercises: { method: 'GET', path: '/exercises', answers: '200 200 200 200 200' },
  getExercise: { thing: 'exercise', method: 'GET', path: '/exercises/ID', answers: '200 200 404 200 404 | 200 200 404 404 404' },
  createExercise: { method: 'POST', path: '/exercises', body: () => ({ title: 'Exercise NEW' }), answers: '201 201 403 403 403', decision: hub },
  createExerciseCall: { thing: 'exercise', method: 'POST', path: '/exercises/ID/calls', body: () => ({ contact: '00000000-0000-4000-8000-000000000000', outcome: 'reached' }), answers: '422 422 403 403 403 | 422 422 403 403 403', decision: hub },
  endExercise: { thing: 'exercise', method: 'POST', path: '/exercises/ID/end', answers: '200 200 403 403 403 | 200 200 403 403 403', decision: hub },
  createAccount: { thing: 'member', method: 'POST', path: '/accounts', body: (of) => ({ name: 'tonga-NEW', role: 'machine', member: of }), answers: '201 403 403 201 403 | 201 403 403 403 403', decision: credential('account.create') },
  listNotifications: { method: 'GET', path: '/account/notifications', answers: '200 200 200 200 200' },
  getAccount: { thing: 'account', method: 'GET', path: '/accounts/ID', answers: '200 404 404 200 404 | 200 404 404 404 404' },
  updateAccount: { thing: 'account', method: 'PATCH', path: '/accounts/ID', body: () => ({ disabled: true }), answers: '200 404 404 200 404 | 200 404 404 404 404', decision: credential('account.update') },
  deleteAccount: { thing: 'account', method: 'DELETE', path: '/accounts/ID', answers: '204 404 404 204 404 | 204 404 404 404 404', decision: reducing },
  inviteAccount: { thing: 'account', method: 'POST', path: '/accounts/ID/invitation', answers: '201 404 404 201 404 | 201 404 404 404 404', decision: credential('account.invite') },
  listSessions: { method: 'GET', path: '/sessions', answers: '200 200 200 200 200' },
  signIn: { method: 'POST', path: '/sessions', body: () => ({ account: 'nobody-here', password: 'no such password' }), answers: '401 401 401 401 401', decision: open },
  confirmSession: { method: 'POST', path: '/session/confirmation', body: () => ({ password: 'no such password' }), answers: '401 401 401 401 401', decision: session },
  submitSecondFactor: { method: 'POST', path: '/session/second-factor', body: () => ({ code: '123456' }), answers: '401 401 401 401 401', decision: session },
  getSecondFactor: { method: 'GET', path: '/second-factor', answers: '401 401 401 401 401' },
  beginAuthenticator: { method: 'POST', path: '/second-factor/authenticator', answers: '401 401 401 401 401', decision: session },
  verifyAuthenticator: { method: 'POST', path: '/second-factor/authenticator/verification', body: () => ({ code: '123456' }), answers: '401 401 401 401 401', decision: session },
  beginPasskeySignIn: { method: 'POST', path: '/session/second-factor/options', answers: '401 401 401 401 401', decision: session },
  beginPasskey: { method: 'POST', path: '/second-factor/passkeys/options', answers: '401 401 401 401 401', decision: session },
  createPasskey: { method: 'POST', path: '/second-factor/passkeys', body: () => ({ passkey: {} }), answers: '401 401 401 401 401', decision: session },
  deletePasskey: { method: 'DELETE', path: '/second-factor/passkeys/no-such', answers: '401 401 401 401 401', decision: session },
  deleteAuthenticator: { method: 'DELETE', path: '/second-factor/authenticator', answers: '401 401 401 401 401', decision: session },
  renewRecoveryCodes: { method: 'POST', path: '/second-factor/recovery-codes', answers: '401 401 401 401 401', decision: session },
  resetSecondFactor: { thing: 'person', method: 'DELETE', path: '/accounts/ID/second-factor', answers: '404 404 404 403 404 | 404 404 404 404 404', decision: reducing },
  listSignIns: { thing: 'person', method: 'GET', path: '/accounts/ID/sign-ins', answers: '200 404 404 200 404 | 200 404 404 404 404' },
  getPreferences: { method: 'GET', path: '/account/preferences', answers: '401 401 401 401 401' },
  updatePreferences: { method: 'PUT', path: '/account/preferences', body: () => ({ language: 'fr' }), answers: '401 401 401 401 401', decision: session },
  proposeEmail: { method: 'POST', path: '/email', body: () => ({ email: 'x@cert.example' }), answers: '401 401 401 401 401', decision: session },
  verifyEmail: { method: 'POST', path: '/email/verification', body: () => ({ token: 'no-such-token-anywhere' }), answers: '401 401 401 401 401', decision: open },
  requestPasswordReset: { method: 'POST', path: '/password-resets', body: () => ({ account: 'nobody-here' }), answers: '204 204 204 204 204', decision: open },
  completePasswordReset: { method: 'POST', path: '/password-resets/completion', body: () => ({ token: 'no-such-token-anywhere', password: 'twelve letters' }), answers: '404 404 404 404 404', decision: open },
  registerCertificate: { thing: 'account', method: 'POST', path: '/certificates', body: () => ({ account: 'ID', certificate: 'x' }), answers: '422 403 403 422 403 | 422 403 403 403 403', decision: credential('certificate.register') },
  unlinkAccount: { thing: 'person', method: 'DELETE', path: '/accounts/ID/single-sign-on', answers: '409 404 404 409 404 | 409 404 404 404 404', decision: reducing },
  linkAccount: { thing: 'person', method: 'PUT', path: '/accounts/ID/single-sign-on', body: () => ({ subject: 'x' }), answers: '404 404 404 404 404 | 404 404 404 404 404', decision: credential('account.link') },
  endSession: { thing: 'session', method: 'DELETE', path: '/sessions/ID', answers: '204 404 404 204 404 | 204 404 404 404 404', decision: reducing },
  listKeys: { method: 'GET', path: '/keys', answers: '200 200 200 200 200' },
  listUnusedKeys: { method: 'GET', path: '/keys/unused?days=1', answers: '200 200 200 200 200' },
  createKey: { thing: 'account', method: 'POST', path: '/keys', body: () => ({ account: 'ID' }), answers: '201 403 403 201 403 | 201 403 403 403 403', decision: credential('key.create') },
  rotateKey: { thing: 'key', method: 'POST', path: '/keys/ID/rotation', body: () => ({}), answers: '201 404 404 201 404 | 201 404 404 404 404', decision: credential('key.rotate') },
  revokeKey: { thing: 'key', method: 'DELETE', path: '/keys/ID', answers: '204 404 404 204 404 | 204 404 404 404 404', decision: reducing },
  listMembers: { method: 'GET', path: '/members', answers: '200 200 200 200 200' },
  createMember: { method: 'POST', path: '/members', body: () => ({ name: 'NEW' }), answers: '201 403 403 403 403', decision: lasting('member.create') },
  getMember: { thing: 'member', method: 'GET', path: '/members/ID', answers: '200 200 404 200 200 | 200 200 404 404 404' },
  updateMember: { thing: 'member', method: 'PATCH', path: '/members/ID', body: () => ({ title: 'Another title' }), answers: '409 403 403 403 403 | 409 403 403 403 403', decision: lasting('member.update') },
  listClaims: { method: 'GET', path: '/claims', answers: '200 200 200 200 200' },
  createClaim: { thing: 'member', method: 'POST', path: '/members/ID/claims', body: () => ({ type: 'domain', value: 'NEW.example' }), answers: '201 403 404 201 403 | 201 403 404 404 404', decision: lasting('claim.verify') },
  decideClaim: { thing: 'claim', method: 'POST', path: '/claims/ID/decision', body: () => ({ verdict: 'verified' }), answers: '200 403 403 403 403 | 200 403 403 403 403', decision: lasting('claim.verify') },
  registerMember: { method: 'POST', path: '/registrations', body: () => ({ name: 'NEW', title: 'New', contact: 'a@b.example' }), answers: '201 201 201 201 201', decision: open },
  requestChange: { thing: 'member', method: 'POST', path: '/members/ID/requests', body: () => ({ title: 'NEW' }), answers: '201 403 404 201 403 | 201 403 404 404 404', decision: hub },
  listRequests: { method: 'GET', path: '/requests', answers: '200 200 200 200 200' },
  decideRequest: { thing: 'request', method: 'POST', path: '/requests/ID/decision', body: () => ({ verdict: 'refused' }), answers: '200 403 403 403 403 | 200 403 403 403 403', decision: credential('request.approve') },
  importDelegations: { method: 'POST', path: '/delegations', answers: '422 403 403 403 403', decision: lasting('delegations.import') },
  listGroups: { method: 'GET', path: '/groups', answers: '200 200 200 200 200' },
  createGroup: { method: 'POST', path: '/groups', body: () => ({ name: 'NEW' }), answers: '201 403 403 403 403', decision: hub },
  getGroup: { thing: 'group', method: 'GET', path: '/groups/ID', answers: '200 200 404 200 200 | 200 200 404 404 404' },
  joinGroup: { thing: 'group', method: 'PUT', path: '/groups/ID/members/samoa', body: () => ({}), answers: '200 403 403 403 403 | 200 403 403 403 403', decision: lasting('group.join') },
  leaveGroup: { thing: 'group', method: 'DELETE', path: '/groups/ID/members/samoa', answers: '404 403 403 403 403 | 404 403 403 403 403', decision: reducing },
  listCollections: { method: 'GET', path: '/collections', answers: '200 200 403 403 403' },
  createCollection: { method: 'POST', path: '/collections', body: () => ({ title: 'NEW' }), answers: '201 403 403 403 403', decision: hub },
  getCollection: { method: 'GET', path: '/collections/that-is-not', answers: '404 404 403 403 403' },
  updateCollection: { method: 'PATCH', path: '/collections/that-is-not', body: () => ({ title: 'NEW' }), answers: '404 403 403 403 403', decision: lasting('collection.update') },
  deleteCollection: { method: 'DELETE', path: '/collections/that-is-not', answers: '404 403 403 403 403', decision: reducing },
  createGrant: { method: 'POST', path: '/collections/secret/grants', body: () => ({ to: 'member:tonga', read: true }), answers: '200 403 403 403 403', decision: lasting('grant.create') },
  revokeGrant: { method: 'DELETE', path: '/collections/shared/grants/member:samoa', answers: '404 403 403 403 403', decision: reducing },
  searchObjects: { method: 'GET', path: '/objects?q=reef.example', answers: '200 200 200 200 200' },
  getSearchView: { method: 'GET', path: '/search?q=reef.example', answers: '200 200 200 200 200' },
  exportSearch: { method: 'GET', path: '/search/bundle?q=reef.example', answers: '200 200 200 200 200' },
  getObject: { thing: 'object', method: 'GET', path: '/objects/ID', answers: '200 200 404 200 200 | 200 200 404 404 404' },
  listSavedSearches: { method: 'GET', path: '/saved-searches', answers: '200 200 200 200 200' },
  createSavedSearch: { method: 'POST', path: '/saved-searches', body: () => ({ name: 'NEW', query: 'reef.example' }), answers: '201 201 201 201 201', decision: hub },
  updateSavedSearch: { method: 'PATCH', path: '/saved-searches/that-is-not', body: () => ({ query: 'reef.example' }), answers: '404 404 404 404 404', decision: hub },
  deleteSavedSearch: { method: 'DELETE', path: '/saved-searches/that-is-not', answers: '404 404 404 404 404', decision: hub },
  publishObjects: { method: 'POST', path: '/collections/fijian/objects', body: () => ({ objects: [indicator('green')] }), answers: '200 200 404 404 404', decision: content },
  previewRecipients: { method: 'POST', path: '/collections/fijian/recipients', body: () => ({ objects: [indicator('green')] }), answers: '200 200 404 404 404', decision: content },
  publishIndicators: { method: 'POST', path: '/collections/fijian/indicators', body: () => ({ values: ['reef.example.com'], tlp: 'green', valid_days: 30 }), answers: '200 200 404 404 404', decision: content },
  previewIndicatorRecipients: { method: 'POST', path: '/collections/fijian/indicators/recipients', body: () => ({ values: ['reef.example.com'], tlp: 'green', valid_days: 30 }), answers: '200 200 404 404 404', decision: content },
  revokeObject: { thing: 'object', method: 'POST', path: '/objects/ID/revocation', answers: '403 403 404 200 200 | 403 403 404 404 404', decision: placing('object.revoke') },
  reviseObject: { thing: 'object', method: 'POST', path: '/objects/ID/versions', body: () => ({ title: 'Corrected' }), answers: '403 403 404 200 200 | 403 403 404 404 404', decision: placing('object.revoke') },
  listHeld: { method: 'GET', path: '/held', answers: '200 200 200 200 200' },
  getHeld: { thing: 'held', method: 'GET', path: '/held/ID', answers: '200 200 404 404 200 | 200 200 404 404 404' },
  releaseHeld: { thing: 'held', method: 'POST', path: '/held/ID/release', answers: '200 200 404 404 403 | 200 200 404 404 404', decision: placing('held.release') },
  giveHeld: { thing: 'held', method: 'POST', path: '/held/ID/give', body: () => ({ to: ['watch'] }), answers: '201 201 404 404 403 | 201 201 404 404 404', decision: content },
  discardHeld: { thing: 'held', method: 'POST', path: '/held/ID/discard', body: () => ({ reason: 'by mail' }), answers: '204 204 404 404 403 | 204 204 404 404 404', decision: content },
  listRed: { method: 'GET', path: '/red', answers: '200 200 200 200 200' },
  giveRed: { method: 'POST', path: '/red', body: () => ({ object: red(), to: ['watch'] }), answers: '201 201 201 201 201', decision: hub },
  getRed: { thing: 'red', method: 'GET', path: '/red/ID', answers: '404 403 404 403 404 | 404 403 404 404 404' },
  withdrawRed: { thing: 'red', method: 'DELETE', path: '/red/ID', answers: '204 403 404 204 404 | 204 403 404 404 404', decision: reducing },
  shareObject: { thing: 'object', method: 'POST', path: '/objects/ID/shares', body: () => ({ members: ['samoa'] }), answers: '201 201 404 201 201 | 201 201 404 404 404', decision: placing('share.create') },
  listShares: { method: 'GET', path: '/shares', answers: '200 200 200 200 200' },
  answerShare: { thing: 'share', method: 'POST', path: '/shares/ID/answer', body: () => ({ verdict: 'granted' }), answers: '422 403 404 200 404 | 422 403 404 404 404', decision: placing('share.answer') },
  listRules: { method: 'GET', path: '/rules', answers: '200 200 403 403 403' },
  createRule: { method: 'POST', path: '/rules', body: () => ({ name: 'NEW', from: 'fijian', to: 'shared' }), answers: '201 403 403 403 403', decision: lasting('rule.create') },
  deleteRule: { method: 'DELETE', path: '/rules/that-is-not', answers: '404 403 403 403 403', decision: reducing },
  listChannels: { method: 'GET', path: '/channels', answers: '200 200 200 200 200' },
  createChannel: { method: 'POST', path: '/channels', body: () => ({ name: 'NEW', member: 'tonga', kind: 'webhook', url: 'https://hook.example/x', secret: 'secret:x' }), answers: '201 403 403 403 403', decision: lasting('channel.create') },
  getChannel: { thing: 'channel', method: 'GET', path: '/channels/ID', answers: '200 200 404 200 200 | 200 200 404 404 404' },
  deleteChannel: { thing: 'channel', method: 'DELETE', path: '/channels/ID', answers: '204 403 403 403 403 | 204 403 403 403 403', decision: reducing },
  pauseChannel: { thing: 'channel', method: 'POST', path: '/channels/ID/pause', body: () => ({}), answers: '200 403 403 403 403 | 200 403 403 403 403', decision: reducing },
  resumeChannel: { thing: 'channel', method: 'POST', path: '/channels/ID/resumption', answers: '200 403 403 403 403 | 200 403 403 403 403', decision: lasting('channel.resume') },
  replayChannel: { thing: 'channel', method: 'POST', path: '/channels/ID/replay', body: () => ({ since: '2026-01-15T00:00:00Z' }), answers: '200 403 403 403 403 | 200 403 403 403 403', decision: lasting('channel.replay') },
  resolveDeadLetters: { thing: 'channel', method: 'POST', path: '/channels/ID/dead-letters', body: () => ({ way: 'send' }), answers: '404 403 403 403 403 | 404 403 403 403 403', decision: lasting('channel.replay') },
  getObjectActions: { thing: 'object', method: 'GET', path: '/objects/ID/actions', answers: '200 200 200 200 200 | 200 200 200 200 200' },
  getDeliveries: { thing: 'object', method: 'GET', path: '/objects/ID/deliveries', answers: '200 200 404 200 200 | 200 200 404 404 404' },
  requestAnswers: { thing: 'object', method: 'PUT', path: '/objects/ID/deadline', body: () => ({ until: new Date(Date.now() + 7 * 86_400_000).toISOString() }), answers: '200 200 404 200 200 | 200 200 404 404 404', decision: content },
  answerObject: { thing: 'object', method: 'POST', path: '/objects/ID/answer', body: () => ({ answer: 'acknowledged' }), answers: '403 403 404 204 204 | 403 403 404 404 404', decision: content },
  listTriage: { method: 'GET', path: '/triage', answers: '200 200 403 403 403' },
  assignTriage: { method: 'POST', path: '/triage/0123456789abcdef/assignment', body: () => ({ members: ['fiji'] }), answers: '404 404 403 403 403', decision: placing('triage.assign') },
  dismissTriage: { method: 'POST', path: '/triage/0123456789abcdef/dismissal', body: () => ({ note: 'x' }), answers: '404 404 403 403 403', decision: reducing },
  listFeeds: { method: 'GET', path: '/feeds', answers: '200 200 403 403 403' },
  createFeed: { method: 'POST', path: '/feeds', body: () => ({ name: 'NEW', collection: 'shared', preset: 'tor-exits' }), answers: '201 403 403 403 403', decision: lasting('feed.create') },
  listPresets: { method: 'GET', path: '/feed-catalogue', answers: '200 200 403 403 403' },
  compareFeeds: { method: 'GET', path: '/feed-usefulness', answers: '200 200 403 403 403' },
  previewNewFeed: { method: 'POST', path: '/feed-previews', body: () => ({ name: 'NEW', collection: 'shared', url: 'http://127.0.0.1:9/x' }), answers: '409 403 403 403 403', decision: hub },
  getFeed: { method: 'GET', path: '/feeds/list', answers: '200 200 403 403 403' },
  updateFeed: { method: 'PUT', path: '/feeds/list', body: () => ({ collection: 'shared', preset: 'tor-exits' }), answers: '409 403 403 403 403', decision: lasting('feed.update') },
  deleteFeed: { method: 'DELETE', path: '/feeds/that-is-not', answers: '404 403 403 403 403', decision: reducing },
  pauseFeed: { method: 'POST', path: '/feeds/list/pause', body: () => ({ reason: 'moving' }), answers: '200 200 403 403 403', decision: reducing },
  resumeFeed: { method: 'POST', path: '/feeds/list/resumption', answers: '200 200 403 403 403', decision: lasting('feed.resume') },
  listRuns: { method: 'GET', path: '/feeds/list/runs', answers: '200 200 403 403 403' },
  runFeed: { method: 'POST', path: '/feeds/that-is-not/runs', answers: '404 404 403 403 403', decision: placing('feed.run') },
  uploadContent: { method: 'POST', path: '/feeds/that-is-not/content', answers: '404 404 403 403 403', decision: placing('feed.upload') },
  previewFeed: { method: 'POST', path: '/feeds/list/preview', answers: '409 409 403 403 403', decision: hub },
  listQuarantine: { method: 'GET', path: '/feeds/list/quarantine', answers: '200 200 403 403 403' },
  retryQuarantine: { method: 'POST', path: '/feeds/list/quarantine/retry', answers: '200 200 403 403 403', decision: placing('quarantine.retry') },
  listSecrets: { method: 'GET', path: '/secrets', answers: '200 403 403 403 403' },
  setSecret: { method: 'PUT', path: '/secrets/NEW', body: () => ({ value: 'hunter2 of a feed', hosts: ['feeds.example.org'] }), answers: '204 403 403 403 403', decision: lasting('secret.set') },
  deleteSecret: { method: 'DELETE', path: '/secrets/that-is-not', answers: '404 403 403 403 403', decision: reducing },
}; // prettier-ignore

/** The decisions about limited keys, for every operation that changes something. */
export const DECISIONS: Readonly<Record<string, Decision>> = Object.fromEntries(
  Object.entries(OPERATIONS).flatMap(([name, { decision }]) =>
    decision === undefined ? [] : [[name, decision]],
  ),
);

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
