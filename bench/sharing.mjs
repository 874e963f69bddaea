// Measures the cost of sharing: decisions of the policy, and routing a thousand new objects into the collections of
// fourteen members.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Audit } from '../dist/access/audit/audit.js';
import { Directory } from '../dist/access/directory.js';
import { decide } from '../dist/access/policy.js';
import { Sealer } from '../dist/access/sealing.js';
import { systemClock } from '../dist/kernel/clock.js';
import { systemIds } from '../dist/kernel/ids.js';
import { silentLog } from '../dist/kernel/log.js';
import { accountActor } from '../dist/sharing/intake/actor.js';
import { Intake } from '../dist/sharing/intake/intake.js';
import { Routing } from '../dist/sharing/routing/routing.js';
import { TLP_LEVELS, markingFacts, tlpMarkingId } from '../dist/stix/markings.js';
import { openSqliteStore } from '../dist/store/sqlite/sqlite-store.js';

const OBJECTS = 1_000;
const MEMBERS = 14;
const uuid = (n) => `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;

const audiences = [
  { kind: 'public' },
  { kind: 'members' },
  { kind: 'group', name: 'g' },
  { kind: 'member', name: 'm' },
  { kind: 'clients', of: 'm' },
  { kind: 'hub' },
];
const facts = TLP_LEVELS.map((effective) => ({
  effective,
  marking: markingFacts({ object_marking_refs: [tlpMarkingId(effective)] }, () => undefined),
}));
for (const times of [100_000, 3_000_000]) {
  const from = performance.now();
  for (let i = 0; i < times; i++)
    decide(facts[i % facts.length], audiences[i % audiences.length], i % 2 === 0 ? 'taxii' : 'mail', 0);
  const took = performance.now() - from;
  if (times > 100_000) console.log(`decide: ${((took / times) * 1e6).toFixed(0)} ns each`);
}

const folder = mkdtempSync(join(tmpdir(), 'talanoa-bench-'));
const store = await openSqliteStore({
  folder,
  clock: systemClock,
  onBroken: (reason) => console.error(reason),
});
const record = (kind, id, document) => ({ kind, id, expected: 0, document });
const codes = Array.from({ length: MEMBERS }, (_, i) => `A${String.fromCharCode(65 + i)}`);
await store.commit({
  records: [
    record('api-root', 'main', { title: 'Main' }),
    record('account', 'analyst', { role: 'analyst', person: true }),
    record('collection', uuid(1), { api_root: 'main', title: 'Source' }),
    record('grant', `${uuid(1)}/role:analyst`, {
      collection: uuid(1),
      to: 'role:analyst',
      read: true,
      write: true,
    }),
    ...codes.flatMap((code, i) => [
      record('member', `m${i}`, {
        countries: [code],
        networks: [`10.${i}.0.0/16`],
        collection: uuid(10 + i),
      }),
      record('collection', uuid(10 + i), { api_root: 'main', title: `m${i}`, own_of: `m${i}` }),
      record('grant', `${uuid(10 + i)}/member:m${i}`, {
        collection: uuid(10 + i),
        to: `member:m${i}`,
        read: true,
        write: false,
      }),
    ]),
  ],
});
const directory = new Directory(store, systemClock);
const snapshot = await directory.refresh();
const audit = new Audit(store, systemClock, systemIds, silentLog);
const sealer = new Sealer(Buffer.alloc(32));
const intake = new Intake(store, directory, systemClock, silentLog, audit, sealer);
const routing = new Routing(store, directory, systemClock, silentLog, audit);
await routing.routeAll();
const send = async (round, labelled) => {
  const objects = Array.from({ length: OBJECTS }, (_, i) => ({
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${uuid(1_000_000 + round * OBJECTS + i)}`,
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    valid_from: '2026-01-01T00:00:00Z',
    pattern: labelled
      ? `[file:name = 'f${round}-${i}']`
      : `[ipv4-addr:value = '10.${i % MEMBERS}.${i % 250}.${round}']`,
    pattern_type: 'stix',
    object_marking_refs: [tlpMarkingId('green')],
    ...(labelled ? { labels: codes.map((code) => `country:${code}`) } : {}),
  }));
  await intake.submit({
    actor: accountActor(snapshot.principalNamed('analyst'), snapshot.collections.get(uuid(1)), snapshot),
    collection: snapshot.collections.get(uuid(1)),
    count: OBJECTS,
    item: (i) => ({ text: JSON.stringify(objects[i]), value: objects[i] }),
  });
  const from = performance.now();
  const placed = await routing.routeAll();
  console.log(
    `${OBJECTS} objects, ${placed} places in ${MEMBERS} collections: ${Math.round(performance.now() - from)} ms after they were acknowledged`,
  );
};
await send(0, false);
await send(1, false);
await send(2, true);
await store.close();
rmSync(folder, { recursive: true, force: true });
