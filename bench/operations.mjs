// Every operation of the API, and every TAXII endpoint besides reading and writing objects, with requests that name
// things that exist and the status that each must have. A row with another status measures a refusal, so it fails. A
// test compares the rows with the API.
import { peopleRows } from './people.mjs';
import { COLLECTION } from './taxii.mjs';

const list = (n, item) => Array.from({ length: n }, (_, i) => item(i));
const uuid = (i) => `00000000-0000-4000-9000-${String(i).padStart(12, '0')}`;
const TIME = '2026-01-01T00:00:00.000Z';
const GREEN = 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb';
const AMBER = 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421';
const RED = 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1';
const indicator = (i, marking = GREEN) => ({
  type: 'indicator', spec_version: '2.1', id: `indicator--${uuid(i)}`, created: TIME, modified: TIME, name: 'x', pattern: "[domain-name:value = 'reef.example.com']",
  pattern_type: 'stix', valid_from: TIME, indicator_types: ['unknown'], object_marking_refs: [marking],
}); // prettier-ignore
const OBJECT = indicator(1).id;
const PASSWORD = 'password of reef walkers';
const IN = `/collections/${COLLECTION}`;

export const ACCOUNTS =
  ', { name: chief, role: administrator, person: true, key_env: CHIEF }, { name: watch, role: analyst, person: true, key_env: WATCH }, { name: desk, role: officer, person: true, member: samoa, key_env: DESK }, { name: buoy, role: machine, member: samoa, key_env: BUOY }, { name: mate, role: administrator, person: true }, { name: pilot, role: administrator, person: true }';
export const SECRETS = {
  CHIEF: 'bench-chief-0123456789abcdef0123456789abcde',
  WATCH: 'bench-watch-0123456789abcdef0123456789abcde',
  DESK: 'bench-desk-0123456789abcdef0123456789abcdef',
  BUOY: 'bench-buoy-0123456789abcdef0123456789abcdef',
};

/** Names of records that fillLargeHub creates. */
export const FILLED = { channel: 'bench-channel', triaged: OBJECT };

/**
 * Returns the rows in the order in which they must be sent. Each has an operation, a method, a path, the status, and
 * possibly:
 *
 * - `body`, or a function that makes it from the ids that earlier rows have kept
 * - `as`, the account that sends it, or `cookie`, the name of a kept session
 * - `before`, a step before the request that is not measured
 * - `holds`, which checks whether the response is the intended one
 * - `keep`, which remembers an id of the response for later rows as `:name`
 *
 * `source` is the address of the lists of feeds, and `people` what the rows of bench/people.mjs need.
 */
export function apiRows(source, people) {
  const feed = { collection: COLLECTION, url: `${source}/short.txt`, tlp: 'green' };
  const row = (operation, method, path, status, body, more = {}) => ({
    operation, method, path, status, body, as: 'CHIEF', ...more,
  }); // prettier-ignore
  const listed = { holds: ({ items }) => items.length > 0 };
  const stored = { holds: ({ items }) => items.every(({ outcome }) => outcome === 'stored') };
  const keep = (name, field = 'id') => ({ keep: (body) => [name, body[field]] });
  return [
    row('whoAmI', 'GET', '/whoami', 200),
    row('getOverview', 'GET', '/overview', 200),
    row('getStatus', 'GET', '/status', 200),
    row('getDiagnosis', 'GET', '/doctor', 200),
    row('getSettings', 'GET', '/settings', 200),
    row('createGrant', 'POST', `${IN}/grants`, 200, { to: 'role:administrator', read: true, write: true }),
    row('createGrant', 'POST', `${IN}/grants`, 200, { to: 'member:samoa', read: true, write: true }),
    row('publishObjects', 'POST', `${IN}/objects`, 200, { objects: list(500, (i) => indicator(i)) }, { as: 'BUOY', ...stored }),
    row('previewRecipients', 'POST', `${IN}/recipients`, 200, { objects: list(500, (i) => indicator(i)) }),
    row('publishIndicators', 'POST', `${IN}/indicators`, 200, { values: list(500, (i) => `h${i}.reef-bench.com`), tlp: 'green', valid_days: 30 }, { ...stored, keep: ({ items }) => ['indicator', items[0].id] }),
    row('previewIndicatorRecipients', 'POST', `${IN}/indicators/recipients`, 200, { values: list(500, (i) => `h${i}.reef-bench.com`), tlp: 'green', valid_days: 30 }),
    row('createList', 'POST', '/lists', 201, { name: 'border', collections: [COLLECTION], format: 'edl-domain' }, { keep: ({ name }) => ['list', name] }),
    row('listLists', 'GET', '/lists', 200),
    row('getList', 'GET', '/lists/:list', 200),
    row('updateList', 'PATCH', '/lists/:list', 200, { labels: ['no-such-label'] }, { holds: ({ state }) => state === 'held' }),
    row('confirmList', 'POST', '/lists/:list/confirmation', 200, {}),
    row('listListRemovals', 'GET', '/lists/:list/removals', 200),
    row('deleteList', 'DELETE', '/lists/:list', 204),
    row('sendFeedback', 'POST', '/feedback', 200, { items: list(100, (i) => ({ value: `h${i}.reef-bench.com`, kind: 'sighting', count: 3 })) }, { as: 'DESK' }),
    row('sendFeedback', 'POST', '/feedback', 200, { items: [{ value: 'h400.reef-bench.com', kind: 'false-positive' }] }, { as: 'DESK' }),
    row('listFeedback', 'GET', '/feedback', 200, undefined, { as: 'DESK' }),
    row('getValue', 'GET', '/values?value=h1.reef-bench.com', 200),
    row('extractValues', 'POST', '/values/extract', 200, { text: list(1_000, (i) => `h${i}.reef-bench.com`).join(' and ') }, { holds: ({ items }) => items.length === 1_000 && items.some(({ check }) => check.verdict === 'active') }),
    row('checkValues', 'POST', '/values/check', 200, { values: list(1_000, (i) => `h${i}.reef-bench.com`) }, { holds: ({ items }) => items.length === 1_000 && items.some(({ verdict }) => verdict === 'active') }),
    row('listFalsePositives', 'GET', '/false-positives', 200, undefined, { keep: ({ items }) => ['case', items[0].id] }),
    row('decideFalsePositive', 'POST', '/false-positives/:case/decision', 200, { verdict: 'refused', note: 'measured' }),
    row('createSuppressions', 'POST', '/suppressions', 201, { values: list(100, (i) => `h${i}.reef-bench.com`), reason: 'measured' }, { keep: ({ items }) => ['suppression', items[0].id] }),
    row('listSuppressions', 'GET', '/suppressions', 200),
    row('getSuppression', 'GET', '/suppressions/:suppression', 200),
    row('liftSuppression', 'POST', '/suppressions/:suppression/lift', 200, { reason: 'measured' }),
    row('submitAnonymously', 'POST', `${IN}/anonymous-objects`, 200, { objects: list(100, (i) => indicator(700 + i)), attribution: 'anonymous-to-members' }, { as: 'DESK', holds: ({ items }) => items.every(({ outcome }) => outcome === 'waiting'), keep: ({ items }) => ['anonymous', items[0].released_id] }),
    row('listAnonymousObjects', 'GET', '/anonymous-objects', 200, undefined, { as: 'DESK', ...listed }),
    row('revokeAnonymousObject', 'POST', '/anonymous-objects/:anonymous/revocation', 204, undefined, { as: 'DESK' }),
    row('searchObjects', 'GET', '/objects?q=reef.example.com&limit=1000', 200),
    row('getSearchView', 'GET', '/search?q=reef-bench.com&type=indicator', 200, undefined, listed),
    row('exportSearch', 'GET', '/search/bundle?q=reef-bench.com', 200, undefined, { holds: ({ objects }) => objects.length > 0 }),
    row('createSavedSearch', 'POST', '/saved-searches', 201, { name: 'reef', query: 'reef.example.com' }),
    row('listSavedSearches', 'GET', '/saved-searches', 200, undefined, listed),
    row('updateSavedSearch', 'PATCH', '/saved-searches/reef', 200, { query: 'atoll.example.com' }),
    row('deleteSavedSearch', 'DELETE', '/saved-searches/reef', 204),
    row('listScorecards', 'GET', '/scorecards?days=365', 200),
    row('listArrivals', 'GET', '/arrivals?days=92', 200),
    row('rebuildScorecards', 'POST', '/scorecards/rebuild', 204),
    row('listValueViews', 'GET', '/values/views', 200, undefined, listed),
    row('rebuildValues', 'POST', '/values/rebuild', 200, undefined, listed),
    row('connectTool', 'GET', `/list-tools/unbound?collection=${COLLECTION}`, 200, undefined, { holds: ({ entries }) => entries > 0, before: () => people.listed() }),
    row('createSuppressions', 'POST', '/suppressions', 201, { values: list(100, (i) => `h${i}.reef-bench.com`), reason: 'a drill' }, { ...listed, keep: ({ items }) => ['suppression', items[0].id] }),
    row('listSuppressions', 'GET', '/suppressions', 200, undefined, listed),
    row('getSuppression', 'GET', '/suppressions/:suppression', 200),
    row('liftSuppression', 'POST', '/suppressions/:suppression/lift', 200, { reason: 'a drill' }),
    row('listFindings', 'GET', '/findings', 200),
    row('getObject', 'GET', `/objects/${OBJECT}`, 200),
    row('getDeliveries', 'GET', `/objects/${OBJECT}/deliveries`, 200),
    row('explainDelivery', 'GET', `/deliveries/why?object=${OBJECT}&member=samoa`, 200),
    row('listReaders', 'GET', '/deliveries/readers', 200),
    row('listRefusals', 'GET', '/deliveries/refusals?limit=1000', 200),
    row('requestAnswers', 'PUT', `/objects/${OBJECT}/deadline`, 200, { until: new Date(Date.now() + 7 * 86_400_000).toISOString() }),
    row('answerObject', 'POST', `/objects/${OBJECT}/answer`, 204, { answer: 'acknowledged' }, { as: 'DESK' }),
    row('answerObject', 'POST', `/objects/${indicator(2).id}/answer`, 204, { answer: 'not-ours' }, { as: 'DESK' }),
    row('shareObject', 'POST', `/objects/${OBJECT}/shares`, 201, { members: ['fiji'] }),
    row('publishObjects', 'POST', `${IN}/objects`, 200, { objects: [indicator(603, AMBER)] }, { as: 'BUOY', ...stored }),
    row('shareObject', 'POST', `/objects/${indicator(603).id}/shares`, 201, { members: ['fiji'] }, keep('share')),
    row('answerShare', 'POST', '/shares/:share/answer', 200, { verdict: 'granted' }, { as: 'DESK' }),
    row('listShares', 'GET', '/shares?limit=1000', 200),
    row('getObjectActions', 'GET', '/objects/:indicator/actions', 200, undefined, listed),
    row('reviseObject', 'POST', '/objects/:indicator/versions', 200, { title: 'Corrected', tlp: 'clear', labels: ['bench'] }, listed),
    row('revokeObject', 'POST', '/objects/:indicator/revocation', 200),
    row('listAudit', 'GET', '/audit?limit=1000', 200),
    row('verifyAudit', 'GET', '/audit/verification', 200),
    row('createAccount', 'POST', '/accounts', 201, { name: 'gauge', role: 'machine', member: 'samoa' }),
    row('createAccount', 'POST', '/accounts', 201, { name: 'walker', role: 'officer', member: 'samoa', person: true, password: PASSWORD }),
    row('createAccount', 'POST', '/accounts', 201, { name: 'guest', role: 'officer', member: 'samoa', person: true }),
    row('listAccounts', 'GET', '/accounts?limit=1000', 200),
    row('getAccount', 'GET', '/accounts/gauge', 200),
    row('updateAccount', 'PATCH', '/accounts/gauge', 200, { disabled: true }),
    row('updateAccount', 'PATCH', '/accounts/gauge', 200, { disabled: false }),
    row('inviteAccount', 'POST', '/accounts/guest/invitation', 201),
    row('listNotifications', 'GET', '/account/notifications', 200),
    row('listSignIns', 'GET', '/accounts/walker/sign-ins', 200),
    row('signIn', 'POST', '/sessions', 201, { account: 'walker', password: PASSWORD }, { as: undefined, ...keep('session') }),
    row('listSessions', 'GET', '/sessions?limit=1000', 200),
    row('endSession', 'DELETE', '/sessions/:session', 204),
    row('requestPasswordReset', 'POST', '/password-resets', 204, { account: 'walker' }, { as: undefined }),
    row('createKey', 'POST', '/keys', 201, { account: 'gauge' }, keep('key')),
    row('listKeys', 'GET', '/keys?limit=1000', 200),
    row('listUnusedKeys', 'GET', '/keys/unused?days=90&limit=1000', 200),
    row('rotateKey', 'POST', '/keys/:key/rotation', 201, {}, keep('later')),
    row('revokeKey', 'DELETE', '/keys/:later', 204),
    row('createMember', 'POST', '/members', 201, { name: 'niue' }),
    row('listMembers', 'GET', '/members?limit=1000', 200),
    row('getMember', 'GET', '/members/niue', 200),
    row('updateMember', 'PATCH', '/members/niue', 200, { title: 'CERT Niue' }),
    row('createClaim', 'POST', '/members/niue/claims', 201, { type: 'domain', value: 'niue.example' }, keep('claim')),
    row('listClaims', 'GET', '/claims', 200),
    row('decideClaim', 'POST', '/claims/:claim/decision', 200, { verdict: 'verified' }),
    row('registerMember', 'POST', '/registrations', 201, { name: 'palau', title: 'CERT Palau', contact: 'a@b.example' }, { as: undefined }),
    row('createExercise', 'POST', '/exercises', 201, { title: 'Night', members: ['samoa'] }, keep('exercise')),
    row('listExercises', 'GET', '/exercises', 200),
    row('getExercise', 'GET', '/exercises/:exercise', 200),
    row('requestContactChange', 'POST', '/members/samoa/contact-changes', 201, { fields: { label: 'Duty desk', purposes: ['incident'], time_zone: 'Pacific/Apia', phones: [{ number: '+685 23 109', kind: 'duty', visibility: 'members' }] } }, { as: 'DESK', ...keep('change') }),
    row('listContactChanges', 'GET', '/contact-changes', 200),
    row('decideContactChange', 'POST', '/contact-changes/:change/decision', 200, { verdict: 'accept' }),
    row('listContacts', 'GET', '/contacts', 200, undefined, { keep: (body) => ['contact', body.items[0].id] }),
    row('getContact', 'GET', '/contacts/:contact', 200),
    row('createExerciseCall', 'POST', '/exercises/:exercise/calls', 201, { contact: ':contact', outcome: 'reached' }),
    row('endExercise', 'POST', '/exercises/:exercise/end', 200),
    row('verifyContact', 'POST', '/contacts/:contact/verification', 200, { method: 'call' }),
    row('requestChange', 'POST', '/members/samoa/requests', 201, { title: 'CERT Samoa' }, { as: 'DESK', ...keep('request') }),
    row('listRequests', 'GET', '/requests?limit=1000', 200),
    row('decideRequest', 'POST', '/requests/:request/decision', 200, { verdict: 'refused' }),
    row('importDelegations', 'POST', '/delegations', 200, delegations(), { type: 'text/plain' }),
    row('createGroup', 'POST', '/groups', 201, { name: 'atolls' }),
    row('joinGroup', 'PUT', '/groups/atolls/members/samoa', 200, {}),
    row('listGroups', 'GET', '/groups?limit=1000', 200),
    row('getGroup', 'GET', '/groups/atolls', 200),
    row('leaveGroup', 'DELETE', '/groups/atolls/members/samoa', 200),
    row('createCollection', 'POST', '/collections', 201, { title: 'Second' }, keep('second')),
    row('listCollections', 'GET', '/collections?limit=1000', 200),
    row('getCollection', 'GET', '/collections/:second', 200),
    row('updateCollection', 'PATCH', '/collections/:second', 200, { description: 'Another one' }),
    row('createGrant', 'POST', '/collections/:second/grants', 200, { to: 'member:samoa', read: true }),
    row('createRule', 'POST', '/rules', 201, { name: 'onward', from: COLLECTION, to: ':second' }),
    row('listRules', 'GET', '/rules', 200),
    row('deleteRule', 'DELETE', '/rules/onward', 204),
    row('revokeGrant', 'DELETE', '/collections/:second/grants/member:samoa', 200),
    row('deleteCollection', 'DELETE', '/collections/:second', 200),
    row('giveRed', 'POST', '/red', 201, { object: indicator(600, RED), to: ['chief'] }, { as: 'DESK', ...keep('red') }),
    row('listRed', 'GET', '/red?limit=1000', 200),
    row('withdrawRed', 'DELETE', '/red/:red', 204, undefined, { as: 'DESK' }),
    row('publishObjects', 'POST', `${IN}/objects`, 200, { objects: [indicator(601, RED), indicator(602, RED), indicator(604, RED)] }, { as: 'BUOY' }),
    row('listHeld', 'GET', '/held?limit=1000', 200, undefined, { keep: ({ items }) => [['held', items[0].id], ['gift', items[1].id], ['waste', items[2].id]] }),
    row('getHeld', 'GET', '/held/:held', 200),
    row('releaseHeld', 'POST', '/held/:held/release', 200),
    row('giveHeld', 'POST', '/held/:gift/give', 201, { to: ['chief'] }),
    row('discardHeld', 'POST', '/held/:waste/discard', 204, { reason: 'by mail' }),
    row('listTriage', 'GET', '/triage', 200, undefined, { keep: ({ items }) => { const found = items.filter(({ object }) => object === FILLED.triaged); return [['report', found[0].id], ['other', found[1].id]]; } }),
    row('assignTriage', 'POST', '/triage/:report/assignment', 200, { members: ['fiji'] }),
    row('dismissTriage', 'POST', '/triage/:other/dismissal', 204, { note: 'a drill' }),
    row('setSecret', 'PUT', '/secrets/hook', 204, { value: 'hunter2 of a feed', hosts: ['hook.example'] }),
    row('listSecrets', 'GET', '/secrets', 200),
    row('createChannel', 'POST', '/channels', 201, { name: 'hook', member: 'samoa', kind: 'webhook', url: 'https://hook.example/x', secret: 'secret:hook' }),
    row('listChannels', 'GET', '/channels', 200),
    row('getChannel', 'GET', '/channels/hook', 200),
    row('pauseChannel', 'POST', '/channels/hook/pause', 200, {}),
    row('resumeChannel', 'POST', '/channels/hook/resumption', 200),
    row('replayChannel', 'POST', '/channels/hook/replay', 200, { since: '2026-01-15T00:00:00Z' }),
    row('resolveDeadLetters', 'POST', `/channels/${FILLED.channel}/dead-letters`, 200, { way: 'send' }),
    row('deleteChannel', 'DELETE', '/channels/hook', 204),
    row('deleteSecret', 'DELETE', '/secrets/hook', 204),
    row('listPresets', 'GET', '/feed-catalogue', 200),
    row('previewNewFeed', 'POST', '/feed-previews', 200, { name: 'addresses', ...feed, url: `${source}/list.txt` }),
    row('createFeed', 'POST', '/feeds', 201, { name: 'addresses', ...feed }),
    row('listFeeds', 'GET', '/feeds', 200),
    row('getFeed', 'GET', '/feeds/addresses', 200),
    row('updateFeed', 'PUT', '/feeds/addresses', 200, feed),
    row('previewFeed', 'POST', '/feeds/addresses/preview', 200),
    row('runFeed', 'POST', '/feeds/addresses/runs', 200),
    row('uploadContent', 'POST', '/feeds/addresses/content', 200, upload(), { type: 'text/plain' }),
    row('listRuns', 'GET', '/feeds/addresses/runs', 200),
    row('listQuarantine', 'GET', '/feeds/addresses/quarantine', 200, undefined, listed),
    row('retryQuarantine', 'POST', '/feeds/addresses/quarantine/retry', 200),
    row('compareFeeds', 'GET', '/feed-usefulness', 200),
    row('pauseFeed', 'POST', '/feeds/addresses/pause', 200, { reason: 'moving' }),
    row('resumeFeed', 'POST', '/feeds/addresses/resumption', 200),
    row('deleteFeed', 'DELETE', '/feeds/addresses', 204),
    row('deleteAccount', 'DELETE', '/accounts/gauge', 204),
    ...peopleRows(row, { ...people, red: indicator(605, RED) }),
  ]; // prettier-ignore
}

/** Endpoints of TAXII. The last ones write, with the key of the owner of the objects. */
export const TAXII_ROWS = [
  { method: 'GET', path: '/taxii2/', status: 200 },
  { method: 'GET', path: '/main/', status: 200 },
  { method: 'GET', path: '/main/collections/', status: 200 },
  { method: 'GET', path: `/main${IN}/`, status: 200 },
  { method: 'GET', path: `/main${IN}/manifest/?limit=1000`, status: 200 },
  { method: 'GET', path: `/main${IN}/objects/?limit=1000`, status: 200 },
  { method: 'GET', path: `/main${IN}/objects/${OBJECT}/`, status: 200 },
  { method: 'GET', path: `/main${IN}/objects/${OBJECT}/versions/`, status: 200 },
  {
    method: 'POST',
    path: `/main${IN}/objects/`,
    status: 202,
    body: { objects: list(500, (i) => indicator(700 + i)) },
    as: 'BUOY',
  },
  { method: 'GET', path: '/main/status/:status/', status: 200, body: undefined, as: 'BUOY' },
  {
    method: 'DELETE',
    path: `/main${IN}/objects/${indicator(700).id}/`,
    status: 200,
    body: undefined,
    as: 'BUOY',
  },
];

function delegations() {
  const lines = list(
    100_000,
    (i) => `apnic|FJ|ipv4|27.${(i >> 8) & 255}.${i & 255}.0|256|20110101|allocated\n`,
  );
  return Buffer.from(`2|apnic|20260101|1|19830613|20260101|+1000\n${lines.join('')}`);
}

/** 1,000 addresses, and 500 lines that no feed understands. */
function upload() {
  const lines = list(1_500, (i) =>
    i % 3 === 2 ? `not an address ${i}\n` : `203.0.${100 + (i >> 8)}.${i & 255}\n`,
  );
  return Buffer.from(lines.join(''));
}
