import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MEDIA } from '../support/hub.ts';
import { OPERATIONS, filled } from './operations.ts';
import { TONGAN, attackedHub, indicator, type Answer, type Site } from './site.ts';
import type { Json } from '../support/builders.ts';
import { THINGS } from './things.ts';

const SCOPES = ['taxii:read', 'taxii:write', 'lists:read', 'api:read', 'api:write', 'metrics:read'] as const;
type Scope = (typeof SCOPES)[number];

/** Operations that need no scope, because every caller may use them. */
const OPEN = new Set(['registerMember', 'signIn', 'whoAmI', 'requestPasswordReset', 'completePasswordReset']);
/**
 * Operations that a limited key cannot use in their plain form. They would create an unlimited credential, or something
 * that continues to work without the key.
 */
const WITHIN = new Set([
  'createKey', 'rotateKey', 'createAccount', 'inviteAccount',
  'createRule', 'createChannel', 'createFeed', 'updateFeed', 'setSecret', 'resumeChannel', 'replayChannel', 'resolveDeadLetters', 'resumeFeed',
  'createGrant', 'updateCollection', 'joinGroup', 'createMember', 'createClaim', 'decideClaim',
]); // prettier-ignore
/** Operations that use a session cookie and no key. */
const OF_SESSIONS = new Set([
  'confirmSession', 'submitSecondFactor', 'getSecondFactor', 'beginAuthenticator', 'verifyAuthenticator', 'deleteAuthenticator', 'renewRecoveryCodes',
  'getPreferences', 'updatePreferences', 'proposeEmail', 'verifyEmail', 'beginPasskeySignIn', 'beginPasskey', 'createPasskey', 'deletePasskey',
]); // prettier-ignore

/**
 * The scopes of an operation beyond the rule for its method: `api:read` for reading, `api:write` for
 * changing, and `api:read` as well to see the result of a change.
 */
const NEEDS: Readonly<Record<string, readonly Scope[]>> = {
  getObject: ['taxii:read'],
  searchObjects: ['taxii:read'],
  exportSearch: ['taxii:read'],
  checkValues: ['taxii:read'],
  extractValues: ['taxii:read'],
  connectTool: ['taxii:read'],
  getOverview: ['taxii:read'],
  publishObjects: ['taxii:write'],
  previewRecipients: ['taxii:write', 'api:read', 'taxii:read'],
  publishIndicators: ['taxii:write'],
  previewIndicatorRecipients: ['taxii:write', 'api:read', 'taxii:read'],
  shareObject: ['taxii:read', 'taxii:write', 'api:write', 'api:read'],
  revokeObject: ['taxii:read', 'taxii:write', 'api:write', 'api:read'],
  reviseObject: ['taxii:read', 'taxii:write', 'api:write', 'api:read'],
  answerObject: ['taxii:read', 'api:write', 'api:read'],
  requestAnswers: ['taxii:read', 'api:write', 'api:read'],
  answerShare: ['taxii:read', 'taxii:write', 'api:write', 'api:read'],
  assignTriage: ['taxii:read', 'taxii:write', 'api:write', 'api:read'],
  releaseHeld: ['taxii:read', 'taxii:write', 'api:write', 'api:read'],
  runFeed: ['taxii:read', 'taxii:write', 'api:write', 'api:read'],
  uploadContent: ['taxii:read', 'taxii:write', 'api:write', 'api:read'],
  retryQuarantine: ['taxii:read', 'taxii:write', 'api:write', 'api:read'],
  getDeliveries: ['taxii:read', 'api:read'],
  listListRemovals: ['lists:read', 'api:read'],
  createCollection: ['taxii:read', 'api:write', 'api:read'],
};
const needs = (name: string, method: string): readonly Scope[] =>
  NEEDS[name] ?? (method === 'GET' ? ['api:read'] : ['api:write', 'api:read']);

let s: Site;
beforeAll(async () => {
  s = await attackedHub();
}, 60_000);
afterAll(async () => {
  await s.stop();
});

const keys = new Map<string, string>();
async function keyWith(scopes: readonly Scope[]): Promise<string> {
  const name = scopes.join();
  const known = keys.get(name);
  if (known !== undefined) return known;
  const { body } = await s.api('chief', 'POST', '/keys', { account: 'chief', scopes });
  keys.set(name, String(body['secret']));
  return String(body['secret']);
}

/** The audit entries of changes. Refusals are recorded there too. */
const changes = async (): Promise<readonly string[]> =>
  (await s.t.hub.store.audit(0, 100_000))
    .map(({ fact }) => JSON.stringify(fact))
    .filter((text) => !text.includes('"result":"refused"'));

/** The answer of one operation repeats the text that it was sent. */
const LONGEST_UNKNOWN: Readonly<Record<string, number>> = { extractValues: 400 };

const hasContent = (name: string, { status, body, text }: Answer): boolean =>
  status < 300 &&
  !(
    Array.isArray(body['items']) &&
    (body['items'] as Json[]).every(isUnknown) &&
    text.length < (LONGEST_UNKNOWN[name] ?? 200)
  ) &&
  !(body['type'] === 'bundle' && !('objects' in body));

/** A verdict that shows nothing of a collection. */
const isUnknown = ({ verdict, check }: Json): boolean =>
  verdict === 'unknown' || (check as Json | undefined)?.['verdict'] === 'unknown';

let n = 0;
async function attempt(name: string, who: string): Promise<Answer> {
  const attack = OPERATIONS[name];
  if (attack === undefined) throw new Error(name);
  const id = attack.thing === undefined ? '' : await THINGS[attack.thing](s, 'tonga');
  const { path, body } = filled(attack, 'tonga', id, `fresh-${(n += 1)}`);
  return s.api(who, attack.method, path, body);
}

test.each(Object.keys(OPERATIONS).filter((name) => !OPEN.has(name) && !OF_SESSIONS.has(name)))(
  '%s: a key needs exactly the scopes of the operation',
  async (name) => {
    const wanted = needs(name, OPERATIONS[name]?.method ?? '');
    const whole = await attempt(name, 'chief');
    const enough = await attempt(name, await keyWith(wanted));
    const expected = WITHIN.has(name) ? 403 : whole.status;
    expect([name, wanted, enough.status]).toEqual([name, wanted, expected]);
    for (const scope of SCOPES) {
      if (wanted.includes(scope) && whole.status < 300 && wanted.length === 1) continue;
      const before = (await changes()).length;
      const answer = await attempt(name, await keyWith([scope]));
      const after = await changes();
      if (!wanted.includes(scope)) expect([name, scope, hasContent(name, answer)]).toEqual([name, scope, false]);
      // A refused request must have changed nothing. The resources that were created for the attempt belong
      // to others.
      if (answer.status >= 400)
        expect([name, scope, after.slice(before).filter((fact) => fact.includes('fresh-'))]).toEqual([name, scope, []]);
    }
  },
  30_000,
); // prettier-ignore

/** TAXII and metrics operations, each with the scopes of which one is enough. */
const DOORS: readonly (readonly [method: string, path: string, ...scopes: Scope[]])[] = [
  ['GET', `/main/collections/${TONGAN}/`, 'taxii:read', 'taxii:write'],
  ['GET', `/main/collections/${TONGAN}/objects/`, 'taxii:read'],
  ['GET', `/main/collections/${TONGAN}/objects/ID/`, 'taxii:read'],
  ['GET', `/main/collections/${TONGAN}/objects/ID/versions/`, 'taxii:read'],
  ['GET', `/main/collections/${TONGAN}/manifest/`, 'taxii:read'],
  ['GET', `/main/collections/${TONGAN}/removals/`, 'taxii:read'],
  ['POST', `/main/collections/${TONGAN}/objects/`, 'taxii:write'],
  ['DELETE', `/main/collections/${TONGAN}/objects/ID/`, 'taxii:write'],
  ['GET', `/lists/${TONGAN}/plain`, 'taxii:read', 'lists:read'],
  ['GET', `/lists/${TONGAN}/removals`, 'taxii:read', 'lists:read'],
  ['GET', `/misp/${TONGAN}/manifest.json`, 'taxii:read', 'lists:read'],
  ['GET', '/metrics', 'metrics:read'],
];
test.each(DOORS)('%s %s requires its own scope', async (method, path, ...wanted) => {
  const open: string[] = [];
  for (const scope of SCOPES) {
    const id = await THINGS.object(s, 'tonga');
    const body = method === 'POST' ? { objects: [indicator('green')] } : undefined;
    const headers: Record<string, string> = path === '/metrics' ? {} : { Accept: MEDIA, 'Content-Type': MEDIA };
    const { status } = await s.ask(await keyWith([scope]), method, path.replace('ID', id), body, headers);
    if (status < 300) open.push(scope);
    else expect([scope, [403, 404].includes(status)]).toEqual([scope, true]);
  }
  expect(open).toEqual(wanted);
}); // prettier-ignore
