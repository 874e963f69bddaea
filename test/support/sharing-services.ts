import { expect } from '@jest/globals';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACCOUNTS } from '../../src/access/accounts/model.ts';
import { MEMBERS, type MemberRecord } from '../../src/access/member-model.ts';
import {
  API_ROOTS,
  COLLECTIONS,
  GRANTS,
  grantId,
  type CollectionRecord,
  type GrantRecord,
} from '../../src/access/model.ts';
import type { AccountPrincipal, Role } from '../../src/access/principal.ts';
import { gate } from '../../src/kernel/json-gate.ts';
import { createSharing } from '../../src/sharing/create-sharing.ts';
import type { Published } from '../../src/sharing/intake/publishing.ts';
import type { Tlp } from '../../src/stix/markings.ts';
import { ALL_VERSIONS, LAST_VERSION, type RecordChange } from '../../src/store/store.ts';
import { accessServices } from './access-services.ts';
import { marked, objectId, type Json } from './builders.ts';

const unreachable = (): Promise<never> => Promise.reject(new Error('a test has no network'));

/** The records of an account. */
export function anAccount(name: string, role: Role, member?: string, over: Json = {}): RecordChange {
  const person = role !== 'machine';
  return ACCOUNTS.insert(name, {
    uid: `acc-${name}`,
    role,
    person,
    ...(member === undefined ? {} : { member }),
    ...over,
  });
}

/** The records of a collection with readers (`account:NAME`), and writers, who can also read it (`+account:NAME`). */
export function aCollection(
  id: string,
  over: Partial<CollectionRecord>,
  ...to: readonly string[]
): readonly RecordChange[] {
  const grants = to.map((text): GrantRecord => {
    const write = text.startsWith('+');
    return { collection: id, to: write ? text.slice(1) : text, read: true, write, managed: 'hub' };
  });
  return [
    COLLECTIONS.insert(id, { api_root: 'main', title: `Collection ${over.alias ?? id}`, ...over }),
    ...grants.map((grant) => GRANTS.insert(grantId(grant), grant)),
  ];
}

/** The records of a member with a collection of its own, which the hub fills. */
export function aMember(name: string, own: string, over: MemberRecord = {}): readonly RecordChange[] {
  return [
    MEMBERS.insert(name, { title: `CERT ${name}`, collection: own, ...over }),
    ...aCollection(own, { alias: `member-${name}`, own_of: name }, `member:${name}`),
  ];
}

export const MAIN_ROOT: RecordChange = API_ROOTS.insert('main', { title: 'Main' });

/** The records of two members, the hub, and collections that they read and write. Feeder is a program of the hub. */
export const COMMUNITY: readonly RecordChange[] = [
  ...aMember('tonga', 'own-tonga', { countries: ['TO'], networks: ['198.51.100.0/24'] }),
  ...aMember('fiji', 'own-fiji', { countries: ['FJ'] }),
  anAccount('moana', 'officer', 'tonga'),
  anAccount('sensor', 'machine', 'tonga'),
  anAccount('desk', 'officer', 'fiji'),
  anAccount('probe', 'machine', 'fiji'),
  anAccount('chief', 'administrator'),
  anAccount('ana', 'analyst'),
  anAccount('feeder', 'machine'),
  ...aCollection(
    'main',
    { alias: 'main' },
    '+member:tonga',
    '+member:fiji',
    '+role:analyst',
    '+role:administrator',
    '+account:feeder',
  ),
  ...aCollection('side', { alias: 'side' }, '+member:tonga', 'role:analyst'),
  ...aCollection('read', { alias: 'read' }, 'member:tonga', '+account:feeder'),
];

/** The services of access, members and sharing on a store of their own, without HTTP. */
export type SharingServices = Awaited<ReturnType<typeof sharingServices>>;

/** Opens the services of access, members and sharing on a new store with these records. */
export async function sharingServices(records: readonly RecordChange[], region: readonly string[] = []) {
  const access = await accessServices([MAIN_ROOT, ...records]);
  const sharing = await createSharing({
    ...access,
    objectsPerDay: 0,
    validation: 'tolerant',
    patienceMs: undefined,
    envelopeNumbers: undefined,
    http: { fetch: unreachable, resolve: unreachable },
    mailer: undefined,
    hub: { title: 'Test hub', timeZone: 'UTC', url: () => 'https://hub.example' },
    redBytes: undefined,
    region,
    life: {},
    lists: () => Promise.resolve({ hits: () => [] }),
    listFolder: join(tmpdir(), 'talanoa-no-lists'),
    secret: () => undefined,
    refreshSecrets: () => Promise.resolve(),
    permitChannel: () => undefined,
  });
  const put = async (
    account: string,
    collection: string,
    ...objects: readonly Json[]
  ): Promise<readonly Published[]> => {
    const document = gate(Buffer.from(JSON.stringify({ objects })));
    return sharing.publishing.publish(await access.as(account), collection, document);
  };
  const stored = async (account: string, object: Json, collection = 'main'): Promise<string> => {
    expect(await put(account, collection, object)).toMatchObject([{ outcome: 'stored' }]);
    return objectId(object);
  };
  let domains = 0;
  return {
    ...access,
    ...sharing,
    /** Submits objects as an account, and returns their outcomes. */
    put,
    /** Stores an object as an account, and returns its id. */
    stored,
    /** Stores an indicator of a new domain as `feeder`, and returns the domain. */
    async aDomain(collection: string, tlp: Tlp = 'green', over: Json = {}): Promise<string> {
      const value = `evil-${++domains}.example`;
      await stored(
        'feeder',
        marked(tlp, { pattern: `[domain-name:value = '${value}']`, ...over }),
        collection,
      );
      return value;
    },
    /** Returns the newest version of an object in a collection. */
    async newest(id: string, collection = 'main'): Promise<Json> {
      const query = { collection, after: 0, limit: 1, ids: [id], versions: LAST_VERSION };
      return JSON.parse((await access.store.entries(query, true)).entries[0]?.text ?? '{}') as Json;
    },
    /** Returns the ids of the objects in a collection, in the order in which they were added. */
    async idsIn(collection: string): Promise<readonly string[]> {
      const query = { collection, after: 0, limit: 1_000, versions: ALL_VERSIONS };
      return (await access.store.entries(query, false)).entries.map(({ id }) => id);
    },
    /** Returns the actions in the audit log, the oldest first. */
    async actions(): Promise<readonly string[]> {
      return (await access.store.audit(0, 10_000)).map(({ fact }) => fact.action);
    },
  };
}

/** Returns the principal of an account as it signs in with a key that has limits. */
export function withKey(
  actor: AccountPrincipal,
  limits: Partial<NonNullable<AccountPrincipal['key']>>,
): AccountPrincipal {
  const none = {
    id: 'k',
    scopes: undefined,
    collections: undefined,
    networks: undefined,
    expires: undefined,
  };
  return { ...actor, key: { ...none, ...limits } };
}
