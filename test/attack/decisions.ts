import type { CredentialWay, LastingWay, PlacingWay } from '../../src/access/keys/limits.ts';

/**
 * The effect of the limits of a key on an operation that changes something. A credential can neither create nor obtain
 * more than it has, so every such operation has one of these decisions:
 *
 * - `credential`: it creates a credential or binds one. Every dimension counts, against what is created.
 * - `lasting`: it creates something that works on without the key. A key with any limit is refused.
 * - `placing`: it places objects in collections. Scopes and collections count. The placement happens once, while the
 *   key is valid, so addresses and expiry count only for the request itself.
 * - `content`: it concerns one object. Its own scopes and the collections of the key count.
 * - `hub`: it changes records of the hub that give nobody anything by themselves. A key that is limited to
 *   collections is refused.
 * - `reducing`: it takes something away. A key that is limited to collections is refused, because it does not concern
 *   its collections.
 * - `session`: it requires a session, a code or a link, so no key can use it.
 * - `open`: everybody can use it without a credential.
 */
export type Decision =
  | { readonly kind: 'credential'; readonly way: CredentialWay }
  | { readonly kind: 'lasting'; readonly way: LastingWay }
  | { readonly kind: 'placing'; readonly way: PlacingWay }
  | { readonly kind: 'content' | 'hub' | 'reducing' | 'session' | 'open' };

const credential = (way: CredentialWay): Decision => ({ kind: 'credential', way });
const lasting = (way: LastingWay): Decision => ({ kind: 'lasting', way });
const placing = (way: PlacingWay): Decision => ({ kind: 'placing', way });
const content: Decision = { kind: 'content' };
const hub: Decision = { kind: 'hub' };
const reducing: Decision = { kind: 'reducing' };
const session: Decision = { kind: 'session' };
const open: Decision = { kind: 'open' };

/** The decision for every operation that changes something. An operation without one fails the suites. */
export const DECISIONS: Readonly<Record<string, Decision>> = {
  createKey: credential('key.create'),
  rotateKey: credential('key.rotate'),
  createAccount: credential('account.create'),
  changeAccount: credential('account.change'),
  inviteAccount: credential('account.invite'),
  linkAccount: credential('account.link'),
  registerCertificate: credential('certificate.register'),
  decideRequest: credential('request.approve'),
  setSecret: lasting('secret.set'),
  createChannel: lasting('channel.create'),
  resumeChannel: lasting('channel.resume'),
  replayChannel: lasting('channel.replay'),
  settleDeadLetters: lasting('channel.replay'),
  addFeed: lasting('feed.add'),
  changeFeed: lasting('feed.change'),
  resumeFeed: lasting('feed.resume'),
  createRule: lasting('rule.create'),
  grant: lasting('grant.give'),
  joinGroup: lasting('group.join'),
  createMember: lasting('member.create'),
  changeMember: lasting('member.change'),
  createClaim: lasting('claim.verify'),
  decideClaim: lasting('claim.verify'),
  importDelegations: lasting('delegations.import'),
  shareObject: placing('share.create'),
  answerShare: placing('share.answer'),
  assignTriage: placing('triage.assign'),
  releaseHeld: placing('held.release'),
  revokeObject: placing('object.revoke'),
  reviseObject: placing('object.revoke'),
  runFeed: placing('feed.run'),
  uploadContent: placing('feed.upload'),
  retryQuarantine: placing('quarantine.retry'),
  publishObjects: content,
  previewRecipients: content,
  publishIndicators: content,
  previewIndicatorRecipients: content,
  answerObject: content,
  demandAnswers: content,
  giveHeld: content,
  discardHeld: content,
  giveRed: hub,
  addCollection: hub,
  rebuildValues: hub,
  createGroup: hub,
  requestChange: hub,
  previewFeed: hub,
  previewNewFeed: hub,
  withdrawRed: reducing,
  removeAccount: reducing,
  resetSecondFactor: reducing,
  unlinkAccount: reducing,
  endSession: reducing,
  revokeKey: reducing,
  removeSecret: reducing,
  leaveGroup: reducing,
  revokeGrant: reducing,
  removeRule: reducing,
  removeChannel: reducing,
  pauseChannel: reducing,
  dismissTriage: reducing,
  removeFeed: reducing,
  pauseFeed: reducing,
  signIn: open,
  requestPasswordReset: open,
  completePasswordReset: open,
  verifyEmail: open,
  register: open,
  confirmSession: session,
  giveSecondFactor: session,
  askPasskey: session,
  offerAuthenticator: session,
  verifyAuthenticator: session,
  offerPasskey: session,
  addPasskey: session,
  removePasskey: session,
  removeAuthenticator: session,
  renewRecoveryCodes: session,
  proposeEmail: session,
};
