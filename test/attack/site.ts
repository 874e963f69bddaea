import { randomUUID } from 'node:crypto';
import supertest from 'supertest';
import type { Ports } from '../../src/server/hub.ts';
import { tlpMarkingId, type Tlp } from '../../src/stix/markings.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { MEDIA, keyOf, testHub, type TestHub } from '../support/hub.ts';

/** Read and write access for everybody. */
export const SHARED = 'a1000000-0000-4000-8000-000000000001';
/** Access only for Tonga and the hub. */
export const TONGAN = 'a1000000-0000-4000-8000-000000000002';
/** Access only for Fiji and the hub. */
export const FIJIAN = 'a1000000-0000-4000-8000-000000000003';
/** Write access for members, read access only for the hub. */
export const DROP = 'a1000000-0000-4000-8000-000000000004';
/** Public read access. A rule for objects of Fiji fills this collection. */
export const WORLD = 'a1000000-0000-4000-8000-000000000005';
/** Access only for administrators. */
export const SECRET = 'a1000000-0000-4000-8000-000000000006';
export const NAMES: Readonly<Record<string, string>> = {
  [SHARED]: 'shared', [TONGAN]: 'tongan', [FIJIAN]: 'fijian', [DROP]: 'drop', [WORLD]: 'world', [SECRET]: 'secret',
}; // prettier-ignore

export const ID_OF = {
  tonga: 'identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b',
  fiji: 'identity--6e1d4f7a-2a1b-4c74-8b6f-1d2e3f4a5b6c',
} as const;

const SETTINGS = `
hub: { title: Attacked hub }
api_roots: [{ path: main, title: Main }]
collections:
  - { id: ${SHARED}, api_root: main, alias: shared, title: Shared, grants: [{ to: "member:tonga", read: true, write: true }, { to: "member:fiji", read: true, write: true }, { to: "role:analyst", read: true, write: true }, { to: "role:administrator", read: true, write: true }] }
  - { id: ${TONGAN}, api_root: main, alias: tongan, title: Of Tonga, grants: [{ to: "member:tonga", read: true, write: true }, { to: "role:analyst", read: true, write: true }, { to: "role:administrator", read: true, write: true }] }
  - { id: ${FIJIAN}, api_root: main, alias: fijian, title: Of Fiji, grants: [{ to: "member:fiji", read: true, write: true }, { to: "role:analyst", read: true, write: true }, { to: "role:administrator", read: true, write: true }] }
  - { id: ${DROP}, api_root: main, alias: drop, title: Drop box, grants: [{ to: "member:tonga", write: true }, { to: "member:fiji", write: true }, { to: "role:analyst", read: true }, { to: "role:administrator", read: true }] }
  - { id: ${WORLD}, api_root: main, alias: world, title: World, max_tlp: clear, grants: [{ to: public, read: true }, { to: "role:administrator", read: true, write: true }] }
  - { id: ${SECRET}, api_root: main, alias: secret, title: Secret, grants: [{ to: "role:administrator", read: true, write: true }] }
rules:
  - { name: fijian-to-the-world, from: drop, to: world, owners: [fiji] }
members:
  - { name: tonga, identities: ["${ID_OF.tonga}"], countries: [TO], domains: [gov.to], collection: true }
  - { name: fiji, identities: ["${ID_OF.fiji}"], countries: [FJ], domains: [gov.fj], collection: true }
  - { name: samoa, countries: [WS], collection: true }
accounts:
  - { name: chief, role: administrator, person: true, key_env: KEY_CHIEF }
  - { name: watch, role: analyst, person: true, key_env: KEY_WATCH }
  - { name: probe, role: machine, key_env: KEY_PROBE }
  - { name: moana, role: officer, person: true, member: tonga, key_env: KEY_MOANA }
  - { name: sensor, role: machine, member: tonga, key_env: KEY_SENSOR }
  - { name: desk, role: officer, person: true, member: fiji, key_env: KEY_DESK }
  - { name: buoy, role: machine, member: fiji, key_env: KEY_BUOY }
  - { name: apia, role: officer, person: true, member: samoa, key_env: KEY_APIA }
feeds:
  - { name: list, preset: plain-list, url: "http://127.0.0.1:9/", collection: shared, enabled: false }
`;

export type Member = 'tonga' | 'fiji';
export const OFFICER = { tonga: 'moana', fiji: 'desk' } as const;
export const MACHINE = { tonga: 'sensor', fiji: 'buoy' } as const;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: Json;
}

/** A hub that is attacked from outside. All requests use HTTP, as they would from another machine. */
export interface Site {
  readonly t: TestHub;
  /**
   * Sends any request, with the key of an account, the secret of a key (`tln_…`), a cookie (`__Host-…`), or
   * no credentials.
   */
  ask(who: string | undefined, method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Sends a request below `/api/v1`. Fails when the response is a 5xx. */
  api(who: string | undefined, method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  post(who: string | undefined, collection: string, ...objects: Json[]): Promise<Answer>;
  /** Returns every version in the collection that this reader sees. */
  read(who: string | undefined, collection: string): Promise<readonly Json[]>;
  /** Waits until routing, rules and housekeeping have finished their work. */
  settle(): Promise<void>;
  stop(): Promise<void>;
} // prettier-ignore

/** SQLite, or the MongoDB server in MONGODB_TEST_URI. */
export async function attackedHub(ports: Ports = {}, more = ''): Promise<Site> {
  const uri = (process.env['MONGODB_TEST_URI'] ?? '').replace(/\/+$/, '');
  const secrets = uri === '' ? {} : { MONGODB_URI: `${uri}/attack_${randomUUID().slice(0, 8)}` };
  const t = await testHub(SETTINGS + more, ports, {}, secrets);
  const ask: Site['ask'] = async (who, method, path, body, headers = {}) => {
    const name = method.toLowerCase() as 'get';
    const request = supertest(t.hub.app)[name](path).redirects(0).buffer(true);
    if (who?.startsWith('__Host-') === true) void request.set('Cookie', who);
    else if (who !== undefined)
      void request.set('Authorization', `Bearer ${who.startsWith('tln_') ? who : keyOf(who)}`);
    for (const [header, value] of Object.entries(headers)) void request.set(header, value);
    const answer = await (body === undefined
      ? request
      : request.serialize((raw: unknown) => raw as string).send(typeof body === 'string' ? body : JSON.stringify(body))); // prettier-ignore
    const text = typeof answer.text === 'string' ? answer.text : Buffer.isBuffer(answer.body) ? answer.body.toString('utf8') : ''; // prettier-ignore
    if (answer.status >= 500) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
    return { status: answer.status, headers: answer.headers, text, body: objectOf(text) };
  };
  const taxii = { Accept: MEDIA, 'Content-Type': MEDIA };
  return {
    t,
    ask,
    api: (who, method, path, body, headers = {}) =>
      ask(who, method, `/api/v1${path}`, body, { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers }), // prettier-ignore
    post: (who, collection, ...objects) =>
      ask(who, 'POST', `/main/collections/${collection}/objects/`, { objects }, taxii),
    async read(who, collection) {
      const found: Json[] = [];
      let next = '';
      do {
        const { status, body } = await ask(who, 'GET', `/main/collections/${collection}/objects/?match[version]=all${next}`, undefined, { Accept: MEDIA }); // prettier-ignore
        if (status !== 200) return found;
        found.push(...((body['objects'] ?? []) as Json[]));
        next = body['more'] === true ? `&next=${encodeURIComponent(String(body['next']))}` : '';
      } while (next !== '');
      return found;
    },
    async settle() {
      await t.hub.routing.routeAll();
      await t.hub.housekeeping.tidy();
      await t.hub.routing.routeAll();
    },
    stop: () => t.stop(),
  };
}

function objectOf(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
  } catch {
    return {};
  }
}

/** An indicator with a TLP level, which a member submits in its own name. */
export function indicator(tlp: Tlp, over: Json = {}): Json {
  return anIndicator({ object_marking_refs: [tlpMarkingId(tlp)], ...over });
}

export const items = ({ body }: Answer): readonly Json[] => (body['items'] ?? []) as Json[];

/**
 * Returns a response without the parts that differ between any two requests: error ids, times, and the
 * requested ids.
 */
export function told({ status, headers, text }: Answer, ...ids: readonly string[]): string {
  let masked = text.replaceAll(/"(error_id|last_used|last_client)":"[^"]*"/g, '"$1":"E"');
  for (const id of ids) masked = masked.replaceAll(id, 'ID').replaceAll(encodeURIComponent(id), 'ID');
  const shown = Object.entries(headers)
    .filter(([name]) => !['date', 'content-length'].includes(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([status, shown, masked]);
}
