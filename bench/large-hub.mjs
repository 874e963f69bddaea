// Fills the data folder of a hub before its first start: members, groups, collections, grants, accounts, keys, claims,
// shares, reading positions, refusals, reports in triage, dead letters and audit entries, as many as a large hub has
// after some years.
import { createHash } from 'node:crypto';
import { FILLED } from './operations.mjs';
import { COLLECTION } from './taxii.mjs';

const module = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const list = (n, item) => Array.from({ length: n }, (_, i) => item(i));
const AT_ONCE = 5_000;
const TIME = '2026-01-01T00:00:00.000Z';

export const SIZES = {
  members: 1_000, groups: 200, collections: 200, grants: 2_000, accounts: 5_000, keys: 50_000, claims: 3_000, shares: 5_000, readers: 30_000,
  refusals: 5_000, audit: 20_000, triage: 900, dead: 100,
}; // prettier-ignore

const uuid = (n, i) => `00000000-0000-4000-8${n}-${String(i).padStart(12, '0')}`;
const account = (i) => `acc-${uuid('001', i)}`;
const collection = (i) => uuid('002', i);

/** Fills the folder. The hub must not be running. */
export async function fillLargeHub(folder) {
  const { openSqliteStore } = await module('store/sqlite/sqlite-store.js');
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const store = await openSqliteStore({ folder, clock });
  const record = (kind, id, document, index = {}) => ({ kind, id, expected: 0, document, index });
  const records = [
    ...list(SIZES.members, (i) => record('member', `m${i}`, { title: `Member ${i}`, countries: ['TO'], domains: [`m${i}.example`] })),
    ...list(SIZES.groups, (i) => record('group', `g${i}`, { members: list(20, (k) => `m${(i * 20 + k) % SIZES.members}`) })),
    ...list(SIZES.collections, (i) => record('collection', collection(i), { api_root: 'main', alias: `c${i}`, title: `Collection ${i}` })),
    ...list(SIZES.grants, (i) => {
      const [c, to] = [collection(i % SIZES.collections), `member:m${Math.floor(i / SIZES.collections) + 10 * (i % SIZES.collections)}`];
      return record('grant', `${c}/${to}`, { collection: c, to, read: true, write: false });
    }),
    ...list(SIZES.accounts, (i) => record('account', `a${i}`, { uid: account(i), role: 'machine', member: `m${i % SIZES.members}` })),
    ...list(SIZES.keys, (i) =>
      record('key', createHash('sha256').update(`key ${i}`).digest('hex'), { account: account(i % SIZES.accounts), prefix: 'bench', created: 1, expires: 4e12 })),
    ...list(SIZES.claims, (i) =>
      record('claim', uuid('003', i), { member: `m${i % SIZES.members}`, type: 'domain', value: `d${i}.example`, state: 'verified', by: 'boss', at: TIME }, { member: `m${i % SIZES.members}` })),
    ...list(SIZES.shares, (i) =>
      record('share', uuid('004', i), { id: uuid('004', i), object: `indicator--${uuid('005', i)}`, owner: `m${i % SIZES.members}`, by: account(i), at: TIME, state: 'done', outcomes: [], source: collection(0) }, { member: `m${i % SIZES.members}`, state: 'done' })),
    ...list(SIZES.triage, (i) => {
      const report = { source: COLLECTION, object: i < 10 ? FILLED.triaged : `indicator--${uuid('005', i)}`, reason: 'not-ours', member: `m${i}` };
      return record('triage', Object.values(report).join('/'), { ...report, message: 'not ours', at: TIME, state: 'open' }, { state: 'open' });
    }),
    record('channel', FILLED.channel, { member: 'm0', kind: 'webhook', url: 'https://hook.example/x', collection: collection(0), paused: { by: 'boss', at: TIME } }),
    record('channel-state', FILLED.channel, { dead: list(SIZES.dead, (i) => ({ id: `indicator--${uuid('005', i)}`, version: TIME, at: TIME, message: 'status 400' })) }),
  ]; // prettier-ignore
  for (let at = 0; at < records.length; at += AT_ONCE)
    await store.commit({ records: records.slice(at, at + AT_ONCE) });
  for (let at = 0; at < SIZES.audit; at += AT_ONCE)
    await store.commit({
      facts: list(AT_ONCE, (i) => ({ id: uuid('006', at + i), at: at + i, actor: account(i), action: 'key.create', resource: `key/${i}`, result: 'done', member: `m${i % SIZES.members}` })),
    }); // prettier-ignore
  const note = { filters: '', seen: 1, cursor: 0, agent: 'bench', requests: 1, objects: 1 };
  const readers = list(SIZES.readers, (i) => ({
    ...note, account: account(i % SIZES.accounts), collection: collection((i * 7) % SIZES.collections), kind: ['objects', 'manifest', 'key'][i % 3], filters: String(Math.floor(i / SIZES.accounts)),
  })); // prettier-ignore
  const refusals = list(SIZES.refusals, (i) => ({
    account: account(i), place: collection(i % SIZES.collections), code: 'TLN-A-403', reason: 'x', first: 1, last: Date.now(), times: 1, agent: 'bench',
  })); // prettier-ignore
  for (let at = 0; at < readers.length; at += AT_ONCE)
    await store.note({
      readers: readers.slice(at, at + AT_ONCE),
      refusals: at === 0 ? refusals : [],
    });
  await store.close();
}
